// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

namespace rondo::base {

/// A sequence of trivial elements that grows at its end: what every loop needs of `std::vector`, which costs each file
/// that includes it several times as much to compile.
template <class T>
class Array {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Array() noexcept = default;
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() { delete[] elements_; }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    T& operator[](std::size_t i) noexcept { return elements_[i]; }
    const T& operator[](std::size_t i) const noexcept { return elements_[i]; }
    const T& back() const noexcept { return elements_[size_ - 1]; }
    T* begin() noexcept { return elements_; }
    T* end() noexcept { return elements_ + size_; }

    /// Makes room for `count` elements, or throws `std::bad_alloc` and changes nothing.
    void reserve(std::size_t count) {
        if (count <= room_) return;
        if (size_ > room_) __builtin_unreachable(); // or GCC 12 warns of elements that do not fit into the new room
        const std::size_t room = count > 2 * room_ ? count : 2 * room_;
        T* elements = new T[room];
        for (std::size_t i = 0; i < size_; ++i) elements[i] = elements_[i];
        delete[] elements_;
        elements_ = elements;
        room_ = room;
    }

    /// Needs room.
    void pushReserved(T element) noexcept { elements_[size_++] = element; }
    T& push(T element) {
        reserve(size_ + 1);
        pushReserved(element);
        return elements_[size_ - 1];
    }
    void pop() noexcept { --size_; }

private:
    T* elements_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
};

}
