// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/event_loop.hpp>

#include <memory>
#include <optional>
#include <thread>

using namespace rondo;

namespace {

/// Something that waits for what never comes, and writes down how it went.
class Patient final : public loop::Waiting, base::Pooled {
public:
    static void wait(EventLoop& loop, Journal& log, const char* name) {
        loop.waiting().pushBack(*new Patient(log, name));
    }

private:
    Patient(Journal& log, const char* name) : Waiting(&act), log_(log), name_(name) {}
    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        const std::unique_ptr<Patient> self(static_cast<Patient*>(node));
        self->log_(verb == loop::Verb::drop ? "drop-" : "run-", self->name_);
    }
    friend std::default_delete<Patient>;
    ~Patient() = default;

    Journal& log_;
    const char* name_;
};

}

TEST_CASE("a loop that goes drops what it has not run and runs none of it") {
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.post([&, c = Counted()] { log("task"); });
        loop.queueMicrotask([&, c = Counted()] { log("microtask"); });
        loop.setTimer([&, c = Counted()] { log("timer"); }, 0, false);
        loop.setTimer([&, c = Counted()] { log("interval"); }, 5, true);
        loop.setTimer([&, c = Counted()] { log("never"); }, 1e300, false);
        std::thread([&] { loop.post([&, c = Counted()] { log("mail"); }); }).join();
        CHECK(Counted::alive == 6);
    }
    CHECK(Counted::alive == 0);
    CHECK(log == "");
}

TEST_CASE("a loop that goes drops timers that are due and those that were cleared when due") {
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop::TimerQueue::Id cleared = 0;
        loop.setTimer(
            [&, c = Counted()] {
                log("first");
                loop.clearTimer(cleared);
                loop.stop();
            },
            5, false);
        cleared = loop.setTimer([&, c = Counted()] { log("cleared"); }, 5, false);
        loop.setTimer([&, c = Counted()] { log("due"); }, 5, false);
        loop.setTimer([&, c = Counted()] { log("beat"); }, 5, true);
        CHECK(turnUntilDry(loop) == EventLoop::Ended::stopped);
        CHECK(Counted::alive == 3);
    }
    CHECK(Counted::alive == 0);
    CHECK(log == "first");
}

TEST_CASE("what waits is dropped newest first") {
    Journal log;
    {
        EventLoop loop;
        Patient::wait(loop, log, "a");
        Patient::wait(loop, log, "b");
        Patient::wait(loop, log, "c");
    }
    CHECK(log == "drop-c drop-b drop-a");
}

TEST_CASE("a microtask that is queued when the loop goes waits with the others") {
    Journal log;
    {
        EventLoop loop;
        Patient::wait(loop, log, "old");
        loop.queueMicrotask([&, end = AtEnd([&] { log("microtask"); })] { log("ran"); });
        Patient::wait(loop, log, "new");
    }
    CHECK(log == "drop-new microtask drop-old");
}

TEST_CASE("what destructors start during teardown is dropped in the same pass") {
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        const auto startAll = [&] {
            log("end");
            loop.post([&, c = Counted()] { log("ran"); });
            loop.queueMicrotask([&, c = Counted()] { log("ran"); });
            loop.setTimer([&, c = Counted()] { log("ran"); }, 0, true);
            loop.setTimer([&, c = Counted()] { log("ran"); }, 10, false);
            Patient::wait(loop, log, "late");
        };
        loop.post([end = AtEnd(startAll)] {});
        loop.queueMicrotask([end = AtEnd(startAll)] {});
        loop.setTimer([end = AtEnd(startAll)] {}, 0, false);
        loop.setTimer([end = AtEnd(startAll)] {}, 10, true);
    }
    CHECK(Counted::alive == 0);
    CHECK(log.text().find("ran") == std::string::npos);
    CHECK(log.text().find("end") != std::string::npos);
}

TEST_CASE("a chain of destructors that each start more work comes to its end") {
    Counted::reset();
    int ends = 0;
    struct Chain {
        EventLoop& loop;
        int& ends;
        int left;
        void operator()() const {
            ++ends;
            if (left == 0) return;
            Chain next{loop, ends, left - 1};
            switch (left % 3) {
            case 0: loop.post([end = AtEnd(next), c = Counted()] { static_cast<void>(c); }); break;
            case 1: loop.queueMicrotask([end = AtEnd(next), c = Counted()] { static_cast<void>(c); }); break;
            default: loop.setTimer([end = AtEnd(next), c = Counted()] { static_cast<void>(c); }, left, false);
            }
        }
    };
    {
        EventLoop loop({.virtualTime = true});
        loop.post([end = AtEnd(Chain{loop, ends, 100})] {});
    }
    CHECK(ends == 101);
    CHECK(Counted::alive == 0);
}

TEST_CASE("a node that queues a microtask after it has freed itself is safe during teardown") {
    struct Last : loop::Waiting {
        Last(EventLoop& l, Journal& journal) : Waiting(&act), loop(l), log(journal) {}
        static void act(loop::Microtask* node, loop::Verb) noexcept {
            auto* self = static_cast<Last*>(node);
            EventLoop& l = self->loop;
            Journal& journal = self->log;
            delete self; // as a frame does whose parameters go last
            l.queueMicrotask([&journal, end = AtEnd([&journal] { journal("end"); })] { journal("ran"); });
        }
        EventLoop& loop;
        Journal& log;
    };
    Journal log;
    {
        EventLoop loop;
        auto* last = new Last(loop, log);
        loop.waiting().pushBack(*last);
        loop.microtasks().push(*last);
    }
    CHECK(log == "end");
}

TEST_CASE("a destructor that clears a timer during teardown is safe") {
    Counted::reset();
    loop::TimerQueue::Id other = 0;
    {
        EventLoop loop({.virtualTime = true});
        loop.post([end = AtEnd([&] { loop.clearTimer(other); })] {});
        loop.setTimer([end = AtEnd([&] { loop.clearTimer(other); })] {}, 1, false);
        other = loop.setTimer([c = Counted()] { static_cast<void>(c); }, 2, false);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("the loop is current while it drops and gone afterwards") {
    bool current = false;
    {
        EventLoop loop;
        loop.post([end = AtEnd([&] { current = EventLoop::hasCurrent() && &EventLoop::current() == &loop; })] {});
    }
    CHECK(current);
    CHECK_FALSE(EventLoop::hasCurrent());
}

TEST_CASE("a loop that is being destroyed has number 0") {
    std::uint32_t number = 1;
    {
        EventLoop loop;
        CHECK(loop.number() != 0);
        loop.post([end = AtEnd([&] { number = loop.number(); })] {});
    }
    CHECK(number == 0);
}

TEST_CASE("turning is not possible from a destructor that runs when a task has been cleared away") {
    // in a callback, where the loop runs: the same refusal as anywhere else inside
    EventLoop loop;
    Journal log;
    loop.post([&, end = AtEnd([&] {
                      try {
                          loop.poll();
                          log("polled");
                      } catch (const std::logic_error&) {
                          log("refused");
                      }
                  })] { log("task"); });
    turnUntilDry(loop);
    CHECK(log == "task refused");
}

TEST_CASE("mail that a loop has not taken out is dropped on the loop's thread") {
    std::thread::id droppedOn;
    {
        EventLoop loop;
        std::thread([&] { loop.post([end = AtEnd([&] { droppedOn = std::this_thread::get_id(); })] {}); }).join();
    }
    CHECK(droppedOn == std::this_thread::get_id());
}

TEST_CASE("posting to a loop that has gone drops the task on the poster's thread") {
    std::shared_ptr<loop::Mailbox> mailbox;
    {
        EventLoop loop;
        mailbox = loop.mailbox();
    }
    Journal log;
    std::thread::id droppedOn, poster;
    std::thread([&] {
        poster = std::this_thread::get_id();
        auto f = [&, end = AtEnd([&] { droppedOn = std::this_thread::get_id(); })] { log("ran"); };
        mailbox->put(*new loop::CallbackTask<decltype(f), loop::Unpooled>(std::move(f), loop::TaskSource::posted));
    }).join();
    CHECK(droppedOn == poster);
    CHECK(droppedOn != std::thread::id());
    CHECK(log == "");
}

TEST_CASE("what is posted to a loop that has gone does not reach the loop that lives there now") {
    std::shared_ptr<loop::Mailbox> old;
    std::optional<EventLoop> loop(std::in_place);
    old = loop->mailbox();
    loop.reset();
    loop.emplace(); // at the same address
    CHECK(loop->mailbox() != old);
    Journal log;
    auto f = [&] { log("ran"); };
    old->put(*new loop::CallbackTask<decltype(f), loop::Unpooled>(std::move(f), loop::TaskSource::posted));
    CHECK_FALSE(loop->alive());
    turnUntilDry(*loop);
    CHECK(log == "");
}

TEST_CASE("a loop that goes after it was polled does not wake anybody") {
    int calls = 0;
    {
        EventLoop loop;
        loop.onWake([&] { ++calls; });
        loop.setTimer([end = AtEnd([&] { loop.post([] {}); })] {}, 1'000, false);
        loop.poll(); // falls asleep
    }
    CHECK(calls == 0);
}

TEST_CASE("teardown gives every block back") {
    CountingSource source;
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        for (int i = 0; i < 10; ++i) {
            loop.post([&, end = AtEnd([&] { loop.queueMicrotask([] {}); })] {});
            loop.setTimer([&, end = AtEnd([&] { loop.post([] {}); })] {}, i, i % 2 == 0);
            Patient::wait(loop, log, "p");
        }
        CHECK(source.balance() == 30);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("reference cycles are no obstacle to teardown") {
    Counted::reset();
    {
        EventLoop loop;
        struct Cycle {
            std::shared_ptr<Cycle> self;
            Counted life;
        };
        // a task that holds the only way to break the cycle
        auto cycle = std::make_shared<Cycle>();
        cycle->self = cycle;
        loop.post([end = AtEnd([cycle] { cycle->self.reset(); })] {});
    }
    CHECK(Counted::alive == 0);
}
