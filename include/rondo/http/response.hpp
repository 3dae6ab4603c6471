// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/http/body.hpp>
#include <rondo/http/body_init.hpp>
#include <rondo/http/headers.hpp>
#include <rondo/http/headers_init.hpp>
#include <rondo/http/location.hpp>
#include <rondo/http/shown.hpp>
#include <rondo/http/syntax.hpp>
#include <rondo/http/url.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

/// Where a response comes from. https://developer.mozilla.org/docs/Web/API/Response/type
enum class ResponseType : std::uint8_t { default_, basic, error, opaqueredirect };

/// The second argument of `Response`. It is trivially destructible, and refers to what it is given.
struct ResponseInit {
    unsigned short status = 200;
    std::string_view statusText = {};
    HeadersInit headers = {};
};

static_assert(std::is_trivially_destructible_v<ResponseInit>);

namespace http {

/// What a `Response` stands for. https://fetch.spec.whatwg.org/#concept-response
class ResponseState final : public Message {
public:
    ResponseState() noexcept = default;
    ResponseState(HeaderList list, bool immutable) noexcept : Message(std::move(list), immutable) {}

    ResponseType type = ResponseType::default_;
    unsigned short status = 200;
    std::string statusText;
    std::vector<URL> urls; // the request's, and those it was redirected to
};

constexpr bool isNullBodyStatus(unsigned status) noexcept {
    return status == 101 || status == 103 || status == 204 || status == 205 || status == 304;
}
constexpr bool isRedirectStatus(unsigned status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}

/// What was answered to a request. https://developer.mozilla.org/docs/Web/API/Response
///
/// A small shared handle: copies stand for one response, and are equal; `clone()` makes another. It belongs to its loop's
/// thread; without a loop it can be made and looked at, but not read. One that is moved from may only be assigned to or
/// destroyed.
///
/// Unlike the Web: there is no `cors` and no `opaque`, for there is no page that a response could be kept from.
class Response : public http::Body {
public:
    /// Throws a `RangeError` if the status is not from 200 to 599, and a `TypeError` if there is a body that the status
    /// forbids, if the status text or a header is none, or if the stream that is to be the body is in use.
    explicit Response(const BodyInit& body = nullptr, const ResponseInit& init = {})
        : Response(body, http::BodyState::typeOf(body), init) {}

    /// What stands for a failure of the network: of status 0. https://developer.mozilla.org/docs/Web/API/Response/error_static
    static Response error() {
        Response made(http::HeaderList(), true);
        made.state().type = ResponseType::error;
        made.state().status = 0;
        return made;
    }

    /// One that leads elsewhere, perhaps relative to `location`. `TypeError` if that is no URL, `RangeError` if the status is none of a redirect.
    /// https://developer.mozilla.org/docs/Web/API/Response/redirect_static
    static Response redirect(std::string_view url, unsigned short status = 302) {
        return redirect(http::resolvedUrl(url), status);
    }
    static Response redirect(const URL& url, unsigned short status = 302) {
        if (!http::isRedirectStatus(status)) throw RangeError("the status of a redirect is 301, 302, 303, 307 or 308");
        http::HeaderList headers;
        headers.append("Location", url.href());
        Response made(std::move(headers), true);
        made.state().status = status;
        return made;
    }

    /// One with a body in JSON; see `JsonType` for how a type is written.
    /// https://developer.mozilla.org/docs/Web/API/Response/json_static
    template <class T>
    static Response json(const T& data, const ResponseInit& init = {}) {
        return Response(http::writeJson(data), "application/json", init);
    }
    using Body::json;

    ResponseType type() const noexcept { return state().type; }

    /// That which it came from, behind all redirects and without a fragment; empty, if it came from nowhere.
    std::string url() const {
        return state().urls.empty() ? std::string() : state().urls.back().record().serialize(true);
    }
    bool redirected() const noexcept { return state().urls.size() > 1; }
    unsigned short status() const noexcept { return state().status; }
    /// Whether the status is from 200 to 299.
    bool ok() const noexcept { return status() >= 200 && status() <= 299; }
    std::string statusText() const { return state().statusText; }
    /// They may be changed in place; of a temporary it is a copy.
    Headers& headers() const& noexcept { return message().headers; }
    Headers headers() const&& { return message().headers; }

    /// Another response with the same body, of which what is read later is kept. `TypeError` if somebody has read it, or
    /// reads it. https://developer.mozilla.org/docs/Web/API/Response/clone
    Response clone() const {
        refuseUnusable("a response whose body has been read, or is being read, cannot be cloned");
        Response made(http::HeaderList(headers().list()), headers().isImmutable());
        made.state().type = state().type;
        made.state().status = state().status;
        made.state().statusText = state().statusText;
        made.state().urls = state().urls;
        made.message().body = message().body.clone();
        return made;
    }

    friend bool operator==(const Response& a, const Response& b) noexcept { return &a.message() == &b.message(); }

    /// `Response { status: 200, statusText: '', headers: Headers {}, bodyUsed: false, ok: true, ... }`
    template <class Stream>
    friend auto operator<<(Stream& out, const Response& response) -> decltype(out << std::string_view()) {
        static constexpr std::string_view types[] = {"default", "basic", "error", "opaqueredirect"};
        http::Parts<Stream> parts(out, "Response");
        parts["status"] << response.status();
        parts["statusText"] << http::quoted(response.statusText());
        parts["headers"] << response.headers();
        parts["bodyUsed"] << (response.bodyUsed() ? "true" : "false");
        parts["ok"] << (response.ok() ? "true" : "false");
        parts["redirected"] << (response.redirected() ? "true" : "false");
        parts["type"] << http::quoted(types[static_cast<unsigned char>(response.type())]);
        parts["url"] << http::quoted(response.url());
        return parts.end();
    }

    // What follows is for the house.
    explicit Response(base::CountedRef<http::Message> state) noexcept : Body(std::move(state)) {}
    http::ResponseState& state() const noexcept { return static_cast<http::ResponseState&>(message()); }

private:
    /// https://fetch.spec.whatwg.org/#initialize-a-response
    Response(const BodyInit& body, const char* type, const ResponseInit& init)
        : Body(base::CountedRef<http::Message>(new http::ResponseState)) {
        if (init.status < 200 || init.status > 599) throw RangeError("the status of a response is from 200 to 599");
        if (!http::isReasonPhrase(init.statusText)) throw TypeError("the status text has a control character in it");
        state().status = init.status;
        state().statusText = init.statusText;
        init.headers.fill(headers());
        if (body.kind() == BodyInit::Kind::null) return;
        if (http::isNullBodyStatus(init.status))
            throw TypeError("a response of this status has no body; give it nullptr");
        if (type && !headers().has("Content-Type")) headers().append("Content-Type", type);
        message().body = http::BodyState::extract(body); // at last, for it may be moved
    }

    Response(http::HeaderList list, bool immutable)
        : Body(base::CountedRef<http::Message>(new http::ResponseState(std::move(list), immutable))) {}
};

}
