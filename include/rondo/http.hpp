// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of HTTP's words, without the network: `URL`, `URLSearchParams`, `Headers`.

#include <rondo/base/config.hpp>
#include <rondo/http/headers.hpp>
#include <rondo/http/url.hpp>
#include <rondo/http/url_search_params.hpp>
