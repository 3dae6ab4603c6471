// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace rondo::base {

template <class>
inline constexpr bool isDuration = false;
template <class Rep, class Period>
inline constexpr bool isDuration<std::chrono::duration<Rep, Period>> = true;

/// A delay: a number of milliseconds, as in JavaScript, or any `std::chrono::duration`.
///
/// Negative and NaN are 0. Infinite ones, and those beyond 146 years, are `Milliseconds::never`.
///
/// Unlike the Web: there is no 2^31-1 ms at which delays wrap around to 0, and fractions count.
class Milliseconds {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    constexpr Milliseconds() noexcept = default;

    template <class N>
        requires std::is_arithmetic_v<N>
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): a number is a delay, as in JavaScript
    constexpr Milliseconds(N milliseconds) noexcept : nanoseconds_(scaled(milliseconds, 1e6)) {}

    template <class Rep, class Period>
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): and so is a duration
    constexpr Milliseconds(std::chrono::duration<Rep, Period> duration) noexcept
        : nanoseconds_(
              scaled(duration.count(), 1e9 * static_cast<double>(Period::num) / static_cast<double>(Period::den))) {}

    constexpr std::int64_t nanoseconds() const noexcept { return nanoseconds_; }

private:
    static constexpr std::int64_t limit = never / 2;

    template <class N>
    static constexpr std::int64_t scaled(N count, double unit) noexcept {
        if (!(count > N{0})) return 0; // also NaN
        const double nanoseconds = static_cast<double>(count) * unit;
        if (!(nanoseconds < static_cast<double>(limit))) return never;
        if constexpr (std::is_integral_v<N>) {
            const auto whole = static_cast<std::int64_t>(unit);
            if (static_cast<double>(whole) == unit)
                return static_cast<std::int64_t>(count) * whole; // exact where doubles are not
        }
        return static_cast<std::int64_t>(nanoseconds);
    }

    std::int64_t nanoseconds_ = 0;
};

}
