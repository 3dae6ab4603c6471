// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"

#include <rondo/base/timer_wheel.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace {

struct Node {
    int name = 0;
    std::int64_t deadline = 0;
    Node* next = nullptr;
    Node* previous = nullptr;
};

using Wheel = rondo::base::TimerWheel<Node>;

/// A wheel and its nodes, named in the order in which they were made.
struct Fixture {
    Node& add(std::int64_t deadline) {
        Node& node = nodes.emplace_back(Node{static_cast<int>(nodes.size()), deadline});
        wheel.add(node);
        return node;
    }

    Journal due(std::int64_t now) {
        Journal journal;
        wheel.takeDue(now, [&](Node& node) { journal(node.name); });
        return journal;
    }

    std::deque<Node> nodes;
    Wheel wheel;
};

constexpr std::int64_t never = Wheel::never;

}

TEST_CASE("the nodes of a wheel are taken in order of deadline when that has come") {
    Fixture f;
    for (const std::int64_t deadline : {50, 20, 4000, 10, 300}) f.add(deadline);
    CHECK(f.wheel.first() == 10);
    CHECK(f.due(9) == "");
    CHECK(f.due(10) == "3");
    CHECK(f.due(60) == "1 0");
    CHECK(f.wheel.first() == 300);
    CHECK(f.due(5000) == "4 2");
    CHECK(f.wheel.empty());
}

TEST_CASE("nodes of equal deadline are taken in order of arrival") {
    Fixture f;
    for (int i = 0; i < 12; ++i) f.add(i % 2 ? 1'000'000'007 : 1'000'000'020);
    CHECK(f.due(999'999'999) == "");
    f.add(1'000'000'007); // when the others have gone down a level
    f.add(1'000'000'020);
    CHECK(f.due(2'000'000'000) == "1 3 5 7 9 11 12 0 2 4 6 8 10 13");
}

TEST_CASE("a node is removed from the front and the middle and the end of its list") {
    for (const int removed : {0, 1, 2}) {
        Fixture f;
        for (int i = 0; i < 3; ++i) f.add(100);
        f.wheel.remove(f.nodes[static_cast<std::size_t>(removed)]);
        f.add(100);
        CHECK(f.due(100) == (removed == 0 ? "1 2 3" : removed == 1 ? "0 2 3" : "0 1 3"));
    }
}

TEST_CASE("a wheel is empty when its only node has been removed or taken") {
    Fixture f;
    CHECK(f.wheel.empty());
    CHECK(f.wheel.first() == never);
    CHECK(f.wheel.soonest() == never);
    f.wheel.remove(f.add(7));
    CHECK(f.wheel.empty());
    CHECK(f.wheel.soonest() == never);
    f.add(8);
    CHECK_FALSE(f.wheel.empty());
    CHECK(f.due(8) == "1");
    CHECK(f.wheel.empty());
    CHECK(f.wheel.soonest() == never);
}

TEST_CASE("the first deadline is exact and the soonest is not later") {
    Fixture f;
    for (const std::int64_t deadline : {5'000'000, 5'000'900, 5'000'300, 5'000'600, 900'000'000}) f.add(deadline);
    CHECK(f.wheel.first() == 5'000'000);
    CHECK(f.wheel.soonest() == 5'000'000);
    f.wheel.remove(f.nodes[0]);
    CHECK(f.wheel.first() == 5'000'300);
    CHECK(f.wheel.soonest() <= 5'000'300);
    CHECK(f.wheel.soonest() > 0);
    CHECK(f.wheel.first(1) == f.wheel.soonest()); // there are three in the first list
    CHECK(f.wheel.first(3) == 5'000'300);
    CHECK(f.due(f.wheel.soonest()) == ""); // they go down a level, and have not come yet
    CHECK(f.wheel.first() == 5'000'300);
    CHECK(f.due(5'000'300) == "2");
}

TEST_CASE("a node that never falls due stays in the wheel until it is removed or all are taken") {
    Fixture f;
    f.add(never);
    f.add(never);
    CHECK_FALSE(f.wheel.empty());
    CHECK(f.wheel.first() == never);
    CHECK(f.wheel.soonest() == never);
    f.add(never - 1);
    CHECK(f.wheel.first() == never - 1);
    CHECK(f.due(never - 1) == "2");
    f.wheel.remove(f.nodes[0]);
    CHECK_FALSE(f.wheel.empty());
    f.wheel.remove(f.nodes[1]);
    CHECK(f.wheel.empty());
}

TEST_CASE("all are taken in order and then any deadline may follow") {
    Fixture f;
    for (const std::int64_t deadline : {never, std::int64_t{1} << 62, std::int64_t{3}, never, std::int64_t{3}}) {
        f.add(deadline);
    }
    Journal all;
    f.wheel.takeAll([&](Node& node) { all(node.name); });
    CHECK(all == "2 4 1 0 3");
    CHECK(f.wheel.empty());
    f.add(5);
    f.add(2);
    CHECK(f.due(5) == "6 5");
}

TEST_CASE("a wheel agrees with a sorted map through any sequence of operations") {
    std::mt19937_64 random(12345); // the same numbers every time
    for (const int magnitude : {6, 12, 20, 30, 40, 62}) {
        Wheel wheel;
        std::deque<Node> nodes;
        std::map<std::pair<std::int64_t, int>, Node*> model; // by deadline and arrival
        std::int64_t now = 0;
        bool agrees = true;
        for (int step = 0; step < 20'000 && agrees; ++step) {
            const auto some =
                static_cast<std::int64_t>(random() >> (63U - random() % static_cast<unsigned>(magnitude)));
            switch (random() % 4) {
            case 0:
            case 1: {
                const std::int64_t delay = random() % 4 == 0 ? 5 : some; // many are equal
                const std::int64_t deadline = delay >= never - now ? never : now + delay;
                Node& node = nodes.emplace_back(Node{step, deadline});
                wheel.add(node);
                model[{deadline, step}] = &node;
                break;
            }
            case 2:
                if (!model.empty()) {
                    auto victim = model.lower_bound({now + some / 2, 0});
                    if (victim == model.end()) victim = model.begin();
                    wheel.remove(*victim->second);
                    model.erase(victim);
                }
                break;
            default:
                now += some / 64 < never - 1 - now ? some / 64 : 0;
                wheel.takeDue(now, [&](Node& node) {
                    agrees = agrees && !model.empty() && model.begin()->second == &node && node.deadline <= now;
                    if (agrees) model.erase(model.begin());
                });
                agrees = agrees && (model.empty() || model.begin()->first.first > now);
            }
            const std::int64_t first = model.empty() ? never : model.begin()->first.first;
            agrees = agrees && wheel.empty() == model.empty() && wheel.first() == first && wheel.soonest() <= first &&
                     wheel.first(8) <= first && (first != never || wheel.soonest() == never);
        }
        CHECK(agrees);
    }
}
