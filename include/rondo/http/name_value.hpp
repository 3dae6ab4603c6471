// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace rondo::http {

/// A header's name and value, or a parameter's.
using NameValue = std::pair<std::string, std::string>;
/// `{{"name", "value"}, ...}`
using NameValueList = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Pairs of texts: a `std::map<std::string, std::string>`, a vector of pairs.
template <class R>
concept NameValueRange = !std::convertible_to<const R&, std::string_view> && requires(const R& range) {
    { (*std::begin(range)).first } -> std::convertible_to<std::string_view>;
    { (*std::begin(range)).second } -> std::convertible_to<std::string_view>;
    std::end(range);
};

}
