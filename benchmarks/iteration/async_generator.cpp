// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/iteration.hpp>

#include <benchmark/benchmark.h>

using rondo::AsyncGenerator;
using rondo::EventLoop;
using rondo::Promise;

namespace {

// What the platform demands of an item are two ticks, in which two coroutines take turns.
floors::Root hopTwice(benchmark::State& state) {
    const Measured measured(state);
    for (auto _ : state) {
        co_await floors::Hop{};
        co_await floors::Hop{};
    }
}

void floor_two_hops(benchmark::State& state) {
    hopTwice(state);
    floors::ring.drain();
}
BENCHMARK(floor_two_hops);

AsyncGenerator<int> numbers() {
    for (int i = 0;; ++i) co_yield i;
}
AsyncGenerator<int> through() { co_yield elementsOf(numbers()); }

Promise<> consume(benchmark::State& state, AsyncGenerator<int> generator) {
    benchmark::DoNotOptimize(*co_await generator.next());
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) {
        const auto step = co_await generator.next();
        benchmark::DoNotOptimize(*step);
    }
}

void consume_async_generator(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return consume(state, numbers()); });
}
BENCHMARK(consume_async_generator);

void consume_through_elements_of(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return consume(state, through()); });
}
BENCHMARK(consume_through_elements_of);

Promise<> consumeByForAwait(benchmark::State& state) {
    constexpr int items = 100'000;
    const auto round = [] {
        return forAwait(numbers(), [](int i) {
            benchmark::DoNotOptimize(i);
            return i < items;
        });
    };
    co_await round();
    const Measured measured(state, items, Measured::steady);
    for (auto _ : state) co_await round();
}

void for_await_over_async_generator(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return consumeByForAwait(state); });
}
BENCHMARK(for_await_over_async_generator);

}
