// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/sanitizers.hpp"

#include <rondo/events.hpp>
#include <rondo/host/offload.hpp>
#include <rondo/iteration/event_iterator.hpp>
#include <rondo/web/timers.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

// So many that what is quadratic would not end. AddressSanitizer is slower, and its stack frames are larger.

using namespace rondo;

namespace {

constexpr int million = withAddressSanitizer ? 100'000 : 1'000'000;
constexpr int deep = withAddressSanitizer ? 1'000 : 10'000; // calls, one in the other

struct Node : EventTarget {
    Node* above = nullptr;

protected:
    EventTarget* parent(const Event&) noexcept override { return above; }
};

}

TEST_CASE("a target has a million listeners and calls them in their order") {
    CountingSource source;
    {
        EventTarget target;
        int next = 0;
        for (int i = 0; i < million; ++i) {
            target.addEventListener("x", [&next, i] {
                if (next == i) ++next;
            });
        }
        target.dispatchEvent(Event("x"));
        CHECK(next == million);
        target.dispatchEvent(Event("y"));
        CHECK(next == million);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million listeners are removed by their handles while they are called") {
    CountingSource source;
    {
        EventTarget target;
        std::vector<EventListener> handles;
        int calls = 0;
        target.addEventListener("x", [&] {
            for (std::size_t i = 0; i < handles.size(); ++i) { // from both ends
                target.removeEventListener("x", handles[i]);
                target.removeEventListener("x", handles[handles.size() - 1 - i]);
            }
        });
        for (int i = 0; i < million; ++i) handles.push_back(target.addEventListener("x", [&calls] { ++calls; }));
        target.dispatchEvent(Event("x"));
        CHECK(calls == 0);
        for (const EventListener& handle : handles) target.addEventListener("x", handle);
        for (const EventListener& handle : handles) target.addEventListener("x", handle); // they are known
        target.removeEventListener("x", handles.front());
        calls = 1;
        handles.clear(); // the first one finds none
        target.dispatchEvent(Event("x"));
        CHECK(calls == million);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million listeners are called once and each removes itself") {
    CountingSource source;
    {
        EventTarget target;
        int calls = 0;
        for (int i = 0; i < million; ++i) target.addEventListener("x", [&calls] { ++calls; }, {.once = true});
        target.dispatchEvent(Event("x"));
        target.dispatchEvent(Event("x"));
        CHECK(calls == million);
        CHECK(source.balance() == 1); // the list
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million listeners go when the first of them destroys their target") {
    CountingSource source;
    auto target = std::make_unique<EventTarget>();
    int calls = 0;
    target->addEventListener("x", [&] { target.reset(); });
    for (int i = 0; i < million; ++i) target->addEventListener("x", [&calls] { ++calls; });
    target->dispatchEvent(Event("x"));
    CHECK(calls == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a listener that adds a listener each time is not called by the same dispatch again") {
    EventTarget target;
    int calls = 0;
    struct Adds {
        EventTarget& target;
        int& calls;
        void operator()() const {
            ++calls;
            target.addEventListener("x", *this, {.once = true});
        }
    };
    target.addEventListener("x", Adds{target, calls}, {.once = true});
    target.addEventListener("x", [] {}); // behind which the first one is added
    for (int i = 0; i < million; ++i) target.dispatchEvent(Event("x"));
    CHECK(calls == million);
}

TEST_CASE("ten thousand objects are listeners and each is added once") {
    // A target knows functions and objects by their address and looks through its list for it, as browsers do.
    struct Handler {
        int calls = 0;
        void handleEvent() { ++calls; }
    };
    constexpr std::size_t count = withAddressSanitizer ? 2'000 : 10'000;
    EventTarget target;
    std::vector<Handler> handlers(count);
    for (Handler& handler : handlers) target.addEventListener("x", &handler);
    for (std::size_t i = 0; i < count; i += 100) target.addEventListener("x", &handlers[i]);
    target.dispatchEvent(Event("x"));
    int once = 0;
    for (const Handler& handler : handlers) once += handler.calls == 1;
    CHECK(once == int{count});
}

TEST_CASE("a tree that is a hundred thousand targets high is climbed without growing the stack") {
    CountingSource source;
    {
        constexpr std::size_t height = 100'000;
        std::vector<Node> nodes(height);
        int captured = 0;
        int bubbled = 0;
        for (std::size_t i = 0; i < height; ++i) {
            if (i + 1 < height) nodes[i].above = &nodes[i + 1];
            nodes[i].addEventListener("x", [&captured] { ++captured; }, {.capture = true});
            nodes[i].addEventListener("x", [&bubbled] { ++bubbled; });
        }
        Event event("x", {.bubbles = true});
        nodes.front().dispatchEvent(event);
        CHECK(captured == int{height});
        CHECK(bubbled == int{height});
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("dispatches one in the other are as deep as the stack and each event is refused while it is dispatched") {
    EventLoop loop({.virtualTime = true});
    EventTarget target;
    int depth = 0;
    int refused = 0;
    int microtasks = 0;
    target.addEventListener("x", [&](Event& event) {
        try {
            target.dispatchEvent(event);
        } catch (const DOMException& error) {
            refused += error.name() == "InvalidStateError";
        }
        queueMicrotask([&] { ++microtasks; });
        if (++depth < deep) target.dispatchEvent(Event("x"));
        if (microtasks > 0) depth = 0; // none runs before the outermost has returned
    });
    loop.run([&] { target.dispatchEvent(Event("x")); });
    CHECK(depth == deep);
    CHECK(refused == deep);
    CHECK(microtasks == deep);
}

TEST_CASE("abort inside of abort aborts all and each once") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::vector<AbortController> controllers(deep / 5); // each takes more of the stack than a dispatch
        int aborted = 0;
        for (std::size_t i = 0; i < controllers.size(); ++i) {
            controllers[i].signal().addEventListener("abort", [&, i] {
                ++aborted;
                controllers[i].abort();
                controllers.front().abort();
                if (i + 1 < controllers.size()) controllers[i + 1].abort();
            });
        }
        controllers.front().abort();
        CHECK(aborted == deep / 5);
        loop.run([] {});
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a controller has half a million signals that depend on it and tells all of them") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        int told = 0;
        int aborted = 0;
        std::vector<AbortSignal> signals;
        for (int i = 0; i < million / 2; ++i) {
            signals.push_back(AbortSignal::any(controller.signal()));
            signals.back().addEventListener("abort", [&] {
                ++told;
                aborted += signals.front().aborted() + signals.back().aborted();
            });
        }
        controller.abort();
        CHECK(told == million / 2);
        CHECK(aborted == million); // all are, before the first hears of it
        signals.clear();
        loop.run([] {});
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a signal depends on a million others and on each once") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::vector<AbortController> controllers(million);
        std::vector<AbortSignal> signals;
        for (const AbortController& controller : controllers) {
            signals.push_back(controller.signal());
            signals.push_back(controller.signal());
        }
        const AbortSignal any = AbortSignal::any(signals);
        const AbortSignal deeper = AbortSignal::any(any, signals.front(), any);
        int told = 0;
        deeper.addEventListener("abort", [&] { ++told; });
        controllers.back().abort(Error("last"));
        controllers.front().abort();
        CHECK(told == 1);
        CHECK(any.reason() == controllers.back().signal().reason());
        CHECK(deeper.reason() == any.reason());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a signal that lives long is given to a million short operations and does not grow") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        const AbortSignal signal = AbortSignal::any(controller.signal(), AbortSignal::timeout(1e12));
        EventTarget target;
        int most = 0;
        int elapsed = 0;
        int heard = 0;
        loop.run([&]() -> Promise<> {
            const auto round = [&](const AbortSignal& given) {
                const auto listener = target.addEventListener("x", [&heard] { ++heard; }, {.signal = given});
                target.addEventListener("x", [&heard] { ++heard; }, {.once = true, .signal = given});
                auto events = eventsOf(target, "x", {.signal = given});
                auto next = events.next();
                auto never = events.next();
                target.dispatchEvent(Event("x"));
                target.removeEventListener("x", listener);
                events.return_();
                const AbortSignal any = AbortSignal::any(given, signal);
                const auto handle = any.addEventListener("abort", [any] {});
                any.removeEventListener("abort", handle);
            };
            round(signal);
            co_await delay(1, {.signal = signal});
            const int before = source.balance();
            constexpr int rounds = million / 5;
            for (int i = 0; i < rounds; ++i) {
                round(i % 2 == 0 ? signal : controller.signal());
                const auto elapses = delay(1, {.signal = signal});
                co_await elapses;
                ++elapsed;
                if (i % (rounds / 4) == 0) most = std::max(most, source.balance() - before);
            }
        });
        CHECK(elapsed == million / 5);
        CHECK(heard == 2 * (million / 5 + 1));
        INFO("blocks more than after the first round: " << most);
        CHECK(most < 10);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a signal that lives long is given to many offloaded calls and does not grow") {
    CountingSource source;
    {
        ThreadPool pool({.threads = 1});
        EventLoop loop({.pool = &pool});
        AbortController controller;
        int most = 0;
        int sum = 0;
        loop.run([&]() -> Promise<> {
            const auto& signal = controller.signal();
            const auto first = offload({.signal = signal}, [] { return 0; });
            co_await first;
            const int before = source.balance();
            for (int i = 0; i < million / 50; ++i) {
                const auto one = offload({.signal = signal}, [] { return 1; });
                sum += co_await one;
                if (i % 1'000 == 0) most = std::max(most, source.balance() - before);
            }
        });
        CHECK(sum == million / 50);
        CHECK(most < 10);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("any of one signal is made a million times and a signal with one listener keeps nothing of it") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        AbortController controller;
        int told = 0;
        controller.signal().addEventListener("abort", [&] { ++told; });
        const int before = source.balance();
        AbortSignal last = AbortSignal::any(controller.signal());
        for (int i = 0; i < million; ++i) last = AbortSignal::any(last, controller.signal()); // of the one before
        const int grown = source.balance() - before;
        CHECK(grown == 1);
        last.addEventListener("abort", [&] { ++told; });
        controller.abort();
        CHECK(told == 2);
    }
    CHECK(source.balance() == 0);
}
