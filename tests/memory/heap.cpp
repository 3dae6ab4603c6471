// SPDX-License-Identifier: MIT
#include "heap.hpp"

#include "../support/sanitizers.hpp"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace {

/// What stands before each block.
struct alignas(std::max_align_t) Header {
    enum class Kind : std::uint32_t { counted = 0xA110CA7E, own = 0x0A110CA7, free = 0xF7EEF7EE };

    std::size_t size;
    std::uint32_t before; // the bytes between what `malloc` gave and the block
    Kind kind;
    Header* next; // of those that are freed late
};

std::atomic<long> blocksInUse{0};
std::atomic<std::size_t> bytesInUse{0};
std::atomic<bool> armed{false};
std::atomic<bool> endsHere{false};
std::atomic<long> allocated{0};
std::atomic<long> failed{0};
long firstFailure = 0;
long failureCount = 0;

constinit thread_local bool isOwn = false;
constinit thread_local bool isAttacker = false;

[[noreturn]] void die(const char* sentence) {
    std::fprintf(stderr, "\nthe heap: %s\n", sentence);
    std::abort();
}

/// See `coroutinesMayRunOutOfMemory`: where that compiler reads a frame that has gone, while an exception is on its way,
/// blocks are given back when it has been caught.
class FreedLate {
public:
    static constexpr bool needed = !coroutinesMayRunOutOfMemory;

    static void keep(Header* header) noexcept {
        static thread_local const AtThreadsEnd atThreadsEnd;
        static_cast<void>(atThreadsEnd);
        header->next = first_;
        first_ = header;
    }
    static void release() noexcept {
        while (first_) {
            Header* const header = first_;
            first_ = header->next;
            std::free(reinterpret_cast<char*>(header + 1) - header->before);
        }
    }

private:
    struct AtThreadsEnd {
        AtThreadsEnd() noexcept = default;
        AtThreadsEnd(const AtThreadsEnd&) = delete;
        AtThreadsEnd& operator=(const AtThreadsEnd&) = delete;
        ~AtThreadsEnd() { release(); }
    };

    static constinit inline thread_local Header* first_ = nullptr;
};

bool fails() noexcept {
    if (!armed.load(std::memory_order_relaxed) || endsHere.load(std::memory_order_relaxed) != isAttacker) return false;
    const long number = allocated.fetch_add(1);
    if (number < firstFailure || number >= firstFailure + failureCount) return false;
    ++failed;
    return true;
}

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (FreedLate::needed && std::uncaught_exceptions() == 0) FreedLate::release();
    if (!isOwn && fails()) return nullptr;
    const std::size_t before = alignment > sizeof(Header) ? alignment : sizeof(Header);
    const std::size_t bytes = before + size;
    void* const memory = alignment > alignof(std::max_align_t)
                             ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
                             : std::malloc(bytes);
    if (!memory) return nullptr;
    char* const block = static_cast<char*>(memory) + before;
    const auto kind = isOwn ? Header::Kind::own : Header::Kind::counted;
    ::new (static_cast<void*>(block - sizeof(Header))) Header{size, static_cast<std::uint32_t>(before), kind, nullptr};
    if (kind == Header::Kind::counted) {
        ++blocksInUse;
        bytesInUse += size;
    }
    return block;
}

void* allocateOrThrow(std::size_t size, std::size_t alignment) {
    if (void* const block = allocate(size, alignment)) return block;
    throw std::bad_alloc();
}

Header* headerOf(void* block) noexcept { return static_cast<Header*>(block) - 1; }

void deallocate(void* block) noexcept {
    if (!block) return;
    Header* const header = headerOf(block);
    if (header->kind == Header::Kind::free) die("a block is given back twice");
    if (header->kind != Header::Kind::counted && header->kind != Header::Kind::own)
        die("what is given back is no block, or somebody has written in front of it");
    if (header->kind == Header::Kind::counted) {
        --blocksInUse;
        bytesInUse -= header->size;
    }
    header->kind = Header::Kind::free;
    const bool unwinding = std::uncaught_exceptions() > 0; // then a fault of Clang's reads what has gone
    if (!unwinding && !withAddressSanitizer) std::memset(block, 0xDD, header->size);
    if (FreedLate::needed && unwinding) return FreedLate::keep(header);
    std::free(static_cast<char*>(block) - header->before);
}

void deallocate(void* block, std::size_t size) noexcept {
    if (block && headerOf(block)->size != size) die("a block is given back with another size than it was taken with");
    deallocate(block);
}

constexpr std::size_t usual = alignof(std::max_align_t);
std::size_t of(std::align_val_t alignment) noexcept { return static_cast<std::size_t>(alignment); }

}

long heap::blocks() noexcept { return blocksInUse; }
std::size_t heap::bytes() noexcept { return bytesInUse; }

void heap::endAfter(long successes, long failures, Victim victim) noexcept {
    isAttacker = true;
    endsHere = victim == Victim::thisThread;
    firstFailure = successes;
    failureCount = failures;
    allocated = failed = 0;
    armed = true;
}
void heap::restore() noexcept {
    armed = false;
    if (FreedLate::needed && std::uncaught_exceptions() == 0) FreedLate::release();
}

long heap::allocations() noexcept { return allocated; }
long heap::failures() noexcept { return failed; }

heap::OwnMemory::OwnMemory(bool own) noexcept : outer_(std::exchange(isOwn, own)) {}
heap::OwnMemory::~OwnMemory() { isOwn = outer_; }

// NOLINTBEGIN(misc-new-delete-overloads): all there are
void* operator new(std::size_t size) { return allocateOrThrow(size, usual); }
void* operator new[](std::size_t size) { return allocateOrThrow(size, usual); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocateOrThrow(size, of(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocateOrThrow(size, of(alignment)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate(size, of(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate(size, of(alignment));
}

void operator delete(void* block) noexcept { deallocate(block); }
void operator delete[](void* block) noexcept { deallocate(block); }
void operator delete(void* block, std::size_t size) noexcept { deallocate(block, size); }
void operator delete[](void* block, std::size_t size) noexcept { deallocate(block, size); }
void operator delete(void* block, std::align_val_t) noexcept { deallocate(block); }
void operator delete[](void* block, std::align_val_t) noexcept { deallocate(block); }
void operator delete(void* block, std::size_t size, std::align_val_t) noexcept { deallocate(block, size); }
void operator delete[](void* block, std::size_t size, std::align_val_t) noexcept { deallocate(block, size); }
void operator delete(void* block, const std::nothrow_t&) noexcept { deallocate(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { deallocate(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { deallocate(block); }
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept { deallocate(block); }
// NOLINTEND(misc-new-delete-overloads)
