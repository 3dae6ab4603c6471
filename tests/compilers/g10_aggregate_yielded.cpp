// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// A temporary aggregate with a member that is not trivial is destroyed twice if it is yielded.

#include "common.hpp"

struct Line {
    Lives lives;
};

struct Generator {
    struct promise_type : Detached::promise_type {
        Generator get_return_object() { return {}; }
        std::suspend_never yield_value(const Line&) { return {}; }
    };
};

Generator run(const Lives& lives) { co_yield Line{lives}; }

int main() {
    {
        const Lives lives;
        run(lives);
    }
    return Lives::made == Lives::gone ? 0 : 1;
}
