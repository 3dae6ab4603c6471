// SPDX-License-Identifier: MIT

#include "support/allocations.hpp"

#include <rondo/host.hpp>

#include <atomic>
#include <benchmark/benchmark.h>
#include <thread>
#include <vector>

using rondo::EventLoop;
using rondo::Promise;

namespace {

/// Two threads that wake each other by what the standard library waits on: a futex on Linux.
void floor_futex_round_trip(benchmark::State& state) {
    std::atomic<int> there{0};
    std::atomic<int> back{0};
    std::thread other([&] {
        for (int turn = 1;; ++turn) {
            there.wait(turn - 1);
            if (there.load() < 0) return;
            back.store(turn);
            back.notify_one();
        }
    });
    int turn = 0;
    for (auto _ : state) {
        there.store(++turn);
        there.notify_one();
        back.wait(turn - 1);
    }
    there.store(-1);
    there.notify_one();
    other.join();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(floor_futex_round_trip)->UseRealTime();

int trivial(int i) { return i + 1; }

Promise<> oneAtATime(int count) {
    for (int i = 0; i < count; ++i) benchmark::DoNotOptimize(co_await rondo::offload(trivial, i));
}

void offload_one_at_a_time(benchmark::State& state) {
    constexpr int count = 1000;
    rondo::ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    for (auto _ : state) loop.runUntilSettled(oneAtATime, count);
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(offload_one_at_a_time)->UseRealTime();

Promise<> manyAtOnce(int count) {
    std::vector<Promise<int>> jobs;
    jobs.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) jobs.push_back(rondo::offload(trivial, i));
    for (auto& job : jobs) benchmark::DoNotOptimize(co_await job);
}

void offload_1024_in_flight(benchmark::State& state) {
    constexpr int count = 1024;
    rondo::ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    for (auto _ : state) loop.runUntilSettled(manyAtOnce, count);
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(offload_1024_in_flight)->UseRealTime();

}
