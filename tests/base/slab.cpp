// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <thread>
#include <vector>

using rondo::base::FreeBlock;
using rondo::base::Slab;

namespace {
const int owner = 0;
const int stranger = 0;
}

TEST_CASE("the blocks of a slab lie one beside the other, aligned, and know it") {
    for (const std::size_t bytes : {16u, 48u, 1024u}) {
        Slab* const slab = Slab::make(&owner, nullptr);
        std::vector<void*> blocks;
        while (slab->fits(bytes)) blocks.push_back(slab->carve(bytes));
        CHECK(blocks.size() == (Slab::size - sizeof(Slab)) / bytes);
        bool beside = true;
        bool known = true;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            beside = beside && static_cast<std::byte*>(blocks[i]) == static_cast<std::byte*>(blocks[0]) + i * bytes;
            known = known && &Slab::of(blocks[i]) == slab &&
                    &Slab::of(static_cast<std::byte*>(blocks[i]) + bytes - 1) == slab;
        }
        CHECK(beside);
        CHECK(known);
        CHECK(reinterpret_cast<std::uintptr_t>(blocks[0]) % alignof(std::max_align_t) == 0);
        Slab::destroy(slab);
    }
}

namespace {

/// A block that its user has freed.
FreeBlock* freed(void* block) { return ::new (block) FreeBlock{nullptr}; }

std::vector<FreeBlock*> blocksOf(FreeBlock* list) {
    std::vector<FreeBlock*> blocks;
    for (; list; list = list->next) blocks.push_back(list);
    return blocks;
}

}

TEST_CASE("a slab is whole when all its blocks have been taken or brought back") {
    Slab* const slab = Slab::make(&owner, nullptr);
    CHECK(slab->belongsTo(&owner));
    CHECK(!slab->belongsTo(&stranger));
    CHECK(slab->whole());
    FreeBlock* const first = freed(slab->carve(64));
    void* const block = slab->carve(64);
    CHECK(!slab->whole());
    slab->take(first);
    CHECK(!slab->whole());
    CHECK(Slab::bringBack(block) == nullptr);
    CHECK(slab->whole());
    FreeBlock* list = nullptr;
    CHECK(slab->put(list) == 1);
    CHECK(!slab->whole());
    slab->take(first);
    slab->carve(64);
    CHECK(!slab->whole());
    Slab::destroy(slab);
}

TEST_CASE("what a slab has taken is put before the others in a list") {
    Slab* const slab = Slab::make(&owner, nullptr);
    Slab* const other = Slab::make(&owner, nullptr);
    FreeBlock* const a = freed(slab->carve(64));
    FreeBlock* const b = freed(slab->carve(64));
    FreeBlock* const c = freed(other->carve(64));
    FreeBlock* list = c;
    slab->take(a);
    slab->take(b);
    CHECK(slab->put(list) == 2);
    CHECK(blocksOf(list) == std::vector{b, a, c});
    CHECK(slab->put(list) == 0);
    CHECK(blocksOf(list) == std::vector{b, a, c});
    Slab::destroy(slab);
    Slab::destroy(other);
}

TEST_CASE("a slab without an owner goes with the last of its blocks") {
    Slab* const slab = Slab::make(&owner, nullptr);
    void* const early = slab->carve(64);
    void* const late = slab->carve(64);
    void* const latest = slab->carve(64);
    slab->take(freed(slab->carve(64)));
    CHECK(Slab::bringBack(early) == nullptr);
    Slab::abandon(slab);
    CHECK(!slab->belongsTo(&owner));
    CHECK(Slab::bringBack(late) == nullptr);
    Slab* gone = nullptr;
    std::thread([&] { gone = Slab::bringBack(latest); }).join();
    CHECK(gone == slab);
    Slab::destroy(gone);

    Slab* const whole = Slab::make(&owner, nullptr);
    whole->take(freed(whole->carve(64)));
    Slab::abandon(whole); // at once: a leak, or a use of what is gone, is for valgrind
}

TEST_CASE("the slabs of an owner are linked") {
    Slab* const first = Slab::make(&owner, nullptr);
    Slab* const second = Slab::make(&owner, first);
    CHECK(second->next() == first);
    CHECK(first->next() == nullptr);
    second->link() = nullptr;
    CHECK(second->next() == nullptr);
    Slab::destroy(first);
    Slab::destroy(second);
}
