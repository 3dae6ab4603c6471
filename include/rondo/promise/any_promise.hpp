// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/promise.hpp>

#include <exception>
#include <utility>

namespace rondo {

/// A rejected promise whose type is not known: what a `PromiseRejectionEvent` speaks of.
///
/// A small shared handle, equal to the promise it stands for.
class AnyPromise {
public:
    AnyPromise(const AnyPromise& other) noexcept : state_(other.state_) {
        if (state_) state_->addHandle();
    }
    AnyPromise(AnyPromise&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    AnyPromise& operator=(AnyPromise other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~AnyPromise() {
        if (state_) promise::StateBase::releaseRejected(state_);
    }

    /// Handles the rejection, as `Promise<void>::catch_` does; `std::bad_alloc` changes nothing.
    template <class G>
    auto catch_(G&& onRejected) const {
        auto caught = standIn().catch_(std::forward<G>(onRejected));
        state_->markHandled();
        return caught;
    }
    /// As `Promise<void>::finally` does: what it returns is rejected, too.
    template <class H>
    Promise<> finally(H&& onFinally) const {
        Promise<> after = standIn().finally(std::forward<H>(onFinally));
        state_->markHandled();
        return after;
    }

    friend bool operator==(const AnyPromise& a, const AnyPromise& b) noexcept { return a.state_ == b.state_; }
    template <class T>
    friend bool operator==(const AnyPromise& a, const Promise<T>& b) noexcept {
        return a.state_ == b.ref().get();
    }

    // What follows is for the house.
    explicit AnyPromise(promise::StateBase& rejected) noexcept : state_(&rejected) { rejected.addHandle(); }

private:
    /// A promise that is rejected for the same reason, in the place of this one.
    Promise<> standIn() const {
        promise::Ref<void> state(promise::State<void>::create(EventLoop::current(), 1, 0));
        state->markHandled();
        state->reject(state_->reason());
        return Promise<>(std::move(state));
    }

    promise::StateBase* state_;
};

}
