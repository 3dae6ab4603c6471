// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/headers.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairsOf(const Headers& headers) {
    Pairs pairs;
    for (auto pair : headers) pairs.push_back(std::move(pair));
    return pairs;
}

const Pairs cookies{{"set-cookie", "foo=bar"}, {"Set-Cookie", "fizz=buzz; domain=example.com"}};
const Pairs cookies2{{"set-cookie2", "foo2=bar2"}, {"Set-Cookie2", "fizz2=buzz2; domain=example2.com"}};
const Pairs plain{{"name1", "value1"}, {"name2", "value2"}, {"name6", "1"}, {"Content-Type", "value4"}};

}

TEST_CASE("fetch/api/headers/headers-basic: headers are made of nothing and of pairs and of headers") {
    CHECK(pairsOf(Headers()).empty());
    CHECK(pairsOf(Headers(Pairs{})).empty());
    const Headers headers(plain);
    const Headers copy(headers);
    for (const auto& [name, value] : plain) {
        CHECK(headers.get(name) == value);
        CHECK(copy.get(name) == value);
    }
    CHECK_FALSE(headers.get("length"));
}

TEST_CASE("fetch/api/headers/headers-basic: append and set and has and delete and get") {
    Headers appended;
    Headers set;
    for (const auto& [name, value] : plain) {
        appended.append(name, value);
        CHECK(appended.get(name) == value);
        set.set(name, value);
        CHECK(set.get(name) == value);
    }
    CHECK_FALSE(set.has("nameNotInHeaders"));
    CHECK_FALSE(set.get("nameNotInHeaders"));
    for (const auto& [name, value] : plain) {
        CHECK(set.has(name));
        set.delete_(name);
        CHECK_FALSE(set.has(name));
    }
}

TEST_CASE("fetch/api/headers/headers-basic: keys and values and entries are sorted by their lower-case names") {
    const Headers headers({{"name1", "value1"},
                           {"Name2", "value2"},
                           {"name", "value3"},
                           {"content-Type", "value4"},
                           {"Content-Typ", "value5"},
                           {"Content-Types", "value6"}});
    const Pairs sorted{{"content-typ", "value5"}, {"content-type", "value4"}, {"content-types", "value6"},
                       {"name", "value3"},        {"name1", "value1"},        {"name2", "value2"}};
    CHECK(pairsOf(headers) == sorted);
    Pairs called;
    headers.forEach([&](const auto& value, const auto& key) { called.emplace_back(key, value); });
    CHECK(called == sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        CHECK(headers.keys().at(i) == sorted[i].first);
        CHECK(headers.values().at(i) == sorted[i].second);
    }
}

TEST_CASE("fetch/api/headers/headers-basic: what changes during iteration is seen from its place on") {
    const auto keysWhile = [](const char* at, auto change) {
        Headers headers({{"foo", "2"}, {"baz", "1"}, {"BAR", "0"}, {"quux", "3"}});
        std::string keys;
        for (const auto& [name, value] : headers) {
            keys += name + value + " ";
            if (name == at) change(headers);
        }
        return keys;
    };
    CHECK(keysWhile("bar", [](Headers& headers) { headers.delete_("foo"); }) == "bar0 baz1 quux3 ");
    CHECK(keysWhile("baz", [](Headers& headers) { headers.delete_("bar"); }) == "bar0 baz1 quux3 ");
    CHECK(keysWhile("baz", [](Headers& headers) { headers.set("X-yZ", "4"); }) == "bar0 baz1 foo2 quux3 x-yz4 ");
    CHECK(keysWhile("baz", [](Headers& headers) { headers.set("abc", "-1"); }) == "bar0 baz1 baz1 foo2 quux3 ");
}

TEST_CASE("fetch/api/headers/headers-casing: names are the same in upper and lower case") {
    Headers appended;
    for (const char* name : {"UPPERCASE", "lowercase", "mixedCase"}) appended.append(name, name);
    CHECK(appended.get("uppercase") == "UPPERCASE");
    CHECK(appended.get("LOWERCASE") == "lowercase");
    CHECK(appended.get("MIXEDCASE") == "mixedCase");
    CHECK(appended.get("mixedcase") == "mixedCase");
}

// A value of UTF-8 is no error here: values are bytes.
TEST_CASE("fetch/api/headers/headers-errors: what is no name throws a TypeError") {
    CHECK_THROWS_AS(Headers({{"invalid\u0100", "Value1"}}), TypeError);
    Headers headers;
    CHECK_THROWS_AS(headers.get("invalid\u0100"), TypeError);
    CHECK_THROWS_AS(headers.delete_("invalid\u0100"), TypeError);
    CHECK_THROWS_AS(headers.has("invalid\u0100"), TypeError);
    CHECK_THROWS_AS(headers.set("invalid\u0100", "Value1"), TypeError);
    CHECK_THROWS_AS(headers.append("invalid\u0100", "Value1"), TypeError);
}

TEST_CASE("fetch/api/headers/headers-normalize: white space around a value is taken away") {
    const Pairs values{{" space ", "space"},        {"\ttab\t", "tab"},          {" spaceAndTab\t", "spaceAndTab"},
                       {"\r\n newLine", "newLine"}, {"newLine\r\n ", "newLine"}, {"\r\n\tnewLine", "newLine"}};
    for (const auto& [value, trimmed] : values) {
        Headers headers({{"name", value}});
        CHECK(headers.get("name") == trimmed);
        headers.append("other", value);
        CHECK(headers.get("other") == trimmed);
        headers.set("name", value);
        CHECK(headers.get("name") == trimmed);
    }
}

TEST_CASE("fetch/api/headers/header-setcookie: iteration does not combine Set-Cookie") {
    CHECK(Headers(cookies).get("set-cookie") == "foo=bar, fizz=buzz; domain=example.com");
    CHECK(pairsOf(Headers(cookies)) ==
          Pairs{{"set-cookie", "foo=bar"}, {"set-cookie", "fizz=buzz; domain=example.com"}});
    CHECK(pairsOf(Headers(cookies2)) == Pairs{{"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com"}});
    const Headers ordered({{"xylophone-header", "7"},
                           {"best-header", "6"},
                           {"set-cookie", "5"},
                           {"a-cool-header", "4"},
                           {"set-cookie", "3"},
                           {"a-cool-header", "2"},
                           {"best-header", "1"}});
    CHECK(pairsOf(ordered) == Pairs{{"a-cool-header", "4, 2"},
                                    {"best-header", "6, 1"},
                                    {"set-cookie", "5"},
                                    {"set-cookie", "3"},
                                    {"xylophone-header", "7"}});
}

TEST_CASE("fetch/api/headers/header-setcookie: an iterator sees cookies that are appended") {
    Headers headers({{"fizz", "buzz"}, {"X-Header", "test"}});
    const auto read = [](Headers::Iterator& at) { return (*at).first + " " + (*at).second; };
    auto iterator = headers.begin();
    CHECK(read(iterator) == "fizz buzz");
    headers.append("Set-Cookie", "a=b");
    ++iterator;
    CHECK(read(iterator) == "set-cookie a=b");
    headers.append("Accept", "text/html");
    ++iterator;
    CHECK(read(iterator) == "set-cookie a=b");
    ++iterator;
    CHECK(read(iterator) == "x-header test");
    headers.append("set-cookie", "c=d");
    ++iterator;
    CHECK(read(iterator) == "x-header test");
    ++iterator;
    CHECK(iterator == headers.end());
}

TEST_CASE("fetch/api/headers/header-setcookie: has and append and set and delete know Set-Cookie") {
    CHECK(Headers(cookies).has("sEt-cOoKiE"));
    Headers headers(cookies2);
    headers.append("set-Cookie", "foo=bar");
    headers.append("sEt-cOoKiE", "fizz=buzz");
    CHECK(pairsOf(headers) == Pairs{{"set-cookie", "foo=bar"},
                                    {"set-cookie", "fizz=buzz"},
                                    {"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com"}});
    headers = Headers(cookies);
    headers.set("set-cookie", "foo2=bar2");
    CHECK(pairsOf(headers) == Pairs{{"set-cookie", "foo2=bar2"}});
    headers = Headers(cookies);
    headers.delete_("set-Cookie");
    CHECK(pairsOf(headers).empty());
}

TEST_CASE("fetch/api/headers/header-setcookie: getSetCookie gives all values in their order") {
    using Values = std::vector<std::string>;
    CHECK(Headers().getSetCookie().empty());
    CHECK(Headers(cookies).getSetCookie() == Values{"foo=bar", "fizz=buzz; domain=example.com"});
    CHECK(Headers({{"set-cookie", ""}}).getSetCookie() == Values{""});
    CHECK(Headers({{"set-cookie", "x"}, {"set-cookie", "x"}}).getSetCookie() == Values{"x", "x"});
    CHECK(Headers({{"set-cookie2", "x"}, {"set-cookie", "y"}, {"set-cookie2", "z"}}).getSetCookie() == Values{"y"});
    CHECK(Headers({{"set-cookie", "z=z"}, {"set-cookie", "a=a"}}).getSetCookie() == Values{"z=z", "a=a"});
}
