// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>

#include <exception>
#include <string_view>

namespace rondo::streams {

/// A `TypeError` as a reason; for want of memory what says so.
[[gnu::cold, gnu::noinline]] inline std::exception_ptr typeError(std::string_view message) noexcept {
    try {
        return std::make_exception_ptr(TypeError(message, nullptr, {}));
    } catch (...) {
        return std::current_exception();
    }
}

}
