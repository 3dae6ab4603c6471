// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"

#include <rondo/http/response.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace rondo;

namespace shop {

struct Price {
    int cents;

    friend Price fromJson(std::string_view text, JsonType<Price>) {
        if (text.empty()) throw std::invalid_argument("no price");
        return {std::stoi(std::string(text))};
    }
};

std::string toJson(const Price& price, JsonType<Price>) { return std::to_string(price.cents); }

}

ASYNC_TEST_CASE("a type is read from JSON and written as JSON by what stands beside it") {
    static_assert(http::ReadableFromJson<shop::Price>);
    static_assert(http::WritableAsJson<shop::Price>);
    static_assert(!http::ReadableFromJson<int>);
    const Response response = Response::json(shop::Price{250});
    CHECK(response.headers().get("Content-Type") == "application/json");
    const shop::Price price = co_await response.json<shop::Price>();
    CHECK(price.cents == 250);
}

ASYNC_TEST_CASE("what reading JSON throws rejects the promise") {
    const auto settled = co_await Response("").json<shop::Price>().settled();
    CHECK_THROWS_AS(std::rethrow_exception(settled.reason()), std::invalid_argument);
}
