// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

namespace {

template <class T>
const Promise<T>& lvalue();

int doubled(int x) { return 2 * x; }
void dropped(const int&) {}
int fromNothing() { return 3; }
int noexceptly(int x) noexcept { return x + 1; }
int recovered(std::exception_ptr) { return 4; }
int ofTypeError(const TypeError& error) { return static_cast<int>(error.message().size()); }

struct Functor {
    int operator()(int x) const { return x + 10; }
    int operator()(const std::string& text) const { return static_cast<int>(text.size()); }
};

struct HandlerOfErrors {
    int operator()(const RangeError&) const noexcept { return 6; }
};

std::string passedOn(const std::exception_ptr& reason) { return "passed: " + base::describe(reason); }

}

// What catch_ promises.
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([] { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<std::string>().catch_([] { return "x"; })), Promise<std::string>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([](std::exception_ptr) { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([](const Error&) { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([](auto) { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([] { return Promise<>::resolve(1); })), Promise<int>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([] {})), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([](const Error&) {})), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<int>().catch_([]() -> Promise<> { co_return; })), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<void>().catch_([] {})), Promise<>>);
static_assert(std::is_same_v<decltype(lvalue<void>().catch_([] { return 1; })), Promise<>>);

ASYNC_TEST_CASE("a handler of then takes the value, or nothing") {
    const auto p = Promise<>::resolve(1);
    const int a = co_await p.then([](int x) { return x; });
    const int b = co_await p.then([](const int& x) { return x + 1; });
    const int c = co_await p.then([](auto x) { return x + 2; });
    const int d = co_await p.then([](const auto& x) { return x + 3; });
    const int e = co_await p.then([](auto&&... x) { return static_cast<int>(sizeof...(x)); });
    const int f = co_await p.then([] { return 6; });
    const double g = co_await p.then([](double x) { return x / 2; });
    CHECK(a == 1);
    CHECK(b == 2);
    CHECK(c == 3);
    CHECK(d == 4);
    CHECK(e == 1);
    CHECK(f == 6);
    CHECK(g == 0.5);
}

ASYNC_TEST_CASE("a handler may be a function, a function pointer, a std function or an object") {
    const auto p = Promise<>::resolve(1);
    const int a = co_await p.then(doubled);
    const int b = co_await p.then(&doubled);
    co_await p.then(dropped);
    const int c = co_await p.then(fromNothing);
    const int d = co_await p.then(noexceptly);
    const std::function<int(int)> function = [](int x) { return x + 4; };
    const int e = co_await p.then(function);
    const int f = co_await p.then(Functor());
    const Functor functor;
    const int g = co_await p.then(functor);
    const int h = co_await p.then(std::ref(functor));
    CHECK(a == 2);
    CHECK(b == 2);
    CHECK(c == 3);
    CHECK(d == 2);
    CHECK(e == 5);
    CHECK(f == 11);
    CHECK(g == 11);
    CHECK(h == 11);
}

ASYNC_TEST_CASE("a handler may be mutable and may own what can only be moved") {
    const auto p = Promise<>::resolve(1);
    auto mutableHandler = p.then([count = 0](int x) mutable { return count += x; });
    const int a = co_await mutableHandler;
    auto owning = p.then([owned = std::make_unique<int>(41)](int x) { return *owned + x; });
    const int b = co_await owning;
    auto both = Promise<int>::reject(1).catch_(
        [owned = std::make_unique<int>(5)]() mutable { return *std::exchange(owned, nullptr); });
    const int c = co_await both;
    CHECK(a == 1);
    CHECK(b == 42);
    CHECK(c == 5);
}

ASYNC_TEST_CASE("a handler of a rejection that takes nothing is called for every reason") {
    const int a = co_await Promise<int>::reject(TypeError("t")).catch_([] { return 1; });
    const int b = co_await Promise<int>::reject(2).catch_([] { return 2; });
    const int c = co_await Promise<int>::reject("three").catch_(fromNothing);
    const int d = co_await Promise<int>::reject(4).catch_([](auto...) { return 4; });
    CHECK(a == 1);
    CHECK(b == 2);
    CHECK(c == 3);
    CHECK(d == 4);
}

ASYNC_TEST_CASE("a handler of a rejection that takes an exception_ptr is given the reason") {
    const auto error = std::make_exception_ptr(TypeError("t"));
    const auto p = Promise<std::string>::reject(error);
    const std::string a = co_await p.catch_([](std::exception_ptr reason) { return base::describe(reason); });
    const std::string b = co_await p.catch_([](const std::exception_ptr& reason) { return base::describe(reason); });
    const std::string c =
        co_await p.catch_([&](std::exception_ptr&& reason) { return reason == error ? "same" : "other"; });
    const int d = co_await Promise<int>::reject(1).catch_(recovered);
    const std::function<int(std::exception_ptr)> function = recovered;
    const int e = co_await Promise<int>::reject(1).catch_(function);
    CHECK(a == "TypeError: t");
    CHECK(b == "TypeError: t");
    CHECK(c == "same");
    CHECK(d == 4);
    CHECK(e == 4);
}

ASYNC_TEST_CASE("a generic handler of a rejection is given the exception_ptr") {
    const int a = co_await Promise<int>::reject(TypeError("t")).catch_([](auto reason) {
        static_assert(std::is_same_v<decltype(reason), std::exception_ptr>);
        return 1;
    });
    const int b = co_await Promise<int>::reject(TypeError("t")).catch_([](const auto& reason) {
        static_assert(std::is_same_v<decltype(reason), const std::exception_ptr&>);
        return 2;
    });
    const int c = co_await Promise<int>::reject(TypeError("t")).catch_([](auto&& reason) { return reason ? 3 : 0; });
    CHECK(a == 1);
    CHECK(b == 2);
    CHECK(c == 3);
}

ASYNC_TEST_CASE(
    "a handler of a rejection that names a type is called for reasons of that type and of those derived from it") {
    const auto handled = [](const auto& promise) {
        return promise.catch_([](const Error& e) { return "Error " + std::string(e.message()); });
    };
    const std::string a = co_await handled(Promise<std::string>::reject(TypeError("derived")));
    const std::string b = co_await handled(Promise<std::string>::reject(Error("base")));
    CHECK(a == "Error derived");
    CHECK(b == "Error base");
    const int c = co_await Promise<int>::reject(TypeError("four")).catch_(ofTypeError);
    const int d = co_await Promise<int>::reject(RangeError("r")).catch_(HandlerOfErrors());
    const std::function<int(const TypeError&)> function = ofTypeError;
    const int e = co_await Promise<int>::reject(TypeError("seven77")).catch_(function);
    const int f = co_await Promise<int>::reject(std::runtime_error("x")).catch_([](const std::exception& x) mutable {
        return static_cast<int>(x.what()[0]);
    });
    const int g = co_await Promise<int>::reject(std::string("text")).catch_([](const std::string& text) {
        return static_cast<int>(text.size());
    });
    CHECK(c == 4);
    CHECK(d == 6);
    CHECK(e == 7);
    CHECK(f == 'x');
    CHECK(g == 4);
}

ASYNC_TEST_CASE("a reason of another type than the handler names passes on in the same tick") {
    const auto passed = [](auto promise) {
        return promise.catch_([](const TypeError&) { return std::string("handled"); })
            .catch_([](std::exception_ptr reason) { return passedOn(reason); });
    };
    const std::string a = co_await passed(Promise<std::string>::reject(RangeError("r")));
    const std::string b = co_await passed(Promise<std::string>::reject(1));
    const std::string c = co_await passed(Promise<std::string>::reject(Error("base")));
    const std::string d = co_await passed(Promise<std::string>::reject(std::runtime_error("std")));
    CHECK(a == "passed: RangeError: r");
    CHECK(b == "passed: 1");
    CHECK(c == "passed: Error: base");
    CHECK(d == "passed: std");
}

TEST_CASE("a handler that names a type takes no tick more, whether it is called or not") {
    CHECK(ticksOf([] { return Promise<int>::reject(TypeError("t")).catch_([](const TypeError&) { return 1; }); }) == 2);
    CHECK(ticksOf([] { return Promise<int>::reject(RangeError("r")).catch_([](const TypeError&) { return 1; }); }) ==
          2);
    CHECK(ticksOf([] { return Promise<>::resolve(1).catch_([](const TypeError&) { return 1; }); }) == 2);
}

ASYNC_TEST_CASE("a handler that names a type may throw another reason, or the same one again") {
    const auto a =
        Promise<int>::reject(TypeError("t")).catch_([](const TypeError&) -> int { throw RangeError("instead"); });
    const auto s = co_await a.settled();
    CHECK(base::describe(s.reason()) == "RangeError: instead");
    const auto b = Promise<int>::reject(TypeError("t")).catch_([](const Error&) -> int { throw; });
    const auto t = co_await b.settled();
    CHECK(base::describe(t.reason()) == "TypeError: t");
}

ASYNC_TEST_CASE("a handler that throws the type it names is not called again for it") {
    int calls = 0;
    const auto p = Promise<int>::reject(TypeError("first")).catch_([&](const TypeError&) -> int {
        ++calls;
        throw TypeError("second");
    });
    const auto s = co_await p.settled();
    CHECK(calls == 1);
    CHECK(base::describe(s.reason()) == "TypeError: second");
}

ASYNC_TEST_CASE("catch_ with a handler that returns void drops the value") {
    bool called = false;
    co_await Promise<>::resolve(1).catch_([&] { called = true; });
    CHECK_FALSE(called);
    co_await Promise<int>::reject(1).catch_([&] { called = true; });
    CHECK(called);
    co_await Promise<>::resolve(std::make_unique<int>(1)).catch_([] {});
}

ASYNC_TEST_CASE("catch_ on a promise of void drops what its handler returns") {
    co_await Promise<>::reject(1).catch_([] { return 5; });
    co_await Promise<>::reject(1).catch_([] { return Promise<>::resolve(std::string("dropped")); });
    bool awaited = false;
    co_await Promise<>::reject(1).catch_([&]() -> Promise<int> {
        co_await Promise<>::resolve();
        awaited = true;
        co_return 1;
    });
    CHECK(awaited);
}

ASYNC_TEST_CASE("catch_ converts what its handler returns to the value of the promise") {
    const std::string a = co_await Promise<std::string>::reject(1).catch_([] { return "literal"; });
    const double b = co_await Promise<double>::reject(1).catch_([] { return 2; });
    const std::string c =
        co_await Promise<std::string>::reject(1).catch_([] { return Promise<>::resolve("promised"); });
    CHECK(a == "literal");
    CHECK(b == 2.0);
    CHECK(c == "promised");
}

ASYNC_TEST_CASE("then with two handlers converts to the common type of both") {
    const std::string a =
        co_await Promise<>::resolve(1).then([] { return "literal"; }, [] { return std::string("s"); });
    const std::string b =
        co_await Promise<int>::reject(1).then([] { return std::string("s"); }, [] { return "literal"; });
    CHECK(a == "literal");
    CHECK(b == "literal");
    int dropped = 0;
    co_await Promise<>::resolve(1).then([&] { return ++dropped; }, [] {});
    co_await Promise<int>::reject(1).then([] {}, [&](const std::exception_ptr&) { return ++dropped; });
    CHECK(dropped == 2);
}

ASYNC_TEST_CASE("both handlers of then may be coroutines") {
    auto slow = [](int value) -> Promise<int> {
        co_await Promise<>::resolve();
        co_return value;
    };
    const int a = co_await Promise<>::resolve(1).then([&](int x) { return slow(x + 1); }, [&] { return slow(0); });
    const int b = co_await Promise<int>::reject(1).then([&](int x) { return slow(x); }, [&] { return slow(7); });
    CHECK(a == 2);
    CHECK(b == 7);
}

ASYNC_TEST_CASE("a handler of a promise of void takes nothing") {
    const int a = co_await Promise<>::resolve().then([] { return 1; });
    const int b = co_await Promise<>::resolve().then(fromNothing);
    const int c = co_await Promise<>::resolve().then([](auto...) { return 3; });
    const int d = co_await Promise<>::resolve().then([](int x = 4) { return x; });
    CHECK(a == 1);
    CHECK(b == 3);
    CHECK(c == 3);
    CHECK(d == 4);
}
