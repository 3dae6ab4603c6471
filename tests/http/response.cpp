// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/response.hpp>

#include <initializer_list>
#include <string>
#include <utility>

using namespace rondo;

TEST_CASE("a response is of status 200 and says what its body is") {
    const Response response("text");
    CHECK(response.type() == ResponseType::default_);
    CHECK(response.status() == 200);
    CHECK(response.ok());
    CHECK(response.statusText().empty());
    CHECK(response.url().empty());
    CHECK_FALSE(response.redirected());
    CHECK(response.headers().get("content-type") == "text/plain;charset=UTF-8");
    CHECK_FALSE(Response().headers().has("content-type"));
    CHECK_FALSE(Response(Uint8Array{1}).headers().has("content-type"));
}

TEST_CASE("a response has the status and the headers that it is given") {
    const Headers headers({{"Content-Type", "image/png"}, {"X-A", "b"}});
    const Response response(Uint8Array{1}, {.status = 404, .statusText = "Not There", .headers = headers});
    CHECK(response.status() == 404);
    CHECK_FALSE(response.ok());
    CHECK(response.statusText() == "Not There");
    CHECK(response.headers().get("x-a") == "b");
    const Response text("x", {.headers = {{"content-type", "text/html"}}});
    CHECK(text.headers().get("Content-Type") == "text/html");
    response.headers().set("x-a", "c");
    CHECK(response.headers().get("x-a") == "c");
    CHECK(headers.get("x-a") == "b");
}

TEST_CASE("a response that cannot be is refused") {
    CHECK_THROWS_AS(Response("", {.status = 199}), RangeError);
    CHECK_THROWS_AS(Response("", {.status = 600}), RangeError);
    CHECK_THROWS_AS(Response("", {.statusText = "\r\n"}), TypeError);
    CHECK_THROWS_AS(Response("", {.headers = {{"a b", "c"}}}), TypeError);
    for (const unsigned short status : std::initializer_list<unsigned short>{204, 205, 304}) {
        CHECK_THROWS_AS(Response("", {.status = status}), TypeError);
        CHECK(Response(nullptr, {.status = status}).status() == status);
    }
}

TEST_CASE("an error and a redirect have headers that may not be changed") {
    const Response error = Response::error();
    CHECK(error.type() == ResponseType::error);
    CHECK(error.status() == 0);
    CHECK_FALSE(error.ok());
    CHECK_THROWS_AS(error.headers().set("a", "b"), TypeError);

    const Response redirect = Response::redirect("https://example.com/\u00fc", 308);
    CHECK(redirect.status() == 308);
    CHECK(redirect.headers().get("location") == "https://example.com/%C3%BC");
    CHECK_THROWS_AS(redirect.headers().delete_("location"), TypeError);
    const Response copy = redirect.clone();
    CHECK_THROWS_AS(copy.headers().delete_("location"), TypeError);
    CHECK_THROWS_AS(Response::redirect("/relative"), TypeError);
    CHECK_THROWS_AS(Response::redirect("https://example.com", 200), RangeError);
}

TEST_CASE("copies of a response are one response") {
    const Response response("text");
    Response copy = response;
    CHECK(copy == response);
    copy.headers().set("a", "b");
    CHECK(response.headers().get("a") == "b");
    CHECK(Response("text") != response);
    Headers own = Response("x", {.headers = {{"a", "b"}}}).headers();
    own.set("a", "c");
    CHECK(own.get("a") == "c");
}

TEST_CASE("a response from the network tells where it came from") {
    const Response response;
    response.state().urls = {URL("http://a/#x"), URL("http://b/?q#y")};
    response.state().type = ResponseType::basic;
    CHECK(response.url() == "http://b/?q");
    CHECK(response.redirected());
    const Response copy = response.clone();
    CHECK(copy.url() == "http://b/?q");
    CHECK(copy.type() == ResponseType::basic);
    response.state().urls.pop_back();
    CHECK(response.url() == "http://a/");
    CHECK_FALSE(response.redirected());
}

ASYNC_TEST_CASE("a clone has a body of its own") {
    const Response response("text", {.status = 201, .statusText = "Made", .headers = {{"a", "b"}}});
    const Response copy = response.clone();
    CHECK(copy != response);
    CHECK(copy.status() == 201);
    CHECK(copy.statusText() == "Made");
    copy.headers().set("a", "c");
    CHECK(response.headers().get("a") == "b");
    const std::string first = co_await response.text();
    const std::string second = co_await copy.text();
    CHECK(first == "text");
    CHECK(second == "text");
    CHECK_THROWS_AS(response.clone(), TypeError);
    CHECK(Response().clone().status() == 200);
}

ASYNC_TEST_CASE("a clone of a stream reads the same chunks") {
    using Controller = ReadableStreamDefaultController<Uint8Array>;
    int pulls = 0;
    const Response response(ReadableStream<Uint8Array>({.pull = [&](const Controller& controller) {
        controller.enqueue(Uint8Array{static_cast<std::uint8_t>('0' + pulls)});
        if (++pulls == 3) controller.close();
    }}));
    const Response copy = response.clone();
    CHECK_FALSE(response.bodyUsed());
    const std::string first = co_await response.text();
    CHECK_FALSE(copy.bodyUsed());
    const std::string second = co_await copy.text();
    CHECK(first == "012");
    CHECK(second == "012");
    CHECK(pulls == 3);
}
