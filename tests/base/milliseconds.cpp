// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/milliseconds.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

using rondo::base::Milliseconds;
using namespace std::chrono_literals;

namespace {

std::int64_t ns(Milliseconds delay) { return delay.nanoseconds(); }

}

TEST_CASE("a number is a number of milliseconds") {
    CHECK(ns({}) == 0);
    CHECK(ns(0) == 0);
    CHECK(ns(1) == 1'000'000);
    CHECK(ns(250u) == 250'000'000);
    CHECK(ns(std::int8_t{3}) == 3'000'000);
    CHECK(ns(86'400'000ULL) == 86'400'000'000'000);
}

TEST_CASE("fractions of a millisecond count") {
    CHECK(ns(0.5) == 500'000);
    CHECK(ns(1.25f) == 1'250'000);
    CHECK(ns(0.0000001) == 0);
}

TEST_CASE("a duration of any unit is a delay") {
    CHECK(ns(10ms) == 10'000'000);
    CHECK(ns(7ns) == 7);
    CHECK(ns(3us) == 3'000);
    CHECK(ns(2h) == 7'200'000'000'000);
    CHECK(ns(1.5s) == 1'500'000'000);
    CHECK(ns(std::chrono::duration<int, std::ratio<1, 3>>(2)) == 666'666'666);
    CHECK(ns(std::chrono::duration<std::int64_t, std::pico>(2'500)) == 2);
}

TEST_CASE("whole numbers are exact where doubles are not") {
    constexpr std::int64_t odd = (std::int64_t{1} << 61) + 1;
    CHECK(ns(std::chrono::nanoseconds(odd)) == odd);
    constexpr std::int64_t microseconds = (std::int64_t{1} << 51) + 1;
    CHECK(ns(std::chrono::microseconds(microseconds)) == microseconds * 1'000);
}

TEST_CASE("a negative delay is 0") {
    CHECK(ns(-1) == 0);
    CHECK(ns(-0.5) == 0);
    CHECK(ns(-3h) == 0);
    CHECK(ns(std::numeric_limits<std::int64_t>::min()) == 0);
    CHECK(ns(-std::numeric_limits<double>::infinity()) == 0);
    CHECK(ns(std::chrono::hours::min()) == 0);
}

TEST_CASE("a delay that is not a number is 0") {
    CHECK(ns(std::numeric_limits<double>::quiet_NaN()) == 0);
    CHECK(ns(std::numeric_limits<float>::quiet_NaN()) == 0);
    CHECK(ns(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())) == 0);
}

TEST_CASE("an infinite or overflowing delay is never") {
    CHECK(ns(std::numeric_limits<double>::infinity()) == Milliseconds::never);
    CHECK(ns(std::numeric_limits<double>::max()) == Milliseconds::never);
    CHECK(ns(std::numeric_limits<std::int64_t>::max()) == Milliseconds::never);
    CHECK(ns(std::numeric_limits<std::uint64_t>::max()) == Milliseconds::never);
    CHECK(ns(std::chrono::hours::max()) == Milliseconds::never);
    CHECK(ns(std::chrono::nanoseconds::max()) == Milliseconds::never);
    CHECK(ns(std::chrono::hours(147 * 8766)) == Milliseconds::never);
}

TEST_CASE("delays of 146 years and of more than 31 bits do not wrap around") {
    CHECK(ns(std::chrono::hours(146 * 8766)) == std::int64_t{146} * 8766 * 3'600'000'000'000);
    CHECK(ns(2'147'483'648LL) == 2'147'483'648'000'000);
    CHECK(ns(4'294'967'296.0) == 4'294'967'296'000'000);
}

TEST_CASE("a delay is made implicitly and at compile time") {
    STATIC_REQUIRE(std::is_convertible_v<int, Milliseconds>);
    STATIC_REQUIRE(std::is_convertible_v<std::chrono::minutes, Milliseconds>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<const char*, Milliseconds>);
    constexpr Milliseconds minute = 1min;
    STATIC_REQUIRE(minute.nanoseconds() == 60'000'000'000);
}
