// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/host/completion.hpp>
#include <rondo/host/stop.hpp>
#include <rondo/host/thread_pool.hpp>
#include <rondo/promise/callback.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rondo {

struct OffloadOptions {
    /// Virtual time stands still until it comes home. False for a call that only a timeout or an abort will end.
    bool holdsTime = true;
    /// Ends it early: the promise is rejected with the signal's reason, at once. A call that still waits is not made.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<OffloadOptions>);

namespace host {

/// The pool that a loop uses: the one it was given, else its own, made at first use.
inline ThreadPool& poolOf(EventLoop& loop) {
    return loop.options().pool
               ? *loop.options().pool
               : loop.attachments().of<ThreadPool>(ThreadPoolOptions{.whenDestroyed = QueuedJobs::drop});
}

/// A function with its arguments on its way to a thread of the pool, and its result on the way back, in one block.
template <class R, class F, class... Args>
class OffloadJob final : public Job, public Message<R> {
public:
    template <class G, class... Given>
    explicit OffloadJob(EventLoop& loop, const OffloadOptions& options, std::unique_ptr<Interruption> interruption,
                        G&& f, Given&&... args)
        : Job(&work), Message<R>(loop, options.holdsTime, std::move(interruption)),
          call_(std::in_place, std::forward<G>(f), std::forward<Given>(args)...) {}

private:
    static void work(Job* job, loop::Verb verb) noexcept {
        auto* self = static_cast<OffloadJob*>(job);
        if (verb == loop::Verb::run && self->wanted()) {
            self->call();
        } else if (self->wanted()) {
            self->drop();
        }
        self->call_.reset(); // what it was given goes on this thread, not on the loop's
        Message<R>::send(std::unique_ptr<Message<R>>(self));
    }

    void drop() noexcept {
        try {
            this->reject(std::make_exception_ptr(DOMException("the job was dropped before it ran", "AbortError", {})));
        } catch (...) {
            this->reject(std::current_exception());
        }
    }

    void call() noexcept {
        try {
            const auto invoke = [](F& f, Args&... args) -> decltype(auto) { return base::callOnce(f, args...); };
            if constexpr (std::is_void_v<R>) {
                std::apply(invoke, *call_);
                this->resolve();
            } else {
                this->resolve(std::apply(invoke, *call_));
            }
        } catch (...) {
            this->reject(std::current_exception());
        }
    }

    std::optional<std::tuple<F, Args...>> call_;
};

/// Takes a job back from the pool's queue, or asks it to stop if it runs already.
class JobInterruption final : public Interruption {
public:
    JobInterruption(EventLoop& loop, ThreadPool& pool, StopSource stop) noexcept
        : Interruption(loop), pool_(pool), stop_(std::move(stop)) {}

    template <class Call>
    void watch(Call& job) noexcept {
        job_ = &job;
        destroy_ = [](Job* waiting) noexcept { delete static_cast<Call*>(waiting); };
    }

private:
    void cancel() noexcept override {
        // until the loop goes, a job that is done is destroyed on this thread alone
        if (!loop().mailbox()->closed() && pool_.withdraw(*job_)) return destroy_(job_);
        askToStop();
    }
    void askToStop() noexcept override { stop_.request_stop(); }

    ThreadPool& pool_;
    StopSource stop_;
    Job* job_ = nullptr;
    void (*destroy_)(Job*) noexcept = nullptr;
};

template <class R, class F, class... Args>
Promise<R> submit(EventLoop& loop, const OffloadOptions& options, StopSource stop, F&& f, Args&&... args) {
    static_assert(
        !promise::isPromise<R>,
        "offload() runs a function on another thread, where there is no loop: it cannot be an async function");
    using Call = OffloadJob<R, std::decay_t<F>, std::decay_t<Args>...>;
    if (options.signal.aborted()) return Promise<R>::reject(options.signal->reason());
    ThreadPool& pool = poolOf(loop);
    std::unique_ptr<JobInterruption> interruption;
    if (options.signal || stop.stop_possible()) interruption.reset(new JobInterruption(loop, pool, std::move(stop)));
    JobInterruption* const watcher = interruption.get();
    auto job =
        std::make_unique<Call>(loop, options, std::move(interruption), std::forward<F>(f), std::forward<Args>(args)...);
    if (watcher) watcher->watch(*job);
    Promise<R> promise = job->promise();
    if (!job->listen(options.signal)) return promise; // aborted while the arguments were copied
    if (pool.submit(*job, ThreadPool::WhenFull::refuse)) {
        static_cast<void>(job.release());
    } else {
        job->reject(std::make_exception_ptr(
            pool.open() ? DOMException("the queue of the thread pool is full", "QuotaExceededError", {})
                        : DOMException("the thread pool has been shut down", "InvalidStateError", {})));
        Message<R>::send(std::move(job));
    }
    return promise;
}

}

/// Calls `f(args...)` on a thread of the loop's pool, and promises what it returns or throws.
///
/// The arguments are moved there and the result is moved back; neither may hold a promise or refer to what the loop
/// uses meanwhile. The call comes home as a task, in order of completion. Where the pool's queue is bounded and full,
/// the promise is rejected with a "QuotaExceededError", where it has been shut down with an "InvalidStateError". When
/// the loop goes, jobs that wait are not run.
///
/// A function whose first parameter is a `std::stop_token`, where the standard library has it, is given one. It is
/// asked to stop when the signal is aborted and when the loop goes; what it returns after that is ignored.
///
/// GCC 12: name the call before awaiting it if `f` is a lambda that captures, or pass the data as arguments.
template <class F, class... Args>
auto offload(const OffloadOptions& options, F&& f, Args&&... args) {
    EventLoop& loop = EventLoop::current();
    if constexpr (host::takesStopToken<std::decay_t<F>, std::decay_t<Args>...>) {
        host::StopSource stop;
        auto token = stop.get_token();
        using R = std::decay_t<base::CallResult<std::decay_t<F>, decltype(token), std::decay_t<Args>...>>;
        return host::submit<R>(loop, options, stop, std::forward<F>(f), std::move(token), std::forward<Args>(args)...);
    } else {
        using R = std::decay_t<base::CallResult<std::decay_t<F>, std::decay_t<Args>...>>;
        return host::submit<R>(loop, options, host::noStopSource(), std::forward<F>(f), std::forward<Args>(args)...);
    }
}
template <class F, class... Args>
    requires(!std::is_same_v<std::decay_t<F>, OffloadOptions>)
auto offload(F&& f, Args&&... args) {
    return offload(OffloadOptions{}, std::forward<F>(f), std::forward<Args>(args)...);
}

}
