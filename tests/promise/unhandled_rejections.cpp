// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/written.hpp"

#include <rondo/promise.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

constexpr const char* notice = "Uncaught (in promise) ";

/// What is printed while `f` runs in virtual time.
template <class F>
std::string printed(F f) {
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    loop.run(std::move(f));
    return capture.text();
}

/// The exit code of `f`, its output dropped.
template <class F>
int codeOf(F f) {
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    return loop.run(std::move(f));
}

/// What the handlers of the loop are told.
struct Told {
    static inline Journal* log = nullptr;
    static inline bool deals = true;
    static void listen(EventLoop& loop, Journal& journal, bool dealsWith) {
        log = &journal;
        deals = dealsWith;
        loop.rejections().setHandlers(
            [](EventLoop&, loop::Rejection& rejection) {
                (*log)("unhandled:", base::describe(rejection.error));
                EventLoop::current().queueMicrotask([journal = log] { (*journal)("microtask"); });
                return deals;
            },
            [](EventLoop&, loop::Rejection& rejection) { (*log)("handled:", base::describe(rejection.error)); });
    }
};

}

TEST_CASE("a rejection that nobody handles is printed once and the exit code is 1") {
    const std::string text = printed([] { Promise<int>::reject(TypeError("nobody")); });
    CHECK(occurrences(text, notice) == 1);
    CHECK(text.find("Uncaught (in promise) TypeError: nobody\n") == 0);
    CHECK(codeOf([] { Promise<int>::reject(TypeError("nobody")); }) == 1);
    CHECK(codeOf([] { Promise<int>::reject(TypeError("somebody")).catch_([] { return 0; }); }) == 0);
}

TEST_CASE("a rejection that is handled in the same drain is not reported") {
    CHECK(printed([] {
              const auto p = Promise<int>::reject(1);
              Promise<>::resolve().then([] {}).then([] {}).then([p] { p.catch_([] { return 0; }); });
          }).empty());
    CHECK(printed([] {
              const auto p = Promise<int>::reject(1);
              [](Promise<int> q) -> Promise<> {
                  co_await Promise<>::resolve();
                  try {
                      co_await q;
                  } catch (int) {}
              }(p);
          }).empty());
}

TEST_CASE("a rejection that is handled in a later task is reported") {
    const std::string text = printed([] {
        const auto p = Promise<int>::reject(1);
        EventLoop::current().setTimer([p] { p.catch_([] { return 0; }); }, 0, false);
    });
    CHECK(occurrences(text, notice) == 1);
}

TEST_CASE("the notice goes before any other task, also one that was queued earlier") {
    Journal log;
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, true);
    loop.run([&] {
        loop.post([&] { log("earlier task"); });
        Promise<int>::reject(1);
        loop.post([&] { log("task"); });
        loop.queueMicrotask([&] { log("queued"); });
    });
    CHECK(log == "queued unhandled:1 microtask earlier task task");
}

TEST_CASE("several rejections are told of in the order in which they were rejected") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, true);
    loop.run([&] {
        auto a = Promise<int>::withResolvers();
        auto b = Promise<int>::withResolvers();
        b.reject("b");
        Promise<>::reject("c");
        a.reject("a");
    });
    CHECK(log == "unhandled:b unhandled:c unhandled:a microtask microtask microtask");
}

TEST_CASE("a rejection that the handler of an earlier one handles is not told of") {
    EventLoop loop({.virtualTime = true});
    static std::optional<Promise<int>> second;
    static int told = 0;
    loop.rejections().setHandlers(
        [](EventLoop&, loop::Rejection&) {
            ++told;
            if (second) second->catch_([] { return 0; });
            return true;
        },
        nullptr);
    loop.run([] {
        Promise<int>::reject(1);
        second = Promise<int>::reject(2);
    });
    second.reset();
    CHECK(told == 1);
}

TEST_CASE("a rejection that was reported and is handled later is told of once") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, true);
    std::optional<Promise<int>> p;
    loop.run([&] {
        p = Promise<int>::reject("late");
        loop.setTimer([&] { p->catch_([] { return 0; }); }, 10, false);
        loop.setTimer([&] { p->catch_([] { return 0; }); }, 20, false);
    });
    CHECK(log == "unhandled:late microtask handled:late");
}

TEST_CASE("a rejection that was dealt with by the handler is neither printed nor an error of the run") {
    Journal log;
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, true);
    const int code = loop.run([] { Promise<>::reject(1); });
    CHECK(capture.text().empty());
    CHECK(code == 0);
}

TEST_CASE("a rejection that the handler leaves alone is printed") {
    Journal log;
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, false);
    const int code = loop.run([] { Promise<>::reject(1); });
    CHECK(capture.text() == "Uncaught (in promise) 1\n");
    CHECK(code == 1);
}

TEST_CASE("looking at a promise does not count as handling it, reading its settlement does") {
    bool looked = false;
    const std::string text = printed([&] {
        const auto p = Promise<int>::reject(Error("seen"));
        looked = p.state() == PromiseState::rejected && p.reason() != nullptr;
    });
    CHECK(looked);
    CHECK(occurrences(text, "Error: seen") == 1);
    CHECK(printed([]() -> Promise<> {
              const auto p = Promise<int>::reject(Error("read"));
              co_await p.settled();
          }).empty());
}

TEST_CASE("a derived promise carries the burden of the one it derives from") {
    CHECK(occurrences(printed([] { Promise<int>::reject(1).then([] {}); }), notice) == 1);
    CHECK(occurrences(printed([] { Promise<int>::reject(1).then([] {}).then([] {}); }), notice) == 1);
    CHECK(occurrences(printed([] { Promise<int>::reject(1).finally([] {}); }), notice) == 1);
    CHECK(occurrences(printed([] {
                          const auto p = Promise<int>::reject(1);
                          p.catch_([] { return 0; });
                          p.then([] {}); // the other branch
                      }),
                      notice) == 1);
    CHECK(occurrences(printed([] {
                          const auto p = Promise<int>::reject(1);
                          p.then([] {});
                          p.then([] {});
                      }),
                      notice) == 2);
    CHECK(occurrences(printed([] { Promise<int>::reject(1).catch_([](const TypeError&) { return 0; }); }), notice) ==
          1);
    CHECK(occurrences(printed([] { Promise<>::resolve().then([] { throw 1; }); }), notice) == 1);
}

TEST_CASE("following a promise handles it, and the follower carries the burden") {
    CHECK(occurrences(printed([] {
                          const auto p = Promise<int>::reject(1);
                          Promise<int>([&](auto resolve) { resolve(p); });
                      }),
                      notice) == 1);
    CHECK(occurrences(printed([] { [](Promise<int> p) -> Promise<int> { co_return p; }(Promise<int>::reject(1)); }),
                      notice) == 1);
}

TEST_CASE("an async function that is not awaited reports its own rejection") {
    const std::string text = printed([] {
        [](int) -> Promise<> {
            co_await Promise<>::resolve();
            throw RangeError("floating");
        }(1);
    });
    CHECK(occurrences(text, notice) == 1);
    CHECK(text.find("RangeError: floating") != std::string::npos);
}

TEST_CASE("awaiting one after the other reports the rejection that came meanwhile") {
    const std::string text = printed([]() -> Promise<> {
        const auto slow = Promise<>([](auto resolve) { EventLoop::current().setTimer(resolve, 10, false); });
        const auto bad = Promise<>::reject(TypeError("meanwhile"));
        co_await slow;
        try {
            co_await bad;
        } catch (const TypeError&) {}
    });
    CHECK(occurrences(text, notice) == 1);
}

TEST_CASE("the losers of combinators are handled, and what the combinator promises is not") {
    const auto R = [] { return Promise<int>::reject(TypeError("r")); };
    CHECK(printed([&] { Promise<>::race(Promise<>::resolve(1), R()); }).empty());
    CHECK(printed([&] { Promise<>::any(R(), Promise<>::resolve(1)); }).empty());
    CHECK(printed([&] { Promise<>::allSettled(R(), R()); }).empty());
    CHECK(printed([&] { Promise<>::all(R(), R()).catch_([] {}); }).empty());
    CHECK(occurrences(printed([&] { Promise<>::all(R(), R()); }), notice) == 1);
    CHECK(occurrences(printed([&] { Promise<>::race(R(), R()); }), notice) == 1);
    const std::string text = printed([&] { Promise<>::any(R(), R()); });
    CHECK(occurrences(text, notice) == 1);
    CHECK(text.find("AggregateError: All promises were rejected") != std::string::npos);
}

TEST_CASE("a rejected promise whose handles are all gone is reported all the same") {
    CHECK(occurrences(printed([] { static_cast<void>(Promise<int>::reject(1)); }), notice) == 1);
}

TEST_CASE("a promise that is rejected before the loop runs is reported when it does") {
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    Promise<int>::reject(TypeError("before"));
    const int code = loop.run([] {});
    CHECK(occurrences(capture.text(), notice) == 1);
    CHECK(code == 1);
}

TEST_CASE("a rejection in a timer is reported before the next timer runs") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Told::listen(loop, log, true);
    loop.run([&] {
        loop.setTimer([] { Promise<>::reject("in timer"); }, 1, false);
        loop.setTimer([&] { log("timer2"); }, 1, false);
    });
    CHECK(log == "unhandled:in timer microtask timer2");
}

TEST_CASE("what the handler of rejections throws is reported, and so is the rejection") {
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) -> bool { throw RangeError("handler"); }, nullptr);
    loop.run([] { Promise<>::reject(TypeError("reason")); });
    const std::string text = capture.text();
    CHECK(text.find("RangeError: handler") != std::string::npos);
    CHECK(text.find("Uncaught (in promise) TypeError: reason") != std::string::npos);
}

TEST_CASE("any object can be a reason that is printed") {
    struct Unknown {};
    CHECK(printed([] { Promise<>::reject(Unknown()); }) == "Uncaught (in promise) an exception of unknown type\n");
    CHECK(printed([] { Promise<>::reject(std::string("text")); }) == "Uncaught (in promise) text\n");
    CHECK(printed([] { Promise<>::reject(std::runtime_error("what")); }) == "Uncaught (in promise) what\n");
    CHECK(printed([] { Promise<>::reject(nullptr); }) == "Uncaught (in promise) null\n");
    CHECK(printed([] { Promise<>::reject(std::exception_ptr()); }) == "Uncaught (in promise) null\n");
}

TEST_CASE("rejections that were not told of go with the loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            Promise<>::reject(Counted(1));
            loop.stop(); // the notice is never given
        });
        Promise<>::reject(Counted(2));
        CHECK(Counted::alive == 2);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("listing and reporting rejections allocates no block") {
    CountingSource source;
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto a = Promise<>::withResolvers();
        auto b = Promise<>::withResolvers();
        const int before = source.allocations();
        a.reject(1);
        b.reject(2);
        b.promise.ref()->markHandled();
        CHECK(source.allocations() == before);
    });
}

TEST_CASE("what only the reason of a handled rejection could settle is dropped when that goes") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        auto last = Promise<>::withResolvers();
        [](Promise<> never, Counted) -> Promise<> { co_await never; }(std::move(last.promise), Counted(1));
        Promise<int>::reject(std::make_shared<decltype(last)>(std::move(last))).catch_([] { return 0; });
    });
    CHECK(Counted::alive == 0);
}
