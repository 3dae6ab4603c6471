// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// __builtin_constant_p(co_await x) is evaluated: hence a co_await in Catch2's CHECK is awaited more than once.

#include "common.hpp"

int awaited = 0;

Later<int> count() { return Later<int>(++awaited); }

Detached run() {
    static_cast<void>(__builtin_constant_p(co_await count() == 7));
    co_return;
}

int main() {
    run();
    resumeAll();
    return awaited == 0 ? 0 : 1;
}
