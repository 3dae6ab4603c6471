// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"
#include "support/written.hpp"

#include <rondo/promise/any_promise.hpp>

#include <concepts>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;

namespace {

template <class T>
AnyPromise anyOf(const Promise<T>& rejected) {
    return AnyPromise(*rejected.ref());
}

}

static_assert(std::same_as<decltype(std::declval<const AnyPromise&>().catch_([] {})), Promise<>>);
static_assert(std::same_as<decltype(std::declval<const AnyPromise&>().finally([] {})), Promise<>>);

TEST_CASE("a promise whose type is not known equals the promise it stands for and no other") {
    writtenTo(stderr, [] {
        EventLoop loop({.virtualTime = true});
        const auto number = Promise<int>::reject(Error("a"));
        const auto text = Promise<std::string>::reject(Error("a"));
        const AnyPromise any = anyOf(number);
        const AnyPromise copy = any;
        CHECK(any == number);
        CHECK(number == any);
        CHECK_FALSE(any == text);
        CHECK(copy == any);
        CHECK_FALSE(any == anyOf(text));
    });
}

TEST_CASE("catching on a promise whose type is not known handles its rejection a tick later") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const int code = loop.run([&] {
        const auto p = Promise<int>::reject(TypeError("no"));
        const AnyPromise any = anyOf(p);
        Promise<>::resolve().then([&] { log("before"); });
        any.catch_([&](const TypeError& error) { log("caught:", error.message()); }).then([&] { log("then"); });
        Promise<>::resolve().then([&] { log("after"); }).then([&] { log("later"); });
        log("sync");
    });
    CHECK(log == "sync before caught:no after then later");
    CHECK(code == 0);
}

TEST_CASE("finally on a promise whose type is not known passes the rejection on") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const int code = loop.run([&] {
        const auto p = Promise<int>::reject(TypeError("no"));
        anyOf(p).finally([&] { log("finally"); }).catch_([&](const std::exception_ptr& reason) {
            log(base::describe(reason));
        });
    });
    CHECK(log == "finally TypeError: no");
    CHECK(code == 0);
}

TEST_CASE("a promise whose type is not known keeps the rejected promise and lets it go") {
    CountingSource memory;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            auto p = std::make_unique<Promise<std::string>>(Promise<std::string>::reject(std::runtime_error("kept")));
            AnyPromise any = anyOf(*p);
            p->catch_([] { return std::string(); });
            p.reset();
            AnyPromise moved = std::move(any);
            any = moved;
            any.catch_([] {});
        });
    }
    CHECK(memory.balance() == 0);
}
