// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/iteration/event_iterator.hpp>
#include <rondo/iteration/for_await.hpp>

#include <memory>
#include <optional>
#include <utility>

using namespace rondo;

namespace {

void fire(EventTarget& target, int detail) {
    CustomEvent<int> event("number", detail);
    target.dispatchEvent(event);
}
auto numbersOf(EventTarget& target, const EventsOfOptions& options = {}) {
    return eventsOf(target, "number", [](CustomEvent<int>& event) { return event.detail(); }, options);
}

}

ASYNC_TEST_CASE("events that come before they are asked for are kept") {
    EventTarget target;
    auto numbers = numbersOf(target);
    fire(target, 1);
    fire(target, 2);
    auto a = co_await numbers.next();
    auto b = co_await numbers.next();
    CHECK((*a == 1 && *b == 2));
}

ASYNC_TEST_CASE("requests that come before the events are answered in order") {
    Journal log;
    EventTarget target;
    auto numbers = numbersOf(target);
    const auto say = [&](const IteratorResult<int>& step) { log(*step); };
    numbers.next().then(say);
    auto second = numbers.next().then(say);
    fire(target, 1);
    fire(target, 2);
    log("dispatched");
    co_await second;
    CHECK(log == "dispatched 1 2");
}

ASYNC_TEST_CASE("return ends the requests that wait and stops listening") {
    EventTarget target;
    auto numbers = numbersOf(target);
    auto waiting = numbers.next();
    auto returned = co_await numbers.return_();
    auto answered = co_await waiting;
    fire(target, 1);
    auto after = co_await numbers.next();
    CHECK((returned.done() && answered.done() && after.done()));
}

ASYNC_TEST_CASE("a loop over events ends with break") {
    Journal log;
    EventTarget target;
    auto loop = forAwait(numbersOf(target), [&](int number) {
        log(number);
        return number < 2;
    });
    fire(target, 1);
    fire(target, 2);
    fire(target, 3);
    co_await std::move(loop);
    CHECK(log == "1 2");
}

ASYNC_TEST_CASE("an abort rejects what waits and else the request behind the events that have come") {
    Journal log;
    EventTarget target;
    AbortController controller;
    auto waiting = numbersOf(target, {.signal = controller.signal()});
    auto buffered = numbersOf(target, {.signal = controller.signal()});
    auto first = waiting.next();
    auto second = waiting.next();
    fire(target, 1);
    controller.abort(Error("stop"));
    fire(target, 2);
    const auto a = co_await first.settled();
    const auto b = co_await second.settled();
    auto c = co_await waiting.next();
    log(*a.value(), base::describe(b.reason()), c.done());
    auto d = co_await buffered.next();
    auto next = buffered.next();
    const auto e = co_await next.settled();
    auto f = co_await buffered.next();
    log(*d, base::describe(e.reason()), f.done());
    auto late = numbersOf(target, {.signal = controller.signal()});
    auto refused = late.next();
    const auto g = co_await refused.settled();
    log(base::describe(g.reason()));
    CHECK(log == "1Error: stoptrue 1Error: stoptrue Error: stop");
}

ASYNC_TEST_CASE("what would refer to the event is kept as a string") {
    EventTarget target;
    auto types =
        eventsOf(target, "a type that is too long to lie in the event", [](Event& event) { return event.type(); });
    target.dispatchEvent(Event("a type that is too long to lie in the event"));
    auto step = co_await types.next();
    CHECK(*step == "a type that is too long to lie in the event");
}

ASYNC_TEST_CASE("without a function there is a step for each event") {
    EventTarget target;
    auto clicks = eventsOf(target, "click");
    Event click("click");
    target.dispatchEvent(click);
    auto step = co_await clicks.next();
    CHECK(step);
}

ASYNC_TEST_CASE("what moving a value throws rejects the request that waits for it") {
    struct Heavy {
        explicit Heavy(bool fails) : throws(fails) {}
        Heavy(Heavy&& other) : throws(other.throws) {
            if (throws) throw Error("too heavy");
        }
        Heavy& operator=(Heavy&&) = default;
        bool throws;
    };
    EventTarget target;
    bool fails = true;
    auto events = eventsOf(target, "heavy", [&] { return Heavy(fails); });
    auto first = events.next();
    target.dispatchEvent(Event("heavy"));
    const auto failed = co_await std::move(first).settled();
    CHECK(failed.rejected());
}

ASYNC_TEST_CASE("events that have come are given behind return as well") {
    EventTarget target;
    auto numbers = numbersOf(target);
    fire(target, 1);
    co_await numbers.return_();
    fire(target, 2);
    auto one = co_await numbers.next();
    auto done = co_await numbers.next();
    CHECK((*one == 1 && done.done()));
}

TEST_CASE("an iterator over events ends without memory") {
    FailingSource source;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        EventTarget target;
        auto numbers = std::make_unique<EventIterator<int>>(numbersOf(target));
        source.failAfter(0);
        numbers.reset();
        source.disarm();
    });
    CHECK_FALSE(source.failed());
}

TEST_CASE("an iterator over events that is destroyed stops listening and drops what waits for it") {
    Journal log;
    CountingSource memory;
    {
        EventTarget target;
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            auto numbers = eventsOf(target, "number", [&](CustomEvent<int>& event) {
                log("heard", event.detail());
                return event.detail();
            });
            fire(target, 1);
            auto moved = std::move(numbers);
            fire(target, 2);
            moved.next();
            moved.next();
            moved.next().then([&](const IteratorResult<int>& step) { log(step.done()); });
        });
        loop.run([&] { fire(target, 3); });
    }
    CHECK(log == "heard1 heard2 true");
    CHECK(memory.balance() == 0);
}

ASYNC_TEST_CASE("an iterator over events that is assigned another one stops listening and is that one") {
    EventTarget first;
    EventTarget second;
    auto numbers = numbersOf(first);
    auto waits = numbers.next();
    auto others = numbersOf(second);
    numbers = std::move(others);
    fire(first, 1);
    fire(second, 2);
    auto step = co_await numbers.next();
    CHECK(*step == 2);
    CHECK(waits.state() == PromiseState::fulfilled); // it is done
}

TEST_CASE("a target that goes before its iterator leaves what waits to be collected") {
    EventLoop loop({.virtualTime = true});
    const int code = loop.run([]() -> Promise<> {
        auto target = std::make_unique<EventTarget>();
        auto numbers = numbersOf(*target);
        target.reset();
        co_await numbers.return_();
    });
    CHECK(code == 0);
}
