// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"

#include <rondo/base/timer_heap.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace {

struct Positions {
    std::vector<std::uint32_t> of;
    void moved(std::uint32_t slot, std::uint32_t position) noexcept { of[slot] = position; }
};

using Heap = rondo::base::TimerHeap<Positions>;

struct Fixture {
    explicit Fixture(std::size_t slots) : positions{std::vector<std::uint32_t>(slots)}, heap(positions) {
        heap.reserve(slots);
    }

    void push(std::int64_t deadline, std::uint64_t order, std::uint32_t slot) { heap.push({deadline, order, slot}); }
    void remove(std::uint32_t slot) { heap.remove(positions.of[slot]); }

    Positions positions;
    Heap heap;
};

Journal slotsInOrder(Heap& heap) {
    Journal journal;
    while (!heap.empty()) {
        journal(heap.top().slot);
        heap.remove(0);
    }
    return journal;
}

}

TEST_CASE("the earliest deadline stands on top") {
    Fixture f(5);
    f.push(50, 1, 0);
    f.push(20, 2, 1);
    f.push(40, 3, 2);
    f.push(10, 4, 3);
    f.push(30, 5, 4);
    CHECK(f.heap.size() == 5);
    CHECK(f.heap.top().deadline == 10);
    CHECK(slotsInOrder(f.heap) == "3 1 4 2 0");
}

TEST_CASE("equal deadlines stand in order of arrival") {
    Fixture f(12);
    for (std::uint32_t slot = 0; slot < 12; ++slot) f.push(slot % 2 ? 10 : 20, slot, slot);
    CHECK(slotsInOrder(f.heap) == "1 3 5 7 9 11 0 2 4 6 8 10");
}

TEST_CASE("an element is removed from where it is said to stand") {
    Fixture f(8);
    for (std::uint32_t slot = 0; slot < 8; ++slot) f.push(100 - slot, slot, slot);
    f.remove(7); // the top
    f.remove(0); // the bottom
    f.remove(4);
    CHECK(slotsInOrder(f.heap) == "6 5 3 2 1");
}

TEST_CASE("the last element that fills a gap may have to rise") {
    // The gap is in another branch than the last element's, whose deadlines are all later.
    Fixture f(10);
    f.push(0, 0, 0);
    f.push(100, 1, 1);
    for (std::uint32_t slot = 2; slot <= 4; ++slot) f.push(10, slot, slot);
    for (std::uint32_t slot = 5; slot <= 8; ++slot) f.push(200, slot, slot); // below slot 1
    f.push(20, 9, 9);                                                        // below slot 2
    f.remove(7);
    CHECK(f.heap.at(f.positions.of[9]).slot == 9);
    CHECK(slotsInOrder(f.heap) == "0 2 3 4 9 1 5 6 8");
}

TEST_CASE("removing the only element empties the heap") {
    Fixture f(1);
    f.push(1, 1, 0);
    f.remove(0);
    CHECK(f.heap.empty());
    f.push(2, 2, 0);
    CHECK(slotsInOrder(f.heap) == "0");
}

TEST_CASE("a heap agrees with a sorted set through any sequence of operations") {
    constexpr std::uint32_t slots = 200;
    std::mt19937 random(12345); // the same numbers every time
    Fixture f(slots);
    std::set<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> model;
    std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> entryOf(slots);
    std::vector<bool> used(slots, false);
    std::uint64_t order = 0;
    bool agrees = true;
    for (int step = 0; step < 20'000 && agrees; ++step) {
        const auto slot = static_cast<std::uint32_t>(random() % slots);
        if (used[slot]) {
            f.remove(slot);
            model.erase(entryOf[slot]);
        } else {
            const auto deadline = static_cast<std::int64_t>(random() % 50); // few, so that many are equal
            entryOf[slot] = {deadline, ++order, slot};
            f.push(deadline, order, slot);
            model.insert(entryOf[slot]);
        }
        used[slot] = !used[slot];
        agrees = f.heap.size() == model.size() && f.heap.empty() == model.empty();
        if (agrees && !model.empty()) agrees = f.heap.top().slot == std::get<2>(*model.begin());
        if (step % 100 == 0) {
            for (std::uint32_t s = 0; s < slots; ++s) {
                agrees = agrees && (!used[s] || f.heap.at(f.positions.of[s]).slot == s);
            }
        }
    }
    CHECK(agrees);
}

TEST_CASE("reserving again and again keeps the elements") {
    Positions positions{std::vector<std::uint32_t>(100)};
    Heap heap(positions);
    for (std::uint32_t slot = 0; slot < 100; ++slot) {
        heap.reserve(slot + 1);
        heap.push({-static_cast<std::int64_t>(slot), slot, slot});
    }
    heap.reserve(1);
    CHECK(heap.size() == 100);
    CHECK(heap.top().slot == 99);
}
