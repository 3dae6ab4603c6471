// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <source_location>

namespace rondo::base {

/// A place in the source as a scalar: the default argument `__builtin_source_location()`, where the standard has
/// `std::source_location::current()`.
///
/// An argument of class type that an await is given stays in the frame with GCC: eight bytes for each `co_await`.
using Place = const void*;

inline std::source_location locationOf(Place place) noexcept { return std::bit_cast<std::source_location>(place); }

}
