// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <deque>
#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;

namespace {

template <class T>
Promise<T>& p();

struct SyncThenable {
    using value_type = int;
    int value = 1;
    void then(auto resolve, auto) const { resolve(value); }
};

struct NotingThenable {
    using value_type = int;
    Journal* log;
    int number;
    void then(auto resolve, auto) const {
        (*log)("then", number);
        EventLoop::current().queueMicrotask([log = log, number = number] { (*log)("microtask", number); });
        resolve(number);
    }
};

std::string messageOf(const std::exception_ptr& reason) { return base::describe(reason); }

/// The reasons in an AggregateError, in their order.
std::string reasonsOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const AggregateError& error) {
        std::string text(error.message());
        for (const auto& each : error.errors()) text += ", " + base::describe(each);
        return text;
    }
}

Promise<int> fetchOne(int id) {
    co_await Promise<>::resolve();
    co_return 10 * id;
}

}

using A = std::tuple<int, std::string, std::monostate>;
static_assert(std::is_same_v<decltype(Promise<>::all(p<int>(), p<std::string>(), p<void>())), Promise<A>>);
static_assert(std::is_same_v<decltype(Promise<int>::all(p<int>())), Promise<std::tuple<int>>>);
static_assert(std::is_same_v<decltype(Promise<>::all()), Promise<std::tuple<>>>);
static_assert(
    std::is_same_v<decltype(Promise<>::all(1, "x", SyncThenable())), Promise<std::tuple<int, const char*, int>>>);
static_assert(std::is_same_v<decltype(Promise<>::all(std::vector<Promise<int>>())), Promise<std::vector<int>>>);
static_assert(std::is_same_v<decltype(Promise<>::all(std::vector<Promise<>>())), Promise<std::vector<std::monostate>>>);
static_assert(std::is_same_v<decltype(Promise<>::all(std::vector<int>())), Promise<std::vector<int>>>);
static_assert(std::is_same_v<decltype(Promise<>::all(std::vector<bool>())), Promise<std::vector<bool>>>);
static_assert(std::is_same_v<decltype(Promise<>::all(std::string())), Promise<std::tuple<std::string>>>,
              "text is no range");
static_assert(std::is_same_v<decltype(Promise<>::allSettled(p<int>(), p<void>())),
                             Promise<std::tuple<SettledResult<int>, SettledResult<void>>>>);
static_assert(std::is_same_v<decltype(Promise<>::allSettled(std::vector<Promise<>>())),
                             Promise<std::vector<SettledResult<void>>>>);
static_assert(std::is_same_v<decltype(Promise<>::any(p<int>(), p<int>())), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::race(p<int>(), p<int>())), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::race(p<void>(), p<void>())), Promise<>>);
static_assert(std::is_same_v<decltype(Promise<>::race(p<int>(), p<std::string>(), p<int>())),
                             Promise<std::variant<int, std::string>>>);
static_assert(std::is_same_v<decltype(Promise<>::any(p<std::string>(), p<void>(), p<int>())),
                             Promise<std::variant<std::string, std::monostate, int>>>);
static_assert(std::is_same_v<decltype(Promise<>::race(std::vector<Promise<int>>())), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::any(std::vector<Promise<>>())), Promise<>>);

TEST_CASE("a combinator adds one tick to its last needed input, and none if it has no input") {
    const auto P = [] { return Promise<>::resolve(1); };
    const auto R = [] { return Promise<int>::reject(1); };
    CHECK(ticksOf([] { return Promise<>::all(); }) == 1);
    CHECK(ticksOf([] { return Promise<>::allSettled(); }) == 1);
    CHECK(ticksOf([] { return Promise<>::any(); }) == 1);
    CHECK(ticksOf([] { return Promise<>::all(std::vector<Promise<int>>()); }) == 1);
    CHECK(ticksOf([] { return Promise<>::allSettled(std::vector<Promise<>>()); }) == 1);
    CHECK(ticksOf([] { return Promise<>::any(std::vector<Promise<int>>()); }) == 1);
    CHECK(ticksOf([] { return Promise<>::race(); }) == 0);
    CHECK(ticksOf([] { return Promise<>::race(std::vector<Promise<int>>()); }) == 0);
    CHECK(ticksOf([&] { return Promise<>::all(P()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::all(1, "x"); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::all(P(), P().then([] {})); }) == 3);
    CHECK(ticksOf([&] { return Promise<>::all(P(), R()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::all(Promise<>::all(P())); }) == 3);
    CHECK(ticksOf([&] { return Promise<>::allSettled(P(), R()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::any(P()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::any(R(), P()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::any(R(), R()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::any(R().then([] { return 1; }), P().then([] { return 1; })); }) == 3);
    CHECK(ticksOf([&] { return Promise<>::race(P(), P().then([] { return 1; })); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::race(P().then([] { return 1; }), R()); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::all(std::vector<Promise<int>>{P(), P()}); }) == 2);
    CHECK(ticksOf([&] { return Promise<>::all(SyncThenable(), P()); }) == 3);
}

ASYNC_TEST_CASE("all fulfils with the values in the order of the inputs, whatever the order they come in") {
    auto a = Promise<int>::withResolvers();
    auto b = Promise<std::string>::withResolvers();
    auto c = Promise<>::withResolvers();
    const auto all = Promise<>::all(a.promise, b.promise, c.promise, 4, SyncThenable{5}, "six");
    c.resolve();
    b.resolve("two");
    co_await Promise<>::resolve();
    CHECK(all.state() == PromiseState::pending);
    a.resolve(1);
    const auto& [one, two, three, four, five, six] = co_await all;
    CHECK(one == 1);
    CHECK(two == "two");
    CHECK(three == std::monostate());
    CHECK(four == 4);
    CHECK(five == 5);
    CHECK(std::string(six) == "six");
}

ASYNC_TEST_CASE("all rejects with the first reason, and the others still run and count as handled") {
    Journal log;
    const auto late = [](Journal& journal) -> Promise<int> {
        for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
        journal("runs on");
        throw TypeError("late");
    };
    const auto all =
        Promise<>::all(late(log), Promise<int>::reject(RangeError("first")), Promise<int>::reject(TypeError("second")));
    const auto s = co_await all.settled();
    CHECK(messageOf(s.reason()) == "RangeError: first");
    CHECK(log == "");
    for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
    CHECK(log == "runs on");
}

ASYNC_TEST_CASE("allSettled tells of each input how it was settled") {
    const auto [a, b, c, d] = co_await Promise<>::allSettled(1, Promise<std::string>::reject(TypeError("b")),
                                                             Promise<>::resolve(), Promise<>::reject(RangeError("d")));
    CHECK(a.value() == 1);
    CHECK(a.status() == "fulfilled");
    CHECK(messageOf(b.reason()) == "TypeError: b");
    CHECK(b.status() == "rejected");
    CHECK(c.fulfilled());
    CHECK(messageOf(d.reason()) == "RangeError: d");
}

ASYNC_TEST_CASE("any fulfils with the first value, and a rejection before it does not matter") {
    auto slow = Promise<int>::withResolvers();
    const int value =
        co_await Promise<>::any(slow.promise, Promise<int>::reject(1), Promise<>::resolve(2), Promise<>::resolve(3));
    CHECK(value == 2);
    slow.reject(4);
}

ASYNC_TEST_CASE("any rejects with an AggregateError of all reasons in the order of the inputs") {
    auto a = Promise<int>::withResolvers();
    auto b = Promise<std::string>::withResolvers();
    const auto any = Promise<>::any(a.promise, b.promise, Promise<>::reject("c"));
    b.reject("b");
    co_await Promise<>::resolve();
    a.reject("a");
    const auto s = co_await any.settled();
    CHECK(reasonsOf(s.reason()) == "All promises were rejected, a, b, c");
    std::vector<Promise<int>> range{Promise<int>::reject("x"), Promise<int>::reject("y")};
    const auto t = co_await Promise<>::any(range).settled();
    CHECK(reasonsOf(t.reason()) == "All promises were rejected, x, y");
}

ASYNC_TEST_CASE("any of nothing rejects with an AggregateError of nothing") {
    const auto none = Promise<>::any();
    CHECK(none.state() == PromiseState::rejected);
    const auto s = co_await none.settled();
    CHECK(reasonsOf(s.reason()) == "All promises were rejected");
    const auto t = co_await Promise<>::any(std::vector<Promise<int>>()).settled();
    CHECK(reasonsOf(t.reason()) == "All promises were rejected");
}

ASYNC_TEST_CASE("race settles as the first input that settles, and ties go to the order of the inputs") {
    const int first = co_await Promise<>::race(Promise<>::resolve(1), Promise<>::resolve(2));
    CHECK(first == 1);
    const auto s = co_await Promise<>::race(Promise<int>::reject("r"), Promise<>::resolve(2)).settled();
    CHECK(messageOf(s.reason()) == "r");
    auto slow = Promise<int>::withResolvers();
    const int fast = co_await Promise<>::race(slow.promise, fetchOne(1));
    CHECK(fast == 10);
    slow.reject(TypeError("a loser is handled"));
}

ASYNC_TEST_CASE("any and race of several types yield a variant, of void a monostate") {
    auto never = Promise<std::string>::withResolvers();
    const std::variant<std::string, int> a = co_await Promise<>::race(never.promise, Promise<>::resolve(1));
    CHECK(std::get<int>(a) == 1);
    const std::variant<std::monostate, int> b = co_await Promise<>::race(Promise<>::resolve(), Promise<>::resolve(1));
    CHECK(b.index() == 0);
    const std::variant<int, std::monostate> c = co_await Promise<>::any(Promise<int>::reject(1), Promise<>::resolve());
    CHECK(c.index() == 1);
    co_await Promise<>::race(Promise<>::resolve(), Promise<>::resolve());
    const std::variant<int, std::string> d =
        co_await Promise<>::race(Promise<int>::reject(1).catch_([] { return 5; }),
                                 Promise<std::string>([](auto, auto) {}), Promise<int>([](auto, auto) {}));
    CHECK(std::get<int>(d) == 5);
    const auto rejected = co_await Promise<>::race(Promise<>::reject("v"), Promise<>::resolve(1)).settled();
    CHECK(messageOf(rejected.reason()) == "v");
}

ASYNC_TEST_CASE("the combinators take ranges of promises, of values and of thenables") {
    const std::vector<Promise<int>> vector{fetchOne(1), fetchOne(2)};
    const std::vector<int> a = co_await Promise<>::all(vector);
    CHECK(a == std::vector<int>{10, 20});
    const std::list<Promise<int>> list{fetchOne(3)};
    const auto b = co_await Promise<>::all(list);
    CHECK(b == std::vector<int>{30});
    Promise<int> array[] = {fetchOne(4), fetchOne(5)};
    const auto c = co_await Promise<>::all(array);
    CHECK(c == std::vector<int>{40, 50});
    const std::vector<int> numbers{6, 7};
    const auto d = co_await Promise<>::all(numbers);
    CHECK(d == numbers);
    const std::deque<SyncThenable> thenables{{8}, {9}};
    const auto e = co_await Promise<>::all(thenables);
    CHECK(e == std::vector<int>{8, 9});
    const auto f = co_await Promise<>::all(std::vector<Promise<>>(3, Promise<>::resolve()));
    CHECK(f.size() == 3);
    const auto h = co_await Promise<>::allSettled(vector);
    CHECK(h[1].value() == 20);
    const int i = co_await Promise<>::race(vector);
    CHECK(i == 10);
    const int j = co_await Promise<>::any(vector);
    CHECK(j == 10);
}

ASYNC_TEST_CASE("the combinators take views whose elements are made one by one") {
    std::vector<int> calls;
    const std::vector<int> ids{1, 2, 3};
    auto fetched = ids | std::views::transform([&](int id) {
                       calls.push_back(id);
                       return fetchOne(id);
                   });
    const auto all = co_await Promise<>::all(fetched);
    CHECK(all == std::vector<int>{10, 20, 30});
    CHECK(calls == ids);
    auto filtered = ids | std::views::filter([](int id) { return id != 2; }) | std::views::transform(fetchOne);
    const auto some = co_await Promise<>::all(filtered);
    CHECK(some == std::vector<int>{10, 30});
    auto owned = ids | std::views::transform([](int id) { return Promise<>::resolve(std::make_unique<int>(id)); });
    const auto pointers = co_await Promise<>::all(owned);
    CHECK(*pointers[2] == 3);
}

TEST_CASE("a combinator subscribes to each input before it makes a promise of the next") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Promise<>::race(Promise<>::resolve(0), NotingThenable{&log, 1}, NotingThenable{&log, 2}).then([&] {
            log("race");
        });
    });
    CHECK(log == "then1 then2 race microtask1 microtask2");
    log.clear();
    loop.run([&] {
        const std::vector<NotingThenable> range{{&log, 1}, {&log, 2}, {&log, 3}};
        Promise<>::all(range).then([&] { log("all"); });
    });
    CHECK(log == "then1 then2 then3 microtask1 microtask2 microtask3 all");
}

TEST_CASE("a combinator reacts to an element of a view before what making the next one has queued") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const std::vector<int> ids{1, 2, 3};
    const auto make = [&](int id) {
        EventLoop::current().queueMicrotask([&log, id] {
            log("a", id);
            EventLoop::current().queueMicrotask([&log, id] { log("b", id); });
        });
        return Promise<>::resolve(id);
    };
    loop.run([&] { Promise<>::race(ids | std::views::transform(make)).then([&](int id) { log("race", id); }); });
    CHECK(log == "a1 a2 a3 b1 race1 b2 b3");
    log.clear();
    auto filtered = ids | std::views::filter([](int) { return true; }) | std::views::transform(make);
    loop.run([&] { Promise<>::race(filtered).then([&](int id) { log("race", id); }); });
    CHECK(log == "a1 a2 a3 b1 race1 b2 b3");
}

TEST_CASE("what a range throws when it is iterated over rejects the combinator and its first elements are handled") {
    EventLoop loop({.virtualTime = true});
    std::string reasons;
    const auto note = [&](const std::exception_ptr& reason) { reasons += messageOf(reason) + ". "; };
    const int code = loop.run([&] {
        const std::vector<int> ids{1, 2};
        const auto make = [](int id) {
            if (id == 2) throw RangeError("two");
            return Promise<int>::reject("one");
        };
        Promise<>::allSettled(ids | std::views::transform(make)).catch_(note);
        auto filtered = ids | std::views::filter([](int) { return true; }) | std::views::transform(make);
        Promise<>::any(filtered).catch_([&](const std::exception_ptr& reason) {
            note(reason);
            return 0;
        });
    });
    CHECK(reasons == "RangeError: two. RangeError: two. ");
    CHECK(code == 0);
}

ASYNC_TEST_CASE("the elements of a range that is an lvalue or a view of one stay where they are") {
    std::vector<Promise<std::string>> owner{Promise<std::string>::resolve("a"), Promise<std::string>::resolve("b")};
    const auto first = co_await Promise<>::all(owner | std::views::take(1));
    CHECK(first == std::vector<std::string>{"a"});
    const auto all = co_await Promise<>::all(std::span(owner));
    CHECK(all == std::vector<std::string>{"a", "b"});
    const auto again = co_await Promise<>::all(owner);
    CHECK(again == all);
    CHECK(owner[0].value() == "a");
}

TEST_CASE("the combinators take an initializer list") {
    EventLoop loop({.virtualTime = true});
    const auto promises = {fetchOne(1), fetchOne(2)};
    static_assert(std::is_same_v<decltype(promises), const std::initializer_list<Promise<int>>>);
    const auto all = Promise<>::all(promises);
    const auto race = Promise<>::race(promises);
    loop.run([] {});
    CHECK(all.value() == std::vector<int>{10, 20});
    CHECK(race.value() == 10);
}

ASYNC_TEST_CASE("the same promise may stand several times among the inputs") {
    auto r = Promise<int>::withResolvers();
    const auto same = r.promise;
    const auto pair = Promise<>::all(same, same);
    const auto range = Promise<>::all(std::vector<Promise<int>>(3, same));
    const auto race = Promise<>::race(same, same);
    r.resolve(4);
    const auto [a, b] = co_await pair;
    CHECK(a == 4);
    CHECK(b == 4);
    const auto values = co_await range;
    CHECK(values == std::vector<int>{4, 4, 4});
    const int raced = co_await race;
    CHECK(raced == 4);
    const auto bad = Promise<int>::reject("r");
    const auto s = co_await Promise<>::any(bad, bad).settled();
    CHECK(reasonsOf(s.reason()) == "All promises were rejected, r, r");
}

ASYNC_TEST_CASE("elements given as rvalues are moved out of if nobody else holds them, others are copied") {
    Counted::reset();
    const auto kept = Promise<>::resolve(Counted(1));
    {
        auto [moved, copied] = co_await Promise<>::all(Promise<>::resolve(Counted(2)), kept);
        CHECK(moved.value == 2);
        CHECK(copied.value == 1);
    }
    CHECK(Counted::copies == 1);
    CHECK(kept.value().value == 1);
    auto [owned, number] = co_await Promise<>::all(Promise<>::resolve(std::make_unique<int>(3)), 4);
    CHECK(*owned == 3);
    CHECK(number == 4);
    std::vector<Promise<MoveOnly>> range;
    range.push_back(Promise<>::resolve(MoveOnly(5)));
    const auto values = co_await Promise<>::all(std::move(range));
    CHECK(values[0].value == 5);
    const MoveOnly raced = co_await Promise<>::race(Promise<>::resolve(MoveOnly(6)), Promise<>::resolve(MoveOnly(7)));
    CHECK(raced.value == 6);
    auto [settled] = co_await Promise<>::allSettled(Promise<>::resolve(MoveOnly(8)));
    CHECK(settled.value().value == 8);
}

ASYNC_TEST_CASE("an element that can only be moved and is shared rejects with a TypeError") {
    const auto kept = Promise<>::resolve(MoveOnly(1));
    const auto all = co_await Promise<>::all(kept).settled();
    CHECK(messageOf(all.reason()).find("TypeError: ") == 0);
    const auto race = co_await Promise<>::race(kept).settled();
    CHECK(messageOf(race.reason()).find("TypeError: ") == 0);
    const auto settled = co_await Promise<>::allSettled(kept).settled();
    CHECK(messageOf(settled.reason()).find("TypeError: ") == 0);
    CHECK(kept.value().value == 1);
}

ASYNC_TEST_CASE("an exception while values are gathered rejects the combinator") {
    struct Throwing {
        Throwing() = default;
        Throwing(Throwing&&) = default;
        Throwing(const Throwing&) { throw RangeError("copy"); }
    };
    const auto kept = Promise<>::resolve(Throwing());
    const auto all = co_await Promise<>::all(kept, 1).settled();
    CHECK(messageOf(all.reason()) == "RangeError: copy");
    const auto race = co_await Promise<>::race(kept, Promise<>::resolve(1)).settled();
    CHECK(messageOf(race.reason()) == "RangeError: copy");
    const Throwing argument;
    const auto argued = co_await Promise<>::allSettled(1, argument).settled();
    CHECK(messageOf(argued.reason()) == "RangeError: copy");
}

TEST_CASE("combinators made one after the other react in that order in the same tick") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto P = Promise<>::resolve(1);
        Promise<>::all(P).then([&] { log("all"); });
        P.then([] {}).then([&] { log("then"); });
        Promise<>::race(P).then([&] { log("race"); });
        Promise<>::any(P).then([&] { log("any"); });
        Promise<>::allSettled(P).then([&] { log("allSettled"); });
    });
    CHECK(log == "all then race any allSettled");
}

TEST_CASE("race with a promise that never settles works again and again, and leaves nothing") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        int wins = 0;
        loop.run([&]() -> Promise<> {
            const Promise<int> never([](auto, auto) {});
            for (int i = 0; i < 10; ++i) wins += co_await Promise<>::race(never, Promise<>::resolve(1));
            auto pending = Promise<int>::withResolvers();
            for (int i = 0; i < 10; ++i)
                wins += co_await Promise<>::race(pending.promise, fetchOne(0).then([](int) { return 1; }));
            const int value = co_await Promise<>::any(never, Promise<>::resolve(1));
            wins += value;
        });
        CHECK(wins == 21);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a combinator that can never settle is collected, one that still can is not") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::string reason;
        auto r = Promise<int>::withResolvers();
        loop.run([&] {
            const auto never = [] { return Promise<int>([](auto, auto) {}); };
            Promise<>::all(never(), 1).then([c = Counted()] { FAIL("it ran"); });
            Promise<>::race(never(), never()).then([c = Counted()] { FAIL("it ran"); });
            Promise<>::any(never(), Promise<int>::reject(1)).then([c = Counted()] { FAIL("it ran"); });
            Promise<>::allSettled(std::vector<Promise<int>>{never(), never()}).then([c = Counted()] {
                FAIL("it ran");
            });
            Promise<>::race().then([c = Counted()] { FAIL("it ran"); });
            Promise<>::race(std::vector<Promise<int>>()).then([c = Counted()] { FAIL("it ran"); });
            Promise<>::all(never(), r.promise).catch_([&, c = Counted()](std::exception_ptr e) {
                reason = messageOf(e);
            });
        });
        CHECK(Counted::alive == 1);
        loop.run([&] { r.reject("still"); });
        CHECK(reason == "still");
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("the losers of a combinator are handled, and the combinator's own rejection is not") {
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        const auto a = Promise<int>::reject(1);
        const auto b = Promise<int>::reject(2);
        const auto all = Promise<>::all(a, b);
        CHECK(a.ref()->handled());
        CHECK(b.ref()->handled());
        CHECK_FALSE(all.ref()->handled());
        all.catch_([] {});
    });
}
