// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/inbox.hpp>
#include <rondo/loop/adaptive_spin.hpp>
#include <rondo/loop/clock.hpp>
#include <rondo/loop/task.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace rondo::loop {

/// The part of a loop that other threads may touch, and that outlives it: tasks go in, and a sleeping loop wakes.
///
/// Putting in costs a system call only if the loop sleeps. What is put into the mailbox of a loop that has gone
/// is dropped on the putter's thread.
class Mailbox {
public:
    /// Called on the putting thread when a foreign loop should poll. It must not touch the mailbox.
    struct WakeCallback {
        virtual ~WakeCallback() = default;
        virtual void operator()() = 0;
    };
    template <class F>
    class Callback final : public WakeCallback {
    public:
        explicit Callback(F&& f) : f_(std::move(f)) {}
        void operator()() override { f_(); }

    private:
        F f_;
    };

    void put(Task& task) noexcept {
        if (!inbox_.put(&task)) {
            task.perform(&task, Verb::drop);
            return;
        }
        if (asleep_.load(std::memory_order_seq_cst)) wake();
    }

    Task* takeAll() noexcept { return inbox_.takeAll(); }
    Task* close() noexcept { return inbox_.close(); }
    bool empty() const noexcept { return inbox_.empty(); }
    bool closed() const noexcept { return inbox_.isClosed(); }

    /// Blocks the loop's thread until something is put in, `wake` is called while it is asleep, or the deadline has passed.
    void sleepUntil(const Clock::TimePoint& deadline) noexcept {
        const auto untilWoken = [&] {
            if (!fallAsleep()) return;
            std::unique_lock lock(mutex_);
            while (asleep() && wakes_.wait_until(lock, deadline) == std::cv_status::no_timeout) {}
            asleep_.store(false, std::memory_order_relaxed);
        };
        spin_.wait([this] { return !empty(); }, untilWoken, deadline);
    }

    void sleep() noexcept {
        const auto untilWoken = [&] {
            if (!fallAsleep()) return;
            std::unique_lock lock(mutex_);
            while (asleep()) wakes_.wait(lock);
        };
        spin_.wait([this] { return !empty(); }, untilWoken);
    }

    /// Declares the loop asleep, so that the next `put` wakes it. False, and awake, if there is mail already.
    bool fallAsleep() noexcept {
        asleep_.store(true, std::memory_order_seq_cst);
        if (inbox_.empty()) return true;
        asleep_.store(false, std::memory_order_relaxed);
        return false;
    }

    /// The same for a loop that a foreign one puts to sleep: if there is mail already it is woken at once.
    void fallAsleepOrWake() noexcept {
        asleep_.store(true, std::memory_order_seq_cst);
        if (!inbox_.empty()) wake();
    }

    void stayAwake() noexcept {
        if (asleep_.load(std::memory_order_relaxed)) asleep_.store(false, std::memory_order_relaxed);
    }

    [[gnu::noinline]] void wake() noexcept {
        std::shared_ptr<WakeCallback> callback;
        {
            std::lock_guard lock(mutex_);
            if (!asleep_.exchange(false, std::memory_order_relaxed)) return;
            callback = callback_;
        }
        wakes_.notify_one();
        if (callback) (*callback)();
    }

    bool asleep() const noexcept { return asleep_.load(std::memory_order_relaxed); }

    void onWake(std::shared_ptr<WakeCallback> callback) noexcept {
        std::lock_guard lock(mutex_);
        callback_.swap(callback);
    }

private:
    base::Inbox<Task> inbox_;
    std::atomic<bool> asleep_{false};
    std::mutex mutex_;
    std::condition_variable wakes_;
    AdaptiveSpin<> spin_; // the loop's
    std::shared_ptr<WakeCallback> callback_;
};

}
