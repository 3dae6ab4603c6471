// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/written.hpp"

#include <rondo/web/console.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <vector>

using namespace rondo;

namespace {

struct Point {
    int x;
    int y;
    friend std::ostream& operator<<(std::ostream& out, const Point& point) { return out << point.x << '/' << point.y; }
};

struct Unprintable {
    friend std::ostream& operator<<(std::ostream&, const Unprintable&) {
        throw std::runtime_error("cannot be printed");
    }
};

/// What `f` writes to `stream`, one string for each write: a stream's end that keeps messages apart stands behind it.
template <class F>
std::vector<std::string> writesTo(std::FILE* stream, F f) {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) == 0);
    std::fflush(stream);
    const int saved = dup(fileno(stream));
    dup2(ends[1], fileno(stream));
    close(ends[1]);
    f();
    std::fflush(stream);
    dup2(saved, fileno(stream));
    close(saved);
    std::vector<std::string> writes;
    std::array<char, 4096> message{};
    for (;;) {
        const auto size = read(ends[0], message.data(), message.size());
        if (size <= 0) break;
        writes.emplace_back(message.data(), static_cast<std::size_t>(size));
    }
    close(ends[0]);
    return writes;
}

}

TEST_CASE("console.log writes its values with spaces between and ends the line") {
    CHECK(writtenTo(stdout, [] { console.log("a", 1, true); }) == "a 1 true\n");
    CHECK(writtenTo(stdout, [] { console.log("a"); }) == "a\n");
    CHECK(writtenTo(stdout, [] { console.log("", ""); }) == " \n");
    CHECK(writtenTo(stdout, [] { console.log("two\nlines"); }) == "two\nlines\n");
}

TEST_CASE("console.log of nothing writes an empty line") {
    CHECK(writtenTo(stdout, [] { console.log(); }) == "\n");
    CHECK(writtenTo(stderr, [] { console.error(); }) == "\n");
}

TEST_CASE("console.log writes values as Node does") {
    const auto written = [](const auto&... values) { return writtenTo(stdout, [&] { console.log(values...); }); };
    CHECK(written(0.1 + 0.2, 1e21, -0.0, 18446744073709551616.0) ==
          "0.30000000000000004 1e+21 -0 18446744073709552000\n");
    CHECK(written('x', "it's", std::vector<std::string>{"it's", "x"}) == "x it's [ \"it's\", 'x' ]\n");
    CHECK(written(std::map<std::string, std::vector<int>>{{"a", {1, 2}}, {"b", {}}}) ==
          "Map(2) { 'a' => [ 1, 2 ], 'b' => [] }\n");
    CHECK(written(nullptr, std::optional<int>(), std::optional<int>(1)) == "null undefined 1\n");
    CHECK(written(std::tuple(1, std::string("s"), Point{1, 2})) == "[ 1, 's', 1/2 ]\n");
    CHECK(written(Point{1, 2}) == "1/2\n");
}

TEST_CASE("the first text says how other values are shown") {
    CHECK(writtenTo(stdout, [] { console.log("%s is %d%%", "this", 100, "sure"); }) == "this is 100% sure\n");
    CHECK(writtenTo(stdout, [] { console.log("100%"); }) == "100%\n");
    CHECK(writtenTo(stdout, [] { console.log("%d"); }) == "%d\n");
    CHECK(writtenTo(stdout, [] { console.log(1, "%d", 2); }) == "1 %d 2\n");
    CHECK(writtenTo(stderr, [] { console.warn("%j", std::vector<int>{1}); }) == "[1]\n");
    const char* nothing = nullptr;
    CHECK(writtenTo(stdout, [&] { console.log(nothing); }) == "null\n");
    CHECK(writtenTo(stdout, [&] { console.log(nothing, "%s", 1); }) == "null %s 1\n");
}

TEST_CASE("console.log writes bytes as they are") {
    const std::string bytes("nul\0 and größe \xff", 16);
    CHECK(writtenTo(stdout, [&] { console.log(bytes); }) == bytes + "\n");
}

TEST_CASE("console.log writes an error with its stack and its cause") {
    const auto inner = std::make_exception_ptr(TypeError("inner"));
    const auto outer = std::make_exception_ptr(Error("outer", inner));
    const std::string text = writtenTo(stdout, [&] { console.log("failed:", outer); });
    CHECK_THAT(text, Catch::Matchers::StartsWith("failed: Error: outer\n    at "));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("\n  [cause]: TypeError: inner\n    at "));
    CHECK(text.back() == '\n');
}

ASYNC_TEST_CASE("console.log writes promises and how they were settled") {
    const auto pending = Promise<int>::withResolvers();
    const auto fulfilled = Promise<>::resolve(std::string("x"));
    const auto settled = co_await fulfilled.settled();
    const std::string text = writtenTo(stdout, [&] { console.log(pending.promise, fulfilled, settled); });
    CHECK(text == "Promise { <pending> } Promise { 'x' } { status: 'fulfilled', value: 'x' }\n");
}

TEST_CASE("console.log writes to stdout and console.error to stderr") {
    std::string errors;
    const std::string output = writtenTo(stdout, [&] {
        errors = writtenTo(stderr, [] {
            console.log("output");
            console.error("error", 1);
        });
    });
    CHECK(output == "output\n");
    CHECK(errors == "error 1\n");
}

TEST_CASE("what was logged before an error is seen before it") {
    std::fflush(stdout);
    const int saved = dup(fileno(stdout));
    const std::string text = writtenTo(stderr, [&] {
        dup2(fileno(stderr), fileno(stdout)); // both are one file now
        console.log("first");
        console.error("second");
        console.log("third");
        std::fflush(stdout);
        dup2(saved, fileno(stdout));
    });
    close(saved);
    CHECK(text == "first\nsecond\nthird\n");
}

TEST_CASE("one call is one write") {
    const std::vector<std::string> groups = writesTo(stderr, [&] {
        console.group();
        console.error("a\nb");
        console.trace("c");
        console.assert_(false, "d", 1);
        console.timeEnd();
        console.groupEnd();
    });
    REQUIRE(groups.size() == 4);
    CHECK(groups[0] == "  a\n  b\n");
    CHECK(occurrences(groups[1], "\n") == 2);
    CHECK(groups[2] == "  Assertion failed: d 1\n");
    const std::vector<std::string> tables = writesTo(stdout, [&] { console.table(std::vector<int>{1, 2}); });
    CHECK(tables.size() == 1);
    const std::string longLine(1000, 'x');
    const std::vector<std::string> writes = writesTo(stderr, [&] {
        console.error("one", 2, std::vector<int>{3, 4}, Point{5, 6});
        console.error(longLine, longLine);
        console.error();
    });
    REQUIRE(writes.size() == 3);
    CHECK(writes[0] == "one 2 [ 3, 4 ] 5/6\n");
    CHECK(writes[1] == longLine + ' ' + longLine + '\n');
    CHECK(writes[2] == "\n");
}

TEST_CASE("lines written by several threads are not mixed") {
    constexpr int lines = 200;
    const std::string text = writtenTo(stdout, [] {
        std::vector<std::thread> threads;
        for (const char* word : {"aaaa", "bbbb", "cccc"}) {
            threads.emplace_back([word] {
                for (int i = 0; i < lines; ++i) console.log(word, word, word);
            });
        }
        for (std::thread& thread : threads) thread.join();
    });
    std::map<std::string, int> seen;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        ++seen[text.substr(begin, end - begin)];
        begin = end + 1;
    }
    CHECK(seen ==
          std::map<std::string, int>{{"aaaa aaaa aaaa", lines}, {"bbbb bbbb bbbb", lines}, {"cccc cccc cccc", lines}});
}

TEST_CASE("a value that cannot be printed writes nothing") {
    bool thrown = false;
    const std::string text = writtenTo(stdout, [&] {
        try {
            console.log("before", Unprintable{});
        } catch (const std::runtime_error&) {
            thrown = true;
        }
    });
    CHECK(thrown);
    CHECK(text == "");
}

TEST_CASE("info and debug write to stdout and warn to stderr") {
    std::string errors;
    const std::string output = writtenTo(stdout, [&] {
        errors = writtenTo(stderr, [] {
            console.info("info", 1);
            console.debug("debug");
            console.warn("warn");
        });
    });
    CHECK(output == "info 1\ndebug\n");
    CHECK(errors == "warn\n");
}

TEST_CASE("what is written in a group is indented on both streams") {
    std::string errors;
    const std::string output = writtenTo(stdout, [&] {
        errors = writtenTo(stderr, [] {
            console.group("G%d", 1);
            console.log("a\nb");
            console.group();
            console.error("e");
            console.log();
            console.log("a\n");
            console.groupEnd();
            console.groupCollapsed("x", 1);
            console.warn("w");
            console.groupEnd();
            console.groupEnd();
            console.groupEnd();
            console.log("out");
        });
    });
    CHECK(output == "G1\n  a\n  b\n    \n    a\n    \n  x 1\nout\n");
    CHECK(errors == "    e\n    w\n");
}

TEST_CASE("groups counts and timers belong to their loop") {
    const std::string output = writtenTo(stdout, [] {
        console.group();
        console.count();
        {
            EventLoop loop({.virtualTime = true});
            console.log("not indented");
            console.group();
            console.count();
            console.log("indented");
        }
        console.count();
        console.countReset();
        console.groupEnd();
        console.log("out");
    });
    CHECK(output == "  default: 1\nnot indented\n  default: 1\n  indented\n  default: 2\nout\n");
}

TEST_CASE("groups belong to their thread") {
    const std::string output = writtenTo(stdout, [] {
        console.group();
        std::thread([] {
            console.log("another");
            console.group();
            console.log("its own");
        }).join();
        console.groupEnd();
    });
    CHECK(output == "another\n  its own\n");
}

TEST_CASE("what only prints keeps nothing for the loop") {
    EventLoop loop({.virtualTime = true});
    const std::string output = writtenTo(stdout, [] {
        console.log("%s", 1, std::vector<int>{1});
        console.table(std::vector<int>{1});
        console.groupEnd();
    });
    const std::string errors = writtenTo(stderr, [] {
        console.trace();
        console.assert_(false, "x");
        console.countReset();
        console.timeEnd();
    });
    CHECK(loop.attachments().empty());
}

TEST_CASE("console.count counts for each label") {
    const std::string output = writtenTo(stdout, [] {
        EventLoop loop({.virtualTime = true});
        console.count();
        console.count("x");
        console.count(std::string("x"));
        console.count("");
        console.countReset("x");
        console.count("x");
        console.count("default");
    });
    CHECK(output == "default: 1\nx: 1\nx: 2\n: 1\nx: 1\ndefault: 2\n");
}

TEST_CASE("a label that is missing or taken is told to stderr") {
    EventLoop loop({.virtualTime = true});
    std::string errors;
    const std::string output = writtenTo(stdout, [&] {
        errors = writtenTo(stderr, [] {
            console.countReset("nope");
            console.timeEnd("nope");
            console.timeLog("nope", 1);
            console.time("t");
            console.time("t");
            console.group();
            console.timeEnd();
            console.groupEnd();
        });
    });
    CHECK(output == "");
    CHECK(errors == "Warning: Count for 'nope' does not exist\n"
                    "Warning: No such label 'nope' for console.timeEnd()\n"
                    "Warning: No such label 'nope' for console.timeLog()\n"
                    "Warning: Label 't' already exists for console.time()\n"
                    "  Warning: No such label 'default' for console.timeEnd()\n");
}

ASYNC_TEST_CASE("console.time measures on the clock of the loop") {
    Redirected output(stdout);
    console.time();
    console.time("long");
    co_await delay(1.5);
    console.timeLog();
    console.timeLog("default", "so far", std::vector<int>{1});
    co_await delay(1000);
    console.timeEnd();
    co_await delay(62000);
    console.timeEnd("long");
    console.time("default");
    console.timeEnd("default");
    CHECK(output.text() == "default: 1.5ms\ndefault: 1.5ms so far [ 1 ]\ndefault: 1.002s\n"
                           "long: 1:03.002 (m:ss.mmm)\ndefault: 0ms\n");
}

TEST_CASE("console.time measures on the steady clock where there is no loop") {
    REQUIRE_FALSE(EventLoop::hasCurrent());
    const std::string output = writtenTo(stdout, [] {
        console.time("t");
        console.timeEnd("t");
    });
    CHECK_THAT(output, Catch::Matchers::StartsWith("t: "));
    CHECK_THAT(output, Catch::Matchers::EndsWith("s\n"));
    CHECK(writtenTo(stderr, [] { console.timeEnd("t"); }) == "Warning: No such label 't' for console.timeEnd()\n");
}

TEST_CASE("console.assert_ writes to stderr if the condition does not hold") {
    const auto written = [](const auto&... values) { return writtenTo(stderr, [&] { console.assert_(values...); }); };
    CHECK(written(true, "no") == "");
    CHECK(written(std::optional<int>(0), "no") == "");
    CHECK(written(false) == "Assertion failed\n");
    CHECK(written(0, "msg %s", "x", 1) == "Assertion failed: msg x 1\n");
    CHECK(written(false, "%s") == "Assertion failed: %s\n");
    CHECK(written(false, 1, 2) == "Assertion failed: 1 2\n");
    CHECK(written(nullptr, std::vector<int>{1}) == "Assertion failed: [ 1 ]\n");
}

TEST_CASE("console.dir shows a value as it is inside of others") {
    CHECK(writtenTo(stdout, [] { console.dir("a\n"); }) == "'a\\n'\n");
    CHECK(writtenTo(stdout, [] { console.dir(std::vector<std::string>{"a"}); }) == "[ 'a' ]\n");
    CHECK(writtenTo(stdout, [] { console.dir(5); }) == "5\n");
}

TEST_CASE("console.dirxml logs") {
    CHECK(writtenTo(stdout, [] { console.dirxml("%s", "b", 1); }) == "b 1\n");
}

TEST_CASE("console.table draws a list and logs anything else") {
    const std::vector<std::vector<int>> rows{{1, 2}};
    const std::string output = writtenTo(stdout, [&] {
        console.group("T");
        console.table(rows);
        console.groupEnd();
        console.table(rows, {"1"});
        console.table(5);
        console.table("str");
        console.table("str", {"1"});
    });
    CHECK(output == R"(T
  ┌─────────┬───┬───┐
  │ (index) │ 0 │ 1 │
  ├─────────┼───┼───┤
  │ 0       │ 1 │ 2 │
  └─────────┴───┴───┘
┌─────────┬───┐
│ (index) │ 1 │
├─────────┼───┤
│ 0       │ 2 │
└─────────┴───┘
5
str
str
)");
}

namespace {

void traces() { console.trace("hello %d", 4); }

Promise<> innerTrace() {
    co_await delay(1);
    console.trace(5, "x");
}
Promise<> outerTrace() { co_await innerTrace(); }

}

TEST_CASE("console.trace writes the place of its call to stderr") {
    const std::string text = writtenTo(stderr, [] { traces(); });
    CHECK_THAT(text, Catch::Matchers::StartsWith("Trace: hello 4\n    at "));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("traces ("));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("console.cpp:"));
    CHECK(occurrences(text, "\n") == 2);
    const std::string bare = writtenTo(stderr, [] { console.trace(); });
    CHECK_THAT(bare, Catch::Matchers::StartsWith("Trace\n    at lambda ("));
    CHECK_THAT(bare, Catch::Matchers::ContainsSubstring("console.cpp:"));
}

ASYNC_TEST_CASE("console.trace writes the awaits above it") {
    Redirected errors(stderr);
    co_await outerTrace();
    const std::string text = errors.text();
    CHECK_THAT(text, Catch::Matchers::StartsWith("Trace: 5 x\n    at async "));
    const auto first = text.find("innerTrace (");
    const auto second = text.find("\n    at async ", first);
    CHECK(second < text.find("outerTrace ("));
    CHECK(text.find("outerTrace (") != text.npos);
}

TEST_CASE("a terminal sees colours") {
    const TerminalVariables variables("xterm", nullptr);
    const auto seen = [](const auto&... values) { return shownTo(stdout, [&] { console.log(values...); }); };
    CHECK(seen("text", 1, true) == "text \x1b[33m1\x1b[39m \x1b[33mtrue\x1b[39m\n");
    CHECK(seen("text") == "text\n");
    CHECK(seen("%s %o", 1, "s", 2) == "1 \x1b[32m's'\x1b[39m \x1b[33m2\x1b[39m\n");
    CHECK(shownTo(stderr, [] { console.error(nullptr); }) == "\x1b[1mnull\x1b[22m\n");
    CHECK(shownTo(stdout, [] { console.dir("x"); }) == "\x1b[32m'x'\x1b[39m\n");
    CHECK(shownTo(stdout, [] { console.count(); }) == "default: 1\n");
    console.countReset();
    CHECK(shownTo(stdout, [] { console.table(std::vector<int>{1}); }) == "┌─────────┬────────┐\n"
                                                                         "│ (index) │ Values │\n"
                                                                         "├─────────┼────────┤\n"
                                                                         "│ 0       │ \x1b[33m1\x1b[39m      │\n"
                                                                         "└─────────┴────────┘\n");
}

TEST_CASE("each stream has colours only if it is a terminal itself") {
    const TerminalVariables variables("xterm", nullptr);
    std::string errors;
    const std::string output = shownTo(stdout, [&] {
        errors = writtenTo(stderr, [] {
            console.log(1);
            console.error(2);
        });
    });
    CHECK(output == "\x1b[33m1\x1b[39m\n");
    CHECK(errors == "2\n");
}

TEST_CASE("with NO_COLOR or in a dumb terminal there are no colours") {
    const auto seen = [] { return shownTo(stdout, [] { console.log(1); }); };
    CHECK(TerminalVariables("xterm", "1").during(seen) == "1\n");
    CHECK(TerminalVariables("xterm", "").during(seen) == "\x1b[33m1\x1b[39m\n");
    CHECK(TerminalVariables("dumb", nullptr).during(seen) == "1\n");
    CHECK(TerminalVariables(nullptr, nullptr).during(seen) == "1\n");
}

TEST_CASE("console.clear clears a terminal and nothing else") {
    const auto cleared = [] { return shownTo(stdout, [] { console.clear(); }); };
    CHECK(TerminalVariables("xterm", nullptr).during(cleared) == "\x1b[1;1H\x1b[0J");
    CHECK(TerminalVariables("xterm", "1").during(cleared) == "\x1b[1;1H\x1b[0J");
    CHECK(TerminalVariables("dumb", nullptr).during(cleared) == "");
    CHECK(writtenTo(stdout, [] { console.clear(); }) == "");
}

TEST_CASE("the console needs no loop") {
    REQUIRE_FALSE(EventLoop::hasCurrent());
    CHECK(writtenTo(stdout, [] { console.log("outside"); }) == "outside\n");
}
