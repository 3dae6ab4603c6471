// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace rondo::base {

/// A block that is free.
struct FreeBlock {
    FreeBlock* next;
};

/// A piece of memory that blocks of one size are carved from, one beside the other. It is so aligned that a block finds
/// its slab; blocks are aligned to `alignof(std::max_align_t)`.
///
/// A slab has an owner, the free lists of the thread that made it, which alone carve from it, take blocks back and destroy it. A
/// block may end its life on another thread, to which it was handed over: there it is used again, or brought back.
class alignas(std::max_align_t) Slab {
public:
    static constexpr std::size_t size = std::size_t{1} << 18;

    static Slab& of(void* block) noexcept {
        const auto offset = reinterpret_cast<std::uintptr_t>(block) & (size - 1);
        return *reinterpret_cast<Slab*>(static_cast<std::byte*>(block) - offset);
    }

    /// One more for an owner, before the others in `all`, which may be null.
    static Slab* make(const void* owner, Slab* all) {
        return ::new (::operator new(size, std::align_val_t{size})) Slab(owner, all);
    }
    static void destroy(Slab* slab) noexcept {
        slab->~Slab();
        ::operator delete(slab, size, std::align_val_t{size});
    }

    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;

    bool belongsTo(const void* owner) const noexcept { return owner_.load(std::memory_order_relaxed) == owner; }

    bool fits(std::size_t bytes) const noexcept { return carved_ * bytes + bytes <= size - sizeof(Slab); }
    /// One block more, which fits.
    void* carve(std::size_t bytes) noexcept {
        return reinterpret_cast<std::byte*>(this) + sizeof(Slab) + bytes * carved_++;
    }

    /// Brings a block back to a slab of another thread, or of one that has ended. Returns the slab if it was the last
    /// one: then it must be destroyed.
    [[nodiscard]] static Slab* bringBack(void* block) noexcept {
        Slab& slab = of(block);
        return slab.away_.fetch_sub(1, std::memory_order_acq_rel) == 1 ? &slab : nullptr;
    }
    /// The owner ends: whoever brings the last block back destroys the slab, at once if there is none. What has been
    /// taken is back.
    static void abandon(Slab* slab) noexcept {
        slab->owner_.store(nullptr, std::memory_order_relaxed);
        const auto away = static_cast<std::int32_t>(slab->carved_ - slab->count_);
        if (slab->away_.fetch_add(away, std::memory_order_acq_rel) == -away) destroy(slab);
    }

    /// Takes a block out of its owner's free list.
    void take(FreeBlock* block) noexcept {
        if (!taken_) last_ = block;
        block->next = taken_;
        taken_ = block;
        ++count_;
    }
    /// All blocks have been taken, or brought back.
    bool whole() const noexcept {
        return static_cast<std::int32_t>(carved_ - count_) == -away_.load(std::memory_order_acquire);
    }
    /// Puts what was taken into the list, before the others, and says how many they are.
    std::size_t put(FreeBlock*& list) noexcept {
        if (!taken_) return 0;
        last_->next = list;
        list = std::exchange(taken_, nullptr);
        return std::exchange(count_, 0);
    }

    /// The next one in its owner's list.
    Slab* next() const noexcept { return next_; }
    Slab*& link() noexcept { return next_; }

private:
    Slab(const void* owner, Slab* all) noexcept : owner_(owner), next_(all) {}
    ~Slab() = default;

    std::atomic<const void*> owner_;
    Slab* next_;
    std::uint32_t carved_ = 0;
    std::uint32_t count_ = 0; // of those taken
    FreeBlock* taken_ = nullptr;
    FreeBlock* last_ = nullptr;
    std::atomic<std::int32_t> away_ = 0; // less than 0: brought back; more, when the owner has ended: still to come
};

}
