// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/mailbox.hpp>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace rondo;
using namespace rondo::loop;
using namespace std::chrono_literals;

namespace {

struct Letter : Task {
    explicit Letter(int n = 0) : Task(&act, TaskSource::posted), number(n) {}
    static void act(Task* task, Verb verb) noexcept {
        auto& self = *static_cast<Letter*>(task);
        if (verb == Verb::drop) self.droppedOn = std::this_thread::get_id();
    }
    int number;
    std::thread::id droppedOn;
};

struct CountCalls final : Mailbox::WakeCallback {
    void operator()() override {
        ++calls;
        calledOn = std::this_thread::get_id();
    }
    int calls = 0; // one thread at a time
    std::thread::id calledOn;
};

Journal numbers(const Task* task) {
    Journal journal;
    for (; task; task = task->next) journal(static_cast<const Letter*>(task)->number);
    return journal;
}

Clock::TimePoint soonEnough() { return Clock::TimePoint::clock::now() + 30s; }

}

TEST_CASE("tasks come out of a mailbox in the order in which they were put in") {
    Mailbox mailbox;
    Letter one(1), two(2);
    CHECK(mailbox.empty());
    mailbox.put(one);
    mailbox.put(two);
    CHECK_FALSE(mailbox.empty());
    CHECK(numbers(mailbox.takeAll()) == "1 2");
    CHECK(mailbox.empty());
}

TEST_CASE("closing a mailbox gives what is in it") {
    Mailbox mailbox;
    Letter one(1), two(2);
    mailbox.put(one);
    mailbox.put(two);
    CHECK_FALSE(mailbox.closed());
    CHECK(numbers(mailbox.close()) == "1 2");
    CHECK(mailbox.closed());
}

TEST_CASE("what is put into a closed mailbox is dropped on the putter's thread") {
    Mailbox mailbox;
    mailbox.close();
    Letter mine, theirs;
    mailbox.put(mine);
    std::thread::id other;
    std::thread([&] {
        other = std::this_thread::get_id();
        mailbox.put(theirs);
    }).join();
    CHECK(mine.droppedOn == std::this_thread::get_id());
    CHECK(theirs.droppedOn == other);
}

TEST_CASE("a loop that declares itself asleep is woken by the next task and by no other") {
    Mailbox mailbox;
    const auto callback = std::make_shared<CountCalls>();
    mailbox.onWake(callback);
    Letter one, two, three;
    mailbox.put(one);
    CHECK(callback->calls == 0);
    mailbox.takeAll();
    CHECK(mailbox.fallAsleep());
    CHECK(mailbox.asleep());
    mailbox.put(two);
    CHECK_FALSE(mailbox.asleep());
    mailbox.put(three);
    CHECK(callback->calls == 1);
}

TEST_CASE("a wake callback is called on the putting thread") {
    Mailbox mailbox;
    const auto callback = std::make_shared<CountCalls>();
    mailbox.onWake(callback);
    mailbox.fallAsleep();
    Letter letter;
    std::thread::id other;
    std::thread([&] {
        other = std::this_thread::get_id();
        mailbox.put(letter);
    }).join();
    CHECK(callback->calls == 1);
    CHECK(callback->calledOn == other);
}

TEST_CASE("a loop does not fall asleep over mail") {
    Mailbox mailbox;
    Letter letter;
    mailbox.put(letter);
    CHECK_FALSE(mailbox.fallAsleep());
    CHECK_FALSE(mailbox.asleep());
    mailbox.sleep(); // returns at once
    mailbox.sleepUntil(soonEnough());
    CHECK(numbers(mailbox.takeAll()) == "0");
}

TEST_CASE("a sleep ends with its deadline") {
    Mailbox mailbox;
    mailbox.sleepUntil(Clock::TimePoint::clock::now() - 1s);
    CHECK_FALSE(mailbox.asleep());
    mailbox.sleepUntil(Clock::TimePoint::clock::now());
    CHECK_FALSE(mailbox.asleep());
}

TEST_CASE("a sleep ends when something is put in") {
    for (const bool withDeadline : {false, true}) {
        Mailbox mailbox;
        Letter letter(5);
        std::thread poster([&] {
            while (!mailbox.asleep()) std::this_thread::yield();
            mailbox.put(letter);
        });
        const auto deadline = soonEnough();
        if (withDeadline) {
            mailbox.sleepUntil(deadline);
        } else {
            mailbox.sleep();
        }
        poster.join();
        CHECK(Clock::TimePoint::clock::now() < deadline);
        CHECK(numbers(mailbox.takeAll()) == "5");
        CHECK_FALSE(mailbox.asleep());
    }
}

TEST_CASE("a sleep ends when the loop is woken without mail") {
    Mailbox mailbox;
    std::thread waker([&] {
        while (!mailbox.asleep()) std::this_thread::yield();
        mailbox.wake();
    });
    const auto deadline = soonEnough();
    mailbox.sleepUntil(deadline);
    waker.join();
    CHECK(Clock::TimePoint::clock::now() < deadline);
    CHECK(mailbox.empty());
}

TEST_CASE("waking a loop that is awake does nothing") {
    Mailbox mailbox;
    const auto callback = std::make_shared<CountCalls>();
    mailbox.onWake(callback);
    mailbox.wake();
    mailbox.fallAsleep();
    mailbox.stayAwake();
    mailbox.wake();
    CHECK(callback->calls == 0);
}

TEST_CASE("a wake callback takes the place of the one before which is let go") {
    Mailbox mailbox;
    auto first = std::make_shared<CountCalls>();
    const auto second = std::make_shared<CountCalls>();
    mailbox.onWake(first);
    mailbox.onWake(second);
    const std::weak_ptr<CountCalls> gone = first;
    first.reset();
    CHECK(gone.expired());
    mailbox.fallAsleep();
    mailbox.wake();
    CHECK(second->calls == 1);
    mailbox.onWake(nullptr);
    mailbox.fallAsleep();
    mailbox.wake();
    CHECK(second->calls == 1);
}

TEST_CASE("a mailbox outlives its loop") {
    std::shared_ptr<Mailbox> mailbox;
    {
        EventLoop loop;
        mailbox = loop.mailbox();
        CHECK_FALSE(mailbox->closed());
    }
    CHECK(mailbox->closed());
    Letter letter;
    mailbox->put(letter);
    CHECK(letter.droppedOn == std::this_thread::get_id());
}
