// SPDX-License-Identifier: MIT
#pragma once

#include "support/journal.hpp"
#include "support/ticks.hpp"
#include "support/turn.hpp"

#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

/// A loop in virtual time, and what happened on it. The lines of the test are the script: all of them run before the
/// first microtask, `end()` runs the rest. A rejection nobody handled is written down as `unhandled:Error: no`.
class Script {
public:
    Script() {
        log_ = &log;
        loop.rejections().setHandlers(
            [](rondo::EventLoop&, rondo::loop::Rejection& rejection) {
                (*log_)("unhandled:", rondo::base::describe(rejection.error));
                return true;
            },
            nullptr);
    }

    /// Writes down how the promise is settled: `fulfilled:45`, `rejected:TypeError: no`.
    template <class T>
    void record(const rondo::Promise<T>& promise) {
        settle(promise, [] { return std::string(); });
    }

    /// The same behind the tick in which the handler runs, counted from the script: `1:fulfilled:45`.
    template <class T>
    void recordTick(const rondo::Promise<T>& promise) {
        settle(promise, [this] { return at(); });
    }

    /// The tick that runs, as `recordTick` writes it: `1:`.
    std::string at() const { return std::to_string(ticks_.now()) + ':'; }

    /// Calls `f` in a task, after so many milliseconds.
    void later(int delay, std::function<void()> f) { loop.setTimer(std::move(f), delay, false); }

    /// Runs until nothing is owed, and says what was written down.
    const std::string& end() {
        turnUntilDry(loop);
        return log.text();
    }

    Journal log;
    rondo::EventLoop loop{rondo::EventLoopOptions{.virtualTime = true}};

private:
    template <class T, class When>
    void settle(const rondo::Promise<T>& promise, When when) {
        const auto onRejected = [this, when](const std::exception_ptr& reason) {
            log(when(), "rejected:", rondo::base::describe(reason));
        };
        if constexpr (std::is_void_v<T>) {
            promise.then([this, when] { log(when(), "fulfilled"); }, onRejected);
        } else {
            promise.then([this, when](const T& value) { log(when(), "fulfilled:", value); }, onRejected);
        }
    }

    static inline thread_local Journal* log_ = nullptr;
    TickCounter ticks_;
};

/// `{ then: function(resolve, reject) {...} }`
template <class T>
struct ThenableObject {
    using value_type = T;

    std::function<void(const rondo::promise::Resolve<T>&, const rondo::promise::Reject<T>&)> then;
};
