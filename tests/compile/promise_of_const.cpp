// error: Promise<const T> does not exist
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::Promise<const int>* promise) { promise->state(); }
