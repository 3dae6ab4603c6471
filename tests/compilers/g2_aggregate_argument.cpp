// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A temporary aggregate with a member that is not trivial, inside a co_await expression, is destroyed twice.

#include "common.hpp"

struct Options {
    Lives lives;
};

Later<int> call(Options) { return Later<int>(1); }

Detached run(const Lives& lives) {
    const int one = co_await call(Options{lives});
    const int two = co_await call({.lives = lives});
    if (one + two != 2) std::terminate();
}

int main() {
    {
        const Lives lives;
        run(lives);
        resumeAll();
    }
    return Lives::made == Lives::gone ? 0 : 1;
}
