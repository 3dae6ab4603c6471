// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/base/utf8.hpp>

#include <string>
#include <string_view>

using namespace rondo;

namespace {

/// With "?" for U+FFFD.
std::string shown(std::string_view bytes) {
    std::string text = base::wellFormed(bytes);
    for (std::size_t at = 0; (at = text.find("\xef\xbf\xbd", at)) != std::string::npos;) text.replace(at, 3, "?");
    return text;
}

}

TEST_CASE("well-formed text stays as it is") {
    for (const char* text : {"", "plain", "\u00df\u0800\uffff\U00010000\U0010ffff", "\ufefftext"}) {
        CHECK(base::wellFormed(std::string_view(text)) == text);
    }
    const std::string_view zeros("a\0b", 3);
    CHECK(base::wellFormed(zeros) == zeros);
}

TEST_CASE("one U+FFFD stands for each part that could have begun a character") {
    CHECK(shown("\x80") == "?");
    CHECK(shown("a\xffz") == "a?z");
    CHECK(shown("\xc3") == "?");
    CHECK(shown("\xc3(") == "?(");
    CHECK(shown("\xe2\x82") == "?");
    CHECK(shown("\xe2\x82z") == "?z");
    CHECK(shown("\xf0\x9f\x92") == "?");
    CHECK(shown("\xf0\x9f\x92\xf0\x9f\x92\xa9") == "?\U0001f4a9");
    CHECK(shown("\xf0\x9f(") == "?(");
}

TEST_CASE("bytes that begin nothing count one by one") {
    CHECK(shown("\xc0\xaf") == "??");           // overlong
    CHECK(shown("\xe0\x80\xaf") == "???");      // overlong
    CHECK(shown("\xf0\x80\x80\xaf") == "????"); // overlong
    CHECK(shown("\xed\xa0\x80") == "???");      // a surrogate
    CHECK(shown("\xf4\x90\x80\x80") == "????"); // behind the last code point
    CHECK(shown("\xf5\x80") == "??");
    CHECK(shown("\xfe\xff") == "??");
}

TEST_CASE("the length of a character is 0 if it is ill-formed") {
    CHECK(base::utf8Length("a") == 1);
    CHECK(base::utf8Length("\u00df") == 2);
    CHECK(base::utf8Length("\ud7ff") == 3);
    CHECK(base::utf8Length("\U00010000") == 4);
    CHECK(base::utf8Length("\xe2\x82") == 0);
    CHECK(base::wellFormedPrefix("ab\u00df\xff z") == 4);
}

TEST_CASE("ill-formed bytes are found behind any number of others") {
    for (std::size_t before = 0; before < 40; ++before) {
        std::string text(before, 'a');
        CHECK(base::wellFormedPrefix(text) == before);
        CHECK(base::wellFormedPrefix(text + "\xff" + text) == before);
        CHECK(base::wellFormedPrefix(text + "\u00fc" + text) == 2 * before + 2);
    }
}
