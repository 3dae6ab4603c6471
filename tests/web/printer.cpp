// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/web/printer.hpp>

#include <string>
#include <string_view>

using namespace rondo;
using web::Items;
using web::Printer;
using web::Style;

namespace {

template <class F>
std::string printed(F f, const web::PrinterOptions& options = {}) {
    base::Text text;
    Printer printer(text, options);
    f(printer);
    return std::string(text.view());
}

std::string quoted(std::string_view text) {
    return printed([&](Printer& printer) { printer.string(text); }, {.quoted = true});
}

/// A map of `count` entries whose keys and values are 0, 1, …
void map(Printer& printer, int count) {
    Items items(printer, Items::Of::map, static_cast<std::size_t>(count));
    for (int i = 0; i < count && items.next(); ++i) {
        items.beginKey();
        printer.number(std::to_string(i));
        items.endKey();
        printer.number(std::to_string(i));
    }
    items.end();
}

}

TEST_CASE("a string by itself is its characters and in a list it is quoted") {
    CHECK(printed([](Printer& printer) { printer.string("it's"); }) == "it's");
    CHECK(quoted("it's") == "\"it's\"");
    CHECK(printed([](Printer& printer) {
              Items items(printer, Items::Of::array, 1);
              items.next();
              printer.string("x");
              items.end();
          }) == "[ 'x' ]");
}

TEST_CASE("of a long string in a list the rest is counted in characters") {
    const std::string most(10'000, 'x');
    CHECK(quoted(most) == "'" + most + "'");
    CHECK(quoted(most + "y") == "'" + most + "'... 1 more character");
    CHECK(quoted(most + "ü€😀") == "'" + most + "'... 3 more characters");
    const std::string before(9'999, 'x');
    CHECK(quoted(before + "€") == "'" + before + "'... 1 more character");
    CHECK(printed([&](Printer& printer) { printer.string(most + "y"); }) == most + "y");
}

TEST_CASE("the printer knows what the value was") {
    base::Text text;
    Printer printer(text);
    map(printer, 2);
    CHECK(printer.kind() == Style::object);
    Printer second(text);
    second.number("1");
    CHECK(second.kind() == Style::number);
    Printer third(text);
    third.plain("x");
    CHECK(third.kind() == Style::plain);
}

TEST_CASE("no more items are printed than the options allow") {
    CHECK(printed([](Printer& printer) { map(printer, 3); }, {.maxItems = 3}) == "Map(3) { 0 => 0, 1 => 1, 2 => 2 }");
    CHECK(printed([](Printer& printer) { map(printer, 4); }, {.maxItems = 3}) ==
          "Map(4) { 0 => 0, 1 => 1, 2 => 2, ... 1 more item }");
    CHECK(printed([](Printer& printer) { map(printer, 0); }, {.depth = -1}) == "Map(0) {}");
    CHECK(printed([](Printer& printer) { map(printer, 1); }, {.depth = -1}) == "[Map]");
}

TEST_CASE("JSON is neither cut nor coloured by its items") {
    CHECK(printed([](Printer& printer) { map(printer, 4); }, {.json = true, .depth = -1, .maxItems = 2}) ==
          R"({"0":0,"1":1,"2":2,"3":3})");
}

TEST_CASE("only words that mean something have a colour") {
    const auto word = [](Style style) {
        return printed([style](Printer& printer) { printer.word(style, "x"); }, {.colours = true});
    };
    CHECK(word(Style::plain) == "x");
    CHECK(word(Style::special) == "\x1b[36mx\x1b[39m");
    CHECK(word(Style::null) == "\x1b[1mx\x1b[22m");
}
