// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/sanitizers.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/on_signal.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <vector>

// Signals from several threads, while loops begin, sleep, go and replace each other. SIGWINCH and SIGURG do nothing where
// nobody listens, so they may come at any time.

using namespace rondo;
using namespace std::chrono_literals;

namespace {

using Action = void (*)(int);

/// What the signal does now.
Action actionOf(int signal) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

/// Threads that send signals to the process, and to the threads that ask for it, until it is destroyed.
class Senders {
public:
    explicit Senders(int count) {
        for (int i = 0; i < count; ++i) threads_.emplace_back([this, i] { send(i); });
    }
    Senders(const Senders&) = delete;
    Senders& operator=(const Senders&) = delete;
    ~Senders() {
        over_ = true;
        for (std::thread& thread : threads_) thread.join();
    }

    /// While it lives, its thread is sent signals of its own.
    class Target {
    public:
        explicit Target(Senders& senders) : senders_(senders), me_(pthread_self()) {
            const std::lock_guard lock(senders_.mutex_);
            senders_.targets_.push_back(me_);
        }
        Target(const Target&) = delete;
        Target& operator=(const Target&) = delete;
        ~Target() {
            const std::lock_guard lock(senders_.mutex_);
            std::erase_if(senders_.targets_, [this](pthread_t each) { return pthread_equal(each, me_) != 0; });
        }

    private:
        Senders& senders_;
        pthread_t me_;
    };

private:
    void send(int seed) {
        for (int step = seed; !over_; ++step) {
            const int signal = step % 2 == 0 ? SIGWINCH : SIGURG;
            kill(getpid(), signal);
            {
                const std::lock_guard lock(mutex_);
                for (const pthread_t target : targets_) pthread_kill(target, signal);
            }
            if (step % 16 == 0) std::this_thread::sleep_for(100us); // between bursts
        }
    }

    std::mutex mutex_;
    std::vector<pthread_t> targets_;
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

constexpr int rounds = withThreadSanitizer ? 400 : 2'000;

}

TEST_CASE("bursts of signals are heard by loops that begin and sleep and go and replace each other") {
    const Watchdog watchdog("bursts of signals for loops that replace each other");
    const Action before = actionOf(SIGWINCH);
    constexpr std::size_t loops = 3;
    std::atomic<int> heard{0};
    std::atomic<int> wrong{0};
    {
        Senders senders(3);
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < loops; ++t) {
            threads.emplace_back([&senders, &heard, &wrong, t] {
                const Senders::Target target(senders);
                for (int round = 0; round < rounds; ++round) {
                    EventLoop loop;
                    const auto me = std::this_thread::get_id();
                    int here = 0;
                    const auto hear = [&](int signal) {
                        ++heard;
                        wrong += std::this_thread::get_id() != me || (signal != SIGWINCH && signal != SIGURG);
                        if (++here == 3) loop.stop();
                    };
                    onSignal(SIGWINCH, hear);
                    const SignalHandle second = onSignal(SIGURG, hear);
                    if (round % 5 == 0) continue;       // it goes at once
                    if (round % 5 == 1) second.stop();  // and the signal does nothing again, perhaps
                    if (round % 5 == 2) second.unref(); // it need not be heard
                    setInterval([second] { second.ref(); }, 0.3);
                    loop.run([t] {
                        if (t == 0) raise(SIGWINCH); // by itself, inside of a task
                    });
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(heard >= 3 * int{loops} * rounds * 4 / 5);
    CHECK(wrong == 0);
    CHECK(actionOf(SIGWINCH) == before);
    CHECK(actionOf(SIGURG) == before);
}

TEST_CASE("no signal is lost that comes when all before it have been heard") {
    const Watchdog watchdog("signals for loops that sleep");
    constexpr int signals = withThreadSanitizer ? 2'000 : 20'000;
    constexpr int lives = 10;
    std::atomic<int> heard{0};
    std::atomic<int> listening{0};
    std::atomic<bool> over{false};
    int sent = 0;
    std::thread another([&over] { // comes and goes
        for (EventLoop loop; !over; std::this_thread::yield()) {
            const SignalHandle handle = onSignal(SIGURG, [] {});
            loop.poll();
            handle.stop();
        }
    });
    std::thread listener([&] {
        for (int life = 1; life <= lives; ++life) {
            EventLoop loop;
            loop.run([&] {
                onSignal(SIGURG, [&] {
                    if (++heard % (signals / lives) == 0) EventLoop::current().stop();
                });
                listening = life;
            });
        }
    });
    for (; sent < signals; ++sent) {
        while (listening <= sent / (signals / lives)) std::this_thread::yield();
        kill(getpid(), SIGURG);
        while (heard <= sent) std::this_thread::yield(); // the loop sleeps again, or is about to
    }
    listener.join();
    over = true;
    another.join();
    CHECK(heard == signals);
}
