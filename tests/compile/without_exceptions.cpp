// only error: Rondo needs exceptions: a rejected promise is thrown where it is awaited
// flags: -fno-exceptions
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

int main() {
    return rondo::run([] { rondo::console.log("ok"); });
}
