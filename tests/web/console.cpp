// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/written.hpp"

#include <rondo/web/console.hpp>

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

TEST_CASE("a percent sign stands for itself") {
    CHECK(writtenTo(stdout, [] { console.log("%s is 100%", "this"); }) == "%s is 100% this\n");
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

TEST_CASE("the console needs no loop") {
    REQUIRE_FALSE(EventLoop::hasCurrent());
    CHECK(writtenTo(stdout, [] { console.log("outside"); }) == "outside\n");
}
