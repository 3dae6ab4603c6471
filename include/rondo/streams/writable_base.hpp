// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/streams/algorithm.hpp>
#include <rondo/streams/deferred.hpp>
#include <rondo/streams/lifetime.hpp>
#include <rondo/streams/type_error.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace rondo::streams {

/// A writable stream and its controller, less the type of its chunks: what state it is in, and what it has promised.
/// https://streams.spec.whatwg.org/#ws-default-internal-slots
///
/// The algorithms are let go where the specification clears them, but behind what else is to be done there: their
/// destructors are a program's own code.
class WritableBase : public Lifetime {
public:
    enum class Status : std::uint8_t { writable, erroring, errored, closed };

    Status status() const noexcept { return status_; }
    bool writable() const noexcept { return status_ == Status::writable; }
    const std::exception_ptr& storedError() const noexcept { return storedError_; }
    bool locked() const noexcept { return locked_; }
    /// WritableStreamCloseQueuedOrInFlight
    bool closeQueuedOrInFlight() const noexcept { return closeRequest_ || inFlightClose_; }
    bool backpressure() const noexcept { return backpressure_; }

    /// WritableStreamDefaultWriterGetDesiredSize
    std::optional<double> desiredSize() const noexcept {
        if (status_ == Status::errored || status_ == Status::erroring) return std::nullopt;
        return status_ == Status::closed ? 0 : highWaterMark_ - queuedSize();
    }

    // The writer, whose promises are these as long as it has the lock.

    void lock() noexcept {
        locked_ = true;
        ready_.renew();
        closed_.renew();
        if (status_ == Status::erroring || status_ == Status::errored) {
            ready_.reject(storedError_);
            if (status_ == Status::errored) closed_.reject(storedError_);
            return;
        }
        if (!writable() || closeQueuedOrInFlight() || !backpressure_) ready_.resolve();
        if (status_ == Status::closed) closed_.resolve();
    }
    /// WritableStreamDefaultWriterRelease, but for the promises that the writer takes along.
    void unlock(const std::exception_ptr& released) noexcept {
        locked_ = false;
        ready_.reject(released);
        closed_.reject(released);
    }
    /// The same of a pipe, whose promises nobody has seen.
    void unlock() noexcept {
        locked_ = false;
        ready_.renew();
        closed_.renew();
    }
    ShownPromise& ready() noexcept { return ready_; }
    ShownPromise& closed() noexcept { return closed_; }

    /// WritableStreamAbort. Without a reason it is null. Throws `std::bad_alloc`, and has changed nothing.
    Promise<> abort(const std::exception_ptr& given) {
        if (over()) return Promise<>::resolve();
        Deferred request = Deferred::make();
        if (gone()) return request.promise();
        const CountedRef self = CountedRef::shared(*this);
        signalAbort(given);
        if (over()) return Promise<>::resolve();
        if (abortRequest_) return abortRequest_.promise();
        Promise<> promise = request.promise();
        abortRequest_ = std::move(request);
        wasAlreadyErroring_ = status_ == Status::erroring;
        if (wasAlreadyErroring_) return promise;
        abortReason_ = given;
        startErroring(promise::reasonOf(given));
        return promise;
    }

    /// The same without a promise, and so without memory.
    void abortUnasked(const std::exception_ptr& reason) noexcept {
        if (over() || gone()) return;
        const CountedRef self = CountedRef::shared(*this);
        try {
            signalAbort(reason);
        } catch (...) { // of a listener there is no memory for
        }
        if (!writable()) return;
        abortsUnasked_ = true;
        abortReason_ = reason;
        startErroring(reason);
    }

    /// WritableStreamClose, where no close is queued or in flight. Throws `std::bad_alloc`, and has changed nothing.
    Promise<> close() {
        if (over()) {
            return Promise<>::reject(typeError(status_ == Status::closed
                                                   ? "the WritableStream is closed already"
                                                   : "the WritableStream is errored, and cannot be closed"));
        }
        Deferred request = Deferred::make();
        Promise<> promise = request.promise();
        if (gone()) return promise;
        const CountedRef self = CountedRef::shared(*this);
        closeRequest_ = std::move(request);
        if (locked_ && backpressure_ && writable()) ready_.resolve();
        advanceQueueIfNeeded();
        return promise;
    }
    /// WritableStreamDefaultWriterCloseWithErrorPropagation
    Promise<> closeWithErrorPropagation() {
        if (closeQueuedOrInFlight() || status_ == Status::closed) return Promise<>::resolve();
        if (status_ == Status::errored) return Promise<>::reject(storedError_);
        return close();
    }

    // The controller.

    /// WritableStreamDefaultControllerErrorIfNeeded
    void errorIfNeeded(const std::exception_ptr& reason) noexcept {
        if (!writable() || gone()) return;
        const CountedRef self = CountedRef::shared(*this);
        startErroring(reason);
        clearAlgorithms();
    }
    /// Made when it is asked for.
    const AbortSignal& signal() {
        if (!abortController_) {
            abortController_.emplace();
            if (abortSignalled_) tellAborted();
        }
        return abortController_->signal();
    }

    /// Whether it is the controller that the sink is given.
    virtual bool lends(const void* controller) const noexcept = 0;

    /// What the sink calls, one at a time.
    Reaction<WritableBase>& reaction() noexcept { return reaction_; }

    using CountedRef = base::CountedRef<WritableBase>;

protected:
    WritableBase(EventLoop& loop, double highWaterMark) noexcept : Lifetime(loop), highWaterMark_(highWaterMark) {
        backpressure_ = highWaterMark <= 0;
    }

    // What is queued, and the sink.

    virtual double queuedSize() const noexcept = 0;
    virtual bool queueEmpty() const noexcept = 0;
    /// Calls the sink with the oldest chunk, and waits in `reaction_`.
    virtual void startWriting() noexcept = 0;
    virtual void startClosing() noexcept = 0;
    virtual void startAborting(const std::exception_ptr& reason) noexcept = 0;
    /// Of the chunk that is being written.
    virtual void resolveWrite() noexcept = 0;
    virtual void rejectWrite(const std::exception_ptr& reason) noexcept = 0;
    virtual void dequeueWritten() noexcept = 0;
    /// Of all that are queued, which go.
    virtual void rejectWrites(const std::exception_ptr& reason) noexcept = 0;
    virtual void clearAlgorithms() noexcept = 0;

    /// What `start` returned has been fulfilled.
    void started() noexcept {
        started_ = true;
        advanceQueueIfNeeded();
    }
    void startFailed(const std::exception_ptr& reason) noexcept {
        started_ = true;
        dealWithRejection(reason);
    }

    /// WritableStreamDefaultControllerAdvanceQueueIfNeeded
    void advanceQueueIfNeeded() noexcept {
        if (!started_ || inFlightWrite_ || inFlightClose_ || over() || gone()) return;
        if (status_ == Status::erroring) return finishErroring();
        if (!queueEmpty()) {
            inFlightWrite_ = true;
            startWriting();
        } else if (closeRequest_) {
            inFlightClose_ = std::move(closeRequest_);
            startClosing();
            clearAlgorithms();
        }
    }

    /// WritableStreamUpdateBackpressure
    void updateBackpressure() noexcept {
        if (!writable() || closeQueuedOrInFlight()) return;
        const bool backpressure = highWaterMark_ - queuedSize() <= 0;
        if (std::exchange(backpressure_, backpressure) == backpressure || !locked_) return;
        backpressure ? ready_.renew() : ready_.resolve();
    }

    // Upon the promises of the sink.

    void written() noexcept {
        inFlightWrite_ = false;
        resolveWrite();
        dequeueWritten();
        updateBackpressure();
        advanceQueueIfNeeded();
    }
    void writeFailed(const std::exception_ptr& reason) noexcept {
        const bool wasWritable = writable();
        inFlightWrite_ = false;
        rejectWrite(reason);
        dealWithRejection(reason);
        if (wasWritable) clearAlgorithms();
    }
    /// WritableStreamFinishInFlightClose
    void sinkClosed() noexcept {
        inFlightClose_.resolve();
        if (status_ == Status::erroring) { // the error was too late
            storedError_ = nullptr;
            abortRequest_.resolve();
        }
        status_ = Status::closed;
        if (locked_) closed_.resolve();
    }
    void closeFailed(const std::exception_ptr& reason) noexcept {
        inFlightClose_.reject(reason);
        abortRequest_.reject(reason); // the sink's abort is not called behind its close
        dealWithRejection(reason);
    }
    void sinkAborted() noexcept {
        abortsSink_.resolve();
        rejectCloseAndClosed();
    }
    void abortFailed(const std::exception_ptr& reason) noexcept {
        abortsSink_.reject(reason);
        rejectCloseAndClosed();
    }

    void letGo() noexcept override {
        closeRequest_ = {};
        inFlightClose_ = {};
        abortRequest_ = {};
        abortsSink_ = {};
        ready_.watch(nullptr);
        closed_.watch(nullptr);
        ready_.renew();
        closed_.renew();
        abortController_.reset();
    }

    Reaction<WritableBase> reaction_{*this};

private:
    bool over() const noexcept { return status_ == Status::closed || status_ == Status::errored; }

    /// https://dom.spec.whatwg.org/#abortcontroller-signal-abort
    void signalAbort(const std::exception_ptr& reason) {
        if (std::exchange(abortSignalled_, true)) return;
        signalledReason_ = reason;
        try {
            if (abortController_) tellAborted();
        } catch (...) { // there is no memory for it: the next abort tells
            abortSignalled_ = false;
            throw;
        }
    }
    void tellAborted() {
        if (signalledReason_) {
            abortController_->abort(signalledReason_);
        } else {
            abortController_->abort();
        }
    }

    /// WritableStreamStartErroring
    void startErroring(const std::exception_ptr& reason) noexcept {
        status_ = Status::erroring;
        storedError_ = reason;
        if (locked_) ready_.reject(storedError_);
        if (!inFlightWrite_ && !inFlightClose_ && started_) finishErroring();
    }
    /// WritableStreamDealWithRejection
    void dealWithRejection(const std::exception_ptr& reason) noexcept {
        writable() ? startErroring(reason) : finishErroring();
    }
    void finishErroring() noexcept {
        status_ = Status::errored;
        const std::exception_ptr error = storedError_;
        rejectWrites(error);
        const bool unasked = std::exchange(abortsUnasked_, false);
        if (wasAlreadyErroring_) abortRequest_.reject(error);
        if (!abortRequest_ && !unasked) return rejectCloseAndClosed();
        abortsSink_ = std::move(abortRequest_);
        startAborting(std::exchange(abortReason_, nullptr));
        clearAlgorithms();
    }
    /// WritableStreamRejectCloseAndClosedPromiseIfNeeded
    void rejectCloseAndClosed() noexcept {
        closeRequest_.reject(storedError_);
        if (locked_) closed_.reject(storedError_);
    }

    Status status_ = Status::writable;
    bool locked_ = false;
    bool backpressure_ = false;
    bool started_ = false;
    bool inFlightWrite_ = false;
    bool wasAlreadyErroring_ = false;
    bool abortSignalled_ = false;
    bool abortsUnasked_ = false;
    double highWaterMark_;
    std::exception_ptr storedError_;
    Deferred closeRequest_;
    Deferred inFlightClose_;
    Deferred abortRequest_; // pending
    Deferred abortsSink_;   // whose abort has been called
    std::exception_ptr abortReason_;
    ShownPromise ready_;
    ShownPromise closed_;
    std::optional<AbortController> abortController_;
    std::exception_ptr signalledReason_;
};

using WritableRef = base::CountedRef<WritableBase>;

/// What `close` is, of a writer and of a stream. It is kept meanwhile.
inline Promise<> closeOnce(WritableBase& stream) {
    if (!stream.closeQueuedOrInFlight()) return stream.close();
    return Promise<>::reject(typeError("the stream is to be closed already"));
}

}
