// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/loop/task.hpp>
#include <rondo/loop/uncaught_errors.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace rondo::loop {

/// The reason of a rejected promise, and how the loop knows that promise: it lies in the promise's state.
///
/// As a task it tells of the promise, and lets it go; whoever gives it to the loop says how. Dropped, it is let go untold.
struct Rejection : base::Reason, Task {
    enum class Told : std::uint8_t { no, dealtWith, printed };

    explicit Rejection(base::Reason&& reason) noexcept
        : Reason(std::move(reason)), Task(nullptr, TaskSource::rejectionNotice) {}

    bool handled = false;   // [[PromiseIsHandled]]
    Told told = Told::no;   // by a notice, when it was unhandled
    bool endsNotice = true; // the last of those that one task tells of
};

/// Which promises were rejected with nobody listening: HTML's two lists of them.
/// https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections
///
/// After a checkpoint those that are still unhandled are told of in a task of their own: the handler is asked, else
/// they are printed. One that is handled later is told of in a task, too. These tasks go before all others, in the order
/// in which they were queued. The lists and the tasks allocate nothing: the first rejection of a notice is its task.
class Rejections {
public:
    /// True if the rejection has been dealt with.
    using Unhandled = bool (*)(EventLoop&, Rejection&);
    using HandledLate = void (*)(EventLoop&, Rejection&);

    explicit Rejections(UncaughtErrors& uncaught) noexcept : uncaught_(uncaught) {}
    Rejections(const Rejections&) = delete;
    Rejections& operator=(const Rejections&) = delete;
    ~Rejections() { clear(); }

    /// Asked about each rejection nobody handled; and told, in a task, of each of these that was handled later.
    void setHandlers(Unhandled unhandled, HandledLate handledLate) noexcept {
        unhandled_ = unhandled;
        handledLate_ = handledLate;
    }

    /// HostPromiseRejectionTracker, "reject": takes over a count of the promise.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#the-hostpromiserejectiontracker-implementation
    void add(Rejection& rejection) noexcept { aboutToBeNotified_.push(rejection); }

    /// HostPromiseRejectionTracker, "handle". True if it has been told of, and somebody wants to know that it is
    /// handled now: then it must be queued, with a count of the promise, as the task that tells of it.
    bool handle(Rejection& rejection) noexcept {
        rejection.handled = true;
        return rejection.told != Rejection::Told::no && handledLate_;
    }

    /// If not, there is something to do after the checkpoint.
    bool empty() const noexcept { return aboutToBeNotified_.empty(); }
    /// The task that tells of those that are still unhandled; null if there are none.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#notify-about-rejected-promises
    Task* notice() noexcept {
        Rejection* first = nullptr;
        Rejection* last = nullptr;
        while (!empty()) {
            Rejection& rejection = pop(aboutToBeNotified_);
            if (rejection.handled) {
                release(rejection);
                continue;
            }
            rejection.endsNotice = false;
            first ? noticed_.push(rejection) : static_cast<void>(first = &rejection);
            last = &rejection;
        }
        if (last) last->endsNotice = true;
        return first;
    }

    /// The task of this rejection: tells that it is handled late, or of it and the others of its notice.
    void tell(EventLoop& loop, Rejection& first) noexcept { tell_(*this, loop, first); }

    /// Lets all that no task is queued for go, untold.
    void clear() noexcept {
        release(aboutToBeNotified_);
        release(noticed_);
    }

private:
    using List = IntrusiveQueue<Task>;

    void tellOf(EventLoop& loop, Rejection& first) noexcept {
        if (first.told != Rejection::Told::no) return tellHandledLate(loop, first);
        bool ended = first.endsNotice;
        tellUnhandled(loop, first);
        while (!ended && !noticed_.empty()) {
            Rejection& rejection = pop(noticed_);
            ended = rejection.endsNotice;
            tellUnhandled(loop, rejection);
            release(rejection);
        }
    }

    void tellUnhandled(EventLoop& loop, Rejection& rejection) noexcept {
        if (rejection.handled) return;
        bool dealtWith = false;
        try {
            dealtWith = unhandled_ && unhandled_(loop, rejection);
        } catch (...) {
            uncaught_.report(loop, std::current_exception());
        }
        if (!dealtWith) uncaught_.print("Uncaught (in promise) ", rejection.error, rejection.trail);
        if (!rejection.handled) rejection.told = dealtWith ? Rejection::Told::dealtWith : Rejection::Told::printed;
    }

    void tellHandledLate(EventLoop& loop, Rejection& rejection) noexcept {
        try {
            if (handledLate_) handledLate_(loop, rejection);
        } catch (...) {
            uncaught_.report(loop, std::current_exception());
        }
    }

    static void release(List& list) noexcept {
        while (!list.empty()) release(pop(list));
    }
    static void release(Rejection& rejection) noexcept { rejection.perform(&rejection, Verb::drop); }
    static Rejection& pop(List& list) noexcept { return static_cast<Rejection&>(*list.pop()); }

    UncaughtErrors& uncaught_;
    List aboutToBeNotified_;
    List noticed_; // behind the first of their notice, notice by notice
    /// Not called by its name: what only a loop does, such as printing, is compiled where a loop is made.
    void (*tell_)(Rejections&, EventLoop&, Rejection&) noexcept =
        [](Rejections& self, EventLoop& loop, Rejection& first) noexcept { self.tellOf(loop, first); };
    Unhandled unhandled_ = nullptr;
    HandledLate handledLate_ = nullptr;
};

}
