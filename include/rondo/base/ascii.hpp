// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What the Web's formats do with letters and digits, which is the same in every locale.
namespace rondo::base {

constexpr bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool isUpper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr char toLower(char c) noexcept { return isUpper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char toUpper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }
constexpr bool isAlpha(char c) noexcept { return toLower(c) >= 'a' && toLower(c) <= 'z'; }
constexpr bool isAlphanumeric(char c) noexcept { return isAlpha(c) || isDigit(c); }
constexpr bool isHexDigit(char c) noexcept { return isDigit(c) || (toLower(c) >= 'a' && toLower(c) <= 'f'); }
/// Of a hexadecimal digit.
constexpr unsigned hexValue(char c) noexcept {
    return static_cast<unsigned>(isDigit(c) ? c - '0' : toLower(c) - 'a' + 10);
}

/// Whether `text` is `lower` but for upper case.
constexpr bool equalsLower(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (toLower(text[i]) != lower[i]) return false;
    }
    return true;
}

inline std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = toLower(c);
    return lower;
}

/// Without what `isOutside` says of the characters at both its ends.
template <class F>
constexpr std::string_view trimmed(std::string_view text, F isOutside) noexcept {
    while (!text.empty() && isOutside(text.front())) text.remove_prefix(1);
    while (!text.empty() && isOutside(text.back())) text.remove_suffix(1);
    return text;
}

}
