// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace rondo;

// What resolving a promise with a promise costs and moves. The ways to do it are tested with their users.

TEST_CASE("a chain of promises that follow each other overlaps its jobs") {
    // as for nested `return asyncFn()`: each level adds one tick, not two
    CHECK(ticksOf([] {
              return Promise<int>(
                  [](auto a) { a(Promise<int>([](auto b) { b(Promise<int>([](auto c) { c(1); })); })); });
          }) == 4);
}

TEST_CASE("nothing of the other promise is looked at in the call of resolve") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto r = Promise<int>::withResolvers();
        const auto rejected = Promise<int>::reject(1);
        r.resolve(rejected);
        CHECK_FALSE(rejected.ref()->handled());
        CHECK(r.promise.state() == PromiseState::pending);
        loop.queueMicrotask([&log, rejected] { log(rejected.ref()->handled()); });
        r.promise.catch_([&] { return log("caught"), 0; });
    });
    CHECK(log == "true caught");
}

TEST_CASE("resolving with a promise allocates nothing") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto p = Promise<>::resolve(1);
        auto r = Promise<int>::withResolvers();
        const int before = source.allocations();
        r.resolve(p);
        CHECK(source.allocations() == before);
    });
}

TEST_CASE("a value moves from promise to promise if nobody else holds the first, else it is copied") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        auto r = Promise<Counted>::withResolvers();
        auto inner = Promise<>::resolve(Counted(1));
        r.resolve(std::move(inner));
        std::move(r.promise).then([](const Counted& c) { CHECK(c.value == 1); });
    });
    CHECK(Counted::copies == 0);
    auto kept = Promise<>::resolve(Counted(2));
    loop.run([&] {
        auto r = Promise<Counted>::withResolvers();
        r.resolve(kept);
        r.promise.then([](const Counted& c) { CHECK(c.value == 2); });
    });
    CHECK(Counted::copies == 1);
    CHECK(kept.value().value == 2);
}

ASYNC_TEST_CASE("following a shared promise whose value can only be moved is a TypeError") {
    const auto kept = Promise<>::resolve(MoveOnly(3));
    auto r = Promise<MoveOnly>::withResolvers();
    r.resolve(kept);
    const auto s = co_await std::move(r.promise).settled();
    CHECK(base::describe(s.reason()).find("TypeError: ") == 0);
    CHECK(kept.value().value == 3);
}

ASYNC_TEST_CASE("a copy that throws while a promise is followed is the reason") {
    struct Throwing {
        Throwing() = default;
        Throwing(Throwing&&) = default;
        Throwing(const Throwing&) { throw RangeError("copy"); }
    };
    const auto kept = Promise<>::resolve(Throwing());
    auto r = Promise<Throwing>::withResolvers();
    r.resolve(kept);
    const auto s = co_await r.promise.then([](const Throwing&) {}).settled();
    CHECK(base::describe(s.reason()) == "RangeError: copy");
}

TEST_CASE("a promise that follows one that is abandoned is abandoned, before or after its job has run") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            std::optional<PromiseWithResolvers<int>> inner(Promise<int>::withResolvers());
            auto early = Promise<int>::withResolvers();
            early.resolve(Promise<int>([](auto, auto) {}));
            early.promise.then([c = Counted()] { FAIL("it ran"); });
            auto late = Promise<int>::withResolvers();
            late.resolve(inner->promise);
            late.promise.then([c = Counted()] { FAIL("it ran"); });
            loop.setTimer([inner = std::move(inner)]() mutable { inner.reset(); }, 10, false);
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a long chain of promises that follow each other settles and is collected without growing the stack") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const auto chain = [](Promise<int> p) {
            for (int i = 0; i < 100'000; ++i) {
                p = Promise<int>([&](auto resolve) { resolve(std::move(p)); });
            }
            return p;
        };
        int value = 0;
        loop.run([&] {
            chain(Promise<>::resolve(5)).then([&](int x) { value = x; });
            chain(Promise<int>([](auto, auto) {})).then([] { FAIL("it ran"); });
        });
        CHECK(value == 5);
    }
    CHECK(source.balance() == 0);
}
