// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/promise.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream.hpp>

#include <optional>
#include <string>

using namespace rondo;

namespace {

/// A stream of bytes whose controller is at hand.
struct Opened {
    explicit Opened(QueuingStrategy<Uint8Array> strategy = {})
        : stream({.start = [this](ReadableByteStreamController& c) { controller.emplace(c); }}, std::move(strategy)) {}
    std::optional<ReadableByteStreamController> controller;
    ReadableStream<Uint8Array> stream;
};

}

ASYNC_TEST_CASE("desiredSize counts bytes, and the highWaterMark is 0 unless it is said") {
    const Opened opened;
    CHECK(opened.controller->desiredSize() == 0);
    const Opened wide({.highWaterMark = 10});
    wide.controller->enqueue(Uint8Array(4));
    CHECK(wide.controller->desiredSize() == 6);
    wide.controller->close();
    CHECK(wide.controller->desiredSize() == 6);
    const auto step = co_await wide.stream.getReader().read();
    CHECK(step->length() == 4);
    CHECK(wide.controller->desiredSize() == 0);
    const Opened errored;
    errored.controller->error(1);
    CHECK_FALSE(errored.controller->desiredSize());
}

ASYNC_TEST_CASE("a strategy with a size is a RangeError") {
    CHECK_THROWS_AS(Opened({.highWaterMark = 1, .size = [] { return 1; }}), RangeError);
    CHECK_THROWS_AS(Opened({.highWaterMark = -1}), RangeError);
    co_return;
}

ASYNC_TEST_CASE(
    "a stream of bytes takes neither nothing nor what was moved from, and nothing when it is closed or errored") {
    const Opened opened;
    CHECK_THROWS_AS(opened.controller->enqueue(Uint8Array()), TypeError);
    opened.controller->enqueue(Uint8Array(1));
    opened.controller->close();
    CHECK_THROWS_AS(opened.controller->enqueue(Uint8Array(1)), TypeError);
    CHECK_THROWS_AS(opened.controller->close(), TypeError);
    const Opened errored;
    errored.controller->error(1);
    CHECK_THROWS_AS(errored.controller->enqueue(Uint8Array(1)), TypeError);
    co_return;
}

ASYNC_TEST_CASE("chunks pass through to a default reader as they are") {
    Opened opened;
    Uint8Array first("first");
    const auto* const place = first.data();
    opened.controller->enqueue(std::move(first));
    auto reader = opened.stream.getReader();
    auto queued = co_await reader.read();
    CHECK(queued->data() == place);
    auto waiting = reader.read();
    opened.controller->enqueue(Uint8Array("second"));
    const auto second = co_await waiting;
    CHECK(second->text() == "second");
    CHECK_FALSE(opened.controller->byobRequest());
}

ASYNC_TEST_CASE("autoAllocateChunkSize makes a buffer for a reader that brings none") {
    Journal log;
    const ReadableStream<Uint8Array> stream({.pull =
                                                 [&](ReadableByteStreamController& c) {
                                                     const auto request = c.byobRequest();
                                                     log(request->view().length());
                                                     request->view()[0] = 'x';
                                                     request->respond(1);
                                                 },
                                             .autoAllocateChunkSize = 16});
    const auto step = co_await stream.getReader().read();
    CHECK(step->text() == "x");
    CHECK(step->bufferByteLength() == 16);
    CHECK(log == "16");
}

ASYNC_TEST_CASE("an autoAllocateChunkSize is not used for chunks that are enqueued") {
    std::optional<ReadableByteStreamController> controller;
    const ReadableStream<Uint8Array> stream(
        {.start = [&](ReadableByteStreamController& c) { controller.emplace(c); }, .autoAllocateChunkSize = 16});
    auto reader = stream.getReader();
    auto first = reader.read();
    auto second = reader.read();
    controller->enqueue(Uint8Array("a"));
    controller->enqueue(Uint8Array("b"));
    const auto a = co_await first;
    const auto b = co_await second;
    CHECK(a->text() == "a");
    CHECK(b->text() == "b");
    CHECK_FALSE(controller->byobRequest());
}

ASYNC_TEST_CASE("what start throws leaves, what pull throws errors, and cancel has its reason") {
    CHECK_THROWS_AS(ReadableStream<Uint8Array>({.start = [](ReadableByteStreamController&) { throw 1; }}), int);
    const ReadableStream<Uint8Array> stream({.pull = [](ReadableByteStreamController&) { throw 2; }});
    const auto settled = co_await stream.getReader().read().settled();
    CHECK(base::describe(settled.reason()) == "2");
    std::string told;
    const ReadableStream<Uint8Array> cancelled(
        {.cancel = [&](const std::exception_ptr& reason) { told = base::describe(reason); },
         .type = ReadableStreamType::bytes});
    co_await cancelled.cancel(3);
    CHECK(told == "3");
}

ASYNC_TEST_CASE("a source whose functions are generic is one of bytes where its type says so") {
    const ReadableStream<Uint8Array> bytes(
        {.start = [](auto& c) { c.enqueue(Uint8Array("ab")); }, .type = ReadableStreamType::bytes});
    const auto step = co_await bytes.getBYOBReader().read(Uint8Array(1));
    CHECK(step->text() == "a");
    const ReadableStream<Uint8Array> chunks({.start = [](auto& c) { c.enqueue(Uint8Array("ab")); }});
    CHECK_THROWS_AS(chunks.getBYOBReader(), TypeError);
}

ASYNC_TEST_CASE("the controller that a source was given stays what it is, and a copy keeps the stream") {
    const Opened other;
    std::optional<ReadableByteStreamController> kept;
    auto read = [&] {
        const ReadableStream<Uint8Array> stream({.start = [&](ReadableByteStreamController& c) {
            c = *other.controller;
            kept.emplace(std::move(c));
        }});
        return stream.getReader().read();
    }();
    CHECK_FALSE(*kept == *other.controller);
    kept->enqueue(Uint8Array("late"));
    const auto step = co_await read;
    CHECK(step->text() == "late");
    *kept = *other.controller;
    CHECK(*kept == *other.controller);
}

TEST_CASE("a stream of bytes that holds itself goes with its loop") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            struct Cycle {
                std::optional<ReadableByteStreamController> controller;
                std::optional<ReadableStreamBYOBRequest> request;
                std::optional<ReadableStreamBYOBReader> reader;
            };
            auto cycle = std::make_shared<Cycle>();
            const ReadableStream<Uint8Array> stream(
                {.start = [cycle](ReadableByteStreamController& c) { cycle->controller.emplace(c); },
                 .pull = [cycle](ReadableByteStreamController& c) { cycle->request = c.byobRequest(); }});
            cycle->reader.emplace(stream.getBYOBReader());
            static_cast<void>(cycle->reader->read(Uint8Array(3)));
        });
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("without memory for a stream of bytes nothing is left behind") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            source.failAfter(successes);
            try {
                const ReadableStream<Uint8Array> stream(
                    {.start = [](ReadableByteStreamController& c) { c.enqueue(Uint8Array(4)); },
                     .pull =
                         [](ReadableByteStreamController& c) {
                             if (const auto request = c.byobRequest()) request->respond(1);
                         }});
                auto reader = stream.getBYOBReader();
                static_cast<void>(reader.read(Uint8Array(3)));
                static_cast<void>(reader.read(Uint8Array(3)));
                reader.releaseLock();
                static_cast<void>(stream.getReader().read());
            } catch (const std::bad_alloc&) { // that is what it is for
            }
            source.disarm();
        });
    });
}

ASYNC_TEST_CASE("a read that the queue answers takes the buffer along that was made for it") {
    std::optional<ReadableByteStreamController> controller;
    const ReadableStream<Uint8Array> stream(UnderlyingByteSource{
        .start = [&](ReadableByteStreamController& c) { controller.emplace(c); }, .autoAllocateChunkSize = 8});
    co_await Promise<>::resolve();
    const auto byob = stream.getBYOBReader();
    byob.read(Uint8Array(4), {.min = 3}).then([](auto&&) {}, [] {});
    controller->byobRequest()->respond(1);
    byob.releaseLock();
    const auto reader = stream.getReader();
    const auto read = reader.read();
    controller->enqueue(Uint8Array(2));
    const auto one = co_await read;
    CHECK(one->length() == 1);
    CHECK_FALSE(controller->byobRequest());
    const auto two = co_await reader.read();
    CHECK(two->length() == 2);
}

ASYNC_TEST_CASE("what is asked for while the functions of an errored stream go is rejected") {
    std::optional<ReadableByteStreamController> controller;
    std::optional<ReadableStreamDefaultReader<Uint8Array>> reader;
    std::optional<Promise<IteratorResult<Uint8Array>>> read;
    auto source = std::shared_ptr<int>(new int, [&](const int* it) {
        delete it;
        read.emplace(reader->read());
    });
    const ReadableStream<Uint8Array> stream(
        UnderlyingByteSource{.start = [&](ReadableByteStreamController& c) { controller.emplace(c); },
                             .pull = [source](ReadableByteStreamController&) {},
                             .autoAllocateChunkSize = 8});
    source.reset();
    reader.emplace(stream.getReader());
    co_await Promise<>::resolve();
    controller->error(6);
    REQUIRE(read);
    const auto settled = co_await read->settled();
    CHECK(base::describe(settled.reason()) == "6");
    CHECK_FALSE(controller->byobRequest());
}
