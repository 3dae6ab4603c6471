// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/base/memory.hpp>
#include <rondo/events.hpp>
#include <rondo/loop.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Blocks on their way from one thread to another.
class Exchange {
public:
    void put(void* block) {
        const std::lock_guard lock(mutex_);
        blocks_.push_back(block);
    }
    void* take() {
        const std::lock_guard lock(mutex_);
        if (blocks_.empty()) return nullptr;
        void* const block = blocks_.back();
        blocks_.pop_back();
        return block;
    }

private:
    std::mutex mutex_;
    std::vector<void*> blocks_;
};

}

TEST_CASE("blocks are made, handed over and freed by threads that come and go") {
    constexpr std::size_t bytes = 176;
    Exchange exchange;
    for (int round = 0; round < 20; ++round) {
        std::vector<std::thread> threads;
        for (int number = 0; number < 4; ++number) {
            threads.emplace_back([&exchange, number, round] {
                if (number % 2 == 0) base::FreeLists::open();
                for (int i = 0; i < 3'000; ++i) {
                    auto* const block = static_cast<unsigned char*>(base::FreeLists::allocate(bytes));
                    block[0] = block[bytes - 1] = static_cast<unsigned char>(i);
                    exchange.put(block);
                    if ((i + number) % 3 == 0) continue;
                    if (void* const other = exchange.take()) base::FreeLists::deallocate(other, bytes);
                }
                if (number == round % 4) base::FreeLists::trim();
                base::FreeLists::giveIdleBack(0);
                base::FreeLists::giveIdleBack(2'000'000'000);
                base::FreeLists::giveSurplusBack();
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    while (void* const block = exchange.take()) base::FreeLists::deallocate(block, bytes);
    base::FreeLists::trim();
}

TEST_CASE("an event target that was made where there is no loop may be handed over, and its maker goes on") {
    for (int i = 0; i < 200; ++i) {
        auto target = std::make_unique<EventTarget>();
        int calls = 0;
        target->addEventListener("a", [&calls](Event&) { ++calls; });
        std::thread([&calls, given = std::move(target)]() mutable {
            EventLoop loop;
            given->addEventListener("b", [] {});
            given->dispatchEvent(Event("a"));
            CHECK(calls == 1);
            given.reset();
        }).join();
        EventTarget other;
        other.addEventListener("a", [&calls](Event&) { ++calls; });
        other.dispatchEvent(Event("a"));
        CHECK(calls == 2);
    }
}
