// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_default_reader.hpp>

#include <optional>
#include <stdexcept>

using namespace rondo;

namespace {

/// A stream whose controller is at hand.
struct Opened {
    explicit Opened(QueuingStrategy<int> strategy = {})
        : stream({.start = [this](auto& c) { controller.emplace(c); }}, std::move(strategy)) {}
    std::optional<ReadableStreamDefaultController<int>> controller;
    ReadableStream<int> stream;
};

}

TEST_CASE("read takes one tick when a chunk is queued and when the stream is closed") {
    CHECK(ticksOf([] {
              ReadableStream<int> stream({.start = [](auto& c) { c.enqueue(1); }});
              return stream.getReader().read();
          }) == 1);
    CHECK(ticksOf([] {
              ReadableStream<int> stream({.start = [](auto& c) { c.close(); }});
              return stream.getReader().read();
          }) == 1);
}

ASYNC_TEST_CASE("reads are answered in the order in which they were made") {
    Journal log;
    Opened opened;
    auto reader = opened.stream.getReader();
    for (int i = 1; i <= 3; ++i) {
        reader.read().then([&log, i](const IteratorResult<int>& step) {
            if (step) {
                log(i, ':', *step);
            } else {
                log(i, ":done");
            }
        });
    }
    opened.controller->enqueue(7);
    opened.controller->enqueue(8);
    opened.controller->close();
    log("sync");
    co_await Promise<>::resolve();
    co_await Promise<>::resolve();
    CHECK(log == "sync 1:7 2:8 3:done");
}

ASYNC_TEST_CASE("an error rejects all reads that wait, and closed") {
    Opened opened;
    auto reader = opened.stream.getReader();
    auto first = reader.read();
    auto second = reader.read();
    opened.controller->error(4);
    for (auto* read : {&first, &second}) {
        const auto settled = co_await read->settled();
        CHECK(base::describe(settled.reason()) == "4");
    }
    const auto closed = co_await reader.closed().settled();
    CHECK(base::describe(closed.reason()) == "4");
}

ASYNC_TEST_CASE("a reader that is released rejects the reads that wait and closed with a TypeError") {
    Opened opened;
    auto reader = opened.stream.getReader();
    const auto before = reader.closed();
    auto read = reader.read();
    reader.releaseLock();
    CHECK_FALSE(opened.stream.locked());
    CHECK(before == reader.closed());
    const auto settled = co_await read.settled();
    CHECK_THROWS_AS(settled.value(), TypeError);
    const auto closed = co_await reader.closed().settled();
    CHECK_THROWS_AS(closed.value(), TypeError);
    const auto later = co_await reader.read().settled();
    CHECK_THROWS_AS(later.value(), TypeError);
    const auto cancelled = co_await reader.cancel().settled();
    CHECK_THROWS_AS(cancelled.value(), TypeError);
    reader.releaseLock();

    auto another = opened.stream.getReader();
    opened.controller->enqueue(3);
    const auto step = co_await another.read();
    CHECK(*step == 3);
}

ASYNC_TEST_CASE("a reader released from a closed stream gets another closed promise") {
    Opened opened;
    auto reader = opened.stream.getReader();
    opened.controller->close();
    const auto before = reader.closed();
    reader.releaseLock();
    CHECK_FALSE(before == reader.closed());
    CHECK(before.state() == PromiseState::fulfilled);
    CHECK(reader.closed().state() == PromiseState::rejected);
    co_return;
}

ASYNC_TEST_CASE("a stream whose reader is dropped stays locked, and its closed is settled") {
    Opened opened;
    auto closed = opened.stream.getReader().closed();
    CHECK(opened.stream.locked());
    CHECK_THROWS_AS(opened.stream.getReader(), TypeError);
    opened.controller->close();
    co_await closed;
}

ASYNC_TEST_CASE("a reader is a handle") {
    Opened opened;
    auto reader = opened.stream.getReader();
    const auto copy = reader; // NOLINT(performance-unnecessary-copy-initialization): that is the test
    CHECK(copy == reader);
    copy.releaseLock();
    ReadableStreamDefaultReader<int> other(opened.stream);
    CHECK_FALSE(other == reader);
    co_return;
}

ASYNC_TEST_CASE("a reader may be released and dropped by the source that is asked for a chunk") {
    std::optional<ReadableStreamDefaultReader<int>> reader;
    bool pulled = false;
    {
        ReadableStream<int> stream({.pull =
                                        [&](auto&) {
                                            pulled = true;
                                            reader->releaseLock();
                                            reader.reset();
                                        }},
                                   {.highWaterMark = 0});
        reader.emplace(stream.getReader());
    }
    co_await Promise<>::resolve(); // start has ended
    const auto settled = co_await reader->read().settled();
    CHECK(pulled);
    CHECK_THROWS_AS(settled.value(), TypeError);
}

ASYNC_TEST_CASE("what moving a chunk throws rejects its read") {
    struct Immovable {
        explicit Immovable(int count) : moves(count) {}
        Immovable(Immovable&& other)
            : moves(other.moves - 1) { // NOLINT(performance-noexcept-move-constructor): it throws
            if (moves < 0) throw std::runtime_error("no more");
        }
        int moves;
    };
    std::optional<ReadableStreamDefaultController<Immovable>> controller;
    ReadableStream<Immovable> stream({.start = [&](auto& c) { controller.emplace(c); }});
    controller->enqueue(Immovable(2));
    auto reader = stream.getReader();
    auto read = reader.read();
    const auto settled = co_await read.settled();
    CHECK(base::describe(settled.reason()) == "no more");
    controller->enqueue(Immovable(10));
    auto next = co_await reader.read();
    CHECK(next->moves >= 0);
}

TEST_CASE("without memory read changes nothing") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            ReadableStream<int> stream({.start = [](auto& c) { c.enqueue(1); }});
            auto reader = stream.getReader();
            source.failAfter(successes);
            try {
                static_cast<void>(reader.read());
            } catch (const std::bad_alloc&) {
                source.disarm();
                CHECK(reader.read().value().value() == 1);
            }
            source.disarm();
        });
    });
}
