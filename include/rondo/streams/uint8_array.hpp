// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

namespace streams {

/// Memory that a `Uint8Array` owns: an ArrayBuffer. https://tc39.es/ecma262/#sec-arraybuffer-objects
class ArrayBuffer {
public:
    ArrayBuffer(const ArrayBuffer&) = delete;
    ArrayBuffer& operator=(const ArrayBuffer&) = delete;
    virtual ~ArrayBuffer() = default;

    std::uint8_t* data() const noexcept { return data_; }
    std::size_t byteLength() const noexcept { return byteLength_; }

    /// Of that many bytes: zeros, if it is said.
    static std::unique_ptr<ArrayBuffer> make(std::size_t bytes, bool zeros);
    /// The memory of a container, which is given as an rvalue, is taken over; `std::bad_alloc` leaves it as it was.
    template <class Container>
    static std::unique_ptr<ArrayBuffer> of(Container&& container);

protected:
    ArrayBuffer(std::uint8_t* data, std::size_t byteLength) noexcept : data_(data), byteLength_(byteLength) {}

    std::uint8_t* data_;
    std::size_t byteLength_;
};

/// One whose bytes lie behind it, in the same block.
class InlineBuffer final : public ArrayBuffer {
public:
    struct Bytes {
        std::size_t count;
    };
    explicit InlineBuffer(Bytes bytes) noexcept
        : ArrayBuffer(reinterpret_cast<std::uint8_t*>(this) + sizeof(InlineBuffer), bytes.count) {}

    static void* operator new(std::size_t size, Bytes bytes) {
        if (bytes.count > SIZE_MAX - size) throw std::bad_alloc();
        return ::operator new(size + bytes.count);
    }
    static void operator delete(void* memory, Bytes) noexcept { ::operator delete(memory); }
    static void operator delete(void* memory) noexcept { ::operator delete(memory); }
};

template <class Container>
class ContainerBuffer final : public ArrayBuffer {
public:
    explicit ContainerBuffer(Container&& container) : ArrayBuffer(nullptr, 0), container_(std::move(container)) {
        data_ = reinterpret_cast<std::uint8_t*>(container_.data());
        byteLength_ = container_.size();
    }

private:
    Container container_;
};

inline std::unique_ptr<ArrayBuffer> ArrayBuffer::make(std::size_t bytes, bool zeros) {
    std::unique_ptr<ArrayBuffer> made(new (InlineBuffer::Bytes{bytes}) InlineBuffer(InlineBuffer::Bytes{bytes}));
    if (zeros) std::memset(made->data(), 0, bytes);
    return made;
}

template <class Container>
std::unique_ptr<ArrayBuffer> ArrayBuffer::of(Container&& container) {
    return std::make_unique<ContainerBuffer<Container>>(std::forward<Container>(container));
}

}

/// Bytes: a view of a buffer, or of a part of it, that owns the buffer.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Uint8Array
///
/// Moving it is what transferring its buffer is on the Web: what was moved from is detached, and of no length.
///
/// Unlike the Web: no two views share a buffer. A copy has a buffer of its own, of the bytes that are seen; `subarray`
/// narrows the view itself.
class Uint8Array {
public:
    using value_type = std::uint8_t;

    Uint8Array() noexcept = default;
    /// Of that many zeros.
    explicit Uint8Array(std::size_t length)
        : buffer_(length ? streams::ArrayBuffer::make(length, true) : nullptr), length_(length) {}
    /// A copy of some bytes.
    explicit Uint8Array(std::span<const std::uint8_t> bytes) : Uint8Array(bytes.data(), bytes.size()) {}
    template <class Text>
        requires(std::is_convertible_v<const Text&, std::string_view>)
    explicit Uint8Array(const Text& text) : Uint8Array(viewOf(text)) {}
    Uint8Array(std::initializer_list<std::uint8_t> bytes) : Uint8Array(bytes.begin(), bytes.size()) {}
    /// The memory of the container is taken over.
    explicit Uint8Array(std::vector<std::uint8_t>&& bytes) : Uint8Array(streams::ArrayBuffer::of(std::move(bytes))) {}
    explicit Uint8Array(std::string&& text) : Uint8Array(streams::ArrayBuffer::of(std::move(text))) {}

    Uint8Array(const Uint8Array& other) : Uint8Array(other.data(), other.length()) { detached_ = other.detached_; }
    Uint8Array(Uint8Array&& other) noexcept
        : buffer_(std::move(other.buffer_)), byteOffset_(std::exchange(other.byteOffset_, 0)),
          length_(std::exchange(other.length_, 0)), detached_(std::exchange(other.detached_, true)) {}
    Uint8Array& operator=(Uint8Array other) noexcept {
        swap(*this, other);
        return *this;
    }
    ~Uint8Array() = default;

    friend void swap(Uint8Array& a, Uint8Array& b) noexcept {
        std::swap(a.buffer_, b.buffer_);
        std::swap(a.byteOffset_, b.byteOffset_);
        std::swap(a.length_, b.length_);
        std::swap(a.detached_, b.detached_);
    }

    std::size_t length() const noexcept { return length_; }
    std::size_t byteLength() const noexcept { return length_; }
    /// Where in its buffer it begins.
    std::size_t byteOffset() const noexcept { return byteOffset_; }
    /// `array.buffer.byteLength`
    std::size_t bufferByteLength() const noexcept { return buffer_ ? buffer_->byteLength() : 0; }
    /// Whether its buffer has been moved elsewhere.
    bool detached() const noexcept { return detached_; }

    std::uint8_t* data() noexcept { return buffer_ ? buffer_->data() + byteOffset_ : nullptr; }
    const std::uint8_t* data() const noexcept { return buffer_ ? buffer_->data() + byteOffset_ : nullptr; }
    std::size_t size() const noexcept { return length_; }
    bool empty() const noexcept { return length_ == 0; }
    std::uint8_t* begin() noexcept { return data(); }
    std::uint8_t* end() noexcept { return data() + length_; }
    const std::uint8_t* begin() const noexcept { return data(); }
    const std::uint8_t* end() const noexcept { return data() + length_; }
    std::uint8_t& operator[](std::size_t index) noexcept { return data()[index]; }
    const std::uint8_t& operator[](std::size_t index) const noexcept { return data()[index]; }

    /// The bytes from `begin` up to `end`, of the same buffer. What lies outside is left out.
    Uint8Array subarray(std::size_t begin, std::size_t end = SIZE_MAX) && noexcept {
        Uint8Array part(std::move(*this));
        end = end < part.length_ ? end : part.length_;
        begin = begin < end ? begin : end;
        part.byteOffset_ += begin;
        part.length_ = end - begin;
        return part;
    }
    /// Copies `bytes` to where the index points; `RangeError` if they do not fit.
    void set(std::span<const std::uint8_t> bytes, std::size_t index = 0) {
        if (index > length_ || bytes.size() > length_ - index)
            throw RangeError("what is given to Uint8Array::set() does not fit");
        if (!bytes.empty()) std::memmove(data() + index, bytes.data(), bytes.size());
    }

    /// Its bytes as text, in whatever encoding they are.
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data()), length_}; }

    friend bool operator==(const Uint8Array& a, const Uint8Array& b) noexcept { return a.text() == b.text(); }

    // What follows is for the house.

    /// A view of a part of a buffer.
    Uint8Array(std::unique_ptr<streams::ArrayBuffer> buffer, std::size_t byteOffset, std::size_t length) noexcept
        : buffer_(std::move(buffer)), byteOffset_(byteOffset), length_(length) {}
    std::unique_ptr<streams::ArrayBuffer> takeBuffer() && noexcept {
        Uint8Array gone(std::move(*this));
        return std::move(gone.buffer_);
    }

private:
    explicit Uint8Array(std::unique_ptr<streams::ArrayBuffer> buffer) noexcept : buffer_(std::move(buffer)) {
        length_ = buffer_->byteLength();
    }
    static std::span<const std::uint8_t> viewOf(std::string_view text) noexcept {
        return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    }
    Uint8Array(const std::uint8_t* bytes, std::size_t length)
        : buffer_(length ? streams::ArrayBuffer::make(length, false) : nullptr), length_(length) {
        if (length) std::memcpy(buffer_->data(), bytes, length);
    }

    std::unique_ptr<streams::ArrayBuffer> buffer_; // null if it has no bytes
    std::size_t byteOffset_ = 0;
    std::size_t length_ = 0;
    bool detached_ = false;
};

}
