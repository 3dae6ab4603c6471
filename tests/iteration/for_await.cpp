// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/for_await.hpp>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<int> upTo(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

/// Says that it is closed, and may fail to close.
AsyncGenerator<int> closing(Journal& log, const char* error = nullptr) {
    try {
        co_yield 1;
        co_yield 2;
    } catch (const ReturnCompletion&) {
        log("closed");
        if (error) throw Error(error);
        throw;
    }
}

std::string errorOf(const SettledResult<void>& result) { return base::describe(result.reason()); }

}

ASYNC_TEST_CASE("each value is given to the function until the end") {
    Journal log;
    auto g = upTo(3);
    co_await forAwait(g, [&](int i) { log(i); });
    co_await forAwait(upTo(1), [&](const int& i) -> Promise<> {
        co_await Promise<>::resolve();
        log("later", i);
    });
    const std::set<int> range{5, 4};
    co_await forAwait(range, [&](int i) { log(i); });
    co_await forAwait(std::vector<Promise<int>>(1, Promise<>::resolve(6)), [&](int i) { log(i); });
    CHECK(log == "1 2 3 later1 4 5 6");
}

ASYNC_TEST_CASE("false is break and closes the iterator") {
    Journal log;
    co_await forAwait(closing(log), [&](int i) {
        log(i);
        return false;
    });
    co_await forAwait(closing(log), [&](int i) -> Promise<bool> {
        log(i);
        co_return i < 1;
    });
    auto g = upTo(2);
    co_await forAwait(g, [](int) { return true; });
    CHECK(log == "1 closed 1 closed");
}

ASYNC_TEST_CASE("an iterator that is closed by break rejects with what closing throws") {
    Journal log;
    auto loop = forAwait(closing(log, "cleanup"), [](int) { return false; });
    const auto ended = co_await loop.settled();
    CHECK(errorOf(ended) == "Error: cleanup");
}

ASYNC_TEST_CASE("what the function throws closes the iterator and wins over what closing throws") {
    Journal log;
    auto thrown = forAwait(closing(log, "cleanup"), [](int) { throw Error("body"); });
    const auto a = co_await thrown.settled();
    auto rejected = forAwait(closing(log, "cleanup"), [](int) { return Promise<>::reject(Error("later")); });
    const auto b = co_await rejected.settled();
    CHECK(errorOf(a) == "Error: body");
    CHECK(errorOf(b) == "Error: later");
    CHECK(log == "closed closed");
}

ASYNC_TEST_CASE("what the iterator rejects with ends the loop and does not close it") {
    Journal log;
    struct Failing {
        Journal& out;
        Promise<IteratorResult<int>> next() { return Promise<IteratorResult<int>>::reject(Error("next")); }
        Promise<IteratorResult<int>> return_() {
            out("return");
            return Promise<>::resolve(IteratorResult<int>::finished());
        }
    };
    auto loop = forAwait(Failing{log}, [](int) {});
    const auto ended = co_await loop.settled();
    CHECK(errorOf(ended) == "Error: next");
    CHECK(log == "");
}

ASYNC_TEST_CASE("an iterable is asked for its iterator") {
    struct Iterable {
        AsyncGenerator<int> asyncIterator() const { return upTo(2); }
    };
    Journal log;
    const Iterable iterable;
    co_await forAwait(iterable, [&](int i) { log(i); });
    co_await forAwait(Iterable(), [&](int i) { log(i); });
    CHECK(log == "1 2 1 2");
}

ASYNC_TEST_CASE("values that can only be moved are moved into the function") {
    Journal log;
    auto g = []() -> AsyncGenerator<MoveOnly> { co_yield MoveOnly(1); }();
    co_await forAwait(g, [&](MoveOnly value) { log(value.value); });
    std::vector<std::unique_ptr<int>> range;
    range.push_back(std::make_unique<int>(2));
    co_await forAwait(std::move(range), [&](std::unique_ptr<int> value) { log(*value); });
    CHECK(log == "1 2");
}

ASYNC_TEST_CASE("the generator lives as long as the loop although its handle has gone") {
    Journal log;
    auto loop = [&] {
        auto g = upTo(2);
        return forAwait(g, [&](int i) { log(i); });
    }();
    co_await std::move(loop);
    CHECK(log == "1 2");
}

TEST_CASE("ticks are those of an async function with the loop in it") {
    const auto toTheEnd = [](int count) { return ticksOf([count] { return forAwait(upTo(count), [](int) {}); }); };
    CHECK((toTheEnd(0) == 2 && toTheEnd(1) == 4 && toTheEnd(3) == 8));
    CHECK(ticksOf([] { return forAwait(std::vector<int>{1, 2}, [](int) {}); }) == 7);
    CHECK(ticksOf([] { return forAwait(upTo(2), [](int) { return false; }); }) == 5);
    CHECK(ticksOf([] { return forAwait(std::vector<int>{1, 2}, [](int) { return false; }); }) == 4);
}

TEST_CASE("two loops over one generator share its values") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto g = upTo(4);
        forAwait(g, [&](int i) { log("a", i); });
        forAwait(g, [&](int i) { log("b", i); });
    });
    CHECK(log == "a1 b2 a3 b4");
}

TEST_CASE("a loop that is left halfway leaves nothing behind") {
    CountingSource memory;
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            forAwait(upTo(2), [kept = Counted(1)](int) { return Promise<int>::withResolvers().promise.then([] {}); });
        });
    }
    CHECK(Counted::alive == 0);
    CHECK(memory.balance() == 0);
}
