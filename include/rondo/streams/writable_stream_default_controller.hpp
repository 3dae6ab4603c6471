// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/writable_base.hpp>

#include <utility>

namespace rondo {

/// What an underlying sink tells its stream by.
/// https://developer.mozilla.org/docs/Web/API/WritableStreamDefaultController
///
/// A sink's methods get it by reference, and may use it as long as the stream lives; a copy of it keeps the stream.
class WritableStreamDefaultController {
public:
    WritableStreamDefaultController(const WritableStreamDefaultController&) noexcept = default;
    // NOLINTBEGIN(performance-move-constructor-init): what the sink was given stays what it is
    WritableStreamDefaultController(WritableStreamDefaultController&& other) noexcept
        : WritableStreamDefaultController(std::as_const(other)) {}
    // NOLINTEND(performance-move-constructor-init)
    /// It stands for another stream from now on, unless it is the one that the sink was given.
    WritableStreamDefaultController& operator=(const WritableStreamDefaultController& other) noexcept {
        if (!state_->lends(this)) state_ = other.state_;
        return *this;
    }
    ~WritableStreamDefaultController() = default;

    /// Aborted, with the reason, when the stream is: at once, while a write is still in flight.
    /// https://developer.mozilla.org/docs/Web/API/WritableStreamDefaultController/signal
    const AbortSignal& signal() const { return state_->signal(); }

    /// Errors the stream: what is written from now on fails with the reason, a `std::exception_ptr` or any copyable
    /// object. The sink is not called any more. Of a stream that is not writable any more it does nothing.
    /// https://developer.mozilla.org/docs/Web/API/WritableStreamDefaultController/error
    template <promise::ReasonLike E>
    void error(E&& reason) const {
        const streams::WritableRef state = state_; // copying the reason may destroy this
        state->errorIfNeeded(promise::reasonOf(std::forward<E>(reason)));
    }
    void error() const { error(std::exception_ptr()); }

    friend bool operator==(const WritableStreamDefaultController& a,
                           const WritableStreamDefaultController& b) noexcept = default;

    // What follows is for the house.
    explicit WritableStreamDefaultController(streams::WritableRef state) noexcept : state_(std::move(state)) {}

private:
    streams::WritableRef state_;
};

}
