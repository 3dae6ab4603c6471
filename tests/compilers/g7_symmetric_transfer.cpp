// SPDX-License-Identifier: MIT
// wrong: GNU 12
// right: Clang 19
//
// Without optimisation a coroutine that hands over to another one by what its await_suspend returns calls it: the stack
// grows with each.

#include "common.hpp"

#include <cstdint>

// How far the stack has grown since the first transfer.
std::intptr_t first = 0;
std::intptr_t grown = 0;
void measure() {
    const auto here = reinterpret_cast<std::intptr_t>(__builtin_frame_address(0));
    if (first == 0) first = here;
    grown = first - here;
}

struct Transfer {
    explicit Transfer(std::coroutine_handle<>& other) : next(other) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
        measure();
        return std::exchange(next, self);
    }
    void await_resume() const noexcept {}

    std::coroutine_handle<>& next;
};

std::coroutine_handle<> other;

struct Start {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const noexcept { other = self; }
    void await_resume() const noexcept {}
};

Detached passOn(int times) {
    co_await Start();
    for (int i = 0; i < times; ++i) co_await Transfer(other);
}

int main() {
    passOn(1'000);
    const std::coroutine_handle<> one = other;
    passOn(1'000);
    one.resume(); // hands over to the other one, and so on
    return grown < 10'000 ? 0 : 1;
}
