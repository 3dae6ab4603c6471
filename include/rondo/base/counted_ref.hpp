// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

namespace rondo::base {

/// Shares an object of one thread that counts its owners: `retain()`, `release()`. It is made with a count of one.
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
