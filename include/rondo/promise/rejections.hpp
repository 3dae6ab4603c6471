// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/state_base.hpp>

#include <utility>

namespace rondo::promise {

/// Which promises were rejected with nobody listening.
/// https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections
///
/// After a checkpoint those that are still unhandled are told of in a task of their own, which goes before any
/// other task: the handler is asked, else they are printed. The list and its task allocate nothing.
class Rejections {
public:
    /// True if the rejection has been dealt with.
    using Handler = bool (*)(EventLoop&, StateBase&);

    Rejections() noexcept = default;
    Rejections(const Rejections&) = delete;
    Rejections& operator=(const Rejections&) = delete;
    ~Rejections() {
        release(aboutToBeNotified_);
        release(noticed_);
        wasStuckAt(nullptr);
    }

    /// Makes sure that the loop has its list, so that rejecting need not allocate.
    static void prepare(EventLoop& loop) {
        if (!loop.rejections()) [[unlikely]]
            make(loop);
    }

    /// Asked about each rejection nobody handled, and told of each that was handled late.
    void setHandlers(Handler unhandled, void (*handledLate)(EventLoop&, StateBase&)) noexcept {
        unhandled_ = unhandled;
        handledLate_ = handledLate;
    }

    /// Watches the promise of a main function: sets `reported` when its rejection has been printed.
    void watch(const StateBase* state, bool* reported) noexcept {
        watched_ = state;
        watchedReported_ = reported;
        if (state) wasStuckAt(nullptr);
    }
    const StateBase* watched() const noexcept { return watched_; }

    /// The awaits the main function was at when it was collected, because it could never go on. Takes over a count.
    void wasStuckAt(base::Trail* awaits) noexcept { base::Trail::release(std::exchange(stuckAt_, awaits)); }
    const base::Trail* stuckAt() const noexcept { return stuckAt_; }

private:
    friend class StateBase;

    struct List {
        StateBase* first = nullptr;
        StateBase** end = &first;

        void push(StateBase& state) noexcept {
            state.nextRejected_ = nullptr;
            *end = &state;
            end = &state.nextRejected_;
        }
        StateBase* pop() noexcept {
            StateBase* state = first;
            if (state && !(first = state->nextRejected_)) end = &first;
            return state;
        }
    };

    struct Notice : loop::Task {
        explicit Notice(Rejections& of) noexcept : Task(&act, loop::TaskSource::rejectionNotice), rejections(of) {}
        static void act(loop::Task* task, loop::Verb verb) noexcept {
            auto& notice = static_cast<Notice&>(*task);
            notice.queued = false;
            if (verb == loop::Verb::run) notice.rejections.notify(*base::thread.loop);
        }
        Rejections& rejections;
        bool queued = false;
    };

    [[gnu::cold, gnu::noinline]] static void make(EventLoop& loop) {
        loop.setRejections(&loop.attachments().of<Rejections>());
    }

    void add(StateBase& state, EventLoop& loop) noexcept {
        state.addHandle();
        aboutToBeNotified_.push(state);
        loop.afterCheckpoint(&checkpointDone);
    }

    [[gnu::cold]] static void checkpointDone(EventLoop& loop) noexcept {
        Rejections& self = *loop.rejections();
        while (StateBase* state = self.aboutToBeNotified_.pop()) {
            if (state->handled()) {
                StateBase::releaseRejected(state);
            } else {
                self.noticed_.push(*state);
            }
        }
        if (self.noticed_.first && !self.notice_.queued) {
            self.notice_.queued = true;
            loop.queueTask(self.notice_);
        }
    }

    [[gnu::cold]] void notify(EventLoop& loop) noexcept {
        while (StateBase* state = noticed_.pop()) {
            if (!state->handled()) report(loop, *state);
            StateBase::releaseRejected(state);
        }
    }

    [[gnu::cold]] void report(EventLoop& loop, StateBase& state) noexcept {
        try {
            if (unhandled_ && unhandled_(loop, state)) {
                state.reported_ = !state.handled();
                return;
            }
        } catch (...) {
            loop.uncaught().report(loop, std::current_exception());
        }
        loop.uncaught().print("Uncaught (in promise) ", state.reason().error, state.reason().trail);
        state.reported_ = !state.handled();
        if (&state == watched_) *watchedReported_ = true;
    }

    static void release(List& list) noexcept {
        while (StateBase* state = list.pop()) StateBase::releaseRejected(state);
    }

    List aboutToBeNotified_;
    List noticed_;
    Notice notice_{*this};
    Handler unhandled_ = nullptr;
    void (*handledLate_)(EventLoop&, StateBase&) = nullptr;
    const StateBase* watched_ = nullptr;
    bool* watchedReported_ = nullptr;
    base::Trail* stuckAt_ = nullptr;
};

inline void StateBase::rejectedUnhandled() noexcept {
    if (EventLoop* loop = home()) loop->rejections()->add(*this, *loop);
}

inline void StateBase::handledLate() noexcept {
    if (!reported_) return;
    EventLoop* loop = home();
    if (loop && loop->rejections()->handledLate_) loop->rejections()->handledLate_(*loop, *this);
}

}
