// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/async_iterator.hpp>
#include <rondo/iteration/for_await.hpp>
#include <rondo/iteration/from_async.hpp>

#include <ranges>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;

static_assert(AsyncIterator<AsyncGenerator<int>>);
static_assert(AsyncIterator<const AsyncGenerator<int, std::string>>);
static_assert(!AsyncIterator<std::vector<int>>);
static_assert(!AsyncIterator<int>);

ASYNC_TEST_CASE("a range is iterated over by steps that await its elements") {
    std::vector<Promise<int>> range{Promise<>::resolve(1), Promise<int>::reject(Error("two")), Promise<>::resolve(3)};
    auto iterator = iteration::asyncIteratorOf(range);
    auto one = co_await iterator.next();
    CHECK(*one == 1);
    auto second = iterator.next();
    const auto two = co_await second.settled();
    CHECK(two.rejected());
    auto three = co_await iterator.next();
    auto end = co_await iterator.next();
    auto after = co_await iterator.next();
    CHECK((*three == 3 && end.done() && after.done()));
}

ASYNC_TEST_CASE("an iterator over a range that was returned is done") {
    auto iterator = iteration::asyncIteratorOf(std::vector<int>{1, 2});
    auto one = co_await iterator.next();
    auto returned = co_await iterator.return_();
    auto end = co_await iterator.next();
    CHECK((*one == 1 && returned.done() && end.done()));
}

ASYNC_TEST_CASE("of a range of promises of nothing each is awaited") {
    std::vector<Promise<>> range{Promise<>::resolve(), Promise<>::reject(Error("two"))};
    int counted = 0;
    auto loop = forAwait(range, [&counted](std::monostate) { ++counted; });
    const auto settled = co_await loop.settled();
    CHECK(counted == 1);
    CHECK(settled.rejected());
    range.pop_back();
    const auto values = co_await fromAsync(range);
    CHECK(values.size() == 1);
}

ASYNC_TEST_CASE("a view that computes its elements is a range") {
    Journal log;
    std::vector<int> numbers{1, 2, 3};
    auto odd = numbers | std::views::filter([](int i) { return i % 2 == 1; }) |
               std::views::transform([](int i) { return i * 10; });
    co_await forAwait(odd, [&](int i) { log(i); });
    std::vector<bool> flags{true, false};
    co_await forAwait(flags, [&](bool flag) { log(flag); });
    CHECK(log == "10 30 true false");
}

ASYNC_TEST_CASE("a range is read no further than it is asked") {
    std::istringstream in("1 2 x");
    auto numbers = std::views::istream<int>(in);
    co_await forAwait(numbers, [](int i) { return i < 1; });
    std::string rest;
    in >> rest;
    CHECK(rest == "2");
}

ASYNC_TEST_CASE("an iterable that is an rvalue lives as long as its iterator") {
    struct Collection {
        struct Iterator {
            const Collection* of;
            int i = 0;
            Promise<IteratorResult<int>> next() {
                using Step = IteratorResult<int>;
                return Promise<>::resolve(i < of->size ? Step::yielded(++i) : Step::finished());
            }
            Promise<IteratorResult<int>> return_() {
                of->log("return", of->size);
                return Promise<>::resolve(IteratorResult<int>::finished());
            }
            Promise<IteratorResult<int>> throw_(const std::exception_ptr&) {
                of->log("throw", of->size);
                return Promise<>::resolve(IteratorResult<int>::finished());
            }
        };
        Iterator asyncIterator() const { return {this}; }
        Journal& log;
        int size;
    };
    Journal log;
    auto loop = forAwait(Collection{log, 3}, [&](int i) {
        log(i);
        return i < 2;
    });
    co_await std::move(loop);
    auto g = [](Journal& journal) -> AsyncGenerator<int> {
        Collection collection{journal, 2};
        co_yield elementsOf(std::move(collection));
    }(log);
    auto step = co_await g.next();
    log(*step);
    co_await g.return_();
    auto thrownInto = [](Journal& journal) -> AsyncGenerator<int> { co_yield elementsOf(Collection{journal, 4}); }(log);
    co_await thrownInto.next();
    co_await thrownInto.throw_(1);
    CHECK(log == "1 2 return3 1 return2 throw4");
}

TEST_CASE("a step over a range takes two ticks and its end too") {
    CHECK(ticksOf([] { return forAwait(std::vector<int>{}, [](int) {}); }) == 3);
    CHECK(ticksOf([] { return forAwait(std::vector<int>{1}, [](int) {}); }) == 5);
}
