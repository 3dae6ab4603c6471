// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/intrusive_list.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/host/signal_hub.hpp>
#include <rondo/loop/callback.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/callback.hpp>

#include <csignal>
#include <memory>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

namespace rondo {

namespace host {

/// What a loop does when it hears of a signal. Counted: it may be stopped by its own callback.
class SignalHandler : public base::Counted<SignalHandler>, public base::ListHook, public base::Pooled {
public:
    using Hub = SignalHub<void>;

    explicit SignalHandler(EventLoop& loop) noexcept : loop_(loop) {}
    virtual ~SignalHandler() = default;
    SignalHandler(const SignalHandler&) = delete;
    SignalHandler& operator=(const SignalHandler&) = delete;

    void begin(int signal) { id_ = Hub::instance().listen(signal, loop_.mailbox(), &Delivery::make); }
    void end() noexcept {
        Hub::instance().forget(id_);
        setRef(false);
    }

    virtual void call() noexcept = 0;

    Hub::Id id() const noexcept { return id_; }
    bool hasRef() const noexcept { return ref_; }
    void setRef(bool on) noexcept {
        if (std::exchange(ref_, on) != on) on ? loop_.hold(false) : loop_.release(false);
    }

private:
    /// The task that a signal is. Made on the thread that hears signals.
    struct Delivery final : loop::Task {
        explicit Delivery(Hub::Id of) noexcept : Task(&act, loop::TaskSource::posted), handler(of) {}
        static loop::Task* make(Hub::Id handler) noexcept { return new (std::nothrow) Delivery(handler); }
        static inline void act(loop::Task* task, loop::Verb verb) noexcept;
        Hub::Id handler;
    };

    EventLoop& loop_;
    Hub::Id id_ = 0;
    bool ref_ = false;
};

template <class F>
class CallbackSignalHandler final : public SignalHandler {
public:
    CallbackSignalHandler(EventLoop& loop, F&& f) : SignalHandler(loop), f_(std::move(f)) {}

private:
    void call() noexcept override { loop::callAndReport(f_); }
    F f_;
};

/// The handlers of a loop. They end when it does.
class SignalHandlers {
public:
    SignalHandlers() noexcept = default;
    SignalHandlers(const SignalHandlers&) = delete;
    SignalHandlers& operator=(const SignalHandlers&) = delete;
    ~SignalHandlers() {
        while (SignalHandler* handler = handlers_.first()) remove(*handler);
    }

    static SignalHandler* find(SignalHandler::Hub::Id id) noexcept {
        EventLoop* loop = base::thread.loop;
        SignalHandlers* all = loop ? loop->attachments().find<SignalHandlers>() : nullptr;
        SignalHandler* handler = all ? all->handlers_.first() : nullptr;
        while (handler && handler->id() != id) handler = all->handlers_.after(*handler);
        return handler;
    }

    /// Takes over a count.
    void add(SignalHandler& handler) noexcept { handlers_.pushBack(handler); }
    static void remove(SignalHandler& handler) noexcept {
        handler.unlink();
        handler.end();
        handler.release();
    }

private:
    base::IntrusiveList<SignalHandler> handlers_;
};

inline void SignalHandler::Delivery::act(loop::Task* task, loop::Verb verb) noexcept {
    const std::unique_ptr<Delivery> self(static_cast<Delivery*>(task));
    SignalHandler* handler = verb == loop::Verb::run ? SignalHandlers::find(self->handler) : nullptr;
    if (handler) base::CountedRef<SignalHandler>::shared(*handler)->call();
}

}

/// A callback that a signal has on a loop: a small value, that names none when it has been stopped, and on other
/// threads.
struct SignalHandle {
    host::SignalHandler::Hub::Id id = 0;

    /// The signal does what it did before, unless somebody else handles it.
    void stop() const noexcept {
        if (host::SignalHandler* handler = host::SignalHandlers::find(id)) host::SignalHandlers::remove(*handler);
    }
    /// Whether it keeps the loop alive; it does from the start.
    void ref() const noexcept { set(true); }
    void unref() const noexcept { set(false); }
    bool hasRef() const noexcept {
        const host::SignalHandler* handler = host::SignalHandlers::find(id);
        return handler && handler->hasRef();
    }

    friend bool operator==(const SignalHandle&, const SignalHandle&) = default;

private:
    void set(bool on) const noexcept {
        if (host::SignalHandler* handler = host::SignalHandlers::find(id)) handler->setRef(on);
    }
};

/// Calls `f()`, or `f(signal)`, in a task, each time the process is sent this signal: `onSignal(SIGINT, f)`. Node has
/// `process.on('SIGINT', f)`.
///
/// A thread hears the signals, so `f` may do what any callback may. Every loop that listens is told. While somebody
/// listens, the signal does nothing else; when the last one has stopped, or his loop has gone, it does what it did
/// before. It keeps the loop alive until `stop()` or `unref()`. A signal that comes while the same one still waits to
/// be heard becomes one with it; one that there is no memory for is lost. A process that has been forked off, and no new
/// program, is not listened to. A `RangeError` for what cannot be handled: SIGKILL, SIGSTOP, and the errors of the program
/// itself, as SIGSEGV is.
///
/// Unlike Node: a handler keeps the loop alive from the start, as a timer does.
template <class F>
SignalHandle onSignal(int signal, F&& f) {
    EventLoop& loop = EventLoop::current();
    auto callback = [&] {
        if constexpr (base::isCallable<std::decay_t<F>>) {
            return promise::callback<true>(std::forward<F>(f));
        } else {
            return promise::callback<true>(std::forward<F>(f), signal);
        }
    }();
    const bool isFault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    using Handler = host::CallbackSignalHandler<decltype(callback)>;
    base::CountedRef<host::SignalHandler> handler(new Handler(loop, std::move(callback)));
    host::SignalHandlers& all = loop.attachments().of<host::SignalHandlers>();
    try {
        if (isFault) throw std::system_error(EINVAL, std::generic_category());
        handler->begin(signal);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::invalid_argument) throw;
        throw RangeError("onSignal: there is no such signal, or it cannot be handled", nullptr, {});
    }
    handler->setRef(true);
    all.add(*handler);
    handler->retain();
    return {handler->id()};
}

}
