// SPDX-License-Identifier: MIT
// wrong: Clang 19
// right: GNU 12
//
// Without optimisation: what leaves a coroutine before its body begins, as when memory ends, is read from the frame when
// that has been freed, if the body catches something in a loop. Where the frame's memory is not given away at once, as
// from a free list, this does no harm.

#include "common.hpp"

#include <cstdlib>
#include <cstring>

struct Throws {
    struct promise_type : Detached::promise_type {
        promise_type() { throw 1; }
        ~promise_type() {}
        Throws get_return_object() { return {}; }
        static void* operator new(std::size_t bytes) { return std::malloc(bytes); }
        static void operator delete(void* frame, std::size_t bytes) {
            std::memset(frame, 0xDD, bytes);
            std::free(frame);
        }
    };
};

Throws run(Lives given) {
    const Lives outer(std::move(given));
    for (int i = 0; i < 2; ++i) {
        int failures = 0;
        try {
            co_await Later<int>(i);
        } catch (...) {
            ++failures;
        }
        if (failures > 0) throw failures;
    }
}

int main() {
    try {
        run(Lives());
    } catch (int) {
        return Lives::made == Lives::gone ? 0 : 1;
    }
    return 1;
}
