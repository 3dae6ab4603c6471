// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

/// Ends the program with a sentence if it lives longer than a test may take: a hand-over was lost.
class Watchdog {
public:
    explicit Watchdog(const char* test, std::chrono::seconds patience = std::chrono::seconds(40))
        : thread_([this, test, patience] {
              std::unique_lock lock(mutex_);
              if (ends_.wait_for(lock, patience, [this] { return over_; })) return;
              std::fprintf(stderr, "\nthe watchdog waited in vain for: %s\n", test);
              std::abort();
          }) {}
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        ends_.notify_one();
        thread_.join();
    }

private:
    std::mutex mutex_;
    std::condition_variable ends_;
    bool over_ = false;
    std::thread thread_;
};
