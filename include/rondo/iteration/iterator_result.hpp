// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/state.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo {

/// What an iterator gives for each step: a value, or that it is done. True until done, so that
/// `while (auto step = co_await iterator.next()) use(*step);` is the loop.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Iteration_protocols#the_iterator_protocol
///
/// Unlike the Web: what an iterator returned at its end has a type of its own, and a place of its own, `returned()`.
template <class T, class R>
class IteratorResult {
    static_assert(!std::is_void_v<T> && !std::is_reference_v<T>,
                  "an iterator gives values; of nothing it gives std::monostate, of something elsewhere a pointer");

public:
    using value_type = T;

    /// `{value, done: false}`
    template <class... Args>
    static IteratorResult yielded(Args&&... args) {
        return IteratorResult(std::in_place_index<1>, std::forward<Args>(args)...);
    }
    /// `{value, done: true}`, or `{undefined, done: true}`
    template <class... Args>
    static IteratorResult finished(Args&&... args) {
        if constexpr (sizeof...(Args) == 0) {
            return IteratorResult(std::in_place_index<0>);
        } else {
            return IteratorResult(std::in_place_index<0>, std::in_place, std::forward<Args>(args)...);
        }
    }

    /// Also when an assignment has thrown, and left nothing.
    bool done() const noexcept { return result_.index() != 1; }
    explicit operator bool() const noexcept { return !done(); }

    /// The value; `std::logic_error` if it is done.
    const T& value() const& { return const_cast<IteratorResult*>(this)->checked(); }
    T& value() & { return checked(); }
    T&& value() && { return std::move(checked()); }

    /// The value of one that is not done.
    const T& operator*() const& noexcept { return *operator->(); }
    T& operator*() & noexcept { return *operator->(); }
    T&& operator*() && noexcept { return std::move(*operator->()); }
    const T* operator->() const noexcept { return const_cast<IteratorResult*>(this)->operator->(); }
    T* operator->() noexcept {
        RONDO_ASSERT(!done(), "there is no value in an IteratorResult that is done");
        return std::get_if<1>(&result_);
    }

    /// What the iterator returned; null if it is not done, or was done before. Of an rvalue a `std::optional`.
    template <class V = R>
        requires(!std::is_void_v<V>)
    const V* returned() const& noexcept {
        return const_cast<IteratorResult*>(this)->returned();
    }
    template <class V = R>
        requires(!std::is_void_v<V>)
    V* returned() & noexcept {
        auto* finished = std::get_if<0>(&result_);
        return finished && *finished ? std::addressof(**finished) : nullptr;
    }
    template <class V = R>
        requires(!std::is_void_v<V>)
    std::optional<V> returned() && {
        auto* finished = std::get_if<0>(&result_);
        return finished ? std::move(*finished) : std::nullopt;
    }

private:
    using Finished = std::conditional_t<std::is_void_v<R>, base::Unit, std::optional<base::Stored<R>>>;

    template <std::size_t I, class... Args>
    explicit IteratorResult(std::in_place_index_t<I> which, Args&&... args)
        : result_(which, std::forward<Args>(args)...) {}

    T& checked() {
        if (done()) throw std::logic_error("rondo: value() of an IteratorResult that is done");
        return *std::get_if<1>(&result_);
    }

    std::variant<Finished, T> result_;
};

namespace iteration {

template <class>
inline constexpr bool isIteratorResult = false;
template <class T, class R>
inline constexpr bool isIteratorResult<IteratorResult<T, R>> = true;

/// The `T` and the `R` of what an iterator promises.
template <class Result>
struct ResultParts;
template <class T, class R>
struct ResultParts<IteratorResult<T, R>> {
    using Value = T;
    using Returned = R;
};

}

namespace promise {

template <class T, class R>
inline constexpr bool isCopyable<IteratorResult<T, R>> = isCopyable<T> && isCopyable<base::Stored<R>>;

}

}
