// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/failing_source.hpp"

#include <rondo/base/memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using rondo::base::FreeLists;
using rondo::base::MemorySource;
using rondo::base::Pooled;
using rondo::base::Slab;

namespace {

/// Writes down what it is asked for.
class RecordingSource final : public MemorySource {
public:
    RecordingSource() : before_(replace(this)) {}
    RecordingSource(const RecordingSource&) = delete;
    RecordingSource& operator=(const RecordingSource&) = delete;
    ~RecordingSource() override { replace(before_); }

    void* allocate(std::size_t bytes) override {
        asked.push_back(bytes);
        return ::operator new(bytes);
    }
    void deallocate(void* block, std::size_t bytes) noexcept override {
        given.push_back(bytes);
        ::operator delete(block, bytes);
    }

    MemorySource* before() const noexcept { return before_; }

    std::vector<std::size_t> asked;
    std::vector<std::size_t> given;

private:
    MemorySource* before_;
};

/// Whether this build keeps what was freed: with AddressSanitizer it does not.
bool listsKeep() {
    FreeLists::open();
    RecordingSource source;
    FreeLists::deallocate(FreeLists::allocate(64), 64);
    return source.given.empty();
}

/// A source for a thread that ends; looked at when it has been joined.
struct OtherThreadsSource final : MemorySource {
    void* allocate(std::size_t bytes) override {
        ++balance, ++asked;
        return ::operator new(bytes);
    }
    void deallocate(void* block, std::size_t bytes) noexcept override {
        --balance;
        ::operator delete(block, bytes);
    }
    int balance = 0;
    int asked = 0;
};

/// Uses the free lists in its destructor.
struct LatePatron {
    void* block = nullptr;
    ~LatePatron() {
        if (!block) return;
        FreeLists::deallocate(block, 48);
        FreeLists::deallocate(FreeLists::allocate(48), 48);
    }
};

}

TEST_CASE("a block that was freed is given out again") {
    if (!listsKeep()) return;
    RecordingSource source;
    void* const first = FreeLists::allocate(100);
    FreeLists::deallocate(first, 100);
    void* const second = FreeLists::allocate(100);
    CHECK(second == first);
    CHECK(source.asked.size() == 1);
    FreeLists::deallocate(second, 100);
    CHECK(source.given.empty());
}

TEST_CASE("sizes that differ by less than the granularity share a list") {
    if (!listsKeep()) return;
    RecordingSource source;
    void* const first = FreeLists::allocate(33);
    FreeLists::deallocate(first, 33);
    void* const second = FreeLists::allocate(48);
    CHECK(second == first);
    void* const third = FreeLists::allocate(49);
    CHECK(third != first);
    FreeLists::deallocate(second, 48);
    FreeLists::deallocate(third, 49);
}

TEST_CASE("the source is asked for multiples of the granularity and is given the same back") {
    RecordingSource source;
    for (const std::size_t bytes : {1u, 17u, 1024u, 1025u}) FreeLists::deallocate(FreeLists::allocate(bytes), bytes);
    FreeLists::trim();
    CHECK(source.asked == std::vector<std::size_t>{16, 32, 1024, 1040});
    CHECK(std::multiset<std::size_t>(source.given.begin(), source.given.end()) ==
          std::multiset<std::size_t>{16, 32, 1024, 1040});
}

TEST_CASE("blocks are aligned for any fundamental type") {
    std::vector<std::pair<void*, std::size_t>> blocks;
    bool aligned = true;
    for (std::size_t bytes = 1; bytes <= 2'000; bytes += 7) {
        blocks.emplace_back(FreeLists::allocate(bytes), bytes);
        aligned = aligned && reinterpret_cast<std::uintptr_t>(blocks.back().first) % alignof(std::max_align_t) == 0;
    }
    for (const auto& [block, bytes] : blocks) FreeLists::deallocate(block, bytes);
    CHECK(aligned);
}

TEST_CASE("large blocks are not kept") {
    RecordingSource source;
    constexpr std::size_t large = FreeLists::largest + 1;
    FreeLists::deallocate(FreeLists::allocate(large), large);
    CHECK(source.given.size() == 1);
}

TEST_CASE("a list keeps a bounded number of bytes") {
    if (!listsKeep()) return;
    constexpr std::size_t bytes = FreeLists::largest;
    constexpr std::size_t room = FreeLists::kept / bytes;
    constexpr std::size_t extra = 10;
    RecordingSource source;
    for (int round = 0; round < 2; ++round) { // the bound holds again after the blocks have been in use
        source.given.clear();
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < room + extra; ++i) blocks.push_back(FreeLists::allocate(bytes));
        for (void* block : blocks) FreeLists::deallocate(block, bytes);
        CHECK(source.given.size() == extra);
    }
    FreeLists::trim();
    CHECK(source.given.size() == source.asked.size() - extra); // those of the first round were cleared
}

TEST_CASE("without a source a burst is carved from slabs, which are given back but for the bytes that are kept") {
    if (!listsKeep()) return;
    FreeLists::trim();
    const std::size_t before = FreeLists::slabs();
    constexpr std::size_t bytes = 64;
    constexpr std::size_t count = 4 * FreeLists::kept / bytes;
    for (int round = 0; round < 2; ++round) {
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < count; ++i) blocks.push_back(FreeLists::allocate(bytes));
        const std::size_t peak = FreeLists::slabs();
        CHECK(peak - before >= count * bytes / Slab::size);
        for (void* block : blocks) FreeLists::deallocate(block, bytes);
        CHECK(FreeLists::slabs() == peak); // another burst would use them
        FreeLists::giveSurplusBack();
        CHECK(FreeLists::slabs() - before >= FreeLists::kept / Slab::size);
        CHECK(FreeLists::slabs() - before <= FreeLists::kept / Slab::size + 2);
        std::set<void*> distinct;
        for (std::size_t i = 0; i < count; ++i) distinct.insert(blocks[i] = FreeLists::allocate(bytes));
        CHECK(distinct.size() == count);
        for (void* block : blocks) FreeLists::deallocate(block, bytes);
        FreeLists::trim();
        CHECK(FreeLists::slabs() == before);
    }
}

TEST_CASE("what comes in bursts finds its memory again, and the part of it that is not needed for a second goes") {
    if (!listsKeep()) return;
    FreeLists::trim();
    const std::size_t before = FreeLists::slabs();
    constexpr std::size_t bytes = 96;
    std::int64_t now = 0;
    std::vector<void*> blocks;
    const auto idle = [&] { // for a second: a look may take several goes
        now += 1'000'000'000;
        for (std::int64_t at = now; at < now + 500'000'000; at = FreeLists::nextLook()) FreeLists::giveIdleBack(at);
        FreeLists::giveIdleBack(now + 999'999'999);
    };
    const auto burst = [&](std::size_t kept) {
        blocks.clear();
        for (std::size_t i = 0; i < kept * FreeLists::kept / bytes; ++i) blocks.push_back(FreeLists::allocate(bytes));
        CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == blocks.size());
        for (void* block : blocks) FreeLists::deallocate(block, bytes);
        idle();
    };
    burst(16);
    const std::size_t peak = FreeLists::slabs();
    for (int i = 0; i < 3; ++i) {
        burst(16);
        CHECK(FreeLists::slabs() == peak);
    }
    burst(8);
    burst(8);
    const std::size_t half = FreeLists::slabs();
    CHECK(half - before <= (peak - before) / 2 + FreeLists::kept / Slab::size + 2);
    for (int i = 0; i < 3; ++i) {
        burst(8);
        CHECK(FreeLists::slabs() == half);
    }
    burst(0);
    burst(0);
    CHECK(FreeLists::slabs() - before <= FreeLists::kept / Slab::size + 2);
    FreeLists::trim();
    CHECK(FreeLists::slabs() == before);
}

TEST_CASE("a slab stays as long as one of its blocks is in use") {
    if (!listsKeep()) return;
    FreeLists::trim();
    const std::size_t before = FreeLists::slabs();
    constexpr std::size_t bytes = 512;
    constexpr std::size_t count = 8 * FreeLists::kept / bytes;
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(FreeLists::allocate(bytes));
    std::vector<void*> held;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % (16 * Slab::size / bytes) == 5) {
            held.push_back(std::memset(blocks[i], 0x5A, bytes));
        } else {
            std::memset(blocks[i], 0, bytes);
            FreeLists::deallocate(blocks[i], bytes);
        }
    }
    FreeLists::giveSurplusBack();
    CHECK(FreeLists::slabs() - before <= held.size() + FreeLists::kept / Slab::size + 2);
    FreeLists::trim();
    CHECK(FreeLists::slabs() - before == held.size());
    for (void* block : held) {
        const auto* const byte = static_cast<const unsigned char*>(block);
        CHECK(std::all_of(byte, byte + bytes, [](unsigned char each) { return each == 0x5A; }));
        FreeLists::deallocate(block, bytes);
    }
    FreeLists::trim();
    CHECK(FreeLists::slabs() == before);
}

TEST_CASE("blocks of all sizes that come and go overlap nowhere") {
    FreeLists::open();
    std::vector<std::pair<unsigned char*, std::size_t>> blocks;
    std::uint32_t random = 1;
    const auto next = [&random](std::size_t below) {
        random = random * 1'664'525 + 1'013'904'223;
        return (random >> 8) % below;
    };
    bool whole = true;
    const auto give = [&](std::size_t i) {
        const auto [block, bytes] = blocks[i];
        whole = whole && block[0] == bytes % 251 && block[bytes - 1] == bytes % 251;
        FreeLists::deallocate(block, bytes);
        blocks[i] = blocks.back();
        blocks.pop_back();
    };
    for (int i = 0; i < 200'000; ++i) {
        if (next(10'000) == 0) FreeLists::giveIdleBack(std::int64_t{i} * 100'000);
        if (next(50'000) == 0) FreeLists::giveSurplusBack();
        if (next(100'000) == 0) FreeLists::trim();
        if (blocks.empty() || next(i < 100'000 ? 10 : 3) != 0) {
            const std::size_t bytes = 1 + next(1'200);
            auto* const block = static_cast<unsigned char*>(FreeLists::allocate(bytes));
            block[0] = block[bytes - 1] = static_cast<unsigned char>(bytes % 251);
            blocks.emplace_back(block, bytes);
        } else {
            give(next(blocks.size()));
        }
        if (blocks.size() > 60'000) {
            while (blocks.size() > 100) give(next(blocks.size()));
        }
    }
    while (!blocks.empty()) give(blocks.size() - 1);
    CHECK(whole);
    FreeLists::trim();
}

TEST_CASE("a thread without a loop uses what it has freed again, and gives its slabs back when it ends") {
    if (!listsKeep()) return;
    bool again = false;
    std::size_t between = 0;
    std::thread([&] {
        void* const first = FreeLists::allocate(64);
        void* const second = FreeLists::allocate(64);
        FreeLists::deallocate(first, 64);
        again = FreeLists::allocate(64) == first;
        between = FreeLists::slabs();
        FreeLists::deallocate(first, 64);
        FreeLists::deallocate(second, 64);
    }).join();
    CHECK(again);
    CHECK(between == 1);
}

TEST_CASE("a block that is handed over to another thread is freed there, and its slab goes when all are back") {
    if (!listsKeep()) return;
    FreeLists::trim();
    const std::size_t before = FreeLists::slabs();
    std::vector<void*> blocks;
    for (int i = 0; i < 1'000; ++i) blocks.push_back(FreeLists::allocate(80));
    bool usedAgain = false;
    SECTION("a thread that has made no block brings it back at once") {
        std::thread([&] {
            for (void* block : blocks) FreeLists::deallocate(block, 80);
        }).join();
    }
    SECTION("one that has made some keeps it, until it ends") {
        std::thread([&] {
            FreeLists::open();
            for (void* block : blocks) FreeLists::deallocate(block, 80);
            usedAgain = FreeLists::allocate(80) == blocks.back();
            FreeLists::deallocate(blocks.back(), 80);
            FreeLists::giveSurplusBack();
        }).join();
        CHECK(usedAgain);
    }
    SECTION("or until it trims") {
        std::thread([&] {
            FreeLists::open();
            for (void* block : blocks) FreeLists::deallocate(block, 80);
            FreeLists::trim();
        }).join();
    }
    CHECK(FreeLists::slabs() > before);
    FreeLists::trim();
    CHECK(FreeLists::slabs() == before);
}

TEST_CASE("blocks outlive the thread that made them") {
    FreeLists::open();
    std::vector<unsigned char*> blocks;
    std::thread([&] {
        for (int i = 0; i < 10'000; ++i) {
            blocks.push_back(static_cast<unsigned char*>(FreeLists::allocate(96)));
            std::memset(blocks.back(), i % 251, 96);
        }
        for (int i = 0; i < 5'000; ++i) FreeLists::deallocate(FreeLists::allocate(96), 96);
    }).join();
    bool whole = true;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        whole = whole && blocks[i][0] == i % 251 && blocks[i][95] == i % 251;
        FreeLists::deallocate(blocks[i], 96);
    }
    CHECK(whole);
    FreeLists::deallocate(FreeLists::allocate(96), 96);
    FreeLists::trim();
}

TEST_CASE("blocks from before the lists are opened, and from after they are closed, find their slabs") {
    if (!listsKeep()) return;
    struct Patron {
        std::vector<void*> blocks;
        std::size_t* left = nullptr;
        ~Patron() {
            blocks.push_back(FreeLists::allocate(64));
            for (void* block : blocks) FreeLists::deallocate(block, 64);
            *left = FreeLists::slabs();
        }
    };
    std::size_t left = 1;
    std::thread([&] {
        static thread_local Patron patron; // destroyed after the free lists' own thread_local
        patron.left = &left;
        patron.blocks.push_back(FreeLists::allocate(64));
        FreeLists::open();
        for (int i = 0; i < 10'000; ++i) patron.blocks.push_back(FreeLists::allocate(64));
        for (int i = 0; i < 5'000; ++i) {
            FreeLists::deallocate(patron.blocks.back(), 64);
            patron.blocks.pop_back();
        }
    }).join();
    CHECK(left == 0);
}

TEST_CASE("trimming gives everything back and the lists keep again afterwards") {
    if (!listsKeep()) return;
    CountingSource source;
    FreeLists::deallocate(FreeLists::allocate(64), 64);
    FreeLists::deallocate(FreeLists::allocate(640), 640);
    CHECK(source.balance() == 0);
    void* const block = FreeLists::allocate(64);
    FreeLists::deallocate(block, 64);
    CHECK(FreeLists::allocate(64) == block);
    CHECK(source.balance() == 1);
    FreeLists::deallocate(block, 64);
    CHECK(source.balance() == 0);
    CHECK(source.allocations() == 3);
}

TEST_CASE("replacing the source gives what is kept back to the one before and returns it") {
    RecordingSource outer;
    FreeLists::deallocate(FreeLists::allocate(64), 64);
    {
        RecordingSource inner;
        CHECK(inner.before() == &outer);
        CHECK(outer.given == std::vector<std::size_t>{64});
        FreeLists::deallocate(FreeLists::allocate(80), 80);
        CHECK(inner.asked == std::vector<std::size_t>{80});
    }
    CHECK(outer.asked == std::vector<std::size_t>{64});
    FreeLists::deallocate(FreeLists::allocate(96), 96);
    CHECK(outer.asked == std::vector<std::size_t>{64, 96});
}

TEST_CASE("a source may come and go while blocks are held that were made before it") {
    FreeLists::open();
    std::vector<void*> blocks;
    for (int i = 0; i < 100; ++i) blocks.push_back(FreeLists::allocate(64));
    for (int i = 0; i < 50; ++i) {
        FreeLists::deallocate(blocks.back(), 64);
        blocks.pop_back();
    }
    {
        RecordingSource source;
        for (int i = 0; i < 3; ++i) FreeLists::deallocate(FreeLists::allocate(64), 64);
        FreeLists::trim();
        CHECK(source.asked == source.given);
        CHECK(!source.asked.empty());
    }
    for (int i = 0; i < 2'000; ++i) FreeLists::deallocate(FreeLists::allocate(64), 64);
    for (void* block : blocks) FreeLists::deallocate(block, 64);
    FreeLists::trim();
}

TEST_CASE("a source without memory makes allocating throw and changes nothing") {
    const bool keeps = listsKeep();
    FailingSource source;
    void* const held = FreeLists::allocate(64);
    source.failAfter(0);
    CHECK_THROWS_AS(FreeLists::allocate(64), std::bad_alloc);
    source.failAfter(0);
    CHECK_THROWS_AS(FreeLists::allocate(5'000), std::bad_alloc);
    source.failAfter(0);
    FreeLists::deallocate(held, 64);
    if (keeps) {
        CHECK_NOTHROW(FreeLists::deallocate(FreeLists::allocate(64), 64)); // what is kept can still be had
    }
    source.disarm();
    CHECK(source.balance() == 0);
    FreeLists::deallocate(FreeLists::allocate(64), 64);
    CHECK(source.balance() == 0);
}

TEST_CASE("the free lists of a thread are given back when it ends") {
    OtherThreadsSource source;
    std::thread([&] {
        MemorySource::replace(&source);
        FreeLists::open();
        std::vector<void*> blocks;
        for (int i = 0; i < 100; ++i) blocks.push_back(FreeLists::allocate(64));
        for (void* block : blocks) FreeLists::deallocate(block, 64);
    }).join();
    CHECK(source.balance == 0);
    CHECK(source.asked == 100);
}

TEST_CASE("before they are opened the free lists of a thread keep nothing") {
    OtherThreadsSource source;
    int kept = -1;
    std::thread([&] {
        MemorySource::replace(&source);
        FreeLists::deallocate(FreeLists::allocate(64), 64);
        kept = source.balance;
    }).join();
    CHECK(kept == 0);
    CHECK(source.asked == 1);
}

TEST_CASE("a source of one thread is not another's") {
    RecordingSource source;
    bool freed = false;
    std::thread([&] {
        FreeLists::deallocate(FreeLists::allocate(64), 64);
        freed = true;
    }).join();
    CHECK(freed);
    CHECK(source.asked.empty());
}

TEST_CASE("free lists survive use by what is destroyed after a thread's thread_locals and keep nothing then") {
    OtherThreadsSource source;
    std::thread([&] {
        static thread_local LatePatron patron; // made before the free lists' own thread_local: destroyed after it
        static_cast<void>(&patron);
        FreeLists::open();
        MemorySource::replace(&source);
        patron.block = FreeLists::allocate(48);
    }).join();
    CHECK(source.asked == 2);
    CHECK(source.balance == 0);
}

TEST_CASE("a pooled object comes from the free lists and goes back with the size of its own type") {
    struct Base : Pooled {
        virtual ~Base() = default;
        int number = 1;
    };
    struct Derived : Base {
        char more[200] = {};
    };
    RecordingSource source;
    std::unique_ptr<Base> object = std::make_unique<Derived>();
    object.reset();
    FreeLists::trim();
    CHECK(source.asked.size() == 1);
    CHECK(source.asked == source.given);
    CHECK(source.asked[0] >= sizeof(Derived));
}

TEST_CASE("a pooled object that is aligned to more than the fundamental types is") {
    struct alignas(128) Wide : Pooled {
        char bytes[128] = {};
    };
    std::vector<std::unique_ptr<Wide>> objects;
    bool aligned = true;
    for (int i = 0; i < 8; ++i) {
        objects.push_back(std::make_unique<Wide>());
        aligned = aligned && reinterpret_cast<std::uintptr_t>(objects.back().get()) % 128 == 0;
    }
    CHECK(aligned);
}

TEST_CASE("a pooled object whose constructor throws gives its block back") {
    struct Failing : Pooled {
        Failing() { throw 1; }
        char bytes[40] = {};
    };
    CountingSource source;
    CHECK_THROWS_AS(std::make_unique<Failing>(), int);
    CHECK(source.balance() == 0);
    CHECK(source.allocations() == 1);
}
