// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/error.hpp>

#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;
using Catch::Matchers::ContainsSubstring;

namespace {

class ParseError : public Error {
public:
    explicit ParseError(const std::string& message) : Error(message) {}
    std::string_view name() const noexcept override { return "ParseError"; }
};

template <class E>
std::exception_ptr reason(E error) {
    return std::make_exception_ptr(std::move(error));
}

std::string place(const std::source_location& where) {
    return std::string("(") + where.file_name() + ':' + std::to_string(where.line()) + ')';
}

std::source_location here(std::source_location where = std::source_location::current()) { return where; }

/// An error and an await of the function that threw it, as an async function leaves them.
std::pair<std::exception_ptr, std::source_location> thrownInAsyncFunction() { return {reason(Error("no")), here()}; }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

struct ReleaseTrail {
    ~ReleaseTrail() { base::Trail::release(trail); }
    base::Trail* trail;
};

}

TEST_CASE("what hides an error is printed with it") {
    const auto of = [](const char* message) { return std::make_exception_ptr(Error(message)); };
    const auto inner = std::make_exception_ptr(SuppressedError(of("closing b"), of("body")));
    const auto outer = std::make_exception_ptr(SuppressedError(of("closing a"), inner, "twice"));
    const std::string text = base::describeWithStack(outer);
    const auto parts = text.substr(text.find("\n  ["));
    CHECK(text.starts_with("SuppressedError: twice"));
    CHECK(parts == "\n  [error]: Error: closing a\n  [suppressed]: SuppressedError"
                   "\n  [error]: Error: closing b\n  [suppressed]: Error: body");
}

TEST_CASE("an error has a name and a message") {
    const Error error("no file");
    CHECK(error.name() == "Error");
    CHECK(error.message() == "no file");
    CHECK(std::string(error.what()) == "no file");
    CHECK(error.cause() == nullptr);
    CHECK(Error().message().empty());
}

TEST_CASE("every kind of error has its own name") {
    CHECK(TypeError("x").name() == "TypeError");
    CHECK(RangeError("x").name() == "RangeError");
    CHECK(AggregateError({}).name() == "AggregateError");
    CHECK(SuppressedError(nullptr, nullptr).name() == "SuppressedError");
    CHECK(ParseError("x").name() == "ParseError");
    CHECK(DOMException().name() == "Error");
}

TEST_CASE("an error as text is its name and its message or the one that is not empty") {
    CHECK(Error("no file").toString() == "Error: no file");
    CHECK(TypeError().toString() == "TypeError");
    CHECK(DOMException("gone", "").toString() == "gone");
    CHECK(DOMException("", "").toString().empty());
    CHECK(ParseError("line 3").toString() == "ParseError: line 3");
}

TEST_CASE("errors are caught as their bases and as standard exceptions") {
    CHECK_THROWS_AS(throw TypeError("x"), Error);
    CHECK_THROWS_AS(throw DOMException("x", "AbortError"), std::exception);
    CHECK_THROWS_AS(throw ParseError("x"), Error);
}

TEST_CASE("an error remembers its cause") {
    const std::exception_ptr cause = reason(RangeError("too far"));
    CHECK(Error("x", cause).cause() == cause);
    CHECK(TypeError("x", cause).cause() == cause);
    CHECK(AggregateError({}, "x", cause).cause() == cause);
}

TEST_CASE("an error captures where it was made") {
    const std::source_location before = here();
    const TypeError error("x");
    const DOMException exception("x", "AbortError");
    CHECK(error.trace().where().line() == before.line() + 1);
    CHECK(exception.trace().where().line() == before.line() + 2);
    CHECK_THAT(error.stack(), ContainsSubstring("TypeError: x\n    at "));
    CHECK_THAT(error.stack(), ContainsSubstring(place(error.trace().where())));
}

TEST_CASE("copying an error never throws") {
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<Error>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<TypeError>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<AggregateError>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<SuppressedError>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<DOMException>);
    const DOMException original("gone", "AbortError");
    const DOMException copy = original; // NOLINT(performance-unnecessary-copy-initialization): the copy is the subject
    CHECK(copy.message() == "gone");
    CHECK(copy.name() == "AbortError");
    CHECK(copy.trace().where().line() == original.trace().where().line());
}

TEST_CASE("an error may be copied and destroyed on several threads at once") {
    const DOMException original("gone", "AbortError");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([error = original] {
            for (int round = 0; round < 1'000; ++round) DOMException copy(error);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(original.toString() == "AbortError: gone");
}

TEST_CASE("an aggregate error holds its errors in the order of the inputs and copies share them") {
    const std::exception_ptr one = reason(Error("one"));
    const std::exception_ptr two = reason(Error("two"));
    const AggregateError error({one, two}, "all failed");
    CHECK(error.message() == "all failed");
    CHECK(error.errors() == std::vector<std::exception_ptr>{one, two});
    const AggregateError copy = error;
    CHECK(&copy.errors() == &error.errors());
}

TEST_CASE("a suppressed error holds both errors") {
    const std::exception_ptr later = reason(Error("later"));
    const std::exception_ptr earlier = reason(Error("earlier"));
    const SuppressedError error(later, earlier, "while closing");
    CHECK(error.error() == later);
    CHECK(error.suppressed() == earlier);
    CHECK(error.message() == "while closing");
}

TEST_CASE("a DOMException has the legacy code of its name") {
    CHECK(DOMException("x", "IndexSizeError").code() == 1);
    CHECK(DOMException("x", "NotFoundError").code() == 8);
    CHECK(DOMException("x", "InvalidStateError").code() == 11);
    CHECK(DOMException("x", "AbortError").code() == 20);
    CHECK(DOMException("x", "TimeoutError").code() == 23);
    CHECK(DOMException("x", "DataCloneError").code() == 25);
}

TEST_CASE("a DOMException whose name has no legacy code has code 0") {
    CHECK(DOMException().code() == 0);
    CHECK(DOMException("x", "NotAllowedError").code() == 0);
    CHECK(DOMException("x", "EncodingError").code() == 0);
    CHECK(DOMException("x", "aborterror").code() == 0);
}

TEST_CASE("a reason of any type can be described") {
    CHECK(base::describe(nullptr) == "undefined");
    CHECK(base::describe(reason(TypeError("no"))) == "TypeError: no");
    CHECK(base::describe(reason(DOMException("gone", "AbortError"))) == "AbortError: gone");
    CHECK(base::describe(reason(std::runtime_error("plain"))) == "plain");
    CHECK(base::describe(reason(std::string("text"))) == "text");
    CHECK(base::describe(reason(std::string_view("view"))) == "view");
    CHECK(base::describe(reason<const char*>("literal")) == "literal");
    CHECK(base::describe(reason(nullptr)) == "null");
    CHECK(base::describe(reason(42)) == "42");
    CHECK(base::describe(reason(-7)) == "-7");
    CHECK(base::describe(reason(4.5)) == "an exception of unknown type");
}

TEST_CASE("what is printed for an error tells where it was made") {
    const Error error("no");
    const std::exception_ptr thrown = reason(error);
    const std::string text = base::describeWithStack(thrown);
    CHECK_THAT(text, ContainsSubstring("Error: no\n    at "));
    CHECK_THAT(text, ContainsSubstring(place(error.trace().where())));
    CHECK(count(text, "\n") == 1);
}

TEST_CASE("what is printed for an exception of another type is its description") {
    CHECK(base::describeWithStack(reason(std::runtime_error("plain"))) == "plain");
    CHECK(base::describeWithStack(nullptr) == "undefined");
}

TEST_CASE("what is printed for an error tells its causes and its aggregated errors") {
    const std::exception_ptr root = reason(RangeError("too far"));
    const std::exception_ptr cause = reason(TypeError("no", root));
    const std::string text = base::describeWithStack(
        reason(AggregateError({reason(Error("one")), reason(std::runtime_error("two"))}, "all failed", cause)));
    CHECK_THAT(text, ContainsSubstring("AggregateError: all failed\n"));
    CHECK_THAT(text, ContainsSubstring("\n  [error]: Error: one\n  [error]: two"));
    CHECK_THAT(text, ContainsSubstring("\n  [cause]: TypeError: no\n"));
    CHECK_THAT(text, ContainsSubstring("\n  [cause]: RangeError: too far\n"));
    CHECK(text.find("TypeError") < text.find("RangeError"));
}

TEST_CASE("what is printed for an error tells the awaits it was thrown through") {
    const auto [thrown, innermost] = thrownInAsyncFunction();
    const std::source_location outer = here();
    const ReleaseTrail guard{base::Trail::extended(base::Trail::extended(nullptr, innermost), outer)};
    const std::string text = base::describeWithStack(thrown, guard.trail);
    // the function that made it stands there once, with the line where it was made
    CHECK(count(text, "thrownInAsyncFunction") == 1);
    CHECK_THAT(text, ContainsSubstring("at async ") && ContainsSubstring("thrownInAsyncFunction"));
    CHECK_THAT(text, ContainsSubstring(place(outer)));
    CHECK(count(text, "\n") == 2);
}

TEST_CASE("what is printed for an error made outside of async functions keeps its place above the awaits") {
    const Error error("no");
    const std::exception_ptr thrown = reason(error);
    const std::source_location await = [] { return here(); }();
    const ReleaseTrail guard{base::Trail::extended(nullptr, await)};
    const std::string text = base::describeWithStack(thrown, guard.trail);
    CHECK(text.find(place(error.trace().where())) < text.find(place(await)));
    CHECK_THAT(text, ContainsSubstring("at async lambda " + place(await)));
    CHECK(count(text, "\n") == 2);
}

TEST_CASE("what is printed for an exception of another type tells the awaits it was thrown through") {
    const std::source_location inner = here();
    const std::source_location outer = here();
    const ReleaseTrail guard{base::Trail::extended(base::Trail::extended(nullptr, inner), outer)};
    const std::string text = base::describeWithStack(reason(7), guard.trail);
    CHECK(text.substr(0, 2) == "7\n");
    CHECK(text.find(place(inner)) < text.find(place(outer)));
    CHECK(count(text, "at async ") == 2);
}
