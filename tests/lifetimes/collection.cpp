// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/sanitizers.hpp"
#include "support/turn.hpp"

#include <rondo/rondo.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Says where it went: a variable of a function that waits.
auto leaves(Journal& log, const char* name) {
    return AtEnd([&log, name] { log("-", name); });
}

Promise<> waits(Promise<int> promise, Journal& log, const char* name) {
    const auto end = leaves(log, name);
    try {
        co_await promise;
        log(name, "-went-on");
    } catch (...) {
        log(name, "-threw");
    }
}

Promise<int> link(Promise<int> before, int& ends) {
    const AtEnd end([&ends] { ++ends; });
    const int value = co_await before;
    co_return value;
}
Promise<int> follows(Promise<int> before) { co_return Promise<int>(std::move(before)); }
Promise<int> wakesAnother(Promise<int> before, promise::Resolve<int> next, int& ends) {
    const AtEnd end([&ends] { ++ends; });
    const int value = co_await before;
    next(value);
    co_return value;
}
AsyncGenerator<int> yieldsOnce(Promise<int> before, int& ends) {
    const AtEnd end([&ends] { ++ends; });
    const int value = co_await before;
    co_yield value;
}

/// Seven links behind `p`, each of another kind. Of six the ends are counted.
Promise<int> sevenLinks(Promise<int> p, int& ends) {
    auto one = link(std::move(p), ends);
    auto two = std::move(one).then([end = AtEnd([&ends] { ++ends; })](int v) { return v; });
    auto three = Promise<>::race(follows(std::move(two)), Promise<int>::withResolvers().promise);
    auto four = std::move(three).finally([end = AtEnd([&ends] { ++ends; })] {});
    auto five = Promise<int>::withResolvers();
    wakesAnother(std::move(four), five.resolve, ends);
    const auto generator = yieldsOnce(five.promise, ends);
    return generator.next().then([end = AtEnd([&ends] { ++ends; })](const IteratorResult<int>& step) { return *step; });
}

constexpr int sevens = withAddressSanitizer ? 20'000 : 150'000;
constexpr int fewerSevens = withAddressSanitizer ? 10'000 : 40'000;

}

TEST_CASE("a chain of a million links of every kind is collected without growing the stack") {
    int ends = 0;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Promise<int> last = Promise<int>::withResolvers().promise;
        for (int i = 0; i < sevens; ++i) last = sevenLinks(std::move(last), ends);
        ends = 0; // of what was moved from
    });
    CHECK(ends == 6 * sevens);
    CHECK(loop.waiting().empty());
}

TEST_CASE("a long chain of links of every kind goes with its loop without growing the stack") {
    int ends = 0;
    std::optional<PromiseWithResolvers<int>> made;
    {
        EventLoop loop({.virtualTime = true});
        made = Promise<int>::withResolvers();
        loop.run([&] {
            Promise<int> last = made->promise;
            for (int i = 0; i < fewerSevens; ++i) last = sevenLinks(std::move(last), ends);
            ends = 0;
        });
        CHECK(ends == 0);
    }
    CHECK(ends == 6 * fewerSevens);
}

TEST_CASE("a chain of controllers in the listeners of each other's signals goes without growing the stack") {
    constexpr int links = withAddressSanitizer ? 10'000 : 50'000;
    for (const bool atTheEnd : {false, true}) {
        int ends = 0;
        {
            EventLoop loop({.virtualTime = true});
            auto first = std::make_shared<AbortController>();
            loop.run([&] {
                for (int i = 0; i < links; ++i) {
                    auto next = std::make_shared<AbortController>();
                    next->signal().addEventListener("abort", [first, end = AtEnd([&ends] { ++ends; })] {});
                    first = std::move(next);
                }
                if (!atTheEnd) first.reset();
            });
            CHECK(ends == (atTheEnd ? 0 : links));
        }
        CHECK(ends == links);
    }
}

namespace {

/// A place where the last function that settles a promise may be, and how it goes from there.
struct Place {
    const char* name;
    Promise<> (*lose)(promise::Resolve<int>);
};

Promise<> nextTask() {
    return Promise<>([](auto resolve) { setTimeout(resolve, 1); });
}

const std::vector<Place> places{
    {"a variable",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const auto gone = std::move(resolve);
         co_return;
     }},
    {"a timer that is cleared",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const auto timer = setTimeout(std::move(resolve), 100, 1);
         co_await nextTask();
         clearTimeout(timer);
     }},
    {"a timer that is cleared when it is due",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const auto timer = std::make_shared<TimerHandle>();
         setTimeout([timer] { clearTimeout(*timer); });
         *timer = setTimeout(std::move(resolve), 0, 1);
         co_await nextTask();
     }},
    {"an interval that clears itself",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const auto timer = std::make_shared<TimerHandle>();
         *timer = setInterval([timer, kept = std::move(resolve)] { clearInterval(*timer); }, 1);
         co_await delay(5);
     }},
    {"a timer that does not call it",
     [](promise::Resolve<int> resolve) -> Promise<> {
         setTimeout([kept = std::move(resolve)] {}, 1);
         co_await delay(2);
     }},
    {"a microtask that does not call it",
     [](promise::Resolve<int> resolve) -> Promise<> {
         queueMicrotask([kept = std::move(resolve)] {});
         co_return;
     }},
    {"a listener that is removed",
     [](promise::Resolve<int> resolve) -> Promise<> {
         EventTarget target;
         target.removeEventListener("a", target.addEventListener("a", [kept = std::move(resolve)] { kept(1); }));
         co_return;
     }},
    {"a listener that is called once",
     [](promise::Resolve<int> resolve) -> Promise<> {
         EventTarget target;
         target.addEventListener("a", [kept = std::move(resolve)] {}, {.once = true});
         target.dispatchEvent(Event("a"));
         co_await nextTask();
     }},
    {"a listener whose target goes",
     [](promise::Resolve<int> resolve) -> Promise<> {
         EventTarget target;
         target.addEventListener("a", [kept = std::move(resolve)] { kept(1); });
         co_return;
     }},
    {"a listener that is removed by a signal",
     [](promise::Resolve<int> resolve) -> Promise<> {
         EventTarget target;
         AbortController controller;
         target.addEventListener("a", [kept = std::move(resolve)] { kept(1); }, {.signal = controller.signal()});
         controller.abort();
         co_await nextTask();
     }},
    {"a listener of a signal that nobody can abort",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const AbortController controller;
         controller.signal().addEventListener("abort", [kept = std::move(resolve)] { kept(1); });
         co_return;
     }},
    {"a listener of a signal that has been aborted",
     [](promise::Resolve<int> resolve) -> Promise<> {
         AbortController controller;
         controller.signal().addEventListener("abort", [kept = std::move(resolve)] {});
         controller.abort();
         co_await nextTask();
     }},
    {"the reaction to a Completion that is given up",
     [](promise::Resolve<int> resolve) -> Promise<> {
         const Completion<int> completion;
         completion.promise().then(std::move(resolve));
         co_return;
     }},
    {"the value of a promise",
     [](promise::Resolve<int> resolve) -> Promise<> {
         auto value = Promise<>::resolve(std::make_shared<promise::Resolve<int>>(std::move(resolve)));
         co_await value;
     }},
    {"the reason of a promise",
     [](promise::Resolve<int> resolve) -> Promise<> {
         Promise<int>::reject(std::move(resolve)).catch_([] { return 1; });
         co_return;
     }},
    {"a request of a generator",
     [](promise::Resolve<int> resolve) -> Promise<> {
         auto generator = async([kept = std::move(resolve)]() -> AsyncGenerator<int> {
             const auto lost = Promise<int>::withResolvers().promise;
             const int value = co_await lost;
             co_yield value;
         });
         generator.next();
         generator.next();
         co_await nextTask();
     }},
    {"a generator that nobody holds",
     [](promise::Resolve<int> resolve) -> Promise<> {
         auto generator = async([kept = std::move(resolve)]() -> AsyncGenerator<int> { co_yield 1; });
         generator.next();
         co_await nextTask();
     }},
    {"a thenable that drops it",
     [](promise::Resolve<int> resolve) -> Promise<> {
         struct KeepsFunctions {
             promise::Resolve<int> kept;
             void then(const promise::Resolve<int>&, const promise::Reject<int>&) {}
         };
         const auto outer = Promise<int>::withResolvers();
         outer.resolve(KeepsFunctions{std::move(resolve)});
         co_return;
     }},
    {"the input of a combinator",
     [](promise::Resolve<int> resolve) -> Promise<> {
         Promise<>::all(Promise<int>::withResolvers().promise.then(std::move(resolve)), Promise<>::resolve(1));
         co_return;
     }},
    {"a closure that is kept",
     [](promise::Resolve<int> resolve) -> Promise<> {
         async([kept = std::move(resolve)]() -> Promise<> {
             const auto lost = Promise<int>::withResolvers().promise;
             const int value = co_await lost;
             kept(value);
         });
         co_return;
     }},
    {"a resource that is not disposed of",
     [](promise::Resolve<int> resolve) -> Promise<> {
         AsyncDisposableStack stack;
         stack.defer([kept = std::move(resolve)] { kept(1); });
         co_return;
     }},
    {"the disposal of a resource that never ends",
     [](promise::Resolve<int> resolve) -> Promise<> {
         AsyncDisposableStack stack;
         stack.defer([kept = std::move(resolve)] { return Promise<int>::withResolvers().promise; });
         stack.disposeAsync();
         co_return;
     }},
    {"a loop over a generator that never yields",
     [](promise::Resolve<int> resolve) -> Promise<> {
         auto never = []() -> AsyncGenerator<int> {
             const auto lost = Promise<int>::withResolvers().promise;
             const int value = co_await lost;
             co_yield value;
         };
         forAwait(never(), [kept = std::move(resolve)](int v) { kept(v); });
         co_return;
     }},
};

}

TEST_CASE("what waits is collected wherever the last function that could wake it was") {
    for (const Place& place : places) {
        INFO("it was in " << place.name);
        CountingSource source;
        Journal log;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&] {
                auto made = Promise<int>::withResolvers();
                waits(made.promise, log, "it");
                setTimeout([&log] { log("later"); }, 50); // the loop lives on
                place.lose(std::move(made.resolve));
            });
            CHECK(log == "-it later");
            CHECK(loop.waiting().empty());
        }
        CHECK(source.balance() == 0);
    }
}

TEST_CASE("what can still settle keeps working beside what never will") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto never = Promise<int>::withResolvers().promise;
        const auto later = [] { return Promise<int>([](auto resolve) { setTimeout(resolve, 5, 1); }); };
        const auto say = [&log](const char* name) { return [&log, name](int v) { log(name, v); }; };
        waits(never, log, "alone");
        waits(Promise<>::race(later(), never), log, "race");
        waits(Promise<>::any(never, Promise<int>::reject(1), later()), log, "any");
        Promise<>::race(never, later()).then(say("race"));
        Promise<>::race(std::vector{never, never}).then(say("none"));
        Promise<>::all(never, later()).then([&log] { log("all"); }).finally([&log, end = leaves(log, "all")] {
            log("never");
        });
        Promise<>::allSettled(never, later()).then([&log, end = leaves(log, "allSettled")] { log("never"); });
    });
    // with the last of their inputs
    CHECK(log == "-alone race-went-on -race any-went-on -any race1 -all -allSettled");
    CHECK(loop.waiting().empty());
}

TEST_CASE("what the variables of collected functions do is done in the same checkpoint") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto made = Promise<int>::withResolvers();
        const auto settled = Promise<int>::withResolvers();
        auto dropped = std::make_shared<PromiseWithResolvers<int>>(Promise<int>::withResolvers());
        waits(settled.promise, log, "settled");
        waits(dropped->promise, log, "dropped");
        dropped->promise.then([&log, end = leaves(log, "handler")](int) { log("never"); });
        auto controller = std::make_shared<AbortController>();
        controller->signal().addEventListener("abort", [&log] { log("aborted"); });
        auto body = [&log, controller, settle = settled.resolve,
                     dropped = std::move(dropped)](Promise<int> promise) -> Promise<> {
            const AtEnd last([&log, kept = dropped] { log("-variables"); });
            const AtEnd queues([&log] { queueMicrotask([&log] { log("microtask"); }); });
            const AtEnd settles([&settle] { settle(1); });
            const AtEnd starts([&] {
                waits(Promise<>::resolve(1), log, "started");
                waits(Promise<int>::withResolvers().promise, log, "lost");
                waits(promise, log, "again");
            });
            const AtEnd aborts([controller] { controller->abort(); });
            const AtEnd sets([&log] { setTimeout([&log] { log("timer"); }); });
            const AtEnd rejects([&log] {
                Promise<int>::reject(1).catch_([&log] {
                    log("caught");
                    return 2;
                });
            });
            const int value = co_await promise;
            log("never", value);
        };
        async(std::move(body), made.promise);
        controller.reset();
        queueMicrotask([&log] { log("first-this"); });
        setTimeout([&log] { log("next-task"); });
    });
    CHECK(log == "first-this aborted -variables -lost -again -dropped -handler caught started-went-on -started "
                 "settled-went-on -settled microtask next-task timer");
    CHECK(loop.waiting().empty());
}

TEST_CASE("what is lost in the middle of the microtasks is collected behind them") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto made = std::make_shared<PromiseWithResolvers<int>>(Promise<int>::withResolvers());
        waits(made->promise, log, "it");
        queueMicrotask([&log, made = std::move(made)]() mutable {
            made.reset();
            log("dropped");
            queueMicrotask([&log] { log("microtask"); });
        });
        queueMicrotask([&log] { log("behind"); });
        setTimeout([&log] { log("task"); });
    });
    CHECK(log == "dropped behind microtask -it task");
}

TEST_CASE("a generator that is collected runs neither its catch nor its requests") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const auto body = [&](Promise<int> promise) -> AsyncGenerator<int> {
        const auto end = leaves(log, "body");
        try {
            const int value = co_await promise;
            co_yield value;
        } catch (...) {
            log("caught");
        }
    };
    std::optional<AsyncGenerator<int>> generator;
    loop.run([&] {
        generator = body(Promise<int>::withResolvers().promise);
        const auto request = [&](auto promise, const char* name) {
            promise.then([&log](const IteratorResult<int>&) { log("never"); }, [&log] { log("never"); })
                .finally([&log, end = leaves(log, name)] { log("never"); });
        };
        request(generator->next(), "next");
        request(generator->throw_(1), "throw");
        request(generator->return_(), "return");
    });
    CHECK(log == "-body -next -throw -return");
    CHECK(loop.waiting().empty());
}
