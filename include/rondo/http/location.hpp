// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/thread.hpp>
#include <rondo/http/url.hpp>
#include <rondo/loop/event_loop.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

namespace http {

/// Where a loop's program is, if it has said so.
struct Whereabouts {
    std::optional<URL> url;
};

/// What relative URLs are relative to; null if there is no loop, or its program has not said where it is.
inline const URL* baseUrl() noexcept {
    EventLoop* const loop = base::thread.loop;
    if (!loop) return nullptr;
    const auto* const here = loop->attachments().find<Whereabouts>();
    return here && here->url ? &*here->url : nullptr;
}

/// A URL, which may be relative if there is a base. Throws a `TypeError` if it is none.
inline URL resolvedUrl(std::string_view url) {
    const URL* const base = baseUrl();
    return base ? URL(url, *base) : URL(url);
}

}

/// The type of `location`.
/// https://developer.mozilla.org/docs/Web/API/Location
struct Location {
    /// Empty until it is set, as all its parts.
    std::string href() const {
        const URL* const url = here();
        return url ? url->href() : std::string();
    }
    /// Says where the program is. `TypeError` if that is no absolute URL; then nothing has changed, nor for want of memory.
    void href(std::string_view url) const {
        URL absolute(url);
        EventLoop::current().attachments().of<http::Whereabouts>().url = std::move(absolute);
    }

    std::string origin() const { return part(&URL::origin); }
    std::string protocol() const { return part(&URL::protocol); }
    std::string host() const { return part(&URL::host); }
    std::string hostname() const { return part(&URL::hostname); }
    std::string port() const { return part(&URL::port); }
    std::string pathname() const { return part(&URL::pathname); }
    std::string search() const { return part(&URL::search); }
    std::string hash() const { return part(&URL::hash); }
    std::string toString() const { return href(); }

private:
    static const URL* here() {
        static_cast<void>(EventLoop::current());
        return http::baseUrl();
    }
    static std::string part(std::string (URL::*get)() const) {
        const URL* const url = here();
        return url ? (url->*get)() : std::string();
    }
};

/// Where the program of this thread's loop is: what the URLs that it gives to `fetch`, `Request` and `Response::redirect` are
/// relative to. Each loop has its own. https://developer.mozilla.org/docs/Web/API/Window/location
///
///     location.href("http://127.0.0.1:8080/");
///     const Response response = co_await fetch("/data.json");
///
/// Throws `std::logic_error` where there is no loop.
///
/// Unlike the Web: it is nowhere until the program says where. Nothing is loaded when it is set, and only an absolute URL
/// may be set; a part of it cannot be.
inline constexpr Location location;

}
