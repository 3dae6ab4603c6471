// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/written.hpp"

#include <rondo/events.hpp>
#include <rondo/iteration.hpp>
#include <rondo/web/inspect.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <ratio>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string shown(const T& value) {
    base::Text text;
    web::Printer printer(text);
    web::inspect(printer, value);
    return std::string(text.view());
}

template <class T>
std::string nested(const T& value) {
    base::Text text;
    web::Printer printer(text, {.quoted = true});
    web::inspect(printer, value);
    return std::string(text.view());
}

template <class T>
std::string json(const T& value) {
    base::Text text;
    web::Printer printer(text, {.json = true});
    web::inspect(printer, value);
    return std::string(text.view());
}

template <class T>
std::string coloured(const T& value) {
    base::Text text;
    web::Printer printer(text, {.colours = true});
    web::inspect(printer, value);
    return std::string(text.view());
}

struct Point {
    int x;
    int y;
    friend std::ostream& operator<<(std::ostream& out, const Point& point) { return out << point.x << '/' << point.y; }
};

/// A range with an opinion on how it looks.
struct Playlist : std::vector<int> {
    using std::vector<int>::vector;
    friend std::ostream& operator<<(std::ostream& out, const Playlist& list) { return out << list.size() << " songs"; }
};

struct Unprintable {
    friend std::ostream& operator<<(std::ostream&, const Unprintable&) {
        throw std::runtime_error("cannot be printed");
    }
};

struct Name {
    std::string text;
    operator std::string_view() const { return text; }
};

enum class Color : unsigned char { red = 1, blue = 200 };
enum class Switch : bool { off, on };
enum Size { small = 3 };

struct NotFound : Error {
    using Error::Error;
    std::string_view name() const noexcept override { return "NotFound"; }
};

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}

TEST_CASE("a number is shown as JavaScript writes it") {
    const std::vector<std::pair<double, std::string>> numbers{
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-1.0, "-1"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {100.0, "100"},
        {123.456, "123.456"},
        {-123456.789, "-123456.789"},
        {1e5, "100000"},
        {1e-5, "0.00001"},
        {0.000001, "0.000001"},
        {0.00000123, "0.00000123"},
        {1e-7, "1e-7"},
        {-1.5e-7, "-1.5e-7"},
        {9.99e-7, "9.99e-7"},
        {1e-10, "1e-10"},
        {1.25e-100, "1.25e-100"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740993.0, "9007199254740992"},
        {18446744073709551616.0, "18446744073709552000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e20, "100000000000000000000"},
        {999999999999999900000.0, "999999999999999900000"},
        {1e21, "1e+21"},
        {1.5e21, "1.5e+21"},
        {-1e22, "-1e+22"},
        {1.5e300, "1.5e+300"},
        {3.141592653589793, "3.141592653589793"},
        {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
        {std::numeric_limits<double>::min(), "2.2250738585072014e-308"},
        {std::numeric_limits<double>::denorm_min(), "5e-324"},
        {std::numeric_limits<double>::epsilon(), "2.220446049250313e-16"},
        {std::numeric_limits<double>::infinity(), "Infinity"},
        {-std::numeric_limits<double>::infinity(), "-Infinity"},
        {std::nan(""), "NaN"},
        {-std::nan(""), "NaN"},
    };
    for (const auto& [number, text] : numbers) {
        CHECK(shown(number) == text);
        CHECK(nested(number) == text);
    }
}

TEST_CASE("a float is shown with the digits that a float has") {
    CHECK(shown(0.1F) == "0.1");
    CHECK(shown(16777216.0F) == "16777216");
    CHECK(shown(1e21F) == "1e+21");
    CHECK(shown(1e-7F) == "1e-7");
    CHECK(shown(0.5L) == "0.5");
    CHECK(shown(1e21L) == "1e+21");
}

TEST_CASE("an integer of any size is shown in full") {
    CHECK(shown(0) == "0");
    CHECK(shown(-42) == "-42");
    CHECK(shown(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(shown(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(shown(static_cast<short>(-7)) == "-7");
    CHECK(shown(std::uint8_t{65}) == "65");
    CHECK(shown(std::int8_t{-65}) == "-65");
    CHECK(shown(u8'a') == "97");
    CHECK(shown(u'a') == "97");
    CHECK(shown(U'\U0001F600') == "128512");
}

TEST_CASE("a bool is a word and a char is a text") {
    CHECK(shown(true) == "true");
    CHECK(shown(false) == "false");
    CHECK(shown('x') == "x");
    CHECK(nested('x') == "'x'");
    CHECK(nested('\'') == "\"'\"");
    CHECK(nested(true) == "true");
}

TEST_CASE("an enumerator is shown as its number") {
    CHECK(shown(Color::blue) == "200");
    CHECK(shown(Switch::on) == "1");
    CHECK(shown(small) == "3");
    CHECK(shown(std::byte{255}) == "255");
}

TEST_CASE("a string by itself is its characters") {
    CHECK(shown("it's\n\"here\"") == "it's\n\"here\"");
    CHECK(shown(std::string("with\0nul", 8)) == std::string("with\0nul", 8));
    CHECK(shown(std::string_view("view")) == "view");
    const char* pointer = "pointer";
    CHECK(shown(pointer) == "pointer");
    CHECK(shown(Name{"converted"}) == "converted");
    CHECK(shown("") == "");
    CHECK(shown("größe 😀") == "größe 😀");
}

TEST_CASE("a string in something else is quoted as Node quotes it") {
    CHECK(nested("plain") == "'plain'");
    CHECK(nested("") == "''");
    CHECK(nested("it's") == "\"it's\"");
    CHECK(nested("say \"hello\"") == "'say \"hello\"'");
    CHECK(nested("it's \"both\"") == "`it's \"both\"`");
    CHECK(nested("'\"`") == R"('\'"`')");
    CHECK(nested("'\"${x}") == R"('\'"${x}')");
    CHECK(nested("a\\b") == R"('a\\b')");
    CHECK(nested("\b\t\n\f\r") == R"('\b\t\n\f\r')");
    CHECK(nested(std::string("\0\x01\x0b\x1b\x7f", 5)) == R"('\x00\x01\x0B\x1B\x7F')");
    CHECK(nested("größe 😀") == "'größe 😀'");
}

TEST_CASE("a null pointer of any type is null") {
    CHECK(shown(nullptr) == "null");
    CHECK(shown(static_cast<const char*>(nullptr)) == "null");
    CHECK(shown(static_cast<char*>(nullptr)) == "null");
    CHECK(shown(static_cast<int*>(nullptr)) == "null");
    CHECK(shown(static_cast<void*>(nullptr)) == "null");
}

TEST_CASE("a pointer is its address") {
    const int value = 0;
    std::ostringstream address;
    address << &value;
    CHECK(shown(&value) == address.str());
    CHECK(nested(&value) == address.str());
}

TEST_CASE("an optional is its value or undefined") {
    CHECK(shown(std::optional<int>(7)) == "7");
    CHECK(shown(std::optional<int>()) == "undefined");
    CHECK(shown(std::nullopt) == "undefined");
    CHECK(shown(std::optional<std::string>("text")) == "text");
    CHECK(nested(std::optional<std::string>("text")) == "'text'");
    CHECK(shown(std::optional<std::optional<int>>(std::optional<int>())) == "undefined");
    CHECK(shown(std::optional<std::vector<int>>({1, 2})) == "[ 1, 2 ]");
}

TEST_CASE("what stands for void is undefined") {
    CHECK(shown(std::monostate{}) == "undefined");
    CHECK(shown(std::tuple<int, std::monostate>(1, {})) == "[ 1, undefined ]");
}

TEST_CASE("a variant is what it holds") {
    using Either = std::variant<int, std::string, std::monostate>;
    CHECK(shown(Either(1)) == "1");
    CHECK(shown(Either("text")) == "text");
    CHECK(nested(Either("text")) == "'text'");
    CHECK(shown(Either(std::monostate{})) == "undefined");
}

TEST_CASE("a range is shown between brackets") {
    CHECK(shown(std::vector<int>{}) == "[]");
    CHECK(shown(std::vector<int>{1, 2, 3}) == "[ 1, 2, 3 ]");
    CHECK(shown(std::vector<std::string>{"a", "it's"}) == "[ 'a', \"it's\" ]");
    CHECK(shown(std::vector<bool>{true, false}) == "[ true, false ]");
    CHECK(shown(std::array<double, 2>{0.1, 1e21}) == "[ 0.1, 1e+21 ]");
    CHECK(shown(std::deque<char>{'a', 'b'}) == "[ 'a', 'b' ]");
    CHECK(shown(std::list<std::optional<int>>{1, std::nullopt}) == "[ 1, undefined ]");
    const std::vector<int> numbers{4, 5};
    CHECK(shown(std::span<const int>(numbers)) == "[ 4, 5 ]");
}

TEST_CASE("a C array is a range and not a pointer") {
    const int numbers[] = {1, 2, 3};
    CHECK(shown(numbers) == "[ 1, 2, 3 ]");
    const int matrix[2][2] = {{1, 2}, {3, 4}};
    CHECK(shown(matrix) == "[ [ 1, 2 ], [ 3, 4 ] ]");
    const char* const words[] = {"a", "b"};
    CHECK(shown(words) == "[ 'a', 'b' ]");
    const Point points[] = {{1, 2}};
    CHECK(shown(points) == "[ 1/2 ]");
}

TEST_CASE("a map tells its size and its entries") {
    CHECK(shown(std::map<std::string, int>{}) == "Map(0) {}");
    CHECK(shown(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "Map(2) { 'a' => 1, 'b' => 2 }");
    CHECK(shown(std::unordered_map<int, std::string>{{1, "one"}}) == "Map(1) { 1 => 'one' }");
    CHECK(shown(std::multimap<int, int>{{1, 1}, {1, 2}}) == "Map(2) { 1 => 1, 1 => 2 }");
}

TEST_CASE("a set tells its size and its values") {
    CHECK(shown(std::set<int>{}) == "Set(0) {}");
    CHECK(shown(std::set<std::string>{"a", "b"}) == "Set(2) { 'a', 'b' }");
}

TEST_CASE("a pair and a tuple are shown as arrays are") {
    CHECK(shown(std::pair(1, "one")) == "[ 1, 'one' ]");
    CHECK(shown(std::tuple(1, 2.5, true, std::string("s"))) == "[ 1, 2.5, true, 's' ]");
    CHECK(shown(std::tuple<>()) == "[]");
}

TEST_CASE("containers nest") {
    CHECK(shown(std::vector<std::vector<int>>{{1}, {}, {2, 3}}) == "[ [ 1 ], [], [ 2, 3 ] ]");
    const std::map<std::string, std::vector<std::pair<int, std::optional<std::string>>>> deep{
        {"x", {{1, "one"}, {2, std::nullopt}}},
        {"y", {}},
    };
    CHECK(shown(deep) == "Map(2) { 'x' => [ [ 1, 'one' ], [ 2, undefined ] ], 'y' => [] }");
    CHECK(shown(std::vector<std::set<char>>{{'a', 'b'}}) == "[ Set(2) { 'a', 'b' } ]");
}

TEST_CASE("a type of the user's is shown by its operator<<") {
    CHECK(shown(Point{1, 2}) == "1/2");
    CHECK(nested(Point{1, 2}) == "1/2");
    CHECK(shown(std::vector<Point>{{1, 2}, {3, 4}}) == "[ 1/2, 3/4 ]");
    CHECK(shown(std::map<int, Point>{{1, {1, 2}}}) == "Map(1) { 1 => 1/2 }");
}

TEST_CASE("a range that has an operator<< is shown by that") { CHECK(shown(Playlist{1, 2, 3}) == "3 songs"); }

TEST_CASE("what an operator<< throws leaves the call") {
    CHECK_THROWS_AS(shown(Unprintable{}), std::runtime_error);
    CHECK_THROWS_AS(shown(std::vector<Unprintable>(1)), std::runtime_error);
}

TEST_CASE("an error by itself is shown with the place where it was made") {
    const std::string text = shown(TypeError("not a number"));
    CHECK(firstLine(text) == "TypeError: not a number");
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("\n    at "));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("inspect.cpp:"));
    CHECK(firstLine(shown(Error())) == "Error");
    CHECK(firstLine(shown(DOMException("gone", "AbortError"))) == "AbortError: gone");
    CHECK(firstLine(shown(NotFound("no such file"))) == "NotFound: no such file");
}

TEST_CASE("an error referred to by its base is shown with its own name") {
    const TypeError error("not a number");
    const Error& base = error;
    CHECK(firstLine(shown(base)) == "TypeError: not a number");
}

TEST_CASE("an error in something else is its name and message") {
    CHECK(nested(TypeError("no")) == "TypeError: no");
    CHECK(shown(std::vector<Error>{Error("one"), Error("two")}) == "[ Error: one, Error: two ]");
}

TEST_CASE("an error is shown with its cause") {
    const Error error("outer",
                      std::make_exception_ptr(TypeError("inner", std::make_exception_ptr(RangeError("innermost")))));
    for (const std::string& text : {shown(error), shown(std::make_exception_ptr(error))}) {
        CHECK(firstLine(text) == "Error: outer");
        CHECK_THAT(text, Catch::Matchers::ContainsSubstring("\n  [cause]: TypeError: inner\n"));
        CHECK_THAT(text, Catch::Matchers::ContainsSubstring("\n  [cause]: RangeError: innermost\n"));
    }
}

TEST_CASE("an AggregateError is shown with its errors") {
    const AggregateError error({std::make_exception_ptr(Error("one")), std::make_exception_ptr(2)}, "all failed");
    const std::string text = shown(error);
    CHECK(firstLine(text) == "AggregateError: all failed");
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("\n  [error]: Error: one\n  [error]: 2"));
    CHECK(shown(std::make_exception_ptr(error)) == text);
}

TEST_CASE("an exception that is no Error is its what()") {
    CHECK(shown(std::runtime_error("plain")) == "plain");
    CHECK(nested(std::out_of_range("far")) == "far");
}

TEST_CASE("a std::exception_ptr is what it holds") {
    CHECK(shown(std::exception_ptr()) == "undefined");
    CHECK(shown(std::make_exception_ptr(std::runtime_error("plain"))) == "plain");
    CHECK(shown(std::make_exception_ptr(std::string("text"))) == "text");
    CHECK(shown(std::make_exception_ptr(42)) == "42");
    CHECK(firstLine(shown(std::make_exception_ptr(TypeError("no")))) == "TypeError: no");
    CHECK(nested(std::make_exception_ptr(TypeError("no"))) == "TypeError: no");
}

TEST_CASE("a promise is shown with its state") {
    EventLoop loop({.virtualTime = true});
    CHECK(shown(Promise<int>::withResolvers().promise) == "Promise { <pending> }");
    CHECK(shown(Promise<>::resolve(1)) == "Promise { 1 }");
    CHECK(shown(Promise<>::resolve(std::string("text"))) == "Promise { 'text' }");
    CHECK(shown(Promise<>::resolve()) == "Promise { undefined }");
    CHECK(shown(Promise<>::resolve(std::vector<int>{1})) == "Promise { [ 1 ] }");
    const auto rejected = Promise<int>::reject(TypeError("no"));
    CHECK(shown(rejected) == "Promise { <rejected> TypeError: no }");
    rejected.catch_([] { return 0; });
    CHECK(shown(std::vector{Promise<>::resolve(1), Promise<>::resolve(2)}) == "[ Promise { 1 }, Promise { 2 } ]");
}

TEST_CASE("looking at a rejected promise does not handle it") {
    EventLoop loop({.virtualTime = true});
    int code = 0;
    const std::string errors =
        writtenTo(stderr, [&] { code = loop.run([] { shown(Promise<int>::reject(TypeError("no"))); }); });
    CHECK(firstLine(errors) == "Uncaught (in promise) TypeError: no");
    CHECK(code == 1);
}

ASYNC_TEST_CASE("a settled result is shown as an object") {
    const auto one = Promise<>::resolve(std::string("text"));
    const auto two = Promise<int>::reject(TypeError("no"));
    const auto three = Promise<>::resolve();
    const auto first = co_await one.settled();
    const auto second = co_await two.settled();
    const auto third = co_await three.settled();
    CHECK(shown(first) == "{ status: 'fulfilled', value: 'text' }");
    CHECK(shown(second) == "{ status: 'rejected', reason: TypeError: no }");
    CHECK(shown(third) == "{ status: 'fulfilled', value: undefined }");
    CHECK(shown(std::tuple(first, second)) ==
          "[ { status: 'fulfilled', value: 'text' }, { status: 'rejected', reason: TypeError: no } ]");
}

ASYNC_TEST_CASE("what the combinators promise can be shown") {
    const auto all =
        Promise<>::all(Promise<>::resolve(1), Promise<>::resolve(std::string("two")), Promise<>::resolve());
    const auto any = Promise<>::any(Promise<>::resolve(1), Promise<>::resolve(std::string("two")));
    const auto values = co_await all;
    const auto first = co_await any;
    CHECK(shown(values) == "[ 1, 'two', undefined ]");
    CHECK(shown(first) == "1");
}

ASYNC_TEST_CASE("a step of an iterator is an object with its value and whether it is done") {
    auto g = []() -> AsyncGenerator<std::string, int> {
        co_yield "a";
        co_return 7;
    }();
    auto step = co_await g.next();
    auto last = co_await g.next();
    auto end = co_await g.next();
    CHECK(shown(step) == "{ value: 'a', done: false }");
    CHECK(shown(last) == "{ value: 7, done: true }");
    CHECK(shown(end) == "{ value: undefined, done: true }");
    CHECK(shown(IteratorResult<int>::finished()) == "{ value: undefined, done: true }");
}

TEST_CASE("an error that was caught as a std::exception is shown as the error that it is") {
    const auto text = [](auto make) {
        try {
            make();
        } catch (const std::exception& caught) {
            return shown(caught).substr(0, shown(caught).find('\n'));
        }
        return std::string();
    };
    CHECK(text([] { throw TypeError("no number"); }) == "TypeError: no number");
    CHECK(text([] { throw Error(); }) == "Error");
    CHECK(text([] { throw std::runtime_error("no file"); }) == "no file");
}

TEST_CASE("events targets signals timers and generators are shown as objects") {
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    CHECK(shown(controller) == "AbortController { signal: AbortSignal { aborted: false } }");
    controller.abort();
    CHECK(shown(controller.signal()) == "AbortSignal { aborted: true }");
    Event event("click", {.cancelable = true});
    CHECK(shown(event) == "Event { type: 'click', defaultPrevented: false, cancelable: true }");
    EventTarget target;
    target.addEventListener("click", [](Event& e) { e.preventDefault(); });
    target.dispatchEvent(event);
    CHECK(shown(event) == "Event { type: 'click', defaultPrevented: true, cancelable: true }");
    CHECK(shown(target) == "EventTarget {}");
    CHECK(shown(AsyncGenerator<int>()) == "Object [AsyncGenerator] {}");
    const auto timer = setTimeout([] {}, 1);
    CHECK(shown(timer) == "Timeout { id: " + std::to_string(timer.id) + " }");
    clearTimeout(timer);
}

TEST_CASE("a smart pointer is shown by its operator<<") {
    const auto shared = std::make_shared<int>(1);
    std::ostringstream address;
    address << shared.get();
    CHECK(shown(shared) == address.str());
}

TEST_CASE("a smart pointer that is empty is null") {
    CHECK(shown(std::unique_ptr<int>()) == "null");
    CHECK(shown(std::shared_ptr<Unprintable>()) == "null");
}

TEST_CASE("a function is said to be one") {
    int captured = 1;
    void (*nothing)() = nullptr;
    CHECK(shown(&firstLine) == "[Function]");
    CHECK(shown([] {}) == "[Function]");
    CHECK(shown([captured] { return captured; }) == "[Function]");
    CHECK(shown(nothing) == "null");
}

TEST_CASE("a path is a string") {
    CHECK(shown(std::filesystem::path("a/b")) == "a/b");
    CHECK(shown(std::vector<std::filesystem::path>{"a/b"}) == "[ 'a/b' ]");
}

TEST_CASE("a string of char8_t is a string") {
    CHECK(shown(u8"größe") == "größe");
    CHECK(nested(std::u8string(u8"größe")) == "'größe'");
}

TEST_CASE("a duration has its unit") {
    CHECK(shown(1ns) == "1ns");
    CHECK(shown(2us) == "2us");
    CHECK(shown(2.5ms) == "2.5ms");
    CHECK(shown(3s) == "3s");
    CHECK(shown(4min) == "4min");
    CHECK(shown(5h) == "5h");
    CHECK(shown(std::chrono::days(6)) == "6d");
    CHECK(shown(std::chrono::duration<int, std::ratio<7>>(8)) == "8[7]s");
    CHECK(shown(std::vector{std::chrono::duration<int, std::ratio<3, 2>>(4)}) == "[ 4[3/2]s ]");
}

TEST_CASE("an element of a vector of bool is a bool") {
    std::vector<bool> flags{true, false};
    CHECK(shown(flags[0]) == "true");
    CHECK(shown(flags[1]) == "false");
}

TEST_CASE("of more than a hundred items the others are counted") {
    const std::string hundred = [] {
        std::string text = "[";
        for (int i = 0; i < 100; ++i) text += i ? ", 0" : " 0";
        return text;
    }();
    CHECK(shown(std::vector<int>(100)) == hundred + " ]");
    CHECK(shown(std::vector<int>(101)) == hundred + ", ... 1 more item ]");
    CHECK(shown(std::vector<int>(150)) == hundred + ", ... 50 more items ]");
    std::set<int> many;
    for (int i = 0; i < 102; ++i) many.insert(i);
    CHECK_THAT(shown(many), Catch::Matchers::StartsWith("Set(102) { 0, 1,"));
    CHECK_THAT(shown(many), Catch::Matchers::EndsWith(", 99, ... 2 more items }"));
}

TEST_CASE("of what lies deeper than the third level only the kind is said") {
    using One = std::vector<int>;
    using Three = std::vector<std::vector<One>>;
    CHECK(shown(std::vector<Three>{{{{1}}}}) == "[ [ [ [Array] ] ] ]");
    CHECK(shown(std::vector<Three>{{{{}}}}) == "[ [ [ [] ] ] ]");
    CHECK(shown(std::vector<std::vector<std::vector<std::map<int, int>>>>{{{{{1, 2}}}}}) == "[ [ [ [Map] ] ] ]");
    CHECK(shown(std::vector<std::vector<std::vector<std::set<int>>>>{{{{1}}}}) == "[ [ [ [Set] ] ] ]");
    EventLoop loop({.virtualTime = true});
    const auto promise = Promise<>::resolve(1);
    CHECK(shown(std::make_tuple(std::make_tuple(std::make_tuple(promise)))) == "[ [ [ [Promise] ] ] ]");
}

TEST_CASE("colours are those of Node") {
    EventLoop loop({.virtualTime = true});
    CHECK(coloured(1.5) == "\x1b[33m1.5\x1b[39m");
    CHECK(coloured(true) == "\x1b[33mtrue\x1b[39m");
    CHECK(coloured(nullptr) == "\x1b[1mnull\x1b[22m");
    CHECK(coloured(std::nullopt) == "\x1b[90mundefined\x1b[39m");
    CHECK(coloured("text") == "text");
    CHECK(coloured(std::vector<std::string>{"s"}) == "[ \x1b[32m's'\x1b[39m ]");
    CHECK(coloured(std::map<std::string, int>{{"k", 1}}) == "Map(1) { \x1b[32m'k'\x1b[39m => \x1b[33m1\x1b[39m }");
    CHECK(coloured(Promise<int>::withResolvers().promise) == "Promise { \x1b[36m<pending>\x1b[39m }");
    CHECK(coloured(Point{1, 2}) == "1/2");
    CHECK(coloured(5ms) == "\x1b[33m5ms\x1b[39m");
    CHECK(coloured(+[] {}) == "\x1b[36m[Function]\x1b[39m");
}

TEST_CASE("JSON has strings numbers lists and objects") {
    EventLoop loop({.virtualTime = true});
    CHECK(json("a\"b\n\x01ü") == R"("a\"b\n\u0001ü")");
    CHECK(json(std::tuple(1, 0.5, true, nullptr, std::nullopt)) == "[1,0.5,true,null,null]");
    CHECK(json(std::nan("")) == "null");
    CHECK(json(std::nullopt) == "undefined");
    CHECK(json(std::vector<std::string>{"a", "b"}) == R"(["a","b"])");
    CHECK(json(std::vector<int>{}) == "[]");
    CHECK(json(std::vector<int>(200, 1)).size() == 401);
    CHECK(json(std::map<std::string, std::vector<int>>{{"a\"", {1}}, {"b", {}}}) == R"({"a\"":[1],"b":[]})");
    CHECK(json(std::map<int, std::map<int, int>>{{1, {{2, 3}}}}) == R"({"1":{"2":3}})");
    CHECK(json(std::set<int>{1, 2}) == "[1,2]");
    CHECK(json(Point{1, 2}) == R"("1/2")");
    CHECK(json(Promise<>::resolve(1)) == "{}");
    CHECK(json(TypeError("no")) == R"("TypeError: no")");
    CHECK(json(IteratorResult<std::string>::yielded("a")) == R"({"value":"a","done":false})");
}
