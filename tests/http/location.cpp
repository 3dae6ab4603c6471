// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/location.hpp>
#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/promise.hpp>

#include <stdexcept>
#include <string>

using namespace rondo;

TEST_CASE("location is nowhere until the program says where it is") {
    EventLoop loop;
    CHECK(location.href().empty());
    CHECK(location.origin().empty());
    CHECK(location.pathname().empty());
    CHECK(location.toString().empty());
    CHECK_THROWS_AS(Request("/relative"), TypeError);
    CHECK_THROWS_AS(Response::redirect("/relative"), TypeError);
}

TEST_CASE("the parts of location are those of its URL") {
    EventLoop loop;
    location.href("HTTP://Example.com:8080/a/../b?c#d");
    CHECK(location.href() == "http://example.com:8080/b?c#d");
    CHECK(location.toString() == location.href());
    CHECK(location.origin() == "http://example.com:8080");
    CHECK(location.protocol() == "http:");
    CHECK(location.host() == "example.com:8080");
    CHECK(location.hostname() == "example.com");
    CHECK(location.port() == "8080");
    CHECK(location.pathname() == "/b");
    CHECK(location.search() == "?c");
    CHECK(location.hash() == "#d");
}

TEST_CASE("location takes only an absolute URL and stays where it is otherwise") {
    EventLoop loop;
    location.href("http://example.com/here");
    CHECK_THROWS_AS(location.href("there"), TypeError);
    CHECK_THROWS_AS(location.href("/there"), TypeError);
    CHECK_THROWS_AS(location.href("//there"), TypeError);
    CHECK_THROWS_AS(location.href(""), TypeError);
    CHECK(location.href() == "http://example.com/here");
    location.href("https://example.org");
    CHECK(location.href() == "https://example.org/");
    location.href(location.href() + "again"); // of what it is itself
    CHECK(location.href() == "https://example.org/again");
}

TEST_CASE("requests and redirects are relative to location") {
    EventLoop loop;
    location.href("http://example.com/a/b?c#d");
    CHECK(Request("x").url() == "http://example.com/a/x");
    CHECK(Request("/x").url() == "http://example.com/x");
    CHECK(Request("?x").url() == "http://example.com/a/b?x");
    CHECK(Request("#x").url() == "http://example.com/a/b?c#x");
    CHECK(Request("").url() == "http://example.com/a/b?c");
    CHECK(Request("//example.org").url() == "http://example.org/");
    CHECK(Request("https://example.org/y").url() == "https://example.org/y");
    CHECK(Response::redirect("../x").headers().get("location") == "http://example.com/x");
    CHECK_THROWS_AS(Request("http://"), TypeError);
    location.href("data:,x"); // nothing can be relative to that
    CHECK_THROWS_AS(Request("x"), TypeError);
    CHECK_THROWS_AS(URL("x"), TypeError); // on the Web, too
}

TEST_CASE("each loop has a location of its own and it ends with the loop") {
    {
        EventLoop loop;
        location.href("http://example.com/");
    }
    CHECK_THROWS_AS(Request("/x"), TypeError);
    EventLoop loop;
    CHECK(location.href().empty());
}

TEST_CASE("location without a loop throws") {
    CHECK_THROWS_AS(location.href(), std::logic_error);
    CHECK_THROWS_AS(location.origin(), std::logic_error);
    CHECK_THROWS_AS(location.href("http://example.com/"), std::logic_error);
    CHECK(Request("http://example.com/").url() == "http://example.com/");
}
