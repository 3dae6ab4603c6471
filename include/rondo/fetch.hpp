// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of the network, on libcurl: link `rondo::fetch`. It has the chapters of http and of streams with it.

#include <rondo/base/config.hpp>
#include <rondo/fetch/fetch.hpp>
#include <rondo/fetch/fetch_error.hpp>
#include <rondo/fetch/fetch_options.hpp>
#include <rondo/http.hpp>
