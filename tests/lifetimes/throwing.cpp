// SPDX-License-Identifier: MIT

// Values, callbacks and destructors that throw, at every step of their way.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/last_words.hpp"
#include "support/turn.hpp"

#include <rondo/rondo.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

struct Boom {};

/// A value whose n-th copy, move or assignment throws, and changes nothing then. One that was moved from is -1.
class Bomb {
public:
    static inline int alive = 0;
    static inline int fuse = 0; // 0: it does not burn

    explicit Bomb(int number) : value(number) { ++alive; }
    Bomb(const Bomb& other) : value(burn(other)) { ++alive; }
    Bomb(Bomb&& other) : value(burn(other)) { // NOLINT(performance-noexcept-move-constructor): it throws
        other.value = -1;
        ++alive;
    }
    Bomb& operator=(const Bomb& other) {
        value = burn(other);
        return *this;
    }
    Bomb& operator=(Bomb&& other) { // NOLINT(performance-noexcept-move-constructor): it throws
        value = burn(other);
        other.value = -1;
        return *this;
    }
    ~Bomb() { --alive; }

    int value;

private:
    static int burn(const Bomb& other) {
        if (fuse > 0 && --fuse == 0) throw Boom();
        return other.value;
    }
};

std::string nameOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Boom&) {
        return "boom";
    } catch (const Error& error) {
        return std::string(error.name());
    } catch (...) {
        return base::describe(reason);
    }
}

Bomb seven() { return Bomb(7); }

/// What a value was used for: writes down what has become of it.
class Outcome {
public:
    Journal log;

    void note(const Bomb& bomb) { log(bomb.value); }
    void note(const std::exception_ptr& reason) { log(nameOf(reason)); }
    template <class Promised>
    void watch(Promised&& promised) {
        promised.then([this](const Bomb& bomb) { note(bomb); }, [this](std::exception_ptr reason) { note(reason); });
    }
    /// Calls `f`. If that throws, it is done again with bombs that do not throw: nothing has changed.
    template <class F>
    void attempt(F&& f) {
        try {
            f();
        } catch (const Boom&) {
            log("threw");
            f();
        }
    }
};

struct Way {
    const char* name;
    const char* whole;     // what is written down if nothing throws
    const char* otherwise; // and what may be, if something does, between bars
    void (*go)(Outcome&);

    bool allows(const std::string& text) const {
        return ('|' + std::string(otherwise) + '|').find('|' + text + '|') != std::string::npos;
    }
};

/// A promise that is there already: nothing burns meanwhile.
Promise<Bomb> promised() {
    const int fuse = std::exchange(Bomb::fuse, 0);
    auto promise = Promise<Bomb>::resolve(seven());
    Bomb::fuse = fuse;
    return promise;
}

struct BombThenable {
    using value_type = Bomb;
    template <class Resolve, class Reject>
    void then(Resolve resolve, Reject) {
        resolve(bomb);
    }
    Bomb bomb;
};

struct BombResource {
    void dispose() const { outcome->note(bomb); }
    Bomb bomb;
    Outcome* outcome;
};

AsyncGenerator<Bomb, Bomb> generated() {
    const Bomb bomb(7);
    co_yield bomb;
    co_return bomb;
}

template <class Step>
void noteStep(Outcome& outcome, const Step& step) {
    if (step) return outcome.note(*step);
    if constexpr (requires { step.returned(); }) {
        if (step.returned()) return outcome.note(*step.returned());
    }
    outcome.log("done");
}
template <class Promised>
void watchStep(Outcome& outcome, Promised&& step) {
    step.then([&outcome](const auto& settled) { noteStep(outcome, settled); },
              [&outcome](std::exception_ptr reason) { outcome.note(reason); });
}

const Way waysOfPromises[] = {
    {"resolve of an lvalue", "7", "threw 7",
     [](Outcome& o) {
         const auto r = Promise<Bomb>::withResolvers();
         o.watch(r.promise);
         const Bomb bomb(7);
         o.attempt([&] { r.resolve(bomb); });
     }},
    {"resolve of an rvalue", "7", "threw 7",
     [](Outcome& o) {
         const auto r = Promise<Bomb>::withResolvers();
         o.watch(r.promise);
         Bomb bomb(7);
         o.attempt([&] { r.resolve(std::move(bomb)); });
     }},
    {"resolve with a promise", "7", "boom",
     [](Outcome& o) {
         const auto r = Promise<Bomb>::withResolvers();
         o.watch(r.promise);
         r.resolve(promised());
     }},
    {"resolve with a thenable", "7", "threw 7|boom",
     [](Outcome& o) {
         const auto r = Promise<Bomb>::withResolvers();
         o.watch(r.promise);
         const BombThenable thenable{Bomb(7)};
         o.attempt([&] { r.resolve(thenable); });
     }},
    {"Promise resolve", "7", "threw 7",
     [](Outcome& o) { o.attempt([&] { o.watch(Promise<Bomb>::resolve(seven())); }); }},
    {"co_return", "7", "boom",
     [](Outcome& o) {
         const auto f = []() -> Promise<Bomb> {
             const Bomb bomb(7);
             co_return bomb;
         };
         o.watch(f());
     }},
    {"co_return of a promise", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         o.watch(async([shared]() -> Promise<Bomb> { co_return shared; }));
     }},
    {"a handler by value", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         o.watch(shared.then([](Bomb bomb) { return bomb; }));
     }},
    {"a handler by value of an rvalue", "7", "boom",
     [](Outcome& o) { o.watch(promised().then([](Bomb&& bomb) { return std::move(bomb); })); }},
    {"a handler by value of an rvalue that is shared", "7 7", "boom 7|7 boom",
     [](Outcome& o) {
         auto shared = promised();
         const auto other = shared;
         o.watch(std::move(shared).then([](Bomb&& bomb) { return std::move(bomb); }));
         setTimeout([&o, other] { o.note(other.value()); });
     }},
    {"a handler that owns a bomb", "7", "threw 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] { Promise<>::resolve().then([&o, bomb] { o.note(bomb); }); });
     }},
    {"catch_", "7", "boom", [](Outcome& o) { o.watch(promised().catch_([](std::exception_ptr) { return seven(); })); }},
    {"catch_ that gives a value", "7", "boom",
     [](Outcome& o) { o.watch(Promise<Bomb>::reject(Error("x")).catch_([] { return seven(); })); }},
    {"finally", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         o.watch(shared.finally([] {}));
     }},
    {"await", "7", "boom",
     [](Outcome& o) {
         const auto f = [&o]() -> Promise<> {
             auto mine = promised();
             const auto shared = promised();
             auto other = shared;
             const Bomb& seen = co_await shared;
             if (seen.value != 7) o.log("WRONG");
             const Bomb taken = co_await std::move(mine);
             const Bomb copied = co_await std::move(other);
             if (taken.value == 7) o.note(copied);
         };
         async(f).catch_([&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"settled", "7", "boom",
     [](Outcome& o) {
         const auto f = [&o]() -> Promise<> {
             auto mine = promised();
             const auto shared = promised();
             auto taken = co_await std::move(mine).settled();
             const auto copied = co_await shared.settled();
             if (copied.value().value == 7) o.note(std::move(taken).value());
         };
         async(f).catch_([&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"an awaited thenable", "7", "boom",
     [](Outcome& o) {
         const auto f = [&o]() -> Promise<> {
             const BombThenable thenable{Bomb(7)};
             const Bomb bomb = co_await thenable;
             o.note(bomb);
         };
         async(f).catch_([&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"all of a list", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         Promise<>::all(shared, promised())
             .then([&o](const auto& values) { o.note(std::get<1>(values)); },
                   [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"all of a range", "7", "boom",
     [](Outcome& o) {
         Promise<>::all(std::vector<Promise<Bomb>>{promised(), promised()})
             .then([&o](const auto& values) { o.note(values.at(1)); },
                   [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"all of values", "7", "threw|boom",
     [](Outcome& o) {
         std::vector<Bomb> bombs;
         bombs.reserve(2);
         bombs.emplace_back(7);
         bombs.emplace_back(7);
         Promise<>::all(bombs).then([&o](const auto& values) { o.note(values.at(1)); },
                                    [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"allSettled", "7", "boom",
     [](Outcome& o) {
         Promise<>::allSettled(promised(), promised())
             .then([&o](const auto& ends) { o.note(std::get<1>(ends).value()); },
                   [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"any", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         o.watch(Promise<>::any(shared, promised()));
     }},
    {"race", "7", "boom",
     [](Outcome& o) {
         const auto shared = promised();
         o.watch(Promise<>::race(shared, promised()));
     }},
    {"a reason", "1", "boom",
     [](Outcome& o) {
         Promise<>::reject(Bomb(1)).catch_([&o](std::exception_ptr reason) {
             try {
                 std::rethrow_exception(reason);
             } catch (const Bomb& bomb) {
                 o.note(bomb);
             } catch (...) {
                 o.note(reason);
             }
         });
     }},
    {"an argument of async", "7", "threw 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] {
             async(
                 [&o](const Bomb& given) -> Promise<> {
                     co_await Promise<>::resolve();
                     o.note(given);
                 },
                 bomb);
         });
     }},
};

const Way waysOfGenerators[] = {
    {"a generator", "7 7 done", "boom done done|7 boom done",
     [](Outcome& o) {
         const auto generator = generated();
         for (int i = 0; i < 3; ++i) watchStep(o, generator.next());
     }},
    {"a body that yields again", "7 done", "7 done",
     [](Outcome& o) {
         const auto generator = async([]() -> AsyncGenerator<Bomb> {
             const Bomb bomb(7);
             bool more = false;
             try {
                 co_yield bomb;
             } catch (const Boom&) {
                 more = true;
             }
             if (more) co_yield bomb;
         });
         for (int i = 0; i < 2; ++i) watchStep(o, generator.next());
     }},
    {"a promise that is yielded", "7 done", "boom done",
     [](Outcome& o) {
         const auto generator = async([]() -> AsyncGenerator<Bomb> {
             auto shared = promised();
             const auto other = shared;
             co_yield shared;
         });
         for (int i = 0; i < 2; ++i) watchStep(o, generator.next());
     }},
    {"return_", "7 7 done", "threw 7 7 done|boom 7 done|7 boom done",
     [](Outcome& o) {
         const auto generator = generated();
         watchStep(o, generator.next());
         const Bomb bomb(7);
         o.attempt([&] { watchStep(o, generator.return_(bomb)); });
         watchStep(o, generator.next());
     }},
    {"return_ of a promise", "7 7 done", "boom 7 done|7 boom done",
     [](Outcome& o) {
         const auto generator = generated();
         watchStep(o, generator.next());
         const auto shared = promised();
         watchStep(o, generator.return_(shared));
         watchStep(o, generator.next());
     }},
    {"elementsOf", "7 7 done", "boom done done|7 boom done",
     [](Outcome& o) {
         const auto generator = async([]() -> AsyncGenerator<Bomb, Bomb> {
             auto returned = co_yield elementsOf(generated());
             co_return std::move(*returned);
         });
         for (int i = 0; i < 3; ++i) watchStep(o, generator.next());
     }},
    {"forAwait over a range", "7 7 end", "boom|7 boom",
     [](Outcome& o) {
         std::vector<Bomb> bombs;
         bombs.reserve(2);
         bombs.emplace_back(7);
         bombs.emplace_back(7);
         forAwait(std::move(bombs), [&o](Bomb bomb) {
             o.note(bomb);
         }).then([&o] { o.log("end"); }, [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"fromAsync", "7", "boom",
     [](Outcome& o) {
         fromAsync(generated())
             .then([&o](const std::vector<Bomb>& bombs) { o.note(bombs.at(0)); },
                   [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"fromAsync with a mapper", "7", "boom",
     [](Outcome& o) {
         fromAsync(generated(),
                   [](const Bomb& bomb) -> Promise<Bomb> {
                       co_await Promise<>::resolve();
                       co_return bomb;
                   })
             .then([&o](const std::vector<Bomb>& bombs) { o.note(bombs.at(0)); },
                   [&o](std::exception_ptr reason) { o.note(reason); });
     }},
    {"eventsOf when it is waited for", "7", "boom",
     [](Outcome& o) {
         const auto target = std::make_shared<EventTarget>();
         auto events = eventsOf(*target, "go", [] { return seven(); });
         watchStep(o, events.next());
         target->dispatchEvent(Event("go"));
     }},
    {"eventsOf when it has come before", "7 8", "boom 8|7 boom",
     [](Outcome& o) {
         EventTarget target;
         int number = 6;
         auto events = eventsOf(target, "go", [&number] { return Bomb(++number); });
         const int fuse = std::exchange(Bomb::fuse, 0);
         for (int i = 0; i < 2; ++i) target.dispatchEvent(Event("go"));
         Bomb::fuse = fuse;
         for (int i = 0; i < 2; ++i) watchStep(o, events.next());
     }},
    {"eventsOf when it is not waited for", "7", "reported done|boom",
     [](Outcome& o) {
         EventTarget target;
         auto events = eventsOf(target, "go", [] { return seven(); });
         target.dispatchEvent(Event("go"));
         watchStep(o, events.next());
         events.return_();
     }},
    {"a stack", "7 7", "threw 7 7|7 threw 7",
     [](Outcome& o) {
         AsyncDisposableStack stack;
         const Bomb bomb(7);
         o.attempt([&] { stack.adopt(bomb, [&o](const Bomb& kept) { o.note(kept); }); });
         o.attempt([&] { stack.use(BombResource{bomb, &o}); });
         stack.disposeAsync();
     }},
};

const Way waysOfTheRest[] = {
    {"an argument of setTimeout", "7", "threw 7|reported",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] { setTimeout([&o](Bomb given) { o.note(given); }, 1, bomb); });
     }},
    {"an argument of setInterval", "7 7", "threw 7 7|reported 7 7|7 reported 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         const auto id = std::make_shared<TimerHandle>();
         const auto beats = std::make_shared<int>(0);
         o.attempt([&] {
             *id = setInterval(
                 [&o, id, beats](Bomb given) {
                     o.note(given);
                     if (++*beats == 2) clearInterval(*id);
                 },
                 1, bomb);
         });
     }},
    {"what a microtask has captured", "7", "threw 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] { queueMicrotask([&o, bomb] { o.note(bomb); }); });
     }},
    {"what a microtask that is a coroutine has captured", "7", "threw 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] {
             queueMicrotask([&o, bomb]() -> Promise<> {
                 co_await Promise<>::resolve();
                 o.note(bomb);
             });
         });
     }},
    {"what a posted function has captured", "7", "threw 7",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] { EventLoop::current().post([&o, bomb] { o.note(bomb); }); });
     }},
    {"what a posted coroutine has captured", "7", "threw 7|reported",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] {
             EventLoop::current().post([&o, bomb]() -> Promise<> {
                 co_await Promise<>::resolve();
                 o.note(bomb);
             });
         });
     }},
    {"what a listener has captured", "7", "threw 7",
     [](Outcome& o) {
         EventTarget target;
         const Bomb bomb(7);
         o.attempt([&] { target.addEventListener("go", [&o, bomb] { o.note(bomb); }, {.once = true}); });
         target.dispatchEvent(Event("go"));
     }},
    {"what an event handler has captured", "6 7", "threw 6 7|6 threw 6 7",
     [](Outcome& o) {
         EventTarget target;
         const Bomb six(6);
         const Bomb bomb(7);
         o.attempt([&] { target.eventHandler("go", [&o, six] { o.note(six); }); });
         target.dispatchEvent(Event("go"));
         try {
             target.eventHandler("go", [&o, bomb] { o.note(bomb); });
         } catch (const Boom&) {
             o.log("threw");
             target.dispatchEvent(Event("go"));
             target.eventHandler("go", [&o, bomb] { o.note(bomb); });
         }
         target.dispatchEvent(Event("go"));
     }},
    {"the detail of an event", "7", "threw 7",
     [](Outcome& o) {
         EventTarget target;
         target.addEventListener("go", [&o](CustomEvent<Bomb>& event) { o.note(event.detail()); });
         const Bomb bomb(7);
         o.attempt([&] { target.dispatchEvent(CustomEvent<Bomb>("go", bomb)); });
     }},
    {"the reason of an abort", "7", "boom",
     [](Outcome& o) {
         AbortController controller;
         const Bomb bomb(7);
         controller.abort(bomb);
         try {
             controller.signal().throwIfAborted();
         } catch (const Bomb& reason) {
             o.note(reason);
         } catch (...) {
             o.note(std::current_exception());
         }
     }},
    {"a Completion", "7", "threw 7|boom",
     [](Outcome& o) {
         Completion<Bomb> completion;
         o.watch(completion.promise());
         const Bomb bomb(7);
         o.attempt([&] { completion.resolve(bomb); });
     }},
    {"the error of a Completion", "boom", "boom",
     [](Outcome& o) {
         Completion<int> completion;
         completion.promise().catch_([&o](std::exception_ptr) {
             o.log("boom");
             return 0;
         });
         const Bomb bomb(7);
         completion.reject(bomb);
     }},
    {"an argument and the result of offload", "7", "threw 7|boom",
     [](Outcome& o) {
         const Bomb bomb(7);
         o.attempt([&] { o.watch(offload([](const Bomb& given) { return given; }, bomb)); });
     }},
};

/// Goes the way, with the first, the second, ... move or copy throwing, until it needs no more.
void goEachWay(std::span<const Way> ways) {
    CountingSource source;
    for (const Way& way : ways) {
        for (int steps = 1;; ++steps) {
            INFO(way.name << ": step " << steps << " throws");
            REQUIRE(steps < 40);
            Outcome outcome;
            int turns = 0;
            Bomb::fuse = 0;
            bool burned = false;
            {
                EventLoop loop({.virtualTime = true});
                loop.run([&] {
                    globalThis.addEventListener("error", [&](ErrorEvent& event) {
                        outcome.log("reported");
                        event.preventDefault();
                    });
                    globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                        outcome.log("unhandled");
                        event.preventDefault();
                    });
                    Bomb::fuse = steps;
                    way.go(outcome);
                });
                burned = Bomb::fuse == 0;
                Bomb::fuse = 0;
                setTimeout([&] { ++turns; }, 1);
                loop.run([&] { ++turns; });
            }
            const std::string& log = outcome.log.text();
            INFO("it wrote " << outcome.log);
            CHECK(turns == 2);
            CHECK(Bomb::alive == 0);
            CHECK(source.balance() == 0);
            if (!burned) {
                CHECK(log == way.whole);
                break;
            }
            CHECK(way.allows(log));
        }
    }
}

}

TEST_CASE("a value that throws on its way through promises is where it was or a rejection") {
    goEachWay(waysOfPromises);
}

TEST_CASE("a value that throws on its way through iterators is where it was or a rejection") {
    goEachWay(waysOfGenerators);
}

TEST_CASE("a value that throws on its way to a callback or a thread is where it was or is heard of") {
    goEachWay(waysOfTheRest);
}

TEST_CASE("a result whose assignment throws has no value and says so") {
    Bomb::fuse = 0;
    const auto fulfilled = SettledResult<Bomb>::fulfilledWith(7);
    auto settled = SettledResult<Bomb>::rejectedWith(std::make_exception_ptr(Error("no")));
    const auto yielded = IteratorResult<Bomb>::yielded(7);
    auto step = IteratorResult<Bomb>::finished();
    const auto returned = IteratorResult<int, Bomb>::finished(7);
    auto end = IteratorResult<int, Bomb>::yielded(1);
    Bomb::fuse = 1;
    CHECK_THROWS_AS(settled = fulfilled, Boom);
    Bomb::fuse = 1;
    CHECK_THROWS_AS(step = yielded, Boom);
    Bomb::fuse = 1;
    CHECK_THROWS_AS(end = returned, Boom);
    Bomb::fuse = 0;
    CHECK_FALSE(settled.fulfilled());
    CHECK(settled.reason() == nullptr);
    CHECK_THROWS_AS(settled.value(), std::bad_variant_access);
    CHECK_THROWS_AS(std::move(settled).value(), std::bad_variant_access);
    CHECK(step.done());
    CHECK_THROWS_AS(step.value(), std::logic_error);
    CHECK(end.done());
    CHECK(end.returned() == nullptr);
    settled = fulfilled;
    step = yielded;
    end = returned;
    CHECK(settled.value().value == 7);
    CHECK(step.value().value == 7);
    CHECK(end.returned()->value == 7);
}

namespace {

/// What was heard of errors while `play` ran and a task behind it.
std::string heard(const std::function<void(Journal&)>& play) {
    CountingSource source;
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            globalThis.addEventListener("error", [&](ErrorEvent& event) {
                log(nameOf(event.error()));
                event.preventDefault();
            });
            globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                log("unhandled:", nameOf(event.reason()));
                event.preventDefault();
            });
            play(log);
        });
        loop.run([] {});
    }
    CHECK(source.balance() == 0);
    return log.text();
}

void throws() { throw Boom(); }
int throwsNumber() { throw Boom(); }

struct ThrowingThenable {
    using value_type = int;
    template <class Resolve, class Reject>
    void then(Resolve, Reject) const {
        throw Boom();
    }
};

struct ThrowingResource {
    void dispose() const { throw Boom(); } // NOLINT(readability-convert-member-functions-to-static): it is of an object
};

}

TEST_CASE("what a callback throws is heard once wherever it was given") {
    struct Place {
        const char* heard;
        void (*play)(Journal&);
    };
    const Place places[] = {
        {"boom", [](Journal&) { setTimeout(throws); }},
        {"boom boom",
         [](Journal&) {
             const auto beats = std::make_shared<int>(0);
             const auto id = std::make_shared<TimerHandle>();
             *id = setInterval(
                 [=] {
                     if (++*beats == 2) clearInterval(*id);
                     throws();
                 },
                 1);
         }},
        {"boom", [](Journal&) { queueMicrotask(throws); }},
        {"boom", [](Journal&) { EventLoop::current().post(throws); }},
        {"boom next",
         [](Journal& log) {
             EventTarget target;
             target.addEventListener("go", throws);
             target.addEventListener("go", [&log] { log("next"); });
             target.dispatchEvent(Event("go"));
         }},
        {"boom next",
         [](Journal& log) {
             AbortController controller;
             controller.signal().onabort(throws);
             controller.signal().addEventListener("abort", [&log] { log("next"); });
             controller.abort();
         }},
        {"unhandled:boom", [](Journal&) { Promise<>([](auto, auto) { throws(); }); }},
        {"unhandled:boom", [](Journal&) { Promise<>::try_(throws); }},
        {"unhandled:boom", [](Journal&) { Promise<>::resolve().then(throws); }},
        {"unhandled:boom", [](Journal&) { Promise<>::reject(Error("x")).then([] {}, throws); }},
        {"unhandled:boom", [](Journal&) { Promise<>::reject(Error("x")).catch_(throws); }},
        {"unhandled:boom", [](Journal&) { Promise<>::reject(Error("x")).finally(throws); }},
        {"unhandled:boom", [](Journal&) { Promise<int>::resolve(ThrowingThenable()); }},
        {"unhandled:boom", [](Journal&) { Promise<>::resolve().then([] { return ThrowingThenable(); }); }},
        {"unhandled:boom", [](Journal&) { Promise<>::resolve().finally([] { return ThrowingThenable(); }); }},
        {"unhandled:boom", [](Journal&) { Promise<>::all(ThrowingThenable()); }},
        {"unhandled:boom",
         [](Journal&) {
             AsyncDisposableStack stack;
             stack.use(ThrowingResource());
             stack.disposeAsync();
         }},
        {"unhandled:SuppressedError",
         [](Journal&) {
             AsyncDisposableStack stack;
             stack.defer(throws);
             stack.adopt(1, [](int) { throws(); });
             stack.disposeAsync();
         }},
        {"unhandled:boom", [](Journal&) { forAwait(std::vector<int>{1, 2}, [](int) { throws(); }); }},
        {"unhandled:boom", [](Journal&) { fromAsync(std::vector<int>{1, 2}, [](int) { return throwsNumber(); }); }},
        {"boom end",
         [](Journal& log) {
             EventTarget target;
             auto events = eventsOf(target, "go", throwsNumber);
             target.dispatchEvent(Event("go"));
             events.return_();
             log("end");
         }},
        {"unhandled:boom", [](Journal&) { offload(throws); }},
    };
    for (const Place& place : places) {
        INFO("place " << &place - places);
        CHECK(heard(place.play) == place.heard);
    }
}

TEST_CASE("a null exception_ptr is the reason null wherever a reason is taken") {
    const std::exception_ptr null;
    CHECK(heard([&](Journal& log) {
              Promise<>::reject(null);
              Promise<>([&](auto, auto reject) { reject(null); });
              reportError(null);
              AbortController controller;
              controller.abort(null);
              log(controller.signal().aborted(), nameOf(controller.signal().reason()));
              log(nameOf(AbortSignal::abort(null).reason()));
              delay(1ms, {.signal = controller.signal()});
              Completion<int> completion;
              completion.promise().then([](int) {});
              completion.reject(null);
              async([]() -> AsyncGenerator<int> { co_yield 1; }).throw_(null);
              const auto result = SettledResult<int>::rejectedWith(null);
              try {
                  result.value();
              } catch (...) {
                  log("settled:", nameOf(std::current_exception()));
              }
              Promise<>::reject(AggregateError(std::vector{null}, "all")).catch_([&log](const AggregateError& error) {
                  log(base::describeWithStack(error.errors().at(0)));
              });
          }) == "null truenull null settled:null undefined unhandled:null unhandled:null unhandled:null unhandled:null "
                "unhandled:null");
}

TEST_CASE("what says nothing of itself is printed all the same") {
    struct Silent : std::exception {
        const char* what() const noexcept override { return nullptr; }
    };
    const std::string text = writtenTo(stderr, [] {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            Promise<>::reject(Silent());
            setTimeout([] { throw Silent(); });
            setTimeout([] { throw static_cast<const char*>(nullptr); });
            setTimeout([] { throw std::runtime_error(""); });
            setTimeout([] { throw std::runtime_error("two\nlines"); });
            console.error(Silent());
        });
    });
    CHECK(occurrences(text, "Uncaught (in promise) \n") == 1);
    CHECK(occurrences(text, "Uncaught \n") == 3);
    CHECK(occurrences(text, "Uncaught two\nlines\n") == 1);
}

namespace {

/// Throws when it is destroyed, unless it was moved from.
class ThrowsAtEnd {
public:
    ThrowsAtEnd() = default;
    ThrowsAtEnd(ThrowsAtEnd&& other) noexcept : armed_(std::exchange(other.armed_, false)) {}
    ThrowsAtEnd& operator=(ThrowsAtEnd&&) = delete;
    ~ThrowsAtEnd() noexcept(false) {
        if (armed_) throw Boom();
    }

private:
    bool armed_ = true;
};

}

TEST_CASE("what a destructor of a variable throws is an exception like any other") {
    CHECK(heard([](Journal& log) {
              async([&log, c = Counted(1)]() -> Promise<int> {
                  try {
                      const ThrowsAtEnd inner;
                      co_await Promise<>::resolve();
                  } catch (const Boom&) {
                      log("caught");
                  }
                  const ThrowsAtEnd outer;
                  co_await Promise<>::resolve();
                  co_return c.value;
              });
              const auto generator = async([&log, c = Counted(1)]() -> AsyncGenerator<int> {
                  try {
                      const ThrowsAtEnd inner;
                      co_yield c.value;
                  } catch (const Boom&) {
                      log("caught");
                  }
                  const ThrowsAtEnd outer;
                  co_yield c.value;
              });
              for (int i = 0; i < 4; ++i) {
                  generator.next().then([&log](const auto& step) { log(step ? *step : 0); },
                                        [&log](std::exception_ptr reason) { log(nameOf(reason)); });
              }
          }) == "caught caught 1 1 boom 0 unhandled:boom");
}

TEST_CASE("what a destructor of a variable throws rejects the promise of a function that is collected") {
    CHECK(heard([](Journal& log) {
              auto collected = async([c = Counted(1), &log]() -> Promise<> {
                  const AtEnd outer([&log] { log("~outer"); });
                  const ThrowsAtEnd local;
                  const AtEnd inner([&log] { log("~inner"); });
                  co_await Promise<>([](auto, auto) {});
                  log(c.value);
              });
              collected.catch_([&log](std::exception_ptr reason) { log(nameOf(reason)); });
              const auto generator = async([]() -> AsyncGenerator<int> {
                  const ThrowsAtEnd local;
                  co_await Promise<>([](auto, auto) {});
                  co_yield 1;
              });
              for (int i = 0; i < 2; ++i) {
                  generator.next().then([&log](const auto& step) { log(step.done()); },
                                        [&log](std::exception_ptr reason) { log(nameOf(reason)); });
              }
          }) == "~inner ~outer boom boom true");
    Counted::reset();
    CountingSource source;
    {
        auto never = std::make_shared<std::optional<PromiseWithResolvers<void>>>();
        EventLoop loop({.virtualTime = true});
        loop.run([&never] {
            never->emplace(Promise<>::withResolvers());
            async([never, c = Counted()]() -> Promise<> {
                const ThrowsAtEnd local;
                const Promise<> promise = (*never)->promise;
                co_await promise;
            });
        });
        CHECK(Counted::alive == 1);
    } // the loop goes, and nobody is left to hear of it
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("what any other destructor throws ends the program") {
    using Play = void (*)();
    const std::vector<std::pair<const char*, Play>> places = {
        {"a parameter", [] { [](ThrowsAtEnd) -> Promise<> { co_return; }(ThrowsAtEnd()); }},
        {"a variable of a generator that nobody holds",
         [] {
             auto generator = std::make_shared<AsyncGenerator<int>>(async([]() -> AsyncGenerator<int> {
                 const ThrowsAtEnd local;
                 co_yield 1;
             }));
             generator->next().then([generator] {});
         }},
        {"a variable of a generator that goes with the loop",
         [] {
             static std::optional<AsyncGenerator<int>> generator;
             generator = async([]() -> AsyncGenerator<int> {
                 const ThrowsAtEnd local;
                 co_await delay(1h);
                 co_yield 1;
             });
             generator->next();
             EventLoop::current().stop();
         }},
        {"a variable of a generator that returns",
         [] {
             const auto generator = async([]() -> AsyncGenerator<int> {
                 const ThrowsAtEnd local;
                 co_yield 1;
             });
             generator.next();
             generator.return_();
         }},
        {"a variable of a generator that catches it and yields",
         [] {
             async([]() -> AsyncGenerator<int> {
                 try {
                     const ThrowsAtEnd local;
                     co_yield 1;
                 } catch (const Boom&) {}
                 co_yield 2;
             }).next();
         }},
        {"a variable of a generator that catches it and returns",
         [] {
             async([]() -> AsyncGenerator<int, int> {
                 try {
                     const ThrowsAtEnd local;
                     co_yield 1;
                 } catch (const Boom&) {}
                 co_return 2;
             }).next();
         }},
        {"a variable of a generator that catches it and comes to its end",
         [] {
             async([]() -> AsyncGenerator<int> {
                 try {
                     const ThrowsAtEnd local;
                     co_yield 1;
                 } catch (const Boom&) {}
             }).next();
         }},
        {"a variable of a generator that catches it and awaits",
         [] {
             async([]() -> AsyncGenerator<int> {
                 try {
                     const ThrowsAtEnd local;
                     co_yield 1;
                 } catch (const Boom&) {}
                 co_await Promise<>::resolve();
             }).next();
         }},
        {"what a handler has captured", [] { Promise<>::resolve().then([end = ThrowsAtEnd()] {}); }},
        {"what a timer has captured", [] { setTimeout([end = ThrowsAtEnd()] {}); }},
        {"what a microtask has captured", [] { queueMicrotask([end = ThrowsAtEnd()] {}); }},
        {"what a coroutine has captured", [] { async([end = ThrowsAtEnd()]() -> Promise<> { co_return; }); }},
    };
    for (const auto& place : places) {
        INFO(place.first);
        const std::string words = lastWords([&place] {
            EventLoop loop({.virtualTime = true});
            loop.run(place.second);
        });
        CHECK(occurrences(words, "terminat") > 0);
    }
}

namespace {

using Owned = std::unique_ptr<int>;

/// What becomes of a promise of what can only be moved while another handle shares it: a TypeError, and then the other
/// one still has the value.
template <class T, class Take>
Promise<> shares(Journal& log, Promise<T> first, Take take) {
    const Promise<T> second = first;
    try {
        auto taken = take(std::move(first));
        co_await std::move(taken);
        log("TAKEN");
    } catch (const TypeError&) {
        log("TypeError");
    }
    log(second.state() == PromiseState::fulfilled);
}

AsyncGenerator<Owned, Owned> owners() {
    co_yield std::make_unique<int>(7);
    co_return std::make_unique<int>(8);
}

template <class T>
Promise<> awaitIt(Promise<T> promise) {
    co_await std::move(promise);
}

}

TEST_CASE("what can only be moved and has two takers is a TypeError for the first and there for the second") {
    const auto await = [](auto promise) { return awaitIt(std::move(promise)); };
    CHECK(heard([&](Journal& log) {
              async([&log, await]() -> Promise<> {
                  const auto generator = owners();
                  auto step = generator.next();
                  const auto same = step;
                  auto yielded = shares(log, std::move(step), await);
                  co_await std::move(yielded);
                  log(**same.value());
                  auto end = generator.next();
                  const auto sameEnd = end;
                  auto returned = shares(log, std::move(end), await);
                  co_await std::move(returned);
                  log(**sameEnd.value().returned());
                  auto all = Promise<>::all(Promise<Owned>::resolve(std::make_unique<int>(1)));
                  auto ofAll = shares(log, std::move(all), await);
                  co_await std::move(ofAll);
                  auto ends = Promise<>::allSettled(Promise<Owned>::resolve(std::make_unique<int>(1)));
                  auto ofEnds = shares(log, std::move(ends), await);
                  co_await std::move(ofEnds);
                  auto vector =
                      fromAsync(std::vector<int>{1, 2}, [](int value) { return std::make_unique<int>(value); });
                  auto ofVector = shares(log, std::move(vector), await);
                  co_await std::move(ofVector);
              });
          }) == "TypeError true 7 TypeError true 8 TypeError true TypeError true TypeError true");
}

TEST_CASE("what can only be moved and is shared is a TypeError wherever it would be taken") {
    const auto value = [] { return Promise<Owned>::resolve(std::make_unique<int>(7)); };
    CHECK(heard([&](Journal& log) {
              async([&log, value]() -> Promise<> {
                  auto a = shares(log, value(), [](auto p) { return Promise<>::race(std::move(p)); });
                  co_await std::move(a);
                  auto b = shares(log, value(), [](auto p) { return Promise<>::any(std::move(p)); });
                  co_await std::move(b);
                  auto c = shares(log, value(), [](auto p) {
                      const auto generator = async([p]() -> AsyncGenerator<Owned> { co_yield p; });
                      return generator.next();
                  });
                  co_await std::move(c);
                  auto d = shares(log, value(), [](auto p) { return owners().return_(std::move(p)); });
                  co_await std::move(d);
                  auto e = shares(log, value(), [](auto p) {
                      std::vector<Promise<Owned>> range;
                      range.push_back(std::move(p));
                      return forAwait(std::move(range), [](const Owned&) {});
                  });
                  co_await std::move(e);
                  auto f = shares(log, value(), [](auto p) { return async([p]() -> Promise<Owned> { co_return p; }); });
                  co_await std::move(f);
                  auto g = shares(log, value(), [](auto p) {
                      return async([p = std::move(p)]() mutable -> Promise<> { co_await std::move(p).settled(); });
                  });
                  co_await std::move(g);
              });
          }) == "TypeError true TypeError true TypeError true TypeError true TypeError true TypeError true TypeError "
                "true");
}
