// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/number_text.hpp>

#include <clocale>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

std::string text(double number) {
    base::Text out;
    web::appendNumber(out, number);
    return std::string(out.view());
}

std::string thousandths(double number) {
    base::Text out;
    web::appendThousandths(out, number);
    return std::string(out.view());
}

}

TEST_CASE("a number is written as JavaScript writes it") {
    CHECK(text(0.1 + 0.2) == "0.30000000000000004");
    CHECK(text(1e21) == "1e+21");
    CHECK(text(-0.0) == "-0");
    CHECK(text(INFINITY) == "Infinity");
}

TEST_CASE("Number takes all of a text or is NaN") {
    const std::vector<std::pair<std::string_view, std::string>> cases{
        {"42", "42"},
        {" 12 ", "12"},
        {"", "0"},
        {" \t\n", "0"},
        {"1.5", "1.5"},
        {"5.", "5"},
        {".5", "0.5"},
        {"+5", "5"},
        {"-0", "-0"},
        {"1e3", "1000"},
        {"1E-2", "0.01"},
        {"0x1F", "31"},
        {"0b11", "3"},
        {"0o17", "15"},
        {"Infinity", "Infinity"},
        {"-Infinity", "-Infinity"},
        {"1e999", "Infinity"},
        {"1e-999", "0"},
        {"0.1", "0.1"},
        {"x", "NaN"},
        {"12px", "NaN"},
        {".", "NaN"},
        {"1_0", "NaN"},
        {"0x", "NaN"},
        {"-0x1", "NaN"},
        {"1e", "NaN"},
        {"e1", "NaN"},
        {"inf", "NaN"},
        {"nan", "NaN"},
        {"1 2", "NaN"},
        {"0b12", "NaN"},
        {"--1", "NaN"},
    };
    for (const auto& [from, to] : cases) {
        CAPTURE(from);
        CHECK(text(web::toNumber(from)) == to);
    }
}

TEST_CASE("parseFloat takes what it can from the beginning") {
    CHECK(text(web::parseFloat("1.5abc")) == "1.5");
    CHECK(text(web::parseFloat(" .5.")) == "0.5");
    CHECK(text(web::parseFloat("1e3z")) == "1000");
    CHECK(text(web::parseFloat("1e+")) == "1");
    CHECK(text(web::parseFloat("-Infinityx")) == "-Infinity");
    CHECK(text(web::parseFloat("0x1f")) == "0");
    CHECK(text(web::parseFloat("x")) == "NaN");
    CHECK(text(web::parseFloat("")) == "NaN");
}

TEST_CASE("parseInt takes digits from the beginning") {
    CHECK(text(web::parseInt("42.7abc")) == "42");
    CHECK(text(web::parseInt(" 12px")) == "12");
    CHECK(text(web::parseInt("-1.5")) == "-1");
    CHECK(text(web::parseInt("-0.5")) == "-0");
    CHECK(text(web::parseInt("1e3")) == "1");
    CHECK(text(web::parseInt("0x1f")) == "31");
    CHECK(text(web::parseInt("-0x1f")) == "-31");
    CHECK(text(web::parseInt("0x")) == "NaN");
    CHECK(text(web::parseInt("9007199254740993")) == "9007199254740992");
    CHECK(text(web::parseInt("")) == "NaN");
    CHECK(text(web::parseInt("-")) == "NaN");
    CHECK(text(web::parseInt("Infinity")) == "NaN");
}

TEST_CASE("three decimals are rounded as toFixed rounds them") {
    CHECK(thousandths(0) == "0.000");
    CHECK(thousandths(1) == "1.000");
    CHECK(thousandths(1.2345) == "1.234");
    CHECK(thousandths(12.3456) == "12.346");
    CHECK(thousandths(0.0625) == "0.063");
    CHECK(thousandths(0.1875) == "0.188");
    CHECK(thousandths(59.9996) == "60.000");
    CHECK(thousandths(0.0004999) == "0.000");
    CHECK(thousandths(999.9996) == "1000.000");
}
