// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/events/dispatch.hpp>
#include <rondo/events/listener_list.hpp>

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rondo {

struct EventListenerOptions {
    bool capture = false;
};

struct AddEventListenerOptions {
    /// Called on the way down to the target, before those of the target itself.
    bool capture = false;
    /// Removed before it is called.
    bool once = false;
    /// It must not prevent what the event would do.
    bool passive = false;
    /// Removed when this is aborted; never added if it is.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<AddEventListenerOptions>);

/// An ordered list of listeners for each type of event. https://developer.mozilla.org/docs/Web/API/EventTarget
///
/// Listeners are called in the order in which they were added. One that is added during a dispatch waits for the next;
/// one that is removed during a dispatch is not called. What a listener throws is reported, and the next one is called.
/// A target may be destroyed by its own listener: then its other listeners are not called.
///
/// A listener takes nothing, `Event&`, or a class derived from `Event` by reference; if it is given an event of another
/// class, a `TypeError` is reported. It may also be an object with a `handleEvent`, or a pointer to one: such objects,
/// and functions, are known by their address, so that adding one twice adds it once. One that is a coroutine is kept
/// until it has finished. To find them the list is looked through, as in browsers; a closure has no address, and is added
/// and removed at once, however many there are.
///
/// Derive from it; it stays where it is made. Adding a listener throws `std::bad_alloc`, having changed nothing.
///
/// Unlike the Web: `addEventListener` returns a handle, by which a closure can be removed.
class EventTarget {
public:
    EventTarget() noexcept = default;
    EventTarget(const EventTarget&) = delete;
    EventTarget& operator=(const EventTarget&) = delete;
    virtual ~EventTarget() {
        if (!list_) return;
        list_->forgetTarget();
        list_->clear();
    }

    /// Calls `f` for events of this type, until it is removed.
    /// https://developer.mozilla.org/docs/Web/API/EventTarget/addEventListener
    template <class F>
    EventListener addEventListener(std::string_view type, F&& f, const AddEventListenerOptions& options = {}) {
        EventListener listener = listenerOf(std::forward<F>(f));
        if (listener && !options.signal.aborted()) add(type, listener.ref(), options);
        return listener;
    }
    template <class F>
    EventListener addEventListener(std::string_view type, F&& f, bool capture) {
        return addEventListener(type, std::forward<F>(f), AddEventListenerOptions{.capture = capture});
    }

    /// Removes what was added for this type, with this `capture`: by its handle, or a function, or a pointer to an
    /// object with a `handleEvent`. What was not added is ignored.
    /// https://developer.mozilla.org/docs/Web/API/EventTarget/removeEventListener
    template <class F>
    void removeEventListener(std::string_view type, const F& f, const EventListenerOptions& options = {}) noexcept {
        if (!list_) return;
        list_->assertHome();
        if constexpr (std::is_same_v<F, EventListener>) {
            if (f) removeUse(*f.ref(), type, options.capture);
        } else {
            static_assert(events::MayBeNull<std::decay_t<F>>,
                          "a closure has no identity: remove it by the handle that addEventListener returned");
            const events::Identity identity = events::identityOf<std::decay_t<F>>(f);
            if (!identity) return;
            if (events::Listener* listener = list_->known(identity)) removeUse(*listener, type, options.capture);
        }
    }
    template <class F>
    void removeEventListener(std::string_view type, const F& f, bool capture) noexcept {
        removeEventListener(type, f, EventListenerOptions{.capture = capture});
    }

    /// Calls the listeners, here and now, and says whether nobody has prevented what the event would do. Microtasks
    /// wait until the caller has returned to the loop. https://developer.mozilla.org/docs/Web/API/EventTarget/dispatchEvent
    ///
    /// An event that is being dispatched is refused with a `DOMException` "InvalidStateError".
    bool dispatchEvent(Event& event) {
        const loop::Script script; // also where a destructor calls it
        return events::Dispatch::run(*this, event, false);
    }
    bool dispatchEvent(Event&& event) { return dispatchEvent(event); }

    /// What `target.onclick = f` is on the Web: one callback for a type, called at the place in the list where one was
    /// first set. Another one takes that place; `nullptr` gives it up. If it returns `false`, that prevents what the
    /// event would do. A class offers it as `template <class F> void onclick(F&& f) { eventHandler("click", f); }`.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
    template <class F>
    void eventHandler(std::string_view type, F&& f) {
        const EventListener listener = listenerOf(std::forward<F>(f));
        setHandler(type, listener.ref(), events::Returned::no);
    }
    /// The one that is set.
    EventListener eventHandler(std::string_view type) const noexcept {
        events::Registration* entry = list_ ? list_->handler(type) : nullptr;
        return entry ? EventListener(entry->listener) : EventListener();
    }

    template <class Stream>
    friend auto operator<<(Stream& out, const EventTarget&) -> decltype(out << std::string_view()) {
        return out << "EventTarget {}";
    }

protected:
    /// The target that an event goes to next, on its way up, or null.
    /// https://dom.spec.whatwg.org/#get-the-parent
    virtual EventTarget* parent(const Event&) noexcept { return nullptr; }

    /// A listener has been added or removed. Not called when the target is destroyed.
    virtual void listenersChanged() noexcept {}
    bool hasListeners() const noexcept { return list_ && !list_->empty(); }
    void removeAllListeners() noexcept {
        if (const events::ListRef all = list_) all->clear(); // a closure may own this target
    }

    /// A handler that returns `true` to prevent what the event would do: as `onerror` does.
    template <class F>
    void errorHandler(std::string_view type, F&& f) {
        const EventListener listener = listenerOf(std::forward<F>(f));
        setHandler(type, listener.ref(), events::Returned::yes);
    }

    /// Dispatches an event of the library's. https://dom.spec.whatwg.org/#concept-event-fire
    bool fire(Event& event) { return events::Dispatch::run(*this, event, true); }

private:
    friend class events::Dispatch;
    friend class events::ListenerList;

    template <class F>
    EventListener listenerOf(F&& f) {
        using Callback = std::decay_t<F>;
        if constexpr (std::is_same_v<Callback, EventListener>) {
            return std::forward<F>(f);
        } else if constexpr (std::is_null_pointer_v<Callback>) {
            return EventListener();
        } else {
            if (events::isNull<Callback>(f)) return EventListener();
            if (const events::Identity identity = events::identityOf<Callback>(f); identity && list_) {
                if (events::Listener* known = list_->known(identity))
                    return EventListener(events::ListenerRef::shared(*known));
            }
            return EventListener(events::ListenerRef(new events::CallbackListener<Callback>(std::forward<F>(f))));
        }
    }

    events::ListenerList& list() {
        if (!list_) list_ = events::ListRef(new events::ListenerList(*this));
        list_->assertHome();
        return *list_;
    }

    events::Registration* use(events::Listener& listener, std::string_view type, bool capture) noexcept {
        return listener.find([&](const events::Registration& entry) {
            return entry.list == list_.get() && !entry.isHandler && entry.capture == capture &&
                   entry.type.view() == type;
        });
    }
    void removeUse(events::Listener& listener, std::string_view type, bool capture) noexcept {
        if (events::Registration* entry = use(listener, type, capture)) list_->remove(*entry);
    }

    /// https://dom.spec.whatwg.org/#add-an-event-listener
    void add(std::string_view type, const events::ListenerRef& listener, const AddEventListenerOptions& options) {
        events::ListenerList& all = list();
        if (use(*listener, type, options.capture)) return;
        auto entry = std::make_unique<events::Registration>(type, listener);
        entry->capture = options.capture;
        entry->once = options.once;
        entry->passive = options.passive;
        if (options.signal) {
            entry->removal = std::make_unique<events::Registration::Removal>(*entry);
            options.signal->add(*entry->removal);
        }
        all.add(*entry.release());
    }

    void setHandler(std::string_view type, const events::ListenerRef& listener, events::Returned cancels) {
        events::ListenerList& all = list();
        events::Registration* entry = all.handler(type);
        if (entry && listener) {
            all.exchange(*entry, listener);
        } else if (entry) {
            all.remove(*entry);
        } else if (listener) {
            auto made = std::make_unique<events::Registration>(type, listener);
            made->isHandler = true;
            made->cancels = cancels;
            all.add(*made.release());
        }
    }

    events::ListRef list_;
};

namespace events {

inline void ListenerList::changed() noexcept {
    if (target_) target_->listenersChanged();
}

}

}
