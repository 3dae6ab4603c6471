// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/rondo.hpp>

#include <exception>
#include <string>

/// `error.message`
inline std::string messageOf(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const rondo::Error& e) {
        return std::string(e.message());
    }
}
