// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/fetch/detail/http_message.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

using namespace rondo::network;

namespace {

using Progress = HeadReader::Progress;

/// What comes of the last of some lines.
Progress read(HeadReader& reader, std::initializer_list<std::string_view> lines) {
    Progress progress = Progress::reading;
    for (const std::string_view line : lines) progress = reader.read(line);
    return progress;
}

std::string headers(const ResponseHead& head) {
    std::string text;
    for (const HeaderLine& line : head.headers) text += "<" + line.name + "=" + line.value + ">";
    return text;
}

}

TEST_CASE("a head is complete with its empty line and only once") {
    HeadReader reader;
    CHECK(read(reader, {"HTTP/1.1 404 Not Found\r\n", "A: 1\r\n", "b:2\r\n"}) == Progress::reading);
    CHECK_FALSE(reader.complete());
    CHECK(reader.read("\r\n") == Progress::complete);
    CHECK(reader.complete());
    const ResponseHead head = reader.take();
    CHECK(head.status == 404);
    CHECK(head.statusText == "Not Found");
    CHECK(head.version == HttpVersion::http11);
    CHECK(headers(head) == "<A=1><b=2>");
    CHECK(read(reader, {"X-Trailer: 1\r\n", "\r\n"}) == Progress::reading);
}

TEST_CASE("a status line may have no text") {
    for (const std::string_view line : {"HTTP/2 200 \r\n", "HTTP/2 200\r\n"}) {
        HeadReader reader;
        CHECK(read(reader, {line, "\r\n"}) == Progress::complete);
        const ResponseHead head = reader.take();
        CHECK(head.status == 200);
        CHECK(head.statusText.empty());
        CHECK(head.version == HttpVersion::http2);
    }
}

TEST_CASE("white space around a value goes and that within stays") {
    HeadReader reader;
    read(reader, {"HTTP/1.0 200 OK\n", "A: \t x  y \t\n", "Empty:\n", "B : z\n", "\n"});
    const ResponseHead head = reader.take();
    CHECK(head.version == HttpVersion::http10);
    CHECK(headers(head) == "<A=x  y><Empty=><B=z>");
}

TEST_CASE("a line that begins with white space goes on with the one before") {
    HeadReader reader;
    read(reader, {"HTTP/1.1 200 OK\r\n", "A: one\r\n", "  two\r\n", "\tthree\r\n", "B: 1\r\n", "\r\n"});
    CHECK(headers(reader.take()) == "<A=one two three><B=1>");
}

TEST_CASE("a line that is no header is left out") {
    HeadReader reader;
    read(reader, {"HTTP/1.1 200 OK\r\n", " behind nothing\r\n", "no colon\r\n", ": no name\r\n", "A B: a space\r\n",
                  "\xff: no token\r\n", "A: 1\r\n", "\r\n"});
    CHECK(headers(reader.take()) == "<A=1>");
}

TEST_CASE("informational heads are forgotten") {
    HeadReader reader;
    CHECK(read(reader, {"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n"}) == Progress::reading);
    CHECK(read(reader, {"HTTP/1.1 200 OK\r\n", "A: 1\r\n", "\r\n"}) == Progress::complete);
    CHECK(headers(reader.take()) == "<A=1>");
}

TEST_CASE("a head is no longer than its limit and informational ones count") {
    HeadReader reader;
    const std::string line = "A: " + std::string(1000, 'x') + "\r\n";
    Progress progress = Progress::reading;
    std::size_t bytes = 0;
    for (int i = 0; i < 1000 && progress == Progress::reading; ++i) {
        if (i % 100 == 0) bytes += 14, static_cast<void>(reader.read("\r\n")), reader.read("HTTP/1.1 100\r\n");
        progress = reader.read(line);
        bytes += line.size();
    }
    CHECK(progress == Progress::refused);
    CHECK(bytes <= HeadReader::limit + line.size());
}

TEST_CASE("a carriage return that ends no line is refused") {
    for (const std::string_view line : {"A: a\rb\n", "A\r: a\n", "A: a\r\r\n", "\rA: a\n", "\r\r\n"}) {
        HeadReader reader;
        CHECK(read(reader, {"HTTP/1.1 200 OK\r\n", line}) == Progress::refused);
    }
    HeadReader reader;
    CHECK(reader.read("HTTP/1.1 200\rOK\n") == Progress::refused);
    CHECK(reader.refusal() == std::string_view("a line of the response's head has a carriage return in it"));
}

TEST_CASE("lengths that differ are refused unless the message says no length") {
    const auto readLengths = [](std::initializer_list<std::string_view> lines) {
        HeadReader reader;
        reader.read("HTTP/1.1 200 OK\r\n");
        read(reader, lines);
        return reader.read("\r\n");
    };
    CHECK(readLengths({"Content-Length: 42\n", "content-length: 42 , 42\n"}) == Progress::complete);
    CHECK(readLengths({"Content-Length: 42, 30\n"}) == Progress::refused);
    CHECK(readLengths({"Content-Length: 42\n", "CONTENT-LENGTH: 30\n"}) == Progress::refused);
    CHECK(readLengths({"Content-Length: 30,\n"}) == Progress::refused);
    CHECK(readLengths({"Content-Length: ,30\n"}) == Progress::refused);
    CHECK(readLengths({"Content-Length: 030, 30\n"}) == Progress::refused);
    CHECK(readLengths({"Transfer-Encoding: chunked\n", "Content-Length: 42, 30\n"}) == Progress::complete);
    CHECK(readLengths({"Content-Length: 42, 30\n", "Transfer-Encoding: chunked\n"}) == Progress::complete);
}

TEST_CASE("another protocol is refused") {
    HeadReader reader;
    CHECK(read(reader, {"HTTP/1.1 101 Switching Protocols\r\n", "Upgrade: x\r\n", "\r\n"}) == Progress::refused);
}
