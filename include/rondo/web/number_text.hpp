// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

namespace rondo::web {

/// A number as JavaScript writes it: `0.1`, `1e+21`, `NaN`, `Infinity`, `-0`. An integer of any size in full.
/// https://tc39.es/ecma262/#sec-numeric-types-number-tostring
template <std::integral N>
[[gnu::cold]] void appendNumber(base::Text& out, N number) {
    std::array<char, 24> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out += base::viewOf(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

template <std::floating_point N>
[[gnu::cold]] void appendNumber(base::Text& out, N number) {
    if (std::isnan(number)) {
        out += "NaN";
        return;
    }
    if (std::signbit(number)) out += '-';
    if (std::isinf(number)) {
        out += "Infinity";
        return;
    }
    std::array<char, 64> text; // the fewest digits that tell the number from its neighbours: 1.25e-07
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), std::fabs(number), std::chars_format::scientific).ptr;
    if (text[1] == '.') std::swap(text[0], text[1]);
    const char* const first = text.data() + (text[0] == '.' ? 1 : 0);
    const char* e = first;
    while (*e != 'e') ++e;
    int exponent = 0;
    std::from_chars(e + 2, end, exponent);
    if (e[1] == '-') exponent = -exponent;
    const std::string_view digits = base::viewOf(first, static_cast<std::size_t>(e - first));
    const int point = exponent + 1; // how many digits stand before it
    if (point > 21 || point < -5) {
        out += digits[0];
        if (digits.size() > 1) (out += '.') += digits.substr(1);
        out += exponent < 0 ? "e-" : "e+";
        appendNumber(out, std::abs(exponent));
    } else if (point <= 0) {
        (out += "0.").append(static_cast<std::size_t>(-point), '0') += digits;
    } else if (const auto whole = static_cast<std::size_t>(point); whole >= digits.size()) {
        (out += digits).append(whole - digits.size(), '0');
    } else {
        ((out += digits.substr(0, whole)) += '.') += digits.substr(whole);
    }
}

/// `number.toFixed(3)`. https://tc39.es/ecma262/#sec-number.prototype.tofixed
/// For what is neither negative nor so great that its thousandfold has no fraction. What lies in the middle goes up.
[[gnu::cold]] inline void appendThousandths(base::Text& out, double number) {
    double thousandths = std::floor(number * 1000);
    if (std::fma(number, 1000.0, -(thousandths + 0.5)) >= 0) ++thousandths;
    const auto whole = static_cast<long long>(thousandths);
    const auto fraction = static_cast<int>(whole % 1000);
    (out.appendNumber(whole / 1000) += '.') += static_cast<char>('0' + fraction / 100);
    (out += static_cast<char>('0' + fraction / 10 % 10)) += static_cast<char>('0' + fraction % 10);
}

constexpr bool isSpace(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char lowerCase(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

[[gnu::cold]] inline std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

/// The number that the longest part of `text` from its beginning is in decimal, and how long that part is: 0 if
/// there is none. In the language of the program, not of its user: a point is a point.
[[gnu::cold]] inline double readDecimal(std::string_view text, std::size_t& length) {
    std::size_t at = 0;
    const auto peek = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    const auto skipDigits = [&] {
        const std::size_t begin = at;
        while (isDigit(peek(at))) ++at;
        return at > begin;
    };
    const bool negative = peek(0) == '-';
    if (negative || peek(0) == '+') ++at;
    const std::size_t begin = at;
    if (text.substr(at).starts_with("Infinity")) {
        length = at + 8;
        return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    }
    bool any = skipDigits();
    if (peek(at) == '.' && (any || isDigit(peek(at + 1)))) {
        ++at;
        skipDigits();
        any = true;
    }
    length = 0;
    if (!any) return std::numeric_limits<double>::quiet_NaN();
    if (const std::size_t sign = peek(at + 1) == '+' || peek(at + 1) == '-' ? 1 : 0;
        lowerCase(peek(at)) == 'e' && isDigit(peek(at + 1 + sign))) {
        at += 1 + sign;
        skipDigits();
    }
    length = at;
    base::Text digits; // with a zero at its end
    (digits += text.substr(begin, at - begin)) += '\0';
    double number = 0;
    const char* const first = digits.view().data();
#ifdef __cpp_lib_to_chars
    if (std::from_chars(first, first + (at - begin), number).ec == std::errc::result_out_of_range)
#endif
        number = std::strtod(first, nullptr);
    return negative ? -number : number;
}

/// The integer that `text` begins with, in base 2, 8 or 16.
[[gnu::cold]] inline double readDigits(std::string_view text, int radix, std::size_t& length) noexcept {
    double number = 0;
    for (length = 0; length < text.size(); ++length) {
        const char c = lowerCase(text[length]);
        const int digit = isDigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : radix;
        if (digit >= radix) break;
        number = number * radix + digit;
    }
    return length > 0 ? number : std::numeric_limits<double>::quiet_NaN();
}

/// `Number(text)`: all of it is a number, or it is NaN. https://tc39.es/ecma262/#sec-tonumber-applied-to-the-string-type
[[gnu::cold]] inline double toNumber(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return 0;
    std::size_t length = 0;
    double number = 0;
    const char letter = text.size() > 1 && text[0] == '0' ? lowerCase(text[1]) : '\0';
    if (const int radix = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0) {
        text.remove_prefix(2);
        number = readDigits(text, radix, length);
    } else {
        number = readDecimal(text, length);
    }
    return length == text.size() ? number : std::numeric_limits<double>::quiet_NaN();
}

/// `parseFloat(text)`. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/parseFloat
[[gnu::cold]] inline double parseFloat(std::string_view text) {
    std::size_t length = 0;
    return readDecimal(trimmed(text), length);
}

/// `parseInt(text)`. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/parseInt
[[gnu::cold]] inline double parseInt(std::string_view text) {
    text = trimmed(text);
    const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    std::size_t end = sign;
    while (end < text.size() && isDigit(text[end])) ++end;
    std::size_t length = 0;
    if (text.size() > sign + 1 && text[sign] == '0' && lowerCase(text[sign + 1]) == 'x') {
        const double number = readDigits(text.substr(sign + 2), 16, length);
        return text[0] == '-' ? -number : number;
    }
    if (end == sign) return std::numeric_limits<double>::quiet_NaN();
    return readDecimal(text.substr(0, end), length);
}

}
