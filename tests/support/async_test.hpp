// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"

#include <rondo/promise.hpp>

/// Runs an async function in virtual time until nothing is owed; what rejected it is thrown.
template <class F>
void runInVirtualTime(F f) {
    rondo::EventLoop loop({.virtualTime = true});
    bool ended = false;
    std::exception_ptr thrown;
    loop.run([&]() -> rondo::Promise<> {
        auto result = f();
        const auto settled = co_await result.settled();
        ended = true;
        thrown = settled.reason();
    });
    if (thrown) std::rethrow_exception(thrown);
    INFO("the test's promise must settle before its loop runs dry");
    REQUIRE(ended);
}

/// A test case whose body is an async function, run in virtual time.
#define ASYNC_TEST_CASE(...) ASYNC_TEST_CASE_NAMED(INTERNAL_CATCH_UNIQUE_NAME(asyncTestCase), __VA_ARGS__)
#define ASYNC_TEST_CASE_NAMED(name, ...)                                                                               \
    static rondo::Promise<> name();                                                                                    \
    TEST_CASE(__VA_ARGS__) { runInVirtualTime(name); }                                                                 \
    static rondo::Promise<> name()
