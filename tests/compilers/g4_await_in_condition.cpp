// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A coroutine with no declaration in its outermost block, and a co_await of a prvalue in a condition, crashes or never
// runs.

#include "common.hpp"

int ran = 0;

Detached run() {
    if (co_await Later<bool>(true)) {
        ++ran;
    }
}

Detached loop() {
    while (co_await Later<bool>(ran < 3)) {
        ++ran;
    }
}

int main() {
    run();
    resumeAll();
    loop();
    resumeAll();
    return ran == 3 ? 0 : 1;
}
