// only error: a body is text, a Uint8Array, a vector of bytes that is moved, URLSearchParams, a
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

void f() {
    rondo::Response response(5);
    rondo::Request request("http://a/", {.method = "POST", .body = 5});
}
