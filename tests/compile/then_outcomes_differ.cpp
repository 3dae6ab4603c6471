// error: the two outcomes give values of different types
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <string>

void f(const rondo::Promise<>& promise) {
    promise.then([] { return 1; }, [] { return std::string("one"); });
}
