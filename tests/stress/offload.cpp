// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <rondo/events/abort_signal.hpp>
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

TEST_CASE("an abort may come while a call waits and while it runs and while it comes home") {
    const Watchdog watchdog("calls that are aborted at any moment");
    ThreadPool pool({.threads = 3});
    EventLoop loop({.pool = &pool});
    int settled = 0;
    int finished = 0;
    constexpr int rounds = 20'000;
    loop.run([&]() -> Promise<> {
        for (int round = 0; round < rounds; ++round) {
            AbortController controller;
            const auto first = offload({.signal = controller.signal()}, [](int n) { return n; }, round);
            const auto second = offload(
                {.signal = controller.signal()},
                [text = std::make_unique<std::string>("moved there, and gone or home")]() { return text->size(); });
            for (int spin = 0; spin < round % 64 * 16; ++spin) std::atomic_signal_fence(std::memory_order_seq_cst);
            if (round % 3 == 0) {
                const auto one = co_await first.settled();
                static_cast<void>(one);
            }
            controller.abort();
            const auto a = co_await first.settled();
            const auto b = co_await second.settled();
            settled += 2;
            finished += a.fulfilled() + b.fulfilled();
        }
    });
    CHECK(settled == 2 * rounds);
    CHECK(finished >= rounds / 3);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("loops that go while their calls are aborted touch nothing that has gone") {
    const Watchdog watchdog("loops that go with calls in flight");
    ThreadPool pool({.threads = 3});
    for (int round = 0; round < 2'000; ++round) {
        EventLoop loop({.pool = &pool});
        AbortController controller;
        for (int i = 0; i < 8; ++i)
            offload({.signal = controller.signal()}, [](int n) { return std::to_string(n); }, i);
        if (round % 2 == 0) controller.abort();
        loop.rejections().clear();
    }
    SUCCEED("the sanitizers have seen nothing");
}
