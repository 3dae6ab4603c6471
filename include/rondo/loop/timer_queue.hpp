// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/array.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/base/order.hpp>
#include <rondo/base/timer_wheel.hpp>
#include <rondo/loop/task_queues.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rondo::loop {

/// One timer: the task that runs when it falls due. Its block holds the callback, and belongs to the `TimerQueue`.
struct Timer : Task {
    static constexpr std::int64_t once = -1;
    /// How far apart the beats are, if they are to come every so many nanoseconds: no less than a millisecond.
    static constexpr std::int64_t beat(std::int64_t delay) noexcept {
        return base::greater(delay, std::int64_t{1'000'000});
    }

    Timer(Perform action, std::int64_t between) noexcept : Task(action, TaskSource::timer), interval(between) {}

    enum class Stage : std::uint8_t {
        waits,
        due,     // queued as a task
        runs,    // its callback is on the stack
        cleared, // while it was due or ran
    };

    Stage stage = Stage::waits;
    bool ref = true;
    std::uint8_t nesting = 0;
    std::uint32_t slot = 0;
    Timer* previous = nullptr; // in the wheel; the next one is the task's
    std::int64_t deadline = 0;
    std::int64_t interval; // nanoseconds between beats, or `once`
};

/// The map of active timers: set, clear, and what falls due, in order of deadline and then of creation.
///
/// Ids survive reuse: one that is stale or foreign names no timer. Setting throws `std::bad_alloc`, the timer dropped
/// and nothing else changed; clearing does not throw. Both are O(1).
/// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#map-of-active-timers
class TimerQueue {
public:
    using Id = std::uint64_t;

    /// Queues of different numbers give different ids: the generations of their slots begin far apart.
    explicit TimerQueue(bool clampNested, std::uint32_t number = 1) noexcept
        : firstGeneration_(number * 0x9e3779b9U), clampNested_(clampNested) {}
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    ~TimerQueue() { clear(); }

    /// Nothing waits for its deadline (timers that are due are tasks already).
    bool empty() const noexcept { return wheel_.empty(); }
    std::int64_t nextDeadline() const noexcept { return wheel_.first(); }
    /// No timer falls due before it; `never` if none does at all.
    std::int64_t soonest() const noexcept { return wheel_.soonest(); }
    /// When to look for timers that are due: at the next deadline, or before it if to find that would take long.
    std::int64_t wakesAt() const noexcept { return wheel_.first(64); }

    /// Timers that keep the loop alive.
    std::size_t refCount() const noexcept { return refCount_; }

    /// Takes the timer over, to fall due `delay` nanoseconds after `now`.
    Id add(Timer& timer, std::int64_t now, std::int64_t delay) {
        timer.nesting = level_;
        timer.slot = acquire(timer);
        timer.deadline = later(now, clamped(delay, timer.nesting));
        timer.ref = timer.deadline != base::Milliseconds::never; // what never fires is not owed
        if (timer.ref) ++refCount_;
        wheel_.add(timer);
        return id(timer.slot);
    }

    /// Whether a timer set now would be due at once. If all that are due have been queued before it, it can be queued
    /// without a turn in the wheel.
    bool dueAtOnce(std::int64_t delay) const noexcept { return delay == 0 && !(clampNested_ && level_ > 5); }
    /// `instant` is when its beats are counted from; one that runs once has none, and is given 0.
    Id addDue(Timer& timer, std::int64_t instant, TaskQueues& tasks) {
        timer.nesting = level_;
        timer.slot = acquire(timer);
        timer.deadline = instant;
        timer.stage = Timer::Stage::due;
        ++refCount_;
        tasks.push(timer);
        return id(timer.slot);
    }

    /// Clears the timer, also one that is due or running; false if there is none of this id.
    bool clear(Id id) noexcept {
        Timer* timer = find(id);
        if (!timer) return false;
        const bool waits = timer->stage == Timer::Stage::waits;
        if (waits) wheel_.remove(*timer);
        retire(*timer);
        timer->stage = Timer::Stage::cleared;
        if (waits) timer->perform(timer, Verb::drop); // else when its task or its callback comes to an end
        return true;
    }

    bool has(Id id) const noexcept { return find(id) != nullptr; }
    bool hasRef(Id id) const noexcept {
        const Timer* timer = find(id);
        return timer && timer->ref;
    }

    /// Whether the timer keeps the loop alive.
    void ref(Id id, bool on) noexcept {
        Timer* timer = find(id);
        if (!timer || timer->ref == on || timer->deadline == base::Milliseconds::never) return;
        timer->ref = on;
        on ? ++refCount_ : --refCount_;
    }

    /// Queues the timers whose deadline has come.
    void queueDue(std::int64_t now, TaskQueues& tasks) noexcept {
        wheel_.takeDue(now, [&tasks](Timer& timer) {
            timer.stage = Timer::Stage::due;
            tasks.push(timer);
        });
    }

    /// Runs the callback of a timer whose task has come: `call` unless it was cleared, then `drop` or the next beat.
    template <class Call>
    void fire(Timer& timer, std::int64_t now, Call&& call) noexcept {
        if (timer.stage != Timer::Stage::cleared) {
            if (timer.interval == Timer::once) retire(timer);
            level_ = static_cast<std::uint8_t>(base::lesser(timer.nesting + 1, 100));
            timer.stage = Timer::Stage::runs;
            call();
            if (timer.interval != Timer::once && timer.stage != Timer::Stage::cleared) return rearm(timer, now);
        }
        timer.perform(&timer, Verb::drop);
    }

    /// Microtasks come next: timers set from here on are not nested in the one that runs.
    void endNesting() noexcept { level_ = 0; }

    /// Drops a timer whose task will not run.
    void discard(Timer& timer) noexcept {
        if (timer.stage != Timer::Stage::cleared) retire(timer);
        timer.perform(&timer, Verb::drop);
    }

    /// Drops every timer that is not queued as a task.
    void clear() noexcept {
        while (!empty()) { // what they drop may set timers, and clear those whose turn to be dropped has not come
            TaskQueues all;
            wheel_.takeAll([&all](Timer& timer) {
                timer.stage = Timer::Stage::due;
                all.push(timer);
            });
            while (Task* task = all.pop()) discard(static_cast<Timer&>(*task));
        }
    }

private:
    struct Slot {
        Timer* timer;             // null in a free slot
        std::uint32_t nextFree;   // of a free slot
        std::uint32_t generation; // never 0 once it is in use
    };

    static constexpr std::uint32_t none = ~std::uint32_t{0};

    Id id(std::uint32_t slot) const noexcept { return Id{slots_[slot].generation} << 32 | slot; }

    Timer* find(Id id) const noexcept {
        const auto slot = static_cast<std::uint32_t>(id);
        if (slot >= slots_.size() || slots_[slot].generation != id >> 32) return nullptr;
        return slots_[slot].timer;
    }

    std::uint32_t acquire(Timer& timer) {
        if (free_ == none) [[unlikely]]
            addSlot(timer);
        const std::uint32_t slot = free_;
        free_ = slots_[slot].nextFree;
        slots_[slot].timer = &timer;
        return slot;
    }

    [[gnu::noinline]] void addSlot(Timer& timer) {
        try {
            slots_.push({nullptr, none, firstGeneration_});
        } catch (...) {
            timer.perform(&timer, Verb::drop);
            throw;
        }
        free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    }

    void release(std::uint32_t slot) noexcept {
        slots_[slot].timer = nullptr;
        if (++slots_[slot].generation == 0) slots_[slot].generation = 1;
        slots_[slot].nextFree = free_;
        free_ = slot;
    }

    /// From here on its id names no timer.
    void retire(Timer& timer) noexcept {
        if (timer.ref) --refCount_;
        release(timer.slot);
    }

    /// The next beat on the interval's grid that has not passed.
    void rearm(Timer& timer, std::int64_t now) noexcept {
        if (timer.nesting < 100) ++timer.nesting;
        const std::int64_t interval = clamped(timer.interval, timer.nesting);
        const std::int64_t missed = now > timer.deadline ? (now - timer.deadline) / interval : 0;
        timer.deadline = later(timer.deadline, (missed + 1) * interval);
        if (timer.deadline == base::Milliseconds::never && std::exchange(timer.ref, false)) --refCount_;
        timer.stage = Timer::Stage::waits;
        wheel_.add(timer);
    }

    static std::int64_t later(std::int64_t now, std::int64_t delay) noexcept {
        return delay >= base::Milliseconds::never - now ? base::Milliseconds::never : now + delay;
    }

    std::int64_t clamped(std::int64_t delay, std::uint8_t nesting) const noexcept {
        constexpr std::int64_t fourMilliseconds = 4'000'000;
        return clampNested_ && nesting > 5 ? base::greater(delay, fourMilliseconds) : delay;
    }

    base::TimerWheel<Timer> wheel_;
    base::Array<Slot> slots_;
    std::uint32_t free_ = none;
    std::size_t refCount_ = 0;
    std::uint32_t firstGeneration_;
    std::uint8_t level_ = 0; // of a timer that is set now: how many timers deep it is
    bool clampNested_;
};

}
