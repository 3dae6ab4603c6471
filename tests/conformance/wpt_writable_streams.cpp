// SPDX-License-Identifier: MIT
#include "conformance/writable_streams.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace wpt;

using Text = WritableStream<std::string>;
using Controller = WritableStreamDefaultController;

// streams/writable-streams/write

ASYNC_TEST_CASE("streams/writable-streams/write: asynchronous writes are complete before close is") {
    Journal log;
    Text stream({.write = [&](std::string chunk) { return flush().then([&log, chunk] { log(chunk); }); },
                 .close = [] { return flush(); }});
    const auto writer = stream.getWriter();
    for (const char* chunk : {"1", "2", "3", "4", "5"}) writer.write(chunk);
    co_await writer.close();
    CHECK(log == "1 2 3 4 5");
}

ASYNC_TEST_CASE("streams/writable-streams/write: synchronous writes are complete before close is") {
    Journal log;
    Text stream(recordingSink(log));
    const auto writer = stream.getWriter();
    for (const char* chunk : {"1", "2", "3"}) writer.write(chunk);
    co_await writer.close();
    CHECK(log == "write:1 write:2 write:3 close");
}

ASYNC_TEST_CASE("streams/writable-streams/write: there is backpressure until a write is acknowledged") {
    Journal log;
    Gate<> gate;
    Text stream({.write = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    CHECK(writer.desiredSize() == 1.0);
    co_await writer.ready();
    note(log, "write", writer.write("a"));
    CHECK(gate.asked());
    CHECK(writer.desiredSize() == 0.0);
    writer.ready().then([&] { log("ready:", *writer.desiredSize()); });
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "write ready:1");
}

ASYNC_TEST_CASE("streams/writable-streams/write: a rejected write clears what is queued and the close") {
    Journal log;
    Gate<> gate;
    Text stream({.write = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    note(log, "first", writer.write("a"));
    note(log, "second", writer.write("b"));
    CHECK(writer.desiredSize() == -1.0);
    note(log, "close", writer.close());
    CHECK(writer.desiredSize() == -1.0);
    co_await flush();
    CHECK(log == "");
    gate.fail("error1");
    co_await flush();
    CHECK(log == "first:error1 second:error1 close:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/write: what the sink throws rejects the write and errors the stream") {
    Text stream({.write = [] { throw "error1"; }});
    const auto writer = stream.getWriter();
    const auto written = co_await outcome(writer.write("a"));
    CHECK(written == "error1");
    const auto closed = co_await outcome(writer.close());
    CHECK(closed == "TypeError");
}

ASYNC_TEST_CASE("streams/writable-streams/write: an error of the controller goes before what the sink throws") {
    Text stream({.write = [](const std::string&, Controller& controller) {
        controller.error("error1");
        throw "error2";
    }});
    const auto writer = stream.getWriter();
    const auto written = co_await outcome(writer.write("a"));
    CHECK(written == "error2");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/write: a large queue of writes is processed completely") {
    Gate<> gate;
    int writes = 0;
    WritableStream<int> stream({.write = [&] { return ++writes == 1 ? gate() : Promise<>::resolve(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    for (int i = 1; i < 1000; ++i) writer.write(i);
    const auto last = writer.write(1000);
    CHECK(writes == 1);
    gate.open();
    co_await last;
    CHECK(writes == 1000);
}

ASYNC_TEST_CASE("streams/writable-streams/write: a writer can be constructed of a stream") {
    Journal log;
    Text stream(recordingSink(log));
    const WritableStreamDefaultWriter<std::string> writer(stream);
    co_await writer.ready();
    writer.write("a");
    CHECK(log == "write:a");
}

// streams/writable-streams/close

ASYNC_TEST_CASE("streams/writable-streams/close: an error while the sink closes does not error the stream") {
    std::optional<Controller> controller;
    Gate<> gate;
    Text stream({.start = [&](Controller& c) { controller.emplace(c); }, .close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    const auto closed = writer.close();
    co_await flush();
    controller->error("error1");
    co_await flush();
    gate.open();
    co_await closed;
    co_await writer.closed();

    Text other(
        {.start = [&](Controller& c) { controller.emplace(c); }, .close = [&] { controller->error("error me"); }});
    const auto second = other.getWriter();
    co_await second.close();
    const auto outcomeOfClosed = co_await outcome(second.closed());
    CHECK(outcomeOfClosed == "ok");
}

ASYNC_TEST_CASE(
    "streams/writable-streams/close: what the sink throws during close errors the stream behind the writes") {
    Text stream({.close = [] { throw "error1"; }});
    const auto writer = stream.getWriter();
    const auto written = writer.write("y");
    const auto close = writer.close();
    const auto closed = writer.closed();
    const auto first = co_await outcome(written);
    CHECK(first == "ok");
    const auto second = co_await outcome(close);
    CHECK(second == "error1");
    const auto third = co_await outcome(closed);
    CHECK(third == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/close: the lock of a stream that was errored in a write can be released") {
    Text stream({.write = [](const std::string&, Controller& controller) {
        controller.error("error1");
        return Promise<>::withResolvers().promise;
    }});
    const auto writer = stream.getWriter();
    writer.write("a");
    co_await flush();
    writer.releaseLock();
    CHECK_FALSE(stream.locked());
}

ASYNC_TEST_CASE("streams/writable-streams/close: ready is fulfilled by close and desiredSize stays") {
    Journal log;
    Text stream(recordingSink(log));
    const auto writer = stream.getWriter();
    co_await writer.ready();
    CHECK(writer.desiredSize() == 1.0);
    writer.close();
    CHECK(writer.desiredSize() == 1.0);
    co_await writer.ready();
    CHECK(log == "close");
}

ASYNC_TEST_CASE("streams/writable-streams/close: close fulfils ready of a stream with backpressure") {
    Journal log;
    Gate<> never;
    Text stream({.write = [&] { return never(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    writer.write("a");
    CHECK(writer.desiredSize() == 0.0);
    note(log, "ready", writer.ready());
    co_await flush();
    log("close");
    writer.close();
    co_await flush();
    CHECK(log == "close ready");
}

ASYNC_TEST_CASE("streams/writable-streams/close: releaseLock does not change the result of close") {
    for (const bool later : {false, true}) {
        Text stream({.close = [later] { return later ? flush() : Promise<>::resolve(); }});
        const auto writer = stream.getWriter();
        co_await writer.ready();
        const auto close = writer.close();
        const auto closed = writer.closed();
        writer.releaseLock();
        const auto first = co_await outcome(close);
        CHECK(first == "ok");
        const auto second = co_await outcome(closed);
        CHECK(second == "TypeError");
    }
}

ASYNC_TEST_CASE("streams/writable-streams/close: the stream is closed also if its writer has been released") {
    Gate<> gate;
    Text stream({.close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    const auto close = writer.close();
    writer.releaseLock();
    co_await flush();
    gate.open();
    co_await close;
    CHECK(stream.getWriter().desiredSize() == 0.0);
}

ASYNC_TEST_CASE("streams/writable-streams/close: an abort during close is fulfilled with it") {
    Gate<> gate;
    Text stream({.close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    writer.close();
    writer.releaseLock();
    co_await flush();
    const auto aborting = stream.getWriter();
    const auto aborted = aborting.abort();
    aborting.releaseLock();
    gate.open();
    const auto result = co_await outcome(aborted);
    CHECK(result == "ok");
}

ASYNC_TEST_CASE("streams/writable-streams/close: promises are settled in order on closure and on aborted closure") {
    Journal log;
    Text first;
    const auto writer = first.getWriter();
    note(log, "close", writer.close());
    note(log, "closed", writer.closed());
    co_await flush();
    CHECK(log == "close closed");

    log.clear();
    Text second;
    co_await flush();
    const auto aborting = second.getWriter();
    note(log, "close", aborting.close());
    note(log, "abort", aborting.abort("error1"));
    note(log, "closed", aborting.closed());
    co_await flush();
    CHECK(log == "close abort closed");

    log.clear();
    Text third({.close = [] { return Promise<>::reject("error1"); }});
    co_await flush();
    const auto failing = third.getWriter();
    note(log, "close", failing.close());
    note(log, "abort", failing.abort("error2"));
    note(log, "closed", failing.closed());
    co_await flush();
    CHECK(log == "close:error1 abort:error1 closed:error2");
}

ASYNC_TEST_CASE("streams/writable-streams/close: close is not rejected while a method of the sink is in flight") {
    Journal log;
    Gate<> gate;
    std::optional<Controller> controller;
    Text stream({.write = [&](const std::string&, Controller& c) {
        controller.emplace(c);
        return gate();
    }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    note(log, "write", writer.write("c"));
    controller->error("error1");
    note(log, "close", writer.close());
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "write close:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/close: ready is fulfilled for a writer of a closed stream") {
    Text stream;
    const auto first = stream.getWriter();
    co_await first.close();
    first.releaseLock();
    const auto second = stream.getWriter();
    CHECK(second.ready().state() == PromiseState::fulfilled);
}

ASYNC_TEST_CASE("streams/writable-streams/close: close of a stream itself") {
    Text stream;
    stream.close();
    co_await stream.getWriter().closed();

    Text locked;
    const auto writer = locked.getWriter();
    const auto refused = co_await outcome(locked.close());
    CHECK(refused == "TypeError");

    Text erroring({.start = [](Controller& c) { c.error("error1"); }});
    const auto failed = co_await outcome(erroring.close());
    CHECK(failed == "error1");

    Text errored({.start = [](Controller& c) { c.error("error1"); }});
    const auto its = errored.getWriter();
    const auto reason = co_await outcome(its.closed());
    CHECK(reason == "error1");
    its.releaseLock();
    const auto late = co_await outcome(errored.close());
    CHECK(late == "TypeError");

    co_await writer.close();
    writer.releaseLock();
    const auto twice = co_await outcome(locked.close());
    CHECK(twice == "TypeError");

    Gate<> never;
    Text closing({.close = [&] { return never(); }});
    const auto released = closing.getWriter();
    released.close();
    released.releaseLock();
    const auto again = co_await outcome(closing.close());
    CHECK(again == "TypeError");
}

// streams/writable-streams/start

ASYNC_TEST_CASE("streams/writable-streams/start: neither write nor close is called until start has finished") {
    Journal log;
    Gate<> gate;
    auto sink = recordingSink(log);
    sink.start = [&] { return gate(); };
    Text stream(std::move(sink));
    const auto writer = stream.getWriter();
    CHECK(writer.desiredSize() == 1.0);
    writer.write("a");
    CHECK(writer.desiredSize() == 0.0);
    writer.close();
    CHECK(writer.desiredSize() == 0.0);
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await writer.closed();
    CHECK(log == "write:a close");
}

ASYNC_TEST_CASE("streams/writable-streams/start: what start throws leaves the constructor and nothing is called") {
    Journal log;
    auto sink = recordingSink(log);
    sink.start = [] { throw TypeError("horrible things"); };
    CHECK_THROWS_AS(Text(std::move(sink)), TypeError);
    auto rejecting = recordingSink(log);
    rejecting.start = [] { return Promise<>::reject("rejected"); };
    const Text stream(std::move(rejecting));
    co_await flush();
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams/writable-streams/start: an error of the controller in start fails writes and closes") {
    Journal log;
    auto sink = recordingSink(log);
    sink.start = [](Controller& c) { c.error("error1"); };
    Text stream(std::move(sink));
    const auto written = co_await outcome(stream.getWriter().write("a"));
    CHECK(written == "error1");

    std::optional<Controller> controller;
    Gate<> gate;
    auto slow = recordingSink(log);
    slow.start = [&](Controller& c) {
        controller.emplace(c);
        return gate();
    };
    Text other(std::move(slow));
    const auto writer = other.getWriter();
    Journal settled;
    note(settled, "write", writer.write("a"));
    note(settled, "close", writer.close());
    controller->error("error1");
    gate.open();
    co_await flush();
    CHECK(settled == "write:error1 close:error1");
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams/writable-streams/start: promises are rejected in order when start rejects") {
    Journal log;
    Text stream({.start = [] { return Promise<>::reject("e"); }}, {.highWaterMark = 0});
    const auto writer = stream.getWriter();
    note(log, "ready", writer.ready());
    note(log, "closed", writer.closed());
    note(log, "write", writer.write("a"));
    co_await flush();
    CHECK(log == "ready:e write:e closed:e");
}

// streams/writable-streams/error

ASYNC_TEST_CASE("streams/writable-streams/error: error errors the stream and the first one counts") {
    std::optional<Controller> controller;
    const auto start = [&](Controller& c) { controller.emplace(c); };
    Text stream({.start = start});
    controller->error("error1");
    controller->error("error2");
    const auto closed = co_await outcome(stream.getWriter().closed());
    CHECK(closed == "error1");

    Text erroring({.start = start});
    const auto aborted = erroring.abort();
    controller->error("error1");
    co_await aborted;
    controller->error("error1");

    Text closing({.start = start});
    co_await closing.getWriter().close();
    controller->error("error1");
    CHECK(closing.locked());
}

// streams/writable-streams/general

ASYNC_TEST_CASE("streams/writable-streams/general: desiredSize of a writer") {
    Text stream;
    const auto writer = stream.getWriter();
    CHECK(writer.desiredSize() == 1.0);
    writer.close();
    co_await writer.closed();
    CHECK(writer.desiredSize() == 0.0);
    writer.releaseLock();
    CHECK_THROWS_AS(writer.desiredSize(), TypeError);
    Text errored({.start = [](Controller& c) { c.error(); }});
    CHECK(errored.getWriter().desiredSize() == std::nullopt);
}

ASYNC_TEST_CASE(
    "streams/writable-streams/general: getWriter of a stream that is closing or closed or aborted or errored") {
    Text closing;
    const auto first = closing.getWriter();
    const auto closed = first.close();
    first.releaseLock();
    closing.getWriter().releaseLock();
    co_await closed;
    closing.getWriter().releaseLock();

    Text aborted;
    const auto second = aborted.getWriter();
    second.abort();
    second.releaseLock();
    aborted.getWriter().releaseLock();

    Text errored({.start = [](Controller& c) { c.error("error1"); }});
    const auto third = errored.getWriter();
    const auto reason = co_await outcome(third.closed());
    CHECK(reason == "error1");
    third.releaseLock();
    CHECK_FALSE(errored.getWriter().desiredSize());
}

ASYNC_TEST_CASE("streams/writable-streams/general: closed and ready of a released writer have the same reason") {
    Text stream;
    const auto writer = stream.getWriter();
    writer.releaseLock();
    const auto closed = co_await writer.closed().settled();
    const auto ready = co_await writer.ready().settled();
    CHECK(said(closed.reason()) == "TypeError");
    CHECK(closed.reason() == ready.reason());
}

ASYNC_TEST_CASE("streams/writable-streams/general: a second releaseLock does nothing") {
    Text stream;
    const auto first = stream.getWriter();
    first.releaseLock();
    const auto second = stream.getWriter();
    first.releaseLock();
    const auto ready = co_await outcome(second.ready());
    CHECK(ready == "ok");
    CHECK(stream.locked());
}

ASYNC_TEST_CASE("streams/writable-streams/general: releaseLock rejects ready before closed") {
    Journal log;
    Text stream;
    const auto writer = stream.getWriter();
    co_await writer.ready();
    writer.write("dummy");
    note(log, "ready", writer.ready());
    note(log, "closed", writer.closed());
    writer.releaseLock();
    co_await flush();
    CHECK(log == "ready:TypeError closed:TypeError");
}

// streams/writable-streams/reentrant-strategy

ASYNC_TEST_CASE("streams/writable-streams/reentrant-strategy: writes within size are written in order") {
    Journal log;
    std::optional<WritableStreamDefaultWriter<int>> writer;
    WritableStream<int> stream({.write = [&](int chunk) { log("sink", chunk); }}, {.size = [&](int chunk) {
                                   log("size", chunk);
                                   if (chunk > 0)
                                       writer->write(chunk - 1).then([&log, chunk] { log("done", chunk - 1); });
                                   return chunk;
                               }});
    writer = stream.getWriter();
    co_await writer->write(2).then([&] { log("done", 2); });
    co_await flush();
    CHECK(log == "size2 size1 size0 sink0 sink1 done0 sink2 done1 done2");
}

ASYNC_TEST_CASE("streams/writable-streams/reentrant-strategy: error within size") {
    Journal log;
    Journal sink;
    std::optional<Controller> controller;
    auto recording = recordingSink(sink);
    recording.start = [&](Controller& c) { controller.emplace(c); };
    Text stream(std::move(recording), {.size = [&] {
                    controller->error("error1");
                    return 1;
                }});
    const auto writer = stream.getWriter();
    note(log, "ready1", writer.ready());
    note(log, "write", writer.write(""));
    note(log, "ready2", writer.ready());
    note(log, "closed", writer.closed());
    co_await flush();
    CHECK(log == "ready1 write:error1 ready2:error1 closed:error1");
    CHECK(sink == "");
}

ASYNC_TEST_CASE("streams/writable-streams/reentrant-strategy: close and abort and releaseLock within size") {
    using Writer = WritableStreamDefaultWriter<std::string>;
    using Act = void (*)(const Writer&);
    Journal log;
    for (const Act act :
         {Act([](const Writer& writer) { writer.close(); }), Act([](const Writer& writer) { writer.abort("error1"); }),
          Act([](const Writer& writer) { writer.releaseLock(); })}) {
        std::optional<Writer> writer;
        Text stream(recordingSink(log), {.size = [&] {
                        act(*writer);
                        return 1;
                    }});
        writer = stream.getWriter();
        const auto written = co_await outcome(writer->write("a"));
        co_await flush();
        log(written);
    }
    CHECK(log == "close TypeError abort:error1 error1 TypeError");
}

ASYNC_TEST_CASE("streams/writable-streams/reentrant-strategy: a new writer within size") {
    Journal log;
    Journal sink;
    std::optional<Text> stream;
    std::optional<WritableStreamDefaultWriter<std::string>> first;
    stream.emplace(recordingSink(sink), QueuingStrategy<std::string>{.size = [&](const std::string& chunk) {
                       if (chunk == "1") {
                           first->releaseLock();
                           const auto second = stream->getWriter();
                           note(log, "write2", second.write("0"));
                           note(log, "close2", second.close());
                           note(log, "closed2", second.closed());
                       }
                       return 1;
                   }});
    first = stream->getWriter();
    note(log, "write1", first->write("1"));
    note(log, "ready1", first->ready());
    note(log, "closed1", first->closed());
    co_await flush();
    CHECK(sink == "write:0 close");
    CHECK(log == "write1:TypeError ready1:TypeError closed1:TypeError write2 close2 closed2");
}

// streams/writable-streams/bad-underlying-sinks

ASYNC_TEST_CASE("streams/writable-streams/bad-underlying-sinks: errors in start leave the constructor") {
    CHECK_THROWS_AS(Text({.start = [] { throw RangeError("error1"); }}), RangeError);
    co_return;
}

ASYNC_TEST_CASE("streams/writable-streams/bad-underlying-sinks: a failing close rejects close and ready and closed") {
    for (const bool throws : {true, false}) {
        Text stream({.close = [throws] {
            if (throws) throw "error1";
            return Promise<>::reject("error1");
        }});
        const auto writer = stream.getWriter();
        const auto close = co_await outcome(writer.close());
        CHECK(close == "error1");
        const auto ready = co_await outcome(writer.ready());
        CHECK(ready == "error1");
        const auto closed = co_await outcome(writer.closed());
        CHECK(closed == "error1");
    }
}

ASYNC_TEST_CASE("streams/writable-streams/bad-underlying-sinks: a failing write rejects write and ready and closed") {
    Gate<> gate;
    Text stream({.write = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    const auto promise = writer.write("a");
    gate.fail("error1");
    const auto written = co_await outcome(promise);
    CHECK(written == "error1");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");

    int writes = 0;
    Text second({.write = [&] { return ++writes == 1 ? flush() : Promise<>::reject("error1"); }});
    const auto other = second.getWriter();
    other.write("a");
    const auto readyBefore = other.ready();
    const auto failed = co_await outcome(other.write("b"));
    CHECK(failed == "error1");
    CHECK(other.ready() == readyBefore);
    const auto readyThen = co_await outcome(other.ready());
    CHECK(readyThen == "error1");
}

ASYNC_TEST_CASE(
    "streams/writable-streams/bad-underlying-sinks: a throwing abort rejects abort and closed has the reason") {
    Text stream({.abort = [] { throw "error1"; }});
    const auto writer = stream.getWriter();
    const auto aborted = co_await outcome(writer.abort("different string"));
    CHECK(aborted == "error1");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "different string");
}

// streams/writable-streams/bad-strategies

ASYNC_TEST_CASE("streams/writable-streams/bad-strategies: a highWaterMark that is none is refused") {
    for (const double mark :
         {-1.0, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(Text({}, {.highWaterMark = mark}), RangeError);
    }
    co_return;
}

ASYNC_TEST_CASE("streams/writable-streams/bad-strategies: what size throws rejects write and closed") {
    Text stream({}, {.highWaterMark = 5, .size = []() -> double { throw "error1"; }});
    const auto writer = stream.getWriter();
    const auto written = co_await outcome(writer.write("a"));
    CHECK(written == "error1");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/bad-strategies: a size that is none rejects write and closed alike") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const double size : {std::numeric_limits<double>::quiet_NaN(), -infinity, infinity, -1.0}) {
        Text stream({}, {.highWaterMark = 5, .size = [size] { return size; }});
        const auto writer = stream.getWriter();
        const auto written = co_await writer.write("a").settled();
        CHECK(said(written.reason()) == "RangeError");
        const auto closed = co_await writer.closed().settled();
        CHECK(closed.reason() == written.reason());
    }
}

// streams/writable-streams/count-queuing-strategy

ASYNC_TEST_CASE("streams/writable-streams/count-queuing-strategy: it governs desiredSize") {
    for (const int mark : {0, 4}) {
        std::vector<PromiseWithResolvers<>> dones;
        WritableStream<int> stream({.write =
                                        [&](int) {
                                            dones.push_back(Promise<>::withResolvers());
                                            return dones.back().promise;
                                        }},
                                   CountQueuingStrategy({.highWaterMark = double(mark)}));
        const auto writer = stream.getWriter();
        co_await Promise<>::resolve();
        CHECK(writer.desiredSize() == mark);
        std::vector<Promise<>> writes;
        for (int i = 1; i <= 7; ++i) {
            writes.push_back(writer.write(i));
            CHECK(writer.desiredSize() == mark - i);
        }
        for (int i = 1; i <= 7; ++i) {
            dones.back().resolve();
            co_await writes[std::size_t(i - 1)];
            CHECK(dones.size() == std::size_t(i == 7 ? 7 : i + 1));
            CHECK(writer.desiredSize() == mark - 7 + i);
        }
    }
}

// streams/writable-streams/byte-length-queuing-strategy

ASYNC_TEST_CASE(
    "streams/writable-streams/byte-length-queuing-strategy: a close waits for writes below the high water mark") {
    Journal log;
    WritableStream<Uint8Array> stream(
        {.write = [&] { return flush().then([&] { log("written"); }); }, .close = [&] { log("close"); }},
        ByteLengthQueuingStrategy({.highWaterMark = 1024 * 16}));
    const auto writer = stream.getWriter();
    writer.write(Uint8Array(1024));
    CHECK(writer.desiredSize() == 1024.0 * 15);
    co_await writer.close();
    CHECK(log == "written close");
}

// streams/writable-streams/floating-point-total-queue-size

ASYNC_TEST_CASE(
    "streams/writable-streams/floating-point-total-queue-size: desiredSize is the sum of doubles and clamped to 0") {
    const auto sized = [] {
        return WritableStream<double>({}, {.highWaterMark = 0, .size = [](double chunk) { return chunk; }}).getWriter();
    };
    const double large = 9007199254740991.0;
    const auto first = sized();
    first.write(2);
    const auto firstDone = first.write(large);
    CHECK(first.desiredSize() == 0 - 2 - large);
    co_await firstDone;
    CHECK(first.desiredSize() == 0.0);

    const auto second = sized();
    second.write(1e-16);
    const auto secondDone = second.write(1);
    CHECK(second.desiredSize() == 0 - 1e-16 - 1);
    co_await secondDone;
    CHECK(second.desiredSize() == 0.0);

    const auto third = sized();
    third.write(1e-16);
    third.write(1);
    const auto thirdDone = third.write(2e-16);
    CHECK(third.desiredSize() == 0 - 1e-16 - 1 - 2e-16);
    co_await thirdDone;
    CHECK(third.desiredSize() == 0 - 1e-16 - 1 - 2e-16 + 1e-16 + 1 + 2e-16);

    const auto fourth = sized();
    fourth.write(2e-16);
    const auto fourthDone = fourth.write(1);
    CHECK(fourth.desiredSize() == 0 - 2e-16 - 1);
    co_await fourthDone;
    CHECK(fourth.desiredSize() == 0 - 2e-16 - 1 + 2e-16 + 1);
}
