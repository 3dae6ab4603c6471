// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <utility>

/// The floors: small hand-written loops with nothing but the unavoidable work, in the same binary as what is measured
/// against them. One thread, no errors, no lifetimes.
namespace floors {

/// Blocks by size from free lists.
struct Pool {
    static inline std::array<void*, 64> lists{};

    static void* get(std::size_t bytes) {
        const std::size_t size = (bytes + 31) / 32;
        if (size >= lists.size()) return std::malloc(bytes);
        if (void* block = lists[size]) {
            lists[size] = *static_cast<void**>(block);
            return block;
        }
        return std::malloc(size * 32);
    }
    static void put(void* block, std::size_t bytes) {
        const std::size_t size = (bytes + 31) / 32;
        if (size >= lists.size()) return std::free(block);
        *static_cast<void**>(block) = lists[size];
        lists[size] = block;
    }
};

/// A ring of functions to call.
class Ring {
public:
    struct Item {
        void (*call)(void*);
        void* argument;
    };

    Ring() : items_(static_cast<Item*>(std::malloc((mask_ + 1) * sizeof(Item)))) {}
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring() { std::free(items_); }

    void push(void (*call)(void*), void* argument) {
        if (last_ - first_ > mask_) [[unlikely]]
            grow();
        items_[last_++ & mask_] = {call, argument};
    }

    [[gnu::noinline]] void drain() {
        while (first_ != last_) {
            const Item item = items_[first_++ & mask_];
            item.call(item.argument);
        }
    }

private:
    void grow() {
        const std::size_t size = mask_ + 1;
        auto* items = static_cast<Item*>(std::malloc(2 * size * sizeof(Item)));
        for (std::size_t i = 0; i < size; ++i) items[i] = items_[(first_ + i) & mask_];
        std::free(items_);
        items_ = items;
        first_ = 0;
        last_ = size;
        mask_ = 2 * size - 1;
    }

    std::size_t mask_ = 1023;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    Item* items_;
};

inline Ring ring;

inline void resume(void* frame) { std::coroutine_handle<>::from_address(frame).resume(); }

/// Suspend, one hop through the ring, resume.
struct Hop {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) noexcept { ring.push(resume, frame.address()); }
    void await_resume() noexcept {}
};

/// A coroutine nobody waits for.
struct Root {
    struct promise_type {
        Root get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

/// A pooled coroutine that starts at once and gives an int, whose one awaiter hops through the ring.
struct Eager {
    struct promise_type {
        static void* operator new(std::size_t bytes) { return Pool::get(bytes); }
        static void operator delete(void* frame, std::size_t bytes) { Pool::put(frame, bytes); }

        Eager get_return_object() { return Eager(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() noexcept { return {}; }
        struct Final {
            bool await_ready() noexcept { return false; }
            void await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
                promise_type& promise = ended.promise();
                promise.done = true;
                if (promise.awaiter) ring.push(resume, promise.awaiter.address());
            }
            void await_resume() noexcept {}
        };
        Final final_suspend() noexcept { return {}; }
        void return_value(int result) { value = result; }
        void unhandled_exception() { std::terminate(); }

        std::coroutine_handle<> awaiter;
        int value = 0;
        bool done = false;
    };

    explicit Eager(std::coroutine_handle<promise_type> handle) : frame(handle) {}
    Eager(Eager&& other) noexcept : frame(std::exchange(other.frame, nullptr)) {}
    Eager& operator=(Eager&&) = delete;
    ~Eager() {
        if (frame) frame.destroy();
    }

    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> awaiter) {
        if (frame.promise().done) {
            ring.push(resume, awaiter.address());
        } else {
            frame.promise().awaiter = awaiter;
        }
    }
    int await_resume() { return frame.promise().value; }

    std::coroutine_handle<promise_type> frame;
};

/// A pooled coroutine that starts when it is awaited, and goes on with its awaiter by symmetric transfer.
struct Lazy {
    struct promise_type {
        static void* operator new(std::size_t bytes) { return Pool::get(bytes); }
        static void operator delete(void* frame, std::size_t bytes) { Pool::put(frame, bytes); }

        Lazy get_return_object() { return Lazy(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct Final {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
                return ended.promise().awaiter;
            }
            void await_resume() noexcept {}
        };
        Final final_suspend() noexcept { return {}; }
        void return_value(int result) { value = result; }
        void unhandled_exception() { std::terminate(); }

        std::coroutine_handle<> awaiter;
        int value = 0;
    };

    explicit Lazy(std::coroutine_handle<promise_type> handle) : frame(handle) {}
    Lazy(Lazy&& other) noexcept : frame(std::exchange(other.frame, nullptr)) {}
    Lazy& operator=(Lazy&&) = delete;
    ~Lazy() {
        if (frame) frame.destroy();
    }

    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) {
        frame.promise().awaiter = awaiter;
        return frame;
    }
    int await_resume() { return frame.promise().value; }

    std::coroutine_handle<promise_type> frame;
};

}
