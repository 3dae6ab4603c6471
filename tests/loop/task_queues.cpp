// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/task_queues.hpp>

using namespace rondo;
using namespace rondo::loop;

namespace {

struct Named : Task {
    Named(const char* n, TaskSource from) : Task([](Task*, Verb) noexcept {}, from), name(n) {}
    const char* name;
};

Journal drained(TaskQueues& queues) {
    Journal journal;
    while (Task* task = queues.pop()) journal(static_cast<Named*>(task)->name);
    return journal;
}

}

TEST_CASE("task queues without a task give none") {
    TaskQueues queues;
    CHECK(queues.empty());
    CHECK(queues.pop() == nullptr);
    CHECK(queues.pushed() == 0);
}

TEST_CASE("tasks of one source run in order of arrival") {
    Named a("a", TaskSource::posted), b("b", TaskSource::posted), c("c", TaskSource::posted);
    TaskQueues queues;
    queues.push(a);
    queues.push(b);
    queues.push(c);
    CHECK(drained(queues) == "a b c");
}

TEST_CASE("timers and posted tasks share one order of arrival") {
    Named a("timer1", TaskSource::timer), b("posted1", TaskSource::posted), c("timer2", TaskSource::timer),
        d("posted2", TaskSource::posted);
    TaskQueues queues;
    queues.push(a);
    queues.push(b);
    queues.push(c);
    queues.push(d);
    CHECK(drained(queues) == "timer1 posted1 timer2 posted2");
}

TEST_CASE("a rejection notice goes before every other task and after earlier notices") {
    Named a("posted", TaskSource::posted), b("timer", TaskSource::timer), c("notice1", TaskSource::rejectionNotice),
        d("notice2", TaskSource::rejectionNotice);
    TaskQueues queues;
    queues.push(a);
    queues.push(b);
    queues.push(c);
    queues.push(d);
    CHECK(drained(queues) == "notice1 notice2 posted timer");
}

TEST_CASE("task queues are empty when no source has a task") {
    Named a("a", TaskSource::rejectionNotice), b("b", TaskSource::posted);
    TaskQueues queues;
    queues.push(a);
    CHECK_FALSE(queues.empty());
    queues.pop();
    CHECK(queues.empty());
    queues.push(b);
    CHECK_FALSE(queues.empty());
    queues.pop();
    CHECK(queues.empty());
}

TEST_CASE("task queues count what was pushed so far") {
    Named a("a", TaskSource::rejectionNotice), b("b", TaskSource::posted);
    TaskQueues queues;
    queues.push(a);
    queues.push(b);
    queues.pop();
    CHECK(queues.pushed() == 2);
    queues.push(a);
    CHECK(queues.pushed() == 3);
}

TEST_CASE("a loop runs a rejection notice before the tasks that wait already") {
    Journal log;
    struct Notice : Task {
        explicit Notice(Journal& journal) : Task(&act, TaskSource::rejectionNotice), log(journal) {}
        static void act(Task* task, Verb) noexcept { static_cast<Notice*>(task)->log("notice"); }
        Journal& log;
    } notice(log);
    EventLoop loop;
    loop.post([&] {
        log("first");
        loop.queueTask(notice);
        loop.queueMicrotask([&] { log("microtask"); });
    });
    loop.post([&] { log("second"); });
    turnUntilDry(loop);
    CHECK(log == "first microtask notice second");
}
