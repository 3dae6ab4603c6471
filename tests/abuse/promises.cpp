// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/promise.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

// So many that what is quadratic would not end, and what calls itself would run out of stack. AddressSanitizer is
// slower, and its frames are larger.

using namespace rondo;

namespace {

constexpr int million = withAddressSanitizer ? 100'000 : 1'000'000;

/// Runs `attack` on a loop, and checks that nothing is left behind.
template <class Attack>
void leavingNothing(Attack attack) {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        attack(loop, source);
    }
    CHECK(source.balance() == 0);
}

Promise<int> nextOf(Promise<int> before) {
    const int number = co_await before;
    co_return number + 1;
}

Promise<int> follows(Promise<int> inner) { co_return std::move(inner); }

template <class Make>
std::vector<Promise<int>> inputs(Make make) {
    std::vector<Promise<int>> all;
    for (int i = 0; i < million; ++i) all.push_back(make(i));
    return all;
}

AsyncGenerator<int> count(int to) {
    for (int i = 0; i < to; ++i) co_yield i;
}

AsyncGenerator<int> waitsFor(Promise<> start, int to) {
    co_await start;
    for (int i = 0; i < to; ++i) co_yield i;
}

}

TEST_CASE("a promise has a million reactions and calls them in their order") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        int next = 0;
        loop.run([&] {
            auto r = Promise<int>::withResolvers();
            for (int i = 0; i < million; ++i) {
                r.promise.then([&next, i](int one) {
                    if (next == i) next += one;
                });
            }
            r.resolve(1);
            for (int i = 0; i < 10; ++i) r.promise.then([&next](int one) { next += one; });
        });
        CHECK(next == million + 10);
    });
}

TEST_CASE("a promise that a million functions wait for and that never settles is given up at once") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        const auto held = Promise<>::resolve(1);
        loop.run([] {
            auto r = Promise<int>::withResolvers();
            for (int i = 0; i < million; ++i) i % 2 == 0 ? void(nextOf(r.promise)) : void(r.promise.then([] {}));
        });
        CHECK(source.balance() == 1);
    });
}

TEST_CASE("a promise is resolved and rejected a million times and the first time counts") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        Journal log;
        loop.run([&] {
            auto r = Promise<int>::withResolvers();
            auto other = Promise<int>::withResolvers();
            r.promise.then([&](int number) { log("first:", number); });
            r.resolve(1);
            const int before = source.balance();
            for (int i = 0; i < million; ++i) {
                r.resolve(i);
                r.resolve(other.promise);
                if (i % 64 == 0) r.reject(Error("no"));
            }
            CHECK(source.balance() == before);
        });
        CHECK(log == "first:1");
    });
}

TEST_CASE("a promise that follows another one is resolved a million times meanwhile") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        Journal log;
        loop.run([&] {
            auto inner = Promise<int>::withResolvers();
            auto r = Promise<int>::withResolvers();
            r.resolve(inner.promise);
            const int before = source.balance();
            for (int i = 0; i < million; ++i) r.resolve(i);
            CHECK(source.balance() == before);
            r.promise.then([&](int number) { log(number); });
            inner.resolve(-1);
        });
        CHECK(log == "-1");
    });
}

TEST_CASE("the combinators take a million promises that are fulfilled") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        Journal log;
        const auto resolved = [](int i) { return Promise<int>::resolve(i); };
        loop.run([&] {
            Promise<>::all(inputs(resolved)).then([&](const std::vector<int>& values) {
                log("all:", values.size() == std::size_t{million}, ":", values.back() == million - 1);
            });
            Promise<>::race(inputs(resolved)).then([&](int value) { log("race:", value); });
            Promise<>::any(inputs(resolved)).then([&](int value) { log("any:", value); });
        });
        CHECK(log == "all:true:true race:0 any:0");
    });
}

TEST_CASE("the combinators take a million promises of which many are rejected") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        Journal log;
        const std::exception_ptr no = std::make_exception_ptr(Error("no"));
        const auto half = [&no](int i) { return i % 2 == 0 ? Promise<int>::resolve(i) : Promise<int>::reject(no); };
        loop.run([&] {
            Promise<>::allSettled(inputs(half)).then([&](const std::vector<SettledResult<int>>& results) {
                int rejected = 0;
                for (const auto& result : results) rejected += !result.fulfilled();
                log("allSettled:", rejected == million / 2);
            });
            Promise<>::all(inputs(half)).catch_([&](const Error& error) -> std::vector<int> {
                log("all:", error.message());
                return {};
            });
            Promise<>::any(inputs([&](int) { return Promise<int>::reject(no); })).catch_([&](const AggregateError& e) {
                log("any:", e.errors().size() == std::size_t{million});
                return 0;
            });
        });
        CHECK(log == "allSettled:true all:no any:true");
    });
}

TEST_CASE("the combinators take one promise a million times") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        Journal log;
        loop.run([&] {
            auto r = Promise<int>::withResolvers();
            const std::vector<Promise<int>> same(million, r.promise);
            Promise<>::all(same).then([&](const std::vector<int>& values) { log("all:", values.back()); });
            Promise<>::race(same).then([&](int value) { log("race:", value); });
            r.resolve(7);
        });
        CHECK(log == "all:7 race:7");
        loop.run([&] { // a race that will never be decided
            const std::vector<Promise<int>> never(million, Promise<int>::withResolvers().promise);
            Promise<>::race(never).then([&] { log("never"); });
            Promise<>::allSettled(never).then([&] { log("never"); });
        });
        CHECK(log == "all:7 race:7");
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a promise loses a million races") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        // As in JavaScript each race leaves its reaction on the loser until that settles.
        auto loser = Promise<int>::withResolvers();
        int won = 0;
        loop.run([&] {
            for (int i = 0; i < million; ++i)
                Promise<>::race(loser.promise, Promise<int>::resolve(1)).then([&](int one) { won += one; });
        });
        CHECK(won == million);
        loser.resolve(0);
        loop.run([] {});
    });
}

TEST_CASE("a chain of a million awaits and thens does not grow the stack") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        Journal log;
        loop.run([&] {
            auto first = Promise<int>::withResolvers();
            Promise<int> last = first.promise;
            for (int i = 0; i < million; ++i) {
                last =
                    i % 2 == 0 ? nextOf(std::move(last)) : std::move(last).then([](int number) { return number + 1; });
            }
            first.resolve(0);
            last.then([&](int number) { log(number == million); });
        });
        loop.run([&]() -> Promise<> { // one function that awaits a million times
            int sum = 0;
            for (int i = 0; i < million; ++i) {
                const auto one = Promise<int>::resolve(1);
                sum += co_await one;
            }
            log(sum == million);
        });
        CHECK(log == "true true");
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a chain of a million awaits is abandoned or goes with its loop and does not grow the stack") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        static std::optional<PromiseWithResolvers<int>> kept;
        const auto chain = [](Promise<int> last) {
            for (int i = 0; i < million; ++i)
                last = i % 2 == 0 ? nextOf(std::move(last)) : std::move(last).finally([] {});
            return last;
        };
        loop.run([&] { chain(Promise<int>::withResolvers().promise); });
        CHECK(source.balance() == 0);
        loop.run([&] { chain(kept.emplace(Promise<int>::withResolvers()).promise); });
        CHECK(source.balance() > million);
        loop.post([] { kept.reset(); });
        loop.run([] {});
        CHECK(source.balance() == 0);
        auto r = Promise<int>::withResolvers();
        const auto last = chain(r.promise); // goes with its loop
        CHECK(last.state() == PromiseState::pending);
    });
}

TEST_CASE("a promise that follows a million others one in the other settles as the last") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        Journal log;
        loop.run([&] {
            auto inner = Promise<int>::withResolvers();
            Promise<int> outer = inner.promise;
            for (int i = 0; i < million; ++i) {
                if (i % 2 == 0) {
                    auto r = Promise<int>::withResolvers();
                    r.resolve(std::move(outer));
                    outer = std::move(r.promise);
                } else {
                    outer = follows(std::move(outer));
                }
            }
            outer.then([&](int number) { log(number); });
            inner.resolve(7);
        });
        loop.run([&] { // each then returns the next promise
            Promise<int> inner = Promise<int>::reject(Error("no"));
            for (int i = 0; i < million; ++i)
                inner = Promise<>::resolve().then([inner = std::move(inner)] { return inner; });
            inner.catch_([&](const Error& error) {
                log(error.message());
                return 0;
            });
        });
        CHECK(log == "7 no");
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a rejection that nobody handles passes a million functions and is told of once") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        int told = 0;
        static int* counter = nullptr;
        counter = &told;
        loop.rejections().setHandlers(
            [](EventLoop&, loop::Rejection&) {
                ++*counter;
                return true;
            },
            nullptr);
        loop.run([&] {
            Promise<int> last = Promise<int>::reject(Error("no"));
            for (int i = 0; i < million / 10; ++i) last = nextOf(std::move(last));
        });
        CHECK(told == 1);
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a million rejections that nobody handles are told of in one task") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        static int told = 0;
        told = 0;
        loop.rejections().setHandlers(
            [](EventLoop&, loop::Rejection&) {
                ++told;
                return true;
            },
            nullptr);
        const std::exception_ptr no = std::make_exception_ptr(Error("no"));
        loop.run([&] {
            for (int i = 0; i < million; ++i) Promise<>::reject(no);
        });
        CHECK(told == million);
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a generator answers a million requests that wait in their order") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        int next = 0;
        int done = 0;
        loop.run([&] {
            auto start = Promise<>::withResolvers();
            auto generator = waitsFor(start.promise, million / 2);
            for (int i = 0; i < million; ++i) {
                generator.next().then([&](const IteratorResult<int>& step) {
                    if (step.done())
                        ++done;
                    else if (*step == next)
                        ++next;
                });
            }
            start.resolve();
        });
        CHECK(next == million / 2);
        CHECK(done == million / 2);
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a generator that has ended answers a million requests of each kind") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        int done = 0;
        int thrown = 0;
        loop.run([&] {
            auto generator = count(0);
            const std::exception_ptr no = std::make_exception_ptr(Error("no"));
            for (int i = 0; i < million; ++i) {
                switch (i % 3) {
                case 0: generator.next().then([&] { ++done; }); break;
                case 1: generator.return_().then([&] { ++done; }); break;
                default: generator.throw_(no).catch_([&] { ++thrown; });
                }
            }
        });
        CHECK(done == (million + 2) / 3 + (million + 1) / 3);
        CHECK(thrown == million / 3);
        CHECK(source.balance() == 0);
    });
}

TEST_CASE("a generator that waits for what never comes gives up a million requests") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        loop.run([&] {
            auto generator = waitsFor(Promise<>::withResolvers().promise, 1);
            for (int i = 0; i < million; ++i) generator.next().then([] {});
        });
        CHECK(source.balance() == 0);
        auto generator = waitsFor(Promise<>::withResolvers().promise, 1); // or they go with the loop
        for (int i = 0; i < million; ++i) generator.next().then([] {});
        CHECK(source.balance() > million);
    });
}

TEST_CASE("a generator yields a million times to one that asks each time") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        int sum = 0;
        int most = 0;
        loop.run([&]() -> Promise<> {
            auto generator = count(million);
            const int before = source.balance();
            while (auto step = co_await generator.next()) {
                sum += *step == sum;
                if (*step % (million / 4) == 0) most = std::max(most, source.balance() - before);
            }
        });
        CHECK(sum == million);
        CHECK(most < 10);
    });
}
