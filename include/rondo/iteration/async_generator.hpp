// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/delegation.hpp>
#include <rondo/iteration/generator_state.hpp>
#include <rondo/promise/callback.hpp>
#include <rondo/promise/thenable.hpp>

#include <coroutine>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rondo {

/// A function that yields values asynchronously, a few at a time: a coroutine that returns this may `co_yield` values,
/// promises, thenables and, through `elementsOf`, all that another one yields.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncGenerator
///
/// Calling the function runs nothing: the body begins in the first `next()`, and goes on in the later ones, up to its
/// next `co_await` or `co_yield`. Requests are queued, and answered in order. `co_yield promise` waits for it, and
/// throws there if it is rejected. A value takes two ticks from `next()` to whoever awaits it.
///
/// It can be moved, not copied, and belongs to its loop's thread. A generator that nobody holds, and from which nothing
/// is asked any more, is destroyed where it is suspended, with its variables. Those that it holds go inside of it: a chain
/// of some ten thousand, each the parameter of the next, does not fit on the stack.
///
/// Unlike the Web: `next()` takes no value. The result of the body has a type of its own, `R`, and is awaited when its
/// variables have been destroyed. `return_()` unwinds the body by a `ReturnCompletion`, which `catch (...)` sees.
template <class T, class R>
class AsyncGenerator {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>> && !std::is_void_v<T>,
                  "AsyncGenerator<T> yields values; for references use a pointer, for nothing std::monostate");
    static_assert(!promise::isPromise<T>,
                  "an async generator waits for the promises it yields: AsyncGenerator<T> may co_yield a Promise<T>");

public:
    using value_type = T;
    using Step = IteratorResult<T, R>;

    /// None: it may only be assigned to, or destroyed.
    AsyncGenerator() noexcept = default;
    AsyncGenerator(AsyncGenerator&&) noexcept = default;
    AsyncGenerator& operator=(AsyncGenerator&&) noexcept = default;

    /// Promises the next value. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncGenerator/next
    ///
    /// It and the other two throw `std::bad_alloc`, and have changed nothing then.
    Promise<Step> next() const { return Promise<Step>(state().next()); }

    /// Ends it at the `co_yield` where it is suspended, or before it begins, and promises `value`, with `done`.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncGenerator/return
    Promise<Step> return_() const { return Promise<Step>(state().return_()); }
    template <class V = R>
        requires(!std::is_void_v<R> && std::is_convertible_v<V &&, R>)
    Promise<Step> return_(V&& value) const {
        const auto generator = base::CountedRef<State>::shared(state()); // making the value may destroy this
        return Promise<Step>(generator->return_(std::forward<V>(value)));
    }
    /// Waits for the promise first; if it is rejected, that is thrown at the `co_yield`.
    Promise<Step> return_(Promise<R> value) const { return Promise<Step>(state().returnPromise(value.release())); }

    /// Throws at the `co_yield` where it is suspended; before it begins, and behind its end, it only rejects.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncGenerator/throw
    template <promise::ReasonLike E>
    Promise<Step> throw_(E&& error) const {
        const auto generator = base::CountedRef<State>::shared(state()); // copying the reason may destroy this
        return Promise<Step>(generator->throw_(promise::reasonOf(std::forward<E>(error))));
    }

    /// `return_()`, for an `AsyncDisposableStack`. Without memory for the promise behind it, it has been asked already.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncIterator/Symbol.asyncDispose
    Promise<> disposeAsync() const {
        return return_().then([] {});
    }

    template <class Stream>
    friend auto operator<<(Stream& out, const AsyncGenerator&) -> decltype(out << std::string_view()) {
        return out << "Object [AsyncGenerator] {}";
    }

    // What follows is for the house.
    using State = iteration::GeneratorState<T, R>;
    explicit AsyncGenerator(base::CountedRef<State> state) noexcept : state_(std::move(state)) {}
    /// Keeps the closure of its body, if there is one.
    template <class Closure>
    void keep(const base::CountedRef<Closure>& closure) const {
        if (state_) state_->keep(closure);
    }
    /// Another handle on the same generator.
    AsyncGenerator share() const noexcept { return AsyncGenerator(base::CountedRef<State>(state_)); }
    State& state() const noexcept {
        RONDO_ASSERT(state_, "an async generator is used that was moved from, or never assigned to");
        return *state_;
    }

private:
    base::CountedRef<State> state_;
};

template <class T, class R>
inline constexpr bool promise::usesClosure<AsyncGenerator<T, R>> = true;

namespace iteration {

/// The state of an async generator function while its body exists: C++'s `promise_type`.
template <class T, class R>
class GeneratorFunctionBase : public GeneratorBody {
public:
    using State = GeneratorState<T, R>;

    GeneratorFunctionBase() : GeneratorFunctionBase(EventLoop::current()) {}
    ~GeneratorFunctionBase() {
        if (owned_) generator_.lost();
    }

    AsyncGenerator<T, R> get_return_object() noexcept {
        return AsyncGenerator<T, R>(base::CountedRef<State>(&generator_));
    }
    std::suspend_always initial_suspend(base::Place where = __builtin_source_location()) noexcept {
        where_ = where;
        generator_.begin(*this);
        return {};
    }

    struct Final {
        bool await_ready() const noexcept { return false; }
        template <class Coroutine>
        void await_suspend(std::coroutine_handle<Coroutine> coroutine) const noexcept {
            GeneratorFunctionBase& self = coroutine.promise();
            State& generator = self.generator_;
            if (base::thread.running == static_cast<const promise::Frame*>(&self)) base::thread.running = nullptr;
            self.destroy();
            generator.ended();
        }
        void await_resume() const noexcept {}
    };
    Final final_suspend() const noexcept { return {}; }

    void unhandled_exception() noexcept {
        requireOwner();
        if (!generator_.endsByReturn()) storeThrown();
    }

    template <class X>
    decltype(auto) await_transform(X&& awaited, base::Place where = __builtin_source_location()) {
        requireOwner();
        if constexpr (requires { Frame::await_transform(std::forward<X>(awaited), where); }) {
            return Frame::await_transform(std::forward<X>(awaited), where);
        } else {
            return Frame::await_transform(std::forward<X>(awaited)); // which says why not
        }
    }

    /// `co_yield`: what goes on with the body is the generator.
    class Yield {
    public:
        explicit Yield(State& generator) noexcept : generator_(generator) {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<>) noexcept { generator_.yieldStored(); }
        void await_resume() { generator_.received().perform(); }

    protected:
        State& generator_;
    };
    class YieldPromise : public Yield {
    public:
        YieldPromise(State& generator, promise::Ref<T> promise) noexcept
            : Yield(generator), promise_(std::move(promise)) {}
        void await_suspend(std::coroutine_handle<>) noexcept { this->generator_.yieldPromise(std::move(promise_)); }

    private:
        promise::Ref<T> promise_;
    };

    template <class V = T>
        requires(std::is_convertible_v<V &&, T> && !promise::isPromise<std::remove_cvref_t<V>>)
    Yield yield_value(V&& value, base::Place where = __builtin_source_location()) {
        requireOwner();
        where_ = where;
        generator_.store(std::forward<V>(value));
        return Yield(generator_);
    }
    YieldPromise yield_value(Promise<T> promise, base::Place where = __builtin_source_location()) noexcept {
        requireOwner();
        where_ = where;
        return YieldPromise(generator_, promise.release());
    }
    template <class X>
        requires(ThenableOf<X, T> && !std::is_convertible_v<X &&, T>)
    YieldPromise yield_value(X&& thenable, base::Place where = __builtin_source_location()) {
        requireOwner();
        where_ = where;
        promise::Ref<T> state(promise::State<T>::create(*base::thread.loop, 1, 0));
        promise::ThenableJob<T, X>::begin(*state, std::forward<X>(thenable), *base::thread.loop);
        return YieldPromise(generator_, std::move(state));
    }
    template <class Iterator>
    Delegation<T, R, Iterator> yield_value(ElementsOf<Iterator>&& elements,
                                           base::Place where = __builtin_source_location()) {
        requireOwner();
        where_ = where;
        return Delegation<T, R, Iterator>(generator_, std::move(elements));
    }
    template <class X>
    static constexpr bool isYieldable =
        std::is_convertible_v<X, T> || ThenableOf<X, T> || isElements<std::decay_t<X>> ||
        std::is_same_v<std::remove_cvref_t<X>, Promise<T>>;
    template <class X>
        requires(!isYieldable<X>)
    Yield yield_value(X&&) {
        static_assert(isYieldable<X>, "co_yield takes a value that the generator yields, a promise of it, a thenable, "
                                      "or elementsOf(iterable)");
        return Yield(generator_);
    }

protected:
    State& generator_;

private:
    explicit GeneratorFunctionBase(EventLoop& loop) : GeneratorFunctionBase(*new State(), loop) {}
    GeneratorFunctionBase(State& generator, EventLoop& loop) noexcept : GeneratorBody(loop), generator_(generator) {}
};

template <class T, class R>
class GeneratorFunction : public GeneratorFunctionBase<T, R> {
public:
    template <class V = R>
        requires(std::is_convertible_v<V &&, R> && !promise::isPromise<std::remove_cvref_t<V>>)
    void return_value(V&& value) {
        this->requireOwner();
        this->generator_.storeResult(std::forward<V>(value));
    }
    void return_value(Promise<R> promise) noexcept {
        this->requireOwner();
        this->generator_.storePromisedResult(promise.release());
    }
};

template <class T>
class GeneratorFunction<T, void> : public GeneratorFunctionBase<T, void> {
public:
    void return_void() {
        this->requireOwner();
        this->generator_.storeResult();
    }
};

}

/// Calls `f(args...)`, which returns an async generator, and keeps copies of `f` and the arguments as long as its body
/// may run: for a lambda with captures.
template <class F, class... Args>
    requires(iteration::isAsyncGenerator<base::CallResult<std::decay_t<F>, std::decay_t<Args>...>>)
auto async(F&& f, Args&&... args) -> typename promise::Kept<std::decay_t<F>, std::decay_t<Args>...>::Result {
    return promise::callKept(std::forward<F>(f), std::forward<Args>(args)...);
}

}

template <class T, class R, class... Args>
struct std::coroutine_traits<rondo::AsyncGenerator<T, R>, Args...> {
    using promise_type = rondo::iteration::GeneratorFunction<T, R>;
};
