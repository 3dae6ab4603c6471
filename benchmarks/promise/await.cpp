// SPDX-License-Identifier: MIT

#include "support/allocations.hpp"
#include "support/floors.hpp"

#include <rondo/promise.hpp>

#include <benchmark/benchmark.h>

using rondo::EventLoop;
using rondo::Promise;

namespace {

constexpr int hops = 100'000;

floors::Root hop(int count) {
    for (int i = 0; i < count; ++i) co_await floors::Hop{};
}

void floor_suspend_hop_resume(benchmark::State& state) {
    for (auto _ : state) {
        hop(hops);
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * hops);
}
BENCHMARK(floor_suspend_hop_resume);

Promise<> awaitSettled(int count) {
    const auto settled = Promise<>::resolve(1);
    for (int i = 0; i < count; ++i) benchmark::DoNotOptimize(co_await settled);
}

void await_settled_promise(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled(awaitSettled, 1000);
    Allocations allocations(state);
    for (auto _ : state) loop.runUntilSettled(awaitSettled, hops);
    allocations.per(static_cast<double>(state.iterations()) * hops);
    state.SetItemsProcessed(state.iterations() * hops);
}
BENCHMARK(await_settled_promise);

floors::Eager floorReturnAtOnce(int i) { co_return i; }

floors::Root floorCalls(int count) {
    for (int i = 0; i < count; ++i) benchmark::DoNotOptimize(co_await floorReturnAtOnce(i));
}

void floor_eager_coroutine_and_hop(benchmark::State& state) {
    for (auto _ : state) {
        floorCalls(hops);
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * hops);
}
BENCHMARK(floor_eager_coroutine_and_hop);

[[gnu::noinline]] Promise<int> returnAtOnce(int i) { co_return i; }

Promise<> awaitCalls(int count) {
    for (int i = 0; i < count; ++i) benchmark::DoNotOptimize(co_await returnAtOnce(i));
}

void await_async_function_that_returns_at_once(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled(awaitCalls, 1000);
    Allocations allocations(state);
    for (auto _ : state) loop.runUntilSettled(awaitCalls, hops);
    allocations.per(static_cast<double>(state.iterations()) * hops);
    state.SetItemsProcessed(state.iterations() * hops);
}
BENCHMARK(await_async_function_that_returns_at_once);

constexpr int fibCalls = 242785; // of fib(25)

floors::Eager floorFib(int n) {
    if (n < 2) co_return n;
    const int a = co_await floorFib(n - 1);
    const int b = co_await floorFib(n - 2);
    co_return a + b;
}

floors::Root floorFibRoot() { benchmark::DoNotOptimize(co_await floorFib(25)); }

void floor_fib_of_eager_coroutines(benchmark::State& state) {
    for (auto _ : state) {
        floorFibRoot();
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * fibCalls);
}
BENCHMARK(floor_fib_of_eager_coroutines);

Promise<int> fib(int n) {
    if (n < 2) co_return n;
    const int a = co_await fib(n - 1);
    const int b = co_await fib(n - 2);
    co_return a + b;
}

void fib_of_async_functions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled(fib, 20);
    Allocations allocations(state);
    for (auto _ : state) benchmark::DoNotOptimize(loop.runUntilSettled(fib, 25));
    allocations.per(static_cast<double>(state.iterations()) * fibCalls);
    state.SetItemsProcessed(state.iterations() * fibCalls);
}
BENCHMARK(fib_of_async_functions);

}
