// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/unit.hpp>
#include <rondo/promise/promise.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <exception>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <streambuf>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rondo::web {

/// Text for a person, in the way in which Node's `console.log` shows a value.
///
/// `appendTo` shows a value by itself, where a string is its characters; within another one it is quoted.
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
concept MapLike = Iterable<T> && requires { typename T::key_type; typename T::mapped_type; };

template <class T>
concept SetLike = Iterable<T> && requires { typename T::key_type; typename T::value_type; } && !MapLike<T>;

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
inline constexpr bool isSettledResult = false;
template <class T>
inline constexpr bool isSettledResult<SettledResult<T>> = true;

/// Numbers as JavaScript writes them: `0.1`, `1e+21`, `NaN`, `Infinity`, `-0`.
template <class N>
void inspectNumber(std::string& out, N number) {
    if constexpr (std::is_floating_point_v<N>) {
        if (std::isnan(number)) {
            out += "NaN";
            return;
        }
        if (std::isinf(number)) {
            out += number < 0 ? "-Infinity" : "Infinity";
            return;
        }
    }
    std::array<char, 64> digits;
    std::to_chars_result result{};
    if constexpr (std::is_floating_point_v<N>) {
        const N size = std::fabs(number);
        const bool plain = size == 0 || (size >= static_cast<N>(1e-6) && size < static_cast<N>(1e21));
        result = plain ? std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed)
                       : std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::scientific);
    } else {
        result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    }
    std::string_view text(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
    const auto exponent = text.find("e");
    if (std::is_floating_point_v<N> && exponent != text.npos && text.size() == exponent + 4 && text[exponent + 2] == '0') {
        out += text.substr(0, exponent + 2); // 1e-07 is written 1e-7
        text = text.substr(exponent + 3);
    }
    out += text;
}

inline void inspectText(std::string& out, std::string_view text, bool nested) {
    if (!nested) {
        out += text;
        return;
    }
    const char quote = text.find('\'') == text.npos ? '\'' : text.find('"') == text.npos ? '"' : '`';
    out += quote;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            if (c == '\\') out += '\\';
            out += c;
        }
    }
    out += quote;
}

/// `open item, item close`, or `open close` if there is none.
class Sequence {
public:
    Sequence(std::string& out, std::string_view open, std::string_view close) : out_(out), close_(close) { out_ += open; }
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
        Sequence items(out, (MapLike<T> ? "Map(" : "Set(") + std::to_string(std::distance(std::begin(range), std::end(range))) + ") {", "}");
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
        for (auto&& item : range) inspect(items.next(), static_cast<const std::decay_t<decltype(item)>&>(item), true);
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
        if constexpr (std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t> || std::is_same_v<T, wchar_t>) {
            inspectNumber(out, static_cast<std::uint32_t>(value));
        } else {
            inspectNumber(out, value);
        }
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
        out += "null";
    } else if constexpr (std::is_same_v<T, base::Unit> || std::is_same_v<T, std::nullopt_t>) {
        out += "undefined";
    } else if constexpr (std::is_pointer_v<T> && TextLike<T>) {
        value ? inspectText(out, value, nested) : inspect(out, nullptr, nested);
    } else if constexpr (TextLike<T>) {
        inspectText(out, value, nested);
    } else if constexpr (std::is_same_v<T, std::exception_ptr>) {
        out += nested ? base::describe(value) : base::describeWithStack(value);
    } else if constexpr (std::is_base_of_v<Error, T>) {
        out += nested ? value.toString() : value.stack();
    } else if constexpr (std::is_base_of_v<std::exception, T>) {
        out += value.what();
    } else if constexpr (isOptional<T>) {
        value ? inspect(out, *value, nested) : inspect(out, std::nullopt, nested);
    } else if constexpr (promise::isPromise<T>) {
        inspectPromise(out, value);
    } else if constexpr (isSettledResult<T>) {
        inspectSettled(out, value);
    } else if constexpr (Streamable<T>) {
        StringBuffer buffer(out);
        std::ostream stream(&buffer);
        stream << value;
    } else if constexpr (isTuple<T>) {
        Sequence items(out, "[", "]");
        std::apply([&](const auto&... parts) { (inspect(items.next(), parts, true), ...); }, value);
        items.end();
    } else if constexpr (Iterable<T>) {
        inspectRange(out, value);
    } else if constexpr (std::is_enum_v<T>) {
        inspectNumber(out, static_cast<std::underlying_type_t<T>>(value));
    } else {
        static_assert(Streamable<T>, "console cannot print this type: give it an operator<< for std::ostream");
    }
}

}
