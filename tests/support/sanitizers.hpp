// SPDX-License-Identifier: MIT
#pragma once

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool withAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool withAddressSanitizer = true;
#else
inline constexpr bool withAddressSanitizer = false;
#endif
#else
inline constexpr bool withAddressSanitizer = false;
#endif

/// Clang without optimisation reads what leaves a coroutine before its body begins from the frame that has been freed:
/// compilers/c1_thrown_before_the_body.cpp. AddressSanitizer tells.
#if defined(__clang__) && !defined(__OPTIMIZE__)
inline constexpr bool coroutinesMayRunOutOfMemory = !withAddressSanitizer;
#else
inline constexpr bool coroutinesMayRunOutOfMemory = true;
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool withThreadSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool withThreadSanitizer = true;
#else
inline constexpr bool withThreadSanitizer = false;
#endif
#else
inline constexpr bool withThreadSanitizer = false;
#endif
