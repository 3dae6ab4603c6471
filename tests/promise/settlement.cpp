// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

using namespace rondo;

static_assert(std::is_same_v<decltype(std::declval<const SettledResult<int>&>().value()), const int&>);
static_assert(std::is_same_v<decltype(std::declval<SettledResult<int>&&>().value()), int&&>);
static_assert(std::is_same_v<decltype(std::declval<const SettledResult<void>&>().value()), const std::monostate&>);
static_assert(std::is_same_v<SettledResult<int>::value_type, int>);

ASYNC_TEST_CASE("settled gives the value of a fulfilled promise") {
    const auto p = Promise<>::resolve(std::string("value"));
    const SettledResult<std::string> s = co_await p.settled();
    CHECK(s.fulfilled());
    CHECK_FALSE(s.rejected());
    CHECK(s.status() == "fulfilled");
    CHECK(s.value() == "value");
    CHECK(s.reason() == nullptr);
}

ASYNC_TEST_CASE("settled gives the reason of a rejected promise and does not throw") {
    const auto error = std::make_exception_ptr(TypeError("no"));
    const auto p = Promise<int>::reject(error);
    const auto s = co_await p.settled();
    CHECK(s.rejected());
    CHECK(s.status() == "rejected");
    CHECK(s.reason() == error);
    CHECK_THROWS_AS(s.value(), TypeError);
}

ASYNC_TEST_CASE("settled of a promise of void has a monostate for its value") {
    const auto done = Promise<>::resolve();
    const auto s = co_await done.settled();
    CHECK(s.fulfilled());
    CHECK(s.value() == std::monostate());
    const auto failed = Promise<>::reject(1);
    const auto t = co_await failed.settled();
    CHECK(t.rejected());
}

TEST_CASE("settled takes one tick, as co_await does, and marks the promise as handled") {
    CHECK(ticksOf([]() -> Promise<> {
              const auto p = Promise<int>::reject(1);
              const auto s = co_await p.settled();
              static_cast<void>(s);
          }) == 2);
    EventLoop loop({.virtualTime = true});
    const int code = loop.run([]() -> Promise<> {
        auto p = Promise<int>::reject(1);
        co_await p.settled();
    });
    CHECK(code == 0);
}

ASYNC_TEST_CASE("settled of an rvalue moves the value out if no other handle holds it, else copies it") {
    Counted::reset();
    auto unique = Promise<>::resolve(Counted(1));
    Counted::copies = 0;
    const auto moved = co_await std::move(unique).settled();
    CHECK(moved.value().value == 1);
    CHECK(Counted::copies == 0);

    auto shared = Promise<>::resolve(Counted(2));
    const auto handle = shared;
    const auto copied = co_await std::move(shared).settled();
    CHECK(copied.value().value == 2);
    CHECK(Counted::copies == 1);
    CHECK(handle.value().value == 2);
}

ASYNC_TEST_CASE("settled gives a value that can only be moved if the handle was the last one") {
    auto p = Promise<>::resolve(std::make_unique<int>(7));
    auto s = co_await std::move(p).settled();
    const std::unique_ptr<int> value = std::move(s).value();
    CHECK(*value == 7);
}

ASYNC_TEST_CASE("settled throws a TypeError for a value that can only be moved and is still shared") {
    const auto p = Promise<>::resolve(MoveOnly(7));
    bool thrown = false;
    try {
        co_await p.settled();
    } catch (const TypeError&) {
        thrown = true;
    }
    CHECK(thrown);
    CHECK(p.value().value == 7);
}

TEST_CASE("settled marks nothing as handled before it is awaited") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<int>::reject(1);
    static_cast<void>(p.settled());
    CHECK_FALSE(p.ref()->handled());
    p.catch_([] { return 0; });
}

TEST_CASE("a settlement moves its value out when it is an rvalue") {
    auto s = SettledResult<std::unique_ptr<int>>::fulfilledWith(std::make_unique<int>(3));
    CHECK(*s.value() == 3);
    const auto value = std::move(s).value();
    CHECK(*value == 3);
    CHECK_THROWS_AS(SettledResult<int>::rejectedWith(std::make_exception_ptr(RangeError("r"))).value(), RangeError);
}
