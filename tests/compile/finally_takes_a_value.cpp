// error: a handler of finally\(\) takes nothing
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(const rondo::Promise<int>& promise) {
    promise.finally([](int) {});
}
