// error: Promise<T&> does not exist
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::Promise<int&>* promise) { promise->state(); }
