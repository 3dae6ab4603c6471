// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace rondo::loop {

/// A thread's waits for what another one brings. To be woken up costs more than what is waited for, if that comes soon: on
/// a core that has gone idle some 50 us. So when the last few waits were short it spins before it sleeps. It yields to
/// whoever else wants the core, and gives up when that takes long: then there are better uses of the time. A wait that turns
/// out to be long costs the time of a short one, and is the last that does until there is a habit again.
template <class Clock = std::chrono::steady_clock>
class AdaptiveSpin {
public:
    using TimePoint = std::chrono::time_point<Clock>;

    /// A wait that takes less is short.
    static constexpr std::chrono::microseconds soon{200};
    /// Whoever has been yielded to for longer does more than pass something on.
    static constexpr std::chrono::microseconds crowded{50};
    /// So many short waits one after the other are a habit.
    static constexpr int habit = 4;

    /// Returns when `comes()`, or else calls `sleep()`, which waits as long as it takes. Does not spin beyond the deadline.
    template <class Comes, class Sleep>
    void wait(Comes comes, Sleep sleep, const TimePoint& deadline = TimePoint::max()) noexcept {
        const TimePoint began = Clock::now();
        if (shortWaits_ == habit) {
            const TimePoint end = deadline < began + soon ? deadline : began + soon;
            for (TimePoint now = began, before = began; now < end; before = std::exchange(now, Clock::now())) {
                if (comes()) return;
                if (now - before > crowded) {
                    shortWaits_ = 0;
                    break;
                }
                std::this_thread::yield();
            }
        }
        sleep();
        if (Clock::now() - began >= soon) {
            shortWaits_ = 0;
        } else if (shortWaits_ < habit) {
            ++shortWaits_;
        }
    }

private:
    int shortWaits_ = 0;
};

}
