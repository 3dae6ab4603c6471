// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/events/error_events.hpp>
#include <rondo/events/event_target.hpp>
#include <rondo/events/target_handle.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace rondo {

/// The global object of a loop, as far as it is a target of events: `error`, `unhandledrejection` and
/// `rejectionhandled`. https://developer.mozilla.org/docs/Web/API/Window#events
///
/// The loop fires them, each in a task or right behind the callback that failed, with a checkpoint behind each
/// listener. Unless a listener calls `preventDefault()`, the error is then printed on stderr, and the exit code is 1.
class GlobalScope : public EventTarget {
public:
    explicit GlobalScope(EventLoop& loop) noexcept : loop_(loop) {
        loop.uncaught().setHandler(&tellError);
        loop.rejections().setHandlers(&tellUnhandled, &tellHandledLate);
    }
    ~GlobalScope() override {
        loop_.uncaught().setHandler(nullptr);
        loop_.rejections().setHandlers(nullptr, nullptr);
    }

    /// An exception that nobody caught: `ErrorEvent`. A handler that returns `true` has dealt with it.
    ///
    /// Unlike the Web: the handler takes the event, and not what is in it.
    template <class F>
    void onerror(F&& f) {
        errorHandler("error", std::forward<F>(f));
    }
    /// A promise that was rejected with nobody listening: `PromiseRejectionEvent`.
    template <class F>
    void onunhandledrejection(F&& f) {
        eventHandler("unhandledrejection", std::forward<F>(f));
    }
    /// One that was told of, and is listened to after all: `PromiseRejectionEvent`.
    template <class F>
    void onrejectionhandled(F&& f) {
        eventHandler("rejectionhandled", std::forward<F>(f));
    }

private:
    /// https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception
    static bool tellError(EventLoop& loop, const std::exception_ptr& error) {
        GlobalScope& self = loop.globalThis();
        const Reports now = loop.inCheckpoint() ? Reports::inCheckpoint : Reports::inTask;
        // what a listener for errors throws is printed; not so what a microtask throws in the checkpoint behind it
        if (!self.hasListeners() || self.reporting_ == now) return false;
        const Reporting reporting(self, now);
        base::Text message;
        base::describe(message += "Uncaught ", error);
        ErrorEventInit init{.cancelable = true, .message = message.view()};
        try {
            std::rethrow_exception(error);
        } catch (const Error& made) {
            if (made.trace().captured()) {
                init.filename = made.trace().where().file_name();
                init.lineno = made.trace().where().line();
                init.colno = made.trace().where().column();
            }
            ErrorEvent event("error", error, init);
            return !self.fire(event);
        } catch (...) {
            ErrorEvent event("error", error, init);
            return !self.fire(event);
        }
    }

    static bool tellUnhandled(EventLoop& loop, loop::Rejection& rejection) {
        return !fireRejection("unhandledrejection", loop, rejection, {.cancelable = true});
    }
    static void tellHandledLate(EventLoop& loop, loop::Rejection& rejection) {
        fireRejection("rejectionhandled", loop, rejection, {});
    }
    static bool fireRejection(std::string_view type, EventLoop& loop, loop::Rejection& rejection,
                              const EventInit& init) {
        GlobalScope& self = loop.globalThis();
        if (!self.hasListeners()) return true;
        PromiseRejectionEvent event(type, AnyPromise(promise::StateBase::holding(&rejection)), rejection.error, init);
        return self.fire(event);
    }

    /// Whether an error is told of, and where it came from.
    enum class Reports : std::uint8_t { nothing, inTask, inCheckpoint };

    /// While an error is told of.
    class Reporting {
    public:
        Reporting(GlobalScope& scope, Reports now) noexcept
            : scope_(scope), outer_(std::exchange(scope.reporting_, now)) {}
        Reporting(const Reporting&) = delete;
        Reporting& operator=(const Reporting&) = delete;
        ~Reporting() { scope_.reporting_ = outer_; }

    private:
        GlobalScope& scope_;
        Reports outer_;
    };

    EventLoop& loop_;
    Reports reporting_ = Reports::nothing;
};

inline GlobalScope& EventLoop::globalThis() { return attachments().of<GlobalScope>(*this); }

/// The global object of this thread's loop. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/globalThis
///
/// Throws `std::logic_error` where there is no loop.
struct GlobalThis : events::TargetHandle<GlobalThis> {
    template <class F>
    void onerror(F&& f) const {
        target().onerror(std::forward<F>(f));
    }
    template <class F>
    void onunhandledrejection(F&& f) const {
        target().onunhandledrejection(std::forward<F>(f));
    }
    template <class F>
    void onrejectionhandled(F&& f) const {
        target().onrejectionhandled(std::forward<F>(f));
    }

private:
    friend class events::TargetHandle<GlobalThis>;
    static GlobalScope& target() { return EventLoop::current().globalThis(); }
};

inline constexpr GlobalThis globalThis{};

/// Reports an error as if a callback had thrown it: an `error` event, and else it is printed.
/// https://developer.mozilla.org/docs/Web/API/Window/reportError
///
/// Takes a `std::exception_ptr` or any copyable object. Throws `std::logic_error` where there is no loop.
template <promise::ReasonLike E>
void reportError(E&& error) {
    EventLoop& loop = EventLoop::current();
    loop.uncaught().report(loop, promise::reasonOf(std::forward<E>(error)));
}

}
