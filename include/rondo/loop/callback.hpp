// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/base/thread.hpp>
#include <rondo/loop/microtask.hpp>
#include <rondo/loop/timer_queue.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace rondo::loop {

/// Hands an exception that left a callback to the loop of the thread, which reports it.
void reportException(EventLoop& loop) noexcept;

/// While it lives a callback is on the stack: microtasks wait, whatever is dispatched meanwhile.
/// https://html.spec.whatwg.org/multipage/webappapis.html#prepare-to-run-script
class Script {
public:
    Script() noexcept : outer_(std::exchange(base::thread.inScript, true)) {}
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;
    ~Script() { base::thread.inScript = outer_; }

private:
    bool outer_;
};

/// What a callback of the house derives from: it settles promises or fires events, and is no script itself.
struct HostStep {};

/// Calls a callback for the only time. One that returns a promise may be a coroutine: it is kept until that has settled.
template <class Returned>
struct OnlyCall {
    template <class F>
    static void of(F& f) {
        static_cast<void>(f());
    }
};
template <class T>
struct OnlyCall<Promise<T>>; // in <rondo/promise/callback.hpp>

/// Calls `f`; what it throws is reported when it is off the stack.
template <class F>
void callAndReport(F& f) noexcept {
    try {
        if constexpr (std::is_base_of_v<HostStep, F>) {
            f();
        } else {
            const Script script;
            static_cast<void>(f());
        }
    } catch (...) {
        reportException(*base::thread.loop);
    }
}

/// A microtask that runs a callback once.
template <class F>
struct CallbackMicrotask final : Waiting, base::Pooled {
    explicit CallbackMicrotask(F&& callback) : Waiting(&act), f(std::move(callback)) {}

    static void act(Microtask* node, Verb verb) noexcept {
        std::unique_ptr<CallbackMicrotask> self(static_cast<CallbackMicrotask*>(node));
        if (verb == Verb::run) callAndReport(self->f);
    }

    F f;
};

/// Memory for what one thread allocates and another frees.
struct Unpooled {};

/// A task that runs a callback once.
template <class F, class Memory>
struct CallbackTask final : Task, Memory {
    static_assert(!std::is_base_of_v<HostStep, F>, "a step of the house is no script, and a task is called as one");

    CallbackTask(F&& callback, TaskSource from) : Task(&act, from), f(std::move(callback)) {}

    static void act(Task* task, Verb verb) noexcept {
        std::unique_ptr<CallbackTask> self(static_cast<CallbackTask*>(task));
        if (verb == Verb::drop) return;
        auto call = [&self] { OnlyCall<std::remove_cvref_t<std::invoke_result_t<F&>>>::of(self->f); };
        callAndReport(call);
    }

    F f;
};

/// A timer that runs a callback.
template <class F>
struct CallbackTimer final : Timer, base::Pooled {
    CallbackTimer(F&& callback, std::int64_t beat) : Timer(&act, beat), f(std::move(callback)) {}

    static void act(Task* task, Verb verb) noexcept {
        auto* self = static_cast<CallbackTimer*>(task);
        if (verb == Verb::run) {
            callAndReport(self->f);
        } else {
            delete self;
        }
    }

    F f;
};

}
