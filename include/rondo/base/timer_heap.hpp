// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/array.hpp>

#include <cstddef>
#include <cstdint>

namespace rondo::base {

/// A 4-ary min-heap on (deadline, order of arrival) whose elements can be removed from the middle.
///
/// It tells `Positions` where each element stands: `positions.moved(slot, position)`. Only `reserve` allocates;
/// `push` needs room that was reserved.
template <class Positions>
class TimerHeap {
public:
    struct Entry {
        std::int64_t deadline;
        std::uint64_t order;
        std::uint32_t slot;

        bool operator<(const Entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline : order < other.order;
        }
    };

    explicit TimerHeap(Positions& positions) noexcept : positions_(positions) {}

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    const Entry& top() const noexcept { return entries_[0]; }
    const Entry& at(std::size_t position) const noexcept { return entries_[position]; }

    /// Makes room for `count` elements, or throws `std::bad_alloc` and changes nothing.
    void reserve(std::size_t count) { entries_.reserve(count); }

    void push(const Entry& entry) noexcept {
        entries_.pushReserved(entry);
        rise(entries_.size() - 1, entry);
    }

    void remove(std::size_t position) noexcept {
        const Entry last = entries_.back();
        entries_.pop();
        if (position == entries_.size()) return;
        if (position > 0 && last < entries_[parent(position)]) {
            rise(position, last);
        } else {
            sink(position, last);
        }
    }

private:
    static std::size_t parent(std::size_t position) noexcept { return (position - 1) / 4; }

    void put(std::size_t position, const Entry& entry) noexcept {
        entries_[position] = entry;
        positions_.moved(entry.slot, static_cast<std::uint32_t>(position));
    }

    void rise(std::size_t position, const Entry entry) noexcept {
        while (position > 0 && entry < entries_[parent(position)]) {
            put(position, entries_[parent(position)]);
            position = parent(position);
        }
        put(position, entry);
    }

    void sink(std::size_t position, const Entry entry) noexcept {
        const std::size_t count = entries_.size();
        for (;;) {
            const std::size_t first = position * 4 + 1;
            if (first >= count) break;
            const std::size_t end = first + 4 < count ? first + 4 : count;
            std::size_t least = first;
            for (std::size_t child = first + 1; child < end; ++child) {
                if (entries_[child] < entries_[least]) least = child;
            }
            if (!(entries_[least] < entry)) break;
            put(position, entries_[least]);
            position = least;
        }
        put(position, entry);
    }

    Positions& positions_;
    Array<Entry> entries_;
};

}
