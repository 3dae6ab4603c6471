// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A conditional operator that mixes a co_await with a class temporary destroys it twice.

#include "common.hpp"

Detached run(bool later) {
    { [[maybe_unused]] const Lives lives = later ? co_await Later<Lives>(Lives{}) : Lives{}; }
    co_return;
}

int main() {
    run(false);
    resumeAll();
    run(true);
    resumeAll();
    return Lives::made == Lives::gone ? 0 : 1;
}
