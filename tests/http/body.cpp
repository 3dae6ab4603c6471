// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/http/response.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace rondo;

namespace {

using Controller = ReadableStreamDefaultController<Uint8Array>;

ReadableStream<Uint8Array> streamOf(std::string_view first, std::string_view second) {
    return ReadableStream<Uint8Array>({.start = [first, second](const Controller& controller) {
        controller.enqueue(Uint8Array(first));
        controller.enqueue(Uint8Array(second));
        controller.close();
    }});
}

}

ASYNC_TEST_CASE("a body is read as text or as bytes") {
    const std::string text = co_await Response("gr\u00fcn").text();
    CHECK(text == "gr\u00fcn");
    const Response three(Uint8Array{1, 2, 3});
    const Uint8Array bytes = co_await three.bytes();
    CHECK(bytes == Uint8Array{1, 2, 3});
    const std::string ofStream = co_await Response(streamOf("one", "two")).text();
    CHECK(ofStream == "onetwo");
}

ASYNC_TEST_CASE("text is decoded without a byte order mark and with U+FFFD for what is none") {
    const std::string text = co_await Response("\xef\xbb\xbf"
                                               "a\xff"
                                               "b")
                                 .text();
    CHECK(text == "a\ufffd"
                  "b");
    const std::string two = co_await Response("\ufeff\ufeff").text();
    CHECK(two == "\ufeff");
    const std::string split = co_await Response(streamOf("\xe2\x82", "\xac")).text();
    CHECK(split == "\u20ac");
    const Uint8Array bytes = co_await Response("\ufeff\xff").bytes();
    CHECK(bytes.text() == "\ufeff\xff");
}

ASYNC_TEST_CASE("a body is used once") {
    const Response response("text");
    CHECK_FALSE(response.bodyUsed());
    const auto text = response.text();
    CHECK(response.bodyUsed());
    const auto again = co_await response.text().settled();
    CHECK_THROWS_AS(std::rethrow_exception(again.reason()), TypeError);
    const auto bytes = co_await response.bytes().settled();
    CHECK_THROWS_AS(std::rethrow_exception(bytes.reason()), TypeError);
    const std::string first = co_await text;
    CHECK(first == "text");
    CHECK(response.body()->locked());
}

ASYNC_TEST_CASE("a body that somebody has locked is not read") {
    const Response response("text");
    const auto reader = response.body()->getReader();
    CHECK_FALSE(response.bodyUsed());
    const auto settled = co_await response.text().settled();
    CHECK_THROWS_AS(std::rethrow_exception(settled.reason()), TypeError);
    reader.releaseLock();
    const std::string text = co_await response.text();
    CHECK(text == "text");
}

ASYNC_TEST_CASE("no body is an empty one that can be read again") {
    const Response response;
    CHECK_FALSE(response.body());
    for (int i = 0; i < 2; ++i) {
        const std::string text = co_await response.text();
        CHECK(text.empty());
        CHECK_FALSE(response.bodyUsed());
    }
}

TEST_CASE("a body that is there is given one tick later") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Response("text").text().then([&](const std::string& text) { log(text); });
        Promise<>::resolve().then([&] { log("tick 1"); }).then([&] { log("tick 2"); });
        log("script");
    });
    CHECK(log == "script text tick 1 tick 2");
}

ASYNC_TEST_CASE("a response may be dropped while its body is read") {
    std::optional<Controller> controller;
    std::optional<Promise<std::string>> text;
    {
        const Response response(
            ReadableStream<Uint8Array>({.start = [&](const Controller& given) { controller.emplace(given); }}));
        text.emplace(response.text());
    }
    co_await Promise<>::resolve();
    controller->enqueue(Uint8Array("late"));
    controller->close();
    const std::string got = co_await *text;
    CHECK(got == "late");
}

TEST_CASE("a response that outlives its loop may still be looked at") {
    std::optional<Response> response;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            response.emplace(ReadableStream<Uint8Array>());
            response->text();
        });
    }
    CHECK(response->status() == 200);
    CHECK(response->bodyUsed());
}

TEST_CASE("a response that its own stream holds goes with the loop") {
    const auto token = std::make_shared<int>();
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto holder = std::make_shared<std::optional<Response>>();
            holder->emplace(ReadableStream<Uint8Array>({.pull = [holder, token](const Controller&) {}}));
            (*holder)->text();
        });
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}
