// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/promise.hpp>

#include <benchmark/benchmark.h>
#include <vector>

using rondo::EventLoop;
using rondo::Promise;

namespace {

constexpr int children = 1000;

floors::Eager floorChild(int i) {
    co_await floors::Hop{};
    co_return i;
}

// Each child hops once, and the parent looks at them in order: no reaction for each.
floors::Root floorAll(benchmark::State& state) {
    std::vector<floors::Eager> all;
    all.reserve(children);
    const Measured measured(state, children);
    for (auto _ : state) {
        for (int i = 0; i < children; ++i) all.push_back(floorChild(i));
        long sum = 0;
        for (floors::Eager& child : all) {
            if (child.frame.promise().done) {
                sum += child.frame.promise().value;
            } else {
                sum += co_await child;
            }
        }
        benchmark::DoNotOptimize(sum);
        all.clear();
    }
}

void floor_children_in_turn(benchmark::State& state) {
    floorAll(state);
    floors::ring.drain();
}
BENCHMARK(floor_children_in_turn);

Promise<int> child(int i, const Promise<>& settled) {
    co_await settled;
    co_return i;
}

Promise<> awaitAll(benchmark::State& state) {
    const auto settled = Promise<>::resolve();
    std::vector<Promise<int>> all;
    all.reserve(children);
    const auto begin = [&] {
        all.clear();
        for (int i = 0; i < children; ++i) all.push_back(child(i, settled));
        return Promise<>::all(all);
    };
    benchmark::DoNotOptimize(co_await begin());
    const Measured measured(state, children, 2); // the vector of the values, and the reactions
    for (auto _ : state) benchmark::DoNotOptimize(co_await begin());
}

void all_of_a_thousand_async_functions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return awaitAll(state); });
}
BENCHMARK(all_of_a_thousand_async_functions);

}
