// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/headers_init.hpp>

#include <string>

using namespace rondo;

namespace {

std::string filled(const HeadersInit& init) {
    Headers headers;
    init.fill(headers);
    std::string text;
    for (const auto& [name, value] : headers) text += name + "=" + value + ";";
    return text;
}

}

TEST_CASE("headers are given as headers or as pairs in braces") {
    const Headers headers({{"A", "1"}, {"b", "2"}});
    CHECK(filled(headers) == "a=1;b=2;");
    CHECK(filled({{"C", " 3 "}, {"c", "4"}}) == "c=3, 4;");
    CHECK(filled({{"C", "3"}}) == "c=3;");
    CHECK(filled({}) == "");
    CHECK_THROWS_AS(filled({{"a b", "x"}}), TypeError);
    CHECK_FALSE(HeadersInit());
    CHECK(HeadersInit(headers));
}
