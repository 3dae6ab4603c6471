// error: returns nothing, or whether to go on, as a bool
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::AsyncGenerator<int>& g) {
    rondo::forAwait(g, [](int i) { return i; });
}
