// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/http/body.hpp>
#include <rondo/http/body_init.hpp>
#include <rondo/http/headers.hpp>
#include <rondo/http/headers_init.hpp>
#include <rondo/http/location.hpp>
#include <rondo/http/shown.hpp>
#include <rondo/http/syntax.hpp>
#include <rondo/http/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rondo {

/// Whether cookies go with a request and are taken from its response.
/// https://developer.mozilla.org/docs/Web/API/Request/credentials
enum class RequestCredentials : std::uint8_t { omit, sameOrigin, include };

/// What caches on the way are told. https://developer.mozilla.org/docs/Web/API/Request/cache
enum class RequestCache : std::uint8_t { default_, noStore, reload, noCache, forceCache };

/// What becomes of a redirect. https://developer.mozilla.org/docs/Web/API/Request/redirect
enum class RequestRedirect : std::uint8_t { follow, error, manual };

/// The second argument of `Request` and of `fetch`. It is trivially destructible, and refers to what it is given: write it
/// where it is used, or keep what it refers to, as a text that is its body. What is not given stays as it is in the request
/// that the first argument is.
/// https://developer.mozilla.org/docs/Web/API/RequestInit
struct RequestInit {
    std::optional<std::string_view> method = {};
    HeadersInit headers = {};
    BodyInit body = {};
    std::optional<RequestCredentials> credentials = {};
    std::optional<RequestCache> cache = {};
    std::optional<RequestRedirect> redirect = {};
    SignalRef signal = {};
};

static_assert(std::is_trivially_destructible_v<RequestInit>);

namespace http {

/// What a `Request` stands for. https://fetch.spec.whatwg.org/#concept-request
class RequestState final : public Message {
public:
    explicit RequestState(URL itsUrl) : url(std::move(itsUrl)) {}

    URL url;
    std::string method = "GET";
    RequestCredentials credentials = RequestCredentials::sameOrigin;
    RequestCache cache = RequestCache::default_;
    RequestRedirect redirect = RequestRedirect::follow;
    AbortSignal signal = AbortSignal::any();
};

/// https://fetch.spec.whatwg.org/#concept-method-normalize
inline std::string normalizedMethod(std::string_view method) {
    for (const char* known : {"delete", "get", "head", "options", "post", "put"}) {
        if (!base::equalsLower(method, known)) continue;
        std::string upper(method);
        for (char& c : upper) c = base::toUpper(c);
        return upper;
    }
    return std::string(method);
}

inline AbortSignal signalOf(const SignalRef& signal) {
    return AbortSignal(events::SignalStateRef::shared(static_cast<events::SignalState&>(*signal.operator->())));
}

}

/// What is asked of a server. https://developer.mozilla.org/docs/Web/API/Request
///
/// A small shared handle: copies stand for one request, and are equal; `clone()` makes another. It belongs to its loop's
/// thread; without a loop it can be made and looked at, but its body cannot be read. One that is moved from may only be
/// assigned to or destroyed.
///
/// Unlike the Web: `new Request(request)` is `Request(request, {})`, for what is made of a request alone is a copy of the
/// handle. There is no page: a URL is relative to `location`, if the program has set that, all methods and headers but
/// `CONNECT`, `TRACE` and `TRACK` may be sent, and there is no `mode`, `referrer`, `destination`, `priority` or `keepalive`;
/// set the header `Referer`. There is no `integrity`. A body that is a stream needs no `duplex`: it is always "half".
class Request : public http::Body {
public:
    /// The URL may be relative to `location`. Throws a `TypeError` if it is none or has a name or password in it, if the method or a header is none, or if
    /// there is a body with `GET` or `HEAD`, or one that is in use.
    explicit Request(std::string_view url, const RequestInit& init = {}) : Request(http::resolvedUrl(url), init) {}
    explicit Request(const URL& url, const RequestInit& init = {})
        : Body(base::CountedRef<http::Message>(new http::RequestState(url))) {
        if (url.record().includesCredentials())
            throw TypeError("the URL of a request has no name and no password in it; send an Authorization header");
        initialize(init, nullptr);
    }
    /// Takes over what `init` does not say. The body is taken over, too: that of `input` counts as used.
    Request(const Request& input, const RequestInit& init)
        : Body(base::CountedRef<http::Message>(new http::RequestState(input.state().url))) {
        state().method = input.state().method;
        state().credentials = input.state().credentials;
        state().cache = input.state().cache;
        state().redirect = input.state().redirect;
        initialize(init, &input);
    }

    /// In upper case, if it is one that everybody knows.
    std::string method() const { return state().method; }
    std::string url() const { return state().url.href(); }
    /// They may be changed in place; of a temporary it is a copy.
    Headers& headers() const& noexcept { return message().headers; }
    Headers headers() const&& { return message().headers; }
    RequestCredentials credentials() const noexcept { return state().credentials; }
    RequestCache cache() const noexcept { return state().cache; }
    RequestRedirect redirect() const noexcept { return state().redirect; }
    /// One of its own, which follows that of `init`, or of the request that this one was made of.
    AbortSignal signal() const noexcept { return state().signal; }

    /// Another request with the same body, of which what is read later is kept. `TypeError` if somebody has read it, or
    /// reads it. https://developer.mozilla.org/docs/Web/API/Request/clone
    Request clone() const {
        refuseUnusable("a request whose body has been read, or is being read, cannot be cloned");
        base::CountedRef<http::Message> copy(new http::RequestState(state().url));
        Request made(std::move(copy));
        made.state().method = state().method;
        made.state().credentials = state().credentials;
        made.state().cache = state().cache;
        made.state().redirect = state().redirect;
        made.state().signal = AbortSignal::any(state().signal);
        made.headers() = headers();
        made.message().body = message().body.clone();
        return made;
    }

    friend bool operator==(const Request& a, const Request& b) noexcept { return &a.message() == &b.message(); }

    /// `Request { method: 'GET', url: 'https://example.com/', headers: Headers {}, ... }`
    template <class Stream>
    friend auto operator<<(Stream& out, const Request& request) -> decltype(out << std::string_view()) {
        static constexpr std::string_view credentials[] = {"omit", "same-origin", "include"};
        static constexpr std::string_view caches[] = {"default", "no-store", "reload", "no-cache", "force-cache"};
        static constexpr std::string_view redirects[] = {"follow", "error", "manual"};
        http::Parts<Stream> parts(out, "Request");
        parts["method"] << http::quoted(request.method());
        parts["url"] << http::quoted(request.url());
        parts["headers"] << request.headers();
        parts["credentials"] << http::quoted(credentials[static_cast<unsigned char>(request.credentials())]);
        parts["cache"] << http::quoted(caches[static_cast<unsigned char>(request.cache())]);
        parts["redirect"] << http::quoted(redirects[static_cast<unsigned char>(request.redirect())]);
        parts["signal"] << request.signal();
        return parts.end();
    }

    // What follows is for the house.
    explicit Request(base::CountedRef<http::Message> state) noexcept : Body(std::move(state)) {}
    http::RequestState& state() const noexcept { return static_cast<http::RequestState&>(message()); }

private:
    /// The steps of the constructor from the signal on. Nothing of `input` is changed before nothing can be refused.
    void initialize(const RequestInit& init, const Request* input) {
        if (init.credentials) state().credentials = *init.credentials;
        if (init.cache) state().cache = *init.cache;
        if (init.redirect) state().redirect = *init.redirect;
        if (init.method) {
            if (!http::isToken(*init.method)) throw TypeError("the method of the request is not one");
            for (const char* forbidden : {"connect", "trace", "track"}) {
                if (base::equalsLower(*init.method, forbidden))
                    throw TypeError("a request cannot have the method CONNECT, TRACE or TRACK");
            }
            state().method = http::normalizedMethod(*init.method);
        }
        if (init.signal) {
            state().signal = AbortSignal::any(http::signalOf(init.signal));
        } else if (input) {
            state().signal = AbortSignal::any(input->state().signal);
        }
        if (init.headers) {
            init.headers.fill(headers());
        } else if (input) {
            headers() = input->headers();
        }

        const bool isGiven = init.body.kind() != BodyInit::Kind::null;
        const bool isTakenOver = !isGiven && input && !input->message().body.isNull();
        if ((isGiven || (input && !input->message().body.isNull())) && (method() == "GET" || method() == "HEAD"))
            throw TypeError("a request with the method GET or HEAD has no body");
        if (isGiven) {
            const char* type = http::BodyState::typeOf(init.body);
            if (type && !headers().has("Content-Type")) headers().append("Content-Type", type);
            message().body = http::BodyState::extract(init.body);
        } else if (isTakenOver) {
            input->refuseUnusable("the body of the request has been read, or is being read; clone() it first");
            message().body = input->message().body.proxy();
        }
    }
};

}
