// SPDX-License-Identifier: MIT

#include "support/allocations.hpp"
#include "support/floors.hpp"

#include <rondo/loop.hpp>
#include <rondo/web/timers.hpp>

#include <benchmark/benchmark.h>

using rondo::EventLoop;

namespace {

constexpr int count = 100'000;
constexpr int burst = 1'000'000;

int left = 0;
std::size_t calls = 0;

void runOut(EventLoop& loop) {
    loop.turnUntil([] { return false; });
}

void repost(void*) {
    if (--left > 0) floors::ring.push(repost, nullptr);
}

void floor_ring_self_reposting(benchmark::State& state) {
    for (auto _ : state) {
        left = count;
        floors::ring.push(repost, nullptr);
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(floor_ring_self_reposting);

void floor_ring_burst(benchmark::State& state) {
    for (auto _ : state) {
        for (int i = 0; i < burst; ++i) floors::ring.push([](void* n) { ++*static_cast<std::size_t*>(n); }, &calls);
        floors::ring.drain();
    }
    state.SetItemsProcessed(state.iterations() * burst);
}
BENCHMARK(floor_ring_burst);

void requeueMicrotask() {
    if (--left > 0) rondo::queueMicrotask(requeueMicrotask);
}

void microtask_self_reposting(benchmark::State& state) {
    EventLoop loop;
    Allocations allocations(state);
    for (auto _ : state) {
        left = count;
        rondo::queueMicrotask(requeueMicrotask);
        runOut(loop);
    }
    allocations.per(static_cast<double>(state.iterations()) * count);
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(microtask_self_reposting);

void microtask_burst(benchmark::State& state) {
    EventLoop loop;
    for (auto _ : state) {
        for (int i = 0; i < burst; ++i) rondo::queueMicrotask([] { ++calls; });
        runOut(loop);
    }
    state.SetItemsProcessed(state.iterations() * burst);
}
BENCHMARK(microtask_burst);

void repostTask() {
    if (--left > 0) EventLoop::current().post(repostTask);
}

void task_self_reposting(benchmark::State& state) {
    EventLoop loop;
    Allocations allocations(state);
    for (auto _ : state) {
        left = count;
        loop.post(repostTask);
        runOut(loop);
    }
    allocations.per(static_cast<double>(state.iterations()) * count);
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(task_self_reposting);

void task_burst(benchmark::State& state) {
    EventLoop loop;
    for (auto _ : state) {
        for (int i = 0; i < burst; ++i) loop.post([] { ++calls; });
        runOut(loop);
    }
    state.SetItemsProcessed(state.iterations() * burst);
}
BENCHMARK(task_burst);

void resetTimeout() {
    if (--left > 0) rondo::setTimeout(resetTimeout);
}

void timeout_of_zero_self_reposting(benchmark::State& state) {
    EventLoop loop;
    Allocations allocations(state);
    for (auto _ : state) {
        left = count;
        rondo::setTimeout(resetTimeout);
        runOut(loop);
    }
    allocations.per(static_cast<double>(state.iterations()) * count);
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(timeout_of_zero_self_reposting);

void timeout_of_zero_burst(benchmark::State& state) {
    EventLoop loop;
    for (auto _ : state) {
        for (int i = 0; i < burst; ++i) rondo::setTimeout([] { ++calls; });
        runOut(loop);
    }
    state.SetItemsProcessed(state.iterations() * burst);
}
BENCHMARK(timeout_of_zero_burst);

void floor_read_the_clock(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(floor_read_the_clock);

}
