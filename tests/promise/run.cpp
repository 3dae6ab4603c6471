// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/journal.hpp"
#include "../support/written.hpp"

#include <rondo/promise.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using namespace rondo;

namespace {

Promise<> afterTask() {
    return Promise<>([](auto resolve) { EventLoop::current().setTimer(resolve, 1, false); });
}

Promise<> never() { return std::move(Promise<>::withResolvers().promise); }

Promise<int> answer(int value) {
    co_await afterTask();
    co_return value;
}

Promise<> stuckInside(Promise<> forever) { co_await forever; }
Promise<> stuckOutside(Promise<> forever) { co_await stuckInside(forever); }

template <class F>
int quietly(F f) {
    int code = -1;
    writtenTo(stderr, [&] { code = f(); });
    return code;
}

}

TEST_CASE("the exit code is the int that the function returns or promises, else 0") {
    CHECK(run([] {}) == 0);
    CHECK(run([] { return 7; }) == 7);
    CHECK(run([] { return 1.5; }) == 0);
    CHECK(run(answer, 42) == 42);
    CHECK(run([]() -> Promise<> { co_await afterTask(); }) == 0);
}

TEST_CASE("the function is the first task, and the run lasts until nothing is owed") {
    Journal log;
    const int code = run([&] {
        log("main");
        EventLoop::current().queueMicrotask([&] { log("microtask"); });
        EventLoop::current().setTimer([&] { log("timer"); }, 1, false);
        EventLoop::current().post([&] { log("task"); });
    });
    CHECK(code == 0);
    CHECK(log == "main microtask task timer");
}

TEST_CASE("an error that goes uncaught makes the code 1, and the run goes on") {
    Journal log;
    CHECK(quietly([&] {
              return run([&] {
                  EventLoop::current().post([] { throw Error("uncaught"); });
                  EventLoop::current().post([&] { log("next"); });
              });
          }) == 1);
    CHECK(log == "next");
    CHECK(quietly([] { return run([]() -> int { throw std::runtime_error("at once"); }); }) == 1);
}

TEST_CASE("a code of its own is kept when an error went uncaught") {
    CHECK(quietly([] {
              return run([] {
                  EventLoop::current().post([] { throw Error("uncaught"); });
                  return 5;
              });
          }) == 5);
}

TEST_CASE("the rejection of the main promise is printed and ends the run with 1") {
    Journal log;
    std::string text = writtenTo(stderr, [&] {
        const int code = run([&]() -> Promise<> {
            EventLoop::current().setTimer([&] { log("timer"); }, 1000, false);
            co_await afterTask();
            throw TypeError("main");
        });
        log(code);
    });
    CHECK(log == "1");
    CHECK(text.find("Uncaught (in promise) TypeError: main") == 0);
}

TEST_CASE("a main promise whose rejection somebody handles does not fail the run") {
    CHECK(run([] {
              const auto p = Promise<>::reject(Error("handled"));
              p.catch_([] {});
              return p;
          }) == 0);
}

TEST_CASE("a run that is dry while the main promise is pending ends with 13 and names the awaits it is stuck on") {
    int code = 0;
    const std::string text = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        const auto r = Promise<>::withResolvers();
        code = loop.run(stuckOutside, r.promise);
    });
    CHECK(code == 13);
    CHECK(text.find("the main function's promise is pending") != text.npos);
    const auto inner = text.find("stuckInside (");
    const auto outer = text.find("stuckOutside (");
    CHECK(inner != text.npos);
    CHECK(inner < outer);
    CHECK(outer != text.npos);
}

TEST_CASE(
    "a main function that waits for what nobody can settle ends with 13 and names its awaits, though it is collected") {
    int code = 0;
    const std::string text =
        writtenTo(stderr, [&] { code = run([]() -> Promise<> { co_await stuckOutside(never()); }); });
    CHECK(code == 13);
    const auto inner = text.find("stuckInside (");
    const auto outer = text.find("stuckOutside (");
    const auto main = text.find("at async lambda (");
    CHECK(inner < outer);
    CHECK(outer < main);
    CHECK(main != text.npos);
    CHECK(occurrences(text, "    at ") == 3);
    const std::string direct = writtenTo(
        stderr, [] { run([]() -> Promise<> { co_await Promise<int>([](auto, auto) {}).then([](int) {}); }); });
    CHECK(occurrences(direct, "    at async lambda (") == 1);
}

TEST_CASE("of a main function that is stuck far down the ten innermost awaits are named, in no time") {
    struct Deep {
        static Promise<> link(Promise<> p) { co_await p; }
        static Promise<> chain(Promise<> p, int length) {
            for (int i = 0; i < length; ++i) p = link(std::move(p));
            co_await p;
        }
    };
    int code = 0;
    const std::string text = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        const auto r = Promise<>::withResolvers();
        code = loop.run([&] { return Deep::chain(r.promise, 50'000); });
    });
    CHECK(code == 13);
    CHECK(occurrences(text, "    at async Deep::link (") == 10);
    CHECK(occurrences(text, "    at ") == 10);
    const std::string collected = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        code = loop.run([&] { return Deep::chain(never(), 50'000); });
    });
    CHECK(code == 13);
    CHECK(occurrences(collected, "    at ") == 10);
    CHECK(occurrences(collected, "    at async Deep::chain (") == 1);
}

TEST_CASE("a main function that awaits its own promise, or functions that await each other, end with 13") {
    int code = 0;
    const std::string text = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        std::optional<Promise<>> own;
        const auto waits = [](std::optional<Promise<>>& p) -> Promise<> {
            co_await afterTask();
            co_await *p;
        };
        code = loop.run([&] {
            own = waits(own);
            return *own;
        });
    });
    CHECK(code == 13);
    CHECK(occurrences(text, "    at ") == 1);
    const std::string mutual = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        std::optional<Promise<>> a;
        std::optional<Promise<>> b;
        const auto waits = [](std::optional<Promise<>>& p) -> Promise<> {
            co_await afterTask();
            co_await *p;
        };
        code = loop.run([&] {
            a = waits(b);
            b = waits(a);
            return *a;
        });
    });
    CHECK(code == 13);
    CHECK(occurrences(mutual, "    at ") >= 1);
}

TEST_CASE("where a run was stuck is forgotten by the next") {
    EventLoop loop({.virtualTime = true});
    CHECK(quietly([&] { return loop.run(stuckOutside, never()); }) == 13);
    const std::string text = writtenTo(stderr, [&] { loop.run([] { return never(); }); });
    CHECK(occurrences(text, "is pending") == 1);
    CHECK(occurrences(text, "    at ") == 0);
}

TEST_CASE("an exception in a microtask or a timer makes the code 1, a code of its own is kept") {
    CHECK(quietly([] {
              return run([]() -> Promise<int> {
                  EventLoop::current().queueMicrotask([] { throw 1; });
                  co_await afterTask();
                  co_return 0;
              });
          }) == 1);
    CHECK(quietly([] {
              return run([]() -> Promise<int> {
                  EventLoop::current().setTimer([] { throw 1; }, 0, false);
                  co_await afterTask();
                  co_return 9;
              });
          }) == 9);
    CHECK(quietly([] { return run([] { Promise<>::reject(1); }); }) == 1);
    CHECK(quietly([]() { return run([]() -> Promise<int> { throw TypeError("in the call"); }); }) == 1);
}

TEST_CASE("a rejected main promise ends the run only when it is reported, so its microtasks still run") {
    Journal log;
    CHECK(quietly([&] {
              return run([&]() -> Promise<> {
                  EventLoop::current().post([&] { log("task"); });
                  EventLoop::current().queueMicrotask([&] { log("microtask"); });
                  throw TypeError("main");
                  co_return;
              });
          }) == 1);
    CHECK(log == "microtask");
}

TEST_CASE("a main function may promise what it does not compute itself") {
    CHECK(run([] { return Promise<>::resolve(4); }) == 4);
    CHECK(run([] { return answer(5).then([](int x) { return x + 1; }); }) == 6);
    CHECK(run([] { return Promise<std::string>::resolve("no code"); }) == 0);
    CHECK(run([](int a, int b) { return a * b; }, 3, 4) == 12);
}

TEST_CASE("stop() ends the run with 0 after the current task and its checkpoint") {
    Journal log;
    EventLoop loop;
    const int code = loop.run([&]() -> Promise<int> {
        EventLoop::current().post([&] { log("left"); });
        EventLoop::current().stop();
        log("stopping");
        co_await Promise<>::resolve();
        log("checkpoint");
        co_return 3;
    });
    CHECK(code == 0);
    CHECK(log == "stopping checkpoint");
    CHECK(loop.run([&] { log("again"); }) == 0);
    CHECK(log == "stopping checkpoint left again");
}

TEST_CASE("run may be called again, and an earlier error is forgotten") {
    EventLoop loop;
    CHECK(quietly([&] { return loop.run([] { throw Error("first"); }); }) == 1);
    CHECK(loop.run([] {}) == 0);
}

TEST_CASE("run inside a callback, on another thread and with a second loop is refused") {
    EventLoop loop;
    CHECK_THROWS_AS(run([] {}), std::logic_error);
    bool refused = false;
    CHECK(loop.run([&] {
        try {
            loop.run([] {});
        } catch (const std::logic_error&) {
            refused = true;
        }
    }) == 0);
    CHECK(refused);
    bool elsewhere = false;
    std::thread([&] {
        try {
            loop.run([] {});
        } catch (const std::logic_error&) {
            elsewhere = true;
        }
    }).join();
    CHECK(elsewhere);
    CHECK(loop.run([] { return 4; }) == 4);
}

TEST_CASE("the function and its arguments are kept as long as its promise is pending") {
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        const int code = loop.run(
            [counted = Counted(5)](std::unique_ptr<int> number) -> Promise<int> {
                co_await afterTask();
                co_return counted.value + *number;
            },
            std::make_unique<int>(6));
        CHECK(code == 11);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("runUntilSettled returns the value of a promise, or of a function that has none") {
    EventLoop loop({.virtualTime = true});
    CHECK(loop.runUntilSettled(answer, 7) == 7);
    CHECK(loop.runUntilSettled([] { return std::string("text"); }) == "text");
    auto moved = loop.runUntilSettled([]() -> Promise<std::unique_ptr<int>> { co_return std::make_unique<int>(3); });
    CHECK(*moved == 3);
    loop.runUntilSettled([]() -> Promise<> { co_await afterTask(); });
}

TEST_CASE("runUntilSettled throws the reason, and leaves other work for later") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    EventLoop::current().setTimer([&] { log("later"); }, 50, false);
    CHECK_THROWS_AS(loop.runUntilSettled([]() -> Promise<int> { throw RangeError("r"); }), RangeError);
    CHECK_THROWS_AS(loop.runUntilSettled([]() -> int { throw std::runtime_error("sync"); }), std::runtime_error);
    CHECK(log == "");
    loop.run([] {});
    CHECK(log == "later");
}

TEST_CASE("runUntilSettled names the awaits it is stuck on, and can be called again") {
    EventLoop loop({.virtualTime = true});
    const auto message = [&](Promise<> forever) {
        try {
            loop.runUntilSettled(stuckOutside, forever);
        } catch (const Error& error) {
            return std::string(error.message());
        }
        return std::string();
    };
    const auto r = Promise<>::withResolvers();
    const std::string waiting = message(r.promise);
    CHECK(waiting.find("stuckInside (") < waiting.find("stuckOutside ("));
    CHECK(waiting.find("stuckOutside (") != waiting.npos);
    const std::string collected = message(never());
    CHECK(collected.find("stuckInside (") < collected.find("stuckOutside ("));
    CHECK(collected.find("stuckOutside (") != collected.npos);
    CHECK(loop.runUntilSettled(answer, 8) == 8);
}

TEST_CASE("runUntilSettled throws an Error when nobody is left who could settle, whatever else the loop has to do") {
    EventLoop loop({.virtualTime = true});
    int beats = 0;
    loop.setTimer([&] { ++beats; }, 1, true);
    std::string message;
    try {
        loop.runUntilSettled(stuckOutside, never());
    } catch (const Error& error) {
        message = error.message();
    }
    CAPTURE(message);
    CHECK(message.starts_with("nobody is left who could settle the promise\n    at async "));
    CHECK(message.find("stuckInside (") < message.find("stuckOutside ("));
    CHECK(beats == 0);
}

TEST_CASE("runUntilSettled throws an Error when the loop runs dry or is stopped first") {
    EventLoop loop({.virtualTime = true});
    const auto r = Promise<>::withResolvers();
    CHECK_THROWS_AS(loop.runUntilSettled(stuckOutside, r.promise), Error);
    CHECK_THROWS_AS(loop.runUntilSettled([]() -> Promise<> {
        EventLoop::current().stop();
        co_await afterTask();
    }),
                    Error);
}
