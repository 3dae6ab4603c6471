// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/transform_stream.hpp>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

namespace {

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

/// A turn of its own: what was collected is gone.
Promise<> turn() {
    return Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
}

}

ASYNC_TEST_CASE("what is written is transformed and read") {
    TransformStream<int, std::string> stream(
        {.transform = [](int chunk, auto& controller) { controller.enqueue(std::string(std::size_t(chunk), 'x')); },
         .flush = [](auto& controller) { controller.enqueue("end"); }});
    const auto writer = stream.writable().getWriter();
    const auto reader = stream.readable().getReader();
    writer.write(1);
    writer.write(3);
    writer.close();
    std::string all;
    while (auto step = co_await reader.read()) all += *step + " ";
    CHECK(all == "x xxx end ");
}

ASYNC_TEST_CASE("without a transform chunks are passed on and moved") {
    Counted::reset();
    TransformStream<Counted> stream;
    const auto writer = stream.writable().getWriter();
    const auto reader = stream.readable().getReader();
    writer.write(Counted(7));
    {
        const auto step = co_await reader.read();
        CHECK(step.value().value == 7);
    }
    co_await ticks(9);
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
    CHECK(stream == TransformStream<Counted>(stream));
    CHECK(stream != TransformStream<Counted>());
}

ASYNC_TEST_CASE("chunks that can only be moved are passed on") {
    TransformStream<std::unique_ptr<int>> stream;
    stream.writable().getWriter().write(std::make_unique<int>(7));
    const auto step = co_await stream.readable().getReader().read();
    CHECK(*step.value() == 7);
}

TEST_CASE("two types need a transform") {
    EventLoop loop;
    using Stream = TransformStream<std::string, int>;
    CHECK_THROWS_AS(Stream(), TypeError);
}

ASYNC_TEST_CASE("what start throws leaves the constructor") {
    CHECK_THROWS_AS(TransformStream<int>({.start = [] { throw TypeError("at once"); }}), TypeError);
    co_return;
}

ASYNC_TEST_CASE("a transformer that is a coroutine may use its chunk by reference and what it has captured") {
    std::string all;
    auto shared = std::make_shared<std::string>("captured ");
    TransformStream<std::string> stream(
        {.start = [shared]() -> Promise<> { co_await ticks(3); },
         .transform = [shared](const std::string& chunk, auto& controller) -> Promise<> {
             co_await ticks(3);
             controller.enqueue(*shared + chunk);
         },
         .flush = [shared](auto& controller) -> Promise<> {
             co_await ticks(3);
             controller.enqueue(*shared + "flush");
         }});
    shared.reset();
    const auto writer = stream.writable().getWriter();
    writer.write("a chunk that is too long to lie in the string itself");
    writer.close();
    const auto reader = stream.readable().getReader();
    while (auto step = co_await reader.read()) all += *step + ".";
    CHECK(all == "captured a chunk that is too long to lie in the string itself.captured flush.");
}

ASYNC_TEST_CASE("a side lives as long as the other is needed") {
    Journal log;
    const auto readable = [&log] {
        TransformStream<int> stream({.transform = [&log](int chunk, auto& controller) {
            log(chunk);
            controller.enqueue(chunk * 2);
        }});
        const auto writer = stream.writable().getWriter();
        writer.write(1).then([&log] { log("written"); });
        writer.write(2);
        writer.close();
        return stream.readable();
    }();
    co_await turn();
    const auto reader = readable.getReader();
    while (auto step = co_await reader.read()) log(*step);
    CHECK(log == "1 2 2 written 4");
}

ASYNC_TEST_CASE("a stream that nobody needs lets its transformer go wherever it has come to") {
    Counted::reset();
    Journal log;
    for (int i = 0; i < 5; ++i) {
        {
            TransformStream<Counted> stream({.transform = [counted = Counted()](Counted chunk, auto& controller) {
                controller.enqueue(std::move(chunk));
            }});
            const auto writer = stream.writable().getWriter();
            const auto reader = stream.readable().getReader();
            if (i == 1) reader.read().finally([&] { log("never"); });
            if (i >= 2) writer.write(Counted()).finally([&] { log("never"); });
            if (i >= 3) writer.write(Counted()).finally([&] { log("never"); });
            if (i == 4) writer.close().finally([&] { log("never"); });
            co_await ticks(20);
            CHECK(Counted::alive > 0);
        }
        co_await turn();
        CHECK(Counted::alive == 0);
    }
    CHECK(log == "");
}

TEST_CASE("a loop that ends lets go of transform streams that are in the middle of something") {
    CountingSource source;
    Counted::reset();
    {
        std::optional<TransformStream<Counted>> outlives;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&]() -> Promise<> {
                for (int i = 0; i < 4; ++i) {
                    auto self = std::make_shared<std::optional<TransformStream<Counted>>>();
                    self->emplace(
                        Transformer<Counted>{.transform = [self, counted = Counted()](const Counted&) -> Promise<> {
                                                 const Counted local;
                                                 auto never = Promise<>::withResolvers();
                                                 const auto kept = never.resolve;
                                                 co_await never.promise;
                                             },
                                             .flush = [self] {},
                                             .cancel = [self] { return Promise<>::withResolvers().promise; }});
                    const auto writer = (*self)->writable().getWriter();
                    if (i > 0) writer.write(Counted()).catch_([] {});
                    if (i > 1) (*self)->readable().getReader().read();
                    if (i == 3) writer.abort().catch_([] {});
                    co_await ticks(20);
                    if (i == 2) outlives = **self;
                }
            });
            CHECK(Counted::alive > 0);
        }
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a transformer may destroy the stream that calls it") {
    Counted::reset();
    runInVirtualTime([]() -> Promise<> {
        std::optional<TransformStream<int>> stream;
        std::optional<WritableStreamDefaultWriter<int>> writer;
        int seen = 0;
        stream.emplace(Transformer<int>{.transform =
                                            [&, counted = Counted(7)](int chunk) {
                                                stream.reset();
                                                writer.reset();
                                                seen = chunk + counted.value;
                                            }},
                       QueuingStrategy<int>{}, QueuingStrategy<int>{.highWaterMark = 1});
        writer = stream->writable().getWriter();
        writer->write(1);
        co_await ticks(9);
        CHECK(seen == 8);
        CHECK(Counted::alive == 0);
    });
}

TEST_CASE("without memory there is no transform stream") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop;
        loop.run([&] {
            source.failAfter(successes);
            try {
                const TransformStream<int> stream({.start = [] {}, .transform = [](int) {}});
                source.disarm();
            } catch (const std::bad_alloc&) {}
        });
    });
    CHECK(allocations >= 5);
}
