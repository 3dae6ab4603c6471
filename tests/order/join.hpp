// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/rondo.hpp>

#include <exception>
#include <string>
#include <tuple>
#include <vector>

inline std::string textOf(int number) { return std::to_string(number); }
inline std::string textOf(const std::string& text) { return text; }
inline std::string textOf(const std::exception_ptr& reason) { return rondo::base::describe(reason); }

/// `array.join()`
template <class T>
std::string join(const std::vector<T>& array) {
    std::string text;
    for (const T& each : array) (text += &each == &array.front() ? "" : ",") += textOf(each);
    return text;
}
template <class... Ts>
std::string join(const std::tuple<Ts...>& array) {
    return std::apply([](const Ts&... each) { return join(std::vector<std::string>{textOf(each)...}); }, array);
}
