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

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// A target in a tree.
struct Node : EventTarget {
    explicit Node(Node* above = nullptr) : above_(above) {}

protected:
    EventTarget* parent(const Event&) noexcept override { return above_; }

private:
    Node* above_;
};

/// What the library does with a target of its own.
struct Fires : EventTarget {
    using EventTarget::errorHandler;
    using EventTarget::fire;
    using EventTarget::hasListeners;
    using EventTarget::removeAllListeners;
    int changes = 0;

protected:
    void listenersChanged() noexcept override { ++changes; }
};

struct Handler {
    void handleEvent(Event&) { ++calls; }
    int calls = 0;
};

int functionCalls = 0;
void function(Event&) { ++functionCalls; }
void anotherFunction(Event&) { functionCalls += 100; }

const char* phase(const Event& event) {
    constexpr const char* names[] = {"none", "capture", "target", "bubble"};
    return names[event.eventPhase()];
}

}

static_assert(!std::is_copy_constructible_v<EventTarget> && !std::is_move_constructible_v<EventTarget>);
static_assert(std::is_nothrow_default_constructible_v<EventTarget>);
static_assert(std::has_virtual_destructor_v<EventTarget>);
static_assert(std::is_trivially_destructible_v<AddEventListenerOptions>);

// The list.

TEST_CASE("listeners are called in the order in which they were added and by the time dispatchEvent returns") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] { log("1"); });
    target.addEventListener("y", [&] { log("y"); });
    target.addEventListener("x", [&] { log("2"); });
    log("before");
    const bool result = target.dispatchEvent(Event("x"));
    log("returned:", result);
    CHECK(log == "before 1 2 returned:true");
}

TEST_CASE("an event without listeners is dispatched") {
    EventTarget target;
    CHECK(target.dispatchEvent(Event("x")));
    Event event("x", {.cancelable = true});
    CHECK(target.dispatchEvent(event));
    CHECK(event.target() == &target);
}

TEST_CASE("a listener is known by its type and its callback and its capture") {
    functionCalls = 0;
    EventTarget target;
    target.addEventListener("x", function);
    target.addEventListener("x", function);
    target.addEventListener("x", function, {.once = true});
    target.addEventListener("x", &function, {.passive = true});
    target.addEventListener("x", function, true);
    target.addEventListener("x", function, {.capture = true});
    target.dispatchEvent(Event("x"));
    CHECK(functionCalls == 2);
    target.removeEventListener("x", function);
    target.dispatchEvent(Event("x"));
    CHECK(functionCalls == 3);
    target.removeEventListener("x", function, true);
    target.dispatchEvent(Event("x"));
    CHECK(functionCalls == 3);
}

TEST_CASE("two closures of one type are two listeners and one handle is one") {
    int calls = 0;
    EventTarget target;
    const auto listener = [&] { ++calls; };
    const EventListener first = target.addEventListener("x", listener);
    target.addEventListener("x", listener);
    target.addEventListener("x", first);
    target.addEventListener("x", first, {.once = true, .passive = true});
    target.dispatchEvent(Event("x"));
    CHECK(calls == 2);
    target.addEventListener("x", first, {.capture = true});
    target.addEventListener("y", first);
    calls = 0;
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("y"));
    CHECK(calls == 4);
}

TEST_CASE("a duplicate keeps its first place and its first options") {
    Journal log;
    EventTarget target;
    const EventListener first = target.addEventListener("x", [&] { log("first"); });
    target.addEventListener("x", [&] { log("second"); });
    AbortController controller;
    target.addEventListener("x", first, {.once = true, .signal = controller.signal()});
    controller.abort();
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "first second first second");
}

TEST_CASE("a handle is removed from where it was added and from nowhere else") {
    int calls = 0;
    EventTarget target;
    EventTarget other;
    const EventListener handle = target.addEventListener("x", [&] { ++calls; });
    other.addEventListener("x", handle);
    target.removeEventListener("y", handle);
    target.removeEventListener("x", handle, true);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
    target.removeEventListener("x", handle);
    target.removeEventListener("x", handle);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
    other.dispatchEvent(Event("x"));
    CHECK(calls == 2);
    target.addEventListener("x", handle);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 3);
}

TEST_CASE("a function and an object are removed by themselves") {
    functionCalls = 0;
    Handler handler;
    const auto shared = std::make_shared<Handler>();
    EventTarget target;
    target.addEventListener("x", function);
    target.addEventListener("x", &handler, true);
    target.addEventListener("x", shared);
    target.removeEventListener("x", anotherFunction);
    target.removeEventListener("x", &handler);
    target.dispatchEvent(Event("x"));
    CHECK(functionCalls == 1);
    CHECK(handler.calls == 1);
    CHECK(shared->calls == 1);
    target.removeEventListener("x", &function);
    target.removeEventListener("x", &handler, {.capture = true});
    target.removeEventListener("x", shared.get());
    target.dispatchEvent(Event("x"));
    CHECK(functionCalls == 1);
    CHECK(handler.calls == 1);
    CHECK(shared->calls == 1);
    CHECK(shared.use_count() == 1);
}

TEST_CASE("removing from a target without listeners does nothing") {
    EventTarget target;
    const EventListener handle = EventTarget().addEventListener("x", [] {});
    target.removeEventListener("x", handle);
    target.removeEventListener("x", function);
    target.removeEventListener("x", EventListener());
    CHECK(target.dispatchEvent(Event("x")));
}

TEST_CASE("a removed closure is destroyed at once") {
    Counted::reset();
    EventTarget target;
    EventListener handle = target.addEventListener("x", [counted = Counted(1)] {});
    target.removeEventListener("x", handle);
    CHECK(Counted::alive == 1);
    handle = {};
    CHECK(Counted::alive == 0);
}

TEST_CASE("a listener for once is removed before it is called") {
    Journal log;
    EventTarget target;
    target.addEventListener("x",
                            [&] {
                                log("once");
                                target.dispatchEvent(Event("x"));
                            },
                            {.once = true});
    target.addEventListener("x", [&] { log("always"); });
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "once always always always");
}

TEST_CASE("a listener for once that throws is removed") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    EventTarget target;
    target.addEventListener("x", [] { throw Error("no"); }, {.once = true});
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "reported:Error: no");
}

TEST_CASE("a listener for once may add itself again and waits for the next event") {
    int calls = 0;
    EventTarget target;
    EventListener handle;
    handle = target.addEventListener("x",
                                     [&] {
                                         ++calls;
                                         target.addEventListener("x", handle, {.once = true});
                                     },
                                     {.once = true});
    for (int i = 1; i <= 3; ++i) {
        target.dispatchEvent(Event("x"));
        CHECK(calls == i);
    }
}

TEST_CASE("a listener that is added during a dispatch waits for the next") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] {
        log("1");
        target.addEventListener("x", [&] { log("new"); });
    });
    target.addEventListener("x", [&] { log("2"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 2");
    log.clear();
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 2 new");
}

TEST_CASE("a dispatch inside a dispatch calls what the outer one added") {
    Journal log;
    EventTarget target;
    bool first = true;
    target.addEventListener("x", [&] {
        log("1");
        if (!std::exchange(first, false)) return;
        target.addEventListener("x", [&] { log("new"); });
        target.dispatchEvent(Event("x"));
        log("back");
    });
    target.addEventListener("x", [&] { log("2"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 1 2 new back 2");
}

TEST_CASE("at its target a capturing listener may add one for the same event that does not capture") {
    Journal log;
    EventTarget target;
    target.addEventListener("x",
                            [&] {
                                log("capture");
                                target.addEventListener("x", [&] { log("added"); });
                                target.addEventListener("x", [&] { log("capture added"); }, true);
                            },
                            {.capture = true, .once = true});
    target.dispatchEvent(Event("x"));
    CHECK(log == "capture added");
}

TEST_CASE("a listener that is removed during a dispatch is not called") {
    Journal log;
    EventTarget target;
    std::vector<EventListener> handles(5);
    for (std::size_t i = 0; i < handles.size(); ++i) {
        handles[i] = target.addEventListener("x", [&, i] {
            log(i);
            if (i == 1) { // the one before, itself, the next one and the last one
                for (const std::size_t each : {0U, 1U, 2U, 4U}) target.removeEventListener("x", handles[each]);
            }
        });
    }
    target.dispatchEvent(Event("x"));
    CHECK(log == "0 1 3");
    log.clear();
    target.dispatchEvent(Event("x"));
    CHECK(log == "3");
}

TEST_CASE("a listener that is removed and added again during a dispatch waits for the next") {
    Journal log;
    EventTarget target;
    EventListener second;
    target.addEventListener("x", [&] {
        log("1");
        target.removeEventListener("x", second);
        target.addEventListener("x", second);
    });
    second = target.addEventListener("x", [&] { log("2"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1");
}

TEST_CASE("an inner dispatch that removes is seen by the outer ones") {
    Journal log;
    EventTarget target;
    std::vector<EventListener> handles(4);
    int depth = 0;
    handles[0] = target.addEventListener("x", [&] {
        log("a", ++depth);
        if (depth < 3) return static_cast<void>(target.dispatchEvent(Event("x")));
        for (std::size_t i = 1; i < 3; ++i) target.removeEventListener("x", handles[i]);
    });
    for (std::size_t i = 1; i < 4; ++i) handles[i] = target.addEventListener("x", [&, i] { log(i); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "a1 a2 a3 3 3 3");
}

TEST_CASE("a listener may remove all and add itself again") {
    Journal log;
    Fires target;
    EventListener self;
    self = target.addEventListener("x", [&] {
        log("self");
        target.removeAllListeners();
        target.addEventListener("x", self);
    });
    target.addEventListener("x", [&] { log("never"); });
    target.addEventListener("x", [&] { log("never"); });
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "self self");
}

TEST_CASE("a listener that removes itself is destroyed when it has returned") {
    Counted::reset();
    EventTarget target;
    EventListener handle;
    handle = target.addEventListener("x", [&, counted = Counted(3)] {
        target.removeEventListener("x", handle);
        handle = {};
        CHECK(counted.value == 3);
        CHECK(Counted::alive == 1);
    });
    target.dispatchEvent(Event("x"));
    CHECK(Counted::alive == 0);
}

TEST_CASE("the destructor of a closure may add and remove and dispatch") {
    Journal log;
    EventTarget target;
    const EventListener other = target.addEventListener("x", [&] { log("other"); });
    const EventListener last = target.addEventListener("x", [&] { log("last"); });
    EventListener first = target.addEventListener("x", [end = AtEnd([&] {
                                                            log("gone");
                                                            target.removeEventListener("x", other);
                                                            target.addEventListener("x", [&] { log("new"); });
                                                            target.dispatchEvent(Event("x"));
                                                        })] {});
    target.removeEventListener("x", std::exchange(first, {}));
    CHECK(log == "gone last new");
}

TEST_CASE("the destructor of a closure may be called for removal by a temporary handle") {
    Journal log;
    auto target = std::make_unique<Fires>();
    target->addEventListener("x", [end = AtEnd([&] { log("gone"); })] {});
    target->removeAllListeners();
    CHECK(log == "gone");
    CHECK_FALSE(target->hasListeners());
}

TEST_CASE("the last owner of a target may be one of the listeners that are all removed") {
    Counted::reset();
    auto target = std::make_shared<Fires>();
    target->addEventListener("x", [target, counted = Counted(1)] {});
    target->addEventListener("x", [counted = Counted(2)] {});
    Fires* const pointer = target.get();
    target = nullptr;
    pointer->removeAllListeners();
    CHECK(Counted::alive == 0);
}

TEST_CASE("the last owner of a target may be a listener that is removed") {
    Counted::reset();
    auto target = std::make_shared<EventTarget>();
    EventListener handle = target->addEventListener("x", [target, counted = Counted(1)] {});
    target->addEventListener("x", [counted = Counted(2)] {});
    EventTarget* const pointer = target.get();
    target = nullptr;
    pointer->removeEventListener("x", std::exchange(handle, {}));
    CHECK(Counted::alive == 0);
}

TEST_CASE("the last owner of a target may be a listener for once") {
    Counted::reset();
    Journal log;
    auto target = std::make_shared<EventTarget>();
    target->addEventListener("x", [&, target, counted = Counted(1)] { log("first"); }, {.once = true});
    target->addEventListener("x", [&, counted = Counted(2)] { log("second"); });
    EventTarget* const pointer = target.get();
    target = nullptr;
    pointer->dispatchEvent(Event("x"));
    CHECK(log == "first");
    CHECK(Counted::alive == 0);
}

TEST_CASE("the last owner of a target may be a handler that is replaced") {
    Counted::reset();
    auto target = std::make_shared<EventTarget>();
    target->eventHandler("x", [target, counted = Counted(1)] {});
    EventTarget* const pointer = target.get();
    target = nullptr;
    pointer->eventHandler("x", [counted = Counted(2)] {});
    CHECK(Counted::alive == 0);
}

TEST_CASE("a change of the list is told of") {
    Fires target;
    const EventListener handle = target.addEventListener("x", [] {});
    CHECK(target.changes == 1);
    CHECK(target.hasListeners());
    target.addEventListener("x", handle);
    CHECK(target.changes == 1);
    target.removeEventListener("y", handle);
    CHECK(target.changes == 1);
    target.removeEventListener("x", handle);
    CHECK(target.changes == 2);
    CHECK_FALSE(target.hasListeners());
    target.addEventListener("x", [] {}, {.once = true});
    target.dispatchEvent(Event("x"));
    CHECK(target.changes == 4);
}

// The signal.

TEST_CASE("a listener goes when its signal is aborted") {
    Counted::reset();
    int calls = 0;
    EventTarget target;
    AbortController controller;
    target.addEventListener("x", [&, counted = Counted(1)] { ++calls; }, {.signal = controller.signal()});
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 2);
    controller.abort();
    CHECK(Counted::alive == 0);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 2);
}

TEST_CASE("a signal and a removal by hand go together") {
    int calls = 0;
    EventTarget target;
    AbortController controller;
    const EventListener handle = target.addEventListener("x", [&] { ++calls; }, {.signal = controller.signal()});
    target.removeEventListener("x", handle);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 0);
    target.addEventListener("x", handle);
    controller.abort();
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("a signal and once go together") {
    int calls = 0;
    EventTarget target;
    AbortController controller;
    const EventListener handle =
        target.addEventListener("x", [&] { ++calls; }, {.once = true, .signal = controller.signal()});
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
    target.addEventListener("x", handle, {.once = true, .signal = controller.signal()});
    controller.abort();
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("a listener whose signal is aborted already is not added") {
    int calls = 0;
    Fires target;
    const EventListener handle = target.addEventListener("x", [&] { ++calls; }, {.signal = AbortSignal::abort()});
    CHECK(handle);
    CHECK(target.changes == 0);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 0);
    target.addEventListener("x", handle);
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("aborting during a dispatch removes the listeners that are not called yet") {
    Journal log;
    EventTarget target;
    AbortController controller;
    target.addEventListener("x", [&] {
        log("aborts");
        controller.abort();
    });
    target.addEventListener("x", [&] { log("never"); }, {.signal = controller.signal()});
    target.addEventListener("x", [&] { log("never"); }, {.signal = controller.signal()});
    target.addEventListener("x", [&] { log("next"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "aborts next");
}

TEST_CASE("a listener may abort the signal that would remove it and live until it returns") {
    Counted::reset();
    EventTarget target;
    std::optional<AbortController> controller(std::in_place);
    target.addEventListener("x",
                            [&, counted = Counted(5)] {
                                controller->abort();
                                controller.reset();
                                CHECK(counted.value == 5);
                            },
                            {.signal = controller->signal()});
    target.dispatchEvent(Event("x"));
    CHECK(Counted::alive == 0);
}

TEST_CASE("one signal removes the listeners of many targets and of many types") {
    int calls = 0;
    EventTarget targets[3];
    AbortController controller;
    for (EventTarget& target : targets) {
        for (const char* type : {"x", "y"}) {
            for (const bool capture : {false, true}) {
                target.addEventListener(type, [&] { ++calls; }, {.capture = capture, .signal = controller.signal()});
            }
        }
    }
    targets[1].dispatchEvent(Event("y"));
    CHECK(calls == 2);
    controller.abort();
    for (EventTarget& target : targets) {
        target.dispatchEvent(Event("x"));
        target.dispatchEvent(Event("y"));
    }
    CHECK(calls == 2);
}

TEST_CASE("a target may go before the signal of its listeners and the signal before its target") {
    Counted::reset();
    AbortController controller;
    {
        EventTarget().addEventListener("x", [counted = Counted(1)] {}, {.signal = controller.signal()});
    }
    CHECK(Counted::alive == 0);
    controller.abort();

    int calls = 0;
    EventTarget target;
    {
        target.addEventListener("x", [&] { ++calls; }, {.signal = AbortController().signal()});
    }
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("the signal of a listener may be the target itself") {
    Journal log;
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    signal.addEventListener("abort", [&] { log("never"); }, {.signal = signal});
    signal.addEventListener("abort", [&] { log("abort"); });
    controller.abort();
    CHECK(log == "abort");
}

TEST_CASE("the destructor of a closure that a signal removes may abort and add and destroy") {
    Journal log;
    auto target = std::make_unique<EventTarget>();
    AbortController controller;
    AbortController second;
    const AbortSignal signal = controller.signal();
    target->addEventListener("x", [end = AtEnd([&] {
                                       log("gone");
                                       second.abort();
                                       target->addEventListener("x", [&] { log("never"); }, {.signal = signal});
                                       target = nullptr;
                                       controller = AbortController();
                                   })] {},
                             {.signal = signal});
    target->addEventListener("x", [end = AtEnd([&] { log("second gone"); })] {}, {.signal = second.signal()});
    target->addEventListener("x", [end = AtEnd([&] { log("third gone"); })] {}, {.signal = signal});
    controller.abort();
    CHECK(log == "gone second gone third gone");
}

// Passive and preventing.

TEST_CASE("a passive listener cannot prevent and the others can") {
    EventTarget target;
    bool seen = true;
    target.addEventListener("x",
                            [&](Event& event) {
                                event.preventDefault();
                                seen = event.defaultPrevented();
                            },
                            {.passive = true});
    Event first("x", {.cancelable = true});
    CHECK(target.dispatchEvent(first));
    CHECK_FALSE(seen);
    target.addEventListener("x", [](Event& event) { event.preventDefault(); });
    Event second("x", {.cancelable = true});
    CHECK_FALSE(target.dispatchEvent(second));
    CHECK(second.defaultPrevented());
}

TEST_CASE("an event that a passive listener dispatches can be prevented and its own cannot") {
    EventTarget target;
    EventTarget inner;
    inner.addEventListener("y", [](Event& event) { event.preventDefault(); });
    bool innerResult = true;
    target.addEventListener("x",
                            [&](Event& event) {
                                Event other("y", {.cancelable = true});
                                innerResult = inner.dispatchEvent(other);
                                event.preventDefault();
                            },
                            {.passive = true});
    CHECK(target.dispatchEvent(Event("x", {.cancelable = true})));
    CHECK_FALSE(innerResult);
}

TEST_CASE("dispatchEvent says whether nobody has prevented the event") {
    EventTarget target;
    target.addEventListener("x", [](Event& event) { event.preventDefault(); });
    CHECK(target.dispatchEvent(Event("x")));
    CHECK_FALSE(target.dispatchEvent(Event("x", {.cancelable = true})));
}

TEST_CASE("stopImmediatePropagation calls nobody else") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&](Event& event) {
        log("1");
        event.preventDefault();
        event.stopImmediatePropagation();
    });
    target.addEventListener("x", [&] { log("never"); });
    log(target.dispatchEvent(Event("x", {.cancelable = true})));
    log(target.dispatchEvent(Event("x")));
    CHECK(log == "1 false 1 true");
}

// Dispatching inside of a dispatch.

TEST_CASE("an event that is being dispatched is refused with an InvalidStateError") {
    EventTarget target;
    EventTarget other;
    Event event("x", {.cancelable = true});
    int refused = 0;
    target.addEventListener("x", [&](Event& again) {
        for (EventTarget* each : {&target, &other}) {
            try {
                each->dispatchEvent(again);
            } catch (const DOMException& error) {
                CHECK(error.name() == "InvalidStateError");
                CHECK(error.code() == 11);
                ++refused;
            }
        }
        CHECK(again.target() == &target);
        CHECK(again.currentTarget() == &target);
        CHECK(again.eventPhase() == Event::AT_TARGET);
        CHECK(again.composedPath() == std::vector<EventTarget*>{&target});
    });
    target.dispatchEvent(event);
    CHECK(refused == 2);
    CHECK(target.dispatchEvent(event));
    CHECK(refused == 4);
}

TEST_CASE("a listener may dispatch another event to its own target") {
    Journal log;
    EventTarget target;
    target.addEventListener("a", [&] {
        log("a");
        target.dispatchEvent(Event("b"));
        log("end");
    });
    target.addEventListener("b", [&] { log("b"); });
    target.addEventListener("a", [&] { log("second"); });
    target.dispatchEvent(Event("a"));
    CHECK(log == "a b end second");
}

// Destroying.

TEST_CASE("a target may be destroyed by its listener and the dispatch ends") {
    Counted::reset();
    Journal log;
    auto target = std::make_unique<EventTarget>();
    Event event("x");
    target->addEventListener("x", [&, counted = Counted(4)](Event& e) {
        target = nullptr;
        log("target:", e.target() == nullptr, " current:", e.currentTarget() == nullptr, " ", counted.value);
        CHECK(e.composedPath().empty());
    });
    target->addEventListener("x", [&, counted = Counted(5)] { log("never"); });
    CHECK(target->dispatchEvent(event));
    CHECK(log == "target:true current:true 4");
    CHECK(Counted::alive == 0);
    CHECK(event.target() == nullptr);
}

TEST_CASE("a target may be destroyed by a dispatch inside of a dispatch") {
    Journal log;
    auto target = std::make_unique<EventTarget>();
    target->addEventListener("x", [&] {
        log("x");
        target->dispatchEvent(Event("y"));
        log("x ends");
    });
    target->addEventListener("y", [&] {
        log("y");
        target = nullptr;
    });
    target->addEventListener("x", [&] { log("never"); });
    target->addEventListener("y", [&] { log("never"); });
    target->dispatchEvent(Event("x"));
    CHECK(log == "x y x ends");
}

TEST_CASE("the destructors of a target's closures may use the target") {
    Journal log;
    EventListener other;
    {
        EventTarget target;
        other = target.addEventListener("x", [&] { log("other"); });
        target.addEventListener("x", [end = AtEnd([&] {
                                          log("gone");
                                          target.dispatchEvent(Event("x"));
                                          target.removeEventListener("x", other);
                                          target.addEventListener("x", [&] { log("never"); });
                                      })] {});
    }
    CHECK(log == "gone");
}

TEST_CASE("nothing is left when the parts of a dispatch destroy each other") {
    CountingSource source;
    {
        auto target = std::make_unique<EventTarget>();
        std::optional<AbortController> controller(std::in_place);
        EventListener handle;
        target->addEventListener("x", [&] { controller->abort(); }, {.once = true});
        handle = target->addEventListener("x", [&] {}, {.signal = controller->signal()});
        target->addEventListener("x", [&] {
            controller.reset();
            target = nullptr;
            handle = {};
        });
        target->addEventListener("x", handle, {.capture = true});
        target->dispatchEvent(Event("x"));
        CHECK_FALSE(target);
    }
    CHECK(source.balance() == 0);
}

// A tree of targets.

TEST_CASE("an event goes down to its target and up again if it bubbles") {
    for (const bool bubbles : {true, false}) {
        Journal log;
        Node root;
        Node middle(&root);
        Node leaf(&middle);
        Node* const nodes[] = {&root, &middle, &leaf};
        for (int i = 0; i < 3; ++i) {
            Node* const node = nodes[i];
            for (const bool capture : {false, true}) {
                node->addEventListener(
                    "x",
                    [&, i, node, capture](Event& event) {
                        CHECK(event.target() == &leaf);
                        CHECK(event.currentTarget() == node);
                        CHECK(event.composedPath() == std::vector<EventTarget*>{&leaf, &middle, &root});
                        log(i, capture ? "c" : "b", ":", phase(event));
                    },
                    capture);
            }
        }
        leaf.dispatchEvent(Event("x", {.bubbles = bubbles}));
        if (bubbles) {
            CHECK(log == "0c:capture 1c:capture 2c:target 2b:target 1b:bubble 0b:bubble");
        } else {
            CHECK(log == "0c:capture 1c:capture 2c:target 2b:target");
        }
    }
}

TEST_CASE("stopPropagation ends an event at each of its stages") {
    const char* const expected[] = {
        "0c 0c2",
        "0c 0c2 1c 1c2",
        "0c 0c2 1c 1c2 2c 2c2",
        "0c 0c2 1c 1c2 2c 2c2 2b 2b2",
        "0c 0c2 1c 1c2 2c 2c2 2b 2b2 1b 1b2",
        "0c 0c2 1c 1c2 2c 2c2 2b 2b2 1b 1b2 0b 0b2",
    };
    const std::string stages[] = {"0c", "1c", "2c", "2b", "1b", "0b"};
    for (std::size_t at = 0; at < 6; ++at) {
        for (const bool atOnce : {false, true}) {
            Journal log;
            Node root;
            Node middle(&root);
            Node leaf(&middle);
            Node* const nodes[] = {&root, &middle, &leaf};
            for (int i = 0; i < 3; ++i) {
                for (const bool capture : {false, true}) {
                    const std::string name = std::to_string(i) + (capture ? "c" : "b");
                    nodes[i]->addEventListener(
                        "x",
                        [&, name](Event& event) {
                            log(name);
                            if (name == stages[at]) atOnce ? event.stopImmediatePropagation() : event.stopPropagation();
                        },
                        capture);
                    nodes[i]->addEventListener("x", [&, name] { log(name, 2); }, capture);
                }
            }
            Event event("x", {.bubbles = true});
            leaf.dispatchEvent(event);
            std::string wanted = expected[at];
            if (atOnce) wanted.resize(wanted.rfind(' '));
            CHECK(log == wanted);
            log.clear();
            leaf.dispatchEvent(event);
            CHECK(log.text().substr(0, 2) == "0c");
        }
    }
}

TEST_CASE("a listener that a listener below adds to a target above is called when the event comes there") {
    Journal log;
    Node root;
    Node leaf(&root);
    leaf.addEventListener("x", [&] {
        log("leaf");
        root.addEventListener("x", [&] { log("root"); });
        root.addEventListener("x", [&] { log("never"); }, true);
    });
    leaf.dispatchEvent(Event("x", {.bubbles = true}));
    CHECK(log == "leaf root");
}

TEST_CASE("the path of an event is fixed when it is dispatched") {
    struct Movable : EventTarget {
        EventTarget* above = nullptr;
        EventTarget* parent(const Event&) noexcept override { return above; }
    };
    Journal log;
    Node before;
    Node after;
    Movable leaf;
    leaf.above = &before;
    before.addEventListener("x", [&] { log("before"); });
    after.addEventListener("x", [&] { log("after"); });
    leaf.addEventListener("x", [&] { leaf.above = &after; });
    leaf.dispatchEvent(Event("x", {.bubbles = true}));
    CHECK(log == "before");
}

TEST_CASE("a target may let an event end at itself") {
    struct Root : EventTarget {
        EventTarget* above = nullptr;
        EventTarget* parent(const Event& event) noexcept override { return event.type() == "load" ? nullptr : above; }
    };
    Journal log;
    EventTarget window;
    Root document;
    document.above = &window;
    window.addEventListener("load", [&] { log("window load"); }, true);
    window.addEventListener("click", [&] { log("window click"); }, true);
    document.dispatchEvent(Event("load"));
    document.dispatchEvent(Event("click"));
    CHECK(log == "window click");
}

TEST_CASE("a parent may be destroyed half way and is passed by") {
    Journal log;
    Counted::reset();
    Node root;
    auto middle = std::make_unique<Node>(&root);
    auto leaf = std::make_unique<Node>(middle.get());
    middle->addEventListener("x", [&, counted = Counted(1)] { log("never"); });
    root.addEventListener("x", [&](Event& event) {
        log("root target:", event.target() == nullptr, " path:", event.composedPath().size());
    });
    leaf->addEventListener("x", [&](Event& event) {
        log("leaf:", event.composedPath().size());
        middle = nullptr;
        log("then:", event.composedPath().size());
        leaf = nullptr;
    });
    leaf->dispatchEvent(Event("x", {.bubbles = true}));
    CHECK(log == "leaf:3 then:2 root target:true path:1");
    CHECK(Counted::alive == 0);
}

TEST_CASE("all targets may be destroyed on the way down") {
    Journal log;
    auto root = std::make_unique<Node>();
    auto leaf = std::make_unique<Node>(root.get());
    for (const bool capture : {false, true}) leaf->addEventListener("x", [&] { log("never"); }, capture);
    root->addEventListener("x", [&] { log("never"); });
    root->addEventListener(
        "x",
        [&] {
            log("root");
            leaf = nullptr;
            root = nullptr;
        },
        true);
    leaf->dispatchEvent(Event("x", {.bubbles = true}));
    CHECK(log == "root");
}

TEST_CASE("an event that bubbles may be prevented on its way") {
    Node root;
    Node leaf(&root);
    root.addEventListener("x", [](Event& event) { event.preventDefault(); });
    CHECK(leaf.dispatchEvent(Event("x", {.cancelable = true})));
    CHECK_FALSE(leaf.dispatchEvent(Event("x", {.bubbles = true, .cancelable = true})));
}

TEST_CASE("a path of ten thousand targets does not need the stack") {
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < 10'000; ++i)
        nodes.push_back(std::make_unique<Node>(nodes.empty() ? nullptr : nodes.back().get()));
    int calls = 0;
    nodes.front()->addEventListener("x", [&] { ++calls; });
    nodes.back()->dispatchEvent(Event("x", {.bubbles = true}));
    CHECK(calls == 1);
}

// Event handlers.

TEST_CASE("an event handler keeps the place where the first one was set") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] { log("1"); });
    target.eventHandler("x", [&] { log("old"); });
    target.addEventListener("x", [&] { log("2"); });
    target.eventHandler("x", [&] { log("new"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 new 2");
}

TEST_CASE("an event handler that is taken away and set again goes to the end") {
    Journal log;
    EventTarget target;
    target.eventHandler("x", [&] { log("old"); });
    target.addEventListener("x", [&] { log("1"); });
    target.eventHandler("x", nullptr);
    CHECK_FALSE(target.eventHandler("x"));
    target.eventHandler("x", [&] { log("new"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 new");
}

TEST_CASE("an event handler is told by its type and is no duplicate of a listener") {
    Journal log;
    EventTarget target;
    target.eventHandler("x", [&] { log("handler"); });
    const EventListener handler = target.eventHandler("x");
    REQUIRE(handler);
    CHECK_FALSE(target.eventHandler("y"));
    target.addEventListener("x", handler);
    target.addEventListener("x", handler);
    target.dispatchEvent(Event("x"));
    CHECK(log == "handler handler");
    target.removeEventListener("x", handler);
    target.removeEventListener("x", handler);
    target.dispatchEvent(Event("x"));
    CHECK(log == "handler handler handler");
    target.eventHandler("y", handler);
    CHECK(target.eventHandler("y") == handler);
    target.eventHandler("y", EventListener());
    CHECK_FALSE(target.eventHandler("y"));
}

TEST_CASE("an event handler that returns false prevents what the event would do") {
    EventTarget target;
    target.eventHandler("x", [] { return false; });
    CHECK_FALSE(target.dispatchEvent(Event("x", {.cancelable = true})));
    CHECK(target.dispatchEvent(Event("x")));
    target.eventHandler("x", [](Event&) { return true; });
    CHECK(target.dispatchEvent(Event("x", {.cancelable = true})));
    target.eventHandler("x", [] {});
    CHECK(target.dispatchEvent(Event("x", {.cancelable = true})));
    target.eventHandler("x", [] { return 0; });
    CHECK(target.dispatchEvent(Event("x", {.cancelable = true})));
}

TEST_CASE("a handler for errors prevents by returning true") {
    Fires target;
    target.errorHandler("error", [] { return true; });
    CHECK_FALSE(target.dispatchEvent(ErrorEvent("error", nullptr, {.cancelable = true})));
    target.errorHandler("error", [] { return false; });
    CHECK(target.dispatchEvent(ErrorEvent("error", nullptr, {.cancelable = true})));
}

TEST_CASE("an event handler that is replaced during a dispatch is the one that is called") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] { target.eventHandler("x", [&] { log("new"); }); });
    target.eventHandler("x", [&] { log("old"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "new");
}

TEST_CASE("an event handler may replace itself and lives until it returns") {
    Counted::reset();
    Journal log;
    EventTarget target;
    target.eventHandler("x", [&, counted = Counted(1)] {
        target.eventHandler("x", [&] { log("new"); });
        log("old", counted.value);
    });
    target.dispatchEvent(Event("x"));
    CHECK(Counted::alive == 0);
    target.dispatchEvent(Event("x"));
    CHECK(log == "old1 new");
}

TEST_CASE("an event handler may take itself away") {
    int calls = 0;
    EventTarget target;
    target.eventHandler("x", [&] {
        ++calls;
        target.eventHandler("x", nullptr);
    });
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

// Errors.

TEST_CASE("what a listener throws is reported at once and the next one is called") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    loop.run([&] {
        EventTarget target;
        target.addEventListener("x", [&] {
            log("1");
            throw Error("boom");
        });
        target.addEventListener("x", [] { throw 5; });
        target.addEventListener("x", [&] { log("2"); });
        Promise<>::resolve().then([&] { log("microtask"); });
        const bool result = target.dispatchEvent(Event("x"));
        log("returned:", result);
    });
    CHECK(occurrences(log.text(), "reported:") == 2);
    CHECK_THAT(log.text(), Catch::Matchers::ContainsSubstring("1 reported:Error: boom reported:"));
    CHECK_THAT(log.text(), Catch::Matchers::ContainsSubstring("2 returned:true microtask"));
}

TEST_CASE("what a listener throws without a loop is printed and the next one is called") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [] { throw TypeError("boom"); });
    target.addEventListener("x", [&] { log("next"); });
    const std::string text = writtenTo(stderr, [&] { log(target.dispatchEvent(Event("x"))); });
    CHECK(log == "next true");
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("Uncaught TypeError: boom"));
}

TEST_CASE("a listener that throws and has destroyed its target is reported") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    auto target = std::make_unique<EventTarget>();
    target->addEventListener("x", [&] {
        target = nullptr;
        throw Error("last words");
    });
    target->dispatchEvent(Event("x"));
    CHECK(log == "reported:Error: last words");
}

TEST_CASE("an error while handling an error does not stop an event") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    EventTarget target;
    target.addEventListener("x", [&] { log("called"); });
    try {
        throw Error("outer");
    } catch (const Error& error) {
        target.addEventListener("x", [] { throw Error("inner"); });
        target.dispatchEvent(Event("x"));
        log(error.message());
    }
    CHECK(log == "called reported:Error: inner outer");
}

// Microtasks.

TEST_CASE("microtasks wait until the caller of dispatchEvent has returned to the loop") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        EventTarget target;
        target.addEventListener("x", [&](CustomEvent<int>& event) {
            log("x", event.detail());
            loop.queueMicrotask([&log, number = event.detail()] { log("microtask", number); });
        });
        target.addEventListener("x", [&] { log("second"); });
        target.dispatchEvent(CustomEvent("x", 1));
        target.dispatchEvent(CustomEvent("x", 2));
        log("end");
    });
    CHECK(log == "x1 second x2 second end microtask1 microtask2");
}

TEST_CASE("microtasks wait wherever the caller of dispatchEvent is called from") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    EventTarget target;
    target.addEventListener("x", [&] {
        log("1");
        loop.queueMicrotask([&] { log("microtask"); });
    });
    target.addEventListener("x", [&] { log("2"); });
    const auto dispatch = [&] { target.dispatchEvent(Event("x")); };

    SECTION("from a task") { loop.post(dispatch); }
    SECTION("from a microtask") { loop.queueMicrotask(dispatch); }
    SECTION("from a timer") { loop.setTimer(dispatch, 1, false); }
    SECTION("from an async function") {
        loop.post([&] {
            async([&]() -> Promise<> {
                co_await Promise<>::resolve();
                dispatch();
            });
        });
    }
    SECTION("from the destructor of a task's closure") {
        loop.post([end = AtEnd(dispatch)] {});
    }
    SECTION("from the destructor of a timer's closure") {
        loop.setTimer([end = AtEnd(dispatch)] {}, 1, false);
    }
    SECTION("from the destructor of a microtask's closure") {
        loop.queueMicrotask([end = AtEnd(dispatch)] {});
    }
    SECTION("from outside the loop") { dispatch(); }
    SECTION("from a listener of an event that the loop fires") {
        loop.setTimer(
            [&] {
                Fires fires;
                fires.addEventListener("y", dispatch);
                Event event("y");
                fires.fire(event);
            },
            1, false);
    }
    turnUntilDry(loop);
    CHECK(log == "1 2 microtask");
}

namespace {

/// Fires an event at a target, as the library does.
struct FireStep : loop::HostStep {
    explicit FireStep(Fires& at) : target(&at) {}
    void operator()() const {
        Event event("x", {.cancelable = true});
        result = target->fire(event);
    }
    Fires* target;
    static inline bool result = true;
};

}

TEST_CASE("microtasks run between two listeners of an event that the loop fires") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Fires target;
    for (const int number : {1, 2}) {
        target.addEventListener("x", [&, number](Event& event) {
            log("listener", number, event.isTrusted());
            loop.queueMicrotask([&, number] {
                log("microtask", number);
                loop.queueMicrotask([&, number] { log("deeper", number); });
            });
        });
    }
    loop.setTimer(FireStep(target), 1, false);
    loop.setTimer([&] { log("next task"); }, 1, false);
    turnUntilDry(loop);
    CHECK(log == "listener1true microtask1 deeper1 listener2true microtask2 deeper2 next task");
}

TEST_CASE("microtasks run behind a listener that throws in an event that the loop fires") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    Fires target;
    target.addEventListener("x", [&] {
        loop.queueMicrotask([&] { log("microtask"); });
        throw Error("no");
    });
    target.addEventListener("x", [&] { log("next"); });
    loop.setTimer(FireStep(target), 1, false);
    turnUntilDry(loop);
    CHECK(log == "reported:Error: no microtask next");
}

TEST_CASE("a microtask between two listeners may remove the second and destroy the target") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    auto target = std::make_unique<Fires>();
    SECTION("the second") {
        const EventListener second = target->addEventListener("y", [&] { log("never"); });
        target->addEventListener("x", [&, second] {
            log("first");
            loop.queueMicrotask([&, second] { target->removeEventListener("x", second); });
        });
        target->addEventListener("x", second);
    }
    SECTION("the target") {
        target->addEventListener("x", [&] {
            log("first");
            loop.queueMicrotask([&] { target = nullptr; });
        });
        target->addEventListener("x", [&] { log("never"); });
    }
    loop.setTimer(FireStep(*target), 1, false);
    turnUntilDry(loop);
    CHECK(log == "first");
}

TEST_CASE("an awaited event is seen in a microtask behind its dispatch") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    EventTarget target;
    loop.run([&] {
        async([&]() -> Promise<> {
            const Promise<int> once([&](auto resolve) {
                target.addEventListener("go", [resolve](CustomEvent<int>& event) { resolve(event.detail()); },
                                        {.once = true});
            });
            const int number = co_await once;
            log("got", number);
        });
        loop.setTimer(
            [&] {
                target.dispatchEvent(CustomEvent("go", 1));
                log("dispatched");
                target.dispatchEvent(CustomEvent("go", 2));
            },
            1, false);
    });
    CHECK(log == "dispatched got1");
}

// Loops.

TEST_CASE("targets and events need no loop") {
    int calls = 0;
    EventTarget target;
    AbortController controller;
    target.addEventListener("x", [&] { ++calls; }, {.signal = controller.signal()});
    target.dispatchEvent(Event("x"));
    controller.abort();
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("a target outlives the loop in which its listeners were added") {
    int calls = 0;
    EventTarget target;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] { target.addEventListener("x", [&] { ++calls; }); });
    }
    target.dispatchEvent(Event("x"));
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] { target.dispatchEvent(Event("x")); });
    }
    CHECK(calls == 2);
}

TEST_CASE("a listener may destroy a loop that is not running") {
    Journal log;
    auto loop = std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true});
    EventTarget target;
    target.addEventListener("x", [&] { loop = nullptr; });
    target.addEventListener("x", [&] { log("next"); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "next");
}

TEST_CASE("a listener without a loop may make one and run it") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] {
        EventLoop loop({.virtualTime = true});
        Fires fires;
        fires.addEventListener("x", [&] {
            log("1");
            loop.queueMicrotask([&] { log("microtask"); });
        });
        fires.addEventListener("x", [&] { log("2"); });
        loop.setTimer(FireStep(fires), 1, false);
        turnUntilDry(loop);
    });
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 microtask 2");
}

// Memory.

TEST_CASE("adding a listener without memory throws and changes nothing") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        Counted::reset();
        int calls = 0;
        {
            Fires target;
            AbortController controller;
            source.failAfter(successes);
            bool added = true;
            try {
                target.addEventListener("x", [&, counted = Counted(1)] { ++calls; }, {.signal = controller.signal()});
            } catch (const std::bad_alloc&) {
                added = false;
            }
            source.disarm();
            CHECK(added == !source.failed());
            CHECK(target.hasListeners() == added);
            CHECK(Counted::alive == (added ? 1 : 0));
            target.dispatchEvent(Event("x"));
            CHECK(calls == (added ? 1 : 0));
            controller.abort();
            CHECK_FALSE(target.hasListeners());
        }
        CHECK(Counted::alive == 0);
    });
    CHECK(allocations >= 3);
}

TEST_CASE("setting an event handler without memory throws and keeps the one before") {
    failEachAllocation([](FailingSource& source, int successes) {
        Journal log;
        EventTarget target;
        target.eventHandler("x", [&] { log("old"); });
        source.failAfter(successes);
        bool set = true;
        try {
            target.eventHandler("x", [&] { log("new"); });
        } catch (const std::bad_alloc&) {
            set = false;
        }
        source.disarm();
        target.dispatchEvent(Event("x"));
        CHECK(log == (set ? "new" : "old"));
    });
}

TEST_CASE("dispatching without memory throws and has called nobody") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        Journal log;
        Node root;
        Node middle(&root);
        Node leaf(&middle);
        leaf.addEventListener("x", [&] { log("leaf"); });
        root.addEventListener("x", [&] { log("root"); }, true);
        Event event("x");
        source.failAfter(successes);
        bool dispatched = true;
        try {
            leaf.dispatchEvent(event);
        } catch (const std::bad_alloc&) {
            dispatched = false;
        }
        source.disarm();
        CHECK(log == (dispatched ? "root leaf" : ""));
        CHECK((event.target() != nullptr) == dispatched);
        CHECK(event.composedPath().empty());
        log.clear();
        leaf.dispatchEvent(event);
        CHECK(log == "root leaf");
    });
    CHECK(allocations >= 2);
}

TEST_CASE("dispatching to a target without parents takes no memory") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        EventTarget target;
        for (int i = 0; i < 10; ++i) target.addEventListener("x", [] {});
        const int before = source.allocations();
        for (int i = 0; i < 10; ++i) target.dispatchEvent(Event("x"));
        CHECK(source.allocations() == before);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("adding and removing and dispatching in a steady state takes no memory") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        Node root;
        Node target(&root);
        target.addEventListener("y", [] {});
        root.addEventListener("y", [] {});
        AbortController controller;
        CHECK(blocksTakenInSteadyState(source, [&] {
                  const EventListener handle = target.addEventListener("x", [] {}, {.signal = controller.signal()});
                  target.addEventListener("x", [] {}, {.once = true});
                  target.dispatchEvent(Event("x"));
                  target.removeEventListener("x", handle);
              }) == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a hundred thousand closures are added and removed each at once") {
    constexpr std::size_t count = 100'000;
    EventTarget target;
    AbortController controller;
    std::vector<EventListener> handles;
    handles.reserve(count);
    std::size_t calls = 0;
    for (std::size_t i = 0; i < count; ++i) {
        handles.push_back(target.addEventListener("x", [&] { ++calls; }, {.signal = controller.signal()}));
    }
    target.dispatchEvent(Event("x"));
    CHECK(calls == count);
    for (std::size_t i = 0; i < count; i += 2) target.removeEventListener("x", handles[i]);
    for (std::size_t i = count; i-- > 1; i -= 1) target.removeEventListener("x", handles[i]);
    target.dispatchEvent(Event("x"));
    CHECK(calls == count);
    for (const EventListener& handle : handles) target.addEventListener("x", handle);
    controller.abort();
    target.dispatchEvent(Event("x"));
    CHECK(calls == 2 * count);
}

TEST_CASE("a hundred thousand listeners are removed by their signal inside of the dispatch") {
    constexpr std::size_t count = 100'000;
    EventTarget target;
    AbortController controller;
    std::size_t calls = 0;
    target.addEventListener("x", [&] { controller.abort(); });
    for (std::size_t i = 0; i < count; ++i) {
        target.addEventListener("x", [&] { ++calls; }, {.signal = controller.signal()});
    }
    target.dispatchEvent(Event("x"));
    CHECK(calls == 0);
}

TEST_CASE("a thousand objects are added and removed by their address") {
    constexpr std::size_t count = 1'000;
    EventTarget target;
    std::vector<Handler> handlers(count);
    for (Handler& handler : handlers) target.addEventListener("x", &handler);
    target.dispatchEvent(Event("x"));
    CHECK(handlers.back().calls == 1);
    for (std::size_t i = count; i-- > 0;) target.removeEventListener("x", &handlers[i]);
    target.dispatchEvent(Event("x"));
    CHECK(handlers.back().calls == 1);
}
