// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/completion.hpp>
#include <rondo/promise.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Hands completions to a thread that settles them.
template <class T>
class Settler {
public:
    template <class Settle>
    explicit Settler(Settle settle) : thread_([this, settle] { work(settle); }) {}
    Settler(const Settler&) = delete;
    Settler& operator=(const Settler&) = delete;
    ~Settler() {
        put(std::nullopt);
        thread_.join();
    }

    Promise<T> operator()() {
        Completion<T> completion;
        auto promise = completion.promise();
        put(std::move(completion));
        return promise;
    }

private:
    void put(std::optional<Completion<T>> completion) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back(std::move(completion));
        }
        filled_.notify_one();
    }

    template <class Settle>
    void work(Settle& settle) {
        for (;;) {
            std::unique_lock lock(mutex_);
            filled_.wait(lock, [this] { return !queue_.empty(); });
            auto completion = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            if (!completion) return;
            settle(*completion);
        }
    }

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::optional<Completion<T>>> queue_;
    std::thread thread_;
};

}

TEST_CASE("no wake-up is lost when a loop falls asleep while it is settled from another thread") {
    const Watchdog watchdog("round trips between a loop and a thread that settles");
    constexpr int rounds = 100'000;
    Settler<int> settler([](Completion<int>& completion) { completion.resolve(1); });
    EventLoop loop;
    int sum = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < rounds; ++i) {
            const auto one = settler(); // nothing else is owed: the loop sleeps, or is about to
            sum += co_await one;
        }
    });
    CHECK(sum == rounds);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("no wake-up is lost whenever a settlement meets a loop that is about to sleep") {
    const Watchdog watchdog("settlements at every moment of falling asleep");
    constexpr int rounds = 60'000;
    std::atomic<Completion<int>*> handedOver{nullptr};
    std::atomic<bool> over{false};
    std::thread settler([&] {
        while (!over) { // spins: a thread that slept would always come too late
            if (Completion<int>* completion = handedOver.exchange(nullptr)) {
                Completion<int> own = std::move(*completion);
                own.resolve(1);
            }
        }
    });
    EventLoop loop;
    int sum = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < rounds; ++i) {
            Completion<int> completion;
            const auto settled = completion.promise();
            handedOver = &completion;
            for (int wait = i % 400; wait > 0 && !over; --wait) {} // to come to its sleep sooner or later
            sum += co_await settled;
        }
    });
    over = true;
    settler.join();
    CHECK(sum == rounds);
}

TEST_CASE("many threads settle promises of one loop and none is lost or settled twice") {
    const Watchdog watchdog("completions from many threads");
    constexpr int threads = 4;
    static constexpr int each = 5'000;
    EventLoop loop;
    int fulfilled = 0;
    int rejected = 0;
    long sum = 0;
    std::vector<std::thread> running;
    loop.run([&] {
        for (int t = 0; t < threads; ++t) {
            std::vector<Completion<std::string>> completions(each);
            for (auto& completion : completions) {
                completion.promise().then(
                    [&](const std::string& text) {
                        ++fulfilled;
                        sum += std::stol(text);
                    },
                    [&](const Error&) { ++rejected; });
            }
            running.emplace_back([completions = std::move(completions)]() mutable {
                for (int i = 0; i < each; ++i) {
                    auto& completion = completions[static_cast<std::size_t>(i)];
                    if (i % 5 == 0) completion.reject(Error("no"));
                    completion.resolve(std::to_string(i) + std::string(40, ' '));
                }
            });
        }
    });
    for (std::thread& thread : running) thread.join();
    CHECK(rejected == threads * each / 5);
    CHECK(fulfilled == threads * each - rejected);
    CHECK(sum == threads * (long{each} * (each - 1) / 2 - 5L * (each / 5) * (each / 5 - 1) / 2));
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a loop goes while its promises are being settled") {
    const Watchdog watchdog("loops that go while they are settled");
    constexpr int rounds = 500;
    const auto token = std::make_shared<int>();
    std::atomic<int> settled = 0;
    Settler<std::shared_ptr<int>> settler([&](Completion<std::shared_ptr<int>>& completion) {
        switch (++settled % 3) {
        case 0: completion.resolve(token); break;
        case 1: completion.reject(Error("no")); break;
        default: break; // abandoned
        }
    });
    int taken = 0;
    for (int round = 0; round < rounds; ++round) {
        EventLoop loop;
        loop.run([&] {
            for (int i = 0; i < 20; ++i) {
                settler().then([&](const std::shared_ptr<int>&) { ++taken; }, [&] { ++taken; });
            }
            if (round % 2 == 0) loop.stop();
        });
    }
    CHECK(taken > 0);
    CHECK(taken <= rounds * 20);
}

TEST_CASE("completions abandoned on other threads let their loop end") {
    const Watchdog watchdog("abandoned completions");
    constexpr int count = 5'000;
    EventLoop loop;
    int ran = 0;
    std::vector<std::thread> threads;
    loop.run([&] {
        for (int t = 0; t < 3; ++t) {
            std::vector<Completion<int>> completions(count);
            for (auto& completion : completions) completion.promise().then([&] { ++ran; });
            threads.emplace_back([completions = std::move(completions)]() mutable {
                for (auto& completion : completions) Completion<int>(std::move(completion));
            });
        }
    });
    for (std::thread& thread : threads) thread.join();
    CHECK(ran == 0);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("virtual time waits for threads in real time") {
    const Watchdog watchdog("virtual time and threads");
    constexpr int rounds = 5'000;
    Settler<double> settler([](Completion<double>& completion) { completion.resolve(0.0); });
    EventLoop loop({.virtualTime = true});
    int early = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < rounds; ++i) {
            const double before = loop.now();
            loop.setTimer([] {}, 1, false);
            const auto settled = settler();
            co_await settled;
            early += loop.now() != before;
        }
    });
    CHECK(early == 0);
}
