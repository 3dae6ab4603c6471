// SPDX-License-Identifier: MIT
//
// What an operation takes when there are more and more of what it is done to: from a thousand to a million, it should
// take the same but for what the caches do.

#include "support/measured.hpp"
#include "support/timeouts.hpp"

#include <rondo/events.hpp>
#include <rondo/host.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <benchmark/benchmark.h>
#include <cstddef>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

std::size_t sizeOf(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void aThousandToAMillion(benchmark::internal::Benchmark* benchmark) {
    benchmark->RangeMultiplier(2)->Range(1 << 10, 1 << 20);
}

/// One operation among many others, which are made anew for each try: there is but one.
void amongAThousandToAMillion(benchmark::internal::Benchmark* benchmark) {
    aThousandToAMillion(benchmark);
    benchmark->Iterations(100'000);
}

Promise<int> awaitIt(Promise<int> promise) { co_return co_await std::move(promise); }

Promise<> awaitAmong(benchmark::State& state) {
    std::vector<PromiseWithResolvers<int>> pending;
    std::vector<Promise<int>> waiting;
    for (std::size_t i = 0; i < sizeOf(state); ++i) {
        pending.push_back(Promise<int>::withResolvers());
        waiting.push_back(awaitIt(pending.back().promise));
    }
    const Measured measured(state);
    for (auto _ : state) {
        auto one = Promise<int>::withResolvers();
        const auto result = awaitIt(std::move(one.promise));
        one.resolve(1);
        benchmark::DoNotOptimize(co_await result);
    }
}

void settle_promise_among_pending_promises(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return awaitAmong(state); });
}
BENCHMARK(settle_promise_among_pending_promises)->Apply(amongAThousandToAMillion);

void set_and_clear_timeout_among_timeouts(benchmark::State& state) {
    EventLoop loop({.virtualTime = true});
    const std::vector<int> delays = timeouts::randomDelays(sizeOf(state));
    for (const int delay : delays) setTimeout([] {}, delay);
    std::size_t i = 0;
    const Measured measured(state);
    for (auto _ : state) clearTimeout(setTimeout([] {}, delays[i++ % delays.size()]));
}
BENCHMARK(set_and_clear_timeout_among_timeouts)->Apply(amongAThousandToAMillion);

Promise<> settleReactions(benchmark::State& state) {
    std::size_t calls = 0;
    const Measured measured(state, sizeOf(state));
    for (auto _ : state) {
        const auto r = Promise<>::withResolvers();
        for (std::size_t i = 0; i < sizeOf(state); ++i) r.promise.then([&calls] { ++calls; });
        r.resolve();
        co_await r.promise; // the last reaction
    }
}

void settle_promise_with_reactions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return settleReactions(state); });
}
BENCHMARK(settle_promise_with_reactions)->Apply(aThousandToAMillion);

Promise<> settleChains(benchmark::State& state) {
    const Measured measured(state, sizeOf(state));
    for (auto _ : state) {
        auto r = Promise<int>::withResolvers();
        Promise<int> first = std::move(r.promise);
        for (std::size_t i = 0; i < sizeOf(state); ++i) first = awaitIt(std::move(first));
        r.resolve(1);
        benchmark::DoNotOptimize(co_await first);
    }
}

void settle_chain_of_async_functions(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return settleChains(state); });
}
BENCHMARK(settle_chain_of_async_functions)->Apply(aThousandToAMillion);

Promise<> offloadAll(benchmark::State& state) {
    std::vector<Promise<int>> jobs;
    jobs.reserve(sizeOf(state));
    const Measured measured(state, sizeOf(state));
    for (auto _ : state) {
        for (std::size_t i = 0; i < sizeOf(state); ++i) jobs.push_back(offload([] { return 1; }));
        for (const auto& job : jobs) benchmark::DoNotOptimize(co_await job);
        jobs.clear();
    }
}

void offload_jobs_at_once(benchmark::State& state) {
    ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    loop.runUntilSettled([&] { return offloadAll(state); });
}
BENCHMARK(offload_jobs_at_once)->Apply(aThousandToAMillion)->UseRealTime();

void add_and_remove_listener_among_listeners(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    for (std::size_t i = 0; i < sizeOf(state); ++i) target.addEventListener("click", [] {});
    const Measured measured(state);
    for (auto _ : state) target.removeEventListener("click", target.addEventListener("click", [] {}));
}
BENCHMARK(add_and_remove_listener_among_listeners)->Apply(amongAThousandToAMillion);

}
