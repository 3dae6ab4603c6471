// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/order.hpp>
#include <rondo/http/name_value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo::http {

/// Headers as they are sent: in order, and a name as it was first spelled. https://fetch.spec.whatwg.org/#concept-header-list
///
/// It takes what it is given: that names and values are such is up to those who use it.
class HeaderList {
public:
    bool empty() const noexcept { return headers_.empty(); }
    std::size_t size() const noexcept { return headers_.size(); }
    auto begin() const noexcept { return headers_.begin(); }
    auto end() const noexcept { return headers_.end(); }

    bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }

    /// All values of a name, with ", " between them.
    std::optional<std::string> get(std::string_view name) const {
        std::optional<std::string> result;
        for (const NameValue& header : headers_) {
            if (!isSame(header.first, name)) continue;
            if (result) {
                *result += ", ";
                *result += header.second;
            } else {
                result = header.second;
            }
        }
        return result;
    }

    void append(std::string_view name, std::string_view value) {
        const NameValue* same = find(name);
        headers_.emplace_back(same ? same->first : std::string(name), value);
    }

    void set(std::string_view name, std::string_view value) {
        std::string newValue(value);
        bool found = false;
        std::string ofName(name); // which may be a view of one that goes
        std::erase_if(headers_, [&](NameValue& header) {
            if (!isSame(header.first, ofName)) return false;
            if (!found) header.second = std::move(newValue);
            return std::exchange(found, true);
        });
        if (!found) headers_.emplace_back(std::move(ofName), std::move(newValue));
    }

    void remove(std::string_view name) {
        const std::string ofName(name);
        std::erase_if(headers_, [&](const NameValue& header) { return isSame(header.first, ofName); });
    }

    void clear() noexcept { headers_.clear(); }

    /// By name, which is lower case; each once, with all its values, but every Set-Cookie by itself.
    std::vector<NameValue> sortedAndCombined() const {
        std::vector<NameValue> lower;
        lower.reserve(headers_.size());
        for (const NameValue& header : headers_) lower.emplace_back(base::lowered(header.first), header.second);
        std::vector<Place> places;
        places.reserve(lower.size());
        for (NameValue& header : lower) places.push_back({&header});
        base::sort(places.data(), places.size());

        std::vector<NameValue> result;
        result.reserve(lower.size());
        for (const Place& place : places) {
            if (result.empty() || result.back().first != place.header->first || result.back().first == "set-cookie") {
                result.push_back(std::move(*place.header));
            } else {
                result.back().second += ", ";
                result.back().second += place.header->second;
            }
        }
        return result;
    }

    static bool isSame(std::string_view a, std::string_view b) noexcept {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (base::toLower(a[i]) != base::toLower(b[i])) return false;
        }
        return true;
    }

private:
    struct Place {
        NameValue* header;
        bool operator<(const Place& other) const noexcept {
            const int order = header->first.compare(other.header->first);
            return order != 0 ? order < 0 : header < other.header;
        }
    };

    const NameValue* find(std::string_view name) const noexcept {
        for (const NameValue& header : headers_) {
            if (isSame(header.first, name)) return &header;
        }
        return nullptr;
    }

    std::vector<NameValue> headers_;
};

}
