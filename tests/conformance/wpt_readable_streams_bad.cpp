// SPDX-License-Identifier: MIT
#include "readable_streams.hpp"

#include <limits>

using namespace rondo;
using readable::flush;
using readable::reasonOf;
using readable::Source;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double noNumber = std::numeric_limits<double>::quiet_NaN();

}

// streams/readable-streams/floating-point-total-queue-size

ASYNC_TEST_CASE(
    "streams/readable-streams/floating-point-total-queue-size: desiredSize is what double precision makes of it and never of less than nothing") {
    const double large = 9007199254740991; // Number.MAX_SAFE_INTEGER
    for (const std::vector<double>& sizes :
         std::vector<std::vector<double>>{{2, large}, {1e-16, 1}, {1e-16, 1, 2e-16}, {2e-16, 1}}) {
        Source<double> source({.highWaterMark = 0, .size = [](double chunk) { return chunk; }});
        double total = 0;
        for (const double size : sizes) {
            source.controller->enqueue(size);
            total += size;
            CHECK(source.controller->desiredSize() == -total);
        }
        auto reader = source.stream.getReader();
        for (const double size : sizes) {
            co_await reader.read();
            total -= size;
            if (total < 0) total = 0;
            CHECK(source.controller->desiredSize() == -total);
        }
    }
}

// streams/readable-streams/bad-strategies

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-strategies: a size that errors the stream and then throws or gives no size leaves the error as it is") {
    for (const bool throws : {true, false}) {
        std::optional<Source<std::string>> source;
        source.emplace(QueuingStrategy<std::string>{.highWaterMark = 5, .size = [&] {
                                                        source->controller->error(std::string("controller error"));
                                                        if (throws) throw std::string("thrown error");
                                                        return infinity;
                                                    }});
        if (throws) {
            CHECK_THROWS_AS(source->controller->enqueue("a"), std::string);
        } else {
            CHECK_THROWS_AS(source->controller->enqueue("a"), RangeError);
        }
        const auto reason = co_await reasonOf(source->stream.getReader().closed());
        CHECK(reason == "controller error");
    }
}

ASYNC_TEST_CASE("streams/readable-streams/bad-strategies: what size throws leaves enqueue and errors the stream") {
    ReadableStream<std::string> stream(
        {.start = [](auto& c) { CHECK_THROWS_AS(c.enqueue("a"), Error); }},
        {.highWaterMark = 5, .size = []() -> double { throw Error("a unique string"); }});
    const auto reason = co_await reasonOf(stream.getReader().closed());
    CHECK(reason == "Error: a unique string");
}

ASYNC_TEST_CASE("streams/readable-streams/bad-strategies: a highWaterMark that is none is a RangeError") {
    for (const double mark : {-1.0, -infinity, noNumber})
        CHECK_THROWS_AS(Source<int>({.highWaterMark = mark, .size = [] { return 1; }}), RangeError);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/bad-strategies: a size that is none is a RangeError in start and in pull") {
    for (const bool pulls : {false, true}) {
        for (const double size : {noNumber, -infinity, infinity, -1.0}) {
            std::string thrown;
            const auto enqueue = [&](ReadableStreamDefaultController<std::string>& c) {
                try {
                    c.enqueue("hi");
                } catch (const RangeError& error) {
                    thrown = error.toString();
                }
            };
            UnderlyingSource<std::string> source;
            (pulls ? source.pull : source.start) = enqueue;
            ReadableStream<std::string> stream(std::move(source),
                                               {.highWaterMark = 5, .size = [size] { return size; }});
            const auto reason = co_await reasonOf(stream.getReader().closed());
            CHECK(!thrown.empty());
            CHECK(reason == thrown);
        }
    }
}

// streams/readable-streams/bad-underlying-sources

ASYNC_TEST_CASE("streams/readable-streams/bad-underlying-sources: what start throws leaves the constructor") {
    CHECK_THROWS_AS(ReadableStream<int>({.start = [] { throw Error("a unique string"); }}), Error);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: what pull throws at first or later errors the stream") {
    for (const int good : {0, 1}) {
        ReadableStream<std::string> stream({.pull = [good, pulls = 0](auto& c) mutable {
            if (pulls++ == good) throw Error("a unique string");
            c.enqueue("a");
        }});
        auto reader = stream.getReader();
        if (good) {
            const auto step = co_await reader.read();
            CHECK(*step == "a");
        }
        const auto reason = co_await reasonOf(reader.closed());
        CHECK(reason == "Error: a unique string");
    }
}

ASYNC_TEST_CASE("streams/readable-streams/bad-underlying-sources: what cancel throws rejects the promise") {
    ReadableStream<int> stream({.cancel = [] { throw Error("a unique string"); }});
    const auto reason = co_await reasonOf(stream.cancel());
    CHECK(reason == "Error: a unique string");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: enqueue and close throw when the stream was cancelled or is closed or errored") {
    for (const bool empty : {true, false}) {
        Source<std::string> cancelled;
        if (!empty) cancelled.controller->enqueue("a");
        cancelled.stream.cancel();
        CHECK_THROWS_AS(cancelled.controller->enqueue("b"), TypeError);
        CHECK_THROWS_AS(cancelled.controller->close(), TypeError);
        co_await cancelled.stream.getReader().closed();
    }
    Source<std::string> closed;
    closed.controller->close();
    CHECK_THROWS_AS(closed.controller->enqueue("a"), TypeError);
    CHECK_THROWS_AS(closed.controller->close(), TypeError);
    co_await closed.stream.getReader().closed();
    Source<std::string> errored;
    errored.controller->error(Error("boo"));
    CHECK_THROWS_AS(errored.controller->enqueue("a"), TypeError);
    CHECK_THROWS_AS(errored.controller->close(), TypeError);
    const auto reason = co_await reasonOf(errored.stream.getReader().closed());
    CHECK(reason == "Error: boo");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: a second close of a stream that is not empty throws and the chunk is read before closed") {
    Journal log;
    Source<std::string> source;
    source.controller->enqueue("a");
    source.controller->close();
    CHECK_THROWS_AS(source.controller->close(), TypeError);
    auto reader = source.stream.getReader();
    reader.read().then([&](const IteratorResult<std::string>& step) { log("read:", *step); });
    reader.closed().then([&] { log("closed"); });
    co_await flush();
    CHECK(log == "read:a closed");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: an error after an error or a close does not count and does not throw") {
    for (const bool closes : {false, true}) {
        Source<int> source;
        closes ? source.controller->close() : source.controller->error(Error("boo"));
        CHECK_NOTHROW(source.controller->error());
        const auto reason = co_await reasonOf(source.stream.getReader().closed());
        CHECK(reason == (closes ? "not rejected" : "Error: boo"));
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: of an error and a rejection by start or by pull the error counts") {
    for (const bool pulls : {false, true}) {
        UnderlyingSource<int> source;
        (pulls ? source.pull : source.start) = [](ReadableStreamDefaultController<int>& c) {
            c.error(Error("1"));
            return Promise<>::reject(Error("2"));
        };
        ReadableStream<int> stream(std::move(source));
        const auto reason = co_await reasonOf(stream.getReader().closed());
        CHECK(reason == "Error: 1");
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/bad-underlying-sources: a read that takes a chunk out succeeds though the pull that follows throws") {
    bool throws = false;
    ReadableStream<int> stream({.pull =
                                    [&](auto& c) {
                                        if (throws) throw std::string("error1");
                                        c.enqueue(0);
                                    }},
                               CountQueuingStrategy({.highWaterMark = 1}));
    auto reader = stream.getReader();
    co_await Promise<>::resolve();
    throws = true;
    auto read = reader.read();
    const auto reason = co_await reasonOf(reader.closed());
    CHECK(reason == "error1");
    const auto step = co_await read;
    CHECK(*step == 0);
}
