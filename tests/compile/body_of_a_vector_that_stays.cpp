// only error: a body is
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

#include <vector>

void f(const std::vector<unsigned char>& v) { rondo::Response response(v); }
