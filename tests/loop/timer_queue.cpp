// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/journal.hpp"

#include <rondo/loop/timer_queue.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using rondo::base::Milliseconds;
using namespace rondo::loop;

namespace {

constexpr std::int64_t once = Timer::once;
constexpr std::int64_t ms = 1'000'000;

/// A timer that calls a function and counts its life.
struct Named final : Timer {
    Named(std::int64_t beat, std::function<void()> call) : Timer(&act, beat), f(std::move(call)) {}
    static void act(Task* task, Verb verb) noexcept {
        auto* self = static_cast<Named*>(task);
        if (verb == Verb::run) {
            self->f();
        } else {
            delete self;
        }
    }
    std::function<void()> f;
    Counted life;
};

/// A queue and the tasks it makes. Nanoseconds are its unit.
struct Fixture {
    explicit Fixture(bool clamp = false, std::uint32_t number = 1) : timers(clamp, number) { Counted::reset(); }

    template <class F>
    TimerQueue::Id set(std::int64_t delay, F f, std::int64_t beat = once) {
        auto timer = std::make_unique<Named>(beat, std::move(f));
        const auto id = timers.add(*timer, now, delay);
        timer.release();
        return id;
    }
    TimerQueue::Id logs(std::int64_t delay, const char* name, std::int64_t beat = once) {
        return set(delay, [this, name] { log(name); }, beat);
    }

    void fire(Task& task) {
        timers.fire(static_cast<Timer&>(task), now, [&] { task.perform(&task, Verb::run); });
    }

    /// What happens when a loop comes round at `instant`.
    void turnAt(std::int64_t instant) {
        now = instant;
        timers.queueDue(now, tasks);
        while (Task* task = tasks.pop()) {
            fire(*task);
            timers.endNesting();
        }
    }

    std::int64_t now = 0;
    Journal log;
    TaskQueues tasks;
    TimerQueue timers;
};

}

TEST_CASE("timers run in order of deadline and those of equal deadline in order of creation") {
    Fixture f;
    f.logs(20, "c");
    f.logs(10, "a");
    f.logs(20, "d");
    f.logs(10, "b");
    CHECK(f.timers.nextDeadline() == 10);
    f.turnAt(20);
    CHECK(f.log == "a b c d");
    CHECK(f.timers.empty());
    CHECK(Counted::alive == 0);
}

TEST_CASE("deadlines are equal when delays and instants add up to the same") {
    Fixture f;
    f.logs(30, "first");
    f.now = 10;
    f.logs(20, "second");
    f.now = 29;
    f.logs(1, "third");
    f.turnAt(30);
    CHECK(f.log == "first second third");
}

TEST_CASE("a timer does not run before its deadline") {
    Fixture f;
    f.logs(10, "a");
    f.turnAt(9);
    CHECK(f.log == "");
    CHECK(f.timers.nextDeadline() == 10);
    f.turnAt(10);
    CHECK(f.log == "a");
}

TEST_CASE("a timer that was cleared does not run and is dropped at once") {
    Fixture f;
    const auto id = f.logs(10, "a");
    f.logs(10, "b");
    CHECK(f.timers.has(id));
    CHECK(f.timers.clear(id));
    CHECK_FALSE(f.timers.has(id));
    CHECK(Counted::alive == 1);
    f.turnAt(10);
    CHECK(f.log == "b");
}

TEST_CASE("a timer that is due can be cleared by an earlier one") {
    Fixture f;
    TimerQueue::Id second = 0;
    f.set(10, [&] {
        f.log("first");
        CHECK(f.timers.has(second));
        CHECK(f.timers.clear(second));
        CHECK_FALSE(f.timers.has(second));
        CHECK_FALSE(f.timers.clear(second));
    });
    second = f.logs(10, "second");
    f.logs(10, "third");
    f.turnAt(10);
    CHECK(f.log == "first third");
    CHECK(Counted::alive == 0);
    CHECK(f.timers.refCount() == 0);
}

TEST_CASE("an id that is stale or foreign names no timer") {
    Fixture f;
    const auto ran = f.logs(1, "ran");
    f.turnAt(1);
    const auto waits = f.logs(10, "waits");
    for (const TimerQueue::Id id : {ran, TimerQueue::Id{0}, TimerQueue::Id{1}, waits + 1,
                                    waits + (TimerQueue::Id{1} << 32), ~TimerQueue::Id{0}, waits & 0xffffffff}) {
        CHECK_FALSE(f.timers.has(id));
        CHECK_FALSE(f.timers.hasRef(id));
        CHECK_FALSE(f.timers.clear(id));
        f.timers.ref(id, false);
        f.timers.ref(id, true);
    }
    CHECK(f.timers.refCount() == 1);
    f.turnAt(11);
    CHECK(f.log == "ran waits");
}

TEST_CASE("queues of different numbers give different ids") {
    std::set<TimerQueue::Id> ids;
    for (const std::uint32_t number : {1u, 2u, 3u, 4u}) {
        Fixture f(false, number);
        for (int i = 0; i < 100; ++i) ids.insert(f.logs(1, "a"));
        f.timers.clear();
        for (int i = 0; i < 100; ++i) ids.insert(f.logs(1, "a"));
    }
    CHECK(ids.size() == 800);
}

TEST_CASE("ids survive reuse") {
    Fixture f;
    std::set<TimerQueue::Id> ids;
    std::optional<TimerQueue::Id> before;
    bool stale = false;
    for (int i = 0; i < 1'000; ++i) {
        const auto id = f.logs(1'000'000, "a");
        ids.insert(id);
        if (before) stale = stale || f.timers.clear(*before); // must not hit the newcomer
        stale = stale || !f.timers.has(id);
        if (i % 2) {
            f.timers.clear(id);
        } else {
            f.turnAt(f.timers.nextDeadline());
        }
        before = id;
    }
    CHECK(ids.size() == 1'000);
    CHECK_FALSE(ids.contains(0));
    CHECK_FALSE(stale);
}

TEST_CASE("a timer that clears itself in its callback does no harm") {
    Fixture f;
    TimerQueue::Id id = 0;
    id = f.set(1, [&] {
        f.log("once");
        CHECK_FALSE(f.timers.clear(id)); // it has gone from the map
    });
    f.turnAt(1);
    CHECK(f.log == "once");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer set in a callback does not get the id of the one that runs") {
    Fixture f;
    TimerQueue::Id outer = 0;
    TimerQueue::Id inner = 0;
    outer = f.set(1, [&] {
        inner = f.logs(1, "inner");
        f.timers.clear(outer);
    });
    f.turnAt(1);
    CHECK(inner != outer);
    f.turnAt(2);
    CHECK(f.log == "inner");
}

TEST_CASE("an interval runs on every beat until it is cleared") {
    Fixture f;
    const auto id = f.logs(10, "tick", 10);
    for (std::int64_t instant = 5; instant <= 40; instant += 5) f.turnAt(instant);
    CHECK(f.log == "tick tick tick tick");
    CHECK(f.timers.clear(id));
    CHECK(Counted::alive == 0);
    f.turnAt(100);
    CHECK(f.timers.empty());
}

TEST_CASE("an interval that clears itself in its callback stops and is dropped when the callback has ended") {
    Fixture f;
    TimerQueue::Id id = 0;
    id = f.set(
        10,
        [&] {
            f.log("tick");
            CHECK(f.timers.has(id));
            CHECK(f.timers.clear(id));
            CHECK_FALSE(f.timers.has(id));
            CHECK_FALSE(f.timers.clear(id));
            CHECK(Counted::alive == 1); // this very closure
        },
        10);
    f.turnAt(10);
    CHECK(Counted::alive == 0);
    f.turnAt(100);
    CHECK(f.log == "tick");
    CHECK(f.timers.refCount() == 0);
}

TEST_CASE("an interval that is due can be cleared by an earlier timer") {
    Fixture f;
    TimerQueue::Id interval = 0;
    f.set(10, [&] { f.timers.clear(interval); });
    interval = f.logs(10, "tick", 10);
    f.turnAt(10);
    f.turnAt(20);
    CHECK(f.log == "");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer set while an interval that cleared itself still runs does not take its place") {
    Fixture f;
    TimerQueue::Id id = 0;
    id = f.set(
        10,
        [&] {
            f.log("tick");
            f.timers.clear(id);
            f.logs(10, "other"); // reuses what the interval gave up
        },
        10);
    f.turnAt(10);
    f.turnAt(20);
    f.turnAt(30);
    CHECK(f.log == "tick other");
    CHECK(Counted::alive == 0);
}

TEST_CASE("an interval stays on its nominal grid") {
    Fixture f;
    f.set(10, [&] { f.log(f.now); }, 10);
    for (const std::int64_t late : {13, 21, 39}) f.turnAt(late);
    CHECK(f.log == "13 21 39");
    CHECK(f.timers.nextDeadline() == 40);
}

TEST_CASE("an interval skips the beats it missed") {
    Fixture f;
    f.set(10, [&] { f.log(f.now); }, 10);
    f.turnAt(47); // late for the beats at 10, 20, 30 and 40
    CHECK(f.timers.nextDeadline() == 50);
    f.turnAt(50);
    CHECK(f.log == "47 50");
    f.turnAt(90); // exactly on a beat: that one runs now
    CHECK(f.timers.nextDeadline() == 100);
    CHECK(f.log == "47 50 90");
}

TEST_CASE("an interval's first beat may come at another time than the others") {
    Fixture f;
    f.set(3, [&] { f.log(f.now); }, 10);
    f.turnAt(3);
    f.turnAt(13);
    f.turnAt(23);
    CHECK(f.log == "3 13 23");
}

TEST_CASE("a beat arrives when the one before has run so that a timer set earlier goes first") {
    Fixture f;
    f.logs(10, "tick", 10);
    f.logs(20, "timer");
    f.turnAt(10);
    f.logs(10, "late");
    f.turnAt(20);
    CHECK(f.log == "tick timer tick late");
}

TEST_CASE("a timer keeps the loop alive until it has run or was cleared") {
    Fixture f;
    CHECK(f.timers.refCount() == 0);
    f.logs(1, "a");
    const auto cleared = f.logs(2, "b");
    f.logs(1, "tick", 1);
    CHECK(f.timers.refCount() == 3);
    f.timers.clear(cleared);
    CHECK(f.timers.refCount() == 2);
    f.turnAt(1);
    CHECK(f.timers.refCount() == 1); // the interval goes on
}

TEST_CASE("a timer that is unref'd does not keep the loop alive and can be ref'd again") {
    Fixture f;
    const auto id = f.logs(1, "a");
    CHECK(f.timers.hasRef(id));
    f.timers.ref(id, false);
    f.timers.ref(id, false);
    CHECK_FALSE(f.timers.hasRef(id));
    CHECK(f.timers.refCount() == 0);
    f.timers.ref(id, true);
    f.timers.ref(id, true);
    CHECK(f.timers.hasRef(id));
    CHECK(f.timers.refCount() == 1);
    f.timers.ref(id, false);
    f.turnAt(1);
    CHECK(f.log == "a"); // it runs all the same
    CHECK(f.timers.refCount() == 0);
}

TEST_CASE("clearing a timer that is unref'd leaves the others' count alone") {
    Fixture f;
    f.logs(1, "a");
    const auto id = f.logs(1, "b");
    f.timers.ref(id, false);
    f.timers.clear(id);
    CHECK(f.timers.refCount() == 1);
}

TEST_CASE("a timer can be ref'd and unref'd while it is due and an interval in its own callback") {
    Fixture f;
    TimerQueue::Id due = 0;
    TimerQueue::Id interval = 0;
    f.set(1, [&] {
        f.timers.ref(due, false);
        CHECK(f.timers.refCount() == 1);
    });
    due = f.logs(1, "due");
    interval = f.set(
        1,
        [&] {
            f.timers.ref(interval, false);
            CHECK_FALSE(f.timers.hasRef(interval));
        },
        10);
    f.turnAt(1);
    CHECK(f.log == "due");
    CHECK(f.timers.refCount() == 0);
    CHECK_FALSE(f.timers.hasRef(interval));
    f.timers.ref(interval, true);
    CHECK(f.timers.refCount() == 1);
}

TEST_CASE("a timer whose delay is infinite never fires and is not owed") {
    Fixture f;
    const auto id = f.logs(Milliseconds::never, "a");
    CHECK(f.timers.has(id));
    CHECK(f.timers.refCount() == 0);
    CHECK_FALSE(f.timers.hasRef(id));
    f.timers.ref(id, true);
    CHECK(f.timers.refCount() == 0);
    CHECK(f.timers.nextDeadline() == Milliseconds::never);
    f.turnAt(Milliseconds::never - 1);
    CHECK(f.log == "");
    CHECK(f.timers.clear(id));
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer whose deadline overflows never fires") {
    Fixture f;
    f.now = Milliseconds::never - 5;
    f.logs(4, "fires");
    f.logs(5, "never");
    f.logs(1'000, "never");
    f.logs(Milliseconds::never / 2, "never");
    CHECK(f.timers.refCount() == 1);
    f.turnAt(Milliseconds::never - 1);
    CHECK(f.log == "fires");
}

TEST_CASE("an interval whose next beat overflows never fires again and is not owed") {
    Fixture f;
    constexpr std::int64_t century = Milliseconds::never / 2 - 10;
    const auto id = f.logs(century, "tick", century);
    f.turnAt(century);
    f.turnAt(2 * century);
    CHECK(f.log == "tick tick");
    CHECK(f.timers.nextDeadline() == Milliseconds::never);
    CHECK(f.timers.refCount() == 0);
    CHECK_FALSE(f.timers.hasRef(id));
    CHECK(f.timers.clear(id));
    CHECK(f.timers.refCount() == 0);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer that is due at once is a task at once and may be cleared like one that waited") {
    Fixture f;
    CHECK(f.timers.dueAtOnce(0));
    CHECK_FALSE(f.timers.dueAtOnce(1));
    CHECK_FALSE(f.timers.dueAtOnce(Milliseconds::never));
    f.now = 7;
    const auto setDue = [&](const char* name, std::int64_t beat = once) {
        return f.timers.addDue(*new Named(beat, [&f, name] { f.log(name); }), f.now, f.tasks);
    };
    const auto first = setDue("first");
    const auto cleared = setDue("cleared");
    const auto interval = setDue("tick", 10);
    CHECK(f.timers.empty()); // nothing waits for its deadline
    CHECK(f.timers.refCount() == 3);
    CHECK(f.timers.hasRef(first));
    CHECK(f.timers.clear(cleared));
    f.timers.ref(interval, false);
    CHECK(f.timers.refCount() == 1);
    f.turnAt(7);
    CHECK(f.log == "first tick");
    CHECK_FALSE(f.timers.has(first));
    CHECK(f.timers.nextDeadline() == 17); // the grid begins where the first beat was due
    CHECK(f.timers.refCount() == 0);
    CHECK(f.timers.clear(interval));
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer of 0 that the nesting clamp slows down is not due at once") {
    Fixture f(true);
    int left = 6;
    bool dueAtOnce = true;
    const std::function<void()> chain = [&] {
        dueAtOnce = f.timers.dueAtOnce(0);
        if (--left > 0) f.set(0, chain);
    };
    f.set(0, chain);
    for (int i = 0; i < 5; ++i) {
        f.turnAt(f.timers.nextDeadline());
        CHECK(dueAtOnce);
    }
    f.turnAt(f.timers.nextDeadline()); // inside the sixth timer, the next one is the sixth level
    CHECK_FALSE(dueAtOnce);
    CHECK(f.timers.dueAtOnce(0)); // outside of it
}

TEST_CASE("timers set by timers are not slowed down by default") {
    Fixture f;
    int left = 20;
    const std::function<void()> chain = [&] {
        if (left-- > 0) f.set(0, chain);
    };
    chain();
    while (!f.timers.empty()) f.turnAt(f.timers.nextDeadline());
    CHECK(f.now == 0);
}

TEST_CASE("timers set by timers wait at least 4 ms from the sixth level on if nesting is clamped") {
    Fixture f(true);
    int left = 9;
    const std::function<void()> chain = [&] {
        f.log(f.now / ms);
        if (--left > 0) f.set(ms, chain);
    };
    f.set(ms, chain);
    while (!f.timers.empty()) f.turnAt(f.timers.nextDeadline());
    CHECK(f.log == "1 2 3 4 5 6 10 14 18");
}

TEST_CASE("the nesting level does not wrap around") {
    Fixture f(true);
    int left = 600;
    const std::function<void()> chain = [&] {
        if (--left > 0) f.set(0, chain);
    };
    f.set(0, chain);
    while (!f.timers.empty()) f.turnAt(f.timers.nextDeadline());
    CHECK(f.now == (600 - 6) * 4 * ms);
}

TEST_CASE("longer delays are not changed by the nesting clamp") {
    Fixture f(true);
    int left = 9;
    const std::function<void()> chain = [&] {
        f.log(f.now / ms);
        if (--left > 0) f.set(5 * ms, chain);
    };
    f.set(0, chain);
    while (!f.timers.empty()) f.turnAt(f.timers.nextDeadline());
    CHECK(f.log == "0 5 10 15 20 25 30 35 40");
}

TEST_CASE("a timer that is not set by a timer inherits no nesting level") {
    Fixture f(true);
    for (int i = 0; i < 20; ++i) {
        f.set(0, [] {});
        f.turnAt(f.timers.nextDeadline());
    }
    CHECK(f.now == 0);
}

TEST_CASE("the beats of an interval are nested timers") {
    Fixture f(true);
    const auto id = f.set(ms, [&] { f.log(f.now / ms); }, ms);
    for (int i = 0; i < 8; ++i) f.turnAt(f.timers.nextDeadline());
    CHECK(f.log == "1 2 3 4 5 6 10 14");
    f.log.clear();
    for (int i = 0; i < 400; ++i) f.turnAt(f.timers.nextDeadline()); // the level does not wrap around
    f.timers.clear(id);
    CHECK(f.now == (14 + 400 * 4) * ms);
}

TEST_CASE("a callback that is dropped may set and clear timers") {
    Fixture f;
    const auto sibling = f.logs(5, "sibling");
    std::shared_ptr<void> guard(nullptr, [&](void*) {
        CHECK(f.timers.clear(sibling));
        f.logs(1, "heir");
    });
    const auto id = f.set(5, [keep = std::move(guard)] {});
    CHECK(f.timers.clear(id));
    f.turnAt(10);
    CHECK(f.log == "heir");
    CHECK(Counted::alive == 0);
}

TEST_CASE("clearing all drops every timer that is not queued as a task") {
    Fixture f;
    f.logs(1, "due");
    f.logs(5, "a");
    f.logs(Milliseconds::never, "b");
    f.logs(5, "c", 5);
    f.now = 1;
    f.timers.queueDue(f.now, f.tasks);
    f.timers.clear();
    CHECK(f.timers.empty());
    CHECK(Counted::alive == 1);
    CHECK(f.timers.refCount() == 1);
    f.fire(*f.tasks.pop());
    CHECK(f.log == "due");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer whose task will not run can be discarded") {
    Fixture f;
    f.logs(1, "a");
    const auto cleared = f.logs(1, "b");
    f.logs(1, "tick", 1);
    f.now = 1;
    f.timers.queueDue(f.now, f.tasks);
    f.timers.clear(cleared);
    while (Task* task = f.tasks.pop()) f.timers.discard(static_cast<Timer&>(*task));
    CHECK(f.log == "");
    CHECK(f.timers.refCount() == 0);
    CHECK(f.timers.empty());
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timer queue that goes drops its timers") {
    Counted::reset();
    {
        Fixture f;
        f.logs(1, "a");
        f.logs(2, "b", 2);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("any sequence of setting and clearing and running leaves every timer accounted for") {
    Fixture f;
    std::mt19937 random(54321); // the same numbers every time
    std::vector<TimerQueue::Id> ids;
    std::int64_t last = 0;
    bool ordered = true;
    std::size_t set = 0, ran = 0, cleared = 0;
    for (int step = 0; step < 20'000; ++step) {
        switch (random() % 3) {
        case 0: {
            const auto deadline = f.now + static_cast<std::int64_t>(random() % 100);
            ids.push_back(f.set(deadline - f.now, [&, deadline] {
                ordered = ordered && deadline >= last && deadline <= f.now;
                last = deadline;
                ++ran;
            }));
            ++set;
            break;
        }
        case 1:
            if (!ids.empty()) cleared += f.timers.clear(ids[random() % ids.size()]);
            break;
        default: f.turnAt(f.now + static_cast<std::int64_t>(random() % 10));
        }
        ordered = ordered && f.timers.refCount() == set - ran - cleared;
    }
    CHECK(ordered);
    CHECK(Counted::alive == static_cast<int>(set - ran - cleared));
    f.timers.clear();
    CHECK(Counted::alive == 0);
}
