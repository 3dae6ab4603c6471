// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/order.hpp>
#include <rondo/base/utf8.hpp>
#include <rondo/http/name_value.hpp>
#include <rondo/http/percent_encoding.hpp>
#include <rondo/http/shown.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

class URL;

/// The names and values of a query, as forms send them: `name=value&name=value`.
/// https://developer.mozilla.org/docs/Web/API/URLSearchParams
///
/// A name may occur several times. Those of a URL, which `url.searchParams()` is, change with it and change it; a copy
/// of them is on its own. Text is UTF-8, and U+FFFD stands for what is not. They may be changed while they are iterated
/// over: an iterator is a place in the list, and makes a copy of the pair that stands there. For want
/// of memory nothing is changed.
///
/// Unlike the Web: copying makes other parameters, and assigning keeps the URL that these belong to. `==` compares what
/// is in them. `get` returns nothing instead of null.
class URLSearchParams {
public:
    class Iterator;
    using value_type = http::NameValue;

    URLSearchParams() noexcept = default;
    /// Of a query, with its "?" or without.
    explicit URLSearchParams(std::string_view query) {
        if (query.starts_with('?')) query.remove_prefix(1);
        list_ = parsed(query);
    }
    URLSearchParams(http::NameValueList pairs) {
        for (const auto& [name, value] : pairs) add(list_, name, value);
    }
    template <http::NameValueRange R>
    explicit URLSearchParams(const R& pairs) {
        for (const auto& [name, value] : pairs) add(list_, name, value);
    }
    URLSearchParams(const URLSearchParams& other) : list_(other.list_) {}
    // NOLINTNEXTLINE(performance-noexcept-move-constructor): those of a URL are copied
    URLSearchParams(URLSearchParams&& other) {
        if (other.query_) list_ = other.list_;
        if (!other.query_) list_ = std::move(other.list_);
    }
    URLSearchParams& operator=(URLSearchParams other) {
        change([&](List& list) { list = std::move(other.list_); });
        return *this;
    }
    ~URLSearchParams() = default;

    std::size_t size() const noexcept { return list_.size(); }

    void append(std::string_view name, std::string_view value) {
        change([&](List& list) { add(list, name, value); });
    }

    /// All of this name, or of this name and value.
    void delete_(std::string_view name, std::optional<std::string_view> value = std::nullopt) {
        // made first, for they may be views of what is deleted
        const std::string ofName = base::wellFormed(name);
        const std::string ofValue = value ? base::wellFormed(*value) : std::string();
        change([&](List& list) {
            std::erase_if(list,
                          [&](const auto& pair) { return pair.first == ofName && (!value || pair.second == ofValue); });
        });
    }

    /// The first value of a name.
    std::optional<std::string> get(std::string_view name) const {
        const std::string ofName = base::wellFormed(name);
        for (const auto& pair : list_) {
            if (pair.first == ofName) return pair.second;
        }
        return std::nullopt;
    }

    std::vector<std::string> getAll(std::string_view name) const {
        const std::string ofName = base::wellFormed(name);
        std::vector<std::string> values;
        for (const auto& pair : list_) {
            if (pair.first == ofName) values.push_back(pair.second);
        }
        return values;
    }

    bool has(std::string_view name, std::optional<std::string_view> value = std::nullopt) const {
        const std::string ofName = base::wellFormed(name);
        const std::string ofValue = value ? base::wellFormed(*value) : std::string();
        for (const auto& pair : list_) {
            if (pair.first == ofName && (!value || pair.second == ofValue)) return true;
        }
        return false;
    }

    /// The first of this name gets the value, and the others go.
    void set(std::string_view name, std::string_view value) {
        std::string ofName = base::wellFormed(name);
        std::string newValue = base::wellFormed(value);
        change([&](List& list) {
            bool found = false;
            std::erase_if(list, [&](auto& pair) {
                if (pair.first != ofName) return false;
                if (!found) pair.second = std::move(newValue);
                return std::exchange(found, true);
            });
            if (!found) list.emplace_back(std::move(ofName), std::move(newValue));
        });
    }

    /// By the UTF-16 code units of the names; what has the same name stays in order.
    void sort() {
        change([](List& list) {
            std::vector<Place> places;
            places.reserve(list.size());
            for (auto& pair : list) places.push_back({&pair});
            base::sort(places.data(), places.size());
            List sorted;
            sorted.reserve(list.size());
            for (const Place& place : places) sorted.push_back(std::move(*place.pair));
            list = std::move(sorted);
        });
    }

    /// Calls `f(value, name)` or `f(value)` of each.
    template <class F>
    void forEach(F f) const {
        // NOLINTNEXTLINE(modernize-loop-convert): the list may change meanwhile
        for (std::size_t i = 0; i < list_.size(); ++i) {
            const http::NameValue pair = list_[i];
            if constexpr (requires { f(pair.second, pair.first); }) {
                f(pair.second, pair.first);
            } else {
                f(pair.second);
            }
        }
    }

    std::vector<std::string> keys() const {
        std::vector<std::string> names;
        for (const auto& pair : list_) names.push_back(pair.first);
        return names;
    }
    std::vector<std::string> values() const {
        std::vector<std::string> values;
        for (const auto& pair : list_) values.push_back(pair.second);
        return values;
    }

    /// The query, without a "?".
    std::string toString() const { return serialized(list_); }

    Iterator begin() const noexcept;
    std::default_sentinel_t end() const noexcept { return {}; }

    friend bool operator==(const URLSearchParams& a, const URLSearchParams& b) noexcept { return a.list_ == b.list_; }

    /// `URLSearchParams { 'a' => 'b' }`
    template <class Stream>
    friend auto operator<<(Stream& out, const URLSearchParams& params) -> decltype(out << std::string_view()) {
        http::Parts<Stream> parts(out, "URLSearchParams");
        for (const auto& [name, value] : params.list_)
            parts.next() << http::quoted(name) << " => " << http::quoted(value);
        return parts.end();
    }

private:
    friend class URL;
    using List = std::vector<http::NameValue>;

    struct Place {
        http::NameValue* pair;
        bool operator<(const Place& other) const noexcept {
            const int order = compareCodeUnits(pair->first, other.pair->first);
            return order != 0 ? order < 0 : pair < other.pair;
        }
    };

    /// UTF-8 has the order of code points. In UTF-16 those behind U+FFFF go before U+E000.
    static int compareCodeUnits(const std::string& a, const std::string& b) noexcept {
        std::size_t i = 0;
        while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
        if (i == a.size() || i == b.size()) return i < b.size() ? -1 : i < a.size() ? 1 : 0;
        const auto rank = [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte == 0xee || byte == 0xef ? byte + 0x100 : int{byte};
        };
        return rank(a[i]) - rank(b[i]);
    }

    static void appendForm(std::string& output, std::string_view text) {
        for (const char c : text) c == ' ' ? output.push_back('+') : http::appendEncoded(output, c, http::formSet);
    }
    static std::string formDecoded(std::string_view text) {
        std::string spaced(text);
        for (char& c : spaced) {
            if (c == '+') c = ' ';
        }
        return base::wellFormed(http::percentDecoded(spaced));
    }

    static std::string serialized(const List& list) {
        std::string output;
        for (const auto& [name, value] : list) {
            if (!output.empty()) output += '&';
            appendForm(output, name);
            output += '=';
            appendForm(output, value);
        }
        return output;
    }

    static void add(List& list, std::string_view name, std::string_view value) {
        list.emplace_back(base::wellFormed(name), base::wellFormed(value));
    }

    static List parsed(std::string_view query) {
        List list;
        while (!query.empty()) {
            const std::string_view pair = query.substr(0, query.find('&'));
            query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : pair.size());
            if (pair.empty()) continue;
            const std::string_view name = pair.substr(0, pair.find('='));
            const std::string_view value =
                name.size() < pair.size() ? pair.substr(name.size() + 1) : std::string_view();
            list.emplace_back(formDecoded(name), formDecoded(value));
        }
        return list;
    }

    /// Changes the list, and the query of the URL; or, for want of memory, neither.
    template <class F>
    void change(F f) {
        if (!query_) return f(list_);
        List list = list_;
        f(list);
        std::string query = serialized(list);
        list_.swap(list);
        if (query.empty()) {
            query_->reset();
        } else {
            *query_ = std::move(query);
        }
    }

    List list_;
    std::optional<std::string>* query_ = nullptr; // that of the URL that these belong to
};

/// A place in the list, whatever becomes of the list.
class URLSearchParams::Iterator {
public:
    using value_type = http::NameValue;
    using difference_type = std::ptrdiff_t;
    using reference = http::NameValue;

    Iterator() noexcept = default;
    reference operator*() const { return params_->list_[index_]; }
    Iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    Iterator operator++(int) noexcept { return std::exchange(*this, Iterator(params_, index_ + 1)); }
    friend bool operator==(const Iterator&, const Iterator&) = default;
    friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept {
        return i.index_ >= i.params_->size();
    }

private:
    friend class URLSearchParams;
    explicit Iterator(const URLSearchParams* params, std::size_t index = 0) noexcept : params_(params), index_(index) {}

    const URLSearchParams* params_ = nullptr;
    std::size_t index_ = 0;
};

inline URLSearchParams::Iterator URLSearchParams::begin() const noexcept { return Iterator(this); }

}
