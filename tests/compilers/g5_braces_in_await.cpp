// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A std::initializer_list inside a co_await expression is a hard error.

#include "common.hpp"

#include <initializer_list>

Later<int> sum(std::initializer_list<Lives> list) { return Later<int>(static_cast<int>(list.size())); }

Detached run(int& result) { result = co_await sum({Lives{}, Lives{}}); }

int main() {
    int result = 0;
    run(result);
    resumeAll();
    return result == 2 && Lives::made == Lives::gone ? 0 : 1;
}
