// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/body_init.hpp>
#include <rondo/http/body_state.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// The function that it is given to takes what it is of.
std::string taken(const BodyInit& init) {
    const http::BodyState body = http::BodyState::extract(init);
    return body.isNull() ? "null" : std::string(body.bytes().text());
}

}

TEST_CASE("a body is made of text and of bytes and of parameters") {
    const std::string text = "text";
    CHECK(taken("text") == "text");
    CHECK(taken(text) == "text");
    CHECK(taken(std::string_view("te\0xt", 5)) == std::string_view("te\0xt", 5));
    CHECK(taken(Uint8Array{1, 2}) == "\x01\x02");
    CHECK(taken(std::vector<std::uint8_t>{3, 4}) == "\x03\x04");
    CHECK(taken(URLSearchParams({{"a", "b c"}})) == "a=b+c");
    CHECK(taken(nullptr) == "null");
    CHECK(taken({}) == "null");
    CHECK(taken("") == "");
    CHECK(taken("\xff") == "\xff");
}

TEST_CASE("an rvalue is moved from and an lvalue is copied") {
    std::string text(100, 'x');
    const char* chars = text.data();
    const http::BodyState body = http::BodyState::extract(std::move(text));
    CHECK(static_cast<const void*>(body.bytes().data()) == chars);

    std::vector<std::uint8_t> vector(100, 1);
    const std::uint8_t* elements = vector.data();
    CHECK(http::BodyState::extract(std::move(vector)).bytes().data() == elements);

    Uint8Array bytes(100);
    const std::uint8_t* data = bytes.data();
    CHECK(http::BodyState::extract(bytes).bytes().data() != data);
    CHECK(bytes.length() == 100);
    CHECK(http::BodyState::extract(std::move(bytes)).bytes().data() == data);
}

TEST_CASE("what a body is made of says what it is") {
    CHECK(http::BodyState::typeOf("x") == std::string_view("text/plain;charset=UTF-8"));
    CHECK(http::BodyState::typeOf(std::string("x")) == std::string_view("text/plain;charset=UTF-8"));
    const URLSearchParams params;
    CHECK(http::BodyState::typeOf(params) == std::string_view("application/x-www-form-urlencoded;charset=UTF-8"));
    CHECK(http::BodyState::typeOf(Uint8Array()) == nullptr);
    CHECK(http::BodyState::typeOf(nullptr) == nullptr);
}
