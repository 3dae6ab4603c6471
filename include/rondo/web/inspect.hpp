// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/unit.hpp>
#include <rondo/promise/promise.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo::web {

/// Text for a person, in the way in which Node's `console.log` shows a value.
///
/// A value by itself: of a string its characters, of an error its stack. Nested in another one: quoted, and in short.
template <class T>
void inspect(std::string& out, const T& value, bool nested);

template <class T>
concept TextLike = std::is_convertible_v<const T&, std::string_view> && !std::is_same_v<T, std::nullptr_t>;

template <class T>
concept Iterable = requires(const T& range) {
    std::begin(range);
    std::end(range);
};

template <class T>
concept MapLike = Iterable<T> && requires {
    typename T::key_type;
    typename T::mapped_type;
};

template <class T>
concept SetLike = Iterable<T> && requires {
    typename T::key_type;
    typename T::value_type;
} && !MapLike<T>;

template <class T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };

template <class>
inline constexpr bool isTuple = false;
template <class... Ts>
inline constexpr bool isTuple<std::tuple<Ts...>> = true;
template <class A, class B>
inline constexpr bool isTuple<std::pair<A, B>> = true;
template <class>
inline constexpr bool isOptional = false;
template <class T>
inline constexpr bool isOptional<std::optional<T>> = true;
template <class>
inline constexpr bool isVariant = false;
template <class... Ts>
inline constexpr bool isVariant<std::variant<Ts...>> = true;
template <class>
inline constexpr bool isSettledResult = false;
template <class T>
inline constexpr bool isSettledResult<SettledResult<T>> = true;

/// Numbers as JavaScript writes them: `0.1`, `1e+21`, `NaN`, `Infinity`, `-0`.
/// https://tc39.es/ecma262/#sec-numeric-types-number-tostring
template <std::integral N>
void inspectNumber(std::string& out, N number) {
    std::array<char, 24> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), result.ptr);
}

template <std::floating_point N>
void inspectNumber(std::string& out, N number) {
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
    const char* const e = std::find(first, end, 'e');
    int exponent = 0;
    std::from_chars(e + 2, end, exponent);
    if (e[1] == '-') exponent = -exponent;
    const std::string_view digits(first, static_cast<std::size_t>(e - first));
    const int point = exponent + 1; // how many digits stand before it
    if (point > 21 || point < -5) {
        out += digits[0];
        if (digits.size() > 1) out.append(1, '.').append(digits.substr(1));
        out += exponent < 0 ? "e-" : "e+";
        inspectNumber(out, std::abs(exponent));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else if (const auto whole = static_cast<std::size_t>(point); whole >= digits.size()) {
        out.append(digits).append(whole - digits.size(), '0');
    } else {
        out.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
    }
}

inline void inspectText(std::string& out, std::string_view text, bool nested) {
    if (!nested) {
        out += text;
        return;
    }
    const auto has = [text](std::string_view part) { return text.find(part) != text.npos; };
    const char quote = !has("'") ? '\'' : !has("\"") ? '"' : !has("`") && !has("${") ? '`' : '\'';
    out += quote;
    for (const char c : text) {
        switch (c) {
        case '\b': out += "\\b"; break;
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\f': out += "\\f"; break;
        case '\r': out += "\\r"; break;
        case '\\': out += "\\\\"; break;
        default:
            if (c == quote) {
                out.append(1, '\\').append(1, c);
            } else if ((c >= 0 && c < ' ') || c == '\x7f') {
                constexpr std::string_view hexadecimal = "0123456789ABCDEF";
                out.append("\\x").append(1, hexadecimal[static_cast<std::size_t>(c / 16)]);
                out += hexadecimal[static_cast<std::size_t>(c % 16)];
            } else {
                out += c;
            }
        }
    }
    out += quote;
}

/// `open item, item close`, or `open close` if there is none.
class Sequence {
public:
    Sequence(std::string& out, std::string_view open, std::string_view close) : out_(out), close_(close) {
        out_ += open;
    }
    Sequence(const Sequence&) = delete;
    Sequence& operator=(const Sequence&) = delete;

    std::string& next() {
        out_ += any_ ? ", " : " ";
        any_ = true;
        return out_;
    }
    void end() {
        if (any_) out_ += ' ';
        out_ += close_;
    }

private:
    std::string& out_;
    std::string_view close_;
    bool any_ = false;
};

/// A stream buffer that writes to the end of a string.
class StringBuffer final : public std::streambuf {
public:
    explicit StringBuffer(std::string& out) noexcept : out_(out) {}

private:
    int_type overflow(int_type c) override {
        if (!traits_type::eq_int_type(c, traits_type::eof())) out_ += traits_type::to_char_type(c);
        return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        out_.append(text, static_cast<std::size_t>(size));
        return size;
    }

    std::string& out_;
};

template <Streamable T>
void inspectStreamed(std::string& out, const T& value) {
    StringBuffer buffer(out);
    std::ostream stream(&buffer);
    stream << value;
}

/// By itself with its stack, the errors it stands for and its cause.
inline void inspectError(std::string& out, const Error& error, bool nested) {
    if (nested) {
        out += error.toString();
        return;
    }
    out += error.stack();
    if (const auto* aggregate = dynamic_cast<const AggregateError*>(&error)) {
        for (const std::exception_ptr& one : aggregate->errors()) out += "\n  [error]: " + base::describe(one);
    }
    if (error.cause()) out += "\n  [cause]: " + base::describeWithStack(error.cause());
}

template <class T>
void inspectPromise(std::string& out, const Promise<T>& promise) {
    switch (promise.state()) {
    case PromiseState::pending: out += "Promise { <pending> }"; return;
    case PromiseState::rejected: out += "Promise { <rejected> " + base::describe(promise.reason()) + " }"; return;
    case PromiseState::fulfilled:
        out += "Promise { ";
        inspect(out, promise.value(), true);
        out += " }";
    }
}

template <class T>
void inspectSettled(std::string& out, const SettledResult<T>& result) {
    if (result.fulfilled()) {
        out += "{ status: 'fulfilled', value: ";
        inspect(out, result.value(), true);
    } else {
        out += "{ status: 'rejected', reason: " + base::describe(result.reason());
    }
    out += " }";
}

template <class T>
void inspectRange(std::string& out, const T& range) {
    if constexpr (MapLike<T> || SetLike<T>) {
        Sequence items(out,
                       (MapLike<T> ? "Map(" : "Set(") +
                           std::to_string(std::distance(std::begin(range), std::end(range))) + ") {",
                       "}");
        for (const auto& item : range) {
            if constexpr (MapLike<T>) {
                inspect(items.next(), item.first, true);
                out += " => ";
                inspect(out, item.second, true);
            } else {
                inspect(items.next(), item, true);
            }
        }
        items.end();
    } else {
        Sequence items(out, "[", "]");
        using Item =
            std::iter_value_t<decltype(std::begin(range))>; // where the range gives proxies, what these stand for
        for (auto&& item : range) inspect(items.next(), static_cast<const Item&>(item), true);
        items.end();
    }
}

template <class T>
void inspect(std::string& out, const T& value, bool nested) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_same_v<T, char>) {
        inspectText(out, std::string_view(&value, 1), nested);
    } else if constexpr (std::is_arithmetic_v<T>) {
        inspectNumber(out, +value); // of char8_t and its like the code
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
        out += "null";
    } else if constexpr (std::is_same_v<T, base::Unit> || std::is_same_v<T, std::nullopt_t>) {
        out += "undefined";
    } else if constexpr (std::is_pointer_v<T>) {
        if (!value) {
            inspect(out, nullptr, nested);
        } else if constexpr (TextLike<T>) {
            inspectText(out, value, nested);
        } else {
            inspectStreamed(out, value);
        }
    } else if constexpr (TextLike<T>) {
        inspectText(out, value, nested);
    } else if constexpr (std::is_same_v<T, std::exception_ptr>) {
        out += nested ? base::describe(value) : base::describeWithStack(value);
    } else if constexpr (std::is_base_of_v<Error, T>) {
        inspectError(out, value, nested);
    } else if constexpr (std::is_base_of_v<std::exception, T>) {
        out += value.what();
    } else if constexpr (isOptional<T>) {
        value ? inspect(out, *value, nested) : inspect(out, std::nullopt, nested);
    } else if constexpr (isVariant<T>) {
        std::visit([&](const auto& held) { inspect(out, held, nested); }, value);
    } else if constexpr (promise::isPromise<T>) {
        inspectPromise(out, value);
    } else if constexpr (isSettledResult<T>) {
        inspectSettled(out, value);
    } else if constexpr (Streamable<T> && !std::is_array_v<T>) {
        inspectStreamed(out, value);
    } else if constexpr (isTuple<T>) {
        Sequence items(out, "[", "]");
        std::apply([&](const auto&... parts) { (inspect(items.next(), parts, true), ...); }, value);
        items.end();
    } else if constexpr (Iterable<T>) {
        inspectRange(out, value);
    } else if constexpr (std::is_enum_v<T>) {
        inspectNumber(out, +static_cast<std::underlying_type_t<T>>(value));
    } else {
        static_assert(Streamable<T>, "console cannot print this type: give it an operator<< for std::ostream");
    }
}

}
