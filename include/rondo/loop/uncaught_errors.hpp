// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>

#include <cstdio>
#include <exception>

namespace rondo::loop {

/// What a loop does with errors that nobody caught: it asks one handler, and prints them if that does not care.
///
/// Reporting is virtual so that a file compiles it only if it makes a loop, not wherever an error may come up.
/// https://html.spec.whatwg.org/multipage/webappapis.html#report-the-exception
class UncaughtErrors {
public:
    /// True if the error has been dealt with.
    using Handler = bool (*)(EventLoop&, const std::exception_ptr&);

    UncaughtErrors() noexcept = default;
    UncaughtErrors(const UncaughtErrors&) = delete;
    UncaughtErrors& operator=(const UncaughtErrors&) = delete;
    virtual ~UncaughtErrors() = default;

    void setHandler(Handler handler) noexcept { handler_ = handler; }

    virtual void report(EventLoop& loop, const std::exception_ptr& error) noexcept {
        try {
            if (handler_ && handler_(loop, error)) return;
        } catch (...) {
            print("Uncaught ", std::current_exception());
        }
        print("Uncaught ", error);
    }

    /// One write to stderr. From then on `any()`.
    void print(const char* prefix, const std::exception_ptr& error, const base::Trail* trail = nullptr) noexcept {
        any_ = true;
        try {
            base::Text text;
            base::describeWithStack(text += prefix, error, trail);
            text += "\n";
            std::fwrite(text.view().data(), 1, text.view().size(), stderr);
        } catch (...) {
            std::fputs(prefix, stderr);
            std::fputs("(no memory to describe it)\n", stderr);
        }
    }

    bool any() const noexcept { return any_; }
    void forget() noexcept { any_ = false; }

private:
    Handler handler_ = nullptr;
    bool any_ = false;
};

}
