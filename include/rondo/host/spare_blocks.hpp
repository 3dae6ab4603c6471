// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace rondo::host {

/// Memory for what leaves for another thread and mostly comes home: the loop that gets it back keeps it for the next.
///
/// The blocks are the global heap's, for what does not come home is freed wherever it is. With AddressSanitizer
/// nothing is kept.
class SpareBlocks {
public:
    SpareBlocks() noexcept = default;
    SpareBlocks(const SpareBlocks&) = delete;
    SpareBlocks& operator=(const SpareBlocks&) = delete;
    ~SpareBlocks() {
        for (std::size_t units = 0; units < bySize_.size(); ++units) {
            while (Block* block = bySize_[units]) {
                bySize_[units] = block->next;
                ::operator delete(block, units * unit);
            }
        }
    }

    void* take(std::size_t bytes) {
        const std::size_t units = unitsOf(bytes);
        if (units >= bySize_.size()) return ::operator new(units * unit);
        if (Block* block = bySize_[units]) {
            bySize_[units] = block->next;
            room_ += units;
            return block;
        }
        return ::operator new(units * unit);
    }

    void putBack(void* memory, std::size_t bytes) noexcept {
        const std::size_t units = unitsOf(bytes);
        if (units >= bySize_.size() || room_ < units) return free(memory, bytes);
        bySize_[units] = ::new (memory) Block{bySize_[units]};
        room_ -= units;
    }

    /// On a thread that has no spare blocks.
    static void free(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, unitsOf(bytes) * unit); }

private:
    struct Block {
        Block* next;
    };

    static constexpr std::size_t unit = 32;
    static std::size_t unitsOf(std::size_t bytes) noexcept { return (bytes + unit - 1) / unit; }

    std::array<Block*, 17> bySize_{};                                          // in units
    std::size_t room_ = base::FreeLists::keepsBlocks() ? (1 << 18) / unit : 0; // units it may still keep
};

}
