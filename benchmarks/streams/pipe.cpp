// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/promise.hpp>
#include <rondo/streams.hpp>

#include <benchmark/benchmark.h>

using rondo::EventLoop;
using rondo::Promise;
using rondo::ReadableStream;
using rondo::TransformStream;
using rondo::WritableStream;

namespace {

constexpr int chunks = 100'000;

[[gnu::noinline]] bool source(int& last) { return ++last <= chunks; }
[[gnu::noinline]] void sink(int chunk) { benchmark::DoNotOptimize(chunk); }

// A source and a sink that are called in turn. The platform has each wait for the other: a tick when the source has been
// asked, and one when the sink has written.

floors::Root callInTurn(int& last) {
    while (source(last)) {
        co_await floors::Hop{};
        sink(last);
        co_await floors::Hop{};
    }
}
void floor_source_and_sink_in_turn(benchmark::State& state) {
    const Measured measured(state, chunks);
    for (auto _ : state) {
        int last = 0;
        callInTurn(last);
        floors::ring.drain();
    }
}
BENCHMARK(floor_source_and_sink_in_turn);

ReadableStream<int> numbers() {
    return ReadableStream<int>({.pull = [last = 0](auto& controller) mutable {
        source(last) ? controller.enqueue(last) : controller.close();
    }});
}
WritableStream<int> consumer() {
    return WritableStream<int>({.write = [](int chunk) { sink(chunk); }});
}

/// Making streams may allocate, but no chunk may.
constexpr int ofStreams = 20;

template <class Round>
Promise<> inSteadyState(benchmark::State& state, Round round) {
    co_await round();
    const Measured measured(state, chunks, ofStreams);
    for (auto _ : state) co_await round();
}

void chunk_piped(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return inSteadyState(state, [] { return numbers().pipeTo(consumer()); }); });
}
BENCHMARK(chunk_piped);

// With an identity between them that is twice as much.

floors::Root callThreeInTurn(int& last) {
    while (source(last)) {
        co_await floors::Hop{};
        int passed = 0;
        benchmark::DoNotOptimize(passed = last);
        co_await floors::Hop{};
        co_await floors::Hop{};
        sink(passed);
        co_await floors::Hop{};
    }
}
void floor_three_in_turn(benchmark::State& state) {
    const Measured measured(state, chunks);
    for (auto _ : state) {
        int last = 0;
        callThreeInTurn(last);
        floors::ring.drain();
    }
}
BENCHMARK(floor_three_in_turn);

void chunk_piped_through_identity(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] {
        return inSteadyState(state, [] { return numbers().pipeThrough(TransformStream<int>()).pipeTo(consumer()); });
    });
}
BENCHMARK(chunk_piped_through_identity);

}
