// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/watchdog.hpp"

#include <condition_variable>
#include <list>
#include <mutex>

using namespace rondo;
using network::HttpVersion;
using network::RequestMessage;

TEST_CASE("an exchange is made again when it has ended") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    int times = 0;
    exchange.onEnd = [&] {
        if (++times < 5) exchange.start({.url = nginx->url("/hello")});
    };
    exchangeOn(loop, exchange, {.url = nginx->url("/missing")});
    CHECK(times == 5);
    CHECK(exchange.head.status == 200);
}

TEST_CASE("an exchange brings the head and then the body and then the end") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/hello")});
    CHECK(exchange.log == "head bytes end");
    CHECK(exchange.head.status == 200);
    CHECK(exchange.head.statusText == "OK");
    CHECK(exchange.head.version == HttpVersion::http11);
    CHECK(exchange.header("content-type") == "text/plain");
    CHECK(exchange.body == "Hello, World!");
    CHECK_FALSE(exchange.underWay());
}

TEST_CASE("each thing an exchange tells is a task of its own with a checkpoint behind it") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    const auto microtask = [&] { loop.queueMicrotask([&] { exchange.log("microtask"); }); };
    exchange.onHead = exchange.onBytes = exchange.onEnd = microtask;
    exchangeOn(loop, exchange, {.url = nginx->url("/hello")});
    CHECK(exchange.log == "head microtask bytes microtask end microtask");
}

TEST_CASE("a response without a body ends behind its head") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded empty;
    empty.readsOn = false;
    exchangeOn(loop, empty, {.url = nginx->url("/empty")});
    CHECK(empty.log == "head end");
    CHECK(empty.head.status == 204);
    Recorded head;
    exchangeOn(loop, head, {.method = "HEAD", .url = nginx->url("/hello")});
    CHECK(head.log == "head end");
    CHECK(head.header("content-length") == "13");
}

TEST_CASE("a status that tells of an error is a response like any other") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded missing;
    exchangeOn(loop, missing, {.url = nginx->url("/missing")});
    CHECK(missing.head.status == 404);
    CHECK(missing.head.statusText == "Not Found");
    CHECK(missing.body == "not here");
    Recorded broken;
    exchangeOn(loop, broken, {.url = nginx->url("/broken")});
    CHECK(broken.head.status == 500);
    CHECK(broken.body == "not well");
}

TEST_CASE("a redirect is not followed") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/redirect")});
    CHECK(exchange.head.status == 302);
    CHECK(exchange.header("location") == nginx->url("/hello"));
}

TEST_CASE("a compressed body is decompressed and its headers stay as they are") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/text")});
    CHECK(exchange.header("content-encoding") == "gzip");
    CHECK(exchange.header("transfer-encoding") == "chunked");
    CHECK((exchange.body == Nginx::text()));
}

TEST_CASE("a large body comes in pieces of bounded length") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/big")});
    CHECK(exchange.body.size() == Nginx::bigLength);
    CHECK((exchange.body == std::string(Nginx::bigLength, 'b')));
    CHECK(exchange.largestPiece <= network::Transfer::budget);
    CHECK(exchange.log.text().substr(0, 10) == "head bytes");
}

TEST_CASE("an https request speaks HTTP/2 where the server does") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->secureUrl("/said")});
    CHECK(exchange.failure() == "none");
    CHECK(exchange.head.status == 200);
    CHECK(exchange.head.version == HttpVersion::http2);
    CHECK(exchange.head.statusText == "");
    CHECK(exchange.body == "GET|HTTP/2.0|*/*|rondo|||");
    Recorded big;
    exchangeOn(loop, big, {.url = nginx->secureUrl("/big")});
    CHECK((big.body == std::string(Nginx::bigLength, 'b')));
    Recorded upload;
    exchangeOn(loop, upload, with(std::string(1'000'000, 'u'), "POST", nginx->secureUrl("/said")));
    CHECK(upload.head.status == 200);
    CHECK(upload.body == "POST|HTTP/2.0|*/*|rondo||1000000|");
}

TEST_CASE("a certificate that no authority has signed is refused") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->secureUrl("/hello")});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_PEER_FAILED_VERIFICATION);
}

TEST_CASE("a certificate for another host is refused") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    std::string url = nginx->secureUrl("/hello");
    url.insert(url.find("localhost"), "other."); // which is this machine, too
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = url});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_PEER_FAILED_VERIFICATION);
}

TEST_CASE("a certificate that was good once is refused") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    std::string url = nginx->secureUrl("/hello");
    url.insert(url.find("localhost"), "expired.");
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = url});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_PEER_FAILED_VERIFICATION);
    CHECK_THAT(exchange.failure(), Catch::Matchers::ContainsSubstring("expired"));
}

TEST_CASE("a server that does not speak TLS or breaks it off is an error") {
    const std::string words = GENERATE("", "HTTP/1.1 400 Bad Request\r\n\r\nplain", "\x16\x03\x03");
    Server server([&](Connection& connection, int) {
        connection.readBody(100); // the beginning of what the client says
        connection.write(words);
    });
    std::string url = server.url();
    url.replace(0, 4, "https");
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = url});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_SSL_CONNECT_ERROR);
}

TEST_CASE("a body over TLS and HTTP/2 that breaks off is an error behind what has come") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    const std::string framing =
        GENERATE("Content-Length: 100\r\n\r\nsome", "Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n" + framing);
    });
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->secureUrl("/through?port=" + std::to_string(server.port()))});
    CHECK(exchange.head.version == HttpVersion::http2);
    CHECK(exchange.log == "head bytes error");
    CHECK(exchange.body == "some");
}

TEST_CASE("what is sent has the headers of the message and of no more than a few others") {
    std::string heads;
    Server server([&](Connection& connection, int) {
        for (std::string head; !(head = connection.readHead()).empty(); connection.answer("")) heads += head;
    });
    const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
    EventLoop loop;
    Recorded plain;
    exchangeOn(loop, plain, {.url = server.url("/a/../b?c#d")});
    CHECK(heads.substr(0, heads.find("Accept-Encoding")) ==
          "GET /a/../b?c HTTP/1.1\r\n" + host + "User-Agent: rondo\r\nAccept: */*\r\n");

    heads.clear();
    Recorded own;
    exchangeOn(loop, own,
               {.method = "delete",
                .url = server.url("/"),
                .headers = {
                    {"User-Agent", "mine"}, {"accept", "text/html"}, {"X-Empty", ""}, {"X-One", "1"}, {"X-One", "2"}}});
    CHECK_THAT(heads, Catch::Matchers::ContainsSubstring("delete / HTTP/1.1\r\n"));
    CHECK_THAT(heads, Catch::Matchers::ContainsSubstring(
                          "User-Agent: mine\r\naccept: text/html\r\nX-Empty:\r\nX-One: 1\r\nX-One: 2\r\n"));
    CHECK(heads.find("rondo") == std::string::npos);
    CHECK(heads.find("*/*") == std::string::npos);
}

TEST_CASE("the framing of a message is not for its headers to say") {
    std::string said;
    Server server([&](Connection& connection, int) {
        for (std::string head; !(head = connection.readHead()).empty(); connection.answer("")) {
            said += head + "[" + connection.readBody(3) + "]";
        }
    });
    EventLoop loop;
    Recorded exchange;
    RequestMessage message = with("abc", "PUT", server.url("/"));
    message.headers = {{"Content-Length", "99"},
                       {"transfer-encoding", "chunked"},
                       {"Connection", "close"},
                       {"Expect", "100-continue"}};
    exchangeOn(loop, exchange, std::move(message));
    CHECK(exchange.log == "head end");
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("PUT / HTTP/1.1\r\n"));
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("Content-Length: 3\r\n\r\n[abc]"));
    for (const char* word : {"Length: 99", "chunked", "close", "100-continue", "Content-Type"})
        CHECK(said.find(word) == std::string::npos);
}

TEST_CASE("a body of bytes is sent as it is and with the type that the message says") {
    std::string said;
    const std::string bytes("a\0b\r\n\xff", 6);
    Server server([&](Connection& connection, int) {
        said = connection.readHead();
        said += connection.readBody(6);
        connection.answer("");
    });
    EventLoop loop;
    Recorded exchange;
    RequestMessage message = with(bytes, "POST", server.url("/"));
    message.headers = {{"Content-Type", "application/octet-stream"}};
    exchangeOn(loop, exchange, std::move(message));
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("Content-Length: 6\r\n"));
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("Content-Type: application/octet-stream\r\n"));
    CHECK(said.substr(said.size() - 6) == bytes);
}

TEST_CASE("a POST or PUT without a body says that its length is 0") {
    std::string said;
    Server server([&](Connection& connection, int) {
        for (std::string head; !(head = connection.readHead()).empty(); connection.answer("")) said += head;
    });
    EventLoop loop;
    Recorded post;
    exchangeOn(loop, post, {.method = "POST", .url = server.url("/")});
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("POST / HTTP/1.1\r\n"));
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("Content-Length: 0\r\n"));
    said.clear();
    Recorded remove;
    exchangeOn(loop, remove, {.method = "DELETE", .url = server.url("/")});
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("DELETE / HTTP/1.1\r\n"));
    CHECK(said.find("Content-Length") == std::string::npos);
}

TEST_CASE("a large body of bytes arrives whole") {
    std::size_t arrived = 0;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        arrived = connection.readBody(20'000'000).size();
        connection.answer("thanks");
    });
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, with(std::string(20'000'000, 'x'), "POST", server.url("/")));
    CHECK(arrived == 20'000'000);
    CHECK(exchange.body == "thanks");
}

TEST_CASE("a message that cannot be sent as it is throws a TypeError and nothing begins") {
    EventLoop loop;
    Recorded exchange;
    const auto start = [&](RequestMessage message) { exchange.start(std::move(message)); };
    CHECK_THROWS_AS(start({.url = "file:///etc/passwd"}), TypeError);
    CHECK_THROWS_AS(start({.url = "/relative"}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a b/"}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a/\r\nX-Smuggled: 1"}), TypeError);
    CHECK_THROWS_AS(start({.method = "GET /evil", .url = "http://a/"}), TypeError);
    CHECK_THROWS_AS(start({.method = "", .url = "http://a/"}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a/", .headers = {{"X-One", "1\r\nX-Smuggled: 1"}}}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a/", .headers = {{"X-One", std::string("1\0", 2)}}}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a/", .headers = {{"X One", "1"}}}), TypeError);
    CHECK_THROWS_AS(start({.url = "http://a/", .headers = {{"", "1"}}}), TypeError);
    CHECK_THROWS_AS(start(with("body", "GET", "http://a/")), TypeError);
    CHECK_FALSE(exchange.underWay());
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a connection is used again") {
    Server server([](Connection& connection, int) {
        while (!connection.readHead().empty()) connection.answer("x");
    });
    EventLoop loop;
    for (int i = 0; i < 5; ++i) {
        Recorded exchange;
        exchangeOn(loop, exchange, {.url = server.url()});
        CHECK(exchange.body == "x");
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("requests at once share one connection over HTTP/2") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    std::list<Recorded> exchanges;
    loop.run([&] {
        for (int i = 0; i < 30; ++i) exchanges.emplace_back().start({.url = nginx->secureUrl("/connection")});
    });
    for (Recorded& exchange : exchanges) {
        CHECK(exchange.failure() == "none");
        CHECK(exchange.body == exchanges.front().body);
    }
}

TEST_CASE("a loop that another one drives makes requests") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    std::mutex mutex;
    std::condition_variable woken;
    bool wake = true;
    EventLoop loop;
    loop.onWake([&] {
        const std::lock_guard lock(mutex);
        wake = true;
        woken.notify_one();
    });
    Recorded exchange;
    exchange.start({.url = nginx->url("/hello")});
    while (loop.alive()) {
        std::unique_lock lock(mutex);
        woken.wait(lock, [&] { return wake || loop.nextDeadline(); });
        wake = false;
        lock.unlock();
        loop.poll();
    }
    CHECK(exchange.log == "head bytes end");
}

TEST_CASE("an error is a TypeError whose cause says what happened") {
    EventLoop loop;
    Recorded exchange;
    unsigned port = 0;
    {
        port = Server([](Connection&, int) {}).port();
    }
    exchangeOn(loop, exchange, {.url = "http://127.0.0.1:" + std::to_string(port) + "/"});
    CHECK(exchange.log == "error");
    CHECK_THAT(exchange.failure(),
               Catch::Matchers::ContainsSubstring("fetch failed: FetchError: Failed to connect to 127.0.0.1"));
    CHECK(exchange.code() == CURLE_COULDNT_CONNECT);
}

TEST_CASE("a name that nobody can have is an error") {
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = "http://" + std::string(64, 'n') + "/"});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_COULDNT_RESOLVE_HOST);
}

TEST_CASE("virtual time stands still while an exchange is under way") {
    Gate timerIsSet;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        timerIsSet.wait();
        connection.answer("late");
    });
    EventLoop loop({.virtualTime = true});
    Recorded exchange;
    loop.run([&] {
        exchange.start({.url = server.url()});
        loop.setTimer([&] { exchange.log("timer"); }, 1000, false);
        timerIsSet.open();
    });
    CHECK(exchange.log == "head bytes end timer");
}
