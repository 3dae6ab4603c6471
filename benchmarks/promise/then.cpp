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

constexpr std::int64_t longest = 1'000'000;

/// A block, a hop and a call.
struct Link {
    static void run(void* argument) {
        auto* self = static_cast<Link*>(argument);
        const int result = self->call(self->value);
        if (Link* next = self->next) {
            next->value = result;
            floors::ring.push(run, next);
        } else {
            benchmark::DoNotOptimize(result);
        }
        floors::Pool::put(self, sizeof(Link));
    }

    Link* next = nullptr;
    int (*call)(int) = [](int x) { return x + 1; };
    int value = 0;
};

void floor_chain_of_blocks(benchmark::State& state) {
    const auto chain = [&] {
        auto* first = new (floors::Pool::get(sizeof(Link))) Link;
        Link* last = first;
        for (std::int64_t i = 1; i < state.range(0); ++i) {
            last->next = new (floors::Pool::get(sizeof(Link))) Link;
            last = last->next;
        }
        floors::ring.push(Link::run, first);
        floors::ring.drain();
    };
    chain();
    const Measured measured(state, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) chain();
}
BENCHMARK(floor_chain_of_blocks)->Arg(1000)->Arg(longest);

Promise<int> chain(std::int64_t length) {
    auto first = Promise<int>::withResolvers();
    Promise<int> last = std::move(first.promise);
    for (std::int64_t i = 0; i < length; ++i) last = last.then([](int value) { return value + 1; });
    first.resolve(0);
    return last;
}

Promise<> chains(benchmark::State& state) {
    const std::int64_t length = state.range(0);
    benchmark::DoNotOptimize(co_await chain(length));
    const Measured measured(state, static_cast<std::size_t>(length), Measured::steady);
    for (auto _ : state) benchmark::DoNotOptimize(co_await chain(length));
}

void then_chain(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return chains(state); });
}
BENCHMARK(then_chain)->Arg(1000)->Arg(longest);

}
