// error: a handler of then\(\) takes nothing or the promise's value
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <string>

void f(const rondo::Promise<int>& promise) {
    promise.then([](const std::string&) {});
}
