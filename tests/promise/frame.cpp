// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/written.hpp"

#include <rondo/promise.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <vector>

using namespace rondo;

// The awaits above a function, as errors capture and print them. The functions stand here one below the other so that
// their lines are known.

namespace frames {

constexpr int firstLine = __LINE__ + 1;
Promise<int> innermost(bool waits) {
    if (waits) co_await Promise<>::resolve();
    throw TypeError("innermost");
    co_return 0;
}
Promise<int> middle(bool waits) {
    co_await Promise<>::resolve();
    const int value = co_await innermost(waits);
    co_return value;
}
Promise<int> outermost(bool waits) {
    co_await Promise<>::resolve();
    co_return co_await middle(waits);
}
constexpr int lineOfThrow = firstLine + 2;
constexpr int lineOfInnermost = firstLine + 7;
constexpr int lineOfMiddle = firstLine + 12;

template <class F>
Promise<> withCallback(F f) {
    co_await f();
    throw TypeError("with callback");
}

template <class T>
struct Parser {
    Promise<T> parse() const {
        co_await Promise<>::resolve();
        throw RangeError("member");
        co_return T();
    }
    static Promise<T> load(Parser parser) {
        co_await Promise<>::resolve();
        co_return co_await parser.parse();
    }
};

}

namespace {

using namespace frames;

std::string at(const char* function, int line) {
    return std::string("\n    at async ") + function + " (" + __FILE__ + ":" + std::to_string(line) + ")";
}

/// What is printed on stderr for a rejection of `f` that nobody handles.
template <class F>
std::string printed(F f) {
    Redirected capture(stderr);
    EventLoop loop({.virtualTime = true});
    loop.run([f] { f(); });
    return capture.text();
}

std::string stackOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        return error.stack();
    }
}

}

ASYNC_TEST_CASE("an error made after an await knows the line it was made at and the awaits above it") {
    const auto p = outermost(true);
    const auto s = co_await p.settled();
    const std::string stack = stackOf(s.reason());
    const std::string expected = "TypeError: innermost" + at("frames::innermost", lineOfThrow) +
                                 at("frames::middle", lineOfInnermost) + at("frames::outermost", lineOfMiddle);
    INFO(stack);
    CHECK(stack.find(expected) == 0); // this test awaits, too: its line follows
}

TEST_CASE("a rejection that nobody handles is printed with its lines, also where the capture could not see them") {
    const std::string expected = "Uncaught (in promise) TypeError: innermost" + at("frames::innermost", lineOfThrow) +
                                 at("frames::middle", lineOfInnermost) + at("frames::outermost", lineOfMiddle) + "\n";
    const std::string captured = printed([] { outermost(true); });
    CHECK(captured == expected);
    // innermost throws before middle has suspended: the trail knows the lines
    const std::string trailed = printed([] { outermost(false); });
    CHECK(trailed == expected);
}

ASYNC_TEST_CASE("a closure that is kept for its function does not hide who awaits it") {
    std::string stack;
    const auto inner = [](int ticks) -> Promise<> {
        while (ticks-- > 0) co_await Promise<>::resolve();
        throw Error("inner");
    };
    const auto outer = [&]() -> Promise<> { co_await async(inner, 2); };
    const auto outcome = async(outer);
    const auto s = co_await outcome.settled();
    CHECK(occurrences(stackOf(s.reason()), "    at async lambda (") >= 2);
}

TEST_CASE("the line of an exception that is no Error is that of the await or call that threw it") {
    const std::string text = printed([] {
        const auto throws = []() -> Promise<> {
            co_await Promise<>::resolve();
            throw std::runtime_error("std");
        };
        throws();
    });
    CHECK(text.find("Uncaught (in promise) std\n    at async lambda (") == 0);
    CHECK(occurrences(text, "    at ") == 1);
}

TEST_CASE("names in a stack have neither result nor parameters nor template arguments of the function") {
    const std::string text = printed([] { Parser<int>::load({}); });
    CHECK(text.find("RangeError: member\n    at async ") != std::string::npos);
    CHECK(text.find("::parse (") != std::string::npos);
    CHECK(text.find("::load (") != std::string::npos);
    CHECK(text.find("Promise") == std::string::npos);
    CHECK(text.find("Frame") == std::string::npos);
    CHECK(text.find("[with") == std::string::npos);
}

TEST_CASE("a name is that of the function, not of a lambda it was given or of the function it is declared in") {
    struct Local {
        static Promise<> member() {
            co_await Promise<>::resolve();
            throw TypeError("local");
        }
    };
    const std::string local = printed([] { Local::member(); });
    CHECK(local.find("at async Local::member (") != std::string::npos);
    const std::string given = printed([] { withCallback([] { return Promise<>::resolve(); }); });
    CHECK(given.find("at async frames::withCallback (") != std::string::npos);
    const std::string lambda =
        printed([] { []() -> Promise<> { co_await Promise<>::reject(TypeError("lambda")); }(); });
    CHECK(lambda.find("at async lambda (") != std::string::npos);
}

TEST_CASE("a stack ends after ten awaits") {
    struct Deep {
        static Promise<> down(int depth) {
            co_await Promise<>::resolve();
            if (depth == 0) throw TypeError("bottom");
            co_await down(depth - 1);
        }
    };
    const std::string text = printed([] { Deep::down(50); });
    CHECK(occurrences(text, "    at async ") == 11); // where it was made, and ten awaits
}

TEST_CASE("an error made outside of any async function has one line") {
    const std::string stack = TypeError("plain").stack();
    CHECK(occurrences(stack, "\n    at ") == 1);
    CHECK(stack.find("async") == std::string::npos);
    CHECK(stack.find(__FILE__) != std::string::npos);
}

TEST_CASE("causes and the errors of an AggregateError are printed below") {
    const std::string text = printed([] {
        Promise<>::any(Promise<int>::reject(TypeError("one")), Promise<int>::reject(2));
        try {
            throw RangeError("inner");
        } catch (...) {
            Promise<>::reject(Error("outer", std::current_exception()));
        }
    });
    CHECK(text.find("AggregateError: All promises were rejected") != std::string::npos);
    CHECK(text.find("[error]: TypeError: one") != std::string::npos);
    CHECK(text.find("[error]: 2") != std::string::npos);
    CHECK(text.find("Error: outer") != std::string::npos);
    CHECK(text.find("[cause]: RangeError: inner") != std::string::npos);
}

ASYNC_TEST_CASE("an error made in a reaction has no awaits above it") {
    std::string stack;
    co_await Promise<>::resolve().then([&] { stack = TypeError("t").stack(); });
    CHECK(occurrences(stack, "\n    at ") == 1);
}

TEST_CASE("frames know who awaits them and where") {
    EventLoop loop({.virtualTime = true});
    auto gate = Promise<>::withResolvers();
    struct Waits {
        static Promise<> inner(Promise<> p) { co_await p; }
        static Promise<> outer(Promise<> p) { co_await inner(p); }
    };
    loop.run([&] { Waits::outer(gate.promise); });
    const auto* inner = promise::Frame::from(gate.promise.ref()->firstReaction());
    REQUIRE(inner != nullptr);
    const auto* outer = inner->awaiter();
    REQUIRE(outer != nullptr);
    CHECK(outer->awaiter() == nullptr);
    CHECK(base::shortFunctionName(inner->where().function_name()) == "Waits::inner");
    CHECK(base::shortFunctionName(outer->where().function_name()) == "Waits::outer");
}

namespace {

[[gnu::noinline]] void throwsOutOfPlainFunction() { throw TypeError("no"); }
Promise<> callsPlainFunction() {
    co_await Promise<>::resolve();
    throwsOutOfPlainFunction();
}

}

TEST_CASE("the stack of an error made in a plain function tells the async function that called it") {
    std::string stack;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        try {
            co_await callsPlainFunction();
        } catch (const TypeError& error) {
            stack = error.stack();
        }
    });
    const auto helper = stack.find("throwsOutOfPlainFunction (");
    const auto caller = stack.find("callsPlainFunction (");
    const auto main = stack.find("at async lambda (");
    CHECK(helper < caller);
    CHECK(caller < main);
    CHECK(main != stack.npos);
    CHECK(occurrences(stack, "at async ") == 2);
}

TEST_CASE("an error that another function awaited and kept does not show that await where it is thrown again") {
    std::exception_ptr kept;
    const std::uint_least32_t awaitsAt = std::source_location::current().line() + 4;
    const auto function = [&](bool awaits) -> Promise<> {
        if (awaits) {
            try {
                co_await Promise<>::reject(1);
            } catch (...) {
                kept = std::current_exception();
            }
            co_return;
        }
        std::rethrow_exception(kept);
    };
    EventLoop loop({.virtualTime = true});
    std::array<std::source_location, base::StackTrace::depth> awaits;
    std::size_t count = 0;
    std::uint_least32_t line = 0;
    loop.run([&]() -> Promise<> {
        co_await function(true);
        const auto rejected = function(false); // its frame may lie where the other one's lay
        count = base::Trail::awaits(rejected.ref()->reason().trail, awaits);
        line = awaits[0].line();
        rejected.catch_([] {});
    });
    CHECK(count == 1);
    CHECK(line != awaitsAt);
}
