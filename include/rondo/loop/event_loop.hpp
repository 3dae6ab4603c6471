// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/loop/attachments.hpp>
#include <rondo/loop/callback.hpp>
#include <rondo/loop/event_loop_options.hpp>
#include <rondo/loop/mailbox.hpp>
#include <rondo/loop/observer.hpp>
#include <rondo/loop/pending.hpp>
#include <rondo/loop/rejections.hpp>
#include <rondo/loop/schedule.hpp>
#include <rondo/loop/task_queues.hpp>
#include <rondo/loop/uncaught_errors.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace rondo::promise {
struct MainFunction;
}

namespace rondo {

/// HTML's event loop: one task, then every microtask, and again; it lives as long as something is owed.
/// https://html.spec.whatwg.org/multipage/webappapis.html#event-loops
///
/// A loop is its thread's current loop from construction to destruction, and its promises, timers and listeners
/// belong to that thread; only `post` may be called from another one. A second loop on the thread is refused with
/// `std::logic_error`. It stays alive for timers that are ref'd, operations in flight on the host and whatever else
/// holds it; pending promises alone do not keep it alive. When it dies, what still waits is dropped, newest first.
///
/// Unlike the Web: it can be made, run, driven by a foreign loop and destroyed; and its time can be virtual.
class EventLoop {
public:
    using TimePoint = loop::Clock::TimePoint;

    explicit EventLoop(const EventLoopOptions& options = {})
        : options_(options), number_(base::nextLoopNumber()), schedule_(options, number_, tasks_),
          mailbox_(new loop::Mailbox) {
        if (base::thread.loop)
            throw std::logic_error("rondo: this thread has an EventLoop already; use EventLoop::current()");
        base::FreeLists::open();
        base::thread.enter(*this, number_);
    }
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    /// The loop of this thread, or `std::logic_error` if it has none.
    static EventLoop& current() {
        if (EventLoop* loop = base::thread.loop) [[likely]]
            return *loop;
        base::throwNoLoop();
    }
    static bool hasCurrent() noexcept { return base::thread.loop != nullptr; }

    /// Calls `f(args...)` as a task, turns until nothing is owed, and returns the exit code: what `f` returned if
    /// that is an `int` or a `Promise<int>`, else 0; 1 if an error went uncaught and the code would be 0, or if the
    /// promise that `f` returned is rejected and nobody handles it, which ends the run at once; 13 if the loop runs
    /// dry while that promise is pending; 0 after `stop()`. May be called again.
    ///
    /// `std::logic_error` inside a callback of the loop, or on another thread. Defined in `<rondo/promise/run.hpp>`.
    template <class F, class... Args>
    int run(F&& f, Args&&... args);

    /// Calls `f(args...)` as a task, turns until the promise it returned has settled, and returns its value or
    /// throws its reason. For synchronous callers. An `Error` if that can no more happen, the loop runs
    /// dry or is stopped before. Defined in `<rondo/promise/run.hpp>`.
    template <class F, class... Args>
    auto runUntilSettled(F&& f, Args&&... args);

    /// `run` returns after the current task and its checkpoint.
    void stop() noexcept {
        assertHome();
        stopped_ = true;
    }

    /// Makes `f` a task. From any thread, as long as the loop lives; see `mailbox()` for when it may not. It may be a
    /// coroutine: it is kept until it has finished. Throws what moving `f` throws, and `std::bad_alloc`.
    template <class F>
    void post(F f) {
        if (base::thread.loop == this) {
            auto* task = new loop::CallbackTask<F, base::Pooled>(std::move(f), loop::TaskSource::posted);
            queueTask(*task);
            if (mailbox_->asleep()) mailbox_->wake();
        } else {
            auto* task = new loop::CallbackTask<F, loop::Unpooled>(std::move(f), loop::TaskSource::posted);
            const auto mailbox = mailbox_; // the loop may run the task, and go, before `put` returns
            mailbox->put(*task);
        }
    }

    /// Runs what is ready, without blocking: for a foreign loop. Tasks that become ready meanwhile wait for the
    /// next call. In virtual time it also jumps to the next deadline if nothing else is ready.
    void poll() {
        Running running(*this);
        mailbox_->stayAwake();
        checkpoint();
        gather();
        if (tasks_.empty() && schedule_.jump(held_ > 0)) gather();
        const std::uint64_t ready = tasks_.pushed();
        while (taken_ < ready && runTask()) schedule_.beginTurn();
        schedule_.giveIdleMemoryBack();
        if (tasks_.empty() && schedule_.timersAreLater()) mailbox_->fallAsleepOrWake();
    }

    /// When `poll` is needed next: now or in the past if something is ready, nothing if only mail can bring work.
    std::optional<TimePoint> nextDeadline() const noexcept {
        assertHome();
        if (ready() || schedule_.mayJump(held_ > 0)) return TimePoint::clock::now();
        const std::int64_t deadline = schedule_.wakesAt();
        if (deadline == base::Milliseconds::never) return std::nullopt;
        return schedule_.clock().timePoint(deadline);
    }

    /// `f` is called, on the posting thread, when a foreign loop that has nothing to do should `poll`. It must not
    /// throw nor call into the loop, and may be called while the loop goes. What its own thread sets or settles between
    /// two calls of `poll` wakes nobody: ask `nextDeadline` before each sleep.
    template <class F>
    void onWake(F f) {
        assertHome();
        mailbox_->onWake(std::make_shared<loop::Mailbox::Callback<F>>(std::move(f)));
        mailbox_->fallAsleepOrWake();
    }

    /// Something is owed: a task, a timer that is ref'd, or an operation in flight.
    bool alive() const noexcept {
        assertHome();
        return ready() || schedule_.timers().refCount() > 0 || held_ > 0;
    }

    /// Milliseconds since the loop began; in virtual time, virtual ones.
    double now() const noexcept { return static_cast<double>(schedule_.clock().read()) / 1e6; }

    /// The async functions that wait, oldest first, each with those that await it: for a program that hangs. A
    /// `std::vector<SuspendedFunction>`, which `console.log` prints. Defined in
    /// `<rondo/promise/suspended_function.hpp>`; a template, so that only files that ask compile it.
    template <class Picture = SuspendedFunction>
    auto pending() const;

    /// The loop's global object: the target of `error`, `unhandledrejection` and `rejectionhandled`. Made at first use.
    /// Defined in `<rondo/events/global_scope.hpp>`.
    inline GlobalScope& globalThis();

    const EventLoopOptions& options() const noexcept { return options_; }

    // What follows is for the floors above.

    /// Queues a microtask that calls `f` once.
    template <class F>
    void queueMicrotask(F f) {
        assertHome();
        auto* microtask = new loop::CallbackMicrotask<F>(std::move(f));
        waiting().pushBack(*microtask);
        microtasks().push(*microtask);
    }

    /// Sets a timer that calls `f` once, or on every beat.
    template <class F>
    loop::TimerQueue::Id setTimer(F f, base::Milliseconds delay, bool repeats) {
        assertHome();
        const std::int64_t interval = repeats ? loop::Timer::beat(delay.nanoseconds()) : loop::Timer::once;
        auto* timer = new loop::CallbackTimer<F>(std::move(f), interval);
        if (schedule_.timers().dueAtOnce(delay.nanoseconds())) queueArrived();
        const auto id = schedule_.set(*timer, delay.nanoseconds());
        if (observer_) observer_->timerSet(id, schedule_.deadlineOf(*timer));
        return id;
    }
    void clearTimer(loop::TimerQueue::Id id) noexcept {
        assertHome();
        if (timers().clear(id) && observer_) observer_->timerCleared(id);
    }
    loop::TimerQueue& timers() noexcept { return schedule_.timers(); }

    /// The part other threads may keep, and use after the loop has gone.
    const std::shared_ptr<loop::Mailbox>& mailbox() const noexcept { return mailbox_; }

    /// Queues a task behind those that have arrived; timers that are due arrive first.
    void queueTask(loop::Task& task) noexcept {
        queueArrived();
        tasks_.push(task);
    }
    /// Queues a notice of a rejection. It goes before all that has arrived, so that needs no look.
    void queueNotice(loop::Task& notice) noexcept { tasks_.push(notice); }

    /// Keeps the loop alive until `release`; `holdsTime` also makes virtual time stand still.
    void hold(bool holdsTime) noexcept {
        ++held_;
        if (holdsTime) schedule_.hold();
    }
    void release(bool holdsTime) noexcept {
        --held_;
        if (holdsTime) schedule_.release();
    }

    /// A callback made by what the loop runs has returned: if it was the outermost, microtasks run. Never inside of a
    /// call that user code made. https://html.spec.whatwg.org/multipage/webappapis.html#clean-up-after-running-script
    void cleanUpAfterScript() noexcept {
        if (running_ && !base::thread.inScript && !pending_.draining) checkpoint();
    }

    /// Microtasks are running.
    bool inCheckpoint() const noexcept { return pending_.draining; }

    /// What floors above keep for each loop.
    loop::Attachments& attachments() noexcept {
        assertHome();
        return attachments_;
    }

    /// Promises that were rejected with nobody listening.
    loop::Rejections& rejections() noexcept { return rejections_; }

    /// The main function of the run, if one is on.
    promise::MainFunction* mainFunction() const noexcept { return mainFunction_; }
    void setMainFunction(promise::MainFunction* function) noexcept { mainFunction_ = function; }

    void observe(loop::Observer* observer) noexcept { observer_ = observer; }

    loop::MicrotaskQueue& microtasks() noexcept { return pending_.ready; }
    /// Nodes that will never run: they are dropped at the next checkpoint.
    loop::MicrotaskQueue& doomed() noexcept { return pending_.doomed; }
    loop::InFlight& inFlight() noexcept { return pending_.inFlight; }
    /// Everything that can be left waiting, oldest first.
    base::IntrusiveList<loop::Waiting>& waiting() noexcept { return pending_.waiting; }
    /// Differs from that of every other loop; 0 while the loop is being destroyed.
    std::uint32_t number() const noexcept { return number_; }

    /// What is done with errors that nobody caught.
    loop::UncaughtErrors& uncaught() noexcept { return uncaught_; }

    enum class Ended { done, dry, stopped };
    /// Turns until `done()`, which is asked between tasks, `stop()` is called or nothing is owed.
    template <class Done>
    Ended turnUntil(Done done);

private:
    /// Refuses what must not happen inside a callback or on another thread.
    class Running {
    public:
        explicit Running(EventLoop& loop) : loop_(loop) {
            loop.checkMayRun();
            loop.running_ = true;
            inScript_ = std::exchange(base::thread.inScript, false); // of a listener that runs a loop of its own
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running() {
            loop_.running_ = false;
            loop_.schedule_.endTurns();
            base::thread.inScript = inScript_;
        }

    private:
        EventLoop& loop_;
        bool inScript_ = false;
    };

    void assertHome() const noexcept {
        RONDO_ASSERT(base::thread.loop == this, "another thread reaches an EventLoop by post() alone");
    }
    void checkMayRun() const {
        if (base::thread.loop != this) throw std::logic_error("rondo: an EventLoop runs on the thread that made it");
        if (number_ == 0) throw std::logic_error("rondo: the EventLoop is being destroyed, and runs no more");
        if (running_)
            throw std::logic_error(
                "rondo: the EventLoop is running; run() and poll() cannot be called inside a callback");
    }

    /// There is something to do at once.
    bool ready() const noexcept {
        return !tasks_.empty() || !pending_.idle() || !rejections_.empty() || !mailbox_->empty();
    }

    /// Queues what has arrived: timers that have fallen due, and mail.
    void queueArrived() noexcept {
        schedule_.queueDue();
        for (loop::Task* task = mailbox_->takeAll(); task;) tasks_.push(*std::exchange(task, task->next));
    }

    void gather() noexcept {
        schedule_.beginTurn();
        queueArrived();
    }

    bool runTask() noexcept;
    /// https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint
    void checkpoint() noexcept {
        timers().endNesting(); // the running task is a microtask from here on
        pending_.drain(observer_);
        while (!rejections_.empty()) [[unlikely]] { // letting a promise go may doom what only its reason could settle
            if (loop::Task* notice = rejections_.notice()) queueNotice(*notice);
            pending_.drain(observer_);
        }
    }
    void sleep() noexcept;
    void dropTasks() noexcept;

    EventLoopOptions options_;
    loop::Pending pending_;
    std::uint32_t number_;
    bool running_ = false;
    bool stopped_ = false;
    loop::UncaughtErrors uncaught_;
    loop::Rejections rejections_{uncaught_};
    promise::MainFunction* mainFunction_ = nullptr;
    loop::Observer* observer_ = nullptr;
    loop::TaskQueues tasks_;
    std::uint64_t taken_ = 0;
    loop::Schedule schedule_;
    std::size_t held_ = 0;
    std::shared_ptr<loop::Mailbox> mailbox_;
    loop::Attachments attachments_;
};

inline bool EventLoop::runTask() noexcept {
    loop::Task* task = tasks_.pop();
    if (!task) return false;
    ++taken_;
    if (observer_) [[unlikely]]
        observer_->taskBegins(*task);
    if (task->source == loop::TaskSource::timer) {
        auto& timer = static_cast<loop::Timer&>(*task);
        schedule_.fire(timer, [&timer] { timer.perform(&timer, loop::Verb::run); });
    } else {
        task->perform(task, loop::Verb::run);
    }
    if (observer_) [[unlikely]]
        observer_->taskEnds();
    checkpoint();
    return true;
}

template <class Done>
EventLoop::Ended EventLoop::turnUntil(Done done) {
    Running running(*this);
    stopped_ = false;
    mailbox_->stayAwake();
    checkpoint();
    for (;;) {
        if (done()) return Ended::done;
        if (stopped_) return Ended::stopped;
        gather();
        if (runTask()) continue;
        if (!schedule_.mayJump(held_ > 0) && !alive()) return Ended::dry;
        sleep();
    }
}

inline void EventLoop::sleep() noexcept {
    schedule_.giveIdleMemoryBack();
    if (schedule_.jump(held_ > 0)) return;
    const std::int64_t deadline = schedule_.wakesAt();
    if (observer_) observer_->sleeps(deadline);
    const bool forever = deadline == base::Milliseconds::never;
    forever ? mailbox_->sleep() : mailbox_->sleepUntil(schedule_.clock().timePoint(deadline));
    if (observer_) observer_->wakes();
}

inline void EventLoop::dropTasks() noexcept {
    while (loop::Task* task = tasks_.pop()) {
        if (task->source == loop::TaskSource::timer) {
            timers().discard(static_cast<loop::Timer&>(*task));
        } else {
            task->perform(task, loop::Verb::drop);
        }
    }
    timers().clear();
}

inline EventLoop::~EventLoop() {
    RONDO_ASSERT(!running_, "an EventLoop must not be destroyed by one of its callbacks");
    RONDO_ASSERT(base::thread.loop == this, "an EventLoop is destroyed on the thread that made it");
    RONDO_ASSERT(number_ != 0, "an EventLoop is destroyed by something that it destroys");
    number_ = 0;
    base::thread.leave(); // from here on no promise of this loop settles, and nothing walks its lists of reactions
    for (loop::Task* task = mailbox_->close(); task;) tasks_.push(*std::exchange(task, task->next));
    mailbox_->onWake(nullptr);
    do {
        dropTasks();
        pending_.dropAll();
        rejections_.clear();
        attachments_.clear();
    } while (!pending_.waiting.empty() || !timers().empty() || !tasks_.empty() || !attachments_.empty());
    base::thread.loop = nullptr;
    base::FreeLists::giveSurplusBack();
}

namespace loop {

inline void reportException(EventLoop& loop) noexcept { loop.uncaught().report(loop, std::current_exception()); }

}

}
