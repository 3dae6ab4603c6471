// SPDX-License-Identifier: MIT
//
// libuv, with the names of what does the same work with Rondo.

#include "support/timeouts.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdlib>
#include <uv.h>
#include <vector>

namespace {

/// A loop, which closes what is left on it.
class Loop {
public:
    Loop() { uv_loop_init(&loop_); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() {
        uv_walk(&loop_, [](uv_handle_t* handle, void*) { uv_close(handle, nullptr); }, nullptr);
        run();
        uv_loop_close(&loop_);
    }
    void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
    uv_loop_t* get() { return &loop_; }

private:
    uv_loop_t loop_;
};

constexpr std::size_t calls = 100'000;

void task_self_reposting(benchmark::State& state) {
    std::size_t left = 0;
    uv_idle_t idle; // outlives the loop, which closes it
    Loop loop;
    uv_idle_init(loop.get(), &idle);
    idle.data = &left;
    const Measured measured(state, calls);
    for (auto _ : state) {
        left = calls;
        uv_idle_start(&idle, [](uv_idle_t* handle) {
            if (--*static_cast<std::size_t*>(handle->data) == 0) uv_idle_stop(handle);
        });
        loop.run();
    }
}
BENCHMARK(task_self_reposting);

void repeatAtOnce(uv_timer_t* timer) {
    if (--*static_cast<std::size_t*>(timer->data) > 0) uv_timer_start(timer, repeatAtOnce, 0, 0);
}

void timeout_of_zero_self_reposting(benchmark::State& state) {
    std::size_t left = 0;
    uv_timer_t timer;
    Loop loop;
    uv_timer_init(loop.get(), &timer);
    timer.data = &left;
    const Measured measured(state, calls);
    for (auto _ : state) {
        left = calls;
        uv_timer_start(&timer, repeatAtOnce, 0, 0);
        loop.run();
    }
}
BENCHMARK(timeout_of_zero_self_reposting);

class Timers {
public:
    explicit Timers(Loop& loop, std::vector<uv_timer_t>& timers) : timers_(timers) {
        for (uv_timer_t& timer : timers_) uv_timer_init(loop.get(), &timer);
    }
    void set(std::size_t i, int delay) {
        uv_timer_start(&timers_[i], [](uv_timer_t*) {}, static_cast<std::uint64_t>(delay), 0);
    }
    void clear(std::size_t i) { uv_timer_stop(&timers_[i]); }
    void fire() {
        for (uv_timer_t& timer : timers_) uv_timer_stop(&timer); // time is real here: nobody waits
    }

private:
    std::vector<uv_timer_t>& timers_;
};

void set_and_clear_timeouts(benchmark::State& state) {
    std::vector<uv_timer_t> timers(timeouts::count);
    Loop loop;
    timeouts::run(state, timeouts::Timed::setAndClear, Timers(loop, timers));
}
BENCHMARK(set_and_clear_timeouts);

/// Jobs on one thread, so many in flight.
class Jobs {
public:
    explicit Jobs(std::size_t inFlight) : requests_(inFlight) {
        static_cast<void>(setenv("UV_THREADPOOL_SIZE", "1", 1));
        for (uv_work_t& request : requests_) request.data = this;
    }

    void run(std::size_t count) {
        left_ = count;
        for (uv_work_t& request : requests_) queue(request);
        loop_.run();
    }

private:
    void queue(uv_work_t& request) {
        if (left_ == 0) return;
        --left_;
        uv_queue_work(
            loop_.get(), &request, [](uv_work_t* work) { benchmark::DoNotOptimize(work->data); },
            [](uv_work_t* work, int) { static_cast<Jobs*>(work->data)->queue(*work); });
    }

    Loop loop_;
    std::vector<uv_work_t> requests_;
    std::size_t left_ = 0;
};

void offload_one_at_a_time(benchmark::State& state) {
    constexpr std::size_t count = 1000;
    Jobs jobs(1);
    const Measured measured(state, count);
    for (auto _ : state) jobs.run(count);
}
BENCHMARK(offload_one_at_a_time)->UseRealTime();

void offload_1024_in_flight(benchmark::State& state) {
    constexpr std::size_t count = 8 * 1024;
    Jobs jobs(1024);
    const Measured measured(state, count);
    for (auto _ : state) jobs.run(count);
}
BENCHMARK(offload_1024_in_flight)->UseRealTime();

}
