// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/iteration/iterator_result.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

TEST_CASE("an iterator result is true until it is done") {
    auto step = IteratorResult<std::string>::yielded("abc");
    CHECK(step);
    CHECK_FALSE(step.done());
    CHECK((*step == "abc" && step->size() == 3 && step.value() == "abc"));
    *step += "d";
    const auto moved = std::move(step).value();
    CHECK(moved == "abcd");
    const auto done = IteratorResult<std::string>::finished();
    CHECK((done.done() && !done));
    CHECK_THROWS_AS(done.value(), std::logic_error);
}

TEST_CASE("what an iterator returned stands beside what it yields") {
    const auto step = IteratorResult<int, std::string>::yielded(1);
    CHECK(step.returned() == nullptr);
    auto done = IteratorResult<int, std::string>::finished("end");
    REQUIRE(done.returned());
    CHECK(*done.returned() == "end");
    CHECK_FALSE(IteratorResult<int, std::string>::finished().returned());
    const std::optional<std::string> kept = IteratorResult<int, std::string>::finished("kept").returned();
    CHECK(kept == "kept");
}

TEST_CASE("an iterator result is copied and moved as its value is") {
    static_assert(!promise::isCopyable<IteratorResult<MoveOnly>>);
    static_assert(!promise::isCopyable<IteratorResult<int, MoveOnly>>);
    static_assert(promise::isCopyable<IteratorResult<int>>);
    auto step = IteratorResult<MoveOnly>::yielded(3);
    const MoveOnly taken = *std::move(step);
    CHECK(taken.value == 3);
}
