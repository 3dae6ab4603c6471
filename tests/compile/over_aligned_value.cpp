// error: over-aligned values and captures need a std::unique_ptr
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

struct alignas(64) Line {
    char bytes[64];
};

void f() { rondo::Promise<>::resolve(Line()); }
