// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"

#include <rondo/base/memory.hpp>

#include <cstddef>
#include <new>

/// A memory source that gives what is asked for until it is told to fail. Make it where the thread holds no block.
class FailingSource final : public rondo::base::MemorySource {
public:
    FailingSource() : before_(replace(this)) {}
    FailingSource(const FailingSource&) = delete;
    FailingSource& operator=(const FailingSource&) = delete;
    ~FailingSource() override { replace(before_); }

    /// From now on `successes` allocations succeed, then one fails; those after it succeed again.
    void failAfter(int successes) {
        rondo::base::FreeLists::trim(); // or the next allocations would not come here
        successes_ = successes;
        armed_ = true;
        failed_ = false;
    }
    void disarm() noexcept { armed_ = false; }
    bool failed() const noexcept { return failed_; }

    /// Blocks in use, those that lie in free lists not counted.
    int balance() {
        rondo::base::FreeLists::trim();
        return blocks_;
    }

    void* allocate(std::size_t bytes) override {
        if (armed_ && successes_-- == 0) {
            armed_ = false;
            failed_ = true;
            throw std::bad_alloc();
        }
        void* block = ::operator new(bytes);
        ++blocks_;
        return block;
    }
    void deallocate(void* block, std::size_t) noexcept override {
        --blocks_;
        ::operator delete(block);
    }

private:
    MemorySource* before_;
    int blocks_ = 0;
    int successes_ = 0;
    bool armed_ = false;
    bool failed_ = false;
};

/// Calls `scenario(source)` with the first, the second, ... allocation failing, until one call needs no more.
/// Returns how many allocations the scenario makes.
template <class Scenario>
int failEachAllocation(Scenario scenario) {
    FailingSource source;
    for (int successes = 0;; ++successes) {
        REQUIRE(successes < 100);
        scenario(source, successes);
        source.disarm();
        const int balance = source.balance();
        INFO("allocation " << successes << " failed");
        CHECK(balance == 0);
        if (!source.failed()) return successes;
    }
}
