// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace rondo::base {

/// `std::string_view(chars, size)`. That a `char*`, too, is a contiguous iterator takes a compiler long to find
/// out; of a `const char*` it knows it already.
inline std::string_view viewOf(const char* chars, std::size_t size) noexcept { return {chars, size}; }
/// Of a null pointer nothing.
inline std::string_view viewOf(const char* chars) noexcept { return chars ? chars : std::string_view(); }

/// Text that is built piece by piece: what every program needs to print an error, without the price that
/// `std::string` has in C++20, where each file that uses it compiles it anew.
class Text {
public:
    Text() noexcept = default;
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    ~Text() { ::operator delete(chars_); }

    Text& operator+=(std::string_view piece) {
        if (piece.size() > capacity_ - size_) grow(piece.size());
        if (!piece.empty()) std::memcpy(chars_ + size_, piece.data(), piece.size());
        size_ += piece.size();
        return *this;
    }

    Text& operator+=(char c) { return *this += viewOf(&c, 1); }

    Text& append(std::size_t count, char c) {
        while (count-- > 0) *this += c;
        return *this;
    }

    Text& appendNumber(long long number) {
        char digits[24];
        const int size = std::snprintf(digits, sizeof digits, "%lld", number);
        return *this += viewOf(digits, static_cast<std::size_t>(size));
    }

    std::string_view view() const noexcept { return viewOf(chars_, size_); }

    void clear() noexcept { size_ = 0; }

private:
    [[gnu::noinline]] void grow(std::size_t more) {
        const std::size_t capacity = (size_ + more) * 2;
        auto* chars = static_cast<char*>(::operator new(capacity));
        if (size_) std::memcpy(chars, chars_, size_);
        ::operator delete(std::exchange(chars_, chars));
        capacity_ = capacity;
    }

    char* chars_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// Text that does not change and is mostly short, as the types of events are: up to 30 bytes lie in place.
class ShortText {
public:
    explicit ShortText(std::string_view text) {
        char* chars = inPlace_;
        if (text.size() < sizeof inPlace_) {
            size_ = static_cast<unsigned char>(text.size());
        } else {
            chars = static_cast<char*>(::operator new(text.size() + 1));
            const Long outside{chars, text.size()};
            std::memcpy(inPlace_, &outside, sizeof outside);
            size_ = isLong;
        }
        if (!text.empty()) std::memcpy(chars, text.data(), text.size());
        chars[text.size()] = '\0';
    }
    ShortText(const ShortText&) = delete;
    ShortText& operator=(const ShortText&) = delete;
    ~ShortText() {
        if (size_ == isLong) ::operator delete(outside().chars);
    }

    std::string_view view() const noexcept {
        if (size_ != isLong) [[likely]]
            return viewOf(inPlace_, size_);
        return viewOf(outside().chars, outside().size);
    }

private:
    struct Long {
        char* chars;
        std::size_t size;
    };
    static constexpr unsigned char isLong = 0xff;

    Long outside() const noexcept {
        Long outside;
        std::memcpy(&outside, inPlace_, sizeof outside);
        return outside;
    }

    char inPlace_[31];
    unsigned char size_;
};

/// Text that does not change, shared by its copies: copying it never throws, on whatever thread.
class SharedText {
public:
    explicit SharedText(std::string_view text) {
        if (text.empty()) return;
        block_ = ::new (::operator new(sizeof(Block) + text.size() + 1)) Block{};
        block_->size = text.size();
        std::memcpy(chars(), text.data(), text.size());
        chars()[text.size()] = '\0';
    }
    SharedText(const SharedText& other) noexcept : block_(other.block_) {
        if (block_) block_->count.fetch_add(1, std::memory_order_relaxed);
    }
    SharedText& operator=(SharedText other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~SharedText() {
        if (block_ && block_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(block_);
    }

    std::string_view view() const noexcept { return block_ ? viewOf(chars(), block_->size) : std::string_view(""); }
    /// With a zero at its end.
    const char* c_str() const noexcept { return view().data(); }

private:
    struct Block {
        std::atomic<std::size_t> count{1};
        std::size_t size = 0;
    };

    char* chars() const noexcept { return reinterpret_cast<char*>(block_ + 1); }

    Block* block_ = nullptr;
};

}
