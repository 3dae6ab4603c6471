// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/site.hpp"
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <string>
#include <thread>

using namespace rondo;

namespace {

/// A port of this machine on which nobody listens.
std::string nowhere() {
    std::string url;
    {
        const Server server([](Connection&, int) {});
        url = server.url();
    }
    return url;
}

}

ASYNC_TEST_CASE("fetch promises a response whose body is read as text or bytes or JSON") {
    const Site site({{"/json", Site::answer("200 Fine", "Content-Type: application/json\r\nX-One: 1\r\n", "[1]")}});
    const Response text = co_await fetch(site.url("/text"));
    CHECK(text.status() == 200);
    CHECK(text.ok());
    CHECK(text.type() == ResponseType::basic);
    CHECK(text.url() == site.url("/text"));
    CHECK_FALSE(text.redirected());
    CHECK_FALSE(text.bodyUsed());
    const std::string words = co_await text.text();
    CHECK(words == "GET /text");
    CHECK(text.bodyUsed());

    const Response bytes = co_await fetch(URL(site.url("/bytes#fragment")));
    CHECK(bytes.url() == site.url("/bytes"));
    const Uint8Array read = co_await bytes.bytes();
    CHECK(read.text() == "GET /bytes");

    const Response json = co_await fetch(Request(site.url("/json")));
    CHECK(json.statusText() == "Fine");
    CHECK(json.headers().get("x-one") == "1");
    CHECK(json.headers().get("content-type") == "application/json");
    CHECK_THROWS_AS(json.headers().set("x-one", "2"), TypeError);
    CHECK(site.seen()[1].target == "/bytes"); // fragments are not sent
}

TEST_CASE("the promise of fetch is settled in a task when the head has come") {
    const Site site;
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const Promise<Response> response = fetch(site.url());
        log(response.state() == PromiseState::pending);
        loop.queueMicrotask([&] { log("microtask"); });
        setTimeout([&] { log("timer"); }, 1);
        response.then([&] {
            log("response");
            loop.queueMicrotask([&] { log("microtask behind"); });
        });
        response.then([&] { log("response again"); });
        log("sync");
    });
    // virtual time stands still until the head has come
    CHECK(log == "true sync microtask response response again microtask behind timer");
}

TEST_CASE("what is refused at once is told in a microtask") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        loop.queueMicrotask([&] { log("microtask"); });
        fetch("no URL").catch_([&](const TypeError&) { log("no URL"); });
        fetch("ftp://127.0.0.1/").catch_([&](const TypeError& e) { log(e.message()); });
        fetch("http://127.0.0.1/", {.body = "x"}).catch_([&](const TypeError&) { log("body"); });
        fetch("http://127.0.0.1/", {.method = "TRACE"}).catch_([&](const TypeError&) { log("method"); });
        fetch("http://name@127.0.0.1/").catch_([&](const TypeError&) { log("name"); });
        log("sync");
    });
    CHECK(log == "sync microtask no URL only URLs with the scheme http or https are fetched body method name");
}

TEST_CASE("fetch without a loop throws") {
    CHECK_THROWS_AS(fetch("http://127.0.0.1/"), std::logic_error);
    CHECK_THROWS_AS(fetch(URL("http://127.0.0.1/")), std::logic_error);
}

ASYNC_TEST_CASE("a status that says of an error is no error") {
    const Site site({{"/404", Site::answer("404 Not Found", "", "not here")},
                     {"/500", Site::answer("500 No", "", "not well")},
                     {"/999", Site::answer("999 Odd", "", "odd")}});
    const Response missing = co_await fetch(site.url("/404"));
    CHECK(missing.status() == 404);
    CHECK_FALSE(missing.ok());
    const std::string text = co_await missing.text();
    CHECK(text == "not here");
    const Response broken = co_await fetch(site.url("/500"));
    CHECK(broken.status() == 500);
    const Response odd = co_await fetch(site.url("/999"));
    CHECK(odd.status() == 999);
}

ASYNC_TEST_CASE("a failure of the network is a TypeError whose cause is a FetchError") {
    const std::string url = nowhere();
    const auto refused = co_await fetch(url).settled();
    CHECK_FALSE(refused.fulfilled());
    CHECK_THAT(told(refused.reason()), Catch::Matchers::StartsWith("TypeError: fetch failed <- FetchError: "));
    CHECK(codeOf(refused.reason()) == 7);
    const Server silent([](Connection& connection, int) { connection.readHead(); });
    const auto nothing = co_await fetch(silent.url()).settled();
    CHECK(codeOf(nothing.reason()) == 52);
}

ASYNC_TEST_CASE("a body that breaks off rejects what reads it") {
    const Server server([](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    });
    const Response whole = co_await fetch(server.url());
    const auto text = co_await whole.text().settled();
    CHECK_THAT(told(text.reason()), Catch::Matchers::StartsWith("TypeError: fetch failed <- FetchError: "));
    const Response piecewise = co_await fetch(server.url());
    const auto reader = piecewise.body()->getReader();
    const auto first = co_await reader.read();
    CHECK(first->text() == "some");
    const auto second = co_await reader.read().settled();
    CHECK(codeOf(second.reason()) == 18);
    const auto closed = co_await reader.closed().settled();
    CHECK(closed.reason() == second.reason());
}

ASYNC_TEST_CASE("errors of fetch name the place where it was called") {
    const std::string url = nowhere();
    const Site site({{"/loop", Site::redirect(302, "/loop")}});
    const int line = __LINE__;
    const auto refused = co_await fetch(url).settled();
    const auto invalid = co_await fetch("no URL").settled();
    const auto scheme = co_await fetch(URL("ftp://127.0.0.1")).settled();
    const auto around = co_await fetch(Request(site.url("/loop"))).settled();
    int expected = line;
    for (const std::exception_ptr& reason : {refused.reason(), invalid.reason(), scheme.reason(), around.reason()}) {
        try {
            std::rethrow_exception(reason);
        } catch (const TypeError& error) {
            INFO(error.stack());
            CHECK(static_cast<int>(error.trace().where().line()) == ++expected);
            CHECK_THAT(std::string(error.trace().where().file_name()), Catch::Matchers::EndsWith("fetch.cpp"));
        }
    }
    CHECK(expected == line + 4);
    try {
        std::rethrow_exception(refused.reason());
    } catch (const TypeError& error) {
        try {
            std::rethrow_exception(error.cause());
        } catch (const FetchError& cause) {
            CHECK_FALSE(cause.trace().captured()); // one place is enough
        }
    }
}

ASYNC_TEST_CASE("responses without a body leave the connection to the next request") {
    const Site site({{"/204", "HTTP/1.1 204 No Content\r\n\r\n"},
                     {"/304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"},
                     {"/205", Site::answer("205 Reset", "", "")},
                     {"/head", Site::answer("200 OK", "", "never sent")}});
    const Response empty = co_await fetch(site.url("/204"));
    CHECK(empty.status() == 204);
    CHECK_FALSE(empty.body());
    const std::string text = co_await empty.text();
    CHECK(text.empty());
    const Response same = co_await fetch(site.url("/304"));
    CHECK(same.status() == 304);
    CHECK_FALSE(same.body());
    const Response reset = co_await fetch(site.url("/205"));
    CHECK_FALSE(reset.body());
    const Response head = co_await fetch(site.url("/head"), {.method = "head"});
    CHECK_FALSE(head.body());
    CHECK(head.headers().get("content-length") == "10");
    const Response last = co_await fetch(site.url("/last"));
    const std::string words = co_await last.text();
    CHECK(words == "GET /last");
    CHECK(site.log() == "GET /204, GET /304, GET /205, HEAD /head, GET /last");
    CHECK(site.connections() == 1);
}

TEST_CASE("nobody waits for the body of a response that has none") {
    const Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.awaitEnd();
    });
    EventLoop loop;
    int status = 0;
    CHECK(loop.run([&]() -> Promise<> {
        const Response response = co_await fetch(server.url());
        status = response.status();
    }) == 0);
    CHECK(status == 205);
}

ASYNC_TEST_CASE("a body of length 0 is a body") {
    const Site site({{"/empty", Site::answer("200 OK", "", "")}});
    const Response empty = co_await fetch(site.url("/empty"));
    CHECK(empty.body().has_value());
    const auto reader = empty.body()->getReader();
    const auto step = co_await reader.read();
    CHECK(step.done());
}

ASYNC_TEST_CASE("what is in the request is sent") {
    const Site site;
    const auto posted =
        fetch(site.url("/form?q=1"),
              {.method = "post", .headers = {{"X-One", "1"}, {"X-Two", ""}}, .body = URLSearchParams("a=1&b=two")});
    const Response form = co_await posted;
    const auto put = fetch(site.url("/text"), {.method = "PUT", .body = "words"});
    const Response text = co_await put;
    const Response nothing = co_await fetch(site.url("/nothing"), {.method = "POST"});
    const Response odd = co_await fetch(site.url("/odd"), {.method = "paTch"});
    const auto seen = site.seen();
    CHECK(site.log() == "POST /form?q=1 a=1&b=two, PUT /text words, POST /nothing, paTch /odd");
    CHECK(seen[0].header("X-One") == "1");
    CHECK(seen[0].header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8");
    CHECK(seen[0].header("User-Agent") == "rondo");
    CHECK(seen[1].header("Content-Type") == "text/plain;charset=UTF-8");
    CHECK(seen[2].header("Content-Length") == "0");
    CHECK(seen[2].header("Content-Type") == "-");
}

ASYNC_TEST_CASE("caches on the way are told what the request says of them") {
    const Site site;
    const Response noCache = co_await fetch(site.url("/a"), {.cache = RequestCache::noCache});
    const Response noStore = co_await fetch(site.url("/b"), {.cache = RequestCache::noStore});
    const Response reload = co_await fetch(site.url("/c"), {.cache = RequestCache::reload});
    const auto own = fetch(site.url("/d"), {.headers = {{"cache-control", "x"}}, .cache = RequestCache::noCache});
    const Response itsOwn = co_await own;
    const Response plain = co_await fetch(site.url("/e"));
    const auto seen = site.seen();
    CHECK(seen[0].header("Cache-Control") == "max-age=0");
    CHECK(seen[1].header("Cache-Control") == "no-cache");
    CHECK(seen[1].header("Pragma") == "no-cache");
    CHECK(seen[2].header("Cache-Control") == "no-cache");
    CHECK(seen[3].header("Cache-Control") == "-");
    CHECK(seen[3].header("cache-control") == "x");
    CHECK(seen[4].header("Cache-Control") == "-");
    CHECK(seen[4].header("Pragma") == "-");
}

ASYNC_TEST_CASE("caches on the way are left out by a request with a condition and its 304 is for the program") {
    const Site site({{"/a", std::string("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n")}});
    for (const char* condition : {"If-None-Match", "if-modified-since", "If-Range"}) {
        const auto pending = fetch(site.url("/a"), {.headers = {{condition, "\"1\""}}});
        const Response same = co_await pending;
        CHECK(same.status() == 304);
        CHECK(same.headers().get("etag") == "\"1\"");
        CHECK_FALSE(same.body());
        const auto seen = site.seen().back();
        CHECK(seen.header(condition) == "\"1\"");
        CHECK(seen.header("Cache-Control") == "no-cache");
        CHECK(seen.header("Pragma") == "no-cache");
    }
    const auto own = fetch(site.url("/a"), {.headers = {{"If-Match", "*"}}, .cache = RequestCache::noCache});
    const Response itsOwn = co_await own;
    CHECK(site.seen().back().header("Cache-Control") == "max-age=0");
    CHECK(site.seen().back().header("Pragma") == "-");
}

ASYNC_TEST_CASE("a part of a body is asked for as it is") {
    const Site site({{"/a", Site::answer("206 Partial Content", "Content-Range: bytes 2-3/10\r\n", "cd")}});
    const auto pending = fetch(site.url("/a"), {.headers = {{"Range", "bytes=2-3"}}});
    const Response part = co_await pending;
    CHECK(part.status() == 206);
    CHECK(part.ok());
    CHECK(part.headers().get("content-range") == "bytes 2-3/10");
    const std::string text = co_await part.text();
    CHECK(text == "cd");
    CHECK(site.seen()[0].header("Range") == "bytes=2-3");
    CHECK(site.seen()[0].header("Accept-Encoding") == "identity");
    const auto own = fetch(site.url("/a"), {.headers = {{"Range", "bytes=2-3"}, {"Accept-Encoding", "gzip"}}});
    const Response itsOwn = co_await own;
    CHECK(site.seen()[1].header("Accept-Encoding") == "gzip");
}

ASYNC_TEST_CASE("a body of no bytes is a body and its length is said") {
    const Site site;
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
        const Response empty = co_await fetch(site.url(), {.method = method, .body = ""});
        CHECK(site.seen().back().method == method);
        CHECK(site.seen().back().header("Content-Length") == "0");
        CHECK(site.seen().back().header("Content-Type") == "text/plain;charset=UTF-8");
        const Response none = co_await fetch(site.url(), {.method = method});
        const bool says = std::string_view(method) == "POST" || std::string_view(method) == "PUT";
        CHECK(site.seen().back().header("Content-Length") == (says ? "0" : "-"));
        CHECK(site.seen().back().header("Content-Type") == "-");
    }
}

ASYNC_TEST_CASE("standard methods are in upper case and others as they are") {
    const Site site;
    for (const char* method : {"get", "Post", "pUt", "delete", "options", "patch", "Patch", "quux"})
        const Response response = co_await fetch(site.url(), {.method = method});
    CHECK(site.log() == "GET /, POST /, PUT /, DELETE /, OPTIONS /, patch /, Patch /, quux /");
    for (const char* method : {"get", "GET", "head"}) {
        const auto refused = co_await fetch(site.url(), {.method = method, .body = ""}).settled();
        CHECK_FALSE(refused.fulfilled());
    }
}

ASYNC_TEST_CASE("headers that browsers forbid are sent but for those that frame the message") {
    const Site site;
    const auto pending = fetch(site.url(), {.headers = {{"Host", "other.example"},
                                                        {"Date", "today"},
                                                        {"Via", "there"},
                                                        {"Origin", "null"},
                                                        {"Referer", "here"},
                                                        {"Cookie", "a=b"},
                                                        {"Accept-Encoding", "gzip"},
                                                        {"Sec-Fetch-Mode", "cors"}}});
    const Response response = co_await pending;
    const auto seen = site.seen().at(0);
    CHECK(seen.header("Host") == "other.example");
    for (const char* name : {"Date", "Via", "Origin", "Referer", "Cookie", "Sec-Fetch-Mode"})
        CHECK(seen.header(name) != "-");
    CHECK(seen.header("Accept-Encoding") == "gzip");
    for (const char* name : {"Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "TE",
                             "Trailer", "Transfer-Encoding", "Upgrade"}) {
        const auto framing = fetch(site.url(), {.headers = {{name, "odd"}}});
        const Response also = co_await framing;
        CHECK(site.seen().back().head.find("odd") == std::string::npos);
    }
    CHECK(site.connections() == 1);
}

TEST_CASE("a cookie that was set as a header goes together with those of the jar") {
    const Site site({{"/set", Site::answer("200 OK", "Set-Cookie: flavour=vanilla; Path=/\r\n", "")}});
    EventLoop loop;
    configureFetch({.cookies = true});
    loop.run([&]() -> Promise<> {
        const Response set = co_await fetch(site.url("/set"));
        const auto both = fetch(site.url("/both"), {.headers = {{"cookie", "own=1"}, {"Cookie", "other=2"}}});
        const Response sent = co_await both;
        const auto alone =
            fetch(site.url("/alone"), {.headers = {{"cookie", "own=1"}}, .credentials = RequestCredentials::omit});
        const Response omitted = co_await alone;
        const Response next = co_await fetch(site.url("/next"));
    });
    const auto seen = site.seen();
    REQUIRE(seen.size() == 4);
    CHECK(seen[1].header("Cookie") == "flavour=vanilla; own=1; other=2");
    CHECK(seen[1].head.find("cookie") == std::string::npos);
    CHECK(seen[2].header("cookie") == "own=1");
    CHECK(seen[2].header("Cookie") == "-");
    CHECK(seen[3].header("Cookie") == "flavour=vanilla");
}

ASYNC_TEST_CASE("a request that is fetched again has no body any more") {
    const Site site;
    const Request request(site.url("/once"), {.method = "POST", .body = "once"});
    const Request kept = request.clone();
    const Response first = co_await fetch(request);
    CHECK(request.bodyUsed());
    const auto second = co_await fetch(request).settled();
    CHECK_THAT(told(second.reason()), Catch::Matchers::StartsWith("TypeError: the body of the request has been read"));
    const Response third = co_await fetch(kept, {.method = "PUT"});
    CHECK(site.log() == "POST /once once, PUT /once once");
}

TEST_CASE("cookies go with requests whose credentials are not omitted") {
    const Site site({{"/set", Site::answer("200 OK", "Set-Cookie: flavour=vanilla; Path=/\r\n", "")}});
    EventLoop loop;
    configureFetch({.userAgent = "other", .cookies = true});
    loop.run([&]() -> Promise<> {
        const Response set = co_await fetch(site.url("/set"));
        const Response sent = co_await fetch(site.url("/sent"));
        const Response omitted = co_await fetch(site.url("/omitted"), {.credentials = RequestCredentials::omit});
    });
    const auto seen = site.seen();
    REQUIRE(seen.size() == 3);
    CHECK(seen[1].header("Cookie") == "flavour=vanilla");
    CHECK(seen[2].header("Cookie") == "-");
    CHECK(seen[2].header("User-Agent") == "other");
}

TEST_CASE("fetch over TLS and HTTP/2") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    std::size_t length = 0;
    std::string text;
    loop.run([&]() -> Promise<> {
        const Response big = co_await fetch(nginx->secureUrl("/big"));
        const Uint8Array bytes = co_await big.bytes();
        length = bytes.length();
        const Response compressed = co_await fetch(nginx->secureUrl("/text"));
        text = co_await compressed.text();
    });
    CHECK(length == Nginx::bigLength);
    CHECK((text == Nginx::text()));
}

TEST_CASE("a certificate that nobody vouches for is a failure") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    int code = 0;
    loop.run([&]() -> Promise<> {
        const auto refused = co_await fetch(nginx->secureUrl("/hello")).settled();
        code = codeOf(refused.reason());
    });
    CHECK(code == 60);
}

TEST_CASE("requests beyond what the options allow wait their turn") {
    const Site site;
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 1});
    Journal log;
    loop.run([&] {
        for (int i = 0; i < 4; ++i) {
            fetch(site.url("/" + std::to_string(i)))
                .then([](Response response) { return response.text(); })
                .then([&](const std::string& text) { log(text); });
        }
    });
    CHECK(log == "GET /0 GET /1 GET /2 GET /3");
    CHECK(site.connections() == 1);
}
