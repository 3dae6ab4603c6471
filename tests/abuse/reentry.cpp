// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"
#include "support/turn.hpp"
#include "support/written.hpp"

#include <rondo/events.hpp>
#include <rondo/iteration/async_generator.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Callbacks that do what only the loop may, and handlers of errors that fail themselves.

using namespace rondo;

namespace {

/// Tries to turn the loop in each of the ways there are, and says how many were refused.
int refusals() {
    EventLoop& loop = EventLoop::current();
    int refused = 0;
    const auto attempt = [&](auto turn) {
        try {
            turn();
        } catch (const std::logic_error&) {
            ++refused;
        }
    };
    attempt([&] { loop.run([] { FAIL("it ran"); }); });
    attempt([&] { loop.poll(); });
    attempt([&] { loop.runUntilSettled([]() -> Promise<> { co_return; }); });
    attempt([&] { turnUntilDry(loop); });
    attempt([&] { run([] { FAIL("it ran"); }); }); // a second loop
    return refused;
}

AsyncGenerator<int> turnsInside(Journal& log) {
    log("generator:", refusals());
    co_yield 1;
}

Promise<> turnsBehindAwait(Journal& log, Promise<> start) {
    co_await start;
    const AtEnd atEnd([&log] { log("variable:", refusals()); });
    log("function:", refusals());
}

}

TEST_CASE("no callback turns its own loop wherever it runs") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        EventTarget target;
        loop.globalThis().addEventListener("error", [&](ErrorEvent& event) {
            log("error:", refusals());
            event.preventDefault();
        });
        loop.globalThis().addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            log("unhandledrejection:", refusals());
            event.preventDefault();
        });
        loop.run([&] {
            log("task:", refusals());
            queueMicrotask([&] { log("microtask:", refusals()); });
            setTimeout([&] { log("timer:", refusals()); }, 1);
            loop.post([&] { log("posted:", refusals()); });
            Promise<int>([&](auto resolve) {
                log("executor:", refusals());
                resolve(1);
            }).then([&] { log("then:", refusals()); });
            turnsBehindAwait(log, Promise<>::resolve());
            auto generator = turnsInside(log);
            generator.next();
            target.addEventListener("x", [&] { log("listener:", refusals()); });
            target.dispatchEvent(Event("x"));
            AbortController controller;
            controller.signal().addEventListener("abort", [&] { log("abort:", refusals()); });
            controller.abort();
            setTimeout([&] { reportError(Error("no")); }, 2);
            setTimeout([&] { Promise<>::reject(Error("no")); }, 3);
        });
        log("behind it");
        auto never = Promise<>::withResolvers();
        never.promise.then([atEnd = AtEnd([&log] { log("teardown:", refusals()); })] {});
    }
    CHECK(source.balance() == 0);
    CHECK(log.text() == "task:5 executor:5 generator:5 listener:5 abort:5 microtask:5 then:5 function:5 variable:5 "
                        "posted:5 timer:5 error:5 unhandledrejection:5 behind it teardown:5");
}

TEST_CASE("a loop that was refused inside of each of its tasks goes on") {
    EventLoop loop({.virtualTime = true});
    const int many = withAddressSanitizer ? 2'000 : 20'000;
    int refused = 0;
    int ran = 0;
    loop.run([&] {
        for (int i = 0; i < many; ++i) {
            setTimeout(
                [&] {
                    refused += refusals();
                    queueMicrotask([&] { ++ran; });
                },
                i % 7);
        }
    });
    CHECK(refused == 5 * many);
    CHECK(ran == many);
    CHECK(loop.now() == 6);
}

TEST_CASE("a listener of errors that fails each time is told of each error once and prints its own") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.globalThis().addEventListener("error", [&](ErrorEvent& event) {
        log("told:", event.message());
        event.preventDefault();
        throw Error("first");
    });
    loop.globalThis().onerror([&](ErrorEvent&) -> bool { throw Error("second"); });
    const std::string text = writtenTo(stderr, [&] {
        loop.run([] {
            setTimeout([] { throw Error("a"); });
            queueMicrotask([] { throw Error("b"); });
            reportError(Error("c"));
        });
    });
    CHECK(log == "told:Uncaught Error: c told:Uncaught Error: b told:Uncaught Error: a");
    CHECK(occurrences(text, "Uncaught Error: first") == 3);
    CHECK(occurrences(text, "Uncaught Error: second") == 3);
    CHECK(occurrences(text, "Uncaught") == 6);
}

TEST_CASE("a listener of errors that reports errors and lets microtasks and dispatches fail comes to an end") {
    EventLoop loop({.virtualTime = true});
    EventTarget target;
    Journal log;
    target.addEventListener("x", [] { throw Error("listener"); });
    int microtasks = 0;
    loop.globalThis().addEventListener("error", [&](ErrorEvent& event) {
        log(event.message());
        event.preventDefault();
        reportError(Error("reported"));
        target.dispatchEvent(Event("x"));
        if (++microtasks <= 2) queueMicrotask([] { throw Error("microtask"); });
    });
    const std::string text = writtenTo(stderr, [&] { loop.run([] { throw Error("task"); }); });
    CHECK(log == "Uncaught Error: task Uncaught Error: microtask Uncaught Error: microtask");
    CHECK(occurrences(text, "Uncaught Error: reported") == 3);
    CHECK(occurrences(text, "Uncaught Error: listener") == 3);
    CHECK(occurrences(text, "Uncaught") == 6);
}

TEST_CASE("a listener of rejections that throws and rejects is told of what it does and does not hold up the others") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        Journal log;
        int rejects = 0;
        loop.globalThis().addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            log("rejection:", base::describe(event.reason()));
            event.preventDefault();
            if (++rejects <= 3) Promise<>::reject(Error("of the listener"));
            throw Error("out of the listener");
        });
        loop.globalThis().addEventListener("error", [&](ErrorEvent& event) {
            log("error:", base::describe(event.error()));
            event.preventDefault();
        });
        loop.run([] {
            Promise<>::reject(Error("a"));
            Promise<>::reject(Error("b"));
            setTimeout([] { Promise<>::reject(Error("c")); });
        });
        const std::string thrown = " error:Error: out of the listener ";
        CHECK(log.text() == "rejection:Error: a" + thrown + "rejection:Error: b" + thrown +
                                "rejection:Error: of the listener" + thrown + "rejection:Error: of the listener" +
                                thrown + "rejection:Error: of the listener" + thrown + "rejection:Error: c" +
                                " error:Error: out of the listener");
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener of rejections that rejects each time starves no task and stops with the loop") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        int told = 0;
        int most = 0;
        loop.globalThis().addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            event.preventDefault();
            if (++told == 100) most = source.balance();
            if (told == 10'000) {
                most = source.balance() - most;
                loop.stop();
            }
            Promise<>::reject(Error("again"));
        });
        loop.run([] { Promise<>::reject(Error("once")); });
        CHECK(told == 10'000);
        CHECK(most <= 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("an error whose handlers all fail ends the program with 1 and not with a loop") {
    int code = 0;
    const std::string text = writtenTo(stderr, [&] {
        code = run([]() -> Promise<int> {
            globalThis.onerror([](ErrorEvent&) -> bool { throw 1; });
            globalThis.onunhandledrejection([](PromiseRejectionEvent&) -> bool { throw 2; });
            globalThis.onrejectionhandled([](PromiseRejectionEvent&) -> bool { throw 3; });
            auto late = Promise<>::reject(4);
            setTimeout([late] { late.catch_([] { throw 5; }); }, 1);
            const auto elapsed = delay(2);
            co_await elapsed;
            co_return 0;
        });
    });
    CHECK(code == 1);
    INFO(text);
    CHECK(occurrences(text, "Uncaught (in promise)") == 2); // 4 and 5
    CHECK(occurrences(text, "Uncaught") < 20);
}

TEST_CASE("what tears down queues and starts what tears down a thousand times over and comes to an end") {
    CountingSource source;
    int left = withAddressSanitizer ? 1'000 : 100'000;
    {
        EventLoop loop({.virtualTime = true});
        struct Starts {
            int* left;
            explicit Starts(int& count) : left(&count) {}
            Starts(Starts&& other) noexcept : left(std::exchange(other.left, nullptr)) {}
            Starts& operator=(Starts&&) = delete;
            ~Starts() {
                if (!left || --*left <= 0) return;
                switch (*left % 4) {
                case 0: setTimeout(Starts(*left), 1); break;
                case 1: queueMicrotask(Starts(*left)); break;
                case 2: EventLoop::current().post(Starts(*left)); break;
                default: Promise<>::withResolvers().promise.then(Starts(*left));
                }
            }
            void operator()() const {}
        };
        setTimeout(Starts(left), 1);
    }
    CHECK(left == 0);
    CHECK(source.balance() == 0);
}
