// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// An awaiter that is an aggregate with a member that is not trivial, awaited as a prvalue, is destroyed twice.

#include "common.hpp"

struct Awaiter {
    Lives lives;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { suspended = handle; }
    void await_resume() const noexcept {}
};

Detached run(const Lives& lives) { co_await Awaiter{lives}; }

int main() {
    {
        const Lives lives;
        run(lives);
        resumeAll();
    }
    return Lives::made == Lives::gone ? 0 : 1;
}
