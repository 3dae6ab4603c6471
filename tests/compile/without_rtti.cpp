// only error: Rondo needs RTTI: catch_ finds the handler of an exception by its type
// flags: -fno-rtti
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

int main() {
    return rondo::run([] { rondo::console.log("ok"); });
}
