// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/gate.hpp"

#include <rondo/host/thread_pool.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <pthread.h>
#endif

using namespace rondo;

namespace {

/// Numbers that threads append to.
class Numbers {
public:
    void operator()(int number) {
        const std::lock_guard lock(mutex_);
        numbers_.push_back(number);
    }
    std::vector<int> all() {
        const std::lock_guard lock(mutex_);
        return numbers_;
    }

private:
    std::mutex mutex_;
    std::vector<int> numbers_;
};

std::vector<int> upTo(int count) {
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(i);
    return numbers;
}

/// A pool whose only thread is kept busy until it is let go.
struct BusyPool {
    explicit BusyPool(std::size_t capacity, QueuedJobs whenDestroyed = QueuedJobs::finish)
        : pool({.threads = 1, .capacity = capacity, .whenDestroyed = whenDestroyed}) {
        pool.post([this] {
            begun.open();
            mayEnd.wait();
        });
        begun.wait();
    }
    ~BusyPool() { mayEnd.open(); }
    BusyPool(const BusyPool&) = delete;
    BusyPool& operator=(const BusyPool&) = delete;

    Gate begun;
    Gate mayEnd;
    ThreadPool pool;
};

#if defined(__linux__)
std::string threadName() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return name.data();
}

std::ptrdiff_t threadsOfThisProcess() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}
#endif

}

TEST_CASE("a pool has as many threads as it is asked for") {
    const ThreadPool pool({.threads = 3});
    CHECK(pool.size() == 3);
}

TEST_CASE("a pool has as many threads as the machine runs at once and at least two") {
    const ThreadPool pool;
    CHECK(pool.size() >= 2);
    CHECK(pool.size() >= std::thread::hardware_concurrency());
}

TEST_CASE("a job runs on a thread of the pool") {
    ThreadPool pool({.threads = 1});
    std::vector<std::thread::id> ids;
    CHECK(pool.post([&] { ids.push_back(std::this_thread::get_id()); }));
    CHECK(pool.tryPost([&] { ids.push_back(std::this_thread::get_id()); }));
    pool.shutdown(QueuedJobs::finish);
    REQUIRE(ids.size() == 2);
    CHECK(ids[0] != std::this_thread::get_id());
    CHECK(ids[0] == ids[1]);
}

TEST_CASE("jobs begin in the order in which they came") {
    Numbers begun;
    {
        ThreadPool pool({.threads = 1});
        for (int i = 0; i < 100; ++i) pool.post([&begun, i] { begun(i); });
    }
    CHECK(begun.all() == upTo(100));
}

TEST_CASE("as many jobs run at once as the pool has threads") {
    constexpr std::size_t threads = 4;
    Meeting meeting(threads);
    std::atomic<int> met = 0;
    {
        ThreadPool pool({.threads = threads});
        for (std::size_t i = 0; i < threads; ++i) {
            pool.post([&] {
                meeting.arriveAndWait();
                ++met;
            });
        }
    }
    CHECK(met == threads);
}

TEST_CASE("all threads of a pool that has slept wake when there is work for all") {
    constexpr std::size_t threads = 3;
    ThreadPool pool({.threads = threads});
    for (int round = 0; round < 50; ++round) {
        const auto meeting = std::make_shared<Meeting>(threads + 1);
        for (std::size_t i = 0; i < threads; ++i) pool.post([meeting] { meeting->arriveAndWait(); });
        meeting->arriveAndWait(); // hangs unless each of them has a thread
        pool.post([] {});
    }
    pool.shutdown(QueuedJobs::finish);
    SUCCEED();
}

TEST_CASE("a thread is started for a job though an idle one is already being woken for another") {
    for (int round = 0; round < 50; ++round) {
        ThreadPool pool({.threads = 2});
        const auto first = std::make_shared<Gate>();
        pool.post([first] { first->open(); });
        first->wait();
        const auto meeting = std::make_shared<Meeting>(3);
        pool.post([meeting] { meeting->arriveAndWait(); });
        pool.post([meeting] { meeting->arriveAndWait(); });
        meeting->arriveAndWait();
    }
    SUCCEED();
}

TEST_CASE("a job that blocks holds up no other thread") {
    Gate blocked;
    Gate others;
    ThreadPool pool({.threads = 2});
    pool.post([&] { blocked.wait(); });
    for (int i = 0; i < 10; ++i) pool.post([] {});
    pool.post([&] { others.open(); });
    others.wait();
    blocked.open();
    SUCCEED();
}

#if defined(__linux__)
TEST_CASE("threads start when they are first needed") {
    const auto before = threadsOfThisProcess();
    Gate mayEnd;
    Gate begun;
    ThreadPool pool({.threads = 8});
    CHECK(threadsOfThisProcess() == before);
    pool.post([&] {
        begun.open();
        mayEnd.wait();
    });
    begun.wait();
    CHECK(threadsOfThisProcess() == before + 1);
    mayEnd.open();
}

TEST_CASE("threads bear the name of their pool and a number") {
    std::string name;
    {
        ThreadPool pool({.threads = 1});
        pool.post([&] { name = threadName(); });
    }
    CHECK(name == "rondo-1");
    {
        ThreadPool pool({.threads = 1, .name = "disk"});
        pool.post([&] { name = threadName(); });
    }
    CHECK(name == "disk-1");
    {
        ThreadPool pool({.threads = 1, .name = "a name that is too long"});
        pool.post([&] { name = threadName(); });
    }
    CHECK(name == "a name that -1");
}

TEST_CASE("each thread has a number of its own") {
    constexpr std::size_t threads = 3;
    std::mutex mutex;
    std::set<std::string> names;
    Meeting meeting(threads);
    {
        ThreadPool pool({.threads = threads, .name = "io"});
        for (std::size_t i = 0; i < threads; ++i) {
            pool.post([&] {
                meeting.arriveAndWait();
                const std::lock_guard lock(mutex);
                names.insert(threadName());
            });
        }
    }
    CHECK(names == std::set<std::string>{"io-1", "io-2", "io-3"});
}
#endif

TEST_CASE("a job may be such as can only be moved") {
    int value = 0;
    {
        ThreadPool pool({.threads = 1});
        pool.post([&value, own = std::make_unique<int>(7)] { value = *own; });
    }
    CHECK(value == 7);
}

TEST_CASE("what a job has captured goes before the next job begins") {
    const auto token = std::make_shared<int>();
    std::vector<long> counts;
    {
        ThreadPool pool({.threads = 1});
        for (int i = 0; i < 3; ++i) {
            // a copy that can be moved: of one that is const post() would still hold another while the job runs
            pool.post([&counts, own = std::shared_ptr<int>(token)] { counts.push_back(own.use_count()); });
        }
        pool.shutdown(QueuedJobs::finish);
    }
    CHECK(counts.back() == 2);
    CHECK(token.use_count() == 1);
}

TEST_CASE("a job may post another one") {
    Numbers log;
    {
        ThreadPool pool({.threads = 1});
        Gate posted;
        pool.post([&] {
            log(1);
            pool.post([&] {
                log(2);
                pool.post([&] {
                    log(3);
                    posted.open();
                });
            });
        });
        posted.wait();
    }
    CHECK(log.all() == std::vector<int>{1, 2, 3});
}

// a bounded queue

TEST_CASE("tryPost is refused while the queue is full") {
    Numbers log;
    {
        BusyPool busy(2);
        CHECK(busy.pool.tryPost([&] { log(1); }));
        CHECK(busy.pool.tryPost([&] { log(2); }));
        CHECK_FALSE(busy.pool.tryPost([&] { log(3); }));
        busy.mayEnd.open();
    }
    CHECK(log.all() == std::vector<int>{1, 2});
}

TEST_CASE("a job that is refused is destroyed at once") {
    const auto token = std::make_shared<int>();
    BusyPool busy(1);
    busy.pool.post([] {});
    CHECK_FALSE(busy.pool.tryPost([token] {}));
    CHECK(token.use_count() == 1);
}

TEST_CASE("tryPost is taken again when there is room") {
    Gate done;
    BusyPool busy(1);
    busy.pool.post([&] { done.open(); });
    CHECK_FALSE(busy.pool.tryPost([] {}));
    busy.mayEnd.open();
    done.wait();
    CHECK(busy.pool.tryPost([] {}));
}

TEST_CASE("an unbounded queue takes any number of jobs") {
    std::atomic<int> ran = 0;
    {
        BusyPool busy(0);
        int taken = 0;
        for (int i = 0; i < 10'000; ++i) taken += busy.pool.tryPost([&] { ++ran; });
        CHECK(taken == 10'000);
    }
    CHECK(ran == 10'000);
}

TEST_CASE("post waits until the queue has room") {
    constexpr int capacity = 3;
    constexpr int jobs = 200;
    std::atomic<int> posted = 0;
    std::atomic<int> begun = 0;
    std::atomic<int> most = 0; // jobs that had been posted but had not begun
    Numbers order;
    {
        BusyPool busy(capacity);
        Gate full;
        std::thread poster([&] {
            for (int i = 0; i < jobs; ++i) {
                busy.pool.post([&, i] {
                    most = std::max(most.load(), posted - begun++);
                    order(i);
                });
                if (++posted == capacity) full.open();
            }
        });
        full.wait(); // the thread of the pool is busy: no more can have been taken
        CHECK_FALSE(busy.pool.tryPost([] {}));
        CHECK(posted == capacity);
        busy.mayEnd.open();
        poster.join();
    }
    CHECK(posted == jobs);
    CHECK(most <= capacity + 1); // and one between leaving the queue and its beginning
    CHECK(order.all() == upTo(jobs));
}

TEST_CASE("a job that posts does not wait for room: it would wait for itself") {
    Numbers log;
    Gate done;
    BusyPool busy(1);
    busy.pool.post([&] {
        for (int i = 0; i < 5; ++i) busy.pool.post([&log, i] { log(i); });
        busy.pool.post([&] { done.open(); });
    });
    busy.mayEnd.open();
    done.wait();
    CHECK(log.all() == upTo(5));
}

// shutdown

TEST_CASE("shutdown finishes the jobs that wait if asked") {
    Numbers log;
    BusyPool busy(0);
    for (int i = 0; i < 5; ++i) busy.pool.post([&log, i] { log(i); });
    busy.mayEnd.open();
    busy.pool.shutdown(QueuedJobs::finish);
    CHECK(log.all() == upTo(5));
}

TEST_CASE("shutdown drops the jobs that wait if asked and waits for the one that runs") {
    const auto token = std::make_shared<int>();
    Gate dropped;
    bool ended = false;
    Numbers log;
    ThreadPool pool({.threads = 1});
    Gate begun;
    pool.post([&] {
        begun.open();
        dropped.wait();
        ended = true;
    });
    begun.wait();
    pool.post([&log, token] { log(1); });
    pool.post([&log, opens = OpensGate(dropped)] { log(2); });
    pool.shutdown(QueuedJobs::drop);
    CHECK(ended);
    CHECK(log.all().empty());
    CHECK(token.use_count() == 1);
}

TEST_CASE("the destructor finishes the jobs that wait") {
    Numbers log;
    {
        BusyPool busy(0);
        for (int i = 0; i < 5; ++i) busy.pool.post([&log, i] { log(i); });
        busy.mayEnd.open();
    }
    CHECK(log.all() == upTo(5));
}

TEST_CASE("the destructor drops the jobs that wait if the pool was made so") {
    const auto token = std::make_shared<int>();
    Gate dropped;
    Numbers log;
    {
        ThreadPool pool({.threads = 1, .whenDestroyed = QueuedJobs::drop});
        Gate begun;
        pool.post([&] {
            begun.open();
            dropped.wait();
        });
        begun.wait();
        pool.post([&log, token, opens = OpensGate(dropped)] { log(1); });
    }
    CHECK(log.all().empty());
    CHECK(token.use_count() == 1);
}

TEST_CASE("a pool that has been shut down takes no more jobs") {
    const auto token = std::make_shared<int>();
    ThreadPool pool({.threads = 1, .capacity = 1});
    CHECK(pool.post([] {}));
    pool.shutdown(QueuedJobs::finish);
    CHECK_FALSE(pool.post([token] {}));
    CHECK_FALSE(pool.tryPost([token] {}));
    CHECK(token.use_count() == 1);
}

TEST_CASE("a job that posts while its pool is shut down is refused") {
    Gate dropped;
    bool taken = true;
    ThreadPool pool({.threads = 1});
    Gate begun;
    pool.post([&] {
        begun.open();
        dropped.wait(); // the pool is shut down from here on
        taken = pool.post([] {});
    });
    begun.wait();
    pool.post([opens = OpensGate(dropped)] {});
    pool.shutdown(QueuedJobs::drop);
    CHECK_FALSE(taken);
}

TEST_CASE("a thread that waits for room is let go when the pool is shut down") {
    Gate dropped;
    bool taken = true;
    ThreadPool pool({.threads = 1, .capacity = 1});
    Gate begun;
    pool.post([&] {
        begun.open();
        dropped.wait();
    });
    begun.wait();
    pool.post([opens = OpensGate(dropped)] {});
    std::thread poster([&] {
        taken = pool.post([] {}); // there is no room, and when there is, the pool is shut
    });
    pool.shutdown(QueuedJobs::drop);
    poster.join();
    CHECK_FALSE(taken);
}

TEST_CASE("each of several shutdowns at once waits for the jobs that run") {
    std::atomic<bool> ended = false;
    std::atomic<int> early = 0;
    Gate begun, mayEnd;
    ThreadPool pool({.threads = 1});
    pool.post([&] {
        begun.open();
        mayEnd.wait();
        ended = true;
    });
    begun.wait();
    const auto shutDown = [&] {
        pool.shutdown(QueuedJobs::finish);
        if (!ended) ++early;
    };
    std::thread one(shutDown), other(shutDown);
    while (pool.open()) std::this_thread::yield();
    mayEnd.open();
    one.join();
    other.join();
    CHECK(early == 0);
}

TEST_CASE("a pool may be shut down twice and without ever having had a job") {
    ThreadPool pool;
    pool.shutdown(QueuedJobs::finish);
    pool.shutdown(QueuedJobs::drop);
    CHECK_FALSE(pool.post([] {}));
}

TEST_CASE("many threads may post to one pool") {
    constexpr int posters = 4;
    constexpr int each = 500;
    std::atomic<int> ran = 0;
    {
        ThreadPool pool({.threads = 3, .capacity = 16});
        std::vector<std::thread> threads;
        for (int i = 0; i < posters; ++i) {
            threads.emplace_back([&] {
                for (int j = 0; j < each; ++j) pool.post([&] { ++ran; });
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(ran == posters * each);
}
