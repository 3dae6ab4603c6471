// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/steady_state.hpp"
#include "support/turn.hpp"
#include "support/written.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// The `int` that was given as a reason, -1 if it is something else.
int number(const std::exception_ptr& reason) {
    try {
        if (reason) std::rethrow_exception(reason);
    } catch (const int value) {
        return value;
    } catch (...) {}
    return -1;
}

/// The name of the `DOMException` that is the reason.
std::string name(const std::exception_ptr& reason) {
    try {
        if (reason) std::rethrow_exception(reason);
    } catch (const DOMException& error) {
        return std::string(error.name());
    } catch (...) {
        return "something else";
    }
    return "none";
}

/// Runs a microtask checkpoint, in a task of its own.
void checkpoint(EventLoop& loop) {
    loop.post([] {});
    turnUntilDry(loop);
}

}

static_assert(!std::is_copy_constructible_v<AbortController> && !std::is_copy_assignable_v<AbortController>);
static_assert(std::is_nothrow_move_constructible_v<AbortController>);
static_assert(std::is_nothrow_move_assignable_v<AbortController>);
static_assert(std::is_nothrow_copy_constructible_v<AbortSignal>);
static_assert(!std::is_default_constructible_v<AbortSignal>);
static_assert(std::is_same_v<decltype(std::declval<AbortController&>().signal()), const AbortSignal&>);

// The controller.

TEST_CASE("abort fires its event here and now and once") {
    Journal log;
    AbortController controller;
    const AbortSignal signal = controller.signal();
    signal.addEventListener("abort", [&] { log("1:", signal.aborted(), number(signal.reason())); });
    signal.addEventListener("abort", [&] { log("2"); });
    log("before:", signal.aborted());
    controller.abort(7);
    log("after:", number(signal.reason()));
    controller.abort(8);
    log(number(signal.reason()));
    CHECK(log == "before:false 1:true7 2 after:7 7");
}

TEST_CASE("a controller has one signal") {
    AbortController controller;
    const AbortSignal signal = controller.signal();
    CHECK(signal == controller.signal());
    controller.abort();
    CHECK(signal == controller.signal());
    CHECK(signal != AbortController().signal());
}

TEST_CASE("the abort event is trusted and does not bubble and stands for its signal") {
    Journal log;
    AbortController controller;
    controller.signal().onabort([&](Event& event) {
        log(event.type(), event.isTrusted(), event.bubbles(), event.cancelable(), event.composed());
        log(event.target() == event.currentTarget(), event.target() != nullptr, event.eventPhase());
    });
    controller.abort();
    CHECK(log == "aborttruefalsefalsefalse truetrue2");
}

TEST_CASE("a listener that is added after the abort is not called") {
    AbortController controller;
    controller.abort();
    int calls = 0;
    controller.signal().onabort([&] { ++calls; });
    controller.signal().addEventListener("abort", [&] { ++calls; });
    controller.abort();
    CHECK(calls == 0);
}

TEST_CASE("the reason is an AbortError unless one is given") {
    AbortController controller;
    CHECK(controller.signal().reason() == nullptr);
    CHECK_NOTHROW(controller.signal().throwIfAborted());
    controller.abort();
    try {
        controller.signal().throwIfAborted();
        FAIL("it does not throw");
    } catch (const DOMException& error) {
        CHECK(error.name() == "AbortError");
        CHECK(error.message() == "This operation was aborted");
        CHECK(error.code() == 20);
        CHECK(std::current_exception() == controller.signal().reason());
    }
}

TEST_CASE("a reason may be any object and a pointer to an exception") {
    AbortController a;
    a.abort(Error("why"));
    CHECK_THROWS_AS(a.signal().throwIfAborted(), Error);
    AbortController b;
    b.abort(a.signal().reason());
    CHECK(b.signal().reason() == a.signal().reason());
    AbortController c;
    c.abort("text");
    CHECK_THROWS_AS(c.signal().throwIfAborted(), const char*);
    AbortController d;
    d.abort(std::exception_ptr());
    CHECK(d.signal().aborted());
    CHECK_THROWS_AS(d.signal().throwIfAborted(), std::nullptr_t);
    AbortController e;
    e.abort(nullptr);
    CHECK(e.signal().aborted());
}

TEST_CASE("a second abort makes no reason") {
    Counted::reset();
    AbortController controller;
    controller.abort();
    controller.abort(Counted(1));
    CHECK(Counted::copies + Counted::moves == 0);
}

TEST_CASE("abort inside of a listener does nothing") {
    Journal log;
    AbortController controller;
    controller.signal().addEventListener("abort", [&] {
        log("1");
        controller.abort(2);
        controller.signal().addEventListener("abort", [&] { log("never"); });
    });
    controller.signal().addEventListener("abort", [&] { log("2"); });
    controller.abort(1);
    CHECK(log == "1 2");
    CHECK(number(controller.signal().reason()) == 1);
}

TEST_CASE("what a listener throws is reported and abort returns") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    AbortController controller;
    controller.signal().addEventListener("abort", [] { throw Error("1"); });
    controller.signal().addEventListener("abort", [&] { log("2"); });
    controller.abort();
    log("returned:", controller.signal().aborted());
    CHECK(log == "reported:Error: 1 2 returned:true");
}

TEST_CASE("a controller may be destroyed by an algorithm or a listener of its signal") {
    Journal log;
    Counted::reset();
    auto controller = std::make_unique<AbortController>();
    controller->signal().addEventListener("abort", [&, counted = Counted(1)] {
        controller = nullptr;
        log("1:", counted.value);
    });
    controller->signal().addEventListener("abort", [&] { log("2"); });
    controller->abort(AbortSignal::abort().reason());
    CHECK(log == "1:1 2");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a controller that is moved takes its signal with it") {
    Journal log;
    AbortController first;
    const AbortSignal signal = first.signal();
    signal.addEventListener("abort", [&] { log("abort"); });
    AbortController second(std::move(first));
    CHECK(second.signal() == signal);
    std::vector<AbortController> controllers;
    controllers.push_back(std::move(second));
    controllers.emplace_back();
    controllers.front().abort();
    CHECK(log == "abort");
}

TEST_CASE("a controller that is assigned lets the signal before go") {
    Counted::reset();
    AbortController controller;
    const AbortSignal before = controller.signal();
    {
        EventLoop loop({.virtualTime = true});
        before.addEventListener("abort", [counted = Counted(1)] {});
        controller = AbortController();
        CHECK(controller.signal() != before);
        checkpoint(loop);
        CHECK(Counted::alive == 0);
        controller.abort();
        CHECK_FALSE(before.aborted());
    }
}

TEST_CASE("a controller survives being moved onto itself") {
    AbortController controller;
    AbortController& same = controller;
    controller = std::move(same);
    controller.abort();
    CHECK(controller.signal().aborted());
}

TEST_CASE("a rejection that an abort causes is seen when abort has returned") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    const auto work = [&](const AbortSignal& signal) {
        return Promise<int>([&, signal](auto resolve, auto reject) {
            const auto timer = loop.setTimer([resolve] { resolve(1); }, 50, false);
            signal.addEventListener("abort",
                                    [&, timer, reject, signal] {
                                        log("cleanup");
                                        loop.clearTimer(timer);
                                        reject(signal.reason());
                                    },
                                    {.once = true});
        });
    };
    loop.run([&] {
        async([&]() -> Promise<> {
            try {
                const auto result = work(controller.signal());
                co_await result;
                log("never");
            } catch (const int reason) {
                log("caught", reason);
            }
        });
        loop.setTimer(
            [&] {
                log("aborting");
                controller.abort(7);
                log("returned");
            },
            1, false);
    });
    CHECK(log == "aborting cleanup returned caught7");
    CHECK(loop.now() == Approx(1));
}

// The signal as a target.

TEST_CASE("the handler of a signal keeps its place and can be taken away") {
    Journal log;
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    CHECK_FALSE(signal.onabort());
    signal.addEventListener("abort", [&] { log("1"); });
    signal.onabort([&] { log("old"); });
    signal.addEventListener("abort", [&] { log("2"); });
    signal.onabort([&] { log("new"); });
    CHECK(signal.onabort());
    controller.abort();
    CHECK(log == "1 new 2");
    signal.onabort(nullptr);
    CHECK_FALSE(signal.onabort());
}

TEST_CASE("a signal is a target of other events and of ones that a user dispatches") {
    Journal log;
    AbortController controller;
    const AbortSignal signal = controller.signal();
    const EventListener handle = signal.addEventListener("abort", [&](Event& event) { log(event.isTrusted()); });
    signal.addEventListener("other", [&] { log("other"); });
    signal.dispatchEvent(Event("abort"));
    Event other("other");
    signal.dispatchEvent(other);
    CHECK_FALSE(signal.aborted());
    signal.removeEventListener("abort", handle);
    controller.abort();
    CHECK(log == "false other");
}

TEST_CASE("the target of an abort event can take and lose listeners as its signal does") {
    Journal log;
    AbortController controller;
    EventTarget* target = nullptr;
    controller.signal().addEventListener("x", [&](Event& event) { target = event.target(); });
    controller.signal().dispatchEvent(Event("x"));
    REQUIRE(target);
    const EventListener handle = target->addEventListener("abort", [&] { log("never"); });
    target->addEventListener("abort", [&] { log("abort"); });
    controller.signal().removeEventListener("abort", handle);
    controller.abort();
    CHECK(log == "abort");
}

// AbortSignal.abort().

TEST_CASE("AbortSignal abort returns a signal that is aborted") {
    const AbortSignal signal = AbortSignal::abort();
    CHECK(signal.aborted());
    CHECK(name(signal.reason()) == "AbortError");
    CHECK(number(AbortSignal::abort(5).reason()) == 5);
    int calls = 0;
    signal.onabort([&] { ++calls; });
    CHECK(calls == 0);
}

// AbortSignal.timeout().

TEST_CASE("a timeout aborts in a task with a TimeoutError") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortSignal signal = AbortSignal::timeout(5);
        CHECK_FALSE(signal.aborted());
        signal.addEventListener("abort", [&, signal](Event& event) {
            log(name(signal.reason()), " ", event.isTrusted(), " ", loop.now());
            loop.queueMicrotask([&] { log("microtask"); });
        });
        signal.addEventListener("abort", [&] { log("second"); });
        loop.queueMicrotask([&] { log("first"); });
    });
    CHECK(log == "first TimeoutError true 5 microtask second");
}

TEST_CASE("timeouts abort in the order of their times and of their making") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        for (const int time : {10, 5, 5, 0}) {
            AbortSignal::timeout(time).addEventListener("abort", [&, time] { log(time); });
        }
        loop.setTimer([&] { log("timer"); }, 5, false);
    });
    CHECK(log == "0 5 5 timer 10");
}

TEST_CASE("a timeout needs a loop") { CHECK_THROWS_AS(AbortSignal::timeout(1), std::logic_error); }

TEST_CASE("a timeout keeps the loop alive while it has listeners") {
    EventLoop loop({.virtualTime = true});
    const AbortSignal signal = AbortSignal::timeout(5);
    CHECK_FALSE(loop.alive());
    const EventListener handle = signal.addEventListener("abort", [] {});
    CHECK(loop.alive());
    signal.removeEventListener("abort", handle);
    CHECK_FALSE(loop.alive());
    signal.onabort([] {});
    CHECK(loop.alive());
    signal.onabort(nullptr);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a timeout keeps the loop alive while what depends on it has listeners") {
    EventLoop loop({.virtualTime = true});
    const AbortController controller;
    const AbortSignal timeout = AbortSignal::timeout(5);
    std::optional<AbortSignal> any = AbortSignal::any(controller.signal(), timeout);
    std::optional<AbortSignal> deeper = AbortSignal::any(*any);
    CHECK_FALSE(loop.alive());
    const EventListener handle = deeper->addEventListener("abort", [] {});
    CHECK(loop.alive());
    any->addEventListener("abort", handle);
    deeper->removeEventListener("abort", handle);
    CHECK(loop.alive());
    any->removeEventListener("abort", handle);
    CHECK_FALSE(loop.alive());
    deeper->addEventListener("abort", handle);
    timeout.addEventListener("abort", handle);
    CHECK(loop.alive());
    timeout.removeEventListener("abort", handle);
    CHECK(loop.alive());
    deeper->removeEventListener("abort", handle);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a timeout that what depends on it no longer needs does not keep the loop alive") {
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    const AbortSignal timeout = AbortSignal::timeout(5);
    const AbortSignal any = AbortSignal::any(controller.signal(), timeout);
    any.addEventListener("abort", [] {});
    CHECK(loop.alive());
    controller.abort();
    checkpoint(loop);
    CHECK_FALSE(loop.alive());
    CHECK_FALSE(timeout.aborted());
}

TEST_CASE("a timeout that nobody holds aborts if it has listeners") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] { AbortSignal::timeout(5).addEventListener("abort", [&] { log("abort ", loop.now()); }); });
        CHECK(log == "abort 5");
        CHECK_FALSE(loop.alive());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a timeout that nobody needs is gone at once with its timer") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const int before = source.balance();
        AbortSignal::timeout(5);
        CHECK(source.balance() == before);
        CHECK(loop.timers().empty());
        const AbortSignal signal = AbortSignal::any(AbortSignal::timeout(7), AbortSignal::timeout(8));
        CHECK_FALSE(loop.timers().empty());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a timeout stops keeping the loop alive when it has aborted") {
    EventLoop loop({.virtualTime = true});
    const AbortSignal signal = AbortSignal::timeout(5);
    signal.addEventListener("abort", [] {});
    loop.run([] {});
    CHECK(signal.aborted());
    CHECK_FALSE(loop.alive());
    signal.addEventListener("abort", [] {});
    checkpoint(loop);
    CHECK_FALSE(loop.alive());
    CHECK(loop.now() == Approx(5));
}

TEST_CASE("a timeout may be told by its handle that is captured in its own listener") {
    CountingSource source;
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const AbortSignal signal = AbortSignal::timeout(5);
            signal.addEventListener("abort", [&, signal] { log(signal.aborted()); });
        });
        CHECK(log == "true");
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a timeout that never comes does not abort") {
    EventLoop loop({.virtualTime = true});
    const AbortSignal signal = AbortSignal::timeout(std::numeric_limits<double>::infinity());
    loop.run([&] { loop.setTimer([] {}, 1e9, false); });
    CHECK_FALSE(signal.aborted());
}

// AbortSignal.any().

TEST_CASE("any of no signals never aborts") {
    CHECK_FALSE(AbortSignal::any().aborted());
    CHECK_FALSE(AbortSignal::any(std::vector<AbortSignal>()).aborted());
}

TEST_CASE("any follows one signal") {
    Journal log;
    AbortController controller;
    const AbortSignal any = AbortSignal::any(controller.signal());
    CHECK(any != controller.signal());
    CHECK_FALSE(any.aborted());
    CHECK(any.reason() == nullptr);
    any.onabort([&](Event& event) { log(event.isTrusted(), event.target() != nullptr); });
    controller.abort(3);
    CHECK(any.aborted());
    CHECK(any.reason() == controller.signal().reason());
    CHECK(log == "truetrue");
}

TEST_CASE("any follows each of many signals") {
    for (std::size_t i = 0; i < 3; ++i) {
        std::vector<AbortController> controllers(3);
        std::vector<AbortSignal> signals;
        for (const AbortController& controller : controllers) signals.push_back(controller.signal());
        const AbortSignal any = AbortSignal::any(signals);
        const AbortSignal listed = AbortSignal::any(std::list<AbortSignal>(signals.begin(), signals.end()));
        int calls = 0;
        any.onabort([&] { ++calls; });
        listed.onabort([&] { ++calls; });
        controllers[i].abort();
        CHECK(calls == 2);
        CHECK(name(any.reason()) == "AbortError");
        for (AbortController& controller : controllers) controller.abort();
        CHECK(calls == 2);
        CHECK(any.reason() == signals[i].reason());
    }
}

TEST_CASE("any of an aborted signal is aborted with the reason of the first such") {
    std::vector<AbortController> controllers(3);
    controllers[1].abort(1);
    controllers[2].abort(2);
    const AbortSignal any = AbortSignal::any(controllers[0].signal(), controllers[1].signal(), controllers[2].signal());
    CHECK(any.aborted());
    CHECK(any.reason() == controllers[1].signal().reason());
    CHECK(any != controllers[1].signal());
}

TEST_CASE("any may be given the same signal more than once") {
    AbortController controller;
    AbortController other;
    int calls = 0;
    const AbortSignal any =
        AbortSignal::any(controller.signal(), other.signal(), controller.signal(), controller.signal());
    const AbortSignal deeper = AbortSignal::any(any, controller.signal(), any);
    any.onabort([&] { ++calls; });
    deeper.onabort([&] { ++calls; });
    controller.abort(4);
    CHECK(calls == 2);
    CHECK(number(deeper.reason()) == 4);
}

TEST_CASE("signals made by any are composable") {
    for (std::size_t i = 0; i < 3; ++i) {
        std::vector<AbortController> controllers(3);
        const AbortSignal first = AbortSignal::any(controllers[0].signal(), controllers[1].signal());
        const AbortSignal second = AbortSignal::any(first, controllers[2].signal());
        int calls = 0;
        second.onabort([&] { ++calls; });
        controllers[i].abort(static_cast<int>(i));
        CHECK(calls == 1);
        CHECK(number(second.reason()) == static_cast<int>(i));
        CHECK(first.aborted() == (i < 2));
    }
}

TEST_CASE("signals in between may go and what follows them still aborts") {
    AbortController controller;
    AbortSignal any = AbortSignal::any(controller.signal());
    for (int i = 0; i < 3; ++i) any = AbortSignal::any(any);
    int calls = 0;
    any.onabort([&] { ++calls; });
    controller.abort(5);
    CHECK(calls == 1);
    CHECK(number(any.reason()) == 5);
}

TEST_CASE("abort events of dependents fire behind their source and in the order of their making") {
    Journal log;
    AbortController controller;
    std::vector<AbortSignal> signals{controller.signal()};
    signals.push_back(AbortSignal::any(controller.signal()));
    signals.push_back(AbortSignal::any(controller.signal()));
    signals.push_back(AbortSignal::any(signals[0]));
    signals.push_back(AbortSignal::any(signals[1]));
    for (std::size_t i = signals.size(); i-- > 0;) signals[i].addEventListener("abort", [&, i] { log(i); });
    controller.abort();
    CHECK(log == "0 1 2 3 4");
}

TEST_CASE("all dependents are aborted before any event is fired") {
    Journal log;
    AbortController controller;
    const AbortSignal a = AbortSignal::any(controller.signal());
    const AbortSignal b = AbortSignal::any(a);
    const auto look = [&] {
        log(controller.signal().aborted(), a.aborted(), b.aborted(), b.reason() == controller.signal().reason());
    };
    for (const AbortSignal& signal : {controller.signal(), a, b}) signal.addEventListener("abort", look);
    controller.abort();
    CHECK(log == "truetruetruetrue truetruetruetrue truetruetruetrue");
}

TEST_CASE("the first source to abort gives the reason") {
    Journal log;
    AbortController a;
    AbortController b;
    const AbortSignal first = AbortSignal::any(a.signal(), b.signal());
    const AbortSignal second = AbortSignal::any(first);
    second.addEventListener("abort", [&] { log("second", number(second.reason())); });
    first.addEventListener("abort", [&] { log("first", number(first.reason())); });
    b.signal().addEventListener("abort", [&] { log("b"); });
    a.signal().addEventListener("abort", [&] { log("a"); });
    b.abort(2);
    a.abort(1);
    CHECK(log == "b first2 second2 a");
}

TEST_CASE("dependents are aborted rightly when listeners abort their other sources") {
    Journal log;
    AbortController a;
    AbortController b;
    const AbortSignal any = AbortSignal::any(a.signal(), b.signal());
    const AbortSignal onlyB = AbortSignal::any(b.signal());
    any.addEventListener("abort", [&] { log("any", number(any.reason())); });
    onlyB.addEventListener("abort", [&] { log("onlyB", number(onlyB.reason())); });
    a.signal().addEventListener("abort", [&] {
        log("a");
        b.abort(2);
        log("back");
    });
    b.signal().addEventListener("abort", [&] { log("b"); });
    a.abort(1);
    CHECK(log == "a b onlyB2 back any1");
}

TEST_CASE("the listener of a dependent may abort the source again and destroy everything") {
    Journal log;
    auto controller = std::make_unique<AbortController>();
    auto first = std::make_unique<AbortSignal>(AbortSignal::any(controller->signal()));
    auto second = std::make_unique<AbortSignal>(AbortSignal::any(*first, controller->signal()));
    controller->signal().addEventListener("abort", [&] {
        log("source");
        controller->abort();
        first = nullptr;
        second = nullptr;
        controller = nullptr;
    });
    first->addEventListener("abort", [&] { log("first"); });
    second->addEventListener("abort", [&] { log("second"); });
    controller->abort();
    CHECK(log == "source first second");
}

TEST_CASE("any works with a timeout and a controller") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortController controller;
        const AbortSignal any = AbortSignal::any(controller.signal(), AbortSignal::timeout(5));
        any.onabort([&, any] { log(name(any.reason()), " ", loop.now()); });
    });
    CHECK(log == "TimeoutError 5");
}

TEST_CASE("any of timeouts that nobody holds aborts with the first of them") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            AbortSignal::any(AbortSignal::any(AbortSignal::timeout(9)), AbortSignal::timeout(4))
                .addEventListener("abort", [&] { log("abort ", loop.now()); });
        });
        CHECK(log == "abort 4");
        CHECK(loop.timers().empty());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("any holds its timeouts while somebody holds it") {
    EventLoop loop({.virtualTime = true});
    const AbortSignal any = AbortSignal::any(AbortSignal::timeout(4));
    loop.run([&] { loop.setTimer([] {}, 5, false); });
    CHECK(any.aborted());
}

TEST_CASE("any has a single reason with the source that was aborted before and after") {
    const AbortSignal aborted = AbortSignal::abort();
    CHECK(AbortSignal::any(aborted).reason() == aborted.reason());
    AbortController controller;
    const AbortSignal any = AbortSignal::any(AbortSignal::any(controller.signal()));
    controller.abort();
    CHECK(any.reason() == controller.signal().reason());
}

// What is kept, and what is not.

TEST_CASE("a signal outlives its controller and is never aborted then") {
    std::optional<AbortController> controller(std::in_place);
    const AbortSignal signal = controller->signal();
    const AbortSignal any = AbortSignal::any(signal);
    controller.reset();
    CHECK_FALSE(signal.aborted());
    CHECK_FALSE(any.aborted());
    signal.addEventListener("abort", [] {});
    any.addEventListener("abort", [] {});
}

TEST_CASE("the listeners of a signal that nobody can abort go at the next checkpoint") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const int before = source.balance();
        {
            AbortController controller;
            const AbortSignal signal = controller.signal();
            signal.addEventListener("abort", [signal, counted = Counted(1)] {});
            const AbortSignal any = AbortSignal::any(signal);
            any.addEventListener("abort", [any, signal, counted = Counted(2)] {});
            any.onabort([any, counted = Counted(3)] {});
        }
        CHECK(Counted::alive == 3);
        checkpoint(loop);
        CHECK(Counted::alive == 0);
        CHECK(source.balance() == before);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("the listeners of a signal that has aborted and captured it go when nobody can hear of it any more") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const int before = source.balance();
        {
            AbortController controller;
            const AbortSignal signal = controller.signal();
            signal.addEventListener("abort", [signal, counted = Counted(1)] {});
            const AbortSignal any = AbortSignal::any(signal);
            any.addEventListener("abort", [any, counted = Counted(2)] {});
            controller.abort();
        }
        checkpoint(loop);
        CHECK(Counted::alive == 0);
        CHECK(source.balance() == before);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener that captured a timeout goes when the timeout has aborted") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortSignal signal = AbortSignal::timeout(5);
        signal.addEventListener("abort", [signal, counted = Counted(1)] {});
    });
    CHECK(Counted::alive == 0);
}

TEST_CASE("a listener that is added to an aborted signal and captured it goes at the next checkpoint") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    {
        const AbortSignal signal = AbortSignal::abort();
        signal.addEventListener("abort", [signal, counted = Counted(1)] {});
    }
    checkpoint(loop);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a listener that is added when the controller has gone goes at the next checkpoint") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    {
        const AbortSignal signal = AbortController().signal();
        signal.addEventListener("abort", [signal, counted = Counted(1)] {});
    }
    checkpoint(loop);
    CHECK(Counted::alive == 0);
}

TEST_CASE("any of signals that nobody can abort lets its listeners go at the next checkpoint") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    {
        const AbortSignal never = AbortController().signal();
        const AbortSignal any = AbortSignal::any(never, AbortSignal::any());
        any.addEventListener("abort", [any, counted = Counted(1)] {});
        const AbortSignal none = AbortSignal::any();
        none.addEventListener("abort", [none, counted = Counted(2)] {});
    }
    checkpoint(loop);
    CHECK(Counted::alive == 0);
}

TEST_CASE("any outlives the sources that go and follows those that are left") {
    EventLoop loop({.virtualTime = true});
    AbortController left;
    int calls = 0;
    std::optional<AbortController> gone(std::in_place);
    const AbortSignal any = AbortSignal::any(gone->signal(), left.signal());
    any.onabort([&] { ++calls; });
    gone.reset();
    checkpoint(loop);
    left.abort(1);
    CHECK(calls == 1);
    CHECK(number(any.reason()) == 1);
}

TEST_CASE("any that nobody holds stays as long as it is listened to and may abort") {
    Counted::reset();
    Journal log;
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    AbortSignal::any(controller.signal()).addEventListener("abort", [&, counted = Counted(1)] { log("abort"); });
    AbortSignal::any(controller.signal());
    checkpoint(loop);
    CHECK(Counted::alive == 1);
    controller.abort();
    CHECK(log == "abort");
    checkpoint(loop);
    CHECK(Counted::alive == 0);
}

TEST_CASE("listeners are called that were added in the same task in which the signal was aborted by a timer") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortSignal source = AbortSignal::timeout(5);
        const AbortSignal any = AbortSignal::any(source);
        for (const char* text : {"1", "2", "3"}) {
            source.addEventListener("abort", [&, source, text] {
                log("s", text);
                loop.queueMicrotask([&, text] { log("m", text); });
            });
            any.addEventListener("abort", [&, any, text] {
                log("a", text);
                loop.queueMicrotask([&, text] { log("n", text); });
            });
        }
    });
    CHECK(log == "s1 m1 s2 m2 s3 m3 a1 n1 a2 n2 a3 n3");
}

TEST_CASE("a controller that goes with microtasks waiting is followed by them and then by its listeners") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        AbortController controller;
        controller.signal().addEventListener("abort",
                                             [signal = controller.signal(), end = AtEnd([&] { log("gone"); })] {});
        loop.queueMicrotask([&] { log("microtask"); });
    });
    CHECK(log == "microtask gone");
}

TEST_CASE("listeners go with the loop whatever they have captured") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto controller = std::make_shared<AbortController>();
        auto second = std::make_shared<AbortController>();
        const AbortSignal signal = controller->signal();
        signal.addEventListener("abort", [controller, signal, counted = Counted(1)] {});
        signal.addEventListener("abort", [second, counted = Counted(2)] {}, {.signal = second->signal()});
        second->signal().addEventListener("abort", [controller, second, counted = Counted(3)] {});
        const AbortSignal timeout = AbortSignal::timeout(5);
        timeout.addEventListener("abort", [timeout, signal, counted = Counted(4)] {});
        const AbortSignal any = AbortSignal::any(signal, timeout, second->signal());
        any.onabort([any, controller, counted = Counted(5)] {});
        AbortSignal::any(any).addEventListener("abort", [any, counted = Counted(6)] {});
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("signals outlive the loop and can be used without it and in the next one") {
    CountingSource source;
    {
        Journal log;
        AbortController controller;
        std::optional<AbortSignal> timeout;
        std::optional<AbortSignal> any;
        {
            EventLoop loop({.virtualTime = true});
            timeout = AbortSignal::timeout(5);
            any = AbortSignal::any(controller.signal(), *timeout);
            any->addEventListener("abort", [&] { log("never"); });
            controller.signal().addEventListener("abort", [&] { log("never"); });
        }
        CHECK_FALSE(any->aborted());
        CHECK_FALSE(timeout->aborted());
        controller.signal().addEventListener("abort", [&] { log("abort"); });
        timeout->addEventListener("abort", [&] { log("never"); });
        {
            EventLoop loop({.virtualTime = true});
            const EventListener handle = timeout->addEventListener("abort", [&] { log("never"); });
            checkpoint(loop);
            CHECK_FALSE(loop.alive());
            loop.run([&] { loop.setTimer([] {}, 10, false); });
            timeout->removeEventListener("abort", handle);
        }
        CHECK_FALSE(timeout->aborted());
        controller.abort();
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a timeout whose loop has gone is let go with its handles") {
    Counted::reset();
    CountingSource source;
    {
        std::optional<AbortSignal> timeout;
        std::optional<AbortSignal> any;
        {
            EventLoop loop({.virtualTime = true});
            timeout = AbortSignal::timeout(5);
            any = AbortSignal::any(*timeout);
        }
        timeout->addEventListener("abort", [counted = Counted(1)] {});
        any->addEventListener("abort", [counted = Counted(2)] {});
        timeout.reset();
        any.reset();
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("the destructors of listeners that go with the loop may abort and listen") {
    Counted::reset();
    CountingSource source;
    {
        Journal log;
        AbortController first;
        AbortController second;
        {
            EventLoop loop({.virtualTime = true});
            first.signal().addEventListener(
                "abort", [end = AtEnd([&] {
                              log("gone");
                              first.signal().addEventListener("abort", [counted = Counted(1)] {});
                              second.abort();
                              second.signal().addEventListener("abort", [s = second.signal(), counted = Counted(2)] {});
                          })] {});
            AbortSignal::any(first.signal(), second.signal()).addEventListener("abort", [counted = Counted(3)] {});
        }
        CHECK(log == "gone");
        CHECK(Counted::alive == 0);
        CHECK(second.signal().aborted());
        CHECK_FALSE(first.signal().aborted());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a signal that lives long does not grow with what depends on it for a short time") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        const AbortSignal signal = controller.signal();
        const AbortSignal timeout = AbortSignal::timeout(1e9);
        EventTarget target;
        const auto round = [&] {
            const AbortSignal any = AbortSignal::any(signal, timeout);
            const AbortSignal deeper = AbortSignal::any(any);
            const EventListener handle = deeper.addEventListener("abort", [any] {});
            deeper.removeEventListener("abort", handle);
            signal.addEventListener("abort", handle);
            signal.removeEventListener("abort", handle);
            target.addEventListener("x", handle, {.signal = any});
            target.removeEventListener("x", handle);
        };
        round(); // the targets make their lists
        const int before = source.balance();
        const int rounds = withAddressSanitizer ? 20'000 : 1'000'000;
        for (int i = 0; i < rounds; ++i) round();
        CHECK(source.balance() == before);
        CHECK_FALSE(loop.alive());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a loop that runs long does not grow with controllers that come and go") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const auto round = [] {
            const auto controller = std::make_shared<AbortController>();
            const AbortSignal signal = controller->signal();
            const AbortSignal any = AbortSignal::any(signal);
            signal.addEventListener("abort", [signal, any] {});
            any.addEventListener("abort", [signal, any] {});
        };
        loop.run([&] { round(); });
        const int before = source.balance();
        for (int i = 0; i < 100; ++i) loop.run([&] { round(); });
        CHECK(source.balance() == before);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a dependent that lies where an earlier one lay follows its source") {
    AbortController controller;
    for (int i = 0; i < 10; ++i) {
        const AbortSignal gone = AbortSignal::any(controller.signal());
        CHECK_FALSE(gone.aborted());
    }
    const AbortSignal any = AbortSignal::any(controller.signal());
    controller.abort();
    CHECK(any.aborted());
}

TEST_CASE("a hundred thousand dependents are aborted without the stack and in order") {
    constexpr int count = 100'000;
    AbortController controller;
    std::vector<AbortSignal> signals;
    int next = 0;
    bool ordered = true;
    for (int i = 0; i < count; ++i) {
        signals.push_back(signals.empty() || i % 2 ? AbortSignal::any(controller.signal())
                                                   : AbortSignal::any(signals.back()));
        signals.back().addEventListener("abort", [&, i] { ordered = ordered && next++ == i; });
    }
    controller.abort();
    CHECK(ordered);
    CHECK(next == count);
}

TEST_CASE("the destructor of a dependent's closure may abort another of its sources") {
    Journal log;
    AbortController a;
    AbortController b;
    const AbortSignal any = AbortSignal::any(a.signal(), b.signal());
    any.addEventListener("abort", [&, end = AtEnd([&] {
                                          log("gone");
                                          b.abort();
                                      })] { log("any"); },
                         {.once = true});
    b.signal().addEventListener("abort", [&] { log("b"); });
    a.abort();
    CHECK(log == "any gone b");
}

// Memory.

TEST_CASE("making a signal without memory throws and leaves nothing") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        source.failAfter(successes);
        try {
            const AbortSignal aborted = AbortSignal::abort(1);
            const AbortController another;
            const AbortSignal any = AbortSignal::any(controller.signal(), AbortSignal::timeout(5), another.signal());
        } catch (const std::bad_alloc&) {}
        source.disarm();
        CHECK(loop.timers().empty());
        controller.abort(2);
        CHECK(controller.signal().aborted());
        CHECK_FALSE(loop.alive());
    });
}

TEST_CASE("listening to a signal without memory throws and changes nothing") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        const AbortSignal any = AbortSignal::any(controller.signal(), AbortSignal::timeout(5));
        int calls = 0;
        bool added = true;
        source.failAfter(successes);
        try {
            any.addEventListener("abort", [&] { ++calls; });
        } catch (const std::bad_alloc&) {
            added = false;
        }
        source.disarm();
        CHECK(added == !source.failed());
        CHECK(loop.alive() == added);
        controller.abort(2);
        CHECK(calls == (added ? 1 : 0));
    });
}

TEST_CASE("aborting takes no memory but for the reason") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        const AbortSignal any = AbortSignal::any(controller.signal());
        EventTarget target;
        int calls = 0;
        controller.signal().addEventListener("abort", [&] { ++calls; });
        any.addEventListener("abort", [&] { ++calls; });
        target.addEventListener("x", [&] { ++calls; }, {.signal = any});
        const int before = source.allocations();
        controller.abort();
        CHECK(source.allocations() == before);
        CHECK(calls == 2);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a reason whose copy throws is what it threw and abort goes on") {
    struct ThrowsWhenMoved {
        ThrowsWhenMoved() = default;
        ThrowsWhenMoved(const ThrowsWhenMoved&) { throw 9; }
        ThrowsWhenMoved& operator=(const ThrowsWhenMoved&) = delete;
    };
    AbortController controller;
    const ThrowsWhenMoved reason;
    controller.abort(reason);
    CHECK(controller.signal().aborted());
    CHECK(number(controller.signal().reason()) == 9);
}

TEST_CASE("any takes a braced list of signals") {
    AbortController a, b;
    const AbortSignal either = AbortSignal::any({a.signal(), b.signal()});
    b.abort(2);
    CHECK(either.reason() == b.signal().reason());
    CHECK_FALSE(AbortSignal::any({a.signal()}).aborted());
}

TEST_CASE("a signal's listener may be added and removed by its capture alone") {
    Journal log;
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    const auto listener = signal.addEventListener("abort", [&] { log("capture"); }, true);
    signal.removeEventListener("abort", listener, false);
    const auto other = signal.addEventListener("abort", [&] { log("other"); }, true);
    signal.removeEventListener("abort", other, true);
    controller.abort();
    CHECK(log == "capture");
}

TEST_CASE("the reason that is made tells where the abort was asked for") {
    EventLoop loop({.virtualTime = true});
    const auto placeOf = [](const AbortSignal& signal) {
        try {
            signal.throwIfAborted();
        } catch (const Error& error) {
            return std::string(error.trace().where().file_name());
        }
        return std::string();
    };
    AbortController controller;
    controller.abort();
    const AbortSignal timeout = AbortSignal::timeout(1);
    timeout.addEventListener("abort", [] {});
    loop.run([] {});
    for (const AbortSignal& signal : {controller.signal(), AbortSignal::abort(), timeout})
        CHECK(placeOf(signal).ends_with("events/abort_signal.cpp"));
}

TEST_CASE("a controller that another one is moved to gives up its own signal") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    AbortController a, b;
    const AbortSignal old = a.signal();
    old.addEventListener("abort", [&, held = AtEnd([&] { log("let go"); })] { log("never"); });
    const AbortSignal kept = b.signal();
    a = std::move(b);
    loop.run([] {});
    CHECK(log == "let go");
    a.abort();
    CHECK(kept.aborted());
    CHECK_FALSE(old.aborted());
    AbortController& itself = a;
    a = std::move(itself);
    CHECK(a.signal().aborted());
}
