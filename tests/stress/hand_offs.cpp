// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/sanitizers.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/completion.hpp>
#include <rondo/host/offload.hpp>
#include <rondo/loop/observer.hpp>
#include <rondo/promise.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

// Ten million hand-offs between threads, in batches, so that the loop falls asleep before most of them begin. One that is
// lost is waited for in vain, which the watchdog tells. With a sanitizer it takes several times as long, and
// ThreadSanitizer finds a race however seldom it goes wrong: they get a quarter.

using namespace rondo;

namespace {

constexpr int slowness = withThreadSanitizer || withAddressSanitizer ? 4 : 1;
constexpr int posts = 8'400'000 / slowness;
constexpr int callsOneByOne = 200'000 / slowness; // there and back: two hand-offs each
constexpr int callsAtOnce = 200'000 / slowness;
constexpr int settlements = 800'000 / slowness;
static_assert((posts + 2 * callsOneByOne + 2 * callsAtOnce + settlements) * slowness == 10'000'000);

/// Counts how often a loop falls asleep.
struct Sleeps final : loop::Observer {
    void sleeps(std::int64_t) noexcept override { ++count; }
    int count = 0;
};

/// The sizes of the batches: often one, sometimes many.
constexpr std::array<int, 12> sizes = {1, 1, 2, 1, 3, 1, 64, 1, 7, 1, 4'000, 1};

/// Comes sooner or later, so that it meets the other thread at different places on its way to sleep; `most` is how much
/// later: a thread that is woken for it takes some microseconds.
void comeLate(int step, int most = 500) {
    for (int wait = step * 37 % most; wait > 0; --wait) std::atomic_signal_fence(std::memory_order_seq_cst);
}

/// Many posts by so many threads. Of one alone nobody mends what it loses; several get in each other's way.
void post(std::size_t posters, int each) {
    EventLoop loop;
    Sleeps sleeps;
    loop.observe(&sleeps);
    std::vector<int> taken(posters);
    std::vector<std::atomic<int>> answered(posters);
    std::vector<std::thread> threads;
    loop.hold(false);
    std::size_t finished = 0;
    int batches = 0;
    for (std::size_t from = 0; from < posters; ++from) {
        threads.emplace_back([&, from] {
            int posted = 0;
            for (std::size_t batch = 0; posted < each; ++batch) {
                const int size = std::min(sizes[batch % sizes.size()], each - posted);
                for (int i = 1; i < size; ++i) loop.post([&taken, from] { ++taken[from]; });
                posted += size;
                loop.post([&, from, posted] {
                    ++taken[from];
                    ++batches;
                    answered[from] = posted;
                    answered[from].notify_one();
                });
                // spins for a while: one who sleeps comes when the loop has long been asleep
                for (int spin = 0; spin < 2'000 && answered[from] != posted; ++spin) {}
                for (int seen = answered[from]; seen != posted; seen = answered[from]) answered[from].wait(seen);
                comeLate(static_cast<int>(batch));
            }
            loop.post([&] {
                if (++finished == posters) loop.stop();
            });
        });
    }
    loop.run([] {});
    loop.release(false);
    for (std::thread& thread : threads) thread.join();
    CHECK(taken == std::vector<int>(posters, each));
    INFO(sleeps.count << " sleeps, " << batches << " batches");
    CHECK(sleeps.count > batches / 100);
}

}

TEST_CASE("no wake-up is lost in millions of posts to a loop that falls asleep") {
    const Watchdog watchdog("posts in batches");
    post(1, posts / 2);
    post(2, posts / 4);
}

TEST_CASE("no wake-up is lost in hundreds of thousands of calls there and back one by one") {
    const Watchdog watchdog("calls one by one");
    ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    Sleeps sleeps;
    loop.observe(&sleeps);
    std::int64_t sum = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < callsOneByOne; ++i) {
            const auto call = offload(
                [](int number) {
                    if (number % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(1)); // the loop sleeps
                    if (number % 8 == 1) comeLate(number);                                           // or is about to
                    return number;
                },
                i);
            if (i % 16 == 0) comeLate(i, 20'000); // the pool's thread falls asleep meanwhile
            sum += co_await call;
        }
    });
    CHECK(sum == std::int64_t{callsOneByOne} * (callsOneByOne - 1) / 2);
    INFO(sleeps.count << " sleeps");
    CHECK(sleeps.count > callsOneByOne / 100);
}

TEST_CASE("no wake-up is lost in hundreds of thousands of calls there and back in batches") {
    const Watchdog watchdog("calls in batches");
    ThreadPool pool({.threads = 3});
    EventLoop loop({.pool = &pool});
    Sleeps sleeps;
    loop.observe(&sleeps);
    std::int64_t sum = 0;
    int batches = 0;
    loop.run([&]() -> Promise<> {
        int made = 0;
        for (std::size_t batch = 0; made < callsAtOnce; ++batch) {
            const int size = std::min(sizes[batch % sizes.size()], callsAtOnce - made);
            ++batches;
            auto all = Promise<>::withResolvers();
            int left = size;
            for (int i = 0; i < size; ++i) {
                offload([](int number) { return number; }, made++).then([&](int number) {
                    sum += number;
                    if (--left == 0) all.resolve();
                });
            }
            co_await all.promise;
        }
    });
    CHECK(sum == std::int64_t{callsAtOnce} * (callsAtOnce - 1) / 2);
    INFO(sleeps.count << " sleeps, " << batches << " batches");
    CHECK(sleeps.count > batches / 100);
}

TEST_CASE("no wake-up is lost in hundreds of thousands of settlements by other threads") {
    const Watchdog watchdog("settlements in batches");
    constexpr int settlers = 2;
    struct Work {
        Completion<int> completion;
        int value;
    };
    struct Rejected {
        int number;
    };
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<std::vector<Work>> queue;
    bool over = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < settlers; ++t) {
        threads.emplace_back([&] {
            for (int step = 0;; ++step) {
                std::unique_lock lock(mutex);
                filled.wait(lock, [&] { return over || !queue.empty(); });
                if (queue.empty()) return;
                std::vector<Work> batch = std::move(queue.front());
                queue.pop_front();
                lock.unlock();
                for (Work& work : batch) {
                    if (&work == &batch.back()) comeLate(step, 20'000);
                    if (work.value % 64 == 0) {
                        work.completion.reject(Rejected{work.value});
                    } else {
                        work.completion.resolve(work.value);
                    }
                }
            }
        });
    }
    EventLoop loop;
    Sleeps sleeps;
    loop.observe(&sleeps);
    std::int64_t sum = 0;
    int batches = 0;
    loop.run([&]() -> Promise<> {
        int made = 0;
        for (std::size_t batch = 0; made < settlements; ++batch) {
            const int size = std::min(sizes[batch % sizes.size()], settlements - made);
            ++batches;
            auto all = Promise<>::withResolvers();
            int left = size;
            const auto count = [&](int number) {
                sum += number;
                if (--left == 0) all.resolve();
            };
            std::vector<Work> handedOver(static_cast<std::size_t>(size));
            for (Work& work : handedOver) {
                work.value = made++;
                work.completion.promise().then(count, [count](const Rejected& reason) { count(reason.number); });
            }
            {
                const std::lock_guard lock(mutex);
                queue.push_back(std::move(handedOver));
            }
            filled.notify_one();
            co_await all.promise;
        }
    });
    {
        const std::lock_guard lock(mutex);
        over = true;
    }
    filled.notify_all();
    for (std::thread& thread : threads) thread.join();
    CHECK(sum == std::int64_t{settlements} * (settlements - 1) / 2);
    INFO(sleeps.count << " sleeps, " << batches << " batches");
    CHECK(sleeps.count > batches / 100);
    CHECK_FALSE(loop.alive());
}
