// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/iteration/async_generator.hpp>
#include <rondo/promise/run.hpp>
#include <rondo/streams/pipe.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream_from.hpp>
#include <rondo/streams/readable_stream_tee.hpp>
#include <rondo/streams/transform_stream.hpp>

#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

/// A turn of its own: what was collected is gone.
Promise<> turn() {
    return Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
}

ReadableStream<int> upTo(int last) {
    return ReadableStream<int>({.pull = [n = 0, last](auto& controller) mutable {
        if (n == last) return controller.close();
        controller.enqueue(++n);
    }});
}

std::string said(const std::exception_ptr& reason) { return base::describe(reason); }

/// A pipe into a sink whose writes take some ticks, and at which tick it was rejected.
struct Timed {
    using Controller = ReadableStreamDefaultController<int>;

    Timed(int writeTicks, double highWaterMark)
        : source({.start = [this](Controller& c) { controller.emplace(c); }}),
          sink({.write = [this, writeTicks](int) { return ++writes, ticks(writeTicks); }},
               CountQueuingStrategy({.highWaterMark = highWaterMark})) {}

    void start(const StreamPipeOptions& options) {
        count();
        source.pipeTo(sink, options).catch_([this] { end = tick; });
    }
    /// Looks on for long enough, then lets go.
    Promise<int> ended() {
        co_await ticks(60);
        over = true;
        co_await ticks(2);
        co_return end;
    }
    Promise<> count() {
        for (; !over; ++tick) co_await Promise<>::resolve();
    }

    bool over = false;
    int tick = 0;
    int end = -1;
    int writes = 0;
    std::optional<Controller> controller;
    ReadableStream<int> source;
    WritableStream<int> sink;
};

std::string listed(const std::vector<int>& numbers) {
    std::string text;
    for (const int each : numbers) text += (text.empty() ? "" : " ") + std::to_string(each);
    return text;
}

}

// What follows are the ticks of the reference implementation of the specification.

ASYNC_TEST_CASE("a pipe whose source is errored at a tick waits for its last write and the promise of that") {
    const auto ends = [](bool preventAbort, double highWaterMark) -> Promise<std::string> {
        std::vector<int> found;
        for (int at = 0; at < 14; ++at) {
            Timed pipe(2, highWaterMark);
            pipe.start({.preventAbort = preventAbort});
            pipe.controller->enqueue(1);
            pipe.controller->enqueue(2);
            for (int i = 0; i < at; ++i) co_await Promise<>::resolve();
            pipe.controller->error("errored");
            const int end = co_await pipe.ended();
            found.push_back(end);
        }
        co_return listed(found);
    };
    const auto one = co_await ends(true, 1);
    const auto two = co_await ends(true, 2);
    CHECK(one == "4 9 9 9 9 9 14 14 14 14 14 15 16 17");
    CHECK(two == "4 9 9 9 9 13 13 13 13 13 14 15 16 17");
    const auto oneAborts = co_await ends(false, 1);
    const auto twoAborts = co_await ends(false, 2);
    CHECK(oneAborts == "6 11 11 11 11 11 16 16 16 16 16 17 18 19");
    CHECK(twoAborts == "6 11 11 11 11 15 15 15 15 15 16 17 18 19");
}

ASYNC_TEST_CASE("an abort that neither aborts nor cancels takes the microtask of waiting for nothing") {
    const auto ends = [](bool prevents) -> Promise<std::string> {
        std::vector<int> found;
        for (int at = 0; at < 9; ++at) {
            AbortController abort;
            Timed pipe(2, 1);
            pipe.start({.preventAbort = prevents, .preventCancel = prevents, .signal = abort.signal()});
            pipe.controller->enqueue(1);
            co_await ticks(at);
            abort.abort("aborted");
            const int end = co_await pipe.ended();
            found.push_back(end);
        }
        co_return listed(found);
    };
    const auto nothing = co_await ends(true);
    const auto both = co_await ends(false);
    CHECK(nothing == "11 11 11 11 11 11 12 13 14");
    CHECK(both == "12 12 12 12 12 12 13 14 15");
}

ASYNC_TEST_CASE("what was being read when a pipe shuts down is written before that ends") {
    const auto ends = [](int writeTicks) -> Promise<std::string> {
        std::vector<int> found;
        for (int late = 0; late < 10; ++late) {
            AbortController abort;
            Timed pipe(writeTicks, 3);
            pipe.start({.preventAbort = true, .preventCancel = true, .signal = abort.signal()});
            pipe.controller->enqueue(1);
            co_await ticks(8);
            abort.abort("aborted");
            co_await ticks(late);
            pipe.controller->enqueue(2);
            const int end = co_await pipe.ended();
            found.push_back(end * 10 + pipe.writes);
        }
        co_return listed(found);
    };
    const auto slow = co_await ends(9);
    const auto quick = co_await ends(4);
    CHECK(slow == "302 302 302 312 182 182 182 181 181 181");
    CHECK(quick == "142 142 142 141 141 141 141 141 141 141");
}

ASYNC_TEST_CASE("a pipe that waits for the destination to be ready reads nothing when it is aborted meanwhile") {
    AbortController abort;
    Timed pipe(20, 1);
    pipe.start({.preventAbort = true, .preventCancel = true, .signal = abort.signal()});
    for (int chunk : {1, 2, 3}) pipe.controller->enqueue(chunk);
    co_await ticks(5);
    CHECK(pipe.writes == 1);
    abort.abort("aborted");
    co_await pipe.ended();
    CHECK(pipe.writes == 1);
    const auto reader = pipe.source.getReader();
    const auto next = co_await reader.read();
    CHECK(*next == 2);
}

ASYNC_TEST_CASE("chunks are moved and never copied") {
    Counted::reset();
    int sum = 0;
    ReadableStream<Counted> source({.start = [](auto& controller) {
        for (int i = 1; i <= 4; ++i) controller.enqueue(Counted(i));
        controller.close();
    }});
    const WritableStream<Counted> sink({.write = [&](const Counted& chunk) { sum += chunk.value; }});
    co_await source.pipeTo(sink);
    CHECK(sum == 10);
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("chunks that can only be moved go through a chain and may be converted at its end") {
    int sum = 0;
    ReadableStream<std::unique_ptr<int>> source({.start = [](auto& controller) {
        controller.enqueue(std::make_unique<int>(3));
        controller.enqueue(std::make_unique<int>(4));
        controller.close();
    }});
    TransformStream<std::unique_ptr<int>> passes;
    const WritableStream<std::shared_ptr<int>> sink({.write = [&](std::shared_ptr<int> chunk) { sum += *chunk; }});
    co_await source.pipeThrough(passes).pipeTo(sink);
    CHECK(sum == 7);
}

TEST_CASE("a pipe of many chunks holds no more blocks than one of few") {
    const auto blocks = [](int chunks) {
        CountingSource memory;
        int most = 0;
        runInVirtualTime([&]() -> Promise<> {
            const WritableStream<int> sink({.write = [&](int) {
                const int now = memory.balance();
                most = now > most ? now : most;
            }});
            co_await upTo(chunks).pipeTo(sink);
        });
        return most;
    };
    const int few = blocks(10);
    CHECK(few > 0);
    CHECK(blocks(500) == few);
}

ASYNC_TEST_CASE("a chain of streams whose handles are dropped runs to its end") {
    Journal log;
    const auto times = [](int factor) {
        return TransformStream<int>(
            {.transform = [factor](int chunk, auto& controller) { controller.enqueue(chunk * factor); }});
    };
    upTo(3)
        .pipeThrough(times(2))
        .pipeThrough(times(5))
        .pipeTo(WritableStream<int>({.write = [&](int chunk) -> Promise<> {
                                         co_await ticks(3);
                                         log(chunk);
                                     },
                                     .close = [&] { log("closed"); }}))
        .then([&] { log("done"); });
    co_await turn();
    CHECK(log == "10 20 30 closed done");
}

ASYNC_TEST_CASE("a chain whose source will give nothing more is collected when nobody needs it") {
    Counted::reset();
    Journal log;
    {
        ReadableStream<int> source({.pull =
                                        [counted = Counted(), n = 0](auto& controller) mutable {
                                            if (++n == 1) controller.enqueue(1);
                                        },
                                    .cancel = [counted = Counted()] {}},
                                   {.highWaterMark = 0});
        TransformStream<int> blocked({.transform = [counted = Counted()](int, auto&) {}});
        source.pipeThrough(blocked).getReader().read().finally([&] { log("never"); });
        co_await ticks(50);
        CHECK(Counted::alive == 3);
    }
    co_await turn();
    CHECK(log == "");
}

ASYNC_TEST_CASE("a pipe from a source that waits for ever is collected with the promise of it") {
    Counted::reset();
    Journal log;
    {
        ReadableStream<int> source({.start = [counted = Counted()] {}, .cancel = [counted = Counted()] {}});
        WritableStream<int> sink({.write = [counted = Counted()](int) {}});
        source.pipeTo(sink).finally([&] { log("never"); });
        co_await ticks(20);
        CHECK(Counted::alive == 2);
    }
    co_await turn();
    CHECK(Counted::alive == 0);
    CHECK(log == "");
}

ASYNC_TEST_CASE("a pipe with a signal waits for it also when nobody holds its streams") {
    Counted::reset();
    Journal log;
    AbortController abort;
    ReadableStream<int>(
        {.cancel = [&, counted = Counted()](const std::exception_ptr& reason) { log("source", said(reason)); }})
        .pipeTo(WritableStream<int>({.abort = [&, counted = Counted()](
                                                  const std::exception_ptr& reason) { log("sink", said(reason)); }}),
                {.signal = abort.signal()})
        .catch_([&](std::exception_ptr reason) { log(said(reason)); });
    co_await turn();
    abort.abort("stop");
    CHECK(log == "");
    co_await turn();
    CHECK(log == "sinkstop sourcestop stop");
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("a pipe whose signal can no more be aborted is collected when nobody needs its streams") {
    Counted::reset();
    Journal log;
    {
        AbortController abort;
        ReadableStream<int>({.cancel = [counted = Counted()] {}})
            .pipeTo(WritableStream<int>({.abort = [counted = Counted()] {}}), {.signal = abort.signal()})
            .finally([&] { log("never"); });
        co_await turn();
        CHECK(Counted::alive == 2);
    }
    co_await turn();
    CHECK(Counted::alive == 0);
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams of bytes and both branches of a tee and streams of generators can be piped") {
    std::string text;
    const WritableStream<Uint8Array> bytes({.write = [&](const Uint8Array& chunk) { text += chunk.text(); }});
    ReadableStream<Uint8Array> source({.pull =
                                           [n = 0](ReadableByteStreamController& c) mutable {
                                               if (++n == 3) return c.close();
                                               c.enqueue(Uint8Array(n == 1 ? "hello " : "bytes"));
                                           },
                                       .autoAllocateChunkSize = 16});
    co_await source.pipeTo(bytes);
    CHECK(text == "hello bytes");

    int sum = 0;
    const auto adds = [&] { return WritableStream<int>({.write = [&](int chunk) { sum += chunk; }}); };
    const auto branches = upTo(4).tee();
    const auto first = branches[0].pipeTo(adds());
    const auto second = branches[1].pipeTo(adds());
    co_await first;
    co_await second;
    CHECK(sum == 20);

    const auto numbers = []() -> AsyncGenerator<int> {
        co_yield 100;
        co_yield 200;
    };
    co_await ReadableStream<>::from(numbers()).pipeTo(adds());
    CHECK(sum == 320);
}

TEST_CASE("a loop that ends lets go of pipes that are in the middle of something") {
    CountingSource memory;
    Counted::reset();
    {
        AbortController outlives;
        std::optional<ReadableStream<Counted>> stream;
        {
            EventLoop loop({.virtualTime = true});
            loop.run([&]() -> Promise<> {
                for (int i = 0; i < 4; ++i) {
                    ReadableStream<Counted> source({.pull = [counted = Counted()](auto& c) { c.enqueue(Counted()); }});
                    TransformStream<Counted> passes;
                    WritableStream<Counted> sink({.write = [i, counted = Counted()](const Counted&) -> Promise<> {
                        const Counted local;
                        auto never = Promise<>::withResolvers();
                        const auto kept = never.resolve;
                        if (i > 0) co_await never.promise;
                        throw 1;
                    }});
                    if (i == 3) {
                        source.pipeThrough(passes, {.signal = outlives.signal()});
                    } else {
                        source.pipeThrough(passes).pipeTo(sink).catch_([counted = Counted()] {});
                    }
                    co_await ticks(40);
                    if (i == 2) stream = passes.readable();
                }
            });
        }
        CHECK(Counted::alive == 0);
    }
    CHECK(memory.balance() == 0);
}

ASYNC_TEST_CASE("what moving a chunk throws aborts the pipe") {
    struct Throws {
        explicit Throws(int given) : movesLeft(given) {}
        Throws(Throws&& other) : movesLeft(other.movesLeft - 1) {
            if (movesLeft < 0) throw std::runtime_error("moved");
        }
        int movesLeft;
    };
    for (int moves = 3; moves < 6; ++moves) {
        Journal log;
        int given = moves;
        ReadableStream<Throws> source({.pull =
                                           [&](auto& controller) {
                                               controller.enqueue(Throws(given));
                                               given = 100;
                                               controller.enqueue(Throws(given));
                                               controller.close();
                                           },
                                       .cancel = [&] { log("cancelled"); }});
        WritableStream<Throws> sink({.write = [&](const Throws&) { log("written"); }, .close = [&] { log("closed"); }});
        const auto piped = co_await source.pipeTo(sink).settled();
        INFO(moves << " " << log.text());
        if (piped.rejected()) {
            CHECK(said(piped.reason()) == "moved");
        } else {
            CHECK(log == "written written closed");
        }
    }
}

ASYNC_TEST_CASE("a chunk that cannot be moved into a transform errors what comes out of it and cancels the source") {
    struct Throws {
        Throws() = default;
        Throws(Throws&&) { throw std::runtime_error("moved"); }
    };
    Journal log;
    TransformStream<Throws, int> passes(
        {.transform = [](Throws&&, auto& controller) { controller.enqueue(1); },
         .cancel = [&](const std::exception_ptr& reason) { log("cancel", said(reason)); }});
    const auto piped =
        ReadableStream<Throws>({.pull = [](auto& controller) { controller.enqueue(Throws()); },
                                .cancel = [&](const std::exception_ptr& reason) { log("source", said(reason)); }},
                               {.highWaterMark = 0})
            .pipeThrough(passes);
    const auto read = co_await piped.getReader().read().settled();
    REQUIRE(read.rejected());
    CHECK(said(read.reason()) == "moved");
    co_await turn();
    CHECK(log == "cancelmoved sourcemoved");
}

ASYNC_TEST_CASE("pipeTo and pipeThrough refuse what is locked") {
    ReadableStream<int> source;
    WritableStream<int> sink;
    const auto writer = sink.getWriter();
    const auto refused = co_await source.pipeTo(sink).settled();
    CHECK(said(refused.reason()).substr(0, 9) == "TypeError");
    CHECK_FALSE(source.locked());
    TransformStream<int> passes;
    const auto reader = source.getReader();
    CHECK_THROWS_AS(source.pipeThrough(passes), TypeError);
    const auto refusedToo = co_await source.pipeTo(passes.writable()).settled();
    CHECK(said(refusedToo.reason()).substr(0, 9) == "TypeError");
    reader.releaseLock();
    const auto other = passes.writable().getWriter();
    CHECK_THROWS_AS(source.pipeThrough(passes), TypeError);
    CHECK_FALSE(source.locked());
}

TEST_CASE("without memory nothing is piped and nothing is locked") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop;
        loop.run([&] {
            const auto from = upTo(3);
            const WritableStream<int> to;
            source.failAfter(successes);
            try {
                from.pipeTo(to);
                source.disarm();
            } catch (const std::bad_alloc&) {
                source.disarm();
                CHECK_FALSE(from.locked());
                CHECK_FALSE(to.locked());
            }
        });
    });
    CHECK(allocations >= 2);
}

TEST_CASE("a pipe goes with its loop although a function of its source's errors the destination then") {
    FailingSource source;
    {
        std::optional<WritableStreamDefaultController> controller;
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            auto last = std::shared_ptr<int>(new int, [&controller](const int* it) {
                delete it;
                controller->error(6);
                controller.reset();
            });
            const WritableStream<int> to(
                UnderlyingSink<int>{.start = [&](WritableStreamDefaultController& c) { controller.emplace(c); }},
                {.highWaterMark = 0});
            const ReadableStream<int> from(UnderlyingSource<int>{.pull = [last](auto&) {}});
            last.reset();
            from.pipeTo(to);
        });
    }
    CHECK(source.balance() == 0);
}
