// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/await.hpp>
#include <rondo/promise/promise.hpp>

#include <coroutine>
#include <exception>
#include <source_location>
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

    std::suspend_never initial_suspend(std::source_location where = std::source_location::current()) noexcept {
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
                state.settle(PromiseState::fulfilled);
            } else if (state.content() == StateBase::Content::reason) {
                state.settle(PromiseState::rejected);
            } else {
                RONDO_ASSERT(state.content() == StateBase::Content::producer,
                             "an async function that promises a value came to its end without a co_return");
                state.performProducer(loop::Verb::run); // co_return promise, or a thenable
            }
            State<T>::releaseProducer(&state);
        }
        void await_resume() const noexcept {}
    };
    Final final_suspend() const noexcept { return {}; }

    void unhandled_exception() noexcept {
        if (state().content() != StateBase::Content::reason) forgetReturned();
        storeThrown();
    }

protected:
    State<T>& state() const noexcept { return static_cast<State<T>&>(*state_); }
    State<T>& releaseState() noexcept { return static_cast<State<T>&>(*std::exchange(state_, nullptr)); }

    /// What `co_return` gave, when a destructor throws after it: the body may catch that, and go on.
    [[gnu::noinline]] void forgetReturned() noexcept {
        if (state().content() == StateBase::Content::producer) [[unlikely]]
            return state().performProducer(loop::Verb::drop);
        state().forgetResult();
    }

private:
    /// Nothing will settle the promise.
    [[gnu::noinline]] void neverFinished() noexcept {
        forgetReturned();
        State<T>::releaseProducer(&state());
    }

    explicit AsyncFunctionBase(EventLoop& loop) : Frame(State<T>::create(loop, 1, 1), loop) {}
};

template <class T>
class AsyncFunction : public AsyncFunctionBase<T> {
public:
    template <class U = T>
        requires(std::is_convertible_v<U &&, T> && !isPromise<std::remove_cvref_t<U>>)
    void return_value(U&& value) {
        if (this->state().content() == StateBase::Content::producer) [[unlikely]]
            this->forgetReturned();
        this->state().store(std::forward<U>(value));
    }

    /// `co_return promise`: two ticks more than `co_return co_await promise`.
    void return_value(Promise<T> promise) noexcept {
        this->forgetReturned();
        Adoption<T, T>::prepare(this->state(), promise.release());
    }

    template <class X>
        requires(ThenableOf<X, T> && !std::is_convertible_v<X &&, T>)
    void return_value(X&& thenable) {
        this->forgetReturned();
        ThenableJob<T, X>::prepare(this->state(), std::forward<X>(thenable), *base::thread.loop);
    }
};

/// Unlike the Web: a function that returns `Promise<void>` cannot `co_return promise`, since C++ lets a coroutine
/// return either values or nothing.
template <>
class AsyncFunction<void> : public AsyncFunctionBase<void> {
public:
    void return_void() { state().store(); }
};

static_assert(alignof(AsyncFunction<int>) == alignof(Frame), "a frame's handle is found from its base");

}

template <class T, class... Args>
struct std::coroutine_traits<rondo::Promise<T>, Args...> {
    using promise_type = rondo::promise::AsyncFunction<T>;
};
