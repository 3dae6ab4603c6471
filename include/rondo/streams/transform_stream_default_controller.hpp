// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_stream_default_controller.hpp>
#include <rondo/streams/transform_base.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo {

namespace streams {

/// The half of a transform stream that knows what comes out of it.
template <class O>
class TransformOutput : public TransformBase {
public:
    /// TransformStreamDefaultControllerEnqueue
    void enqueue(O&& chunk) {
        if (gone()) return;
        if (!output_->canCloseOrEnqueue())
            throw TypeError(
                "enqueue() where the readable side is closed or errored, or is to be closed: it takes no more");
        const base::CountedRef<TransformBase> kept = base::CountedRef<TransformBase>::shared(*this);
        try {
            output_->enqueue(std::move(chunk));
        } catch (...) {
            if (!output_->errored()) throw;
            errorWritable(std::current_exception());
            std::rethrow_exception(output_->storedError());
        }
        if (output_->hasBackpressure() != backpressure()) setBackpressure(true);
    }

protected:
    using TransformBase::TransformBase;

    void closeReadable() noexcept override { output_->close(); }

    DefaultReadable<O>* output_ = nullptr;
};

}

/// What a transformer gives its chunks to.
/// https://developer.mozilla.org/docs/Web/API/TransformStreamDefaultController
///
/// A transformer's methods get it by reference, and may use it as long as the stream lives; a copy of it keeps the
/// stream.
template <class O>
class TransformStreamDefaultController {
public:
    TransformStreamDefaultController(const TransformStreamDefaultController&) noexcept = default;
    TransformStreamDefaultController(TransformStreamDefaultController&& other) noexcept
        : TransformStreamDefaultController(std::as_const(other)) {} // what the transformer was given stays what it is
    /// It stands for another stream from now on, unless it is the one that the transformer was given.
    TransformStreamDefaultController& operator=(const TransformStreamDefaultController& other) noexcept {
        if (!state_->lends(this)) state_ = other.state_;
        return *this;
    }
    ~TransformStreamDefaultController() = default;

    /// How much more the queue of the readable side takes; 0 if that is closed, nothing if it is errored.
    std::optional<double> desiredSize() const noexcept { return state_->desiredSize(); }

    /// Puts a chunk into the readable side, also if that is full. `TypeError` if that is closed or errored, or has been
    /// terminated. What the readable side's strategy throws errors both sides and leaves. `std::bad_alloc` changes nothing.
    void enqueue(O chunk) const {
        const State kept = state_;
        kept->enqueue(std::move(chunk));
    }

    /// Errors both sides, with a `std::exception_ptr` or any copyable object.
    template <promise::ReasonLike E>
    void error(E&& reason) const {
        const State kept = state_; // copying the reason may destroy this
        kept->error(promise::reasonOf(std::forward<E>(reason)));
    }
    void error() const { error(std::exception_ptr()); }

    /// Closes the readable side, behind the chunks that are queued, and errors the writable one with a `TypeError`.
    void terminate() const noexcept {
        const State kept = state_;
        kept->terminate();
    }

    friend bool operator==(const TransformStreamDefaultController& a,
                           const TransformStreamDefaultController& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    using State = base::CountedRef<streams::TransformOutput<O>>;
    explicit TransformStreamDefaultController(State state) noexcept : state_(std::move(state)) {}

private:
    State state_;
};

}
