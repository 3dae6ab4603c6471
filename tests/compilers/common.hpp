// SPDX-License-Identifier: MIT
#pragma once

// The least that shows a compiler's fault: coroutines without Rondo.

#include <coroutine>
#include <exception>
#include <utility>

/// How often a thing was made and destroyed; a right compiler keeps these equal.
struct Lives {
    static inline int made = 0;
    static inline int gone = 0;

    Lives() { ++made; }
    Lives(const Lives&) { ++made; }
    Lives(Lives&&) noexcept { ++made; }
    Lives& operator=(const Lives&) = default;
    Lives& operator=(Lives&&) = default;
    ~Lives() { ++gone; }
};

struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

/// An awaitable that suspends; `resumeAll` goes on.
inline std::coroutine_handle<> suspended;
inline void resumeAll() {
    while (suspended) std::exchange(suspended, nullptr).resume();
}

template <class T>
class Later {
public:
    explicit Later(T value) : value_(std::move(value)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { suspended = handle; }
    T await_resume() { return std::move(value_); }

private:
    T value_;
};
