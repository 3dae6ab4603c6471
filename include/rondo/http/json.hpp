// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace rondo {

/// Says which type is to be read from JSON, or written as JSON, and where the functions that do it are looked for.
///
/// Rondo has no JSON of its own. `<rondo/http/nlohmann.hpp>` brings that of nlohmann/json. For a type of yours, or with
/// another library, write these beside the type, or as friends of it:
///
///     User fromJson(std::string_view text, JsonType<User>);
///     std::string toJson(const User& user, JsonType<User>);
template <class T>
struct JsonType {};

namespace http {

template <class T>
concept ReadableFromJson = requires(std::string_view text) {
    { fromJson(text, JsonType<T>()) } -> std::convertible_to<T>;
};
template <class T>
concept WritableAsJson = requires(const T& value) {
    { toJson(value, JsonType<T>()) } -> std::convertible_to<std::string>;
};

template <class T>
T readJson(std::string_view text) {
    static_assert(ReadableFromJson<T>, "nothing reads this type from JSON: include <rondo/http/nlohmann.hpp>, or write "
                                       "fromJson(std::string_view, JsonType<T>) beside it");
    if constexpr (ReadableFromJson<T>) {
        return fromJson(text, JsonType<T>());
    } else {
        throw text; // or there would be a second error
    }
}
template <class T>
std::string writeJson(const T& value) {
    static_assert(WritableAsJson<T>, "nothing writes this type as JSON: include <rondo/http/nlohmann.hpp>, or write "
                                     "toJson(const T&, JsonType<T>) beside it");
    if constexpr (WritableAsJson<T>) {
        return toJson(value, JsonType<T>());
    } else {
        throw &value;
    }
}

}

}
