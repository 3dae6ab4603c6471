// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>

#include <string_view>

/// The little of HTTP's grammar that Fetch asks for. https://httpwg.org/specs/rfc9110.html
namespace rondo::http {

constexpr bool isTokenCharacter(char c) noexcept {
    return base::isAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// A method, or the name of a header.
constexpr bool isToken(std::string_view text) noexcept {
    for (const char c : text) {
        if (!isTokenCharacter(c)) return false;
    }
    return !text.empty();
}

constexpr bool isTabOrSpace(char c) noexcept { return c == '\t' || c == ' '; }
constexpr bool isWhitespace(char c) noexcept { return isTabOrSpace(c) || c == '\n' || c == '\r'; }

/// Whether it may be the value of a header, but for white space at its ends.
constexpr bool isHeaderValue(std::string_view value) noexcept {
    for (const char c : value) {
        if (c == '\0' || c == '\n' || c == '\r') return false;
    }
    return true;
}

/// What may stand behind the status.
constexpr bool isReasonPhrase(std::string_view text) noexcept {
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f') return false;
    }
    return true;
}

}
