// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/promise.hpp>

#include <benchmark/benchmark.h>
#include <cstdint>
#include <utility>

using rondo::EventLoop;
using rondo::Promise;

namespace {

[[gnu::noinline]] floors::Eager floorReturnAtOnce(int i) { co_return i; }

floors::Root floorCalls(benchmark::State& state) {
    int i = 0;
    benchmark::DoNotOptimize(co_await floorReturnAtOnce(++i));
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await floorReturnAtOnce(++i));
}

void floor_eager_coroutine_and_hop(benchmark::State& state) {
    floorCalls(state);
    floors::ring.drain();
}
BENCHMARK(floor_eager_coroutine_and_hop);

[[gnu::noinline]] Promise<int> returnAtOnce(int i) { co_return i; }

Promise<> awaitCalls(benchmark::State& state) {
    int i = 0;
    benchmark::DoNotOptimize(co_await returnAtOnce(++i));
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) benchmark::DoNotOptimize(co_await returnAtOnce(++i));
}

void await_async_function_that_returns_at_once(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return awaitCalls(state); });
}
BENCHMARK(await_async_function_that_returns_at_once);

constexpr int n = 30;
constexpr std::size_t calls = 2'692'537; // of fib(30)

floors::Eager floorFib(int i) {
    if (i < 2) co_return i;
    const int a = co_await floorFib(i - 1);
    const int b = co_await floorFib(i - 2);
    co_return a + b;
}

floors::Root floorFibs(benchmark::State& state) {
    benchmark::DoNotOptimize(co_await floorFib(n));
    const Measured measured(state, calls);
    for (auto _ : state) benchmark::DoNotOptimize(co_await floorFib(n));
}

void floor_fib_of_eager_coroutines(benchmark::State& state) {
    floorFibs(state);
    floors::ring.drain();
}
BENCHMARK(floor_fib_of_eager_coroutines);

Promise<int> fib(int i) {
    if (i < 2) co_return i;
    const int a = co_await fib(i - 1);
    const int b = co_await fib(i - 2);
    co_return a + b;
}

Promise<> fibs(benchmark::State& state) {
    benchmark::DoNotOptimize(co_await fib(n));
    const Measured measured(state, calls, Measured::steady);
    for (auto _ : state) benchmark::DoNotOptimize(co_await fib(n));
}

void fib_of_async_functions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return fibs(state); });
}
BENCHMARK(fib_of_async_functions);

// Each link awaits the next one.
constexpr std::int64_t longest = 1'000'000;

// As deep as it is long, so only where the compiler makes jumps of symmetric transfers: at -O2.
floors::Lazy floorLink(std::int64_t left) {
    if (left == 0) co_return 0;
    co_return 1 + co_await floorLink(left - 1);
}

floors::Root floorChains(benchmark::State& state) {
    benchmark::DoNotOptimize(co_await floorLink(state.range(0)));
    const Measured measured(state, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(co_await floorLink(state.range(0)));
}

void floor_chain_of_lazy_coroutines(benchmark::State& state) {
    floorChains(state);
    floors::ring.drain();
}
BENCHMARK(floor_chain_of_lazy_coroutines)->Arg(longest);

Promise<int> link(Promise<int> next) { co_return 1 + co_await next; }

Promise<int> chain(std::int64_t length) {
    auto farEnd = Promise<int>::withResolvers();
    Promise<int> first = std::move(farEnd.promise);
    for (std::int64_t i = 0; i < length; ++i) first = link(std::move(first));
    farEnd.resolve(0);
    return first;
}

Promise<> chains(benchmark::State& state) {
    const std::int64_t length = state.range(0);
    benchmark::DoNotOptimize(co_await chain(length));
    const Measured measured(state, static_cast<std::size_t>(length), Measured::steady);
    for (auto _ : state) benchmark::DoNotOptimize(co_await chain(length));
}

void chain_of_async_functions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return chains(state); });
}
BENCHMARK(chain_of_async_functions)->Arg(1000)->Arg(longest);

}
