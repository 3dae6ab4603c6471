// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using rondo::base::Slab;

TEST_CASE("the blocks of a slab lie one beside the other, aligned, and know it") {
    for (const std::size_t bytes : {16u, 48u, 1024u}) {
        Slab* const slab = Slab::make();
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

TEST_CASE("a slab is whole when all blocks it has carved are back") {
    Slab* const slab = Slab::make();
    CHECK(slab->whole());
    slab->carve(64);
    slab->carve(64);
    slab->takeBack();
    CHECK(!slab->whole());
    slab->takeBack();
    CHECK(slab->whole());
    slab->carve(64);
    CHECK(!slab->whole());
    Slab::destroy(slab);
}

TEST_CASE("what is counted in free lists is not back, unless its list takes no more") {
    Slab* const one = Slab::make();
    Slab* const other = Slab::make();
    void* const a = one->carve(64);
    void* const b = one->carve(64);
    void* const c = other->carve(64);
    other->carve(64);
    Slab* seen = nullptr;
    for (void* block : {a, c, b}) seen = Slab::of(block).count(seen);
    CHECK(seen == other);
    CHECK(other->next() == one);
    CHECK(one->next() == nullptr);
    CHECK(one->countedWhole());
    CHECK(!other->countedWhole());
    one->stay(false);
    CHECK(!one->whole());
    CHECK(!one->leaves());
    other->stay(true);
    other->takeBack();
    CHECK(other->whole());
    one->count(nullptr);
    CHECK(one->leave(other) == one);
    CHECK(one->leaves());
    CHECK(one->next() == other);
    Slab::destroy(one);
    Slab::destroy(other);
}
