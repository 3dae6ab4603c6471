// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/steady_state.hpp"

#include <rondo/promise.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// How a combinator waits: one block, its lifetime and its memory. What it computes is tested with the combinators.

TEST_CASE("a combinator keeps its inputs until their reactions have run") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    std::optional<PromiseWithResolvers<Counted>> loser(Promise<Counted>::withResolvers());
    loop.run([&] { Promise<>::race(Promise<>::resolve(Counted(1)), loser->promise); });
    CHECK(Counted::alive > 0); // the block waits for the loser
    loop.run([&] {
        loser->resolve(Counted(2));
        loser.reset();
    });
    CHECK(Counted::alive == 0);
}

TEST_CASE("a combinator that waits goes with its loop, with what it holds") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto r = Promise<Counted>::withResolvers();
        loop.run([&] {
            Promise<>::all(r.promise, Promise<>::resolve(Counted(1))).then([c = Counted()] {});
            Promise<>::race(r.promise, Promise<>::resolve(Counted(2)));
            Promise<>::any(std::vector<Promise<Counted>>{r.promise, r.promise});
            Promise<>::allSettled(r.promise, 3);
            [](Promise<Counted> p, Counted) -> Promise<> { co_await Promise<>::all(p, p); }(r.promise, Counted());
        });
        loop.run([&] {
            r.resolve(Counted(3)); // the reactions are queued, and never run
            loop.stop();
        });
        CHECK(Counted::alive > 0);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a combinator whose loop stops before its reactions have run is dropped whole") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::vector<Promise<Counted>> inputs;
        for (int i = 0; i < 5; ++i) inputs.push_back(Promise<>::resolve(Counted(i)));
        Promise<>::all(std::move(inputs));
        Promise<>::race(Promise<>::resolve(Counted(1)), Promise<>::resolve(Counted(2)));
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

ASYNC_TEST_CASE("a combinator of many inputs settles") {
    std::vector<Promise<int>> inputs;
    const auto one = [](int i) -> Promise<int> {
        co_await Promise<>::resolve();
        co_return i;
    };
    for (int i = 0; i < 10'000; ++i) inputs.push_back(one(i));
    const auto values = co_await Promise<>::all(std::move(inputs));
    CHECK(values.size() == 10'000);
    CHECK(values[9'999] == 9'999);
}

TEST_CASE("combinators of combinators do not grow the stack") {
    EventLoop loop({.virtualTime = true});
    CountingSource source;
    int value = 0;
    bool collected = false;
    loop.run([&] {
        auto gate = Promise<int>::withResolvers();
        Promise<int> p = gate.promise;
        for (int i = 0; i < 50'000; ++i) p = Promise<>::race(std::move(p));
        p.then([&](int x) { value = x; });
        gate.resolve(3);
        Promise<int> never([](auto, auto) {});
        for (int i = 0; i < 50'000; ++i) never = Promise<>::race(std::move(never));
        struct Collected {
            bool* flag;
            explicit Collected(bool& out) : flag(&out) {}
            Collected(Collected&& other) noexcept : flag(std::exchange(other.flag, nullptr)) {}
            Collected& operator=(Collected&&) = delete;
            ~Collected() {
                if (flag) *flag = true;
            }
        };
        never.then([c = Collected(collected)] { FAIL("it ran"); });
    });
    CHECK(value == 3);
    CHECK(collected);
}

TEST_CASE("a combinator of a list takes one block") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto a = Promise<>::resolve(1);
        const auto b = Promise<>::resolve(std::string("b"));
        const int before = source.allocations();
        const auto all = Promise<>::all(a, b);
        CHECK(source.allocations() == before + 1);
    });
}

TEST_CASE("in a steady state combinators take no memory from their source") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    CHECK(blocksTakenInSteadyState(source, [&] {
              loop.run([]() -> Promise<> {
                  const auto pair = co_await Promise<>::all(Promise<>::resolve(1), 2);
                  static_cast<void>(pair);
                  const int first = co_await Promise<>::race(Promise<>::resolve(1), Promise<>::resolve(2));
                  static_cast<void>(first);
              });
          }) == 0);
}

TEST_CASE("where memory ends a combinator throws bad_alloc and has subscribed to nothing") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto a = Promise<int>::reject(1);
            const auto b = Promise<int>::reject(2);
            const std::vector<Promise<int>> range{a, b};
            source.failAfter(successes);
            try {
                Promise<>::all(a, b).catch_([] {});
                Promise<>::any(range).catch_([] { return 0; });
            } catch (const std::bad_alloc&) {
                CHECK(a.ref()->handled() == (successes > 0));
            }
            source.disarm();
            a.catch_([] { return 0; });
            b.catch_([] { return 0; });
            loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
        });
    });
    CHECK(allocations == 4);
}
