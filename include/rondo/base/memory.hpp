// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/base/free_list.hpp>
#include <rondo/base/order.hpp>
#include <rondo/base/slab.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace rondo::base {

/// Where a thread's frames, states and callback blocks come from, one by one, when its free lists have none.
///
/// Without one, blocks are carved from slabs. One is installed by `MemorySource::replace`: while it is, no block may be
/// freed that was made before.
class MemorySource {
public:
    virtual ~MemorySource() = default;

    /// Returns `bytes` bytes aligned to `alignof(std::max_align_t)`, or throws `std::bad_alloc`.
    virtual void* allocate(std::size_t bytes) = 0;
    virtual void deallocate(void* block, std::size_t bytes) noexcept = 0;

    /// Makes `source` (null: slabs) this thread's, and returns the one before. What lies in the thread's free lists is
    /// given back first.
    static MemorySource* replace(MemorySource* source) noexcept;
};

/// Free lists by size, one set a thread: a steady program does not call `malloc`.
///
/// A list takes all that is freed. What lies in it for a second and nobody needs goes back, slab by slab, but for `kept`
/// bytes of each size: the loop calls `giveIdleBack` before it sleeps, and wakes up for it if there is much. So what comes
/// in bursts finds its memory again, and when the bursts end it goes. When a loop ends, all but that goes. A slab goes as a
/// whole: one block in use keeps it. A list of which none could go waits until it has doubled, or the loop ends. A loop that never sleeps keeps what it has needed at once, and so does one in virtual
/// time until the time has moved on. Of a `MemorySource` a list never keeps more than `kept`. Nothing is kept before the
/// lists are opened, by the thread's first loop or its first slab; nor after its thread_locals have gone; nor with
/// AddressSanitizer, so that it sees every use of what was freed.
///
/// A block may be freed on another thread than the one that made it, if the object was handed over.
class FreeLists {
public:
    static constexpr std::size_t granularity = 16;
    static constexpr std::size_t largest = 1024;
    static constexpr std::size_t kept = FreeList::kept;

    /// What `bytes` bytes take, in blocks of the granularity.
    static constexpr std::size_t units(std::size_t bytes) noexcept { return (bytes + granularity - 1) / granularity; }

    static void* allocate(std::size_t bytes) {
        if (bytes <= largest) [[likely]] {
            if (FreeBlock* const block = lists_.of[units(bytes)].pop()) [[likely]]
                return block;
        }
        return allocateSlowly(units(bytes));
    }

    static void deallocate(void* memory, std::size_t bytes) noexcept { deallocateUnits(memory, units(bytes)); }
    static void deallocateUnits(void* memory, std::size_t units) noexcept {
        if (units <= largest / granularity && lists_.of[units].take(memory)) [[likely]]
            return;
        deallocateSlowly(memory, units);
    }

    /// From here to the end of the thread its lists keep what is freed.
    static void open() {
        static thread_local Closer closer;
        static_cast<void>(closer);
    }

    /// When there may be something to give back, on the clock of the loop; `INT64_MAX` if there is nothing.
    static std::int64_t nextLook() noexcept { return lists_.nextLook; }

    /// Gives back what nobody has needed for a second.
    static void giveIdleBack(std::int64_t now) noexcept {
        if (now < lists_.nextLook) return;
        constexpr std::int64_t pause = 1'000'000; // between two looks of which the first did not do all
        constexpr std::int64_t second = 1'000'000'000;
        FreeList::Look next = FreeList::Look::never;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            next = greater(next, lists_.of[units].look(&lists_, units * granularity));
        }
        lists_.nextLook = next == FreeList::Look::never
                              ? never
                              : lesser(now, never - second) + (next == FreeList::Look::soon ? pause : second);
    }

    /// The loop ends, and its clock: gives back what there is beyond `kept` bytes of a size.
    static void giveSurplusBack() noexcept {
        lists_.nextLook = never;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            lists_.of[units].reduce(&lists_, units * granularity);
        }
    }

    /// Gives all that is kept back.
    static void trim() noexcept {
        if (!keeps) return;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            if (lists_.source) {
                returnToSource(units);
            } else {
                lists_.of[units].trim(&lists_, units * granularity);
            }
        }
    }

    /// How many slabs the thread owns.
    static std::size_t slabs() noexcept {
        std::size_t count = 0;
        for (const FreeList& list : lists_.of) count += list.slabs();
        return count;
    }

    /// False with AddressSanitizer.
    static constexpr bool keepsBlocks() noexcept { return keeps; }

private:
    friend class MemorySource;

#if defined(__SANITIZE_ADDRESS__)
    static constexpr bool keeps = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    static constexpr bool keeps = false;
#else
    static constexpr bool keeps = true;
#endif
#else
    static constexpr bool keeps = true;
#endif

    static constexpr std::int64_t never = INT64_MAX;

    struct Lists {
        std::array<FreeList, largest / granularity + 1> of{}; // by size in units
        MemorySource* source = nullptr;
        bool open = false;
        std::int64_t nextLook = never;
    };

    /// Opens the lists, and empties and closes them when the thread ends.
    struct Closer {
        Closer() noexcept {
            if (!keeps) return;
            lists_.open = true;
            for (std::size_t units = 1; units < lists_.of.size(); ++units) lists_.of[units].open(units * granularity);
        }
        ~Closer() {
            trim();
            lists_.open = false;
            for (std::size_t units = 1; units < lists_.of.size(); ++units) lists_.of[units].abandon(&lists_);
        }
        Closer(const Closer&) = delete;
        Closer& operator=(const Closer&) = delete;
    };

    /// Whether blocks of that many units lie in slabs.
    static bool carves(std::size_t units) noexcept { return keeps && !lists_.source && units <= largest / granularity; }

    [[gnu::noinline]] static void* allocateSlowly(std::size_t units) {
        RONDO_ASSERT(units > 0, "a block of no bytes is asked for");
        const std::size_t bytes = units * granularity;
        if (!carves(units)) return lists_.source ? lists_.source->allocate(bytes) : ::operator new(bytes);
        open();
        if (!lists_.open) return allocateLate(bytes);
        return lists_.of[units].allocate(&lists_, bytes);
    }

    /// When the lists have been closed: each block has a slab to itself.
    static void* allocateLate(std::size_t bytes) {
        Slab* const slab = Slab::make(nullptr, nullptr);
        void* const block = slab->carve(bytes);
        Slab::abandon(slab);
        return block;
    }

    /// A block that its list has no room for, or that has no list.
    [[gnu::noinline]] static void deallocateSlowly(void* memory, std::size_t units) noexcept {
        const std::size_t bytes = units * granularity;
        if (units < lists_.of.size()) lists_.of[units].refuse();
        if (!carves(units)) {
            lists_.source ? lists_.source->deallocate(memory, bytes) : ::operator delete(memory, bytes);
        } else if (lists_.open) {
            lists_.of[units].takeMore(memory);
            if (lists_.nextLook == never) lists_.nextLook = 0; // at once
        } else {
            bringBackLate(memory);
        }
    }

    /// When the lists are closed. A slab that goes then goes one later, or with the thread: without optimisation Clang
    /// reads what leaves a coroutine before its body begins from the frame that has been freed.
    static void bringBackLate(void* memory) noexcept {
        struct Late {
            Slab* slab = nullptr;
            ~Late() {
                if (slab) Slab::destroy(std::exchange(slab, nullptr));
            }
        };
        static thread_local Late late;
        if (Slab* const gone = Slab::bringBack(memory)) {
            if (Slab* const before = std::exchange(late.slab, gone)) Slab::destroy(before);
        }
    }

    /// What could not be given back, for other blocks of its slab are held: it waits for them, and is not used again.
    static void emptyLists() noexcept {
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            FreeList& list = lists_.of[units];
            list.join(&lists_);
            while (FreeBlock* const block = list.pop()) {
                static_cast<void>(Slab::bringBack(block)); // the slab is the thread's own
            }
            lists_.open ? list.open(units * granularity) : list.refuse();
        }
    }

    static void returnToSource(std::size_t units) noexcept {
        while (FreeBlock* const block = lists_.of[units].pop()) lists_.source->deallocate(block, units * granularity);
    }

    static thread_local Lists lists_;
};

constinit inline thread_local FreeLists::Lists FreeLists::lists_{};

inline MemorySource* MemorySource::replace(MemorySource* source) noexcept {
    FreeLists::trim();
    FreeLists::emptyLists();
    return std::exchange(FreeLists::lists_.source, source);
}

/// A base for what is made by `new` out of the free lists. What is aligned to more than they are, because it holds
/// a closure that captured such a thing, comes from the global heap.
struct Pooled {
    static void* operator new(std::size_t bytes) { return FreeLists::allocate(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept { FreeLists::deallocate(memory, bytes); }
    static void* operator new(std::size_t bytes, std::align_val_t alignment) {
        return ::operator new(bytes, alignment);
    }
    static void operator delete(void* memory, std::size_t bytes, std::align_val_t alignment) noexcept {
        ::operator delete(memory, bytes, alignment);
    }
};

}
