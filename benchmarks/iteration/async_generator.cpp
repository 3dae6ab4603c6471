// SPDX-License-Identifier: MIT

#include "support/allocations.hpp"
#include "support/floors.hpp"

#include <rondo/iteration.hpp>

#include <benchmark/benchmark.h>

using rondo::AsyncGenerator;
using rondo::EventLoop;
using rondo::Promise;

namespace {

constexpr int items = 100'000;

// What the platform demands of an item are two ticks, in which two coroutines take turns.
floors::Root hop(int count) {
    for (int i = 0; i < count; ++i) co_await floors::Hop{};
}

void floor_two_hops(benchmark::State& state) {
    for (auto _ : state) {
        hop(2 * items);
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * items);
}
BENCHMARK(floor_two_hops);

AsyncGenerator<int> upTo(int last) {
    for (int i = 0; i < last; ++i) co_yield i;
}
AsyncGenerator<int> through(int last) { co_yield elementsOf(upTo(last)); }

Promise<> consume(AsyncGenerator<int> generator) {
    while (auto step = co_await generator.next()) benchmark::DoNotOptimize(*step);
}

void consume(benchmark::State& state, AsyncGenerator<int> (*make)(int)) {
    EventLoop loop;
    loop.runUntilSettled([&] { return consume(make(1000)); });
    Allocations allocations(state);
    for (auto _ : state) loop.runUntilSettled([&] { return consume(make(items)); });
    allocations.per(static_cast<double>(state.iterations()) * items);
    state.SetItemsProcessed(state.iterations() * items);
}

void consume_async_generator(benchmark::State& state) { consume(state, &upTo); }
BENCHMARK(consume_async_generator);

void consume_through_elements_of(benchmark::State& state) { consume(state, &through); }
BENCHMARK(consume_through_elements_of);

void for_await_over_async_generator(benchmark::State& state) {
    EventLoop loop;
    const auto use = [](int value) { benchmark::DoNotOptimize(value); };
    loop.runUntilSettled([&] { return forAwait(upTo(1000), use); });
    Allocations allocations(state);
    for (auto _ : state) loop.runUntilSettled([&] { return forAwait(upTo(items), use); });
    allocations.per(static_cast<double>(state.iterations()) * items);
    state.SetItemsProcessed(state.iterations() * items);
}
BENCHMARK(for_await_over_async_generator);

}
