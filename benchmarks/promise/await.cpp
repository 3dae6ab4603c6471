// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/promise.hpp>

#include <benchmark/benchmark.h>

using rondo::EventLoop;
using rondo::Promise;

namespace {

floors::Root hop(benchmark::State& state) {
    const Measured measured(state);
    for (auto _ : state) co_await floors::Hop{};
}

void floor_suspend_hop_resume(benchmark::State& state) {
    hop(state);
    floors::ring.drain();
}
BENCHMARK(floor_suspend_hop_resume);

Promise<> awaitSettled(benchmark::State& state) {
    const auto settled = Promise<>::resolve(1);
    co_await settled;
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) benchmark::DoNotOptimize(co_await settled);
}

void await_settled_promise(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return awaitSettled(state); });
}
BENCHMARK(await_settled_promise);

}
