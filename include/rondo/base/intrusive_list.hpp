// SPDX-License-Identifier: MIT
#pragma once

namespace rondo::base {

/// A place in an `IntrusiveList`. It leaves the list when it is destroyed.
class ListHook {
public:
    ListHook() noexcept : next_(this), previous_(this) {}
    /// In the list that ends with `place`, from the beginning.
    explicit ListHook(ListHook* place) noexcept : next_(place), previous_(place->previous_) {
        previous_->next_ = this;
        place->previous_ = this;
    }
    ListHook(const ListHook&) = delete;
    ListHook& operator=(const ListHook&) = delete;
    ~ListHook() { unlink(); }

    bool linked() const noexcept { return next_ != this; }

    void unlink() noexcept {
        next_->previous_ = previous_;
        previous_->next_ = next_;
        next_ = previous_ = this;
    }

private:
    template <class>
    friend class IntrusiveList;

    void linkBefore(ListHook& place) noexcept {
        next_ = &place;
        previous_ = place.previous_;
        previous_->next_ = this;
        place.previous_ = this;
    }

    ListHook* next_;
    ListHook* previous_;
};

/// A doubly linked list of elements that hold their own links: nothing is allocated, and an element leaves in
/// O(1) without knowing its list. `T` derives from `ListHook`.
template <class T>
class IntrusiveList {
public:
    bool empty() const noexcept { return !ends_.linked(); }

    T& front() noexcept { return static_cast<T&>(*ends_.next_); }
    T& back() noexcept { return static_cast<T&>(*ends_.previous_); }
    void pushBack(T& element) noexcept { static_cast<ListHook&>(element).linkBefore(ends_); }

    /// For the hook of an element that begins its life at the back.
    ListHook* end() noexcept { return &ends_; }

    /// Null at the end.
    T* first() noexcept { return at(ends_.next_); }
    T* after(T& element) noexcept { return at(static_cast<ListHook&>(element).next_); }

    /// Calls `f` for each element, oldest first; `f` must not change the list.
    template <class F>
    void forEach(F&& f) const {
        for (const ListHook* hook = ends_.next_; hook != &ends_; hook = hook->next_) f(static_cast<const T&>(*hook));
    }

private:
    T* at(ListHook* hook) noexcept { return hook == &ends_ ? nullptr : static_cast<T*>(hook); }

    ListHook ends_;
};

}
