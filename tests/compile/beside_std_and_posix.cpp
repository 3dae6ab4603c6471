// compiles
// SPDX-License-Identifier: MIT

// What a program may have included, and opened, before it meets us; and every name of ours that it can use.

#include <rondo/rondo.hpp>

#include <any>
#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <ranges>
#include <string>
#include <unistd.h>
#include <variant>
#include <vector>

using namespace std;
using namespace rondo;

Promise<int> one() { co_return 1; }
Promise<int> with(string text) { co_return static_cast<int>(text.size()); }

Promise<> everything() {
    Promise<int> p([](auto resolve, auto) { resolve(1); });
    Promise<int> q = async(one);
    Promise<int> r = async(with, "text");
    const auto number = 2;
    Promise<int> kept = async([number]() -> Promise<int> { co_return number; });
    future<int> theirs = async([] { return 1; });
    future<int> theirsToo = std::async(launch::deferred, [] { return 1; });
    const auto w = Promise<int>::withResolvers();
    w.resolve(1);
    w.reject(TypeError("no"));
    auto [promise, resolve, reject] = Promise<string>::withResolvers();
    resolve("text");
    const auto all = Promise<>::all(p, q, Promise<>::resolve());
    const auto settled = Promise<>::allSettled(vector<Promise<int>>{p, q});
    const Promise<variant<int, string>> any = Promise<>::any(p, promise);
    const Promise<int> race = Promise<int>::race(r, kept);
    const auto tried = Promise<>::try_(one);
    p.then([](int) {}, [](exception_ptr) {}).catch_([](const Error&) {}).finally([] {});
    const SettledResult<int> result = co_await p.settled();
    console.log(result.fulfilled(), result.status(), result.value(), p == q, p.state() == PromiseState::pending);
    console.error(exception_ptr(), RangeError("r").name(), DOMException("gone", "AbortError").code());
    const TimerHandle timer = setTimeout([](string) {}, 10ms, "text");
    timer.unref();
    clearTimeout(timer);
    clearInterval(setInterval([] {}, 5));
    queueMicrotask([] {});
    co_await rondo::delay(1ms);
    const int answer = co_await offload([] { return 42; });
    Completion<int> completion({.holdsTime = false});
    completion.resolve(answer);
    ThreadPool pool({.threads = 1, .name = "pool", .capacity = 8, .whenDestroyed = QueuedJobs::drop});
    console.log(performance.now() > 0, pool.size(), EventLoop::hasCurrent(), EventLoop::current().alive());
    static_cast<void>(theirs.get() + theirsToo.get());
}

class Button : public EventTarget {
public:
    template <class F>
    void onclick(F&& f) {
        eventHandler("click", std::forward<F>(f));
    }
};

void listener(Event& event) { event.stopPropagation(); }

Promise<> theRest() {
    AbortController controller;
    const AbortSignal& signal = controller.signal();
    const AbortSignal either = AbortSignal::any(signal, AbortSignal::timeout(5s));
    Button button;
    button.onclick([](Event& event) { event.preventDefault(); });
    const EventListener added = button.addEventListener("click", [] {}, {.once = true, .signal = signal});
    button.addEventListener("click", listener, AddEventListenerOptions{.capture = true, .passive = true});
    button.addEventListener("click", [](CustomEvent<string>& event) { event.detail().clear(); }, true);
    button.removeEventListener("click", added);
    button.removeEventListener("click", listener, {.capture = true});
    Event event("click", {.bubbles = true, .cancelable = true});
    console.info(button.dispatchEvent(event), event.type(), event.eventPhase() == Event::NONE);
    button.dispatchEvent(CustomEvent("note", "text"));
    signal.onabort([] {});
    signal.throwIfAborted();
    globalThis.addEventListener("error", [](ErrorEvent& e) { console.warn(e.message(), e.lineno(), e.error()); });
    EventLoop::current().globalThis().onunhandledrejection([](PromiseRejectionEvent& e) {
        const AnyPromise promise = e.promise();
        promise.catch_([] {});
    });
    reportError(TypeError("reported"));
    const SignalHandle handle = onSignal(SIGINT, [] {});
    handle.unref();
    handle.stop();
    const auto waiting = rondo::delay(1h, {.signal = signal});
    const auto called = offload({.signal = either}, [] { return 1; });
    Completion<> completion({.holdsTime = false, .signal = signal});
    controller.abort(Error("why"));
    const auto settled = co_await waiting.settled();
    for (const SuspendedFunction& function : EventLoop::current().pending()) console.debug(function);
    const PerformanceMark mark = performance.mark("mark", {.startTime = 1});
    const PerformanceMeasure measure = performance.measure("measure", "mark");
    console.table(vector{array{1, 2}});
    console.log("%s", mark.startTime() + measure.duration() + performance.timeOrigin(), settled, called);
}

int main() {
    EventLoop loop({.virtualTime = true, .clampNestedTimers = true});
    loop.onWake([] {});
    loop.post([] {});
    loop.poll();
    static_cast<void>(loop.nextDeadline());
    const int value = loop.runUntilSettled(one);
    loop.stop();
    return loop.run(everything) + loop.run(theRest) + value;
}
