// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/fetch/detail/http_message.hpp>
#include <rondo/http/header_list.hpp>
#include <rondo/http/request.hpp>

namespace rondo::network {

/// What caches on the way are told, there being none here. https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
inline void addCacheHeaders(RequestMessage& message, const http::RequestState& request) {
    const http::HeaderList& headers = request.headers.list();
    RequestCache cache = request.cache;
    for (const char* condition :
         {"if-modified-since", "if-none-match", "if-unmodified-since", "if-match", "if-range"}) {
        if (cache == RequestCache::default_ && headers.contains(condition)) cache = RequestCache::noStore;
    }
    const bool hasControl = headers.contains("cache-control");
    if (cache == RequestCache::noCache && !hasControl) {
        message.headers.push_back({"Cache-Control", "max-age=0"});
    } else if (cache == RequestCache::noStore || cache == RequestCache::reload) {
        if (!headers.contains("pragma")) message.headers.push_back({"Pragma", "no-cache"});
        if (!hasControl) message.headers.push_back({"Cache-Control", "no-cache"});
    }
}

/// The message that a request is sent as, but for its body.
inline RequestMessage messageOf(const http::RequestState& request) {
    RequestMessage message;
    message.method = request.method;
    message.url = request.url.record().serialize(true);
    const http::HeaderList& headers = request.headers.list();
    for (const auto& [name, value] : headers) message.headers.push_back({name, value});
    addCacheHeaders(message, request);
    if (headers.contains("range") && !headers.contains("accept-encoding")) // a part cannot be decoded
        message.headers.push_back({"Accept-Encoding", "identity"});
    message.cookies = request.credentials != RequestCredentials::omit;
    return message;
}

}
