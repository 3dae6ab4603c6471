// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/base/counted_ref.hpp>
#include <rondo/base/intrusive_list.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/base/text.hpp>
#include <rondo/base/thread.hpp>
#include <rondo/events/listener.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace rondo::events {

class ListenerList;
class Dispatch;

/// One entry of a list: which callback is called for which events.
/// https://dom.spec.whatwg.org/#concept-event-listener
struct Registration : base::ListHook, base::Pooled {
    /// Removes the listener when a signal is aborted.
    struct Removal : AbortAlgorithm {
        explicit Removal(Registration& entry) noexcept;
        Registration& registration;
    };

    Registration(std::string_view eventType, ListenerRef callback) : type(eventType), listener(std::move(callback)) {}

    base::ShortText type;
    ListenerRef listener;
    Listener::Use use{*this}; // its place among the uses of the listener
    ListenerList* list = nullptr;
    std::unique_ptr<Removal> removal;
    std::uint64_t stamp = 0;
    bool capture = false;
    bool once = false;
    bool passive = false;
    bool isHandler = false;                 // set as `onclick = f` is
    Returned cancels = Returned::something; // what a handler returns to prevent what the event would do
};

/// The event listener list of a target: counted, so that a dispatch may outlive the target.
/// https://dom.spec.whatwg.org/#eventtarget-event-listener-list
///
/// A dispatch walks the list as it was when it came to the target: it passes by what is added later, and what is
/// removed is gone at once. Neither copies the list.
class ListenerList : public base::Counted<ListenerList>, public base::Pooled {
public:
    explicit ListenerList(EventTarget& target) noexcept : target_(&target), home_(base::homeHere()) {}
    ListenerList(const ListenerList&) = delete;
    ListenerList& operator=(const ListenerList&) = delete;

    /// Null when it has been destroyed.
    EventTarget* target() const noexcept { return target_; }
    void forgetTarget() noexcept { target_ = nullptr; }

    void assertHome() const noexcept {
        RONDO_ASSERT(base::isHome(home_),
                     "an EventTarget is used on a thread that is not its loop's; use EventLoop::post");
    }

    bool empty() const noexcept { return entries_.empty(); }

    /// Takes it over.
    void add(Registration& entry) noexcept {
        entry.list = this;
        entry.stamp = ++stamps_;
        entries_.pushBack(entry);
        entry.listener->use(entry.use);
        changed();
    }
    void remove(Registration& entry) noexcept {
        for (Walk* walk = walks_; walk; walk = walk->outer_) {
            if (walk->next_ == &entry) walk->next_ = entries_.after(entry);
        }
        entry.unlink();
        const std::unique_ptr<Registration> gone(&entry); // with it, perhaps, a closure
        changed();
    }
    void clear() noexcept {
        while (!empty()) remove(entries_.front());
    }

    /// The listener of this identity, or null.
    Listener* known(const Identity& identity) noexcept {
        Registration* found = find([&identity](Registration& entry) { return entry.listener->identity() == identity; });
        return found ? found->listener.get() : nullptr;
    }

    /// The event handler of this type, or null.
    Registration* handler(std::string_view type) noexcept {
        return find([type](Registration& entry) { return entry.isHandler && entry.type.view() == type; });
    }
    /// Puts another callback at the handler's place.
    void exchange(Registration& entry, const ListenerRef& listener) noexcept {
        entry.use.unlink();
        listener->use(entry.use);
        const ListenerRef before = std::exchange(entry.listener, listener); // with it, perhaps, a closure
    }

    /// Visits what is in the list when it begins, and is still there when its turn comes.
    class Walk {
    public:
        explicit Walk(ListenerList& list) noexcept
            : list_(list), outer_(std::exchange(list.walks_, this)), next_(list.entries_.first()), last_(list.stamps_) {
        }
        Walk(const Walk&) = delete;
        Walk& operator=(const Walk&) = delete;
        ~Walk() { list_.walks_ = outer_; }

        Registration* next() noexcept {
            Registration* entry = next_;
            if (!entry || entry->stamp > last_) return nullptr;
            next_ = list_.entries_.after(*entry);
            return entry;
        }

    private:
        friend class ListenerList;
        ListenerList& list_;
        Walk* outer_;
        Registration* next_;
        std::uint64_t last_;
    };

private:
    friend class base::Counted<ListenerList>;
    ~ListenerList() { clear(); }

    template <class Match>
    Registration* find(Match match) noexcept {
        for (Registration* entry = entries_.first(); entry; entry = entries_.after(*entry)) {
            if (match(*entry)) return entry;
        }
        return nullptr;
    }

    inline void changed() noexcept;

    EventTarget* target_;
    base::IntrusiveList<Registration> entries_;
    Walk* walks_ = nullptr; // of the dispatches that are at it, the innermost first
    std::uint64_t stamps_ = 0;
    std::uint32_t home_; // the number of the loop it was made on, or 0
};

using ListRef = base::CountedRef<ListenerList>;

inline Registration::Removal::Removal(Registration& entry) noexcept
    : AbortAlgorithm([](AbortAlgorithm& self, const std::exception_ptr&) noexcept {
          Registration& removed = static_cast<Removal&>(self).registration;
          removed.list->remove(removed);
      }),
      registration(entry) {}

/// A target on the path of an event, and the one above it.
struct PathEntry : base::Pooled {
    explicit PathEntry(ListRef listeners) noexcept : list(std::move(listeners)) {}

    ListRef list;
    PathEntry* child = nullptr;
    PathEntry* parent = nullptr;
};

}
