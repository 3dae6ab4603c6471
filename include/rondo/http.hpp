// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of HTTP's words, without the network: `URL`, `URLSearchParams`.

#include <rondo/base/config.hpp>
#include <rondo/http/url.hpp>
#include <rondo/http/url_search_params.hpp>
