// only error: a body is
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

struct User {};
void f(const User& user) { rondo::Response response(user); }
