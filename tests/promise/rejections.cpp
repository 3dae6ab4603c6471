// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"
#include "../support/written.hpp"

#include <rondo/promise.hpp>

#include <stdexcept>
#include <string>

using namespace rondo;

namespace {

/// What a run of `f` in virtual time writes to stderr.
template <class F>
std::string reported(F f) {
    return writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        loop.run(f);
    });
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

void later(int milliseconds, auto f) { EventLoop::current().setTimer(std::move(f), milliseconds, false); }

}

TEST_CASE("a promise rejected with nobody listening is reported once, after the checkpoint") {
    const std::string text = reported([] { Promise<int>::reject(TypeError("no")); });
    CHECK(count(text, "Uncaught (in promise) TypeError: no") == 1);
    CHECK(count(text, "Uncaught") == 1);
}

TEST_CASE("a handler attached in the same drain is in time") {
    CHECK(reported([] {
              const auto p = Promise<int>::reject(Error("late"));
              EventLoop::current().queueMicrotask([p] { p.catch_([] { return 0; }); });
          }).empty());
}

TEST_CASE("a handler attached in a later task is too late") {
    const std::string text = reported([] {
        const auto p = Promise<int>::reject(Error("too late"));
        later(0, [p] { p.catch_([] { return 0; }); });
    });
    CHECK(count(text, "Error: too late") == 1);
}

TEST_CASE("the derived promise carries the burden of a rejection that passes through it") {
    const std::string text = reported([] {
        const auto p = Promise<int>::reject(Error("passed on"));
        p.then([](int) {});
        p.finally([] {});
    });
    CHECK(count(text, "Error: passed on") == 2);
}

TEST_CASE("each branch of a rejected promise needs a handler of its own") {
    const std::string text = reported([] {
        const auto p = Promise<int>::reject(Error("branch"));
        p.catch_([] { return 0; });
        p.then([](int) {});
    });
    CHECK(count(text, "Error: branch") == 1);
}

TEST_CASE("the losing inputs of a combinator are handled") {
    CHECK(reported([]() -> Promise<> {
              const auto a = Promise<int>::reject(Error("a"));
              const auto b = Promise<int>::reject(Error("b"));
              const auto settled = co_await Promise<>::race(a, b).settled();
              const auto all = co_await Promise<>::all(a, b).settled();
              CHECK(settled.rejected());
              CHECK(all.rejected());
          }).empty());
}

TEST_CASE("looking at a promise does not count as handling it") {
    const std::string text = reported([] {
        const auto p = Promise<int>::reject(Error("seen"));
        CHECK(p.state() == PromiseState::rejected);
        CHECK(p.reason() != nullptr);
    });
    CHECK(count(text, "Error: seen") == 1);
}

TEST_CASE("reading the settlement counts as handling it") {
    CHECK(reported([]() -> Promise<> {
              const auto p = Promise<int>::reject(Error("read"));
              const auto result = co_await p.settled();
              CHECK(result.rejected());
          }).empty());
}

TEST_CASE("rejections are reported in the order in which they happened and before any other task") {
    Journal log;
    const std::string text = reported([&] {
        later(0, [&] { log("timer"); });
        EventLoop::current().post([&] { log("task"); });
        Promise<int>::reject(Error("first"));
        EventLoop::current().queueMicrotask([] { Promise<int>::reject(Error("second")); });
    });
    CHECK(text.find("first") < text.find("second"));
    CHECK(log == "timer task");
}

TEST_CASE("the notice goes before other tasks, and a handler can answer for the rejection") {
    static Journal log;
    log.clear();
    const std::string text = reported([] {
        EventLoop& loop = EventLoop::current();
        loop.rejections()->setHandlers(
            [](EventLoop&, promise::StateBase& state) {
                log("notice", base::describe(state.reason().error));
                return true;
            },
            [](EventLoop&, promise::StateBase&) { log("handled late"); });
        loop.post([] { log("task"); });
        const auto p = Promise<int>::reject(Error("x"));
        later(1, [p] { p.catch_([] { return 0; }); });
    });
    CHECK(text.empty());
    CHECK(log == "noticeError: x task handled late");
}

TEST_CASE("an async function that nobody awaits reports what it throws") {
    const std::string text = reported([]() -> Promise<> {
        auto floating = []() -> Promise<> {
            co_await Promise<>::resolve();
            throw std::runtime_error("lost");
        };
        floating();
        co_return;
    });
    CHECK(count(text, "Uncaught (in promise) lost") == 1);
}

TEST_CASE("awaiting slow and then bad is too late for bad") {
    const std::string text = reported([]() -> Promise<> {
        auto slow = []() -> Promise<> {
            co_await Promise<>([](auto resolve) { EventLoop::current().setTimer(resolve, 10, false); });
        };
        auto bad = []() -> Promise<> {
            co_await Promise<>::resolve();
            throw Error("bad");
        };
        auto first = slow();
        auto second = bad();
        co_await first;
        const auto settled = co_await second.settled();
        CHECK(settled.rejected());
    });
    CHECK(count(text, "Error: bad") == 1);
}

TEST_CASE("a rejection whose loop ends before the notice is not reported, and nothing leaks") {
    const std::string text = writtenTo(stderr, [] {
        EventLoop loop;
        Promise<int>::reject(Error("never told"));
    });
    CHECK(text.empty());
}

TEST_CASE("the reasons of an AggregateError are printed with it") {
    const std::string text =
        reported([] { Promise<>::any(Promise<int>::reject(Error("a")), Promise<int>::reject(TypeError("b"))); });
    CHECK(count(text, "AggregateError: All promises were rejected") == 1);
    CHECK(count(text, "[error]: Error: a") == 1);
    CHECK(count(text, "[error]: TypeError: b") == 1);
}
