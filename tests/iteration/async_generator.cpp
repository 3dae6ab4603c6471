// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/steady_state.hpp"
#include "support/ticks.hpp"
#include "support/turn.hpp"

#include <rondo/events/global_scope.hpp>
#include <rondo/iteration.hpp>

#include <memory>
#include <optional>
#include <source_location>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<int> upTo(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

/// Says when it is destroyed.
struct AtExit {
    AtExit(Journal& journal, const char* text) : log(journal), name(text) {}
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;
    ~AtExit() { log("~", name); }
    Journal& log;
    const char* name;
};

AsyncGenerator<int> guarded(Journal& log, int last) {
    const AtExit guard(log, "body");
    for (int i = 1; i <= last; ++i) co_yield i;
}

template <class T, class R>
std::string text(const IteratorResult<T, R>& step) {
    std::ostringstream out;
    if (step) {
        out << *step;
    } else {
        out << "done";
        if constexpr (!std::is_void_v<R>) {
            if (step.returned()) out << ":" << *step.returned();
        }
    }
    return out.str();
}

AsyncGenerator<int> inner() {
    co_await Promise<>::resolve();
    throw Error("here");
    co_yield 1;
}
Promise<> consumer() {
    auto g = inner();
    co_await g.next();
}
Promise<> outer() { co_await consumer(); }

Promise<> settle() {
    return Promise<>([](auto resolve) { EventLoop::current().setTimer(resolve, 0, false); });
}

}

ASYNC_TEST_CASE("calling the function runs nothing and the first next begins the body in its caller") {
    Journal log;
    auto g = [](Journal& journal) -> AsyncGenerator<int> {
        journal("begins");
        co_yield 1;
    }(log);
    log("made");
    auto step = g.next();
    log("asked");
    const auto first = co_await step;
    log(*first);
    CHECK(log == "made begins asked 1");
}

ASYNC_TEST_CASE("requests are queued and answered in order") {
    Journal log;
    auto g = upTo(2);
    const auto say = [&](const char* name) {
        return [&log, name](const IteratorResult<int>& step) { log(name, "=", text(step)); };
    };
    g.next().then(say("a"));
    g.next().then(say("b"));
    g.return_().then(say("c"));
    g.next().then(say("d"));
    auto thrown = g.throw_(Error("late"));
    const auto failed = co_await thrown.settled();
    CHECK(failed.rejected());
    CHECK(log == "a=1 b=2 c=done d=done");
}

ASYNC_TEST_CASE("what is thrown in is thrown at the yield and a body that catches it goes on") {
    auto g = []() -> AsyncGenerator<std::string> {
        std::string caught = "nothing";
        for (;;) {
            try {
                co_yield caught;
                caught = "nothing";
            } catch (const Error& e) {
                caught = std::string(e.message());
            }
        }
    }();
    auto a = co_await g.next();
    auto b = co_await g.throw_(TypeError("this"));
    auto c = co_await g.next();
    CHECK(*a == "nothing");
    CHECK(*b == "this");
    CHECK(*c == "nothing");
}

ASYNC_TEST_CASE("return unwinds the body at its yield and promises the value it was given") {
    Journal log;
    auto g = [](Journal& journal) -> AsyncGenerator<int, std::string> {
        const AtExit guard(journal, "body");
        co_yield 1;
        journal("never");
        co_return "end";
    }(log);
    co_await g.next();
    auto last = co_await g.return_("early");
    CHECK(log == "~body");
    CHECK(text(last) == "done:early");
    auto after = co_await g.next();
    CHECK(text(after) == "done");
    auto again = co_await g.return_("again");
    CHECK(text(again) == "done:again");
}

ASYNC_TEST_CASE("a handler that catches the return completion may wait and yield and override the result") {
    Journal log;
    auto g = [](Journal& journal) -> AsyncGenerator<int, int> {
        std::exception_ptr leaving;
        try {
            co_yield 1;
        } catch (...) {
            leaving = std::current_exception();
        }
        co_await Promise<>::resolve();
        journal("closed");
        co_yield 2;
        if (leaving) std::rethrow_exception(leaving);
        co_return 0;
    }(log);
    co_await g.next();
    auto yielded = co_await g.return_(7);
    log(text(yielded));
    auto ended = co_await g.next();
    log(text(ended));

    auto overriding = []() -> AsyncGenerator<int, int> {
        try {
            co_yield 1;
        } catch (const ReturnCompletion&) {
            co_return 9;
        }
        co_return 0;
    }();
    co_await overriding.next();
    auto result = co_await overriding.return_(7);
    log(text(result));
    CHECK(log == "closed 2 done:7 done:9");
}

ASYNC_TEST_CASE("the return completion of another generator is an error like others") {
    using Words = AsyncGenerator<int, std::string>;
    constexpr auto keeps = [](std::exception_ptr& kept) -> Words {
        try {
            co_yield 1;
        } catch (const ReturnCompletion&) {
            kept = std::current_exception();
        }
        co_return "kept";
    };
    constexpr auto throws = [](const std::exception_ptr& kept) -> Words {
        try {
            co_yield 1;
        } catch (const ReturnCompletion&) {
            std::rethrow_exception(kept);
        }
        co_return "never";
    };
    std::exception_ptr kept;
    auto one = keeps(kept), other = throws(kept);
    co_await one.next();
    co_await one.return_("one");
    co_await other.next();
    auto ended = other.return_("other");
    const auto settled = co_await ended.settled();
    CHECK(kept);
    CHECK(settled.reason() == kept);
}

ASYNC_TEST_CASE("handlers of standard exceptions do not see the return completion") {
    Journal log;
    auto g = [](Journal& journal) -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const std::exception&) {
            journal("caught");
        }
        journal("went on");
    }(log);
    co_await g.next();
    co_await g.return_();
    CHECK(log == "");
}

ASYNC_TEST_CASE("what the body returns is awaited and a rejected promise rejects") {
    auto value = []() -> AsyncGenerator<int, std::string> { co_return "v"; }();
    auto promised = []() -> AsyncGenerator<int, std::string> {
        co_return Promise<std::string>::resolve(std::string("p"));
    }();
    auto rejected = []() -> AsyncGenerator<int, std::string> { co_return Promise<std::string>::reject(Error("no")); }();
    auto a = co_await value.next();
    auto b = co_await promised.next();
    auto next = rejected.next();
    const auto c = co_await next.settled();
    CHECK(text(a) == "done:v");
    CHECK(text(b) == "done:p");
    CHECK(c.rejected());
}

ASYNC_TEST_CASE("a destructor that throws behind co_return overrides the result") {
    struct Throws {
        ~Throws() noexcept(false) { throw Error("from a destructor"); }
    };
    auto value = []() -> AsyncGenerator<int, int> {
        const Throws last;
        co_return 1;
    }();
    auto promised = []() -> AsyncGenerator<int, int> {
        const Throws last;
        co_return Promise<int>::resolve(1);
    }();
    auto first = value.next();
    const auto a = co_await first.settled();
    auto second = promised.next();
    const auto b = co_await second.settled();
    CHECK(base::describe(a.reason()) == "Error: from a destructor");
    CHECK(base::describe(b.reason()) == "Error: from a destructor");
}

ASYNC_TEST_CASE("a promise is awaited where it is yielded and throws there if it is rejected") {
    auto g = []() -> AsyncGenerator<int> {
        bool thrown = false;
        co_yield Promise<int>::resolve(1);
        try {
            co_yield Promise<int>::reject(Error("no"));
        } catch (const Error&) {
            thrown = true;
        }
        if (thrown) co_yield 2;
    }();
    auto values = co_await fromAsync(g);
    CHECK(values == std::vector<int>{1, 2});
}

ASYNC_TEST_CASE("a thenable is followed where it is yielded") {
    struct Later {
        void then(promise::Resolve<int> resolve, promise::Reject<int>) { resolve(5); }
    };
    auto g = []() -> AsyncGenerator<int> { co_yield Later(); }();
    auto step = co_await g.next();
    CHECK(*step == 5);
}

ASYNC_TEST_CASE("values that can only be moved are yielded and returned") {
    auto g = []() -> AsyncGenerator<MoveOnly, MoveOnly> {
        co_yield MoveOnly(1);
        co_yield Promise<MoveOnly>::resolve(MoveOnly(2));
        co_return MoveOnly(3);
    }();
    auto a = co_await g.next();
    auto b = co_await g.next();
    auto c = co_await g.next();
    CHECK((a->value == 1 && b->value == 2 && c.returned()->value == 3));
    auto h = []() -> AsyncGenerator<MoveOnly, MoveOnly> {
        co_yield MoveOnly(1);
        co_return MoveOnly(2);
    }();
    co_await h.next();
    auto d = co_await h.return_(MoveOnly(4));
    CHECK(d.returned()->value == 4);
}

ASYNC_TEST_CASE("what copying a yielded value throws is thrown at the yield") {
    struct Uncopyable {
        Uncopyable() = default;
        Uncopyable(const Uncopyable&) { throw Error("no copy"); }
        Uncopyable(Uncopyable&&) noexcept = default;
    };
    auto g = []() -> AsyncGenerator<Uncopyable> {
        const Uncopyable one;
        bool thrown = false;
        try {
            co_yield one;
        } catch (const Error&) {
            thrown = true;
        }
        if (thrown) co_yield Uncopyable();
        auto shared = Promise<Uncopyable>::resolve(Uncopyable());
        co_yield shared; // somebody else holds it: a copy
    }();
    auto a = co_await g.next();
    CHECK(a);
    auto next = g.next();
    const auto b = co_await next.settled();
    CHECK(base::describe(b.reason()) == "Error: no copy");
}

ASYNC_TEST_CASE("a body may ask itself for more and waits for the answer no longer than its caller") {
    Journal log;
    std::optional<AsyncGenerator<int>> g;
    g = [](Journal& journal, std::optional<AsyncGenerator<int>>& self) -> AsyncGenerator<int> {
        self->next().then([&journal](const IteratorResult<int>& step) { journal("inner", *step); });
        co_yield 1;
        co_yield 2;
    }(log, g);
    auto step = co_await g->next();
    log("outer", *step);
    co_await settle();
    CHECK(log == "outer1 inner2");
}

TEST_CASE("a generator that nobody holds is destroyed where it is suspended") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        {
            auto unused = guarded(log, 3);
            auto halfway = guarded(log, 3);
            co_await halfway.next();
            log("leaving");
        }
        log("left");
    });
    CHECK(log == "leaving ~body left");
}

TEST_CASE("a generator that nobody holds answers what it was asked first") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto g = guarded(log, 3);
        g.next().then([&](const IteratorResult<int>& step) { log(*step); });
        g.next().then([&](const IteratorResult<int>& step) { log(*step); });
    });
    CHECK(log == "1 ~body 2");
}

TEST_CASE("a body may destroy the last handle of its own generator") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        std::optional<AsyncGenerator<int>> g;
        g = [](Journal& journal, std::optional<AsyncGenerator<int>>& self) -> AsyncGenerator<int> {
            const AtExit guard(journal, "body");
            self.reset();
            co_await Promise<>::resolve();
            co_yield 1;
            journal("never");
        }(log, g);
        auto step = g->next();
        auto first = co_await step;
        log(*first);
    });
    CHECK(log == "~body 1");
}

TEST_CASE("a generator that waits for what never comes is collected with its requests") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::optional<AsyncGenerator<int>> g;
    loop.run([&] {
        auto never = Promise<int>::withResolvers();
        g = [](Journal& journal, Promise<int> awaited, bool yields) -> AsyncGenerator<int> {
            const AtExit guard(journal, "body");
            if (yields) {
                co_yield std::move(awaited);
            } else {
                co_await std::move(awaited);
            }
        }(log, never.promise, true);
        [](AsyncGenerator<int>& of, Journal& journal) -> Promise<> {
            const AtExit guard(journal, "waiting");
            co_await of.next();
        }(*g, log);
        g->next().then([&] { log("never"); });
    });
    CHECK(log == "~body ~waiting");
    log.clear();
    loop.run([&] { // stuck for ever, as in JavaScript
        g->next().then([&] { log("never"); });
        g->return_().then([&] { log("never"); });
    });
    CHECK(log == "");
}

TEST_CASE("a loop that goes takes its generators along wherever they are") {
    Journal log;
    CountingSource memory;
    {
        std::optional<AsyncGenerator<int>> fresh;
        std::optional<AsyncGenerator<int>> yielded;
        std::optional<AsyncGenerator<int>> awaiting;
        std::optional<AsyncGenerator<int>> yielding;
        std::optional<AsyncGenerator<int>> draining;
        std::optional<AsyncGenerator<int>> finished;
        std::optional<PromiseWithResolvers<int>> never;
        std::optional<PromiseWithResolvers<>> neither;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&]() -> Promise<> {
                never = Promise<int>::withResolvers();
                neither = Promise<>::withResolvers();
                const auto waits = [](Journal& journal, const char* name, Promise<int> p,
                                      bool yields) -> AsyncGenerator<int> {
                    const AtExit guard(journal, name);
                    if (yields) {
                        co_yield std::move(p);
                    } else {
                        co_await std::move(p);
                    }
                };
                fresh = guarded(log, 1);
                yielded = guarded(log, 2);
                co_await yielded->next();
                awaiting = waits(log, "awaiting", never->promise, false);
                awaiting->next();
                awaiting->next();
                yielding = waits(log, "yielding", never->promise, true);
                yielding->next();
                draining = guarded(log, 1);
                draining->return_(neither->promise);
                draining->next();
                finished = upTo(0);
                co_await finished->next();
            });
            CHECK(log == "");
        }
        CHECK(log == "~yielding ~awaiting ~body");
        never->resolve(1);
        EventLoop second({.virtualTime = true});
        second.run([&] { // of a loop that has gone: nothing happens any more
            for (auto* g : {&fresh, &yielded, &awaiting, &yielding, &draining, &finished}) {
                (*g)->next().then([&] { log("never"); });
                (*g)->return_().then([&] { log("never"); });
            }
        });
        CHECK(log == "~yielding ~awaiting ~body");
    }
    CHECK(memory.balance() == 0);
}

TEST_CASE("without memory a request throws and changes nothing") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            source.failAfter(successes);
            try {
                auto g = upTo(3);
                auto first = g.next();
                auto second = g.next();
                source.disarm();
                auto a = co_await std::move(first);
                auto b = co_await std::move(second);
                CHECK((*a == 1 && *b == 2));
            } catch (const std::bad_alloc&) {}
            source.disarm();
        });
    });
}

TEST_CASE("a steady loop over a generator takes no block from the source") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    const int taken = blocksTakenInSteadyState(source, [&] {
        loop.run([]() -> Promise<> {
            auto g = upTo(10);
            while (auto step = co_await g.next()) {}
        });
    });
    CHECK(taken == 0);
}

TEST_CASE("a lambda with captures is kept as long as its body may run") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        auto captured = std::make_shared<AtExit>(log, "capture");
        auto make = [captured, &log](int last) -> AsyncGenerator<int> {
            for (int i = 1; i <= last; ++i) {
                log(captured->name, i);
                co_yield i;
            }
        };
        captured = nullptr;
        auto halfway = async(make, 2);
        auto whole = async(std::move(make), 1);
        co_await halfway.next();
        while (auto step = co_await whole.next()) {}
        log("done");
        halfway = {};
        log("leaving");
    });
    CHECK(log == "capture1 capture1 done ~capture leaving");
}

TEST_CASE("a generator that was made by async may be given on by async") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        auto inner = std::make_shared<AtExit>(log, "inner");
        auto outer = std::make_shared<AtExit>(log, "outer");
        auto make = [inner, outer, &log] {
            log("make");
            return async([inner]() -> AsyncGenerator<int> { co_yield 1; });
        };
        inner = nullptr;
        outer = nullptr;
        auto g = async(std::move(make));
        while (auto step = co_await g.next()) log(*step);
        log("done");
    });
    CHECK(log == "make 1 ~outer ~inner done");
}

TEST_CASE("the closure of a generator that is collected goes behind its parameters") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto g = async(
            [capture = std::make_unique<AtExit>(log, "capture")](std::unique_ptr<AtExit>) -> AsyncGenerator<int> {
                co_await Promise<>([](auto) {});
                co_yield *capture->name;
            },
            std::make_unique<AtExit>(log, "parameter"));
        g.next();
    });
    CHECK(log == "~parameter ~capture");
}

TEST_CASE("an error in a body has the awaits of its consumers above it") {
    EventLoop loop({.virtualTime = true});
    std::string stack;
    loop.run([&]() -> Promise<> {
        auto p = outer();
        const auto settled = co_await p.settled();
        try {
            std::rethrow_exception(settled.reason());
        } catch (const Error& e) {
            stack = e.stack();
        }
    });
    const auto at = [&](const char* name) { return stack.find(name); };
    INFO(stack);
    CHECK((at("inner") < at("consumer") && at("consumer") < at("outer") && at("outer") != std::string::npos));
}

TEST_CASE("what is suspended at a yield that nobody waits for is not pending") {
    EventLoop loop({.virtualTime = true});
    std::optional<AsyncGenerator<int>> g;
    auto never = Promise<int>::withResolvers();
    loop.run([&]() -> Promise<> {
        g = [](Promise<int> p) -> AsyncGenerator<int> {
            co_yield 1;
            co_yield p;
        }(never.promise);
        co_await g->next();
    });
    CHECK(loop.pending().empty());
    loop.run([&] { g->next(); });
    const auto pending = loop.pending();
    CHECK(pending.size() == 1);
}

TEST_CASE("a rejection of a request that nobody handles is reported") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.globalThis().addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
        log(base::describe(event.reason()));
        event.preventDefault();
    });
    loop.run([] {
        auto g = []() -> AsyncGenerator<int> {
            throw Error("no");
            co_yield 1;
        }();
        g.next();
        g.next();
    });
    CHECK(log == "Error: no");
}

TEST_CASE("where there is no loop a generator cannot be made") { CHECK_THROWS_AS(upTo(1), std::logic_error); }
