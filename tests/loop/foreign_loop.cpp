// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/event_loop.hpp>

#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

using namespace rondo;

namespace {

using SteadyClock = EventLoop::TimePoint::clock;

void nothing() {}

bool readyNow(const EventLoop& loop) {
    const auto deadline = loop.nextDeadline();
    return deadline && *deadline <= SteadyClock::now();
}

void postFromAnotherThread(EventLoop& loop) {
    std::thread([&] { loop.post(nothing); }).join();
}

/// A loop such as a GUI has: it sleeps until a moment, or until somebody interrupts it.
class ForeignLoop {
public:
    void interrupt() {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        interrupts_.notify_one();
    }
    void sleepUntil(const std::optional<EventLoop::TimePoint>& deadline) {
        std::unique_lock lock(mutex_);
        const auto interrupted = [this] { return interrupted_; };
        if (deadline) {
            interrupts_.wait_until(lock, *deadline, interrupted);
        } else {
            interrupts_.wait(lock, interrupted);
        }
        interrupted_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable interrupts_;
    bool interrupted_ = false;
};

}

TEST_CASE("polling runs what is ready and does not block") {
    EventLoop loop;
    Journal log;
    loop.poll(); // nothing is
    loop.queueMicrotask([&] { log("microtask"); });
    loop.post([&] { log("task"); });
    loop.setTimer([&] { log("timer"); }, 0, false);
    loop.setTimer([&] { log("hours-later"); }, std::chrono::hours(10), false);
    loop.poll();
    CHECK(log == "microtask task timer");
}

TEST_CASE("tasks that become ready while polling wait for the next call") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.post([&] {
        log("a");
        loop.post([&] { log("d"); });
        loop.setTimer([&] { log("e"); }, 0, false);
        loop.queueMicrotask([&] { log("b"); });
    });
    loop.post([&] { log("c"); });
    loop.poll();
    CHECK(log == "a b c");
    CHECK(readyNow(loop));
    loop.poll();
    CHECK(log == "a b c d e");
}

TEST_CASE("polling after a stop goes on") {
    EventLoop loop;
    Journal log;
    loop.post([&] {
        log("a");
        loop.stop();
    });
    loop.post([&] { log("b"); });
    loop.poll();
    CHECK(log == "a b");
}

TEST_CASE("a loop that has nothing to do names no deadline") {
    EventLoop loop;
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.setTimer(nothing, std::numeric_limits<double>::infinity(), false);
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.hold(true);
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.release(true);
}

TEST_CASE("polling is needed at once while a task or a microtask or mail is ready") {
    EventLoop loop;
    loop.post(nothing);
    CHECK(readyNow(loop));
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.queueMicrotask(nothing);
    CHECK(readyNow(loop));
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    postFromAnotherThread(loop);
    CHECK(readyNow(loop));
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
}

TEST_CASE("polling is needed at once while a node that will never run waits to be dropped") {
    struct Node : loop::Waiting {
        Node()
            : Waiting([](loop::Microtask* node, loop::Verb verb) noexcept {
                  auto& self = *static_cast<Node*>(node);
                  self.unlink();
                  self.dropped = verb == loop::Verb::drop;
              }) {}
        bool dropped = false;
    } node;
    EventLoop loop;
    loop.waiting().pushBack(node);
    loop.poll();
    loop.doomed().push(node); // as a foreign callback does that lets go of a promise's last resolver
    CHECK(readyNow(loop));
    loop.poll();
    CHECK(node.dropped);
    CHECK_FALSE(loop.nextDeadline().has_value());
}

TEST_CASE("the next deadline is that of the earliest timer") {
    EventLoop loop;
    const auto before = SteadyClock::now();
    loop.setTimer(nothing, 60'000, false);
    const auto early = loop.setTimer(nothing, 20'000, false);
    const auto after = SteadyClock::now();
    REQUIRE(loop.nextDeadline().has_value());
    CHECK(*loop.nextDeadline() >= before + std::chrono::seconds(20));
    CHECK(*loop.nextDeadline() <= after + std::chrono::seconds(20));
    loop.clearTimer(early);
    CHECK(*loop.nextDeadline() >= before + std::chrono::seconds(60));
}

TEST_CASE("in virtual time a timer is ready at once") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer([&] { log("timer"); }, std::chrono::hours(10), false);
    CHECK(readyNow(loop));
    loop.poll();
    CHECK(log == "timer");
    CHECK_FALSE(loop.nextDeadline().has_value());
}

TEST_CASE("in virtual time a task is ready at once also when the clock is ahead") {
    EventLoop loop({.virtualTime = true});
    loop.setTimer(nothing, std::chrono::hours(10), false);
    loop.poll();
    loop.post(nothing);
    CHECK(readyNow(loop));
}

TEST_CASE("in virtual time no deadline is named while only mail can bring work") {
    EventLoop loop({.virtualTime = true});
    loop.setTimer(nothing, 10, false);
    loop.hold(true); // time stands still
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.setTimer(nothing, 0, false); // but this one is due
    CHECK(readyNow(loop));
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    loop.release(true);
    CHECK(readyNow(loop));
    loop.poll();
    loop.timers().ref(loop.setTimer(nothing, 10, false), false); // nobody waits for it
    CHECK_FALSE(loop.nextDeadline().has_value());
}

TEST_CASE("a foreign loop is woken on the posting thread once until it polls") {
    EventLoop loop;
    int calls = 0;
    std::thread::id calledOn;
    loop.poll();
    loop.onWake([&] {
        ++calls;
        calledOn = std::this_thread::get_id();
    });
    CHECK(calls == 0);
    std::thread::id poster;
    std::thread([&] {
        poster = std::this_thread::get_id();
        loop.post(nothing);
        loop.post(nothing);
    }).join();
    CHECK(calls == 1);
    CHECK(calledOn == poster);
    loop.poll();
    postFromAnotherThread(loop);
    CHECK(calls == 2);
}

TEST_CASE("a foreign loop is woken by a task posted on its own thread") {
    EventLoop loop;
    int calls = 0;
    loop.onWake([&] { ++calls; });
    loop.poll();
    loop.post(nothing);
    loop.post(nothing);
    CHECK(calls == 1);
    loop.poll();
    loop.post(nothing);
    CHECK(calls == 2);
}

TEST_CASE("a foreign loop that says how to wake it is woken for the mail that has come before") {
    EventLoop loop;
    int calls = 0;
    postFromAnotherThread(loop);
    loop.onWake([&] { ++calls; });
    CHECK(calls == 1);
}

TEST_CASE("a foreign loop is woken for mail that comes while it polls") {
    EventLoop loop;
    Journal log;
    loop.onWake([&] { log("wake"); });
    loop.poll();
    log.clear();
    loop.post([&] {
        std::thread([&] { loop.post([&] { log("mail"); }); }).join();
        log("task");
    });
    log.clear();
    loop.poll();
    CHECK(log == "task wake");
    CHECK(readyNow(loop));
    loop.poll();
    CHECK(log == "task wake mail");
}

TEST_CASE("a foreign loop is not woken while it has something to do") {
    EventLoop loop;
    int calls = 0;
    loop.onWake([&] { ++calls; });
    loop.poll();
    loop.post([&] {
        loop.post(nothing); // makes the next poll necessary
    });
    calls = 0;
    loop.poll();
    CHECK(readyNow(loop));
    postFromAnotherThread(loop);
    CHECK(calls == 0);
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    postFromAnotherThread(loop);
    CHECK(calls == 1);
}

TEST_CASE("a foreign loop is not woken by what the callbacks it polls for post themselves") {
    EventLoop loop({.virtualTime = true});
    int calls = 0;
    loop.onWake([&] { ++calls; }); // asleep from here on
    loop.setTimer([&] { loop.post(nothing); }, 1, false);
    loop.poll();
    CHECK(calls == 0);
    CHECK(readyNow(loop));
}

TEST_CASE("how to wake a foreign loop can be changed and is forgotten with the loop") {
    Counted::reset();
    std::shared_ptr<loop::Mailbox> mailbox;
    int calls = 0;
    {
        EventLoop loop;
        mailbox = loop.mailbox();
        loop.onWake([c = Counted()] { static_cast<void>(c); });
        CHECK(Counted::alive == 1);
        loop.onWake([&, c = Counted()] { ++calls; });
        CHECK(Counted::alive == 1);
        loop.poll();
        postFromAnotherThread(loop);
        CHECK(calls == 1);
        loop.poll();
    }
    CHECK(Counted::alive == 0); // although others keep the mailbox
    mailbox->wake();
    CHECK(calls == 1);
}

TEST_CASE("a foreign loop that asks for the deadline and sleeps until it is woken misses nothing") {
    EventLoop loop;
    ForeignLoop foreign;
    loop.onWake([&] { foreign.interrupt(); });
    int received = 0;
    bool done = false;
    loop.hold(false);
    std::thread poster([&] {
        for (int i = 0; i < 500; ++i) {
            loop.post([&] { ++received; });
            if (i % 7 == 0) std::this_thread::yield();
        }
        loop.post([&] {
            done = true;
            loop.release(false);
        });
    });
    while (!done) {
        loop.poll();
        if (!done) foreign.sleepUntil(loop.nextDeadline());
    }
    poster.join();
    CHECK(received == 500);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a foreign loop in virtual time runs a program to its end") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    loop.setTimer(
        [&] {
            log("a@", loop.now());
            loop.setTimer([&] { log("b@", loop.now()); }, std::chrono::hours(1), false);
        },
        10, false);
    int polls = 0;
    while (loop.alive() && ++polls < 100) loop.poll();
    CHECK(log == "a@10 b@3.60001e+06");
    CHECK_FALSE(loop.nextDeadline().has_value());
}

TEST_CASE("a loop may be polled and turned by turns") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    int calls = 0;
    loop.onWake([&] { ++calls; });
    loop.post([&] { log("a"); });
    loop.poll();
    loop.post([&] { log("b"); });
    turnUntilDry(loop);
    loop.post([&] { log("c"); });
    loop.poll();
    CHECK(log == "a b c");
}
