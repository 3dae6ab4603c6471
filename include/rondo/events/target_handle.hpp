// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/events/event_target.hpp>

#include <string_view>
#include <utility>

namespace rondo::events {

/// The members of an `EventTarget`, for a `Handle` that stands for one: `handle.target()`.
template <class Handle>
class TargetHandle {
public:
    template <class F>
    EventListener addEventListener(std::string_view type, F&& f, const AddEventListenerOptions& options = {}) const {
        return standsFor().addEventListener(type, std::forward<F>(f), options);
    }
    template <class F>
    EventListener addEventListener(std::string_view type, F&& f, bool capture) const {
        return standsFor().addEventListener(type, std::forward<F>(f), capture);
    }
    template <class F>
    void removeEventListener(std::string_view type, const F& f, const EventListenerOptions& options = {}) const {
        standsFor().removeEventListener(type, f, options);
    }
    template <class F>
    void removeEventListener(std::string_view type, const F& f, bool capture) const {
        standsFor().removeEventListener(type, f, capture);
    }
    bool dispatchEvent(Event& event) const { return standsFor().dispatchEvent(event); }
    bool dispatchEvent(Event&& event) const { return standsFor().dispatchEvent(event); }

private:
    EventTarget& standsFor() const { return static_cast<const Handle&>(*this).target(); }
};

}
