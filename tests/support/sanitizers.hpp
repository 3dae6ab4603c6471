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
