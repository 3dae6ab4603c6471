// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

/// A value whose construction from an int may throw, and whose copy may.
struct Fragile {
    static inline bool copyThrows = false;

    Fragile(int number)
        : value(number) { // NOLINT(google-explicit-constructor): the test needs a conversion that throws
        if (number < 0) throw RangeError("negative");
    }
    Fragile(const Fragile& other) : value(other.value) {
        if (copyThrows) throw RangeError("copy");
    }
    Fragile& operator=(const Fragile&) = default;

    int value;
};

/// An error whose copy throws another one.
struct Uncopyable {
    Uncopyable() = default;
    Uncopyable(const Uncopyable&) { throw RangeError("no copy"); }
};

}

static_assert(std::is_nothrow_invocable_v<const promise::Resolve<int>&, int>);
static_assert(std::is_nothrow_invocable_v<const promise::Resolve<int>&, Promise<int>>);
static_assert(std::is_nothrow_invocable_v<const promise::Resolve<std::string>&, std::string>);
static_assert(!std::is_nothrow_invocable_v<const promise::Resolve<std::string>&, const std::string&>);
static_assert(!std::is_nothrow_invocable_v<const promise::Resolve<Fragile>&, int>);
static_assert(std::is_nothrow_invocable_v<const promise::Resolve<void>&>);
static_assert(!std::is_invocable_v<const promise::Resolve<int>&>, "a Promise<int> needs a value");
static_assert(std::is_nothrow_invocable_v<const promise::Reject<int>&, std::exception_ptr>);
static_assert(std::is_invocable_v<const promise::Reject<int>&, const char*>);
static_assert(!std::is_invocable_v<const promise::Reject<int>&, std::unique_ptr<int>>, "a reason is copyable");
static_assert(std::is_copy_constructible_v<promise::Resolve<MoveOnly>> &&
              std::is_copy_constructible_v<promise::Reject<MoveOnly>>);

TEST_CASE("of resolve and reject the first call wins") {
    EventLoop loop({.virtualTime = true});
    auto a = Promise<int>::withResolvers();
    a.resolve(1);
    a.resolve(2);
    a.reject(3);
    a.resolve(Promise<>::resolve(4));
    CHECK(a.promise.value() == 1);

    auto b = Promise<int>::withResolvers();
    b.reject("first");
    b.reject("second");
    b.resolve(1);
    b.resolve(Promise<>::resolve(4));
    CHECK(base::describe(b.promise.reason()) == "first");
    b.promise.catch_([] { return 0; });
}

TEST_CASE("copies of the resolving functions share one alreadyResolved") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<int>::withResolvers();
    const auto resolve = r.resolve;
    const auto reject = r.reject;
    const auto again = resolve;
    resolve(1);
    again(2);
    reject(3);
    r.resolve(4);
    CHECK(r.promise.value() == 1);
}

TEST_CASE("a promise resolved with a pending one is locked in, and pending") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    auto inner = Promise<int>::withResolvers();
    auto outer = Promise<int>::withResolvers();
    loop.run([&] {
        outer.resolve(inner.promise);
        outer.resolve(1);
        outer.reject("ignored");
        outer.resolve(Promise<>::resolve(3));
        outer.promise.then([&](int value) { log(value); });
    });
    CHECK(outer.promise.state() == PromiseState::pending);
    loop.run([&] { inner.resolve(2); });
    CHECK(outer.promise.value() == 2);
    CHECK(log == "2");
}

TEST_CASE("a promise locked in on one that is rejected is rejected, and calls to its own functions change nothing") {
    EventLoop loop({.virtualTime = true});
    auto inner = Promise<int>::withResolvers();
    auto outer = Promise<int>::withResolvers();
    loop.run([&] {
        outer.resolve(inner.promise);
        outer.resolve(1);
        inner.reject("inner");
        outer.promise.catch_([] { return 0; });
    });
    CHECK(base::describe(outer.promise.reason()) == "inner");
}

TEST_CASE("resolving a promise with itself rejects it with a TypeError") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<int>::withResolvers();
    loop.run([&] {
        r.resolve(r.promise);
        CHECK(r.promise.state() == PromiseState::rejected); // the specification does it in the call
        r.promise.catch_([] { return 0; });
    });
    CHECK(base::describe(r.promise.reason()) == "TypeError: Chaining cycle detected for promise");
}

TEST_CASE("a handler that returns the promise it settles rejects that with a TypeError") {
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<int>> derived;
    loop.run([&] {
        derived = Promise<>::resolve(1).then([&] { return *derived; });
        derived->catch_([] { return 0; });
    });
    CHECK(base::describe(derived->reason()) == "TypeError: Chaining cycle detected for promise");
}

TEST_CASE("an async function that returns its own promise is rejected with a TypeError") {
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<int>> own;
    const auto f = [&]() -> Promise<int> {
        co_await Promise<>::resolve();
        co_return *own;
    };
    loop.run([&] {
        own = f();
        own->catch_([] { return 0; });
    });
    CHECK(base::describe(own->reason()) == "TypeError: Chaining cycle detected for promise");
}

TEST_CASE("two promises resolved with each other stay pending, and leave nothing behind") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            auto a = Promise<int>::withResolvers();
            auto b = Promise<int>::withResolvers();
            a.resolve(b.promise);
            b.resolve(a.promise);
            a.promise.then([] { FAIL("it settled"); });
        });
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("no reaction runs inside resolve or reject") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto a = Promise<int>::withResolvers();
        auto b = Promise<>::withResolvers();
        a.promise.then([&] { log("a"); });
        b.promise.catch_([&] { log("b"); });
        log("before");
        b.reject(1);
        a.resolve(1);
        log("after");
    });
    CHECK(log == "before after b a");
}

TEST_CASE("reactions run in the order in which they were registered") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto r = Promise<>::withResolvers();
        const auto await = [](Promise<> p, Journal& journal, const char* name) -> Promise<> {
            co_await p;
            journal(name);
        };
        r.promise.then([&] { log("then1"); });
        await(r.promise, log, "await1");
        r.promise.finally([&] { log("finally"); });
        Promise<>::all(r.promise).then([&] { log("all"); });
        await(r.promise, log, "await2");
        r.promise.then([&] { log("then2"); });
        r.resolve();
        r.promise.then([&] { log("then3"); });
    });
    CHECK(log == "then1 await1 finally await2 then2 then3 all");
}

TEST_CASE("a value that cannot be made leaves resolve as an exception, and the promise as unresolved as before") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<Fragile>::withResolvers();
    CHECK_THROWS_AS(r.resolve(-1), RangeError);
    CHECK(r.promise.state() == PromiseState::pending);
    r.resolve(1);
    CHECK(r.promise.value().value == 1);
}

TEST_CASE("a value that cannot be copied into the promise leaves it unresolved") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<Fragile>::withResolvers();
    const Fragile value(7);
    Fragile::copyThrows = true;
    CHECK_THROWS_AS(r.resolve(value), RangeError);
    Fragile::copyThrows = false;
    CHECK(r.promise.state() == PromiseState::pending);
    r.reject("then so");
    CHECK(r.promise.state() == PromiseState::rejected);
    r.promise.catch_([] { return Fragile(0); });
}

TEST_CASE("a constructor that calls resolve again does not win over the call that runs it") {
    EventLoop loop({.virtualTime = true});
    struct Nested {
        Nested(const std::function<void()>& f) {
            f();
        } // NOLINT(google-explicit-constructor): the test needs a conversion
        Nested(int number) : value(number) {} // NOLINT(google-explicit-constructor): as above
        int value = 1;
    };
    auto r = Promise<Nested>::withResolvers();
    r.resolve(std::function<void()>([&] { r.resolve(2); }));
    CHECK(r.promise.value().value == 1);
}

TEST_CASE("if copying a reason throws then what it throws is the reason") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<>::withResolvers();
    const Uncopyable error;
    r.reject(error);
    CHECK(base::describe(r.promise.reason()) == "RangeError: no copy");
    r.promise.catch_([] {});
}

TEST_CASE("a null exception_ptr is a reason like any other") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const int code = loop.run([&]() -> Promise<> {
        const auto p = Promise<int>::reject(std::exception_ptr());
        p.catch_([&](std::exception_ptr) { return log("catch_"), 0; });
        p.catch_([&](const Error&) { return log("typed"), 0; }).catch_([&] { return log("passed"), 0; });
        try {
            co_await p;
            log("no");
        } catch (...) {
            log("thrown");
        }
        const auto settled = co_await p.settled();
        log(settled.status());
        auto nothing = Promise<>::reject(nullptr);
        nothing.catch_([&] { log("nullptr"); });
    });
    CHECK(code == 0);
    CHECK(log == "catch_ thrown passed rejected nullptr");
}

TEST_CASE("resolve converts to the value of the promise") {
    EventLoop loop({.virtualTime = true});
    auto a = Promise<std::string>::withResolvers();
    a.resolve("literal");
    CHECK(a.promise.value() == "literal");
    auto b = Promise<std::optional<int>>::withResolvers();
    b.resolve(1);
    CHECK(b.promise.value() == 1);
    auto c = Promise<std::function<int()>>::withResolvers();
    c.resolve([] { return 5; });
    CHECK(c.promise.value()() == 5);
    auto d = Promise<std::pair<int, std::string>>::withResolvers();
    d.resolve({1, "braces"});
    CHECK(d.promise.value().second == "braces");
}

TEST_CASE("a value is moved into the promise once, from a temporary without a copy") {
    EventLoop loop({.virtualTime = true});
    Counted::reset();
    auto r = Promise<Counted>::withResolvers();
    r.resolve(Counted(1));
    CHECK(Counted::copies == 0);
    CHECK(Counted::moves == 1);
    auto s = Promise<MoveOnly>::withResolvers();
    s.resolve(MoveOnly(2));
    CHECK(s.promise.value().value == 2);
}

TEST_CASE("resolving functions outlive their loop and do nothing then, also when another loop lives there") {
    std::optional<PromiseWithResolvers<int>> r;
    {
        EventLoop loop({.virtualTime = true});
        r.emplace(Promise<int>::withResolvers());
    }
    r->resolve(1);
    r->reject(1);
    CHECK(r->promise.state() == PromiseState::pending);
    EventLoop loop({.virtualTime = true});
    r->resolve(1);
    r->resolve(Promise<>::resolve(2));
    r->reject(1);
    CHECK(r->promise.state() == PromiseState::pending);
    const auto copy = r->resolve;
    r.reset();
    copy(2);
}

TEST_CASE("when the last resolving function goes, what waits is destroyed at the next checkpoint and not before") {
    Journal log;
    struct Local {
        Journal& log;
        ~Local() { log("destroyed"); }
    };
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        std::optional<PromiseWithResolvers<int>> r(Promise<int>::withResolvers());
        [](Promise<int> p, Journal& journal) -> Promise<> {
            Local local{journal};
            co_await p;
            journal("never");
        }(r->promise, log);
        r->promise.then([&] { log("never"); });
        const auto last = r->reject;
        r.reset();
        log("one is left");
        loop.queueMicrotask([&] { log("microtask"); });
        loop.post([&] { log("task"); });
        const_cast<promise::Reject<int>&>(last) = Promise<int>::withResolvers().reject;
        log("none is left");
    });
    CHECK(log == "one is left none is left microtask destroyed task");
}

TEST_CASE("a promise is not abandoned while one of its functions lives in a timer") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Promise<int> p([&](auto resolve) { loop.setTimer([resolve] { resolve(1); }, 10, false); });
        p.then([&](int value) { log(value); });
    });
    CHECK(log == "1");
}

TEST_CASE("resolve with a promise costs two ticks more, also with one that is pending") {
    CHECK(ticksOf([] { return Promise<int>([](auto resolve) { resolve(1); }); }) == 1);
    CHECK(ticksOf([] { return Promise<int>([](auto resolve) { resolve(Promise<>::resolve(1)); }); }) == 3);
    CHECK(ticksOf([] { return Promise<int>([](auto resolve) { resolve(Promise<int>::reject(1)); }); }) == 3);
    CHECK(ticksOf([] {
              return Promise<int>([](auto resolve) { resolve(Promise<>::resolve(1).then([] { return 1; })); });
          }) == 3);
    CHECK(ticksOf([] {
              return Promise<int>(
                  [](auto resolve) { resolve(Promise<>::resolve(1).then([] { return 1; }).then([] { return 1; })); });
          }) == 4);
}

TEST_CASE("resolving functions are assigned and moved like handles") {
    EventLoop loop({.virtualTime = true});
    auto a = Promise<int>::withResolvers();
    auto b = Promise<int>::withResolvers();
    a.resolve = b.resolve;
    a.resolve(1);
    CHECK(b.promise.value() == 1);
    CHECK(a.promise.state() == PromiseState::pending);
    auto moved = std::move(a.reject);
    a.reject("moved from"); // NOLINT(bugprone-use-after-move): a moved-from function does nothing
    CHECK(a.promise.state() == PromiseState::pending);
    moved("gone");
    CHECK(a.promise.state() == PromiseState::rejected);
    a.promise.catch_([] { return 0; });
}
