// SPDX-License-Identifier: MIT

#include "support/measured.hpp"

#include <rondo/promise.hpp>

#include <benchmark/benchmark.h>
#include <exception>
#include <stdexcept>

using rondo::EventLoop;
using rondo::Promise;
using rondo::SettledResult;

namespace {

const std::exception_ptr reason = std::make_exception_ptr(std::runtime_error("no"));

void floor_rethrow_and_catch(benchmark::State& state) {
    const Measured measured(state);
    for (auto _ : state) {
        try {
            std::rethrow_exception(reason);
        } catch (const std::runtime_error& error) {
            benchmark::DoNotOptimize(&error);
        }
    }
}
BENCHMARK(floor_rethrow_and_catch);

// Caught three times: by each of the two functions, which pass it on, and by their caller.
constexpr std::size_t catches = 3;

Promise<int> inner(const Promise<int>& rejected) { co_return co_await rejected; }
Promise<int> outer(const Promise<int>& rejected) { co_return co_await inner(rejected); }

Promise<> catchRejection(benchmark::State& state) {
    const auto rejected = Promise<int>::reject(reason);
    const Measured measured(state, catches);
    for (auto _ : state) {
        try {
            benchmark::DoNotOptimize(co_await outer(rejected));
        } catch (const std::runtime_error& error) {
            benchmark::DoNotOptimize(&error);
        }
    }
}

void catch_rejection_two_functions_up(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return catchRejection(state); });
}
BENCHMARK(catch_rejection_two_functions_up);

Promise<SettledResult<int>> innerSettled(const Promise<int>& rejected) { co_return co_await rejected.settled(); }
Promise<SettledResult<int>> outerSettled(const Promise<int>& rejected) { co_return co_await innerSettled(rejected); }

Promise<> readSettlement(benchmark::State& state) {
    const auto rejected = Promise<int>::reject(reason);
    benchmark::DoNotOptimize(co_await outerSettled(rejected));
    const Measured measured(state, 1, Measured::steady);
    for (auto _ : state) {
        const SettledResult<int> settled = co_await outerSettled(rejected);
        benchmark::DoNotOptimize(settled.rejected());
    }
}

void read_settlement_two_functions_up(benchmark::State& state) {
    EventLoop loop;
    loop.runUntilSettled([&] { return readSettlement(state); });
}
BENCHMARK(read_settlement_two_functions_up);

}
