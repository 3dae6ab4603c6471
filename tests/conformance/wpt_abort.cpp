// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

using namespace rondo;

namespace {

/// What a reason is: `AbortError` of a `DOMException`, null, the text of a string, or the message of an `Error`.
std::string describe(const std::exception_ptr& reason) {
    if (!reason) return "undefined";
    try {
        std::rethrow_exception(reason);
    } catch (const DOMException& error) {
        return std::string(error.name());
    } catch (const Error& error) {
        return std::string(error.message());
    } catch (std::nullptr_t) { // before all pointers
        return "null";
    } catch (const char* text) {
        return text;
    }
}

std::string describe(const AbortSignal& signal) {
    return (signal.aborted() ? "aborted:" : "not aborted:") + describe(signal.reason());
}

/// The signals of some controllers.
template <std::size_t Count>
std::vector<AbortSignal> signalsOf(const std::array<AbortController, Count>& controllers) {
    std::vector<AbortSignal> signals;
    for (const auto& controller : controllers) signals.push_back(controller.signal());
    return signals;
}

}

// dom/abort/event

TEST_CASE("dom/abort/event: abort fires an event synchronously and once") {
    Journal log;
    AbortController controller;
    const AbortSignal signal = controller.signal();
    log(describe(signal));
    signal.addEventListener("abort", [&] { log("event"); });
    controller.abort();
    log(describe(signal));
    controller.abort();
    CHECK(log == "not aborted:undefined event aborted:AbortError");
}

TEST_CASE("dom/abort/event: a controller has one signal") {
    AbortController controller;
    const AbortSignal signal = controller.signal();
    CHECK(controller.signal() == signal);
    controller.abort();
    CHECK(controller.signal() == signal);
}

TEST_CASE("dom/abort/event: the second call of abort does nothing") {
    Journal log;
    AbortController controller;
    controller.signal().onabort([&] { log("event"); });
    controller.abort();
    log(controller.signal().aborted());
    controller.abort();
    log(controller.signal().aborted());
    CHECK(log == "event true true");
}

TEST_CASE("dom/abort/event: a handler that is set when the signal has aborted is not called") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    controller.abort();
    controller.signal().onabort([&] { log("event"); });
    loop.run([&] { controller.abort(); });
    CHECK(log == "");
}

TEST_CASE("dom/abort/event: the event is trusted and does not bubble and has the signal as its target") {
    Journal log;
    AbortController controller;
    const AbortSignal signal = controller.signal();
    signal.addEventListener("ping", [&] { log("ping"); });
    signal.onabort([&](Event& event) {
        log(event.type(), " bubbles:", event.bubbles(), " trusted:", event.isTrusted());
        event.target()->dispatchEvent(Event("ping"));
    });
    controller.abort();
    CHECK(log == "abort bubbles:false trusted:true ping");
}

TEST_CASE("dom/abort/event: what abort is given is the reason") {
    AbortController controller;
    const auto reason = std::make_exception_ptr(Error("hello"));
    controller.abort(reason);
    CHECK(controller.signal().aborted());
    CHECK(controller.signal().reason() == reason);
}

TEST_CASE("dom/abort/event: without a reason it is an AbortError") {
    AbortController controller;
    controller.abort();
    CHECK(describe(controller.signal()) == "aborted:AbortError");
}

TEST_CASE("dom/abort/event: a reason that is null stays null") {
    AbortController controller;
    AbortController another;
    controller.abort(nullptr);
    another.abort(std::exception_ptr());
    CHECK(describe(controller.signal()) == "aborted:null");
    CHECK(describe(another.signal()) == "aborted:null");
}

TEST_CASE("dom/abort/event: AbortSignal::abort makes a signal that is aborted") {
    CHECK(describe(AbortSignal::abort()) == "aborted:AbortError");
    const auto reason = std::make_exception_ptr(Error("hello"));
    const AbortSignal signal = AbortSignal::abort(reason);
    CHECK(signal.aborted());
    CHECK(signal.reason() == reason);
}

TEST_CASE("dom/abort/event: throwIfAborted throws the reason itself") {
    const auto reason = std::make_exception_ptr(Error("boom"));
    std::exception_ptr thrown;
    try {
        AbortSignal::abort(reason).throwIfAborted();
    } catch (...) {
        thrown = std::current_exception();
    }
    CHECK(thrown == reason);
}

TEST_CASE("dom/abort/event: throwIfAborted throws a reason that is no error") {
    std::exception_ptr thrown;
    try {
        AbortSignal::abort("hello").throwIfAborted();
    } catch (...) {
        thrown = std::current_exception();
    }
    CHECK(describe(thrown) == "hello");
}

TEST_CASE("dom/abort/event: throwIfAborted of a signal that is not aborted throws nothing") {
    const AbortController controller;
    CHECK_NOTHROW(controller.signal().throwIfAborted());
}

TEST_CASE("dom/abort/event: the reason of a signal is always the same object") {
    const AbortSignal signal = AbortSignal::abort();
    CHECK(signal.reason() == signal.reason());
    AbortController controller;
    controller.abort();
    const std::exception_ptr first = controller.signal().reason();
    controller.abort(Error("another"));
    CHECK(controller.signal().reason() == first);
}

// dom/abort/AbortSignal

TEST_CASE("dom/abort/AbortSignal: AbortSignal::abort returns a signal that is aborted") {
    const auto signal = AbortSignal::abort();
    STATIC_REQUIRE(std::is_same_v<decltype(signal), const AbortSignal>);
    CHECK(signal.aborted());
}

TEST_CASE("dom/abort/AbortSignal: a signal of AbortSignal::abort fires no event") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortSignal signal = AbortSignal::abort();
        signal.addEventListener("abort", [&] { log("listener"); });
        signal.onabort([&] { log("handler"); });
        setTimeout([&] { log("done"); }, 2000);
    });
    CHECK(log == "done");
}

TEST_CASE("dom/abort/AbortSignal: AbortSignal::timeout returns a signal that is not aborted") {
    EventLoop loop({.virtualTime = true});
    CHECK(describe(AbortSignal::timeout(0)) == "not aborted:undefined");
}

TEST_CASE("dom/abort/AbortSignal: a signal of AbortSignal::timeout aborts with a TimeoutError") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortSignal signal = AbortSignal::timeout(5);
        signal.onabort([&log, &loop] { log("at ", loop.now()); });
        setTimeout([&log, signal] { log(describe(signal)); }, 6);
    });
    CHECK(log == "at 5 aborted:TimeoutError");
}

TEST_CASE("dom/abort/AbortSignal: timeouts fire in order") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        for (const char* value : {"1", "2", "3", "4"}) {
            const AbortSignal signal = AbortSignal::timeout(5);
            signal.onabort([&log, value] { log(value); });
        }
    });
    CHECK(log == "1 2 3 4");
}

// dom/abort/abort-signal-timeout

// What a frame that is removed is on a page, a loop that goes is here.
TEST_CASE("dom/abort/abort-signal-timeout: a signal of timeout does not abort when its loop has gone") {
    Journal log;
    std::optional<EventLoop> frame(EventLoopOptions{.virtualTime = true});
    const AbortSignal signal = AbortSignal::timeout(5);
    signal.onabort([&] { log("event"); });
    frame.reset();
    EventLoop loop({.virtualTime = true});
    loop.run([&] { setTimeout([&] { log(describe(signal)); }, 10); });
    CHECK(log == "not aborted:undefined");
}

// dom/abort/abort-signal-any

TEST_CASE("dom/abort/abort-signal-any: any of no signals is never aborted") {
    const std::vector<AbortSignal> none;
    CHECK_FALSE(AbortSignal::any(none).aborted());
    CHECK_FALSE(AbortSignal::any().aborted());
}

TEST_CASE("dom/abort/abort-signal-any: any follows a single signal") {
    Journal log;
    AbortController controller;
    const AbortSignal clone = AbortSignal::any(controller.signal());
    log("same:", clone == controller.signal(), " ", describe(clone));
    clone.addEventListener("ping", [&] { log("ping"); });
    clone.onabort([&](Event& event) { event.target()->dispatchEvent(Event("ping")); });
    controller.abort("reason string");
    log(describe(controller.signal()), " ", describe(clone));
    CHECK(log == "same:false not aborted:undefined ping aborted:reason string aborted:reason string");
}

TEST_CASE("dom/abort/abort-signal-any: any follows several signals") {
    const std::size_t aborting = GENERATE(0U, 1U, 2U);
    Journal log;
    std::array<AbortController, 3> controllers;
    const AbortSignal combined = AbortSignal::any(signalsOf(controllers));
    combined.addEventListener("ping", [&] { log("ping"); });
    combined.onabort([&](Event& event) { event.target()->dispatchEvent(Event("ping")); });
    controllers.at(aborting).abort();
    log(describe(combined));
    CHECK(log == "ping aborted:AbortError");
}

TEST_CASE("dom/abort/abort-signal-any: any of an aborted signal is aborted for the reason of the first") {
    std::array<AbortController, 3> controllers;
    controllers[1].abort("reason 1");
    controllers[2].abort("reason 2");
    CHECK(describe(AbortSignal::any(signalsOf(controllers))) == "aborted:reason 1");
}

TEST_CASE("dom/abort/abort-signal-any: any may be given a signal more than once") {
    AbortController controller;
    const AbortSignal signal = AbortSignal::any(controller.signal(), controller.signal());
    CHECK_FALSE(signal.aborted());
    controller.abort("reason");
    CHECK(describe(signal) == "aborted:reason");
}

TEST_CASE("dom/abort/abort-signal-any: of a signal that is given twice the first place counts") {
    AbortController first;
    first.abort("reason 1");
    AbortController second;
    second.abort("reason 2");
    CHECK(describe(AbortSignal::any(first.signal(), second.signal(), first.signal())) == "aborted:reason 1");
}

TEST_CASE("dom/abort/abort-signal-any: signals of any can be combined") {
    const std::size_t aborting = GENERATE(0U, 1U, 2U);
    Journal log;
    std::array<AbortController, 3> controllers;
    const AbortSignal pair = AbortSignal::any(controllers[0].signal(), controllers[1].signal());
    const AbortSignal combined = AbortSignal::any(pair, controllers[2].signal());
    combined.onabort([&] { log("event"); });
    controllers.at(aborting).abort();
    log(describe(combined));
    CHECK(log == "event aborted:AbortError");
}

TEST_CASE("dom/abort/abort-signal-any: any works with signals of AbortSignal::timeout") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const AbortController controller;
        const AbortSignal combined = AbortSignal::any(controller.signal(), AbortSignal::timeout(5));
        const TimerHandle tooLate = setTimeout([&] { log("too late"); }, 10);
        combined.onabort([&log, tooLate](Event&) {
            log("event");
            clearTimeout(tooLate);
        });
        setTimeout([&log, combined] { log(describe(combined)); }, 6);
    });
    CHECK(log == "event aborted:TimeoutError");
}

TEST_CASE("dom/abort/abort-signal-any: any works through signals between that nobody holds") {
    Journal log;
    AbortController controller;
    AbortSignal combined = AbortSignal::any(controller.signal());
    for (int i = 0; i < 3; ++i) combined = AbortSignal::any(combined);
    combined.onabort([&] { log("event"); });
    log(describe(combined));
    controller.abort("the reason");
    log(describe(combined));
    CHECK(log == "not aborted:undefined event aborted:the reason");
}

TEST_CASE("dom/abort/abort-signal-any: events fire at the source first and then in the order of creation") {
    Journal log;
    AbortController controller;
    std::vector<AbortSignal> signals{controller.signal()};
    signals.push_back(AbortSignal::any(controller.signal()));
    signals.push_back(AbortSignal::any(controller.signal()));
    signals.push_back(AbortSignal::any(signals[0]));
    signals.push_back(AbortSignal::any(signals[1]));
    for (std::size_t i = 0; i < signals.size(); ++i) signals[i].addEventListener("abort", [&log, i] { log(i); });
    controller.abort();
    CHECK(log == "0 1 2 3 4");
}
