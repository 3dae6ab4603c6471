// SPDX-License-Identifier: MIT
#pragma once

#include "support/measured.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// A million timers of random delays are set, nine of ten are cleared, and the rest fires.
namespace timeouts {

constexpr std::size_t count = 1'000'000;
constexpr std::size_t left = count / 10;

/// Random numbers of milliseconds, from 0 to 1000, the same each time.
inline std::vector<int> randomDelays(std::size_t size) {
    std::vector<int> delays(size);
    std::uint64_t random = 0x2545f4914f6cdd1d;
    for (int& delay : delays) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        delay = static_cast<int>((random >> 32) % 1001);
    }
    return delays;
}

enum class Timed { setAndClear, fire };

/// Does all of it, and times a part. Timers have `set(i, delay)`, `clear(i)` and `fire()`.
template <class Timers>
void run(benchmark::State& state, Timed timed, Timers timers) {
    const std::vector<int> delays = randomDelays(count);
    const auto setAndClear = [&] {
        for (std::size_t i = 0; i < count; ++i) timers.set(i, delays[i]);
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 10 != 0) timers.clear(i);
        }
    };
    Measured measured(state, timed == Timed::fire ? left : count);
    for (auto _ : state) {
        if (timed == Timed::fire) measured.pause();
        setAndClear();
        timed == Timed::fire ? measured.resume() : measured.pause();
        timers.fire();
        if (timed != Timed::fire) measured.resume();
    }
}

/// The floor: a 4-ary heap of deadlines, in which each element knows its position, alone.
class Heap {
public:
    Heap() : positions_(count) { entries_.reserve(count); }

    void set(std::size_t i, int delay) {
        constexpr std::uint64_t nanoseconds = 1'000'000; // in a millisecond; below them, the order of arrival
        const Entry entry{static_cast<std::uint64_t>(delay) * nanoseconds + i, static_cast<std::uint32_t>(i)};
        entries_.push_back(entry);
        rise(entries_.size() - 1, entry);
    }

    void clear(std::size_t i) { remove(positions_[i]); }

    void fire() {
        while (!entries_.empty()) remove(0);
    }

private:
    struct Entry {
        std::uint64_t deadline;
        std::uint32_t timer;
    };

    void remove(std::size_t position) {
        const Entry last = entries_.back();
        entries_.pop_back();
        if (position == entries_.size()) return;
        if (position > 0 && last.deadline < entries_[(position - 1) / 4].deadline) {
            rise(position, last);
        } else {
            sink(position, last);
        }
    }

    void put(std::size_t position, const Entry& entry) {
        entries_[position] = entry;
        positions_[entry.timer] = static_cast<std::uint32_t>(position);
    }

    void rise(std::size_t position, const Entry entry) {
        while (position > 0) {
            const std::size_t parent = (position - 1) / 4;
            if (entries_[parent].deadline <= entry.deadline) break;
            put(position, entries_[parent]);
            position = parent;
        }
        put(position, entry);
    }

    void sink(std::size_t position, const Entry entry) {
        const std::size_t size = entries_.size();
        for (std::size_t first = 4 * position + 1; first < size; first = 4 * position + 1) {
            std::size_t least = first;
            for (std::size_t child = first + 1; child < first + 4 && child < size; ++child) {
                if (entries_[child].deadline < entries_[least].deadline) least = child;
            }
            if (entry.deadline <= entries_[least].deadline) break;
            put(position, entries_[least]);
            position = least;
        }
        put(position, entry);
    }

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> positions_;
};

}
