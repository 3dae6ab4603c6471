// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/on_signal.hpp>
#include <rondo/promise.hpp>

#include <atomic>
#include <csignal>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace rondo;

TEST_CASE("bursts of signals from many threads are heard while handlers come and go") {
    const Watchdog watchdog("bursts of signals");
    std::atomic<bool> stop = false;
    EventLoop outer;
    const SignalHandle ignores = onSignal(SIGUSR1, [] {}); // so that the signal never ends the program
    std::vector<std::thread> senders;
    for (int i = 0; i < 2; ++i) {
        senders.emplace_back([&stop] {
            while (!stop) kill(getpid(), SIGUSR1);
        });
    }
    int heard = 0;
    std::thread listener([&heard] {
        for (int round = 0; round < 200; ++round) {
            EventLoop loop;
            loop.run([&heard] {
                onSignal(SIGUSR1, [&heard] {
                    ++heard;
                    EventLoop::current().stop();
                });
            });
        }
    });
    listener.join();
    stop = true;
    for (std::thread& sender : senders) sender.join();
    CHECK(heard >= 200);
    ignores.stop();
}

TEST_CASE("a loop that sleeps is woken by each of many signals") {
    const Watchdog watchdog("signals, one after the other");
    constexpr int rounds = 2'000;
    std::atomic<int> heard = 0;
    EventLoop loop;
    std::thread sender;
    loop.run([&] {
        onSignal(SIGUSR2, [&heard] {
            if (++heard == rounds) EventLoop::current().stop();
        });
        sender = std::thread([&heard] {
            for (int sent = 0; sent < rounds; ++sent) {
                kill(getpid(), SIGUSR2);
                while (heard <= sent) std::this_thread::yield();
            }
        });
    });
    sender.join();
    CHECK(heard == rounds);
}
