// SPDX-License-Identifier: MIT
#pragma once

#include "support/floors.hpp"
#include "support/measured.hpp"

#include <benchmark/benchmark.h>
#include <bit>
#include <cstddef>
#include <cstdint>

/// A function that queues itself again, and a burst of functions, whatever the queue: one that takes what is to be called,
/// and whose `run` calls what it is given, and then all that this has queued.
namespace queueing {

/// The floor: a ring of functions and their arguments.
struct Ring {
    template <class F>
    void operator()(F f) const {
        floors::ring.push([](void* closure) { std::bit_cast<F>(closure)(); }, std::bit_cast<void*>(f));
    }
    template <class F>
    void run(F first) const {
        first();
        floors::ring.drain();
    }
};

template <class Queue>
void selfReposting(benchmark::State& state, Queue queue, std::size_t mayAllocate = Measured::steady) {
    struct Countdown {
        struct Call {
            void operator()() const {
                if (--countdown->left > 0) countdown->queue(*this);
            }
            Countdown* countdown;
        };
        Queue& queue;
        std::size_t left;
    };
    constexpr std::size_t calls = 100'000;
    Countdown countdown{queue, 0};
    const auto round = [&](std::size_t count) {
        countdown.left = count;
        queue.run([&] { queue(typename Countdown::Call{&countdown}); });
    };
    round(1000);
    const Measured measured(state, calls, mayAllocate);
    for (auto _ : state) round(calls);
}

template <class Queue>
void burst(benchmark::State& state, Queue queue, std::size_t mayAllocate = Measured::steady) {
    const auto length = static_cast<std::size_t>(state.range(0));
    std::size_t calls = 0;
    const auto round = [&] {
        queue.run([&] {
            for (std::size_t i = 0; i < length; ++i) queue([&calls] { ++calls; });
        });
    };
    round();
    const Measured measured(state, length, mayAllocate);
    for (auto _ : state) round();
    benchmark::DoNotOptimize(calls);
}

inline void shortAndLong(benchmark::internal::Benchmark* benchmark) { benchmark->Arg(1000)->Arg(1'000'000); }

}
