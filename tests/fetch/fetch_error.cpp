// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/fetch/fetch_error.hpp>

using namespace rondo;

TEST_CASE("a FetchError has a name and a message and a code") {
    const FetchError error(7, "nobody listens");
    CHECK(error.name() == "FetchError");
    CHECK(error.code() == 7);
    CHECK(error.toString() == "FetchError: nobody listens");
    CHECK_THAT(error.stack(), Catch::Matchers::ContainsSubstring("fetch_error.cpp"));
}

TEST_CASE("a FetchError is caught as an Error") {
    try {
        throw FetchError(6, "no such name");
    } catch (const Error& error) {
        CHECK(error.message() == "no such name");
    }
}
