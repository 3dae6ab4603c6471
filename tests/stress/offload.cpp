// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <rondo/host/offload.hpp>
#include <rondo/promise.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

constexpr int handOffs = 100'000;

}

TEST_CASE("no wake-up is lost in 100000 hand-offs there and back") {
    const Watchdog watchdog("100000 offloaded calls, one after the other");
    ThreadPool pool({.threads = 1});
    EventLoop loop({.pool = &pool});
    long sum = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < handOffs; ++i) {
            const auto call = offload([](int number) { return number; }, i); // both sides fall asleep meanwhile
            sum += co_await call;
        }
    });
    CHECK(sum == long{handOffs} * (handOffs - 1) / 2);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("100000 hand-offs with many in flight all come home") {
    const Watchdog watchdog("100000 offloaded calls, many at once");
    constexpr int inFlight = 64;
    ThreadPool pool({.threads = 4});
    EventLoop loop({.pool = &pool});
    long sum = 0;
    int next = 0;
    loop.run([&] {
        const auto lane = [&]() -> Promise<> {
            while (next < handOffs) {
                const auto call = offload([](int number) { return number; }, next++);
                sum += co_await call;
            }
        };
        for (int i = 0; i < inFlight; ++i) async(lane);
    });
    CHECK(sum == long{handOffs} * (handOffs - 1) / 2);
}

TEST_CASE("loops on many threads share one pool") {
    const Watchdog watchdog("loops that share a pool");
    constexpr int loops = 4;
    constexpr int calls = 3'000;
    ThreadPool pool({.threads = 3});
    std::vector<long> sums(loops);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < loops; ++t) {
        threads.emplace_back([&pool, &sum = sums[t], t] {
            EventLoop loop({.pool = &pool});
            loop.run([&]() -> Promise<> {
                for (int i = 0; i < calls; i += 10) {
                    std::vector<Promise<std::string>> batch;
                    for (int j = i; j < i + 10; ++j) {
                        batch.push_back(offload([](long number) { return std::to_string(number); },
                                                static_cast<long>(t) * calls + j));
                    }
                    const auto all = Promise<>::all(std::move(batch));
                    const auto texts = co_await all;
                    for (const std::string& text : texts) sum += std::stol(text);
                }
            });
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t t = 0; t < loops; ++t) {
        CHECK(sums[t] == static_cast<long>(t) * calls * calls + long{calls} * (calls - 1) / 2);
    }
}

TEST_CASE("errors thrown on the pool's threads are read on the loop's") {
    const Watchdog watchdog("errors from a pool");
    constexpr int calls = 5'000;
    ThreadPool pool({.threads = 3});
    EventLoop loop({.pool = &pool});
    int caught = 0;
    loop.run([&] {
        for (int i = 0; i < calls; ++i) {
            offload([i] {
                throw TypeError("number " + std::to_string(i));
            }).catch_([&caught, i](const TypeError& error) {
                caught += error.message() == "number " + std::to_string(i);
            });
        }
    });
    CHECK(caught == calls);
}

TEST_CASE("loops go while their calls are queued and run") {
    const Watchdog watchdog("loops that go while their calls run");
    constexpr int rounds = 300;
    const auto token = std::make_shared<int>();
    std::atomic<int> ran = 0;
    int home = 0;
    {
        ThreadPool pool({.threads = 2});
        for (int round = 0; round < rounds; ++round) {
            EventLoop loop({.pool = &pool});
            loop.run([&] {
                for (int i = 0; i < 20; ++i) {
                    offload(
                        [&ran, token](const std::shared_ptr<int>& given) {
                            ++ran;
                            return given;
                        },
                        token)
                        .then([&](const std::shared_ptr<int>&) {
                            if (++home % 7 == 0) EventLoop::current().stop();
                        });
                }
            });
        }
    }
    CHECK(home <= ran);
    CHECK(ran <= rounds * 20);
    CHECK(token.use_count() == 1);
}

TEST_CASE("loops with pools of their own come and go") {
    const Watchdog watchdog("loops with pools of their own");
    constexpr int rounds = 100;
    int home = 0;
    for (int round = 0; round < rounds; ++round) {
        EventLoop loop;
        loop.run([&] {
            for (int i = 0; i < 10; ++i) offload([] { return 1; }).then([&](int one) { home += one; });
        });
    }
    CHECK(home == rounds * 10);
}

TEST_CASE("every call on a pool that is shut down meanwhile is settled") {
    const Watchdog watchdog("calls on a pool that is shut down");
    constexpr int rounds = 200;
    int fulfilled = 0;
    int rejected = 0;
    for (int round = 0; round < rounds; ++round) {
        ThreadPool pool({.threads = 2});
        EventLoop loop({.pool = &pool});
        std::thread closer;
        loop.run([&] {
            for (int i = 0; i < 20; ++i) {
                offload([] {}).then([&] { ++fulfilled; }, [&](const DOMException&) { ++rejected; });
                if (i == 10) closer = std::thread([&] { pool.shutdown(QueuedJobs::drop); });
            }
        });
        closer.join();
    }
    CHECK(fulfilled + rejected == rounds * 20);
}
