// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
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
/// A list takes all that is freed. `giveSurplusBack`, which a loop calls before it sleeps and when it ends, gives the
/// slabs back that lie in it as a whole, but for `kept` bytes of each size; a loop that never sleeps keeps what it has
/// needed at once. Of a `MemorySource` a list never keeps more than that. Nothing is kept before the lists are opened,
/// by the thread's first loop or its first slab; nor after its thread_locals have gone; nor with AddressSanitizer, so that
/// it sees every use of what was freed.
///
/// A block may be freed on another thread than the one that made it, if the object was handed over.
class FreeLists {
public:
    static constexpr std::size_t granularity = 16;
    static constexpr std::size_t largest = 1024;
    static constexpr std::size_t kept = std::size_t{1} << 20;

    /// What `bytes` bytes take, in blocks of the granularity.
    static constexpr std::size_t units(std::size_t bytes) noexcept { return (bytes + granularity - 1) / granularity; }

    static void* allocate(std::size_t bytes) {
        if (bytes <= largest) [[likely]] {
            List& list = lists_.of[units(bytes)];
            if (Block* block = list.first) [[likely]] {
                list.first = block->next;
                ++list.room;
                return block;
            }
        }
        return allocateSlowly(units(bytes));
    }

    static void deallocate(void* memory, std::size_t bytes) noexcept { deallocateUnits(memory, units(bytes)); }
    static void deallocateUnits(void* memory, std::size_t units) noexcept {
        if (units <= largest / granularity) [[likely]] {
            List& list = lists_.of[units];
            if (--list.room >= 0) [[likely]] {
                list.first = ::new (memory) Block{list.first};
                return;
            }
        }
        deallocateSlowly(memory, units);
    }

    /// From here to the end of the thread its lists keep what is freed.
    static void open() {
        static thread_local Closer closer;
        static_cast<void>(closer);
    }

    /// Gives back what a burst has left beyond `kept` bytes of a size.
    static void giveSurplusBack() noexcept {
        if (!lists_.surplus) [[likely]]
            return;
        lists_.surplus = false;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            if (lists_.of[units].overfull) reclaim(units, kept);
        }
    }

    /// Gives all that is kept back.
    static void trim() noexcept {
        if (!keeps) return;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            lists_.source ? returnToSource(units) : reclaim(units, 0);
        }
    }

    /// How many slabs the thread owns.
    static std::size_t slabs() noexcept {
        std::size_t count = 0;
        for (const List& list : lists_.of) {
            for (const Slab* slab = list.slabs; slab; slab = slab->next()) ++count;
        }
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

    struct Block {
        Block* next;
    };

    struct List {
        Block* first = nullptr;
        // blocks it may still take: none until the lists are opened, none after the thread's end
        std::ptrdiff_t room = 0;
        Slab* slabs = nullptr; // the thread's own, of blocks of this size; the next block is carved from the first
        bool overfull = false; // it has taken more than it had room for
    };

    struct Lists {
        std::array<List, largest / granularity + 1> of{}; // by size in units
        MemorySource* source = nullptr;
        bool open = false;
        bool surplus = false; // some list is overfull
    };

    /// Opens the lists, and empties and closes them when the thread ends.
    struct Closer {
        Closer() noexcept {
            if (!keeps) return;
            lists_.open = true;
            for (std::size_t units = 1; units < lists_.of.size(); ++units) setRoom(units, 0);
        }
        ~Closer() {
            trim();
            lists_.open = false;
            for (std::size_t units = 1; units < lists_.of.size(); ++units) abandonSlabs(units);
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
        List& list = lists_.of[units];
        if (!list.slabs || !list.slabs->fits(bytes)) list.slabs = Slab::make(&lists_, list.slabs);
        Slab& slab = *list.slabs;
        void* const block = slab.carve(bytes);
        constexpr std::size_t stretch = 2048; // some more at once, in the order of their addresses
        Block** end = &list.first;
        for (std::size_t rest = stretch; rest >= bytes && slab.fits(bytes); rest -= bytes) {
            *end = ::new (slab.carve(bytes)) Block{nullptr};
            end = &(*end)->next;
            --list.room;
        }
        return block;
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
        if (units < lists_.of.size()) lists_.of[units].room = 0;
        if (!carves(units)) {
            lists_.source ? lists_.source->deallocate(memory, bytes) : ::operator delete(memory, bytes);
        } else if (lists_.open) {
            List& list = lists_.of[units];
            list.first = ::new (memory) Block{list.first};
            list.room = PTRDIFF_MAX / 2;
            list.overfull = lists_.surplus = true;
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
            for (Block* block = std::exchange(lists_.of[units].first, nullptr); block;) {
                static_cast<void>(Slab::bringBack(std::exchange(block, block->next))); // the slab is the thread's own
            }
            setRoom(units, 0);
        }
    }

    static void returnToSource(std::size_t units) noexcept {
        List& list = lists_.of[units];
        while (Block* block = list.first) {
            list.first = block->next;
            ++list.room;
            lists_.source->deallocate(block, units * granularity);
        }
    }

    /// Gives those slabs back whose blocks all lie in the list, but for `spared` bytes; without these, the blocks of
    /// other threads' slabs, too.
    static void reclaim(std::size_t units, std::size_t spared) noexcept {
        List& list = lists_.of[units];
        for (Block* block = list.first; block; block = block->next) {
            if (Slab& slab = Slab::of(block); slab.belongsTo(&lists_)) slab.count();
        }
        std::size_t rest = spared;
        for (Slab* slab = list.slabs; slab; slab = slab->next()) {
            if (!slab->whole()) continue;
            rest < Slab::size ? slab->leave() : static_cast<void>(rest -= Slab::size);
        }
        std::size_t length = 0;
        Block** end = &list.first;
        for (Block *block = list.first, *next = nullptr; block; block = next) {
            next = block->next;
            const Slab& slab = Slab::of(block);
            const bool own = slab.belongsTo(&lists_);
            if (own ? !slab.leaves() : spared > 0) {
                *end = block;
                end = &block->next;
                ++length;
            } else if (!own) {
                if (Slab* const gone = Slab::bringBack(block)) Slab::destroy(gone);
            }
        }
        *end = nullptr;
        Slab** link = &list.slabs;
        while (Slab* slab = *link) {
            if (slab->leaves()) {
                *link = slab->next();
                Slab::destroy(slab);
            } else {
                slab->forgetCount();
                link = &slab->link();
            }
        }
        setRoom(units, length);
    }

    /// Those that others still have blocks of.
    static void abandonSlabs(std::size_t units) noexcept {
        List& list = lists_.of[units];
        for (Block* block = std::exchange(list.first, nullptr); block; block = block->next) Slab::of(block).count();
        while (Slab* slab = list.slabs) {
            list.slabs = slab->next();
            Slab::abandon(slab);
        }
        list.room = 0;
    }

    /// For a list of `length` blocks: room for as many again as could not be given back, or a long list would be walked
    /// again and again.
    static void setRoom(std::size_t units, std::size_t length) noexcept {
        List& list = lists_.of[units];
        const std::size_t room = kept / (units * granularity);
        list.room = lists_.open ? static_cast<std::ptrdiff_t>(room > 2 * length ? room - length : length) : 0;
        list.overfull = false;
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
