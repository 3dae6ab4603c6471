// only error: Rondo needs C\+\+20 and its coroutines
// flags: -std=c++17
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

int main() {
    return rondo::run([] { rondo::console.log("ok"); });
}
