// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

using namespace rondo;
using rondo::events::AbortAlgorithm;

namespace {

/// An operation that does something when it is aborted.
struct Operation : AbortAlgorithm {
    explicit Operation(std::function<void()> what) : AbortAlgorithm(&act), run(std::move(what)) {}
    Operation(const AbortSignal& signal, std::function<void()> what) : Operation(std::move(what)) {
        SignalRef(signal)->add(*this);
    }
    static void act(AbortAlgorithm& self, const std::exception_ptr& reason) noexcept {
        auto& operation = static_cast<Operation&>(self);
        operation.reason = reason;
        ++operation.runs;
        const auto run = operation.run; // it may destroy the operation
        if (run) run();
    }
    std::function<void()> run;
    std::exception_ptr reason;
    int runs = 0;
};

}

static_assert(std::is_trivially_destructible_v<SignalRef> && std::is_trivially_copyable_v<SignalRef>);
static_assert(sizeof(SignalRef) == sizeof(void*));
static_assert(std::is_convertible_v<const AbortSignal&, SignalRef>);
static_assert(!std::is_convertible_v<const AbortController&, SignalRef>);
static_assert(!std::is_convertible_v<std::nullptr_t, SignalRef>);
static_assert(!std::is_copy_constructible_v<AbortAlgorithm>);

TEST_CASE("a reference to no signal is not aborted") {
    const SignalRef none;
    CHECK_FALSE(none);
    CHECK_FALSE(none.aborted());
    const AbortController controller;
    const SignalRef some = controller.signal();
    CHECK(some);
    CHECK_FALSE(some.aborted());
    CHECK(SignalRef(AbortSignal::abort()).aborted());
}

TEST_CASE("algorithms run once and in order with the reason and before the listeners") {
    Journal log;
    AbortController controller;
    controller.signal().addEventListener("abort", [&] { log("listener"); });
    Operation a(controller.signal(), [&] { log("a", controller.signal().aborted()); });
    Operation b(controller.signal(), [&] { log("b"); });
    controller.abort();
    controller.abort();
    CHECK(log == "atrue b listener");
    CHECK(a.runs == 1);
    CHECK(b.runs == 1);
    CHECK(a.reason == controller.signal().reason());
}

TEST_CASE("an algorithm that has left is not run and may be added again") {
    AbortController controller;
    Operation a(controller.signal(), {});
    Operation b(controller.signal(), {});
    a.leave();
    a.leave();
    b.leave();
    SignalRef(controller.signal())->add(b);
    { Operation gone(controller.signal(), {}); }
    controller.abort();
    CHECK(a.runs == 0);
    CHECK(b.runs == 1);
    b.leave();
}

TEST_CASE("an algorithm may serve one signal after another") {
    AbortController first;
    AbortController second;
    Operation operation(first.signal(), {});
    first.abort();
    SignalRef(second.signal())->add(operation);
    second.abort();
    CHECK(operation.runs == 2);
}

TEST_CASE("an algorithm may destroy itself and the others and the controller") {
    Journal log;
    std::optional<AbortController> controller(std::in_place);
    std::unique_ptr<Operation> second;
    std::unique_ptr<Operation> third;
    auto first = std::make_unique<Operation>(controller->signal(), [&] {
        log("first");
        third = nullptr;
    });
    second = std::make_unique<Operation>(controller->signal(), [&] {
        log("second");
        second = nullptr;
        controller.reset();
    });
    third = std::make_unique<Operation>(controller->signal(), [&] { log("never"); });
    Operation fourth(controller->signal(), [&] { log("fourth"); });
    controller->signal().addEventListener("abort", [&] { log("listener"); });
    controller->abort();
    CHECK(log == "first second fourth listener");
}

TEST_CASE("an algorithm may remove a listener of the signal") {
    Journal log;
    AbortController controller;
    const EventListener handle = controller.signal().addEventListener("abort", [&] { log("never"); });
    const AbortSignal signal = controller.signal();
    Operation operation(signal, [&] { signal.removeEventListener("abort", handle); });
    controller.abort();
    CHECK(operation.runs == 1);
    CHECK(log == "");
}

TEST_CASE("an algorithm may abort another signal and the same one") {
    Journal log;
    AbortController a;
    AbortController b;
    Operation first(a.signal(), [&] {
        log("a1");
        b.abort();
        a.abort();
    });
    Operation second(a.signal(), [&] { log("a2"); });
    Operation third(b.signal(), [&] { log("b"); });
    a.abort();
    CHECK(log == "a1 b a2");
}

TEST_CASE("the algorithms of the source run before those of its dependents") {
    Journal log;
    AbortController controller;
    const AbortSignal first = AbortSignal::any(controller.signal());
    const AbortSignal second = AbortSignal::any(first, controller.signal());
    Operation b(second, [&] { log("second", first.aborted(), controller.signal().aborted()); });
    Operation a(first, [&] { log("first", second.aborted()); });
    Operation source(controller.signal(), [&] { log("source", first.aborted(), second.aborted()); });
    controller.signal().addEventListener("abort", [&] { log("source listener"); });
    first.addEventListener("abort", [&] { log("first listener"); });
    second.addEventListener("abort", [&] { log("second listener"); });
    controller.abort();
    CHECK(log == "sourcetruetrue source listener firsttrue first listener secondtruetrue second listener");
}

TEST_CASE("an algorithm of a signal that nobody can abort is never run and may leave at any time") {
    EventLoop loop({.virtualTime = true});
    Operation operation({});
    loop.run([&] {
        AbortController controller;
        SignalRef(controller.signal())->add(operation);
        loop.queueMicrotask([] {});
    });
    operation.leave();
    CHECK(operation.runs == 0);
}

TEST_CASE("an algorithm keeps a signal that may abort by itself") {
    Journal log;
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        Operation operation({});
        loop.run([&] {
            SignalRef(AbortSignal::any(AbortSignal::timeout(5)))->add(operation);
            loop.setTimer([&] { log("runs:", operation.runs); }, 4, false);
            loop.setTimer([&] { log("runs:", operation.runs); }, 6, false);
        });
        CHECK(log == "runs:0 runs:1");
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("an algorithm does not keep the loop alive") {
    EventLoop loop({.virtualTime = true});
    const AbortSignal signal = AbortSignal::timeout(5);
    Operation operation(signal, {});
    CHECK_FALSE(loop.alive());
    loop.run([] {});
    CHECK(operation.runs == 0);
}

TEST_CASE("an algorithm that is left when its loop goes may outlive it") {
    CountingSource source;
    {
        Operation operation({});
        {
            EventLoop loop({.virtualTime = true});
            SignalRef(AbortSignal::timeout(5))->add(operation);
        }
        CHECK(operation.runs == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million algorithms come and go and a signal does not grow") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const AbortController controller;
        const AbortSignal any = AbortSignal::any(controller.signal(), AbortSignal::timeout(1000));
        const int before = source.balance();
        for (int i = 0; i < 1'000'000; ++i) {
            AbortAlgorithm a([](AbortAlgorithm&, const std::exception_ptr&) noexcept {});
            AbortAlgorithm b([](AbortAlgorithm&, const std::exception_ptr&) noexcept {});
            SignalRef(controller.signal())->add(a);
            SignalRef(any)->add(b);
        }
        CHECK(source.balance() == before);
    }
    CHECK(source.balance() == 0);
}
