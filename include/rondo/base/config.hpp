// SPDX-License-Identifier: MIT
#pragma once

// Compilers go on behind an #error, and bury it. They stop at once at a file that is not there.
#if __cplusplus < 202002L || !defined(__cpp_impl_coroutine)
#error "Rondo needs C++20 and its coroutines. Build with -std=c++20."
#include <the error above>
#elif !defined(__cpp_exceptions)
#error "Rondo needs exceptions: a rejected promise is thrown where it is awaited. Build without -fno-exceptions."
#include <the error above>
#elif !defined(__cpp_rtti)
#error "Rondo needs RTTI: catch_ finds the handler of an exception by its type. Build without -fno-rtti."
#include <the error above>
#endif

#define RONDO_VERSION_MAJOR 0
#define RONDO_VERSION_MINOR 1
#define RONDO_VERSION_PATCH 0

/// Stops a debug build (one without NDEBUG) with a sentence when a rule of the library is broken.
///
/// A release build does not look. The message says what to do instead.
#ifdef NDEBUG
#define RONDO_ASSERT(condition, sentence) static_cast<void>(0)
#else
#define RONDO_ASSERT(condition, sentence)                                                                              \
    (static_cast<bool>(condition) ? static_cast<void>(0)                                                               \
                                  : ::rondo::base::assertionFailed(#condition, sentence, __FILE__, __LINE__))
#endif

namespace rondo::base {

[[noreturn]] void assertionFailed(const char* condition, const char* sentence, const char* file, int line) noexcept;

}

#ifndef NDEBUG
#include <cstdio>
#include <cstdlib>

namespace rondo::base {

[[noreturn]] inline void assertionFailed(const char* condition, const char* sentence, const char* file,
                                         int line) noexcept {
    std::fprintf(stderr, "rondo: %s\n    %s:%d: %s does not hold\n", sentence, file, line, condition);
    std::abort();
}

}
#endif
