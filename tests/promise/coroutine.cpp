// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"
#include "support/steady_state.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Says when it is destroyed.
struct Says {
    Journal* log;
    const char* name;
    Says(Journal& journal, const char* text) : log(&journal), name(text) {}
    Says(Says&& other) noexcept : log(std::exchange(other.log, nullptr)), name(other.name) {}
    Says& operator=(Says&&) = delete;
    ~Says() {
        if (log) (*log)("~", name);
    }
};

/// Throws when it is destroyed.
struct ThrowsAtTheEnd {
    ~ThrowsAtTheEnd() noexcept(false) { throw RangeError("destructor"); }
};

/// An argument whose copy throws.
struct Uncopyable {
    Uncopyable() = default;
    Uncopyable(const Uncopyable&) { throw RangeError("argument"); }
};

struct SyncThenable {
    using value_type = int;
    void then(auto resolve, auto) const { resolve(1); }
};

struct Server {
    int base;
    Promise<int> plus(int x) const {
        co_await Promise<>::resolve();
        co_return base + x;
    }
    template <class T>
    Promise<T> same(T value) {
        co_await Promise<>::resolve();
        co_return value;
    }
    static Promise<int> sum(int n) {
        if (n == 0) co_return 0;
        const int rest = co_await sum(n - 1);
        co_return rest + n;
    }
};

Promise<int> answer() { co_return 42; }

Promise<> ofArguments(Says, Says second, Journal& log) {
    Says local(log, "local");
    co_await Promise<>::resolve();
    log("body");
    static_cast<void>(second);
}

Promise<int> countdown(int depth, const Promise<>& gate) {
    if (depth == 0) {
        co_await gate;
        co_return 0;
    }
    const int below = co_await countdown(depth - 1, gate);
    co_return below + 1;
}

constexpr int deep = withAddressSanitizer ? 20'000 : 100'000;

}

static_assert(std::is_same_v<decltype(answer()), Promise<int>>);
static_assert(!std::is_aggregate_v<promise::Await<int, true>> && !std::is_aggregate_v<promise::Await<int, false>> &&
                  !std::is_aggregate_v<promise::AwaitSettlement<int>>,
              "GCC 12 destroys aggregate awaiters twice");

TEST_CASE("a pending async function takes at most 160 bytes, and its promise at most 64 when it has returned") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<int>::withResolvers();
    const auto waits = [](Promise<int>& awaited, int i) -> Promise<int> {
        const int value = co_await awaited;
        co_return value + i;
    };
    constexpr int count = 100;
    std::vector<Promise<int>> promises;
    loop.run([&] {
        const std::size_t before = source.bytes();
        for (int i = 0; i < count; ++i) promises.push_back(waits(gate.promise, i));
        CHECK(source.bytes() - before <= 160 * count);
        gate.resolve(1);
    });
    const int blocks = source.balance();
    const std::size_t kept = source.bytes();
    promises.clear();
    CHECK(source.balance() == blocks - count);
    CHECK(kept - source.bytes() <= 64 * count);
}

TEST_CASE("an async function runs in its caller up to its first await") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        log("before");
        [](Journal& journal) -> Promise<> {
            journal("start");
            co_await Promise<>::resolve();
            journal("resumed");
        }(log);
        log("after");
    });
    CHECK(log == "before start after resumed");
}

TEST_CASE("an async function takes the ticks of what it awaits and returns") {
    const auto P = [] { return Promise<>::resolve(1); };
    CHECK(ticksOf([]() -> Promise<int> { co_return 1; }) == 1);
    CHECK(ticksOf([]() -> Promise<> { co_return; }) == 1);
    CHECK(ticksOf([]() -> Promise<int> {
              throw 1;
              co_return 1;
          }) == 1);
    CHECK(ticksOf([&]() -> Promise<int> { co_return P(); }) == 3);
    CHECK(ticksOf([&]() -> Promise<int> { co_return Promise<int>::reject(1); }) == 3);
    CHECK(ticksOf([&]() -> Promise<int> { co_return co_await P(); }) == 2);
    CHECK(ticksOf([&]() -> Promise<> {
              co_await P();
              co_await P();
          }) == 3);
    CHECK(ticksOf([]() -> Promise<int> { co_return answer(); }) == 3);
    CHECK(ticksOf([]() -> Promise<int> { co_return co_await answer(); }) == 2);
    const auto twice = []() -> Promise<int> { co_return answer(); };
    CHECK(ticksOf([&]() -> Promise<int> { co_return twice(); }) == 4);
    CHECK(ticksOf([]() -> Promise<int> { co_return SyncThenable(); }) == 2);
}

TEST_CASE("a throw before the first await rejects and does not leave the call") {
    EventLoop loop({.virtualTime = true});
    const auto p = []() -> Promise<int> {
        throw TypeError("at once");
        co_return 1;
    }();
    CHECK(base::describe(p.reason()) == "TypeError: at once");
    p.catch_([] { return 0; });
}

ASYNC_TEST_CASE("a throw after an await rejects") {
    const auto p = []() -> Promise<int> {
        co_await Promise<>::resolve();
        throw TypeError("later");
    }();
    const auto s = co_await p.settled();
    CHECK(base::describe(s.reason()) == "TypeError: later");
}

TEST_CASE("the locals go, then the parameters, then the promise settles") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] { ofArguments(Says(log, "first"), Says(log, "second"), log).then([&] { log("reaction"); }); });
    // the order of the two parameters is the compiler's
    const bool right = log == "body ~local ~second ~first reaction" || log == "body ~local ~first ~second reaction";
    CHECK(right);
    INFO(log);
}

TEST_CASE("what destructors of locals and parameters queue runs before the function's own reactions") {
    struct Queues {
        Journal& log;
        const char* name;
        ~Queues() {
            EventLoop::current().queueMicrotask([&journal = log, text = name] { journal(text); });
        }
    };
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        [](Journal& journal) -> Promise<> {
            Queues local{journal, "of a local"};
            co_await Promise<>::resolve();
        }(log)
                                    .then([&] { log("reaction"); });
    });
    CHECK(log == "of a local reaction");
}

ASYNC_TEST_CASE("a destructor that throws after co_return overrides the result") {
    const auto value = []() -> Promise<std::string> {
        ThrowsAtTheEnd last;
        co_return "a value that is too long for the small string optimisation";
    }();
    const auto later = []() -> Promise<std::string> {
        ThrowsAtTheEnd last;
        co_await Promise<>::resolve();
        co_return "a value that is too long for the small string optimisation";
    }();
    const auto promised = []() -> Promise<int> {
        ThrowsAtTheEnd last;
        co_return answer();
    }();
    const auto thenable = []() -> Promise<int> {
        ThrowsAtTheEnd last;
        co_return SyncThenable();
    }();
    const auto nothing = []() -> Promise<> {
        ThrowsAtTheEnd last;
        co_return;
    }();
    const auto s = co_await Promise<>::allSettled(value.then([] {}), later.then([] {}), promised.then([] {}),
                                                  thenable.then([] {}), nothing);
    CHECK(base::describe(std::get<0>(s).reason()) == "RangeError: destructor");
    CHECK(base::describe(std::get<1>(s).reason()) == "RangeError: destructor");
    CHECK(base::describe(std::get<2>(s).reason()) == "RangeError: destructor");
    CHECK(base::describe(std::get<3>(s).reason()) == "RangeError: destructor");
    CHECK(base::describe(std::get<4>(s).reason()) == "RangeError: destructor");
}

TEST_CASE("a co_return that a throwing destructor has undone can be followed by awaits and another co_return") {
    CountingSource source;
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        std::vector<std::string> results;
        loop.run([&]() -> Promise<> {
            const auto value = [](bool rejects) -> Promise<std::string> {
                try {
                    ThrowsAtTheEnd last;
                    co_return "a first value that is too long for the small string optimisation";
                } catch (const RangeError&) {}
                try {
                    if (rejects) co_await Promise<>::reject(1);
                    co_await Promise<>::resolve();
                } catch (int) {}
                co_return "second";
            };
            const auto promised = [](bool rejects) -> Promise<std::string> {
                try {
                    ThrowsAtTheEnd last;
                    co_return Promise<std::string>::resolve("promised");
                } catch (const RangeError&) {}
                try {
                    if (rejects) co_await Promise<>::reject(1);
                } catch (int) {}
                co_return "second";
            };
            const auto promisedTwice = []() -> Promise<std::string> {
                try {
                    ThrowsAtTheEnd last;
                    co_return Promise<std::string>::resolve("promised");
                } catch (const RangeError&) {}
                co_await Promise<>::resolve();
                co_return Promise<std::string>::resolve("second");
            };
            const auto rejected = []() -> Promise<std::string> {
                try {
                    ThrowsAtTheEnd last;
                    co_return Promise<std::string>::resolve("promised");
                } catch (const RangeError&) {}
                co_await Promise<>::reject(TypeError("last"));
                co_return "not reached";
            };
            const auto never = []() -> Promise<std::string> {
                Counted local;
                try {
                    ThrowsAtTheEnd last;
                    co_return Promise<std::string>::resolve("promised");
                } catch (const RangeError&) {}
                co_await Promise<>([](auto, auto) {});
                co_return "not reached";
            };
            const std::string a = co_await value(false);
            const std::string b = co_await value(true);
            const std::string c = co_await promised(false);
            const std::string d = co_await promised(true);
            const std::string e = co_await promisedTwice();
            results = {a, b, c, d, e};
            const auto p = rejected();
            const auto s = co_await p.settled();
            results.push_back(base::describe(s.reason()));
            never();
        });
        CHECK(results == std::vector<std::string>{"second", "second", "second", "second", "second", "TypeError: last"});
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("an exception while the arguments are copied leaves the call, and nothing is left") {
    CountingSource source;
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        const Uncopyable uncopyable;
        const auto f = [](Counted, Uncopyable) -> Promise<> { co_return; };
        CHECK_THROWS_AS(f(Counted(), uncopyable), RangeError);
        const auto g = [](Counted, Uncopyable) -> Promise<> { co_await Promise<>::resolve(); };
        CHECK_THROWS_AS(g(Counted(), uncopyable), RangeError);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

ASYNC_TEST_CASE("an argument by value lives as long as the function, a value as long as its promise") {
    Counted::reset();
    auto p = [](Counted argument) -> Promise<Counted> {
        co_await Promise<>::resolve();
        co_return std::move(argument);
    }(Counted(5));
    CHECK(Counted::alive >= 1);
    const Counted& value = co_await p;
    CHECK(value.value == 5);
    CHECK(Counted::alive == 1); // the promise's
    CHECK(Counted::copies == 0);
}

ASYNC_TEST_CASE("co_return converts, moves and takes braces") {
    const auto text = []() -> Promise<std::string> { co_return "literal"; };
    const auto owned = []() -> Promise<std::unique_ptr<int>> {
        auto local = std::make_unique<int>(3);
        co_return local;
    };
    const auto braces = []() -> Promise<std::pair<int, std::string>> { co_return {1, "x"}; };
    const auto maybe = []() -> Promise<std::optional<int>> { co_return std::nullopt; };
    const std::string a = co_await text();
    const auto b = co_await owned();
    const auto c = co_await braces();
    const auto d = co_await maybe();
    CHECK(a == "literal");
    CHECK(*b == 3);
    CHECK(c.second == "x");
    CHECK(d == std::nullopt);
}

ASYNC_TEST_CASE("co_return of a promise follows it, whether it is settled, pending or rejected") {
    auto r = Promise<int>::withResolvers();
    const auto follow = [](Promise<int> p) -> Promise<int> {
        co_await Promise<>::resolve();
        co_return p;
    };
    const auto pending = follow(r.promise);
    const int settled = co_await follow(Promise<>::resolve(1));
    CHECK(settled == 1);
    CHECK(pending.state() == PromiseState::pending);
    r.resolve(2);
    const int later = co_await pending;
    CHECK(later == 2);
    const auto rejected = follow(Promise<int>::reject(TypeError("r")));
    const auto s = co_await rejected.settled();
    CHECK(base::describe(s.reason()) == "TypeError: r");
}

ASYNC_TEST_CASE("co_return of a promise inside try is not caught there, co_return of an await is") {
    const auto returned = []() -> Promise<int> {
        try {
            co_return Promise<int>::reject(TypeError("r"));
        } catch (...) {}
        co_return 0;
    }();
    const auto awaited = []() -> Promise<int> {
        try {
            co_return co_await Promise<int>::reject(TypeError("r"));
        } catch (const TypeError&) {}
        co_return 7;
    }();
    const auto s = co_await returned.settled();
    const int value = co_await awaited;
    CHECK(s.rejected());
    CHECK(value == 7);
}

ASYNC_TEST_CASE("a value that is big, aligned or of another module of the language is returned whole") {
    struct Big {
        std::array<int, 500> numbers;
    };
    struct alignas(16) Aligned {
        std::array<double, 2> numbers;
    };
    const auto big = co_await []() -> Promise<Big> {
        Big result{};
        result.numbers[499] = 9;
        co_await Promise<>::resolve();
        co_return result;
    }();
    CHECK(big.numbers[499] == 9);
    const auto aligned = []() -> Promise<Aligned> {
        co_await Promise<>::resolve();
        co_return Aligned{{1, 2}};
    }();
    co_await aligned;
    CHECK(reinterpret_cast<std::uintptr_t>(&aligned.value()) % 16 == 0);
}

ASYNC_TEST_CASE("an exception while the result is stored rejects the function") {
    struct Throwing {
        Throwing() = default;
        Throwing(const Throwing&) { throw RangeError("result"); }
    };
    static const Throwing original;
    const auto p = []() -> Promise<Throwing> { co_return original; }();
    const auto s = co_await p.then([](const Throwing&) {}).settled();
    CHECK(base::describe(s.reason()) == "RangeError: result");
}

TEST_CASE("an async function may be a member, a template and recursive") {
    EventLoop loop({.virtualTime = true});
    Server server{40};
    const int a = loop.runUntilSettled([&] { return server.plus(2); });
    const std::string b = loop.runUntilSettled([&] { return server.same<std::string>("t"); });
    const int c = loop.runUntilSettled([&] { return Server::sum(10); });
    CHECK(a == 42);
    CHECK(b == "t");
    CHECK(c == 55);
}

TEST_CASE("a chain of functions that await each other settles without growing the stack") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto gate = Promise<>::withResolvers();
        int result = 0;
        // each function awaits the one before, which waits already: the calls are not nested, the chain is
        const int length = deep * 10;
        loop.run([&] {
            const auto link = [](Promise<int> before) -> Promise<int> {
                const int value = co_await before;
                co_return value + 1;
            };
            Promise<int> p = gate.promise.then([] { return 0; });
            for (int i = 0; i < length; ++i) p = link(std::move(p));
            p.then([&](int value) { result = value; });
        });
        loop.run([&] { gate.resolve(); });
        CHECK(result == length);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a chain of functions that return each other's promise settles without growing the stack") {
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<int>::withResolvers();
    int result = 0;
    loop.run([&] {
        const auto link = [](Promise<int> before) -> Promise<int> { co_return before; };
        Promise<int> p = gate.promise;
        for (int i = 0; i < deep; ++i) p = link(std::move(p));
        p.then([&](int value) { result = value; });
    });
    loop.run([&] { gate.resolve(5); });
    CHECK(result == 5);
}

TEST_CASE("functions that call each other down to an await and back settle") {
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<>::withResolvers();
    Promise<int> p = countdown(1000, gate.promise);
    loop.run([&] { gate.resolve(); });
    CHECK(p.value() == 1000);
}

TEST_CASE("a rejection passes through a chain of functions without growing the stack") {
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<int>::withResolvers();
    std::string reason;
    loop.run([&] {
        const auto link = [](Promise<int> before) -> Promise<int> { co_return co_await before; };
        Promise<int> p = gate.promise;
        for (int i = 0; i < deep / 10; ++i) p = link(std::move(p));
        p.catch_([&](const Error& error) {
            reason = error.message();
            return 0;
        });
    });
    loop.run([&] { gate.reject(TypeError("deep")); });
    CHECK(reason == "deep");
}

TEST_CASE("the frames of functions that can never go on are destroyed, from the awaited to the awaiter") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto inner = [](Journal& journal) -> Promise<> {
                Says local(journal, "inner");
                co_await Promise<>([](auto, auto) {});
                journal("never");
            };
            const auto outer = [](Promise<> p, Journal& journal) -> Promise<> {
                Says local(journal, "outer");
                co_await p;
                journal("never");
            };
            auto p = outer(inner(log), log);
            p.then([says = Says(log, "handler")] {}).finally([says = Says(log, "finally")] {});
            log("waits");
        });
    }
    CHECK(log == "waits ~inner ~outer ~handler ~finally");
    CHECK(source.balance() == 0);
}

TEST_CASE("a chain of functions that can never go on is collected without growing the stack") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto link = [](Promise<int> before, Counted) -> Promise<int> { co_return co_await before; };
            Promise<int> p([](auto, auto) {});
            for (int i = 0; i < deep; ++i) p = link(std::move(p), Counted());
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("what destructors of collected frames queue runs in the same checkpoint") {
    Journal log;
    struct Queues {
        Journal& log;
        ~Queues() {
            EventLoop::current().queueMicrotask([&journal = log] { journal("queued"); });
        }
    };
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        [](Journal& journal) -> Promise<> {
            Queues local{journal};
            co_await Promise<>([](auto, auto) {});
        }(log);
        loop.post([&] { log("task"); });
        loop.queueMicrotask([&] { log("microtask"); });
    });
    CHECK(log == "microtask queued task");
}

TEST_CASE("frames that still wait when their loop goes are destroyed, the newest first") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto never = Promise<>::withResolvers();
        loop.run([&] {
            const auto waits = [](Promise<> p, Journal& journal, const char* name) -> Promise<> {
                Says local(journal, name);
                co_await p;
            };
            waits(never.promise, log, "1");
            waits(never.promise, log, "2");
            const auto p = waits(never.promise, log, "3");
            waits(p, log, "4");
            never.promise.then([says = Says(log, "then")] {});
        });
        log("end");
    }
    CHECK(log == "end ~then ~4 ~3 ~2 ~1");
    CHECK(source.balance() == 0);
}

TEST_CASE("a frame's destructors may use the loop while it goes, and what they begin is dropped") {
    Journal log;
    CountingSource source;
    struct Begins {
        Journal& log;
        ~Begins() {
            log("ends");
            EventLoop& loop = EventLoop::current();
            loop.queueMicrotask([says = Says(log, "microtask"), &journal = log] { journal("never"); });
            loop.post([says = Says(log, "task"), &journal = log] { journal("never"); });
            loop.setTimer([says = Says(log, "timer"), &journal = log] { journal("never"); }, 0, false);
            Promise<>::resolve().then([says = Says(log, "reaction"), &journal = log] { journal("never"); });
            [](Journal& journal) -> Promise<> {
                Says local(journal, "frame");
                co_await Promise<>::resolve();
                journal("never");
            }(log);
            Promise<>::reject(1);
        }
    };
    {
        EventLoop loop({.virtualTime = true});
        auto never = Promise<>::withResolvers();
        loop.run([&] {
            [](Promise<> p, Journal& journal) -> Promise<> {
                Begins local{journal};
                co_await p;
            }(never.promise, log);
        });
    }
    const std::string text = log.text();
    CHECK(text.find("ends") == 0);
    CHECK(text.find("never") == std::string::npos);
    for (const char* each : {"~microtask", "~task", "~timer", "~reaction", "~frame"})
        CHECK(text.find(each) != std::string::npos);
    CHECK(source.balance() == 0);
}

TEST_CASE("an error made in a destructor of a parameter, when the function's own state is gone, is a plain error") {
    struct MakesAnError {
        std::string* text;
        explicit MakesAnError(std::string& out) : text(&out) {}
        MakesAnError(MakesAnError&& other) noexcept : text(std::exchange(other.text, nullptr)) {}
        MakesAnError& operator=(MakesAnError&&) = delete;
        ~MakesAnError() {
            if (text) *text = TypeError("late").stack();
        }
    };
    EventLoop loop({.virtualTime = true});
    std::string stack;
    loop.run([&]() -> Promise<> {
        auto p = [](MakesAnError) -> Promise<> { co_await Promise<>::resolve(); }(MakesAnError(stack));
        co_await p;
    });
    CHECK(stack.find("TypeError: late") == 0);
}

TEST_CASE("a coroutine lambda without captures may be a temporary") {
    EventLoop loop({.virtualTime = true});
    const int value = loop.runUntilSettled([]() -> Promise<int> {
        auto p = [](int x) -> Promise<int> {
            co_await Promise<>::resolve();
            co_return x;
        }(5);
        co_return co_await p;
    });
    CHECK(value == 5);
}

TEST_CASE("where memory ends the call of an async function throws bad_alloc and its arguments are destroyed once") {
    Counted::reset();
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([] {});
        const auto f = [](Counted x, std::array<char, 300>) -> Promise<int> {
            co_await Promise<>::resolve();
            co_return x.value;
        };
        source.failAfter(successes);
        std::optional<Promise<int>> p;
        try {
            p = f(Counted(3), {});
        } catch (const std::bad_alloc&) {
            CHECK(source.failed());
        }
        source.disarm();
        if (p) p->catch_([] { return 0; });
        loop.run([] {});
        if (p) CHECK((p->state() == PromiseState::fulfilled || source.failed()));
        p.reset();
        CHECK(Counted::alive == 0);
    });
    CHECK(allocations == 3); // the frame, its promise's state, the promise that is awaited
}

TEST_CASE("in a steady state calls and awaits take no memory from their source") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    CHECK(blocksTakenInSteadyState(source, [&] {
              loop.run([]() -> Promise<> {
                  for (int i = 0; i < 10; ++i) {
                      const int value = co_await answer();
                      static_cast<void>(value);
                  }
              });
          }) == 0);
}
