// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/loop/clock.hpp>

#include <chrono>

using rondo::loop::Clock;
using namespace std::chrono_literals;

TEST_CASE("a virtual clock stands still until it is told to jump") {
    Clock clock(true);
    CHECK(clock.isVirtual());
    CHECK(clock.read() == 0);
    CHECK(clock.read() == 0);
    clock.jumpTo(86'400'000'000'000);
    CHECK(clock.read() == 86'400'000'000'000);
}

TEST_CASE("a real clock never goes backwards and does move") {
    const Clock clock(false);
    CHECK_FALSE(clock.isVirtual());
    const auto first = clock.read();
    CHECK(first >= 0);
    auto last = first;
    bool backwards = false;
    while (last == first) {
        const auto now = clock.read();
        backwards = backwards || now < last;
        last = now;
    }
    CHECK_FALSE(backwards);
}

TEST_CASE("a real clock ignores jumps") {
    Clock clock(false);
    clock.jumpTo(86'400'000'000'000);
    CHECK(clock.read() < 86'400'000'000'000);
}

TEST_CASE("an instant of a loop is an instant of the steady clock") {
    const auto before = Clock::TimePoint::clock::now();
    const Clock clock(false);
    const auto after = Clock::TimePoint::clock::now();
    CHECK(clock.timePoint(0) >= before);
    CHECK(clock.timePoint(0) <= after);
    CHECK(clock.timePoint(5'000'000) - clock.timePoint(0) == 5ms);
    const auto read = clock.read();
    CHECK(clock.timePoint(read) <= Clock::TimePoint::clock::now());
}
