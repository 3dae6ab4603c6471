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

/// A thenable that calls one of its functions at once.
struct Now {
    using value_type = int;
    bool rejects = false;
    void then(auto resolve, auto reject) const {
        if (rejects) {
            reject(RangeError("thenable"));
        } else {
            resolve(1);
        }
    }
};

}

static_assert(std::is_same_v<decltype(Promise<>::resolve(1).finally([] { return "dropped"; })), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve().finally([]() -> Promise<int> { co_return 1; })), Promise<>>);

TEST_CASE("finally settles two ticks after its handler has returned, on both paths") {
    const auto P = [] { return Promise<>::resolve(1); };
    const auto R = [] { return Promise<int>::reject(1); };
    CHECK(ticksOf([&] { return P().finally([] {}); }) == 4);
    CHECK(ticksOf([&] { return P().finally([] { return 5; }); }) == 4);
    CHECK(ticksOf([&] { return P().finally([&] { return P(); }); }) == 4);
    CHECK(ticksOf([&] { return P().finally([]() -> Promise<> { co_return; }); }) == 4);
    CHECK(ticksOf([&] { return P().finally([&] { return R(); }); }) == 4);
    CHECK(ticksOf([&] { return P().finally([] { throw 1; }); }) == 2);
    CHECK(ticksOf([&] { return P().finally([]() -> Promise<> { co_await Promise<>::reject(1); }); }) == 5);
    CHECK(ticksOf([&] { return P().finally([]() -> Promise<> { throw 1; }); }) ==
          2); // no coroutine: it throws in the call
    CHECK(ticksOf([&] { return P().finally([]() -> Promise<> { co_await Promise<>::resolve(); }); }) == 5);
    CHECK(ticksOf([&] { return P().finally([] { return Now(); }); }) == 5);
    CHECK(ticksOf([&] { return R().finally([] {}); }) == 4);
    CHECK(ticksOf([&] { return R().finally([&] { return P(); }); }) == 4);
    CHECK(ticksOf([&] { return R().finally([&] { return R(); }); }) == 4);
    CHECK(ticksOf([&] { return R().finally([] { throw 1; }); }) == 2);
    CHECK(ticksOf([&] { return R().finally([] { return Now(); }); }) == 5);
}

ASYNC_TEST_CASE("finally passes the value or the reason on and drops what its handler returns") {
    const int value = co_await Promise<>::resolve(1).finally([] { return 99; });
    CHECK(value == 1);
    const int promised = co_await Promise<>::resolve(2).finally([] { return Promise<>::resolve(99); });
    CHECK(promised == 2);
    const auto error = std::make_exception_ptr(TypeError("t"));
    const auto p = Promise<int>::reject(error).finally([] { return 99; });
    const auto s = co_await p.settled();
    CHECK(s.reason() == error);
}

ASYNC_TEST_CASE("what the handler of finally throws takes the place of the outcome") {
    const auto a = Promise<>::resolve(1).finally([] { throw RangeError("thrown"); });
    const auto b = Promise<int>::reject(TypeError("lost")).finally([] { throw RangeError("thrown"); });
    const auto c = Promise<>::resolve(1).finally([] { return Promise<>::reject(RangeError("promised")); });
    const auto d =
        Promise<int>::reject(TypeError("lost")).finally([] { return Promise<>::reject(RangeError("promised")); });
    const auto e = Promise<>::resolve(1).finally([] { return Now{true}; });
    const auto s = co_await Promise<>::allSettled(a, b, c, d, e);
    CHECK(base::describe(std::get<0>(s).reason()) == "RangeError: thrown");
    CHECK(base::describe(std::get<1>(s).reason()) == "RangeError: thrown");
    CHECK(base::describe(std::get<2>(s).reason()) == "RangeError: promised");
    CHECK(base::describe(std::get<3>(s).reason()) == "RangeError: promised");
    CHECK(base::describe(std::get<4>(s).reason()) == "RangeError: thenable");
}

TEST_CASE("finally waits for the promise its handler returns") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto gate = Promise<>::withResolvers();
        Promise<>::resolve(1)
            .finally([&, gate] {
                log("cleanup starts");
                return gate.promise;
            })
            .then([&](int value) { log("value", value); });
        loop.setTimer([&, gate] { log("cleanup ends"), gate.resolve(); }, 10, false);
    });
    CHECK(log == "cleanup starts cleanup ends value1");
}

ASYNC_TEST_CASE("a handler of finally that is a coroutine with captures is kept until it has finished") {
    Counted::reset();
    {
        int seen = 0;
        auto p = Promise<>::resolve(1).finally([captured = Counted(5), &seen]() -> Promise<> {
            co_await Promise<>::resolve();
            co_await Promise<>::resolve();
            seen = captured.value;
        });
        co_await p;
        CHECK(seen == 5);
        CHECK(Counted::alive == 0);
    }
}

ASYNC_TEST_CASE("finally of an rvalue moves the value on, and that of an lvalue copies it") {
    Counted::reset();
    auto p = Promise<>::resolve(Counted(1));
    const auto moved = co_await std::move(p).finally([] {});
    CHECK(moved.value == 1);
    CHECK(Counted::copies == 0);
    const auto q = Promise<>::resolve(Counted(2));
    co_await q.finally([] {});
    CHECK(Counted::copies == 1);
    const auto unique = co_await Promise<>::resolve(std::make_unique<int>(3)).finally([] {});
    CHECK(*unique == 3);
}

ASYNC_TEST_CASE("finally on a promise whose value can only be moved and is still shared is rejected with a TypeError") {
    const auto p = Promise<>::resolve(MoveOnly(1));
    bool called = false;
    const auto q = p.finally([&] { called = true; });
    const auto s = co_await Promise<>::allSettled(q.then([] {}));
    CHECK(called);
    CHECK(base::describe(std::get<0>(s).reason()).find("TypeError: ") == 0);
    CHECK(p.value().value == 1);
}

TEST_CASE("finally on a promise that never settles calls nothing and is collected") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            Promise<int>([](auto, auto) {}).finally([c = Counted()] { FAIL("it was called"); }).then([c = Counted()] {
            });
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("finally whose handler's promise never settles is collected") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            Promise<>::resolve(Counted())
                .finally([c = Counted()] { return Promise<>([](auto, auto) {}); })
                .then([c = Counted()] {});
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("finally that waits goes with its loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::optional<Promise<int>> own;
        auto gate = Promise<>::withResolvers();
        loop.run([&] {
            Promise<>::resolve(Counted()).finally([&, c = Counted()] { return gate.promise; });
            gate.promise.finally([c = Counted()] {});
            own = Promise<>::resolve(1).finally([&] { return *own; }); // waits for itself, as in JavaScript
        });
        CHECK(Counted::alive == 3);
        CHECK(own->state() == PromiseState::pending);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("the promise that finally derives carries the burden of a rejection, not the one it listens to") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<int>::reject(1);
    const auto q = p.finally([] {});
    CHECK(p.ref()->handled());
    CHECK_FALSE(q.ref()->handled());
    q.catch_([] { return 0; });
}

TEST_CASE("where memory ends finally throws bad_alloc, or rejects if its handler did") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        std::string outcome;
        loop.run([&]() -> Promise<> {
            const auto p = Promise<>::resolve(1);
            source.failAfter(successes);
            try {
                const auto q = p.finally([] { return Now(); });
                const auto s = co_await q.settled();
                outcome = s.fulfilled() ? "1" : base::describe(s.reason());
            } catch (const std::bad_alloc&) {
                outcome = "std::bad_alloc";
            }
        });
        CHECK(outcome == (source.failed() ? "std::bad_alloc" : "1"));
    });
}
