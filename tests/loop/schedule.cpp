// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/loop/schedule.hpp>

#include <cstdint>
#include <limits>

using namespace rondo;
using loop::Schedule;
using loop::TaskQueues;
using loop::Verb;

namespace {

constexpr std::int64_t millisecond = 1'000'000;

/// A timer of the test's own, that counts how often it was dropped.
struct TestTimer : loop::Timer {
    TestTimer() noexcept
        : Timer([](loop::Task* task, Verb) noexcept { ++static_cast<TestTimer*>(task)->dropped; }, once) {}
    int dropped = 0;
};

}

TEST_CASE("the time stands still within a turn and goes on outside of turns") {
    TaskQueues tasks;
    Schedule schedule({}, 1, tasks);
    schedule.beginTurn();
    const std::int64_t first = schedule.now();
    while (schedule.clock().read() == first) {}
    CHECK(schedule.now() == first);
    schedule.beginTurn();
    CHECK(schedule.now() > first);
    schedule.endTurns();
    const std::int64_t outside = schedule.now();
    while (schedule.clock().read() == outside) {}
    CHECK(schedule.now() > outside);
}

TEST_CASE("a timer without a delay is a task at once and one with a delay is not") {
    TaskQueues tasks;
    TestTimer now, later;
    {
        Schedule schedule({.virtualTime = true}, 1, tasks);
        schedule.set(later, millisecond);
        CHECK(tasks.empty());
        schedule.set(now, 0);
        REQUIRE(!tasks.empty());
        CHECK(tasks.pop() == &now);
        schedule.timers().discard(now);
        CHECK(schedule.timersAreLater());
    }
    CHECK(now.dropped == 1);
    CHECK(later.dropped == 1);
}

TEST_CASE("virtual time jumps to the next deadline if somebody waits for it") {
    TaskQueues tasks;
    TestTimer timer;
    Schedule schedule({.virtualTime = true}, 1, tasks);
    CHECK_FALSE(schedule.jump(true)); // there is no deadline
    const auto id = schedule.set(timer, 5 * millisecond);
    schedule.timers().ref(id, false);
    CHECK_FALSE(schedule.jump(false));
    CHECK(schedule.jump(true));
    CHECK(schedule.clock().read() == 5 * millisecond);
    CHECK_FALSE(schedule.timersAreLater());
    schedule.queueDue();
    CHECK(tasks.pop() == &timer);
    schedule.timers().discard(timer);
}

TEST_CASE("virtual time stands still while something holds it") {
    TaskQueues tasks;
    TestTimer timer;
    Schedule schedule({.virtualTime = true}, 1, tasks);
    schedule.set(timer, 5 * millisecond);
    schedule.hold();
    schedule.hold();
    CHECK_FALSE(schedule.mayJump(true));
    schedule.release();
    CHECK_FALSE(schedule.jump(true));
    schedule.release();
    CHECK(schedule.mayJump(false));
}

TEST_CASE("a loop in real time wakes by itself at the next deadline and in virtual time never") {
    TaskQueues tasks;
    TestTimer real, virtually;
    Schedule inReal({}, 1, tasks);
    CHECK(inReal.wakesAt() == base::Milliseconds::never);
    inReal.set(real, 1000 * millisecond);
    CHECK(inReal.wakesAt() >= 1000 * millisecond);
    CHECK(inReal.wakesAt() < 60'000 * millisecond);
    CHECK_FALSE(inReal.mayJump(true));
    Schedule inVirtual({.virtualTime = true}, 2, tasks);
    inVirtual.set(virtually, 1000 * millisecond);
    CHECK(inVirtual.wakesAt() == base::Milliseconds::never);
}

TEST_CASE("a timer that never falls due does not let virtual time jump") {
    TaskQueues tasks;
    TestTimer timer;
    Schedule schedule({.virtualTime = true}, 1, tasks);
    schedule.set(timer, base::Milliseconds::never);
    CHECK_FALSE(schedule.jump(true));
    CHECK(schedule.wakesAt() == base::Milliseconds::never);
}
