// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/microtask.hpp>

#include <type_traits>

using namespace rondo;
using namespace rondo::loop;

namespace {

/// Writes down what it is asked; queues itself again as often as it is told.
struct Named : Microtask {
    Named(Journal& journal, const char* n, int times = 0) : Microtask(&act), log(journal), name(n), again(times) {}

    static void act(Microtask* node, Verb verb) noexcept {
        auto& self = *static_cast<Named*>(node);
        self.log(verb == Verb::run ? "" : "drop-", self.name);
        if (self.again-- > 0) EventLoop::current().microtasks().push(self);
    }

    Journal& log;
    const char* name;
    int again;
};

Journal drained(MicrotaskQueue& queue) {
    Journal journal;
    while (!queue.empty()) journal(static_cast<Named*>(queue.pop())->name);
    return journal;
}

/// Links nodes into a circle, as promises keep their reactions, and returns the last.
Microtask& circle(Microtask& first) {
    first.next = &first;
    return first;
}
template <class... More>
Microtask& circle(Microtask& first, More&... more) {
    Microtask* last = &first;
    ((last->next = &more, last = &more), ...);
    last->next = &first;
    return *last;
}

}

TEST_CASE("a queue of microtasks is first in first out") {
    Journal log;
    Named a(log, "a"), b(log, "b"), c(log, "c");
    MicrotaskQueue queue;
    CHECK(queue.empty());
    queue.push(a);
    queue.push(b);
    queue.push(c);
    CHECK_FALSE(queue.empty());
    CHECK(drained(queue) == "a b c");
    CHECK(queue.empty());
}

TEST_CASE("a queue that was drained can be filled again") {
    Journal log;
    Named a(log, "a"), b(log, "b");
    MicrotaskQueue queue;
    queue.push(a);
    CHECK(drained(queue) == "a");
    queue.push(b);
    queue.push(a);
    CHECK(drained(queue) == "b a");
}

TEST_CASE("a spliced list follows what is queued and precedes what is queued later") {
    Journal log;
    Named a(log, "a"), b(log, "b"), c(log, "c"), d(log, "d"), e(log, "e");
    MicrotaskQueue queue;
    queue.push(a);
    queue.splice(circle(b, c, d));
    queue.push(e);
    CHECK(drained(queue) == "a b c d e");
}

TEST_CASE("a list of one can be spliced onto an empty queue") {
    Journal log;
    Named a(log, "a"), b(log, "b");
    MicrotaskQueue queue;
    queue.splice(circle(a));
    queue.push(b);
    CHECK(drained(queue) == "a b");
    queue.splice(circle(b, a));
    CHECK(drained(queue) == "b a");
}

TEST_CASE("a queue that forgets what is queued can be filled again") {
    Journal log;
    Named a(log, "a"), b(log, "b"), c(log, "c");
    MicrotaskQueue queue;
    queue.push(a);
    queue.push(b);
    queue.clear();
    CHECK(queue.empty());
    queue.push(c);
    CHECK(drained(queue) == "c");
}

TEST_CASE("a queue gives up all that is queued as a list") {
    Journal log;
    Named a(log, "a"), b(log, "b"), c(log, "c");
    MicrotaskQueue queue;
    CHECK(queue.takeAll() == nullptr);
    queue.push(a);
    queue.push(b);
    Journal taken;
    for (Microtask* node = queue.takeAll(); node; node = node->next) taken(static_cast<Named*>(node)->name);
    CHECK(taken == "a b");
    CHECK(queue.empty());
    queue.push(c);
    CHECK(drained(queue) == "c");
}

TEST_CASE("queueing a node allocates nothing and does not throw") {
    STATIC_REQUIRE(noexcept(std::declval<MicrotaskQueue&>().push(std::declval<Microtask&>())));
    STATIC_REQUIRE(noexcept(std::declval<MicrotaskQueue&>().splice(std::declval<Microtask&>())));
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<MicrotaskQueue>);
}

TEST_CASE("a node runs once for each time it is queued and may queue itself again") {
    EventLoop loop;
    Journal log;
    Named a(log, "a", 2), b(log, "b");
    loop.microtasks().push(a);
    loop.microtasks().push(b);
    turnUntilDry(loop);
    CHECK(log == "a b a a");
}

TEST_CASE("a node may wait in a list before it waits in the queue") {
    struct Patient : Waiting {
        explicit Patient(Journal& journal) : Waiting(&act), log(journal) {}
        static void act(Microtask* node, Verb verb) noexcept {
            auto& self = *static_cast<Patient*>(node);
            self.log(verb == Verb::run ? "run" : "drop");
            self.unlink();
        }
        Journal& log;
    };
    Journal log;
    Patient ran(log), dropped(log);
    {
        EventLoop loop;
        loop.waiting().pushBack(ran);
        loop.waiting().pushBack(dropped);
        CHECK_FALSE(loop.alive()); // what only waits keeps no loop alive
        loop.microtasks().push(ran);
        CHECK(loop.alive());
        turnUntilDry(loop);
        CHECK(log == "run");
    }
    CHECK(log == "run drop");
}
