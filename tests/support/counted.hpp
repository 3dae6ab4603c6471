// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>

#include <cstddef>
#include <new>

/// A value that counts its lives, copies and moves.
struct Counted {
    static inline int alive = 0;
    static inline int copies = 0;
    static inline int moves = 0;
    static void reset() { alive = copies = moves = 0; }

    explicit Counted(int number = 0) : value(number) { ++alive; }
    Counted(const Counted& other) : value(other.value) { ++alive, ++copies; }
    Counted(Counted&& other) noexcept : value(other.value) {
        other.value = -1;
        ++alive, ++moves;
    }
    Counted& operator=(const Counted& other) {
        value = other.value;
        ++copies;
        return *this;
    }
    Counted& operator=(Counted&& other) noexcept {
        value = other.value;
        other.value = -1;
        ++moves;
        return *this;
    }
    ~Counted() { --alive; }

    int value;
};

/// A value that can only be moved.
struct MoveOnly {
    explicit MoveOnly(int number) : value(number) {}
    MoveOnly(MoveOnly&& other) noexcept : value(other.value) { other.value = -1; }
    MoveOnly& operator=(MoveOnly&& other) noexcept {
        value = other.value;
        other.value = -1;
        return *this;
    }

    int value;
};

/// The memory source of a thread while it lives: what it has given out and not got back. Make it where the thread
/// holds no block.
class CountingSource final : public rondo::base::MemorySource {
public:
    CountingSource() : before_(replace(this)) {}
    CountingSource(const CountingSource&) = delete;
    CountingSource& operator=(const CountingSource&) = delete;
    ~CountingSource() override { replace(before_); }

    void* allocate(std::size_t bytes) override {
        void* block = ::operator new(bytes);
        ++blocks_, ++allocations_;
        bytes_ += bytes;
        return block;
    }
    void deallocate(void* block, std::size_t bytes) noexcept override {
        --blocks_;
        bytes_ -= bytes;
        ::operator delete(block, bytes);
    }

    /// Blocks in use, those that lie in free lists not counted.
    int balance() {
        rondo::base::FreeLists::trim();
        return blocks_;
    }
    int allocations() const noexcept { return allocations_; }
    /// What these blocks are long, those in free lists counted.
    std::size_t bytes() const noexcept { return bytes_; }

private:
    MemorySource* before_;
    int blocks_ = 0;
    int allocations_ = 0;
    std::size_t bytes_ = 0;
};
