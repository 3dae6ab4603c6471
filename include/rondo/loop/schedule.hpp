// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/milliseconds.hpp>
#include <rondo/base/order.hpp>
#include <rondo/loop/clock.hpp>
#include <rondo/loop/event_loop_options.hpp>
#include <rondo/loop/task_queues.hpp>
#include <rondo/loop/timer_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rondo::loop {

/// What a loop does at which time: its clock, its timers, and the instant of its turn.
///
/// The clock is read once a turn, at first need, and goes on outside of turns.
class Schedule {
public:
    Schedule(const EventLoopOptions& options, std::uint32_t loopNumber, TaskQueues& tasks) noexcept
        : tasks_(tasks), clock_(options.virtualTime), timers_(options.clampNestedTimers, loopNumber) {}

    const Clock& clock() const noexcept { return clock_; }
    TimerQueue& timers() noexcept { return timers_; }
    const TimerQueue& timers() const noexcept { return timers_; }

    /// A turn begins: its instant is not known yet.
    void beginTurn() noexcept {
        turning_ = true;
        turnTime_ = unread;
    }
    void endTurns() noexcept { turning_ = false; }

    /// The instant of the turn.
    std::int64_t now() noexcept {
        if (!turning_) return clock_.read();
        if (turnTime_ == unread) turnTime_ = clock_.read();
        return turnTime_;
    }

    /// Takes the timer over. One that is due at once becomes a task, if all that has arrived is one already.
    TimerQueue::Id set(Timer& timer, std::int64_t delay) {
        return timers_.dueAtOnce(delay) ? timers_.addDue(timer, now(), tasks_) : timers_.add(timer, now(), delay);
    }

    /// Queues the timers that have fallen due.
    void queueDue() noexcept {
        if (!timers_.empty() && timers_.nextDeadline() <= now()) timers_.queueDue(now(), tasks_);
    }

    /// No timer has fallen due that is not a task yet.
    bool timersAreLater() noexcept { return timers_.empty() || timers_.nextDeadline() > now(); }

    /// When a loop that has nothing else to do wakes up by itself; `Milliseconds::never` if it does not.
    std::int64_t wakesAt() const noexcept {
        return clock_.isVirtual() || timers_.empty() ? base::Milliseconds::never : timers_.nextDeadline();
    }

    // Virtual time stands still while something holds it.
    void hold() noexcept { ++holders_; }
    void release() noexcept { --holders_; }

    /// In virtual time: there is a next deadline, somebody waits for it, and nothing holds the time.
    bool mayJump(bool awaited) const noexcept {
        if (!clock_.isVirtual() || holders_ > 0 || timers_.empty()) return false;
        return timers_.nextDeadline() != base::Milliseconds::never && (timers_.refCount() > 0 || awaited);
    }

    bool jump(bool awaited) noexcept {
        if (!mayJump(awaited)) return false;
        clock_.jumpTo(base::greater(clock_.read(), timers_.nextDeadline()));
        return true;
    }

private:
    static constexpr std::int64_t unread = -1;

    TaskQueues& tasks_;
    Clock clock_;
    TimerQueue timers_;
    std::int64_t turnTime_ = unread;
    std::size_t holders_ = 0;
    bool turning_ = false;
};

}
