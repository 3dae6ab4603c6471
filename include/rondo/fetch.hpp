// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of the network, on libcurl: link `rondo::fetch`.

#include <rondo/base/config.hpp>
#include <rondo/fetch/fetch.hpp>
#include <rondo/fetch/fetch_error.hpp>
#include <rondo/fetch/fetch_options.hpp>
