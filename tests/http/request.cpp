// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>

#include <string>
#include <utility>

using namespace rondo;

TEST_CASE("a request is a GET of a URL") {
    const Request request("https://example.com/a/../b#c");
    CHECK(request.method() == "GET");
    CHECK(request.url() == "https://example.com/b#c");
    CHECK(request.headers() == Headers());
    CHECK(request.credentials() == RequestCredentials::sameOrigin);
    CHECK(request.cache() == RequestCache::default_);
    CHECK(request.redirect() == RequestRedirect::follow);
    CHECK_FALSE(request.signal().aborted());
    CHECK_FALSE(request.bodyUsed());
    CHECK(Request(URL("https://example.com")).url() == "https://example.com/");
}

ASYNC_TEST_CASE("a request is what its options say") {
    AbortController controller;
    const Headers headers({{"X-A", "b"}});
    const Request request("https://example.com", {.method = "post",
                                                  .headers = headers,
                                                  .body = "text",
                                                  .credentials = RequestCredentials::omit,
                                                  .cache = RequestCache::noStore,
                                                  .redirect = RequestRedirect::manual,
                                                  .signal = controller.signal()});
    CHECK(request.method() == "POST");
    CHECK(request.headers().get("x-a") == "b");
    CHECK(request.headers().get("content-type") == "text/plain;charset=UTF-8");
    CHECK(request.credentials() == RequestCredentials::omit);
    CHECK(request.cache() == RequestCache::noStore);
    CHECK(request.redirect() == RequestRedirect::manual);
    CHECK(request.signal() != controller.signal());
    controller.abort();
    CHECK(request.signal().aborted());
    CHECK(request.signal().reason() == controller.signal().reason());
    const std::string text = co_await request.text();
    CHECK(text == "text");
}

TEST_CASE("a request that cannot be is refused") {
    const char* url = "https://example.com";
    CHECK_THROWS_AS(Request("/relative"), TypeError);
    CHECK_THROWS_AS(Request("https://user@example.com"), TypeError);
    CHECK_THROWS_AS(Request("https://:password@example.com"), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = ""}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "A B"}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "Connect"}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "TRACE"}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "track"}), TypeError);
    CHECK_THROWS_AS(Request(url, {.body = ""}), TypeError);
    CHECK_THROWS_AS(Request(url, {.method = "head", .body = ""}), TypeError);
    CHECK_THROWS_AS(Request(url, {.headers = {{"a", "b\nc"}}}), TypeError);
}

TEST_CASE("only the methods that everybody knows are put into upper case") {
    const char* url = "https://example.com";
    for (const char* method : {"delete", "Get", "hEAD", "options", "poSt", "put"}) {
        std::string upper(method);
        for (char& c : upper) c = base::toUpper(c);
        CHECK(Request(url, {.method = method}).method() == upper);
    }
    CHECK(Request(url, {.method = "patch"}).method() == "patch");
    CHECK(Request(url, {.method = "eGg"}).method() == "eGg");
}

ASYNC_TEST_CASE("a request of a request takes over its body") {
    const Request first("https://example.com", {.method = "PUT", .headers = {{"A", "b"}}, .body = "text"});
    const Request same = first; // a handle on the same request
    CHECK(same == first);
    CHECK_THROWS_AS(Request(first, {.method = "GET"}), TypeError);
    CHECK_FALSE(first.bodyUsed());

    const Request second(first, {.redirect = RequestRedirect::error});
    CHECK(second != first);
    CHECK(first.bodyUsed());
    CHECK_FALSE(second.bodyUsed());
    CHECK(second.method() == "PUT");
    CHECK(second.redirect() == RequestRedirect::error);
    CHECK(second.headers().get("a") == "b");
    CHECK_THROWS_AS(Request(first, {}), TypeError);
    const Request third(first, {.headers = {{"C", "d"}}, .body = "another"});
    CHECK_FALSE(third.headers().has("a"));
    const std::string text = co_await second.text();
    CHECK(text == "text");
    const std::string another = co_await third.text();
    CHECK(another == "another");
}

TEST_CASE("a request follows the signal of the request that it is made of") {
    AbortController controller;
    const Request first("https://example.com", {.signal = controller.signal()});
    const Request second(first, {});
    const Request copy = first.clone();
    AbortController other;
    const Request third(first, {.signal = other.signal()});
    controller.abort();
    CHECK(second.signal().aborted());
    CHECK(copy.signal().aborted());
    CHECK_FALSE(third.signal().aborted());
    other.abort();
    CHECK(third.signal().aborted());
}

ASYNC_TEST_CASE("a clone of a request has a body and headers of its own") {
    const Request request("https://example.com", {.method = "POST",
                                                  .headers = {{"A", "b"}},
                                                  .body = "text",
                                                  .credentials = RequestCredentials::include,
                                                  .cache = RequestCache::reload,
                                                  .redirect = RequestRedirect::error});
    const Request copy = request.clone();
    CHECK(copy != request);
    CHECK(copy.method() == "POST");
    CHECK(copy.credentials() == RequestCredentials::include);
    CHECK(copy.cache() == RequestCache::reload);
    CHECK(copy.redirect() == RequestRedirect::error);
    copy.headers().set("A", "c");
    CHECK(request.headers().get("A") == "b");
    const std::string text = co_await request.text();
    const std::string same = co_await copy.text();
    CHECK(text == same);
    CHECK_THROWS_AS(request.clone(), TypeError);
}

namespace {

/// As `fetch` does it: no coroutine, for it takes what it needs before it returns.
Promise<std::string> sent(std::string_view url, const RequestInit& init) {
    const Request request(url, init);
    return request.text();
}

}

ASYNC_TEST_CASE("options may be made inside of a co_await expression") {
    const std::string text(100, 'x');
    const Headers headers({{"A", "b"}});
    for (int i = 0; i < 2; ++i) {
        const std::string moved =
            co_await sent("https://example.com/" + text, {.method = "POST", .headers = headers, .body = text + "!"});
        CHECK(moved == text + "!");
        const std::string copied = co_await sent("https://example.com", {.method = "POST", .body = text});
        CHECK(copied == text);
        const std::string form =
            co_await sent("https://example.com", {.method = "POST", .body = URLSearchParams("a=" + text)});
        CHECK(form == "a=" + text);
        const std::string bytes = co_await sent("https://example.com", {.method = "POST", .body = Uint8Array(text)});
        CHECK(bytes == text);
        const std::string stream = co_await sent(
            "https://example.com", {.method = "POST", .headers = Headers(headers), .body = *Response(text).body()});
        CHECK(stream == text);
    }
}
