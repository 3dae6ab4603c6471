// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

template <class T>
using AwaitOfLvalue = decltype(std::declval<promise::Await<T, false>>().await_resume());
template <class T>
using AwaitOfRvalue = decltype(std::declval<promise::Await<T, true>>().await_resume());

Promise<int> add(Promise<int> a, Promise<int> b) {
    const int x = co_await a;
    const int y = co_await b;
    co_return x + y;
}

}

static_assert(std::is_same_v<AwaitOfLvalue<std::string>, const std::string&>);
static_assert(std::is_same_v<AwaitOfRvalue<std::string>, std::string>);
static_assert(std::is_same_v<AwaitOfLvalue<void>, void> && std::is_same_v<AwaitOfRvalue<void>, void>);

TEST_CASE("awaiting a promise takes one tick, also one that is settled already") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        [](Journal& journal) -> Promise<> {
            co_await Promise<>::resolve();
            journal("await1");
            co_await Promise<>::resolve();
            journal("await2");
            try {
                co_await Promise<>::reject(1);
            } catch (int) {
                journal("await3");
            }
        }(log);
        Promise<>::resolve().then([&] { log("tick1"); }).then([&] { log("tick2"); }).then([&] { log("tick3"); });
        log("sync");
    });
    CHECK(log == "sync await1 tick1 await2 tick2 await3 tick3");
}

TEST_CASE("awaits of one pending promise resume in the order in which they came, mixed with reactions") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    auto r = Promise<int>::withResolvers();
    loop.run([&] {
        const auto waits = [](Promise<int> p, Journal& journal, const char* name) -> Promise<> {
            const int value = co_await p;
            journal(name, value);
        };
        waits(r.promise, log, "a");
        r.promise.then([&](int value) { log("then", value); });
        waits(r.promise, log, "b");
        r.resolve(1);
        waits(r.promise, log, "c");
    });
    CHECK(log == "a1 then1 b1 c1");
}

TEST_CASE("code between two awaits is not interleaved with other microtasks") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto runs = [](Journal& journal, const char* a, const char* b) -> Promise<> {
            co_await Promise<>::resolve();
            journal(a);
            EventLoop::current().queueMicrotask([&journal] { journal("microtask"); });
            journal(b);
        };
        runs(log, "a1", "a2");
        runs(log, "b1", "b2");
    });
    CHECK(log == "a1 a2 b1 b2 microtask microtask");
}

ASYNC_TEST_CASE("an await of an lvalue yields a reference to the promise's own value") {
    Counted::reset();
    const auto p = Promise<>::resolve(Counted(1));
    const Counted& a = co_await p;
    const Counted& b = co_await p;
    CHECK(&a == &b);
    CHECK(&a == &p.value());
    CHECK(Counted::copies == 0);
    const Counted copy = co_await p;
    CHECK(copy.value == 1);
    CHECK(Counted::copies == 1);
}

ASYNC_TEST_CASE("an await of an rvalue moves the value out if the handle was the last one") {
    Counted::reset();
    auto p = Promise<>::resolve(Counted(1));
    const Counted a = co_await std::move(p);
    CHECK(a.value == 1);
    CHECK(Counted::copies == 0);
    const auto owned = co_await Promise<>::resolve(std::make_unique<int>(2));
    CHECK(*owned == 2);
    auto r = Promise<MoveOnly>::withResolvers();
    r.resolve(MoveOnly(3)); // the resolving functions hold no handle
    const MoveOnly moved = co_await std::move(r.promise);
    CHECK(moved.value == 3);
}

ASYNC_TEST_CASE("an await of an rvalue copies the value if another handle holds the promise") {
    Counted::reset();
    auto p = Promise<>::resolve(Counted(1));
    const auto other = p;
    Counted a = co_await std::move(p);
    a.value = 5;
    CHECK(Counted::copies == 1);
    CHECK(other.value().value == 1);
}

ASYNC_TEST_CASE("an await of a shared promise whose value can only be moved throws a TypeError and leaves the value") {
    auto p = Promise<>::resolve(MoveOnly(1));
    const auto other = p;
    std::string caught;
    try {
        co_await std::move(p);
    } catch (const TypeError& error) {
        caught = error.message();
    }
    CHECK(caught.find("shares") != std::string::npos);
    CHECK(other.value().value == 1);
    const MoveOnly& looked = co_await other;
    CHECK(looked.value == 1);
}

ASYNC_TEST_CASE("whether other handles hold the promise is asked when the function is resumed") {
    auto r = Promise<MoveOnly>::withResolvers();
    std::optional<Promise<MoveOnly>> other(r.promise);
    EventLoop::current().queueMicrotask([&] {
        other.reset();
        r.resolve(MoveOnly(4));
    });
    const MoveOnly value = co_await std::move(r.promise);
    CHECK(value.value == 4);
}

ASYNC_TEST_CASE("an await keeps its promise alive") {
    const int value = co_await Promise<>::resolve(1).then([](int x) { return x + 1; });
    CHECK(value == 2);
    auto p = Promise<>::resolve(std::string("a value that is too long for the small string optimisation"));
    EventLoop::current().queueMicrotask([&] { p = Promise<std::string>::resolve("other"); });
    const std::string text = co_await p;
    CHECK(text.size() == 58);
}

ASYNC_TEST_CASE("an await throws the reason itself, again and again") {
    const auto p = Promise<int>::reject(TypeError("same"));
    const Error* first = nullptr;
    const Error* second = nullptr;
    try {
        co_await p;
    } catch (const Error& error) {
        first = &error;
    }
    try {
        co_await p;
    } catch (const Error& error) {
        second = &error;
    }
    CHECK(first != nullptr);
    CHECK(first == second);
}

ASYNC_TEST_CASE("an await inside try is caught, and the function goes on after it") {
    Journal log;
    for (int i = 0; i < 3; ++i) {
        try {
            co_await Promise<>::resolve();
            if (i == 1) co_await Promise<>::reject(RangeError("one"));
            log("ok", i);
        } catch (const RangeError& error) {
            log("caught", i);
        }
        co_await Promise<>::resolve();
    }
    CHECK(log == "ok0 caught1 ok2");
}

ASYNC_TEST_CASE("an exception may be kept over an await and thrown again") {
    const auto p = []() -> Promise<> {
        std::exception_ptr kept;
        try {
            co_await Promise<>::reject(TypeError("kept"));
        } catch (...) {
            kept = std::current_exception();
        }
        co_await Promise<>::resolve();
        try {
            co_await Promise<>::reject(RangeError("between"));
        } catch (...) {}
        std::rethrow_exception(kept);
    }();
    const auto s = co_await p.settled();
    CHECK(base::describe(s.reason()) == "TypeError: kept");
}

ASYNC_TEST_CASE("a function throws the reason of the await that left it, not of one it has caught") {
    const auto p = []() -> Promise<> {
        try {
            co_await Promise<>::reject(TypeError("caught"));
        } catch (...) {}
        throw RangeError("own");
    }();
    const auto q = []() -> Promise<> {
        try {
            co_await Promise<>::reject(TypeError("caught"));
        } catch (...) {}
        co_await Promise<>::reject(RangeError("second"));
    }();
    const auto r = []() -> Promise<int> {
        try {
            co_await Promise<>::reject(TypeError("caught"));
        } catch (...) {}
        co_return 1;
    }();
    const auto s = co_await Promise<>::allSettled(p, q, r);
    CHECK(base::describe(std::get<0>(s).reason()) == "RangeError: own");
    CHECK(base::describe(std::get<1>(s).reason()) == "RangeError: second");
    CHECK(std::get<2>(s).value() == 1);
}

ASYNC_TEST_CASE("a reason of any type can be caught by its type") {
    std::string caught;
    try {
        co_await Promise<>::reject(std::string("text"));
    } catch (const std::string& text) {
        caught += text;
    }
    try {
        co_await Promise<>::reject("literal");
    } catch (const char* text) {
        caught += text;
    }
    try {
        co_await Promise<>::reject(std::runtime_error("std"));
    } catch (const std::exception& error) {
        caught += error.what();
    }
    CHECK(caught == "textliteralstd");
}

ASYNC_TEST_CASE("several awaits stand in one expression if it does not matter which is first") {
    const auto p = Promise<>::resolve(1);
    const int sum = co_await p + co_await p;
    CHECK(sum == 2);
    const int chained = co_await add(Promise<>::resolve(co_await p), add(p, p));
    CHECK(chained == 3);
}

ASYNC_TEST_CASE("an await may stand in a condition, a loop and a switch of a function with a declaration") {
    int count = 0;
    const auto next = [&]() -> Promise<bool> {
        co_await Promise<>::resolve();
        co_return ++count < 3;
    };
    while (co_await next()) {}
    CHECK(count == 3);
    bool hit = false;
    if (co_await Promise<>::resolve(true)) hit = true;
    CHECK(hit);
    switch (co_await Promise<>::resolve(2)) {
    case 2: hit = true; break;
    default: hit = false;
    }
    CHECK(hit);
}

TEST_CASE("awaiting allocates nothing") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    int taken = -1;
    loop.run([&]() -> Promise<> {
        const auto settled = Promise<>::resolve(1);
        auto r = Promise<>::withResolvers();
        loop.queueMicrotask([resolve = r.resolve] { resolve(); });
        const int before = source.allocations();
        co_await settled;
        co_await r.promise;
        co_await settled.settled();
        taken = source.allocations() - before;
    });
    CHECK(taken == 0);
}

TEST_CASE("an await marks its promise as handled at once, not when it resumes") {
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        const auto p = Promise<int>::reject(1);
        const auto waits = [](Promise<int> q) -> Promise<> {
            try {
                co_await q;
            } catch (int) {}
        };
        waits(p);
        CHECK(p.ref()->handled());
        co_return;
    });
}

TEST_CASE("awaiting one's own promise waits for ever and goes with the loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::optional<Promise<>> own;
        const auto waits = [](std::optional<Promise<>>& self, Counted) -> Promise<> {
            co_await Promise<>::resolve();
            co_await *self;
            FAIL("it was resumed");
        };
        loop.run([&] { own = waits(own, Counted()); });
        CHECK(own->state() == PromiseState::pending);
        CHECK(Counted::alive == 1);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("an await of an abandoned promise destroys the frame at the next checkpoint") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const Promise<> abandoned([](auto, auto) {});
        const auto waits = [](Promise<> p, Counted) -> Promise<> {
            co_await p;
            FAIL("it was resumed");
        };
        waits(abandoned, Counted());
        CHECK(Counted::alive == 1);
        abandoned.then([c = Counted()] { FAIL("it ran"); });
        loop.post([] { CHECK(Counted::alive == 0); });
    });
    CHECK(Counted::alive == 0);
}
