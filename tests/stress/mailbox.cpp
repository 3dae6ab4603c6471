// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/loop/event_loop.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// Real threads and real time. Every wait is bounded: a loop that is not woken when it should be is woken by its
// watchdog instead, which the test takes as a failure.

using namespace rondo;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t posters = 4;
constexpr auto patience = 20s; // of a watchdog: far more than any of this takes
constexpr auto effort = 300ms; // of what goes on for a while

/// Counts those that live, on all threads.
struct Witness {
    static inline std::atomic<int> alive{0};
    Witness() { ++alive; }
    Witness(const Witness&) = delete;
    Witness(Witness&&) noexcept { ++alive; }
    Witness& operator=(Witness&&) = delete;
    ~Witness() { --alive; }
};

/// Turns `loop` until `done`; false if its watchdog had to end that.
bool turnUntil(EventLoop& loop, const bool& done) {
    bool late = false;
    const auto watchdog = loop.setTimer(
        [&] {
            late = true;
            loop.stop();
        },
        patience, false);
    loop.turnUntil([&] { return done; });
    loop.clearTimer(watchdog);
    return !late;
}

/// Puts a task into a mailbox whose loop may have gone.
template <class F>
void put(loop::Mailbox& mailbox, F f) {
    mailbox.put(*new loop::CallbackTask<F, loop::Unpooled>(std::move(f), loop::TaskSource::posted));
}

/// The mailbox of the loop that lives now, for threads that know no more.
class Address {
public:
    void set(std::shared_ptr<loop::Mailbox> mailbox) {
        const std::lock_guard lock(mutex_);
        mailbox_ = std::move(mailbox);
    }
    std::shared_ptr<loop::Mailbox> get() const {
        const std::lock_guard lock(mutex_);
        return mailbox_;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<loop::Mailbox> mailbox_;
};

/// Now and then lets another thread run, so that they meet at different places.
void stumble(int step) {
    if (step % 13 == 0) std::this_thread::yield();
    if (step % 101 == 0) std::this_thread::sleep_for(50us); // long enough for the loop to fall asleep
}

}

TEST_CASE("every task of every thread runs once and in its thread's order while the loop sleeps and wakes") {
    constexpr int each = 5'000;
    EventLoop loop;
    std::array<int, posters> next{};
    std::size_t finished = 0;
    bool inOrder = true;
    bool done = false;
    std::vector<std::thread> threads;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            for (int number = 0; number < each; ++number) {
                loop.post([&, from, number, w = Witness()] {
                    inOrder = inOrder && next[from]++ == number;
                    if (number == each - 1) done = ++finished == posters;
                });
                stumble(number + static_cast<int>(from));
            }
        });
    }
    loop.hold(false);
    const bool inTime = turnUntil(loop, done);
    loop.release(false);
    for (std::thread& thread : threads) thread.join();
    CHECK(inTime);
    CHECK(inOrder);
    CHECK(next == std::array<int, posters>{each, each, each, each});
    CHECK(Witness::alive == 0);
}

TEST_CASE("a loop that sleeps is woken by every single task") {
    // Each thread posts again only when its task has run, so that the loop falls asleep again and again.
    EventLoop loop;
    std::array<std::atomic<bool>, posters> answered{};
    std::atomic<bool> stop{false};
    std::size_t finished = 0;
    bool done = false;
    std::vector<std::thread> threads;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            const auto end = SteadyClock::now() + effort;
            while (SteadyClock::now() < end && !stop) {
                answered[from] = false;
                loop.post([&, from] {
                    answered[from] = true;
                    answered[from].notify_one();
                });
                answered[from].wait(false);
            }
            loop.post([&] { done = ++finished == posters; });
        });
    }
    loop.hold(false);
    const bool inTime = turnUntil(loop, done);
    stop = true;
    if (!inTime) turnUntil(loop, done); // or the threads could not be joined
    loop.release(false);
    for (std::thread& thread : threads) thread.join();
    CHECK(inTime);
}

TEST_CASE("a loop that sleeps until a timer is due is woken by mail and by the timer") {
    EventLoop loop;
    int beats = 0;
    int received = 0;
    bool done = false;
    std::atomic<bool> stop{false};
    const auto interval = loop.setTimer(
        [&] {
            if (++beats == 100) done = true;
        },
        1ms, true);
    std::vector<std::thread> threads;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            for (int step = static_cast<int>(from); !stop; ++step) {
                loop.post([&] { ++received; });
                std::this_thread::sleep_for(std::chrono::microseconds(300 + 37 * from));
                stumble(step);
            }
        });
    }
    const bool inTime = turnUntil(loop, done);
    const double took = loop.now();
    stop = true;
    for (std::thread& thread : threads) thread.join();
    loop.clearTimer(interval);
    CHECK(inTime);
    CHECK(took >= 100); // a timer never runs early
    CHECK(received > 0);
}

TEST_CASE("tasks posted while loops die and are replaced run or are dropped and none is lost") {
    Address address;
    std::atomic<bool> stop{false};
    std::atomic<int> made{0};
    std::atomic<int> gone{0}; // run or dropped
    int ran = 0;
    struct Task {
        std::atomic<int>& gone;
        int& ran;
        Witness witness{};
        bool armed = true;
        Task(std::atomic<int>& g, int& r) : gone(g), ran(r) {}
        Task(Task&& other) noexcept : gone(other.gone), ran(other.ran), armed(std::exchange(other.armed, false)) {}
        Task& operator=(Task&&) = delete;
        ~Task() {
            if (armed) ++gone;
        }
        void operator()() const { ++ran; } // on the loops' thread
    };
    std::vector<std::thread> threads;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            std::shared_ptr<loop::Mailbox> mailbox;
            for (int step = static_cast<int>(from); !stop; ++step) {
                if (step % 10 == 0 || !mailbox) mailbox = address.get(); // in between it may be a dead loop's
                if (!mailbox) {
                    std::this_thread::yield();
                    continue;
                }
                ++made;
                put(*mailbox, Task(gone, ran));
                stumble(step);
            }
        });
    }
    bool inTime = true;
    int rounds = 0;
    const auto end = SteadyClock::now() + effort;
    for (; (SteadyClock::now() < end || rounds < 20) && inTime; ++rounds) {
        EventLoop loop;
        address.set(loop.mailbox());
        bool done = false;
        const auto check = loop.setTimer([&, before = ran] { done = ran > before + 20; }, 100us, true);
        inTime = turnUntil(loop, done);
        loop.clearTimer(check);
    } // every loop dies with mail under way
    stop = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(inTime);
    CHECK(rounds >= 20);
    CHECK(ran > 0);
    CHECK(gone == made);
    CHECK(Witness::alive == 0);
}

TEST_CASE("a poster may still be about to return when the loop it posted to has gone") {
    const auto end = SteadyClock::now() + effort;
    int rounds = 0;
    bool inTime = true;
    for (; SteadyClock::now() < end && inTime; ++rounds) {
        std::optional<EventLoop> loop(std::in_place);
        bool done = false;
        loop->hold(false);
        std::thread poster([&] { loop->post([&] { done = true; }); });
        inTime = turnUntil(*loop, done);
        loop.reset();
        poster.join();
    }
    CHECK(inTime);
    CHECK(rounds > 0);
}

TEST_CASE("a foreign loop that sleeps as long as it is told misses no mail") {
    std::mutex mutex;
    std::condition_variable interrupts;
    bool interrupted = false;
    EventLoop loop;
    loop.onWake([&] {
        const std::lock_guard lock(mutex);
        interrupted = true;
        interrupts.notify_one();
    });
    constexpr int each = 3'000;
    int received = 0;
    std::vector<std::thread> threads;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            for (int number = 0; number < each; ++number) {
                loop.post([&, w = Witness()] { ++received; });
                stumble(number + static_cast<int>(from));
            }
        });
    }
    bool inTime = true;
    while (received < static_cast<int>(posters) * each && inTime) {
        loop.poll();
        if (received == static_cast<int>(posters) * each) break;
        const auto deadline = loop.nextDeadline();
        if (deadline && *deadline <= SteadyClock::now()) continue;
        std::unique_lock lock(mutex);
        inTime = interrupts.wait_for(lock, patience, [&] { return interrupted; });
        interrupted = false;
    }
    for (std::thread& thread : threads) thread.join();
    loop.poll();
    CHECK(inTime);
    CHECK(received == static_cast<int>(posters) * each);
    CHECK(Witness::alive == 0);
}

TEST_CASE("two loops on two threads play ping-pong") {
    EventLoop loop;
    std::atomic<EventLoop*> other{nullptr};
    std::atomic<bool> theirsInTime{false};
    bool theirsDone = false; // touched by the other thread
    int received = 0;
    bool done = false;
    std::thread player([&] {
        EventLoop theirs;
        other = &theirs;
        other.notify_one();
        theirs.hold(false);
        theirsInTime = turnUntil(theirs, theirsDone);
        theirs.release(false);
    });
    other.wait(nullptr);
    EventLoop& theirs = *other;
    constexpr int rallies = 2'000;
    struct Ping {
        EventLoop& here;
        EventLoop& there;
        int& received;
        bool& done;
        bool& theirsDone;
        void operator()() const {
            there.post([ping = *this] {
                ping.here.post([ping] {
                    if (++ping.received < rallies) {
                        ping();
                    } else {
                        ping.done = true;
                        ping.there.post([&end = ping.theirsDone] { end = true; });
                    }
                });
            });
        }
    };
    loop.hold(false);
    loop.post(Ping{loop, theirs, received, done, theirsDone});
    const bool inTime = turnUntil(loop, done);
    loop.release(false);
    if (!inTime) theirs.post([&] { theirsDone = true; });
    player.join();
    CHECK(inTime);
    CHECK(theirsInTime);
    CHECK(received == rallies);
}

TEST_CASE("a foreign loop that is told a later deadline is woken by a post before it") {
    EventLoop loop;
    int wakes = 0;
    loop.onWake([&] { ++wakes; });
    std::this_thread::sleep_for(std::chrono::milliseconds(17));
    const auto far =
        loop.setTimer([] {}, 14, false); // some timers are looked for together, from when the first might be due
    loop.post([&] {
        const auto near = loop.setTimer([] {}, 1, false);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        loop.clearTimer(near);
    });
    loop.poll();
    const auto deadline = loop.nextDeadline();
    REQUIRE(deadline.has_value());
    const int before = wakes;
    std::thread([&] { loop.post([] {}); }).join();
    CHECK((wakes > before || *deadline <= EventLoop::TimePoint::clock::now()));
    loop.clearTimer(far);
}
