// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/loop/in_flight.hpp>

#include <array>
#include <exception>
#include <memory>
#include <source_location>
#include <utility>

using rondo::base::Reason;
using rondo::base::StackTrace;
using rondo::base::Trail;
using rondo::loop::InFlight;

namespace {

const rondo::base::Place here = __builtin_source_location();
const rondo::base::Place elsewhere = __builtin_source_location();

std::size_t lengthOf(const Reason& reason) {
    std::array<std::source_location, StackTrace::depth> awaits;
    return Trail::awaits(reason.trail, awaits);
}

Reason thrownThrough(int awaits, const std::exception_ptr& error) {
    Trail* trail = nullptr;
    for (int i = 0; i < awaits; ++i) trail = Trail::extended(trail, std::source_location::current());
    return {error, trail};
}

}

TEST_CASE("a reason that leaves the function whose await threw it keeps its trail") {
    CountingSource source;
    {
        InFlight inFlight;
        const int function = 0;
        const auto error = std::make_exception_ptr(1);
        inFlight.set(&function, here, thrownThrough(3, error));
        CHECK(lengthOf(inFlight.leaving(&function, here, error)) == 3);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("another function, another error, or the same after another await begins a trail of its own") {
    CountingSource source;
    {
        InFlight inFlight;
        const int function = 0;
        const int other = 0;
        const auto error = std::make_exception_ptr(1);
        inFlight.set(&function, here, thrownThrough(3, error));
        CHECK(lengthOf(inFlight.leaving(&other, here, error)) == 1);
        CHECK(lengthOf(inFlight.leaving(&function, here, std::make_exception_ptr(1))) == 1);
        CHECK(lengthOf(inFlight.leaving(&function, elsewhere, error)) == 1);
        inFlight.clear();
        CHECK(lengthOf(inFlight.leaving(&function, here, error)) == 1);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("the reason is let go with the next one, or when it is cleared") {
    struct Thrown {
        std::shared_ptr<int> life;
    };
    InFlight inFlight;
    auto first = std::make_shared<int>(1);
    auto second = std::make_shared<int>(2);
    inFlight.set(&first, nullptr, {std::make_exception_ptr(Thrown{first}), nullptr});
    CHECK(first.use_count() == 2);
    inFlight.set(&first, nullptr, {std::make_exception_ptr(Thrown{second}), nullptr});
    CHECK(first.use_count() == 1);
    CHECK(second.use_count() == 2);
    inFlight.clear();
    CHECK(second.use_count() == 1);
    inFlight.clear();
}

TEST_CASE("the end of a reason may clear, or bring another one") {
    InFlight inFlight;
    struct Ending {
        explicit Ending(InFlight& stash) : inFlight(&stash) {}
        Ending(const Ending& other) = default;
        ~Ending() {
            if (last) inFlight->set(nullptr, nullptr, {std::make_exception_ptr(2), nullptr});
        }
        InFlight* inFlight;
        bool last = false;
    };
    auto error = std::make_exception_ptr(Ending(inFlight));
    try {
        std::rethrow_exception(error);
    } catch (Ending& ending) {
        ending.last = true;
    }
    inFlight.set(&inFlight, nullptr, {std::exchange(error, nullptr), nullptr});
    inFlight.clear(); // its end has brought the other one
    inFlight.clear();
    const auto none = std::make_exception_ptr(3);
    CHECK(inFlight.leaving(nullptr, here, none).error == none);
}
