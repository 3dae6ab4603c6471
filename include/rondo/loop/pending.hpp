// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/loop/in_flight.hpp>
#include <rondo/loop/microtask.hpp>
#include <rondo/loop/observer.hpp>

#include <utility>

namespace rondo::loop {

/// The microtasks of a loop: those that are ready, those that never will be, and all that wait for something.
struct Pending {
    /// The microtask queue.
    MicrotaskQueue ready;
    /// Nodes that will never run: they are dropped when nothing is ready.
    MicrotaskQueue doomed;
    /// Everything that can be left waiting, oldest first.
    base::IntrusiveList<Waiting> waiting;
    /// What an await has thrown.
    InFlight inFlight;
    bool draining = false;

    bool idle() const noexcept { return ready.empty() && doomed.empty(); }

    /// Runs microtasks until none is left, then drops the doomed, and again if that has queued any.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint
    ///
    /// Does nothing while it is at it already.
    void drain(Observer* const& observer) noexcept {
        if (std::exchange(draining, true)) return;
        do {
            observer ? runObserved(observer) : run();
            while (!doomed.empty()) {
                Microtask* microtask = doomed.pop();
                microtask->perform(microtask, Verb::drop);
            }
            inFlight.clear();
        } while (!idle());
        draining = false;
    }

    /// Drops all that waits, newest first, and what that makes wait. What is in the queues is in the list, too.
    void dropAll() noexcept {
        inFlight.clear();
        for (; !waiting.empty(); forget()) {
            forget();
            Waiting& newest = waiting.back();
            newest.perform(&newest, Verb::drop);
        }
    }

private:
    void run() noexcept {
        while (!ready.empty()) {
            Microtask* microtask = ready.pop();
            microtask->perform(microtask, Verb::run);
        }
    }

    void runObserved(Observer* const& observer) noexcept {
        while (!ready.empty()) {
            Microtask* microtask = ready.pop();
            if (observer) observer->microtaskBegins(*microtask);
            microtask->perform(microtask, Verb::run);
            if (observer) observer->microtaskEnds();
        }
    }

    void forget() noexcept {
        ready.clear();
        doomed.clear();
    }
};

}
