// SPDX-License-Identifier: MIT
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"

using namespace rondo;
using network::BodyKind;
using network::RequestMessage;

namespace {

using namespace std::string_literals;

/// What becomes of an exchange with a server that does this with its connections.
void meet(Recorded& exchange, const Server::Serve& serve) {
    Server server(serve);
    EventLoop loop;
    exchangeOn(loop, exchange, {.url = server.url()});
}

/// What comes of a response: its status, its text and its body, or the cause of the error.
std::string outcome(const std::string& response, const char* method = "GET") {
    Recorded exchange;
    {
        const Server server([&](Connection& connection, int) {
            connection.readHead();
            connection.write(response);
        });
        EventLoop loop;
        exchangeOn(loop, exchange, {.method = method, .url = server.url()});
    }
    if (exchange.error) return (exchange.log == "error" ? "error: " : "late error: ") + std::to_string(exchange.code());
    return std::to_string(exchange.head.status) + " " + exchange.head.statusText + ": " + exchange.body;
}
std::string withHeaders(const std::string& headers, const std::string& body = "hi") {
    return outcome("HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body);
}
std::string error(int code) { return "error: " + std::to_string(code); }
std::string lateError(int code) { return "late " + error(code); }

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

TEST_CASE("a response that has come whole is no error when the server breaks off amid the upload") {
    Server server([](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nstop");
    });
    EventLoop loop;
    for (int i = 0; i < 20; ++i) {
        Recorded exchange;
        exchangeOn(loop, exchange, with(std::string(5'000'000, 'x'), "POST", server.url()));
        CHECK((exchange.log == "head bytes end" || exchange.log == "error")); // the system may lose what was not read
    }
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

TEST_CASE("a head in which there is what must not be is an error") {
    CHECK(withHeaders("X-A: a\0b\r\nContent-Length: 2\r\n"s) == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("X\0A: a\r\nContent-Length: 2\r\n"s) == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("X-A: a\rb\r\nContent-Length: 2\r\n") == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("no colon\r\nContent-Length: 2\r\n") == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("X A: space\r\n: nothing\r\nContent-Length: 2\r\n") == "200 OK: hi");
    CHECK(outcome("HTTP/1.1\r200 OK\n\nhi").starts_with("error: "));
    CHECK(outcome("HTTP/1.1 200\rOK\n\nhi").starts_with("error: "));
    CHECK(outcome("HTTP/1.1 200 a\0b\r\n\r\nhi"s) == error(CURLE_WEIRD_SERVER_REPLY));
}

TEST_CASE("a long header may be broken into lines") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        connection.answer("body", "X-A: one\r\n  two\r\n\tthree\r\nX-B: 1\r\n");
    });
    CHECK(exchange.header("x-a") == "one two three");
    CHECK(exchange.header("x-b") == "1");
    CHECK(exchange.body == "body");
}

TEST_CASE("lines may end without a carriage return") {
    CHECK(outcome("HTTP/1.1 200 OK\nX-A: b\nContent-Length: 2\n\nhi") == "200 OK: hi");
}

TEST_CASE("a body without a head is an error and no HTTP/0.9") {
    CHECK(outcome("words") == error(CURLE_UNSUPPORTED_PROTOCOL));
    CHECK(outcome("words\nand more\n\n") == error(CURLE_UNSUPPORTED_PROTOCOL));
}

TEST_CASE("versions that nobody knows are errors") {
    CHECK(outcome("HTTP/1.9 200 OK\r\n\r\n").starts_with("error: "));
    CHECK(outcome("HTTP/3 200 OK\r\n\r\n").starts_with("error: "));
    CHECK(outcome("HTTP/1.1 OK\r\n\r\n").starts_with("error: "));
}

TEST_CASE("lengths must be the same and numbers") {
    CHECK(withHeaders("Content-Length: 2\r\nContent-Length: 2\r\n") == "200 OK: hi");
    CHECK(withHeaders("Content-Length: 2, 2\r\n") == "200 OK: hi");
    CHECK(withHeaders("Content-Length: 2\r\nContent-Length: 5\r\n", "hihoh") == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("Content-Length: 2, 5\r\n", "hihoh") == error(CURLE_WEIRD_SERVER_REPLY));
    CHECK(withHeaders("Content-Length: -2\r\n").starts_with("error: "));
    CHECK(withHeaders("Content-Length: two\r\n").starts_with("error: "));
    CHECK(withHeaders("Content-Length: 99999999999999999999999\r\n") == "200 OK: hi"); // up to the end
}

TEST_CASE("a body in chunks is as long as they say") {
    const auto chunks = [](const std::string& body, const std::string& more = "") {
        return withHeaders("Transfer-Encoding: chunked\r\n" + more, body);
    };
    CHECK(chunks("2\r\nhi\r\n0\r\n\r\n") == "200 OK: hi");
    CHECK(chunks("2\r\nhi\r\n0\r\n\r\n", "Content-Length: 1\r\n") == "200 OK: hi");
    CHECK(chunks("2;name=value;other\r\nhi\r\n0;x\r\nX-Trailer: 1\r\n\r\n") == "200 OK: hi");
    CHECK(chunks("02\r\nhi\r\n000\r\n\r\n") == "200 OK: hi");
    CHECK(chunks("2\r\nhixx0\r\n\r\n") == lateError(CURLE_RECV_ERROR));
    CHECK(chunks("x\r\nhi\r\n0\r\n\r\n") == lateError(CURLE_RECV_ERROR));
    CHECK(chunks("-2\r\nhi\r\n0\r\n\r\n") == lateError(CURLE_RECV_ERROR));
    CHECK(chunks("fffffffffffffffff\r\nhi\r\n0\r\n\r\n") == lateError(CURLE_RECV_ERROR));
    CHECK(withHeaders("Transfer-Encoding: quux\r\n") == lateError(CURLE_BAD_CONTENT_ENCODING));
}

TEST_CASE("a status is a number of three digits and its text is bytes") {
    const auto status = [](const std::string& line) {
        return outcome("HTTP/1.1 " + line + "\r\nContent-Length: 2\r\n\r\nhi");
    };
    CHECK(status("999 Odd") == "999 Odd: hi");
    CHECK(status("600 Odd") == "600 Odd: hi");
    CHECK(status("200 Gr\xc3\xbc\xc3\x9f Gott") == "200 Gr\xc3\xbc\xc3\x9f Gott: hi");
    CHECK(status("200") == "200 : hi");
    for (const char* line : {"99 Low", "099 Low", "000 Low", "1000 High", "-20 Low", "2x0 Odd", ""})
        CHECK(status(line).starts_with("error: "));
}

TEST_CASE("another protocol that nobody has asked for is an error and nobody waits for its end") {
    Recorded exchange;
    Gate gone;
    meet(exchange, [&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
        connection.awaitEnd();
        gone.open();
    });
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_WEIRD_SERVER_REPLY);
    gone.wait();
}

TEST_CASE("informational responses come to an end") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        while (connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")) {}
    });
    CHECK(exchange.log == "error");
    CHECK_THAT(exchange.failure(), Catch::Matchers::ContainsSubstring("longer than 256 KiB"));
}

TEST_CASE("a body where there must be none is not read") {
    CHECK(outcome("HTTP/1.1 204 None\r\nContent-Length: 2\r\n\r\nhi") == "204 None: ");
    CHECK(outcome("HTTP/1.1 304 Same\r\n\r\nhi") == "304 Same: ");
    CHECK(outcome("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HEAD") == "200 OK: ");
}

TEST_CASE("what stands behind a response is not that to the next request") {
    Server server([](Connection& connection, int number) {
        for (std::string head; !(head = connection.readHead()).empty();) {
            if (number > 1) {
                connection.answer("right");
                continue;
            }
            const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
            connection.write(response + "first" + response + "wrong");
        }
    });
    EventLoop loop;
    Recorded first;
    exchangeOn(loop, first, {.url = server.url()});
    CHECK(first.body == "first");
    Recorded second;
    exchangeOn(loop, second, {.url = server.url()});
    CHECK(second.body == "right");
}

TEST_CASE("many headers of one name arrive in their order") {
    Recorded exchange;
    meet(exchange, [](Connection& connection, int) {
        connection.readHead();
        std::string headers;
        for (int i = 0; i < 5000; ++i) headers += "Set-Cookie: name" + std::to_string(i) + "=value\r\n";
        connection.answer("body", headers);
    });
    REQUIRE(exchange.head.headers.size() == 5001);
    for (std::size_t i = 0; i < 5000; ++i)
        CHECK(exchange.head.headers[i + 1].value == "name" + std::to_string(i) + "=value");
}

TEST_CASE("a host that has no address is an error of its request and of no other") {
    Server server([](Connection& connection, int) {
        while (!connection.readHead().empty()) connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    EventLoop loop;
    const std::string nowhere = "http://" + std::string(64, 'a') + ".invalid/"; // too long a label to be asked for
    for (int i = 0; i < 3; ++i) {
        Recorded lost;
        exchangeOn(loop, lost, {.url = nowhere});
        CHECK(lost.code() == CURLE_COULDNT_RESOLVE_HOST);
        Recorded found;
        exchangeOn(loop, found, {.url = server.url()});
        CHECK(found.failure() == "none");
        CHECK(found.body == "ok");
    }
}

TEST_CASE("what libcurl refuses is an error that says so") {
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = "http://127.0.0.1:1/" + std::string(9'000'000, 'a')});
    CHECK(exchange.code() == CURLE_BAD_FUNCTION_ARGUMENT);
}
