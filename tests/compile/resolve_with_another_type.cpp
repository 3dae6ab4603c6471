// error: resolve\(\) takes the promise's value, a promise of it, or a thenable
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

#include <string>

void f(const rondo::PromiseWithResolvers<int>& r) { r.resolve(std::string("no int")); }
