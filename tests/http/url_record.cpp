// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url_record.hpp>

using namespace rondo;
using http::UrlRecord;

TEST_CASE("a path that begins with two slashes is not taken for a host") {
    UrlRecord url{.scheme = "web+demo", .path = "//not-a-host/"};
    CHECK(url.serialize() == "web+demo:/.//not-a-host/");
    url.host = "host";
    CHECK(url.serialize() == "web+demo://host//not-a-host/");
    UrlRecord opaque{.scheme = "data", .path = "//x", .pathIsOpaque = true};
    CHECK(opaque.serialize() == "data://x");
}

TEST_CASE("a fragment may be left out") {
    const UrlRecord url{.scheme = "https",
                        .username = "u",
                        .password = "p",
                        .host = "h",
                        .port = std::uint16_t{8080},
                        .path = "/",
                        .query = "",
                        .fragment = "f"};
    CHECK(url.serialize() == "https://u:p@h:8080/?#f");
    CHECK(url.serialize(true) == "https://u:p@h:8080/?");
}

TEST_CASE("a path is shortened by a segment but not by the drive letter of a file") {
    UrlRecord file{.scheme = "file", .host = "", .path = "/C:/a"};
    file.shortenPath();
    CHECK(file.path == "/C:");
    file.shortenPath();
    CHECK(file.path == "/C:");
    UrlRecord web{.scheme = "http", .host = "h", .path = "/C:"};
    web.shortenPath();
    CHECK(web.path.empty());
    web.shortenPath();
    CHECK(web.path.empty());
}

TEST_CASE("what starts with a drive letter may go on with a slash") {
    CHECK(UrlRecord::startsWithDriveLetter("c:"));
    CHECK(UrlRecord::startsWithDriveLetter("c|/"));
    CHECK_FALSE(UrlRecord::startsWithDriveLetter("c:a"));
    CHECK_FALSE(UrlRecord::startsWithDriveLetter("c"));
    CHECK_FALSE(UrlRecord::isNormalizedDriveLetter("c|"));
}

TEST_CASE("only some schemes have an origin that is a tuple") {
    CHECK(UrlRecord{.scheme = "wss", .host = "h", .port = std::uint16_t{1}}.tupleOrigin() == "wss://h:1");
    CHECK_FALSE(UrlRecord{.scheme = "file", .host = ""}.tupleOrigin());
    CHECK_FALSE(UrlRecord{.scheme = "data"}.tupleOrigin());
}
