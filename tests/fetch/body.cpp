// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"

#include <memory>

using namespace rondo;
using network::BodyKind;
using network::RequestMessage;

namespace {

RequestMessage chunksTo(std::string url, std::string method = "POST") {
    RequestMessage message;
    message.method = std::move(method);
    message.url = std::move(url);
    message.bodyKind = BodyKind::chunks;
    return message;
}

}

TEST_CASE("an exchange whose body nobody reads makes the server wait") {
    std::size_t sent = 0;
    Gate tried;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        const std::string piece(64 * 1024, 'p');
        while (sent < 64 * 1024 * 1024 && connection.write(piece)) sent += piece.size();
        tried.open();
    });
    EventLoop loop;
    auto exchange = std::make_unique<Recorded>();
    exchange->readsOn = false;
    exchangeOn(loop, *exchange, {.url = server.url()}); // ends: the host does nothing any more until it is asked
    CHECK(exchange->log == "head");
    CHECK(exchange->underWay());
    CHECK_FALSE(tried.isOpen());
    exchange.reset(); // gives the connection up
    loop.run([] {});
    tried.wait();
    CHECK(sent < 64 * 1024 * 1024);
}

TEST_CASE("reading goes on after a pause of any length") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    for (const bool secure : {false, true}) {
        EventLoop loop;
        configureFetch({.caFile = Nginx::authority()});
        Recorded exchange;
        exchange.readsOn = false;
        exchangeOn(loop, exchange, {.url = secure ? nginx->secureUrl("/big") : nginx->url("/big")});
        CHECK(exchange.log == "head");
        std::size_t pauses = 0;
        while (exchange.underWay() && pauses < 10'000) { // each piece is read in a run of its own
            ++pauses;
            loop.run([&] { exchange.read(); });
        }
        CHECK(exchange.failure() == "none");
        CHECK((exchange.body == std::string(Nginx::bigLength, 'b')));
        CHECK(pauses > Nginx::bigLength / network::Transfer::budget);
    }
}

TEST_CASE("a compressed body waits for its reader, too") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded exchange;
    exchange.readsOn = false;
    exchangeOn(loop, exchange, {.url = nginx->url("/text")});
    while (exchange.underWay()) loop.run([&] { exchange.read(); });
    CHECK((exchange.body == Nginx::text()));
}

TEST_CASE("a compressed answer to an upload is not cut off at its compressed length") {
    // 20000 times the letter a
    static constexpr char compressed[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xac\xeb\x5f\xc2\x1a\x1e\x40\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x60\x31\x87\xbd\xca\x20\x4e\x00\x00";
    constexpr std::string_view bytes(compressed, sizeof compressed - 1);
    Gate half;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.readBody(4);
        connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                         std::to_string(bytes.size()) + "\r\n\r\n");
        connection.write(bytes.substr(0, bytes.size() * 2 / 3));
        half.wait();
        connection.write(bytes.substr(bytes.size() * 2 / 3));
    });
    EventLoop loop;
    Recorded exchange;
    std::size_t before = 0;
    exchange.onBytes = [&] {
        if (before == 0) before = exchange.body.size();
        half.open();
    };
    exchangeOn(loop, exchange, with("body", "POST", server.url()));
    CHECK(before > bytes.size());
    CHECK(exchange.failure() == "none");
    CHECK((exchange.body == std::string(20'000, 'a')));
}

TEST_CASE("virtual time goes on while a body waits for its reader") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop({.virtualTime = true});
    Recorded exchange;
    exchange.readsOn = false;
    loop.run([&] {
        exchange.start({.url = nginx->url("/big")});
        loop.setTimer(
            [&] {
                exchange.log("timer");
                exchange.readsOn = true;
                exchange.read();
            },
            60'000, false);
    });
    CHECK(exchange.log == "head timer bytes end");
    CHECK(exchange.body.size() == Nginx::bigLength);
}

TEST_CASE("a body of chunks is asked for and sent as it comes") {
    std::string head;
    std::string body;
    int chunks = 0;
    Server server([&](Connection& connection, int) {
        head = connection.readHead();
        body = connection.readChunks(chunks);
        connection.answer("got it");
    });
    EventLoop loop;
    Recorded exchange;
    int sent = 0;
    exchange.onBodyWanted = [&] {
        if (sent == 5) return exchange.endSending();
        exchange.send(Uint8Array("chunk " + std::to_string(++sent) + ";"));
    };
    exchangeOn(loop, exchange, chunksTo(server.url(), "PUT"));
    CHECK(exchange.body == "got it");
    CHECK_THAT(head, Catch::Matchers::ContainsSubstring("PUT / HTTP/1.1\r\n"));
    CHECK_THAT(head, Catch::Matchers::ContainsSubstring("Transfer-Encoding: chunked\r\n"));
    CHECK(head.find("Expect") == std::string::npos);
    CHECK(head.find("Content-Length") == std::string::npos);
    CHECK(body == "chunk 1;chunk 2;chunk 3;chunk 4;chunk 5;");
}

TEST_CASE("a body of no chunks is empty") {
    std::string body = "?";
    int chunks = -1;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        body = connection.readChunks(chunks);
        connection.answer("got it");
    });
    EventLoop loop;
    Recorded exchange;
    exchange.onBodyWanted = [&] { exchange.endSending(); };
    exchangeOn(loop, exchange, chunksTo(server.url()));
    CHECK(exchange.body == "got it");
    CHECK(body.empty());
    CHECK(chunks == 0);
}

TEST_CASE("each chunk reaches the server before the next one is made") {
    EventLoop loop;
    Recorded exchange;
    std::string received;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        for (int i = 0; i < 3; ++i) {
            received += connection.readBody(6); // 1, CR, LF, a letter, CR, LF
            loop.post([&] { exchange.send(Uint8Array("x")); });
        }
        int chunks = 0;
        loop.post([&] { exchange.endSending(); });
        received += connection.readChunks(chunks);
        connection.answer("");
    });
    int wanted = 0;
    exchange.onBodyWanted = [&] {
        if (++wanted == 1) exchange.send(Uint8Array("a"));
    };
    exchangeOn(loop, exchange, chunksTo(server.url()));
    CHECK(received == "1\r\na\r\n1\r\nx\r\n1\r\nx\r\nx");
    CHECK(exchange.log == "head end");
}

TEST_CASE("no more is asked for than a server that does not read takes") {
    constexpr std::size_t all = 64 * 1024 * 1024;
    Gate enough;
    Server server([&](Connection& connection, int) {
        for (std::string head; !(head = connection.readHead()).empty();) {
            if (head.find("chunked") == std::string::npos) {
                connection.answer("");
                continue;
            }
            enough.wait();
            int chunks = 0;
            connection.answer(std::to_string(connection.readChunks(chunks).size()));
        }
    });
    EventLoop loop;
    Recorded upload;
    Recorded other;
    std::size_t sent = 0;
    upload.onBodyWanted = [&] {
        if (sent == all) return upload.endSending();
        upload.send(Uint8Array(std::string(64 * 1024, 'u')));
        sent += 64 * 1024;
    };
    int others = 0; // which the same thread makes meanwhile: time enough to ask for all of it
    std::size_t sentBefore = 0;
    other.onEnd = [&] {
        if (++others < 500) return other.start({.url = server.url()});
        sentBefore = sent;
        enough.open();
    };
    loop.run([&] {
        upload.start(chunksTo(server.url()));
        other.start({.url = server.url()});
    });
    CHECK(sentBefore > 0);
    CHECK(sentBefore < all);
    CHECK(upload.failure() == "none");
    CHECK(upload.body == std::to_string(all));
}

TEST_CASE("virtual time goes on while the network waits for a chunk") {
    std::string body;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        int chunks = 0;
        body = connection.readChunks(chunks);
        connection.answer("");
    });
    EventLoop loop({.virtualTime = true});
    Recorded exchange;
    int sent = 0;
    exchange.onBodyWanted = [&] {
        loop.setTimer([&] { ++sent < 4 ? exchange.send(Uint8Array(std::to_string(sent))) : exchange.endSending(); },
                      10'000, false);
    };
    exchangeOn(loop, exchange, chunksTo(server.url()));
    CHECK(body == "123");
    CHECK(exchange.log == "head end");
    CHECK(loop.now() >= 40'000);
}

TEST_CASE("chunks go over HTTP/2") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    Recorded exchange;
    int sent = 0;
    exchange.onBodyWanted = [&] {
        loop.setTimer(
            [&] { sent++ < 20 ? exchange.send(Uint8Array(std::string(100'000, 'c'))) : exchange.endSending(); }, 1,
            false);
    };
    exchangeOn(loop, exchange, chunksTo(nginx->secureUrl("/upload")));
    CHECK(exchange.failure() == "none");
    CHECK(exchange.head.version == network::HttpVersion::http2);
    CHECK(exchange.body == "POST|HTTP/1.0|*/*|rondo||2000000|");
    CHECK(sent == 21);
}

TEST_CASE("a response over HTTP/2 that comes amid an upload ends it") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    Recorded bytes;
    exchangeOn(loop, bytes, with(std::string(20'000'000, 'x'), "POST", nginx->secureUrl("/said")));
    CHECK(bytes.log == "head bytes end");
    Recorded chunks;
    chunks.onBodyWanted = [&] { chunks.send(Uint8Array(std::string(100'000, 'c'))); };
    exchangeOn(loop, chunks, chunksTo(nginx->secureUrl("/said")));
    CHECK(chunks.log == "head bytes end");
}

TEST_CASE("a response over HTTP/2 whose length is not known ends an upload with its stream") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    Recorded bytes;
    exchangeOn(loop, bytes, with(std::string(20'000'000, 'x'), "POST", nginx->secureUrl("/unmeasured")));
    CHECK(bytes.header("content-length") == "-");
    CHECK(bytes.failure() == "none");
    CHECK(bytes.body == "early");
    Recorded chunks;
    chunks.onBodyWanted = [&] { chunks.send(Uint8Array(std::string(100'000, 'c'))); };
    exchangeOn(loop, chunks, chunksTo(nginx->secureUrl("/unmeasured")));
    CHECK(chunks.failure() == "none");
    CHECK(chunks.body == "early");
    // libcurl 7.88 does not see that the stream has ended as long as there is nothing to be sent
    Recorded idle;
    idle.onBytes = [&] { loop.setTimer([&] { idle.send(Uint8Array("one more")); }, 1, false); };
    exchangeOn(loop, idle, chunksTo(nginx->secureUrl("/unmeasured")));
    CHECK(idle.failure() == "none");
    CHECK(idle.body == "early");
}

TEST_CASE("a response that comes amid an upload of chunks ends it") {
    Server server([](Connection& connection, int) {
        connection.readHead();
        connection.readBody(6);
        connection.write("HTTP/1.1 403 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nstop");
        connection.awaitEnd();
    });
    EventLoop loop;
    Recorded exchange;
    int wanted = 0;
    exchange.onBodyWanted = [&] {
        if (++wanted == 1) exchange.send(Uint8Array("a")); // and then nothing, for ever
    };
    exchangeOn(loop, exchange, chunksTo(server.url()));
    CHECK(exchange.failure() == "none");
    CHECK(exchange.head.status == 403);
    CHECK(exchange.body == "stop");
    exchange.send(Uint8Array("too late"));
    exchange.endSending();
}
