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
#include <vector>

using namespace rondo;

namespace {

/// A thenable that does what it is told to.
struct Told {
    using value_type = int;
    std::function<void(const promise::Resolve<int>&, const promise::Reject<int>&)> act;
    void then(promise::Resolve<int> resolve, promise::Reject<int> reject) { act(resolve, reject); }
};

struct SyncThenable {
    using value_type = int;
    int value = 1;
    void then(auto resolve, auto) const { resolve(value); }
};

/// Its `then` is a coroutine, and uses the thenable when it goes on.
struct Slow {
    using value_type = std::string;
    std::string text = "a text that is too long to lie in the string itself";
    Promise<> then(promise::Resolve<std::string> resolve, promise::Reject<std::string>) {
        co_await Promise<>::resolve();
        resolve(text);
    }
};

struct Rejecting {
    using value_type = int;
    void then(auto, auto reject) { reject(TypeError("thenable")); }
};

/// Without a value_type: a promise that has a type can follow it, but it cannot be awaited.
struct Untyped {
    void then(auto resolve, auto) const { resolve(3); }
};

struct MoveOnlyThenable {
    using value_type = std::unique_ptr<int>;
    std::unique_ptr<int> owned;
    void then(auto resolve, auto) { resolve(std::move(owned)); }
};

struct VoidThenable {
    using value_type = void;
    void then(auto resolve, auto) { resolve(); }
};

/// Not callable as a thenable: `then` takes no functions.
struct NoThenable {
    int then = 4;
};

/// A thenable whose copy constructor throws.
struct Uncopyable {
    using value_type = int;
    Uncopyable() = default;
    Uncopyable(const Uncopyable&) { throw RangeError("copy"); }
    Uncopyable(Uncopyable&&) = default;
    void then(auto resolve, auto) { resolve(1); }
};

/// Resolves with a thenable like itself until the count is down.
struct Countdown {
    using value_type = int;
    int left;
    void then(auto resolve, auto) const {
        if (left == 0) {
            resolve(7);
        } else {
            resolve(Countdown{left - 1});
        }
    }
};

}

static_assert(Thenable<SyncThenable> && Thenable<const SyncThenable&> && Thenable<Told> && Thenable<VoidThenable>);
static_assert(!Thenable<Untyped> && ThenableOf<Untyped, int>);
static_assert(!Thenable<NoThenable> && !ThenableOf<NoThenable, int> && !Thenable<int>);
static_assert(!Thenable<Promise<int>>, "a promise is not counted among the thenables");
static_assert(std::is_same_v<decltype(Promise<>::resolve(SyncThenable())), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve(NoThenable())), Promise<NoThenable>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve().then([] { return SyncThenable(); })), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve().then([] { return VoidThenable(); })), Promise<>>);

TEST_CASE("a synchronous thenable takes two ticks") {
    CHECK(ticksOf([] { return Promise<>::resolve(SyncThenable()); }) == 2);
    CHECK(ticksOf([] { return Promise<int>([](auto resolve) { resolve(SyncThenable()); }); }) == 2);
    CHECK(ticksOf([] { return Promise<>::resolve(Rejecting()); }) == 2);
    CHECK(ticksOf([]() -> Promise<int> { co_return co_await SyncThenable(); }) == 3);
    CHECK(ticksOf([]() -> Promise<int> { co_return SyncThenable(); }) == 2);
    CHECK(ticksOf([] { return Promise<>::resolve().then([] { return SyncThenable(); }); }) == 3);
    CHECK(ticksOf([] { return Promise<>::all(SyncThenable()); }) == 3);
}

TEST_CASE("the then of a thenable is called in a microtask, never inside resolve") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto r = Promise<int>::withResolvers();
        r.resolve(Told{[&](const auto& resolve, const auto&) {
            log("then");
            resolve(1);
        }});
        log("resolved");
        loop.queueMicrotask([&] { log("microtask"); });
        r.promise.then([&](int value) { log(value); });
        r.resolve(5); // it is locked in
    });
    CHECK(log == "resolved then microtask 1");
}

TEST_CASE("a thenable may call back later") {
    EventLoop loop({.virtualTime = true});
    auto p = Promise<int>([&](auto resolve) {
        resolve(Told{[&](const auto& later, const auto&) { loop.setTimer([later] { later(8); }, 10, false); }});
    });
    loop.run([] {});
    CHECK(p.value() == 8);
}

TEST_CASE("of a thenable's calls the first wins, and what it throws afterwards is not heard") {
    EventLoop loop({.virtualTime = true});
    const auto outcome = [&](auto act) {
        auto p = Promise<>::resolve(Told{act});
        p.catch_([] { return 0; });
        loop.run([] {});
        return p.state() == PromiseState::fulfilled ? std::to_string(p.value()) : base::describe(p.reason());
    };
    CHECK(outcome([](const auto& resolve, const auto& reject) { resolve(1), resolve(2), reject(3); }) == "1");
    CHECK(outcome([](const auto& resolve, const auto& reject) { reject("no"), resolve(2), reject(3); }) == "no");
    CHECK(outcome([](const auto& resolve, const auto&) {
              resolve(1);
              throw TypeError("late");
          }) == "1");
    CHECK(outcome([](const auto&, const auto&) { throw TypeError("early"); }) == "TypeError: early");
    CHECK(outcome([](const auto& resolve, const auto&) {
              resolve(Promise<>::resolve(5));
              throw TypeError("late");
          }) == "5");
    CHECK(outcome([](const auto& resolve, const auto& reject) {
              resolve(SyncThenable{6});
              reject(1);
          }) == "6");
}

TEST_CASE("a thenable may resolve with a promise or another thenable, each at its own price") {
    const auto with = [](auto what) {
        return [what] { return Promise<>::resolve(Told{[what](const auto& resolve, const auto&) { resolve(what); }}); };
    };
    CHECK(ticksOf(with(1)) == 2);
    CHECK(ticksOf(with(SyncThenable())) == 3);
    CHECK(ticksOf([] {
              return Promise<>::resolve(Told{[](const auto& resolve, const auto&) { resolve(Promise<>::resolve(1)); }});
          }) == 4);
}

TEST_CASE(
    "a promise whose thenable resolves with that promise itself is rejected with a TypeError or waits for itself") {
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<int>> p;
    loop.run([&] {
        p = Promise<>::resolve(Told{[&](const auto& resolve, const auto&) { resolve(*p); }});
        p->catch_([] { return 0; });
    });
    CHECK(base::describe(p->reason()) == "TypeError: Chaining cycle detected for promise");
}

TEST_CASE("a thenable without a value_type can be followed by a promise of a given type") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<int>([](auto resolve) { resolve(Untyped()); });
    const auto q = Promise<int>::resolve(Untyped());
    loop.run([] {});
    CHECK(p.value() == 3);
    CHECK(q.value() == 3);
}

ASYNC_TEST_CASE("thenables of what can only be moved and of void are followed") {
    auto p = Promise<>::resolve(MoveOnlyThenable{std::make_unique<int>(4)});
    const auto value = co_await std::move(p);
    CHECK(*value == 4);
    co_await Promise<>::resolve(VoidThenable());
    co_await VoidThenable();
    const int awaited = co_await SyncThenable{5};
    CHECK(awaited == 5);
    const SyncThenable lvalue{6};
    const int fromLvalue = co_await lvalue;
    CHECK(fromLvalue == 6);
}

ASYNC_TEST_CASE("an awaited thenable that rejects or throws is thrown") {
    std::string caught;
    try {
        co_await Rejecting();
    } catch (const TypeError& error) {
        caught = error.message();
    }
    CHECK(caught == "thenable");
    Told throwing{[](const auto&, const auto&) { throw RangeError("thrown"); }};
    try {
        co_await throwing;
    } catch (const RangeError& error) {
        caught = error.message();
    }
    CHECK(caught == "thrown");
}

ASYNC_TEST_CASE("an object that has no such then is a value like any other") {
    const NoThenable value = co_await Promise<>::resolve(NoThenable());
    CHECK(value.then == 4);
}

TEST_CASE("a thenable is kept until its then has been called, and its functions may be kept longer") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    struct Kept {
        using value_type = int;
        Counted counted;
        std::vector<promise::Resolve<int>>* later;
        void then(const promise::Resolve<int>& resolve, const promise::Reject<int>&) { later->push_back(resolve); }
    };
    std::vector<promise::Resolve<int>> later;
    std::optional<Promise<int>> p;
    loop.run([&] {
        p = Promise<>::resolve(Kept{Counted(), &later});
        CHECK(Counted::alive == 1);
    });
    CHECK(Counted::alive == 0);
    CHECK(p->state() == PromiseState::pending);
    loop.run([&] { later[0](9); });
    CHECK(p->value() == 9);
}

TEST_CASE("a thenable that drops both functions abandons what waits for it") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            Promise<>::resolve(Told{[](const auto&, const auto&) {}}).then([c = Counted()] { FAIL("it ran"); });
            [](Counted) -> Promise<> {
                Told nothing{[](const auto&, const auto&) {}};
                co_await nothing;
                FAIL("it was resumed");
            }(Counted());
            [](Counted) -> Promise<int> { co_return Told{[](const auto&, const auto&) {}}; }(Counted()).then(
                            [c = Counted()] {});
            Promise<>::resolve()
                .then([c = Counted()] { return Told{[](const auto&, const auto&) {}}; })
                .then([c = Counted()] {});
            Promise<>::resolve()
                .finally([c = Counted()] { return Told{[](const auto&, const auto&) {}}; })
                .then([c = Counted()] {});
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a thenable that waits goes with its loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto keep = std::make_shared<std::vector<promise::Resolve<int>>>();
        loop.run([&] {
            const auto never = [&] {
                return Told{[keep, c = Counted()](const auto& resolve, const auto&) { keep->push_back(resolve); }};
            };
            Promise<>::resolve(never()).then([c = Counted()] {});
            Promise<>::resolve().then([never] { return never(); });
            Promise<>::resolve().finally([never] { return never(); });
            loop.stop(); // the jobs of the next one are never run
        });
        Promise<>::resolve(Told{[c = Counted()](const auto&, const auto&) { FAIL("it was called"); }});
        CHECK(Counted::alive > 0);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a thenable that cannot be copied into its job leaves the promise unresolved") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<int>::withResolvers();
    const Uncopyable thenable;
    CHECK_THROWS_AS(r.resolve(thenable), RangeError);
    r.resolve(2);
    CHECK(r.promise.value() == 2);
}

ASYNC_TEST_CASE("a thenable that cannot be copied is thrown where it is awaited or returned") {
    const Uncopyable thenable;
    bool caught = false;
    try {
        co_await thenable;
    } catch (const RangeError&) {
        caught = true;
    }
    CHECK(caught);
    const auto p = [](const Uncopyable& x) -> Promise<int> { co_return x; }(thenable);
    const auto s = co_await p.settled();
    CHECK(base::describe(s.reason()) == "RangeError: copy");
}

TEST_CASE("a thenable that resolves with a thenable, and so on, does not grow the stack") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<>::resolve(Countdown{100'000});
    const auto q = [](int count) -> Promise<int> {
        const int value = co_await Countdown{count};
        co_return value + 1;
    }(100'000);
    const auto r = Promise<>::resolve().then([] { return Countdown{100'000}; });
    loop.run([] {});
    CHECK(p.value() == 7);
    CHECK(q.value() == 8);
    CHECK(r.value() == 7);
}

TEST_CASE("where memory ends resolve with a thenable throws bad_alloc and the promise is as unresolved as before") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        auto r = Promise<int>::withResolvers();
        source.failAfter(successes);
        try {
            r.resolve(SyncThenable{1});
        } catch (const std::bad_alloc&) {
            r.resolve(2);
        }
        source.disarm();
        loop.run([] {});
        CHECK(r.promise.value() == (source.failed() ? 2 : 1));
    });
    CHECK(allocations == 1);
}

TEST_CASE("where memory ends awaiting a thenable throws bad_alloc") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        int value = 0;
        loop.run([&]() -> Promise<> {
            try {
                source.failAfter(successes);
                value = co_await SyncThenable{1};
            } catch (const std::bad_alloc&) {
                value = 2;
            }
        });
        CHECK(value == (source.failed() ? 2 : 1));
    });
}

/// Takes the very resolving functions it is called with, by reference.
struct ByReference {
    using value_type = int;
    void then(promise::Resolve<int>& resolve, promise::Reject<int>&) { resolve(3); }
};

ASYNC_TEST_CASE("a thenable may take its resolving functions by reference") {
    const int value = co_await ByReference();
    CHECK(value == 3);
}

ASYNC_TEST_CASE("a thenable whose then is a coroutine lives until that has finished") {
    const std::string awaited = co_await Slow();
    const std::string resolved = co_await Promise<std::string>([](auto resolve) { resolve(Slow()); });
    CHECK(awaited == Slow().text);
    CHECK(resolved == Slow().text);
}
