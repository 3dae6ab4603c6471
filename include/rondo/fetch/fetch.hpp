// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/fetch/detail/fetching.hpp>
#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/http/url.hpp>
#include <rondo/promise/promise.hpp>

#include <exception>
#include <source_location>
#include <string_view>

namespace rondo {

namespace network {

/// The request is made of `input` and `init`.
template <class Input>
Promise<Response> fetchWith(const std::source_location& where, const Input& input, const RequestInit& init) {
    static_cast<void>(EventLoop::current());
    try {
        return Fetching::begin(Request(input, init), where);
    } catch (const TypeError& error) {
        return Promise<Response>::reject(TypeError(error.message(), error.cause(), where));
    } catch (const Error&) {
        return Promise<Response>::reject(std::current_exception());
    }
}

}

/// Asks a server, and promises its response. https://developer.mozilla.org/docs/Web/API/Window/fetch
///
/// The promise is settled in a task, when the head of the response has come: its reactions are microtasks. It is
/// fulfilled whatever the status is. It is rejected with a `TypeError`, which names the place of this call, if the request
/// is none, may not be redirected, or finds no answer: then its cause is a `FetchError`, which says what has happened; and
/// with the signal's reason if that comes first, as is what reads the body later. Redirects are followed, up to 20, as
/// `RequestInit::redirect` says. A URL may be relative to `location`.
///
/// The body comes as it is read: a slow reader makes the server wait, and other requests if there are as many as
/// `FetchOptions::requests` allows. When nobody holds the response or its body any
/// more, the rest of it is not waited for. A body of the request that is a stream is asked for chunks as the network takes
/// them; it is cancelled with the signal's reason, with that of the response's body, and with a `TypeError` when the
/// response needs no more of it. The end of a response that says no length, from a server that does not take all of the
/// request's body, may not be seen before the next chunk of that. Requests go over a thread of the loop's, and use
/// connections again; `configureFetch` says how.
///
/// A body is decoded as its `Content-Encoding` says; with a coding that libcurl does not know it is left as it is. Anything
/// behind the end of compressed bytes is an error, also if it is compressed itself; that some of them are missing is none.
///
/// Throws `std::logic_error` where there is no loop, and `std::bad_alloc`; when memory ends later, that is the reason, or on
/// the network's thread a `FetchError`.
///
/// Unlike the Web: only `http` and `https`; there is no page, thus no CORS, no referrer, and no cache. A redirect that is
/// not followed is a response like others, whose status and `Location` can be read. To another origin neither
/// `Authorization` nor a `Cookie` or a `Host` that was set as a header is sent. Streams are sent over HTTP/1.1, too.
///
/// No header is forbidden, but those that frame a message are libcurl's, and what a program says in them is not sent:
/// `Connection`, `Content-Length`, `Expect`, `Keep-Alive`, `Proxy-Connection`, `TE`, `Trailer`, `Transfer-Encoding` and
/// `Upgrade`.
inline Promise<Response> fetch(const Request& input, const RequestInit& init = {},
                               const std::source_location& where = std::source_location::current()) {
    return network::fetchWith(where, input, init);
}
inline Promise<Response> fetch(std::string_view url, const RequestInit& init = {},
                               const std::source_location& where = std::source_location::current()) {
    return network::fetchWith(where, url, init);
}
inline Promise<Response> fetch(const URL& url, const RequestInit& init = {},
                               const std::source_location& where = std::source_location::current()) {
    return network::fetchWith(where, url, init);
}

}
