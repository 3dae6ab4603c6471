// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration/async_disposable_stack.hpp>
#include <rondo/iteration/async_generator.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

using namespace rondo;

namespace {

struct Slow {
    Slow(Journal& journal, const char* text) : log(&journal), name(text) {}
    Slow(Slow&& other) noexcept : log(std::exchange(other.log, nullptr)), name(other.name) {}
    Slow& operator=(Slow&&) = delete;
    ~Slow() {
        if (log) (*log)("~", name);
    }
    Promise<> disposeAsync() {
        (*log)(name, "(");
        co_await Promise<>::resolve();
        (*log)(")", name);
    }
    Journal* log;
    const char* name;
};
struct Quick {
    Journal& log;
    void dispose() const { log("quick"); }
};

std::string errorOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const SuppressedError& e) {
        return "(" + errorOf(e.error()) + " hides " + errorOf(e.suppressed()) + ")";
    } catch (const Error& e) {
        return std::string(e.message());
    }
}

}

ASYNC_TEST_CASE("what was put on the stack is disposed of last first and each is awaited") {
    Journal log;
    AsyncDisposableStack stack;
    auto& kept = stack.use(Slow(log, "a"));
    CHECK(kept.name == std::string("a"));
    stack.use(Quick{log});
    int handle = 7;
    stack.adopt(handle, [&](int& h) { log("adopted", h); }); // a copy
    handle = 8;
    stack.defer([&]() -> Promise<> {
        co_await Promise<>::resolve();
        log("deferred");
    });
    CHECK_FALSE(stack.disposed());
    auto disposed = stack.disposeAsync();
    CHECK(stack.disposed());
    co_await std::move(disposed);
    CHECK(log == "deferred adopted7 quick a( )a ~a");
    co_await stack.disposeAsync();
    CHECK(log == "deferred adopted7 quick a( )a ~a");
}

ASYNC_TEST_CASE("a variable is referred to by std::ref alone") {
    Journal log;
    Quick quick{log};
    int handle = 7;
    AsyncDisposableStack stack;
    CHECK(&stack.use(std::ref(quick)) == &quick);
    CHECK(&stack.adopt(std::ref(handle), [&](int& h) { log("adopted", h); }) == &handle);
    handle = 8;
    co_await stack.disposeAsync();
    CHECK(log == "adopted8 quick");
}

ASYNC_TEST_CASE("errors of disposal are folded into suppressed errors") {
    AsyncDisposableStack stack;
    stack.defer([] { throw Error("first"); });
    stack.defer([] { return Promise<>::reject(Error("second")); });
    stack.defer([] {});
    stack.defer([] { throw Error("third"); });
    auto disposed = stack.disposeAsync();
    const auto settled = co_await disposed.settled();
    CHECK(errorOf(settled.reason()) == "(first hides (second hides third))");
    AsyncDisposableStack one;
    one.defer([] { throw Error("only"); });
    auto alone = one.disposeAsync();
    const auto only = co_await alone.settled();
    CHECK(errorOf(only.reason()) == "only");
}

ASYNC_TEST_CASE("a stack that is disposed of takes nothing more") {
    AsyncDisposableStack stack;
    co_await stack.disposeAsync();
    CHECK_THROWS_AS(stack.defer([] {}), ReferenceError);
    CHECK_THROWS_AS(stack.move(), ReferenceError);
}

ASYNC_TEST_CASE("what moving a resource throws leaves the stack as it was") {
    struct Heavy {
        Heavy() = default;
        Heavy(Heavy&&) { throw Error("too heavy"); }
        void dispose() {}
    };
    Journal log;
    AsyncDisposableStack stack;
    stack.use(Quick{log});
    CHECK_THROWS_AS(stack.use(Heavy()), Error);
    co_await stack.disposeAsync();
    CHECK(log == "quick");
}

ASYNC_TEST_CASE("a stack can be moved and what it was is disposed of without disposing") {
    Journal log;
    AsyncDisposableStack stack;
    stack.use(Slow(log, "a"));
    auto other = stack.move();
    CHECK((stack.disposed() && !other.disposed()));
    co_await stack.disposeAsync();
    CHECK(log == "");
    co_await other.disposeAsync();
    CHECK(log == "a( )a ~a");
}

TEST_CASE("a stack that is destroyed destroys what it holds last first and disposes of nothing") {
    Journal log;
    {
        AsyncDisposableStack stack;
        stack.use(Slow(log, "a"));
        stack.use(Slow(log, "b"));
    }
    CHECK(log == "~b ~a");
}

TEST_CASE("what an unfinished disposal leaves is destroyed last first") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        AsyncDisposableStack stack;
        stack.use(Slow(log, "a"));
        stack.use(Slow(log, "b"));
        stack.defer([] { return Promise<>([](auto) {}); });
        stack.disposeAsync();
    });
    CHECK(log == "~b ~a");
}

TEST_CASE("without memory a disposal throws and leaves everything on the stack") {
    if (!coroutinesMayRunOutOfMemory) return;
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            int disposed = 0;
            AsyncDisposableStack stack;
            stack.defer([&] { ++disposed; });
            stack.defer([&] { ++disposed; });
            Promise<> end = Promise<>::resolve();
            source.failAfter(successes);
            try {
                end = stack.disposeAsync(); // may reject, too, with what a disposal failed with
            } catch (const std::bad_alloc&) {
                source.disarm();
                CHECK_FALSE(stack.disposed());
                end = stack.disposeAsync();
            }
            co_await end.settled();
            source.disarm();
            CHECK(disposed == 2);
        });
    });
}

ASYNC_TEST_CASE("a block disposes of its stack however it is left") {
    Journal log;
    auto block = usingAsync([&](AsyncDisposableStack& stack) -> Promise<int> {
        stack.use(Slow(log, "a"));
        log("body");
        co_return 4;
    });
    const int result = co_await std::move(block);
    CHECK(result == 4);
    auto failing = usingAsync([&](AsyncDisposableStack& stack) -> Promise<std::unique_ptr<int>> {
        stack.defer([] { throw Error("closing"); });
        throw Error("body");
        co_return nullptr;
    });
    const auto failed = co_await std::move(failing).settled();
    CHECK(errorOf(failed.reason()) == "(closing hides body)");
    auto moving = usingAsync([&](AsyncDisposableStack& stack) -> Promise<> {
        stack.use(Slow(log, "b"));
        auto away = stack.move();
        throw Error("after the move");
        co_return;
    });
    const auto moved = co_await moving.settled();
    CHECK(errorOf(moved.reason()) == "after the move");
    CHECK(log == "body a( )a ~a ~b");
}

ASYNC_TEST_CASE("an async generator is disposed of by its return") {
    Journal log;
    AsyncDisposableStack stack;
    auto& g = stack.use([](Journal& journal) -> AsyncGenerator<int> {
        try {
            co_yield 1;
        } catch (const ReturnCompletion&) {
            journal("closed");
            throw;
        }
    }(log));
    co_await g.next();
    co_await stack.disposeAsync();
    CHECK(log == "closed");
}

TEST_CASE("each disposal takes a tick and an empty stack none and a block one more") {
    const auto disposing = [](int count) {
        return ticksOf([count] {
            AsyncDisposableStack stack;
            for (int i = 0; i < count; ++i) stack.defer([] {});
            return stack.disposeAsync();
        });
    };
    CHECK((disposing(0) == 1 && disposing(1) == 2 && disposing(3) == 4));
    const auto block = [](int count) {
        return ticksOf([count] {
            return usingAsync([count](AsyncDisposableStack& stack) {
                for (int i = 0; i < count; ++i) stack.defer([] {});
                return Promise<>::resolve();
            });
        });
    };
    CHECK((block(0) == 2 && block(1) == 3 && block(3) == 5)); // a tick for the block
}
