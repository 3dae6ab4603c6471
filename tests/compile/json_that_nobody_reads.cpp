// only error: nothing reads this type from JSON: include <rondo/http/nlohmann.hpp>, or write fromJson
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

struct User {};

rondo::Promise<User> f(const rondo::Response& response) { return response.json<User>(); }
