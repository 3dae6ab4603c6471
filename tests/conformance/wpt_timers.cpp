// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <exception>
#include <functional>
#include <utility>

using namespace rondo;

namespace {

/// The script of a page: calls `f` as the first task of a loop in virtual time, and turns that until nothing is owed.
template <class F>
void page(F f, bool clampNestedTimers = false) {
    EventLoop loop({.virtualTime = true, .clampNestedTimers = clampNestedTimers});
    loop.run(std::move(f));
}

double now() { return EventLoop::current().now(); }

/// A callback that sets a timer of its own when the callback of another is made of it.
struct SetsATimerFirst {
    explicit SetsATimerFirst(Journal& journal) : log(journal) {}
    SetsATimerFirst(const SetsATimerFirst& other) : log(other.log) {
        setTimeout([&journal = log] { journal("ONE"); }, 100);
    }
    SetsATimerFirst(SetsATimerFirst&& other) noexcept : log(other.log) {}
    SetsATimerFirst& operator=(SetsATimerFirst&&) = delete;
    ~SetsATimerFirst() = default;
    void operator()() const { log("TWO"); }

    Journal& log;
};

/// What a `MutationObserver` is to the queue of microtasks: many changes are told of by one.
class Observer {
public:
    explicit Observer(std::function<void()> callback) : callback_(std::move(callback)) {}

    void change() {
        if (std::exchange(queued_, true)) return;
        queueMicrotask([this] {
            queued_ = false;
            callback_();
        });
    }

private:
    std::function<void()> callback_;
    bool queued_ = false;
};

/// An element of a page.
struct Node : EventTarget {
    explicit Node(Node* above = nullptr) : above_(above) {}

protected:
    EventTarget* parent(const Event&) noexcept override { return above_; }

private:
    Node* above_;
};

}

TEST_CASE(
    "html/webappapis/timers/evil-spec-example: a timer set while a callback is made goes before that callback's") {
    Journal log;
    page([&] {
        const SetsATimerFirst callback(log);
        setTimeout(callback, 100);
    });
    CHECK(log == "ONE TWO");
}

TEST_CASE("html/webappapis/timers/clearinterval-from-callback: an interval that its callback clears is over") {
    Journal log;
    TimerHandle handle;
    page([&] {
        const auto callback = [&] {
            log(now());
            clearInterval(handle);
            setTimeout([&] { log("later"); }, 750); // the next beat would have been before
        };
        handle = setInterval(callback, 500);
    });
    CHECK(log == "500 later");
}

TEST_CASE("html/webappapis/timers/cleartimeout-clearinterval: clearInterval clears a timeout") {
    Journal log;
    page([&] {
        const TimerHandle handle = setTimeout([&] { log("not cleared"); }, 0);
        clearInterval(handle);
        setTimeout([&] { log("done"); }, 100);
    });
    CHECK(log == "done");
}

TEST_CASE("html/webappapis/timers/cleartimeout-clearinterval: clearTimeout clears an interval") {
    Journal log;
    page([&] {
        const TimerHandle handle = setInterval([&] { log("not cleared"); }, 0);
        clearTimeout(handle);
        setTimeout([&] { log("done"); }, 100);
    });
    CHECK(log == "done");
}

TEST_CASE("html/webappapis/timers/negative-settimeout: a negative delay is 0") {
    Journal log;
    TimerHandle other;
    page([&] {
        setTimeout(
            [&] {
                log("negative at ", now());
                clearTimeout(other);
            },
            -100);
        other = setTimeout([&] { log("other"); }, 10);
    });
    CHECK(log == "negative at 0");
}

TEST_CASE("html/webappapis/timers/negative-setinterval: a negative interval is the shortest there is") {
    const bool clamps = GENERATE(false, true);
    Journal log;
    TimerHandle interval;
    int beats = 0;
    page(
        [&] {
            const TimerHandle limit = setTimeout([&] { log("too late"); }, 1000);
            interval = setInterval(
                [&, limit] {
                    if (++beats < 20) return;
                    log("beat 20 at ", now());
                    clearInterval(interval);
                    clearTimeout(limit);
                },
                -100);
        },
        clamps);
    // Beats are 1 ms apart, and clamped from the sixth on.
    CHECK(log == (clamps ? "beat 20 at 61" : "beat 20 at 19"));
}

TEST_CASE("html/webappapis/timers/missing-timeout-setinterval: an interval without a time is one of 0") {
    Journal log;
    TimerHandle missing;
    TimerHandle zero;
    int ofMissing = 0;
    int ofZero = 0;
    page([&] {
        missing = setInterval([&] {
            log("missing at ", now());
            if (++ofMissing == 2) clearInterval(missing);
        });
        zero = setInterval(
            [&] {
                log("zero at ", now());
                if (++ofZero == 2) clearInterval(zero);
            },
            0);
    });
    CHECK(log == "missing at 0 zero at 0 missing at 1 zero at 1");
}

TEST_CASE("html/webappapis/timers/missing-timeout-setinterval: an interval of a time by default is one of 0") {
    Journal log;
    TimerHandle handle;
    int beats = 0;
    page([&] {
        handle = setInterval(
            [&] {
                log(now());
                if (++beats == 2) clearInterval(handle);
            },
            {});
    });
    CHECK(log == "0 1");
}

// The Web keeps a delay in 32 bits, and 2^32 is 0 there. Unlike the Web: no delay is too long.
TEST_CASE("html/webappapis/timers/type-long-settimeout: a delay of 2^32 ms is as long as that") {
    Journal log;
    page([&] {
        setTimeout([&] { log("long at ", static_cast<long long>(now())); }, 4'294'967'296.0);
        setTimeout([&] { log("other"); }, 100);
    });
    CHECK(log == "other long at 4294967296");
}

TEST_CASE("html/webappapis/timers/setinterval-settimeout-clamping: an interval of 0 goes before a later timeout of 0") {
    Journal log;
    TimerHandle handle;
    page([&] {
        handle = setInterval([&] { log("interval"); }, 0);
        setTimeout(
            [&] {
                log("timeout");
                clearInterval(handle);
            },
            0);
    });
    CHECK(log == "interval timeout");
}

TEST_CASE("html/webappapis/timers/setinterval-settimeout-clamping: a timeout of 0 goes before a later interval of 0") {
    Journal log;
    TimerHandle handle;
    page([&] {
        setTimeout([&] { log("timeout"); }, 0);
        handle = setInterval(
            [&] {
                log("interval");
                clearInterval(handle);
            },
            0);
    });
    CHECK(log == "timeout interval");
}

TEST_CASE("html/webappapis/timers/timer-nesting-not-inherited-in-microtask: "
          "a timer that a microtask sets is not nested in the timer that has just run") {
    Journal log;
    int calls = 0;
    const std::function<void()> again = [&] {
        if (++calls > 7) return;
        if (calls > 5) {
            queueMicrotask([&] { setTimeout([&, set = now()] { log("microtask's after ", now() - set); }, 1); });
            setTimeout([&, set = now()] { log("task's after ", now() - set); }, 1);
        }
        setTimeout(again, 8);
    };
    page([&] { setTimeout(again, 8); }, true);
    CHECK(log == "microtask's after 1 task's after 4 microtask's after 1 task's after 4");
}

TEST_CASE("html/webappapis/microtask-queuing/queue-microtask: the callback is called asynchronously") {
    Journal log;
    page([&] {
        queueMicrotask([&] { log("called"); });
        log("not yet");
    });
    CHECK(log == "not yet called");
}

TEST_CASE("html/webappapis/microtask-queuing/queue-microtask: the callback gets no arguments") {
    Journal log;
    page([&] { queueMicrotask([&](auto&&... arguments) { log(sizeof...(arguments)); }); });
    CHECK(log == "0");
}

TEST_CASE("html/webappapis/microtask-queuing/queue-microtask: callbacks and reactions of promises take turns") {
    Journal log;
    page([&] {
        Promise<>::resolve().then([&] { log("a"); });
        queueMicrotask([&] { log("b"); });
        Promise<>::reject(Error("no")).catch_([&] { log("c"); });
        queueMicrotask([&] { log("d"); });
    });
    CHECK(log == "a b c d");
}

TEST_CASE("html/webappapis/microtask-queuing/queue-microtask-exceptions: what the callback throws is reported") {
    Journal log;
    const auto error = std::make_exception_ptr(Error("boo"));
    page([&] {
        globalThis.addEventListener("error", [&](ErrorEvent& event) {
            log(event.error() == error);
            event.preventDefault();
        });
        queueMicrotask([&] { std::rethrow_exception(error); });
    });
    CHECK(log == "true");
}

TEST_CASE("html/webappapis/scripting/event-loops/task_microtask_ordering: microtasks run before the next task") {
    Journal log;
    page([&] {
        log("script start");
        setTimeout([&] { log("setTimeout"); }, 0);
        Promise<>::resolve().then([&] { log("promise1"); }).then([&] { log("promise2"); });
        log("script end");
    });
    CHECK(log == "script start script end promise1 promise2 setTimeout");
}

TEST_CASE("html/webappapis/scripting/event-loops/task_microtask_ordering: "
          "no microtask runs between the listeners of an event that a script dispatches") {
    Journal log;
    Observer observer([&] { log("mutate"); });
    page([&] {
        Node outer;
        Node inner(&outer);
        const auto onClick = [&] {
            log("click");
            setTimeout([&] { log("timeout"); }, 0);
            Promise<>::resolve().then([&] { log("promise"); });
            observer.change();
        };
        inner.addEventListener("click", onClick);
        outer.addEventListener("click", onClick);
        inner.dispatchEvent(Event("click", {.bubbles = true}));
    });
    CHECK(log == "click click promise mutate promise timeout timeout");
}

// A callback of an animation frame is one that the loop makes, as that of a timer.
TEST_CASE("html/webappapis/scripting/event-loops/microtask_after_raf: "
          "all microtasks run behind a callback of the loop before any other task") {
    Journal log;
    page([&] {
        EventLoop::current().post([&] {
            const auto first = Promise<>::resolve().then([&] {
                log("promise 1");
                return Promise<>::resolve();
            });
            first.then([&] { log("promise 1 child"); });
            Promise<>::resolve().then([&] { log("promise 2"); });
            setTimeout([&] { log("timeout"); }, 0);
            EventLoop::current().post([&] { log("scroll"); });
        });
    });
    CHECK(log == "promise 1 promise 2 promise 1 child timeout scroll");
}
