// SPDX-License-Identifier: MIT

#include "support/queueing.hpp"
#include "support/timeouts.hpp"

#include <rondo/web/timers.hpp>

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <vector>

using rondo::EventLoop;

namespace {

void floor_ring_self_reposting(benchmark::State& state) { queueing::selfReposting(state, queueing::Ring()); }
BENCHMARK(floor_ring_self_reposting);

void floor_ring_burst(benchmark::State& state) { queueing::burst(state, queueing::Ring()); }
BENCHMARK(floor_ring_burst)->Apply(queueing::shortAndLong);

/// A timer that is due at once reads the clock.
void floor_read_the_clock(benchmark::State& state) {
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}
BENCHMARK(floor_read_the_clock);

struct TimeoutsOfZero {
    template <class F>
    void operator()(F f) {
        rondo::setTimeout(f, 0);
    }
    template <class F>
    void run(F first) {
        loop.post(first);
        loop.turnUntil([] { return false; });
    }
    EventLoop& loop;
};

void timeout_of_zero_self_reposting(benchmark::State& state) {
    EventLoop loop;
    queueing::selfReposting(state, TimeoutsOfZero{loop});
}
BENCHMARK(timeout_of_zero_self_reposting);

void timeout_of_zero_burst(benchmark::State& state) {
    EventLoop loop;
    queueing::burst(state, TimeoutsOfZero{loop});
}
BENCHMARK(timeout_of_zero_burst)->Apply(queueing::shortAndLong);

class Timeouts {
public:
    void set(std::size_t i, int delay) {
        handles_[i] = rondo::setTimeout([this] { ++fired_; }, delay);
    }
    void clear(std::size_t i) { rondo::clearTimeout(handles_[i]); }
    void fire() {
        EventLoop::current().turnUntil([] { return false; });
    }

private:
    std::vector<rondo::TimerHandle> handles_ = std::vector<rondo::TimerHandle>(timeouts::count);
    std::size_t fired_ = 0;
};

void floor_set_and_clear_in_heap(benchmark::State& state) {
    timeouts::run(state, timeouts::Timed::setAndClear, timeouts::Heap());
}
BENCHMARK(floor_set_and_clear_in_heap);

void set_and_clear_timeouts(benchmark::State& state) {
    EventLoop loop({.virtualTime = true});
    timeouts::run(state, timeouts::Timed::setAndClear, Timeouts());
}
BENCHMARK(set_and_clear_timeouts);

void floor_take_from_heap(benchmark::State& state) { timeouts::run(state, timeouts::Timed::fire, timeouts::Heap()); }
BENCHMARK(floor_take_from_heap);

void fire_timeouts(benchmark::State& state) {
    EventLoop loop({.virtualTime = true});
    timeouts::run(state, timeouts::Timed::fire, Timeouts());
}
BENCHMARK(fire_timeouts);

}
