// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// A promise that is filled in when what holds it has been made.
using Later = std::shared_ptr<std::optional<Promise<int>>>;
Later later() { return std::make_shared<std::optional<Promise<int>>>(); }

Promise<int> lost() { return Promise<int>::withResolvers().promise; }

/// Waits with what it holds.
template <class... Held>
Promise<int> hold(Promise<int> promise, Held... held) {
    const Counted local;
    const int value = co_await promise;
    static_cast<void>(((static_cast<void>(held), 0) + ... + 0));
    co_return value;
}
Promise<int> awaitLater(Later promise, Counted = Counted()) {
    const auto tick = Promise<>::resolve();
    co_await tick;
    const Promise<int> made = **promise;
    co_return co_await made;
}

AsyncGenerator<int> holdsItself(std::shared_ptr<AsyncGenerator<int>> own, bool waits, Counted = Counted()) {
    const auto kept = std::move(own);
    if (!waits) co_yield 1;
    const auto never = lost();
    const int value = co_await never;
    co_yield value;
}
void beginOnItself(bool waits) {
    auto own = std::make_shared<AsyncGenerator<int>>();
    *own = holdsItself(own, waits);
    own->next();
}

/// Things that hold each other, and whether they go at a checkpoint: when nobody is left who could wake them but
/// themselves. Else they go with their loop.
struct Cycle {
    const char* name;
    void (*begin)();
    bool collected = true;
};

const std::vector<Cycle> cycles{
    {"a function that holds its own promise",
     [] {
         const Later own = later();
         *own = hold(lost(), own);
     }},
    {"a handler that holds the promise derived from it",
     [] {
         const Later derived = later();
         *derived = lost().then([derived, c = Counted()](int v) { return v; });
     }},
    {"a handler of finally that holds the promise derived from it",
     [] {
         const Later derived = later();
         *derived = lost().finally([derived, c = Counted()] {});
     }},
    {"a handler that waits for a promise and holds it",
     [] {
         const Later own = later();
         *own = Promise<>::resolve(1).then([own, c = Counted()](int) -> Promise<int> {
             const auto never = lost();
             co_return co_await never;
         });
     }},
    {"a combinator whose input holds its promise",
     [] {
         const Later all = later();
         *all = Promise<>::all(hold(lost(), all), 1).then([all](const auto& both) { return std::get<1>(both); });
     }},
    {"two functions that hold each other's promises",
     [] {
         const Later a = later();
         const Later b = later();
         *a = hold(lost(), b);
         *b = hold(**a, a);
     }},
    {"a timer that holds the promise of a function that holds the timer",
     [] {
         const Later own = later();
         const auto made = Promise<int>::withResolvers();
         const TimerHandle timer = setTimeout([own, resolve = made.resolve] { resolve(1); }, 1000);
         *own = hold(made.promise, own);
         setTimeout([timer] { clearTimeout(timer); });
     }},
    {"a listener that holds the promise of a function that holds the target",
     [] {
         const Later own = later();
         auto target = std::make_shared<EventTarget>();
         target->addEventListener("a", [own, c = Counted()] {});
         *own = hold(lost(), target);
     }},
    {"a listener of a signal that holds the promise of a function that holds the controller",
     [] {
         const Later own = later();
         auto controller = std::make_shared<AbortController>();
         controller->signal().addEventListener("abort", [own, c = Counted()] {});
         *own = hold(lost(), controller);
     }},
    {"a block that holds its promise in a resource",
     [] {
         const auto own = std::make_shared<std::optional<Promise<>>>();
         *own = usingAsync([own](AsyncDisposableStack& stack) -> Promise<> {
             stack.defer([own, c = Counted()] {});
             const auto never = lost();
             co_await never;
         });
     }},
    {"a generator that waits and holds itself", [] { beginOnItself(true); }},
    {"a thenable that holds the promise that follows it",
     [] {
         struct KeepsFunctions {
             Promise<int> follows;
             Counted counted{};
             void then(const promise::Resolve<int>&, const promise::Reject<int>&) {}
         };
         const auto made = Promise<int>::withResolvers();
         made.resolve(KeepsFunctions{made.promise});
     }},
    {"a reason that holds its promise and is handled",
     [] {
         const auto own = std::make_shared<std::optional<Promise<int>>>();
         *own = Promise<int>::reject(own);
         (*own)->catch_([own, c = Counted()] {
             own->reset();
             return 1;
         });
     }},
    {"a function that holds what would wake it",
     [] {
         const auto made = Promise<int>::withResolvers();
         hold(made.promise, made.resolve, made.reject);
     },
     false},
    {"a function that awaits itself",
     [] {
         const Later own = later();
         *own = awaitLater(own);
     },
     false},
    {"two functions that await each other",
     [] {
         const Later a = later();
         const Later b = later();
         *a = awaitLater(b);
         *b = awaitLater(a);
     },
     false},
    {"a handler that holds what would call it",
     [] {
         const auto made = Promise<int>::withResolvers();
         made.promise.then([resolve = made.resolve, c = Counted()](int v) { resolve(v); });
     },
     false},
    {"promises that follow each other",
     [] {
         const auto a = Promise<int>::withResolvers();
         const auto b = Promise<int>::withResolvers();
         a.resolve(hold(b.promise));
         b.resolve(hold(a.promise));
     },
     false},
    {"a combinator that waits for what follows it",
     [] {
         const auto made = Promise<int>::withResolvers();
         made.resolve(Promise<>::race(hold(made.promise), hold(lost())));
     },
     false},
    {"a generator at a yield that holds itself", [] { beginOnItself(false); }, false},
    {"a generator and a function that wait for each other",
     [] {
         const Later own = later();
         const auto body = [](Later function) -> AsyncGenerator<int> {
             const auto waited = awaitLater(function);
             const int value = co_await waited;
             co_yield value;
         };
         const auto ask = [](AsyncGenerator<int> generator, Counted) -> Promise<int> {
             auto step = co_await generator.next();
             co_return *step;
         };
         *own = ask(body(own), Counted());
     },
     false},
    {"an iterator over events and the function that owns its target",
     [] {
         async(
             [](Counted) -> Promise<> {
                 EventTarget target;
                 auto events = eventsOf(target, "a");
                 co_await events.next();
             },
             Counted());
     },
     false},
};

}

TEST_CASE("what holds itself is collected when nobody else could wake it and else goes with its loop") {
    for (const Cycle& cycle : cycles) {
        INFO(cycle.name);
        Counted::reset();
        CountingSource source;
        {
            EventLoop loop({.virtualTime = true});
            int before = 0;
            loop.run([&] {
                cycle.begin();
                before = Counted::alive;
            });
            CHECK(before > 0);
            CHECK(loop.waiting().empty() == cycle.collected);
            CHECK((Counted::alive == 0) == cycle.collected);
        }
        CHECK(Counted::alive == 0);
        CHECK(source.balance() == 0);
    }
}
