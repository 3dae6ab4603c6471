// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/writable_stream.hpp>

#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;

namespace {

using Text = WritableStream<std::string>;

/// Nobody settles it before the loop ends.
Promise<> never() {
    auto made = Promise<>::withResolvers();
    EventLoop::current().attachments().of<std::optional<promise::Resolve<void>>>() = made.resolve;
    return made.promise;
}

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

}

TEST_CASE("start is called by the constructor and write not before what it returned is fulfilled") {
    Journal log;
    runInVirtualTime([&]() -> Promise<> {
        auto gate = Promise<>::withResolvers();
        Text stream({.start =
                         [&] {
                             log("start");
                             return gate.promise;
                         },
                     .write = [&](const std::string& chunk) { log(chunk); }});
        log("made");
        stream.getWriter().write("a");
        co_await ticks(5);
        gate.resolve();
        for (int i = 1; i <= 4; ++i) {
            co_await Promise<>::resolve();
            log(i);
        }
        CHECK(log == "start made 1 a 2 3 4");
    });
}

ASYNC_TEST_CASE("what start throws leaves the constructor and what it rejects errors the stream") {
    CHECK_THROWS_AS(Text({.start = [] { throw TypeError("at once"); }}), TypeError);
    Text stream({.start = [] { return Promise<>::reject(TypeError("later")); }});
    const auto settled = co_await stream.getWriter().closed().settled();
    CHECK(base::describe(settled.reason()) == "TypeError: later");
}

TEST_CASE("a high water mark is no negative number and not NaN") {
    EventLoop loop;
    CHECK_THROWS_AS(Text({}, {.highWaterMark = -1.0}), RangeError);
    CHECK_THROWS_AS(Text({}, {.highWaterMark = std::numeric_limits<double>::quiet_NaN()}), RangeError);
}

TEST_CASE("a stream cannot be made where there is no loop") { CHECK_THROWS_AS(Text(), std::logic_error); }

ASYNC_TEST_CASE("copies of a stream are one stream") {
    const Text stream;
    const Text same = stream;
    const Text other;
    CHECK(stream == same);
    CHECK(stream != other);
    const auto writer = stream.getWriter();
    CHECK(same.locked());
    CHECK_FALSE(other.locked());
    CHECK_THROWS_AS(same.getWriter(), TypeError);
    const auto closed = co_await same.close().settled();
    CHECK(base::describe(closed.reason()).substr(0, 9) == "TypeError");
    const auto aborted = co_await same.abort().settled();
    CHECK(base::describe(aborted.reason()).substr(0, 9) == "TypeError");
}

ASYNC_TEST_CASE("a chunk is moved from its writer to the sink and never copied") {
    Counted::reset();
    int written = 0;
    WritableStream<Counted> stream({.write = [&](Counted chunk) { written += chunk.value; }});
    auto writer = stream.getWriter();
    writer.write(Counted(1));
    co_await writer.write(Counted(2));
    CHECK(written == 3);
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("chunks that can only be moved can be written") {
    int written = 0;
    WritableStream<std::unique_ptr<int>> stream({.write = [&](std::unique_ptr<int> chunk) { written = *chunk; }});
    co_await stream.getWriter().write(std::make_unique<int>(7));
    CHECK(written == 7);
}

ASYNC_TEST_CASE("a sink that is a coroutine may use its chunk by reference and what it has captured") {
    std::string all;
    {
        auto shared = std::make_shared<std::string>("captured ");
        WritableStream<std::string> stream({.write = [&all, shared](const std::string& chunk) -> Promise<> {
                                                co_await ticks(3);
                                                all += *shared + chunk + ".";
                                            },
                                            .close = [&all, shared]() -> Promise<> {
                                                co_await ticks(3);
                                                all += *shared + "closed.";
                                            }});
        shared.reset();
        auto writer = stream.getWriter();
        writer.write("a chunk that is too long to lie in the string itself");
        writer.write("b");
        co_await writer.close();
    }
    CHECK(all == "captured a chunk that is too long to lie in the string itself.captured b.captured closed.");
}

ASYNC_TEST_CASE("what has been written is taken to the sink also when nobody holds the stream any more") {
    Journal log;
    {
        Text stream({.write = [&](std::string chunk) -> Promise<> {
                         log(chunk);
                         co_await ticks(3);
                         log("done");
                     },
                     .close = [&] { log("closed"); }});
        auto writer = stream.getWriter();
        writer.write("a");
        writer.write("b");
        writer.close();
        co_await ticks(3); // the first write is in flight
    }
    co_await ticks(30);
    CHECK(log == "a done b done closed");
}

ASYNC_TEST_CASE("a stream that nobody needs lets its sink go and what waits for it is collected") {
    Counted::reset();
    Journal log;
    auto wait = [&log](Promise<> promise) -> Promise<> {
        struct AtEnd {
            ~AtEnd() { log("collected"); }
            Journal& log;
        };
        const AtEnd end{log};
        co_await promise;
        log("never");
    };
    {
        auto never = Promise<>::withResolvers();
        WritableStream<int> stream({.write = [counted = Counted(), promise = never.promise](int) { return promise; }});
        auto writer = stream.getWriter();
        wait(writer.write(1));
        wait(writer.closed());
        co_await ticks(5);
        CHECK(Counted::alive == 1);
    }
    CHECK(log == "");
    co_await Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
    CHECK(Counted::alive == 0);
    CHECK(log == "collected collected");
}

TEST_CASE("a loop that ends lets go of streams that are in the middle of something") {
    CountingSource source;
    Counted::reset();
    {
        std::optional<WritableStream<Counted>> outlives;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&] {
                const auto sink = [](const std::shared_ptr<std::optional<WritableStream<Counted>>>& self) {
                    return UnderlyingSink<Counted>{
                        .start = [self, counted = Counted()] {},
                        .write = [self, counted = Counted()](const Counted&) -> Promise<> {
                            const Counted local;
                            co_await never();
                        },
                        .close = [self, counted = Counted()] {},
                    };
                };
                for (int i = 0; i < 3; ++i) {
                    auto self = std::make_shared<std::optional<WritableStream<Counted>>>();
                    self->emplace(sink(self),
                                  QueuingStrategy<Counted>{.highWaterMark = 1, .size = [self] { return 1; }});
                    auto writer = (*self)->getWriter();
                    writer.write(Counted());
                    writer.write(Counted());
                    if (i == 1) writer.close();
                    if (i == 2) outlives = **self;
                }
            });
            CHECK(Counted::alive > 0);
        }
        CHECK(Counted::alive == 0);
        CHECK(outlives->locked());
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a stream whose loop has gone does nothing more") {
    std::optional<Text> stream;
    std::optional<WritableStreamDefaultWriter<std::string>> writer;
    Journal log;
    runInVirtualTime([&]() -> Promise<> {
        stream.emplace(UnderlyingSink<std::string>{.write = [&](std::string chunk) { log(chunk); },
                                                   .close = [&] { log("close"); },
                                                   .abort = [&] { log("abort"); }});
        writer = stream->getWriter();
        co_await writer->write("a");
    });
    runInVirtualTime([&]() -> Promise<> {
        writer->write("b").finally([&] { log("settled"); });
        writer->close().finally([&] { log("settled"); });
        writer->abort().finally([&] { log("settled"); });
        writer->releaseLock();
        stream->getWriter().write("c");
        co_await ticks(9);
    });
    writer.reset();
    stream.reset();
    CHECK(log == "a");
}

TEST_CASE("a sink may destroy the stream that calls it") {
    Counted::reset();
    runInVirtualTime([]() -> Promise<> {
        std::optional<WritableStream<int>> stream;
        std::optional<WritableStreamDefaultWriter<int>> writer;
        int writes = 0;
        stream.emplace(UnderlyingSink<int>{.write = [&, counted = Counted(7)](int chunk) {
            stream.reset();
            writer.reset();
            writes += chunk + counted.value;
        }});
        writer = stream->getWriter();
        writer->write(1);
        co_await ticks(9);
        CHECK(writes == 8);
        CHECK(Counted::alive == 0);
    });
}

TEST_CASE("what the destructor of a closure does to its stream harms nobody") {
    Journal log;
    runInVirtualTime([&]() -> Promise<> {
        struct Meddles {
            Meddles(Journal& journal, std::optional<WritableStreamDefaultWriter<int>>& of)
                : log(&journal), writer(&of) {}
            Meddles(Meddles&& other) noexcept : log(std::exchange(other.log, nullptr)), writer(other.writer) {}
            ~Meddles() {
                if (!log) return;
                (*log)("gone");
                (*writer)->write(9).catch_([log = log] { (*log)("refused"); });
                (*writer)->close().catch_([] {});
                (*writer)->abort();
                (*writer)->releaseLock();
            }
            Journal* log;
            std::optional<WritableStreamDefaultWriter<int>>* writer;
        };
        for (const bool fails : {false, true}) {
            std::optional<WritableStreamDefaultWriter<int>> writer;
            WritableStream<int> stream({.write = [meddles = Meddles(log, writer), fails](int chunk) {
                if (fails) throw chunk;
            }});
            writer = stream.getWriter();
            writer->write(1).catch_([] {});
            writer->write(2).catch_([] {});
            if (!fails) writer->close();
            co_await ticks(20);
            log(stream.locked() ? "locked" : "free");
        }
    });
    CHECK(log == "gone refused free gone refused free");
}

TEST_CASE("without memory nothing has changed") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        int written = 0;
        runInVirtualTime([&]() -> Promise<> {
            WritableStream<int> stream({.write = [&](int chunk) { written += chunk; }});
            auto writer = stream.getWriter();
            source.failAfter(successes);
            bool accepted = false;
            try {
                writer.write(1);
                accepted = true;
                writer.ready();
                writer.close();
            } catch (const std::bad_alloc&) {}
            source.disarm();
            co_await ticks(20);
            CHECK(written == (accepted ? 1 : 0));
        });
    });
    CHECK(allocations >= 3);
}

ASYNC_TEST_CASE("an abort out of the destructor of a chunk that was written comes before the close") {
    using Chunk = std::shared_ptr<int>;
    Journal log;
    const WritableStream<Chunk> stream(UnderlyingSink<Chunk>{
        .write = [&](Chunk&&) { log("write"); }, .close = [&] { log("close"); }, .abort = [&] { log("abort"); }});
    const auto writer = stream.getWriter();
    writer.write(Chunk(new int, [&, writer](const int* it) {
        delete it;
        writer.abort(6).then([&] { log("aborted"); });
    }));
    const auto closed = co_await writer.close().settled();
    CHECK(base::describe(closed.reason()) == "6");
    CHECK(log == "write abort aborted");
}
