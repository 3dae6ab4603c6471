// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/response.hpp>

#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace rondo;

namespace {

/// The value of JSON.stringify of a text that has nothing to escape.
struct JsonText {
    std::string value;

    friend JsonText fromJson(std::string_view json, JsonType<JsonText>) {
        if (json.size() < 2 || json.front() != '"' || json.back() != '"')
            throw DOMException("this is no text in JSON", "SyntaxError");
        return {std::string(json.substr(1, json.size() - 2))};
    }
    friend std::string toJson(const JsonText& text, JsonType<JsonText>) { return '"' + text.value + '"'; }
};

struct Unencodable {
    friend std::string toJson(const Unencodable&, JsonType<Unencodable>) { throw TypeError("not encodable"); }
};

using Controller = ReadableStreamDefaultController<Uint8Array>;

Promise<std::string> allOf(ReadableStream<Uint8Array> stream) {
    const auto reader = stream.getReader();
    std::string text;
    for (;;) {
        auto step = co_await reader.read();
        if (!step) break;
        text += step->text();
    }
    co_return text;
}

Promise<std::string> allByob(ReadableStream<Uint8Array> stream) {
    const auto reader = stream.getBYOBReader();
    std::string text;
    for (;;) {
        auto step = co_await reader.read(Uint8Array(4));
        if (!step) break;
        text += step->text();
    }
    co_return text;
}

}

ASYNC_TEST_CASE("fetch/api/response/response-static-json: the response is of JSON and of what init says") {
    const JsonText data{"hello world"};
    for (const Response& response :
         {Response::json(data), Response::json(data, {.status = 400}), Response::json(data, {.statusText = "foo"}),
          Response::json(data, {.headers = {{"content-type", "foo/bar"}}}),
          Response::json(data, {.headers = {{"x-foo", "bar"}}})}) {
        CHECK(response.type() == ResponseType::default_);
        const JsonText got = co_await response.json<JsonText>();
        CHECK(got.value == "hello world");
    }
    CHECK(Response::json(data).headers().get("content-type") == "application/json");
    CHECK(Response::json(data, {.status = 400}).status() == 400);
    CHECK(Response::json(data, {.statusText = "foo"}).statusText() == "foo");
    CHECK(Response::json(data, {.headers = {{"content-type", "foo/bar"}}}).headers().get("content-type") == "foo/bar");
    CHECK(Response::json(data, {.headers = {{"x-foo", "bar"}}}).headers().get("x-foo") == "bar");
    for (const unsigned short status : std::initializer_list<unsigned short>{204, 205, 304}) {
        CHECK_THROWS_AS(Response::json(data, {.status = status}), TypeError);
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-static-json: what the serializer throws leaves") {
    CHECK_THROWS_AS(Response::json(Unencodable()), TypeError);
    const Response response = Response::json(JsonText{"\U0001d306"});
    const Uint8Array bytes = co_await response.bytes();
    CHECK(bytes.text() == "\"\U0001d306\"");
}

TEST_CASE("fetch/api/response/response-static-json: the headers are mutable") {
    const Response response = Response::json(JsonText{""});
    Headers& headers = response.headers();
    headers.append("x-custom", "value");
    headers.set("x-custom", "value2");
    CHECK(headers.get("x-custom") == "value2");
    headers.delete_("x-custom");
    CHECK_FALSE(headers.has("x-custom"));
    headers.set("content-type", "foo/bar");
    CHECK(headers.get("content-type") == "foo/bar");
    headers.delete_("content-type");
    CHECK_FALSE(headers.has("content-type"));
}

TEST_CASE("fetch/api/response/response-static-redirect: the response leads to the URL") {
    const char* url = "http://test.url:1234/";
    CHECK(Response::redirect(url).status() == 302);
    for (const unsigned short status : std::initializer_list<unsigned short>{301, 302, 303, 307, 308}) {
        const Response redirect = Response::redirect(url, status);
        CHECK(redirect.type() == ResponseType::default_);
        CHECK_FALSE(redirect.redirected());
        CHECK_FALSE(redirect.ok());
        CHECK(redirect.status() == status);
        CHECK(redirect.headers().get("Location") == url);
        CHECK(redirect.statusText().empty());
    }
    CHECK_THROWS_AS(Response::redirect("http://:This is not an url"), TypeError);
    for (const unsigned short status : std::initializer_list<unsigned short>{200, 309, 400, 500}) {
        CHECK_THROWS_AS(Response::redirect(url, status), RangeError);
    }
}

TEST_CASE("fetch/api/response/response-static-error: the response has nothing and cannot be changed") {
    const Response error = Response::error();
    CHECK(error.type() == ResponseType::error);
    CHECK(error.status() == 0);
    CHECK(error.statusText().empty());
    CHECK_FALSE(error.body());
    CHECK(error.headers().begin() == error.headers().end());
    CHECK_THROWS_AS(error.headers().append("name", "value"), TypeError);
}

ASYNC_TEST_CASE("fetch/api/response/response-clone: a clone has the same values and the same body") {
    const Response plain = Response().clone();
    CHECK(plain.type() == ResponseType::default_);
    CHECK(plain.url().empty());
    CHECK(plain.ok());
    CHECK(plain.status() == 200);
    CHECK(plain.statusText().empty());

    const Response response("This is response body", {.statusText = "GOOD", .headers = {{"name", "value"}}});
    const Response clone = response.clone();
    CHECK(clone.status() == 200);
    CHECK(clone.statusText() == "GOOD");
    CHECK(clone.headers().get("name") == "value");
    const std::string original = co_await allOf(*response.body());
    CHECK(original == "This is response body");
    const std::string cloned = co_await allOf(*clone.body());
    CHECK(cloned == "This is response body");
}

ASYNC_TEST_CASE("fetch/api/response/response-clone: a disturbed response cannot be cloned") {
    const Response response("data");
    co_await response.text();
    CHECK(response.bodyUsed());
    CHECK_THROWS_AS(response.clone(), TypeError);
}

ASYNC_TEST_CASE("fetch/api/response/response-clone: cancelling a stream does not affect the cloned one") {
    int count = 0;
    const Response response(ReadableStream<Uint8Array>({.pull = [&](const Controller& controller) {
        controller.enqueue(Uint8Array(13));
        if (++count == 2) controller.close();
    }}));
    const Response clone = response.clone();
    response.body()->cancel();
    CHECK(response.bodyUsed());
    CHECK_FALSE(clone.bodyUsed());
    const Uint8Array bytes = co_await clone.bytes();
    CHECK(bytes.length() == 26);
    CHECK(clone.bodyUsed());
}

// Here no two views share a buffer, so the chunk of the clone is a copy as there.
ASYNC_TEST_CASE("fetch/api/response/response-clone: the chunks of a clone have the same content") {
    const Uint8Array initial(16);
    const Response response(ReadableStream<Uint8Array>({.start = [&](const Controller& controller) {
        controller.enqueue(initial);
        controller.close();
    }}));
    const Response clone = response.clone();
    const auto first = response.body()->getReader();
    const auto second = clone.body()->getReader();
    auto one = co_await first.read();
    REQUIRE(one);
    auto two = co_await second.read();
    REQUIRE(two);
    CHECK(*one == initial);
    CHECK(*two == initial);
    CHECK(one->data() != two->data());
}

// There are no Blob and no FormData.
ASYNC_TEST_CASE("fetch/api/response/response-consume-stream: the body is read as a stream in either mode") {
    const Response empty("");
    const std::string none = co_await allOf(*empty.body());
    CHECK(none.empty());
    const URLSearchParams params("name=value");
    for (const bool byob : {false, true}) {
        const auto read = [byob](const Response& response) {
            return byob ? allByob(*response.body()) : allOf(*response.body());
        };
        const std::string text = co_await read(Response("\"This is response's body\""));
        CHECK(text == "\"This is response's body\"");
        const std::string form = co_await read(Response(params));
        CHECK(form == "name=value");
        const Uint8Array array("bytes");
        const std::string bytes = co_await read(Response(array));
        CHECK(bytes == "bytes");
    }
    CHECK_FALSE(Response::error().body());
    CHECK_FALSE(Response::redirect("http://a/").body());
}

ASYNC_TEST_CASE("fetch/api/response/response-consume-empty: no body is empty and does not count as used") {
    const Response response(nullptr);
    CHECK_FALSE(response.bodyUsed());
    const std::string text = co_await response.text();
    CHECK(text.empty());
    const Uint8Array bytes = co_await response.bytes();
    CHECK(bytes.empty());
    const auto json = co_await response.json<JsonText>().settled();
    CHECK(json.reason() != nullptr);
    CHECK_FALSE(response.bodyUsed());
}

ASYNC_TEST_CASE("fetch/api/response/response-consume-empty: an empty body counts as used when it was read") {
    const URLSearchParams params("");
    for (const Response& response : {Response(""), Response(params), Response(Uint8Array())}) {
        CHECK_FALSE(response.bodyUsed());
        const std::string text = co_await response.clone().text();
        CHECK(text.empty());
        const Uint8Array bytes = co_await response.bytes();
        CHECK(bytes.empty());
        CHECK(response.bodyUsed());
    }
}

ASYNC_TEST_CASE("fetch/api/response/response-consume: text and bytes and JSON use the body") {
    const std::string data = "\"This is response's body\"";
    const Response asText(data);
    const std::string text = co_await asText.text();
    CHECK(text == data);
    CHECK(asText.bodyUsed());
    const Response asBytes(data);
    const Uint8Array bytes = co_await asBytes.bytes();
    CHECK(bytes.text() == data);
    CHECK(asBytes.bodyUsed());
    const Response asJson(data);
    const JsonText json = co_await asJson.json<JsonText>();
    CHECK(json.value == "This is response's body");
    CHECK(asJson.bodyUsed());
}

ASYNC_TEST_CASE("fetch/api/response/response-init-002: headers and the body's type are taken over") {
    const Headers headers({{"name1", "value1"}, {"name2", "value2"}});
    const Response response("", {.headers = headers});
    CHECK(response.headers().get("name1") == "value1");
    CHECK(response.headers().get("name2") == "value2");
    const URLSearchParams params("name=value");
    const Response form(params);
    CHECK(form.headers().get("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8");
    const std::string formText = co_await form.text();
    CHECK(formText == "name=value");
    const Response text("This is a USVString");
    CHECK(text.headers().get("Content-Type") == "text/plain;charset=UTF-8");
    const std::string read = co_await allOf(*text.body());
    CHECK(read == "This is a USVString");
}

ASYNC_TEST_CASE("fetch/api/response/response-error-from-stream: what errors the stream rejects the promise") {
    const std::exception_ptr thrown = std::make_exception_ptr(Error("ReadableStream error"));
    const ReadableStream<Uint8Array> atStart(
        {.start = [&](const Controller& controller) { controller.error(thrown); }});
    const ReadableStream<Uint8Array> atPull({.pull = [&](const Controller& controller) { controller.error(thrown); }});
    for (const auto& stream : {atStart, atPull}) {
        const auto text = co_await Response(stream).text().settled();
        CHECK(text.reason() == thrown);
    }
}

ASYNC_TEST_CASE("fetch/api/response/json: a byte order mark is no part of JSON") {
    const JsonText json = co_await Response("\ufeff\"x\"").json<JsonText>();
    CHECK(json.value == "x");
    const std::string_view utf16("\xff\xfe{\0}\0", 6);
    const auto settled = co_await Response(utf16).json<JsonText>().settled();
    CHECK(settled.reason() != nullptr);
}
