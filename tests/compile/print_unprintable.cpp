// error: console cannot print this type
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

struct Opaque {};

void f() { rondo::console.log(Opaque{}); }
