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

    /// Asked about each rejection nobody handled; and told, in a task, of each of these that was handled later.
    void setHandlers(Unhandled unhandled, HandledLate handledLate) noexcept {
        unhandled_ = unhandled;
        handledLate_ = handledLate;
    }

    /// HostPromiseRejectionTracker, "reject": takes over a count of the promise.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#the-hostpromiserejectiontracker-implementation
    void add(Rejection& rejection) noexcept { aboutToBeNotified_.push(rejection); }

    /// HostPromiseRejectionTracker, "handle". True if it has been told of, and somebody wants to know that it is
    /// handled now: then it must be given to `addHandledLate`.
    bool handle(Rejection& rejection) noexcept {
        rejection.handled = true;
        return rejection.told != Rejection::Told::no && handledLate_;
    }
    /// Takes over a count of the promise, and returns the task that will tell of it; null if that is queued already.
    Task* addHandledLate(Rejection& rejection) noexcept {
        handled_.push(rejection);
        return std::exchange(handledNotice_.queued, true) ? nullptr : &handledNotice_;
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
        release(handled_);
    }

private:
    using List = IntrusiveQueue<Rejection>;

    using Tell = void (Rejections::*)(EventLoop&, Rejection&) noexcept;

    /// Tells of all in a list, as it is when the task begins: what its handlers add has a task of its own.
    struct Notice : Task {
        Notice(Rejections& of, List& what, Tell how) noexcept
            : Task(&act, TaskSource::rejectionNotice), rejections(of), list(what), tell(how) {}
        static void act(Task* task, Verb verb) noexcept {
            auto& notice = static_cast<Notice&>(*task);
            notice.queued = false;
            if (verb == Verb::drop) return;
            EventLoop& loop = *base::thread.loop;
            for (Rejection* each = notice.list.takeAll(); each;) {
                Rejection& rejection = *std::exchange(each, each->next);
                (notice.rejections.*notice.tell)(loop, rejection);
                release(rejection);
            }
        }
        Rejections& rejections;
        List& list;
        Tell tell;
        bool queued = false;
    };

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
        while (!list.empty()) release(*list.pop());
    }
    static void release(Rejection& rejection) noexcept { rejection.release(&rejection); }

    UncaughtErrors& uncaught_;
    List aboutToBeNotified_;
    List noticed_;
    List handled_;
    Notice notice_{*this, noticed_, &Rejections::tellUnhandled};
    Notice handledNotice_{*this, handled_, &Rejections::tellHandledLate};
    Unhandled unhandled_ = nullptr;
    HandledLate handledLate_ = nullptr;
};

}
