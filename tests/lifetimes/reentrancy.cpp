// SPDX-License-Identifier: MIT

// Values that call back what copies, moves or destroys them.

#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/turn.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/thread_pool.hpp>
#include <rondo/iteration/async_disposable_stack.hpp>
#include <rondo/iteration/event_iterator.hpp>
#include <rondo/promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

namespace {

/// A value that calls somebody when it is moved or copied, and when it is destroyed: each once, if it is told to.
class Caller {
public:
    static inline std::function<void()> onMove;
    static inline std::function<void()> onEnd;

    explicit Caller(int number) : value(std::make_unique<int>(number)) {}
    Caller(const Caller& other) : value(std::make_unique<int>(*other.value)) { call(onMove); }
    // NOLINTNEXTLINE(performance-noexcept-move-constructor): it calls what may throw
    Caller(Caller&& other) : value(std::move(other.value)) { call(onMove); }
    Caller& operator=(Caller&&) = delete;
    ~Caller() { call(onEnd); }

    std::unique_ptr<int> value; // freed twice by what destroys it twice

private:
    static void call(std::function<void()>& f) {
        if (f) std::exchange(f, nullptr)();
    }
};

/// A target whose events "go" are numbered, and an iterator over the numbers.
struct Numbers {
    Journal& log;
    int last = 0;
    EventTarget target = {};
    std::function<void()> inside = {};
    std::optional<EventIterator<Caller>> events = eventsOf(target, "go", [this] {
        if (inside) std::exchange(inside, nullptr)();
        return Caller(++last);
    });

    void go() { target.dispatchEvent(Event("go")); }
    void ask(const char* who) {
        events->next().then([this, who](const IteratorResult<Caller>& step) {
            log(who, "=", step ? std::to_string(*step->value) : "done");
        });
    }
};

/// What is heard of events, by a script in a loop of its own.
template <class Script>
std::string heardOf(Script script) {
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::optional<Numbers> numbers;
    loop.run([&] { script(numbers.emplace(log)); });
    Caller::onMove = nullptr;
    Caller::onEnd = nullptr;
    return log.text();
}

}

TEST_CASE("a value of an event may ask for the next one when it is destroyed") {
    for (int before = 0; before < 2; ++before) { // on its way; and where it was kept
        INFO(before << " destroyed before");
        CHECK(heardOf([before](Numbers& numbers) {
                  for (int i = 0; i < 3; ++i) numbers.go();
                  int left = before;
                  std::function<void()> ends = [&] {
                      if (left-- == 0) return numbers.ask("inner");
                      Caller::onEnd = ends;
                  };
                  Caller::onEnd = ends;
                  numbers.ask("outer");
                  numbers.ask("next");
              }) == "inner=2 outer=1 next=3");
    }
}

TEST_CASE("a value of an event may ask for the next one when it is moved") {
    CHECK(heardOf([](Numbers& numbers) { // while it is kept
              Caller::onMove = [&] { numbers.ask("inner"); };
              numbers.go();
              numbers.go();
              numbers.ask("next");
          }) == "inner=1 next=2");
    CHECK(heardOf([](Numbers& numbers) { // while it is given to whoever has asked first
              numbers.go();
              numbers.go();
              Caller::onMove = [&] { numbers.ask("inner"); };
              numbers.ask("outer");
          }) == "inner=2 outer=1");
}

TEST_CASE("a value of an event may fire the event again when it is moved") {
    CHECK(heardOf([](Numbers& numbers) {
              Caller::onMove = [&] { numbers.go(); };
              numbers.go();
              for (int i = 0; i < 2; ++i) numbers.ask("next");
          }) == "next=2 next=1");
}

TEST_CASE("an iterator of events that is returned while an event is made a value of gives none any more") {
    for (const bool whenMoved : {false, true}) {
        CHECK(heardOf([whenMoved](Numbers& numbers) {
                  numbers.go();
                  (whenMoved ? Caller::onMove : numbers.inside) = [&] { numbers.events->return_(); };
                  numbers.go();
                  for (int i = 0; i < 2; ++i) numbers.ask("next");
              }) == "next=1 next=done");
        CHECK(heardOf([whenMoved](Numbers& numbers) { // or destroyed
                  numbers.go();
                  (whenMoved ? Caller::onMove : numbers.inside) = [&] { numbers.events.reset(); };
                  numbers.go();
                  numbers.log(numbers.events.has_value());
              }) == "false");
    }
}

TEST_CASE("a value may put others on the stack that it is copied to") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        AsyncDisposableStack stack;
        const Caller value(7);
        stack.defer([&log] { log("first"); });
        Caller::onMove = [&] {
            for (int i = 0; i < 9; ++i) stack.defer([&log, i] { log(i); });
        };
        const Caller& kept = stack.adopt(value, [&log](const Caller& caller) { log("last", *caller.value); });
        CHECK(*kept.value == 7);
        stack.disposeAsync();
    });
    CHECK(log == "last7 8 7 6 5 4 3 2 1 0 first");
}

TEST_CASE("a value that disposes of the stack that it is copied to is refused") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        AsyncDisposableStack stack;
        const Caller value(7);
        stack.defer([&log] { log("first"); });
        Caller::onMove = [&] {
            Caller::onEnd = [&log] { log("~value"); };
            stack.disposeAsync().then([&log] { log("disposed"); });
        };
        CHECK_THROWS_AS(stack.adopt(value, [&log](const Caller&) { log("NEVER"); }), ReferenceError);
        log("refused");
    });
    CHECK(log == "first ~value refused disposed");
}

TEST_CASE("a job that is dropped may shut its pool down") {
    const Watchdog watchdog("a job that shuts its pool down");
    for (const QueuedJobs inner : {QueuedJobs::drop, QueuedJobs::finish}) {
        Journal log; // of one thread at a time: the pool has one, and that is joined
        Gate runs;
        Gate mayEnd;
        ThreadPool pool({.threads = 1});
        pool.post([&] {
            runs.open();
            mayEnd.wait();
            log("ran");
        });
        runs.wait();
        const bool drops = inner == QueuedJobs::drop;
        pool.post([&, end = AtEnd([&, inner] {
                          if (!drops) mayEnd.open();
                          pool.shutdown(inner);
                          log("inner");
                      })] { log("NEVER"); });
        pool.post([&, end = AtEnd([&] {
                          log("~second");
                          mayEnd.open();
                      })] { log("second"); });
        pool.shutdown(QueuedJobs::drop);
        CHECK(log == (drops ? "~second ran inner" : "ran second ~second inner"));
        CHECK_FALSE(pool.open());
    }
}
