// error: what the handler of catch_\(\) returns must be convertible to the promise's value
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <string>

void f(const rondo::Promise<int>& promise) {
    promise.catch_([](std::exception_ptr) { return std::string("no int"); });
}
