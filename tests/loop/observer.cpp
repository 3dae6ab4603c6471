// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/observer.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <thread>

using namespace rondo;
using namespace rondo::loop;

namespace {

class Recorder final : public Observer {
public:
    explicit Recorder(Journal& journal) : log_(journal) {}

    void taskBegins(const Task& task) noexcept override {
        switch (task.source) {
        case TaskSource::timer: log_("timer("); break;
        case TaskSource::posted: log_("posted("); break;
        case TaskSource::rejectionNotice: log_("notice("); break;
        }
    }
    void taskEnds() noexcept override { log_(")"); }
    void microtaskBegins(const Microtask&) noexcept override { log_("microtask("); }
    void microtaskEnds() noexcept override { log_(")"); }
    void timerSet(std::uint64_t id, std::int64_t deadline) noexcept override {
        log_("set", name(id), "@",
             deadline == base::Milliseconds::never ? "never" : std::to_string(deadline / 1'000'000));
    }
    void timerCleared(std::uint64_t id) noexcept override { log_("clear", name(id)); }
    void sleeps(std::int64_t until) noexcept override {
        log_("sleeps", until == base::Milliseconds::never ? "" : "-until-deadline");
    }
    void wakes() noexcept override { log_("wakes"); }

private:
    std::size_t name(std::uint64_t id) { return names_.emplace(id, names_.size() + 1).first->second; }

    Journal& log_;
    std::map<std::uint64_t, std::size_t> names_;
};

}

TEST_CASE("an observer may leave out every hook") {
    Observer nobody;
    EventLoop loop({.virtualTime = true});
    loop.observe(&nobody);
    loop.post([&] { loop.queueMicrotask([] {}); });
    loop.clearTimer(loop.setTimer([] {}, 1, false));
    CHECK(turnUntilDry(loop) == EventLoop::Ended::dry);
}

TEST_CASE("an observer sees tasks and the microtasks of their checkpoints in order") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.observe(&recorder);
    loop.queueMicrotask([&] { log("m1"); });
    loop.post([&] {
        log("t1");
        loop.queueMicrotask([&] {
            log("m2");
            loop.queueMicrotask([&] { log("m3"); });
        });
    });
    loop.post([&] { log("t2"); });
    turnUntilDry(loop);
    CHECK(log == "microtask( m1 ) posted( t1 ) microtask( m2 ) microtask( m3 ) posted( t2 )");
}

TEST_CASE("an observer sees timers set and cleared and run") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.observe(&recorder);
    loop.setTimer([&] { log("a"); }, 10, false);
    const auto cleared = loop.setTimer([] {}, 5, false);
    loop.clearTimer(cleared);
    turnUntilDry(loop);
    CHECK(log == "set1@10 set2@5 clear2 timer( a )");
}

TEST_CASE("an observer is told the deadline in the loop's time") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.setTimer(
        [&] {
            loop.observe(&recorder);
            loop.setTimer([] {}, 7, false);
            loop.observe(nullptr);
        },
        10, false);
    turnUntilDry(loop);
    CHECK(log == "set1@17");
}

TEST_CASE("an observer is told of a timer that never fires") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.setTimer(
        [&] {
            loop.observe(&recorder);
            loop.setTimer([] {}, std::numeric_limits<double>::infinity(), false);
            loop.observe(nullptr);
        },
        10, false); // not at time 0, where nothing can overflow
    turnUntilDry(loop);
    CHECK(log == "set1@never");
}

TEST_CASE("an observer is told the deadline that the nesting clamp makes") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true, .clampNestedTimers = true});
    int left = 7;
    const auto chain = [&](const auto& self) -> void {
        if (left-- > 0) loop.setTimer([&] { self(self); }, 0, false);
    };
    loop.observe(&recorder);
    chain(chain);
    turnUntilDry(loop);
    CHECK_THAT(log.text(), Catch::Matchers::ContainsSubstring("set6@0 ) timer( set7@4"));
}

TEST_CASE("an observer is told of a timer cleared by a stale id only once") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.observe(&recorder);
    const auto id = loop.setTimer([] {}, 1, false);
    loop.clearTimer(id);
    loop.clearTimer(id);
    loop.clearTimer(0);
    CHECK(log == "set1@1 clear1");
}

TEST_CASE("an observer sees when the loop sleeps and wakes") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.observe(&recorder);
    loop.hold(true); // something is in flight
    std::thread poster([&, mailbox = loop.mailbox()] {
        while (!mailbox->asleep()) std::this_thread::yield();
        loop.post([&] { loop.release(true); });
    });
    turnUntilDry(loop);
    poster.join();
    CHECK(log == "sleeps wakes posted( )");
}

TEST_CASE("an observer that is taken away sees no more") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.observe(&recorder);
    loop.post([&] {
        loop.queueMicrotask([&] { loop.observe(nullptr); });
        loop.queueMicrotask([&] { log("unseen"); });
    });
    loop.post([] {});
    turnUntilDry(loop);
    CHECK(log == "posted( ) microtask( unseen");
}

TEST_CASE("an observer that comes in a task sees the checkpoint that follows") {
    Journal log;
    Recorder recorder(log);
    EventLoop loop({.virtualTime = true});
    loop.post([&] {
        loop.queueMicrotask([] {});
        loop.observe(&recorder);
    });
    loop.post([] {});
    turnUntilDry(loop);
    CHECK(log == ") microtask( ) posted( )");
}
