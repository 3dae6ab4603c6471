// error: a handler of a rejection takes nothing, a std::exception_ptr, or a class type by const reference
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(const rondo::Promise<>& promise) {
    promise.catch_([](rondo::TypeError) {});
}
