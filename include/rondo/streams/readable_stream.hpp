// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/async_iterator.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream_byob_reader.hpp>
#include <rondo/streams/readable_stream_default_controller.hpp>
#include <rondo/streams/readable_stream_default_reader.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

namespace streams {

/// What `ReadableStream<>::from` makes of an iterable.
template <class X>
using StreamOf = ReadableStream<typename iteration::StepOf<
    std::remove_reference_t<decltype(iteration::asyncIteratorOf(std::declval<X>()))>>::value_type>;

template <class Transform>
inline constexpr bool hasSides = requires(Transform& transform) {
    transform.readable();
    transform.writable();
};
template <class Transform>
constexpr auto sidesOf() noexcept {
    static_assert(hasSides<Transform>,
                  "pipeThrough() takes a TransformStream, or what else has a readable() and a writable() side");
    if constexpr (hasSides<Transform>) {
        return std::type_identity<std::remove_cvref_t<decltype(std::declval<Transform&>().readable())>>();
    } else {
        return std::type_identity<void>(); // or there would be a second error
    }
}
template <class Transform>
using ReadableSideOf = typename decltype(sidesOf<Transform>())::type;

}

enum class ReadableStreamReaderMode : std::uint8_t { byob };

/// What `getReader` is given for a reader that brings its own buffers.
struct ReadableStreamGetReaderOptions {
    ReadableStreamReaderMode mode;
};

struct ReadableStreamIteratorOptions {
    /// A loop that is left early does not cancel the stream.
    bool preventCancel = false;
};

/// Chunks that come in the course of time, and are read in order.
/// https://developer.mozilla.org/docs/Web/API/ReadableStream
///
/// A small shared handle: copies stand for one stream, and are equal. It belongs to its loop's thread. A chunk is moved
/// from its source to its reader, and never copied but by `tee`. What happens when, to the tick, is what the
/// specification says. Its source is called, and a read answered, only as long as somebody holds the stream, its reader, a
/// copy of its controller, or what the source has promised; then the functions of the source are destroyed, and reads that
/// wait are collected. What lies between a source and who reads, pipes, transforms and tees, needs nobody to hold it. When the
/// loop ends, the functions of all streams are destroyed. A stream that is moved from may only be assigned to or destroyed.
///
/// `from`, `tee` and `values` are defined in headers of their own, which `<rondo/streams.hpp>` includes.
///
/// Unlike the Web: the chunks have one type. The reason that a source is told is null if none was given.
template <class T>
class ReadableStream {
    static_assert(std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>>,
                  "the chunks of a stream are values; of something elsewhere a pointer");

public:
    using value_type = T;

    /// A stream without a source: nothing ever comes.
    ReadableStream() : ReadableStream(UnderlyingSource<T>()) {}

    /// Calls `source.start` at once; what that throws leaves. `RangeError` if the strategy's `highWaterMark` is none; it is
    /// 1 if there is none. Throws `std::logic_error` where there is no loop.
    explicit ReadableStream(UnderlyingSource<T> source, QueuingStrategy<T> strategy = {})
        : ReadableStream(streams::DefaultReadable<T>::make(std::move(source), std::move(strategy))) {}

    /// A stream of bytes whose readers may bring their own buffers. The strategy has no `size`, or that is a `RangeError`; its
    /// `highWaterMark` is 0 if there is none.
    template <class = void> // and so the second choice, where a generic lambda would do for both
        requires std::is_same_v<T, Uint8Array>
    explicit ReadableStream(UnderlyingByteSource source, const QueuingStrategy<T>& strategy = {})
        : ReadableStream(streams::SourcedBytes::make(std::move(source), strategy)) {}

    /// A stream of the values of a generator, of another async iterator, or of a range of values and promises, each of
    /// which is asked for when it is wanted. As with `forAwait` a generator is shared, and another lvalue is referred to: it
    /// must outlive the stream, or be moved into it. https://developer.mozilla.org/docs/Web/API/ReadableStream/from_static
    template <class X>
    static ReadableStream from(X&& iterable);

    /// Whether it has a reader.
    bool locked() const noexcept { return state_->locked(); }

    /// Closes the stream, tells its source that no more is wanted, and promises the end of that. Rejected with a
    /// `TypeError` if it is locked: its reader can do it.
    Promise<> cancel() const { return cancelWith(nullptr); }
    template <promise::ReasonLike E>
    Promise<> cancel(E&& reason) const {
        return ReadableStream(*this).cancelWith(promise::reasonOf(std::forward<E>(reason)));
    }

    /// Locks the stream to a reader. `TypeError` if it is locked.
    ReadableStreamDefaultReader<T> getReader() const { return ReadableStreamDefaultReader<T>(*this); }

    /// The same for a stream of bytes, with a reader that brings its own buffers. `TypeError` if its source is none of bytes.
    ReadableStreamBYOBReader getBYOBReader() const
        requires std::is_same_v<T, Uint8Array>
    {
        return ReadableStreamBYOBReader(*this);
    }
    ReadableStreamBYOBReader getReader(const ReadableStreamGetReaderOptions&) const
        requires std::is_same_v<T, Uint8Array>
    {
        return ReadableStreamBYOBReader(*this);
    }

    /// Two streams of the same chunks; this one is locked. A chunk that both read is copied. What the second is behind the
    /// first is kept in its queue; that of one which nobody holds, and where nothing waits, goes. The source is cancelled when
    /// both are, with an `AggregateError` of both reasons. Throws `std::bad_alloc`, and has changed nothing.
    /// https://developer.mozilla.org/docs/Web/API/ReadableStream/tee
    std::array<ReadableStream, 2> tee() const;

    /// Its chunks, as an async iterator, which locks it. `TypeError` if it is locked.
    /// https://developer.mozilla.org/docs/Web/API/ReadableStream#async_iteration
    ReadableStreamAsyncIterator<T> values(const ReadableStreamIteratorOptions& options = {}) const;
    ReadableStreamAsyncIterator<T> asyncIterator() const;

    /// Writes its chunks to another stream, and promises the end of that.
    /// https://developer.mozilla.org/docs/Web/API/ReadableStream/pipeTo
    template <class U>
    Promise<> pipeTo(const WritableStream<U>& destination) const;
    template <class U>
    Promise<> pipeTo(const WritableStream<U>& destination, const StreamPipeOptions& options) const;

    /// Writes its chunks to the writable side of `transform`, and returns the readable one.
    /// https://developer.mozilla.org/docs/Web/API/ReadableStream/pipeThrough
    template <class Transform>
    streams::ReadableSideOf<Transform> pipeThrough(Transform&& transform) const;
    template <class Transform>
    streams::ReadableSideOf<Transform> pipeThrough(Transform&& transform, const StreamPipeOptions& options) const;

    friend bool operator==(const ReadableStream& a, const ReadableStream& b) noexcept { return a.state_ == b.state_; }

    // What follows is for the house.
    template <class State>
    explicit ReadableStream(const base::CountedRef<State>& state) noexcept
        : state_(base::CountedRef<streams::TypedReadable<T>>::shared(*state)) {}
    streams::TypedReadable<T>& state() const noexcept { return *state_; }

private:
    Promise<> cancelWith(const std::exception_ptr& reason) const {
        if (locked())
            return Promise<>::reject(
                streams::typeError("cancel() of a stream that is locked to a reader; cancel the reader"));
        const base::CountedRef<streams::TypedReadable<T>> kept = state_;
        return kept->cancel(reason);
    }

    base::CountedRef<streams::TypedReadable<T>> state_;
};

/// Where the type of the chunks follows from what is given.
template <>
class ReadableStream<void> {
public:
    ReadableStream() = delete;

    template <class X>
    static streams::StreamOf<X> from(X&& iterable) {
        return streams::StreamOf<X>::from(std::forward<X>(iterable));
    }
};

template <class T>
ReadableStreamDefaultReader<T>::ReadableStreamDefaultReader(const ReadableStream<T>& stream)
    : GenericReader(stream.state(), streams::ReadableState::ReaderKind::byDefault) {}

inline ReadableStreamBYOBReader::ReadableStreamBYOBReader(const ReadableStream<Uint8Array>& stream)
    : GenericReader(stream.state().ofBytes()
                        ? stream.state()
                        : throw TypeError("a reader brings its own buffers only to a stream that was made of an "
                                          "UnderlyingByteSource"),
                    streams::ReadableState::ReaderKind::byob) {}

}
