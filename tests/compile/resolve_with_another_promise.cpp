// error: resolve\(\) of a promise is that promise
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(const rondo::Promise<int>& promise) { rondo::Promise<double>::resolve(promise); }
