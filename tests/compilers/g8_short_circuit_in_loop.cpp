// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A co_await behind && in the condition of a loop runs although it should not.

#include "common.hpp"

int awaited = 0;

Later<bool> count() {
    ++awaited;
    return Later<bool>(false);
}

Detached run(bool flag) {
    int turns = 0;
    while (flag && co_await count()) ++turns;
    if (turns != 0) std::terminate();
}

int main() {
    run(false);
    resumeAll();
    return awaited == 0 ? 0 : 1;
}
