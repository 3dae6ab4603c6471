// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/streams/writable_state.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo {

namespace streams {

/// What a writer stands for. Its promises lie in the stream as long as it has the lock; if it goes without giving that
/// back, the stream stays locked.
/// https://streams.spec.whatwg.org/#default-writer-internal-slots
class WriterState final : public base::Counted<WriterState>, public base::Pooled {
public:
    explicit WriterState(WritableRef stream) noexcept : stream_(std::move(stream)) { stream_->lock(); }

    /// Null if it has given the lock back.
    const WritableRef& stream() const noexcept { return stream_; }
    bool hasLockOf(const WritableBase& stream) const noexcept { return stream_.get() == &stream; }

    Promise<> ready() { return stream_ ? stream_->ready().get() : ready_.get(); }
    Promise<> closed() { return stream_ ? stream_->closed().get() : closed_.get(); }

    void releaseLock() noexcept {
        if (!stream_) return;
        stream_->unlock(typeError("the lock of this writer has been released: it tells no more of the stream"));
        ready_ = std::move(stream_->ready());
        closed_ = std::move(stream_->closed());
        const WritableRef gone = std::move(stream_); // perhaps its end
    }

private:
    friend class base::Counted<WriterState>;
    ~WriterState() = default;

    WritableRef stream_;
    ShownPromise ready_;
    ShownPromise closed_;
};

}

/// Writes to a stream, and locks it meanwhile.
/// https://developer.mozilla.org/docs/Web/API/WritableStreamDefaultWriter
///
/// A small shared handle: copies stand for one writer, and are equal. A stream whose writer is dropped stays locked, as
/// on the Web: `releaseLock()` gives it free. What has been written is still taken to the sink. Where a promise cannot be
/// made for want of memory `std::bad_alloc` is thrown, and nothing has changed.
template <class T>
class WritableStreamDefaultWriter {
public:
    /// What `stream.getWriter()` is. `TypeError` if the stream is locked.
    explicit WritableStreamDefaultWriter(const WritableStream<T>& stream);

    /// Fulfilled when the stream is closed, rejected when it is errored or the lock is released; that counts as handled.
    Promise<> closed() const { return state_->closed(); }

    /// Fulfilled when the queue takes more, so that there is no backpressure; behind that, when there is again, this is a
    /// new promise. Rejected when the stream begins to be errored, or the lock is released; that counts as handled.
    Promise<> ready() const { return state_->ready(); }

    /// How much more the queue takes: 0 or less is backpressure. 0 if the stream is closed, nothing if it is errored, or
    /// about to be. `TypeError` if the lock is released.
    std::optional<double> desiredSize() const {
        if (!state_->stream()) std::rethrow_exception(streams::WritableState<T>::released());
        return state_->stream()->desiredSize();
    }

    /// Queues the chunk, whether or not there is backpressure, and promises that the sink has written it. What moving the
    /// chunk throws leaves, and then it is not queued.
    Promise<> write(T chunk) const {
        const base::CountedRef<streams::WriterState> writer = state_; // sizing the chunk is a program's own code
        const streams::WritableRef stream = writer->stream();
        if (!stream) return Promise<>::reject(streams::WritableState<T>::released());
        streams::Deferred request = streams::Deferred::make();
        Promise<> promise = request.promise();
        static_cast<streams::WritableState<T>&>(*stream).write(std::move(chunk), std::move(request),
                                                               [&] { return writer->hasLockOf(*stream); });
        return promise;
    }

    /// Closes the stream when all that is queued has been written, and promises that the sink has closed. Rejected with a
    /// `TypeError` if it is to be closed already.
    Promise<> close() const {
        const streams::WritableRef stream = state_->stream();
        if (!stream) return Promise<>::reject(streams::WritableState<T>::released());
        return streams::closeOnce(*stream);
    }

    /// Errors the stream: what is queued is not written any more, and the sink is told, behind what it is writing now. The
    /// reason is a `std::exception_ptr` or any copyable object. Promises that the sink has been told.
    Promise<> abort() const { return abortWith(nullptr); }
    template <promise::ReasonLike E>
    Promise<> abort(E&& reason) const {
        return WritableStreamDefaultWriter(*this).abortWith(promise::reasonOf(std::forward<E>(reason)));
    }

    /// Gives the stream free. What has been written is still taken to the sink.
    void releaseLock() const noexcept {
        const base::CountedRef<streams::WriterState> kept = state_;
        kept->releaseLock();
    }

    friend bool operator==(const WritableStreamDefaultWriter& a, const WritableStreamDefaultWriter& b) noexcept {
        return a.state_ == b.state_;
    }

private:
    Promise<> abortWith(const std::exception_ptr& reason) const {
        const streams::WritableRef stream = state_->stream();
        return stream ? stream->abort(reason) : Promise<>::reject(streams::WritableState<T>::released());
    }

    base::CountedRef<streams::WriterState> state_;
};

}
