// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace rondo::network {

/// Bytes on their way between two threads, in pieces: small ones are put together as long as nobody takes them.
class ByteQueue {
public:
    /// How long a piece is made that bytes are put together in.
    static constexpr std::size_t pieceLength = std::size_t{128} * 1024;

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// Puts copies of some bytes at the end. `expected` is how many may yet come, if that is known, these included.
    /// `std::bad_alloc` may leave the first of them there.
    void append(const std::uint8_t* bytes, std::size_t count, std::size_t expected) {
        while (count > 0) {
            if (tail_.room == 0) addPiece(count, expected);
            const std::size_t part = count < tail_.room ? count : tail_.room;
            std::memcpy(tail_.end, bytes, part);
            tail_.end += part;
            tail_.room -= part;
            pieces_.back().filled += part;
            size_ += part;
            bytes += part;
            count -= part;
            expected -= part < expected ? part : expected;
        }
    }

    /// Puts a piece at the end, which may have no bytes: then it is left out.
    void push(Uint8Array piece) {
        const std::size_t length = piece.length();
        if (length == 0) return;
        auto offset = piece.byteOffset();
        pieces_.push_back({std::move(piece).takeBuffer(), offset, length});
        tail_ = {};
        size_ += length;
    }

    /// The first piece; of an empty queue, none.
    Uint8Array take() noexcept {
        if (empty()) return {};
        Piece& first = pieces_[first_];
        Uint8Array taken(std::move(first.buffer), first.offset, first.filled);
        size_ -= first.filled;
        forgetFirst();
        return taken;
    }

    /// Copies up to `room` bytes out of the queue, and returns how many.
    std::size_t copyOut(void* to, std::size_t room) noexcept {
        auto* out = static_cast<std::uint8_t*>(to);
        std::size_t copied = 0;
        while (copied < room && !empty()) {
            Piece& first = pieces_[first_];
            const std::size_t part = first.filled < room - copied ? first.filled : room - copied;
            std::memcpy(out + copied, first.buffer->data() + first.offset, part);
            copied += part;
            size_ -= part;
            first.offset += part;
            first.filled -= part;
            if (first.filled == 0) forgetFirst();
        }
        return copied;
    }

    void clear() noexcept {
        pieces_.clear();
        first_ = size_ = 0;
        tail_ = {};
    }

private:
    struct Piece {
        std::unique_ptr<streams::ArrayBuffer> buffer;
        std::size_t offset;
        std::size_t filled;
    };
    /// Where the last piece may be continued.
    struct Tail {
        std::uint8_t* end = nullptr;
        std::size_t room = 0;
    };

    void addPiece(std::size_t count, std::size_t expected) {
        std::size_t length = expected < pieceLength ? expected : pieceLength;
        if (length < count) length = count;
        auto buffer = streams::ArrayBuffer::make(length, false);
        std::uint8_t* const begin = buffer->data();
        pieces_.push_back({std::move(buffer), 0, 0});
        tail_ = {begin, length};
    }

    void forgetFirst() noexcept {
        if (++first_ == pieces_.size()) {
            pieces_.clear();
            first_ = 0;
            tail_ = {};
        } else if (first_ == 64) { // it may never be empty
            pieces_.erase(pieces_.begin(), pieces_.begin() + 64);
            first_ = 0;
        }
    }

    std::vector<Piece> pieces_;
    std::size_t first_ = 0; // those before it have been taken
    std::size_t size_ = 0;
    Tail tail_;
};

}
