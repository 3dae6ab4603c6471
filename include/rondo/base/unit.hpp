// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <variant>

namespace rondo::base {

/// The value that stands where `void` cannot: a slot of a tuple, a member, an argument.
using Unit = std::monostate;

/// `T`, or `Unit` for `void`.
template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, Unit, T>;

}
