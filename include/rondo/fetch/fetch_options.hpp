// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace rondo {

/// How a loop's requests are made, all of them: see `configureFetch`.
struct FetchOptions {
    /// `http://host:port`, also with `https` or `socks5`; if empty there is none. The environment is not looked at.
    std::string_view proxy = {};
    /// A PEM file of the authorities that are trusted instead of the system's. Certificates are always verified.
    std::string_view caFile = {};
    /// What servers ask to be called by, where the request has no `User-Agent` of its own.
    std::string_view userAgent = "rondo";
    /// The loop keeps a jar of cookies, in memory, for requests whose credentials are not omitted.
    bool cookies = false;
    /// Requests under way at once to one origin, and to all; at least 1. The others wait their turn: those of an
    /// origin in the order in which they were made, and the origins one after the other. One is under way until its body
    /// has come: who holds many responses and reads none of them may wait for ever for one more.
    std::size_t requestsPerOrigin = 256;
    std::size_t requests = 512;
    /// How long connecting may take, TLS included.
    base::Milliseconds connectTimeout = 30'000;
};
static_assert(std::is_trivially_destructible_v<FetchOptions>);

namespace network {

/// `FetchOptions` as a loop keeps them.
struct Settings {
    std::string proxy = {};
    std::string caFile = {};
    std::string userAgent = "rondo";
    bool cookies = false;
    std::size_t requestsPerOrigin = FetchOptions().requestsPerOrigin;
    std::size_t requests = FetchOptions().requests;
    base::Milliseconds connectTimeout = FetchOptions().connectTimeout;
    bool inUse = false; // there has been a request
};

}

/// Says how the requests of this thread's loop are made. A `DOMException` "InvalidStateError" after its first request; if
/// it throws it has changed nothing.
///
///     configureFetch({.caFile = "ca.pem", .cookies = true});
inline void configureFetch(const FetchOptions& options) {
    auto& settings = EventLoop::current().attachments().of<network::Settings>();
    if (settings.inUse)
        throw DOMException("configureFetch() comes before the first request of the loop", "InvalidStateError");
    if (options.requestsPerOrigin == 0 || options.requests == 0)
        throw RangeError("FetchOptions: no request could ever be made; requestsPerOrigin and requests are at least 1");
    network::Settings made;
    made.proxy = options.proxy;
    made.caFile = options.caFile;
    made.userAgent = options.userAgent;
    made.cookies = options.cookies;
    made.requestsPerOrigin = options.requestsPerOrigin;
    made.requests = options.requests;
    made.connectTimeout = options.connectTimeout;
    settings = std::move(made);
}

}
