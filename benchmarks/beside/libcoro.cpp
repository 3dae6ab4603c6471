// SPDX-License-Identifier: MIT
//
// libcoro, with the names of what does the same work with Rondo. Its tasks are lazy, and go on inline where ours go through
// the queue.

#include "support/measured.hpp"

#include <benchmark/benchmark.h>
#include <coro/coro.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using coro::task;

namespace {

[[gnu::noinline]] task<int> returnAtOnce(int i) { co_return i; }

task<void> awaitCalls(benchmark::State& state) {
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await returnAtOnce(++i));
}
void await_async_function_that_returns_at_once(benchmark::State& state) { coro::sync_wait(awaitCalls(state)); }
BENCHMARK(await_async_function_that_returns_at_once);

task<int> fib(int i) {
    if (i < 2) co_return i;
    const int a = co_await fib(i - 1);
    const int b = co_await fib(i - 2);
    co_return a + b;
}

task<void> fibs(benchmark::State& state) {
    const Measured measured(state, 2'692'537);
    for (auto _ : state) benchmark::DoNotOptimize(co_await fib(30));
}
void fib_of_async_functions(benchmark::State& state) { coro::sync_wait(fibs(state)); }
BENCHMARK(fib_of_async_functions);

task<int> link(std::int64_t left) {
    if (left == 0) co_return 0;
    co_return 1 + co_await link(left - 1);
}

task<void> chains(benchmark::State& state) {
    const Measured measured(state, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(co_await link(state.range(0)));
}
void chain_of_async_functions(benchmark::State& state) { coro::sync_wait(chains(state)); }
BENCHMARK(chain_of_async_functions)->Arg(1'000'000);

void offload_one_at_a_time(benchmark::State& state) {
    const auto pool = coro::thread_pool::make_unique(coro::thread_pool::options{.thread_count = 1});
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(coro::sync_wait(pool->schedule(returnAtOnce(++i))));
}
BENCHMARK(offload_one_at_a_time)->UseRealTime();

constexpr int inFlight = 1024;
constexpr int jobsEach = 8;

task<void> oneAfterTheOther(coro::thread_pool& pool) {
    for (int i = 0; i < jobsEach; ++i) benchmark::DoNotOptimize(co_await pool.schedule(returnAtOnce(i)));
}

void offload_1024_in_flight(benchmark::State& state) {
    const auto pool = coro::thread_pool::make_unique(coro::thread_pool::options{.thread_count = 1});
    const Measured measured(state, inFlight * jobsEach);
    for (auto _ : state) {
        std::vector<task<void>> all;
        for (int i = 0; i < inFlight; ++i) all.push_back(oneAfterTheOther(*pool));
        coro::sync_wait(coro::when_all(std::move(all)));
    }
}
BENCHMARK(offload_1024_in_flight)->UseRealTime();

}
