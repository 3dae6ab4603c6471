// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/console_state.hpp>

#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

std::string duration(double milliseconds) {
    base::Text text;
    web::appendDuration(text, milliseconds);
    return std::string(text.view());
}

}

TEST_CASE("a duration is shown as Node shows it") {
    const std::vector<std::pair<double, std::string>> cases{
        {0, "0ms"},
        {0.0001, "0ms"},
        {0.0123, "0.012ms"},
        {1, "1ms"},
        {10, "10ms"},
        {100, "100ms"},
        {1.2345, "1.234ms"},
        {12.3456, "12.346ms"},
        {999.9994, "999.999ms"},
        {999.9996, "1000ms"},
        {1000, "1.000s"},
        {1234.5, "1.234s"},
        {1234.5678, "1.235s"},
        {59999, "59.999s"},
        {59999.6, "60.000s"},
        {60000, "1:00.000 (m:ss.mmm)"},
        {60001, "1:00.001 (m:ss.mmm)"},
        {62345, "1:02.345 (m:ss.mmm)"},
        {3599999, "59:59.999 (m:ss.mmm)"},
        {3599999.6, "59:60.000 (m:ss.mmm)"},
        {3600000, "1:00:00.000 (h:mm:ss.mmm)"},
        {3661001, "1:01:01.001 (h:mm:ss.mmm)"},
        {36000005, "10:00:00.005 (h:mm:ss.mmm)"},
        {172800000, "48:00:00.000 (h:mm:ss.mmm)"},
    };
    for (const auto& [milliseconds, text] : cases) CHECK(duration(milliseconds) == text);
}

TEST_CASE("labels keep their numbers until they are removed") {
    web::Labels labels;
    CHECK_FALSE(labels.find("a"));
    CHECK_FALSE(labels.remove("a"));
    labels.add("a", 1);
    labels.add("b", 2);
    labels.add("c", 3);
    REQUIRE(labels.find("b"));
    CHECK(*labels.find("b") == 2);
    CHECK(labels.remove("b"));
    CHECK_FALSE(labels.find("b"));
    CHECK(*labels.find("a") == 1);
    CHECK(*labels.find("c") == 3);
}

TEST_CASE("a loop has a state of its own and so has a thread without one") {
    web::ConsoleState* const threads = &web::ConsoleState::here();
    CHECK(web::ConsoleState::find() == threads);
    {
        EventLoop loop({.virtualTime = true});
        CHECK_FALSE(web::ConsoleState::find());
        CHECK(&web::ConsoleState::here() != threads);
        CHECK(web::ConsoleState::find() == loop.attachments().find<web::ConsoleState>());
    }
    CHECK(web::ConsoleState::find() == threads);
    bool found = true;
    std::thread([&] { found = web::ConsoleState::find() != nullptr; }).join();
    CHECK_FALSE(found);
}
