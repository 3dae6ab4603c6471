// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/response.hpp>

#include <exception>
#include <initializer_list>
#include <string>
#include <utility>

using namespace rondo;

// What the originals fetch is here a stream whose chunks come one by one.

namespace {

using Controller = ReadableStreamDefaultController<Uint8Array>;

ReadableStream<Uint8Array> slowly(int count) {
    return ReadableStream<Uint8Array>({.pull = [left = count](const Controller& controller) mutable {
        controller.enqueue(Uint8Array("text"));
        if (--left == 0) controller.close();
    }});
}

/// Whether text and bytes are both refused.
Promise<bool> isRefused(Response response) {
    const auto text = co_await response.text().settled();
    CHECK_THROWS_AS(std::rethrow_exception(text.reason()), TypeError);
    const auto bytes = co_await response.bytes().settled();
    CHECK_THROWS_AS(std::rethrow_exception(bytes.reason()), TypeError);
    co_return text.rejected() && bytes.rejected();
}

}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-1: a body whose lock was released is read") {
    for (const Response& response : {Response(slowly(1)), Response("text")}) {
        response.body()->getReader().releaseLock();
        const std::string text = co_await response.text();
        CHECK(text == "text");
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-2: a body that is locked is not read") {
    for (const Response& response : {Response(slowly(1)), Response("text")}) {
        const auto reader = response.body()->getReader();
        const bool refused = co_await isRefused(response);
        CHECK(refused);
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-3: a body that was read from is not read") {
    for (const Response& response : {Response(slowly(1)), Response("text")}) {
        response.body()->getReader().read();
        const bool refused = co_await isRefused(response);
        CHECK(refused);
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-4: a body that was cancelled is not read") {
    for (const Response& response : {Response(slowly(1)), Response("text")}) {
        response.body()->cancel();
        const bool refused = co_await isRefused(response);
        CHECK(refused);
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-5: a body that was consumed gives no reader") {
    for (const Response& response : {Response(slowly(2)), Response("text")}) {
        co_await response.text();
        REQUIRE(response.body());
        CHECK_THROWS_AS(response.body()->getReader(), TypeError);
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-stream-disturbed-6: a stream is used when it is read or cancelled") {
    const auto errored = [] {
        return ReadableStream<Uint8Array>(
            {.start = [](const Controller& controller) { controller.error(Error("some error")); }});
    };
    const auto closed = [] {
        return ReadableStream<Uint8Array>({.start = [](const Controller& controller) { controller.close(); }});
    };
    const auto isUsedBy = [](const ReadableStream<Uint8Array>& stream, auto use) {
        const Response response(stream);
        CHECK_FALSE(response.bodyUsed());
        const auto reader = stream.getReader();
        CHECK_FALSE(response.bodyUsed());
        use(reader);
        CHECK(response.bodyUsed());
    };
    const auto reads = [](const auto& reader) {
        reader.read().catch_([] { return IteratorResult<Uint8Array>::finished(); });
    };
    const auto cancels = [](const auto& reader) { reader.cancel().catch_([] {}); };
    isUsedBy(ReadableStream<Uint8Array>(), reads);
    isUsedBy(ReadableStream<Uint8Array>(), cancels);
    isUsedBy(closed(), reads);
    isUsedBy(errored(), reads);
    isUsedBy(errored(), cancels);
    co_return;
}

ASYNC_TEST_CASE(
    "fetch/api/response/response-cancel-stream: a body is cancelled at its start and later and at its end") {
    co_await slowly(100).cancel();
    const Response starting(slowly(100));
    const auto original = starting.body();
    co_await original->cancel();
    CHECK(starting.body() == original);

    const Response loading(slowly(100));
    const auto reader = loading.body()->getReader();
    co_await reader.read();
    co_await reader.cancel();

    const Response ended("T");
    const auto last = ended.body()->getReader();
    for (;;) {
        auto step = co_await last.read();
        if (!step) break;
    }
    co_await last.closed();
    co_await last.cancel();
}

TEST_CASE("fetch/api/response/response-error: what cannot be is refused") {
    for (const unsigned short status : std::initializer_list<unsigned short>{0, 100, 199, 600, 1000}) {
        CHECK_THROWS_AS(Response("", {.status = status}), RangeError);
    }
    CHECK_THROWS_AS(Response("", {.statusText = "\n"}), TypeError);
    for (const unsigned short status : std::initializer_list<unsigned short>{204, 205, 304}) {
        CHECK_THROWS_AS(Response("body", {.status = status}), TypeError);
    }
}

TEST_CASE("fetch/api/response/response-init-001: a response has its defaults and what it is given") {
    const Response response;
    CHECK(response.type() == ResponseType::default_);
    CHECK(response.url().empty());
    CHECK(response.ok());
    CHECK(response.status() == 200);
    CHECK(response.statusText().empty());
    CHECK_FALSE(response.body());
    for (const unsigned short status : std::initializer_list<unsigned short>{200, 299, 300, 400, 500, 599}) {
        CHECK(Response("", {.status = status}).status() == status);
        CHECK(Response("", {.status = status}).ok() == (status < 300));
    }
    for (const char* text : {"", "OK", "with space", "\x80"}) {
        CHECK(Response("", {.statusText = text}).statusText() == text);
    }
}

TEST_CASE("fetch/api/response/response-init-001: the headers are one object") {
    const Response response("", {.headers = {{"X-Foo", "bar"}}});
    Headers& headers = response.headers();
    response.headers().set("X-Foo", "quux");
    headers.set("X-Other-Header", "baz");
    CHECK(&headers == &response.headers());
    CHECK(response.headers().get("x-other-header") == "baz");
}
