// error: a handler of then\(\) takes nothing or the promise's value
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <memory>

void f(const rondo::Promise<std::unique_ptr<int>>& promise) {
    promise.then([](std::unique_ptr<int>) {}); // of an lvalue promise: const std::unique_ptr<int>&
}
