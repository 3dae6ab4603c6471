// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/await.hpp>
#include <rondo/promise/finally.hpp>
#include <rondo/promise/resolvers.hpp>
#include <rondo/promise/then.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

namespace promise {

/// What `Promise<>::all`, `allSettled`, `any`, `race`, `resolve` and `try_` are, whatever stands between the angle
/// brackets. Defined in `<rondo/promise/combinators.hpp>`.
struct PromiseStatics {
    /// Fulfils with all values, in the order of the inputs, one tick after the last; rejects with the first reason.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/all
    ///
    /// Of promises, thenables and values: `Promise<std::tuple<…>>`, `std::monostate` for void. Of a range of them:
    /// `Promise<std::vector<T>>`. Elements given as rvalues are moved out of if nobody else holds them. What a range
    /// throws when it is iterated over, or an element when it is copied, rejects the promise. All four throw
    /// `std::bad_alloc` if there is no memory for the promise itself, before an input is touched; if there is none for
    /// what is made of an input, that rejects it.
    template <class... Inputs>
    static auto all(Inputs&&... inputs);

    /// Fulfils with how each was settled. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/allSettled
    template <class... Inputs>
    static auto allSettled(Inputs&&... inputs);

    /// Fulfils with the first value; rejects with an `AggregateError` of all reasons, in the order of the inputs.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/any
    ///
    /// Inputs of one type give a `Promise<T>`, of several a `Promise<std::variant<…>>`, duplicates merged.
    template <class... Inputs>
    static auto any(Inputs&&... inputs);

    /// Settles as the first input that settles. The others still run.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/race
    template <class... Inputs>
    static auto race(Inputs&&... inputs);
};

}

/// A promise and its resolving functions.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/withResolvers
template <class T>
struct PromiseWithResolvers {
    PromiseWithResolvers(Promise<T> made, promise::Resolve<T> resolving, promise::Reject<T> rejecting) noexcept
        : promise(std::move(made)), resolve(std::move(resolving)), reject(std::move(rejecting)) {}

    Promise<T> promise;
    promise::Resolve<T> resolve;
    promise::Reject<T> reject;
};

/// The eventual completion, or failure, of an asynchronous operation; a coroutine that returns one is an async
/// function.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise
///
/// A small shared handle: copies share one state, and are equal. It belongs to its loop's thread. Handlers and
/// awaiting functions run as microtasks, one tick after the promise settles, in the order in which they came;
/// nothing ever runs inside `then` or a resolving function. A promise that is moved from may only be assigned to or
/// destroyed.
///
/// Unlike the Web: it has one type of value, and when nobody is left who could settle it, what waits for it is
/// destroyed at the next checkpoint.
template <class T>
class Promise : public promise::PromiseStatics {
    static_assert(!promise::isPromise<T>,
                  "Promise<Promise<T>> does not exist: resolving with a promise follows it; use Promise<T>");
    static_assert(!std::is_reference_v<T>,
                  "Promise<T&> does not exist: a promise owns its value; use Promise<T*> or a std::reference_wrapper");
    static_assert(std::is_void_v<T> || std::is_same_v<T, std::remove_cv_t<T>>,
                  "Promise<const T> does not exist; use Promise<T>");

public:
    using value_type = T;

    /// Calls `executor(resolve, reject)` at once; what it throws rejects the promise. If it is a coroutine it is
    /// kept until it has finished. Throws `std::bad_alloc`, and `std::logic_error` where there is no loop.
    template <class Executor>
        requires(std::is_invocable_v<std::decay_t<Executor>&, promise::Resolve<T>, promise::Reject<T>> ||
                 std::is_invocable_v<std::decay_t<Executor>&, promise::Resolve<T>>)
    explicit Promise(Executor&& executor);

    static PromiseWithResolvers<T> withResolvers() {
        promise::Ref<T> state(promise::State<T>::create(EventLoop::current(), 1, 0));
        promise::Resolve<T> resolve(*state);
        promise::Reject<T> reject(*state);
        return {Promise(std::move(state)), std::move(resolve), std::move(reject)};
    }

    /// A promise fulfilled with the value; a promise is returned as it is; a thenable is followed. `Promise<>` takes
    /// its type from the value, any other keeps its own.
    static auto resolve()
        requires std::is_void_v<T>
    {
        return fulfilled<void>();
    }
    template <class X>
    static auto resolve(X&& x) {
        if constexpr (promise::isPromise<std::remove_cvref_t<X>>) {
            static_assert(std::is_void_v<T> || std::is_same_v<std::remove_cvref_t<X>, Promise>,
                          "resolve() of a promise is that promise; to convert its value use then()");
            return std::remove_cvref_t<X>(std::forward<X>(x));
        } else if constexpr (!std::is_void_v<T>) {
            if constexpr (std::is_convertible_v<X&&, T>) {
                return fulfilled<T>(std::forward<X>(x));
            } else {
                return following<T>(std::forward<X>(x));
            }
        } else if constexpr (Thenable<X>) {
            return following<typename std::remove_cvref_t<X>::value_type>(std::forward<X>(x));
        } else {
            return fulfilled<std::decay_t<X>>(std::forward<X>(x));
        }
    }

    /// A rejected promise: of any copyable object, or of a `std::exception_ptr`.
    template <class E>
    static Promise reject(E&& error) {
        PromiseWithResolvers<T> r = withResolvers();
        r.reject(std::forward<E>(error));
        return std::move(r.promise);
    }

    /// Calls `f(args...)` at once, and promises what it returns or throws.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/try
    template <class F, class... Args>
    static auto try_(F&& f, Args&&... args);

    /// Calls `onFulfilled` with the value, one tick after this promise is fulfilled, and promises what it returns.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/then
    ///
    /// The handler takes nothing, or the value: `const T&`; on an rvalue promise also `T` or `T&&`. Without
    /// `onRejected` a rejection passes on. A handler that is a coroutine is kept until it has finished. One
    /// allocation; `std::bad_alloc` changes nothing, but an rvalue promise has given its handle up.
    template <class F>
    auto then(F&& onFulfilled) const& {
        return react<false>(state_, std::forward<F>(onFulfilled), promise::PassOn{});
    }
    template <class F>
    auto then(F&& onFulfilled) && {
        return react<true>(std::move(state_), std::forward<F>(onFulfilled), promise::PassOn{});
    }
    template <class F, class G>
    auto then(F&& onFulfilled, G&& onRejected) const& {
        return react<false>(state_, std::forward<F>(onFulfilled), std::forward<G>(onRejected));
    }
    template <class F, class G>
    auto then(F&& onFulfilled, G&& onRejected) && {
        return react<true>(std::move(state_), std::forward<F>(onFulfilled), std::forward<G>(onRejected));
    }

    /// Calls `onRejected` if this promise is rejected, and promises what it returns: a `Promise<T>`, or a
    /// `Promise<void>` if it returns void.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/catch
    ///
    /// The handler takes nothing, a `std::exception_ptr`, or a class by const reference: then it is called for
    /// reasons of that type only (at the cost of one rethrow), others pass on.
    template <class G>
    auto catch_(G&& onRejected) const& {
        return react<false>(state_, promise::PassOn{}, std::forward<G>(onRejected));
    }
    template <class G>
    auto catch_(G&& onRejected) && {
        return react<true>(std::move(state_), promise::PassOn{}, std::forward<G>(onRejected));
    }

    /// Calls `onFinally` with nothing when this promise is settled, waits for what it returns, and settles as this
    /// promise did, unless it throws or its promise is rejected.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/finally
    template <class H>
    Promise finally(H&& onFinally) const& {
        return Promise(
            promise::Finally<T, std::decay_t<H>>::begin(state_, std::decay_t<H>(std::forward<H>(onFinally))));
    }
    template <class H>
    Promise finally(H&& onFinally) && {
        return Promise(promise::Finally<T, std::decay_t<H>>::begin(std::move(state_),
                                                                   std::decay_t<H>(std::forward<H>(onFinally))));
    }

    /// For `co_await`: how this promise was settled, as a `SettledResult<T>`. A rejection is not thrown.
    promise::AwaitSettlement<T> settled() const& noexcept { return promise::AwaitSettlement<T>(state_); }
    promise::AwaitSettlement<T> settled() && noexcept { return promise::AwaitSettlement<T>(std::move(state_)); }

    /// For looking: neither takes a tick, nor counts as handling a rejection.
    PromiseState state() const noexcept { return state_->status(); }

    /// The value of a fulfilled promise, the reason of a rejected one; `std::logic_error` if it is not.
    const base::Stored<T>& value() const {
        if (state() != PromiseState::fulfilled)
            throw std::logic_error("rondo: value() of a promise that is not fulfilled");
        return state_->value();
    }
    std::exception_ptr reason() const {
        if (state() != PromiseState::rejected)
            throw std::logic_error("rondo: reason() of a promise that is not rejected");
        return state_->reason().error;
    }

    /// Whether both are handles on one promise.
    friend bool operator==(const Promise& a, const Promise& b) noexcept { return a.state_.get() == b.state_.get(); }

    // What follows is for the house.
    explicit Promise(promise::Ref<T> state) noexcept : state_(std::move(state)) {}
    const promise::Ref<T>& ref() const noexcept { return state_; }
    promise::Ref<T> release() noexcept { return std::move(state_); }

private:
    template <class>
    friend class Promise;

    template <class V, class... Args>
    static Promise<V> fulfilled(Args&&... args) {
        promise::Ref<V> state(promise::State<V>::create(EventLoop::current(), 1, 0));
        state->fulfill(std::forward<Args>(args)...);
        return Promise<V>(std::move(state));
    }

    template <class V, class X>
    static Promise<V> following(X&& thenable) {
        PromiseWithResolvers<V> r = Promise<V>::withResolvers();
        r.resolve(std::forward<X>(thenable));
        return std::move(r.promise);
    }

    template <bool fromRvalue, class F, class G>
    static auto react(promise::Ref<T> state, F&& f, G&& g) {
        using OnFulfilled = std::decay_t<F>;
        using OnRejected = std::decay_t<G>;
        constexpr bool passesValue = std::is_same_v<OnFulfilled, promise::PassOn>;
        constexpr bool passesReason = std::is_same_v<OnRejected, promise::PassOn>;
        using KeptOnFulfilled = typename promise::KeptFulfilled<OnFulfilled, T, fromRvalue>::type;
        using KeptOnRejected = typename promise::KeptRejected<OnRejected>::type;
        auto begin = [&]<class U>(std::type_identity<U>) {
            return Promise<U>(promise::Reaction<T, U, KeptOnFulfilled, KeptOnRejected, fromRvalue>::begin(
                std::move(state), KeptOnFulfilled(std::forward<F>(f)), KeptOnRejected(std::forward<G>(g))));
        };
        if constexpr (passesValue) {
            using B = promise::UnwrappedT<typename promise::RejectionHandler<OnRejected>::Result>;
            return begin(std::type_identity<typename promise::Caught<T, B>::type>{});
        } else {
            using A = promise::UnwrappedT<promise::FulfilledResult<OnFulfilled, T, fromRvalue>>;
            if constexpr (passesReason) {
                return begin(std::type_identity<A>{});
            } else {
                using B = promise::UnwrappedT<typename promise::RejectionHandler<OnRejected>::Result>;
                return begin(std::type_identity<typename promise::Common<A, B>::type>{});
            }
        }
    }

    promise::Ref<T> state_;
};

namespace promise {

template <class T>
void Resolve<T>::operator()(Promise<T> promise) const noexcept {
    if (!this->open()) return;
    this->state_->lock();
    Adoption<T, T>::begin(*this->state_, promise.release());
}

template <class T>
template <class X>
    requires(!isPromise<std::remove_cvref_t<X>> && !std::is_convertible_v<X &&, T>)
void Resolve<T>::operator()(X&& thenable) const {
    static_assert(
        ThenableOf<X, T>,
        "resolve() takes the promise's value, a promise of it, or a thenable: an object with then(resolve, reject)");
    EventLoop* loop = this->open();
    if (!loop) return;
    State<T>& state = *this->state_;
    const typename Resolving<T>::Locked locked(state);
    try {
        ThenableJob<T, X>::begin(state, std::forward<X>(thenable), *loop);
    } catch (...) {
        state.unlock();
        throw;
    }
}

}

}
