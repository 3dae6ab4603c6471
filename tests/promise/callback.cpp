// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/steady_state.hpp"
#include "support/ticks.hpp"
#include "support/written.hpp"

#include <rondo/promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

/// Says when its last copy is destroyed.
struct Says {
    Says(Journal& journal, const char* text) : log(&journal), name(text) {}
    Says(Says&& other) noexcept : log(std::exchange(other.log, nullptr)), name(other.name) {}
    Says& operator=(Says&&) = delete;
    ~Says() {
        if (log) (*log)("~", name);
    }

    Journal* log;
    const char* name;
};

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

Promise<int> twice(int value) {
    co_await ticks(1);
    co_return 2 * value;
}

/// A callback that can be asked what it was called with.
struct Overloaded {
    Promise<std::string> operator()(const std::string&) const { return Promise<std::string>::resolve("lvalue"); }
    Promise<std::string> operator()(std::string&&) const { return Promise<std::string>::resolve("rvalue"); }
};

}

static_assert(std::is_same_v<decltype(async(twice, 1)), Promise<int>>);
static_assert(std::is_same_v<decltype(async([]() -> Promise<> { co_return; })), Promise<>>);

TEST_CASE("a string literal lives as long as the call that was given it") {
    Journal log;
    const auto say = [&log](const std::string& text, int times) -> Promise<> {
        for (int i = 0; i < times; ++i) {
            co_await Promise<>::resolve();
            log(text);
        }
    };
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        loop.setTimer(promise::callback<true>(say, "a text too long for the string itself, kept by a timer", 1), 1,
                      false);
        co_await async(say, "a text too long for the string itself, kept by async", 2);
    });
    loop.run(say, "a text too long for the string itself, kept by run", 1);
    CHECK(log == "a text too long for the string itself, kept by async a text too long for the string itself, kept by "
                 "async a text too long for the string itself, kept by a timer a text too long for the string itself, "
                 "kept by run");
}

TEST_CASE("a function that takes a C string is given the one it was called with") {
    static const char* seen = nullptr;
    const char* const text = "text";
    EventLoop loop({.virtualTime = true});
    loop.run([&] { async([](const char* given) -> Promise<> { co_return void(seen = given); }, text); });
    CHECK(seen == text);
}

TEST_CASE("async calls its function at once and returns the promise itself") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const auto made = Promise<>::resolve(1);
    loop.run([&] {
        const auto same = async([&] {
            log("called");
            return made;
        });
        log("returned");
        CHECK(same == made);
    });
    CHECK(log == "called returned");
}

TEST_CASE("async takes no tick of its own") {
    CHECK(ticksOf([] { return async([]() -> Promise<int> { co_return 1; }); }) == 1);
    CHECK(ticksOf([] { return async([]() -> Promise<int> { co_return co_await Promise<>::resolve(1); }); }) == 2);
}

ASYNC_TEST_CASE("async keeps the captures of a coroutine until it has finished") {
    Counted::reset();
    {
        int seen = 0;
        auto p = async([captured = Counted(41), &seen]() -> Promise<int> {
            co_await ticks(3);
            seen = captured.value;
            co_return captured.value + 1;
        });
        CHECK(Counted::alive == 1);
        const int value = co_await p;
        CHECK(value == 42);
        CHECK(seen == 41);
    }
    co_await Promise<>::resolve();
    CHECK(Counted::alive == 0);
    CHECK(Counted::copies == 0);
}

ASYNC_TEST_CASE("async keeps its arguments until the function has finished, also those taken by reference") {
    Counted::reset();
    {
        auto p = async(
            [](const Counted& a, const std::string& b) -> Promise<std::string> {
                co_await ticks(3);
                co_return b + std::to_string(a.value);
            },
            Counted(7), std::string("a string that is too long for the small string optimisation"));
        const std::string value = co_await p;
        CHECK(value == "a string that is too long for the small string optimisation7");
    }
    co_await Promise<>::resolve();
    CHECK(Counted::alive == 0);
    CHECK(Counted::copies == 0);
}

ASYNC_TEST_CASE("async moves its arguments into the call") {
    auto p = async(
        [](std::unique_ptr<int> owned) -> Promise<int> {
            co_await ticks(1);
            co_return *owned;
        },
        std::make_unique<int>(5));
    const int value = co_await p;
    CHECK(value == 5);
    const std::string kind = co_await async(Overloaded(), std::string("x"));
    CHECK(kind == "rvalue");
    auto byReference = async(
        [](int& counter) -> Promise<int> {
            co_await ticks(1);
            co_return ++counter;
        },
        5);
    const int counted = co_await byReference;
    CHECK(counted == 6);
}

ASYNC_TEST_CASE("async takes functions, function pointers, std functions and lvalues") {
    const int a = co_await async(twice, 1);
    const int b = co_await async(&twice, 2);
    const std::function<Promise<int>(int)> function = twice;
    const int c = co_await async(function, 3);
    const auto lambda = [base = 1](int x) -> Promise<int> {
        co_await ticks(1);
        co_return base + x;
    };
    const int d = co_await async(lambda, 4);
    auto mutableLambda = [count = 0]() mutable -> Promise<int> {
        co_await ticks(1);
        co_return ++count;
    };
    const int e = co_await async(mutableLambda);
    const int f = co_await async(mutableLambda); // each call has a copy of its own
    CHECK(a == 2);
    CHECK(b == 4);
    CHECK(c == 6);
    CHECK(d == 5);
    CHECK(e == 1);
    CHECK(f == 1);
}

TEST_CASE("a closure goes after the frame that runs in it, when that has finished") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        async([captured = Says(log, "closure"), &log]() -> Promise<> {
            const Says local(log, "local");
            co_await ticks(1);
            log("body");
        });
        log("called");
    });
    CHECK(log == "called body ~local ~closure");
}

TEST_CASE("a closure goes after the frame that runs in it, when that is collected") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        async([captured = Says(log, "closure"), &log]() -> Promise<> {
            const Says local(log, "local");
            co_await Promise<>([](auto, auto) {});
            log("never");
        });
        log("called");
    });
    CHECK(log == "called ~local ~closure");
}

TEST_CASE("a closure goes after the frame that runs in it, when their loop goes") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto r = Promise<>::withResolvers();
        loop.run([&] {
            async(
                [captured = Says(log, "closure"), &log](Promise<> p) -> Promise<> {
                    const Says local(log, "local");
                    co_await p;
                    log("never");
                },
                r.promise);
        });
        log("end");
    }
    CHECK(log == "end ~local ~closure");
    CHECK(source.balance() == 0);
}

TEST_CASE("a closure whose promise is settled at once goes with the call") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        async([c = Counted()]() -> Promise<int> { co_return c.value; });
        CHECK(Counted::alive == 0);
        async([c = Counted()] { return Promise<>::resolve(1); });
        CHECK(Counted::alive == 0);
    });
}

TEST_CASE("async neither hides a rejection nor handles it") {
    const std::string text = writtenTo(stderr, [] {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            async([c = Counted()]() -> Promise<> {
                co_await ticks(1);
                throw TypeError("floating");
            });
        });
    });
    CHECK(occurrences(text, "Uncaught (in promise) TypeError: floating") == 1);
    CHECK(Counted::alive == 0);
}

TEST_CASE("async throws what its function throws, if that is no coroutine, and keeps nothing") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            CHECK_THROWS_AS(async([c = Counted()]() -> Promise<> { throw TypeError("in the call"); }), TypeError);
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("an executor that is a coroutine with captures is kept until it has finished") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<int>> p;
    loop.run([&] {
        p.emplace([captured = Counted(6)](auto resolve, auto) -> Promise<> {
            co_await ticks(3);
            resolve(captured.value);
        });
        CHECK(Counted::alive == 1);
    });
    CHECK(p->value() == 6);
    CHECK(Counted::alive == 0);
}

TEST_CASE("an executor that is a coroutine and fails is an unhandled rejection of its own") {
    const std::string text = writtenTo(stderr, [] {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            Promise<int> p([](auto, auto) -> Promise<> {
                co_await ticks(1);
                throw TypeError("executor");
            });
            p.then([](int) {});
        });
    });
    CHECK(occurrences(text, "TypeError: executor") == 1);
}

TEST_CASE("an executor that is a coroutine and ends without a call abandons the promise") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        Promise<int> p([](auto, auto) -> Promise<> { co_await ticks(1); });
        p.then([c = Counted()] { FAIL("it ran"); });
    });
    CHECK(Counted::alive == 0);
}

TEST_CASE("a callback for the loop that is a coroutine is kept as long as a call of it has not finished") {
    Counted::reset();
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        loop.setTimer(promise::callback<true>(
                          [captured = Counted(1), &log](int& calls) mutable -> Promise<> {
                              const int call = ++calls;
                              co_await Promise<>(
                                  [](auto resolve) { EventLoop::current().setTimer(resolve, 25, false); });
                              log("call", call, "of", captured.value);
                          },
                          0),
                      10, true);
        loop.setTimer([&] { loop.stop(); }, 100, false);
    });
    const std::string text = log.text();
    CHECK(text.find("call1of1 call2of1 call3of1") == 0);
}

TEST_CASE("a callback that is called once moves its arguments, one that is called again does not") {
    EventLoop loop({.virtualTime = true});
    int moved = 0;
    auto once = promise::callback<false>([&](std::unique_ptr<int> owned) { moved = *owned; }, std::make_unique<int>(3));
    once();
    CHECK(moved == 3);
    std::string seen;
    auto again = promise::callback<true>([&](const std::string& text) { seen += text; }, "x");
    again();
    again();
    CHECK(seen == "xx");
    auto plain = promise::callback<true>([&] { seen += "y"; });
    plain();
    CHECK(seen == "xxy");
}

TEST_CASE("a callback that was never called goes with what holds it") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        {
            auto unused = promise::callback<false>([c = Counted()](Counted) -> Promise<> { co_return; }, Counted());
        }
        CHECK(Counted::alive == 0);
        loop.setTimer(promise::callback<false>([c = Counted()]() -> Promise<> { co_return; }), 10, false);
        CHECK(Counted::alive == 1);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("in a steady state kept closures take no memory from their source") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    CHECK(blocksTakenInSteadyState(source, [&] {
              loop.run([]() -> Promise<> {
                  auto p = async(
                      [c = Counted(1)](int x) -> Promise<int> {
                          co_await Promise<>::resolve();
                          co_return c.value + x;
                      },
                      1);
                  co_await p;
              });
          }) == 0);
}

TEST_CASE("where memory ends async throws bad_alloc, and its function has either run or not been called") {
    failEachAllocation([](FailingSource& source, int successes) {
        Counted::reset();
        {
            EventLoop loop({.virtualTime = true});
            loop.run([] {});
            bool called = false;
            std::optional<Promise<int>> p;
            source.failAfter(successes);
            try {
                p = async(
                    [c = Counted(1), &called](const Counted& x) -> Promise<int> {
                        called = true;
                        co_return c.value + x.value;
                    },
                    Counted(2));
            } catch (const std::bad_alloc&) {
                CHECK_FALSE(called);
                CHECK(Counted::alive == 0);
            }
            source.disarm();
            loop.run([] {});
            if (p) CHECK(p->value() == 3);
        }
        CHECK(Counted::alive == 0);
    });
}
