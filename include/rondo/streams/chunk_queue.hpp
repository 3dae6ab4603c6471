// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/memory.hpp>

#include <limits>
#include <memory>
#include <utility>

namespace rondo::streams {

/// A queue-with-sizes: chunks, each with its size, and the sum of these.
/// https://streams.spec.whatwg.org/#queue-with-sizes
///
/// A chunk lies where it was put until it is taken out, so that it can be used there. Making, moving and destroying a
/// chunk is a program's own code, which may use the queue.
template <class T>
class ChunkQueue {
public:
    /// A chunk outside of the queue: it is made before, and goes after, the queue is touched.
    class Chunk : public base::Pooled {
    public:
        template <class... Args>
        explicit Chunk(double size, Args&&... args) : value(std::forward<Args>(args)...), size_(size) {}

        /// Throws a `RangeError` for what is no size.
        void resize(double size) {
            checkSize(size);
            size_ = size;
        }

        T value;

    private:
        friend class ChunkQueue;
        Chunk* next_ = nullptr;
        double size_;
    };
    using Taken = std::unique_ptr<Chunk>;

    ChunkQueue() noexcept = default;
    ChunkQueue(const ChunkQueue&) = delete;
    ChunkQueue& operator=(const ChunkQueue&) = delete;
    ~ChunkQueue() { reset(); }

    bool empty() const noexcept { return first_ == nullptr; }
    double totalSize() const noexcept { return totalSize_; }

    /// EnqueueValueWithSize. Throws a `RangeError` if the size is negative, infinite or no number, and what making the
    /// value throws, or `std::bad_alloc`; then nothing has changed.
    template <class... Args>
    void enqueue(double size, Args&&... args) {
        checkSize(size);
        push(std::make_unique<Chunk>(size, std::forward<Args>(args)...));
    }
    static void checkSize(double size) {
        if (!(size >= 0 && size <= std::numeric_limits<double>::max()))
            throw RangeError("the size of a chunk is a finite number of 0 or more");
    }
    /// The same of a chunk that has been made; its size has been checked.
    void push(Taken chunk) noexcept {
        totalSize_ += chunk->size_;
        *end_ = chunk.release();
        end_ = &(*end_)->next_;
    }

    /// PeekQueueValue: where the oldest chunk lies.
    T& peek() noexcept { return first_->value; }

    /// DequeueValue: the oldest chunk.
    Taken dequeue() noexcept {
        Taken chunk(first_);
        first_ = std::exchange(chunk->next_, nullptr);
        if (!first_) end_ = &first_;
        totalSize_ -= chunk->size_;
        if (totalSize_ < 0) totalSize_ = 0; // by rounding
        return chunk;
    }

    /// The oldest chunk counts that much less.
    void shrinkFirst(double size) noexcept {
        first_->size_ -= size;
        totalSize_ -= size;
    }

    /// ResetQueue: destroys the chunks, oldest first.
    void reset() noexcept {
        totalSize_ = 0;
        end_ = &first_;
        for (Chunk* chunk = std::exchange(first_, nullptr); chunk;) {
            const Taken gone(std::exchange(chunk, chunk->next_));
        }
    }

private:
    Chunk* first_ = nullptr;
    Chunk** end_ = &first_;
    double totalSize_ = 0;
};

}
