// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/streams/writable_stream.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;

namespace {

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

std::string name(const std::exception_ptr& reason) {
    const std::string text = base::describe(reason);
    return text.substr(0, text.find(':'));
}

}

ASYNC_TEST_CASE("copies of a writer are one writer") {
    WritableStream<int> stream;
    const auto writer = stream.getWriter();
    const auto same = writer;
    CHECK(writer == same);
    CHECK(writer != WritableStream<int>().getWriter());
    same.releaseLock();
    CHECK_THROWS_AS(writer.desiredSize(), TypeError);
    CHECK_FALSE(stream.locked());
    co_return;
}

ASYNC_TEST_CASE("a stream whose writer is dropped stays locked and its promises are settled all the same") {
    Journal log;
    WritableStream<int> stream({.write = [](int) { return ticks(3); }});
    Promise<> ready = Promise<>::resolve();
    Promise<> closed = Promise<>::resolve();
    {
        const auto writer = stream.getWriter();
        writer.write(1);
        ready = writer.ready();
        closed = writer.closed();
        writer.close();
    }
    ready.then([&] { log("ready"); });
    closed.then([&] { log("closed"); });
    co_await ticks(20);
    CHECK(log == "ready closed");
    CHECK(stream.locked());
    CHECK_THROWS_AS(stream.getWriter(), TypeError);
}

ASYNC_TEST_CASE("ready and closed are the same promise until they change") {
    WritableStream<int> stream({.write = [](int) { return ticks(3); }});
    const auto writer = stream.getWriter();
    const auto before = writer.ready();
    CHECK(before == writer.ready());
    CHECK(before.state() == PromiseState::fulfilled);
    const auto written = writer.write(1);
    const auto during = writer.ready();
    CHECK(during != before);
    CHECK(during == writer.ready());
    CHECK(during.state() == PromiseState::pending);
    co_await written;
    co_await ticks(1);
    CHECK(during == writer.ready());
    CHECK(during.state() == PromiseState::fulfilled);
    CHECK(writer.closed() == writer.closed());
    const auto closed = writer.closed();
    writer.releaseLock();
    CHECK(writer.closed() == closed); // it was pending, and is rejected
    CHECK(writer.ready() != during);  // it was fulfilled
    CHECK(writer.ready().state() == PromiseState::rejected);
    CHECK(name(closed.reason()) == "TypeError");
}

ASYNC_TEST_CASE("desiredSize is what the queue takes and nothing when the stream is errored") {
    WritableStream<int> stream({}, CountQueuingStrategy({.highWaterMark = 2}));
    const auto writer = stream.getWriter();
    CHECK(writer.desiredSize() == 2.0);
    writer.write(1);
    writer.write(2);
    const auto third = writer.write(3);
    CHECK(writer.desiredSize() == -1.0);
    co_await third;
    CHECK(writer.desiredSize() == 2.0);
    co_await writer.close();
    CHECK(writer.desiredSize() == 0.0);

    WritableStream<int> failing;
    const auto other = failing.getWriter();
    other.abort();
    CHECK(other.desiredSize() == std::nullopt);
}

ASYNC_TEST_CASE("a writer that has given its lock back refuses with a TypeError") {
    WritableStream<int> stream;
    const auto writer = stream.getWriter();
    writer.releaseLock();
    writer.releaseLock();
    Journal log;
    for (const Promise<>& refused :
         {writer.write(1), writer.close(), writer.abort(), writer.ready(), writer.closed()}) {
        const auto settled = co_await refused.settled();
        log(name(settled.reason()));
    }
    CHECK(log == "TypeError TypeError TypeError TypeError TypeError");
    const auto next = stream.getWriter();
    const auto written = co_await next.write(1).settled();
    CHECK(written.fulfilled());
}

TEST_CASE("what moving a chunk throws leaves write and the stream goes on") {
    struct Throws {
        Throws(int number, int moves) : value(number), movesLeft(moves) {}
        Throws(Throws&& other) : value(other.value), movesLeft(other.movesLeft - 1) {
            if (movesLeft < 0) throw std::runtime_error("moved");
        }
        int value;
        int movesLeft;
    };
    Journal log;
    runInVirtualTime([&]() -> Promise<> {
        WritableStream<Throws> stream({.write = [&](const Throws& chunk) { log(chunk.value); }});
        const auto writer = stream.getWriter();
        for (const int moves : {0, 1, 2}) {
            try {
                writer.write(Throws(moves, moves));
                log("accepted");
            } catch (const std::runtime_error& error) {
                log(error.what());
            }
        }
        co_await ticks(5);
        log(*writer.desiredSize());
    });
    CHECK(log == "moved accepted accepted 1 2 1");
}

ASYNC_TEST_CASE("abort without a reason gives the sink none and what fails a reason that is nullptr") {
    Journal log;
    WritableStream<int> stream(
        {.abort = [&](const std::exception_ptr& reason) { log(reason == nullptr ? "none" : "some"); }});
    const auto writer = stream.getWriter();
    co_await writer.abort();
    const auto closed = co_await writer.closed().settled();
    CHECK(log == "none");
    CHECK_THROWS_AS(std::rethrow_exception(closed.reason()), std::nullptr_t);
}

ASYNC_TEST_CASE("copying a reason may destroy the writer that is told it") {
    struct Destroys {
        explicit Destroys(std::optional<WritableStreamDefaultWriter<int>>& of) : writer(&of) {}
        Destroys(const Destroys& other) : writer(other.writer) { writer->reset(); }
        std::optional<WritableStreamDefaultWriter<int>>* writer;
    };
    WritableStream<int> stream;
    std::optional<WritableStreamDefaultWriter<int>> writer = stream.getWriter();
    const Destroys reason(writer);
    const auto aborted = co_await writer->abort(reason).settled();
    CHECK(aborted.fulfilled());
    CHECK_FALSE(writer);
}
