// error: resolve\(\) takes the promise's value, a promise of it, or a thenable
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f() {
    rondo::Promise<>([](auto resolve) { resolve(1); });
}
