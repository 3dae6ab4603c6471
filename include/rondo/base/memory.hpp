// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/slab.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace rondo::base {

/// Where a thread's frames, states and callback blocks come from, one by one, when its free lists have none.
///
/// Without one, blocks are carved from slabs. One is installed by `MemorySource::replace`, on a thread that holds no
/// block: a block goes back to the source that is installed when it is freed.
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
/// A list may grow beyond `kept` bytes; `giveSurplusBack`, which a loop calls before it sleeps and when it ends, gives
/// the slabs back that lie in it as a whole. Before the thread's first loop has opened the lists, and after the
/// thread_locals have gone, a slab is given back as soon as all its blocks are freed. Of a `MemorySource` a list never
/// keeps more. With AddressSanitizer nothing is kept, so that it sees every use of what was freed.
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
            if (lists_.of[units].overfull) reclaim(units, kept, false);
        }
    }

    /// Gives all that is kept back.
    static void trim() noexcept { trim(false); }

    /// How many slabs the thread's blocks lie in.
    static std::size_t slabs() noexcept { return lists_.slabs; }

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
        std::ptrdiff_t room =
            0; // blocks it may still take: none until the lists are opened, none after the thread's end
        Slab* carved = nullptr; // the slab that the next block comes from
        bool overfull = false;  // it has taken more than it had room for
    };

    struct Lists {
        std::array<List, largest / granularity + 1> of{}; // by size in units
        MemorySource* source = nullptr;
        std::size_t slabs = 0;
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
            lists_.open = false;
            trim(true);
            for (List& list : lists_.of) list.room = 0;
        }
        Closer(const Closer&) = delete;
        Closer& operator=(const Closer&) = delete;
    };

    /// Whether blocks of that many units lie in slabs.
    static bool carves(std::size_t units) noexcept { return keeps && !lists_.source && units <= largest / granularity; }

    [[gnu::noinline]] static void* allocateSlowly(std::size_t units) {
        const std::size_t bytes = units * granularity;
        if (!carves(units)) return lists_.source ? lists_.source->allocate(bytes) : ::operator new(bytes);
        List& list = lists_.of[units];
        if (!list.carved || !list.carved->fits(bytes)) {
            list.carved = Slab::make();
            ++lists_.slabs;
        }
        void* const block = list.carved->carve(bytes);
        if (lists_.open) { // some more at once, in the order of their addresses
            constexpr std::size_t stretch = 2048;
            Block** end = &list.first;
            for (std::size_t rest = stretch; rest >= bytes && list.carved->fits(bytes); rest -= bytes) {
                *end = ::new (list.carved->carve(bytes)) Block{nullptr};
                end = &(*end)->next;
                --list.room;
            }
        }
        return block;
    }

    /// A block that its list has no room for, or that has no list.
    [[gnu::noinline]] static void deallocateSlowly(void* memory, std::size_t units) noexcept {
        const std::size_t bytes = units * granularity;
        if (!carves(units)) {
            if (units < lists_.of.size()) lists_.of[units].room = 0;
            lists_.source ? lists_.source->deallocate(memory, bytes) : ::operator delete(memory, bytes);
            return;
        }
        List& list = lists_.of[units];
        if (lists_.open) {
            list.first = ::new (memory) Block{list.first};
            list.room = PTRDIFF_MAX / 2;
            list.overfull = lists_.surplus = true;
            return;
        }
        list.room = 0;
        Slab& slab = Slab::of(memory);
        slab.takeBack();
        if (slab.whole()) destroy(slab, list);
    }

    static void trim(bool closing) noexcept {
        for (std::size_t units = 1; units < lists_.of.size(); ++units) {
            if (lists_.source || !keeps) {
                List& list = lists_.of[units];
                while (Block* block = list.first) {
                    list.first = block->next;
                    ++list.room;
                    lists_.source->deallocate(block, units * granularity);
                }
            } else {
                reclaim(units, 0, closing);
            }
        }
    }

    /// Gives those slabs back whose blocks all lie in the list, but for `spared` bytes. A list that closes loses its
    /// blocks: they are back in their slabs.
    static void reclaim(std::size_t units, std::size_t spared, bool closing) noexcept {
        List& list = lists_.of[units];
        Slab* seen = nullptr;
        for (Block* block = list.first; block; block = block->next) seen = Slab::of(block).count(seen);
        Slab* leaving = nullptr;
        for (Slab* slab = seen; slab;) {
            Slab* const next = slab->next();
            if (slab->countedWhole() && spared < Slab::size) {
                leaving = slab->leave(leaving);
            } else {
                if (slab->countedWhole()) spared -= Slab::size;
                slab->stay(closing);
            }
            slab = next;
        }
        std::size_t length = 0;
        Block** end = &list.first;
        for (Block* block = list.first; block; block = block->next) {
            if (closing || Slab::of(block).leaves()) continue;
            *end = block;
            end = &block->next;
            ++length;
        }
        *end = nullptr;
        while (leaving) destroy(*std::exchange(leaving, leaving->next()), list);
        setRoom(units, length);
    }

    /// For a list of `length` blocks; twice what could not be given back, or a list that is long would be walked again
    /// and again.
    static void setRoom(std::size_t units, std::size_t length) noexcept {
        List& list = lists_.of[units];
        const std::size_t room = kept / (units * granularity);
        list.room = lists_.open ? static_cast<std::ptrdiff_t>(room > 2 * length ? room - length : length) : 0;
        list.overfull = false;
    }

    static void destroy(Slab& slab, List& list) noexcept {
        if (list.carved == &slab) list.carved = nullptr;
        Slab::destroy(&slab);
        --lists_.slabs;
    }

    static thread_local Lists lists_;
};

constinit inline thread_local FreeLists::Lists FreeLists::lists_{};

inline MemorySource* MemorySource::replace(MemorySource* source) noexcept {
    FreeLists::trim();
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
