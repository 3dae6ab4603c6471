// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url_search_params.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

TEST_CASE("search parameters are made of a query or of pairs") {
    CHECK(URLSearchParams("?a=1&b=%20+").toString() == "a=1&b=++");
    CHECK(URLSearchParams({{"a", "1"}, {"a", "2"}}).toString() == "a=1&a=2");
    CHECK(URLSearchParams({{"a", "1"}}).toString() == "a=1");
    CHECK(URLSearchParams(std::map<std::string, std::string>{{"b", "1"}, {"a", "2"}}).toString() == "a=2&b=1");
    CHECK(URLSearchParams(std::vector<std::pair<std::string_view, const char*>>{{"x", "\xff"}}).toString() ==
          "x=%EF%BF%BD");
    const URLSearchParams params("a=1");
    CHECK(URLSearchParams(params) == params);
    CHECK(URLSearchParams() == URLSearchParams(""));
}

TEST_CASE("search parameters are looked up by name and by value") {
    URLSearchParams params("a=1&b=2&a=3");
    CHECK(params.size() == 3);
    CHECK(params.get("a") == "1");
    CHECK_FALSE(params.get("c"));
    CHECK(params.getAll("a") == std::vector<std::string>{"1", "3"});
    CHECK(params.has("a", "3"));
    CHECK_FALSE(params.has("a", "2"));
    params.delete_("a", "1");
    CHECK(params.toString() == "b=2&a=3");
    params.set("b", "4");
    params.set("c", "5");
    CHECK(params.keys() == std::vector<std::string>{"b", "a", "c"});
    CHECK(params.values() == std::vector<std::string>{"4", "3", "5"});
}

TEST_CASE("search parameters may be changed by what iterates over them") {
    URLSearchParams params("a=1&b=2&c=3");
    std::string seen;
    for (const auto& [name, value] : params) {
        params.delete_(name);
        seen += name + value;
    }
    CHECK(seen == "a1c3");
    CHECK(params.toString() == "b=2");

    params = URLSearchParams("a=1&b=2");
    seen.clear();
    params.forEach([&](const std::string& value, const std::string& name) {
        if (params.size() < 4) params.append("more", name);
        seen += name + value + " ";
    });
    CHECK(seen == "a1 b2 morea moreb ");
    int count = 0;
    params.forEach([&](const std::string&) { ++count; });
    CHECK(count == 4);
}

TEST_CASE("sorting keeps the order of equal names") {
    URLSearchParams params;
    for (int i = 0; i < 300; ++i) params.append(i % 3 == 0 ? "b" : i % 3 == 1 ? "a" : "c", std::to_string(i));
    params.sort();
    int before = -1;
    std::string name = "a";
    for (const auto& pair : params) {
        if (pair.first != name) {
            CHECK(pair.first > name);
            name = pair.first;
            before = -1;
        }
        CHECK(std::stoi(pair.second) > before);
        before = std::stoi(pair.second);
    }
    CHECK(name == "c");
    CHECK(params.size() == 300);
}

TEST_CASE("moved parameters leave nothing and a copy is on its own") {
    URLSearchParams params("a=1");
    URLSearchParams copy = params;
    copy.append("b", "2");
    CHECK(params.size() == 1);
    URLSearchParams moved = std::move(copy);
    CHECK(moved.size() == 2);
    CHECK_FALSE(moved == params);
}
