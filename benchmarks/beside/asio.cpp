// SPDX-License-Identifier: MIT
//
// Asio, with the names of what does the same work with Rondo. Its coroutines complete inline where ours go through the
// queue, and it has one queue.

#include "support/queueing.hpp"
#include "support/timeouts.hpp"

#include <asio.hpp>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

using asio::awaitable;
using asio::io_context;
using asio::use_awaitable;

namespace {

template <class F>
void run(benchmark::State& state, F f) {
    io_context context(1);
    asio::co_spawn(context, f(state), asio::detached);
    context.run();
}

awaitable<void> hop(benchmark::State& state) {
    const auto executor = co_await asio::this_coro::executor;
    const Measured measured(state);
    for (auto _ : state) co_await asio::post(executor, use_awaitable);
}
void await_settled_promise(benchmark::State& state) { run(state, hop); }
BENCHMARK(await_settled_promise);

[[gnu::noinline]] awaitable<int> returnAtOnce(int i) { co_return i; }

awaitable<void> awaitCalls(benchmark::State& state) {
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await returnAtOnce(++i));
}
void await_async_function_that_returns_at_once(benchmark::State& state) { run(state, awaitCalls); }
BENCHMARK(await_async_function_that_returns_at_once);

awaitable<int> fib(int i) {
    if (i < 2) co_return i;
    const int a = co_await fib(i - 1);
    const int b = co_await fib(i - 2);
    co_return a + b;
}

awaitable<void> fibs(benchmark::State& state) {
    const Measured measured(state, 2'692'537);
    for (auto _ : state) benchmark::DoNotOptimize(co_await fib(30));
}
void fib_of_async_functions(benchmark::State& state) { run(state, fibs); }
BENCHMARK(fib_of_async_functions);

awaitable<int> link(std::int64_t left) {
    if (left == 0) {
        co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
        co_return 0;
    }
    co_return 1 + co_await link(left - 1);
}

awaitable<void> chains(benchmark::State& state) {
    const Measured measured(state, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(co_await link(state.range(0)));
}
void chain_of_async_functions(benchmark::State& state) { run(state, chains); }
BENCHMARK(chain_of_async_functions)->Arg(1'000'000);

struct Tasks {
    template <class F>
    void operator()(F f) {
        asio::post(context, f);
    }
    template <class F>
    void run(F first) {
        asio::post(context, first);
        context.run();
        context.restart();
    }
    io_context& context;
};

void task_self_reposting(benchmark::State& state) {
    io_context context(1);
    queueing::selfReposting(state, Tasks{context}, Measured::any);
}
BENCHMARK(task_self_reposting);

void task_burst(benchmark::State& state) {
    io_context context(1);
    queueing::burst(state, Tasks{context}, Measured::any);
}
BENCHMARK(task_burst)->Apply(queueing::shortAndLong);

class Timers {
public:
    explicit Timers(io_context& context) : context_(context) {
        timers_.reserve(timeouts::count);
        for (std::size_t i = 0; i < timeouts::count; ++i) timers_.emplace_back(context);
    }
    void set(std::size_t i, int delay) {
        timers_[i].expires_after(std::chrono::milliseconds(delay));
        timers_[i].async_wait([this](const asio::error_code& error) {
            if (!error) ++fired_;
        });
    }
    void clear(std::size_t i) { timers_[i].cancel(); }
    void fire() {
        for (asio::steady_timer& timer : timers_) timer.cancel(); // time is real here: nobody waits
        context_.run();
        context_.restart();
    }

private:
    io_context& context_;
    std::vector<asio::steady_timer> timers_;
    std::size_t fired_ = 0;
};

void set_and_clear_timeouts(benchmark::State& state) {
    io_context context(1);
    timeouts::run(state, timeouts::Timed::setAndClear, Timers(context));
}
BENCHMARK(set_and_clear_timeouts);

awaitable<int> trivial(int i) { co_return i + 1; }

awaitable<void> offloadOneAtATime(benchmark::State& state) {
    asio::thread_pool pool(1);
    int i = 0;
    const Measured measured(state);
    for (auto _ : state) benchmark::DoNotOptimize(co_await asio::co_spawn(pool, trivial(++i), use_awaitable));
}
void offload_one_at_a_time(benchmark::State& state) { run(state, offloadOneAtATime); }
BENCHMARK(offload_one_at_a_time)->UseRealTime();

/// Ends when all that were begun have ended.
class Latch {
public:
    explicit Latch(const asio::any_io_executor& executor, int count)
        : left_(count), done_(executor, std::chrono::steady_clock::time_point::max()) {}
    void countDown() {
        if (--left_ == 0) done_.cancel();
    }
    awaitable<void> wait() {
        asio::error_code cancelled;
        if (left_ > 0) co_await done_.async_wait(asio::redirect_error(use_awaitable, cancelled));
    }

private:
    int left_;
    asio::steady_timer done_;
};

constexpr int inFlight = 1024;
constexpr int jobsEach = 8;

awaitable<void> oneAfterTheOther(asio::thread_pool& pool, Latch& latch) {
    for (int i = 0; i < jobsEach; ++i)
        benchmark::DoNotOptimize(co_await asio::co_spawn(pool, trivial(i), use_awaitable));
    latch.countDown();
}

awaitable<void> offloadMany(benchmark::State& state) {
    const auto executor = co_await asio::this_coro::executor;
    asio::thread_pool pool(1);
    const Measured measured(state, inFlight * jobsEach);
    for (auto _ : state) {
        Latch latch(executor, inFlight);
        for (int i = 0; i < inFlight; ++i) asio::co_spawn(executor, oneAfterTheOther(pool, latch), asio::detached);
        co_await latch.wait();
    }
}
void offload_1024_in_flight(benchmark::State& state) { run(state, offloadMany); }
BENCHMARK(offload_1024_in_flight)->UseRealTime();

constexpr int children = 1000;

awaitable<void> child(int i, std::vector<int>& values, Latch& latch) {
    co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
    values[static_cast<std::size_t>(i)] = i;
    latch.countDown();
}

awaitable<void> awaitAll(benchmark::State& state) {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<int> values(children);
    const Measured measured(state, children);
    for (auto _ : state) {
        Latch latch(executor, children);
        for (int i = 0; i < children; ++i) asio::co_spawn(executor, child(i, values, latch), asio::detached);
        co_await latch.wait();
    }
}
void all_of_a_thousand_async_functions(benchmark::State& state) { run(state, awaitAll); }
BENCHMARK(all_of_a_thousand_async_functions);

}
