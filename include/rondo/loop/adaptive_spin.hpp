// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace rondo::loop {

/// A thread's waits for what another one brings. To be woken up costs more than what is waited for, if that comes soon: on
/// a core that has gone idle some tens of microseconds. So when the last few waits were short it spins before it sleeps. It
/// yields to whoever else wants the core, and gives up when that takes long: then there are better uses of the time. To have
/// spun in vain ends the habit: where spinning does not help it is tried once in a few waits.
template <class Clock = std::chrono::steady_clock>
class AdaptiveSpin {
public:
    using TimePoint = std::chrono::time_point<Clock>;

    /// A wait that takes less is short; being woken up is a part of it.
    static constexpr std::chrono::microseconds soon{200};
    /// How long it spins.
    static constexpr std::chrono::microseconds patience{100};
    /// Whoever has been yielded to for longer does more than pass something on.
    static constexpr std::chrono::microseconds crowded{50};
    /// So many short waits one after the other are a habit.
    static constexpr int habit = 4;

    /// Returns when `comes()`, or else calls `sleep()`, which waits as long as it takes. Does not spin beyond the deadline.
    template <class Comes, class Sleep>
    void wait(Comes comes, Sleep sleep, const TimePoint& deadline = TimePoint::max()) noexcept {
        const TimePoint began = Clock::now();
        if (shortWaits_ == habit) {
            const TimePoint end = deadline < began + patience ? deadline : began + patience;
            for (TimePoint now = began, before = now; now < end && now - before <= crowded;
                 before = std::exchange(now, Clock::now())) {
                if (comes()) return;
                std::this_thread::yield();
            }
            shortWaits_ = 0;
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
