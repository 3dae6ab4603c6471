// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_state.hpp>

#include <exception>
#include <utility>

namespace rondo {

namespace streams {

/// What a reader stands for, of either kind. A stream knows only of what kind its reader is; if that goes without
/// letting go of the stream, the stream stays locked.
/// https://streams.spec.whatwg.org/#generic-reader-mixin-internal-slots
class ReaderState final : public base::Counted<ReaderState>, public base::Pooled {
public:
    ReaderState(base::CountedRef<ReadableState> stream, ReadableState::ReaderKind kind)
        : closed_(stream->attachReader(kind)), stream_(std::move(stream)) {}

    ReadableState* stream() const noexcept { return stream_.get(); }
    /// [[closedPromise]]. That of a reader that was released when its stream was not readable is made when it is asked for.
    Promise<> closed() {
        if (!closed_) {
            closed_ = promise::Ref<void>(promise::State<void>::create(EventLoop::current(), 1, 0));
            closed_->markHandled();
            closed_->reject({ReadableState::readerReleased(), nullptr});
        }
        return Promise<>(closed_);
    }

    Promise<> cancel(const std::exception_ptr& reason) {
        const base::CountedRef<ReadableState> stream = stream_;
        return stream ? stream->cancel(reason) : Promise<>::reject(noStream());
    }
    void releaseLock() noexcept {
        const base::CountedRef<ReadableState> stream = std::exchange(stream_, {});
        if (!stream) return;
        if (!stream->readable()) closed_ = {};
        stream->detachReader();
    }

    static std::exception_ptr noStream() noexcept {
        return typeError("the reader was released: it has no stream any more; get another one with getReader()");
    }

private:
    friend class base::Counted<ReaderState>;
    ~ReaderState() = default;

    promise::Ref<void> closed_;
    base::CountedRef<ReadableState> stream_;
};

}

/// Reads a stream chunk by chunk, and locks it meanwhile.
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamDefaultReader
///
/// A small shared handle: copies stand for one reader, and are equal. A stream whose reader is dropped stays locked, as
/// on the Web: `releaseLock()` gives it free. Each function throws `std::bad_alloc` and then has changed nothing, but for
/// `cancel`, which may have told the source.
template <class T>
class ReadableStreamDefaultReader {
public:
    /// What `stream.getReader()` is. `TypeError` if the stream is locked.
    explicit ReadableStreamDefaultReader(const ReadableStream<T>& stream);

    /// Promises the next chunk: an `IteratorResult` that is done when the stream is closed. Rejected with what the stream
    /// was errored with; with a `TypeError` if the reader was released.
    Promise<IteratorResult<T>> read() const {
        const base::CountedRef<streams::ReadableState> stream = streamOf(*state_);
        if (!stream) return Promise<IteratorResult<T>>::reject(streams::ReaderState::noStream());
        auto& read = streams::PromisedRead<T>::make();
        Promise<IteratorResult<T>> promised = read.promised();
        static_cast<streams::TypedReadable<T>&>(*stream).read(read.request());
        return promised;
    }

    /// Lets go of the stream, so that it can have another reader. Reads that wait are rejected with a `TypeError`, as is
    /// `closed()`.
    void releaseLock() const noexcept { state_->releaseLock(); }

    /// Fulfilled when the stream is closed, rejected when it is errored or the reader is released; that counts as handled.
    Promise<> closed() const { return state_->closed(); }

    /// Closes the stream, tells its source that no more is wanted, and promises the end of that. The reason is any
    /// copyable object or a `std::exception_ptr`.
    Promise<> cancel() const { return state_->cancel(nullptr); }
    template <promise::ReasonLike E>
    Promise<> cancel(E&& reason) const {
        const base::CountedRef<streams::ReaderState> kept = state_; // copying the reason is a program's own code
        return kept->cancel(promise::reasonOf(std::forward<E>(reason)));
    }

    friend bool operator==(const ReadableStreamDefaultReader& a, const ReadableStreamDefaultReader& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    const base::CountedRef<streams::ReaderState>& ref() const noexcept { return state_; }

private:
    static base::CountedRef<streams::ReadableState> streamOf(const streams::ReaderState& reader) noexcept {
        streams::ReadableState* stream = reader.stream();
        return stream ? base::CountedRef<streams::ReadableState>::shared(*stream)
                      : base::CountedRef<streams::ReadableState>();
    }

    base::CountedRef<streams::ReaderState> state_;
};

}
