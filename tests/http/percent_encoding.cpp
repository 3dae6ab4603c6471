// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/percent_encoding.hpp>

#include <string>

using namespace rondo;

TEST_CASE("every percent-encode set has the C0 controls and what is not ASCII") {
    for (const auto& set : {http::c0ControlSet, http::fragmentSet, http::querySet, http::specialQuerySet, http::pathSet,
                            http::userinfoSet, http::formSet}) {
        for (int c = 0; c < 256; ++c) {
            if (c < 0x20 || c > 0x7e) CHECK(set.contains(static_cast<char>(c)));
        }
        for (char c = 'a'; c <= 'z'; ++c) CHECK_FALSE(set.contains(c));
    }
}

TEST_CASE("the set for forms leaves alphanumerics and four others") {
    std::string left;
    for (char c = 0x20; c < 0x7f; ++c) {
        if (!http::formSet.contains(c)) left += c;
    }
    CHECK(left == "*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("bytes are percent-encoded with upper-case digits") {
    std::string output;
    http::appendEncoded(output, "Say what\u203d", http::userinfoSet);
    CHECK(output == "Say%20what%E2%80%BD");
}

TEST_CASE("only a percent sign with two digits behind it is decoded") {
    CHECK(http::percentDecoded("%25%s%1G") == "%%s%1G");
    CHECK(http::percentDecoded("%41%4a%") == "AJ%");
    CHECK(http::percentDecoded("%4") == "%4");
}
