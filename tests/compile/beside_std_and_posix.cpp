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

AsyncGenerator<int, string> countTo(int last) {
    for (int i = 0; i < last; ++i) co_yield i;
    co_yield Promise<int>::resolve(last);
    auto range = vector<int>{1, 2};
    co_yield elementsOf(range);
    if (last == 0) co_return "none";
    auto inner = co_yield elementsOf(countTo(0));
    co_return inner ? *inner : "none";
}

AsyncGenerator<int> untilReturned() {
    try {
        co_yield 1;
    } catch (const ReturnCompletion&) {
        throw;
    }
}

struct Resource {
    Promise<> disposeAsync() { co_return; }
};

Promise<> iterate() {
    auto g = countTo(3);
    while (auto step = co_await g.next()) console.log(*step, step.value(), step.done());
    IteratorResult<int, string> last = co_await g.return_("end");
    console.log(last, *last.returned(), g);
    auto thrown = g.throw_(Error("late"));
    co_await thrown.settled();
    auto h = untilReturned();
    co_await h.next();
    co_await h.return_();
    co_await forAwait(countTo(1), [](int v) -> Promise<bool> { co_return v < 10; });
    const vector<int> range{1, 2};
    co_await forAwait(range, [](int v) { console.log(v); });
    const vector<int> all = co_await fromAsync(countTo(2), [](int v, size_t at) { return v + static_cast<int>(at); });
    EventTarget target;
    AbortController controller;
    EventIterator<string> types =
        eventsOf(target, "click", [](Event& event) { return string(event.type()); }, {.signal = controller.signal()});
    target.dispatchEvent(Event("click"));
    co_await types.next();
    AsyncDisposableStack stack;
    Resource& resource = stack.use(Resource());
    stack.adopt(resource, [](Resource&) {});
    stack.defer([] {});
    AsyncDisposableStack other = stack.move();
    co_await other.disposeAsync();
    auto block = usingAsync([](AsyncDisposableStack& of) -> Promise<bool> { co_return of.disposed(); });
    co_await block;
}

int main() {
    EventLoop loop({.virtualTime = true, .clampNestedTimers = true});
    loop.onWake([] {});
    loop.post([] {});
    loop.poll();
    static_cast<void>(loop.nextDeadline());
    const int value = loop.runUntilSettled(one);
    loop.stop();
    return loop.run(everything) + loop.run(theRest) + loop.run(iterate) + value;
}
