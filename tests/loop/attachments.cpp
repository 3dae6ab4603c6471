// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/turn.hpp"

#include <rondo/loop/attachments.hpp>

#include <stdexcept>

using rondo::EventLoop;
using rondo::loop::Attachments;

namespace {

template <int>
struct Named {
    Named(Journal& journal, const char* n) : log(journal), name(n) { log("make-", name); }
    Named(const Named&) = delete;
    Named& operator=(const Named&) = delete;
    ~Named() { log("drop-", name); }
    Journal& log;
    const char* name;
};

using First = Named<1>;
using Second = Named<2>;
using Third = Named<3>;

/// Needs another attachment when it goes.
struct Needy {
    Needy(Attachments& a, Journal& journal) : attachments(a), log(journal) {}
    Needy(const Needy&) = delete;
    Needy& operator=(const Needy&) = delete;
    ~Needy() { attachments.of<Third>(log, "late"); }
    Attachments& attachments;
    Journal& log;
};

struct Failing {
    Failing() { throw std::runtime_error("no"); }
};

struct Counter {
    int count = 0;
};

}

TEST_CASE("an attachment is made at first use and is the same one afterwards") {
    Journal log;
    Attachments attachments;
    CHECK(attachments.find<First>() == nullptr);
    First& made = attachments.of<First>(log, "a");
    CHECK(&attachments.of<First>(log, "b") == &made);
    CHECK(attachments.find<First>() == &made);
    CHECK(log == "make-a");
}

TEST_CASE("there is one attachment of each type") {
    Journal log;
    Attachments attachments;
    attachments.of<First>(log, "a");
    CHECK(attachments.find<Second>() == nullptr);
    attachments.of<Second>(log, "b");
    CHECK(log == "make-a make-b");
    CHECK(attachments.find<First>()->name == std::string("a"));
    CHECK(attachments.find<Second>()->name == std::string("b"));
}

TEST_CASE("attachments go newest first") {
    Journal log;
    {
        Attachments attachments;
        attachments.of<First>(log, "a");
        attachments.of<Second>(log, "b");
        attachments.of<Third>(log, "c");
        log.clear();
    }
    CHECK(log == "drop-c drop-b drop-a");
}

TEST_CASE("an attachment that is made while they are being cleared goes with them") {
    Journal log;
    Attachments attachments;
    attachments.of<First>(log, "a");
    attachments.of<Needy>(attachments, log);
    attachments.clear();
    CHECK(log == "make-a make-late drop-late drop-a");
    CHECK(attachments.find<Third>() == nullptr);
}

TEST_CASE("an attachment that cannot be made leaves nothing behind") {
    Attachments attachments;
    CHECK_THROWS_AS(attachments.of<Failing>(), std::runtime_error);
    CHECK(attachments.find<Failing>() == nullptr);
}

TEST_CASE("every loop has attachments of its own") {
    {
        EventLoop loop;
        ++loop.attachments().of<Counter>().count;
        ++loop.attachments().of<Counter>().count;
        CHECK(loop.attachments().of<Counter>().count == 2);
    }
    EventLoop loop;
    CHECK(loop.attachments().of<Counter>().count == 0);
}

TEST_CASE("a loop's attachments go after everything that waited") {
    Journal log;
    {
        EventLoop loop;
        loop.attachments().of<First>(log, "attachment");
        loop.post([end = AtEnd([&] { log("task"); })] {});
        loop.setTimer([end = AtEnd([&] { log("timer"); })] {}, 1, false);
        loop.queueMicrotask([end = AtEnd([&] { log("microtask"); })] {});
        log.clear();
    }
    CHECK(log == "task timer microtask drop-attachment");
}

TEST_CASE("work that an attachment's destructor starts is dropped") {
    struct Starter {
        Starter(EventLoop& l, Journal& journal) : loop(l), log(journal) {}
        Starter(const Starter&) = delete;
        Starter& operator=(const Starter&) = delete;
        ~Starter() {
            loop.post([this, end = AtEnd([&l = log] { l("task"); })] { log("ran"); });
            loop.queueMicrotask([this, end = AtEnd([&l = log] { l("microtask"); })] { log("ran"); });
        }
        EventLoop& loop;
        Journal& log;
    };
    Journal log;
    {
        EventLoop loop;
        loop.attachments().of<Starter>(loop, log);
    }
    CHECK(log == "task microtask");
}
