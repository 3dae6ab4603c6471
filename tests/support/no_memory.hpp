// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>

#include <cstddef>
#include <new>

/// While it lives the thread's memory source has nothing left. Blocks that are held may be given back.
class NoMemory final : public rondo::base::MemorySource {
public:
    NoMemory() : before_(replace(this)) {}
    NoMemory(const NoMemory&) = delete;
    NoMemory& operator=(const NoMemory&) = delete;
    ~NoMemory() override { replace(before_); }

    void* allocate(std::size_t) override { throw std::bad_alloc(); }
    void deallocate(void* block, std::size_t bytes) noexcept override {
        if (before_) {
            before_->deallocate(block, bytes);
        } else {
            ::operator delete(block, bytes);
        }
    }

private:
    MemorySource* before_;
};
