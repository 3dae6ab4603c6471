// SPDX-License-Identifier: MIT

#include "support/queueing.hpp"

#include <rondo/loop.hpp>
#include <rondo/web/timers.hpp>

#include <benchmark/benchmark.h>

using rondo::EventLoop;

namespace {

void floor_ring_self_reposting(benchmark::State& state) { queueing::selfReposting(state, queueing::Ring()); }
BENCHMARK(floor_ring_self_reposting);

void floor_ring_burst(benchmark::State& state) { queueing::burst(state, queueing::Ring()); }
BENCHMARK(floor_ring_burst)->Apply(queueing::shortAndLong);

struct Microtasks {
    template <class F>
    void operator()(F f) {
        rondo::queueMicrotask(f);
    }
    template <class F>
    void run(F first) {
        loop.post(first);
        loop.turnUntil([] { return false; });
    }
    EventLoop& loop;
};

void microtask_self_reposting(benchmark::State& state) {
    EventLoop loop;
    queueing::selfReposting(state, Microtasks{loop});
}
BENCHMARK(microtask_self_reposting);

void microtask_burst(benchmark::State& state) {
    EventLoop loop;
    queueing::burst(state, Microtasks{loop});
}
BENCHMARK(microtask_burst)->Apply(queueing::shortAndLong);

struct Tasks {
    template <class F>
    void operator()(F f) {
        loop.post(f);
    }
    template <class F>
    void run(F first) {
        loop.post(first);
        loop.turnUntil([] { return false; });
    }
    EventLoop& loop;
};

void task_self_reposting(benchmark::State& state) {
    EventLoop loop;
    queueing::selfReposting(state, Tasks{loop});
}
BENCHMARK(task_self_reposting);

void task_burst(benchmark::State& state) {
    EventLoop loop;
    queueing::burst(state, Tasks{loop});
}
BENCHMARK(task_burst)->Apply(queueing::shortAndLong);

}
