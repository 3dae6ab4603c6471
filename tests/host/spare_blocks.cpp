// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/host/spare_blocks.hpp>

#include <cstddef>
#include <cstring>
#include <set>
#include <vector>

using rondo::host::SpareBlocks;

constexpr bool keeps = rondo::base::FreeLists::keepsBlocks();

TEST_CASE("a block that was put back is taken again for what is as large") {
    SpareBlocks spare;
    void* const block = spare.take(130);
    void* const other = spare.take(70);
    spare.putBack(block, 130);
    spare.putBack(other, 70);
    void* const again = spare.take(140); // in the same unit
    CHECK((again == block || !keeps));
    void* const larger = spare.take(200);
    CHECK(larger != other);
    spare.putBack(again, 140);
    spare.putBack(larger, 200);
}

TEST_CASE("blocks of any size may be taken and put back or freed elsewhere") {
    SpareBlocks spare;
    for (std::size_t bytes = 1; bytes < 1500; ++bytes) {
        void* const kept = spare.take(bytes);
        void* const gone = spare.take(bytes);
        std::memset(kept, 1, bytes);
        std::memset(gone, 2, bytes);
        SpareBlocks::free(gone, bytes);
        spare.putBack(kept, bytes);
    }
}

TEST_CASE("what is put back beyond 256 KB goes to the heap") {
    SpareBlocks spare;
    std::vector<void*> blocks;
    for (int i = 0; i < 1024; ++i) blocks.push_back(spare.take(512));
    CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == 1024);
    for (void* block : blocks) spare.putBack(block, 512);
    std::set<void*> taken;
    for (int i = 0; i < 512; ++i) taken.insert(spare.take(512));
    CHECK(taken.size() == 512);
    if (keeps) CHECK(taken == std::set<void*>(blocks.begin(), blocks.begin() + 512));
    for (void* block : taken) SpareBlocks::free(block, 512);
}
