// error: the mapper given to fromAsync\(\) returns what is to be collected
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::AsyncGenerator<int>& g) {
    rondo::fromAsync(g, [](int) {});
}
