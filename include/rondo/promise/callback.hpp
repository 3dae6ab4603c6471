// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/base/counted_ref.hpp>
#include <rondo/promise/promise.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// A callable and its arguments in a counted block: it lives as long as somebody may call it, and as long as a call
/// has not finished.
template <class F, class... Args>
class Closure : public base::Counted<Closure<F, Args...>>, public base::Pooled {
public:
    template <class G, class... Given>
    explicit Closure(G&& f, Given&&... args) : parts_(std::forward<G>(f), std::forward<Given>(args)...) {}
    Closure(const Closure&) = delete;
    Closure& operator=(const Closure&) = delete;

    /// Calls with the arguments themselves if it may be called again, else with what can be moved out of them.
    template <bool again>
    decltype(auto) invoke() {
        return std::apply(
            [](F& f, Args&... args) -> decltype(auto) {
                if constexpr (again) {
                    return f(args...);
                } else {
                    return base::callOnce(f, args...);
                }
            },
            parts_);
    }

private:
    friend class base::Counted<Closure>;
    ~Closure() = default;

    std::tuple<F, Args...> parts_;
};

template <class A>
inline constexpr bool isCString = std::is_same_v<A, const char*> || std::is_same_v<A, char*>;
template <class A>
using AsText = std::conditional_t<isCString<A>, std::string, A>;

/// The closure that is kept for a call, of types that have decayed. A C string is kept as a `std::string` by a callable
/// that takes one: what a coroutine took by reference would be a string made for the call alone.
template <class F, class... Args>
struct Kept {
    using Block = Closure<F, Args...>;
    using Result = base::CallResult<F, Args...>;
};
template <class F, class... Args>
    requires((isCString<Args> || ...) && base::isCallable<F, AsText<Args>...>)
struct Kept<F, Args...> {
    using Block = Closure<F, AsText<Args>...>;
    using Result = base::CallResult<F, AsText<Args>...>;
};

/// Keeps a closure until what it returned has settled, or never can.
///
/// A callback may be a coroutine, and its frame refers to the captures of the closure it is called on.
template <class Block>
class Keeper final : public loop::Waiting, public base::Pooled {
public:
    /// Makes a call of the closure, and keeps it. The keeper is made first: without memory the call is not made.
    template <class Call>
    static auto keep(Block& closure, Call&& call) {
        EventLoop& loop = EventLoop::current();
        std::unique_ptr<Keeper> keeper(new Keeper(closure));
        loop.waiting().pushBack(*keeper); // before the frame is made, so that it goes after it
        auto promise = call();
        if (promise.state() == PromiseState::pending) promise.ref()->subscribe(*keeper.release());
        return promise;
    }

    template <bool again>
    static auto call(Block& closure) {
        return keep(closure, [&closure] { return closure.template invoke<again>(); });
    }

    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

private:
    explicit Keeper(Block& closure) noexcept : Waiting(&act), closure_(base::CountedRef<Block>::shared(closure)) {}

    static void act(loop::Microtask* node, loop::Verb) noexcept { delete static_cast<Keeper*>(node); }

    base::CountedRef<Block> closure_;
};

/// A callback for the loop that is a coroutine: it is kept as long as a call of it has not finished.
template <bool again, class Block>
class KeptCallback {
public:
    explicit KeptCallback(Block* closure) noexcept : closure_(closure) {}

    void operator()() { Keeper<Block>::template call<again>(*closure_); }

private:
    base::CountedRef<Block> closure_;
};

/// Calls a function that returns what keeps its closure, such as an async generator.
template <class F, class... Args>
auto callKept(F&& f, Args&&... args) {
    using Block = typename Kept<std::decay_t<F>, std::decay_t<Args>...>::Block;
    const base::CountedRef<Block> closure(new Block(std::forward<F>(f), std::forward<Args>(args)...));
    auto made = closure->template invoke<false>();
    made.keep(closure);
    return made;
}

/// A callback of no arguments that calls `f(args...)`: what the loop is given, whatever the user gave.
template <bool again, class F, class... Args>
auto callback(F&& f, Args&&... args) {
    static_assert(base::isCallable<std::decay_t<F>, std::decay_t<Args>...>,
                  "the callback cannot be called with these arguments");
    using Call = Kept<std::decay_t<F>, std::decay_t<Args>...>;
    if constexpr (isPromise<std::decay_t<typename Call::Result>>) {
        using Block = typename Call::Block;
        return KeptCallback<again, Block>(new Block(std::forward<F>(f), std::forward<Args>(args)...));
    } else if constexpr (sizeof...(Args) == 0) {
        return std::decay_t<F>(std::forward<F>(f));
    } else {
        return [f = std::decay_t<F>(std::forward<F>(f)),
                ... args = std::decay_t<Args>(std::forward<Args>(args))]() mutable {
            if constexpr (again) {
                f(args...);
            } else {
                base::callOnce(f, args...);
            }
        };
    }
}

}

namespace rondo {

/// Calls `f(args...)`, which returns a promise, and keeps copies of `f` and the arguments until that has settled: for
/// a lambda with captures that is a coroutine. Returns that promise itself. A C string is kept as a `std::string`
/// where `f` takes one.
///
/// It stands beside `std::async` in overload resolution, and wins wherever `f` returns a `Promise`.
template <class F, class... Args>
    requires(promise::isPromise<base::CallResult<std::decay_t<F>, std::decay_t<Args>...>>)
auto async(F&& f, Args&&... args) -> typename promise::Kept<std::decay_t<F>, std::decay_t<Args>...>::Result {
    using Block = typename promise::Kept<std::decay_t<F>, std::decay_t<Args>...>::Block;
    const base::CountedRef<Block> closure(new Block(std::forward<F>(f), std::forward<Args>(args)...));
    return promise::Keeper<Block>::template call<false>(*closure);
}

template <class T>
struct loop::OnlyCall<Promise<T>> {
    template <class F>
    static void of(F& f) {
        promise::callback<false>(std::move(f))();
    }
};

namespace promise {

template <class T, class X>
void ThenableJob<T, X>::call(loop::Microtask* node, loop::Verb verb) noexcept {
    using Object = std::remove_cvref_t<X>;
    using Returned = decltype(std::declval<Object&>().then(std::declval<Resolve<T>&>(), std::declval<Reject<T>&>()));
    auto& self = static_cast<ThenableJob&>(static_cast<State<T>&>(StateBase::of(*node)));
    self.destroyProducer();
    if (verb == loop::Verb::run) {
        Resolve<T> resolve(self);
        Reject<T> reject(self);
        try {
            if constexpr (isPromise<std::remove_cvref_t<Returned>>) { // its `then` may be a coroutine
                async([object = Object(std::move(self.thenable_))](Resolve<T> f,
                                                                   Reject<T> g) mutable { return object.then(f, g); },
                      resolve, reject);
            } else {
                self.thenable_.then(resolve, reject);
            }
        } catch (...) {
            reject(std::current_exception());
        }
    }
    std::destroy_at(&self.thenable_);
    State<T>::releaseProducer(&self);
}

}

template <class T>
template <class Executor>
    requires(std::is_invocable_v<std::decay_t<Executor>&, promise::Resolve<T>, promise::Reject<T>> ||
             std::is_invocable_v<std::decay_t<Executor>&, promise::Resolve<T>>)
Promise<T>::Promise(Executor&& executor) : state_(promise::State<T>::create(EventLoop::current(), 1, 0)) {
    using F = std::decay_t<Executor>;
    const promise::Resolve<T> resolve(*state_);
    const promise::Reject<T> reject(*state_);
    auto call = [&](auto&... args) {
        using R = std::invoke_result_t<F&, decltype(args)...>;
        if constexpr (promise::isPromise<std::remove_cvref_t<R>>) {
            async(std::forward<Executor>(executor), args...);
        } else {
            executor(args...);
        }
    };
    try {
        if constexpr (std::is_invocable_v<F&, promise::Resolve<T>, promise::Reject<T>>) {
            call(resolve, reject);
        } else {
            call(resolve);
        }
    } catch (...) {
        reject(std::current_exception());
    }
}

template <class T>
template <class F, class... Args>
auto Promise<T>::try_(F&& f, Args&&... args) {
    using R = std::invoke_result_t<F, Args...>;
    using V = std::conditional_t<std::is_void_v<T>, promise::UnwrappedT<R>, T>;
    PromiseWithResolvers<V> r = Promise<V>::withResolvers();
    try {
        if constexpr (promise::isPromise<std::remove_cvref_t<R>>) {
            r.resolve(async(std::forward<F>(f), std::forward<Args>(args)...));
        } else if constexpr (promise::usesClosure<std::remove_cvref_t<R>>) {
            r.resolve(promise::callKept(std::forward<F>(f), std::forward<Args>(args)...));
        } else if constexpr (std::is_void_v<R>) {
            std::forward<F>(f)(std::forward<Args>(args)...);
            r.resolve();
        } else {
            r.resolve(std::forward<F>(f)(std::forward<Args>(args)...));
        }
    } catch (...) {
        r.reject(std::current_exception());
    }
    return std::move(r.promise);
}

}
