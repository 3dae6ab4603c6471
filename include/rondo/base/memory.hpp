// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace rondo::base {

/// Where a thread's frames, states and callback blocks come from when its free lists have none.
///
/// The default is the global `operator new`. Another one is installed by `MemorySource::replace`, on a thread
/// that holds no block: a block goes back to the source that is installed when it is freed.
class MemorySource {
public:
    virtual ~MemorySource() = default;

    /// Returns `bytes` bytes aligned to `alignof(std::max_align_t)`, or throws `std::bad_alloc`.
    virtual void* allocate(std::size_t bytes) = 0;
    virtual void deallocate(void* block, std::size_t bytes) noexcept = 0;

    /// Makes `source` (null: the default) this thread's, and returns the one before. What lies in the thread's
    /// free lists is given back first.
    static MemorySource* replace(MemorySource* source) noexcept;
};

/// Free lists by size, one set a thread: a steady program does not call `malloc`.
///
/// A list keeps at most `kept` bytes; what is freed beyond that goes back to the source at once, and so does all
/// before the thread's first loop has opened the lists, and after its thread_locals have gone. With AddressSanitizer
/// nothing is kept, so that it sees every use of what was freed.
class FreeLists {
public:
    static constexpr std::size_t granularity = 16;
    static constexpr std::size_t largest = 1024;
    static constexpr std::size_t kept = std::size_t{1} << 20;

    static void* allocate(std::size_t bytes) {
        if (bytes <= largest) [[likely]] {
            List& list = lists_.of(bytes);
            if (Block* block = list.first) [[likely]] {
                list.first = block->next;
                ++list.room;
                return block;
            }
        }
        return allocateSlowly(bytes);
    }

    static void deallocate(void* memory, std::size_t bytes) noexcept {
        if (bytes <= largest) [[likely]] {
            List& list = lists_.of(bytes);
            if (list.room > 0) [[likely]] {
                auto* block = ::new (memory) Block{list.first};
                list.first = block;
                --list.room;
                return;
            }
        }
        give(memory, bytes);
    }

    /// From here to the end of the thread its lists keep what is freed.
    static void open() {
        static thread_local Closer closer;
        static_cast<void>(closer);
    }

    /// Gives all that is kept back to the source.
    static void trim() noexcept {
        for (std::size_t bytes = granularity; bytes <= largest; bytes += granularity) {
            List& list = lists_.of(bytes);
            while (Block* block = list.first) {
                list.first = block->next;
                ++list.room;
                give(block, bytes);
            }
        }
    }

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
        std::size_t room = 0; // blocks it may still take: none until the lists are opened, none after the thread's end
    };

    struct Lists {
        std::array<List, largest / granularity + 1> bySize{};
        MemorySource* source = nullptr;

        List& of(std::size_t bytes) noexcept { return bySize[(bytes + granularity - 1) / granularity]; }
    };

    /// Opens the lists, and empties and closes them when the thread ends.
    struct Closer {
        Closer() noexcept {
            for (std::size_t bytes = granularity; keeps && bytes <= largest; bytes += granularity) {
                lists_.of(bytes).room = kept / bytes;
            }
        }
        ~Closer() {
            trim();
            for (List& list : lists_.bySize) list.room = 0;
        }
        Closer(const Closer&) = delete;
        Closer& operator=(const Closer&) = delete;
    };

    static constexpr std::size_t rounded(std::size_t bytes) noexcept {
        return (bytes + granularity - 1) / granularity * granularity;
    }

    [[gnu::noinline]] static void* allocateSlowly(std::size_t bytes) {
        const std::size_t size = rounded(bytes);
        return lists_.source ? lists_.source->allocate(size) : ::operator new(size);
    }

    [[gnu::noinline]] static void give(void* memory, std::size_t bytes) noexcept {
        const std::size_t size = rounded(bytes);
        if (lists_.source) {
            lists_.source->deallocate(memory, size);
        } else {
            ::operator delete(memory, size);
        }
    }

    static thread_local Lists lists_;
};

constinit inline thread_local FreeLists::Lists FreeLists::lists_{};

inline MemorySource* MemorySource::replace(MemorySource* source) noexcept {
    FreeLists::trim();
    MemorySource* before = FreeLists::lists_.source;
    FreeLists::lists_.source = source;
    return before;
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
