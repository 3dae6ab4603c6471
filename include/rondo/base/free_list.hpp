// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace rondo::base {

/// The free blocks of one size that a thread has, and the slabs that it carves them from. `bytes` is that size.
///
/// A list that has taken more than it keeps is looked at now and then. A look sets aside what lies in it; what is set
/// aside is still given out, before anything new is carved. What lies there when the list is next looked at has been idle:
/// it is sorted by slabs, and those that are whole are given back. A look is short: it sorts some thousand blocks.
class FreeList {
public:
    /// How many bytes it keeps, whatever happens.
    static constexpr std::size_t kept = std::size_t{1} << 20;

    /// When it is to be looked at again.
    enum class Look : std::uint8_t { never, later, soon };

    /// The block that is given out next, taken off the list; null if there is none.
    FreeBlock* pop() noexcept {
        if (!first_) return nullptr;
        ++room_;
        return std::exchange(first_, first_->next);
    }

    /// False if it has no room.
    bool take(void* memory) noexcept {
        if (--room_ < 0) [[unlikely]]
            return false;
        first_ = ::new (memory) FreeBlock{first_};
        return true;
    }

    /// It keeps blocks from here on.
    void open(std::size_t bytes) noexcept { room_ = static_cast<std::ptrdiff_t>(kept / bytes); }

    /// A block, when the list is empty. Throws `std::bad_alloc`.
    void* allocate(const void* owner, std::size_t bytes) {
        constexpr std::size_t stretch = 2048; // some more at once
        if (!rested_ && sorted_ > 0) {
            sweep(SIZE_MAX);
            if (FreeBlock* const block = pop()) return block;
        }
        FreeBlock** end = &first_;
        if (rested_) {
            FreeBlock* const block = std::exchange(rested_, rested_->next);
            for (std::size_t more = stretch; more >= bytes && rested_; more -= bytes) {
                *end = std::exchange(rested_, rested_->next);
                end = &(*end)->next;
                --room_;
            }
            *end = nullptr;
            return block;
        }
        if (!slabs_ || !slabs_->fits(bytes)) slabs_ = Slab::make(owner, slabs_);
        void* const block = slabs_->carve(bytes);
        for (std::size_t more = stretch; more >= bytes && slabs_->fits(bytes); more -= bytes) { // in order of address
            *end = ::new (slabs_->carve(bytes)) FreeBlock{nullptr};
            end = &(*end)->next;
            --room_;
        }
        return block;
    }

    /// Takes a block for which it has no room: it is to be looked at.
    void takeMore(void* memory) noexcept {
        first_ = ::new (memory) FreeBlock{first_};
        room_ = PTRDIFF_MAX / 2;
        overfull_ = true;
    }
    /// It has no room, and does not become overfull by that.
    void refuse() noexcept { room_ = 0; }

    Look look(const void* owner, std::size_t bytes) noexcept {
        if (rested_) {
            constexpr int most = 16 * 1024; // a few milliseconds, if they are not in the cache
            for (int i = 0; i < most && rested_; ++i) sort(owner, std::exchange(rested_, rested_->next));
            if (rested_) return Look::soon;
            const std::size_t idle = sorted_;
            const bool gone = sweep(kept);
            fragmented_ = !gone && idle * bytes >= kept + Slab::size;
            if (fragmented_) { // not again before there are twice as many, or the loop ends
                room_ = static_cast<std::ptrdiff_t>(idle);
                overfull_ = false;
            }
            if (!gone && !overfull_) return Look::never;
        } else if (!overfull_) {
            return Look::never;
        }
        rested_ = std::exchange(first_, nullptr);
        open(bytes);
        overfull_ = false;
        return Look::later;
    }

    /// Gives back what can be of a list that has had too much, but for what is kept.
    void reduce(const void* owner, std::size_t bytes) noexcept {
        if (rested_ || sorted_ > 0 || overfull_ || fragmented_) giveBack(owner, bytes, kept);
    }
    /// Gives back all that can be.
    void trim(const void* owner, std::size_t bytes) noexcept { giveBack(owner, bytes, 0); }

    /// Puts what lies elsewhere into the list.
    void join(const void* owner) noexcept {
        while (rested_) sort(owner, std::exchange(rested_, rested_->next));
        sweep(SIZE_MAX);
    }
    /// The thread ends: whoever has blocks of its slabs brings them back.
    void abandon(const void* owner) noexcept {
        while (FreeBlock* const block = pop()) sort(owner, block);
        while (Slab* const slab = slabs_) {
            slabs_ = slab->next();
            Slab::abandon(slab);
        }
        sorted_ = 0;
        room_ = 0;
    }

    std::size_t slabs() const noexcept {
        std::size_t count = 0;
        for (const Slab* slab = slabs_; slab; slab = slab->next()) ++count;
        return count;
    }

private:
    /// Puts a block to its slab; one of another thread goes back.
    void sort(const void* owner, FreeBlock* block) noexcept {
        if (Slab& slab = Slab::of(block); slab.belongsTo(owner)) {
            slab.take(block);
            ++sorted_;
        } else if (Slab* const gone = Slab::bringBack(block)) {
            Slab::destroy(gone);
        }
    }

    /// Gives slabs that are whole back, but for `spared` bytes of them, and puts what else was sorted into the list. False
    /// if none has gone.
    bool sweep(std::size_t spared) noexcept {
        bool gone = false;
        Slab** link = &slabs_;
        while (Slab* const slab = *link) {
            const bool whole = slab->whole();
            if (whole && spared == 0) {
                gone = true;
                *link = slab->next();
                Slab::destroy(slab);
                continue;
            }
            if (whole) spared -= spared < Slab::size ? spared : Slab::size;
            room_ -= static_cast<std::ptrdiff_t>(slab->put(first_));
            link = &slab->link();
        }
        sorted_ = 0;
        return gone;
    }

    void giveBack(const void* owner, std::size_t bytes, std::size_t spared) noexcept {
        while (FreeBlock* const block = pop()) sort(owner, block);
        while (rested_) sort(owner, std::exchange(rested_, rested_->next));
        open(bytes);
        sweep(spared);
        overfull_ = fragmented_ = false;
    }

    FreeBlock* first_ = nullptr;
    std::ptrdiff_t room_ = 0; // how many blocks it may still take
    Slab* slabs_ = nullptr;   // the next block is carved from the first
    FreeBlock* rested_ = nullptr;
    std::size_t sorted_ = 0;
    bool overfull_ = false;
    bool fragmented_ = false; // of what was idle, no slab was whole
};

}
