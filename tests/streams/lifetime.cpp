// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/base/counted_ref.hpp>
#include <rondo/streams/lifetime.hpp>

#include <functional>
#include <string>
#include <utility>

using namespace rondo;

namespace {

/// Logs when it lets go, and when it is destroyed.
struct Thing final : streams::Lifetime {
    Thing(Journal& journal, std::string called)
        : Lifetime(EventLoop::current()), log(journal), name(std::move(called)) {}
    Thing(const Thing&) = delete;
    Thing& operator=(const Thing&) = delete;
    ~Thing() override { log("~", name); }
    void letGo() noexcept override {
        log(name);
        if (whenLettingGo) whenLettingGo();
    }

    bool mayGoAlone() const noexcept override { return listens && hasOneBond(); }

    Journal& log;
    std::string name;
    bool listens = false;
    std::function<void()> whenLettingGo;
    base::CountedRef<Thing> itself;
};
using ThingRef = base::CountedRef<Thing>;

ThingRef make(Journal& log, const char* name) { return ThingRef(new Thing(log, name)); }

}

TEST_CASE("what is not in use lets go and is destroyed") {
    Journal log;
    EventLoop loop;
    ThingRef thing = make(log, "a");
    {
        const ThingRef other = thing;
        thing = {};
        CHECK(log == "");
    }
    CHECK(log == "a ~a");
}

TEST_CASE("what hangs together lives as long as one of it is in use") {
    Journal log;
    EventLoop loop;
    ThingRef a = make(log, "a");
    ThingRef b = make(log, "b");
    ThingRef c = make(log, "c");
    streams::Lifetime::bond(*a, *b);
    streams::Lifetime::bond(*b, *c);
    Thing& first = *a;
    a = {};
    b = {};
    CHECK(log == "");
    a = ThingRef::shared(first); // it is still there
    c = {};
    CHECK(log == "");
    a = {};
    CHECK(log == "a b c ~a ~b ~c");
}

TEST_CASE("circles of what hangs together go as well") {
    Journal log;
    EventLoop loop;
    {
        const ThingRef a = make(log, "a");
        const ThingRef b = make(log, "b");
        const ThingRef c = make(log, "c");
        streams::Lifetime::bond(*a, *b);
        streams::Lifetime::bond(*b, *c);
        streams::Lifetime::bond(*c, *a);
        CHECK(log == "");
    }
    CHECK(log == "a b c ~a ~b ~c");
}

TEST_CASE("what has been unbonded goes by itself") {
    Journal log;
    EventLoop loop;
    ThingRef a = make(log, "a");
    ThingRef b = make(log, "b");
    streams::Lifetime::bond(*a, *b);
    streams::Lifetime::unbond(*a, *b);
    b = {};
    CHECK(log == "b ~b");
    b = make(log, "c");
    streams::Lifetime::bond(*a, *b); // there is room again
    streams::Lifetime::unbond(*a, *b);
    a = {};
    b = {};
    CHECK(log == "b ~b a ~a c ~c");
}

TEST_CASE("what only listens goes with its own last use and leaves the others") {
    Journal log;
    EventLoop loop;
    const ThingRef a = make(log, "a");
    ThingRef b = make(log, "b");
    ThingRef c = make(log, "c");
    Thing& second = *b;
    streams::Lifetime::bond(*a, *b);
    streams::Lifetime::bond(*b, *c);
    b->listens = c->listens = true;
    b = {};
    CHECK(log == "");
    c = {};
    CHECK(log == "c ~c");
    b = ThingRef::shared(second);
    b = {};
    CHECK(log == "c ~c b ~b");
}

TEST_CASE("what is used while it lets go is not ended twice") {
    Journal log;
    EventLoop loop;
    ThingRef a = make(log, "a");
    Thing& thing = *a;
    thing.whenLettingGo = [&] { const ThingRef again = ThingRef::shared(thing); };
    a = {};
    CHECK(log == "a ~a");
}

TEST_CASE("when the loop ends all let go newest first and what is in use is destroyed later") {
    Journal log;
    ThingRef kept;
    {
        EventLoop loop;
        kept = make(log, "a");
        const ThingRef b = make(log, "b");
        b->whenLettingGo = [&b = *b] { b.itself = {}; };
        b->itself = b; // a circle of its own
        CHECK(log == "");
    }
    CHECK(log == "b ~b a");
    CHECK(kept->gone());
    kept = {};
    CHECK(log == "b ~b a ~a");
}
