// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/syntax.hpp>

#include <string_view>

using namespace rondo;

TEST_CASE("a token has letters and digits and some others") {
    CHECK(http::isToken("Content-Type"));
    CHECK(http::isToken("!#$%&'*+-.^_`|~09azAZ"));
    CHECK_FALSE(http::isToken(""));
    int others = 0;
    for (int c = 0; c < 256; ++c) {
        const char letter = static_cast<char>(c);
        others += http::isToken(std::string_view(&letter, 1)) ? 1 : 0;
    }
    CHECK(others == 77);
}

TEST_CASE("a header value has no zero and no line break") {
    CHECK(http::isHeaderValue(""));
    CHECK(http::isHeaderValue("\x01\t\xff"));
    CHECK_FALSE(http::isHeaderValue("a\nb"));
    CHECK_FALSE(http::isHeaderValue("a\rb"));
    CHECK_FALSE(http::isHeaderValue(std::string_view("a\0b", 3)));
}

TEST_CASE("a reason phrase has no control characters but tabs") {
    CHECK(http::isReasonPhrase(""));
    CHECK(http::isReasonPhrase("Not\tFound \xe9"));
    CHECK_FALSE(http::isReasonPhrase("\n"));
    CHECK_FALSE(http::isReasonPhrase("\x7f"));
}
