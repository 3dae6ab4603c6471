// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/failing_source.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/event_loop.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace rondo;
using Catch::Matchers::ContainsSubstring;
using Ended = EventLoop::Ended;

namespace {

/// The sentence of the std::logic_error that `f` throws, or nothing.
template <class F>
std::string refusal(F f) {
    try {
        f();
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return {};
}

void nothing() {}

}

// The loop and its thread

TEST_CASE("a loop is its thread's current loop from construction to destruction") {
    CHECK_FALSE(EventLoop::hasCurrent());
    {
        EventLoop loop;
        CHECK(EventLoop::hasCurrent());
        CHECK(&EventLoop::current() == &loop);
    }
    CHECK_FALSE(EventLoop::hasCurrent());
}

TEST_CASE("what needs a loop where there is none throws and says what to do") {
    CHECK_THAT(refusal([] { EventLoop::current(); }), ContainsSubstring("run(") && ContainsSubstring("EventLoop"));
}

TEST_CASE("a second loop on a thread is refused and the first one stays") {
    EventLoop loop;
    CHECK_THAT(refusal([] { EventLoop second; }), ContainsSubstring("EventLoop"));
    CHECK(&EventLoop::current() == &loop);
    Journal log;
    loop.post([&] { log("task"); });
    turnUntilDry(loop);
    CHECK(log == "task");
}

TEST_CASE("a thread may have one loop after another") {
    std::uint32_t first = 0;
    {
        EventLoop loop;
        first = loop.number();
        loop.post(nothing);
        turnUntilDry(loop);
    }
    EventLoop loop;
    CHECK(loop.number() != first);
    CHECK(first != 0);
    CHECK(&EventLoop::current() == &loop);
}

TEST_CASE("every thread has a loop of its own") {
    EventLoop loop;
    bool hadOne = true;
    bool hasOther = false;
    Journal theirs;
    std::thread([&] {
        hadOne = EventLoop::hasCurrent();
        EventLoop other;
        hasOther = &EventLoop::current() == &other && &other != &loop;
        other.post([&] { theirs("task"); });
        turnUntilDry(other);
    }).join();
    CHECK_FALSE(hadOne);
    CHECK(hasOther);
    CHECK(theirs == "task");
    CHECK(&EventLoop::current() == &loop);
}

TEST_CASE("a loop keeps the options it was made with") {
    CHECK_FALSE(EventLoop().options().virtualTime);
    CHECK_FALSE(EventLoop().options().clampNestedTimers);
    EventLoop loop({.virtualTime = true, .clampNestedTimers = true});
    CHECK(loop.options().virtualTime);
    CHECK(loop.options().clampNestedTimers);
    STATIC_REQUIRE(std::is_trivially_destructible_v<EventLoopOptions>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<EventLoop>);
}

// Tasks and microtasks

TEST_CASE("tasks run in the order in which they were posted") {
    EventLoop loop;
    Journal log;
    loop.post([&] { log("a"); });
    loop.post([&] { log("b"); });
    loop.post([&] { log("c"); });
    CHECK(log == ""); // nothing runs inline
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "a b c");
}

TEST_CASE("a task posted by a task waits behind those that were posted before") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        log("a");
        loop.post([&] { log("c"); });
        log("A");
    });
    loop.post([&] { log("b"); });
    turnUntilDry(loop);
    CHECK(log == "a A b c");
}

TEST_CASE("microtasks run in the order in which they were queued") {
    EventLoop loop;
    Journal log;
    loop.queueMicrotask([&] { log("a"); });
    loop.queueMicrotask([&] { log("b"); });
    CHECK(log == "");
    turnUntilDry(loop);
    CHECK(log == "a b");
}

TEST_CASE("a checkpoint follows every task") {
    EventLoop loop;
    Journal log;
    for (const char* name : {"a", "b"}) {
        loop.post([&, name] {
            log(name);
            loop.queueMicrotask([&, name] { log(name, "-microtask"); });
        });
    }
    turnUntilDry(loop);
    CHECK(log == "a a-microtask b b-microtask");
}

TEST_CASE("a microtask queued by a microtask runs before the next task") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        loop.queueMicrotask([&] {
            log("m1");
            loop.queueMicrotask([&] {
                log("m3");
                loop.queueMicrotask([&] { log("m4"); });
            });
        });
        loop.queueMicrotask([&] { log("m2"); });
    });
    loop.post([&] { log("task"); });
    turnUntilDry(loop);
    CHECK(log == "m1 m2 m3 m4 task");
}

TEST_CASE("microtasks queued outside of a task run before the first task") {
    EventLoop loop;
    Journal log;
    loop.post([&] { log("task"); });
    loop.queueMicrotask([&] { log("microtask"); });
    turnUntilDry(loop);
    CHECK(log == "microtask task");
}

TEST_CASE("a task posted by a microtask is a task like any other") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        loop.queueMicrotask([&] { loop.post([&] { log("c"); }); });
        log("a");
    });
    loop.post([&] { log("b"); });
    turnUntilDry(loop);
    CHECK(log == "a b c");
}

TEST_CASE("a long chain of microtasks does not grow the stack") {
    EventLoop loop;
    int left = 200'000;
    struct Link {
        EventLoop& loop;
        int& left;
        void operator()() const {
            if (--left > 0) loop.queueMicrotask(Link(*this));
        }
    };
    loop.queueMicrotask(Link{loop, left});
    turnUntilDry(loop);
    CHECK(left == 0);
}

TEST_CASE("an exception that leaves a task is reported and its microtasks and the next task run") {
    EventLoop loop;
    Journal log;
    const ReportedErrors reported(loop, log);
    loop.post([&] {
        loop.queueMicrotask([&] { log("microtask"); });
        throw Error("no");
    });
    loop.post([&] { log("next"); });
    turnUntilDry(loop);
    CHECK(log == "reported:Error: no microtask next");
}

TEST_CASE("an exception that leaves a microtask is reported and the next microtask runs") {
    EventLoop loop;
    Journal log;
    const ReportedErrors reported(loop, log);
    loop.queueMicrotask([] { throw 1; });
    loop.queueMicrotask([&] { log("next"); });
    loop.post([&] { log("task"); });
    turnUntilDry(loop);
    CHECK(log == "reported:1 next task");
}

TEST_CASE("a callback that is posted or queued is moved and destroyed once") {
    Counted::reset();
    {
        EventLoop loop;
        loop.post([c = Counted(), p = std::make_unique<int>(1)] { CHECK(*p + c.value == 1); });
        loop.queueMicrotask([c = Counted(), p = std::make_unique<int>(1)] { CHECK(*p + c.value == 1); });
        loop.setTimer([c = Counted(), p = std::make_unique<int>(1)] { CHECK(*p + c.value == 1); }, 0, false);
        CHECK(Counted::alive == 3);
        turnUntilDry(loop);
        CHECK(Counted::alive == 0);
        CHECK(Counted::copies == 0);
    }
    EventLoop loop;
    loop.post(nothing);
    loop.queueMicrotask(&nothing);
    turnUntilDry(loop);
}

TEST_CASE("what a task captured is gone when its microtasks run") {
    EventLoop loop;
    Journal log;
    loop.post([&, end = AtEnd([&] { log("destroyed"); })] {
        log("task");
        loop.queueMicrotask([&] { log("microtask"); });
    });
    turnUntilDry(loop);
    CHECK(log == "task destroyed microtask");
}

// When turning ends

TEST_CASE("a loop that owes nothing is dry at once") {
    EventLoop loop;
    CHECK_FALSE(loop.alive());
    CHECK(turnUntilDry(loop) == Ended::dry);
}

TEST_CASE("turning ends when it is done and what is left waits for the next time") {
    EventLoop loop;
    Journal log;
    bool done = false;
    loop.post([&] {
        log("a");
        done = true;
        loop.queueMicrotask([&] { log("microtask"); });
    });
    loop.post([&] { log("b"); });
    CHECK(loop.turnUntil([&] { return done; }) == Ended::done);
    CHECK(log == "a microtask");
    CHECK(loop.turnUntil([&] { return done; }) == Ended::done); // at once
    CHECK(log == "a microtask");
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "a microtask b");
}

TEST_CASE("turning is done when a microtask that waited says so") {
    EventLoop loop;
    Journal log;
    bool done = false;
    loop.queueMicrotask([&] { done = true; });
    loop.post([&] { log("task"); });
    CHECK(loop.turnUntil([&] { return done; }) == Ended::done);
    CHECK(log == "");
}

TEST_CASE("a loop that is stopped returns after the current task and its checkpoint") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        loop.stop();
        log("a");
        loop.queueMicrotask([&] { log("microtask"); });
    });
    loop.post([&] { log("b"); });
    CHECK(turnUntilDry(loop) == Ended::stopped);
    CHECK(log == "a microtask");
    CHECK(loop.alive());
    CHECK(turnUntilDry(loop) == Ended::dry); // goes on where it stopped
    CHECK(log == "a microtask b");
}

TEST_CASE("stopping a loop that does not run has no effect") {
    EventLoop loop;
    Journal log;
    loop.stop();
    loop.post([&] { log("a"); });
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "a");
}

TEST_CASE("a loop is alive while it has a task or a microtask or a timer or something in flight") {
    EventLoop loop({.virtualTime = true});
    loop.post(nothing);
    CHECK(loop.alive());
    turnUntilDry(loop);
    CHECK_FALSE(loop.alive());
    loop.queueMicrotask(nothing);
    CHECK(loop.alive());
    turnUntilDry(loop);
    CHECK_FALSE(loop.alive());
    const auto id = loop.setTimer(nothing, 5, false);
    CHECK(loop.alive());
    loop.clearTimer(id);
    CHECK_FALSE(loop.alive());
    loop.hold(true);
    loop.hold(false);
    loop.release(true);
    CHECK(loop.alive());
    loop.release(false);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("turning inside a callback is refused and the loop goes on") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    const auto tryIt = [&](const char* where) {
        const bool turned = refusal([&] { turnUntilDry(loop); }).empty();
        const bool polled = refusal([&] { loop.poll(); }).empty();
        log(where, turned || polled ? "-nested" : "-refused");
    };
    loop.post([&] { tryIt("task"); });
    loop.post([&] { loop.queueMicrotask([&] { tryIt("microtask"); }); });
    loop.setTimer([&] { tryIt("timer"); }, 1, false);
    turnUntilDry(loop);
    loop.post([&] { tryIt("poll"); });
    loop.poll();
    loop.post([&] { log("next"); });
    turnUntilDry(loop);
    CHECK(log == "task-refused microtask-refused timer-refused poll-refused next");
}

TEST_CASE("turning a loop on another thread is refused") {
    EventLoop loop;
    Journal log;
    loop.post([&] { log("task"); });
    std::string turned, polled, withOwnLoop;
    std::thread([&] {
        turned = refusal([&] { turnUntilDry(loop); });
        polled = refusal([&] { loop.poll(); });
        EventLoop own;
        withOwnLoop = refusal([&] { loop.poll(); });
    }).join();
    CHECK_THAT(turned, ContainsSubstring("thread"));
    CHECK_THAT(polled, ContainsSubstring("thread"));
    CHECK_THAT(withOwnLoop, ContainsSubstring("thread"));
    CHECK(log == "");
    turnUntilDry(loop);
    CHECK(log == "task");
}

// Posting from other threads

TEST_CASE("a task posted from another thread runs on the loop's thread") {
    EventLoop loop;
    std::thread::id ranOn;
    std::thread([&] { loop.post([&] { ranOn = std::this_thread::get_id(); }); }).join();
    CHECK(ranOn == std::thread::id());
    CHECK(loop.alive());
    turnUntilDry(loop);
    CHECK(ranOn == std::this_thread::get_id());
}

TEST_CASE("tasks posted from another thread run in its order") {
    EventLoop loop;
    Journal log;
    std::thread([&] {
        for (int i = 1; i <= 5; ++i) loop.post([&, i] { log(i); });
    }).join();
    turnUntilDry(loop);
    CHECK(log == "1 2 3 4 5");
}

TEST_CASE("a task posted from a thread that has a loop of its own goes to the loop it was posted to") {
    EventLoop loop;
    Journal ours, theirs;
    std::thread([&] {
        EventLoop other;
        loop.post([&] { ours("task"); });
        other.post([&] { theirs("task"); });
        turnUntilDry(other);
    }).join();
    turnUntilDry(loop);
    CHECK(ours == "task");
    CHECK(theirs == "task");
}

TEST_CASE("a loop that sleeps is woken by a task from another thread") {
    EventLoop loop;
    Journal log;
    loop.hold(false);
    std::thread poster([&, mailbox = loop.mailbox()] {
        while (!mailbox->asleep()) std::this_thread::yield();
        loop.post([&] {
            log("task");
            loop.release(false);
        });
    });
    CHECK(turnUntilDry(loop) == Ended::dry);
    poster.join();
    CHECK(log == "task");
}

TEST_CASE("a loop may go as soon as it has run the task that was posted to it") {
    for (int round = 0; round < 50; ++round) {
        std::optional<EventLoop> loop(std::in_place);
        bool done = false;
        loop->hold(false);
        std::thread poster([&] { loop->post([&] { done = true; }); });
        loop->turnUntil([&] { return done; });
        loop.reset(); // the poster may not have returned yet
        poster.join();
        CHECK(done);
    }
}

TEST_CASE("tasks from other threads queue behind the tasks that wait and before those posted later") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        log("a");
        std::thread([&] { loop.post([&] { log("mail"); }); }).join();
    });
    loop.post([&] {
        log("b");
        loop.post([&] { log("c"); });
    });
    turnUntilDry(loop);
    CHECK(log == "a b mail c");
}

TEST_CASE("what another thread posted before goes before what is posted or due now") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.post([&] {
        std::thread([&] { loop.post([&] { log("mail1"); }); }).join();
        loop.post([&] { log("posted"); });
        std::thread([&] { loop.post([&] { log("mail2"); }); }).join();
        loop.setTimer([&] { log("timer"); }, 0, false);
    });
    turnUntilDry(loop);
    CHECK(log == "mail1 posted mail2 timer");
}

// Timers

TEST_CASE("timers run in order of deadline and equal ones in order of creation") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    const auto logs = [&](const char* name) { return [&, name] { log(name, "@", loop.now()); }; };
    loop.setTimer(logs("c"), 20, false);
    loop.setTimer(logs("a"), 10, false);
    loop.setTimer(logs("d"), 20, false);
    loop.setTimer(logs("b"), 10, false);
    turnUntilDry(loop);
    CHECK(log == "a@10 b@10 c@20 d@20");
}

TEST_CASE("a checkpoint follows every timer") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    for (const char* name : {"a", "b"}) {
        loop.setTimer(
            [&, name] {
                log(name);
                loop.queueMicrotask([&, name] { log(name, "-microtask"); });
            },
            1, false);
    }
    turnUntilDry(loop);
    CHECK(log == "a a-microtask b b-microtask");
}

TEST_CASE("a delay of 0 or less or one that is not a number is over at once but not inline") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("zero"); }, 0, false);
    loop.setTimer([&] { log("negative"); }, -100, false);
    loop.setTimer([&] { log("nan"); }, std::numeric_limits<double>::quiet_NaN(), false);
    CHECK(log == "");
    turnUntilDry(loop);
    CHECK(log == "zero negative nan");
    CHECK(loop.now() == 0);
}

TEST_CASE("an infinite or overflowing delay never ends and does not keep the loop alive") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("infinite"); }, std::numeric_limits<double>::infinity(), false);
    loop.setTimer([&] { log("overflowing"); }, std::numeric_limits<std::int64_t>::max(), false);
    loop.setTimer([&] { log("interval"); }, std::numeric_limits<double>::infinity(), true);
    CHECK_FALSE(loop.alive());
    loop.setTimer([&] { log("century"); }, std::chrono::hours(100 * 8766), false);
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "century");
}

TEST_CASE("posted tasks and timers that are due run in order of arrival") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer1"); }, 0, false);
    loop.post([&] { log("posted1"); });
    loop.setTimer([&] { log("timer2"); }, 0, false);
    loop.setTimer([&] { log("later"); }, 1, false);
    loop.post([&] { log("posted2"); });
    turnUntilDry(loop);
    CHECK(log == "timer1 posted1 timer2 posted2 later");
}

TEST_CASE("a timer set to 0 by a timer runs after those that are due") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer(
        [&] {
            log("a");
            loop.setTimer([&] { log("c"); }, 0, false);
        },
        5, false);
    loop.setTimer([&] { log("b"); }, 5, false);
    turnUntilDry(loop);
    CHECK(log == "a b c");
}

TEST_CASE("timers of 0 keep their place among the timers that are due and can be cleared") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer(
        [&] {
            log("a");
            loop.setTimer([&] { log("c"); }, 0, false);
            const auto cleared = loop.setTimer([&] { log("cleared"); }, 0, false);
            loop.post([&] { log("d"); });
            loop.setTimer([&] { log("e"); }, 0, false);
            loop.queueMicrotask([&, cleared] { loop.clearTimer(cleared); });
        },
        5, false);
    loop.setTimer([&] { log("b"); }, 5, false);
    loop.setTimer([&] { log("f"); }, 6, false);
    turnUntilDry(loop);
    CHECK(log == "a b c d e f");
}

TEST_CASE("a timer whose deadline has passed by the clock arrives before one of 0 set now") {
    EventLoop loop; // in real time
    Journal log;
    loop.setTimer([&] { log("earlier"); }, std::chrono::nanoseconds(1), false);
    for (const double before = loop.now(); loop.now() == before;) {}
    loop.setTimer([&] { log("zero"); }, 0, false);
    loop.post([&] { log("posted"); });
    loop.poll();
    CHECK(log == "earlier zero posted");
}

TEST_CASE("a timer can be cleared by an earlier callback of the same turn and by its microtasks") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop::TimerQueue::Id second = 0, third = 0;
    loop.setTimer(
        [&] {
            log("first");
            loop.clearTimer(second);
            loop.queueMicrotask([&] { loop.clearTimer(third); });
        },
        5, false);
    second = loop.setTimer([&] { log("second"); }, 5, false);
    third = loop.setTimer([&] { log("third"); }, 5, false);
    loop.setTimer([&] { log("fourth"); }, 5, false);
    turnUntilDry(loop);
    CHECK(log == "first fourth");
}

TEST_CASE("clearing a timer lets the loop end and destroys the callback") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    const auto id = loop.setTimer([c = Counted()] { static_cast<void>(c); }, 1'000, false);
    CHECK(Counted::alive == 1);
    loop.clearTimer(id);
    CHECK(Counted::alive == 0);
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(loop.now() == 0);
}

TEST_CASE("an id that is stale or from another loop is ignored") {
    std::vector<loop::TimerQueue::Id> foreign;
    {
        EventLoop other({.virtualTime = true});
        for (int i = 0; i < 5; ++i) foreign.push_back(other.setTimer(nothing, 1, false));
        turnUntilDry(other);
        for (int i = 0; i < 5; ++i) foreign.push_back(other.setTimer(nothing, 1, false)); // in used slots
    }
    EventLoop loop({.virtualTime = true});
    Journal log;
    const auto ran = loop.setTimer([&] { log("a"); }, 1, false);
    for (const auto id : foreign) loop.clearTimer(id);
    turnUntilDry(loop);
    loop.setTimer([&] { log("b"); }, 1, false);
    loop.clearTimer(ran);
    for (const auto id : foreign) loop.clearTimer(id);
    loop.clearTimer(0);
    loop.clearTimer(~loop::TimerQueue::Id{0});
    turnUntilDry(loop);
    CHECK(log == "a b");
}

TEST_CASE("an exception that leaves a timer is reported and the next timer runs") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    const ReportedErrors reported(loop, log);
    loop.setTimer(
        [&] {
            loop.queueMicrotask([&] { log("microtask"); });
            throw Error("no");
        },
        1, false);
    loop.setTimer([&] { log("next"); }, 1, false);
    turnUntilDry(loop);
    CHECK(log == "reported:Error: no microtask next");
}

TEST_CASE("an interval that throws goes on") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    const ReportedErrors reported(loop, log);
    int beats = 0;
    loop::TimerQueue::Id id = 0;
    id = loop.setTimer(
        [&] {
            if (++beats == 3) loop.clearTimer(id);
            throw beats;
        },
        10, true);
    turnUntilDry(loop);
    CHECK(log == "reported:1 reported:2 reported:3");
    CHECK(loop.now() == 30);
}

TEST_CASE("an interval beats until it is cleared from its own callback or its microtask or another timer") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop::TimerQueue::Id a = 0, b = 0, c = 0;
    a = loop.setTimer(
        [&] {
            log("a@", loop.now());
            if (loop.now() == 20) loop.clearTimer(a);
        },
        10, true);
    b = loop.setTimer(
        [&] {
            log("b@", loop.now());
            if (loop.now() == 20) loop.queueMicrotask([&] { loop.clearTimer(b); });
        },
        10, true);
    c = loop.setTimer([&] { log("c@", loop.now()); }, 10, true);
    loop.setTimer([&] { loop.clearTimer(c); }, 15, false);
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "a@10 b@10 c@10 a@20 b@20");
}

TEST_CASE("the beats of an interval are at least 1 ms apart") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop::TimerQueue::Id id = 0;
    id = loop.setTimer(
        [&] {
            log(loop.now());
            if (loop.now() >= 3) loop.clearTimer(id);
        },
        0, true);
    turnUntilDry(loop);
    CHECK(log == "0 1 2 3");
}

TEST_CASE("a timer that is unref'd does not keep the loop alive but runs while something else does") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    const auto early = loop.setTimer([&] { log("early"); }, 5, false);
    const auto late = loop.setTimer([&] { log("late"); }, 50, false);
    loop.timers().ref(early, false);
    loop.timers().ref(late, false);
    CHECK_FALSE(loop.alive());
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(log == "");
    loop.setTimer([&] { log("ref"); }, 10, false);
    turnUntilDry(loop);
    CHECK(log == "early ref");
    loop.timers().ref(late, true);
    turnUntilDry(loop);
    CHECK(log == "early ref late");
}

TEST_CASE("an interval that unrefs itself in its callback lets the loop end") {
    EventLoop loop({.virtualTime = true});
    int beats = 0;
    loop::TimerQueue::Id id = 0;
    id = loop.setTimer(
        [&] {
            if (++beats == 3) loop.timers().ref(id, false);
        },
        10, true);
    CHECK(turnUntilDry(loop) == Ended::dry);
    CHECK(beats == 3);
    CHECK(loop.timers().has(id));
}

TEST_CASE("nested timers are clamped only if the loop was made so") {
    for (const bool clamp : {false, true}) {
        EventLoop loop({.virtualTime = true, .clampNestedTimers = clamp});
        int left = 8;
        struct Link {
            EventLoop& loop;
            int& left;
            void operator()() const {
                if (--left > 0) loop.setTimer(Link(*this), 0, false);
            }
        };
        loop.setTimer(Link{loop, left}, 0, false);
        turnUntilDry(loop);
        CHECK(loop.now() == (clamp ? 8 : 0));
    }
}

TEST_CASE("a timer that a microtask or a later task of a timer sets is not nested in it") {
    for (const bool byMicrotask : {true, false}) {
        EventLoop loop({.virtualTime = true, .clampNestedTimers = true});
        int left = 20;
        const std::function<void()> link = [&] {
            const auto next = [&] { loop.setTimer(link, 0, false); };
            if (--left == 0) return;
            byMicrotask ? loop.queueMicrotask(next) : loop.post(next);
        };
        loop.setTimer(link, 0, false);
        turnUntilDry(loop);
        CHECK(left == 0);
        CHECK(loop.now() == 0);
    }
}

TEST_CASE("in one poll the delay of a timer begins with the task that sets it") {
    EventLoop loop; // in real time
    loop.setTimer(nothing, std::chrono::hours(1), false);
    EventLoop::TimePoint set;
    EventLoop::TimePoint due;
    loop.post([&] { // the clock is read for this task
        loop.clearTimer(loop.setTimer(nothing, 1, false));
        for (const double before = loop.now(); loop.now() < before + 5;) {}
    });
    loop.post([&] {
        set = EventLoop::TimePoint::clock::now();
        loop.setTimer(nothing, 50, false);
        due = loop.nextDeadline().value();
    });
    loop.poll();
    CHECK(due - set >= std::chrono::milliseconds(50));
}

TEST_CASE("a rejection that is still to be told of keeps the loop alive") {
    EventLoop loop;
    loop::Rejection rejection(base::Reason(std::make_exception_ptr(1), nullptr));
    rejection.perform = [](loop::Task*, loop::Verb) noexcept {};
    loop.rejections().add(rejection);
    CHECK(loop.alive());
    CHECK(loop.nextDeadline());
    rejection.handled = true;
    loop.poll();
    CHECK_FALSE(loop.alive());
    CHECK_FALSE(loop.nextDeadline());
}

TEST_CASE("a microtask that is still to be dropped keeps the loop alive") {
    EventLoop loop;
    static bool dropped = false;
    loop::Waiting node([](loop::Microtask*, loop::Verb verb) noexcept { dropped = verb == loop::Verb::drop; });
    loop.waiting().pushBack(node);
    loop.doomed().push(node);
    CHECK(loop.alive());
    loop.poll();
    CHECK(dropped);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a delay begins when the timer is set also where no turn is under way") {
    EventLoop loop; // in real time
    const auto deadlineOfNext = [&] {
        const auto id = loop.setTimer(nothing, 1'000, false);
        const auto deadline = loop.nextDeadline();
        loop.clearTimer(id);
        return deadline.value();
    };
    const auto first = deadlineOfNext();
    for (const double before = loop.now(); loop.now() == before;) {}
    const auto second = deadlineOfNext();
    CHECK(second > first);
}

TEST_CASE("a microtask that waited for the turn to begin sets its timers from then on") {
    EventLoop loop; // in real time
    loop.setTimer(nothing, std::chrono::hours(1), false);
    loop.poll(); // reads the clock
    const double end = loop.now();
    while (loop.now() < end + 0.1) {}
    const double begin = loop.now();
    double deadline = 0;
    loop.queueMicrotask([&] {
        loop.setTimer(nothing, 1'000, false);
        deadline = static_cast<double>(loop.timers().nextDeadline()) / 1e6;
    });
    loop.poll();
    CHECK(deadline >= begin + 1'000);
}

TEST_CASE("time stands still within a turn") {
    EventLoop loop; // in real time
    std::vector<std::int64_t> deadlines;
    loop.post([&] {
        for (int i = 0; i < 2; ++i) {
            const auto id = loop.setTimer(nothing, 1'000, false);
            deadlines.push_back(loop.timers().nextDeadline());
            loop.clearTimer(id);
            for (const double before = loop.now(); loop.now() == before;) {}
        }
    });
    turnUntilDry(loop);
    REQUIRE(deadlines.size() == 2);
    CHECK(deadlines[0] == deadlines[1]);
}

// What the floors above build on

TEST_CASE("nodes that will never run are dropped at the next checkpoint after the microtasks") {
    struct Node : loop::Waiting {
        Node(EventLoop& l, Journal& journal) : Waiting(&act), loop(l), log(journal) {}
        static void act(loop::Microtask* node, loop::Verb verb) noexcept {
            auto& self = *static_cast<Node*>(node);
            self.log(verb == loop::Verb::drop ? "drop" : "run");
            self.unlink();
            self.loop.queueMicrotask([&log = self.log] { log("queued-by-drop"); });
        }
        EventLoop& loop;
        Journal& log;
    };
    EventLoop loop;
    Journal log;
    Node node(loop, log);
    loop.waiting().pushBack(node);
    loop.post([&] {
        loop.doomed().push(node);
        loop.queueMicrotask([&] { log("microtask"); });
        log("task");
    });
    loop.post([&] { log("next"); });
    turnUntilDry(loop);
    CHECK(log == "task microtask drop queued-by-drop next");
}

// Memory

TEST_CASE("a loop that is done gives every block back") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        for (int i = 0; i < 20; ++i) {
            loop.post([&] { loop.queueMicrotask(nothing); });
            loop.setTimer(nothing, i, false);
        }
        loop.clearTimer(loop.setTimer(nothing, 3, false));
        turnUntilDry(loop);
        CHECK(source.balance() == 0);
        loop.post(nothing);
        loop.queueMicrotask(nothing);
        loop.setTimer(nothing, 1, true);
        CHECK(source.balance() == 3);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("what cannot get its block throws and has changed nothing") {
    Counted::reset();
    FailingSource source;
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer"); }, 10, false);
    const auto fails = [&](auto call) {
        source.failAfter(0);
        try {
            call([c = Counted()] { static_cast<void>(c); });
        } catch (const std::bad_alloc&) {
            return true;
        }
        return false;
    };
    CHECK(fails([&](auto f) { loop.setTimer(std::move(f), 1, false); }));
    CHECK(fails([&](auto f) { loop.setTimer(std::move(f), 1, true); }));
    CHECK(fails([&](auto f) { loop.setTimer(std::move(f), 0, false); }));
    CHECK(fails([&](auto f) { loop.post(std::move(f)); }));
    CHECK(fails([&](auto f) { loop.queueMicrotask(std::move(f)); }));
    CHECK(Counted::alive == 0);
    CHECK(loop.timers().refCount() == 1);
    CHECK(source.balance() == 1);
    loop.setTimer([&] { log("next"); }, 10, false);
    turnUntilDry(loop);
    CHECK(log == "timer next");
    CHECK(source.balance() == 0);
}

TEST_CASE("a callback that runs out of memory reports it and the loop goes on") {
    FailingSource source;
    EventLoop loop;
    Journal log;
    const ReportedErrors reported(loop, log);
    loop.post([&] {
        source.failAfter(0);
        loop.post([&] { log("lost"); });
    });
    loop.post([&] { log("next"); });
    turnUntilDry(loop);
    CHECK(log == "reported:std::bad_alloc next");
}

TEST_CASE("a poll that is refused inside of a callback lets no microtask run there") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.setTimer(
        [&] {
            CHECK_THROWS_AS(loop.poll(), std::logic_error);
            loop.queueMicrotask([&] { log("microtask"); });
            loop.cleanUpAfterScript(); // as a listener does that the callback has called
            log("callback");
        },
        0, false);
    turnUntilDry(loop);
    CHECK(log == "callback microtask");
}

TEST_CASE("a loop that is being destroyed cannot be turned") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        auto turns = AtEnd([&loop, &log] {
            loop.setTimer([&] { log("never"); }, 0, false);
            try {
                loop.poll();
            } catch (const std::logic_error&) {
                log("refused");
            }
        });
        loop.setTimer([turns = std::move(turns)] {}, 1, false);
    }
    CHECK(log == "refused");
}

TEST_CASE("a loop wakes up as long as memory is idle and the next loop begins anew") {
    if (!base::FreeLists::keepsBlocks()) return;
    for (int i = 0; i < 2; ++i) {
        EventLoop loop;
        CHECK(!loop.nextDeadline());
        std::vector<void*> blocks;
        for (std::size_t size = 0; size < 4 * base::FreeLists::kept; size += 512) {
            blocks.push_back(base::FreeLists::allocate(512));
        }
        for (void* block : blocks) base::FreeLists::deallocate(block, 512);
        loop.poll();
        CHECK(loop.nextDeadline() > std::chrono::steady_clock::now());
    }
    CHECK(base::FreeLists::nextLook() == base::Milliseconds::never);
}
