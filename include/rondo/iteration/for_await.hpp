// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/iteration/async_iterator.hpp>
#include <rondo/promise/coroutine.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

namespace iteration {

/// What the function of `forAwait` may return.
template <class Result>
inline constexpr bool isGoOn = std::is_void_v<Result> || std::is_same_v<Result, bool>;
template <class T>
inline constexpr bool isGoOn<Promise<T>> = isGoOn<T>;

/// The loop of `forAwait`. `Iterator` may be a reference.
template <class Iterator, class F>
Promise<> forAwaitLoop(Iterator iterator, F f) {
    using Result = base::CallResult<F, typename StepOf<std::remove_reference_t<Iterator>>::value_type>;
    for (;;) {
        auto step = co_await iterator.next();
        if (!step) co_return;
        bool goesOn = true;
        std::exception_ptr thrown;
        try {
            if constexpr (promise::isPromise<std::decay_t<Result>>) {
                auto result = base::callOnce(f, *step);
                if constexpr (std::is_void_v<typename std::decay_t<Result>::value_type>) {
                    co_await std::move(result);
                } else {
                    goesOn = co_await std::move(result);
                }
            } else if constexpr (std::is_void_v<Result>) {
                base::callOnce(f, *step);
            } else {
                goesOn = base::callOnce(f, *step);
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (goesOn && !thrown) continue;
        if constexpr (requires { iterator.return_(); }) {
            try {
                co_await iterator.return_();
            } catch (...) {
                if (!thrown) thrown = std::current_exception(); // else the first one is more important
            }
        }
        if (thrown) std::rethrow_exception(thrown);
        co_return;
    }
}

}

/// `for await (const x of iterable) f(x)`: calls `f` with each value, in turn, and promises the end of the loop.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Statements/for-await...of
///
/// `f` takes a value, and returns nothing, or whether to go on: `false` is `break`. It may be a coroutine; then it is
/// awaited before the next step. When the loop is left early, by `false` or by what `f` throws, the iterator is closed:
/// its `return_()`, if it has one, is called and awaited. Ticks are those of an async function with that loop in it.
///
/// It takes a generator, another async iterator, or a range of values and promises. A generator is shared; another
/// lvalue is referred to, and must outlive the loop; an rvalue is kept.
template <class X, class F>
Promise<> forAwait(X&& iterable, F&& f) {
    using Iterator = decltype(iteration::asyncIteratorOf(std::forward<X>(iterable)));
    using Value = typename iteration::StepOf<std::remove_reference_t<Iterator>>::value_type;
    static_assert(base::isCallable<std::decay_t<F>, Value>,
                  "forAwait() calls its function with one value, of the type that the iterable gives");
    using Result = std::decay_t<base::CallResult<std::decay_t<F>, Value>>;
    static_assert(
        iteration::isGoOn<Result>,
        "the function given to forAwait() returns nothing, or whether to go on, as a bool, or a promise of that");
    return iteration::forAwaitLoop<Iterator, std::decay_t<F>>(iteration::asyncIteratorOf(std::forward<X>(iterable)),
                                                              std::forward<F>(f));
}

}
