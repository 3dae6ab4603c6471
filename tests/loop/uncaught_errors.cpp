// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"
#include "../support/written.hpp"

#include <rondo/loop/event_loop.hpp>
#include <rondo/loop/uncaught_errors.hpp>

#include <stdexcept>
#include <string>

using namespace rondo;
using Catch::Matchers::ContainsSubstring;
using rondo::loop::UncaughtErrors;

namespace {

std::exception_ptr error(const std::string& message) { return std::make_exception_ptr(std::runtime_error(message)); }

const EventLoop* asked = nullptr;
std::string heard;

bool deal(EventLoop& loop, const std::exception_ptr& reason) {
    asked = &loop;
    heard = base::describe(reason);
    return true;
}

bool shrug(EventLoop&, const std::exception_ptr& reason) {
    heard = base::describe(reason);
    return false;
}

bool fail(EventLoop&, const std::exception_ptr&) { throw std::runtime_error("the handler failed"); }

}

TEST_CASE("an error that nobody caught is printed") {
    EventLoop loop;
    UncaughtErrors uncaught;
    Redirected captured(stderr);
    uncaught.report(loop, error("no"));
    CHECK(captured.text() == "Uncaught no\n");
    CHECK(uncaught.any());
}

TEST_CASE("an error that the handler dealt with is not printed") {
    EventLoop loop;
    UncaughtErrors uncaught;
    uncaught.setHandler(deal);
    Redirected captured(stderr);
    uncaught.report(loop, error("no"));
    CHECK(captured.text().empty());
    CHECK_FALSE(uncaught.any());
    CHECK(asked == &loop);
    CHECK(heard == "no");
}

TEST_CASE("an error that the handler does not care for is printed") {
    EventLoop loop;
    UncaughtErrors uncaught;
    uncaught.setHandler(shrug);
    Redirected captured(stderr);
    uncaught.report(loop, error("no"));
    CHECK(heard == "no");
    CHECK(captured.text() == "Uncaught no\n");
    CHECK(uncaught.any());
}

TEST_CASE("an error that the handler throws is printed and so is the one it was asked about") {
    EventLoop loop;
    UncaughtErrors uncaught;
    uncaught.setHandler(fail);
    Redirected captured(stderr);
    uncaught.report(loop, error("no"));
    CHECK(captured.text() == "Uncaught the handler failed\nUncaught no\n");
    CHECK(uncaught.any());
}

TEST_CASE("a handler that is taken away is not asked any more") {
    EventLoop loop;
    UncaughtErrors uncaught;
    uncaught.setHandler(deal);
    uncaught.setHandler(nullptr);
    Redirected captured(stderr);
    uncaught.report(loop, error("no"));
    CHECK(captured.text() == "Uncaught no\n");
}

TEST_CASE("errors that were printed can be forgotten") {
    UncaughtErrors uncaught;
    CHECK_FALSE(uncaught.any());
    Redirected captured(stderr);
    uncaught.print("Uncaught ", error("no"));
    CHECK(captured.text() == "Uncaught no\n");
    CHECK(uncaught.any());
    uncaught.forget();
    CHECK_FALSE(uncaught.any());
}

TEST_CASE("what is printed begins with the prefix and tells where the error was made") {
    UncaughtErrors uncaught;
    Redirected captured(stderr);
    uncaught.print("Uncaught (in promise) ", std::make_exception_ptr(TypeError("no")));
    CHECK(captured.text().substr(0, 36) == "Uncaught (in promise) TypeError: no\n");
    CHECK_THAT(captured.text(), ContainsSubstring("\n    at ") && ContainsSubstring("uncaught_errors.cpp:"));
    CHECK(captured.text().back() == '\n');
}

TEST_CASE("an exception that leaves a task of a loop is printed and the loop goes on") {
    Journal log;
    EventLoop loop;
    Redirected captured(stderr);
    loop.post([] { throw std::runtime_error("no"); });
    loop.post([&] { log("next"); });
    loop.turnUntil([] { return false; });
    CHECK(captured.text() == "Uncaught no\n");
    CHECK(log == "next");
    CHECK(loop.uncaught().any());
}
