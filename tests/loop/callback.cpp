// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/callback.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>

using namespace rondo;
using namespace rondo::loop;

namespace {

template <class F>
CallbackMicrotask<F>* microtask(F f) {
    return new CallbackMicrotask<F>(std::move(f));
}

template <class Memory, class F>
CallbackTask<F, Memory>* task(F f) {
    return new CallbackTask<F, Memory>(std::move(f), TaskSource::posted);
}

template <class F>
CallbackTimer<F>* timer(F f) {
    return new CallbackTimer<F>(std::move(f), Timer::once);
}

template <class Node>
void act(Node* node, Verb verb) {
    node->perform(node, verb);
}

}

TEST_CASE("what leaves a callback as an exception is reported") {
    EventLoop loop;
    Journal log;
    const ReportedErrors reported(loop, log);
    const auto throwing = [] { throw Error("no"); };
    callAndReport(throwing);
    const auto odd = [] { throw 7; };
    callAndReport(odd);
    CHECK(log == "reported:Error: no reported:7");
}

TEST_CASE("what a callback returns is ignored") {
    EventLoop loop;
    int calls = 0;
    const auto f = [&]() -> int { return ++calls; };
    callAndReport(f);
    CHECK(calls == 1);
}

TEST_CASE("a callback that is asked to run is called once and destroyed") {
    Counted::reset();
    EventLoop loop;
    int calls = 0;
    act(microtask([&, c = Counted()] { calls += c.value + 1; }), Verb::run);
    act(task<base::Pooled>([&, c = Counted()] { calls += c.value + 1; }), Verb::run);
    act(task<Unpooled>([&, c = Counted()] { calls += c.value + 1; }), Verb::run);
    CHECK(calls == 3);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a callback that is asked to drop is destroyed without being called") {
    Counted::reset();
    bool called = false;
    act(microtask([&, c = Counted()] { called = c.value == 0; }), Verb::drop);
    act(task<base::Pooled>([&, c = Counted()] { called = c.value == 0; }), Verb::drop);
    act(task<Unpooled>([&, c = Counted()] { called = c.value == 0; }), Verb::drop);
    act(timer([&, c = Counted()] { called = c.value == 0; }), Verb::drop);
    CHECK_FALSE(called);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a callback that throws is destroyed like any other") {
    Counted::reset();
    EventLoop loop;
    Journal log;
    const ReportedErrors reported(loop, log);
    act(microtask([c = Counted()] { throw c.value; }), Verb::run);
    act(task<base::Pooled>([c = Counted()] { throw c.value; }), Verb::run);
    CHECK(log == "reported:0 reported:0");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer's callback is kept until it is dropped and may run again") {
    Counted::reset();
    EventLoop loop;
    int calls = 0;
    auto* node = timer([&, c = Counted(1)] { calls += c.value; });
    act(node, Verb::run);
    act(node, Verb::run);
    CHECK(calls == 2);
    CHECK(Counted::alive == 1);
    act(node, Verb::drop);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a callback may change what it captured by value") {
    EventLoop loop;
    Journal log;
    auto* node = timer([&, n = 0]() mutable { log(++n); });
    act(node, Verb::run);
    act(node, Verb::run);
    act(node, Verb::drop);
    CHECK(log == "1 2");
}

TEST_CASE("a callback is moved and never copied") {
    Counted::reset();
    EventLoop loop;
    act(microtask([c = Counted()] { static_cast<void>(c.value); }), Verb::run);
    act(task<base::Pooled>([c = Counted()] { static_cast<void>(c.value); }), Verb::run);
    act(timer([c = Counted()] { static_cast<void>(c.value); }), Verb::drop);
    CHECK(Counted::copies == 0);
    int value = 0;
    act(microtask([&, p = std::make_unique<int>(5)] { value = *p; }), Verb::run);
    CHECK(value == 5);
}

TEST_CASE("a microtask and a task that stays on its thread and a timer come from the free lists") {
    EventLoop loop;
    CountingSource source;
    auto* a = microtask([] {});
    CHECK(source.balance() == 1);
    auto* b = task<base::Pooled>([] {});
    CHECK(source.balance() == 2);
    auto* c = timer([] {});
    CHECK(source.balance() == 3);
    act(a, Verb::run);
    act(b, Verb::run);
    act(c, Verb::drop);
    CHECK(source.balance() == 0);
}

TEST_CASE("a task that crosses threads leaves the free lists alone") {
    EventLoop loop;
    CountingSource source;
    act(task<Unpooled>([] {}), Verb::run);
    CHECK(source.allocations() == 0);
}

TEST_CASE("a closure that is aligned to more than the fundamental types is") {
    struct alignas(64) Wide {
        Wide() = default;
        Wide(const Wide&) {
        } // not trivial, so that it is passed by reference: GCC has something to say about the other way
        Wide& operator=(const Wide&) = delete;
        ~Wide() = default;
        char bytes[64] = {};
    };
    EventLoop loop;
    bool aligned = true;
    const auto look = [&](const Wide& wide) {
        aligned = aligned && reinterpret_cast<std::uintptr_t>(&wide) % alignof(Wide) == 0;
    };
    for (int i = 0; i < 8; ++i) {
        loop.post([&, wide = Wide()] { look(wide); });
        loop.queueMicrotask([&, wide = Wide()] { look(wide); });
        loop.setTimer([&, wide = Wide()] { look(wide); }, 0, false);
    }
    turnUntilDry(loop);
    CHECK(aligned);
}

TEST_CASE("a callback whose move throws is not queued") {
    struct Moody {
        Moody() = default;
        Moody(const Moody&) = default;
        // NOLINTNEXTLINE(performance-noexcept-move-constructor): it throws
        Moody(Moody&& other) : moves(other.moves + 1) {
            if (moves > 1) throw std::runtime_error("no");
        }
        Moody& operator=(const Moody&) = delete;
        Moody& operator=(Moody&&) = delete;
        ~Moody() = default;
        void operator()() const {}
        int moves = 0;
    };
    EventLoop loop({.virtualTime = true});
    CountingSource source;
    const auto queued = [&](auto&& queue) {
        Moody moody;
        moody.moves = 1; // the next move, into the block, throws
        try {
            queue(moody); // a copy, so that only the move inside can throw
        } catch (const std::runtime_error&) {
            return false;
        }
        return true;
    };
    CHECK_FALSE(queued([&](const Moody& f) { loop.post(f); }));
    CHECK_FALSE(queued([&](const Moody& f) { loop.queueMicrotask(f); }));
    CHECK_FALSE(queued([&](const Moody& f) { loop.setTimer(f, 1, false); }));
    CHECK_FALSE(loop.alive());
    CHECK(source.balance() == 0);
}
