// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/iteration/async_iterator.hpp>
#include <rondo/promise/coroutine.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

namespace iteration {

/// Calls the mapper of `fromAsync` with the value and, if it takes that, the index.
template <class F, class T>
decltype(auto) callMapper(F& mapper, T& value, std::size_t& index) {
    if constexpr (base::isCallable<F, T, std::size_t>) {
        return base::callOnce(mapper, value, index);
    } else {
        return base::callOnce(mapper, value);
    }
}

/// Stands where `fromAsync` was given no mapper.
struct Unmapped {};

template <class T, class Iterator, class F>
Promise<std::vector<T>> fromAsyncLoop(Iterator iterator, F mapper) {
    std::vector<T> values;
    for (std::size_t index = 0;; ++index) {
        auto step = co_await iterator.next();
        if (!step) co_return std::move(values);
        [[maybe_unused]] std::size_t at = index; // the mapper may be a coroutine that takes it by reference
        std::exception_ptr thrown;
        try {
            if constexpr (std::is_same_v<F, Unmapped>) {
                values.push_back(std::move(*step));
            } else {
                auto mapped = Promise<>::resolve(callMapper(mapper, *step, at));
                values.push_back(co_await std::move(mapped));
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (!thrown) continue;
        if constexpr (requires { iterator.return_(); }) {
            try {
                co_await iterator.return_();
            } catch (...) {
                // What was thrown before is more important.
            }
        }
        std::rethrow_exception(thrown);
    }
}

}

/// `Array.fromAsync`: promises a vector of all values of a generator, another async iterator, or a range of values and
/// promises, which are awaited one after the other.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Array/fromAsync
///
/// What is kept of `iterable`, and the ticks, are those of `forAwait`.
template <class X>
auto fromAsync(X&& iterable) {
    using Iterator = decltype(iteration::asyncIteratorOf(std::forward<X>(iterable)));
    using Value = typename iteration::StepOf<std::remove_reference_t<Iterator>>::value_type;
    return iteration::fromAsyncLoop<Value, Iterator, iteration::Unmapped>(
        iteration::asyncIteratorOf(std::forward<X>(iterable)), iteration::Unmapped());
}

/// A vector of what `mapper(value)`, or `mapper(value, index)`, returns, awaited each. What it throws, or rejects with,
/// closes the iterator, and rejects.
template <class X, class F>
auto fromAsync(X&& iterable, F&& mapper) {
    using Iterator = decltype(iteration::asyncIteratorOf(std::forward<X>(iterable)));
    using Value = typename iteration::StepOf<std::remove_reference_t<Iterator>>::value_type;
    using Result = decltype(iteration::callMapper(std::declval<std::decay_t<F>&>(), std::declval<Value&>(),
                                                  std::declval<std::size_t&>()));
    static_assert(!std::is_void_v<Result>, "the mapper given to fromAsync() returns what is to be collected");
    using Mapped = decltype(Promise<>::resolve(std::declval<Result>()));
    static_assert(!std::is_void_v<typename Mapped::value_type>,
                  "the mapper given to fromAsync() promises what is to be collected");
    using Mapper = promise::KeptHandler<std::decay_t<F>, Result>;
    return iteration::fromAsyncLoop<typename Mapped::value_type, Iterator, Mapper>(
        iteration::asyncIteratorOf(std::forward<X>(iterable)), Mapper(std::forward<F>(mapper)));
}

}
