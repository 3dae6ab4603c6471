// SPDX-License-Identifier: MIT
//
// What things weigh: the growth of the resident set, each in a process of its own. Prints a name and a number of bytes
// in each line: those of one of a million.

#include "support/floors.hpp"
#include "support/timeouts.hpp"

#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

using rondo::EventLoop;
using rondo::Promise;

namespace {

constexpr std::size_t count = 1'000'000;

double resident() {
    std::size_t all = 0;
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> all >> pages;
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void say(const char* name, double bytes) { std::printf("%-40s %12.1f\n", name, bytes); }

/// Keeps what `make(i)` gives for each of a million, in room that was there before.
template <class Make>
void sayGrowth(const char* name, Make make) {
    using Made = decltype(make(std::size_t{0}));
    std::vector<std::optional<Made>> kept(count);
    const double before = resident();
    for (std::size_t i = 0; i < count; ++i) kept[i].emplace(make(i));
    say(name, (resident() - before) / count);
}

struct Suspended {
    struct promise_type {
        Suspended get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(int result) { value = result; }
        void unhandled_exception() {}
        int value = 0;
    };
    std::coroutine_handle<promise_type> frame;
};

Suspended suspend(std::size_t i) {
    co_await std::suspend_always{};
    co_return static_cast<int>(i);
}

void minimalCoroutines() { sayGrowth("floor_suspended_coroutine", suspend); }

Promise<int> awaitIt(const Promise<int>& promise, std::size_t i) { co_return static_cast<int>(i) + co_await promise; }

void pendingFunctions() {
    EventLoop loop;
    const auto pending = Promise<int>::withResolvers();
    sayGrowth("pending_async_function", [&](std::size_t i) { return awaitIt(pending.promise, i); });
}

void settledPromises() {
    EventLoop loop;
    sayGrowth("settled_promise", [](std::size_t i) { return Promise<int>::resolve(static_cast<int>(i)); });
}

void pendingTimeouts() {
    EventLoop loop;
    const std::vector<int> delays = timeouts::randomDelays(count);
    sayGrowth("pending_timeout", [&](std::size_t i) {
        return rondo::setTimeout([&delays, i] { benchmark::DoNotOptimize(delays[i]); }, delays[i]);
    });
}

/// What is still there of the growth by a million of them when they have gone and the loop has slept, and what malloc does
/// not give back until it is told to trim.
Promise<> burstOfFunctions() {
    const double before = resident();
    auto r = Promise<int>::withResolvers();
    for (std::size_t i = 0; i < count; ++i) awaitIt(r.promise, i);
    say("burst_of_async_functions", (resident() - before) / count);
    r.resolve(0);
    co_await r.promise;
    for (int i = 0; i < 3; ++i) co_await rondo::delay(600); // what nobody has needed for a second goes
    say("left_of_burst", (resident() - before) / count);
#ifdef __GLIBC__
    malloc_trim(0);
    say("left_of_burst_after_malloc_trim", (resident() - before) / count);
#endif
}

void burst() {
    EventLoop loop;
    loop.runUntilSettled(burstOfFunctions);
}

/// In a process of its own, where nothing has been allocated yet.
bool alone(void (*f)()) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        f();
        std::fflush(stdout);
        _exit(0);
    }
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}

int main() {
    for (const auto f : {minimalCoroutines, pendingFunctions, settledPromises, pendingTimeouts, burst}) {
        if (!alone(f)) return 1;
    }
}
