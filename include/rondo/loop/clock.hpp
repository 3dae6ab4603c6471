// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace rondo::loop {

/// The clock a loop reads, in nanoseconds since the loop began: the steady one, or a virtual one that moves only
/// when it is told to.
class Clock {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit Clock(bool isVirtual) noexcept : isVirtual_(isVirtual), origin_(std::chrono::steady_clock::now()) {}

    bool isVirtual() const noexcept { return isVirtual_; }

    std::int64_t read() const noexcept {
        if (isVirtual_) return virtualNow_;
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - origin_).count();
    }

    void jumpTo(std::int64_t instant) noexcept { virtualNow_ = instant; }

    /// The instant on the steady clock.
    TimePoint timePoint(std::int64_t instant) const noexcept {
        return origin_ +
               std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::nanoseconds(instant));
    }

private:
    bool isVirtual_;
    TimePoint origin_;
    std::int64_t virtualNow_ = 0;
};

}
