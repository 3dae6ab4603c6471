// error: a value whose destructor may throw cannot be promised
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

struct Thrower {
    ~Thrower() noexcept(false) {}
};

void f() { rondo::Promise<>::resolve(Thrower()); }
