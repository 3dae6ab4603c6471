// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

/// An element of a page, which has a parent. It can fire events, as the browser does: these are trusted.
class Element : public EventTarget {
public:
    explicit Element(const char* name = "element", Element* above = nullptr) : name_(name), above_(above) {}

    const char* name() const { return name_; }
    using EventTarget::fire;

    int state = 0;

protected:
    EventTarget* parent(const Event&) noexcept override { return above_; }

private:
    const char* name_;
    Element* above_;
};

/// The element an event is at.
Element& at(const Event& event) { return static_cast<Element&>(*event.currentTarget()); }

/// A page's elements from the window down to the one that events are dispatched at.
struct Page {
    Element window{"window"};
    Element document{"document", &window};
    Element html{"html", &document};
    Element body{"body", &html};
    Element table{"table", &body};
    Element tbody{"tbody", &table};
    Element parent{"parent", &tbody};
    Element target{"target", &parent};
    std::array<Element*, 8> all{&window, &document, &html, &body, &table, &tbody, &parent, &target};
};

/// A listener that is on no list yet.
template <class F>
EventListener listenerOf(F f) {
    EventTarget nobody;
    return nobody.addEventListener("never", std::move(f));
}

/// What dispatching the event throws, by its name; or what it returns.
std::string dispatched(EventTarget& target, Event& event) {
    try {
        return target.dispatchEvent(event) ? "true" : "false";
    } catch (const DOMException& error) {
        return std::string(error.name());
    }
}

/// A class of the user's.
class NicerEventTarget : public EventTarget {
public:
    template <class F>
    EventListener on(const char* type, F&& listener) {
        return addEventListener(type, std::forward<F>(listener));
    }
    void off(const char* type, const EventListener& listener) { removeEventListener(type, listener); }
    void dispatch(const char* type, const char* detail) { dispatchEvent(CustomEvent(type, detail)); }
};

void preventDefault(Event& event) { event.preventDefault(); }

template <class Argument>
constexpr bool isDispatchable = requires(EventTarget& target, Argument argument) { target.dispatchEvent(argument); };

}

// dom/events/AddEventListenerOptions-once

TEST_CASE("dom/events/AddEventListenerOptions-once: a once listener is called only once") {
    Journal log;
    EventTarget target;
    target.addEventListener("test", [&] { log("once"); }, {.once = true});
    target.addEventListener("test", [&] { log("normal"); });
    target.dispatchEvent(Event("test"));
    log("again");
    target.dispatchEvent(Event("test"));
    CHECK(log == "once normal again normal");
}

TEST_CASE("dom/events/AddEventListenerOptions-once: a once listener that dispatches the event itself is called once") {
    Journal log;
    EventTarget target;
    target.addEventListener("test",
                            [&, count = 0]() mutable {
                                log(++count);
                                if (count == 1) target.dispatchEvent(Event("test"));
                            },
                            {.once = true});
    target.dispatchEvent(Event("test"));
    CHECK(log == "1");
}

TEST_CASE("dom/events/AddEventListenerOptions-once: a once listener is called once for each time it is added") {
    int count = 0;
    EventTarget target;
    EventListener handler;
    handler = listenerOf([&] {
        ++count;
        if (count == 1) target.addEventListener("test", handler, {.once = true});
        if (count <= 2) target.dispatchEvent(Event("test"));
    });
    target.addEventListener("test", handler, {.once = true});
    target.dispatchEvent(Event("test"));
    handler = {};
    CHECK(count == 2);
}

TEST_CASE("dom/events/AddEventListenerOptions-once: a once listener is added and removed like others") {
    Journal log;
    EventTarget target;
    const EventListener handler = target.addEventListener("test", [&] { log("called"); }, {.once = true});
    target.addEventListener("test", handler); // it is there already
    target.dispatchEvent(Event("test"));
    log("again");
    target.dispatchEvent(Event("test"));
    target.addEventListener("test", handler, {.once = true});
    target.removeEventListener("test", handler);
    target.dispatchEvent(Event("test"));
    CHECK(log == "called again");
}

TEST_CASE("dom/events/AddEventListenerOptions-once: "
          "of several once listeners that stop the event one is called for each event") {
    Journal log;
    EventTarget target;
    for (int n = 4; n > 0; --n) {
        target.addEventListener("test",
                                [&log, n](Event& event) {
                                    log(n);
                                    event.stopImmediatePropagation();
                                },
                                {.once = true});
    }
    for (int n = 4; n > 0; --n) target.dispatchEvent(Event("test"));
    CHECK(log == "4 3 2 1");
}

// dom/events/AddEventListenerOptions-passive

TEST_CASE(
    "dom/events/AddEventListenerOptions-passive: preventDefault is ignored in a passive listener and only there") {
    Journal log;
    const auto test = [&](const AddEventListenerOptions& options) {
        EventTarget target;
        target.addEventListener(
            "test",
            [&](Event& event) {
                const bool before = event.defaultPrevented();
                event.preventDefault();
                log(before, "->", event.defaultPrevented());
            },
            options);
        log(target.dispatchEvent(Event("test", {.bubbles = true, .cancelable = true})));
    };
    test({});
    test({.passive = false});
    test({.passive = true});
    CHECK(log == "false->true false false->true false false->false true");
}

TEST_CASE("dom/events/AddEventListenerOptions-passive: a passive listener does not change what others may do") {
    Journal log;
    const auto test = [&](const AddEventListenerOptions& options) {
        EventTarget target;
        target.addEventListener("test", [&] { log("passive"); }, {.passive = true});
        target.addEventListener("test", [&] { log("other"); });
        target.addEventListener("test", preventDefault, options);
        log(target.dispatchEvent(Event("test", {.bubbles = true, .cancelable = true})));
    };
    test({});
    test({.passive = true});
    CHECK(log == "passive other false passive other true");
}

TEST_CASE("dom/events/AddEventListenerOptions-passive: passive does not tell listeners apart and capture does") {
    const auto calls = [](const AddEventListenerOptions& first, const AddEventListenerOptions& second) {
        int count = 0;
        EventTarget target;
        const EventListener handler = target.addEventListener("test", [&] { ++count; }, first);
        target.addEventListener("test", handler, second);
        target.dispatchEvent(Event("test", {.bubbles = true}));
        return count;
    };
    Journal log;
    log(calls({.capture = true}, {.capture = false, .passive = false}), calls({.capture = true}, {.passive = true}));
    log(calls({}, {.passive = false}), calls({.passive = true}, {.passive = false}), calls({}, {.passive = true}),
        calls({.capture = true, .passive = false}, {.capture = true, .passive = true}));
    CHECK(log == "22 1111");
}

// dom/events/AddEventListenerOptions-signal

TEST_CASE("dom/events/AddEventListenerOptions-signal: aborting removes the listener and keeps it from being added") {
    Journal log;
    EventTarget target;
    AbortController controller;
    const EventListener handler =
        target.addEventListener("test", [&] { log("called"); }, {.signal = controller.signal()});
    target.dispatchEvent(Event("test"));
    target.dispatchEvent(Event("test"));
    controller.abort();
    log("aborted");
    target.dispatchEvent(Event("test"));
    target.addEventListener("test", handler, {.signal = controller.signal()});
    target.dispatchEvent(Event("test"));
    CHECK(log == "called called aborted");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: a listener with a signal can be removed as any other") {
    const bool once = GENERATE(false, true);
    Journal log;
    EventTarget target;
    const AbortController controller;
    const EventListener handler =
        target.addEventListener("test", [&] { log("called"); }, {.once = once, .signal = controller.signal()});
    target.removeEventListener("test", handler);
    target.dispatchEvent(Event("test"));
    CHECK(log == "");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: aborting removes once listeners and capturing ones") {
    Journal log;
    EventTarget target;
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    target.addEventListener("test", [&] { log("once"); }, {.once = true, .signal = signal});
    target.addEventListener("test", [&] { log("capture"); }, {.capture = true, .signal = signal});
    controller.abort();
    target.dispatchEvent(Event("test"));
    CHECK(log == "");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: a signal may be that of several listeners") {
    Journal log;
    EventTarget target;
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    const EventListener handler =
        target.addEventListener("first", [&] { log("called"); }, {.once = true, .signal = signal});
    target.addEventListener("second", handler, {.once = true, .signal = signal});
    controller.abort();
    target.dispatchEvent(Event("first"));
    target.dispatchEvent(Event("second"));
    CHECK(log == "");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: aborting in a listener keeps those behind it from being called") {
    Journal log;
    EventTarget target;
    AbortController controller;
    const auto abort = [&] {
        log("abort");
        controller.abort();
    };
    target.addEventListener("test", abort, {.signal = controller.signal()});
    target.addEventListener("test", [&] { log("called"); }, {.signal = controller.signal()});
    target.dispatchEvent(Event("test"));
    CHECK(log == "abort");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: a listener that a listener adds and aborts is not called") {
    Journal log;
    EventTarget target;
    AbortController controller;
    const auto addAndAbort = [&] {
        log("abort");
        target.addEventListener("test", [&] { log("called"); }, {.signal = controller.signal()});
        controller.abort();
    };
    target.addEventListener("test", addAndAbort, {.signal = controller.signal()});
    target.dispatchEvent(Event("test"));
    target.dispatchEvent(Event("test"));
    CHECK(log == "abort");
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: aborting in a nested call of a listener removes it") {
    int count = 0;
    EventTarget target;
    AbortController controller;
    const auto nested = [&] {
        if (++count > 5) controller.abort();
        target.dispatchEvent(Event("foo"));
    };
    const auto addNested = [&] {
        target.addEventListener("foo", nested, {.signal = controller.signal()});
        target.dispatchEvent(Event("foo"));
    };
    target.addEventListener("foo", addNested, {.once = true});
    target.dispatchEvent(Event("foo"));
    CHECK(count == 6);
}

TEST_CASE("dom/events/AddEventListenerOptions-signal: null is refused as a signal") {
    STATIC_REQUIRE(std::is_convertible_v<const AbortSignal&, SignalRef>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<SignalRef, std::nullptr_t>);
}

// dom/events/EventTarget-*

TEST_CASE("dom/events/EventTarget-add-remove-listener: a listener is removed without naming capture") {
    EventTarget target;
    target.addEventListener("x", preventDefault, false);
    CHECK_FALSE(target.dispatchEvent(Event("x", {.cancelable = true})));
    target.removeEventListener("x", preventDefault);
    CHECK(target.dispatchEvent(Event("x", {.cancelable = true})));
}

TEST_CASE("dom/events/EventTarget-addEventListener: adding null succeeds") {
    EventTarget target;
    CHECK_FALSE(target.addEventListener("x", nullptr, false));
    CHECK_FALSE(target.addEventListener("x", nullptr, true));
    CHECK_FALSE(target.addEventListener("x", nullptr));
    CHECK(target.dispatchEvent(Event("x")));
}

TEST_CASE("dom/events/EventTarget-removeEventListener: removing null succeeds") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    globalThis.addEventListener("x", [&] { log("still there"); });
    globalThis.removeEventListener("x", nullptr, false);
    globalThis.removeEventListener("x", nullptr, true);
    globalThis.removeEventListener("x", nullptr);
    globalThis.dispatchEvent(Event("x"));
    CHECK(log == "still there");
}

TEST_CASE("dom/events/EventTarget-constructible: a target of one's own calls listeners until they are removed") {
    Journal log;
    EventTarget target;
    Event event("foo", {.bubbles = true, .cancelable = false});
    const EventListener listener = target.addEventListener("foo", [&](Event& e) { log(&e == &event); });
    target.dispatchEvent(event);
    target.dispatchEvent(event);
    target.removeEventListener("foo", listener);
    target.dispatchEvent(event);
    CHECK(log == "true true");
}

TEST_CASE("dom/events/EventTarget-constructible: a target of one's own is the event's target and all of its path") {
    Journal log;
    EventTarget target;
    Event event("foo");
    const auto listener = [&](Event& e) {
        const auto path = e.composedPath();
        log(&e == &event, e.target() == &target, e.currentTarget() == &target, path.size(), path.front() == &target);
    };
    target.addEventListener("foo", listener, {.once = true});
    target.dispatchEvent(event);
    log(event.target() == &target, event.currentTarget() == nullptr, event.composedPath().size());
    CHECK(log == "truetruetrue1true truetrue0");
}

TEST_CASE("dom/events/EventTarget-constructible: one may derive from EventTarget") {
    Journal log;
    NicerEventTarget target;
    const auto listener = target.on("foo", [&](CustomEvent<std::string>& event) { log(event.detail()); });
    target.dispatch("foo", "some data");
    target.dispatch("foo", "more");
    target.off("foo", listener);
    target.dispatch("foo", "nobody hears");
    CHECK(log == "some data more");
}

TEST_CASE("dom/events/EventTarget-dispatchEvent: null cannot be dispatched") {
    STATIC_REQUIRE(isDispatchable<Event&>);
    STATIC_REQUIRE_FALSE(isDispatchable<std::nullptr_t>);
    STATIC_REQUIRE_FALSE(isDispatchable<Event*>);
}

TEST_CASE("dom/events/EventTarget-dispatchEvent: an event that is being dispatched is refused") {
    Journal log;
    EventTarget target;
    EventTarget another;
    Event event("type");
    target.addEventListener("type", [&](Event& e) { log(dispatched(target, e), dispatched(another, e)); });
    log(dispatched(target, event));
    CHECK(log == "InvalidStateErrorInvalidStateError true");
}

TEST_CASE("dom/events/EventTarget-dispatchEvent: what a listener throws does not leave dispatchEvent") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    globalThis.onerror([] { return true; });
    EventTarget target;
    target.addEventListener("type", [&] {
        log("first");
        throw Error("no");
    });
    target.addEventListener("type", [&] { log("second"); });
    log(target.dispatchEvent(Event("type")));
    CHECK(log == "first second true");
}

TEST_CASE("dom/events/EventTarget-dispatchEvent: a listener added on the way to its target is called") {
    Journal log;
    Element outer;
    Element middle("middle", &outer);
    Element inner("inner", &middle);
    outer.addEventListener(
        "x",
        [&] {
            middle.addEventListener("x", [&] { log("middle"); }, true);
            log("outer");
        },
        true);
    inner.dispatchEvent(Event("x"));
    CHECK(log == "outer middle");
}

TEST_CASE("dom/events/EventTarget-dispatchEvent: capturing listeners are called before the others") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] { log(1); }, true);
    target.addEventListener("x", [&] { log(2); }, false);
    target.addEventListener("x", [&] { log(3); }, true);
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 3 2");
}

// dom/events/EventListener-handleEvent

namespace {

/// A listener that is an object. Its `handleEvent` can be another one for each event.
struct Handler {
    std::function<void(Handler&, Event&)> current;
    void handleEvent(Event& event) { current(*this, event); }
};

/// Its `handleEvent` is looked up as a property is.
struct Replaceable {
    std::function<void(Event&)> handleEvent;
};

struct Callable {
    void operator()() const { log("called"); }
    void handleEvent(Event&) const { log("handleEvent"); }
    Journal& log;
};

}

TEST_CASE("dom/events/EventListener-handleEvent: handleEvent of the object itself is called") {
    Journal log;
    EventTarget target;
    Handler listener;
    listener.current = [&](Handler& self, Event& event) {
        log(event.type(), event.target() == &target, &self == &listener);
    };
    target.addEventListener("foo", &listener);
    target.dispatchEvent(Event("foo"));
    CHECK(log == "footruetrue");
}

TEST_CASE("dom/events/EventListener-handleEvent: handleEvent is looked up for every event") {
    Journal log;
    EventTarget target;
    Replaceable listener;
    target.addEventListener("foo", &listener);
    listener.handleEvent = [&](Event&) { log("first"); };
    target.dispatchEvent(Event("foo"));
    listener.handleEvent = [&](Event&) { log("second"); };
    target.dispatchEvent(Event("foo"));
    CHECK(log == "first second");
}

TEST_CASE("dom/events/EventListener-handleEvent: handleEvent of a listener that can be called is not called") {
    Journal log;
    EventTarget target;
    target.addEventListener("foo", Callable{log});
    target.dispatchEvent(Event("foo"));
    CHECK(log == "called");
}

TEST_CASE("dom/events/EventListener-handleEvent: a handleEvent that is missing when the event comes is reported") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    globalThis.onerror([&](ErrorEvent& event) {
        try {
            std::rethrow_exception(event.error());
        } catch (const std::bad_function_call&) {
            log("bad_function_call");
        }
        return true;
    });
    EventTarget target;
    Replaceable listener;
    target.addEventListener("foo", &listener);
    target.dispatchEvent(Event("foo"));
    CHECK(log == "bad_function_call");
}

// dom/events/Event-dispatch-*

TEST_CASE("dom/events/Event-dispatch-order: an event goes down to its target and up again") {
    Journal log;
    Element parent("parent");
    Element child("child", &parent);
    parent.addEventListener("click", [&] { log(1); }, true);
    child.addEventListener("click", [&] { log(2); }, false);
    parent.addEventListener("click", [&] { log(3); }, false);
    child.dispatchEvent(Event("click", {.bubbles = true}));
    CHECK(log == "1 2 3");
}

TEST_CASE("dom/events/Event-dispatch-order-at-target: at the target capturing listeners are called first") {
    const bool bubbles = GENERATE(true, false);
    Journal log;
    Element element;
    element.addEventListener("click", [&](Event& event) { log("bubbling:", event.eventPhase()); }, false);
    element.addEventListener("click", [&](Event& event) { log("capturing:", event.eventPhase()); }, true);
    element.dispatchEvent(Event("click", {.bubbles = bubbles}));
    STATIC_REQUIRE(Event::AT_TARGET == 2);
    CHECK(log == "capturing:2 bubbling:2");
}

TEST_CASE(
    "dom/events/Event-dispatch-reenter: an event dispatched in a listener makes its way before the outer goes on") {
    Journal log;
    Page page;
    const EventListener listener = listenerOf([&](Event& event) {
        log(event.type(), ":", at(event).name());
        if (&at(event) == &page.table && event.type() == "foo")
            page.target.dispatchEvent(Event("bar", {.bubbles = true, .cancelable = true}));
    });
    for (Element* each : page.all) {
        each->addEventListener("foo", listener, true);
        each->addEventListener("bar", listener, false);
    }
    page.target.dispatchEvent(Event("foo", {.bubbles = false, .cancelable = true}));
    CHECK(log == "foo:window foo:document foo:html foo:body foo:table "
                 "bar:target bar:parent bar:tbody bar:table bar:body bar:html bar:document bar:window "
                 "foo:tbody foo:parent foo:target");
}

TEST_CASE("dom/events/Event-dispatch-redispatch: an event of the browser is not trusted when a script dispatches it") {
    Journal log;
    Element document;
    Element button;
    Event event("DOMContentLoaded");
    document.addEventListener("DOMContentLoaded", [&](Event& e) { log("fired:", e.isTrusted()); }, true);
    button.addEventListener("DOMContentLoaded", [&](Event& e) { log("dispatched:", e.isTrusted()); });
    document.fire(event);
    log("before:", event.isTrusted());
    button.dispatchEvent(event);
    log("after:", event.isTrusted());
    CHECK(log == "fired:true before:true dispatched:false after:false");
}

TEST_CASE("dom/events/Event-dispatch-redispatch: an event that is being dispatched or fired is refused") {
    Journal log;
    Element document;
    Element button;
    Event event("DOMContentLoaded");
    document.addEventListener("DOMContentLoaded", [&](Event& e) { log("fired:", dispatched(document, e)); });
    button.addEventListener("DOMContentLoaded", [&](Event& e) { log("dispatched:", dispatched(document, e)); });
    document.fire(event);
    button.dispatchEvent(event);
    CHECK(log == "fired:InvalidStateError dispatched:InvalidStateError");
}

TEST_CASE(
    "dom/events/Event-dispatch-redispatch: dispatching an earlier event leaves the one that is on its way trusted") {
    Journal log;
    Element button;
    Event mouseup("mouseup");
    Event click("click");
    button.addEventListener("mouseup", [&](Event& event) { log("mouseup:", event.isTrusted()); });
    button.addEventListener("click", [&](Event& event) {
        log("click:", event.isTrusted(), mouseup.isTrusted());
        button.dispatchEvent(mouseup);
        log("click:", event.isTrusted(), mouseup.isTrusted());
    });
    button.fire(mouseup);
    button.fire(click);
    CHECK(log == "mouseup:true click:truetrue mouseup:false click:truefalse");
}

TEST_CASE("dom/events/Event-dispatch-throwing: what the only listener throws is reported once") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    globalThis.onerror([&](ErrorEvent& event) {
        log(event.message());
        return true;
    });
    Element element;
    element.addEventListener("click", [] { throw Error("from the only listener"); });
    element.dispatchEvent(Event("click"));
    CHECK(log == "Uncaught Error: from the only listener");
}

TEST_CASE("dom/events/Event-dispatch-throwing: what a listener throws is reported before the next one is called") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    globalThis.onerror([&](ErrorEvent& event) {
        log(event.message());
        return true;
    });
    Element element;
    element.addEventListener("click", [] { throw Error("first"); });
    element.addEventListener("click", [&] { log("second called"); }, false);
    element.dispatchEvent(Event("click"));
    CHECK(log == "Uncaught Error: first second called");
}

TEST_CASE("dom/events/Event-dispatch-handlers-changed: "
          "listeners are taken from the list as it is when the event comes to it") {
    Journal log;
    Page page;
    std::array<EventListener, 4> handlers;
    for (int i = 0; i < 4; ++i) {
        handlers.at(static_cast<std::size_t>(i)) = listenerOf([&, i](Event& event) {
            Element& element = at(event);
            log(element.name(), i);
            if (event.eventPhase() != Event::BUBBLING_PHASE && element.state != 1) {
                element.removeEventListener("bar", handlers[0], true);
                element.addEventListener("bar", handlers[2], true);
                element.state = 1;
            }
            if (event.eventPhase() != Event::CAPTURING_PHASE && element.state != 3) {
                element.removeEventListener("bar", handlers[0], false);
                element.addEventListener("bar", handlers[3], false);
                element.state = 3;
            }
        });
    }
    for (Element* each : page.all) {
        each->addEventListener("bar", handlers[0], true);
        each->addEventListener("bar", handlers[1], false);
    }
    page.target.dispatchEvent(Event("bar", {.bubbles = true, .cancelable = true}));
    CHECK(log == "window0 document0 html0 body0 table0 tbody0 parent0 target0 target1 target3 "
                 "parent1 tbody1 table1 body1 html1 document1 window1");
}

// Where the original reads `cancelBubble`, an old name, a parent says whether the event has come on.
TEST_CASE("dom/events/Event-stopImmediatePropagation: no further listener is called at the target or above it") {
    Journal log;
    Element parent("parent");
    Element target("target", &parent);
    parent.addEventListener("test", [&] { log("parent"); });
    target.addEventListener("test", [&](Event& event) {
        log("first");
        event.stopImmediatePropagation();
    });
    target.addEventListener("test", [&] { log("second"); });
    target.dispatchEvent(Event("test", {.bubbles = true}));
    CHECK(log == "first");
}

TEST_CASE(
    "dom/events/Event-defaultPrevented-after-dispatch: defaultPrevented stays when the event has been dispatched") {
    Journal log;
    EventTarget target;
    Event event("foo", {.bubbles = true, .cancelable = true});
    const auto prevent = [&](Event& e) {
        e.preventDefault();
        log("during:", e.defaultPrevented());
    };
    target.addEventListener("foo", prevent, true);
    target.dispatchEvent(event);
    log("after:", event.defaultPrevented(), event.target() == &target);
    CHECK(log == "during:true after:truetrue");
}
