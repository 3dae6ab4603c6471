// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/written.hpp"

#include <rondo/promise/coroutine.hpp>
#include <rondo/promise/suspended_function.hpp>

#include <source_location>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

const std::uint_least32_t innerLine = std::source_location::current().line() + 1;
Promise<> inner(Promise<> never) { co_await never; }
Promise<> middle(Promise<> never) { co_await inner(std::move(never)); }
Promise<> outer(Promise<> never) { co_await middle(std::move(never)); }
Promise<> other(Promise<> never) { co_await never; }

std::vector<std::string> namesOf(const SuspendedFunction& function) {
    std::vector<std::string> names{std::string(function.name())};
    for (const std::source_location& await : function)
        names.emplace_back(base::shortFunctionName(await.function_name()));
    for (std::string& name : names) name = name.substr(name.rfind(':') + 1);
    return names;
}
using Names = std::vector<std::string>;

}

TEST_CASE("what is suspended is listed oldest first and each function with those that await it") {
    EventLoop loop({.virtualTime = true});
    CHECK(loop.pending().empty());
    auto never = Promise<>::withResolvers();
    loop.run([&] {
        outer(never.promise);
        other(never.promise);
    });
    const auto pending = loop.pending();
    REQUIRE(pending.size() == 2);
    CHECK(namesOf(pending[0]) == Names{"inner", "middle", "outer"});
    CHECK(namesOf(pending[1]) == Names{"other"});
    CHECK(pending[0].where().line() == innerLine);
    never.resolve();
    loop.run([] {});
    CHECK(loop.pending().empty());
}

TEST_CASE("a suspended function is written as a line for it and one for each await above it") {
    EventLoop loop({.virtualTime = true});
    const auto never = Promise<>::withResolvers();
    loop.run([&] { middle(never.promise); });
    const auto pending = loop.pending();
    REQUIRE(pending.size() == 1);
    const std::string stack = pending[0].stack();
    CHECK(stack.find("inner (") != stack.npos);
    CHECK(stack.starts_with("async "));
    CHECK(occurrences(stack, "\n    at async ") == 1);
    CHECK(stack.find(":" + std::to_string(innerLine) + ")\n") != stack.npos);
    std::ostringstream written;
    written << pending[0];
    CHECK(written.str() == stack);
}

TEST_CASE("the function that asks what is suspended is not among it") {
    EventLoop loop({.virtualTime = true});
    const auto never = Promise<>::withResolvers();
    std::vector<SuspendedFunction> pending;
    loop.run([&]() -> Promise<> {
        other(never.promise);
        co_await Promise<>::resolve();
        pending = EventLoop::current().pending();
    });
    REQUIRE(pending.size() == 1);
    CHECK(namesOf(pending[0]) == Names{"other"});
}

TEST_CASE("a picture of what is suspended outlives what it shows") {
    std::vector<SuspendedFunction> pending;
    {
        EventLoop loop({.virtualTime = true});
        const auto never = Promise<>::withResolvers();
        loop.run([&] { outer(never.promise); });
        pending = loop.pending();
    }
    REQUIRE(pending.size() == 1);
    CHECK(namesOf(pending[0]) == Names{"inner", "middle", "outer"});
}

TEST_CASE("functions that await each other are listed no more than once each") {
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        auto first = Promise<>::withResolvers();
        const auto second = [](Promise<> awaited, promise::Resolve<void> resolve) -> Promise<> {
            co_await awaited;
            resolve();
        };
        second(first.promise, first.resolve);
    });
    CHECK(loop.pending().size() <= 1);
}
