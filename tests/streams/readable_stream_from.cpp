// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/streams/readable_stream_async_iterator.hpp>
#include <rondo/streams/readable_stream_from.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

using namespace rondo;

namespace {

AsyncGenerator<std::string> letters(Journal& log) {
    struct AtEnd {
        ~AtEnd() { log("closed"); }
        Journal& log;
    };
    const AtEnd atEnd{log};
    log("begun");
    co_yield "a";
    log("asked");
    co_yield "b";
}

}

ASYNC_TEST_CASE("a stream from a generator asks it when it is read and never before") {
    Journal log;
    const auto stream = ReadableStream<>::from(letters(log));
    static_assert(std::is_same_v<decltype(stream), const ReadableStream<std::string>>);
    for (int i = 0; i < 10; ++i) co_await Promise<>::resolve();
    CHECK(log == "");
    auto reader = stream.getReader();
    const auto a = co_await reader.read();
    log(*a);
    const auto b = co_await reader.read();
    log(*b);
    const auto end = co_await reader.read();
    CHECK(end.done());
    CHECK(log == "begun a asked b closed");
}

ASYNC_TEST_CASE("a stream from a generator returns from it when it is cancelled") {
    Journal log;
    const auto stream = ReadableStream<>::from(letters(log));
    auto reader = stream.getReader();
    co_await reader.read();
    co_await reader.cancel();
    CHECK(log == "begun closed");
}

ASYNC_TEST_CASE("a stream from a range gives its values and what its promises are fulfilled with") {
    std::vector<int> numbers{1, 2, 3};
    const auto stream = ReadableStream<>::from(std::move(numbers));
    const auto all = co_await fromAsync(stream);
    CHECK(all == std::vector<int>{1, 2, 3});
    std::vector<Promise<int>> promises{Promise<int>::resolve(4), Promise<int>::reject(5)};
    auto reader = ReadableStream<>::from(std::move(promises)).getReader();
    const auto four = co_await reader.read();
    CHECK(*four == 4);
    const auto settled = co_await reader.read().settled();
    CHECK(base::describe(settled.reason()) == "5");
}

ASYNC_TEST_CASE("the chunks may be of another type that can be made of the values") {
    std::vector<const char*> words{"one", "two"};
    const auto stream = ReadableStream<std::string>::from(words);
    const auto all = co_await fromAsync(stream);
    CHECK(all == std::vector<std::string>{"one", "two"});
}

ASYNC_TEST_CASE("what the iterator throws errors the stream") {
    struct Thrower {
        Promise<IteratorResult<int>> next() { throw TypeError("no"); }
    };
    auto reader = ReadableStream<>::from(Thrower()).getReader();
    const auto settled = co_await reader.read().settled();
    CHECK(base::describe(settled.reason()) == "TypeError: no");
    co_await ReadableStream<>::from(Thrower()).cancel();
}

ASYNC_TEST_CASE("a stream from a stream passes the reason of a cancel on") {
    std::string told;
    const ReadableStream<int> source(
        {.cancel = [&](const std::exception_ptr& reason) { told = base::describe(reason); }});
    co_await ReadableStream<>::from(source).cancel(std::string("enough"));
    CHECK(told == "enough");
    CHECK_FALSE(source.locked());
}

ASYNC_TEST_CASE("values that can only be moved become chunks") {
    struct Numbers {
        Promise<IteratorResult<std::unique_ptr<int>>> next() {
            using Step = IteratorResult<std::unique_ptr<int>>;
            return Promise<>::resolve(++count < 3 ? Step::yielded(std::make_unique<int>(count)) : Step::finished());
        }
        int count = 0;
    };
    auto reader = ReadableStream<>::from(Numbers()).getReader();
    auto one = co_await reader.read();
    CHECK(**one == 1);
    auto two = co_await reader.read();
    CHECK(**two == 2);
    auto end = co_await reader.read();
    CHECK(end.done());
}

TEST_CASE("a stream from an iterator that waits goes with its loop") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            struct Never {
                Promise<IteratorResult<int>> next() { return kept.promise; }
                PromiseWithResolvers<IteratorResult<int>> kept = Promise<IteratorResult<int>>::withResolvers();
            };
            auto reader = ReadableStream<>::from(Never()).getReader();
            static_cast<void>(reader.read());
        });
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("without memory for a stream from a range nothing is left behind") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr); // nobody prints them
        loop.run([&]() -> Promise<> {
            std::vector<int> numbers{1, 2};
            source.failAfter(successes);
            try {
                const auto stream = ReadableStream<>::from(std::move(numbers));
                auto reader = stream.getReader();
                reader.read().catch_([] { return IteratorResult<int>::finished(); });
            } catch (const std::bad_alloc&) { // that is what it is for
            }
            for (int i = 0; i < 20; ++i) co_await Promise<>::resolve();
            source.disarm();
        });
    });
}
