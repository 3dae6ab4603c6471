// SPDX-License-Identifier: MIT
#include "../support/written.hpp"
#include "program.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// What is attacked here, in the order of the headers: events/event.hpp, error_events.hpp, event_target.hpp,
// abort_signal.hpp, global_scope.hpp.

namespace {

/// Types of events that lie in place, and outside.
constexpr const char* types[] = {"click", longText};

struct Child : EventTarget {
    explicit Child(EventTarget& above) noexcept : parent_(above) {}

private:
    EventTarget* parent(const Event&) noexcept override { return &parent_; }
    EventTarget& parent_;
};

struct Button : EventTarget {
    template <class F>
    void onclick(F&& f) {
        eventHandler("click", std::forward<F>(f));
    }
};

struct Handler {
    explicit Handler(Program& of) noexcept : program(of) {}
    void handleEvent(Event&) { program.log("handler"); }
    Program& program;
};

}

TEST_CASE("memory may end while an event is made") {
    forEachFailure(onLoop([](Program& program) {
        const auto error = std::make_exception_ptr(Error("error"));
        for (const char* type : types) {
            program.attempt([&] { program.log(Event(type, {.cancelable = true}).cancelable()); });
            program.attempt([&] { program.log(Program::shown(CustomEvent(type, longText).detail())); });
            program.attempt(
                [&] { program.log(ErrorEvent(type, error, {.message = longText, .filename = longText}).lineno()); });
        }
    }));
}

TEST_CASE("memory may end while listeners are added and called") {
    forEachFailure(onLoop([](Program& program) {
        const auto target = program.attempt([] { return std::make_unique<Button>(); });
        Child child(*target);
        Handler handler(program);
        const AbortController controller = program.attempt([] { return AbortController(); });
        const AbortSignal& signal = controller.signal();
        for (const char* type : types) {
            program.attempt([&] { target->addEventListener(type, logging(program, "closure")); });
            program.attempt([&] { target->addEventListener(type, logging<Event&>(program, "once"), {.once = true}); });
            program.attempt([&] { target->addEventListener(type, logging<Event&>(program, "capture"), true); });
            program.attempt([&] { target->addEventListener(type, &handler, {.passive = true}); });
            program.attempt([&] { target->addEventListener(type, &handler, {.passive = true}); }); // ignored
            program.attempt([&] { target->addEventListener(type, logging<CustomEvent<int>&>(program, "another")); });
            program.attempt([&] { target->addEventListener(type, logging(program, "signal"), {.signal = signal}); });
            program.attempt([&] {
                target->addEventListener(type, [&program, text = std::string(longText)](Event&) -> Promise<> {
                    co_await Promise<>::resolve();
                    program.log("function:", Program::shown(text));
                });
            });
            program.attempt([&] { child.addEventListener(type, logging(program, "child")); });
        }
        program.attempt([&] { target->onclick(logging(program, "first")); });
        program.attempt([&] { target->onclick(logging(program, "onclick")); });
        const auto removed =
            program.attempt([&] { return target->addEventListener("click", logging(program, "removed")); });
        program.attempt([&] { target->addEventListener(longText, removed); });
        target->removeEventListener("click", removed);
        for (const char* type : types) {
            program.attempt([&] {
                Event event(type, {.bubbles = true});
                program.attempt([&] { child.dispatchEvent(event); });
            });
            program.attempt([&] { target->dispatchEvent(Event(type)); });
        }
        target->removeEventListener("click", &handler);
    }));
}

TEST_CASE("memory may end while the path of an event is asked for") {
    forEachFailure(onLoop([](Program& program) {
        EventTarget target;
        Child child(target);
        program.attempt([&] {
            target.addEventListener("click", [&](Event& event) {
                program.log("path", program.attempt([&] { return event.composedPath(); }).size());
            });
        });
        program.attempt([&] { child.dispatchEvent(Event("click", {.bubbles = true})); });
        program.attempt([&] {
            target.addEventListener("again", [&](Event& event) {
                try {
                    program.attempt([&] { target.dispatchEvent(event); });
                } catch (const DOMException& refused) {
                    program.log(refused.name());
                }
            });
        });
        program.attempt([&] { target.dispatchEvent(Event("again")); });
    }));
}

TEST_CASE("memory may end while a signal is made and aborted") {
    forEachFailure(onLoop([](Program& program) {
        const auto listen = [&](const AbortSignal& signal, const char* entry) {
            program.attempt([&] { signal.addEventListener("abort", logging(program, entry)); });
            program.attempt([&] { signal.onabort(logging(program, entry)); });
        };
        AbortController one = program.attempt([] { return AbortController(); });
        AbortController two = program.attempt([] { return AbortController(); });
        listen(one.signal(), "one");
        const auto any = program.attempt([&] { return AbortSignal::any(one.signal(), two.signal()); });
        listen(any, "any");
        const auto inputs = program.attempt([&] { return std::list<AbortSignal>{any, two.signal()}; });
        const auto ofRange = program.attempt([&] { return AbortSignal::any(inputs); });
        listen(ofRange, "range");
        const auto timeout = program.attempt([] { return AbortSignal::timeout(5); });
        listen(timeout, "timeout");
        const auto late = program.attempt([&] { return AbortSignal::any({timeout, two.signal()}); });
        program.attempt([&] {
            late.addEventListener("abort", [&program, late] { program.log("late:", Program::nameOf(late.reason())); });
        });
        program.attempt([&] { one.abort(); }, [&] { return !one.signal().aborted() && !any.aborted(); });
        program.log(Program::nameOf(ofRange.reason()));
        program.attempt([&] { program.log(Program::nameOf(AbortSignal::abort().reason())); });
        program.attempt([&] { program.log(Program::nameOf(AbortSignal::abort(Error(longText)).reason())); });
        AbortController three = program.attempt([] { return AbortController(); });
        program.attempt([&] { three.abort(Error(longText)); }, [&] { return !three.signal().aborted(); });
        try {
            three.signal().throwIfAborted();
        } catch (const Error&) {
            program.log("three:", Program::nameOf(std::current_exception()));
        }
    }));
}

TEST_CASE("memory may end while errors and rejections are told of") {
    const Redirected said(stderr);
    forEachFailure(onLoop([](Program& program) {
        program.attempt([&] {
            globalThis.addEventListener("error", [&program, text = std::string(longText)](ErrorEvent& event) {
                program.log("reported:", Program::nameOf(event.error()));
                event.preventDefault();
            });
        });
        const auto rejected = program.attempt([] { return Promise<>::reject(Error("handledLate")); });
        program.attempt([&] {
            globalThis.onunhandledrejection([&program](PromiseRejectionEvent& event) {
                program.log("unhandled:", Program::nameOf(event.reason()));
                event.preventDefault();
            });
        });
        program.attempt([&] {
            globalThis.onrejectionhandled(
                [&program](PromiseRejectionEvent& event) { program.log("handled:", Program::nameOf(event.reason())); });
        });
        program.attempt([&] { globalThis.onerror(logging<ErrorEvent&>(program, "reported:onerror")); });
        program.attempt([] { reportError(Error(longText)); });
        program.attempt([] { Promise<>::reject(TypeError("rejected")); });
        program.attempt([] { queueMicrotask([text = std::string(longText)] { throw Error("microtask"); }); });
        program.attempt([&] {
            setTimeout([&program, rejected] {
                program.attempt([&] { rejected.catch_([] {}); }, [&] { return !rejected.ref()->handled(); });
            });
        });
        program.attempt([] {
            setTimeout([text = std::string(longText)]() -> Promise<> {
                co_await Promise<>::resolve();
                throw Error("coroutine");
            });
        });
    }));
}
