// SPDX-License-Identifier: MIT

#include "../support/catch.hpp"
#include "../support/journal.hpp"

#include <rondo/loop/pending.hpp>

using rondo::loop::Microtask;
using rondo::loop::Observer;
using rondo::loop::Pending;
using rondo::loop::Verb;
using rondo::loop::Waiting;

namespace {

struct Step : Waiting {
    Step(Pending& in, Journal& to, const char* label) : Waiting(&act), pending(in), log(to), name(label) {
        pending.waiting.pushBack(*this);
    }

    static void act(Microtask* node, Verb verb) noexcept {
        auto& self = static_cast<Step&>(*node);
        self.log(verb == Verb::run ? "run" : "drop", self.name);
        self.unlink();
        if (self.then) (self.thenDoomed ? self.pending.doomed : self.pending.ready).push(*self.then);
    }

    Pending& pending;
    Journal& log;
    const char* name;
    Step* then = nullptr;
    bool thenDoomed = false;
};

}

TEST_CASE("a drain runs what its microtasks queue, and drops the doomed when nothing is ready") {
    Pending pending;
    Journal log;
    Observer* none = nullptr;
    Step a(pending, log, "a");
    Step b(pending, log, "b");
    Step c(pending, log, "c");
    Step doomed(pending, log, "doomed");
    a.then = &c;
    pending.doomed.push(doomed);
    pending.ready.push(a);
    pending.ready.push(b);
    pending.drain(none);
    CHECK(log == "runa runb runc dropdoomed");
    CHECK(pending.idle());
}

TEST_CASE("what dropping queues is run, and what running dooms is dropped, in the same drain") {
    Pending pending;
    Journal log;
    Observer* none = nullptr;
    Step doomed(pending, log, "1");
    Step ready(pending, log, "2");
    Step last(pending, log, "3");
    doomed.then = &ready;
    ready.then = &last;
    ready.thenDoomed = true;
    pending.doomed.push(doomed);
    pending.drain(none);
    CHECK(log == "drop1 run2 drop3");
}

TEST_CASE("all that waits is dropped newest first, with what it makes wait") {
    Pending pending;
    Journal log;
    Step a(pending, log, "a");
    Step b(pending, log, "b");
    Step c(pending, log, "c");
    pending.ready.push(a); // also what is queued is dropped in its turn
    pending.dropAll();
    CHECK(log == "dropc dropb dropa");
    CHECK(pending.waiting.empty());
    CHECK(pending.idle());
}

TEST_CASE("an observer that leaves halfway through a drain hears no more") {
    struct Leaving : Observer {
        void microtaskBegins(const Microtask&) noexcept override { ++begun; }
        void microtaskEnds() noexcept override { *current = nullptr; }
        int begun = 0;
        Observer** current = nullptr;
    };
    Pending pending;
    Journal log;
    Leaving leaving;
    Observer* observer = &leaving;
    leaving.current = &observer;
    Step a(pending, log, "a");
    Step b(pending, log, "b");
    pending.ready.push(a);
    pending.ready.push(b);
    pending.drain(observer);
    CHECK(log == "runa runb");
    CHECK(leaving.begun == 1);
}
