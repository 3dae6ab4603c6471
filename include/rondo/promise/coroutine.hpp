// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/await.hpp>
#include <rondo/promise/promise.hpp>

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// The state of an async function while it runs: C++'s `promise_type` for a coroutine that returns `Promise<T>`.
/// https://tc39.es/ecma262/#sec-async-function-definitions
///
/// The body runs in its caller up to the first `co_await`. What it returns or throws is stored; when the locals, the
/// parameters and the frame are gone, the promise is resolved with it. The call itself throws only what copying the
/// arguments throws, `std::bad_alloc`, and `std::logic_error` where there is no loop.
///
/// What the destructor of a local throws overrides what was returned, and rejects the promise of a function that is
/// collected; but if its body catches that, it goes on, and where it awaits what nobody can settle it is collected again:
/// one that does so in a loop keeps the checkpoint, or the end of the loop, from coming to its end. What the destructor of
/// a parameter throws ends the program.
template <class T>
class AsyncFunctionBase : public Frame {
public:
    AsyncFunctionBase() : AsyncFunctionBase(EventLoop::current()) {}
    ~AsyncFunctionBase() {
        if (state_) [[unlikely]]
            neverFinished();
    }

    Promise<T> get_return_object() noexcept { return Promise<T>(Ref<T>(&state())); }

    std::suspend_never initial_suspend(base::Place where = __builtin_source_location()) noexcept {
        where_ = where;
        return {};
    }

    /// Settles when the frame is gone.
    struct Final {
        bool await_ready() const noexcept { return false; }
        template <class Coroutine>
        void await_suspend(std::coroutine_handle<Coroutine> coroutine) const noexcept {
            const Frame& frame = coroutine.promise();
            if (base::thread.running == &frame) base::thread.running = nullptr;
            State<T>& state = coroutine.promise().releaseState();
            coroutine.destroy();
            if (state.content() == StateBase::Content::value) [[likely]] {
                state.settle();
                return State<T>::releaseSettler(&state);
            }
            finishOtherwise(state);
        }
        void await_resume() const noexcept {}

    private:
        [[gnu::noinline]] static void finishOtherwise(State<T>& state) noexcept {
            if (state.content() == StateBase::Content::reason) {
                state.settle();
            } else {
                RONDO_ASSERT(state.content() == StateBase::Content::producer,
                             "an async function that promises a value came to its end without a co_return");
                state.performProducer(loop::Verb::run); // co_return promise, or a thenable
            }
            State<T>::releaseProducer(&state);
        }
    };
    Final final_suspend() const noexcept { return {}; }

    void unhandled_exception() noexcept {
        emptySlot();
        storeThrown();
    }

    loop::Microtask& microtask() noexcept {
        if (!state().functionRuns()) [[unlikely]]
            goOn();
        return state().function();
    }

protected:
    State<T>& state() const noexcept { return static_cast<State<T>&>(*state_); }
    State<T>& releaseState() noexcept { return static_cast<State<T>&>(*std::exchange(state_, nullptr)); }

    /// The function has come to its end: its microtask gives place to the result.
    State<T>& emptySlot() noexcept {
        State<T>& state = this->state();
        if (state.functionRuns()) [[likely]] {
            state.destroyFunction();
        } else {
            forgetReturned();
        }
        return state;
    }

private:
    explicit AsyncFunctionBase(EventLoop& loop) : AsyncFunctionBase(*State<T>::create(loop, 1, 1), loop) {}
    AsyncFunctionBase(State<T>& state, EventLoop& loop) noexcept : Frame(&state) {
        markRunning(state.emplaceFunction(&act, loop, *this));
    }

    /// What `co_return` gave, when a destructor throws after it.
    [[gnu::noinline]] void forgetReturned() noexcept {
        if (state().content() == StateBase::Content::producer) {
            state().performProducer(loop::Verb::drop);
        } else {
            state().forgetResult();
        }
    }

    [[gnu::noinline]] void neverFinished() noexcept {
        State<T>::releaseProducer(&emptySlot()); // nothing will settle the promise
    }

    /// The body has caught what a destructor threw after `co_return`, and awaits: as the newest of all that wait.
    [[gnu::cold, gnu::noinline]] void goOn() noexcept {
        forgetReturned();
        state().emplaceFunction(&act, *base::thread.loop, *this);
    }
};

template <class T>
class AsyncFunction : public AsyncFunctionBase<T> {
public:
    template <class U = T>
        requires(std::is_convertible_v<U &&, T> && !isPromise<std::remove_cvref_t<U>>)
    void return_value(U&& value) {
        this->emptySlot().storeFirst(std::forward<U>(value));
    }

    /// `co_return promise`: two ticks more than `co_return co_await promise`.
    void return_value(Promise<T> promise) noexcept { Adoption<T, T>::prepare(this->emptySlot(), promise.release()); }

    template <class X>
        requires(ThenableOf<X, T> && !std::is_convertible_v<X &&, T>)
    void return_value(X&& thenable) {
        ThenableJob<T, X>::prepare(this->emptySlot(), std::forward<X>(thenable), *base::thread.loop);
    }
};

/// Unlike the Web: a function that returns `Promise<void>` cannot `co_return promise`, since C++ lets a coroutine
/// return either values or nothing.
template <>
class AsyncFunction<void> : public AsyncFunctionBase<void> {
public:
    void return_void() noexcept { emptySlot().storeFirst(); }
};

static_assert(alignof(AsyncFunction<int>) == alignof(Frame), "a frame's handle is found from its base");

}

template <class T, class... Args>
struct std::coroutine_traits<rondo::Promise<T>, Args...> {
    using promise_type = rondo::promise::AsyncFunction<T>;
};
