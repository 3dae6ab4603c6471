// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/adopt.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo::promise {

template <class>
inline constexpr bool isPromise = false;
template <class T>
inline constexpr bool isPromise<Promise<T>> = true;

/// A counted producer of a promise: one of its two resolving functions.
template <class T>
class Resolving {
public:
    explicit Resolving(State<T>& state) noexcept : state_(&state) { state.addProducer(); }
    Resolving(const Resolving& other) noexcept : state_(other.state_) {
        if (state_) state_->addProducer();
    }
    Resolving(Resolving&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Resolving& operator=(Resolving other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~Resolving() {
        if (state_) State<T>::releaseProducer(state_);
    }

protected:
    /// The loop of a promise that is still to be resolved; null if it is resolved already, or its loop has gone.
    EventLoop* open() const noexcept {
        return state_ && state_->pending() && !state_->locked() ? state_->home() : nullptr;
    }

    /// While users' code makes a value or a reason for a state. That code may settle the promise, which does not count
    /// any more; drop the resolving function that was called; or end the loop, and then the promise stays as it is.
    class Locked {
    public:
        explicit Locked(State<T>& state) noexcept : held_(state) { state.lock(); }

    private:
        Resolving held_;
    };

    State<T>* state_;
};

/// The resolving functions of a promise. Copyable, and callable through const; the first call of either counts, the
/// rest are ignored, and so are calls after the loop has gone.
///
/// A call queues the promise's reactions; none of them runs before it returns. When the last copy of both has gone
/// and neither was called, what waits for the promise is dropped: it could never run.
/// https://tc39.es/ecma262/#sec-createresolvingfunctions
template <class T>
class Resolve : public Resolving<T> {
public:
    using Resolving<T>::Resolving;

    void operator()() const noexcept
        requires std::is_void_v<T>
    {
        if (this->open()) this->state_->fulfill();
    }

    /// If making the value throws, the exception leaves, and the promise is as unresolved as before.
    template <class U = T>
        requires(!std::is_void_v<T> && std::is_convertible_v<U &&, T> && !isPromise<std::remove_cvref_t<U>>)
    void operator()(U&& value) const noexcept(std::is_nothrow_constructible_v<T, U&&>) {
        if (!this->open()) return;
        State<T>& state = *this->state_;
        if constexpr (std::is_nothrow_constructible_v<T, U&&>) {
            state.lock();
            state.fulfill(std::forward<U>(value));
        } else {
            const typename Resolving<T>::Locked locked(state);
            try {
                state.store(std::forward<U>(value));
            } catch (...) {
                state.unlock();
                throw;
            }
            if (state.home()) state.settle();
        }
    }

    /// Two ticks more. With the promise itself: it is rejected with a `TypeError`.
    void operator()(Promise<T> promise) const noexcept;

    /// With a thenable: its `then` is called in a microtask. One allocation, `std::bad_alloc` changes nothing.
    template <class X>
        requires(!isPromise<std::remove_cvref_t<X>> && !std::is_convertible_v<X &&, T>)
    void operator()(X&& thenable) const;
};

template <class T>
class Reject : public Resolving<T> {
public:
    using Resolving<T>::Resolving;

    /// With a `std::exception_ptr`, or any copyable object; if copying it throws, what it throws is the reason.
    template <ReasonLike E>
    void operator()(E&& error) const noexcept {
        if (!this->open()) return;
        State<T>& state = *this->state_;
        if constexpr (std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr>) {
            state.reject({reasonOf(std::forward<E>(error)), nullptr});
        } else {
            const typename Resolving<T>::Locked locked(state);
            std::exception_ptr reason = reasonOf(std::forward<E>(error));
            if (state.home()) state.reject({std::move(reason), nullptr});
        }
    }
};

}
