// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#if __has_include(<nlohmann/json.hpp>)

#include <rondo/http/nlohmann.hpp>
#include <rondo/http/response.hpp>

#include <map>
#include <string>
#include <vector>

using namespace rondo;

namespace shop {

struct Item {
    std::string name;
    int count;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Item, name, count)

}

ASYNC_TEST_CASE("nlohmann/json reads and writes what it converts") {
    const Response response = Response::json(std::vector<shop::Item>{{"nut", 3}, {"bolt", 4}});
    CHECK(response.headers().get("content-type") == "application/json");
    const std::string text = co_await response.clone().text();
    CHECK(text == R"([{"count":3,"name":"nut"},{"count":4,"name":"bolt"}])");
    const auto items = co_await response.json<std::vector<shop::Item>>();
    REQUIRE(items.size() == 2);
    CHECK(items[1].name == "bolt");

    const auto json = co_await Response("{\"a\": [1, null]}").json<nlohmann::json>();
    CHECK(json["a"][0] == 1);
    const auto map = co_await Response("{\"a\": 1.5}").json<std::map<std::string, double>>();
    CHECK(map.at("a") == 1.5);
}

ASYNC_TEST_CASE("what is no JSON and what is of another type rejects") {
    const auto broken = co_await Response("{").json<nlohmann::json>().settled();
    CHECK_THROWS_AS(std::rethrow_exception(broken.reason()), DOMException);
    const auto other = co_await Response("[]").json<shop::Item>().settled();
    CHECK_THROWS_AS(std::rethrow_exception(other.reason()), TypeError);
    CHECK_THROWS_AS(Response::json("\xff"), TypeError);
}

#else

TEST_CASE("nlohmann/json is not installed") { WARN("install nlohmann-json3-dev to test <rondo/http/nlohmann.hpp>"); }

#endif
