// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/algorithm.hpp>
#include <rondo/streams/deferred.hpp>
#include <rondo/streams/lifetime.hpp>
#include <rondo/streams/readable_state.hpp>
#include <rondo/streams/type_error.hpp>
#include <rondo/streams/writable_base.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo::streams {

/// What is between the two sides of a transform stream, less the types of the chunks.
/// https://streams.spec.whatwg.org/#ts-abstract-ops
///
/// It is bonded with both sides. Where the specification has one of them wait for a promise of the other, that is told
/// without a promise, which would keep what waits for it; but the ticks that it takes are the same.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): its owners count, and the last of them destroys it
class TransformBase : public Lifetime {
    using Kept = base::CountedRef<TransformBase>;

public:
    // The controller.

    std::optional<double> desiredSize() const noexcept { return readable_->desiredSize(); }

    /// TransformStreamError
    void error(const std::exception_ptr& reason) noexcept {
        const Kept kept = Kept::shared(*this);
        readable_->errorController(reason);
        errorWritable(reason);
    }
    /// TransformStreamDefaultControllerTerminate
    void terminate() noexcept {
        const Kept kept = Kept::shared(*this);
        closeReadable();
        errorWritable(typeError("the TransformStream has been terminated: it takes no more"));
    }

    /// Whether it is the controller that the transformer is given.
    virtual bool lends(const void* controller) const noexcept = 0;

protected:
    using Lifetime::Lifetime;
    ~TransformBase() override = default;

    void connect(WritableBase& writable, ReadableState& readable) noexcept {
        writable_ = &writable;
        readable_ = &readable;
        bond(*this, writable);
        bond(*this, readable);
    }

    /// Calls the transformer with the chunk of the write that is in flight.
    virtual void startTransforming() noexcept = 0;
    virtual void closeReadable() noexcept = 0;
    virtual void clearAlgorithms() noexcept = 0;

    // The algorithms of the sink. https://streams.spec.whatwg.org/#transform-stream-default-sink-write-algorithm

    Outcome sinkWrite() noexcept {
        adopts_ = backpressure_;
        if (backpressure_) {
            step_.begin({});
            step_.wait(Outcome::later(), &TransformBase::unblocked, nullptr);
        } else {
            startTransforming();
        }
        return Outcome::later();
    }
    Outcome sinkAbort(const Algorithm<const std::exception_ptr&>& cancel, const std::exception_ptr& reason) noexcept {
        if (std::exchange(finishes_, true)) return finishedBySink();
        reason_ = promise::reasonOf(reason);
        finishing_.begin(cancel.closure());
        finishing_.wait(cancel(reason), &TransformBase::aborted, &TransformBase::sinkFailed);
        return endOfSink();
    }
    template <class Controller>
    Outcome sinkClose(const Algorithm<Controller&>& flush, Controller& controller) noexcept {
        if (std::exchange(finishes_, true)) return finishedBySink();
        finishing_.begin(flush.closure());
        finishing_.wait(flush(controller), &TransformBase::flushed, &TransformBase::sinkFailed);
        return endOfSink();
    }

    // Those of the source. https://streams.spec.whatwg.org/#transform-stream-default-source-pull

    Outcome sourcePull() noexcept {
        setBackpressure(false);
        return Outcome::later();
    }
    Outcome sourceCancel(const Algorithm<const std::exception_ptr&>& cancel, const std::exception_ptr& reason) {
        Promise<> finished = finish_.get();
        if (std::exchange(finishes_, true)) return Outcome::promised(std::move(finished));
        const Kept kept = Kept::shared(*this);
        reason_ = promise::reasonOf(reason);
        finishing_.begin(cancel.closure());
        finishing_.wait(cancel(reason), &TransformBase::cancelled, &TransformBase::cancelFailed);
        clearAlgorithms();
        return Outcome::promised(std::move(finished));
    }

    /// TransformStreamErrorWritableAndUnblockWrite
    void errorWritable(const std::exception_ptr& reason) noexcept {
        const Kept kept = Kept::shared(*this);
        writable_->errorIfNeeded(reason);
        unblockWrite();
        clearAlgorithms();
    }

    bool backpressure() const noexcept { return backpressure_; }
    /// TransformStreamSetBackpressure
    void setBackpressure(bool backpressure) noexcept {
        backpressure_ = backpressure;
        if (backpressure) return readable_->tellPulled();
        if (step_.untold()) step_.tell(nullptr);
    }

    // Upon the promise of `start`, which both sides wait for by themselves.

    void started() noexcept {}
    void startFailed(const std::exception_ptr&) noexcept {}

    // Upon the promise of `transform`.

    void transformed() noexcept { settleTransform(nullptr); }
    void transformFailed(const std::exception_ptr& reason) noexcept {
        error(reason);
        settleTransform(reason);
    }

    Reaction<TransformBase> transforming_{*this}; // to `start`, then to each `transform`

    void letGo() noexcept override {
        finish_.watch(nullptr);
        finish_.renew();
        clearAlgorithms();
    }

private:
    /// The backpressure of the readable side has gone, for which a write has waited.
    void unblocked() noexcept {
        if (writable_->status() == WritableBase::Status::erroring) return tellWritten(writable_->storedError());
        performed_ = resolves_ = false;
        startTransforming();
        nextStep<&TransformBase::adopted>();
    }
    /// The promise that the write waits for was resolved with that of the transform: two ticks more.
    void adopted() noexcept {
        resolves_ = true;
        if (performed_) nextStep<&TransformBase::resolved>();
    }
    void resolved() noexcept { tellWritten(outcome_); }
    void settleTransform(const std::exception_ptr& reason) noexcept {
        if (!adopts_) return tellWritten(reason);
        performed_ = true;
        outcome_ = reason;
        if (resolves_) nextStep<&TransformBase::resolved>();
    }
    template <void (TransformBase::*step)() noexcept>
    void nextStep() noexcept {
        step_.next(step);
    }
    void tellWritten(const std::exception_ptr& reason) noexcept {
        // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the reason may be the outcome
        const std::exception_ptr told = reason;
        outcome_ = nullptr;
        if (writable_->reaction().untold()) writable_->reaction().tell(told ? &told : nullptr);
    }

    /// TransformStreamUnblockWrite
    void unblockWrite() noexcept {
        if (backpressure_) setBackpressure(false);
    }

    Outcome endOfSink() noexcept {
        finish_.watch(&writable_->reaction());
        clearAlgorithms();
        return Outcome::later();
    }
    Outcome finishedBySink() noexcept {
        if (finish_.status() == PromiseState::fulfilled) return {};
        if (finish_.status() == PromiseState::rejected) return Outcome::failed(finish_.reason());
        finish_.watch(&writable_->reaction());
        return Outcome::later();
    }

    // Upon what `cancel` and `flush` have promised.

    void aborted() noexcept {
        if (readable_->errored()) return finish_.reject(readable_->storedError());
        readable_->errorController(reason_);
        finish_.resolve();
    }
    void flushed() noexcept {
        if (readable_->errored()) return finish_.reject(readable_->storedError());
        closeReadable();
        finish_.resolve();
    }
    void sinkFailed(const std::exception_ptr& reason) noexcept {
        readable_->errorController(reason);
        finish_.reject(reason);
    }
    void cancelled() noexcept {
        if (writable_->status() == WritableBase::Status::errored) return finish_.reject(writable_->storedError());
        writable_->errorIfNeeded(reason_);
        unblockWrite();
        finish_.resolve();
    }
    void cancelFailed(const std::exception_ptr& reason) noexcept {
        writable_->errorIfNeeded(reason);
        unblockWrite();
        finish_.reject(reason);
    }

    WritableBase* writable_ = nullptr;
    ReadableState* readable_ = nullptr;
    bool backpressure_ = true;
    bool finishes_ = false;  // [[finishPromise]] is there
    bool adopts_ = false;    // the write waits for what its promise was resolved with
    bool performed_ = false; // the transform has come to its end
    bool resolves_ = false;  // the job that resolves with its promise has run
    std::exception_ptr outcome_;
    std::exception_ptr reason_;
    ShownPromise finish_;
    Reaction<TransformBase> step_{*this};
    Reaction<TransformBase> finishing_{*this};
};

}
