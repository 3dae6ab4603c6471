// SPDX-License-Identifier: MIT

// What the floors above promises leave behind at the end of a loop.

#include "support/catch.hpp"
#include "support/loop_ends.hpp"

#include <rondo/rondo.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

AsyncGenerator<int, int> numbers(Promise<int> promise, Counted parameter = Counted()) {
    const Counted local;
    co_yield 1;
    co_yield promise;
    const int value = co_await promise;
    co_yield value + parameter.value;
    co_return 4;
}

AsyncGenerator<int> awaiting(Promise<int> promise, Counted = Counted()) {
    const Counted local;
    const int value = co_await promise;
    co_yield value;
}

AsyncGenerator<int> lateReturn(Promise<int> promise) {
    const Counted local;
    try {
        co_yield 1;
    } catch (const ReturnCompletion&) {
        // There is no co_await in a catch.
    }
    co_await promise;
    co_yield 2;
}

AsyncGenerator<int> through(AsyncGenerator<int, int> inner) {
    const Counted local;
    co_yield elementsOf(inner);
}

AsyncGenerator<int> twice(AsyncGenerator<int> inner) {
    const Counted local;
    while (auto step = co_await inner.next()) co_yield *step;
}

Promise<> consume(AsyncGenerator<int, int> generator) {
    const Counted local;
    while (auto step = co_await generator.next()) {
        const Counted counted(*step);
    }
}

Promise<> hears(EventTarget& target, Counted = Counted()) {
    const Counted local;
    auto heard = eventsOf(target, "note", [c = Counted()] { return Counted(); });
    while (auto step = co_await heard.next()) {
        const Counted counted(*step);
    }
}

Promise<> hearsItself() {
    const Counted local;
    EventTarget target;
    auto heard = eventsOf(target, "note", [c = Counted()] { return Counted(); });
    heard.next().then([c = Counted()](const IteratorResult<Counted>&) {});
    target.dispatchEvent(Event("note"));
    target.dispatchEvent(Event("note"));
    co_await heard.next();
    co_await heard.next();
}

struct Resource {
    Promise<int> promise;
    Counted counted{};
    Promise<> disposeAsync() {
        const Counted local;
        co_await promise;
    }
};

Promise<> usesResources(AsyncDisposableStack& stack, Promise<int> promise, bool ends) {
    stack.use(Resource{promise});
    stack.adopt(Counted(), [promise](Counted&) -> Promise<> {
        const Counted local;
        const auto kept = promise;
        co_await kept;
    });
    stack.defer([c = Counted()] {});
    if (!ends) co_await promise;
}

const std::vector<WayToWait> iterations{
    {"generators that have not begun",
     [](Outside& outside) {
         numbers(outside.promise());
         outside.keep(numbers(outside.promise()));
         outside.keep(through(numbers(outside.promise())));
     }},
    {"generators at a yield",
     [](Outside& outside) {
         outside.keep(numbers(outside.promise())).next();
         outside.keep(through(numbers(outside.promise()))).next();
         numbers(outside.promise()).next().then([c = Counted()](const IteratorResult<int, int>&) {});
     }},
    {"generators that yield a promise",
     [](Outside& outside) {
         auto& generator = outside.keep(numbers(outside.promise()));
         generator.next();
         outside.keep(generator.next());
     }},
    {"generators that await",
     [](Outside& outside) {
         auto& generator = outside.keep(awaiting(outside.promise()));
         generator.next();
         outside.keep(generator.next());
         awaiting(outside.promise()).next();
         awaiting(Promise<int>::withResolvers().promise).next();
     }},
    {"generators with requests of each kind",
     [](Outside& outside) {
         for (const bool begins : {true, false}) {
             auto& generator = outside.keep(numbers(outside.promise()));
             if (begins) generator.next();
             generator.return_(outside.promise()).then([c = Counted()](const IteratorResult<int, int>&) {});
             generator.return_(5);
             generator.throw_(Counted());
             generator.next();
         }
     }},
    {"generators that do not want to return",
     [](Outside& outside) {
         auto& generator = outside.keep(lateReturn(outside.promise()));
         generator.next();
         generator.return_();
         generator.next();
     }},
    {"generators in generators",
     [](Outside& outside) {
         auto& inner = outside.keep(twice(twice(through(numbers(outside.promise())))));
         inner.next();
         inner.next();
         inner.return_();
         consume(numbers(outside.promise()));
     }},
    {"a generator that holds itself",
     [](Outside& outside) {
         auto own = std::make_shared<AsyncGenerator<int>>();
         *own = async(
             [own](Promise<int> promise) -> AsyncGenerator<int> {
                 const Counted local;
                 const auto self = own;
                 co_yield 1;
                 const int value = co_await promise;
                 co_yield value;
             },
             outside.promise());
         own->next();
         own->next();
     }},
    {"closures of generators",
     [](Outside& outside) {
         auto& kept = outside.keep(async(
             [c = Counted()](Promise<int> promise, Counted) -> AsyncGenerator<int> {
                 const Counted local;
                 const int value = co_await promise;
                 co_yield value;
             },
             outside.promise(), Counted()));
         kept.next();
     }},
    {"loops over generators",
     [](Outside& outside) {
         forAwait(numbers(outside.promise()), [c = Counted()](int) {});
         forAwait(numbers(outside.promise()), [c = Counted()](int) { return false; });
         forAwait(std::vector{Promise<>::resolve(1), outside.promise()}, [c = Counted()](int) -> Promise<> {
             const Counted local;
             const auto tick = Promise<>::resolve();
             co_await tick;
         });
         fromAsync(awaiting(outside.promise()));
         outside.keep(fromAsync(numbers(outside.promise()), [c = Counted()](int) { return Counted(); }));
     }},
    {"iterators over events",
     [](Outside& outside) {
         auto& target = outside.make<EventTarget>();
         hears(target);
         hearsItself();
         auto& heard = outside.keep(eventsOf(target, "note", [c = Counted()] { return 1; }));
         heard.next();
         forAwait(eventsOf(target, "note"), [c = Counted()](std::monostate) {});
         queueMicrotask([&target, c = Counted()] { target.dispatchEvent(Event("note")); });
     }},
    {"iterators over events with a signal",
     [](Outside& outside) {
         auto& target = outside.make<EventTarget>();
         auto& controller = outside.make<AbortController>();
         auto& heard =
             outside.keep(eventsOf(target, "note", [c = Counted()] { return 1; }, {.signal = controller.signal()}));
         heard.next().catch_([c = Counted()] { return IteratorResult<int>::finished(); });
         outside.keep(AtEnd([&controller] { controller.abort(Counted()); }));
         queueMicrotask([end = AtEnd([&controller] { controller.abort(Counted()); })] {});
     }},
    {"stacks of resources in use",
     [](Outside& outside) {
         auto use = [p = outside.promise()](AsyncDisposableStack& stack) {
             const auto promise = p;
             return usesResources(stack, promise, false);
         };
         usingAsync(use);
         outside.keep(usingAsync(use));
     }},
    {"stacks of resources that are disposed of",
     [](Outside& outside) {
         usingAsync([p = outside.promise()](AsyncDisposableStack& stack) { return usesResources(stack, p, true); });
         auto& stack = outside.keep(AsyncDisposableStack());
         stack.use(Resource{outside.promise()});
         stack.use(numbers(outside.promise())).next();
         stack.disposeAsync();
         outside.keep(AsyncDisposableStack()).defer([c = Counted()] {});
     }},
};

Promise<> waitsForTheEnd(AbortSignal signal, Counted = Counted()) {
    const Counted local;
    const auto pending = delay(1000, {.signal = signal});
    co_await pending;
}

const std::vector<WayToWait> listeners{
    {"listeners of targets inside and outside",
     [](Outside& outside) {
         auto& target = outside.make<EventTarget>();
         auto body = [p = outside.promise(), c = Counted()](Event&) -> Promise<> {
             const Counted local;
             const auto promise = p;
             co_await promise;
         };
         outside.keep(target.addEventListener("note", body));
         target.addEventListener("note", [&target, c = Counted()] { target.removeEventListener("note", nullptr); },
                                 {.once = true});
         target.dispatchEvent(Event("note"));
         async(
             [body](Promise<int> promise) -> Promise<> {
                 EventTarget inside;
                 inside.addEventListener("note", body);
                 inside.dispatchEvent(Event("note"));
                 co_await promise;
             },
             outside.promise());
     }},
    {"listeners of the global object",
     [](Outside&) {
         globalThis.addEventListener("error", [c = Counted()] {});
         globalThis.onerror([c = Counted()] { return true; });
         globalThis.addEventListener("own", [end = AtEnd([c = Counted()] {
                                                 globalThis.addEventListener("later", [d = Counted()] {});
                                                 globalThis.dispatchEvent(Event("later"));
                                             })] {});
     }},
    {"listeners of signals",
     [](Outside& outside) {
         auto& kept = outside.make<AbortController>();
         kept.signal().addEventListener("abort", [signal = kept.signal(), c = Counted()] {});
         const auto inside = std::make_shared<AbortController>();
         inside->signal().addEventListener("abort", [inside, c = Counted()] {});
         const AbortController lost;
         lost.signal().onabort([signal = lost.signal(), c = Counted()] {});
         outside.keep(AbortSignal(lost.signal()));
         const AbortSignal aborted = AbortSignal::abort(Counted());
         aborted.addEventListener("abort", [aborted, c = Counted()] {});
     }},
    {"signals of timeouts",
     [](Outside& outside) {
         AbortSignal::timeout(1).addEventListener("abort", [c = Counted()] {});
         AbortSignal::timeout(1000).addEventListener("abort", [c = Counted()] {});
         auto& kept = outside.keep(AbortSignal::timeout(1000));
         kept.onabort([signal = kept, c = Counted()] {});
         waitsForTheEnd(AbortSignal::timeout(1));
         waitsForTheEnd(kept);
     }},
    {"signals that depend on others",
     [](Outside& outside) {
         auto& controller = outside.make<AbortController>();
         const AbortSignal both = AbortSignal::any(controller.signal(), AbortSignal::timeout(1000));
         both.addEventListener("abort", [both, c = Counted()] {});
         const AbortSignal all =
             AbortSignal::any(both, AbortSignal::timeout(2), outside.keep(AbortSignal::timeout(1000)));
         waitsForTheEnd(all);
         outside.keep(AbortSignal::any(all, both));
         queueMicrotask([both, end = AtEnd([&controller] { controller.abort(Counted()); })] {});
     }},
    {"what a signal ends",
     [](Outside& outside) {
         auto& controller = outside.make<AbortController>();
         waitsForTheEnd(controller.signal());
         auto& target = outside.make<EventTarget>();
         target.addEventListener("note", [c = Counted()] {}, {.signal = controller.signal()});
         target.addEventListener("note", [c = Counted()] {}, {.signal = AbortSignal::timeout(1)});
         setTimeout([end = AtEnd([&controller] { controller.abort(Counted()); })] {}, 3);
         outside.keep(AtEnd([&controller] { controller.abort(Counted()); }));
     }},
    {"controllers in the listeners of each other's signals",
     [](Outside&) {
         auto a = std::make_shared<AbortController>();
         auto b = std::make_shared<AbortController>();
         a->signal().addEventListener("abort", [b, c = Counted()] { b->abort(); });
         b->signal().addEventListener("abort", [a, c = Counted()] { a->abort(); });
     }},
};

const std::vector<WayToWait> hosts{
    {"completions that nobody settles",
     [](Outside& outside) {
         auto& completion = outside.keep(Completion<int>({.holdsTime = false}));
         completion.promise().then([c = Counted()](int) {});
         auto& controller = outside.make<AbortController>();
         auto& aborted = outside.keep(Completion<int>({.holdsTime = false, .signal = controller.signal()}));
         aborted.promise().then([c = Counted()](int) {}, [c = Counted()] {});
         async(
             [](Promise<int> promise, Counted, Completion<int>) -> Promise<> {
                 const Counted local;
                 co_await promise;
             },
             completion.promise(), Counted(), Completion<int>({.holdsTime = false}));
     },
     true},
    {"completions that are settled or given up",
     [](Outside& outside) {
         Completion<Counted> settled;
         settled.promise().then([c = Counted()](const Counted&) {});
         settled.resolve(1);
         Completion<Counted> lost;
         lost.promise().then([c = Counted()](const Counted&) {});
         auto& later = outside.keep(Completion<Counted>({.holdsTime = false}));
         later.promise().catch_([c = Counted()](std::exception_ptr) { return Counted(); });
         setTimeout([&later, c = Counted()] { later.reject(Counted()); }, 1);
     }},
    {"completions that another thread has settled",
     [](Outside&) {
         Completion<std::string> completion;
         completion.promise().then([c = Counted()](const std::string&) {});
         std::thread([completion = std::move(completion)]() mutable { completion.resolve("from afar"); }).join();
     }},
    {"calls on other threads",
     [](Outside& outside) {
         for (int i = 0; i < 3; ++i) offload([](int n) { return n; }, i).then([c = Counted()](int) {});
         offload([] { throw std::runtime_error("no"); }).catch_([c = Counted()] {});
         outside.keep(offload([](std::string text) { return text; }, std::string(100, 'x')));
     }},
    {"calls that wait to be stopped",
     [](Outside& outside) {
         auto& controller = outside.make<AbortController>();
         const auto untilStopped = [](std::stop_token token) {
             while (!token.stop_requested()) std::this_thread::yield();
         };
         for (int i = 0; i < 4; ++i) { // more than run at once
             offload({.holdsTime = false, .signal = controller.signal()}, untilStopped).finally([c = Counted()] {});
         }
         outside.keep(offload({.holdsTime = false}, untilStopped));
         outside.keep(AtEnd([&controller] { controller.abort(); }));
     },
     true},
    {"signals of the process",
     [](Outside& outside) {
         onSignal(SIGUSR1, [c = Counted()] {}).unref();
         const auto& handle = outside.keep(onSignal(SIGUSR1, [p = outside.promise(), c = Counted()]() -> Promise<> {
             const Counted local;
             co_await p;
         }));
         handle.unref();
         outside.keep(AtEnd([&handle] { handle.stop(); }));
     }},
    {"what the console and the timeline keep",
     [](Outside&) {
         console.time("a");
         performance.mark("a");
         performance.measure("b", "a");
         setTimeout([end = AtEnd([c = Counted()] { performance.mark("c"); })] {}, 1);
         globalThis.addEventListener("error", [end = AtEnd([c = Counted()] { console.time("d"); })] {});
     }},
};

}

TEST_CASE("whatever iterates is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(iterations) == ""); }

TEST_CASE("whatever listens is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(listeners) == ""); }

TEST_CASE("whatever waits for the host is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(hosts) == ""); }
