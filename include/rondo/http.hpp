// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of HTTP's words, without the network: `URL`, `URLSearchParams`, `Headers`, `Request`, `Response`, `location`.

#include <rondo/base/config.hpp>
#include <rondo/http/headers.hpp>
#include <rondo/http/location.hpp>
#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/http/url.hpp>
#include <rondo/http/url_search_params.hpp>
#include <rondo/promise.hpp>
#include <rondo/streams.hpp>
