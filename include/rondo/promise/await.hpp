// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/frame.hpp>

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// What both ways of awaiting share: the frame's microtask subscribes to the promise, also to one that is settled
/// already, and the loop resumes it a tick later.
/// https://tc39.es/ecma262/#await
template <class T>
class Awaiting {
public:
    explicit Awaiting(Ref<T> state) noexcept : state_(std::move(state)) {}

    bool await_ready() const noexcept { return false; }

    /// Inlined by force: Clang does not by itself, and takes 89 instructions for an await instead of 77.
    template <class Coroutine>
    [[gnu::always_inline]] void await_suspend(std::coroutine_handle<Coroutine> coroutine) noexcept {
        state_->markHandled();
        state_->subscribe(coroutine.promise().microtask());
    }

protected:
    Ref<T> state_;
};

/// `co_await promise`. Throws the reason of a rejection. Of an lvalue it yields `const T&`, valid while some handle
/// holds the promise; of an rvalue `T`, moved if no other handle holds it, else copied.
template <class T, bool movesOut>
class Await : public Awaiting<T> {
public:
    using Awaiting<T>::Awaiting;

    std::conditional_t<std::is_void_v<T>, void, std::conditional_t<movesOut, T, std::add_lvalue_reference_t<const T>>>
    await_resume() {
        State<T>& state = *this->state_;
        if (state.rejected()) [[unlikely]]
            Frame::throwReason(state.reason());
        if constexpr (std::is_void_v<T>) {
            return;
        } else if constexpr (movesOut) {
            return takeValue(state);
        } else {
            return state.value();
        }
    }
};

/// `co_await promise.settled()`: how the promise was settled, without a throw, and without a tick more than
/// `co_await promise`.
template <class T>
class AwaitSettlement : public Awaiting<T> {
public:
    using Awaiting<T>::Awaiting;

    SettledResult<T> await_resume() {
        State<T>& state = *this->state_;
        if (state.rejected()) return SettledResult<T>::rejectedWith(state.reason().error);
        if constexpr (std::is_void_v<T>) {
            return SettledResult<T>::fulfilledWith();
        } else {
            return SettledResult<T>::fulfilledWith(takeValue(state));
        }
    }
};

template <class T>
Await<T, false> Frame::await_transform(const Promise<T>& promise, base::Place where) noexcept {
    where_ = where;
    return Await<T, false>(Ref<T>::shared(*promise.ref()));
}

template <class T>
Await<T, true> Frame::await_transform(Promise<T>&& promise, base::Place where) noexcept {
    where_ = where;
    return Await<T, true>(promise.release());
}

template <Thenable X>
auto Frame::await_transform(X&& thenable, base::Place where)
    -> Await<typename std::remove_cvref_t<X>::value_type, true> {
    where_ = where;
    using T = typename std::remove_cvref_t<X>::value_type;
    Ref<T> state(State<T>::create(*base::thread.loop, 1, 0));
    ThenableJob<T, X>::begin(*state, std::forward<X>(thenable), *base::thread.loop);
    return Await<T, true>(std::move(state));
}

}
