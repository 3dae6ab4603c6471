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

}
