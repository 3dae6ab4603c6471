// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/turn.hpp"
#include "support/written.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;

namespace {

struct Click : Event {
    explicit Click(int position) : Event("click"), x(position) {}
    int x;
};
struct DoubleClick : Click {
    explicit DoubleClick(int position) : Click(position) {}
};

Journal* heard = nullptr;
void hear() { (*heard)("nothing"); }
void hearEvent(Event& event) { (*heard)(event.type()); }
void hearConst(const Event& event) noexcept { (*heard)("const:", event.type()); }
void hearClick(Click& click) { (*heard)("x=", click.x); }
int hearAndReturn(Event&) { return 1; }

struct Handler {
    explicit Handler(Journal& journal) : log(&journal) {}
    void handleEvent(Event& event) { (*log)(++calls, event.type()); }
    Journal* log;
    int calls = 0;
};
struct ClickHandler {
    explicit ClickHandler(Journal& journal) : log(&journal) {}
    void handleEvent(const Click& click) const noexcept { (*log)("x=", click.x); }
    Journal* log;
};
struct SilentHandler {
    void handleEvent() { ++calls; }
    int calls = 0;
};

struct ThrowsWhenCopied {
    ThrowsWhenCopied() = default;
    ThrowsWhenCopied(const ThrowsWhenCopied&) { throw std::runtime_error("no copy"); }
    ThrowsWhenCopied& operator=(const ThrowsWhenCopied&) = delete;
    void operator()() const {}
};

/// What is printed while `f` is called.
template <class F>
std::string printed(F f) {
    return writtenTo(stderr, f);
}

}

TEST_CASE("a listener takes nothing or the event") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&] { log("nothing"); });
    target.addEventListener("x", [&](Event& event) { log(event.type()); });
    target.addEventListener("x", [&](const Event& event) { log("const:", event.type()); });
    target.addEventListener("x", [&](auto& event) { log("generic:", event.type()); });
    target.addEventListener("x", [&](const auto& event) { log("const generic:", event.type()); });
    target.addEventListener("x", [&](auto&&... events) { log("variadic:", sizeof...(events)); });
    target.dispatchEvent(Event("x"));
    CHECK(log == "nothing x const:x generic:x const generic:x variadic:1");
}

TEST_CASE("a listener may be called through a function pointer or std function or std bind") {
    Journal log;
    heard = &log;
    EventTarget target;
    target.addEventListener("x", hear);
    target.addEventListener("x", &hearEvent);
    target.addEventListener("x", hearConst);
    target.addEventListener("x", hearAndReturn);
    target.addEventListener("x", std::function<void(Event&)>([&](Event& event) { log("function:", event.type()); }));
    target.addEventListener("x", std::bind([&](int number) { log("bound:", number); }, 3));
    target.dispatchEvent(Event("x"));
    CHECK(log == "nothing x const:x function:x bound:3");
}

TEST_CASE("a listener may change itself and is one object") {
    Journal log;
    EventTarget target;
    target.addEventListener("x", [&, calls = 0]() mutable { log(++calls); });
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "1 2");
}

TEST_CASE("a const closure is copied and a temporary one is moved") {
    Counted::reset();
    {
        EventTarget target;
        const auto listener = [counted = Counted(1)] {};
        Counted::copies = Counted::moves = 0;
        target.addEventListener("x", listener);
        CHECK(Counted::copies == 1);
        auto second = [counted = Counted(2)] {};
        Counted::copies = 0;
        target.addEventListener("x", std::move(second));
        target.dispatchEvent(Event("x"));
        CHECK(Counted::copies == 0);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a closure that can only be moved is a listener") {
    EventTarget target;
    int seen = 0;
    target.addEventListener("x", [&seen, owned = std::make_unique<int>(7)] { seen = *owned; });
    target.dispatchEvent(Event("x"));
    CHECK(seen == 7);
}

TEST_CASE("a closure that is aligned to more than the heap is a listener") {
    struct alignas(128) Wide {
        int value = 3;
    };
    EventTarget target;
    std::uintptr_t address = 1;
    target.addEventListener("x", [&address, wide = Wide()] { address = reinterpret_cast<std::uintptr_t>(&wide); });
    target.dispatchEvent(Event("x"));
    CHECK(address % 128 == 0);
}

TEST_CASE("a closure whose copy throws is not added") {
    EventTarget target;
    ThrowsWhenCopied listener;
    int calls = 0;
    target.addEventListener("x", [&] { ++calls; });
    CHECK_THROWS_AS(target.addEventListener("x", listener), std::runtime_error);
    CHECK_THROWS_AS(target.eventHandler("x", listener), std::runtime_error);
    CHECK_FALSE(target.eventHandler("x"));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("a listener that takes a class of events is called with those and the ones derived from it") {
    Journal log;
    EventTarget target;
    target.addEventListener("click", [&](Click& click) { log("click:", click.x); });
    target.addEventListener("click", [&](const Click& click) { log("const:", click.x); });
    heard = &log;
    target.addEventListener("click", hearClick);
    target.dispatchEvent(Click(1));
    target.dispatchEvent(DoubleClick(2));
    CHECK(log == "click:1 const:1 x=1 click:2 const:2 x=2");
}

TEST_CASE("a listener that takes another class of events is not called and a TypeError is reported") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const ReportedErrors reported(loop, log);
    loop.run([&] {
        EventTarget target;
        target.addEventListener("click", [&](DoubleClick&) { log("never"); });
        target.addEventListener("click", [&](CustomEvent<int>&) { log("never"); });
        target.addEventListener("click", [&](Event&) { log("next"); });
        target.dispatchEvent(Click(1));
        target.dispatchEvent(CustomEvent<long>("click", 1));
    });
    CHECK(occurrences(log.text(), "reported:TypeError: ") == 4);
    CHECK(occurrences(log.text(), "next") == 2);
    CHECK(occurrences(log.text(), "never") == 0);
}

TEST_CASE("an overloaded listener is called with the event if it can be") {
    struct Overloaded {
        Journal& log;
        void operator()() const { log("nothing"); }
        void operator()(Event& event) const { log("event:", event.type()); }
        void operator()(Click& click) const { log("click:", click.x); }
    };
    Journal log;
    EventTarget target;
    target.addEventListener("click", Overloaded{log});
    target.dispatchEvent(Click(1));
    CHECK(log == "event:click");
}

TEST_CASE("a listener that is called on const and on rvalues alike is called as an lvalue") {
    struct Qualified {
        Journal& log;
        void operator()(Event&) & { log("lvalue"); }
        void operator()(Event&) const& { log("const"); }
        void operator()(Event&) && { log("rvalue"); }
    };
    Journal log;
    EventTarget target;
    target.addEventListener("x", Qualified{log});
    target.dispatchEvent(Event("x"));
    CHECK(log == "lvalue");
}

TEST_CASE("an object with a handleEvent is a listener and is copied") {
    Journal log;
    EventTarget target;
    Handler handler(log);
    target.addEventListener("x", handler);
    target.dispatchEvent(Event("x"));
    target.dispatchEvent(Event("x"));
    CHECK(log == "1x 2x");
    CHECK(handler.calls == 0);
}

TEST_CASE("a pointer to an object with a handleEvent calls that object") {
    Journal log;
    EventTarget target;
    Handler handler(log);
    SilentHandler silent;
    const ClickHandler clicks(log);
    target.addEventListener("click", &handler);
    target.addEventListener("click", &silent);
    target.addEventListener("click", &clicks);
    target.dispatchEvent(Click(5));
    CHECK(log == "1click x=5");
    CHECK(handler.calls == 1);
    CHECK(silent.calls == 1);
}

TEST_CASE("a shared pointer to an object with a handleEvent keeps it until it is removed") {
    Journal log;
    EventTarget target;
    auto handler = std::make_shared<Handler>(log);
    const std::weak_ptr<Handler> alive = handler;
    target.addEventListener("x", handler);
    handler = nullptr;
    target.dispatchEvent(Event("x"));
    CHECK(log == "1x");
    target.removeEventListener("x", alive.lock());
    CHECK(alive.expired());
}

TEST_CASE("a unique pointer to an object with a handleEvent is a listener and the object is known") {
    Journal log;
    EventTarget target;
    auto handler = std::make_unique<Handler>(log);
    Handler* const pointer = handler.get();
    target.addEventListener("x", std::move(handler));
    target.addEventListener("x", pointer);
    target.dispatchEvent(Event("x"));
    CHECK(log == "1x");
    target.removeEventListener("x", pointer);
    target.dispatchEvent(Event("x"));
    CHECK(log == "1x");
}

TEST_CASE("a handleEvent that is a member object is looked up when it is called") {
    struct Object {
        std::function<void(Event&)> handleEvent;
    };
    Journal log;
    EventTarget target;
    Object object{[&](Event& event) { log("first:", event.currentTarget() == &target); }};
    target.addEventListener("x", &object);
    target.dispatchEvent(Event("x"));
    object.handleEvent = [&](Event&) { log("second"); };
    target.dispatchEvent(Event("x"));
    CHECK(log == "first:true second");
}

TEST_CASE("a callable object is called itself and not its handleEvent") {
    struct Both {
        Journal& log;
        void operator()(Event&) const { log("called"); }
        void handleEvent(Event&) const { log("handleEvent"); }
    };
    Journal log;
    EventTarget target;
    target.addEventListener("x", Both{log});
    target.dispatchEvent(Event("x"));
    CHECK(log == "called");
}

TEST_CASE("a listener that is null is ignored") {
    EventTarget target;
    int calls = 0;
    target.addEventListener("x", [&] { ++calls; });
    CHECK_FALSE(target.addEventListener("x", EventListener()));
    CHECK_FALSE(target.addEventListener("x", static_cast<void (*)(Event&)>(nullptr)));
    CHECK_FALSE(target.addEventListener("x", static_cast<Handler*>(nullptr)));
    CHECK_FALSE(target.addEventListener("x", std::shared_ptr<Handler>()));
    CHECK_FALSE(target.addEventListener("x", nullptr));
    target.removeEventListener("x", EventListener());
    target.removeEventListener("x", static_cast<void (*)(Event&)>(nullptr));
    target.removeEventListener("x", static_cast<Handler*>(nullptr));
    target.removeEventListener("x", std::shared_ptr<Handler>());
    target.removeEventListener("x", nullptr);
    const std::string text = printed([&] { CHECK(target.dispatchEvent(Event("x"))); });
    CHECK(text.empty());
    CHECK(calls == 1);
    target.eventHandler("x", [&] { ++calls; });
    target.eventHandler("x", static_cast<Handler*>(nullptr));
    CHECK_FALSE(target.eventHandler("x"));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 2);
}

TEST_CASE("an object and its first member are two listeners") {
    struct Inner {
        Journal* log;
        void handleEvent() const { (*log)("inner"); }
    };
    struct Outer {
        Inner first;
        void handleEvent() const { (*first.log)("outer"); }
    };
    Journal log;
    EventTarget target;
    Outer outer{{&log}};
    target.addEventListener("x", &outer);
    target.addEventListener("x", &outer.first);
    target.dispatchEvent(Event("x"));
    CHECK(log == "outer inner");
}

TEST_CASE("a pointer to const and a shared pointer are the same listener as the pointer") {
    struct Object {
        int* calls;
        void handleEvent() const { ++*calls; }
    };
    int calls = 0;
    EventTarget target;
    const auto object = std::make_shared<Object>(Object{&calls});
    target.addEventListener("x", object);
    target.addEventListener("x", object.get());
    target.addEventListener("x", static_cast<const Object*>(object.get()));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
    target.removeEventListener("x", static_cast<const Object*>(object.get()));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}

TEST_CASE("what a listener returns is ignored") {
    EventTarget target;
    target.addEventListener("x", [] { return false; });
    target.addEventListener("x", [] { return true; });
    target.addEventListener("x", [](Event&) { return std::string("text"); });
    Event event("x", {.cancelable = true});
    CHECK(target.dispatchEvent(event));
    CHECK_FALSE(event.defaultPrevented());
}

TEST_CASE("a listener that is a coroutine runs to its first await inside dispatchEvent") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        EventTarget target;
        target.addEventListener("x", [&log](Event& event) -> Promise<> {
            log(event.type());
            co_await Promise<>::resolve();
            log("later");
        });
        target.addEventListener("x", [&log] { log("second"); });
        target.dispatchEvent(Event("x"));
        log("after");
    });
    CHECK(log == "x second after later");
}

TEST_CASE("the captures of a listener that is a coroutine live until it has finished") {
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        auto gate = Promise<>::withResolvers();
        loop.run([&] {
            EventTarget target;
            target.addEventListener("x",
                                    [&log, promise = gate.promise, counted = Counted(7)]() -> Promise<> {
                                        co_await promise;
                                        log("captured:", counted.value);
                                    },
                                    {.once = true});
            target.dispatchEvent(Event("x"));
            target.dispatchEvent(Event("x"));
            CHECK(Counted::alive == 1);
        });
        CHECK(Counted::alive == 1);
        gate.resolve();
        loop.run([] {});
        CHECK(log == "captured:7");
        CHECK(Counted::alive == 0);
    }
}

TEST_CASE("the captures of a listener that never finishes go with the loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        auto gate = Promise<>::withResolvers();
        loop.run([&] {
            EventTarget target;
            target.addEventListener("x", [promise = gate.promise, counted = Counted(7)]() -> Promise<> {
                const Counted local(counted);
                co_await promise;
            });
            target.dispatchEvent(Event("x"));
            target.dispatchEvent(Event("x"));
        });
        CHECK(Counted::alive == 3);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a rejected promise that a listener returns is an unhandled rejection") {
    std::string text = printed([] {
        EventLoop loop({.virtualTime = true});
        const int code = loop.run([] {
            EventTarget target;
            target.addEventListener("x", []() -> Promise<> {
                co_await Promise<>::resolve();
                throw Error("late");
            });
            target.addEventListener("x", [] { return Promise<int>::reject(Error("at once")); });
            target.dispatchEvent(Event("x"));
        });
        CHECK(code == 1);
    });
    CHECK(occurrences(text, "Uncaught (in promise) Error: at once") == 1);
    CHECK(occurrences(text, "Uncaught (in promise) Error: late") == 1);
}

TEST_CASE("a handleEvent that is a coroutine keeps a shared object until it has finished") {
    struct Object {
        Promise<> promise;
        Counted counted;
        Journal& log;
        Promise<> handleEvent() {
            co_await promise;
            log("counted:", counted.value);
        }
    };
    Counted::reset();
    Journal log;
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<>::withResolvers();
    loop.run([&] {
        EventTarget target;
        target.addEventListener("x", std::make_shared<Object>(Object{gate.promise, Counted(4), log}));
        target.dispatchEvent(Event("x"));
    });
    CHECK(Counted::alive == 1);
    gate.resolve();
    loop.run([] {});
    CHECK(log == "counted:4");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a listener that is a coroutine is not called without a loop") {
    EventTarget target;
    Journal log;
    target.addEventListener("x", [&]() -> Promise<> {
        log("never");
        co_return;
    });
    target.addEventListener("x", [&] { log("next"); });
    const std::string text = printed([&] { target.dispatchEvent(Event("x")); });
    CHECK(log == "next");
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("there is no EventLoop"));
}

TEST_CASE("a handle is empty or the same as its copies") {
    EventTarget target;
    const EventListener none;
    CHECK_FALSE(none);
    const EventListener a = target.addEventListener("x", [] {});
    const EventListener b = target.addEventListener("x", [] {});
    const EventListener copy = a;
    CHECK(a);
    CHECK(a == copy);
    CHECK(a != b);
    CHECK(a != none);
    CHECK(none == EventListener());
}

TEST_CASE("a handle keeps its callback when the target and the registration have gone") {
    Counted::reset();
    int calls = 0;
    {
        EventListener handle;
        {
            EventTarget gone;
            handle = gone.addEventListener("x", [&calls, counted = Counted(1)] { ++calls; });
        }
        CHECK(Counted::alive == 1);
        EventTarget target;
        target.addEventListener("y", handle);
        target.dispatchEvent(Event("y"));
        CHECK(calls == 1);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("adding a function again gives the same handle") {
    Journal log;
    heard = &log;
    EventTarget target;
    const EventListener a = target.addEventListener("x", hear);
    const EventListener b = target.addEventListener("y", hear);
    CHECK(a == b);
}

TEST_CASE("an empty std::function is no listener") {
    EventTarget target;
    const std::function<void()> none;
    CHECK_FALSE(target.addEventListener("x", none));
    int calls = 0;
    const std::function<void()> counts = [&] { ++calls; };
    CHECK(target.addEventListener("x", counts));
    target.dispatchEvent(Event("x"));
    CHECK(calls == 1);
}
