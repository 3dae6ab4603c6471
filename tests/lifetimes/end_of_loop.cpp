// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/loop_ends.hpp"

#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

Promise<int> waitFor(Promise<int> promise, Counted parameter = Counted()) {
    const Counted local;
    const int value = co_await promise;
    co_return value + parameter.value;
}

Promise<int> chainOf(int links, Promise<int> promise) {
    const Counted local;
    if (links == 0) co_return co_await promise;
    auto inner = chainOf(links - 1, promise);
    const int value = co_await inner;
    co_return value;
}

Promise<int> returns(Promise<int> promise, Counted) { co_return promise; }

Promise<Counted> counted(Promise<int> promise) {
    co_await promise;
    co_return Counted();
}

Promise<> waitsInAHandler(Promise<int> promise) {
    const Counted local;
    auto waiting = promise.then([c = Counted()](int) { return c.value; });
    co_await waiting;
}

/// Gives its functions to `Outside`, and settles nothing.
struct KeepsFunctions {
    using value_type = int;
    Outside* outside;
    bool keeps;
    Counted counted{};
    template <class Resolve, class Reject>
    void then(Resolve resolve, Reject reject) const {
        if (!keeps) return;
        outside->keep(std::move(resolve));
        outside->keep(std::move(reject));
    }
};

struct ThenableCoroutine {
    using value_type = int;
    Promise<int> waitsFor;
    Counted counted{};
    template <class Resolve, class Reject>
    Promise<> then(Resolve resolve, Reject) const {
        const int value = co_await waitsFor;
        resolve(value + counted.value);
    }
};

Promise<int> awaitsThenable(KeepsFunctions thenable) {
    const Counted local;
    const int value = co_await thenable;
    co_return value;
}

struct Large {
    std::array<int, 100> numbers{};
    Counted counted{};
};

Promise<> settledOf(Promise<int> promise) {
    const Counted local;
    const auto settled = co_await promise.settled();
    static_cast<void>(settled.fulfilled());
}

/// Throws behind a co_return, so that the function goes on with a result that is undone.
struct ThrowsAtItsEnd {
    ~ThrowsAtItsEnd() noexcept(false) { throw std::runtime_error("undone"); }
};
Promise<int> undone(Promise<int> promise) {
    const Counted local;
    try {
        const ThrowsAtItsEnd thrower;
        co_return Promise<int>(promise);
    } catch (const std::runtime_error&) {}
    const int value = co_await promise;
    co_return value;
}

const std::vector<WayToWait> promises{
    {"functions that await",
     [](Outside& outside) {
         waitFor(outside.promise());
         waitFor(outside.promise()).then([c = Counted()](int) {});
     }},
    {"a chain of functions", [](Outside& outside) { chainOf(50, outside.promise()); }},
    {"a chain of functions whose promise is kept",
     [](Outside& outside) { outside.keep(chainOf(50, outside.promise())); }},
    {"functions that await what nobody settles",
     [](Outside&) {
         auto lost = Promise<int>::withResolvers().promise;
         waitFor(lost);
         chainOf(10, lost).then([c = Counted()](int) {});
     }},
    {"functions that go on at once",
     [](Outside&) {
         waitFor(Promise<>::resolve(1));
         chainOf(10, Promise<>::resolve(1));
         counted(Promise<>::resolve(1)).then([](Counted) {});
     }},
    {"a function that awaits itself",
     [](Outside& outside) {
         auto& own = outside.keep(std::make_shared<Promise<int>>(Promise<>::resolve(1)));
         *own = async(
             [own](Counted c) -> Promise<int> {
                 const auto first = *own;
                 const int value = co_await first;
                 const auto mine = *own;
                 co_return co_await mine + value + c.value;
             },
             Counted());
     }},
    {"reactions of a pending promise",
     [](Outside& outside) {
         auto p = outside.promise();
         p.then([c = Counted()](int) {}).then([c = Counted()] {}).catch_([c = Counted()] {}).finally([c = Counted()] {
         });
         p.finally([c = Counted()] {}).then([c = Counted()](int v) { return v; }, [c = Counted()] { return 2; });
     }},
    {"reactions of a settled promise",
     [](Outside&) {
         Promise<>::resolve(1).then([c = Counted()](int) {}).finally([c = Counted()] {});
         Promise<int>::reject(1).catch_([c = Counted()] { return 1; }).then([c = Counted()](int) {});
     }},
    {"handlers that have returned a promise",
     [](Outside& outside) {
         auto p = outside.promise();
         Promise<>::resolve(1).then([p, c = Counted()](int) { return p; }).then([c = Counted()](int) {});
         Promise<>::resolve(1).finally([p, c = Counted()] { return p; }).then([c = Counted()](int) {});
         Promise<int>::reject(1).catch_([p, c = Counted()] { return p; });
     }},
    {"handlers that are coroutines",
     [](Outside& outside) {
         auto p = outside.promise();
         Promise<>::resolve(1).then([p, c = Counted()](int v) -> Promise<int> {
             const Counted local;
             const int w = co_await p;
             co_return v + w;
         });
         Promise<>::resolve(1).finally([p, c = Counted()]() -> Promise<> {
             const Counted local;
             co_await p;
         });
         Promise<int>::reject(std::runtime_error("no"))
             .catch_([p, c = Counted()](const std::runtime_error&) -> Promise<int> {
                 const Counted local;
                 co_return co_await p;
             });
     }},
    {"a function that awaits its handler", [](Outside& outside) { waitsInAHandler(outside.promise()); }},
    {"all",
     [](Outside& outside) {
         Promise<>::all(outside.promise(), waitFor(outside.promise()), Promise<>::resolve(Counted()))
             .then([c = Counted()] {});
         Promise<>::all(std::vector{outside.promise(), waitFor(outside.promise()), Promise<>::resolve(1)});
     }},
    {"allSettled",
     [](Outside& outside) {
         Promise<>::allSettled(outside.promise(), Promise<int>::reject(1), Promise<>::resolve(Counted()));
         outside.keep(Promise<>::allSettled(
             std::vector{outside.promise(), counted(outside.promise()).then([](Counted) { return 1; })}));
     }},
    {"any",
     [](Outside& outside) {
         Promise<>::any(outside.promise(), Promise<Counted>::reject(1), Promise<>::resolve(Counted()));
         Promise<>::any(std::vector{waitFor(outside.promise()), Promise<int>::reject(1)});
     }},
    {"race",
     [](Outside& outside) {
         Promise<>::race(outside.promise(), waitFor(outside.promise()), waitFor(Promise<>::resolve(1)));
         Promise<>::race(std::vector{waitFor(outside.promise()), Promise<int>::reject(1)});
     }},
    {"combinators of combinators",
     [](Outside& outside) {
         auto inner = Promise<>::all(outside.promise(), Promise<>::resolve(Counted()));
         auto outer = Promise<>::race(inner, Promise<>::any(inner, inner));
         outside.keep(outer);
         Promise<>::allSettled(outer, inner);
     }},
    {"promises that follow another",
     [](Outside& outside) {
         const auto outer = Promise<int>::withResolvers();
         outer.resolve(waitFor(outside.promise()));
         waitFor(outer.promise);
         auto& kept = outside.keep(Promise<int>::withResolvers());
         kept.resolve(outer.promise);
         kept.promise.then([c = Counted()](int) {});
     }},
    {"promises that follow each other",
     [](Outside& outside) {
         const auto a = Promise<int>::withResolvers();
         const auto b = Promise<int>::withResolvers();
         a.resolve(b.promise);
         b.resolve(a.promise);
         outside.keep(waitFor(a.promise));
     }},
    {"co_return of a promise",
     [](Outside& outside) {
         waitFor(returns(returns(outside.promise(), Counted()), Counted()));
         outside.keep(returns(Promise<>::resolve(1), Counted())).then([c = Counted()](int) {});
     }},
    {"a co_return that was undone", [](Outside& outside) { outside.keep(undone(outside.promise())); }},
    {"thenables whose job is queued, or has run",
     [](Outside& outside) {
         waitFor(Promise<int>::resolve(KeepsFunctions{&outside, true}));
         waitFor(Promise<int>::resolve(KeepsFunctions{&outside, false}));
         waitFor(Promise<int>::resolve(ThenableCoroutine{outside.promise()}));
         awaitsThenable({&outside, true});
         awaitsThenable({&outside, false});
         Promise<>::resolve(1).then([&outside](int) { return KeepsFunctions{&outside, true}; });
     }},
    {"closures that are kept",
     [](Outside& outside) {
         auto body = [p = outside.promise(), c = Counted()](Counted) -> Promise<int> {
             const Counted local;
             co_return co_await p;
         };
         async(body, Counted());
         outside.keep(async(body, Counted()));
         Promise<int>([p = outside.promise(), c = Counted()](auto resolve) -> Promise<> {
             const int value = co_await p;
             resolve(value);
         }).then([c = Counted()](int) {});
         Promise<>::try_(body, Counted());
     }},
    {"resolving functions in each other's handlers",
     [](Outside&) {
         const auto a = Promise<int>::withResolvers();
         const auto b = Promise<int>::withResolvers();
         a.promise.then([resolve = b.resolve, c = Counted()](int v) { resolve(v); });
         b.promise.then([resolve = a.resolve, c = Counted()](int v) { resolve(v); });
     }},
    {"a function that holds what would wake it",
     [](Outside&) {
         async([c = Counted()]() -> Promise<> {
             const auto made = Promise<int>::withResolvers();
             co_await made.promise;
         });
     }},
    {"large values and reasons that were not read",
     [](Outside& outside) {
         outside.keep(Promise<>::resolve(Large()));
         Promise<>::resolve(Large()).then([c = Counted()](const Large&) {});
         settledOf(Promise<int>::reject(Counted()));
         settledOf(outside.promise());
     }},
    {"rejections that nobody has handled",
     [](Outside& outside) {
         Promise<int>::reject(Counted());
         outside.keep(Promise<int>::reject(Counted()));
         waitFor(Promise<int>::reject(Counted()));
         Promise<>::race(Promise<int>::reject(Counted()), outside.promise());
     }},
    {"rejections that are handled late",
     [](Outside& outside) {
         globalThis.onunhandledrejection([c = Counted()](PromiseRejectionEvent& event) { event.preventDefault(); });
         globalThis.onrejectionhandled([c = Counted()] {});
         auto& p = outside.keep(Promise<int>::reject(Counted()));
         queueMicrotask([&p, c = Counted()] { setTimeout([&p] { p.catch_([] { return 1; }); }, 1); });
     }},
};

const std::vector<WayToWait> tasks{
    {"timers",
     [](Outside&) {
         setTimeout([c = Counted()] {}, 0);
         setTimeout([c = Counted()] {}, 1);
         setTimeout([c = Counted()] {}, 1000);
         setTimeout([](const Counted&) {}, 5, Counted()).unref();
         setTimeout([c = Counted()] {}, 1e300);
     }},
    {"timers that are cleared",
     [](Outside& outside) {
         const TimerHandle& soon = outside.keep(setTimeout([c = Counted()] {}, 1));
         const TimerHandle& later = outside.keep(setTimeout([c = Counted()] {}, 50));
         const TimerHandle& now = outside.keep(setTimeout([c = Counted()] {}, 0));
         setTimeout([&soon, end = AtEnd([&later] { clearTimeout(later); })] { clearTimeout(soon); }, 0);
         queueMicrotask([now, c = Counted()] { clearTimeout(now); });
         outside.keep(AtEnd([later] { clearTimeout(later); }));
     }},
    {"intervals",
     [](Outside&) {
         setInterval([c = Counted()] {}, 1);
         setInterval([](const Counted&) {}, 7, Counted());
     },
     true},
    {"callbacks that are coroutines",
     [](Outside& outside) {
         auto body = [p = outside.promise(), c = Counted()]() -> Promise<> {
             const Counted local;
             co_await p;
         };
         setTimeout(body, 0);
         setTimeout(body, 1);
         queueMicrotask(body);
     }},
    {"intervals that are coroutines",
     [](Outside& outside) {
         setInterval(
             [p = outside.promise(), c = Counted()](Counted) -> Promise<> {
                 const Counted local;
                 co_await p;
             },
             1, Counted());
     },
     true},
    {"delays",
     [](Outside& outside) {
         auto sleeper = [](auto time, Counted) -> Promise<> {
             const auto pending = delay(time);
             co_await pending;
         };
         sleeper(0, Counted());
         sleeper(1, Counted());
         sleeper(1000, Counted());
         sleeper(1e300, Counted());
         outside.keep(delay(1000));
     }},
    {"microtasks and posted tasks",
     [](Outside& outside) {
         queueMicrotask([c = Counted()] {});
         queueMicrotask([&outside] { waitFor(outside.promise()); });
         EventLoop::current().post([c = Counted()] {});
         EventLoop::current().post([] { EventLoop::current().post([c = Counted()] {}); });
     }},
    {"errors that nobody has caught",
     [](Outside&) {
         globalThis.addEventListener("error", [c = Counted()](ErrorEvent& event) { event.preventDefault(); });
         setTimeout([c = Counted()] { throw Counted(); }, 0);
         queueMicrotask([c = Counted()] { throw Counted(); });
     }},
};

}

TEST_CASE("whatever waits for a promise is destroyed once however its loop ends") {
    CHECK(wrongAtTheEnds(promises) == "");
}

TEST_CASE("whatever waits for its turn is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(tasks) == ""); }
