// SPDX-License-Identifier: MIT

// How loops close iterators, and blocks their resources, where that is not an async function's work.

#include "support/async_test.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration.hpp>

#include <string>

using namespace rondo;

namespace {

/// Ones without an end, and it cannot be closed.
struct NotClosable {
    using Step = IteratorResult<int>;
    Promise<Step> next() { return Promise<>::resolve(Step::yielded(1)); }
    Promise<Step> return_() { throw TypeError("from return_"); }
};

/// It returns a string, but takes none when it is closed.
struct ReturnsItsOwn {
    using Step = IteratorResult<int, std::string>;
    Promise<Step> next() { return Promise<>::resolve(Step::yielded(1)); }
    Promise<Step> return_() { return Promise<>::resolve(Step::finished("its own")); }
};

AsyncGenerator<int, std::string> through() {
    const auto returned = co_yield elementsOf(ReturnsItsOwn());
    co_return returned ? *returned : std::string();
}

auto logMessage(Journal& log) {
    return [&log](const Error& error) { log(error.message()); };
}

}

ASYNC_TEST_CASE("what a loop's body throws is more important than what return_ throws at once") {
    Journal log;
    auto loop = forAwait(NotClosable(), [](int) { throw Error("body"); }).catch_(logMessage(log));
    co_await loop;
    auto left = forAwait(NotClosable(), [](int) { return false; }).catch_(logMessage(log));
    co_await left;
    auto mapped = fromAsync(NotClosable(), [](int) -> int { throw Error("mapper"); });
    auto logged = std::move(mapped).then([] {}).catch_(logMessage(log));
    co_await logged;
    CHECK(log == "body from return_ mapper");
}

ASYNC_TEST_CASE("usingAsync disposes of what a block that is no coroutine has left when it threw") {
    Journal log;
    auto block = usingAsync([&log](AsyncDisposableStack& stack) -> Promise<> {
        stack.defer([&log] { log("disposed"); });
        throw Error("block");
    });
    auto logged = std::move(block).catch_(logMessage(log));
    co_await logged;
    CHECK(log == "disposed block");
}

TEST_CASE("what is promised of a disposal is awaited as it is whatever its type") {
    const auto dispose = [] {
        AsyncDisposableStack stack;
        stack.defer([] { return Promise<>::resolve(std::string("of no interest")); });
        return stack.disposeAsync();
    };
    CHECK(ticksOf(dispose) == 2);
}

TEST_CASE("what dispose() throws is awaited and what a deferred function throws is not") {
    struct Resource {
        void dispose() { throw Error("dispose"); }
    };
    const auto used = [] {
        AsyncDisposableStack stack;
        stack.use(Resource());
        return stack.disposeAsync();
    };
    const auto deferred = [] {
        AsyncDisposableStack stack;
        stack.defer([] { throw Error("deferred"); });
        return stack.disposeAsync();
    };
    CHECK(ticksOf(used) == 2);
    CHECK(ticksOf(deferred) == 1);
}

ASYNC_TEST_CASE("an iterator whose return_ takes nothing is closed without the value") {
    auto generator = through();
    co_await generator.next();
    auto ended = co_await generator.return_("mine");
    REQUIRE(ended.returned());
    CHECK(*ended.returned() == "its own");
}
