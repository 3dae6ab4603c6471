// SPDX-License-Identifier: MIT

#include "support/measured.hpp"

#include <rondo/host.hpp>

#include <atomic>
#include <benchmark/benchmark.h>
#include <limits>
#include <thread>
#include <vector>

#if __has_include(<linux/futex.h>)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using rondo::EventLoop;
using rondo::Promise;

namespace {

/// A number that a thread waits for another one to raise.
class Turn {
public:
    void raiseTo(int turn) {
        value_.store(turn);
#if __has_include(<linux/futex.h>)
        syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
#else
        value_.notify_one();
#endif
    }

    /// Returns what it has been raised to.
    int await(int turn) {
        for (;;) {
            const int seen = value_.load();
            if (seen >= turn) return seen;
#if __has_include(<linux/futex.h>)
            syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
#else
            value_.wait(seen);
#endif
        }
    }

private:
    std::atomic<int> value_{0};
};

void floor_futex_round_trip(benchmark::State& state) {
    constexpr int over = std::numeric_limits<int>::max();
    Turn there;
    Turn back;
    std::thread other([&] {
        for (int turn = 1; there.await(turn) != over; ++turn) back.raiseTo(turn);
    });
    int turn = 0;
    {
        const Measured measured(state);
        for (auto _ : state) {
            there.raiseTo(++turn);
            back.await(turn);
        }
    }
    there.raiseTo(over);
    other.join();
}
BENCHMARK(floor_futex_round_trip)->UseRealTime();

int trivial(int i) { return i + 1; }

Promise<> oneAtATime(benchmark::State& state) {
    int i = 0;
    co_await rondo::offload(trivial, i);
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await rondo::offload(trivial, ++i));
}

void offload_one_at_a_time(benchmark::State& state) {
    rondo::ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    loop.runUntilSettled([&] { return oneAtATime(state); });
}
BENCHMARK(offload_one_at_a_time)->UseRealTime();

constexpr int inFlight = 1024;
constexpr int jobsEach = 8;

Promise<> oneAfterTheOther() {
    for (int i = 0; i < jobsEach; ++i) benchmark::DoNotOptimize(co_await rondo::offload(trivial, i));
}

Promise<> manyAtOnce(benchmark::State& state) {
    std::vector<Promise<>> all;
    all.reserve(inFlight);
    const Measured measured(state, inFlight * jobsEach);
    for (auto _ : state) {
        for (int i = 0; i < inFlight; ++i) all.push_back(oneAfterTheOther());
        for (const auto& each : all) co_await each;
        all.clear();
    }
}

void offload_1024_in_flight(benchmark::State& state) {
    rondo::ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    loop.runUntilSettled([&] { return manyAtOnce(state); });
}
BENCHMARK(offload_1024_in_flight)->UseRealTime();

}
