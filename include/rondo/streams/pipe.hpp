// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/streams/pipe_base.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/writable_stream.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

namespace streams {

/// A pipe: it asks for one chunk at a time, and moves it on. A chunk takes no memory but its place in the queue of the
/// destination.
template <class T, class U>
class PipeState final : public PipeBase, public base::Pooled, private ReadRequest<T> {
    static_assert(std::is_convertible_v<T&&, U>, "the chunks of the source must be what the destination takes");

public:
    static Promise<> begin(const ReadableStream<T>& source, const WritableStream<U>& destination,
                           const StreamPipeOptions& options) {
        const base::CountedRef<PipeState> pipe(new PipeState(source.state(), *destination.ref(), options));
        Promise<> promise = pipe->promise();
        pipe->start(options);
        return promise;
    }

private:
    PipeState(TypedReadable<T>& source, WritableState<U>& destination, const StreamPipeOptions& options)
        : PipeBase(EventLoop::current(), source, destination, Deferred::make(), options), source_(source) {}

    void read() noexcept override { source_.read(*this); }

    void chunk(T&& chunk) noexcept override {
        auto& destination = static_cast<WritableState<U>&>(this->destination());
        try {
            this->writes(destination.write(std::move(chunk), {}, [] { return true; }));
        } catch (...) { // what moving it has thrown, or that there is no memory for it
            destination.abortUnasked(std::current_exception());
        }
        this->answered();
    }
    void close() noexcept override { this->ended(); }
    void error(const std::exception_ptr&) noexcept override { this->ended(); }
    void drop() noexcept override {}

    TypedReadable<T>& source_;
};

}

/// Locks both streams until it has ended. A chunk is moved on when the destination takes more, so that there is no
/// backpressure. The promise is fulfilled when the source is closed and so is the destination; it is rejected with what has
/// errored one of them, when the other has been aborted or cancelled; with a `TypeError` if one is locked, or the destination
/// is closed before the source. Behind all that what has been read is written first.
template <class T>
template <class U>
Promise<> ReadableStream<T>::pipeTo(const WritableStream<U>& destination, const StreamPipeOptions& options) const {
    if (locked()) return Promise<>::reject(streams::typeError("pipeTo() of a stream that is locked to a reader"));
    if (destination.locked())
        return Promise<>::reject(streams::typeError("pipeTo() to a stream that is locked to a writer"));
    return streams::PipeState<T, U>::begin(*this, destination, options);
}
template <class T>
template <class U>
Promise<> ReadableStream<T>::pipeTo(const WritableStream<U>& destination) const {
    return pipeTo(destination, {});
}

/// What goes wrong is seen at the readable side: the promise of the pipe is not returned, and counts as handled.
/// `TypeError` if one of the two is locked.
template <class T>
template <class Transform>
streams::ReadableSideOf<Transform> ReadableStream<T>::pipeThrough(Transform&& transform,
                                                                  const StreamPipeOptions& options) const {
    if constexpr (streams::hasSides<Transform>) {
        if (locked()) throw TypeError("pipeThrough() of a stream that is locked to a reader");
        auto&& writable = transform.writable();
        if (writable.locked()) throw TypeError("pipeThrough() to a stream that is locked to a writer");
        streams::ReadableSideOf<Transform> readable = transform.readable();
        pipeTo(writable, options).ref()->markHandled();
        return readable;
    }
}
template <class T>
template <class Transform>
streams::ReadableSideOf<Transform> ReadableStream<T>::pipeThrough(Transform&& transform) const {
    return pipeThrough(transform, {});
}

}
