// SPDX-License-Identifier: MIT
#include "fetch/own_memory.hpp"
#include "fetch/site.hpp"
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/sanitizers.hpp"

#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace rondo;

namespace {

ReadableStream<Uint8Array> streamOf(std::string text) {
    return ReadableStream<Uint8Array>({.pull = [text](ReadableStreamDefaultController<Uint8Array>& controller) {
        controller.enqueue(Uint8Array(text));
        controller.close();
    }});
}

}

ASYNC_TEST_CASE("redirects are followed and the response says so") {
    const Site site({{"/a", Site::redirect(302, "/b")}, {"/b", Site::redirect(301, "c?q=1")}});
    const Response response = co_await fetch(site.url("/a"));
    CHECK(response.status() == 200);
    CHECK(response.redirected());
    CHECK(response.url() == site.url("/c?q=1"));
    const std::string text = co_await response.text();
    CHECK(text == "GET /c?q=1");
    CHECK(site.connections() == 1);
}

ASYNC_TEST_CASE("a redirect without a Location is a response") {
    const Site site(
        {{"/a", Site::answer("302 Found", "", "where?")}, {"/b", Site::answer("300 Many", "Location: /c\r\n", "")}});
    const Response none = co_await fetch(site.url("/a"));
    CHECK(none.status() == 302);
    CHECK_FALSE(none.redirected());
    const std::string text = co_await none.text();
    CHECK(text == "where?");
    const Response choices = co_await fetch(site.url("/b")); // 300 is no redirect status
    CHECK(choices.status() == 300);
}

ASYNC_TEST_CASE("a redirect that is not followed is a response whose Location can be read") {
    const Site site({{"/a", Site::redirect(302, "/b")}});
    const Response response = co_await fetch(site.url("/a"), {.redirect = RequestRedirect::manual});
    CHECK(response.status() == 302);
    CHECK(response.headers().get("location") == "/b");
    CHECK(response.url() == site.url("/a"));
    CHECK_FALSE(response.redirected());
    const std::string text = co_await response.text();
    CHECK(text == "elsewhere");
    CHECK(site.log() == "GET /a");
}

ASYNC_TEST_CASE("a redirect that must not be is an error") {
    const Site site({{"/a", Site::redirect(307, "/b")}, {"/c", Site::answer("302 Found", "", "")}});
    const auto refused = co_await fetch(site.url("/a"), {.redirect = RequestRedirect::error}).settled();
    CHECK(told(refused.reason()) == "TypeError: the request was redirected, which it must not be");
    const auto also = co_await fetch(site.url("/c"), {.redirect = RequestRedirect::error}).settled();
    CHECK_FALSE(also.fulfilled());
    CHECK(site.log() == "GET /a, GET /c");
}

ASYNC_TEST_CASE("a POST becomes a GET behind 301 and 302 and 303 and stays what it is behind 307 and 308") {
    const Site site({{"/301", Site::redirect(301, "/")},
                     {"/302", Site::redirect(302, "/")},
                     {"/303", Site::redirect(303, "/")},
                     {"/307", Site::redirect(307, "/")},
                     {"/308", Site::redirect(308, "/")}});
    for (const int status : {301, 302, 303, 307, 308}) {
        const std::string url = site.url("/" + std::to_string(status));
        const auto pending =
            fetch(url, {.method = "POST", .headers = {{"Content-Language", "la"}, {"X-One", "1"}}, .body = "body"});
        const Response response = co_await pending;
        const std::string text = co_await response.text();
        CHECK(text == (status < 307 ? "GET /" : "POST / body"));
        const auto seen = site.seen().back();
        CHECK(seen.header("Content-Type") == (status < 307 ? "-" : "text/plain;charset=UTF-8"));
        CHECK(seen.header("Content-Language") == (status < 307 ? "-" : "la"));
        CHECK(seen.header("Content-Length") == (status < 307 ? "-" : "4"));
        CHECK(seen.header("X-One") == "1");
    }
}

ASYNC_TEST_CASE("other methods become GET behind 303 alone") {
    const Site site({{"/301", Site::redirect(301, "/")},
                     {"/302", Site::redirect(302, "/")},
                     {"/303", Site::redirect(303, "/")},
                     {"/307", Site::redirect(307, "/")}});
    for (const int status : {301, 302, 303, 307}) {
        const std::string url = site.url("/" + std::to_string(status));
        const Response put = co_await fetch(url, {.method = "PUT", .body = "body"});
        CHECK(site.seen().back().method == (status == 303 ? "GET" : "PUT"));
        CHECK(site.seen().back().body == (status == 303 ? "" : "body"));
        const Response gone = co_await fetch(url, {.method = "DELETE"});
        CHECK(site.seen().back().method == (status == 303 ? "GET" : "DELETE"));
        const Response head = co_await fetch(url, {.method = "HEAD"});
        CHECK(site.seen().back().method == "HEAD");
        CHECK_FALSE(head.body());
    }
}

ASYNC_TEST_CASE("a body that is sent again each time is sent whole") {
    const Site site({{"/1", Site::redirect(307, "/2")}, {"/2", Site::redirect(308, "/3")}});
    const std::string body(300'000, 'b');
    const Response response = co_await fetch(site.url("/1"), {.method = "POST", .body = body});
    const std::string text = co_await response.text();
    CHECK((text == "POST /3 " + body));
    const auto seen = site.seen();
    CHECK((seen[0].body == body));
    CHECK((seen[1].body == body));
}

TEST_CASE("a body that may be sent again is kept once") {
    constexpr std::size_t length = 32 * 1024 * 1024;
    std::vector<std::size_t> inUse;
    const Server server(
        [&](Connection& connection, int) {
            for (int i = 0; i < 3 && !connection.readHead().empty(); ++i) {
                connection.readBody(length / 2); // libcurl is still sending
                inUse.push_back(heap::bytes());
                connection.readBody(length - length / 2);
                connection.write(i < 2 ? Site::redirect(307 + i, "/next") : Site::answer("200 OK", "", "thanks"));
            }
        },
        ownMemory);
    const std::size_t before = heap::bytes();
    std::string text;
    EventLoop loop;
    loop.run([&]() -> Promise<> {
        const auto pending = fetch(server.url(), {.method = "POST", .body = std::vector<std::uint8_t>(length)});
        const Response response = co_await pending;
        text = co_await response.text();
    });
    CHECK(text == "thanks");
    REQUIRE(inUse.size() == 3);
    if (withThreadSanitizer) return; // the heap is not ours
    for (const std::size_t bytes : inUse) {
        CHECK(bytes - before >= length);
        CHECK(bytes - before < length + length / 2);
    }
}

ASYNC_TEST_CASE("a body that is a stream cannot be sent again") {
    const Site site(
        {{"/307", Site::redirect(307, "/")}, {"/302", Site::redirect(302, "/")}, {"/303", Site::redirect(303, "/")}});
    for (const int status : {307, 302}) {
        const std::string url = site.url("/" + std::to_string(status));
        const auto refused = co_await fetch(url, {.method = "POST", .body = streamOf("streamed")}).settled();
        CHECK(told(refused.reason()) ==
              "TypeError: the request was redirected, but its body is a stream, which cannot be sent again");
    }
    const Response see = co_await fetch(site.url("/303"), {.method = "POST", .body = streamOf("streamed")});
    CHECK(see.status() == 200);
    CHECK(site.log() == "POST /307 streamed, POST /302 streamed, POST /303 streamed, GET /");
}

ASYNC_TEST_CASE("the rest of a stream is cancelled when a redirect comes that needs no body") {
    Gate read;
    const Site target;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.readBody(10);
        connection.write(Site::redirect(303, target.url("/seen")));
        connection.awaitEnd();
        read.open();
    });
    std::string why;
    const ReadableStream<Uint8Array> endless({.pull =
                                                  [](ReadableStreamDefaultController<Uint8Array>& controller) {
                                                      controller.enqueue(Uint8Array(std::string(1000, 'x')));
                                                  },
                                              .cancel = [&](const std::exception_ptr& reason) { why = told(reason); }});
    const Response response = co_await fetch(server.url(), {.method = "POST", .body = endless});
    const std::string text = co_await response.text();
    CHECK(text == "GET /seen");
    CHECK(why == "TypeError: the server has answered without the rest of the body");
    read.wait(); // the connection has been given up
}

ASYNC_TEST_CASE("20 redirects are followed and the 21st is an error") {
    Site::Answers answers;
    for (int i = 1; i < 40; ++i) answers["/" + std::to_string(i)] = Site::redirect(302, "/" + std::to_string(i - 1));
    const Site site(answers);
    const Response twenty = co_await fetch(site.url("/20"));
    CHECK(twenty.url() == site.url("/0"));
    CHECK(site.seen().size() == 21);
    const auto more = co_await fetch(site.url("/21")).settled();
    CHECK(told(more.reason()) == "TypeError: the request was redirected more than 20 times");
    CHECK(site.seen().size() == 42);
}

ASYNC_TEST_CASE("a redirect leads to http and https only and to no URL with a name in it") {
    const Site site({{"/file", Site::redirect(302, "file:///etc/passwd")},
                     {"/data", Site::redirect(302, "data:text/plain,x")},
                     {"/none", Site::redirect(302, "http://:0:0/")},
                     {"/name", Site::redirect(302, "http://name:word@127.0.0.1/")}});
    const auto file = co_await fetch(site.url("/file")).settled();
    CHECK(told(file.reason()) == "TypeError: the request was redirected to a URL that is neither http nor https");
    const auto data = co_await fetch(site.url("/data")).settled();
    CHECK(told(data.reason()) == told(file.reason()));
    const auto none = co_await fetch(site.url("/none")).settled();
    CHECK(told(none.reason()) == "TypeError: the request was redirected to what is no URL");
    const auto name = co_await fetch(site.url("/name")).settled();
    CHECK(told(name.reason()) == "TypeError: the request was redirected to a URL with a name or a password in it");
}

ASYNC_TEST_CASE("a redirect leads to one place alone") {
    const Site site({{"/two", Site::answer("302 Found", "Location: /a\r\nLocation: /b\r\n", "")},
                     {"/same", Site::answer("302 Found", "Location: /a\r\nlocation: /a\r\n", "")},
                     {"/comma", Site::redirect(302, "/a, /b")},
                     {"/itself", Site::redirect(302, "")}});
    const auto two = co_await fetch(site.url("/two")).settled();
    CHECK(told(two.reason()) == "TypeError: the request was redirected to several URLs at once");
    const Response manual = co_await fetch(site.url("/two"), {.redirect = RequestRedirect::manual});
    CHECK(manual.headers().get("location") == "/a, /b");
    const Response same = co_await fetch(site.url("/same"));
    CHECK(same.url() == site.url("/a"));
    const Response comma = co_await fetch(site.url("/comma"));
    CHECK(comma.url() == site.url("/a,%20/b"));
    const std::size_t before = site.seen().size();
    const auto itself = co_await fetch(site.url("/itself")).settled();
    CHECK(told(itself.reason()) == "TypeError: the request was redirected more than 20 times");
    CHECK(site.seen().size() - before == 21);
}

ASYNC_TEST_CASE("a ring of redirects is left on the same connection") {
    Site::Answers answers;
    for (int i = 0; i < 1000; ++i)
        answers["/" + std::to_string(i)] = Site::redirect(307, "/" + std::to_string((i + 1) % 1000));
    const Site site(answers);
    const auto around = co_await fetch(site.url("/990"), {.method = "POST", .body = "body"}).settled();
    CHECK(told(around.reason()) == "TypeError: the request was redirected more than 20 times");
    CHECK(site.seen().size() == 21);
    CHECK(site.seen().back().target == "/10");
    CHECK(site.seen().back().body == "body");
    CHECK(site.connections() <= 2);
}

ASYNC_TEST_CASE("a Location that is not in ASCII is UTF-8 and what is in it is escaped") {
    const Site site({{"/umlaut", Site::redirect(302, "/gr\xc3\xbc\xc3\x9f")},
                     {"/latin", Site::redirect(302, "/\xfc")},
                     {"/space", Site::redirect(302, "/a b\t?c d#e f")},
                     {"/nothing", Site::redirect(302, "//")}});
    const Response umlaut = co_await fetch(site.url("/umlaut"));
    CHECK(umlaut.url() == site.url("/gr%C3%BC%C3%9F"));
    const Response latin = co_await fetch(site.url("/latin"));
    CHECK(latin.url() == site.url("/%EF%BF%BD"));
    const Response space = co_await fetch(site.url("/space"));
    CHECK(space.url() == site.url("/a%20b?c%20d"));
    const auto nothing = co_await fetch(site.url("/nothing")).settled();
    CHECK(told(nothing.reason()) == "TypeError: the request was redirected to what is no URL");
}

TEST_CASE("the fragment is kept unless the redirect has one of its own") {
    const http::RequestState request(URL("http://a.example/x#old"));
    const auto leadsTo = [&](std::string_view there) {
        http::HeaderList headers;
        headers.append("Location", std::string(there));
        return network::redirectionOf(request, 302, headers, std::source_location::current())->href();
    };
    CHECK(leadsTo("/y") == "http://a.example/y#old");
    CHECK(leadsTo("/y#new") == "http://a.example/y#new");
    CHECK(leadsTo("/y#") == "http://a.example/y#");
    CHECK(leadsTo("") == "http://a.example/x#old");
    CHECK(leadsTo("//b.example") == "http://b.example/#old");
    CHECK(leadsTo("?q") == "http://a.example/x?q#old");
}

ASYNC_TEST_CASE("what opens one origin is not told another") {
    const Site other;
    const Site site({{"/away", Site::redirect(302, other.url("/there"))}, {"/near", Site::redirect(302, "/here")}});
    for (const char* path : {"/away", "/near"}) {
        const auto pending =
            fetch(site.url(path), {.headers = {{"Authorization", "Basic x"}, {"Cookie", "a=b"}, {"X-One", "1"}}});
        const Response response = co_await pending;
        CHECK(response.ok());
    }
    const auto there = other.seen().at(0);
    CHECK(there.header("Authorization") == "-");
    CHECK(there.header("Cookie") == "-");
    CHECK(there.header("X-One") == "1");
    CHECK(there.header("Host") == other.origin().substr(7));
    const auto here = site.seen().at(2);
    CHECK(here.target == "/here");
    CHECK(here.header("Authorization") == "Basic x");
    CHECK(here.header("Cookie") == "a=b");
}

ASYNC_TEST_CASE("redirects with a body are followed whatever its length") {
    const Site site({{"/long", Site::redirect(302, "/", std::string(2'000'000, 'l'))},
                     {"/short", Site::redirect(302, "/", std::string(20'000, 's'))}});
    const Response first = co_await fetch(site.url("/short"));
    CHECK(first.url() == site.url("/"));
    const int connections = site.connections(); // another one, if the body was still on its way
    CHECK(connections <= 2);
    const Response second = co_await fetch(site.url("/long"));
    CHECK(second.url() == site.url("/"));
    CHECK(site.connections() <= 3);
}

ASYNC_TEST_CASE("a redirect whose body breaks off is followed nonetheless") {
    const Site target;
    const Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 302 Found\r\nContent-Length: 100\r\nLocation: " + target.url("/seen") +
                         "\r\n\r\nhalf");
    });
    const Response response = co_await fetch(server.url());
    CHECK(response.url() == target.url("/seen"));
}

ASYNC_TEST_CASE("a redirect whose body does not come is followed nonetheless") {
    const Site target;
    const Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 302 Found\r\nLocation: " + target.url("/seen") + "\r\n\r\nmore will");
        connection.awaitEnd();
    });
    const Response response = co_await fetch(server.url());
    CHECK(response.url() == target.url("/seen"));
}

ASYNC_TEST_CASE("a redirect whose body was announced and does not end is followed nonetheless") {
    const Site target;
    const std::string framing = GENERATE("Transfer-Encoding: chunked\r\n\r\n", "Content-Length: 10\r\n\r\nabc");
    const Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 302 Found\r\nLocation: " + target.url("/seen") + "\r\n" + framing);
        connection.awaitEnd();
    });
    const Response response = co_await fetch(server.url());
    CHECK(response.url() == target.url("/seen"));
}

ASYNC_TEST_CASE("where a redirect leads there may be nobody") {
    const Site site({{"/a", Site::redirect(302, "http://127.0.0.1:1/")}});
    const auto refused = co_await fetch(site.url("/a")).settled();
    CHECK(codeOf(refused.reason()) == 7);
}
