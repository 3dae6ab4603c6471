// SPDX-License-Identifier: MIT
#include "conformance/writable_streams.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace wpt;

using Text = TransformStream<std::string>;
using Controller = TransformStreamDefaultController<std::string>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What can be read, with spaces between.
Promise<std::string> rest(ReadableStreamDefaultReader<std::string> reader) {
    std::string all;
    for (;;) {
        const auto step = co_await reader.read();
        if (step.done()) break;
        (all += all.empty() ? "" : " ") += step.value();
    }
    co_return all;
}
Promise<std::string> rest(const ReadableStream<std::string>& stream) { return rest(stream.getReader()); }

std::string upperCase(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    return text;
}

/// Keeps the controller that `start` is given.
auto keep(std::optional<Controller>& controller) {
    return [&controller](Controller& c) { controller.emplace(c); };
}

}

// streams/transform-streams/general

ASYNC_TEST_CASE("streams/transform-streams/general: a TransformStream without a transform passes chunks on") {
    Text stream;
    const auto writer = stream.writable().getWriter();
    CHECK(writer.desiredSize() == 1.0);
    writer.write("a");
    CHECK(writer.desiredSize() == 0.0);
    const auto step = co_await stream.readable().getReader().read();
    CHECK(step.value() == "a");
    co_await flush();
    CHECK(writer.desiredSize() == 1.0);
}

ASYNC_TEST_CASE("streams/transform-streams/general: what is read is what transform has enqueued now or later") {
    std::optional<Controller> c;
    Text once({.start = keep(c), .transform = [&](std::string chunk) { c->enqueue(upperCase(chunk)); }});
    once.writable().getWriter().write("a");
    const auto first = co_await once.readable().getReader().read();
    CHECK(first.value() == "A");

    Text later({.start = keep(c), .transform = [&](std::string chunk) {
                    return flush().then([&c, chunk] { c->enqueue(upperCase(chunk)); });
                }});
    later.writable().getWriter().write("a");
    const auto second = co_await later.readable().getReader().read();
    CHECK(second.value() == "A");

    Text twice({.transform = [](const std::string& chunk, Controller& controller) {
        controller.enqueue(upperCase(chunk));
        controller.enqueue(upperCase(chunk) + "2");
    }});
    twice.writable().getWriter().write("a");
    const auto reader = twice.readable().getReader();
    const auto third = co_await reader.read();
    CHECK(third.value() == "A");
    const auto fourth = co_await reader.read();
    CHECK(fourth.value() == "A2");
}

ASYNC_TEST_CASE(
    "streams/transform-streams/general: closing the writable side closes the readable one also with backpressure") {
    for (const double mark : {0.0, 1.0}) {
        Text stream({}, {}, {.highWaterMark = mark});
        const auto writer = stream.writable().getWriter();
        writer.close();
        co_await writer.closed();
        const auto closed = co_await outcome(stream.readable().getReader().closed());
        CHECK(closed == "ok");
    }
}

ASYNC_TEST_CASE("streams/transform-streams/general: closing waits for transforms before it closes both sides") {
    Journal log;
    Gate<> gate;
    Text stream({.transform = [&] { return gate(); }}, {}, {.highWaterMark = 1});
    const auto writer = stream.writable().getWriter();
    writer.write("a");
    writer.close();
    note(log, "readable", stream.readable().getReader().closed());
    note(log, "writable", writer.closed());
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "readable writable");
}

ASYNC_TEST_CASE("streams/transform-streams/general: what was enqueued can be read behind the closing") {
    std::optional<Controller> c;
    Text now({.start = keep(c), .transform = [&] {
                  c->enqueue("x");
                  c->enqueue("y");
                  return flush();
              }});
    const auto writer = now.writable().getWriter();
    writer.write("a");
    writer.close();
    const auto chunks = rest(now.readable());
    co_await writer.closed();
    const auto read = co_await chunks;
    CHECK(read == "x y");

    Text later({.start = keep(c), .transform = [&]() -> Promise<> {
                    co_await flush();
                    c->enqueue("x");
                    c->enqueue("y");
                    co_await flush();
                }});
    const auto other = later.writable().getWriter();
    other.write("a");
    other.close();
    const auto its = co_await rest(later.readable());
    CHECK(its == "x y");
}

ASYNC_TEST_CASE("streams/transform-streams/general: start and transform and flush are strictly ordered") {
    Journal log;
    const auto slow = [&log](const char* name) {
        return [&log, name]() -> Promise<> {
            log(name);
            co_await flush();
            log("done");
        };
    };
    Text stream({.start = slow("start"), .transform = slow("transform"), .flush = slow("flush")}, {},
                {.highWaterMark = 1});
    log("made");
    const auto writer = stream.writable().getWriter();
    const auto written = writer.write("a");
    co_await writer.close();
    CHECK(written.state() == PromiseState::fulfilled);
    CHECK(log == "start made done transform done flush done");
}

ASYNC_TEST_CASE("streams/transform-streams/general: transform can be called synchronously") {
    bool called = false;
    Text stream({.transform = [&] { called = true; }}, {}, {.highWaterMark = infinity});
    co_await flush();
    stream.writable().getWriter().write("a");
    CHECK(called);
}

ASYNC_TEST_CASE(
    "streams/transform-streams/general: enqueue throws behind terminate and cancel and a second terminate does nothing") {
    const Text terminated({.start = [](Controller& c) {
        c.terminate();
        c.terminate();
        CHECK_THROWS_AS(c.enqueue("a"), TypeError);
    }});
    std::optional<Controller> c;
    Text cancelled({.start = keep(c)});
    const auto promise = cancelled.readable().cancel("cancelReason");
    CHECK_THROWS_AS(c->enqueue("a"), TypeError);
    c->terminate();
    co_await promise;
    const auto closed = co_await outcome(cancelled.writable().getWriter().closed());
    CHECK(closed == "TypeError"); // terminate is there before what the cancel waits for
}

// streams/transform-streams/errors

ASYNC_TEST_CASE("streams/transform-streams/errors: what transform or flush throws errors both sides") {
    Text stream({.transform = [] { throw "bad"; }});
    const auto reader = stream.readable().getReader();
    const auto writer = stream.writable().getWriter();
    Journal log;
    note(log, "write", writer.write("a"));
    note(log, "read", reader.read());
    note(log, "reader", reader.closed());
    note(log, "writer", writer.closed());
    co_await flush();
    CHECK(log == "reader:bad read:bad write:bad writer:bad");

    log.clear();
    Text flushing({.transform = [] {}, .flush = [] { throw "bad"; }});
    const auto other = flushing.readable().getReader();
    const auto its = flushing.writable().getWriter();
    note(log, "write", its.write("a"));
    note(log, "close", its.close());
    note(log, "read", other.read());
    co_await flush();
    CHECK(log == "write read:bad close:bad");
}

ASYNC_TEST_CASE("streams/transform-streams/errors: an errored stream takes no chunks and a second error does nothing") {
    Text stream({.start = [](Controller& c) {
        c.enqueue("a");
        c.error("thrown");
        c.error("ignored");
        CHECK_THROWS_AS(c.enqueue("b"), TypeError);
    }});
    const auto aborted = co_await outcome(stream.writable().abort());
    CHECK(aborted == "thrown");
}

ASYNC_TEST_CASE(
    "streams/transform-streams/errors: a start that rejects errors both sides but an error of the controller is first") {
    for (const bool first : {false, true}) {
        Journal log;
        Text stream({.start = [first](Controller& c) -> Promise<> {
                         co_await flush();
                         if (first) c.error("controller");
                         throw "thrown";
                     },
                     .transform = [&] { log("never"); },
                     .flush = [&] { log("never"); }});
        const auto writer = stream.writable().getWriter();
        const auto reader = stream.readable().getReader();
        const auto written = co_await outcome(writer.write("a"));
        CHECK(written == (first ? "controller" : "thrown"));
        const auto read = co_await outcome(reader.read());
        CHECK(read == (first ? "controller" : "thrown"));
        CHECK(log == "");
    }
}

ASYNC_TEST_CASE(
    "streams/transform-streams/errors: what start or size throws leaves the constructor and the first error counts") {
    CHECK_THROWS_AS(Text({.start = [] { throw RangeError("start"); }}), RangeError);
    const auto enqueues = [](Controller& c) { c.enqueue("a"); };
    CHECK_THROWS_AS(Text({.start = enqueues}, {}, {.size = []() -> double { throw RangeError("size"); }}), RangeError);
    std::optional<Controller> c;
    CHECK_THROWS_AS(Text({.start =
                              [&](Controller& given) {
                                  c.emplace(given);
                                  given.enqueue("a");
                              }},
                         {}, {.size = [&]() -> double {
                             c->error(RangeError("controller"));
                             throw TypeError("redundant");
                         }}),
                    RangeError);
    co_return;
}

ASYNC_TEST_CASE("streams/transform-streams/errors: cancelling the readable side errors the writable one") {
    Text stream;
    const auto closed = stream.writable().getWriter().closed();
    co_await stream.readable().cancel("thrown");
    const auto reason = co_await outcome(closed);
    CHECK(reason == "thrown");
}

ASYNC_TEST_CASE(
    "streams/transform-streams/errors: the readable side can be errored between the request to close and its end") {
    std::optional<Controller> c;
    Text stream({.start = keep(c)});
    const auto writer = stream.writable().getWriter();
    Journal log;
    note(log, "reader", stream.readable().getReader().closed());
    note(log, "write", writer.write("a"));
    note(log, "close", writer.close());
    c->error("thrown");
    co_await flush();
    CHECK(log == "reader:thrown write:thrown close:thrown");
}

ASYNC_TEST_CASE(
    "streams/transform-streams/errors: what transform throws behind terminate errors what has not been read") {
    Text stream({.transform =
                     [](std::string chunk, Controller& c) {
                         c.enqueue(std::move(chunk));
                         c.terminate();
                         throw "thrown";
                     }},
                {}, {.highWaterMark = 1});
    const auto written = co_await outcome(stream.writable().getWriter().write("a"));
    CHECK(written == "thrown");
    const auto closed = co_await outcome(stream.readable().getReader().closed());
    CHECK(closed == "thrown");
}

ASYNC_TEST_CASE("streams/transform-streams/errors: an abort before a cancel sets the reason and both succeed") {
    Text starting;
    const auto writer = starting.writable().getWriter();
    const auto aborted = writer.abort("thrown");
    const auto cancelled = starting.readable().cancel("cancel");
    co_await aborted;
    co_await cancelled;
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "thrown");

    Gate<> gate;
    Text writing({.transform = [&] { return gate(); }}, {}, {.highWaterMark = 2});
    const auto other = writing.writable().getWriter();
    co_await flush();
    const auto written = other.write("a");
    const auto its = other.abort("thrown");
    const auto cancel = writing.readable().cancel("cancel");
    gate.open();
    co_await written;
    co_await its;
    co_await cancel;
    const auto reason = co_await outcome(other.closed());
    CHECK(reason == "thrown");
}

ASYNC_TEST_CASE("streams/transform-streams/errors: error does nothing behind a cancel or an abort or a failure") {
    std::optional<Controller> c;
    Text cancelled({.start = keep(c)});
    co_await cancelled.readable().cancel("thrown");
    c->error("ignored");
    const auto closed = co_await outcome(cancelled.writable().getWriter().closed());
    CHECK(closed == "thrown");

    Text cancelling({.start = keep(c)});
    const auto cancel = cancelling.readable().cancel("ignored");
    c->error("thrown");
    co_await cancel;
    const auto atOnce = co_await outcome(cancelling.writable().getWriter().closed());
    CHECK(atOnce == "thrown");

    Text aborted({.start = keep(c)});
    co_await aborted.writable().abort("thrown");
    c->error("ignored");
    const auto its = co_await outcome(aborted.writable().getWriter().closed());
    CHECK(its == "thrown");

    Text failed({.start = keep(c), .transform = [] { throw "thrown"; }}, {}, {.highWaterMark = infinity});
    const auto writer = failed.writable().getWriter();
    const auto written = co_await outcome(writer.write("a"));
    CHECK(written == "thrown");
    c->error();
    const auto reason = co_await outcome(writer.closed());
    CHECK(reason == "thrown");
}

ASYNC_TEST_CASE("streams/transform-streams/errors: an error or an abort fails a write that waits for backpressure") {
    std::optional<Controller> c;
    int calls = 0;
    Text stream({.start = keep(c), .transform = [&] { ++calls; }}, {}, {.highWaterMark = 1});
    co_await flush();
    c->enqueue("a");
    const auto written = stream.writable().getWriter().write("b");
    c->error("thrown");
    const auto failed = co_await outcome(written);
    CHECK(failed == "thrown");
    CHECK(calls == 0);

    Text aborted({}, {}, {.highWaterMark = 0});
    co_await flush();
    const auto writer = aborted.writable().getWriter();
    const auto its = writer.write("0");
    const auto abort = writer.abort("thrown");
    const auto read = co_await outcome(aborted.readable().getReader().read());
    CHECK(read == "thrown");
    const auto result = co_await outcome(its);
    CHECK(result == "thrown");
    co_await abort;
}

ASYNC_TEST_CASE("streams/transform-streams/errors: an abort errors the readable side with its reason") {
    Text stream;
    stream.writable().abort("thrown");
    const auto read = co_await outcome(stream.readable().getReader().read());
    CHECK(read == "thrown");
}

// streams/transform-streams/backpressure

ASYNC_TEST_CASE("streams/transform-streams/backpressure: transform is called as often as the readable side allows") {
    for (const int mark : {0, 1, 3}) {
        int calls = 0;
        Text stream({.transform =
                         [&](std::string chunk, Controller& c) {
                             ++calls;
                             c.enqueue(std::move(chunk));
                         }},
                    {}, {.highWaterMark = mark});
        const auto writer = stream.writable().getWriter();
        for (int i = 0; i < 5; ++i) writer.write("a");
        co_await flush();
        CHECK(calls == mark);
    }
    int calls = 0;
    Text discards({.transform = [&] { ++calls; }}, {}, {.highWaterMark = 1});
    const auto writer = discards.writable().getWriter();
    for (int i = 0; i < 3; ++i) writer.write("a");
    co_await writer.write("a");
    CHECK(calls == 4);
}

ASYNC_TEST_CASE("streams/transform-streams/backpressure: writes are fulfilled when their transform is complete") {
    Journal log;
    Text stream({}, {}, {.highWaterMark = 1});
    const auto writer = stream.writable().getWriter();
    const auto reader = stream.readable().getReader();
    note(log, "a", writer.write("a"));
    note(log, "b", writer.write("b"));
    note(log, "closed", writer.close());
    co_await flush();
    CHECK(log == "a");
    const auto first = co_await reader.read();
    CHECK(first.value() == "a");
    co_await flush();
    CHECK(log == "a b closed");
    const auto others = co_await rest(reader);
    CHECK(others == "b");
}

ASYNC_TEST_CASE("streams/transform-streams/backpressure: a read before the first write") {
    Text stream({}, {}, {.highWaterMark = 0});
    const auto read = stream.readable().getReader().read();
    stream.writable().getWriter().write("a");
    const auto step = co_await read;
    CHECK(step.value() == "a");
}

ASYNC_TEST_CASE("streams/transform-streams/backpressure: transform can read the chunk that it has just enqueued") {
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    std::string seen;
    Text stream({.transform = [&](std::string chunk, Controller& c) -> Promise<> {
                    c.enqueue(std::move(chunk));
                    const auto step = co_await reader->read();
                    seen = step.value();
                }},
                {}, {.highWaterMark = 1});
    reader.emplace(stream.readable().getReader());
    co_await stream.writable().getWriter().write("a");
    CHECK(seen == "a");
}

ASYNC_TEST_CASE("streams/transform-streams/backpressure: a transform that takes its time causes backpressure") {
    Gate<> gate;
    Text stream({.transform = [&] { return gate(); }}, {}, CountQueuingStrategy({.highWaterMark = infinity}));
    const auto writer = stream.writable().getWriter();
    CHECK(writer.desiredSize() == 1.0);
    co_await flush();
    writer.write("a");
    CHECK(gate.asked());
    CHECK(writer.desiredSize() == 0.0);
    co_await flush();
    CHECK(writer.desiredSize() == 0.0);
    gate.open();
    co_await flush();
    CHECK(writer.desiredSize() == 1.0);
}

ASYNC_TEST_CASE(
    "streams/transform-streams/backpressure: cancelling the readable side rejects closed of the writer and fulfils a write") {
    for (const double mark : {0.0, 1.0}) {
        for (const bool later : {false, true}) {
            Text stream({}, {}, {.highWaterMark = mark});
            if (later) co_await flush();
            stream.readable().cancel("error1");
            const auto closed = co_await outcome(stream.writable().getWriter().closed());
            CHECK(closed == "error1");
        }
    }
    Text stream({}, {}, {.highWaterMark = 1});
    const auto writer = stream.writable().getWriter();
    co_await flush();
    const auto written = writer.write("a");
    stream.readable().cancel("error1");
    const auto result = co_await outcome(written);
    CHECK(result == "ok");
}

ASYNC_TEST_CASE(
    "streams/transform-streams/backpressure: cancelling the readable side ends a pipe into the writable one") {
    for (const int chunks : {0, 3}) {
        for (const bool later : {false, true}) {
            ReadableStream<std::string> source({.start = [chunks](auto& c) {
                for (int i = 0; i < chunks; ++i) c.enqueue("a");
            }});
            Text stream;
            const auto piped = source.pipeTo(stream.writable());
            if (later) co_await flush();
            stream.readable().cancel("error1");
            const auto result = co_await outcome(piped);
            CHECK(result == "error1");
        }
    }
}

// streams/transform-streams/flush

ASYNC_TEST_CASE("streams/transform-streams/flush: flush is called when what is queued has been written") {
    Journal log;
    Gate<> gate;
    Text idle({.transform = [] {}, .flush = [&] { log("flush"); }});
    co_await idle.writable().getWriter().close();
    CHECK(log == "flush");

    log.clear();
    Text busy({.transform = [&] { return gate(); },
               .flush =
                   [&] {
                       log("flush");
                       return Promise<>::withResolvers().promise;
                   }},
              {}, {.highWaterMark = 1});
    const auto writer = busy.writable().getWriter();
    writer.write("a");
    writer.close();
    note(log, "closed", busy.readable().getReader().closed());
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "flush");
}

ASYNC_TEST_CASE("streams/transform-streams/flush: flush may enqueue and close later") {
    for (const bool later : {false, true}) {
        Text stream({.transform = [] {},
                     .flush =
                         [later](Controller& c) {
                             c.enqueue("x");
                             c.enqueue("y");
                             return later ? flush() : Promise<>::resolve();
                         }});
        const auto writer = stream.writable().getWriter();
        writer.write("a");
        writer.close();
        const auto read = co_await rest(stream.readable());
        CHECK(read == "x y");
    }
}

ASYNC_TEST_CASE("streams/transform-streams/flush: an error in flush rejects close") {
    Text stream({.flush = [](Controller& c) { c.error("error1"); }});
    const auto closed = co_await outcome(stream.writable().getWriter().close());
    CHECK(closed == "error1");
}

// streams/transform-streams/terminate

ASYNC_TEST_CASE("streams/transform-streams/terminate: terminate ends a pipe and no more chunks are processed") {
    for (const int mark : {0, 1}) {
        Journal log;
        std::optional<Controller> c;
        Text stream({.start = keep(c),
                     .transform =
                         [&](std::string chunk, Controller& controller) {
                             log(chunk);
                             controller.enqueue(std::move(chunk));
                         }},
                    {}, {.highWaterMark = mark});
        ReadableStream<std::string> source({.start = [](auto& controller) {
            controller.enqueue("0");
            controller.enqueue("1");
        }});
        const auto piped = source.pipeTo(stream.writable());
        co_await flush();
        CHECK(log == (mark == 0 ? "" : "0"));
        CHECK(piped.state() == PromiseState::pending);
        c->terminate();
        const auto result = co_await outcome(piped);
        CHECK(result == "TypeError");
        CHECK(log == (mark == 0 ? "" : "0"));
    }
}

ASYNC_TEST_CASE(
    "streams/transform-streams/terminate: an error behind terminate errors the readable side if a chunk is queued") {
    Text queued({.start = [](Controller& c) {
        c.enqueue("0");
        c.terminate();
        c.error("error1");
    }});
    const auto aborted = co_await outcome(queued.writable().abort());
    CHECK(aborted == "TypeError");
    const auto cancelled = co_await outcome(queued.readable().cancel());
    CHECK(cancelled == "error1");
    const auto closed = co_await outcome(queued.readable().getReader().closed());
    CHECK(closed == "error1");

    Text empty({.start = [](Controller& c) {
        c.terminate();
        c.error("error1");
    }});
    const auto its = co_await outcome(empty.writable().abort());
    CHECK(its == "TypeError");
    const auto cancel = co_await outcome(empty.readable().cancel());
    CHECK(cancel == "ok");
    const auto closedToo = co_await outcome(empty.readable().getReader().closed());
    CHECK(closedToo == "ok");
}

ASYNC_TEST_CASE("streams/transform-streams/terminate: terminate in flush does not prevent close") {
    Text stream({.flush = [](Controller& c) { c.terminate(); }});
    const auto writer = stream.writable().getWriter();
    co_await writer.close();
    co_await writer.closed();
    const auto closed = co_await outcome(stream.readable().getReader().closed());
    CHECK(closed == "ok");
}

// streams/transform-streams/strategies

ASYNC_TEST_CASE("streams/transform-streams/strategies: both strategies are applied and have their defaults") {
    CHECK(Text({}, {.highWaterMark = 17}).writable().getWriter().desiredSize() == 17.0);
    Text stream;
    const auto writer = stream.writable().getWriter();
    CHECK(writer.desiredSize() == 1.0);
    writer.write("a");
    CHECK(writer.desiredSize() == 0.0);
    Journal log;
    Text sized({.transform =
                    [&](std::string chunk, Controller& c) {
                        log("transform", *c.desiredSize());
                        c.enqueue(chunk);
                        log(*c.desiredSize());
                        c.enqueue(chunk);
                        log(*c.desiredSize());
                    }},
               {.size =
                    [&] {
                        log("writable");
                        return 1;
                    }},
               {.size = [&] {
                   log("readable");
                   return 1;
               }});
    const auto written = sized.writable().getWriter().write("a");
    co_await sized.readable().getReader().read();
    co_await written;
    CHECK(log == "writable transform0 0 readable -1");
}

ASYNC_TEST_CASE("streams/transform-streams/strategies: a highWaterMark that is none is refused") {
    for (const double mark : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(Text({}, {.highWaterMark = mark}), RangeError);
        CHECK_THROWS_AS(Text({}, {}, {.highWaterMark = mark}), RangeError);
    }
    co_return;
}

ASYNC_TEST_CASE(
    "streams/transform-streams/strategies: a size that is none errors both sides also if transform catches that") {
    Text identity({}, {}, {.highWaterMark = 1, .size = [] { return std::numeric_limits<double>::quiet_NaN(); }});
    const auto written = co_await outcome(identity.writable().getWriter().write("a"));
    CHECK(written == "RangeError");

    Text catches({.transform = [](std::string chunk, Controller& c) { CHECK_THROWS_AS(c.enqueue(chunk), RangeError); }},
                 {}, {.highWaterMark = 1, .size = [] { return -1; }});
    const auto writer = catches.writable().getWriter();
    const auto caught = co_await outcome(writer.write("a"));
    CHECK(caught == "ok");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "RangeError");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "RangeError");
    const auto readable = co_await outcome(catches.readable().getReader().closed());
    CHECK(readable == "RangeError");
}

// streams/transform-streams/reentrant-strategies

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: the controller within size") {
    std::optional<Controller> c;
    int calls = 0;
    Text enqueues({.start = keep(c)}, {}, {.highWaterMark = infinity, .size = [&] {
                                               if (++calls < 2) c->enqueue("b");
                                               return 1;
                                           }});
    const auto writer = enqueues.writable().getWriter();
    writer.write("a");
    co_await writer.close();
    const auto both = co_await rest(enqueues.readable());
    CHECK(both == "b a");

    Text terminates({.start = keep(c)}, {}, {.highWaterMark = infinity, .size = [&] {
                                                 c->terminate();
                                                 return 1;
                                             }});
    co_await terminates.writable().getWriter().write("a");
    const auto none = co_await rest(terminates.readable());
    CHECK(none == "");

    Text errs({.start = keep(c)}, {}, {.highWaterMark = infinity, .size = [&] {
                                           c->error("error1");
                                           return 1;
                                       }});
    co_await errs.writable().getWriter().write("a");
    const auto read = co_await outcome(errs.readable().getReader().read());
    CHECK(read == "error1");

    Text looks({.start = keep(c)}, {}, {.highWaterMark = 1, .size = [&] {
                                            CHECK(c->desiredSize() == 1.0);
                                            return 1;
                                        }});
    const auto other = looks.writable().getWriter();
    other.write("a");
    co_await other.close();
    const auto one = co_await rest(looks.readable());
    CHECK(one == "a");
}

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: cancel of the readable side within size") {
    std::optional<Text> stream;
    std::optional<Promise<>> cancelled;
    stream.emplace(Transformer<std::string>{}, QueuingStrategy<std::string>{},
                   QueuingStrategy<std::string>{.highWaterMark = infinity, .size = [&] {
                                                    cancelled = stream->readable().cancel("error1");
                                                    return 1;
                                                }});
    const auto writer = stream->writable().getWriter();
    co_await writer.write("a");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
    co_await *cancelled;
}

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: pipeTo within size") {
    Journal log;
    std::optional<Text> stream;
    std::optional<Controller> c;
    std::optional<Promise<>> piped;
    const WritableStream<std::string> sink(recordingSink(log));
    stream.emplace(Transformer<std::string>{.start = keep(c)}, QueuingStrategy<std::string>{},
                   QueuingStrategy<std::string>{.highWaterMark = 1, .size = [&] {
                                                    if (!piped) piped = stream->readable().pipeTo(sink);
                                                    return 1;
                                                }});
    co_await flush();
    c->enqueue("a");
    CHECK(piped.has_value());
    c->enqueue("a");
    co_await flush();
    CHECK(log == "write:a write:a");
    c->terminate();
    co_await *piped;
    CHECK(log == "write:a write:a close");
}

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: read within size") {
    std::optional<Controller> c;
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    std::optional<Promise<IteratorResult<std::string>>> read;
    int calls = 0;
    Text stream({.start = keep(c)}, {}, {.highWaterMark = 0, .size = [&] {
                                             read = reader->read();
                                             ++calls;
                                             return 1;
                                         }});
    reader.emplace(stream.readable().getReader());
    const auto written = stream.writable().getWriter().write("b");
    co_await flush();
    CHECK(written.state() == PromiseState::pending);
    c->enqueue("a");
    CHECK(calls == 1);
    co_await flush();
    CHECK(written.state() == PromiseState::fulfilled);
    CHECK(calls == 1);
    const auto step = co_await *read;
    CHECK(step.value() == "b");
}

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: write within size") {
    for (const bool synchronous : {false, true}) {
        std::optional<Controller> c;
        std::optional<WritableStreamDefaultWriter<std::string>> writer;
        int calls = 0;
        Text stream({.start = keep(c)}, {}, {.highWaterMark = infinity, .size = [&] {
                                                 if (++calls < 2) writer->write("a");
                                                 return 1;
                                             }});
        writer = stream.writable().getWriter();
        co_await flush();
        if (synchronous) {
            c->enqueue("b");
        } else {
            writer->write("b");
        }
        CHECK(calls == (synchronous ? 2 : 1));
        co_await writer->close();
        const auto both = co_await rest(stream.readable());
        CHECK(both == (synchronous ? "a b" : "b a"));
        CHECK(calls == 2);
    }
}

ASYNC_TEST_CASE("streams/transform-streams/reentrant-strategies: close and abort of the writable side within size") {
    std::optional<Controller> c;
    std::optional<WritableStreamDefaultWriter<std::string>> writer;
    std::optional<Promise<>> promise;
    Text closes({.start = keep(c)}, {}, {.highWaterMark = 1, .size = [&] {
                                             promise = writer->close();
                                             return 1;
                                         }});
    writer = closes.writable().getWriter();
    co_await flush();
    c->enqueue("a");
    const auto all = co_await rest(closes.readable());
    CHECK(all == "a");
    co_await *promise;

    Text aborts({.start = keep(c)}, {}, {.highWaterMark = 1, .size = [&] {
                                             promise = writer->abort("error1");
                                             return 1;
                                         }});
    writer = aborts.writable().getWriter();
    const auto reader = aborts.readable().getReader();
    co_await flush();
    c->enqueue("a");
    const auto first = co_await outcome(reader.read()); // the abort tells the readable side in a microtask
    CHECK(first == "ok");
    const auto second = co_await outcome(reader.read());
    CHECK(second == "error1");
    co_await *promise;
}

// streams/transform-streams/cancel

ASYNC_TEST_CASE(
    "streams/transform-streams/cancel: cancel of the readable side and abort of the writable one call cancel") {
    for (const bool aborts : {false, true}) {
        Journal log;
        Text stream(
            {.flush = [&] { log("never"); }, .cancel = [&](const std::exception_ptr& reason) { log(said(reason)); }});
        const auto called = aborts ? stream.writable().abort("thrown") : stream.readable().cancel("thrown");
        const auto result = co_await outcome(called);
        CHECK(result == "ok");
        CHECK(log == "thrown");
    }
}

ASYNC_TEST_CASE("streams/transform-streams/cancel: what cancel throws rejects the call and errors the other side") {
    const auto throws = [](const std::exception_ptr& reason) {
        CHECK(said(reason) == "original");
        throw "thrown";
    };
    Text cancelled({.cancel = throws});
    const auto writer = cancelled.writable().getWriter();
    const auto first = co_await outcome(cancelled.readable().cancel("original"));
    CHECK(first == "thrown");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "thrown");

    Text aborted({.cancel = throws});
    const auto reader = aborted.readable().getReader();
    const auto second = co_await outcome(aborted.writable().abort("original"));
    CHECK(second == "thrown");
    const auto its = co_await outcome(reader.closed());
    CHECK(its == "thrown");
}

ASYNC_TEST_CASE("streams/transform-streams/cancel: a close beside a cancel that fails or calls error is rejected too") {
    for (const bool throws : {true, false}) {
        Journal log;
        std::optional<Controller> c;
        Text stream({.start = keep(c),
                     .flush = [&] { log("never"); },
                     .cancel = [&, throws]() -> Promise<> {
                         if (throws) throw "thrown";
                         c->error("thrown");
                         co_return;
                     }});
        const auto cancelled = stream.readable().cancel("original");
        const auto closed = stream.writable().close();
        const auto first = co_await outcome(cancelled);
        CHECK(first == "thrown");
        const auto second = co_await outcome(closed);
        CHECK(second == "thrown");
        CHECK(log == "");
    }
}

ASYNC_TEST_CASE("streams/transform-streams/cancel: abort and cancel are rejected where cancel calls error") {
    std::optional<Controller> c;
    Text stream({.start = keep(c), .cancel = [&]() -> Promise<> {
                     c->error("thrown");
                     co_return;
                 }});
    const auto aborted = co_await outcome(stream.writable().abort("original"));
    CHECK(aborted == "thrown");
    const auto cancelled = co_await outcome(stream.readable().cancel("1"));
    CHECK(cancelled == "thrown");
}

// streams/transform-streams/lipfuzz

namespace {

std::string substitute(const std::string& name) {
    if (name == "in1") return "out1";
    if (name == "in2") return "out2";
    if (name == "quine") return "{{quine}}";
    if (name == "bogusPartial") return "{{incompleteResult}";
    return "";
}

/// Replaces `{{name}}`, also where that is divided among chunks.
Transformer<std::string> replacesTags(std::string& partial) {
    return {.transform =
                [&partial](const std::string& chunk, Controller& c) {
                    std::string text = std::exchange(partial, "") + chunk;
                    std::string out;
                    std::size_t at = 0;
                    while (at < text.size()) {
                        const bool opens = text[at] == '{' && (at + 1 == text.size() || text[at + 1] == '{');
                        if (!opens) {
                            out += text[at++];
                            continue;
                        }
                        const std::size_t end = text.find('}', at);
                        const bool closes = end != std::string::npos && end + 1 < text.size();
                        if (!closes) {
                            partial = text.substr(at);
                            break;
                        }
                        out += substitute(text.substr(at + 2, end - at - 2));
                        at = end + 2;
                    }
                    c.enqueue(out);
                },
            .flush =
                [&partial](Controller& c) {
                    if (!partial.empty()) c.enqueue(partial);
                }};
}

}

ASYNC_TEST_CASE("streams/transform-streams/lipfuzz: tags are replaced wherever the chunks end") {
    using Chunks = std::vector<std::string>;
    const std::vector<std::pair<Chunks, Chunks>> cases = {{{""}, {""}},
                                                          {{}, {}},
                                                          {{"{{in1}}"}, {"out1"}},
                                                          {{"z{{in1}}"}, {"zout1"}},
                                                          {{"{{in1}}q"}, {"out1q"}},
                                                          {{"{{in1}}{{in1}"}, {"out1", "{{in1}"}},
                                                          {{"{{in1}}{{in1}", "}"}, {"out1", "out1"}},
                                                          {{"{{in1", "}}"}, {"", "out1"}},
                                                          {{"{{", "in1}}"}, {"", "out1"}},
                                                          {{"{", "{in1}}"}, {"", "out1"}},
                                                          {{"{{", "in1}"}, {"", "", "{{in1}"}},
                                                          {{"{"}, {"", "{"}},
                                                          {{"{", ""}, {"", "", "{"}},
                                                          {{"{{in1}}{{in2}}{{in1}}"}, {"out1out2out1"}},
                                                          {{"{{wrong}}"}, {""}},
                                                          {{"{{wron", "g}}"}, {"", ""}},
                                                          {{"{{quine}}"}, {"{{quine}}"}},
                                                          {{"{{bogusPartial}}}"}, {"{{incompleteResult}}"}}};
    for (const auto& each : cases) {
        std::string partial;
        Text stream(replacesTags(partial));
        const auto writer = stream.writable().getWriter();
        for (const auto& chunk : each.first) writer.write(chunk);
        const auto closed = writer.close();
        const auto reader = stream.readable().getReader();
        Chunks read;
        for (;;) {
            const auto step = co_await reader.read();
            if (step.done()) break;
            read.push_back(step.value());
        }
        co_await closed;
        CHECK(read == each.second);
    }
}
