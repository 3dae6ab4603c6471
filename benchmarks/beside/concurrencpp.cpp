// SPDX-License-Identifier: MIT
//
// concurrencpp, with the names of what does the same work with Rondo. Its functions are lazy or eager, and go on inline
// where ours go through the queue.

#include "support/queueing.hpp"

#include <benchmark/benchmark.h>
#include <concurrencpp/concurrencpp.h>
#include <cstddef>
#include <cstdint>
#include <memory>

using concurrencpp::lazy_result;

namespace {

[[gnu::noinline]] lazy_result<int> returnAtOnce(int i) { co_return i; }

lazy_result<void> awaitCalls(benchmark::State& state) {
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await returnAtOnce(++i));
}
void await_async_function_that_returns_at_once(benchmark::State& state) { awaitCalls(state).run().get(); }
BENCHMARK(await_async_function_that_returns_at_once);

lazy_result<int> fib(int i) {
    if (i < 2) co_return i;
    const int a = co_await fib(i - 1);
    const int b = co_await fib(i - 2);
    co_return a + b;
}

lazy_result<void> fibs(benchmark::State& state) {
    const Measured measured(state, 2'692'537);
    for (auto _ : state) benchmark::DoNotOptimize(co_await fib(30));
}
void fib_of_async_functions(benchmark::State& state) { fibs(state).run().get(); }
BENCHMARK(fib_of_async_functions);

lazy_result<int> link(std::int64_t left) {
    if (left == 0) co_return 0;
    co_return 1 + co_await link(left - 1);
}

lazy_result<void> chains(benchmark::State& state) {
    const Measured measured(state, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(co_await link(state.range(0)));
}
void chain_of_async_functions(benchmark::State& state) { chains(state).run().get(); }
BENCHMARK(chain_of_async_functions)->Arg(1'000'000);

struct Tasks {
    template <class F>
    void operator()(F f) {
        executor->post(f);
    }
    template <class F>
    void run(F first) {
        first();
        while (executor->loop(1'000'000) > 0) {}
    }
    std::shared_ptr<concurrencpp::manual_executor> executor;
};

void task_self_reposting(benchmark::State& state) {
    concurrencpp::runtime runtime;
    queueing::selfReposting(state, Tasks{runtime.make_manual_executor()}, Measured::any);
}
BENCHMARK(task_self_reposting);

void task_burst(benchmark::State& state) {
    concurrencpp::runtime runtime;
    queueing::burst(state, Tasks{runtime.make_manual_executor()}, Measured::any);
}
BENCHMARK(task_burst)->Apply(queueing::shortAndLong);

void offload_one_at_a_time(benchmark::State& state) {
    concurrencpp::runtime runtime;
    const auto thread = runtime.make_worker_thread_executor();
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(thread->submit([&i] { return ++i; }).get());
}
BENCHMARK(offload_one_at_a_time)->UseRealTime();

}
