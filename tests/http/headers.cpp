// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/headers.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("headers are made of pairs") {
    const Headers headers({{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", " 2\t"}});
    CHECK(headers.get("content-type") == "text/plain");
    CHECK(headers.get("X-A") == "1, 2");
    CHECK_FALSE(headers.get("none"));
    CHECK(headers.has("CONTENT-TYPE"));
    CHECK(Headers({{"a", "b"}}).get("a") == "b");
    CHECK(Headers(std::map<std::string, std::string>{{"a", "b"}}).get("A") == "b");
    CHECK(Headers(headers) == headers);
    CHECK(Headers() == Headers(std::vector<std::pair<std::string, std::string>>{}));
}

TEST_CASE("nothing gets into a header that would end it") {
    Headers headers;
    for (const auto value : {std::string_view("a\r\nb"), std::string_view("a\nb"), std::string_view("a\0b", 3)}) {
        CHECK_THROWS_AS(headers.append("name", value), TypeError);
        CHECK_THROWS_AS(headers.set("name", value), TypeError);
    }
    for (const char* name : {"", "a b", "a:", "a\r\n", "\u00e9"}) {
        CHECK_THROWS_AS(headers.append(name, "value"), TypeError);
        CHECK_THROWS_AS(headers.set(name, "value"), TypeError);
        CHECK_THROWS_AS(headers.get(name), TypeError);
        CHECK_THROWS_AS(headers.has(name), TypeError);
        CHECK_THROWS_AS(headers.delete_(name), TypeError);
    }
    CHECK(headers == Headers());
    CHECK_THROWS_WITH(headers.set("a b", ""), ContainsSubstring("\"a b\" is no name of a header"));
    headers.append("name", "\r\n trimmed \r\n");
    CHECK(headers.get("name") == "trimmed");
}

TEST_CASE("headers that are immutable may be copied and then changed") {
    http::HeaderList list;
    list.append("a", "1");
    Headers fixed(std::move(list), true);
    CHECK_THROWS_AS(fixed.append("b", "2"), TypeError);
    CHECK_THROWS_AS(fixed.set("a", "2"), TypeError);
    CHECK_THROWS_AS(fixed.delete_("a"), TypeError);
    CHECK_THROWS_AS(fixed = Headers(), TypeError);
    Headers copy = fixed;
    copy.set("a", "2");
    Headers moved = std::move(fixed);
    moved.append("a", "3");
    CHECK(fixed.get("a") == "1"); // NOLINT(bugprone-use-after-move): what may not be changed is not moved from
    CHECK(moved.get("a") == "1, 3");
}

TEST_CASE("headers are iterated over by name and may be changed meanwhile") {
    Headers headers({{"b", "1"}, {"a", "2"}, {"c", "3"}});
    std::string seen;
    for (const auto& [name, value] : headers) {
        if (name == "a") headers.delete_("b");
        if (name == "c" && !headers.has("d")) headers.append("D", "4");
        seen += name + value;
    }
    CHECK(seen == "a2c3d4");
    seen.clear();
    headers.forEach([&](const std::string& value, const std::string& name) { seen += name + value; });
    headers.forEach([&](const std::string& value) { seen += value; });
    CHECK(seen == "a2c3d4234");
    CHECK(headers.keys() == std::vector<std::string>{"a", "c", "d"});
    CHECK(headers.values() == std::vector<std::string>{"2", "3", "4"});
}

TEST_CASE("cookies that are set are not combined") {
    Headers headers({{"Set-Cookie", "a=1"}, {"set-cookie", "b=2"}});
    CHECK(headers.getSetCookie() == std::vector<std::string>{"a=1", "b=2"});
    CHECK(headers.get("set-cookie") == "a=1, b=2");
    int count = 0;
    for (const auto& [name, value] : headers) count += name == "set-cookie" ? 1 : 0;
    CHECK(count == 2);
    headers.delete_("SET-COOKIE");
    CHECK(headers.getSetCookie().empty());
}
