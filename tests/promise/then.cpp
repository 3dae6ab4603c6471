// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

template <class T>
const Promise<T>& lvalue();
template <class T>
Promise<T>&& rvalue();

/// A value whose copy constructor throws, and whose move constructor does if asked to.
struct Throwing {
    static inline bool moveThrows = false;

    explicit Throwing(int number) : value(number) {}
    Throwing(const Throwing&) { throw RangeError("copy"); }
    Throwing(Throwing&& other) : value(other.value) {
        if (moveThrows) throw RangeError("move");
    }

    int value = 0;
};

}

// What `then` promises follows from what its handler returns.
static_assert(std::is_same_v<decltype(lvalue<int>().then([](int) { return 1.5; })), Promise<double>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([](int) {})), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] { return std::string(); })), Promise<std::string>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([](int) -> Promise<std::string> {
                                 return Promise<std::string>::resolve("");
                             })),
                             Promise<std::string>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([](int) -> Promise<> { co_return; })), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([](const int& x) -> const int& { return x; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] { return "x"; })), Promise<const char*>>);
static_assert(std::is_same_v<decltype(lvalue<void>().then([] { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(rvalue<MoveOnly>().then([](MoveOnly m) { return m; })), Promise<MoveOnly>>);
// With two handlers: equal types, or one convertible to the other, else void if one is void.
static_assert(std::is_same_v<decltype(lvalue<int>().then([](int) { return 1; }, [] { return 2; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] { return std::string(); }, [] { return ""; })),
                             Promise<std::string>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] { return ""; }, [] { return std::string(); })),
                             Promise<std::string>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] {}, [] { return 1; })), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<int>().then([] { return 1; }, [] {})), Promise<>>);
static_assert(
    std::is_same_v<decltype(lvalue<int>().then([] { return Promise<>::resolve(1); }, [] { return 2; })), Promise<int>>);

TEST_CASE("a handler runs in a microtask of its own, never inside then") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto p = Promise<>::resolve(1);
        p.then([&] { log("reaction"); });
        log("after then");
    });
    CHECK(log == "after then reaction");
}

TEST_CASE("each link of a chain takes one tick") {
    const auto p = [] { return Promise<>::resolve(1); };
    CHECK(ticksOf([&] { return p(); }) == 1);
    CHECK(ticksOf([&] { return p().then([](int x) { return x; }); }) == 2);
    CHECK(ticksOf([&] { return p().then([](int x) { return x; }).then([](int x) { return x; }); }) == 3);
    CHECK(ticksOf([&] { return p().then([]() -> int { throw 1; }); }) == 2);
    CHECK(ticksOf([&] { return p().then([] { return 1; }, [] { return 2; }); }) == 2);
    CHECK(ticksOf([&] { return Promise<int>::reject(1).then([] { return 1; }, [] { return 2; }); }) == 2);
}

TEST_CASE("a handler that returns a promise takes two ticks more") {
    const auto p = [] { return Promise<>::resolve(1); };
    CHECK(ticksOf([&] { return p().then([&] { return p(); }); }) == 4);
    CHECK(ticksOf([&] { return p().then([] { return Promise<int>::reject(1); }); }) == 4);
    CHECK(ticksOf([&] { return p().then([]() -> Promise<int> { co_return 1; }); }) == 4);
    CHECK(ticksOf([&] { return p().then([]() -> Promise<int> { co_return co_await Promise<>::resolve(1); }); }) == 4);
    CHECK(ticksOf([&] { return Promise<int>::reject(1).catch_([&] { return p(); }); }) == 4);
}

TEST_CASE("a link without a handler for the outcome passes it on in one tick") {
    CHECK(ticksOf([] { return Promise<>::resolve(1).catch_([] { return 0; }); }) == 2);
    CHECK(ticksOf([] { return Promise<>::resolve(1).catch_([] { return 0; }).catch_([] { return 0; }); }) == 3);
    CHECK(ticksOf([] { return Promise<int>::reject(1).then([] {}); }) == 2);
    CHECK(ticksOf([] { return Promise<int>::reject(1).then([] {}).then([] {}).catch_([] {}); }) == 4);
}

ASYNC_TEST_CASE("a link without a handler passes the value or the reason itself on") {
    const auto error = std::make_exception_ptr(TypeError("same"));
    const auto rejected = Promise<int>::reject(error).then([] { return 1; }).then([](int) {});
    const auto s = co_await rejected.settled();
    CHECK(s.reason() == error);
    const std::string value = co_await Promise<std::string>::resolve("kept").catch_([] { return "lost"; });
    CHECK(value == "kept");
}

TEST_CASE("then with two handlers sees a rejection one tick before then and catch_") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto r = Promise<int>::reject(1);
        r.then([] {}).catch_([&] { log("then.catch"); });
        r.then([] {}, [&] { log("then2"); });
    });
    CHECK(log == "then2 then.catch");
}

ASYNC_TEST_CASE("what a handler throws is the reason of the derived promise") {
    const auto p = Promise<>::resolve(1).then([](int) -> int { throw TypeError("thrown"); });
    const auto s = co_await p.settled();
    CHECK(base::describe(s.reason()) == "TypeError: thrown");
    const auto q = Promise<int>::reject(1).catch_([]() -> int { throw RangeError("instead"); });
    const auto t = co_await q.settled();
    CHECK(base::describe(t.reason()) == "RangeError: instead");
}

TEST_CASE("a handler's exception is not caught by the other handler of the same then") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] { Promise<>::resolve().then([] { throw 1; }, [&] { log("wrong"); }).catch_([&] { log("right"); }); });
    CHECK(log == "right");
}

TEST_CASE("of two reactions on one promise neither sees what the other made") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto p = Promise<>::resolve(1);
        p.then([](int x) { return x + 1; }).then([&](int x) { log("a", x); });
        p.then([](int x) { return x + 2; }).then([&](int x) { log("b", x); });
    });
    CHECK(log == "a2 b3");
}

TEST_CASE("a reaction that is added by a reaction runs after those that were there") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto p = Promise<>::resolve();
        p.then([&log, p] {
            log("1");
            p.then([&log] { log("3"); });
        });
        p.then([&log] { log("2"); });
    });
    CHECK(log == "1 2 3");
}

TEST_CASE("a promise that is resolved by a handler has its reactions queued behind those that wait already") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto r = Promise<>::withResolvers();
        r.promise.then([&] { log("of r"); });
        Promise<>::resolve().then([&log, r] {
            log("first");
            r.resolve();
        });
        Promise<>::resolve().then([&] { log("second"); });
    });
    CHECK(log == "first second of r");
}

ASYNC_TEST_CASE("a handler that is a coroutine with captures is kept until it has finished") {
    Counted::reset();
    {
        auto p = Promise<>::resolve(1).then([captured = Counted(41)](int x) -> Promise<int> {
            co_await Promise<>::resolve();
            co_await Promise<>::resolve();
            co_return captured.value + x;
        });
        const int value = co_await p;
        CHECK(value == 42);
        CHECK(Counted::alive == 0);
    }
}

ASYNC_TEST_CASE("a handler that is a coroutine may refer to the value it was given") {
    auto p = Promise<std::string>::resolve("a value that is too long for the small string optimisation");
    auto length = std::move(p).then([](const std::string& value) -> Promise<std::size_t> {
        co_await Promise<>::resolve();
        co_return value.size();
    });
    const std::size_t value = co_await length;
    CHECK(value == 58);
}

ASYNC_TEST_CASE("a handler that is a coroutine may refer to the error it was given") {
    auto p = Promise<std::string>::reject(TypeError("a message that is too long for the small string optimisation"))
                 .catch_([](const Error& error) -> Promise<std::string> {
                     co_await Promise<>::resolve();
                     co_return std::string(error.message());
                 });
    const std::string value = co_await p;
    CHECK(value == "a message that is too long for the small string optimisation");
}

TEST_CASE("handlers are destroyed when the derived promise settles, or when their promise never can") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<int>> derived;
    loop.run([&] {
        derived = Promise<>::resolve(1).then([c = Counted()](int x) { return x; }, [c = Counted()] { return 0; });
        CHECK(Counted::alive == 2);
    });
    CHECK(Counted::alive == 0);
    CHECK(derived->value() == 1);
    loop.run([&] {
        derived = Promise<int>([](auto, auto) {}).then([c = Counted()](int x) { return x; });
        CHECK(Counted::alive == 1);
    });
    CHECK(Counted::alive == 0);
    CHECK(derived->state() == PromiseState::pending);
}

TEST_CASE("handlers are moved, not copied") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run(
        [&] { Promise<>::resolve(1).then([c = Counted()] {}).catch_([c = Counted()] {}).finally([c = Counted()] {}); });
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a value reaches the handler of an lvalue promise without a copy") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    int seen = 0;
    loop.run([&] {
        const auto p = Promise<>::resolve(Counted(5));
        p.then([&](const Counted& c) { seen = c.value; });
        p.then([&](const Counted& c) { seen += c.value; });
        CHECK(Counted::copies == 0);
    });
    CHECK(seen == 10);
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a handler that takes T by value on an lvalue promise gets a copy") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto p = Promise<>::resolve(Counted(5));
        p.then([](Counted c) { c.value = 6; });
        p.then([](const Counted& c) { CHECK(c.value == 5); });
    });
    CHECK(Counted::copies == 1);
}

TEST_CASE("a handler of an rvalue promise gets the value moved if no other handle holds the promise") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Promise<>::resolve(Counted(5)).then([](Counted c) { CHECK(c.value == 5); });
        Promise<>::resolve(Counted(6)).then([](Counted&& c) { CHECK(c.value == 6); });
        Promise<>::resolve(MoveOnly(7)).then([](MoveOnly m) { CHECK(m.value == 7); });
        Promise<>::resolve(std::make_unique<int>(8)).then([](std::unique_ptr<int>&& p) { CHECK(*p == 8); });
    });
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a handler of an rvalue promise gets a copy if another handle holds the promise") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    auto p = Promise<>::resolve(Counted(5));
    loop.run([&] {
        auto q = p;
        std::move(q).then([](Counted&& c) {
            CHECK(c.value == 5);
            c.value = 0;
        });
    });
    CHECK(Counted::copies == 1);
    CHECK(p.value().value == 5);
}

ASYNC_TEST_CASE("a value that can only be moved and is still shared is a TypeError, and stays where it is") {
    auto p = Promise<>::resolve(MoveOnly(5));
    auto q = p;
    auto derived = std::move(q).then([](MoveOnly) { FAIL("it was called"); });
    const auto s = co_await derived.settled();
    CHECK(base::describe(s.reason()).find("TypeError: ") == 0);
    CHECK(p.value().value == 5);
}

ASYNC_TEST_CASE("whether other handles hold the promise is asked when the handler is called") {
    auto r = Promise<MoveOnly>::withResolvers();
    std::optional<Promise<MoveOnly>> q(r.promise);
    int value = 0;
    auto derived = std::move(r.promise).then([&](MoveOnly m) { value = m.value; });
    q.reset();
    r.resolve(MoveOnly(3));
    co_await derived;
    CHECK(value == 3);
}

ASYNC_TEST_CASE("an exception while a value is copied for a handler is the reason of the derived promise") {
    auto p = Promise<Throwing>([](auto resolve) { resolve(Throwing(1)); });
    const auto derived = p.then([](Throwing) {});
    const auto s = co_await derived.settled();
    CHECK(base::describe(s.reason()) == "RangeError: copy");
    CHECK(p.value().value == 1);
}

ASYNC_TEST_CASE("an exception while a handler's result is moved into the derived promise is its reason") {
    Throwing::moveThrows = false;
    const auto derived = Promise<>::resolve().then([] {
        Throwing::moveThrows = true;
        return Throwing(1);
    });
    const auto s = co_await derived.settled();
    Throwing::moveThrows = false;
    CHECK(base::describe(s.reason()) == "RangeError: move");
}

ASYNC_TEST_CASE("an exception while a value is copied on its way through catch_ is the reason") {
    auto p = Promise<Throwing>([](auto resolve) { resolve(Throwing(1)); });
    const auto passed = p.catch_([]() -> Throwing { throw 1; });
    const auto s = co_await passed.settled();
    CHECK(base::describe(s.reason()) == "RangeError: copy");
}

ASYNC_TEST_CASE("a value passes through catch_ and finally of rvalues without a copy") {
    Counted::reset();
    auto p = Promise<>::resolve(Counted(3)).catch_([] { return Counted(0); }).finally([] {});
    const Counted value = co_await std::move(p);
    CHECK(value.value == 3);
    CHECK(Counted::copies == 0);
    auto m = Promise<>::resolve(MoveOnly(4)).catch_([] { return MoveOnly(0); }).finally([] {});
    const MoveOnly moved = co_await std::move(m);
    CHECK(moved.value == 4);
}

ASYNC_TEST_CASE("values of any size and alignment pass through a chain") {
    struct Big {
        std::array<int, 400> numbers;
    };
    struct alignas(16) Aligned {
        double x;
    };
    const auto big = co_await Promise<>::resolve(1).then([](int x) { return Big{{x, x + 1}}; }).then([](Big b) {
        b.numbers[399] = b.numbers[1];
        return b;
    });
    CHECK(big.numbers[399] == 2);
    const auto aligned = Promise<>::resolve().then([] { return Aligned{1.5}; });
    co_await aligned;
    CHECK(reinterpret_cast<std::uintptr_t>(&aligned.value()) % 16 == 0);
}

TEST_CASE("then on a promise that never settles goes with the loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto r = Promise<int>::withResolvers();
        loop.run([&] { r.promise.then([c = Counted()] { FAIL("it ran"); }).finally([c = Counted()] {}); });
        CHECK(Counted::alive == 2);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a promise that is held by its own handler goes when nobody can settle it") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            auto r = Promise<int>::withResolvers();
            r.promise.then([p = r.promise, c = Counted()] {});
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a chain of links as long as memory allows settles without growing the stack") {
    EventLoop loop({.virtualTime = true});
    const int length = 100'000;
    int result = 0;
    loop.run([&] {
        auto r = Promise<int>::withResolvers();
        Promise<int> p = r.promise;
        for (int i = 0; i < length; ++i) p = p.then([](int x) { return x + 1; });
        p.then([&](int x) { result = x; });
        r.resolve(0);
    });
    CHECK(result == length);
}

TEST_CASE("a chain of links whose first promise never settles is collected without growing the stack") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            Promise<int> p([](auto, auto) {});
            for (int i = 0; i < 100'000; ++i) p = std::move(p).then([c = Counted()](int x) { return x + c.value; });
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a chain of links is destroyed with its loop without growing the stack") {
    Counted::reset();
    CountingSource source;
    {
        auto loop = std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true});
        auto r = Promise<int>::withResolvers();
        Promise<int> p = r.promise;
        for (int i = 0; i < 100'000; ++i) p = std::move(p).then([c = Counted()](int x) { return x + c.value; });
        loop.reset();
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("where memory ends then throws bad_alloc before it has changed anything") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        int calls = 0;
        loop.run([&] {
            const auto p = Promise<int>::reject(TypeError("x"));
            source.failAfter(successes);
            try {
                p.then([&] { ++calls; });
                p.catch_([&] { return ++calls; });
                p.finally([&] { ++calls; });
            } catch (const std::bad_alloc&) {
                CHECK(p.ref()->handled() == (successes > 0)); // then() itself has not touched it
            }
            source.disarm();
            p.catch_([] { return 0; });
            p.then([] {}).catch_([] {});
            // the derived promises of the first three are rejected with nobody listening; only who was called counts
            loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
        });
        CHECK(calls == (successes < 2 ? 0 : successes == 2 ? 1 : 2));
    });
    CHECK(allocations == 3);
}

TEST_CASE("where memory ends inside a handler the derived promise is rejected with bad_alloc") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        std::string outcome;
        loop.run([&]() -> Promise<> {
            auto p = Promise<>::resolve(1).then([&](int x) -> Promise<int> {
                source.failAfter(successes);
                auto q = Promise<>::resolve(x);
                co_return co_await q.then([](int y) { return y + 1; });
            });
            const auto s = co_await p.settled();
            outcome = s.fulfilled() ? "2" : base::describe(s.reason());
        });
        CHECK(outcome == (source.failed() ? "std::bad_alloc" : "2"));
    });
}
