// SPDX-License-Identifier: MIT
#pragma once

#include "journal.hpp"

#include <rondo/loop/event_loop.hpp>

/// Turns the loop until nothing is owed, or it is stopped.
inline rondo::EventLoop::Ended turnUntilDry(rondo::EventLoop& loop) {
    return loop.turnUntil([] { return false; });
}

/// While it lives the uncaught errors of `loop` go into `log`, as `reported:Error: no`, and are not printed.
class ReportedErrors {
public:
    ReportedErrors(rondo::EventLoop& loop, Journal& log) : loop_(loop) {
        log_ = &log;
        loop.uncaught().setHandler([](rondo::EventLoop&, const std::exception_ptr& error) {
            (*log_)("reported:", rondo::base::describe(error));
            return true;
        });
    }
    ReportedErrors(const ReportedErrors&) = delete;
    ReportedErrors& operator=(const ReportedErrors&) = delete;
    ~ReportedErrors() { loop_.uncaught().setHandler(nullptr); }

private:
    static inline thread_local Journal* log_ = nullptr;
    rondo::EventLoop& loop_;
};

/// Calls `f` when it is destroyed; a moved-from one does not.
template <class F>
class AtEnd {
public:
    explicit AtEnd(F f) : f_(std::move(f)) {}
    AtEnd(AtEnd&& other) noexcept : f_(std::move(other.f_)), armed_(std::exchange(other.armed_, false)) {}
    AtEnd& operator=(AtEnd&&) = delete;
    ~AtEnd() {
        if (armed_) f_();
    }

private:
    F f_;
    bool armed_ = true;
};
