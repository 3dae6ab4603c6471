// SPDX-License-Identifier: MIT
// wrong: Clang 19
// right: GNU 12
//
// Without optimisation: what leaves a coroutine before its body begins, as when memory ends, is read from the frame when
// that has been freed, if the body catches something in a loop. Where the frame's memory is not given away at once, as
// from a free list, this does no harm.

#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <cstring>

struct Parameter {
    Parameter() {}
    Parameter(Parameter&&) noexcept {}
    ~Parameter() { ++gone; }
    static inline int gone = 0;
};

struct Throws {
    struct promise_type {
        promise_type() { throw 1; }
        Throws get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
        static void* operator new(std::size_t bytes) { return std::malloc(bytes); }
        static void operator delete(void* frame, std::size_t bytes) {
            std::memset(frame, 0xDD, bytes);
            std::free(frame);
        }
    };
};

struct Awaiter {
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<>) {}
    void await_resume() {}
};

Throws run(Parameter) {
    for (int i = 0; i < 2; ++i) {
        try {
            co_await Awaiter();
        } catch (...) {}
    }
}

int main() {
    try {
        run(Parameter());
    } catch (int) {
        return Parameter::gone == 2 ? 0 : 1;
    }
    return 1;
}
