// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/text.hpp>
#include <rondo/http/header_list.hpp>
#include <rondo/http/name_value.hpp>
#include <rondo/http/shown.hpp>
#include <rondo/http/syntax.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

/// The headers of a request or a response.
/// https://developer.mozilla.org/docs/Web/API/Headers
///
/// A name is the same in upper and lower case. White space around a value is taken away; a name that is no token, and a
/// value with a line break or a zero in it, throws a `TypeError`, so nothing can be smuggled in. They may be changed
/// while they are iterated over, by name and in lower case: the iteration goes on at its place.
///
/// Unlike the Web: they are a value. A copy is other headers, which may be changed; those of a response that came over
/// the network, of `Response::error()` and of `Response::redirect()` may not: that throws a `TypeError`. No name is
/// forbidden, as it is to a page in a browser. Values are bytes, and no text of 16-bit units. `get` returns nothing
/// instead of null.
class Headers {
public:
    class Iterator;
    using value_type = http::NameValue;

    Headers() noexcept = default;
    Headers(http::NameValueList pairs) {
        for (const auto& [name, value] : pairs) append(name, value);
    }
    template <http::NameValueRange R>
    explicit Headers(const R& pairs) {
        for (const auto& [name, value] : pairs) append(name, value);
    }
    Headers(const Headers& other) : list_(other.list_) {}
    // NOLINTNEXTLINE(performance-noexcept-move-constructor): what may not be changed is copied
    Headers(Headers&& other) {
        if (other.immutable_) list_ = other.list_;
        if (!other.immutable_) list_ = std::move(other.list_);
    }
    Headers& operator=(Headers other) {
        change() = std::move(other.list_);
        return *this;
    }
    ~Headers() = default;

    /// Adds a value to those that the name has.
    void append(std::string_view name, std::string_view value) {
        value = checked(name, value);
        change().append(name, value);
    }

    void delete_(std::string_view name) {
        checkName(name);
        change().remove(name);
    }

    /// All values of a name, with ", " between them.
    std::optional<std::string> get(std::string_view name) const {
        checkName(name);
        return list_.get(name);
    }

    /// The values of Set-Cookie, which must not be combined.
    std::vector<std::string> getSetCookie() const {
        std::vector<std::string> values;
        for (const auto& [name, value] : list_) {
            if (base::equalsLower(name, "set-cookie")) values.push_back(value);
        }
        return values;
    }

    bool has(std::string_view name) const {
        checkName(name);
        return list_.contains(name);
    }

    /// The name gets this value alone.
    void set(std::string_view name, std::string_view value) {
        value = checked(name, value);
        change().set(name, value);
    }

    /// Calls `f(value, name)` or `f(value)` of each.
    template <class F>
    void forEach(F f) const;

    std::vector<std::string> keys() const {
        std::vector<std::string> names;
        for (auto& header : list_.sortedAndCombined()) names.push_back(std::move(header.first));
        return names;
    }
    std::vector<std::string> values() const {
        std::vector<std::string> values;
        for (auto& header : list_.sortedAndCombined()) values.push_back(std::move(header.second));
        return values;
    }

    Iterator begin() const;
    std::default_sentinel_t end() const noexcept { return {}; }

    friend bool operator==(const Headers& a, const Headers& b) {
        return a.list_.sortedAndCombined() == b.list_.sortedAndCombined();
    }

    /// `Headers { accept: 'text/plain', 'X-A': 'b' }`, as they were spelled.
    template <class Stream>
    friend auto operator<<(Stream& out, const Headers& headers) -> decltype(out << std::string_view()) {
        http::Parts<Stream> parts(out, "Headers");
        for (const auto& [name, value] : headers.list_) parts[http::asKey(name)] << http::quoted(value);
        return parts.end();
    }

    // What follows is for the house.

    explicit Headers(http::HeaderList list, bool immutable = false) noexcept
        : list_(std::move(list)), immutable_(immutable) {}
    const http::HeaderList& list() const noexcept { return list_; }
    bool isImmutable() const noexcept { return immutable_; }

private:
    [[noreturn, gnu::cold]] static void refuse(const char* before, std::string_view text, const char* behind) {
        base::Text sentence;
        ((sentence += base::viewOf(before)) += text) += base::viewOf(behind);
        throw TypeError(sentence.view());
    }
    static void checkName(std::string_view name) {
        if (!http::isToken(name)) refuse("\"", name, "\" is no name of a header");
    }
    /// The value without white space at its ends.
    static std::string_view checked(std::string_view name, std::string_view value) {
        checkName(name);
        value = base::trimmed(value, http::isWhitespace);
        if (!http::isHeaderValue(value)) refuse("the value of the header ", name, " has a line break or a zero in it");
        return value;
    }
    http::HeaderList& change() {
        if (immutable_) throw TypeError("these headers may not be changed; change a copy of them");
        ++version_;
        return list_;
    }

    http::HeaderList list_;
    std::size_t version_ = 0; // what iterators go by
    bool immutable_ = false;
};

/// A place in the headers as they are sorted, whatever becomes of them.
class Headers::Iterator {
public:
    using value_type = http::NameValue;
    using difference_type = std::ptrdiff_t;
    using reference = http::NameValue;

    Iterator() noexcept = default;
    reference operator*() const { return sorted_[index_]; }
    Iterator& operator++() {
        ++index_;
        if (version_ != headers_->version_) read();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& i, std::default_sentinel_t) noexcept { return i.index_ >= i.sorted_.size(); }

private:
    friend class Headers;
    explicit Iterator(const Headers* headers) : headers_(headers) { read(); }

    void read() {
        version_ = headers_->version_;
        sorted_ = headers_->list_.sortedAndCombined();
    }

    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
    std::size_t version_ = 0;
    std::vector<http::NameValue> sorted_;
};

inline Headers::Iterator Headers::begin() const { return Iterator(this); }

template <class F>
void Headers::forEach(F f) const {
    for (const auto& [name, value] : *this) {
        if constexpr (requires { f(value, name); }) {
            f(value, name);
        } else {
            f(value);
        }
    }
}

}
