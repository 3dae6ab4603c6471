// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/sanitizers.hpp"
#include "support/turn.hpp"

#include <rondo/rondo.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<int> oneThenWait(Promise<int> promise, Counted = Counted()) {
    const Counted local;
    co_yield 1;
    const int value = co_await promise;
    co_yield value;
}

Promise<int> wait(Promise<int> promise, Counted = Counted()) {
    const Counted local;
    const int value = co_await promise;
    co_return value;
}

struct Resource {
    Counted counted{};
    static Promise<> disposeAsync() { co_return; }
};

Promise<> awaits(AsyncGenerator<int> generator, Journal& log) {
    const AtEnd end([&log] { log("collected"); });
    auto step = co_await generator.next();
    log("answered", step.done());
}

/// A handle of each kind. They are filled on one loop, and used and destroyed where that has gone.
struct Handles {
    EventTarget target;
    std::optional<PromiseWithResolvers<int>> pending;
    std::optional<Promise<Counted>> fulfilled;
    std::optional<Promise<int>> rejected, waiting, derived, followed;
    AsyncGenerator<int> fresh, yielded, awaiting, over;
    std::optional<Promise<IteratorResult<int>>> answer;
    std::optional<IteratorResult<int>> step;
    AbortController controller;
    std::optional<AbortSignal> timeout, any;
    EventListener listener, listenerOfTarget;
    TimerHandle timer, interval;
    SignalHandle signal;
    std::optional<Completion<int>> completion, settled;
    std::vector<SuspendedFunction> pictures;
    std::optional<AnyPromise> rejection;
    std::optional<EventIterator<int>> heard;
    AsyncDisposableStack stack;

    /// Inside of a loop, which is stopped.
    void fill(Journal& log) {
        auto note = [&log, c = Counted()] { log("listener"); };
        pending = Promise<int>::withResolvers();
        fulfilled = Promise<>::resolve(Counted(7));
        rejected = Promise<int>::reject(Counted(8));
        derived = pending->promise.then([&log, c = Counted()](int v) {
            log("reaction");
            return v;
        });
        waiting = wait(pending->promise);
        auto follower = Promise<int>::withResolvers();
        follower.resolve(pending->promise);
        followed = follower.promise;
        fresh = oneThenWait(pending->promise);
        yielded = oneThenWait(pending->promise);
        yielded.next().then([this](const IteratorResult<int>& first) { step = first; });
        awaiting = oneThenWait(pending->promise);
        awaiting.next();
        answer = awaiting.next();
        over = oneThenWait(pending->promise);
        over.return_();
        timeout = AbortSignal::timeout(5);
        any = AbortSignal::any(*timeout, controller.signal());
        timeout->addEventListener("abort", note);
        listener = any->addEventListener("abort", note);
        listenerOfTarget = target.addEventListener("note", note);
        timer = setTimeout([&log, c = Counted()] { log("timer"); }, 5);
        interval = setInterval([&log, c = Counted()] { log("interval"); }, 5);
        signal = onSignal(SIGUSR2, note);
        completion.emplace();
        settled.emplace();
        completion->promise().then([&log, c = Counted()](int) { log("completed"); });
        settled->promise().then([&log, c = Counted()](int) { log("completed"); });
        heard = eventsOf(target, "number", [] { return 1; });
        heard->next().then([&log, c = Counted()](const IteratorResult<int>&) { log("heard"); });
        stack.use(Resource());
        globalThis.onunhandledrejection([this](PromiseRejectionEvent& event) {
            rejection = event.promise();
            event.preventDefault();
            EventLoop::current().stop();
        });
        pictures = EventLoop::current().pending();
    }

    /// Where there is no loop, or another one, or their own goes. What can do nothing must say so, or do nothing.
    std::string use(Journal& log, bool inALoop) {
        std::string wrong;
        const auto expect = [&wrong](const char* what, bool holds) {
            if (!holds) (wrong += what) += "; ";
        };
        const auto refused = [&](const char* what, auto f) {
            bool threw = false;
            try {
                f();
            } catch (const std::logic_error&) {
                threw = true;
            }
            expect(what, threw == !inALoop);
        };

        pending->resolve(1);
        pending->reject(Counted());
        const PromiseWithResolvers<int> copy = *pending;
        copy.resolve(2);
        expect("pending", copy.promise.state() == PromiseState::pending);
        expect("equal", copy.promise == pending->promise);
        expect("value", fulfilled->value().value == 7);
        expect("reason", rejected->reason() != nullptr);
        expect("waiting", waiting->state() == PromiseState::pending && derived->state() == PromiseState::pending &&
                              followed->state() == PromiseState::pending);
        refused("then", [&] { derived->then([&log, c = Counted()](int) { log("reaction"); }); });
        refused("finally", [&] { followed->finally([&log, c = Counted()] { log("reaction"); }); });
        refused("all", [&] { Promise<>::all(*derived, *waiting).then([&log] { log("reaction"); }); });
        // a coroutine that is refused throws before its body begins
        if (inALoop || coroutinesMayRunOutOfMemory)
            refused("function", [&] { wait(*waiting).then([&log](int) { log("reaction"); }); });
        if (rejection) refused("catch", [&] { rejection->catch_([c = Counted()] {}); });

        for (AsyncGenerator<int>* generator : {&fresh, &yielded, &awaiting, &over}) {
            refused("next", [&] { generator->next(); });
            if (inALoop) awaits(generator->share(), log);
            refused("return", [&] { generator->return_(); });
            refused("throw", [&] { generator->throw_(Counted()); });
        }
        expect("answer", answer->state() == PromiseState::pending);
        expect("step", !step || **step == 1);

        expect("aborted", !any->aborted() && !timeout->aborted());
        any->removeEventListener("abort", listener);
        timeout->addEventListener("abort", listener);
        timeout->removeEventListener("abort", listener);
        AbortController moved = std::move(controller);
        moved.abort(Counted());
        expect("controller", moved.signal().aborted() && !timeout->aborted());
        refused("signal of a timeout", [&] { static_cast<void>(AbortSignal::timeout(1)); });

        target.dispatchEvent(Event("number"));
        target.removeEventListener("note", listenerOfTarget);
        target.dispatchEvent(Event("note"));

        clearTimeout(timer);
        clearInterval(interval);
        timer.unref(), timer.ref();
        expect("timer", !timer.hasRef());
        signal.unref(), signal.ref(), signal.stop();
        expect("signal", !signal.hasRef());

        settled->resolve(1);
        settled->reject(2);
        expect("picture", !pictures.empty() && pictures[0].stack().find("wait") != std::string::npos);
        if (inALoop || coroutinesMayRunOutOfMemory) {
            refused("dispose", [&] { stack.disposeAsync(); });
            expect("stack", stack.disposed() == inALoop);
        }
        return wrong;
    }
};

void fillOnALoop(Handles& handles, Journal& log) {
    EventLoop loop({.virtualTime = true});
    loop.run([&] { handles.fill(log); });
    REQUIRE(handles.rejection);
    REQUIRE(handles.step);
}

/// Uses its handles and destroys them when the program ends, and ends it badly if something is wrong.
struct AtExit {
    AtExit() = default;
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;
    ~AtExit() {
        if (!handles) return;
        const std::string wrong = handles->use(log, false);
        handles.reset();
        if (wrong.empty() && log == "") return;
        std::fprintf(stderr, "at the end of the program: %s%s\n", wrong.c_str(), log.text().c_str());
        std::abort();
    }

    Journal log;
    std::optional<Handles> handles;
} atExit;

}

TEST_CASE("handles that outlive their loop do nothing or refuse where there is no loop") {
    Counted::reset();
    CountingSource source;
    Journal log;
    {
        Handles handles;
        fillOnALoop(handles, log);
        CHECK(handles.use(log, false) == "");
    }
    CHECK(log == "");
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("handles that outlive their loop do not touch the next loop") {
    Counted::reset();
    CountingSource source;
    Journal log;
    {
        Handles handles;
        fillOnALoop(handles, log);
        EventLoop next({.virtualTime = true});
        next.run([&] { CHECK(handles.use(log, true) == ""); });
        CHECK_FALSE(next.alive());
        CHECK(log == "collected collected collected collected");
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("handles that outlive their loop may be destroyed inside of the next loop") {
    Counted::reset();
    CountingSource source;
    Journal log;
    std::optional<Handles> handles(std::in_place);
    fillOnALoop(*handles, log);
    {
        EventLoop next({.virtualTime = true});
        next.run([&] { handles.reset(); });
        CHECK_FALSE(next.alive());
    }
    CHECK(log == "");
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("handles may be used and destroyed while the next loop goes") {
    Counted::reset();
    CountingSource source;
    Journal log;
    auto handles = std::make_shared<Handles>();
    fillOnALoop(*handles, log);
    std::string wrong = "not used";
    {
        EventLoop next({.virtualTime = true});
        next.queueMicrotask([end = AtEnd([&, kept = std::move(handles)] { wrong = kept->use(log, true); })] {});
    }
    CHECK(wrong == "");
    CHECK(log == "collected collected collected collected");
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("handles may be used and destroyed while their own loop goes") {
    // by the destructor of a timer, of a variable of a function, of a listener and of a reason
    for (const int stage : {0, 1, 2, 3}) {
        INFO("stage " << stage);
        Counted::reset();
        CountingSource source;
        Journal log;
        std::string wrong = "not used";
        bool refusedPromise = false;
        {
            auto handles = std::make_shared<Handles>();
            EventLoop loop({.virtualTime = true});
            auto end = std::make_shared<AtEnd<std::function<void()>>>([&, handles] {
                try {
                    handles->completion->promise();
                } catch (const std::logic_error&) {
                    refusedPromise = true;
                }
                wrong = handles->use(log, true);
            });
            if (stage == 2) globalThis.addEventListener("note", [end] {});
            loop.run([&] { handles->fill(log); });
            if (stage == 0) setTimeout([end] {}, 1000);
            if (stage == 1)
                [](auto, Promise<int> promise) -> Promise<> { co_await promise; }(end, handles->pending->promise);
            if (stage == 3) Promise<>::reject(end);
        }
        CHECK(wrong == "");
        CHECK(refusedPromise == (stage == 2));
        CHECK(log == "collected collected collected collected");
        CHECK(Counted::alive == 0);
        CHECK(source.balance() == 0);
    }
}

TEST_CASE("handles may be used and destroyed when the lists of their thread have been closed") {
    Counted::reset();
    Journal log;
    std::string wrong = "not used";
    std::thread([&] {
        struct Last {
            std::optional<Handles> handles;
            Journal* log = nullptr;
            std::string* wrong = nullptr;
            ~Last() {
                if (handles) *wrong = handles->use(*log, false);
            }
        };
        thread_local Last last; // made before the lists are opened, so it goes when they have been closed
        last.log = &log;
        last.wrong = &wrong;
        last.handles.emplace();
        fillOnALoop(*last.handles, log);
    }).join();
    CHECK(wrong == "");
    CHECK(log == "");
    CHECK(Counted::alive == 0);
}

TEST_CASE("handles may be used and destroyed by a static at the end of the program") {
    atExit.handles.emplace();
    fillOnALoop(*atExit.handles, atExit.log);
    CHECK(atExit.log == ""); // the rest when the program ends
}

TEST_CASE("a loop may live and go when the lists of its thread have been closed") {
    Counted::reset();
    Journal log;
    std::thread([&] {
        struct Last {
            Journal* log = nullptr;
            std::optional<EventLoop> loop;
            ~Last() {
                if (!log) return;
                loop.reset();
                EventLoop another({.virtualTime = true});
                another.run([this] {
                    setTimeout([this, c = Counted()] { (*log)("ran"); });
                    wait(Promise<int>([](auto resolve) { setTimeout(resolve, 1, 2); })).then([this](int v) {
                        (*log)(v);
                    });
                });
            }
        };
        thread_local Last last;
        last.log = &log;
        last.loop.emplace(EventLoopOptions{.virtualTime = true});
        last.loop->run([] {
            wait(Promise<int>([](auto resolve) { setTimeout(resolve, 1e300, 2); }));
            Promise<int>::reject(Counted());
            EventLoop::current().stop();
        });
    }).join();
    CHECK(log == "ran 2");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a loop that goes can be asked anything and refuses to run") {
    Counted::reset();
    CountingSource source;
    Journal log;
    {
        const auto refused = [&](auto f) {
            try {
                f();
                log("ran");
            } catch (const std::logic_error&) {
                log("refused");
            }
        };
        EventLoop loop({.virtualTime = true});
        loop.queueMicrotask([end = AtEnd([&] {
                                 loop.stop();
                                 loop.onWake([c = Counted()] {});
                                 loop.post([&] { log("ran"); });
                                 log(loop.alive(), loop.nextDeadline().has_value(), loop.now() == 0);
                                 refused([&] { loop.poll(); });
                                 refused([&] { loop.run([] {}); });
                                 refused([&] { loop.runUntilSettled([] { return 1; }); });
                                 refused([] { run([] {}); });
                                 refused([] { const EventLoop another; });
                                 const auto p = Promise<>::resolve(5);
                                 log(p.value());
                             })] {});
    }
    CHECK(log == "truetruetrue refused refused refused refused refused 5");
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("what waits can be listed while its loop goes") {
    Journal log;
    {
        EventLoop loop;
        const auto made = Promise<int>::withResolvers();
        const auto older = [&](Promise<int> promise) -> Promise<int> {
            const AtEnd end([&] { log("left:", EventLoop::current().pending().size()); });
            co_return co_await promise;
        };
        const auto inner = older(made.promise);
        const auto outer = wait(inner); // newer than what it awaits, so it goes before
        CHECK(loop.pending().size() == 1);
    }
    CHECK(log == "left:1"); // itself
}

TEST_CASE("an iterator over events that outlives its loop gives the next event to the next loop") {
    Journal log;
    EventTarget target;
    std::optional<EventIterator<int>> heard;
    const auto ask = [&](const char* name) {
        heard->next().then([&log, name](const IteratorResult<int>& step) { log(name, *step); });
    };
    {
        EventLoop loop;
        heard = eventsOf(target, "note", [n = 0]() mutable { return ++n; });
        ask("lost");
        ask("lost");
    }
    EventLoop next;
    next.run([&] {
        ask("a");
        ask("b");
        target.dispatchEvent(Event("note"));
        target.dispatchEvent(Event("note"));
    });
    CHECK(log == "a1 b2");
}

TEST_CASE("a Completion gives its promise on no other loop than its own") {
    std::optional<Completion<int>> completion;
    {
        EventLoop loop;
        completion.emplace();
        CHECK(completion->promise().state() == PromiseState::pending);
    }
    CHECK_THROWS_AS(completion->promise(), std::logic_error);
    EventLoop next;
    Completion<std::string> another;
    CHECK_THROWS_AS(completion->promise(), std::logic_error);
    another.resolve("yes");
}
