// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/web/performance.hpp>
#include <rondo/web/timers.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
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

namespace {

std::string listed(const std::vector<PerformanceEntry>& entries) {
    Journal log;
    for (const PerformanceEntry& entry : entries)
        log(entry.name(), ':', entry.entryType(), ':', entry.startTime(), '+', entry.duration());
    return log.text();
}

/// What `f` threw: its name and message.
template <class F>
std::string thrownBy(F f) {
    try {
        f();
    } catch (const Error& error) {
        return error.toString();
    }
    return "nothing";
}

}

TEST_CASE("performance.timeOrigin() is when the loop began") {
    const auto today = [] {
        const std::chrono::duration<double, std::milli> now = std::chrono::system_clock::now().time_since_epoch();
        return now.count();
    };
    const double before = today();
    EventLoop loop;
    const double origin = performance.timeOrigin();
    CHECK(origin >= before - 1000);
    CHECK(origin <= today());
    CHECK(performance.timeOrigin() == origin);
}

ASYNC_TEST_CASE("in virtual time performance.timeOrigin() does not move") {
    co_await delay(1h);
    const double origin = performance.timeOrigin();
    co_await delay(1h);
    CHECK(performance.timeOrigin() == origin);
    const std::chrono::duration<double, std::milli> today = std::chrono::system_clock::now().time_since_epoch();
    CHECK(origin + 3'600'000 <= today.count());
}

ASYNC_TEST_CASE("a mark is made now or at the time that is given") {
    co_await delay(5);
    const PerformanceMark mark = performance.mark("a");
    CHECK(mark.startTime() == 5.0);
    CHECK(performance.mark("b", {.startTime = 7}).startTime() == 7.0);
    CHECK(listed(performance.getEntries()) == "a:mark:5+0 b:mark:7+0");
    CHECK(thrownBy([] { performance.mark("c", {.startTime = -1}); }) ==
          "TypeError: a time on the timeline cannot be negative");
    CHECK(performance.getEntries().size() == 2);
}

ASYNC_TEST_CASE("a measure goes from a mark to a mark") {
    performance.mark("zero");
    co_await delay(10);
    performance.mark("ten");
    co_await delay(5);
    CHECK(performance.measure("all").duration() == 15.0);
    const PerformanceMeasure sinceTen = performance.measure("since ten", "ten");
    CHECK(sinceTen.startTime() == 10.0);
    CHECK(sinceTen.duration() == 5.0);
    CHECK(performance.measure("between", "zero", "ten").duration() == 10.0);
    CHECK(performance.measure("numbers", 1, 2.5).duration() == 1.5);
    CHECK(performance.measure("nothing", {}).duration() == 15.0);
}

TEST_CASE("a measure has two of start and end and duration") {
    EventLoop loop({.virtualTime = true});
    performance.mark("a", {.startTime = 3});
    const auto measured = [](const PerformanceMeasureOptions& options) {
        const PerformanceMeasure measure = performance.measure("m", options);
        Journal log;
        log(measure.startTime(), '+', measure.duration());
        return log.text();
    };
    CHECK(measured({.start = 1, .end = 3}) == "1+2");
    CHECK(measured({.start = "a", .duration = 2}) == "3+2");
    CHECK(measured({.duration = 2, .end = "a"}) == "1+2");
    CHECK(measured({.duration = 2, .end = 1}) == "-1+2");
    CHECK(measured({.end = "a"}) == "0+3");
    CHECK(measured({.start = 3, .end = 1}) == "3+-2");
    const std::string error = "TypeError: a measure with a duration needs its start or its end, and not both";
    CHECK(thrownBy([&] { measured({.start = 1, .duration = 2, .end = 3}); }) == error);
    CHECK(thrownBy([&] { measured({.duration = 2}); }) == error);
    CHECK(thrownBy([&] { measured({.end = -1}); }) == "TypeError: a time on the timeline cannot be negative");
}

TEST_CASE("a mark that is not there is a SyntaxError") {
    EventLoop loop({.virtualTime = true});
    performance.measure("nope");
    CHECK(thrownBy([] { performance.measure("m", "nope"); }) ==
          "SyntaxError: The \"nope\" performance mark has not been set");
    CHECK_THROWS_AS(performance.measure("m", {.end = "nope"}), DOMException);
    CHECK(performance.getEntries().size() == 1);
}

TEST_CASE("entries are sorted by their start and then by their making") {
    EventLoop loop({.virtualTime = true});
    performance.mark("b", {.startTime = 2});
    performance.mark("a", {.startTime = 2});
    performance.mark("a", {.startTime = 1});
    performance.measure("a", {.start = 2, .end = 3});
    CHECK(listed(performance.getEntries()) == "a:mark:1+0 b:mark:2+0 a:mark:2+0 a:measure:2+1");
    CHECK(listed(performance.getEntriesByName("a")) == "a:mark:1+0 a:mark:2+0 a:measure:2+1");
    CHECK(listed(performance.getEntriesByName("a", "mark")) == "a:mark:1+0 a:mark:2+0");
    CHECK(listed(performance.getEntriesByType("measure")) == "a:measure:2+1");
    CHECK(performance.getEntriesByType("nope").empty());
    CHECK(performance.getEntriesByName("c").empty());
}

TEST_CASE("of marks with one name the one that was made last is meant") {
    EventLoop loop({.virtualTime = true});
    performance.mark("a", {.startTime = 1});
    performance.mark("a", {.startTime = 5});
    performance.mark("a", {.startTime = 3});
    CHECK(performance.measure("m", "a").startTime() == 3.0);
}

TEST_CASE("marks and measures are cleared by name or all") {
    EventLoop loop({.virtualTime = true});
    for (const char* name : {"a", "b"}) {
        performance.mark(name);
        performance.measure(name);
    }
    performance.clearMarks("a");
    CHECK(listed(performance.getEntries()) == "a:measure:0+0 b:mark:0+0 b:measure:0+0");
    performance.clearMeasures("b");
    CHECK(listed(performance.getEntries()) == "a:measure:0+0 b:mark:0+0");
    performance.clearMarks();
    CHECK(listed(performance.getEntries()) == "a:measure:0+0");
    performance.clearMeasures();
    CHECK(performance.getEntries().empty());
    CHECK_THROWS_AS(performance.measure("m", "a"), DOMException);
}

TEST_CASE("entries belong to their loop") {
    {
        EventLoop loop({.virtualTime = true});
        performance.mark("a");
    }
    EventLoop next({.virtualTime = true});
    CHECK(performance.getEntries().empty());
}

ASYNC_TEST_CASE("the options of a measure may stand in an await") {
    const auto awaited = [](const PerformanceMeasure& measure) { return Promise<>::resolve(measure.duration()); };
    const double duration = co_await awaited(performance.measure("m", {.start = 1, .end = 3}));
    CHECK(duration == 2.0);
}

TEST_CASE("the timeline without a loop is a logic_error") {
    CHECK_THROWS_AS(performance.mark("a"), std::logic_error);
    CHECK_THROWS_AS(performance.getEntries(), std::logic_error);
    CHECK_THROWS_AS(performance.timeOrigin(), std::logic_error);
}
