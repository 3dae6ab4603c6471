// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

namespace rondo::base {

/// What an object of one thread derives from to count its owners. It is made with one, by `new`, and goes with the
/// last. `T` makes this a friend, if its destructor is not public.
template <class T>
class Counted {
public:
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    void retain() noexcept { ++count_; }
    void release() noexcept {
        if (--count_ == 0) delete static_cast<T*>(this);
    }

protected:
    Counted() noexcept = default;
    ~Counted() = default;

private:
    std::size_t count_ = 1;
};

/// An owner of a counted object.
template <class T>
class CountedRef {
public:
    CountedRef() noexcept = default;
    /// Takes over a count.
    explicit CountedRef(T* adopted) noexcept : object_(adopted) {}
    static CountedRef shared(T& object) noexcept {
        object.retain();
        return CountedRef(&object);
    }
    CountedRef(const CountedRef& other) noexcept : object_(other.object_) {
        if (object_) object_->retain();
    }
    CountedRef(CountedRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    CountedRef& operator=(CountedRef other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~CountedRef() {
        if (object_) object_->release();
    }

    T* get() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const CountedRef&, const CountedRef&) = default;

private:
    T* object_ = nullptr;
};

}
