// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/sanitizers.hpp"
#include "support/watchdog.hpp"

#include <rondo/events/abort_signal.hpp>
#include <rondo/host/completion.hpp>
#include <rondo/host/offload.hpp>
#include <rondo/loop/observer.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

// One loop after the other on one thread, each with threads at work for it that may be late: they come to a loop that
// sleeps, that goes, that has gone, and whose place another one has taken.

using namespace rondo;
using namespace std::chrono_literals;

namespace {

/// Counts those that live, on all threads.
struct Witness {
    static inline std::atomic<int> alive{0};
    Witness() { ++alive; }
    Witness(const Witness&) { ++alive; }
    Witness(Witness&&) noexcept { ++alive; }
    Witness& operator=(const Witness&) = default;
    Witness& operator=(Witness&&) noexcept = default;
    ~Witness() { --alive; }
};

/// What goes to a thread and comes back.
struct Parcel {
    explicit Parcel(int number) : round(number) {}
    int round;
    Witness witness{};
};

/// Numbers that look as if by chance, the same each time.
class Dice {
public:
    explicit Dice(std::uint32_t seed) : state_(seed * 2'654'435'769U + 1) {}
    std::uint32_t operator()(std::uint32_t sides) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_ % sides;
    }

private:
    std::uint32_t state_;
};

/// Threads that are given completions, and do something with each, now or when its loop has gone.
class Crowd {
public:
    explicit Crowd(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            threads_.emplace_back([this, i] { work(Dice(static_cast<std::uint32_t>(i) + 7)); });
    }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd() {
        over_ = true;
        for (std::thread& thread : threads_) thread.join();
    }

    void give(Completion<Parcel> completion, int round) {
        const std::lock_guard lock(mutex_);
        given_.push_back({std::move(completion), round});
    }
    /// Its mailbox takes what the threads post, as long as it lives.
    void attend(EventLoop& loop, AbortController& controller, int round, const std::atomic<int>& now) {
        const std::lock_guard lock(mutex_);
        mailbox_ = loop.mailbox();
        controller_ = &controller;
        round_ = round;
        now_ = &now;
    }

    std::atomic<int> wrong{0}; // tasks that came to another loop than theirs

private:
    struct Given {
        Completion<Parcel> completion;
        int round;
    };

    void work(Dice dice) {
        std::vector<Given> mine;
        while (!over_) {
            post(dice);
            {
                const std::lock_guard lock(mutex_);
                for (int i = 0; i < 4 && !given_.empty(); ++i) {
                    mine.push_back(std::move(given_.back()));
                    given_.pop_back();
                }
            }
            while (mine.size() > 32 || (!mine.empty() && dice(3) > 0)) { // others are kept until later
                Given& last = mine[dice(static_cast<std::uint32_t>(mine.size()))];
                std::swap(last, mine.back());
                switch (dice(4)) {
                case 0: mine.back().completion.reject(Error("no")); break;
                case 1: break; // it is abandoned
                default: mine.back().completion.resolve(mine.back().round);
                }
                mine.pop_back();
            }
            if (dice(50) == 0) std::this_thread::sleep_for(50us); // long enough for the loop to fall asleep
            if (dice(10) == 0) std::this_thread::yield();
        }
    }

    /// Posts to the loop as another thread must that cannot know whether it lives: by its mailbox.
    void post(Dice& dice) {
        std::shared_ptr<loop::Mailbox> mailbox;
        AbortController* controller = nullptr;
        int round = 0;
        const std::atomic<int>* now = nullptr;
        {
            const std::lock_guard lock(mutex_);
            mailbox = mailbox_;
            controller = controller_;
            round = round_;
            now = now_;
        }
        if (!mailbox) return;
        if (dice(8) == 0) std::this_thread::yield(); // it may go meanwhile
        auto task = [this, controller, round, now, aborts = dice(4) == 0, witness = Witness()] {
            if (*now != round) ++wrong;
            if (aborts) controller->abort(); // on the loop's thread, where the controller lives as long as the loop
        };
        mailbox->put(
            *new loop::CallbackTask<decltype(task), loop::Unpooled>(std::move(task), loop::TaskSource::posted));
    }

    std::mutex mutex_;
    std::vector<Given> given_;
    std::shared_ptr<loop::Mailbox> mailbox_;
    AbortController* controller_ = nullptr;
    int round_ = 0;
    const std::atomic<int>* now_ = nullptr;
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

struct Sleeps final : loop::Observer {
    void sleeps(std::int64_t) noexcept override { ++count; }
    int count = 0;
};

}

TEST_CASE("what threads post and settle and what is aborted belongs to its loop while loops replace each other") {
    const Watchdog watchdog("loops that replace each other");
    constexpr int rounds = withThreadSanitizer ? 700 : 3'000;
    std::atomic<int> now{0};
    int settled = 0;
    int late = 0;
    Sleeps sleeps;
    {
        ThreadPool pool({.threads = 2});
        Crowd crowd(3);
        Dice dice(1);
        for (int round = 1; round <= rounds; ++round) {
            now = round;
            EventLoop loop({.pool = &pool});
            loop.observe(&sleeps);
            AbortController controller;
            int left = 40;
            const auto count = [&, round] {
                ++settled;
                late += now != round;
                if (--left == 0) loop.stop();
            };
            const auto begin = [&] {
                for (int i = 0; i < 10; ++i) {
                    const bool aborts = dice(2) == 0;
                    Completion<Parcel> completion(aborts ? CompletionOptions{.signal = controller.signal()}
                                                         : CompletionOptions{});
                    completion.promise().then(count, count);
                    crowd.give(std::move(completion), round);
                    offload(
                        {.signal = controller.signal()}, [](Parcel&& parcel) { return std::move(parcel); },
                        Parcel(round))
                        .then(
                            [&, count](const Parcel& parcel) {
                                late += parcel.round != now;
                                count();
                            },
                            count);
                    offload(
                        {.signal = controller.signal()},
                        [witness = Witness()](const std::stop_token& stop, std::uint32_t spins) {
                            while (spins-- > 0 && !stop.stop_requested()) std::this_thread::yield();
                        },
                        dice(50))
                        .then(count, count);
                    delay(std::chrono::microseconds(dice(300)), {.signal = controller.signal()}).then(count, count);
                }
            };
            crowd.attend(loop, controller, round, now);
            if (round % 8 == 0) {
                begin(); // and goes without ever having turned
            } else {
                setTimeout([&loop] { loop.stop(); }, std::chrono::microseconds(200 + dice(1'000)));
                loop.run(begin);
            }
            loop.rejections().clear();
        }
        CHECK(crowd.wrong == 0);
    }
    CHECK(settled > rounds);
    CHECK(late == 0);
    CHECK(sleeps.count > rounds / 10);
    CHECK(Witness::alive == 0);
}

TEST_CASE("loops on many threads share a pool and go in any order while it is shut down") {
    const Watchdog watchdog("loops that go while their pool is shut down");
    constexpr int rounds = withThreadSanitizer ? 100 : 400;
    constexpr std::size_t loops = 4;
    std::atomic<int> asked{0};
    std::atomic<int> answered{0};
    std::atomic<int> refused{0};
    for (int round = 0; round < rounds; ++round) {
        ThreadPool pool({.threads = 2, .capacity = round % 3 == 0 ? std::size_t{8} : std::size_t{0}});
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < loops; ++t) {
            threads.emplace_back([&pool, &asked, &answered, &refused, round, t] {
                Dice dice(static_cast<std::uint32_t>(static_cast<std::size_t>(round) * loops + t));
                for (int life = 0; life < 3; ++life) {
                    EventLoop loop({.pool = &pool});
                    AbortController controller;
                    const bool ends = dice(3) == 0; // it waits for all
                    loop.run([&] {
                        for (int i = 0; i < 20; ++i) {
                            if (ends) ++asked;
                            offload(
                                {.signal = controller.signal()}, [](const Parcel& given) { return given; },
                                Parcel(round))
                                .then([&, ends] { answered += ends; },
                                      [&, ends](const std::exception_ptr& reason) {
                                          answered += ends;
                                          try {
                                              std::rethrow_exception(reason);
                                          } catch (const DOMException& error) {
                                              refused += error.name() == "InvalidStateError";
                                          }
                                      });
                        }
                        if (dice(3) == 0) controller.abort();
                        if (!ends) loop.stop();
                    });
                }
            });
        }
        Dice dice(static_cast<std::uint32_t>(round) + 99);
        if (dice(4) > 0) std::this_thread::sleep_for(std::chrono::microseconds(dice(400)));
        pool.shutdown(dice(2) == 0 ? QueuedJobs::finish : QueuedJobs::drop);
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(answered == asked);
    CHECK(refused > 0);
    CHECK(Witness::alive == 0);
}

TEST_CASE("each loop goes with its own pool while others post to the loops that are left") {
    const Watchdog watchdog("loops with pools of their own on many threads");
    constexpr int rounds = withThreadSanitizer ? 40 : 200;
    constexpr std::size_t loops = 3;
    std::atomic<int> home{0};
    for (int round = 0; round < rounds; ++round) {
        std::array<std::shared_ptr<loop::Mailbox>, loops> mailboxes;
        std::mutex mutex;
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < loops; ++t) {
            threads.emplace_back([&, t] {
                EventLoop loop;
                {
                    const std::lock_guard lock(mutex);
                    mailboxes[t] = loop.mailbox();
                }
                loop.run([&] {
                    for (int i = 0; i < 10; ++i) {
                        offload([&mutex, &mailboxes, &home, t] { // on a thread of the pool: to the next loop
                            std::shared_ptr<loop::Mailbox> next;
                            {
                                const std::lock_guard lock(mutex);
                                next = mailboxes[(t + 1) % loops];
                            }
                            if (!next) return;
                            auto task = [&home, witness = Witness()] { ++home; };
                            next->put(*new loop::CallbackTask<decltype(task), loop::Unpooled>(
                                std::move(task), loop::TaskSource::posted));
                        });
                    }
                    if (t == 0) loop.stop(); // its calls are dropped, or waited for by its pool
                });
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(home > 0);
    CHECK(Witness::alive == 0);
}

TEST_CASE("what is posted and settled between two runs of a loop waits for the next one") {
    const Watchdog watchdog("a loop that runs again and again");
    constexpr int each = withThreadSanitizer ? 20'000 : 100'000;
    constexpr int posters = 2;
    int ran = 0;
    int settled = 0;
    int runs = 0;
    std::atomic<int> ended{0};
    EventLoop loop;
    std::vector<std::thread> threads;
    std::vector<Completion<Parcel>> completions(each);
    for (Completion<Parcel>& completion : completions) completion.promise().then([&settled] { ++settled; });
    for (int p = 0; p < posters; ++p) {
        threads.emplace_back([&] {
            for (int i = 0; i < each; ++i) loop.post([&ran, witness = Witness()] { ++ran; });
            ++ended;
        });
    }
    threads.emplace_back([&ended, completions = std::move(completions)]() mutable {
        for (Completion<Parcel>& completion : completions) completion.resolve(1);
        completions.clear();
        ++ended;
    });
    for (; ended < posters + 1 || loop.alive(); ++runs) {
        switch (runs % 3) {
        case 0: loop.run([&loop] { loop.post([&loop] { loop.stop(); }); }); break;
        case 1: loop.poll(); break;
        default: loop.runUntilSettled([] { return delay(0); });
        }
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(ran == posters * each);
    CHECK(settled == each);
    CHECK(Witness::alive == 0);
}

namespace {

/// A loop that goes when its thread has ended, behind what belongs to it and is a thread_local, too.
struct LastLoop {
    LastLoop(std::atomic<int>& counter, ThreadPool& shared) : gone(counter), loop({.pool = &shared}) {}
    LastLoop(const LastLoop&) = delete;
    LastLoop& operator=(const LastLoop&) = delete;
    ~LastLoop() { ++gone; }

    std::atomic<int>& gone;
    EventLoop loop;
    std::optional<Promise<Parcel>> promise;
};

}

TEST_CASE("a loop that ends with its thread lets what is settled later go") {
    const Watchdog watchdog("loops that end with their threads");
    constexpr int rounds = withThreadSanitizer ? 200 : 1'000;
    std::atomic<int> gone{0};
    {
        ThreadPool pool({.threads = 2});
        Crowd crowd(2);
        for (int round = 0; round < rounds; ++round) {
            std::thread([&, round] {
                static thread_local std::optional<Promise<Parcel>> early; // is destroyed behind the loop
                static thread_local LastLoop last(gone, pool);
                early = Promise<Parcel>::withResolvers().promise;
                last.loop.run([&] {
                    for (int i = 0; i < 5; ++i) {
                        Completion<Parcel> completion;
                        last.promise = completion.promise();
                        last.promise->then([witness = Witness()] {});
                        crowd.give(std::move(completion), round);
                        offload([](Parcel&& parcel) { return std::move(parcel); }, Parcel(round)).then([] {});
                    }
                    last.loop.stop();
                });
                last.loop.rejections().clear();
            }).join();
        }
    }
    CHECK(gone == rounds);
    CHECK(Witness::alive == 0);
}
