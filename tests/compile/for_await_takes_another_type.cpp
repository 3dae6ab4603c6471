// error: forAwait\(\) calls its function with one value
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <string>

void f(rondo::AsyncGenerator<int>& g) {
    rondo::forAwait(g, [](const std::string&) {});
}
