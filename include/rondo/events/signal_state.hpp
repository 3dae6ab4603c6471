// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/milliseconds.hpp>
#include <rondo/events/abort_algorithm.hpp>
#include <rondo/events/event_target.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace rondo::events {

class SignalState;
using SignalStateRef = base::CountedRef<SignalState>;

/// What an `AbortSignal` stands for: the target of its events, its reason, and who depends on it.
/// https://dom.spec.whatwg.org/#interface-AbortSignal
///
/// It is counted by handles, of which a controller has one. One that may yet abort by itself, because it has a timer or
/// sources, also keeps itself, as long as somebody listens to it or depends on it. A source does not keep those that
/// depend on it. When nobody is left who could abort it, its listeners and algorithms go at the next checkpoint; when
/// the loop goes, they go with all else that waits.
class SignalState final : public EventTarget, public Abortable, private loop::Waiting, public base::Pooled {
public:
    SignalState() noexcept : Waiting(&act) {}
    ~SignalState() override {
        leaveSources();
        leaveDependents();
        clearTimer();
    }

    /// https://dom.spec.whatwg.org/#abortsignal-signal-abort
    void abort(const std::exception_ptr& reason) noexcept {
        if (aborted()) return;
        const SignalStateRef self = SignalStateRef::shared(*this);
        setReason(reason);
        SignalState* last = this;
        for (Link* link = dependents_.first(); link; link = dependents_.after(*link)) {
            SignalState& dependent = *link->dependent;
            if (dependent.aborted()) continue;
            dependent.retain();
            dependent.setReason(reason);
            last = last->nextToAbort_ = &dependent;
        }
        runAbortSteps();
        for (SignalState* each = std::exchange(nextToAbort_, nullptr); each;) {
            const SignalStateRef dependent(std::exchange(each, std::exchange(each->nextToAbort_, nullptr)));
            dependent->runAbortSteps();
        }
    }
    /// It is aborted from the start.
    using Abortable::setReason;

    /// Aborts when the time has passed.
    template <class Reason>
    void abortAfter(base::Milliseconds time, Reason makeReason) {
        struct Abort : loop::HostStep {
            Abort(SignalState& signal, Reason reason) noexcept : state(&signal), reasonOf(std::move(reason)) {}
            void operator()() const {
                const SignalStateRef self = SignalStateRef::shared(*state);
                state->timer_ = 0;
                state->abort(reasonOf());
            }
            SignalState* state;
            Reason reasonOf;
        };
        EventLoop& loop = EventLoop::current();
        timer_ = loop.setTimer(Abort(*this, std::move(makeReason)), time, false);
        loop.timers().ref(timer_, false);
        timersLoop_ = loop.number();
    }

    // A signal that depends on others. https://dom.spec.whatwg.org/#create-a-dependent-abort-signal

    /// Makes room for this many sources.
    void expectSources(std::size_t count) { links_ = std::make_unique<Link[]>(count); }
    void follow(SignalState& source) noexcept {
        if (!source.links_) return followSource(source);
        for (std::size_t i = 0; i < source.linkCount_; ++i) { // those of a dependent one take its place
            if (source.links_[i].source) followSource(*source.links_[i].source);
        }
    }
    /// How many it follows, or is itself.
    std::size_t sourceCount() const noexcept { return links_ ? linkCount_ : 1; }

    /// Its controller has gone, or a source: unless it can abort by itself, it never will.
    void abandon() noexcept {
        if (aborted() || abortsByItself()) return;
        leaveDependents();
        if (doomed_ || !linked()) return;
        EventLoop* loop = base::thread.loop;
        if (!loop) return;
        doomed_ = true;
        retain();
        loop->doomed().push(*this);
    }

    void retain() noexcept { ++count_; }
    void release() noexcept {
        if (--count_ == 0) delete this;
    }

private:
    /// A source and one that depends on it, from the other's array.
    struct Link : base::ListHook {
        SignalState* source = nullptr;
        SignalState* dependent = nullptr;
    };

    bool abortsByItself() const noexcept { return timer_ || sources_ > 0; }
    bool listenedTo() const noexcept { return hasListeners() || listeningDependents_ > 0; }

    void followSource(SignalState& source) noexcept {
        if (source.lastFollower_ == this) return; // it is given twice
        source.lastFollower_ = this;
        Link& link = links_[linkCount_++];
        link.source = &source;
        link.dependent = this;
        source.dependents_.pushBack(link);
        ++sources_;
        source.update();
    }

    void runAbortSteps() noexcept {
        clearTimer();
        leaveSources();
        runAlgorithms();
        if (hasListeners()) {
            Event event("abort");
            fire(event);
        }
        leaveDependents();
        update();
    }

    void listenersChanged() noexcept override { update(); }
    void algorithmsChanged() noexcept override { update(); }

    /// Something may have been added or removed: joins what waits in the loop, keeps itself or no longer does.
    void update() noexcept {
        const bool inUse = hasListeners() || hasAlgorithms();
        if (EventLoop* loop = base::thread.loop; loop && inUse && !linked()) loop->waiting().pushBack(*this);
        if (!inUse && !doomed_) unlink();

        const bool mayAbort = !aborted() && abortsByItself();
        const bool listens = mayAbort && listenedTo();
        if (std::exchange(listens_, listens) != listens) {
            if (timer_) setRef(listens);
            for (std::size_t i = 0; i < linkCount_; ++i) {
                SignalState* source = links_[i].source;
                if (!source) continue;
                listens ? ++source->listeningDependents_ : --source->listeningDependents_;
                source->update();
            }
        }
        const bool keeps = mayAbort && (inUse || !dependents_.empty());
        if (std::exchange(keepsItself_, keeps) != keeps) keeps ? retain() : release(); // perhaps its end
    }

    void setRef(bool on) noexcept {
        EventLoop* loop = base::thread.loop;
        if (loop && loop->number() == timersLoop_) loop->timers().ref(timer_, on);
    }
    void clearTimer() noexcept {
        EventLoop* loop = base::thread.loop;
        if (timer_ && loop && loop->number() == timersLoop_) loop->clearTimer(timer_);
        timer_ = 0;
    }

    void leaveSources() noexcept {
        for (std::size_t i = 0; i < linkCount_; ++i) {
            SignalState* source = std::exchange(links_[i].source, nullptr);
            if (!source) continue;
            links_[i].unlink();
            if (source->lastFollower_ == this) source->lastFollower_ = nullptr;
            if (listens_) --source->listeningDependents_;
            source->update();
        }
        sources_ = 0;
    }
    /// It will not abort those that depend on it.
    void leaveDependents() noexcept {
        while (Link* link = dependents_.first()) {
            SignalState& dependent = *link->dependent;
            const SignalStateRef kept = SignalStateRef::shared(dependent);
            link->unlink();
            link->source = nullptr;
            --dependent.sources_;
            dependent.update();
            dependent.abandon();
        }
    }

    /// The loop goes, or nobody is left who could abort it.
    static void act(loop::Microtask* node, loop::Verb) noexcept {
        auto& self = static_cast<SignalState&>(*node);
        const SignalStateRef kept = SignalStateRef::shared(self);
        self.unlink();
        self.clearTimer();
        self.leaveSources();
        self.dropAlgorithms();
        self.removeAllListeners();
        if (std::exchange(self.doomed_, false)) self.release();
        self.update();
    }

    std::size_t count_ = 1;
    base::IntrusiveList<Link> dependents_;
    std::unique_ptr<Link[]> links_; // to its sources
    std::size_t linkCount_ = 0;
    std::size_t sources_ = 0; // those that are left
    std::size_t listeningDependents_ = 0;
    SignalState* lastFollower_ = nullptr;
    SignalState* nextToAbort_ = nullptr;
    loop::TimerQueue::Id timer_ = 0;
    std::uint32_t timersLoop_ = 0;
    bool keepsItself_ = false;
    bool listens_ = false;
    bool doomed_ = false;
};

}
