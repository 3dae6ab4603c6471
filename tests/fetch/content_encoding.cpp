// SPDX-License-Identifier: MIT
#include "fetch/recorded.hpp"
#include "fetch/site.hpp"
#include "support/catch.hpp"

#include <curl/curl.h>
#include <string>
#include <string_view>

using namespace rondo;

namespace {

// 200 times the letter a
using namespace std::string_view_literals;
constexpr std::string_view gzipped =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x1c\x1e\x00\x00\x58\xf0\x9a\x59\xc8\x00\x00\x00"sv;
constexpr std::string_view gzippedTwice =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x93\xef\xe6\x60\x00\x03\x66\x6f\x1f\x19\x39\x06\x86\x88\x0f\xb3\x22\x4f"
    "\x00\xf9\x00\xf6\x9d\xd7\xee\x18\x00\x00\x00"sv;
constexpr std::string_view deflated = "\x78\x9c\x4b\x4c\x1c\x1e\x00\x00\xc2\x7f\x4b\xc9"sv;
constexpr std::string_view deflatedBare = "\x4b\x4c\x1c\x1e\x00\x00"sv;
constexpr std::string_view brotli = "\x1b\xc7\x00\xf8\x25\xc2\x62\xb1\x40\x20\x00"sv;
constexpr std::string_view zstandard =
    "\x28\xb5\x2f\xfd\x24\xc8\x4d\x00\x00\x10\x61\x61\x01\x00\x43\x0a\x60\x01\xbe\xeb\x4e\xf3"sv;

/// Sends these bytes with that encoding, in two pieces; what comes of it.
struct Decoded {
    Decoded(std::string_view encoding, std::string_view bytes) {
        Server server([=](Connection& connection, int) {
            connection.readHead();
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(encoding) +
                             "\r\nContent-Length: " + std::to_string(bytes.size()) + "\r\n\r\n");
            connection.write(bytes.substr(0, bytes.size() / 2));
            connection.write(bytes.substr(bytes.size() / 2));
        });
        EventLoop loop;
        exchangeOn(loop, exchange, {.url = server.url()});
    }

    Recorded exchange;
};

std::string decoded(std::string_view encoding, std::string_view bytes) {
    const Decoded made(encoding, bytes);
    return made.exchange.error ? "error behind " + std::to_string(made.exchange.body.size()) : made.exchange.body;
}

bool libcurlHas(int feature) { return (curl_version_info(CURLVERSION_NOW)->features & feature) != 0; }
/// It decides about an encoding before it shows the header.
bool libcurlDecidesEarly() { return curl_version_info(CURLVERSION_NOW)->version_num >= 0x080600; }

const std::string letters(200, 'a');

}

TEST_CASE("a body is decoded whatever its encoding") {
    CHECK(decoded("gzip", gzipped) == letters);
    CHECK(decoded("x-gzip", gzipped) == letters);
    CHECK(decoded("deflate", deflated) == letters);
    CHECK(decoded("deflate", deflatedBare) == letters);
    if (libcurlHas(CURL_VERSION_BROTLI)) CHECK(decoded("br", brotli) == letters);
    if (libcurlHas(CURL_VERSION_ZSTD)) CHECK(decoded("zstd", zstandard) == letters);
}

TEST_CASE("the names of encodings are of any case and in a list") {
    CHECK(decoded("GZip", gzipped) == letters);
    CHECK(decoded("gzip, gzip", gzippedTwice) == letters);
    CHECK(decoded(", gzip ,gzip", gzippedTwice) == letters);
    CHECK(decoded("gzip\r\nContent-Encoding: gzip", gzippedTwice) == letters);
    CHECK(decoded("identity", "as it is") == "as it is");
    CHECK(decoded("identity, gzip", gzipped) == letters);
    CHECK(decoded("", "as it is") == "as it is");
}

TEST_CASE("a body with an encoding that nobody knows is left as it is") {
    if (libcurlDecidesEarly()) return;
    CHECK(decoded("quux", "as it is") == "as it is");
    CHECK(decoded("gzip, quux", gzipped) == gzipped);
    CHECK(decoded("quux\r\nContent-Encoding: gzip", gzipped) == gzipped);
}

TEST_CASE("what is left as it is leaves the next response to be decoded") {
    if (libcurlDecidesEarly()) return;
    const Site site({{"/odd", Site::answer("200 OK", "Content-Encoding: quux\r\n", "as it is")},
                     {"/gzip", Site::answer("200 OK", "Content-Encoding: gzip\r\n", gzipped)}});
    EventLoop loop;
    for (int i = 0; i < 2; ++i) {
        Recorded odd;
        exchangeOn(loop, odd, {.url = site.url("/odd")});
        CHECK(odd.body == "as it is");
        CHECK(odd.header("content-encoding") == "quux");
        Recorded gzip;
        exchangeOn(loop, gzip, {.url = site.url("/gzip")});
        CHECK(gzip.body == letters);
    }
}

TEST_CASE("what cannot be decoded is an error") {
    CHECK(decoded("gzip", "this is not compressed") == "error behind 0");
    CHECK(decoded("br", "\xff\xff\xff\xff\xff\xff\xff\xff") == "error behind 0");
    std::string damaged(gzipped);
    damaged[damaged.size() - 6] ^= 1; // in the checksum
    CHECK(decoded("gzip", damaged) == "error behind 200");
    CHECK(decoded("gzip", std::string(gzipped) + "garbage") == "error behind 200");
    CHECK(decoded("gzip", std::string(gzipped) + std::string(gzipped)) == "error behind 200");
    CHECK(decoded("gzip, gzip, gzip, gzip, gzip, gzip", gzipped) == "error behind 0");
}

TEST_CASE("compressed bytes that are all there end a body though more were to come") {
    CHECK(decoded("gzip", gzipped.substr(0, gzipped.size() - 8)) == letters);
    CHECK(decoded("gzip", gzipped.substr(0, 5)) == "");
    CHECK(decoded("gzip", "") == "");
}

TEST_CASE("a response to HEAD and one without a body say of any encoding") {
    const Site site({{"/head", Site::answer("200 OK", "Content-Encoding: quux\r\n", "never sent")},
                     {"/same", "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n"}});
    EventLoop loop;
    Recorded head;
    exchangeOn(loop, head, {.method = "HEAD", .url = site.url("/head")});
    CHECK(head.log == "head end");
    Recorded same;
    exchangeOn(loop, same, {.url = site.url("/same")});
    CHECK(same.log == "head end");
}
