// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/base/unit.hpp>
#include <rondo/iteration/iterator_result.hpp>
#include <rondo/promise/promise.hpp>
#include <rondo/web/number_text.hpp>
#include <rondo/web/printer.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <ratio>
#include <streambuf>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo::web {

/// Tells the printer what a value consists of. A value by itself: of a string its characters, of an error its stack.
/// Nested in another one: quoted, and in short.
///
/// Unlike Node: what is long is not broken into lines, a `std::map` is a Map, and an error's cause stands behind it
/// without braces.
template <class T>
void inspect(Printer& printer, const T& value);

template <class T>
concept TextLike = std::is_convertible_v<const T&, std::string_view> && !std::is_same_v<T, std::nullptr_t>;

/// A string of `char8_t`, literal or not.
template <class T>
concept Utf8Like = ((std::is_array_v<T> || std::is_pointer_v<T>) &&
                    std::is_same_v<std::remove_cv_t<std::remove_pointer_t<std::decay_t<T>>>, char8_t>) ||
                   requires(const T& text) {
                       typename T::traits_type;
                       { text.data() } -> std::same_as<const char8_t*>;
                   };

/// `std::filesystem::path`, without its header.
template <class T>
concept PathLike = requires(const T& path) {
    { path.native() } -> std::convertible_to<std::string_view>;
    path.lexically_normal();
};

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

template <class T>
concept SmartPointer = requires(const T& pointer) {
    typename T::element_type;
    { pointer.get() } -> std::convertible_to<const volatile void*>;
};

/// What a `std::vector<bool>` or a `std::bitset` has for an element.
template <class T>
concept BitReference = std::is_class_v<T> && std::is_convertible_v<const T&, bool> && requires(T& bit) { bit.flip(); };

/// A function or a lambda. One that captures nothing has an `operator<<`, by way of a pointer and a bool, which says
/// nothing of it.
template <class T>
concept Function =
    std::is_function_v<T> || (requires { &T::operator(); } && (!Streamable<T> || requires(const T& f) { +f; }));

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

/// A stream buffer that writes to the end of a text. A stream says nothing of what its buffer throws: so this remembers
/// that there was no memory.
class TextBuffer final : public std::streambuf {
public:
    explicit TextBuffer(base::Text& out) noexcept : out_(out) {}

    void throwIfTorn() const {
        if (torn_) throw std::bad_alloc();
    }

private:
    int_type overflow(int_type c) override {
        if (!traits_type::eq_int_type(c, traits_type::eof())) write(traits_type::to_char_type(c));
        return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        write(base::viewOf(text, static_cast<std::size_t>(size)));
        return size;
    }
    template <class Piece>
    void write(Piece piece) noexcept {
        try {
            out_ += piece;
        } catch (const std::bad_alloc&) {
            torn_ = true;
        }
    }

    base::Text& out_;
    bool torn_ = false;
};

template <class T>
void inspectText(Printer& printer, const T& value) {
    if constexpr (TextLike<T>) {
        printer.string(value);
    } else {
        if constexpr (std::is_class_v<T>) {
            printer.string(base::viewOf(reinterpret_cast<const char*>(value.data()), value.size()));
        } else {
            printer.string(reinterpret_cast<const char*>(+value));
        }
    }
}

template <Streamable T>
void inspectStreamed(Printer& printer, const T& value, Style style = Style::plain) {
    base::Text text;
    TextBuffer buffer(text);
    std::ostream stream(&buffer);
    stream << value;
    buffer.throwIfTorn();
    style == Style::plain ? printer.plain(text.view()) : printer.word(style, text.view());
}

template <class N>
[[gnu::cold]] void inspectNumber(Printer& printer, N number, std::string_view unit = {}) {
    base::Text text;
    appendNumber(text, number);
    printer.number((text += unit).view());
}

/// By itself with its stack, the errors it stands for and its cause.
[[gnu::cold]] inline void inspectError(Printer& printer, const Error& error) {
    base::Text text;
    if (printer.nested()) {
        error.describe(text);
    } else {
        text += error.stack();
        base::appendParts(text, error);
        if (error.cause()) base::describeWithStack(text += "\n  [cause]: ", error.cause());
    }
    printer.plain(text.view());
}

[[gnu::cold]] inline void inspectReason(Printer& printer, const std::exception_ptr& reason) {
    if (!reason) return printer.undefined();
    base::Text text;
    printer.nested() ? base::describe(text, reason) : base::describeWithStack(text, reason);
    printer.plain(text.view());
}

template <class Rep, class Period>
void inspectDuration(Printer& printer, const std::chrono::duration<Rep, Period>& duration) {
    base::Text unit;
    const auto is = [](auto ratio) { return std::is_same_v<typename Period::type, decltype(ratio)>; };
    if (is(std::nano()))
        unit += "ns";
    else if (is(std::micro()))
        unit += "us";
    else if (is(std::milli()))
        unit += "ms";
    else if (is(std::ratio<1>()))
        unit += "s";
    else if (is(std::ratio<60>()))
        unit += "min";
    else if (is(std::ratio<3600>()))
        unit += "h";
    else if (is(std::ratio<86400>()))
        unit += "d";
    else {
        (unit += "[").appendNumber(Period::num);
        if (Period::den != 1) (unit += "/").appendNumber(Period::den);
        unit += "]s";
    }
    inspectNumber(printer, +duration.count(), unit.view());
}

template <class T>
void inspectPromise(Printer& printer, const Promise<T>& promise) {
    Items parts(printer, Items::Of::promise, 1);
    if (printer.options().json) return parts.end(); // {}, as in JavaScript
    if (!parts.next()) return;
    switch (promise.state()) {
    case PromiseState::pending: printer.word(Style::special, "<pending>"); break;
    case PromiseState::rejected:
        printer.word(Style::special, "<rejected>");
        printer.plain(" ");
        inspectReason(printer, promise.reason());
        break;
    case PromiseState::fulfilled: inspect(printer, promise.value());
    }
    parts.end();
}

template <class T>
void inspectSettled(Printer& printer, const SettledResult<T>& result) {
    Items parts(printer, Items::Of::object, 2);
    if (parts.next()) {
        parts.key("status");
        printer.string(result.status());
        parts.next();
        parts.key(result.fulfilled() ? "value" : "reason");
        result.fulfilled() ? inspect(printer, result.value()) : inspectReason(printer, result.reason());
    }
    parts.end();
}

/// `{ value: 1, done: false }`
template <class T, class R>
void inspectStep(Printer& printer, const IteratorResult<T, R>& step) {
    Items parts(printer, Items::Of::object, 2);
    if (parts.next()) {
        parts.key("value");
        if (step) {
            inspect(printer, *step);
        } else if constexpr (std::is_void_v<R>) {
            printer.undefined();
        } else {
            step.returned() ? inspect(printer, *step.returned()) : printer.undefined();
        }
        parts.next();
        parts.key("done");
        inspect(printer, step.done());
    }
    parts.end();
}

template <class T>
void inspectRange(Printer& printer, const T& range) {
    constexpr auto what = MapLike<T> ? Items::Of::map : SetLike<T> ? Items::Of::set : Items::Of::array;
    Items items(printer, what, static_cast<std::size_t>(std::distance(std::begin(range), std::end(range))));
    for (auto&& item : range) {
        if (!items.next()) break;
        if constexpr (MapLike<T>) {
            items.beginKey();
            inspect(printer, item.first);
            items.endKey();
            inspect(printer, item.second);
        } else { // where the range gives proxies, what these stand for
            inspect(printer, static_cast<const std::iter_value_t<decltype(std::begin(range))>&>(item));
        }
    }
    items.end();
}

template <class T>
void inspect(Printer& printer, const T& value) {
    if constexpr (std::is_same_v<T, bool> || BitReference<T>) {
        printer.word(Style::boolean, value ? "true" : "false");
    } else if constexpr (std::is_same_v<T, char>) {
        printer.string(base::viewOf(&value, 1));
    } else if constexpr (std::is_arithmetic_v<T>) {
        inspectNumber(printer, +value); // of char8_t and its like the code
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
        printer.word(Style::null, "null");
    } else if constexpr (std::is_same_v<T, base::Unit> || std::is_same_v<T, std::nullopt_t>) {
        printer.undefined();
    } else if constexpr (Function<T>) {
        printer.word(Style::special, "[Function]");
    } else if constexpr (std::is_pointer_v<T>) {
        if (!value) {
            inspect(printer, nullptr);
        } else if constexpr (std::is_function_v<std::remove_pointer_t<T>>) {
            inspect(printer, *value);
        } else if constexpr (TextLike<T> || Utf8Like<T>) {
            inspectText(printer, value);
        } else {
            inspectStreamed(printer, const_cast<const void*>(static_cast<const volatile void*>(value)), Style::special);
        }
    } else if constexpr (TextLike<T> || Utf8Like<T>) {
        inspectText(printer, value);
    } else if constexpr (PathLike<T>) {
        printer.string(value.native());
    } else if constexpr (std::is_same_v<T, std::exception_ptr>) {
        inspectReason(printer, value);
    } else if constexpr (std::is_base_of_v<Error, T>) {
        inspectError(printer, value);
    } else if constexpr (std::is_base_of_v<std::exception, T>) {
        const auto* error = dynamic_cast<const Error*>(&value); // caught as a std::exception
        error ? inspectError(printer, *error) : printer.plain(base::viewOf(value.what()));
    } else if constexpr (isOptional<T>) {
        value ? inspect(printer, *value) : printer.undefined();
    } else if constexpr (isVariant<T>) {
        std::visit([&](const auto& held) { inspect(printer, held); }, value);
    } else if constexpr (promise::isPromise<T>) {
        inspectPromise(printer, value);
    } else if constexpr (isSettledResult<T>) {
        inspectSettled(printer, value);
    } else if constexpr (iteration::isIteratorResult<T>) {
        inspectStep(printer, value);
    } else if constexpr (base::isDuration<T>) {
        inspectDuration(printer, value);
    } else if constexpr (SmartPointer<T>) {
        const void* pointer = value.get();
        inspect(printer, pointer);
    } else if constexpr (Streamable<T> && !std::is_array_v<T>) {
        inspectStreamed(printer, value);
    } else if constexpr (isTuple<T>) {
        Items items(printer, Items::Of::array, std::tuple_size_v<T>);
        const auto part = [&](const auto& each) {
            if (items.next()) inspect(printer, each);
        };
        std::apply([&](const auto&... parts) { (part(parts), ...); }, value);
        items.end();
    } else if constexpr (Iterable<T>) {
        inspectRange(printer, value);
    } else if constexpr (std::is_enum_v<T>) {
        inspectNumber(printer, +static_cast<std::underlying_type_t<T>>(value));
    } else {
        static_assert(Streamable<T>, "console cannot print this type: give it an operator<< for std::ostream");
    }
}

/// A value of whatever type, for as long as it lives, and who can print it.
class Value {
public:
    template <class T>
    Value(const T& value) noexcept // NOLINT(google-explicit-constructor): a call makes it of each of its arguments
        : print_(&printAs<T>) {
        if constexpr (!std::is_function_v<T>) object_ = static_cast<const void*>(std::addressof(value));
        if constexpr (TextLike<T>) {
            if constexpr (std::is_pointer_v<T>) {
                if (!value) return;
            }
            text_ = value;
            isText_ = true;
        }
    }

    void print(Printer& printer) const { print_(printer, object_); }

    /// Whether it is text, and its characters.
    bool isText() const noexcept { return isText_; }
    std::string_view text() const noexcept { return text_; }

private:
    template <class T>
    static void printAs(Printer& printer, [[maybe_unused]] const void* object) {
        if constexpr (std::is_function_v<T>) {
            printer.word(Style::special, "[Function]");
        } else {
            inspect(printer, *static_cast<const T*>(object));
        }
    }

    const void* object_ = nullptr;
    void (*print_)(Printer&, const void*);
    std::string_view text_;
    bool isText_ = false;
};

}
