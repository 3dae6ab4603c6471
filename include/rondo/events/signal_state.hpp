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
/// depend on it. When it has aborted, or nobody is left who could abort it, its listeners and algorithms go at the next
/// checkpoint, for they may hold it; when the loop goes, they go with all else that waits.
class SignalState final : public base::Counted<SignalState>,
                          public EventTarget,
                          public Abortable,
                          private loop::Waiting,
                          public base::Pooled {
public:
    SignalState() noexcept : Waiting(&act) {}
    ~SignalState() override {
        leaveSources();
        leaveDependents();
        clearTimer();
    }

    // Every handle belongs to its thread.
    void retain() noexcept {
        assertHome();
        Counted::retain();
    }
    void release() noexcept {
        assertHome();
        Counted::release();
    }

    /// https://dom.spec.whatwg.org/#abortsignal-signal-abort
    void abort(const std::exception_ptr& reason) noexcept {
        if (aborted()) return;
        const SignalStateRef self = SignalStateRef::shared(*this);
        setReason(reason);
        telling_ = true;
        SignalState* last = this;
        for (Link* link = dependents_.first(); link; link = dependents_.after(*link)) {
            SignalState& dependent = *link->dependent;
            if (dependent.aborted()) continue;
            dependent.retain();
            dependent.setReason(reason);
            dependent.telling_ = true;
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

    // The controller that can abort it.

    void control() noexcept { controlled_ = true; }
    bool controlled() const noexcept { return controlled_; }
    /// Its controller has gone.
    void abandon() noexcept {
        controlled_ = false;
        if (!aborted()) leaveDependents();
        update();
    }

private:
    /// A source and one that depends on it, from the other's array.
    struct Link : base::ListHook {
        SignalState* source = nullptr;
        SignalState* dependent = nullptr;
    };

    bool hasTimer() const noexcept {
        EventLoop* loop = base::thread.loop;
        return timer_ && loop && loop->number() == timersLoop_;
    }
    bool isSource() const noexcept { return controlled_ || hasTimer(); }
    bool abortsByItself() const noexcept {
        if (hasTimer()) return true;
        for (std::size_t i = 0; i < linkCount_; ++i) {
            if (links_[i].source && links_[i].source->isSource()) return true;
        }
        return false;
    }
    /// Nothing will ever be told of it.
    bool over() const noexcept { return !telling_ && (aborted() || !(controlled_ || abortsByItself())); }
    bool listenedTo() const noexcept { return hasListeners() || listeningDependents_ > 0; }

    void followSource(SignalState& source) noexcept {
        if (!source.isSource() || source.lastFollower_ == this) return; // it never aborts, or is given twice
        source.lastFollower_ = this;
        Link& link = links_[linkCount_++];
        link.source = &source;
        link.dependent = this;
        source.dependents_.pushBack(link);
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
        telling_ = false;
        update();
    }

    void listenersChanged() noexcept override { update(); }
    void algorithmsChanged() noexcept override { update(); }

    /// Something may have been added or removed: joins what waits in the loop, keeps itself or no longer does.
    void update() noexcept {
        const bool inUse = hasListeners() || hasAlgorithms();
        if (EventLoop* loop = base::thread.loop; loop && inUse && !linked()) loop->waiting().pushBack(*this);
        if (!inUse && !doomed_) unlink();
        if (inUse && over()) doom();

        const bool mayAbort = !aborted() && abortsByItself();
        const bool listens = mayAbort && listenedTo();
        if (std::exchange(listens_, listens) != listens) {
            if (hasTimer()) base::thread.loop->timers().ref(timer_, listens);
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

    /// Its listeners and algorithms go at the next checkpoint.
    void doom() noexcept {
        EventLoop* loop = base::thread.loop;
        if (doomed_ || !loop) return;
        doomed_ = true;
        retain();
        loop->doomed().push(*this);
    }

    void clearTimer() noexcept {
        if (hasTimer()) base::thread.loop->clearTimer(timer_);
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
    }
    /// It will not abort those that depend on it.
    void leaveDependents() noexcept {
        while (Link* link = dependents_.first()) {
            SignalState& dependent = *link->dependent;
            const SignalStateRef kept = SignalStateRef::shared(dependent);
            link->unlink();
            link->source = nullptr;
            dependent.update();
        }
    }

    /// The loop goes, or nobody is left who could abort it.
    static void act(loop::Microtask* node, loop::Verb) noexcept {
        auto& self = static_cast<SignalState&>(*node);
        const SignalStateRef kept = SignalStateRef::shared(self);
        const bool wasDoomed = std::exchange(self.doomed_, true); // it is not doomed again while it goes
        self.unlink();
        self.clearTimer();
        self.leaveSources();
        self.dropAlgorithms();
        self.removeAllListeners();
        self.doomed_ = false;
        if (wasDoomed) self.release();
        self.update();
    }

    base::IntrusiveList<Link> dependents_;
    std::unique_ptr<Link[]> links_; // to its sources
    std::size_t linkCount_ = 0;
    std::size_t listeningDependents_ = 0;
    SignalState* lastFollower_ = nullptr;
    SignalState* nextToAbort_ = nullptr;
    loop::TimerQueue::Id timer_ = 0;
    std::uint32_t timersLoop_ = 0;
    bool keepsItself_ = false;
    bool listens_ = false;
    bool controlled_ = false;
    bool telling_ = false; // it has aborted, and has not told everybody yet
    bool doomed_ = false;
};

}
