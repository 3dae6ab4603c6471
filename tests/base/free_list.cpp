// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/free_list.hpp>

#include <cstddef>
#include <set>
#include <vector>

using rondo::base::FreeBlock;
using rondo::base::FreeList;
using rondo::base::Slab;

namespace {

constexpr std::size_t bytes = 1024;
constexpr std::size_t perSlab = (Slab::size - sizeof(Slab)) / bytes;
constexpr std::size_t keptSlabs = FreeList::kept / Slab::size;

/// A list, and who owns its slabs.
class Owner {
public:
    Owner() { list_.open(bytes); }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner() { list_.trim(this, bytes); }

    void* allocate() {
        FreeBlock* const block = list_.pop();
        return block ? block : list_.allocate(this, bytes);
    }
    void deallocate(void* block) {
        if (list_.take(block)) return;
        list_.refuse();
        list_.takeMore(block);
    }
    std::vector<void*> allocate(std::size_t slabs) {
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < slabs * perSlab; ++i) blocks.push_back(allocate());
        return blocks;
    }
    void deallocate(const std::vector<void*>& blocks) {
        for (void* block : blocks) deallocate(block);
    }
    FreeList::Look look() { return list_.look(this, bytes); }
    /// Until it need not be continued soon.
    FreeList::Look lookToTheEnd() {
        for (;;) {
            const FreeList::Look next = look();
            if (next != FreeList::Look::soon) return next;
        }
    }
    FreeList& operator*() { return list_; }
    FreeList* operator->() { return &list_; }

private:
    FreeList list_;
};

}

TEST_CASE("a list that has no more than it keeps need not be looked at") {
    Owner list;
    list.deallocate(list.allocate(keptSlabs));
    CHECK(list.look() == FreeList::Look::never);
    CHECK(list->slabs() == keptSlabs);
}

TEST_CASE("what is idle between two looks goes back but for what is kept") {
    Owner list;
    list.deallocate(list.allocate(20));
    CHECK(list.look() == FreeList::Look::later);
    CHECK(list->slabs() == 20);
    CHECK(list.lookToTheEnd() == FreeList::Look::later);
    CHECK(list->slabs() == keptSlabs);
    CHECK(list.lookToTheEnd() == FreeList::Look::never);
    CHECK(list->slabs() == keptSlabs);
}

TEST_CASE("a look is short and the next one goes on where it stopped") {
    Owner list;
    list.deallocate(list.allocate(200));
    CHECK(list.look() == FreeList::Look::later);
    CHECK(list.look() == FreeList::Look::soon);
    SECTION("to the end") {
        CHECK(list.lookToTheEnd() == FreeList::Look::later);
        CHECK(list->slabs() == keptSlabs);
    }
    SECTION("while what is set aside and sorted is given out before anything new is carved") {
        const std::vector<void*> blocks = list.allocate(200);
        CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == blocks.size());
        CHECK(list->slabs() == 200);
        CHECK(list.lookToTheEnd() == FreeList::Look::never);
        list.deallocate(blocks);
    }
    SECTION("or all of it goes at once") {
        list->reduce(&list, bytes);
        CHECK(list->slabs() == keptSlabs);
    }
}

TEST_CASE("a list of which no slab is whole is not looked at again before it has doubled") {
    Owner list;
    std::vector<void*> blocks = list.allocate(20);
    std::vector<void*> held;
    for (std::size_t i = 0; i < 20; ++i) {
        held.push_back(blocks[i * perSlab]);
        blocks[i * perSlab] = nullptr;
    }
    std::erase(blocks, nullptr);
    list.deallocate(blocks);
    CHECK(list.look() == FreeList::Look::later);
    CHECK(list.lookToTheEnd() == FreeList::Look::never);
    list.deallocate(list.allocate(10));
    CHECK(list.look() == FreeList::Look::never);
    CHECK(list->slabs() == 20);

    SECTION("then it is") {
        list.deallocate(held);
        list.deallocate(list.allocate(50));
        CHECK(list.look() == FreeList::Look::later);
        CHECK(list.lookToTheEnd() == FreeList::Look::later);
        CHECK(list->slabs() == keptSlabs);
    }
    SECTION("nor is it forgotten when all is reduced") {
        list.deallocate(held);
        list->reduce(&list, bytes);
        CHECK(list->slabs() == keptSlabs);
    }
}

TEST_CASE("blocks of other owners that are idle go back to their slabs") {
    Owner maker;
    const std::vector<void*> blocks = maker.allocate(20);
    {
        Owner user;
        user.deallocate(blocks);
        CHECK(user.look() == FreeList::Look::later);
        CHECK(user.lookToTheEnd() != FreeList::Look::soon);
        CHECK(user->slabs() == 0);
    }
    CHECK(maker->slabs() == 20);
    maker->trim(&maker, bytes);
    CHECK(maker->slabs() == 0);
}

TEST_CASE("the slabs of an owner that ends go with their last block") {
    Owner user;
    {
        auto* const maker = new Owner;
        std::vector<void*> blocks = maker->allocate(3);
        for (std::size_t i = 0; i < perSlab; ++i) {
            maker->deallocate(blocks.back());
            blocks.pop_back();
        }
        (*maker)->abandon(maker);
        CHECK((*maker)->slabs() == 0);
        delete maker;
        user.deallocate(blocks);
    }
    user->trim(&user, bytes); // that they have gone is for valgrind to see
    CHECK(user->slabs() == 0);
}
