// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>
#include <rondo/events/listener_list.hpp>
#include <rondo/loop/event_loop.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

struct EventInit {
    bool bubbles = false;
    bool cancelable = false;
    bool composed = false;
};

/// Something that has happened, on its way along the listeners of a target.
/// https://developer.mozilla.org/docs/Web/API/Event
///
/// Derive from it for an event that says more. It is neither copied nor moved, and belongs to whoever dispatches it: a
/// listener that is a coroutine must take what it needs of it before its first `co_await`.
///
/// Unlike the Web: `target()` and `currentTarget()` are null once the target has been destroyed.
class Event {
public:
    static constexpr unsigned short NONE = 0;
    static constexpr unsigned short CAPTURING_PHASE = 1;
    static constexpr unsigned short AT_TARGET = 2;
    static constexpr unsigned short BUBBLING_PHASE = 3;

    explicit Event(std::string_view type, const EventInit& init = {})
        : type_(type), timeStamp_(EventLoop::hasCurrent() ? EventLoop::current().now() : 0), bubbles_(init.bubbles),
          cancelable_(init.cancelable), composed_(init.composed) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    virtual ~Event() { RONDO_ASSERT(!dispatching_, "an Event is destroyed by one of its listeners"); }

    bool bubbles() const noexcept { return bubbles_; }
    bool cancelable() const noexcept { return cancelable_; }
    bool composed() const noexcept { return composed_; }
    EventTarget* currentTarget() const noexcept { return currentTarget_ ? currentTarget_->target() : nullptr; }
    /// `preventDefault` has been called, and counted.
    bool defaultPrevented() const noexcept { return canceled_; }
    unsigned short eventPhase() const noexcept { return phase_; }
    /// The library has fired it, and not user code.
    bool isTrusted() const noexcept { return trusted_; }
    EventTarget* target() const noexcept { return target_ ? target_->target() : nullptr; }
    /// When it was made: `performance.now()` of then, 0 where there is no loop.
    double timeStamp() const noexcept { return timeStamp_; }
    std::string_view type() const noexcept { return type_.view(); }

    /// The targets it passes, from its own to the root, while it is dispatched.
    template <std::same_as<EventTarget> Target = EventTarget>
    std::vector<Target*> composedPath() const {
        std::vector<Target*> targets;
        for (const events::PathEntry* entry = path_; entry; entry = entry->parent) {
            if (Target* target = entry->list->target()) targets.push_back(target);
        }
        return targets;
    }

    /// Does nothing if it is not cancelable, or in a passive listener.
    void preventDefault() noexcept {
        if (cancelable_ && !inPassiveListener_) canceled_ = true;
    }
    /// The listeners of this target that are left are the last to be called.
    void stopPropagation() noexcept { stopped_ = true; }
    /// No further listener is called.
    void stopImmediatePropagation() noexcept { stopped_ = stoppedAtOnce_ = true; }

    /// `Event { type: 'click', defaultPrevented: false, cancelable: true }`
    template <class Stream>
    friend auto operator<<(Stream& out, const Event& event) -> decltype(out << std::string_view()) {
        const auto said = [](bool yes) { return yes ? "true" : "false"; };
        return out << "Event { type: '" << event.type() << "', defaultPrevented: " << said(event.canceled_)
                   << ", cancelable: " << said(event.cancelable_) << " }";
    }

private:
    friend class events::Dispatch;

    base::ShortText type_;
    double timeStamp_;
    events::ListRef target_;
    events::ListenerList* currentTarget_ = nullptr;
    const events::PathEntry* path_ = nullptr;
    unsigned short phase_ = NONE;
    bool bubbles_;
    bool cancelable_;
    bool composed_;
    bool trusted_ = false;
    bool dispatching_ = false;
    bool canceled_ = false;
    bool inPassiveListener_ = false;
    bool stopped_ = false;
    bool stoppedAtOnce_ = false;
};

/// An event with something of yours in it. https://developer.mozilla.org/docs/Web/API/CustomEvent
///
/// A C string is kept as a `std::string`.
///
/// Unlike the Web: the detail is an argument, and has a type; a listener names both, `[](CustomEvent<int>& event)`.
template <class T>
class CustomEvent : public Event {
public:
    CustomEvent(std::string_view type, T detail, const EventInit& init = {})
        : Event(type, init), detail_(std::move(detail)) {}

    const T& detail() const noexcept { return detail_; }
    T& detail() noexcept { return detail_; }

private:
    T detail_;
};

template <class T>
CustomEvent(std::string_view, T, EventInit = {}) -> CustomEvent<promise::AsText<T>>;

}
