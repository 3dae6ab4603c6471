// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace rondo::base {

/// A piece of memory that blocks of one size are carved from, one beside the other. It is so aligned that a block finds
/// its slab; blocks are aligned to `alignof(std::max_align_t)`.
///
/// It knows how many blocks it has carved, and when all of them are back.
class Slab {
public:
    static constexpr std::align_val_t alignment{std::size_t{1} << 18};
    /// With what `malloc` writes before it, the next one fits right behind.
    static constexpr std::size_t size = static_cast<std::size_t>(alignment) - 64;

    static Slab& of(void* block) noexcept {
        return *reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(block) &
                                        ~(static_cast<std::uintptr_t>(alignment) - 1));
    }

    static Slab* make() { return ::new (::operator new(size, alignment)) Slab(); }
    static void destroy(Slab* slab) noexcept { ::operator delete(slab, size, alignment); }

    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;

    bool fits(std::size_t bytes) const noexcept { return carved_ * bytes + bytes <= size - sizeof(Slab); }
    /// One block more, which fits.
    void* carve(std::size_t bytes) noexcept {
        return reinterpret_cast<std::byte*>(this) + sizeof(Slab) + bytes * carved_++;
    }

    /// A block is back, and is not given out again.
    void takeBack() noexcept { ++back_; }
    bool whole() const noexcept { return back_ == carved_; }

    /// Counts a block that waits in a free list, and puts the slab before `seen` when it is the first.
    Slab* count(Slab* seen) noexcept {
        if (counted_++ > 0) return seen;
        next_ = seen;
        return this;
    }
    Slab* next() const noexcept { return next_; }
    /// All blocks are back or have been counted.
    bool countedWhole() const noexcept { return back_ + counted_ == carved_; }
    /// The count is over, and the slab stays: what was counted waits on, or is back.
    void stay(bool takesBack) noexcept {
        if (takesBack) back_ += counted_;
        counted_ = 0;
    }
    /// The count is over, and the slab is to go, before `leaving`.
    Slab* leave(Slab* leaving) noexcept {
        next_ = leaving;
        return this;
    }
    bool leaves() const noexcept { return counted_ > 0; }

private:
    Slab() noexcept = default;
    ~Slab() = default;

    std::uint32_t carved_ = 0;
    std::uint32_t back_ = 0;
    std::uint32_t counted_ = 0;
    Slab* next_ = nullptr;
    std::size_t alignsBlocks_ = 0;
};

static_assert(sizeof(Slab) % alignof(std::max_align_t) == 0);

}
