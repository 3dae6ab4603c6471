// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/base/order.hpp>
#include <rondo/loop/clock.hpp>
#include <rondo/loop/event_loop_options.hpp>
#include <rondo/loop/task_queues.hpp>
#include <rondo/loop/timer_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

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
        if (!timers_.dueAtOnce(delay)) return timers_.add(timer, now(), delay);
        return timers_.addDue(timer, instantFor(timer), tasks_);
    }

    /// When a timer that was just set falls due: now, if it is a task already.
    std::int64_t deadlineOf(const Timer& timer) noexcept {
        return timer.stage == Timer::Stage::due ? now() : timer.deadline;
    }

    /// Runs a timer whose task has come.
    template <class Call>
    void fire(Timer& timer, Call&& call) noexcept {
        timers_.fire(timer, instantFor(timer), std::forward<Call>(call));
    }

    /// Queues the timers that have fallen due.
    void queueDue() noexcept {
        if (mayBeDue()) timers_.queueDue(now(), tasks_);
    }

    /// No timer has fallen due that is not a task yet.
    bool timersAreLater() noexcept {
        return timers_.soonest() == base::Milliseconds::never || timers_.wakesAt() > now();
    }

    /// When a loop that has nothing else to do wakes up by itself; `Milliseconds::never` if it does not.
    std::int64_t wakesAt() const noexcept {
        if (clock_.isVirtual()) return base::Milliseconds::never;
        return base::lesser(timers_.wakesAt(), base::FreeLists::nextLook());
    }

    /// The clock is not read while there is none.
    void giveIdleMemoryBack() noexcept {
        if (base::FreeLists::nextLook() != base::Milliseconds::never) base::FreeLists::giveIdleBack(now());
    }

    // Virtual time stands still while something holds it.
    void hold() noexcept { ++holders_; }
    void release() noexcept { --holders_; }

    /// In virtual time: there is a next deadline, somebody waits for it, and nothing holds the time.
    bool mayJump(bool awaited) const noexcept {
        if (!clock_.isVirtual() || holders_ > 0) return false;
        return timers_.soonest() != base::Milliseconds::never && (timers_.refCount() > 0 || awaited);
    }

    bool jump(bool awaited) noexcept {
        if (!mayJump(awaited)) return false;
        clock_.jumpTo(base::greater(clock_.read(), timers_.nextDeadline()));
        return true;
    }

private:
    /// What is due and runs once has no use for the instant, and the clock is not read for it.
    std::int64_t instantFor(const Timer& timer) noexcept { return timer.interval == Timer::once ? 0 : now(); }

    /// The clock is not read while no timer waits.
    bool mayBeDue() noexcept { return timers_.soonest() != base::Milliseconds::never && timers_.soonest() <= now(); }

    static constexpr std::int64_t unread = -1;

    TaskQueues& tasks_;
    Clock clock_;
    TimerQueue timers_;
    std::int64_t turnTime_ = unread;
    std::size_t holders_ = 0;
    bool turning_ = false;
};

}
