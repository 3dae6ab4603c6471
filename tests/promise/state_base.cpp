// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/promise.hpp>

#include <new>
#include <type_traits>

using namespace rondo;

namespace {

/// A reaction that writes down what it is asked.
struct Noted : loop::Microtask {
    Noted(Journal& journal, const char* text) : Microtask(&act), log(journal), name(text) {}
    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& self = static_cast<Noted&>(*node);
        self.log(self.name, verb == loop::Verb::run ? "+" : "-");
    }
    Journal& log;
    const char* name;
};

}

static_assert(sizeof(promise::State<int>) == 64 && sizeof(promise::State<void>) == 64,
              "a settled promise costs one small block");
static_assert(noexcept(std::declval<promise::StateBase&>().settle()));
static_assert(noexcept(std::declval<promise::StateBase&>().abandon()));

TEST_CASE("settling queues the reactions in their order, behind what is queued") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Noted a(log, "a"), b(log, "b"), c(log, "c"), d(log, "d");
    loop.run([&] {
        auto r = Promise<>::withResolvers();
        r.promise.ref()->subscribe(a);
        r.promise.ref()->subscribe(b);
        r.promise.ref()->subscribe(c);
        loop.queueMicrotask([&] { log("queued"); });
        r.resolve();
        r.promise.ref()->subscribe(d);
    });
    CHECK(log == "queued a+ b+ c+ d+");
}

TEST_CASE("when the last producer of a pending promise goes its reactions are dropped, also those that come later") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Noted a(log, "a"), b(log, "b"), c(log, "c");
    loop.run([&] {
        auto r = Promise<>::withResolvers();
        const auto p = r.promise;
        p.ref()->subscribe(a);
        p.ref()->subscribe(b);
        { const auto gone = std::move(r); }
        log("gone");
        p.ref()->subscribe(c);
    });
    CHECK(log == "gone a- b- c-");
}

TEST_CASE("looking at a state neither subscribes nor handles") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<int>::reject(1);
    CHECK(p.ref()->rejected());
    CHECK_FALSE(p.ref()->handled());
    CHECK(p.ref()->content() == promise::StateBase::Content::reason);
    CHECK(p.ref()->firstReaction() == nullptr);
    p.ref()->markHandled();
    CHECK(p.ref()->handled());
}

TEST_CASE("a state knows its loop as long as that lives") {
    Promise<int> p = [] {
        EventLoop loop({.virtualTime = true});
        Promise<int> made = Promise<>::resolve(1);
        CHECK(made.ref()->home() == &loop);
        return made;
    }();
    CHECK(p.ref()->home() == nullptr);
    EventLoop another({.virtualTime = true});
    CHECK(p.ref()->home() == nullptr);
}
