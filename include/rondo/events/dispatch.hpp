// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/events/event.hpp>
#include <rondo/events/listener_list.hpp>
#include <rondo/loop/event_loop.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace rondo::events {

/// How an event travels: down from the root to its target, and, if it bubbles, up again.
/// https://dom.spec.whatwg.org/#concept-event-dispatch
///
/// Everything on its path lives until it has arrived, whatever listeners do to targets. Its functions are templates, so
/// that only files that dispatch compile them.
class Dispatch {
public:
    template <class Target>
    static bool run(Target& target, Event& event, bool trusted) {
        if (event.dispatching_) throw DOMException("the event is being dispatched already", "InvalidStateError", {});
        Path<Target> path(target, event);
        event.trusted_ = trusted;
        event.dispatching_ = true;
        event.target_ = path.first.list;
        event.path_ = &path.first;
        for (PathEntry* entry = path.last; entry; entry = entry->child) {
            event.phase_ = entry == &path.first ? Event::AT_TARGET : Event::CAPTURING_PHASE;
            invoke(*entry->list, event, true);
        }
        for (PathEntry* entry = &path.first; entry; entry = event.bubbles_ ? entry->parent : nullptr) {
            event.phase_ = entry == &path.first ? Event::AT_TARGET : Event::BUBBLING_PHASE;
            invoke(*entry->list, event, false);
        }
        event.phase_ = Event::NONE;
        event.currentTarget_ = nullptr;
        event.path_ = nullptr;
        event.dispatching_ = event.stopped_ = event.stoppedAtOnce_ = false;
        return !event.canceled_;
    }

private:
    /// The target and what is above it.
    template <class Target>
    struct Path {
        Path(Target& target, const Event& event) : first(listOf(target)) {
            try {
                for (Target* parent = target.parent(event); parent; parent = parent->parent(event)) {
                    auto* entry = new PathEntry(listOf(*parent));
                    entry->child = std::exchange(last, entry);
                    entry->child->parent = entry;
                }
            } catch (...) {
                clear();
                throw;
            }
        }
        Path(const Path&) = delete;
        Path& operator=(const Path&) = delete;
        ~Path() { clear(); }

        PathEntry first;
        PathEntry* last = &first;

    private:
        static ListRef listOf(Target& target) { return ListRef::shared(target.list()); }
        void clear() noexcept {
            while (last != &first) {
                const std::unique_ptr<PathEntry> entry(last);
                last = entry->child;
            }
        }
    };

    /// https://dom.spec.whatwg.org/#concept-event-listener-inner-invoke
    template <class List>
    static void invoke(List& list, Event& event, bool capturing) noexcept {
        if (event.stopped_) return;
        event.currentTarget_ = &list;
        typename List::Walk walk(list);
        while (Registration* entry = walk.next()) {
            if (entry->capture != capturing || entry->type.view() != event.type()) continue;
            const ListenerRef listener = entry->listener;
            const Returned cancels = entry->cancels;
            event.inPassiveListener_ = entry->passive;
            if (entry->once) list.remove(*entry);
            try {
                const loop::Script script;
                const Returned returned = listener->call(event);
                if (returned == cancels && returned != Returned::something) event.preventDefault();
            } catch (...) {
                report();
            }
            event.inPassiveListener_ = false;
            if (EventLoop* loop = base::thread.loop) loop->cleanUpAfterScript();
            if (event.stoppedAtOnce_) break;
        }
    }

    [[gnu::cold]] static void report() noexcept {
        if (EventLoop* loop = base::thread.loop) return loop::reportException(*loop);
        loop::UncaughtErrors().print("Uncaught ", std::current_exception());
    }
};

}
