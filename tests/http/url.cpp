// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace rondo;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string refusal(const char* url) {
    try {
        URL parsed(url);
    } catch (const TypeError& error) {
        return std::string(error.message());
    }
    return {};
}

}

TEST_CASE("a URL has parts that are read and set") {
    URL url("https://user:secret@Example.com:8080/a/../b?x=1#top");
    CHECK(url.href() == "https://user:secret@example.com:8080/b?x=1#top");
    CHECK(url.origin() == "https://example.com:8080");
    CHECK(url.protocol() == "https:");
    CHECK(url.username() == "user");
    CHECK(url.password() == "secret");
    CHECK(url.host() == "example.com:8080");
    CHECK(url.hostname() == "example.com");
    CHECK(url.port() == "8080");
    CHECK(url.pathname() == "/b");
    CHECK(url.search() == "?x=1");
    CHECK(url.hash() == "#top");

    url.username("");
    url.password("");
    url.port("443");
    url.pathname("c d");
    url.search("y=\u00fc");
    url.hash("");
    CHECK(url.href() == "https://example.com/c%20d?y=%C3%BC");
    url.protocol("http");
    url.hostname("localhost");
    CHECK(url.href() == "http://localhost/c%20d?y=%C3%BC");
    CHECK(url.toString() == url.href());
    CHECK(url.toJSON() == url.href());
}

TEST_CASE("a relative URL needs a base") {
    CHECK(URL("../x?y", "https://example.com/a/b/c").href() == "https://example.com/a/x?y");
    CHECK(URL("//other/z", URL("https://example.com/a")).href() == "https://other/z");
    CHECK_THROWS_AS(URL("../x"), TypeError);
    CHECK_THROWS_AS(URL("x", "nothing"), TypeError);
    CHECK(URL::canParse("x", "https://example.com"));
    CHECK_FALSE(URL::canParse("x"));
    CHECK_FALSE(URL::canParse("x", "y"));
    CHECK_FALSE(URL::parse("x"));
    CHECK_FALSE(URL::parse("x", "y"));
    CHECK(URL::parse("x", "https://example.com")->href() == "https://example.com/x");
}

TEST_CASE("a URL that is refused is told what is wrong with it") {
    CHECK(refusal("x") == "Invalid URL \"x\": it has no scheme, and there is no base URL that it could be relative to");
    CHECK_THAT(refusal("http://a b"), ContainsSubstring("a character in it that no host may have"));
    CHECK_THAT(refusal("http://"), ContainsSubstring("its host is missing"));
    CHECK_THAT(refusal("http://fa\u00df.de"), ContainsSubstring("its domain is not ASCII; write it as its xn-- form"));
    CHECK_THAT(refusal("http://1.2.3.256"), ContainsSubstring("no IPv4 address"));
    CHECK_THAT(refusal("http://[x]"), ContainsSubstring("no IPv6 address"));
    CHECK_THAT(refusal("http://a:65536"), ContainsSubstring("no number from 0 to 65535"));
}

TEST_CASE("an href that is refused changes nothing") {
    URL url("https://example.com/?a=b");
    auto& params = url.searchParams();
    CHECK_THROWS_AS(url.href("nothing"), TypeError);
    CHECK(url.href() == "https://example.com/?a=b");
    CHECK(params.get("a") == "b");
    url.href("https://example.com/?c=d");
    CHECK(params.toString() == "c=d");
}

TEST_CASE("searchParams changes its URL and is changed by it") {
    URL url("https://example.com/?a=b ~");
    auto& params = url.searchParams();
    CHECK(&params == &url.searchParams());
    CHECK(url.href() == "https://example.com/?a=b%20~");
    params.sort();
    CHECK(url.href() == "https://example.com/?a=b+%7E");
    url.search("?c=d");
    CHECK(params.get("c") == "d");
    CHECK_FALSE(params.has("a"));
    params.delete_("c");
    CHECK(url.href() == "https://example.com/");
    params = URLSearchParams("e=f");
    CHECK(url.search() == "?e=f");
    url.search(params.begin().operator*().second);
    CHECK(params.toString() == "f=");
}

TEST_CASE("a copy of a URL is another URL and moving takes the parameters along") {
    URL url("https://example.com/?a=b");
    auto& params = url.searchParams();
    URL copy = url;
    CHECK(copy == url);
    copy.searchParams().set("a", "c");
    CHECK(copy != url);
    CHECK(params.get("a") == "b");

    URL moved = std::move(url);
    CHECK(&moved.searchParams() == &params);
    params.set("a", "d");
    CHECK(moved.search() == "?a=d");

    copy = moved;
    CHECK(copy.searchParams().get("a") == "d");
    copy = URL("https://example.com/?x");
    CHECK(copy.searchParams().has("x"));
    copy.searchParams().append("y", "z");
    CHECK(copy.search() == "?x=&y=z");
    const URL& same = copy;
    CHECK(same.searchParams().size() == 2);
    copy = same;
    CHECK(copy.searchParams().size() == 2);
}

TEST_CASE("the origin of what has none is null") {
    CHECK(URL("data:text/plain,x").origin() == "null");
    CHECK(URL("file:///x").origin() == "null");
    CHECK(URL("blob:https://example.com/id").origin() == "https://example.com");
    CHECK(URL("blob:ftp://example.com/id").origin() == "null");
    CHECK(URL("blob:x").origin() == "null");
}

TEST_CASE("ill-formed text stands as U+FFFD in a URL") {
    CHECK(URL("https://example.com/\xff?\xc3#\x80").href() == "https://example.com/%EF%BF%BD?%EF%BF%BD#%EF%BF%BD");
    URL url("https://example.com/");
    url.username("\xff");
    CHECK(url.username() == "%EF%BF%BD");
}
