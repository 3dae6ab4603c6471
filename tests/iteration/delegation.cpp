// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/from_async.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<int> upTo(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}
AsyncGenerator<int, std::string> named(int last, std::string name) {
    for (int i = 1; i <= last; ++i) co_yield i;
    co_return name;
}

/// An iterator that says what it is asked for, and has nothing but `next`.
struct Bare {
    Journal& log;
    int i = 0;
    Promise<IteratorResult<int>> next() {
        log("next");
        return Promise<>::resolve(IteratorResult<int>::yielded(++i));
    }
};
struct Closing : Bare {
    Promise<IteratorResult<int>> return_() {
        log("return");
        return Promise<>::resolve(IteratorResult<int>::finished());
    }
};

template <class Iterator>
AsyncGenerator<int> through(Iterator& iterator) {
    co_yield elementsOf(iterator);
}

}

ASYNC_TEST_CASE("what is delegated to yields in place of the generator and gives its result") {
    auto outer = [](std::vector<int> range) -> AsyncGenerator<int> {
        auto lvalue = upTo(2);
        co_yield elementsOf(lvalue);
        auto result = co_yield elementsOf(named(1, "abc"));
        co_yield static_cast<int>(result->size());
        co_yield elementsOf(range);
        co_yield elementsOf(std::vector<Promise<int>>(1, Promise<>::resolve(9)));
    }({7, 8});
    auto values = co_await fromAsync(outer);
    CHECK(values == std::vector<int>{1, 2, 1, 3, 7, 8, 9});
}

ASYNC_TEST_CASE("an iterator that is finished already gives no result") {
    auto outer = []() -> AsyncGenerator<bool> {
        auto finished = named(0, "x");
        co_await finished.next();
        auto result = co_yield elementsOf(finished);
        co_yield result.has_value();
    }();
    auto step = co_await outer.next();
    CHECK_FALSE(*step);
}

ASYNC_TEST_CASE("return goes through the inner generator with its value") {
    Journal log;
    auto outer = [](Journal& journal) -> AsyncGenerator<int, std::string> {
        auto result = co_yield elementsOf([](Journal& inner) -> AsyncGenerator<int, std::string> {
            try {
                co_yield 1;
            } catch (const ReturnCompletion&) {
                inner("closed");
                throw;
            }
            co_return "end";
        }(journal));
        journal("never");
        co_return *result;
    }(log);
    co_await outer.next();
    auto step = co_await outer.return_("early");
    CHECK(*step.returned() == "early");
    CHECK(log == "closed");
}

ASYNC_TEST_CASE("what is thrown in goes to the inner generator") {
    auto outer = []() -> AsyncGenerator<int> {
        co_yield elementsOf([]() -> AsyncGenerator<int> {
            try {
                co_yield 1;
            } catch (const Error&) {}
            co_yield 2;
        }());
        co_yield 3;
    }();
    co_await outer.next();
    auto two = co_await outer.throw_(Error("in"));
    auto three = co_await outer.next();
    CHECK((*two == 2 && *three == 3));
}

ASYNC_TEST_CASE("an iterator without throw is closed and a TypeError is thrown at the yield") {
    Journal log;
    Closing closing{{log}};
    auto a = through(closing);
    co_await a.next();
    auto first = a.throw_(Error("in"));
    const auto failed = co_await first.settled();
    log(base::describe(failed.reason()));
    Bare bare{log};
    auto b = through(bare);
    co_await b.next();
    auto second = b.throw_(Error("in"));
    const auto also = co_await second.settled();
    log(also.rejected());
    CHECK(log == "next return TypeError: The iterator does not provide a 'throw' method next true");
}

ASYNC_TEST_CASE("an iterator without return lets the return completion pass") {
    Journal log;
    Bare bare{log};
    auto g = through(bare);
    co_await g.next();
    auto step = co_await g.return_();
    CHECK(step.done());
    std::vector<int> range{1, 2};
    auto h = through(range);
    co_await h.next();
    auto last = co_await h.return_();
    CHECK(last.done());
    auto k = through(range);
    co_await k.next();
    auto thrown = k.throw_(Error("in"));
    const auto failed = co_await thrown.settled();
    CHECK(base::describe(failed.reason()) == "TypeError: The iterator does not provide a 'throw' method");
}

ASYNC_TEST_CASE("what next throws is thrown at the yield") {
    struct Throwing {
        int i = 0;
        Promise<IteratorResult<int>> next() {
            if (++i == 2) throw Error("no next");
            return Promise<>::resolve(IteratorResult<int>::yielded(i));
        }
    };
    auto g = []() -> AsyncGenerator<int> {
        bool caught = false;
        try {
            co_yield elementsOf(Throwing());
        } catch (const Error&) {
            caught = true;
        }
        if (caught) co_yield 9;
    }();
    auto values = co_await fromAsync(g);
    CHECK(values == std::vector<int>{1, 9});
}

TEST_CASE("a value takes a tick more through each generator it is delegated by") {
    const auto depth = [](int levels) {
        return ticksOf([levels] {
            struct Nested {
                static AsyncGenerator<int> at(int level) {
                    if (level == 0) {
                        co_yield 1;
                    } else {
                        co_yield elementsOf(at(level - 1));
                    }
                }
            };
            return Nested::at(levels).next();
        });
    };
    CHECK((depth(0) == 2 && depth(1) == 3 && depth(2) == 4));
}

TEST_CASE("a delegation is destroyed halfway with all that it holds") {
    CountingSource memory;
    {
        Journal log;
        std::optional<AsyncGenerator<int>> kept;
        EventLoop loop({.virtualTime = true});
        auto never = Promise<int>::withResolvers();
        loop.run([&]() -> Promise<> {
            const auto outer = [](Promise<int> p) -> AsyncGenerator<int> {
                co_yield elementsOf([](Promise<int> q) -> AsyncGenerator<int> {
                    co_yield 1;
                    co_yield q;
                }(std::move(p)));
            };
            auto dropped = outer(never.promise);
            co_await dropped.next();
            kept = outer(never.promise);
            co_await kept->next();
            kept->next().then([&] { log("never"); });
        });
        CHECK(log == "");
    }
    CHECK(memory.balance() == 0);
}

TEST_CASE("what delegates to what never comes is collected") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto never = Promise<int>::withResolvers();
        auto g = [](Promise<int> p) -> AsyncGenerator<int> {
            co_yield elementsOf([](Promise<int> q) -> AsyncGenerator<int> { co_yield q; }(std::move(p)));
        }(never.promise);
        [](AsyncGenerator<int> of, Journal& journal) -> Promise<> {
            struct Says {
                Journal& out;
                ~Says() { out("collected"); }
            } says{journal};
            co_await of.next();
        }(std::move(g), log);
    });
    CHECK(log == "collected");
}
