// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/promise.hpp>
#include <rondo/streams/algorithm.hpp>

#include <exception>
#include <utility>

namespace rondo::streams {

/// A promise of nothing that the house settles, once. When it goes without, what waits for the promise is collected.
class Deferred {
public:
    Deferred() noexcept = default;
    /// A pending one. Throws `std::bad_alloc`, and `std::logic_error` where there is no loop.
    static Deferred make() {
        Deferred made;
        made.state_ = promise::State<void>::create(EventLoop::current(), 1, 1);
        return made;
    }
    Deferred(Deferred&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Deferred& operator=(Deferred&& other) noexcept {
        Deferred taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~Deferred() {
        if (!state_) return;
        promise::State<void>::releaseProducer(state_);
        promise::State<void>::releaseHandle(state_);
    }

    /// Whether there is one that waits.
    explicit operator bool() const noexcept { return state_ != nullptr; }

    Promise<> promise() const noexcept { return Promise<>(promise::Ref<void>::shared(*state_)); }

    /// Both do nothing if there is none; afterwards there is none.
    void resolve() noexcept {
        settle([](promise::State<void>& state) noexcept { state.fulfill(); });
    }
    void reject(const std::exception_ptr& reason) noexcept {
        settle([&](promise::State<void>& state) noexcept { state.reject({reason, nullptr}); });
    }
    void markHandled() const noexcept { state_->markHandled(); }

private:
    template <class Settle>
    void settle(Settle settle) noexcept {
        const Deferred taken(std::move(*this));
        if (taken.state_ && taken.state_->home()) settle(*taken.state_);
    }

    promise::State<void>* state_ = nullptr; // owns a count as a handle, and one as a producer
};

/// A promise of nothing that an object shows, such as `closed`: it is made when somebody asks for it, so that it may
/// change without allocating. Rejected, it counts as handled.
class ShownPromise {
public:
    /// The promise; one and the same until the next `renew`, or `reject` of what was settled. Throws `std::bad_alloc`.
    Promise<> get() {
        if (shown_) return Promise<>(shown_);
        Deferred made = Deferred::make();
        shown_ = made.promise().release();
        if (status_ == PromiseState::fulfilled) {
            made.resolve();
        } else if (status_ == PromiseState::rejected) {
            made.markHandled();
            made.reject(reason_);
        } else {
            deferred_ = std::move(made);
        }
        return Promise<>(shown_);
    }

    PromiseState status() const noexcept { return status_; }
    /// Of one that is rejected.
    const std::exception_ptr& reason() const noexcept { return reason_; }

    /// Who is told when it is settled, once, in its turn among the promise's reactions; null for nobody.
    void watch(Awaiter* awaiter) noexcept {
        awaiter_ = awaiter;
        awaiterIsFirst_ = !deferred_;
    }

    /// What it shows is a new promise, that is pending.
    void renew() noexcept { *this = ShownPromise(); }
    void resolve() noexcept {
        status_ = PromiseState::fulfilled;
        if (awaiterIsFirst_) tell(nullptr);
        deferred_.resolve();
        tell(nullptr);
    }
    /// Of one that is settled already: what it shows is a new promise, that is rejected.
    void reject(const std::exception_ptr& reason) noexcept {
        if (status_ != PromiseState::pending) shown_ = {};
        status_ = PromiseState::rejected;
        reason_ = reason;
        if (awaiterIsFirst_) tell(&reason_);
        if (deferred_) {
            deferred_.markHandled();
            deferred_.reject(reason);
        }
        tell(&reason_);
    }

private:
    void tell(const std::exception_ptr* reason) noexcept {
        if (Awaiter* awaiter = std::exchange(awaiter_, nullptr)) awaiter->tell(reason);
    }

    PromiseState status_ = PromiseState::pending;
    bool awaiterIsFirst_ = false;
    std::exception_ptr reason_;
    Awaiter* awaiter_ = nullptr;
    Deferred deferred_; // while it is pending, and has been asked for
    promise::Ref<void> shown_;
};

}
