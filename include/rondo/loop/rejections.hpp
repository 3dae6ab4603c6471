// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/loop/task.hpp>
#include <rondo/loop/uncaught_errors.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace rondo::loop {

/// The reason of a rejected promise, and how the loop's lists know that promise: it lies in the promise's state.
struct Rejection : base::Reason {
    using Release = void (*)(Rejection*) noexcept;
    enum class Told : std::uint8_t { no, dealtWith, printed };

    explicit Rejection(base::Reason&& reason) noexcept : Reason(std::move(reason)) {}

    Rejection* next = nullptr;
    Release release = nullptr; // lets the promise go, which a list keeps
    bool handled = false;      // [[PromiseIsHandled]]
    Told told = Told::no;      // by a notice, when it was unhandled
};

/// Which promises were rejected with nobody listening: HTML's two lists of them.
/// https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections
///
/// After a checkpoint those that are still unhandled are told of in a task of their own, which goes before any
/// other task: the handler is asked, else they are printed. The lists and the task allocate nothing.
class Rejections {
public:
    /// True if the rejection has been dealt with.
    using Unhandled = bool (*)(EventLoop&, Rejection&);
    using HandledLate = void (*)(EventLoop&, Rejection&);

    explicit Rejections(UncaughtErrors& uncaught) noexcept : uncaught_(uncaught) {}
    Rejections(const Rejections&) = delete;
    Rejections& operator=(const Rejections&) = delete;
    ~Rejections() { clear(); }

    /// Asked about each rejection nobody handled, and told of each of these that was handled later.
    void setHandlers(Unhandled unhandled, HandledLate handledLate) noexcept {
        unhandled_ = unhandled;
        handledLate_ = handledLate;
    }

    /// HostPromiseRejectionTracker, "reject": takes over a count of the promise.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#the-hostpromiserejectiontracker-implementation
    void add(Rejection& rejection) noexcept { aboutToBeNotified_.push(rejection); }

    /// HostPromiseRejectionTracker, "handle".
    void handle(EventLoop& loop, Rejection& rejection) noexcept {
        rejection.handled = true;
        if (rejection.told != Rejection::Told::no && handledLate_) handledLate_(loop, rejection);
    }

    /// If not, there is something to do after the checkpoint.
    bool empty() const noexcept { return aboutToBeNotified_.empty(); }
    /// The task that tells of those that are still unhandled; null if there are none, or if it is queued already.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#notify-about-rejected-promises
    Task* notice() noexcept {
        while (!empty()) {
            Rejection& rejection = *aboutToBeNotified_.pop();
            rejection.handled ? release(rejection) : noticed_.push(rejection);
        }
        return noticed_.empty() || std::exchange(notice_.queued, true) ? nullptr : &notice_;
    }

    /// Lets all of them go, untold.
    void clear() noexcept {
        release(aboutToBeNotified_);
        release(noticed_);
    }

private:
    using List = IntrusiveQueue<Rejection>;

    struct Notice : Task {
        explicit Notice(Rejections& of) noexcept : Task(&act, TaskSource::rejectionNotice), rejections(of) {}
        static void act(Task* task, Verb verb) noexcept {
            auto& notice = static_cast<Notice&>(*task);
            notice.queued = false;
            if (verb == Verb::run) notice.rejections.tell(*base::thread.loop);
        }
        Rejections& rejections;
        bool queued = false;
    };

    void tell(EventLoop& loop) noexcept {
        while (!noticed_.empty()) {
            Rejection& rejection = *noticed_.pop();
            if (!rejection.handled) tell(loop, rejection);
            release(rejection);
        }
    }

    void tell(EventLoop& loop, Rejection& rejection) noexcept {
        bool dealtWith = false;
        try {
            dealtWith = unhandled_ && unhandled_(loop, rejection);
        } catch (...) {
            uncaught_.report(loop, std::current_exception());
        }
        if (!dealtWith) uncaught_.print("Uncaught (in promise) ", rejection.error, rejection.trail);
        if (!rejection.handled) rejection.told = dealtWith ? Rejection::Told::dealtWith : Rejection::Told::printed;
    }

    static void release(List& list) noexcept {
        while (!list.empty()) release(*list.pop());
    }
    static void release(Rejection& rejection) noexcept { rejection.release(&rejection); }

    UncaughtErrors& uncaught_;
    List aboutToBeNotified_;
    List noticed_;
    Notice notice_{*this};
    Unhandled unhandled_ = nullptr;
    HandledLate handledLate_ = nullptr;
};

}
