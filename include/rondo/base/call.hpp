// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

namespace rondo::base {

/// Whether `f` can be called with `args` that are kept for it: moved out of their places, or where they are.
template <class F, class... Args>
inline constexpr bool isCallable = std::is_invocable_v<F&, Args&&...> || std::is_invocable_v<F&, Args&...>;

template <class F, class... Args>
using CallResult = typename std::conditional_t<std::is_invocable_v<F&, Args&&...>, std::invoke_result<F&, Args&&...>,
                                               std::invoke_result<F&, Args&...>>::type;

/// Calls `f` for the only time: the arguments are moved, if it takes them so.
template <class F, class... Args>
decltype(auto) callOnce(F& f, Args&... args) {
    if constexpr (std::is_invocable_v<F&, Args&&...>) {
        return f(std::move(args)...);
    } else {
        return f(args...);
    }
}

/// The type of the one parameter that a function, a member function or a callable object with a single call operator
/// declares; void if there is no such thing.
template <class>
struct SoleParameter {
    using type = void;
};
template <class R, class A>
struct SoleParameter<R (*)(A)> {
    using type = A;
};
template <class R, class A>
struct SoleParameter<R (*)(A) noexcept> {
    using type = A;
};
template <class R, class F, class A>
struct SoleParameter<R (F::*)(A)> {
    using type = A;
};
template <class R, class F, class A>
struct SoleParameter<R (F::*)(A) const> {
    using type = A;
};
template <class R, class F, class A>
struct SoleParameter<R (F::*)(A) noexcept> {
    using type = A;
};
template <class R, class F, class A>
struct SoleParameter<R (F::*)(A) const noexcept> {
    using type = A;
};

template <class G>
struct SoleParameterOf : SoleParameter<G> {};
template <class G>
    requires requires { &G::operator(); }
struct SoleParameterOf<G> : SoleParameter<decltype(&G::operator())> {};

}
