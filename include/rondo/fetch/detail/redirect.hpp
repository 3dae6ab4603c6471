// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/error.hpp>
#include <rondo/fetch/detail/drain.hpp>
#include <rondo/http/body_state.hpp>
#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/http/url.hpp>

#include <charconv>
#include <cstddef>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rondo::network {

/// How often a request may be redirected.
inline constexpr int mostRedirects = 20;

/// Whether the end of a body that nobody wants is likely to come soon; in HTTP/1.1 there are bodies that end with their
/// connection, perhaps never.
inline bool isWorthDraining(const http::HeaderList& headers) {
    if (const std::optional<std::string> length = headers.get("content-length")) {
        std::size_t bytes = 0;
        const char* const end = length->data() + length->size();
        const auto read = std::from_chars(length->data(), end, bytes);
        return read.ec == std::errc() && read.ptr == end && bytes <= Drain::most;
    }
    return headers.contains("transfer-encoding");
}

/// What the response says of that; null if it says nothing. Throws a `TypeError` if it says several things.
inline const std::string* locationIn(const http::HeaderList& headers, const std::source_location& where) {
    const std::string* location = nullptr;
    for (const auto& [name, value] : headers) {
        if (!base::equalsLower(name, "location")) continue;
        if (location && *location != value)
            throw TypeError("the request was redirected to several URLs at once", nullptr, where);
        location = &value;
    }
    return location;
}

/// Where a response sends the request; nothing if it does not, or if that is for the program to see. Throws a `TypeError`
/// if it may not be sent there. https://fetch.spec.whatwg.org/#concept-http-fetch
///
/// Unlike the Web: a redirect that is not followed is a response like others, whose status and `Location` can be read.
inline std::optional<URL> redirectionOf(const http::RequestState& request, unsigned status,
                                        const http::HeaderList& headers, const std::source_location& where) {
    if (!http::isRedirectStatus(status) || request.redirect == RequestRedirect::manual) return std::nullopt;
    if (request.redirect == RequestRedirect::error)
        throw TypeError("the request was redirected, which it must not be", nullptr, where);
    const std::string* const there = locationIn(headers, where);
    if (!there) return std::nullopt;
    std::optional<URL> target = URL::parse(*there, request.url.href());
    if (!target) throw TypeError("the request was redirected to what is no URL", nullptr, where);
    if (target->protocol() != "http:" && target->protocol() != "https:")
        throw TypeError("the request was redirected to a URL that is neither http nor https", nullptr, where);
    if (target->record().includesCredentials())
        throw TypeError("the request was redirected to a URL with a name or a password in it", nullptr, where);
    if (!target->record().fragment) target->hash(request.url.hash());
    return target;
}

/// The request that follows. Throws a `TypeError` if its body would have to be sent again and is gone.
/// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
///
/// Unlike the Web: to another origin, neither cookies nor a `Host` that were set as headers are sent, as neither is
/// `Authorization`.
inline void redirect(http::RequestState& request, unsigned status, URL target, bool bodyIsGone,
                     const std::source_location& where) {
    if (status != 303 && bodyIsGone)
        throw TypeError("the request was redirected, but its body is a stream, which cannot be sent again", nullptr,
                        where);
    const bool becomesGet = ((status == 301 || status == 302) && request.method == "POST") ||
                            (status == 303 && request.method != "GET" && request.method != "HEAD");
    if (becomesGet) {
        request.method = "GET";
        request.body = {};
        for (const char* name : {"content-encoding", "content-language", "content-location", "content-type"}) {
            request.headers.delete_(name);
        }
    }
    if (target.origin() != request.url.origin()) {
        for (const char* name : {"authorization", "proxy-authorization", "cookie", "host"})
            request.headers.delete_(name);
    }
    request.url = std::move(target);
}

}
