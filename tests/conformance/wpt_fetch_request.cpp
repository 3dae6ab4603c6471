// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/request.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

using namespace rondo;

namespace {

const char* const url = "http://example.com/";

}

ASYNC_TEST_CASE("fetch/api/request/request-consume: text and bytes use the body") {
    const std::string data = "\"This is response's body\"";
    const Request asText(url, {.method = "POST", .headers = {{"Content-Type", "text/PLAIN"}}, .body = data});
    CHECK_FALSE(asText.bodyUsed());
    const std::string text = co_await asText.text();
    CHECK(text == data);
    CHECK(asText.bodyUsed());
    const Request asBytes(url, {.method = "POST", .body = Uint8Array(data)});
    CHECK_FALSE(asBytes.bodyUsed());
    const Uint8Array bytes = co_await asBytes.bytes();
    CHECK(bytes.text() == data);
    CHECK(asBytes.bodyUsed());
}

ASYNC_TEST_CASE("fetch/api/request/request-consume-empty: no body is empty and does not count as used") {
    const Request none(url, {.method = "POST"});
    const std::string text = co_await none.text();
    CHECK(text.empty());
    const Uint8Array bytes = co_await none.bytes();
    CHECK(bytes.empty());
    CHECK_FALSE(none.bodyUsed());
    const URLSearchParams params("");
    for (const Request& request :
         {Request(url, {.method = "POST", .body = ""}), Request(url, {.method = "POST", .body = params}),
          Request(url, {.method = "POST", .body = Uint8Array()})}) {
        CHECK_FALSE(request.bodyUsed());
        const std::string empty = co_await request.text();
        CHECK(empty.empty());
        CHECK(request.bodyUsed());
    }
}

// There is no window, mode or referrer, and no cache that a request could be answered from alone.
TEST_CASE("fetch/api/request/request-error: what cannot be throws a TypeError") {
    CHECK_THROWS_AS(Request("http://:not a valid URL"), TypeError);
    CHECK_THROWS_AS(Request("http://user:pass@test.url"), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "IN VALID"}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "TRACE"}), TypeError);
}

TEST_CASE("fetch/api/request/request-error: the content type is that of the headers or else that of the body") {
    const Headers potato({{"Content-Type", "potato"}});
    const Request initial(url, {.headers = potato});
    CHECK(Request(initial, {}).headers().get("Content-Type") == "potato");
    const Headers none;
    CHECK_FALSE(Request(initial, {.headers = none}).headers().has("Content-Type"));
    const Request text(url, {.method = "POST", .headers = {{"Content-Type-Extra", "potato"}}, .body = "my plate"});
    CHECK(Request(text, {}).headers().get("Content-Type") == "text/plain;charset=UTF-8");
    const Request plate(url, {.method = "POST", .headers = potato, .body = "this is my plate"});
    CHECK(Request(plate, {}).headers().get("Content-Type") == "potato");
}

TEST_CASE("fetch/api/request/request-structure: a request has its defaults") {
    const Request request(url);
    CHECK(request.method() == "GET");
    CHECK(request.url() == url);
    CHECK(request.credentials() == RequestCredentials::sameOrigin);
    CHECK(request.cache() == RequestCache::default_);
    CHECK(request.redirect() == RequestRedirect::follow);
    CHECK_FALSE(request.bodyUsed());
}

TEST_CASE("fetch/api/request/request-init-001.sub: each option has its getter") {
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
        CHECK(Request(url, {.method = method}).method() == method);
    }
    CHECK(Request(url, {.method = "head"}).method() == "HEAD");
    for (const auto credentials :
         {RequestCredentials::omit, RequestCredentials::sameOrigin, RequestCredentials::include}) {
        CHECK(Request(url, {.credentials = credentials}).credentials() == credentials);
    }
    for (const auto cache : {RequestCache::default_, RequestCache::noStore, RequestCache::reload, RequestCache::noCache,
                             RequestCache::forceCache}) {
        CHECK(Request(url, {.cache = cache}).cache() == cache);
    }
    for (const auto redirect : {RequestRedirect::follow, RequestRedirect::error, RequestRedirect::manual}) {
        CHECK(Request(url, {.redirect = redirect}).redirect() == redirect);
    }
}

ASYNC_TEST_CASE("fetch/api/request/request-init-002: headers and the body's type are taken over") {
    const Headers headers({{"name1", "value1"}, {"name2", "value2"}});
    const Request request(url, {.headers = headers});
    CHECK(request.headers().get("name1") == "value1");
    CHECK(request.headers().get("name2") == "value2");

    const URLSearchParams params("name=value");
    CHECK_THROWS_AS(Request(url, {.method = "GET", .body = params}), TypeError);
    const Request form(url, {.method = "POST", .body = params});
    CHECK(form.headers().get("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8");
    const std::string formText = co_await form.text();
    CHECK(formText == "name=value");
    const Request text(url, {.method = "POST", .body = "This is a USVString"});
    CHECK(text.headers().get("Content-Type") == "text/plain;charset=UTF-8");
    const std::string read = co_await text.text();
    CHECK(read == "This is a USVString");
}

ASYNC_TEST_CASE("fetch/api/request/request-init-003.sub: a request is made of a request and of options") {
    const Headers headers({{"name", "value"}});
    const RequestInit init{.method = "POST",
                           .headers = headers,
                           .body = "Request's body",
                           .credentials = RequestCredentials::include,
                           .cache = RequestCache::noCache,
                           .redirect = RequestRedirect::error};
    const Request byDefault(url);
    const Request initialized(url, init);
    const Request ofRequest(initialized, {});
    const Request ofBoth(byDefault, init);
    const Request ofText("http://url.test:1234/path/subpath?query=true#fragment", init);
    CHECK(ofText.url() == "http://url.test:1234/path/subpath?query=true#fragment");
    for (const Request& request : {ofRequest, ofBoth, ofText}) {
        CHECK(request.method() == "POST");
        CHECK(request.headers().get("name") == "value");
        CHECK(request.credentials() == RequestCredentials::include);
        CHECK(request.cache() == RequestCache::noCache);
        CHECK(request.redirect() == RequestRedirect::error);
        const std::string text = co_await request.text();
        CHECK(text == "Request's body");
    }
}

ASYNC_TEST_CASE("fetch/api/request/request-clone.sub: a clone has the same values") {
    const Headers headers({{"name", "value"}});
    const Request request(url, {.method = "POST",
                                .headers = headers,
                                .body = "Request's body",
                                .credentials = RequestCredentials::include,
                                .cache = RequestCache::noCache,
                                .redirect = RequestRedirect::error});
    const Request clone = request.clone();
    CHECK(clone.method() == "POST");
    CHECK(clone.url() == url);
    CHECK(clone.headers().get("name") == "value");
    CHECK(clone.credentials() == RequestCredentials::include);
    CHECK(clone.cache() == RequestCache::noCache);
    CHECK(clone.redirect() == RequestRedirect::error);
    const std::string text = co_await clone.text();
    CHECK(text == "Request's body");
}

ASYNC_TEST_CASE("fetch/api/request/request-constructor-init-body-override: a body that was read may be replaced") {
    const Request first("https://example.com/", {.method = "POST", .body = "req1"});
    const std::string text = co_await first.text();
    CHECK(text == "req1");
    const Request second(first, {.body = "req2"});
    const std::string other = co_await second.text();
    CHECK(other == "req2");
}

ASYNC_TEST_CASE("fetch/api/request/request-disturbed: a request without a body cannot be disturbed") {
    const Request request(url);
    request.text();
    CHECK_FALSE(request.bodyUsed());
    CHECK(request.clone() != request);
    co_return;
}

ASYNC_TEST_CASE("fetch/api/request/request-disturbed: a disturbed request is not cloned and not made a request of") {
    const Request consumed(url, {.method = "POST", .body = "Request's body"});
    consumed.bytes();
    CHECK(consumed.bodyUsed());
    CHECK_THROWS_AS(consumed.clone(), TypeError);
    CHECK_THROWS_AS(Request(consumed, {}), TypeError);
    const auto again = co_await consumed.text().settled();
    CHECK_THROWS_AS(std::rethrow_exception(again.reason()), TypeError);
}

// If it is given another body, the request is not touched: so the standard says by now.
ASYNC_TEST_CASE(
    "fetch/api/request/request-disturbed: a request that another is made of is disturbed and keeps its body") {
    const Request request(url, {.method = "POST", .body = "Request's body"});
    const auto original = request.body();
    CHECK_FALSE(request.bodyUsed());
    const Request given(request, {.body = "init body"});
    CHECK_FALSE(request.bodyUsed());
    const Request taken(request, {});
    CHECK(request.bodyUsed());
    CHECK(request.body() == original);
    CHECK(taken.body() != original);
    const std::string first = co_await given.text();
    CHECK(first == "init body");
    const std::string second = co_await taken.text();
    CHECK(second == "Request's body");
}

TEST_CASE("fetch/api/request/request-disturbed: a construction that fails disturbs nothing") {
    const Request request(url, {.method = "POST", .body = "hello"});
    CHECK_THROWS_AS(Request(request, {.method = "GET"}), TypeError);
    CHECK_FALSE(request.bodyUsed());
    CHECK_THROWS_AS(Request(request, {.method = "CONNECT"}), TypeError);
    CHECK_FALSE(request.bodyUsed());
    const Request other(request, {});
    CHECK(request.bodyUsed());
    CHECK_FALSE(other.bodyUsed());
}

// A stream needs no duplex.
ASYNC_TEST_CASE("fetch/api/request/request-init-stream: a request holds the stream that is its body") {
    const ReadableStream<Uint8Array> body;
    const Request request(url, {.method = "POST", .body = body});
    CHECK(request.body() == body);
    const Request second(request, {});
    CHECK(second.body() != body);
    co_return;
}

ASYNC_TEST_CASE("fetch/api/request/request-init-stream: a stream that is in use is refused") {
    using Controller = ReadableStreamDefaultController<Uint8Array>;
    const ReadableStream<Uint8Array> locked;
    locked.getReader();
    CHECK_THROWS_AS(Request(url, {.method = "POST", .body = locked}), TypeError);
    const ReadableStream<Uint8Array> read;
    read.getReader().read();
    CHECK_THROWS_AS(Request(url, {.method = "POST", .body = read}), TypeError);
    const ReadableStream<Uint8Array> released(
        {.pull = [](const Controller& controller) { controller.enqueue(Uint8Array()); }});
    const auto reader = released.getReader();
    co_await reader.read();
    reader.releaseLock();
    CHECK_THROWS_AS(Request(url, {.method = "POST", .body = released}), TypeError);
}

ASYNC_TEST_CASE("fetch/api/request/request-init-stream: a request whose body is in use may be given another") {
    for (const int step : {0, 1, 2}) {
        const Request request(url, {.method = "POST", .body = "..."});
        const auto reader = request.body()->getReader();
        if (step == 1) reader.read();
        if (step == 2) {
            co_await reader.read();
            reader.releaseLock();
        }
        CHECK_THROWS_AS(Request(request, {}), TypeError);
        CHECK_FALSE(Request(request, {.body = "..."}).bodyUsed());
    }
}
