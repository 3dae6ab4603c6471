// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>

#include <type_traits>
#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace rondo::host {

#if defined(__cpp_lib_jthread)

using StopSource = std::stop_source;
/// Of nobody.
inline StopSource noStopSource() noexcept { return StopSource(std::nostopstate); }

/// Whether a function that is given these arguments wants a `std::stop_token` before them.
template <class F, class... Args>
inline constexpr bool takesStopToken = base::isCallable<F, std::stop_token, Args...>;

#else

/// Where the standard library has no `std::stop_token`, as that of LLVM before version 20, nobody can be asked to stop.
struct StopSource {
    static bool request_stop() noexcept { return false; }
    static bool stop_possible() noexcept { return false; }
    static int get_token() noexcept { return 0; }
};
inline StopSource noStopSource() noexcept { return {}; }

template <class F, class... Args>
inline constexpr bool takesStopToken = false;

#endif

}
