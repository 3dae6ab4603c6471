// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/web/performance.hpp>
#include <rondo/web/timers.hpp>

#include <chrono>
#include <stdexcept>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

TEST_CASE("performance.now() is 0 when a loop in virtual time begins") {
    EventLoop loop({.virtualTime = true});
    CHECK(performance.now() == 0.0);
}

ASYNC_TEST_CASE("in virtual time performance.now() stands still while code runs") {
    const double before = performance.now();
    for (int i = 0; i < 100; ++i) co_await Promise<>::resolve();
    CHECK(performance.now() == before);
}

ASYNC_TEST_CASE("in virtual time performance.now() jumps to the deadline of a timer") {
    Journal log;
    setTimeout([&] { log(performance.now()); }, 20);
    setTimeout([&] { log(performance.now()); }, 0.25);
    setTimeout([&] { log(performance.now()); }, 1min);
    co_await delay(2min);
    CHECK(performance.now() == 120'000.0);
    CHECK(log == "0.25 20 60000");
}

ASYNC_TEST_CASE("performance.now() has fractions of a millisecond") {
    co_await delay(1us);
    CHECK(performance.now() == Approx(0.001));
    co_await delay(1ns);
    CHECK(performance.now() == Approx(0.001001));
}

TEST_CASE("on the steady clock performance.now() begins near 0 and never goes back") {
    EventLoop loop;
    std::vector<double> times;
    for (int i = 0; i < 1000; ++i) times.push_back(performance.now());
    CHECK(times.front() >= 0.0);
    bool goesBack = false;
    for (std::size_t i = 1; i < times.size(); ++i) goesBack |= times[i] < times[i - 1];
    CHECK_FALSE(goesBack);
}

TEST_CASE("on the steady clock a timer does not run before its time") {
    EventLoop loop;
    double ran = -1;
    loop.run([&] { setTimeout([&] { ran = performance.now(); }, 2); });
    CHECK(ran >= 2.0);
}

TEST_CASE("performance.now() speaks to the loop of its thread") {
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] { setTimeout([] {}, 10); });
        CHECK(performance.now() == 10.0);
    }
    EventLoop next({.virtualTime = true});
    CHECK(performance.now() == 0.0);
}

TEST_CASE("performance.now() without a loop is a logic_error") { CHECK_THROWS_AS(performance.now(), std::logic_error); }
