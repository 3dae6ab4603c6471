// error: this takes an async iterator
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f() {
    rondo::forAwait(5, [](int) {});
}
