// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/streams/readable_stream_async_iterator.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace rondo;

namespace {

ReadableStream<int> upTo(int count, Journal* log = nullptr) {
    return ReadableStream<int>({.start =
                                    [count](auto& c) {
                                        for (int i = 1; i <= count; ++i) c.enqueue(i);
                                        c.close();
                                    },
                                .cancel =
                                    [log](const std::exception_ptr& reason) {
                                        if (log) (*log)("cancel:", base::describe(reason));
                                    }});
}

}

ASYNC_TEST_CASE("forAwait goes through the chunks of a stream and unlocks it") {
    Journal log;
    const auto stream = upTo(3);
    auto loop = forAwait(stream, [&](int chunk) { log(chunk); });
    CHECK(stream.locked());
    co_await loop;
    CHECK(log == "1 2 3");
    CHECK_FALSE(stream.locked());
}

ASYNC_TEST_CASE("a loop that is left early cancels the stream and unlocks it") {
    Journal log;
    const ReadableStream<int> stream(
        {.start = [](auto& c) { c.enqueue(1); },
         .cancel = [&](const std::exception_ptr& reason) { log("cancel:", reason ? "reason" : "none"); }});
    co_await forAwait(stream, [](int) { return false; });
    CHECK(log == "cancel:none");
    CHECK_FALSE(stream.locked());
}

ASYNC_TEST_CASE("a loop that is left early with preventCancel leaves the rest for another") {
    Journal log;
    const auto stream = upTo(3, &log);
    co_await forAwait(stream.values({.preventCancel = true}), [](int) { return false; });
    CHECK_FALSE(stream.locked());
    auto rest = co_await fromAsync(stream);
    CHECK(rest == std::vector<int>{2, 3});
    CHECK(log == "");
}

ASYNC_TEST_CASE("an error rejects next, unlocks the stream and is the end") {
    std::optional<ReadableStreamDefaultController<int>> controller;
    const ReadableStream<int> stream({.start = [&](auto& c) { controller.emplace(c); }});
    auto iterator = stream.values();
    auto next = iterator.next();
    controller->error(5);
    const auto settled = co_await next.settled();
    CHECK(base::describe(settled.reason()) == "5");
    CHECK_FALSE(stream.locked());
    const auto end = co_await iterator.next();
    CHECK(end.done());
}

ASYNC_TEST_CASE("calls of next are answered in order, and those behind the end are done") {
    Journal log;
    auto iterator = upTo(2).values();
    for (int i = 1; i <= 4; ++i) {
        iterator.next().then([&log, i](const IteratorResult<int>& step) {
            if (step) {
                log(i, ":", *step);
            } else {
                log(i, ":done");
            }
        });
    }
    for (int i = 0; i < 40; ++i) co_await Promise<>::resolve();
    CHECK(log == "1:1 2:2 3:done 4:done");
}

TEST_CASE("next takes two ticks and one behind another waits for it and takes three more") {
    CHECK(ticksOf([] { return upTo(1).values().next(); }) == 2);
    CHECK(ticksOf([] {
              auto iterator = upTo(1).values();
              static_cast<void>(iterator.next());
              return iterator.next();
          }) == 5);
}

ASYNC_TEST_CASE("return_ behind a next waits for it and then cancels with its reason") {
    Journal log;
    std::optional<ReadableStreamDefaultController<int>> controller;
    const ReadableStream<int> stream(
        {.start = [&](auto& c) { controller.emplace(c); },
         .cancel = [&](const std::exception_ptr& reason) { log("cancel:", base::describe(reason)); }},
        {.highWaterMark = 0});
    auto iterator = stream.values();
    auto next = iterator.next();
    auto returned = iterator.return_(std::string("enough"));
    CHECK(log == "");
    controller->enqueue(1);
    const auto step = co_await next;
    CHECK(*step == 1);
    const auto end = co_await returned;
    CHECK(end.done());
    CHECK(log == "cancel:enough");
    const auto after = co_await iterator.next();
    CHECK(after.done());
    const auto again = co_await iterator.return_();
    CHECK(again.done());
}

ASYNC_TEST_CASE("what the source's cancel rejects with rejects return_") {
    const ReadableStream<int> stream({.cancel = [] { throw 3; }});
    const auto settled = co_await stream.values().return_().settled();
    CHECK(base::describe(settled.reason()) == "3");
}

ASYNC_TEST_CASE("chunks that can only be moved are iterated over, also with requests that wait for each other") {
    std::optional<ReadableStreamDefaultController<std::unique_ptr<int>>> controller;
    const ReadableStream<std::unique_ptr<int>> stream({.start = [&](auto& c) { controller.emplace(c); }});
    auto iterator = stream.values();
    auto first = iterator.next();
    auto second = iterator.next();
    auto third = iterator.next();
    controller->enqueue(std::make_unique<int>(1));
    controller->enqueue(std::make_unique<int>(2));
    controller->close();
    auto one = co_await std::move(first);
    CHECK(**one == 1);
    auto two = co_await std::move(second);
    CHECK(**two == 2);
    auto end = co_await std::move(third);
    CHECK(end.done());
    auto more = iterator.next();
    auto evenMore = iterator.next();
    auto done = co_await std::move(evenMore);
    CHECK(done.done());
}

ASYNC_TEST_CASE("a stream is iterated over by a generator and a locked one is not") {
    const auto stream = upTo(2);
    auto generator = [](ReadableStream<int> of) -> AsyncGenerator<int> {
        const int hundred = 100;
        co_yield hundred;
        co_yield elementsOf(of);
    }(stream);
    auto all = co_await fromAsync(generator);
    CHECK(all == std::vector<int>{100, 1, 2});
    const auto locked = upTo(1);
    const auto reader = locked.getReader();
    CHECK_THROWS_AS(locked.values(), TypeError);
}

TEST_CASE("an iteration that waits goes with its loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            const ReadableStream<Counted> stream({.pull = [counted = Counted(1)] {}});
            auto iterator = stream.values();
            static_cast<void>(iterator.next());
            static_cast<void>(iterator.next());
            static_cast<void>(iterator.return_());
        });
        CHECK(Counted::alive == 1);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("without memory for a step nothing is left behind") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr); // nobody prints them
        loop.run([&] {
            const auto stream = upTo(2);
            source.failAfter(successes);
            try {
                auto iterator = stream.values();
                static_cast<void>(iterator.next());
                static_cast<void>(iterator.next());
                static_cast<void>(iterator.return_());
            } catch (const std::bad_alloc&) { // that is what it is for
            }
        });
        source.disarm();
    });
}

ASYNC_TEST_CASE("a source may drop the iterator that asks it") {
    std::optional<ReadableStreamAsyncIterator<int>> iterator;
    bool pulled = false;
    {
        const ReadableStream<int> stream({.pull =
                                              [&](auto& c) {
                                                  pulled = true;
                                                  iterator.reset();
                                                  c.enqueue(7);
                                              }},
                                         {.highWaterMark = 0});
        iterator.emplace(stream.values());
    }
    co_await Promise<>::resolve();
    const auto step = co_await iterator->next();
    CHECK(pulled);
    CHECK(*step == 7);
}
