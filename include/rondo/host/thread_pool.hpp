// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/base/inbox.hpp>
#include <rondo/base/order.hpp>
#include <rondo/fwd.hpp>
#include <rondo/host/job.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <pthread.h>
#endif

namespace rondo {

/// What becomes of the jobs that wait when a pool is shut down.
enum class QueuedJobs : unsigned char { finish, drop };

struct ThreadPoolOptions {
    /// 0: as many as the machine runs at once, and at least two.
    std::size_t threads = 0;
    /// Shown by debuggers and `top`, with the thread's number.
    std::string_view name = "rondo";
    /// Jobs that may wait; 0: any number.
    std::size_t capacity = 0;
    /// For the destructor.
    QueuedJobs whenDestroyed = QueuedJobs::finish;
};

/// The threads behind the Web APIs: jobs run in the order in which they came, each on the next thread that is free.
///
/// Threads start when they are first needed. All members may be called from any thread; the destructor waits for the
/// jobs that run, and must not be called by one of them.
class ThreadPool {
    template <class F>
    struct CallbackJob final : host::Job {
        explicit CallbackJob(F&& callback) : Job(&act), f(std::move(callback)) {}
        static void act(Job* job, loop::Verb verb) noexcept {
            const std::unique_ptr<CallbackJob> self(static_cast<CallbackJob*>(job));
            if (verb == loop::Verb::run) self->f();
        }
        F f;
    };

public:
    explicit ThreadPool(const ThreadPoolOptions& options = {})
        : name_(options.name.substr(0, 12)), capacity_(options.capacity), whenDestroyed_(options.whenDestroyed),
          limit_(options.threads ? options.threads
                                 : base::greater<std::size_t>(2, std::thread::hardware_concurrency())) {
        threads_.reserve(limit_);
    }
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool() { shutdown(whenDestroyed_); }

    /// Threads it may have.
    std::size_t size() const noexcept { return limit_; }

    /// Runs `f` on a thread of the pool. Where the queue is bounded and full it waits for room: that is the
    /// back-pressure. A job that posts does not wait, lest it wait for itself: the queue outgrows its bound. False if
    /// the pool has been shut down. An exception that leaves `f` ends the program, as it does on any thread.
    template <class F>
    bool post(F f) {
        return submit(std::make_unique<CallbackJob<F>>(std::move(f)), WhenFull::wait);
    }

    /// The same, but false if the queue is full.
    template <class F>
    bool tryPost(F f) {
        return submit(std::make_unique<CallbackJob<F>>(std::move(f)), WhenFull::refuse);
    }

    /// Takes no more jobs, finishes or drops those that wait, and waits for those that run. Not from a job; but what a job
    /// that is dropped destroys may call it.
    void shutdown(QueuedJobs queued) noexcept {
        RONDO_ASSERT(!isWorker(), "a pool must not be shut down by one of its jobs: it would wait for itself");
        const std::lock_guard oneAtATime(shutdown_); // another one waits until all threads have ended, too
        std::unique_lock lock(mutex_);
        if (open_) queue(arrived_.close());
        open_ = false;
        while (queued == QueuedJobs::drop && !jobs_.empty()) {
            host::Job& job = takeJob();
            lock.unlock();
            job.perform(&job, loop::Verb::drop);
            lock.lock();
        }
        std::vector<std::thread> threads; // none if what was dropped has waited for them
        threads.swap(threads_);
        lock.unlock();
        hasJobs_.notify_all();
        hasRoom_.notify_all();
        for (std::thread& thread : threads) thread.join();
    }

    /// Whether it has not been shut down.
    bool open() const noexcept {
        const std::lock_guard lock(mutex_);
        return open_;
    }

    // What follows is for the house.
    enum class WhenFull : unsigned char { wait, refuse };

    /// True if the pool has taken the job over: it will run, or be dropped by `shutdown`. Else it stays the caller's,
    /// also when this throws because not one thread can be started.
    bool submit(host::Job& job, WhenFull whenFull) {
        // Where nobody has to be waited for or started, the lock is left to the pool's threads: 180 ns a job instead of 205.
        if (complete_.load(std::memory_order_acquire)) {
            if (!arrived_.put(&job)) return false;
            if (asleep_.load(std::memory_order_seq_cst) > 0) wakeOne();
            return true;
        }
        std::unique_lock lock(mutex_);
        const auto full = [this] { return capacity_ && queued_ >= capacity_; };
        while (open_ && full() && whenFull == WhenFull::wait && !isWorker()) hasRoom_.wait(lock);
        if (!open_ || (full() && whenFull == WhenFull::refuse)) return false;
        const bool idle = asleep_.load(std::memory_order_relaxed) + waking_ > queued_;
        if (!idle && threads_.size() < limit_ && !startThread() && threads_.empty()) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "rondo: no thread could be started");
        }
        queue(&job);
        complete_.store(capacity_ == 0 && threads_.size() == limit_, std::memory_order_release);
        lock.unlock();
        if (asleep_.load(std::memory_order_relaxed) > 0) wakeOne();
        return true;
    }

    /// True if the job was still waiting: then it is the caller's again. The job must not have been performed.
    bool withdraw(host::Job& job) noexcept {
        const std::lock_guard lock(mutex_);
        queue(arrived_.takeAll());
        if (!job.linked()) return false;
        job.unlink();
        --queued_;
        hasRoom_.notify_one();
        return true;
    }

private:
    template <class F>
    bool submit(std::unique_ptr<CallbackJob<F>> job, WhenFull whenFull) {
        const bool taken = submit(*job, whenFull);
        if (taken) static_cast<void>(job.release());
        return taken;
    }

    /// Whether this thread is one of the pool's.
    bool isWorker() const noexcept { return poolOfThread_ == this; }

    bool startThread() noexcept {
        try {
            threads_.emplace_back([this, number = threads_.size() + 1] { work(number); });
            return true;
        } catch (const std::exception&) { // no more threads to be had: those there are will do
            return false;
        }
    }

    void work([[maybe_unused]] std::size_t number) noexcept {
#if defined(__linux__)
        char name[16];
        std::snprintf(name, sizeof name, "%s-%u", name_.c_str(), static_cast<unsigned>(number % 100));
        pthread_setname_np(pthread_self(), name);
#endif
        poolOfThread_ = this;
        std::unique_lock lock(mutex_);
        for (;;) {
            while (!findJob()) {
                if (!open_) return;
                asleep_.fetch_add(1, std::memory_order_seq_cst);
                if (!findJob()) { // looked for again: who puts one in now sees that this thread sleeps
                    while (waking_ == 0 && open_ && jobs_.empty()) hasJobs_.wait(lock);
                }
                waking_ > 0 ? --waking_ : asleep_.fetch_sub(1, std::memory_order_relaxed);
            }
            host::Job& job = takeJob();
            lock.unlock();
            if (capacity_) hasRoom_.notify_one();
            job.perform(&job, loop::Verb::run);
            lock.lock();
        }
    }

    /// Wakes a thread that sleeps, unless all are being woken.
    [[gnu::noinline]] void wakeOne() noexcept {
        {
            const std::lock_guard lock(mutex_);
            if (asleep_.load(std::memory_order_relaxed) == 0) return;
            asleep_.fetch_sub(1, std::memory_order_relaxed);
            ++waking_;
        }
        hasJobs_.notify_one();
    }

    /// Puts a list linked by `next` at the queue's end.
    void queue(host::Job* list) noexcept {
        for (; list; ++queued_) jobs_.pushBack(*std::exchange(list, list->next));
    }

    bool findJob() noexcept {
        if (jobs_.empty()) queue(arrived_.takeAll());
        return !jobs_.empty();
    }

    host::Job& takeJob() noexcept {
        host::Job& job = jobs_.front();
        job.unlink();
        --queued_;
        return job;
    }

    static constinit inline thread_local const ThreadPool* poolOfThread_ = nullptr;

    std::string name_;
    std::size_t capacity_;
    QueuedJobs whenDestroyed_;
    std::size_t limit_;
    std::recursive_mutex shutdown_;
    mutable std::mutex mutex_;
    std::condition_variable hasJobs_;
    std::condition_variable hasRoom_;
    base::IntrusiveList<host::Job> jobs_;
    std::size_t queued_ = 0;
    bool open_ = true;
    // Of the threads that wait for a job, those that nobody has notified, and how many of the others have yet to go on:
    // whichever goes on first has been woken, and one that was notified in vain waits on.
    std::atomic<std::size_t> asleep_{0};
    std::size_t waking_ = 0;
    std::atomic<bool> complete_{false}; // no thread is to be started any more, and the queue is not bounded
    base::Inbox<host::Job> arrived_;    // from then on, jobs on their way into the queue
    std::vector<std::thread> threads_;
};

}
