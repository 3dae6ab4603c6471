// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/events/abort_algorithm.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/callback.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rondo {

// So that whoever opens the namespace can write `delay(100ms)`.
using namespace std::
    chrono_literals; // NOLINT(google-build-using-namespace,google-global-names-in-headers): literals alone

/// The id of a timer: a small value, that names no timer when its own has gone.
/// https://developer.mozilla.org/docs/Web/API/Window/setTimeout#return_value
struct TimerHandle {
    loop::TimerQueue::Id id = 0;

    /// Whether the timer keeps the loop alive; it does from the start. https://nodejs.org/api/timers.html#timeoutref
    void ref() const noexcept { set(true); }
    void unref() const noexcept { set(false); }
    bool hasRef() const noexcept { return EventLoop::hasCurrent() && EventLoop::current().timers().hasRef(id); }

    friend bool operator==(const TimerHandle&, const TimerHandle&) = default;

    template <class Stream>
    friend auto operator<<(Stream& out, const TimerHandle& timer) -> decltype(out << std::string_view()) {
        return out << "Timeout { id: " << timer.id << " }";
    }

private:
    void set(bool on) const noexcept {
        if (EventLoop::hasCurrent()) EventLoop::current().timers().ref(id, on);
    }
};

/// Calls `f(args...)` in a task, once, when the delay has passed: milliseconds, or any `std::chrono::duration`.
/// https://developer.mozilla.org/docs/Web/API/Window/setTimeout
///
/// Timers run in order of deadline, those of equal deadline in the order in which they were set. `f` may be a
/// coroutine: it is kept until it has finished. Throws `std::bad_alloc`, having changed nothing.
///
/// Unlike the Web: 0 is 0; nested timers are not slowed down to 4 ms unless `EventLoopOptions::clampNestedTimers`;
/// an infinite or overflowing delay never ends, and does not keep the loop alive.
template <class F, class... Args>
TimerHandle setTimeout(F&& f, base::Milliseconds delay = {}, Args&&... args) {
    return {EventLoop::current().setTimer(promise::callback<false>(std::forward<F>(f), std::forward<Args>(args)...),
                                          delay, false)};
}

/// Calls `f(args...)` in a task at every beat. https://developer.mozilla.org/docs/Web/API/Window/setInterval
///
/// Unlike the Web: the beats stay on the grid that the first one set, and those that were missed are skipped. They
/// are at least 1 ms apart.
template <class F, class... Args>
TimerHandle setInterval(F&& f, base::Milliseconds delay = {}, Args&&... args) {
    return {EventLoop::current().setTimer(promise::callback<true>(std::forward<F>(f), std::forward<Args>(args)...),
                                          delay, true)};
}

/// Clears a timer, also one that is due but has not run. Ids that name no timer are ignored, and so are calls where
/// there is no loop. https://developer.mozilla.org/docs/Web/API/Window/clearTimeout
inline void clearTimeout(TimerHandle timer) noexcept {
    if (EventLoop::hasCurrent()) EventLoop::current().clearTimer(timer.id);
}

/// The same as `clearTimeout`. https://developer.mozilla.org/docs/Web/API/Window/clearInterval
inline void clearInterval(TimerHandle timer) noexcept { clearTimeout(timer); }

/// Calls `f` in a microtask: when the stack is empty, before the next task.
/// https://developer.mozilla.org/docs/Web/API/Window/queueMicrotask
template <class F>
void queueMicrotask(F&& f) {
    EventLoop::current().queueMicrotask(promise::callback<false>(std::forward<F>(f)));
}

struct DelayOptions {
    /// Ends it early: the promise is rejected with the signal's reason.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<DelayOptions>);

namespace web {

/// A timer that will fulfil a promise, and a signal that may reject it before.
class AbortableDelay final : public events::AbortAlgorithm, public base::Pooled {
public:
    static void begin(EventLoop& loop, promise::State<void>& state, base::Milliseconds time, SignalRef signal) {
        std::unique_ptr<AbortableDelay> made(new AbortableDelay(loop, state));
        AbortableDelay& self = *made;
        self.timer_ = loop.setTimer(Elapsed{{}, std::move(made)}, time, false);
        signal->add(self);
    }

private:
    struct Elapsed : loop::HostStep {
        void operator()() const noexcept { delay->resolve_(); }
        std::unique_ptr<AbortableDelay> delay;
    };

    AbortableDelay(EventLoop& loop, promise::State<void>& state) noexcept
        : AbortAlgorithm(&aborted), loop_(loop), resolve_(state), reject_(state) {}

    static void aborted(AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept {
        auto& self = static_cast<AbortableDelay&>(algorithm);
        const promise::Reject<void> reject = std::move(self.reject_);
        self.loop_.clearTimer(self.timer_); // with it goes this
        reject(reason);
    }

    EventLoop& loop_;
    promise::Resolve<void> resolve_;
    promise::Reject<void> reject_;
    loop::TimerQueue::Id timer_ = 0;
};

}

/// A promise that is fulfilled in a task when the time has passed: `await setTimeout(ms)` of Node's `timers/promises`.
inline Promise<> delay(base::Milliseconds time, const DelayOptions& options = {}) {
    EventLoop& loop = EventLoop::current();
    promise::Ref<void> state(promise::State<void>::create(loop, 1, 0));
    if (!options.signal) {
        loop.setTimer(promise::Resolve<void>(*state), time, false);
    } else if (options.signal.aborted()) {
        state->reject({options.signal->reason(), nullptr});
    } else {
        web::AbortableDelay::begin(loop, *state, time, options.signal);
    }
    return Promise<>(std::move(state));
}

}
