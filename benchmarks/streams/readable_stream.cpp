// SPDX-License-Identifier: MIT

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <rondo/promise.hpp>
#include <rondo/streams.hpp>

#include <benchmark/benchmark.h>
#include <coroutine>
#include <optional>
#include <utility>

using rondo::EventLoop;
using rondo::Promise;
using rondo::ReadableStream;
using rondo::ReadableStreamDefaultController;

namespace {

// A chunk goes into a queue, and is taken out behind the tick that the platform demands.

struct Chunks {
    void push(int chunk) { ring[last++ & 15U] = chunk; }
    int pop() { return ring[first++ & 15U]; }

    int ring[16] = {};
    unsigned first = 0;
    unsigned last = 0;
};

floors::Root queueAndTake(benchmark::State& state) {
    Chunks chunks;
    const Measured measured(state);
    for (auto _ : state) {
        chunks.push(1);
        co_await floors::Hop{};
        benchmark::DoNotOptimize(chunks.pop());
    }
}
void floor_queue_and_hop(benchmark::State& state) {
    queueAndTake(state);
    floors::ring.drain();
}
BENCHMARK(floor_queue_and_hop);

/// A stream whose controller is at hand.
struct Fed {
    using Controller = ReadableStreamDefaultController<int>;

    Fed() : stream({.start = [this](Controller& given) { controller.emplace(given); }}) {}

    std::optional<Controller> controller;
    ReadableStream<int> stream;
};

Promise<> enqueueAndRead(benchmark::State& state) {
    const Fed fed;
    const auto reader = fed.stream.getReader();
    const auto round = [&] {
        fed.controller->enqueue(1);
        return reader.read();
    };
    benchmark::DoNotOptimize(*co_await round());
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) {
        const auto step = co_await round();
        benchmark::DoNotOptimize(*step);
    }
}
void chunk_enqueued_and_read(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return enqueueAndRead(state); });
}
BENCHMARK(chunk_enqueued_and_read);

// The same, where the reader is there first, and answers: two coroutines take turns.

/// A place for one chunk, and who waits for it.
struct Slot {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) noexcept { waits = frame; }
    int await_resume() noexcept { return chunk; }
    void put(int value) {
        chunk = value;
        floors::ring.push(floors::resume, std::exchange(waits, nullptr).address());
    }

    int chunk = 0;
    std::coroutine_handle<> waits;
};

floors::Root answerInSlot(Slot& there, Slot& back) {
    for (;;) {
        const int chunk = co_await there;
        if (chunk < 0) break;
        back.put(chunk);
    }
}
floors::Root askInSlot(benchmark::State& state, Slot& there, Slot& back) {
    {
        const Measured measured(state, 2);
        for (auto _ : state) {
            there.put(1);
            benchmark::DoNotOptimize(co_await back);
        }
    }
    there.put(-1);
}
void floor_ping_pong_through_slots(benchmark::State& state) {
    Slot there;
    Slot back;
    answerInSlot(there, back);
    askInSlot(state, there, back);
    floors::ring.drain();
}
BENCHMARK(floor_ping_pong_through_slots);

Promise<> answer(const ReadableStream<int>& there, const Fed& back) {
    const auto reader = there.getReader();
    while (auto step = co_await reader.read()) {
        const int chunk = *step;
        back.controller->enqueue(chunk);
    }
}
Promise<> ask(benchmark::State& state) {
    const Fed there;
    const Fed back;
    const Promise<> answers = answer(there.stream, back);
    const auto reader = back.stream.getReader();
    const auto round = [&] {
        there.controller->enqueue(1);
        return reader.read();
    };
    benchmark::DoNotOptimize(*co_await round());
    {
        const Measured measured(state, 2, Measured::steady);
        for (auto _ : state) {
            const auto step = co_await round();
            benchmark::DoNotOptimize(*step);
        }
    }
    there.controller->close();
    co_await answers;
}
void ping_pong_through_streams(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return ask(state); });
}
BENCHMARK(ping_pong_through_streams);

// A source is asked for each chunk, which takes two ticks: that of the iterator, and that of who awaits it.

[[gnu::noinline]] int nextOf(int& last) { return ++last; }

floors::Root pullAndHopTwice(benchmark::State& state) {
    int last = 0;
    const Measured measured(state);
    for (auto _ : state) {
        const int chunk = nextOf(last);
        co_await floors::Hop{};
        co_await floors::Hop{};
        benchmark::DoNotOptimize(chunk);
    }
}
void floor_pull_and_two_hops(benchmark::State& state) {
    pullAndHopTwice(state);
    floors::ring.drain();
}
BENCHMARK(floor_pull_and_two_hops);

ReadableStream<int> numbers() {
    return ReadableStream<int>({.pull = [last = 0](auto& controller) mutable { controller.enqueue(nextOf(last)); }},
                               {.highWaterMark = 0});
}

Promise<> iterate(benchmark::State& state) {
    const auto chunks = numbers().values();
    benchmark::DoNotOptimize(*co_await chunks.next());
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) {
        const auto step = co_await chunks.next();
        benchmark::DoNotOptimize(*step);
    }
}
void chunk_iterated_over(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return iterate(state); });
}
BENCHMARK(chunk_iterated_over);

}
