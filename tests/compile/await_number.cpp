// error: co_await takes a Promise or a thenable with a value_type
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

rondo::Promise<> f() { co_await 0; }
