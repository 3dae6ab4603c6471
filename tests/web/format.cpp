// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/format.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

using namespace rondo;

namespace {

struct Length {
    int pixels;
    friend std::ostream& operator<<(std::ostream& out, const Length& length) { return out << length.pixels << "px"; }
};

template <class... Ts>
std::string formatted(const Ts&... values) {
    const std::array<web::Value, sizeof...(Ts)> all{web::Value(values)...};
    base::Text text;
    web::appendFormatted(text, all.data(), all.data() + all.size(), false);
    return std::string(text.view());
}

template <class... Ts>
std::string coloured(const Ts&... values) {
    const std::array<web::Value, sizeof...(Ts)> all{web::Value(values)...};
    base::Text text;
    web::appendFormatted(text, all.data(), all.data() + all.size(), true);
    return std::string(text.view());
}

const std::vector<std::string> list{"x"};

}

TEST_CASE("text that is alone stands as it is") {
    CHECK(formatted("100%") == "100%");
    CHECK(formatted("%d") == "%d");
    CHECK(formatted("%%") == "%%");
    CHECK(formatted("%s %% %s") == "%s %% %s");
}

TEST_CASE("two percent signs are one if there are values") {
    CHECK(formatted("%%", 1) == "% 1");
    CHECK(formatted("%%%s%%", 1, 2) == "%1% 2");
    CHECK(formatted("%s%%%s", 1) == "1%%s");
    CHECK(formatted("%s %% %d", 1) == "1 % %d");
    CHECK(formatted("%d%%", 5) == "5%");
}

TEST_CASE("what is no specifier stands as it is") {
    CHECK(formatted("a%", 1) == "a% 1");
    CHECK(formatted("%", 1) == "% 1");
    CHECK(formatted("%s%", 5) == "5%");
    CHECK(formatted("%x %y %", 1) == "%x %y % 1");
    CHECK(formatted("%5d", 1) == "%5d 1");
    CHECK(formatted("%.2f", 1.234) == "%.2f 1.234");
    CHECK(formatted("%x%d", 1) == "%x1");
}

TEST_CASE("a specifier without a value stands as it is") {
    CHECK(formatted("%s|%s", "a") == "a|%s");
    CHECK(formatted("%s %d %i", 1) == "1 %d %i");
}

TEST_CASE("values without a specifier are appended with spaces between") {
    CHECK(formatted("%s", "x", "y", list) == "x y [ 'x' ]");
    CHECK(formatted("", 1) == " 1");
    CHECK(formatted("%s", "a", "%d", 5) == "a %d 5");
    CHECK(formatted("a", "it's", 1, nullptr) == "a it's 1 null");
}

TEST_CASE("only the first value is a format and only if it is text") {
    CHECK(formatted(1, "%s", 2) == "1 %s 2");
    CHECK(formatted("x", "%s", 1) == "x %s 1");
    CHECK(formatted(list, "%s", 1) == "[ 'x' ] %s 1");
    const char* nothing = nullptr;
    CHECK(formatted(nothing, "%s", 1) == "null %s 1");
    CHECK(formatted(std::string("%s"), 1) == "1");
}

TEST_CASE("%s is a string as it is and other values in short") {
    CHECK(formatted("%s %s %s %s", 1, -0.0, "str", "q'q") == "1 -0 str q'q");
    CHECK(formatted("%s", std::vector<std::vector<int>>{{1}}) == "[ [Array] ]");
    CHECK(formatted("%s", list) == "[ 'x' ]");
    CHECK(formatted("%s %s %s", nullptr, std::nullopt, true) == "null undefined true");
    CHECK(formatted("%s", std::map<int, int>{{1, 2}}) == "Map(1) { 1 => 2 }");
    CHECK(formatted("%s", Length{3}) == "3px");
    CHECK(formatted("%s\n%d", "a\nb", 5, "x") == "a\nb\n5 x");
}

TEST_CASE("%d is a number or NaN") {
    CHECK(formatted("%d|%d|%d|%d|%d", "x", "42", "0x10", 1.5, true) == "NaN|42|16|1.5|1");
    CHECK(formatted("%d %d %d %d", nullptr, std::nullopt, "", " 12 ") == "0 NaN 0 12");
    CHECK(formatted("%d %d", -0.0, "-0") == "-0 -0");
    CHECK(formatted("%d", list) == "NaN");
    CHECK(formatted("%d", Length{3}) == "NaN");
    CHECK(formatted("%d", 'x') == "NaN");
    CHECK(formatted("%d", '7') == "7");
    CHECK(formatted("%d", false) == "0");
    CHECK(formatted("%d", std::optional<int>(7)) == "7");
    CHECK(formatted("%d", std::variant<int, std::string>("8")) == "8");
    CHECK(formatted("%d", 1e21) == "1e+21");
}

TEST_CASE("%i is a whole number or NaN") {
    CHECK(formatted("%i|%i|%i|%i|%i|%i", 1.9, "42.7abc", "x", -0.0, true, nullptr) == "1|42|NaN|0|NaN|NaN");
    CHECK(formatted("%i %i %i", 1e21, -1.5, -0.5) == "1 -1 -0");
    CHECK(formatted("%i", std::numeric_limits<double>::infinity()) == "NaN");
    CHECK(formatted("%i", list) == "NaN");
}

TEST_CASE("integers of any size are written in full") {
    const auto big = std::numeric_limits<std::uint64_t>::max();
    CHECK(formatted("%d %i %s", big, big, big) == "18446744073709551615 18446744073709551615 18446744073709551615");
    CHECK(formatted("%i", std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("%f is a number with its fraction or NaN") {
    CHECK(formatted("%f|%f|%f|%f|%f", "1.5abc", 1.25, "x", true, -0.0) == "1.5|1.25|NaN|NaN|0");
    CHECK(formatted("%f %f", "Infinityx", "1e3z") == "Infinity 1000");
    CHECK(formatted("%f", 12) == "12");
}

TEST_CASE("%j is JSON") {
    CHECK(formatted("%j", "a\"b\n") == R"("a\"b\n")");
    CHECK(formatted("%j %j", list, std::nullopt) == R"(["x"] undefined)");
    CHECK(formatted("%j %s", "x") == R"("x" %s)");
    CHECK(formatted("%j", std::numeric_limits<double>::quiet_NaN()) == "null");
    CHECK(formatted("%j", std::map<std::string, int>{{"a", 1}}) == R"({"a":1})");
}

TEST_CASE("%o and %O are values as they are inside of others") {
    CHECK(formatted("%o|%O|%s", "str", "it's", "str") == "'str'|\"it's\"|str");
    CHECK(formatted("%O", list) == "[ 'x' ]");
    const std::vector<std::vector<std::vector<std::vector<int>>>> deep{{{{1}}}};
    CHECK(formatted("%O|%o", deep, deep) == "[ [ [ [Array] ] ] ]|[ [ [ [ 1 ] ] ] ]");
}

TEST_CASE("%c takes a value and shows nothing") {
    CHECK(formatted("%cred%c x", "color:red", "", 1) == "red x 1");
    CHECK(formatted("%c", "a", "b") == " b");
}

TEST_CASE("only %o and %O and what follows have colours") {
    CHECK(coloured("%s %d %i %f", "s", 1, 2, 3) == "s 1 2 3");
    CHECK(coloured("%o", "s") == "\x1b[32m's'\x1b[39m");
    CHECK(coloured("%O", 1) == "\x1b[33m1\x1b[39m");
    CHECK(coloured("%s", list, 5, "rest") == "[ 'x' ] \x1b[33m5\x1b[39m rest");
}
