// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/site.hpp"
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/fetch.hpp>
#include <rondo/iteration.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <atomic>
#include <cstdio>
#include <optional>
#include <string>

using namespace rondo;

namespace {

/// Answers with as much as the client takes, and no more than `most`; then it says that the client has gone.
struct Pouring {
    static constexpr std::size_t most = 256 * 1024 * 1024;

    std::atomic<std::size_t> sent{0};
    Gate gone;
    Server server{[this](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        const std::string piece(64 * 1024, 'p');
        while (sent < most && connection.write(piece)) sent += piece.size();
        gone.open();
    }};
};

/// Sends the head and, when each gate is opened, a piece; then it ends.
struct Piecemeal {
    Gate gates[2];
    Server server{[this](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none");
        gates[0].wait();
        connection.write("two");
        gates[1].wait();
        connection.write("six");
    }};
};

}

ASYNC_TEST_CASE("the body is read piece by piece as it comes") {
    Piecemeal server;
    const Response response = co_await fetch(server.server.url());
    const auto reader = response.body()->getReader();
    const auto one = co_await reader.read();
    CHECK(one->text() == "one");
    const auto pending = reader.read();
    CHECK(pending.state() == PromiseState::pending);
    server.gates[0].open();
    const auto two = co_await pending;
    CHECK(two->text() == "two");
    server.gates[1].open();
    const auto six = co_await reader.read();
    CHECK(six->text() == "six");
    const auto end = co_await reader.read();
    CHECK(end.done());
    co_await reader.closed();
}

ASYNC_TEST_CASE("reads that are made at once are answered in order") {
    Piecemeal server;
    const Response response = co_await fetch(server.server.url());
    std::string log;
    const auto reader = response.body()->getReader();
    for (int i = 0; i < 4; ++i) {
        reader.read().then([&](const IteratorResult<Uint8Array>& step) { log += step ? step->text() : "."; });
    }
    server.gates[0].open();
    server.gates[1].open();
    co_await reader.closed();
    const auto last = co_await reader.read();
    CHECK(last.done());
    log.erase(log.find_last_not_of('.') + 1); // what has come together is one piece
    CHECK(log == "onetwosix");
}

ASYNC_TEST_CASE("a reader may bring its own buffers") {
    Piecemeal server;
    const Response response = co_await fetch(server.server.url());
    const auto reader = response.body()->getReader({.mode = ReadableStreamReaderMode::byob});
    const auto first = co_await reader.read(Uint8Array(2));
    CHECK(first->text() == "on");
    const auto second = co_await reader.read(Uint8Array(100));
    CHECK(second->text() == "e");
    const auto pending = reader.read(Uint8Array(100), {.min = 6});
    server.gates[0].open();
    server.gates[1].open();
    const auto rest = co_await pending;
    CHECK(rest->text() == "twosix");
    const auto end = co_await reader.read(Uint8Array(100));
    CHECK(end.done());
    REQUIRE(end.returned());
    CHECK(end.returned()->bufferByteLength() == 100);
}

ASYNC_TEST_CASE("a reader with its own buffer that waits for the end gets it back") {
    Gate gate;
    const Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        gate.wait();
    });
    const Response response = co_await fetch(server.url());
    const auto reader = response.body()->getReader({.mode = ReadableStreamReaderMode::byob});
    const auto pending = reader.read(Uint8Array(100));
    gate.open();
    const auto& end = co_await pending;
    CHECK(end.done());
    REQUIRE(end.returned());
    CHECK(end.returned()->bufferByteLength() == 100);
}

TEST_CASE("a body of megabytes is read by every kind of reader") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    loop.run([&]() -> Promise<> {
        const Response whole = co_await fetch(nginx->url("/big"));
        const Uint8Array all = co_await whole.bytes();
        CHECK(all.length() == Nginx::bigLength);

        const Response piecewise = co_await fetch(nginx->url("/big"));
        const auto reader = piecewise.body()->getReader();
        std::size_t length = 0;
        while (auto step = co_await reader.read()) length += step->length();
        CHECK(length == Nginx::bigLength);

        const Response own = co_await fetch(nginx->url("/big"));
        const auto byob = own.body()->getReader({.mode = ReadableStreamReaderMode::byob});
        length = 0;
        Uint8Array buffer(50'000);
        for (;;) {
            auto step = co_await byob.read(std::move(buffer));
            if (step.done()) break;
            length += step->length();
            buffer = Uint8Array(50'000);
        }
        CHECK(length == Nginx::bigLength);

        const Response iterated = co_await fetch(nginx->url("/big"));
        length = 0;
        const auto add = [&](const Uint8Array& bytes) { length += bytes.length(); };
        co_await forAwait(*iterated.body(), add);
        CHECK(length == Nginx::bigLength);
    });
}

ASYNC_TEST_CASE("a body that nobody reads waits at the server") {
    Pouring server;
    const Response response = co_await fetch(server.server.url());
    const auto reader = response.body()->getReader();
    const auto first = co_await reader.read();
    CHECK_FALSE(first->empty());
    co_await delay(1); // virtual time goes on when the network waits
    CHECK(server.sent < Pouring::most);
    CHECK_FALSE(server.gone.isOpen());
    co_await reader.cancel();
    server.gone.wait();
}

TEST_CASE("virtual time goes on and a loop ends while a body waits for its reader") {
    Pouring server;
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        std::optional<Response> kept;
        loop.run([&] {
            fetch(server.server.url()).then([&](Response response) {
                log("response");
                kept = std::move(response);
            });
            setTimeout([&] { log("timer"); }, 60'000);
        });
        CHECK(log == "response timer");
        kept.reset(); // the connection is given up, though the loop lives
        server.gone.wait();
    }
}

TEST_CASE("a response that is dropped unread is given up") {
    Pouring dropped;
    Pouring unwanted;
    EventLoop loop;
    loop.run([&]() -> Promise<> {
        fetch(unwanted.server.url()); // the promise, too
        { const Response response = co_await fetch(dropped.server.url()); }
        EventLoop::current().setTimer([] {}, 1, false);
    });
    dropped.gone.wait();
    unwanted.gone.wait();
}

ASYNC_TEST_CASE("a read that waits keeps the body and nothing else does") {
    Piecemeal server;
    std::optional<Promise<std::string>> text;
    {
        const Response response = co_await fetch(server.server.url());
        text = response.text();
    }
    server.gates[0].open();
    server.gates[1].open();
    const std::string words = co_await *text;
    CHECK(words == "onetwosix");
}

ASYNC_TEST_CASE("cancelling a body gives the connection up") {
    Pouring server;
    const Response response = co_await fetch(server.server.url());
    const auto body = *response.body();
    co_await body.cancel(Error("enough"));
    CHECK(response.bodyUsed());
    server.gone.wait();
    const auto refused = co_await response.text().settled();
    CHECK_FALSE(refused.fulfilled());
}

ASYNC_TEST_CASE("a body may be cancelled amid a read and after its lock was released") {
    Piecemeal server;
    const Response response = co_await fetch(server.server.url());
    const auto body = *response.body();
    const auto reader = body.getReader();
    const auto first = co_await reader.read();
    const auto waiting = reader.read();
    reader.releaseLock();
    const auto released = co_await waiting.settled();
    CHECK_FALSE(released.fulfilled());
    const auto next = body.getReader();
    const auto pending = next.read();
    server.gates[0].open();
    const auto two = co_await pending;
    CHECK(two->text() == "two");
    const auto last = next.read();
    co_await next.cancel();
    const auto end = co_await last;
    CHECK(end.done());
    server.gates[1].open();
}

ASYNC_TEST_CASE("a response that is cloned is read twice and waits for both") {
    const Site site({{"/a", Site::answer("200 OK", "X-One: 1\r\n", std::string(300'000, 'a'))}});
    const Response response = co_await fetch(site.url("/a"));
    const Response copy = response.clone();
    CHECK(copy.url() == response.url());
    CHECK(copy.type() == ResponseType::basic);
    CHECK(copy.headers().get("x-one") == "1");
    const std::string first = co_await response.text();
    const std::string second = co_await copy.text();
    CHECK((first == std::string(300'000, 'a')));
    CHECK((second == first));
    CHECK_THROWS_AS(response.clone(), TypeError);
}

ASYNC_TEST_CASE("both clones are told of a failure and both must be dropped to give it up") {
    Gate gone;
    const Server server([&](Connection& connection, int number) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        if (number == 1) return;
        connection.awaitEnd();
        gone.open();
    });
    const Response broken = co_await fetch(server.url());
    const Response too = broken.clone();
    const auto first = co_await broken.text().settled();
    const auto second = co_await too.text().settled();
    CHECK(codeOf(first.reason()) == 18);
    CHECK(first.reason() == second.reason());

    std::optional<Response> one = co_await fetch(server.url());
    std::optional<Response> two = one->clone();
    one.reset();
    {
        const auto reader = two->body()->getReader();
        two.reset();
        const auto some = co_await reader.read();
        CHECK(some->text() == "some");
        CHECK_FALSE(gone.isOpen());
    }
    gone.wait();
}

ASYNC_TEST_CASE("a body goes through a transform stream") {
    const Site site({{"/a", Site::answer("200 OK", "", "small words")}});
    const Response response = co_await fetch(site.url("/a"));
    const TransformStream<Uint8Array> upper(
        Transformer<Uint8Array>{.transform = [](Uint8Array bytes, TransformStreamDefaultController<Uint8Array>& out) {
            for (std::uint8_t& byte : bytes) {
                if (byte >= 'a' && byte <= 'z') byte = static_cast<std::uint8_t>(byte - 32);
            }
            out.enqueue(std::move(bytes));
        }});
    const Response loud(response.body()->pipeThrough(upper));
    const std::string text = co_await loud.text();
    CHECK(text == "SMALL WORDS");
}

TEST_CASE("microtasks wait until the sink that a body is piped to has returned") {
    const Site site;
    Journal log;
    EventLoop loop;
    loop.run([&]() -> Promise<> {
        globalThis.addEventListener("error", [&](Event& event) {
            event.preventDefault();
            log("listener");
            queueMicrotask([&] { log("microtask"); });
        });
        const WritableStream<Uint8Array> sink({.write = [&](Uint8Array) {
            log("write");
            reportError(Error("told meanwhile"));
            log("written");
        }});
        const Response response = co_await fetch(site.url());
        co_await response.body()->pipeTo(sink);
    });
    CHECK(log == "write listener written microtask");
}

ASYNC_TEST_CASE("a body that is small when it is compressed is read to its end by a slow reader") {
    std::string compressed;
    if (std::FILE* const zeros = popen("head -c 150000000 /dev/zero | gzip -9", "r")) {
        char buffer[4096];
        while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, zeros)) compressed.append(buffer, count);
        pclose(zeros);
    }
    if (compressed.empty()) {
        WARN("skipped: there is no gzip on this machine");
        co_return;
    }
    const Site site({{"/zeros", Site::answer("200 OK", "Content-Encoding: gzip\r\n", compressed)}});
    const Response response = co_await fetch(site.url("/zeros"));
    const auto reader = response.body()->getReader();
    std::size_t length = 0;
    while (auto chunk = co_await reader.read()) length += chunk->length();
    CHECK(length == 150'000'000);
}
