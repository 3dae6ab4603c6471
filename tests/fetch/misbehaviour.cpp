// SPDX-License-Identifier: MIT
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"

using namespace rondo;
using network::BodyKind;
using network::RequestMessage;

namespace {

/// What becomes of an exchange with a server that does this with its connections.
void meet(Recorded& exchange, const Server::Serve& serve) {
    Server server(serve);
    EventLoop loop;
    exchangeOn(loop, exchange, {.url = server.url()});
}

}

TEST_CASE("a connection that is closed without a response is an error") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) { connection.readHead(); });
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_GOT_NOTHING);
}

TEST_CASE("a connection that is reset is an error") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.reset();
    });
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_RECV_ERROR);
}

TEST_CASE("a connection that is reset amid the body is an error behind what has come") {
    Recorded exchange;
    Gate read;
    exchange.onBytes = [&] { read.open(); };
    meet(exchange, [&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        read.wait();
        connection.reset();
    });
    CHECK(exchange.log == "head bytes error");
    CHECK(exchange.body == "some");
    CHECK(exchange.code() == CURLE_RECV_ERROR);
}

TEST_CASE("a body that is shorter than it said is an error behind what has come") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    });
    CHECK(exchange.log == "head bytes error");
    CHECK(exchange.body == "only this");
    CHECK(exchange.code() == CURLE_PARTIAL_FILE);
}

TEST_CASE("a chunked body without its last chunk is an error") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
    });
    CHECK(exchange.log == "head bytes error");
    CHECK(exchange.body == "some");
}

TEST_CASE("a body without a length ends with its connection") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.0 200 Fine\r\n\r\nuntil the end");
    });
    CHECK(exchange.log == "head bytes end");
    CHECK(exchange.head.version == network::HttpVersion::http10);
    CHECK(exchange.head.statusText == "Fine");
    CHECK(exchange.body == "until the end");
}

TEST_CASE("garbage is an error and not a response") {
    Recorded garbage;
    meet(garbage, [](Connection& connection, int) {
        connection.readHead();
        connection.write("\x16\x03 this is not HTTP\r\n\r\nat all");
    });
    CHECK(garbage.log == "error");
    Recorded half;
    meet(half, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Le");
    });
    CHECK(half.log == "error");
    Recorded encoding;
    meet(encoding, [](Connection& connection, int) {
        connection.readHead();
        connection.answer("this is not compressed", "Content-Encoding: gzip\r\n");
    });
    CHECK(encoding.log == "head error");
    CHECK(encoding.code() == CURLE_BAD_CONTENT_ENCODING);
}

TEST_CASE("headers of a hundred kilobytes arrive") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        std::string headers;
        for (int i = 0; i < 10; ++i) headers += "X-" + std::to_string(i) + ": " + std::string(10'000, 'h') + "\r\n";
        connection.answer("body", headers);
    });
    CHECK(exchange.log == "head bytes end");
    CHECK((exchange.header("x-9") == std::string(10'000, 'h')));
}

TEST_CASE("a head without an end is an error") {
    Recorded lines;
    meet(lines, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n");
        while (connection.write("X-Endless: " + std::string(1000, 'x') + "\r\n")) {}
    });
    CHECK(lines.log == "error");
    CHECK_THAT(lines.failure(), Catch::Matchers::ContainsSubstring("the head of the response is longer than 256 KiB"));
    Recorded line;
    meet(line, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nX-Endless: ");
        while (connection.write(std::string(1000, 'x'))) {}
    });
    CHECK(line.log == "error");
}

TEST_CASE("informational responses are passed over and so are trailers") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 201 Made Of Words\r\nTransfer-Encoding: chunked\r\nX-One:  1\t\r\n\r\n"
                         "4\r\nbody\r\n0\r\nX-Trailer: 2\r\n\r\n");
    });
    CHECK(exchange.log == "head bytes end");
    CHECK(exchange.head.status == 201);
    CHECK(exchange.head.statusText == "Made Of Words");
    CHECK(exchange.header("link") == "-");
    CHECK(exchange.header("x-one") == "1");
    CHECK(exchange.header("x-trailer") == "-");
    CHECK(exchange.body == "body");
}

TEST_CASE("a connection that the server has closed meanwhile is not used again") {
    Server server([](Connection& connection, int) {
        connection.readHead();
        connection.answer("once"); // says nothing of closing, and closes
    });
    EventLoop loop;
    for (int i = 0; i < 10; ++i) {
        Recorded exchange;
        exchangeOn(loop, exchange, {.url = server.url()});
        CHECK(exchange.failure() == "none");
        CHECK(exchange.body == "once");
    }
    CHECK(server.connections() == 10);
}

TEST_CASE("a request is made again on a new connection if the server closes the old one instead of answering") {
    Server server([](Connection& connection, int number) {
        connection.readHead();
        connection.answer("connection " + std::to_string(number));
        connection.readHead(); // as a server does whose patience has just ended
    });
    EventLoop loop;
    Recorded first;
    exchangeOn(loop, first, {.url = server.url()});
    CHECK(first.body == "connection 1");
    Recorded second;
    exchangeOn(loop, second, {.url = server.url()});
    CHECK(second.body == "connection 2");
    Recorded third;
    exchangeOn(loop, third, with("a body that is kept", "POST", server.url()));
    CHECK(third.failure() == "none");
    CHECK(third.body == "connection 3");
}

TEST_CASE("a response that comes before the request's body has been sent is a response") {
    Recorded exchange;
    Server server([](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\nConnection: close\r\n\r\nstop");
        connection.awaitEnd();
    });
    EventLoop loop;
    exchangeOn(loop, exchange, with(std::string(50'000'000, 'x'), "POST", server.url()));
    CHECK(exchange.failure() == "none");
    CHECK(exchange.head.status == 413);
    CHECK(exchange.body == "stop");
    CHECK(exchange.log == "head bytes end");
}

TEST_CASE("a server that breaks off amid an upload is an error") {
    Recorded exchange;
    Server server([](Connection& connection, int) {
        connection.readHead();
        connection.readBody(10'000);
        connection.reset();
    });
    EventLoop loop;
    exchangeOn(loop, exchange, with(std::string(50'000'000, 'x'), "POST", server.url()));
    CHECK(exchange.log == "error");
}
