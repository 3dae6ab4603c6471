// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/from_async.hpp>

#include <cstddef>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<int> upTo(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

}

ASYNC_TEST_CASE("all values are collected in order") {
    auto ofGenerator = co_await fromAsync(upTo(3));
    CHECK(ofGenerator == std::vector<int>{1, 2, 3});
    std::vector<Promise<int>> promises{Promise<>::resolve(4), Promise<>::resolve(5)};
    auto ofRange = co_await fromAsync(promises);
    CHECK(ofRange == std::vector<int>{4, 5});
    auto moved = co_await fromAsync([]() -> AsyncGenerator<MoveOnly> { co_yield MoveOnly(6); }());
    CHECK(moved.at(0).value == 6);
}

ASYNC_TEST_CASE("the mapper gets the value and its index and what it returns is awaited") {
    auto squares = co_await fromAsync(upTo(3), [](int i) { return i * i; });
    CHECK(squares == std::vector<int>{1, 4, 9});
    auto indexed = co_await fromAsync(
        upTo(2), [](int i, std::size_t at) { return Promise<>::resolve(i * 10 + static_cast<int>(at)); });
    CHECK(indexed == std::vector<int>{10, 21});
}

ASYNC_TEST_CASE("what the mapper throws or rejects with closes the iterator") {
    Journal log;
    const auto closing = [](Journal& journal) -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const ReturnCompletion&) {
            journal("closed");
            throw;
        }
    };
    auto thrown = fromAsync(closing(log), [](int) -> int { throw Error("mapper"); });
    const auto a = co_await thrown.settled();
    log(base::describe(a.reason()));
    auto rejected = fromAsync(closing(log), [](int) { return Promise<int>::reject(Error("later")); });
    const auto b = co_await rejected.settled();
    log(base::describe(b.reason()));
    CHECK(log == "closed Error: mapper closed Error: later");
}

TEST_CASE("fromAsync takes the ticks of its loop") {
    CHECK(ticksOf([] { return fromAsync(std::vector<int>{}); }) == 3);
    CHECK(ticksOf([] { return fromAsync(std::vector<int>{1}); }) == 5);
    CHECK(ticksOf([] { return fromAsync(upTo(2)); }) == 6);
    CHECK(ticksOf([] { return fromAsync(std::vector<int>{1, 2}); }) == 7);
    CHECK(ticksOf([] { return fromAsync(std::vector<int>{1, 2}, [](int i) { return i; }); }) == 9);
}
