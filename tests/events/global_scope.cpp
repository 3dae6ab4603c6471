// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/turn.hpp"
#include "support/written.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

std::string text(const std::exception_ptr& reason) { return std::string(base::describe(reason)); }

/// A run of `f`: what it printed, and its exit code.
struct Ran {
    std::string printed;
    int code = 0;
};
template <class F>
Ran ran(F f) {
    Ran result;
    result.printed = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        result.code = loop.run(std::move(f));
    });
    return result;
}

/// Writes down what the global object tells of rejections, and prevents that they are printed.
struct Rejections {
    explicit Rejections(Journal& journal) : log(journal) {
        globalThis.addEventListener("unhandledrejection", [this](PromiseRejectionEvent& event) {
            log("unhandled:", text(event.reason()));
            unhandled.push_back(event.promise());
            event.preventDefault();
        });
        globalThis.addEventListener("rejectionhandled", [this](PromiseRejectionEvent& event) {
            log("handled:", text(event.reason()));
            handled.push_back(event.promise());
        });
    }
    Journal& log;
    std::vector<AnyPromise> unhandled;
    std::vector<AnyPromise> handled;
};

/// What is told while `f` runs, and what it writes itself.
template <class F>
std::string toldOf(F f) {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Rejections told(log);
    loop.run([&] { f(log, told); });
    return log.text();
}

/// Calls `f` in a task, later.
template <class F>
void later(double milliseconds, F f) {
    EventLoop::current().setTimer(std::move(f), milliseconds, false);
}

}

TEST_CASE("the global object needs a loop") {
    CHECK_THROWS_AS(globalThis.addEventListener("x", [] {}), std::logic_error);
    CHECK_THROWS_AS(globalThis.dispatchEvent(Event("x")), std::logic_error);
    CHECK_THROWS_AS(globalThis.removeEventListener("x", EventListener()), std::logic_error);
    CHECK_THROWS_AS(globalThis.onerror(nullptr), std::logic_error);
    CHECK_THROWS_AS(reportError(Error("no")), std::logic_error);
}

TEST_CASE("each loop has a global object of its own which is a target") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        CHECK(&loop.globalThis() == &loop.globalThis());
        EventListener handle = globalThis.addEventListener(
            "x", [&](Event& event) { log("x", event.target() == &EventLoop::current().globalThis()); });
        loop.globalThis().dispatchEvent(Event("x"));
        globalThis.dispatchEvent(Event("x"));
        globalThis.removeEventListener("x", handle);
        globalThis.dispatchEvent(Event("x"));
        globalThis.addEventListener("x", [&] { log("never"); });
    }
    EventLoop loop({.virtualTime = true});
    globalThis.dispatchEvent(Event("x"));
    CHECK(log == "xtrue xtrue");
}

// error

TEST_CASE("what a callback throws is an error event with the error and where it was made") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(event.message(), "|", text(event.error()));
            CHECK_THAT(std::string(event.filename()), Catch::Matchers::ContainsSubstring("global_scope.cpp"));
            CHECK(event.lineno() > 0);
            CHECK(event.isTrusted());
            CHECK(event.cancelable());
            CHECK_FALSE(event.bubbles());
            event.preventDefault();
        });
        later(1, [] { throw TypeError("boom"); });
    });
    CHECK(log == "Uncaught TypeError: boom|TypeError: boom");
    CHECK(result.printed.empty());
    CHECK(result.code == 0);
}

TEST_CASE("an error that is no Error has no place") {
    Journal log;
    ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(event.filename().size(), event.lineno(), event.colno(), !event.message().empty());
            event.preventDefault();
        });
        later(1, [] { throw 5; });
        later(1, [] { throw std::runtime_error("text"); });
    });
    CHECK(log == "000true 000true");
}

TEST_CASE("an error that nobody prevents is printed and the exit code is 1") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&] { log("told"); });
        later(1, [] { throw Error("boom"); });
        later(2, [&] { log("next"); });
    });
    CHECK(log == "told next");
    CHECK(occurrences(result.printed, "Uncaught Error: boom") == 1);
    CHECK(result.code == 1);
}

TEST_CASE("an error goes to all listeners and one of them may prevent it") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](Event& event) {
            log("1");
            event.preventDefault();
        });
        globalThis.addEventListener("error", [&](ErrorEvent&) { log("2"); });
        later(1, [] { throw Error("boom"); });
    });
    CHECK(log == "1 2");
    CHECK(result.printed.empty());
    CHECK(result.code == 0);
}

TEST_CASE("onerror that returns true has dealt with the error") {
    for (const bool returned : {true, false}) {
        const Ran result = ran([&] {
            globalThis.onerror([returned](ErrorEvent&) { return returned; });
            later(1, [] { throw Error("boom"); });
        });
        CHECK(result.printed.empty() == returned);
        CHECK(result.code == (returned ? 0 : 1));
    }
}

TEST_CASE("onerror keeps its place and can be taken away") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.onerror([&] { log("old"); });
        globalThis.addEventListener("error", [&] { log("listener"); });
        globalThis.onerror([&] { log("new"); });
        later(1, [] { throw Error("boom"); });
        later(2, [] { globalThis.onerror(nullptr); });
        later(3, [] { throw Error("boom"); });
    });
    CHECK(log == "new listener listener");
    CHECK(result.code == 1);
}

TEST_CASE("an error is told of before the microtasks of the callback that threw and those go before the next task") {
    Journal log;
    ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log("error:", text(event.error()));
            event.preventDefault();
            EventLoop::current().queueMicrotask([&] { log("of-handler"); });
        });
        later(0, [&] {
            EventLoop::current().queueMicrotask([&] { log("of-t1"); });
            log("t1");
            throw Error("boom");
        });
        later(0, [&] { log("t2"); });
        EventLoop::current().queueMicrotask([&] {
            EventLoop::current().queueMicrotask([&] { log("m2"); });
            throw Error("early");
        });
        EventLoop::current().queueMicrotask([&] { log("m1"); });
    });
    CHECK(log == "error:Error: early m1 m2 of-handler t1 error:Error: boom of-t1 of-handler t2");
}

TEST_CASE("what a listener of errors throws is printed and not told again") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log("1");
            event.preventDefault();
            throw Error("second");
        });
        globalThis.addEventListener("error", [&] { log("2"); });
        later(1, [] { throw Error("first"); });
        later(2, [] { throw Error("third"); });
    });
    CHECK(log == "1 2 1 2");
    CHECK(occurrences(result.printed, "Error: first") == 0);
    CHECK(occurrences(result.printed, "Uncaught Error: second") == 2);
    CHECK(result.code == 1);
}

TEST_CASE("what a microtask throws right behind a listener of errors is told of as any error") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(text(event.error()));
            event.preventDefault();
            if (text(event.error()) == "Error: second") throw Error("of the listener");
        });
        later(1, [] {
            EventLoop::current().queueMicrotask([] { throw Error("second"); });
            throw Error("first");
        });
        later(2, [] { throw Error("third"); });
    });
    CHECK(log == "Error: first Error: second Error: third");
    CHECK(result.printed.starts_with("Uncaught Error: of the listener"));
    CHECK(occurrences(result.printed, "Uncaught") == 1);
    CHECK(result.code == 1);
}

TEST_CASE("a listener of errors that rejects is told of as a rejection") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) -> Promise<> {
            event.preventDefault();
            co_await Promise<>::resolve();
            throw Error("from the listener");
        });
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            log(text(event.reason()));
            event.preventDefault();
        });
        later(1, [] { throw Error("boom"); });
    });
    CHECK(log == "Error: from the listener");
    CHECK(result.printed.empty());
}

TEST_CASE("reportError reports as if a callback had thrown") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log("told:", text(event.error()));
            if (text(event.error()) == "Error: dealt with") event.preventDefault();
            EventLoop::current().queueMicrotask([&] { log("microtask"); });
        });
        globalThis.addEventListener("error", [&] { log("second"); });
        reportError(Error("dealt with"));
        log("returned");
        reportError(std::make_exception_ptr(TypeError("printed")));
        log("end");
    });
    CHECK(log == "told:Error: dealt with second returned told:TypeError: printed second end microtask microtask");
    CHECK(result.printed.find("dealt with") == std::string::npos);
    CHECK(occurrences(result.printed, "Uncaught TypeError: printed") == 1);
    CHECK(result.code == 1);
}

TEST_CASE("what a listener throws is told of at once between the listeners of the event") {
    Journal log;
    ran([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(text(event.error()));
            event.preventDefault();
        });
        EventTarget target;
        target.addEventListener("x", [] { throw Error("boom"); });
        target.addEventListener("x", [&] { log("next"); });
        target.dispatchEvent(Event("x"));
        log("returned");
    });
    CHECK(log == "Error: boom next returned");
}

TEST_CASE("a listener of errors may remove itself and all others") {
    Journal log;
    EventListener first;
    EventListener second;
    const Ran result = ran([&] {
        first = globalThis.addEventListener("error", [&](ErrorEvent& event) {
            event.preventDefault();
            log("once");
            globalThis.removeEventListener("error", first);
            globalThis.removeEventListener("error", second);
            first = second = EventListener();
        });
        second = globalThis.addEventListener("error", [&] { log("never"); });
        later(1, [] { throw Error("1"); });
        later(2, [] { throw Error("2"); });
    });
    CHECK(log == "once");
    CHECK(occurrences(result.printed, "Uncaught Error: 2") == 1);
    CHECK(result.printed.find("Error: 1") == std::string::npos);
}

// unhandledrejection

TEST_CASE("an unhandled rejection is told of from wherever it comes") {
    std::vector<std::function<bool(const AnyPromise&)>> made;
    const std::string log = toldOf([&](Journal& journal, Rejections& told) {
        const auto expect = [&](auto make) {
            later(0, [&made, make] {
                made.emplace_back([promise = make()](const AnyPromise& any) { return any == promise; });
            });
        };
        later(1, [&] {
            for (std::size_t i = 0; i < made.size(); ++i) {
                if (!made[i](told.unhandled.at(i))) journal("another than", i);
            }
            made.clear();
        });
        expect([] { return Promise<int>::reject(Error("1")); });
        expect([] { return Promise<int>([](auto, auto reject) { reject(Error("2")); }); });
        expect([] { return Promise<int>([](auto) { throw Error("3"); }); });
        expect([] {
            auto resolvers = Promise<>::withResolvers();
            EventLoop::current().queueMicrotask([reject = resolvers.reject] { reject(Error("4")); });
            return resolvers.promise;
        });
        expect([] { return Promise<>::resolve().then([] { throw Error("5"); }); });
        expect([] { return Promise<>::reject(Error("no")).catch_([](std::exception_ptr) { throw Error("6"); }); });
        expect([] { return Promise<>::resolve().then([] { return Promise<int>::reject(Error("7")); }); });
        expect([] { return Promise<int>::reject(Error("8")).then([](int) {}); });
        expect([] { return Promise<>::all(Promise<int>::reject(Error("9"))); });
        expect([] {
            return async([]() -> Promise<> {
                co_await Promise<>::resolve();
                throw Error("10");
            });
        });
        expect([] { return Promise<int>::reject(Error("11")).finally([] {}); });
    });
    std::string wanted;
    for (int i = 1; i <= 11; ++i) wanted += (i > 1 ? " unhandled:Error: " : "unhandled:Error: ") + std::to_string(i);
    CHECK(log == wanted);
}

TEST_CASE("a rejection that is handled before the checkpoint ends is not told of") {
    const std::string log = toldOf([](Journal& journal, Rejections&) {
        Promise<int>::reject(Error("1")).then([](int) {}, [](std::exception_ptr) {});
        Promise<>::all(Promise<int>::reject(Error("2"))).then([] {}, [](std::exception_ptr) {});
        const auto p = Promise<int>::reject(Error("3"));
        Promise<>::resolve().then([] {}).then([] {}).then(
            [p, &journal] { p.then([](int) {}, [&journal](std::exception_ptr) { journal("caught"); }); });
        Promise<>::resolve()
            .then([] { return Promise<int>::reject(Error("4")); })
            .then([](int) {}, [](std::exception_ptr) {});
    });
    CHECK(log == "caught");
}

TEST_CASE("each branch without a handler is told of by itself") {
    const std::string log = toldOf([](Journal&, Rejections&) {
        const auto p = Promise<int>::reject(Error("x"));
        p.then([](int) {}, [](std::exception_ptr) {});
        p.then([](int) {});
        p.finally([] {});
    });
    CHECK(log == "unhandled:Error: x unhandled:Error: x");
}

TEST_CASE("a rejection that is handled after it was told of is told of again in a task") {
    const std::string log = toldOf([](Journal& journal, Rejections& told) {
        const auto p = Promise<int>::reject(Error("r"));
        EventLoop::current().queueMicrotask([&] { journal("microtask"); });
        later(1, [&, p] {
            journal("attaching");
            p.then([](int) {}, [&](std::exception_ptr) { journal("caught"); });
            later(0, [&] { journal("next"); });
        });
        later(2, [&, p] {
            journal(told.handled.size(), told.handled.at(0) == p, told.handled.at(0) == told.unhandled.at(0));
        });
    });
    CHECK(log == "microtask unhandled:Error: r attaching caught handled:Error: r next 1truetrue");
}

TEST_CASE("a handler that is attached in a task before the one that tells is still in time") {
    const std::string log = toldOf([](Journal& journal, Rejections&) {
        const auto p = Promise<int>::reject(Error("r"));
        const auto q = Promise<int>::reject(Error("q"));
        globalThis.addEventListener("unhandledrejection", [&, p, q](PromiseRejectionEvent& event) {
            if (event.promise() == p) q.then([](int) {}, [&](std::exception_ptr) { journal("q caught"); });
        });
    });
    CHECK(log == "unhandled:Error: r q caught");
}

TEST_CASE("a handler that is attached in unhandledrejection is not followed by rejectionhandled") {
    Journal log;
    const Ran result = ran([&] {
        const auto p = Promise<int>::reject(Error("e"));
        globalThis.onunhandledrejection([&, p](PromiseRejectionEvent& event) {
            log(event.promise() == p);
            p.then([](int) {}, [&](std::exception_ptr) { log("caught"); });
        });
        globalThis.onrejectionhandled([&] { log("never"); });
        later(10, [] {});
    });
    CHECK(log == "true caught");
}

TEST_CASE("a handler that is attached in a microtask of unhandledrejection is not followed by rejectionhandled") {
    Journal log;
    ran([&] {
        const auto p = Promise<int>::reject(Error("e"));
        globalThis.onunhandledrejection([&, p](PromiseRejectionEvent&) {
            EventLoop::current().queueMicrotask(
                [&, p] { p.then([](int) {}, [&](std::exception_ptr) { log("caught"); }); });
        });
        globalThis.onrejectionhandled([&] { log("never"); });
        later(10, [] {});
    });
    CHECK(log == "caught");
}

TEST_CASE("rejections are told of in their order with the microtasks of each listener behind it") {
    const std::string log = toldOf([](Journal& journal, Rejections&) {
        globalThis.addEventListener("unhandledrejection",
                                    [&] { EventLoop::current().queueMicrotask([&] { journal("microtask"); }); });
        Promise<int>::reject(Error("a"));
        Promise<>::reject(Error("b"));
        Promise<int>([](auto, auto reject) { later(1, [reject] { reject(Error("c")); }); });
        later(0, [&] { journal("task"); });
    });
    CHECK(log == "unhandled:Error: a microtask unhandled:Error: b microtask task unhandled:Error: c microtask");
}

TEST_CASE("a rejection in a timer is told of before the next timer") {
    const std::string log = toldOf([](Journal& journal, Rejections&) {
        later(0, [&] {
            journal("t1");
            Promise<int>::reject(Error("x"));
            EventLoop::current().queueMicrotask([&] { journal("microtask"); });
        });
        later(0, [&] { journal("t2"); });
    });
    CHECK(log == "t1 microtask unhandled:Error: x t2");
}

TEST_CASE("a promise that is awaited late is told of and then handled") {
    const std::string log = toldOf([](Journal& journal, Rejections&) {
        const Promise<> slow([](auto resolve) { later(20, resolve); });
        const Promise<> bad([](auto, auto reject) { later(1, [reject] { reject(Error("bad")); }); });
        async([&journal, slow, bad]() -> Promise<> {
            try {
                co_await slow;
                journal("slow");
                co_await bad;
            } catch (const Error& error) {
                journal("caught:", error.message());
            }
        });
    });
    CHECK(log == "unhandled:Error: bad slow caught:bad handled:Error: bad");
}

TEST_CASE("the events of rejections have the right properties") {
    Journal log;
    ran([&] {
        const auto p = Promise<int>::reject(Error("e"));
        globalThis.onunhandledrejection([&](PromiseRejectionEvent& event) {
            log(event.type(), event.cancelable(), event.bubbles(), event.isTrusted());
            log(event.target() == &EventLoop::current().globalThis());
            event.preventDefault();
        });
        globalThis.onrejectionhandled([&](PromiseRejectionEvent& event) {
            log(event.type(), event.cancelable(), event.bubbles(), event.isTrusted());
        });
        later(1, [p] { p.then([](int) {}, [](std::exception_ptr) {}); });
    });
    CHECK(log == "unhandledrejectiontruefalsetrue true rejectionhandledfalsefalsetrue");
}

TEST_CASE("a rejection that nobody prevents is printed and the exit code is 1") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("unhandledrejection", [&] { log("told"); });
        Promise<int>::reject(Error("e"));
        later(1, [&] { log("next"); });
    });
    CHECK(log == "told next");
    CHECK(occurrences(result.printed, "Uncaught (in promise) Error: e") == 1);
    CHECK(result.code == 1);
}

TEST_CASE("preventDefault and a handler that returns false keep a rejection from being printed") {
    for (const bool handler : {true, false}) {
        const Ran result = ran([&] {
            if (handler) {
                globalThis.onunhandledrejection([] { return false; });
            } else {
                globalThis.addEventListener("unhandledrejection", [](Event& event) { event.preventDefault(); });
            }
            Promise<int>::reject(Error("e"));
        });
        CHECK(result.printed.empty());
        CHECK(result.code == 0);
    }
}

TEST_CASE("what a listener of rejections throws is an error of its own") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("unhandledrejection", [](Event& event) {
            event.preventDefault();
            throw Error("from the listener");
        });
        globalThis.addEventListener("unhandledrejection", [&] { log("second"); });
        globalThis.onrejectionhandled([] { throw Error("from the other"); });
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(text(event.error()));
            event.preventDefault();
        });
        const auto p = Promise<int>::reject(Error("e"));
        later(1, [p] { p.then([](int) {}, [](std::exception_ptr) {}); });
    });
    CHECK(log == "Error: from the listener second Error: from the other");
    CHECK(result.printed.empty());
    CHECK(result.code == 0);
}

TEST_CASE("a listener of rejections that rejects is told of in its turn") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) -> Promise<> {
            const std::string reason = text(event.reason());
            log(reason);
            event.preventDefault();
            co_await Promise<>::resolve();
            if (reason == "Error: 3") co_return;
            throw Error(reason == "Error: 1" ? "2" : "3");
        });
        Promise<int>::reject(Error("1"));
    });
    CHECK(log == "Error: 1 Error: 2 Error: 3");
    CHECK(result.printed.empty());
}

TEST_CASE("the promise of an event is equal to the promise and to its copies and to no other") {
    toldOf([](Journal&, Rejections& told) {
        const auto p = Promise<int>::reject(Error("p"));
        const auto q = Promise<std::string>::reject(Error("q"));
        later(1, [&told, p, q] {
            REQUIRE(told.unhandled.size() == 2);
            AnyPromise any = told.unhandled[0];
            CHECK(any == p);
            CHECK(p == any);
            CHECK(any != q);
            CHECK(any == told.unhandled[0]);
            CHECK(any != told.unhandled[1]);
            any = told.unhandled[1];
            CHECK(any == q);
            const AnyPromise moved = std::move(any);
            CHECK(moved == q);
            AnyPromise& same = told.unhandled[0];
            told.unhandled[0] = same;
            CHECK(told.unhandled[0] == p);
            p.then([](int) {}, [](std::exception_ptr) {});
        });
    });
}

TEST_CASE("catch_ of the promise of an event handles it a tick later") {
    Journal log;
    const Ran result = ran([&] {
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            event.preventDefault();
            event.promise().catch_([&](const Error& error) { log("caught:", error.message()); });
            EventLoop::current().queueMicrotask([&] { log("behind"); });
            log("sync");
        });
        globalThis.onrejectionhandled([&] { log("never"); });
        Promise<int>::reject(Error("e"));
    });
    CHECK(log == "sync caught:e behind");
    CHECK(result.printed.empty());
}

TEST_CASE("catch_ of a kept promise of an event is followed by rejectionhandled") {
    const std::string log = toldOf([](Journal& journal, Rejections& told) {
        Promise<int>::reject(Error("e"));
        later(1, [&] {
            told.unhandled.at(0).catch_([&](std::exception_ptr reason) { journal("caught:", text(reason)); });
        });
    });
    CHECK(log == "unhandled:Error: e caught:Error: e handled:Error: e");
}

TEST_CASE("finally of the promise of an event rejects with the same reason") {
    const std::string log = toldOf([](Journal& journal, Rejections& told) {
        Promise<int>::reject(Error("e"));
        later(1, [&] {
            const Promise<> after = told.unhandled.at(0).finally([&] { journal("finally"); });
            after.catch_([&](std::exception_ptr reason) { journal("caught:", text(reason)); });
        });
    });
    CHECK(log == "unhandled:Error: e finally caught:Error: e handled:Error: e");
}

TEST_CASE("the promise of an event may be used as often as one likes and rejectionhandled comes once") {
    const std::string log = toldOf([](Journal& journal, Rejections& told) {
        Promise<int>::reject(Error("e"));
        later(1, [&] {
            for (int i = 0; i < 3; ++i) {
                told.unhandled.at(0).catch_([&, i](std::exception_ptr) { journal(i); });
            }
        });
    });
    CHECK(log == "unhandled:Error: e 0 1 2 handled:Error: e");
}

TEST_CASE("a promise of an event outlives its promise and its loop and leaves nothing") {
    Counted::reset();
    CountingSource source;
    {
        std::vector<AnyPromise> kept;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&] {
                globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                    kept.push_back(event.promise());
                    event.preventDefault();
                });
                Promise<std::string>::reject(Counted(1));
                Promise<Counted>::reject(Counted(2));
                Promise<>::reject(Error("e"));
            });
            CHECK(kept.size() == 3);
        }
        const AnyPromise copy = kept[1];
        CHECK(copy == kept[1]);
        CHECK(Counted::alive == 2);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener of rejections may drop the last handles of the promises that wait to be told of") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::vector<Promise<int>> promises;
        int calls = 0;
        loop.run([&] {
            globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                ++calls;
                event.preventDefault();
                promises.clear();
            });
            for (int i = 0; i < 3; ++i) promises.push_back(Promise<int>::reject(Counted(i)));
        });
        CHECK(calls == 3);
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener of rejections may stop the loop and what is left goes with it") {
    CountingSource source;
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                event.preventDefault();
                loop.stop();
                Promise<int>::reject(Counted(1));
            });
            Promise<int>::reject(Counted(2));
        });
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("listeners of the global object go with the loop and may use it while they go") {
    Counted::reset();
    CountingSource source;
    {
        Journal log;
        {
            EventLoop loop({.virtualTime = true});
            globalThis.addEventListener("error", [counted = Counted(1), end = AtEnd([&] {
                                                                            log("gone");
                                                                            globalThis.addEventListener(
                                                                                "error", [counted = Counted(2)] {});
                                                                        })] {});
            globalThis.onerror([counted = Counted(3)] {});
        }
        CHECK(log == "gone");
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener of the global object goes with its signal") {
    Journal log;
    const Ran result = ran([&] {
        const auto controller = std::make_shared<AbortController>();
        globalThis.addEventListener("error",
                                    [&, controller](ErrorEvent& event) {
                                        log(text(event.error()));
                                        event.preventDefault();
                                        controller->abort();
                                    },
                                    {.signal = controller->signal()});
        later(1, [] { throw Error("1"); });
        later(2, [] { throw Error("2"); });
    });
    CHECK(log == "Error: 1");
    CHECK(result.code == 1);
}

TEST_CASE("the rejection of the main function can be prevented") {
    Journal log;
    Ran result;
    result.printed = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            log(text(event.reason()));
            event.preventDefault();
        });
        result.code = loop.run([]() -> Promise<> {
            co_await Promise<>::resolve();
            throw Error("main");
        });
    });
    INFO(result.printed);
    INFO(result.code);
    CHECK(log == "Error: main");
}
