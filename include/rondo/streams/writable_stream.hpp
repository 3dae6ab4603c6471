// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/writable_stream_default_writer.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

/// Where chunks are written to, one after the other, with a queue before it that tells when it is full.
/// https://developer.mozilla.org/docs/Web/API/WritableStream
///
/// A small shared handle: copies stand for one stream, and are equal. It belongs to its loop's thread. A chunk is moved
/// from its writer to the sink, and never copied. What happens when, to the tick, is what the specification says. The sink
/// is called as long as somebody holds the stream, its writer or a copy of its controller, or it has not come to the end of
/// what it has promised; then its functions are destroyed, and writes that wait are collected. When the loop ends, so are
/// those of all streams. A stream that is moved from may only be assigned to or destroyed.
///
/// Unlike the Web: the chunks have one type. The reason that a sink is told is null if none was given.
template <class T>
class WritableStream {
    static_assert(std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>>,
                  "the chunks of a stream are values; of something elsewhere a pointer");

public:
    using value_type = T;

    /// A stream whose chunks go nowhere.
    WritableStream() : WritableStream(UnderlyingSink<T>()) {}

    /// Calls `sink.start` at once; what that throws leaves. `RangeError` if the strategy's `highWaterMark` is none; it is 1
    /// if there is none. Throws `std::bad_alloc`, and `std::logic_error` where there is no loop.
    explicit WritableStream(UnderlyingSink<T> sink, QueuingStrategy<T> strategy = {})
        : WritableStream(streams::WritableState<T>::make(std::move(sink), std::move(strategy))) {}

    /// Whether it has a writer.
    bool locked() const noexcept { return state_->locked(); }

    /// Locks the stream to a writer. `TypeError` if it is locked.
    WritableStreamDefaultWriter<T> getWriter() const { return WritableStreamDefaultWriter<T>(*this); }

    /// As those of its writer do; rejected with a `TypeError` if it is locked.
    Promise<> close() const {
        if (locked())
            return Promise<>::reject(streams::typeError("close() of a stream that is locked: its writer can"));
        const base::CountedRef<streams::WritableState<T>> kept = state_;
        return streams::closeOnce(*kept);
    }
    Promise<> abort() const { return abortWith(nullptr); }
    template <promise::ReasonLike E>
    Promise<> abort(E&& reason) const {
        return WritableStream(*this).abortWith(promise::reasonOf(std::forward<E>(reason)));
    }

    friend bool operator==(const WritableStream& a, const WritableStream& b) noexcept { return a.state_ == b.state_; }

    // What follows is for the house.
    explicit WritableStream(base::CountedRef<streams::WritableState<T>> state) noexcept : state_(std::move(state)) {}
    const base::CountedRef<streams::WritableState<T>>& ref() const noexcept { return state_; }

private:
    Promise<> abortWith(const std::exception_ptr& reason) const {
        if (locked())
            return Promise<>::reject(streams::typeError("abort() of a stream that is locked: its writer can"));
        const base::CountedRef<streams::WritableState<T>> kept = state_;
        return kept->abort(reason);
    }

    base::CountedRef<streams::WritableState<T>> state_;
};

template <class T>
WritableStreamDefaultWriter<T>::WritableStreamDefaultWriter(const WritableStream<T>& stream) {
    if (stream.locked())
        throw TypeError(
            "this stream is locked to a writer already; that has to releaseLock() before there can be another");
    state_ =
        base::CountedRef<streams::WriterState>(new streams::WriterState(streams::WritableRef::shared(*stream.ref())));
}

}
