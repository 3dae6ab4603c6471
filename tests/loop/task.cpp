// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/task.hpp>

#include <memory>

using namespace rondo;
using namespace rondo::loop;

namespace {

/// A task that lives where it was made.
struct Still : Task {
    Still(Journal& journal, const char* n, TaskSource from = TaskSource::posted)
        : Task(&act, from), log(journal), name(n) {}
    static void act(Task* task, Verb verb) noexcept {
        auto& self = *static_cast<Still*>(task);
        self.log(verb == Verb::run ? "run-" : "drop-", self.name);
    }
    Journal& log;
    const char* name;
};

/// A task that destroys itself when it is asked to do anything.
struct Fleeting : Task {
    explicit Fleeting(Journal& journal) : Task(&act, TaskSource::posted), log(journal) {}
    static void act(Task* task, Verb verb) noexcept {
        const std::unique_ptr<Fleeting> self(static_cast<Fleeting*>(task));
        self->log(verb == Verb::run ? "run" : "drop");
    }
    Journal& log;
};

}

TEST_CASE("a task that its loop comes to is asked to run") {
    Journal log;
    Still a(log, "a"), b(log, "b");
    EventLoop loop;
    loop.queueTask(a);
    loop.queueTask(b);
    turnUntilDry(loop);
    CHECK(log == "run-a run-b");
}

TEST_CASE("a task that its loop does not come to is asked to drop") {
    Journal log;
    Still a(log, "a"), b(log, "b");
    {
        EventLoop loop;
        loop.queueTask(a);
        loop.queueTask(b);
    }
    CHECK(log == "drop-a drop-b");
}

TEST_CASE("a task may be queued again once it has run") {
    Journal log;
    Still a(log, "a");
    EventLoop loop;
    loop.queueTask(a);
    turnUntilDry(loop);
    loop.queueTask(a);
    turnUntilDry(loop);
    CHECK(log == "run-a run-a");
}

TEST_CASE("a task may destroy itself when it runs and when it is dropped") {
    Journal log;
    {
        EventLoop loop;
        loop.queueTask(*new Fleeting(log));
        turnUntilDry(loop);
        loop.queueTask(*new Fleeting(log));
    }
    CHECK(log == "run drop");
}

TEST_CASE("a task knows where it came from") {
    Journal log;
    CHECK(Still(log, "a").source == TaskSource::posted);
    CHECK(Still(log, "a", TaskSource::rejectionNotice).source == TaskSource::rejectionNotice);
}
