// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

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

TEST_CASE("a slab is whole when all its blocks have been counted or brought back") {
    Slab* const slab = Slab::make(&owner, nullptr);
    CHECK(slab->belongsTo(&owner));
    CHECK(!slab->belongsTo(&stranger));
    CHECK(slab->whole());
    slab->carve(64);
    void* const block = slab->carve(64);
    CHECK(!slab->whole());
    slab->count();
    CHECK(!slab->whole());
    CHECK(Slab::bringBack(block) == nullptr);
    CHECK(slab->whole());
    slab->forgetCount();
    CHECK(!slab->whole());
    slab->count();
    slab->carve(64);
    CHECK(!slab->whole());
    Slab::destroy(slab);
}

TEST_CASE("a slab without an owner goes with the last of its blocks") {
    Slab* const slab = Slab::make(&owner, nullptr);
    void* const early = slab->carve(64);
    void* const late = slab->carve(64);
    void* const latest = slab->carve(64);
    slab->carve(64);
    slab->count();
    CHECK(Slab::bringBack(early) == nullptr);
    Slab::abandon(slab);
    CHECK(!slab->belongsTo(&owner));
    CHECK(Slab::bringBack(late) == nullptr);
    Slab* gone = nullptr;
    std::thread([&] { gone = Slab::bringBack(latest); }).join();
    CHECK(gone == slab);
    Slab::destroy(gone);

    Slab* const whole = Slab::make(&owner, nullptr);
    whole->carve(64);
    whole->count();
    Slab::abandon(whole); // at once: a leak, or a use of what is gone, is for valgrind
}

TEST_CASE("the slabs of an owner are linked") {
    Slab* const first = Slab::make(&owner, nullptr);
    Slab* const second = Slab::make(&owner, first);
    CHECK(second->next() == first);
    CHECK(first->next() == nullptr);
    CHECK(!first->leaves());
    first->leave();
    CHECK(first->leaves());
    second->link() = nullptr;
    CHECK(second->next() == nullptr);
    Slab::destroy(first);
    Slab::destroy(second);
}
