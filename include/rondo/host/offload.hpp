// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/host/completion.hpp>
#include <rondo/host/thread_pool.hpp>
#include <rondo/promise/callback.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rondo {

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
    explicit OffloadJob(EventLoop& loop, G&& f, Given&&... args)
        : Job(&work), Message<R>(loop, true), call_(std::in_place, std::forward<G>(f), std::forward<Given>(args)...) {}

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
            this->reject(std::make_exception_ptr(DOMException("the job was dropped before it ran", "AbortError")));
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

}

/// Calls `f(args...)` on a thread of the loop's pool, and promises what it returns or throws.
///
/// The arguments are moved there and the result is moved back; neither may hold a promise or refer to what the loop
/// uses meanwhile. The call comes home as a task, in order of completion. Where the pool's queue is bounded and full,
/// the promise is rejected with a "QuotaExceededError", where it has been shut down with an "InvalidStateError". When
/// the loop goes, jobs that wait are not run.
///
/// GCC 12: name the call before awaiting it if `f` is a lambda that captures, or pass the data as arguments.
template <class F, class... Args>
auto offload(F&& f, Args&&... args) {
    using R = std::decay_t<base::CallResult<std::decay_t<F>, std::decay_t<Args>...>>;
    static_assert(
        !promise::isPromise<R>,
        "offload() runs a function on another thread, where there is no loop: it cannot be an async function");
    using Job = host::OffloadJob<R, std::decay_t<F>, std::decay_t<Args>...>;
    EventLoop& loop = EventLoop::current();
    ThreadPool& pool = host::poolOf(loop);
    auto job = std::make_unique<Job>(loop, std::forward<F>(f), std::forward<Args>(args)...);
    Promise<R> promise = job->promise();
    if (pool.submit(*job, ThreadPool::WhenFull::refuse)) {
        static_cast<void>(job.release());
    } else {
        job->reject(std::make_exception_ptr(
            pool.open() ? DOMException("the queue of the thread pool is full", "QuotaExceededError")
                        : DOMException("the thread pool has been shut down", "InvalidStateError")));
        host::Message<R>::send(std::move(job));
    }
    return promise;
}

}
