// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/event_loop.hpp>

#include <chrono>
#include <limits>
#include <thread>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void nothing() {}

}

TEST_CASE("virtual time begins at 0 and jumps to the next deadline") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    CHECK(loop.now() == 0);
    loop.setTimer([&] { log(loop.now()); }, 24h, false);
    loop.setTimer([&] { log(loop.now()); }, 0.25, false);
    turnUntilDry(loop);
    CHECK(log == "0.25 8.64e+07");
    CHECK(loop.now() == 86'400'000);
}

TEST_CASE("virtual time does not move while a task is ready") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer@", loop.now()); }, 1, false);
    struct Link {
        EventLoop& loop;
        Journal& log;
        int left;
        void operator()() const {
            log(loop.now());
            if (left > 0) loop.post(Link{loop, log, left - 1});
        }
    };
    loop.post(Link{loop, log, 3});
    turnUntilDry(loop);
    CHECK(log == "0 0 0 0 timer@1");
}

TEST_CASE("virtual time stands still while something in flight holds it") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer@", loop.now()); }, 10, false);
    loop.hold(true);
    loop.poll();
    loop.poll();
    CHECK(log == "");
    CHECK(loop.now() == 0);
    loop.release(true);
    loop.poll();
    CHECK(log == "timer@10");
}

TEST_CASE("virtual time moves on while something in flight does not hold it") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.hold(false);
    loop.setTimer(
        [&] {
            log("timer@", loop.now());
            loop.release(false);
        },
        10, false);
    CHECK(turnUntilDry(loop) == EventLoop::Ended::dry);
    CHECK(log == "timer@10");
}

TEST_CASE("virtual time moves on when the last of what holds it has come home") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer"); }, 10, false);
    loop.hold(true);
    loop.hold(false);
    loop.hold(true);
    loop.release(true);
    loop.poll();
    CHECK(log == "");
    loop.release(true);
    loop.poll();
    CHECK(log == "timer");
    loop.release(false);
}

TEST_CASE("timers that are due run while virtual time is held") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.hold(true);
    loop.setTimer(
        [&] {
            log("due");
            loop.setTimer([&] { log("due-again"); }, 0, false);
        },
        0, false);
    loop.setTimer([&] { log("later"); }, 1, false);
    for (int i = 0; i < 4; ++i) loop.poll();
    CHECK(log == "due due-again");
    loop.release(true);
}

TEST_CASE("a loop in virtual time waits in real time for what another thread does") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.hold(true);
    loop.setTimer([&] { log("timeout@", loop.now()); }, 1, false);
    std::thread host([&, mailbox = loop.mailbox()] {
        while (!mailbox->asleep()) std::this_thread::yield();
        loop.post([&] {
            log("result@", loop.now());
            loop.release(true);
        });
    });
    turnUntilDry(loop);
    host.join();
    CHECK(log == "result@0 timeout@1");
}

TEST_CASE("virtual time does not jump to a timer that is unref'd if nothing keeps the loop alive") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.timers().ref(loop.setTimer([&] { log("unref'd"); }, 10, false), false);
    CHECK(turnUntilDry(loop) == EventLoop::Ended::dry);
    loop.poll();
    CHECK(log == "");
    CHECK(loop.now() == 0);
    loop.hold(false); // now something waits for what only a timeout may end
    loop.poll();
    CHECK(log == "unref'd");
    loop.release(false);
}

TEST_CASE("virtual time does not jump to a deadline that never comes") {
    EventLoop loop({.virtualTime = true});
    loop.setTimer(nothing, std::numeric_limits<double>::infinity(), false);
    loop.hold(false);
    loop.poll();
    CHECK(loop.now() == 0);
    loop.release(false);
    CHECK(turnUntilDry(loop) == EventLoop::Ended::dry);
}

TEST_CASE("a loop in virtual time ends when an interval has no beat left") {
    EventLoop loop({.virtualTime = true});
    int beats = 0;
    loop.setTimer([&] { ++beats; }, std::chrono::hours(140 * 8766), true);
    for (int i = 0; i < 10 && loop.alive(); ++i) loop.poll();
    CHECK(beats == 2); // the third would be 420 years away: more nanoseconds than can be counted
    CHECK_FALSE(loop.alive());
}

TEST_CASE("timers set at different instants of virtual time run in order of deadline") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer(
        [&] {
            log("a@", loop.now());
            loop.setTimer([&] { log("c@", loop.now()); }, 10, false);
            loop.setTimer([&] { log("b@", loop.now()); }, 5, false);
        },
        10, false);
    loop.setTimer([&] { log("d@", loop.now()); }, 20, false);
    turnUntilDry(loop);
    CHECK(log == "a@10 b@15 d@20 c@20"); // d was set first
}

TEST_CASE("virtual time goes on from one run to the next") {
    EventLoop loop({.virtualTime = true});
    loop.setTimer(nothing, 10, false);
    turnUntilDry(loop);
    loop.setTimer(nothing, 10, false);
    turnUntilDry(loop);
    CHECK(loop.now() == 20);
}

TEST_CASE("polling jumps to one deadline at a time") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    for (const int delay : {10, 20, 20}) loop.setTimer([&] { log(loop.now()); }, delay, false);
    loop.poll();
    CHECK(log == "10");
    loop.poll();
    CHECK(log == "10 20 20");
}
