// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/http/json.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#endif

/// JSON by nlohmann/json, 3.9 or later: `response.json<T>()` and `Response::json(value)` of all that it converts, which
/// is `nlohmann::json` itself, numbers, texts, containers, and types with its `from_json` and `to_json`. It is no part of
/// a chapter: include it if you have the library. https://json.nlohmann.me/features/arbitrary_types/
namespace rondo {

#if __has_include(<nlohmann/json.hpp>)

/// What is no JSON throws a `DOMException` whose name is "SyntaxError"; what is not of the type throws a `TypeError`.
template <class T>
    requires requires(const nlohmann::json& json) {
        { json.get<T>() } -> std::convertible_to<T>;
    }
T fromJson(std::string_view text, JsonType<T>) {
    try {
        nlohmann::json json = nlohmann::json::parse(text);
        if constexpr (std::is_same_v<T, nlohmann::json>) {
            return json; // to copy it would take as much stack as it is deep
        } else {
            return json.template get<T>();
        }
    } catch (const nlohmann::json::parse_error& error) {
        throw DOMException(error.what(), "SyntaxError");
    } catch (const nlohmann::json::exception& error) {
        throw TypeError(error.what());
    }
}

/// What cannot be written, as text that is not UTF-8, throws a `TypeError`.
template <class T>
    requires std::constructible_from<nlohmann::json, const T&>
std::string toJson(const T& value, JsonType<T>) {
    try {
        if constexpr (std::is_same_v<T, nlohmann::json>) {
            return value.dump();
        } else {
            return nlohmann::json(value).dump();
        }
    } catch (const nlohmann::json::exception& error) {
        throw TypeError(error.what());
    }
}

#else

template <class T>
T fromJson(std::string_view, JsonType<T>) {
    static_assert(sizeof(T) == 0,
                  "<rondo/http/nlohmann.hpp> needs nlohmann/json, and <nlohmann/json.hpp> was not found");
    throw 0; // or there is a warning, too
}
template <class T>
std::string toJson(const T&, JsonType<T>) {
    static_assert(sizeof(T) == 0,
                  "<rondo/http/nlohmann.hpp> needs nlohmann/json, and <nlohmann/json.hpp> was not found");
    throw 0; // or there is a warning, too
}

#endif

}
