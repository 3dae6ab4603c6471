// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/iterator_result.hpp>
#include <rondo/promise/gather.hpp>
#include <rondo/promise/promise.hpp>

#include <concepts>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo {

/// What `forAwait` and `elementsOf` ask of a type: `next()`, which promises an `IteratorResult`. It may have
/// `return_()`, for whoever stops early, and `throw_(reason)`, which promise the same.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Iteration_protocols#the_async_iterator_and_async_iterable_protocols
template <class I>
concept AsyncIterator = requires(I& iterator) {
    requires iteration::isIteratorResult<typename decltype(iterator.next())::value_type>;
    requires promise::isPromise<decltype(iterator.next())>;
};

namespace iteration {

template <class>
inline constexpr bool isAsyncGenerator = false;
template <class T, class R>
inline constexpr bool isAsyncGenerator<AsyncGenerator<T, R>> = true;

template <class Iterator>
using StepOf = typename decltype(std::declval<Iterator&>().next())::value_type;

/// Why nothing can be thrown into an iterator.
[[gnu::cold]] inline std::exception_ptr noThrowMethod() noexcept {
    try {
        return std::make_exception_ptr(TypeError("The iterator does not provide a 'throw' method", nullptr, {}));
    } catch (...) {
        return std::current_exception();
    }
}

/// An async iterator over a range: its elements are awaited, promises among them, a tick each, and so is its end. Of
/// promises of nothing it gives `std::monostate`.
/// https://tc39.es/ecma262/#sec-async-from-sync-iterator-objects
template <class Range> // may be a reference
class AsyncFromSyncIterator {
    using Iterator = decltype(std::begin(std::declval<std::remove_reference_t<Range>&>()));
    using Element = promise::ForwardedElement<Range, Iterator>;
    using Awaited = decltype(Promise<>::resolve(std::declval<Element>()));

public:
    using Value = typename Awaited::value_type;
    using Step = IteratorResult<std::conditional_t<std::is_void_v<Value>, std::monostate, Value>>;

    explicit AsyncFromSyncIterator(Range&& range) : range_(std::forward<Range>(range)) {}

    /// What the range throws is a rejection, too, and its end.
    Promise<Step> next() {
        try {
            return step();
        } catch (...) {
            iterator_.reset();
            return Promise<Step>::reject(std::current_exception());
        }
    }
    Promise<Step> return_() {
        begun_ = true;
        iterator_.reset();
        return Promise<Step>::resolve(Step::finished());
    }
    /// A range has nothing to throw into.
    Promise<Step> throw_(const std::exception_ptr&) {
        begun_ = true;
        iterator_.reset();
        return Promise<Step>::reject(noThrowMethod());
    }

private:
    Promise<Step> step() {
        if (!std::exchange(begun_, true)) {
            iterator_.emplace(std::begin(range_));
        } else if (iterator_) { // not before somebody asks
            ++*iterator_;
        }
        if (!iterator_ || *iterator_ == std::end(range_)) {
            iterator_.reset();
            return Promise<>::resolve().then([] { return Step::finished(); });
        }
        auto&& element = **iterator_;
        Awaited value = Promise<>::resolve(static_cast<Element>(element));
        if constexpr (std::is_void_v<Value>) {
            return std::move(value).then([] { return Step::yielded(); });
        } else {
            return std::move(value).then([](Value taken) { return Step::yielded(std::move(taken)); });
        }
    }

    Range range_;
    std::optional<Iterator> iterator_; // empty before the first step, and behind the end
    bool begun_ = false;
};

/// An iterator together with what it iterates over.
template <class Iterable>
class OwningIterator {
    using Iterator = decltype(std::declval<Iterable&>().asyncIterator());

public:
    explicit OwningIterator(Iterable&& iterable)
        : iterable_(std::make_unique<Iterable>(std::move(iterable))), iterator_(iterable_->asyncIterator()) {}

    auto next() { return iterator_.next(); }
    template <class... Value>
        requires requires(Iterator& i, Value&&... value) { i.return_(std::forward<Value>(value)...); }
    auto return_(Value&&... value) {
        return iterator_.return_(std::forward<Value>(value)...);
    }
    template <class E>
        requires requires(Iterator& i, E&& error) { i.throw_(std::forward<E>(error)); }
    auto throw_(E&& error) {
        return iterator_.throw_(std::forward<E>(error));
    }

private:
    std::unique_ptr<Iterable> iterable_;
    Iterator iterator_;
};

/// The iterator of a loop over `x`: of a generator another handle, of what is an iterator itself a reference or, of an
/// rvalue, that; of a range one that awaits its elements.
template <class X>
decltype(auto) asyncIteratorOf(X&& x) {
    using Plain = std::remove_cvref_t<X>;
    if constexpr (requires { x.asyncIterator(); }) {
        if constexpr (std::is_lvalue_reference_v<X>) {
            return x.asyncIterator();
        } else {
            return OwningIterator<Plain>(std::forward<X>(x));
        }
    } else if constexpr (isAsyncGenerator<Plain>) {
        return Plain(x.share());
    } else if constexpr (AsyncIterator<Plain> && std::is_lvalue_reference_v<X>) {
        return (x);
    } else if constexpr (AsyncIterator<Plain>) {
        return Plain(std::forward<X>(x));
    } else {
        static_assert(promise::IsRange<Plain>,
                      "this takes an async iterator (next() promises an IteratorResult), something whose "
                      "asyncIterator() is one, or a range");
        return AsyncFromSyncIterator<X>(std::forward<X>(x));
    }
}

}

}
