// error: offload\(\) runs a function on another thread
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

rondo::Promise<int> asynchronous() { co_return 1; }

void f() { rondo::offload(asynchronous); }
