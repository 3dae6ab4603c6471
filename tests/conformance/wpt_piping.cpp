// SPDX-License-Identifier: MIT
#include "conformance/writable_streams.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace wpt;
using namespace std::chrono_literals;

using Source = ReadableStream<std::string>;
using Sink = WritableStream<std::string>;
using SourceController = ReadableStreamDefaultController<std::string>;
using SinkController = WritableStreamDefaultController;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A source that enqueues some chunks when it starts, logs its cancel, and keeps its controller.
struct Recording {
    explicit Recording(Journal& journal) : log(journal) {}

    UnderlyingSource<std::string> source(std::vector<std::string> chunks = {}, bool closes = false) {
        return {.start =
                    [this, chunks = std::move(chunks), closes](SourceController& c) {
                        controller.emplace(c);
                        for (const auto& chunk : chunks) c.enqueue(chunk);
                        if (closes) c.close();
                    },
                .pull = {},
                .cancel = [this](const std::exception_ptr& reason) { log("cancel:", said(reason)); }};
    }
    UnderlyingSink<std::string> sink() {
        auto made = recordingSink(log);
        made.start = [this](SinkController& c) { sinkController.emplace(c); };
        return made;
    }

    Journal& log;
    std::optional<SourceController> controller;
    std::optional<SinkController> sinkController;
};

/// A sink whose abort, close or write fails.
UnderlyingSink<std::string> failing(UnderlyingSink<std::string> sink, Journal& log, const std::string& method) {
    if (method == "abort") {
        sink.abort = [&log](const std::exception_ptr& reason) {
            log("abort:", said(reason));
            throw "error2";
        };
    } else if (method == "close") {
        sink.close = [&log] {
            log("close");
            throw "error1";
        };
    } else {
        sink.write = [&log](const std::string& chunk) {
            log("write:", chunk);
            return Promise<>::reject("error1");
        };
    }
    return sink;
}

QueuingStrategy<std::string> mark(double highWaterMark) { return {.highWaterMark = highWaterMark, .size = {}}; }

}

// streams/piping/general

ASYNC_TEST_CASE("streams/piping/general: piping locks both streams and unlocks them when it has finished") {
    Source open;
    Sink sink;
    open.pipeTo(sink);
    CHECK(open.locked());
    CHECK(sink.locked());

    Source source({.start = [](SourceController& c) { c.close(); }});
    Sink other;
    co_await source.pipeTo(other);
    CHECK_FALSE(source.locked());
    CHECK_FALSE(other.locked());
}

ASYNC_TEST_CASE("streams/piping/general: pipeTo fails if one stream is locked and does not lock the other") {
    Source source;
    Sink sink;
    const auto reader = source.getReader();
    const auto first = co_await outcome(source.pipeTo(sink));
    CHECK(first == "TypeError");
    CHECK_FALSE(sink.locked());

    Source free;
    const auto writer = sink.getWriter();
    const auto second = co_await outcome(free.pipeTo(sink));
    CHECK(second == "TypeError");
    CHECK_FALSE(free.locked());
}

ASYNC_TEST_CASE("streams/piping/general: many chunks that can be read at once are written") {
    std::string written;
    ReadableStream<int> source({.start = [](auto& c) {
        for (int i = 0; i < 10; ++i) c.enqueue(i);
        c.close();
    }});
    WritableStream<int> sink(
        {.write = [&](int chunk) { written += std::to_string(chunk); }, .close = [&] { written += "closed"; }},
        CountQueuingStrategy({.highWaterMark = 10}));
    co_await source.pipeTo(sink);
    CHECK(written == "0123456789closed");
    co_await source.getReader().closed();
    co_await sink.getWriter().closed();
}

ASYNC_TEST_CASE("streams/piping/general: a chunk that can be read later is written") {
    Journal log;
    Recording recording(log);
    Source source(recording.source());
    Sink sink(recording.sink());
    const auto piped = source.pipeTo(sink);
    co_await delay(10ms);
    recording.controller->enqueue("Hello");
    co_await delay(10ms);
    recording.controller->close();
    co_await piped;
    CHECK(log == "write:Hello close");
}

// Unlike the Web there is no undefined: what stands for it as a reason is nullptr.
ASYNC_TEST_CASE("streams/piping/general: a rejection without a reason from pull or write rejects the pipe") {
    for (const bool prevents : {true, false}) {
        Source source({.pull = [] { return Promise<>::reject(std::exception_ptr()); }});
        const auto pulled = co_await outcome(source.pipeTo(Sink(), {.preventAbort = prevents}));
        CHECK(pulled == "undefined");

        Source other({.pull = [](SourceController& c) { c.enqueue("0"); }});
        Sink sink({.write = [] { return Promise<>::reject(std::exception_ptr()); }});
        const auto written = co_await outcome(other.pipeTo(sink, {.preventCancel = prevents}));
        CHECK(written == "undefined");
    }
}

// streams/piping/close-propagation-forward

ASYNC_TEST_CASE("streams/piping/close-propagation-forward: a source that is closed closes the destination") {
    for (const int options : {0, 1, 2, 3}) {
        Journal log;
        Recording recording(log);
        Source source(recording.source({}, true));
        Sink sink(recording.sink());
        const auto piped = co_await outcome(source.pipeTo(
            sink, {.preventClose = options > 0, .preventAbort = options > 1, .preventCancel = options > 2}));
        CHECK(piped == "ok");
        CHECK(log == (options == 0 ? "close" : ""));
        co_await source.getReader().closed();
        if (options == 0) co_await sink.getWriter().closed();
    }
}

ASYNC_TEST_CASE("streams/piping/close-propagation-forward: a close that fails rejects the pipe") {
    Journal log;
    Recording recording(log);
    Source source(recording.source({}, true));
    Sink sink(failing(recording.sink(), log, "close"));
    const auto piped = co_await outcome(source.pipeTo(sink));
    CHECK(piped == "error1");
    CHECK(log == "close");
    co_await source.getReader().closed();
    const auto closed = co_await outcome(sink.getWriter().closed());
    CHECK(closed == "error1");
}

ASYNC_TEST_CASE("streams/piping/close-propagation-forward: a source that becomes closed closes the destination") {
    for (const double highWaterMark : {1.0, 0.0}) {
        for (const bool prevents : {false, true}) {
            for (const bool fails : {false, true}) {
                Journal log;
                Recording recording(log);
                Source source(recording.source());
                Sink sink(fails ? failing(recording.sink(), log, "close") : recording.sink(), mark(highWaterMark));
                const auto piped = source.pipeTo(sink, {.preventClose = prevents});
                co_await flush();
                recording.controller->close();
                const auto result = co_await outcome(piped);
                CHECK(result == (fails && !prevents ? "error1" : "ok"));
                CHECK(log == (prevents ? "" : "close"));
            }
        }
    }
}

ASYNC_TEST_CASE(
    "streams/piping/close-propagation-forward: a source that becomes closed behind a chunk closes the destination") {
    for (const bool prevents : {false, true}) {
        for (const bool fails : {false, true}) {
            Journal log;
            Recording recording(log);
            Source source(recording.source());
            Sink sink(fails ? failing(recording.sink(), log, "close") : recording.sink());
            const auto piped = source.pipeTo(sink, {.preventClose = prevents});
            co_await flush();
            recording.controller->enqueue("Hello");
            co_await flush();
            recording.controller->close();
            const auto result = co_await outcome(piped);
            CHECK(result == (fails && !prevents ? "error1" : "ok"));
            CHECK(log == (prevents ? "write:Hello" : "write:Hello close"));
        }
    }
}

ASYNC_TEST_CASE("streams/piping/close-propagation-forward: there is no shutdown before the final write is complete") {
    for (const bool prevents : {false, true}) {
        Journal log;
        Gate<> gate;
        Recording recording(log);
        Source source(recording.source());
        auto slow = recording.sink();
        slow.write = [&](const std::string& chunk) {
            log("write:", chunk);
            return gate();
        };
        Sink sink(std::move(slow));
        const auto piped = source.pipeTo(sink, {.preventClose = prevents});
        recording.controller->enqueue("a");
        recording.controller->close();
        co_await flush();
        CHECK(log == "write:a");
        CHECK(piped.state() == PromiseState::pending);
        gate.open();
        co_await piped;
        co_await flush();
        CHECK(log == (prevents ? "write:a" : "write:a close"));
    }
}

ASYNC_TEST_CASE(
    "streams/piping/close-propagation-forward: all that has been read is written if the source is closed behind the first write") {
    for (const bool prevents : {false, true}) {
        Journal log;
        Gate<> gate;
        Recording recording(log);
        Source source(recording.source());
        auto slow = recording.sink();
        slow.write = [&](const std::string& chunk) {
            log("write:", chunk);
            return gate();
        };
        Sink sink(std::move(slow), mark(2));
        const auto piped = source.pipeTo(sink, {.preventClose = prevents});
        recording.controller->enqueue("a");
        recording.controller->enqueue("b");
        co_await flush();
        CHECK(log == "write:a");
        recording.controller->close();
        gate.open();
        co_await flush();
        CHECK(log == "write:a write:b");
        CHECK(piped.state() == PromiseState::pending);
        gate.open();
        co_await piped;
        CHECK(log == (prevents ? "write:a write:b" : "write:a write:b close"));
    }
}

ASYNC_TEST_CASE(
    "streams/piping/close-propagation-forward: an erroring destination rejects the pipe of a closed source") {
    Journal log;
    Gate<> gate;
    Recording recording(log);
    Source source(recording.source({"a", "b"}, true));
    auto slow = recording.sink();
    slow.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return gate();
    };
    Sink sink(std::move(slow), mark(3));
    const auto piped = source.pipeTo(sink);
    co_await flush();
    gate.fail("error1");
    const auto result = co_await outcome(piped);
    CHECK(result == "error1");
    CHECK(log == "write:a");
}

// streams/piping/close-propagation-backward

ASYNC_TEST_CASE(
    "streams/piping/close-propagation-backward: a destination that is closed cancels the source with a TypeError") {
    for (const int options : {0, 1, 2, 3}) {
        Journal log;
        Recording recording(log);
        Source source(recording.source());
        Sink sink(recording.sink());
        const auto writer = sink.getWriter();
        writer.close();
        writer.releaseLock();
        const auto piped = co_await outcome(source.pipeTo(
            sink, {.preventClose = options > 2, .preventAbort = options > 1, .preventCancel = options > 0}));
        CHECK(piped == "TypeError");
        co_await sink.getWriter().closed();
        CHECK(log == (options == 0 ? "cancel:TypeError close" : "close"));
    }
}

ASYNC_TEST_CASE("streams/piping/close-propagation-backward: a cancel that fails rejects the pipe") {
    Source source({.cancel = [] { throw "error1"; }});
    Sink sink;
    const auto writer = sink.getWriter();
    writer.close();
    writer.releaseLock();
    const auto piped = co_await outcome(source.pipeTo(sink));
    CHECK(piped == "error1");
    co_await source.getReader().closed();
    co_await sink.getWriter().closed();
}

// streams/piping/error-propagation-forward

ASYNC_TEST_CASE("streams/piping/error-propagation-forward: a source that starts errored aborts the destination") {
    for (const bool prevents : {false, true}) {
        for (const bool fails : {false, true}) {
            Journal log;
            Recording recording(log);
            Source source({.start = [] { return Promise<>::reject("error1"); }});
            Sink sink(fails ? failing(recording.sink(), log, "abort") : recording.sink());
            const auto piped = co_await outcome(source.pipeTo(sink, {.preventAbort = prevents}));
            CHECK(piped == (fails && !prevents ? "error2" : "error1"));
            CHECK(log == (prevents ? "" : "abort:error1"));
        }
    }
}

ASYNC_TEST_CASE("streams/piping/error-propagation-forward: a source that becomes errored aborts the destination") {
    for (const double highWaterMark : {1.0, 0.0}) {
        for (const bool prevents : {false, true}) {
            for (const bool fails : {false, true}) {
                for (const bool chunk : {false, true}) {
                    Journal log;
                    Recording recording(log);
                    Source source(recording.source());
                    Sink sink(fails ? failing(recording.sink(), log, "abort") : recording.sink(), mark(highWaterMark));
                    const auto piped = source.pipeTo(sink, {.preventAbort = prevents});
                    co_await flush();
                    if (chunk) recording.controller->enqueue("Hello");
                    co_await flush();
                    recording.controller->error("error1");
                    const auto result = co_await outcome(piped);
                    CHECK(result == (fails && !prevents ? "error2" : "error1"));
                    const std::string written = chunk && highWaterMark > 0 ? "write:Hello" : "";
                    const std::string aborted = prevents ? "" : "abort:error1";
                    CHECK(log == written + (written.empty() || aborted.empty() ? "" : " ") + aborted);
                }
            }
        }
    }
}

ASYNC_TEST_CASE("streams/piping/error-propagation-forward: there is no shutdown before the final write is complete") {
    for (const bool prevents : {false, true}) {
        for (const double highWaterMark : {1.0, 2.0}) {
            Journal log;
            Gate<> gate;
            Recording recording(log);
            Source source(recording.source());
            auto slow = recording.sink();
            slow.write = [&](const std::string& chunk) {
                log("write:", chunk);
                return gate();
            };
            Sink sink(std::move(slow), mark(highWaterMark));
            const auto piped = source.pipeTo(sink, {.preventAbort = prevents});
            recording.controller->enqueue("a");
            if (highWaterMark > 1) recording.controller->enqueue("b");
            co_await flush();
            recording.controller->error("error1");
            co_await flush();
            CHECK(log == "write:a");
            CHECK(piped.state() == PromiseState::pending);
            gate.open();
            if (highWaterMark > 1) {
                co_await flush();
                CHECK(log == "write:a write:b");
                CHECK(piped.state() == PromiseState::pending);
                gate.open();
            }
            const auto result = co_await outcome(piped);
            CHECK(result == "error1");
            const std::string written = highWaterMark > 1 ? "write:a write:b" : "write:a";
            CHECK(log == written + (prevents ? "" : " abort:error1"));
        }
    }
}

// streams/piping/error-propagation-backward

ASYNC_TEST_CASE("streams/piping/error-propagation-backward: a destination that starts errored cancels the source") {
    Journal log;
    Recording recording(log);
    Source source(recording.source());
    Sink sink({.start = [] { return Promise<>::reject("error1"); }});
    const auto piped = co_await outcome(source.pipeTo(sink));
    CHECK(piped == "error1");
    CHECK(log == "cancel:error1");
}

ASYNC_TEST_CASE("streams/piping/error-propagation-backward: a destination that was errored before cancels the source") {
    for (const bool prevents : {false, true}) {
        for (const bool fails : {false, true}) {
            Journal log;
            Recording recording(log);
            auto made = recording.source();
            if (fails) {
                made.cancel = [&](const std::exception_ptr& reason) {
                    log("cancel:", said(reason));
                    throw "error2";
                };
            }
            Source source(std::move(made));
            Sink sink(failing(recording.sink(), log, "write"));
            const auto writer = sink.getWriter();
            const auto written = co_await outcome(writer.write("Hello"));
            CHECK(written == "error1");
            const auto closed = co_await outcome(writer.closed());
            CHECK(closed == "error1");
            writer.releaseLock();
            const auto piped = co_await outcome(source.pipeTo(sink, {.preventCancel = prevents}));
            CHECK(piped == (fails && !prevents ? "error2" : "error1"));
            CHECK(log == (prevents ? "write:Hello" : "write:Hello cancel:error1"));
        }
    }
}

ASYNC_TEST_CASE("streams/piping/error-propagation-backward: a write that fails cancels the source") {
    for (const bool prevents : {false, true}) {
        for (const bool later : {false, true}) {
            Journal log;
            int writes = 0;
            Recording recording(log);
            Source source(recording.source({"a", "b", "c"}));
            auto made = recording.sink();
            made.write = [&](const std::string& chunk) -> Promise<> {
                log("write:", chunk);
                if (++writes == 1) co_return;
                if (later) co_await flush();
                throw "error1";
            };
            Sink sink(std::move(made));
            const auto piped = co_await outcome(source.pipeTo(sink, {.preventCancel = prevents}));
            CHECK(piped == "error1");
            CHECK(log == (prevents ? "write:a write:b" : "write:a write:b cancel:error1"));
        }
    }
}

ASYNC_TEST_CASE("streams/piping/error-propagation-backward: a destination that becomes errored cancels the source") {
    for (const double highWaterMark : {1.0, 0.0}) {
        for (const bool prevents : {false, true}) {
            Journal log;
            Recording recording(log);
            Source source(recording.source());
            Sink sink(recording.sink(), mark(highWaterMark));
            const auto piped = source.pipeTo(sink, {.preventCancel = prevents});
            co_await delay(10ms);
            recording.sinkController->error("error1");
            const auto result = co_await outcome(piped);
            CHECK(result == "error1");
            CHECK(log == (prevents ? "" : "cancel:error1"));
        }
    }
}

ASYNC_TEST_CASE(
    "streams/piping/error-propagation-backward: a source that is closed is not cancelled when the last write fails") {
    for (const bool prevents : {false, true}) {
        Journal log;
        Recording recording(log);
        Source source(recording.source({"a", "b", "c"}, true));
        auto made = recording.sink();
        made.write = [&](const std::string& chunk) {
            log("write:", chunk);
            if (chunk == "c") throw "error1";
        };
        Sink sink(std::move(made));
        const auto piped = co_await outcome(source.pipeTo(sink, {.preventCancel = prevents}));
        CHECK(piped == "error1");
        CHECK(log == "write:a write:b write:c");
    }
}

ASYNC_TEST_CASE(
    "streams/piping/error-propagation-backward: an abort of the destination while its write is in flight rejects the pipe") {
    Journal log;
    Recording recording(log);
    Source source(recording.source({"a"}));
    Gate<> gate;
    auto made = recording.sink();
    made.write = [&] { return gate(); };
    Sink sink(std::move(made));
    const auto piped = source.pipeTo(sink);
    co_await flush();
    recording.sinkController->error("error1");
    co_await flush();
    gate.open();
    const auto result = co_await outcome(piped);
    CHECK(result == "error1");
    CHECK(log == "cancel:error1");
}

// streams/piping/multiple-propagation

namespace {

/// A sink whose stream is errored with error2 when it has started.
Sink errored(Journal& log) {
    auto sink = recordingSink(log);
    sink.start = [](SinkController& c) { c.error("error2"); };
    return Sink(std::move(sink));
}

}

ASYNC_TEST_CASE(
    "streams/piping/multiple-propagation: from an errored source to a destination that is erroring or errored") {
    for (const bool prevents : {false, true}) {
        for (const bool later : {false, true}) {
            Journal log;
            Source source({.start = [](SourceController& c) { c.error("error1"); }});
            Sink sink = errored(log);
            if (later) co_await flush();
            const auto piped = co_await outcome(source.pipeTo(sink, {.preventAbort = prevents}));
            CHECK(piped == (prevents || later ? "error1" : "error2"));
            CHECK(log == "");
            const auto its = co_await outcome(source.getReader().closed());
            CHECK(its == "error1");
            const auto closed = co_await outcome(sink.getWriter().closed());
            CHECK(closed == "error2");
        }
    }
}

ASYNC_TEST_CASE(
    "streams/piping/multiple-propagation: from an errored source to a destination that is closing or closed") {
    for (const bool later : {false, true}) {
        Journal log;
        Source source({.start = [](SourceController& c) { c.error("error1"); }});
        Sink sink(recordingSink(log));
        const auto close = sink.close();
        if (later) co_await flush();
        const auto piped = co_await outcome(source.pipeTo(sink));
        CHECK(piped == "error1");
        CHECK(log == (later ? "close" : "abort:error1"));
        const auto result = co_await outcome(close);
        CHECK(result == (later ? "ok" : "error1"));
        const auto closed = co_await outcome(sink.getWriter().closed());
        CHECK(closed == (later ? "ok" : "error1"));
    }
}

ASYNC_TEST_CASE(
    "streams/piping/multiple-propagation: from a closed source to a destination that is erroring or errored or closed") {
    const auto closes = [](SourceController& c) { c.close(); };
    for (const bool later : {false, true}) {
        Journal log;
        Source source({.start = closes});
        Sink sink = errored(log);
        if (later) co_await flush();
        const auto piped = co_await outcome(source.pipeTo(sink));
        CHECK(piped == "error2");
        CHECK(log == "");
        co_await source.getReader().closed();
    }
    Journal log;
    Source source({.start = closes});
    Sink sink(recordingSink(log));
    sink.close();
    const auto piped = co_await outcome(source.pipeTo(sink));
    CHECK(piped == "ok");
    co_await sink.getWriter().closed();
    CHECK(log == "close");
}

// streams/piping/flow-control

ASYNC_TEST_CASE("streams/piping/flow-control: nothing is read for a destination that does not desire chunks") {
    Journal log;
    Recording recording(log);
    Source source(recording.source({"a", "b"}, true));
    Sink sink(recording.sink(), mark(0));
    const auto piped = source.pipeTo(sink, {.preventCancel = true});
    co_await flush();
    recording.sinkController->error("error1");
    const auto result = co_await outcome(piped);
    CHECK(result == "error1");
    CHECK(log == "");
    const auto reader = source.getReader();
    const auto first = co_await reader.read();
    CHECK(first.value() == "a");
    const auto second = co_await reader.read();
    CHECK(second.value() == "b");
}

ASYNC_TEST_CASE("streams/piping/flow-control: piping goes on when the destination desires chunks again") {
    for (const bool empty : {false, true}) {
        Journal log;
        Gate<> gate;
        Recording recording(log);
        Source source(empty ? recording.source() : recording.source({"b"}, true));
        auto made = recording.sink();
        made.write = [&](const std::string& chunk) {
            log("write:", chunk);
            return chunk == "a" ? gate() : Promise<>::resolve();
        };
        Sink sink(std::move(made));
        const auto writer = sink.getWriter();
        const auto written = writer.write("a");
        CHECK(writer.desiredSize() == 0.0);
        co_await flush();
        writer.releaseLock();
        const auto piped = source.pipeTo(sink);
        if (empty) recording.controller->enqueue("b");
        if (!empty) co_await flush();
        gate.open();
        if (empty) recording.controller->close();
        co_await written;
        co_await piped;
        CHECK(log == "write:a write:b close");
    }
}

ASYNC_TEST_CASE("streams/piping/flow-control: chunks are read until the queue of the destination is full") {
    Journal log;
    Gate<> gate;
    std::vector<std::string> unread = {"d", "c", "b"};
    Source source({.pull =
                       [&](SourceController& c) {
                           c.enqueue(unread.back());
                           unread.pop_back();
                           if (unread.empty()) c.close();
                       }},
                  CountQueuingStrategy({.highWaterMark = 0}));
    auto made = recordingSink(log);
    made.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return chunk == "a" ? gate() : Promise<>::resolve();
    };
    Sink sink(std::move(made), mark(3));
    const auto writer = sink.getWriter();
    const auto written = writer.write("a");
    CHECK(writer.desiredSize() == 2.0);
    writer.releaseLock();
    const auto piped = source.pipeTo(sink);
    co_await flush();
    CHECK(log == "write:a");
    CHECK(unread.size() == 1);
    gate.open();
    co_await written;
    co_await piped;
    CHECK(log == "write:a write:b write:c write:d close");
}

ASYNC_TEST_CASE("streams/piping/flow-control: a slow destination exerts backpressure on the source") {
    Journal log;
    Gate<> gate;
    Recording recording(log);
    Source source(recording.source());
    auto made = recording.sink();
    made.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return gate();
    };
    Sink sink(std::move(made));
    co_await flush();
    const auto piped = source.pipeTo(sink);
    co_await flush();
    double expected = 1;
    for (const char* chunk : {"a", "b", "c", "d"}) {
        recording.controller->enqueue(chunk);
        CHECK(recording.controller->desiredSize() == expected);
        co_await flush();
        CHECK(recording.controller->desiredSize() == expected);
        expected -= 1;
    }
    CHECK(log == "write:a");
    gate.open();
    co_await flush();
    CHECK(log == "write:a write:b");
    CHECK(recording.controller->desiredSize() == -1.0);
    recording.controller->close();
    while (piped.state() == PromiseState::pending) {
        gate.open();
        co_await flush();
    }
    CHECK(log == "write:a write:b write:c write:d close");
}

// streams/piping/pipe-through

ASYNC_TEST_CASE("streams/piping/pipe-through: anything with a readable and a writable side will do") {
    struct PassThrough {
        ReadableStream<int> readable() const { return source; }
        WritableStream<int> writable() const { return sink; }
        ReadableStream<int> source;
        WritableStream<int> sink;
    };
    std::optional<ReadableStreamDefaultController<int>> c;
    ReadableStream<int> readable({.start = [&](auto& controller) { c.emplace(controller); }});
    WritableStream<int> writable({.write = [&](int chunk) { c->enqueue(chunk); }, .close = [&] { c->close(); }});
    ReadableStream<int> source({.pull = [n = 0](auto& controller) mutable {
        controller.enqueue(++n);
        if (n == 5) controller.close();
    }});
    const auto out = source.pipeThrough(PassThrough{readable, writable});
    CHECK(out == readable);
    const auto reader = out.getReader();
    std::string all;
    for (;;) {
        const auto step = co_await reader.read();
        if (step.done()) break;
        all += std::to_string(step.value());
    }
    CHECK(all == "12345");
}

TEST_CASE("streams/piping/pipe-through: the promise of the pipe counts as handled") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.globalThis().addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
        event.preventDefault();
        log("unhandled");
    });
    loop.run([] {
        TransformStream<int> stream({.start = [](auto& c) { c.error("not to be reported"); }});
        ReadableStream<int> source({.pull = [](auto& c) { c.enqueue(1); }});
        source.pipeThrough(stream);
    });
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams/piping/pipe-through: a side that is locked is refused") {
    Source source;
    TransformStream<std::string> stream;
    const auto writer = stream.writable().getWriter();
    CHECK_THROWS_AS(source.pipeThrough(stream), TypeError);
    CHECK_FALSE(source.locked());
    writer.releaseLock();
    const auto reader = source.getReader();
    CHECK_THROWS_AS(source.pipeThrough(stream), TypeError);
    CHECK_FALSE(stream.writable().locked());
    co_return;
}

// streams/piping/transform-streams

ASYNC_TEST_CASE(
    "streams/piping/transform-streams: through an identity transform the destination is closed when the source is") {
    Source source({.start = [](SourceController& c) {
        for (const char* chunk : {"a", "b", "c"}) c.enqueue(chunk);
        c.close();
    }});
    TransformStream<std::string> stream;
    Sink sink;
    co_await source.pipeThrough(stream).pipeTo(sink);
    const auto closed = co_await outcome(sink.getWriter().closed());
    CHECK(closed == "ok");
}

// streams/piping/abort

namespace {

/// A source that must not be pulled.
UnderlyingSource<std::string> errorsOnPull(Journal& log) {
    return {.start = {},
            .pull = [](SourceController& c) { c.error("failed to abort"); },
            .cancel = [&log](const std::exception_ptr& reason) { log("cancel:", said(reason)); }};
}

AbortSignal aborted() { return AbortSignal::abort(Error("hello")); }

}

ASYNC_TEST_CASE(
    "streams/piping/abort: a signal that is aborted cancels the source and aborts the destination with its reason") {
    Journal log;
    Source source(errorsOnPull(log), mark(0));
    Sink sink(recordingSink(log));
    const auto signal = aborted();
    const auto piped = co_await source.pipeTo(sink, {.signal = signal}).settled();
    CHECK(piped.reason() == signal.reason());
    co_await source.getReader().closed();
    const auto closed = co_await sink.getWriter().closed().settled();
    CHECK(closed.reason() == signal.reason());
    CHECK(log == "abort:hello cancel:hello");

    Source other(errorsOnPull(log), mark(0));
    const auto byDefault = AbortSignal::abort();
    const auto result = co_await outcome(other.pipeTo(Sink(), {.signal = byDefault}));
    CHECK(result == "AbortError");
}

ASYNC_TEST_CASE("streams/piping/abort: preventCancel and preventAbort") {
    for (const bool preventCancel : {false, true}) {
        for (const bool preventAbort : {false, true}) {
            Journal log;
            Source source(errorsOnPull(log), mark(0));
            Sink sink(recordingSink(log));
            const auto signal = aborted();
            const auto piped = co_await outcome(
                source.pipeTo(sink, {.preventAbort = preventAbort, .preventCancel = preventCancel, .signal = signal}));
            CHECK(piped == "hello");
            co_await flush();
            const std::string cancel = preventCancel ? "" : "cancel:hello";
            const std::string abort = preventAbort ? "" : "abort:hello";
            CHECK(log == abort + (cancel.empty() || abort.empty() ? "" : " ") + cancel);
            if (preventAbort) co_await sink.getWriter().ready();
        }
    }
}

ASYNC_TEST_CASE("streams/piping/abort: an abort prevents further reads") {
    Journal log;
    AbortController controller;
    Source source({.start = [](SourceController& c) {
        c.enqueue("a");
        c.enqueue("b");
        c.close();
    }});
    auto sink = recordingSink(log);
    sink.write = [&](const std::string& chunk) {
        log("write:", chunk);
        controller.abort();
    };
    Sink destination(std::move(sink));
    const auto piped = co_await outcome(source.pipeTo(destination, {.signal = controller.signal()}));
    CHECK(piped == "AbortError");
    CHECK(log == "write:a abort:AbortError");
}

ASYNC_TEST_CASE("streams/piping/abort: all writes that are pending complete") {
    Journal log;
    Gate<> gate;
    AbortController controller;
    auto first = Promise<>::withResolvers();
    Source source({.start = [](SourceController& c) {
        c.enqueue("a");
        c.enqueue("b");
    }});
    auto sink = recordingSink(log);
    sink.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return first.promise;
    };
    const auto piped = source.pipeTo(Sink(std::move(sink), mark(infinity)), {.signal = controller.signal()});
    co_await flush();
    controller.abort();
    first.resolve();
    const auto result = co_await outcome(piped);
    CHECK(result == "AbortError");
    CHECK(log == "write:a write:b abort:AbortError");
}

ASYNC_TEST_CASE(
    "streams/piping/abort: a rejection of cancel or abort is that of the pipe and that of abort goes first") {
    for (const bool cancels : {false, true}) {
        for (const bool aborts : {false, true}) {
            Journal log;
            auto made = errorsOnPull(log);
            made.cancel = [&] {
                log("cancel");
                return cancels ? Promise<>::reject("error1") : Promise<>::resolve();
            };
            auto sink = recordingSink(log);
            sink.abort = [&] {
                log("abort");
                return aborts ? Promise<>::reject("error2") : Promise<>::resolve();
            };
            Source source(std::move(made), mark(0));
            Sink destination(std::move(sink));
            co_await flush(); // both have started
            const auto signal = aborted();
            const auto piped = co_await outcome(source.pipeTo(destination, {.signal = signal}));
            CHECK(piped == (aborts ? "error2" : cancels ? "error1" : "hello"));
            CHECK(log == "abort cancel");
        }
    }
}

ASYNC_TEST_CASE("streams/piping/abort: the signal goes before a stream that is closed or errored") {
    Journal log;
    const auto signal = aborted();
    Source closed({.start = [](SourceController& c) { c.close(); }});
    const auto first = co_await outcome(closed.pipeTo(Sink(), {.signal = signal}));
    CHECK(first == "hello");
    Source failed({.start = [](SourceController& c) { c.error("error1"); }});
    const auto second = co_await outcome(failed.pipeTo(Sink(), {.signal = signal}));
    CHECK(second == "hello");

    Sink closedSink;
    co_await closedSink.close();
    Source open(errorsOnPull(log), mark(0));
    const auto third = co_await outcome(open.pipeTo(closedSink, {.signal = signal}));
    CHECK(third == "hello");
    Sink failedSink({.start = [](SinkController& c) { c.error("error1"); }});
    Source other(errorsOnPull(log), mark(0));
    const auto fourth = co_await outcome(other.pipeTo(failedSink, {.signal = signal}));
    CHECK(fourth == "hello");
}

ASYNC_TEST_CASE("streams/piping/abort: an abort does nothing behind the closing or an error of the source") {
    for (const bool errors : {false, true}) {
        Journal log;
        Recording recording(log);
        AbortController controller;
        Source source(recording.source());
        Sink sink;
        const auto piped =
            source.pipeTo(sink, {.preventClose = true, .preventAbort = true, .signal = controller.signal()});
        errors ? recording.controller->error("error1") : recording.controller->close();
        co_await Promise<>::resolve();
        controller.abort();
        const auto result = co_await outcome(piped);
        CHECK(result == (errors ? "error1" : "ok"));
        const auto written = co_await outcome(sink.getWriter().write("this should succeed"));
        CHECK(written == "ok");
    }
}

ASYNC_TEST_CASE(
    "streams/piping/abort: an abort does nothing behind an error of the source also with a write that is pending") {
    Journal log;
    Gate<> gate;
    Recording recording(log);
    AbortController controller;
    Source source(recording.source());
    Sink sink({.write = [&](const std::string& chunk) {
        if (chunk != "a") return Promise<>::resolve();
        recording.controller->error("error1");
        return gate();
    }});
    const auto piped = source.pipeTo(sink, {.preventAbort = true, .signal = controller.signal()});
    recording.controller->enqueue("a");
    co_await flush();
    controller.abort();
    gate.open();
    const auto result = co_await outcome(piped);
    CHECK(result == "error1");
    const auto written = co_await outcome(sink.getWriter().write("this should succeed"));
    CHECK(written == "ok");
}

ASYNC_TEST_CASE("streams/piping/abort: an abort does nothing behind an error of the destination") {
    Journal log;
    Recording recording(log);
    AbortController controller;
    Source source(recording.source());
    Sink sink(recording.sink());
    const auto piped = source.pipeTo(sink, {.preventCancel = true, .signal = controller.signal()});
    co_await Promise<>::resolve();
    recording.sinkController->error("error1");
    co_await Promise<>::resolve();
    co_await Promise<>::resolve();
    controller.abort();
    const auto result = co_await outcome(piped);
    CHECK(result == "error1");
    CHECK(log == "");
}
