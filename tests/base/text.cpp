// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/text.hpp>

#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using rondo::base::SharedText;
using rondo::base::Text;

TEST_CASE("text is built piece by piece") {
    Text text;
    CHECK(text.view().empty());
    text += "";
    CHECK(text.view().empty());
    text += "a";
    (text += "b").appendNumber(12) += "c";
    CHECK(text.view() == "ab12c");
}

TEST_CASE("numbers are appended in decimal") {
    Text text;
    text.appendNumber(0) += " ";
    text.appendNumber(-1) += " ";
    text.appendNumber(std::numeric_limits<long long>::min()) += " ";
    text.appendNumber(std::numeric_limits<long long>::max());
    CHECK(text.view() == "0 -1 -9223372036854775808 9223372036854775807");
}

TEST_CASE("text grows as far as it must") {
    Text text;
    std::string expected;
    for (int i = 0; i < 1'000; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 17), static_cast<char>('a' + i % 26));
        text += piece;
        expected += piece;
    }
    CHECK(text.view() == expected);
    const std::string large(100'000, 'x');
    text += large;
    CHECK(text.view() == expected + large);
}

TEST_CASE("text may hold any character") {
    using namespace std::string_view_literals;
    Text text;
    text += "a\0b"sv;
    CHECK(text.view() == "a\0b"sv);
    CHECK(SharedText("a\0b"sv).view() == "a\0b"sv);
}

TEST_CASE("text that is shared ends with a zero") {
    CHECK(std::strcmp(SharedText("gone").c_str(), "gone") == 0);
    CHECK(std::strcmp(SharedText("").c_str(), "") == 0);
    CHECK(SharedText(std::string_view("gone").substr(0, 2)).view() == "go");
    CHECK(std::strlen(SharedText(std::string_view("gone").substr(0, 2)).c_str()) == 2);
}

TEST_CASE("copies share their text and copying does not throw") {
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<SharedText>);
    STATIC_REQUIRE(std::is_nothrow_copy_assignable_v<SharedText>);
    auto* original = new SharedText("gone");
    const SharedText copy = *original;
    CHECK(copy.c_str() == original->c_str());
    delete original;
    CHECK(copy.view() == "gone");
}

TEST_CASE("text that is shared can be assigned and to itself") {
    SharedText text("one");
    const SharedText other("two");
    text = other;
    CHECK(text.view() == "two");
    const SharedText& same = text;
    text = same;
    CHECK(text.view() == "two");
    text = SharedText("");
    CHECK(text.view().empty());
    CHECK(other.view() == "two");
}

TEST_CASE("text takes single characters and can begin anew") {
    Text text;
    (text += 'a').append(3, '-') += 'b';
    CHECK(text.view() == "a---b");
    text.append(0, 'x');
    text.clear();
    CHECK(text.view().empty());
    CHECK((text += 'c').view() == "c");
}

TEST_CASE("short text keeps what it was given whatever its length") {
    for (const std::size_t size : {0U, 1U, 29U, 30U, 31U, 32U, 1000U}) {
        std::string text(size, 'x');
        if (size > 2) text[1] = '\0';
        const rondo::base::ShortText kept(text);
        const std::string before = text;
        text.assign(size, 'y');
        CHECK(kept.view() == before);
        CHECK(kept.view().data()[size] == '\0');
    }
    static_assert(sizeof(rondo::base::ShortText) == 32);
}
