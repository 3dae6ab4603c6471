// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/http/headers.hpp>
#include <rondo/http/name_value.hpp>

#include <type_traits>

namespace rondo {

/// The headers in an option bag: `Headers`, or pairs in braces.
/// https://developer.mozilla.org/docs/Web/API/Request/Request#headers
///
/// It only refers to them, and is given to a function that copies them before it returns. Do not keep it: pairs in braces
/// are gone at the end of the expression. GCC 12 to 14 cannot compile braces inside of a `co_await` expression.
class HeadersInit {
public:
    constexpr HeadersInit() noexcept = default;
    // NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions): {.headers = headers}
    HeadersInit(const Headers& headers) noexcept : headers_(&headers) {}
    HeadersInit(http::NameValueList pairs) noexcept : pairs_(pairs), given_(true) {}
    // NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)

    // What follows is for the house.
    explicit operator bool() const noexcept { return headers_ || given_; }
    /// https://fetch.spec.whatwg.org/#concept-headers-fill
    void fill(Headers& headers) const {
        for (const auto& [name, value] : pairs_) headers.append(name, value);
        if (!headers_) return;
        for (const auto& [name, value] : headers_->list()) headers.append(name, value);
    }

private:
    const Headers* headers_ = nullptr;
    http::NameValueList pairs_;
    bool given_ = false;
};

static_assert(std::is_trivially_destructible_v<HeadersInit>);

}
