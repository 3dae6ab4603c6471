// error: co_yield takes a value that the generator yields, a promise of it, a thenable, or elementsOf
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

rondo::AsyncGenerator<int> f() { co_yield "text"; }
