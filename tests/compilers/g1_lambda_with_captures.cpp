// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A temporary lambda that owns its captures, inside a co_await expression, is destroyed twice.

#include "common.hpp"

template <class F>
Later<int> call(F f) {
    return Later<int>(f());
}

Detached run(const Lives& lives) {
    int sum = 0;
    sum += co_await call([lives] { return 1; });
    sum += co_await call([lives] { return 2; });
    if (sum != 3) std::terminate();
}

int main() {
    {
        const Lives lives;
        run(lives);
        resumeAll();
    }
    return Lives::made == Lives::gone ? 0 : 1;
}
