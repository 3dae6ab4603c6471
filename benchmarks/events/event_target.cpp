// SPDX-License-Identifier: MIT

#include "support/allocations.hpp"

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
    for (auto _ : state) {
        for (const auto listener : listeners) listener(nullptr);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(floor_call_listeners)->Arg(1)->Arg(1000);

void dispatch_event_to_listeners(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    for (std::int64_t i = 0; i < state.range(0); ++i) target.addEventListener("click", [] { ++calls; });
    Allocations allocations(state);
    Event event("click");
    for (auto _ : state) target.dispatchEvent(event);
    allocations.per(static_cast<double>(state.iterations()));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(dispatch_event_to_listeners)->Arg(1)->Arg(1000);

void make_event_and_dispatch_it(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    target.addEventListener("click", [](Event&) { ++calls; });
    Allocations allocations(state);
    for (auto _ : state) target.dispatchEvent(Event("click"));
    allocations.per(static_cast<double>(state.iterations()));
}
BENCHMARK(make_event_and_dispatch_it);

void add_and_remove_listener_among(benchmark::State& state) {
    EventLoop loop;
    EventTarget target;
    for (std::int64_t i = 0; i < state.range(0); ++i) target.addEventListener("click", [] { ++calls; });
    Allocations allocations(state);
    for (auto _ : state) {
        const auto listener = target.addEventListener("click", [] { ++calls; });
        target.removeEventListener("click", listener);
    }
    allocations.per(static_cast<double>(state.iterations()));
}
BENCHMARK(add_and_remove_listener_among)->Arg(0)->Arg(1000)->Arg(1'000'000);

void make_controller_and_abort_listener(benchmark::State& state) {
    EventLoop loop;
    const auto reason = std::make_exception_ptr(1);
    Allocations allocations(state);
    for (auto _ : state) {
        AbortController controller;
        controller.signal().addEventListener("abort", [] { ++calls; });
        controller.abort(reason);
        loop.poll(); // a checkpoint, at which it lets its listeners go
    }
    allocations.per(static_cast<double>(state.iterations()));
}
BENCHMARK(make_controller_and_abort_listener);

void await_delay_with_long_lived_signal(benchmark::State& state) {
    EventLoop loop({.virtualTime = true});
    const AbortController longLived;
    Allocations allocations(state);
    loop.run([&]() -> Promise<> {
        for (auto _ : state) co_await delay(0, {.signal = longLived.signal()});
    });
    allocations.per(static_cast<double>(state.iterations()));
}
BENCHMARK(await_delay_with_long_lived_signal);

}
