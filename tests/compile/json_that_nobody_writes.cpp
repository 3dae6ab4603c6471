// only error: nothing writes this type as JSON: include <rondo/http/nlohmann.hpp>, or write toJson
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

struct User {};

rondo::Response f() { return rondo::Response::json(User()); }
