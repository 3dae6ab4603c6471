// SPDX-License-Identifier: MIT

#include "support/measured.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <benchmark/benchmark.h>
#include <cstdint>
#include <vector>

using namespace rondo;

namespace {

std::size_t calls = 0;

// What is unavoidable: to call a function for each of some listeners.
void floor_call_listeners(benchmark::State& state) {
    std::vector<void (*)(void*)> listeners(static_cast<std::size_t>(state.range(0)), [](void*) { ++calls; });
    benchmark::DoNotOptimize(listeners.data());
    const Measured measured(state, listeners.size());
    for (auto _ : state) {
        for (const auto listener : listeners) listener(nullptr);
    }
}
BENCHMARK(floor_call_listeners)->Arg(1)->Arg(1000);

void addListeners(EventTarget& target, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) target.addEventListener("click", [] { ++calls; });
}

void dispatch_event_to_listeners(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    addListeners(target, state.range(0));
    Event event("click");
    target.dispatchEvent(event);
    const Measured measured(state, static_cast<std::size_t>(state.range(0)), Measured::steady);
    for (auto _ : state) target.dispatchEvent(event);
}
BENCHMARK(dispatch_event_to_listeners)->Arg(1)->Arg(1000);

void make_event_and_dispatch_it(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    addListeners(target, 1);
    target.dispatchEvent(Event("click"));
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) target.dispatchEvent(Event("click"));
}
BENCHMARK(make_event_and_dispatch_it);

void add_and_remove_listener(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    addListeners(target, 1000);
    const auto round = [&] {
        const auto listener = target.addEventListener("click", [] { ++calls; });
        target.removeEventListener("click", listener);
    };
    round();
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) round();
}
BENCHMARK(add_and_remove_listener);

void make_controller_and_abort_listener(benchmark::State& state) {
    EventLoop loop;
    const auto reason = std::make_exception_ptr(1);
    const auto round = [&] {
        AbortController controller;
        controller.signal().addEventListener("abort", [] { ++calls; });
        controller.abort(reason);
        loop.poll(); // a checkpoint, at which it lets its listeners go
    };
    round();
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) round();
}
BENCHMARK(make_controller_and_abort_listener);

Promise<> awaitDelays(benchmark::State& state) {
    const AbortController longLived;
    co_await delay(0, {.signal = longLived.signal()});
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) co_await delay(0, {.signal = longLived.signal()});
}

void await_delay_with_long_lived_signal(benchmark::State& state) {
    EventLoop loop({.virtualTime = true});
    loop.runUntilSettled([&] { return awaitDelays(state); });
}
BENCHMARK(await_delay_with_long_lived_signal);

}
