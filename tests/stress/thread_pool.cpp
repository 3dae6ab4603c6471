// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

using namespace rondo;

TEST_CASE("every job that many threads post runs once") {
    const Watchdog watchdog("jobs posted by many threads");
    constexpr int posters = 4;
    constexpr int each = 10'000;
    std::vector<std::atomic<int>> ran(posters * each);
    {
        ThreadPool pool({.threads = 4});
        std::vector<std::thread> threads;
        for (int p = 0; p < posters; ++p) {
            threads.emplace_back([&, p] {
                for (int i = 0; i < each; ++i)
                    pool.post([&ran, at = static_cast<std::size_t>(p * each + i)] { ++ran[at]; });
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    int once = 0;
    for (const auto& count : ran) once += count == 1;
    CHECK(once == posters * each);
}

TEST_CASE("a bounded pool holds many posters back and loses no job") {
    const Watchdog watchdog("posters that wait for room");
    constexpr int posters = 4;
    constexpr int each = 3'000;
    constexpr int capacity = 4;
    constexpr int workers = 2;
    std::atomic<int> taken = 0;
    std::atomic<int> ran = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> most = 0;
    {
        ThreadPool pool({.threads = workers, .capacity = capacity});
        const auto job = [&] {
            const int waiting = taken - ++ran;
            for (int seen = most; waiting > seen && !most.compare_exchange_weak(seen, waiting);) {}
        };
        std::vector<std::thread> threads;
        for (int p = 0; p < posters; ++p) {
            threads.emplace_back([&, p] {
                for (int i = 0; i < each; ++i) {
                    if (p % 2 == 0) {
                        pool.post(job);
                        ++taken;
                    } else if (pool.tryPost(job)) {
                        ++taken;
                    } else {
                        ++refused;
                        std::this_thread::yield();
                    }
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(ran == taken);
    CHECK(taken + refused == posters * each);
    CHECK(most <= capacity + workers);
}

TEST_CASE("no thread of a pool sleeps through a job that comes while it falls asleep") {
    const Watchdog watchdog("jobs for threads that fall asleep");
    constexpr int rounds = 20'000;
    ThreadPool pool({.threads = 2});
    std::atomic<int> ran = 0;
    for (int i = 0; i < rounds; ++i) {
        pool.post([&] { ++ran; });
        while (ran <= i) std::this_thread::yield();
    }
    CHECK(ran == rounds);
}

TEST_CASE("a job that waits for another one gets it if the pool has a thread left") {
    const Watchdog watchdog("jobs that wait for each other");
    constexpr int rounds = 3'000;
    ThreadPool pool({.threads = 3});
    for (int i = 0; i < rounds; ++i) {
        const auto meeting = std::make_shared<Meeting>(4);
        for (int t = 0; t < 3; ++t) pool.post([meeting] { meeting->arriveAndWait(); });
        meeting->arriveAndWait();
    }
    SUCCEED();
}

TEST_CASE("a pool is shut down while threads post to it") {
    const Watchdog watchdog("pools that are shut down while they are posted to");
    constexpr int rounds = 60;
    const auto token = std::make_shared<int>();
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto queued = round % 2 == 0 ? QueuedJobs::finish : QueuedJobs::drop;
        std::atomic<int> taken = 0;
        std::atomic<int> ran = 0;
        ThreadPool pool({.threads = 2, .capacity = round % 3 == 0 ? std::size_t{2} : std::size_t{0}});
        std::vector<std::thread> threads;
        for (int p = 0; p < 2; ++p) {
            threads.emplace_back([&] {
                while (pool.post([&ran, token] { ++ran; })) ++taken;
            });
        }
        while (ran < 50) std::this_thread::yield();
        pool.shutdown(queued);
        for (std::thread& thread : threads) thread.join();
        if (queued == QueuedJobs::finish ? ran != taken : ran > taken) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(token.use_count() == 1);
}

TEST_CASE("jobs that post jobs run to the last one") {
    const Watchdog watchdog("jobs that post jobs");
    constexpr int depth = 13;
    std::atomic<int> left = (1 << depth) - 1;
    Gate done;
    struct Splits {
        ThreadPool& pool;
        std::atomic<int>& left;
        Gate& done;
        int depth;
        void operator()() {
            if (depth > 1) {
                pool.post(Splits{pool, left, done, depth - 1});
                pool.post(Splits{pool, left, done, depth - 1});
            }
            if (--left == 0) done.open();
        }
    };
    ThreadPool pool({.threads = 3, .capacity = 8}); // jobs that post do not wait for room
    pool.post(Splits{pool, left, done, depth});
    done.wait();
    CHECK(left == 0);
}
