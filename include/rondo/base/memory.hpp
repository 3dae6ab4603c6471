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
/// A list takes all that is freed. A loop calls `giveIdleBack` before it sleeps: the slabs that lie in a list as a whole,
/// and that nobody has needed for a second, are given back, but for `kept` bytes of each size. So what comes in bursts
/// finds its memory again, and when the bursts end it goes. When a loop ends all but that goes; one that never sleeps
/// keeps what it has needed at once. Of a `MemorySource` a list never keeps more than that. Nothing is kept before the
/// lists are opened, by the thread's first loop or its first slab; nor after its thread_locals have gone; nor with
/// AddressSanitizer, so that it sees every use of what was freed.
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
            if (FreeBlock* block = list.first) [[likely]] {
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
                list.first = ::new (memory) FreeBlock{list.first};
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

    /// Some list has more than it keeps.
    static bool surplus() noexcept { return lists_.surplus; }

    /// Gives back what beyond `kept` bytes of a size nobody has needed since the last call, but at most once in a
    /// second of `now`, which is in nanoseconds.
    static void giveIdleBack(std::int64_t now) noexcept {
        constexpr std::int64_t second = 1'000'000'000;
        if (!lists_.surplus || now < lists_.notBefore) return;
        lists_.surplus = false;
        lists_.notBefore = now + second;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            List& list = lists_.of[units];
            const bool used = list.overfull;
            if (!used && !list.rested) continue;
            const std::size_t idle = list.join() * units * granularity;
            const bool gone = idle >= Slab::size && reclaim(units, idle, kept);
            if (used || gone) rest(units); // if none can go it is not tried again before the list has doubled
        }
    }

    /// Gives back what there is beyond `kept` bytes of a size.
    static void giveSurplusBack() noexcept {
        if (!std::exchange(lists_.surplus, false)) return;
        lists_.notBefore = 0;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            if (List& list = lists_.of[units]; list.rested || list.overfull) reclaim(units, all, kept);
        }
    }

    /// Gives all that is kept back.
    static void trim() noexcept {
        if (!keeps) return;
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            lists_.source ? returnToSource(units) : static_cast<void>(reclaim(units, all, 0));
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

    struct List {
        FreeBlock* first = nullptr;
        FreeBlock* rested = nullptr; // those that lay in an overfull list when it was last looked at, and still do
        // blocks it may still take: none until the lists are opened, none after the thread's end
        std::ptrdiff_t room = 0;
        Slab* slabs = nullptr; // the thread's own, of blocks of this size; the next block is carved from the first
        bool overfull = false; // it has taken more than it had room for

        /// Puts those that have rested before the others, and says how many they were.
        std::size_t join() noexcept {
            std::size_t length = 0;
            FreeBlock** end = &rested;
            for (; *end; end = &(*end)->next) ++length;
            *end = first;
            first = std::exchange(rested, nullptr);
            return length;
        }
    };

    struct Lists {
        std::array<List, largest / granularity + 1> of{}; // by size in units
        MemorySource* source = nullptr;
        bool open = false;
        bool surplus = false;       // some list is overfull, or some blocks rest
        std::int64_t notBefore = 0; // when the lists are looked at again
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
        constexpr std::size_t stretch = 2048; // some more at once, in the order of their addresses
        FreeBlock** end = &list.first;
        if (list.rested) {
            FreeBlock* const block = std::exchange(list.rested, list.rested->next);
            for (std::size_t more = stretch; more >= bytes && list.rested; more -= bytes) {
                *end = std::exchange(list.rested, list.rested->next);
                end = &(*end)->next;
                --list.room;
            }
            *end = nullptr;
            return block;
        }
        if (!list.slabs || !list.slabs->fits(bytes)) list.slabs = Slab::make(&lists_, list.slabs);
        Slab& slab = *list.slabs;
        void* const block = slab.carve(bytes);
        for (std::size_t more = stretch; more >= bytes && slab.fits(bytes); more -= bytes) {
            *end = ::new (slab.carve(bytes)) FreeBlock{nullptr};
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
            list.first = ::new (memory) FreeBlock{list.first};
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
            lists_.of[units].join();
            for (FreeBlock* block = std::exchange(lists_.of[units].first, nullptr); block;) {
                static_cast<void>(Slab::bringBack(std::exchange(block, block->next))); // the slab is the thread's own
            }
            setRoom(units, 0);
        }
    }

    static void returnToSource(std::size_t units) noexcept {
        List& list = lists_.of[units];
        list.join();
        while (FreeBlock* block = list.first) {
            list.first = block->next;
            ++list.room;
            lists_.source->deallocate(block, units * granularity);
        }
    }

    /// Sets aside what lies in the list. What of it is needed before the next time is taken from there.
    static void rest(std::size_t units) noexcept {
        List& list = lists_.of[units];
        list.rested = std::exchange(list.first, nullptr);
        lists_.surplus = true;
        setRoom(units, 0);
    }

    /// Gives slabs back whose blocks all lie in the list, `most` bytes of them and not the last `spared` bytes. If nothing
    /// is spared, the blocks of other threads' slabs go back, too. False if no slab has gone.
    static bool reclaim(std::size_t units, std::size_t most, std::size_t spared) noexcept {
        List& list = lists_.of[units];
        list.join();
        std::size_t length = 0;
        for (FreeBlock* block = std::exchange(list.first, nullptr); block;) {
            FreeBlock* const each = std::exchange(block, block->next);
            if (Slab& slab = Slab::of(each); slab.belongsTo(&lists_)) {
                slab.take(each);
            } else if (spared > 0) {
                list.first = ::new (static_cast<void*>(each)) FreeBlock{list.first};
                ++length;
            } else if (Slab* const gone = Slab::bringBack(each)) {
                Slab::destroy(gone);
            }
        }
        bool any = false;
        Slab** link = &list.slabs;
        while (Slab* slab = *link) {
            const bool whole = slab->whole();
            if (whole && spared == 0 && most >= Slab::size) {
                any = true;
                most -= Slab::size;
                *link = slab->next();
                Slab::destroy(slab);
                continue;
            }
            if (whole) spared -= spared < Slab::size ? spared : Slab::size;
            length += slab->put(list.first);
            link = &slab->link();
        }
        setRoom(units, length);
        return any;
    }
    static constexpr std::size_t all = SIZE_MAX;

    /// Those that others still have blocks of.
    static void abandonSlabs(std::size_t units) noexcept {
        List& list = lists_.of[units];
        for (FreeBlock* block = std::exchange(list.first, nullptr); block;) {
            FreeBlock* const each = std::exchange(block, block->next);
            Slab::of(each).take(each);
        }
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
