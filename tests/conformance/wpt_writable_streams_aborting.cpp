// SPDX-License-Identifier: MIT
#include "conformance/writable_streams.hpp"

#include <limits>
#include <string>

using namespace wpt;

using Text = WritableStream<std::string>;
using Controller = WritableStreamDefaultController;

// streams/writable-streams/aborting

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort before the start rejects the ready that is pending") {
    Journal log;
    Text stream(recordingSink(log));
    const auto writer = stream.getWriter();
    const auto written = writer.write("a");
    const auto ready = writer.ready();
    writer.abort("error1");
    CHECK(writer.ready() == ready);
    const auto first = co_await outcome(ready);
    CHECK(first == "error1");
    const auto second = co_await outcome(written);
    CHECK(second == "error1");
    CHECK(log == "abort:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort replaces a fulfilled ready by a rejected one") {
    Text stream;
    const auto writer = stream.getWriter();
    writer.write("a");
    const auto before = writer.ready();
    co_await before;
    writer.abort("error1");
    CHECK(writer.ready() != before);
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");

    Text starting;
    const auto other = starting.getWriter();
    const auto fulfilled = other.ready();
    other.abort("error1");
    CHECK(other.ready() != fulfilled);
    CHECK(fulfilled.state() == PromiseState::fulfilled);
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: abort of a released writer and of a locked stream is refused") {
    Text stream;
    const auto writer = stream.getWriter();
    const auto locked = co_await outcome(stream.abort());
    CHECK(locked == "TypeError");
    co_await writer.ready();
    writer.releaseLock();
    const auto released = co_await outcome(writer.abort());
    CHECK(released == "TypeError");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort prevents writes but those in progress") {
    Journal log;
    Journal settled;
    Text stream(recordingSink(log));
    co_await flush();
    const auto writer = stream.getWriter();
    note(settled, "1", writer.write("1"));
    note(settled, "2", writer.write("2"));
    note(settled, "3", writer.write("3"));
    const auto aborted = writer.abort("error1");
    note(settled, "4", writer.write("4"));
    co_await aborted;
    CHECK(log == "write:1 abort:error1");
    CHECK(settled == "4:error1 1 2:error1 3:error1");

    log.clear();
    Text idle(recordingSink(log));
    co_await flush();
    const auto other = idle.getWriter();
    const auto its = other.abort("error1");
    const auto refused = co_await outcome(other.write("1"));
    CHECK(refused == "error1");
    co_await its;
    CHECK(log == "abort:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: what the sink's abort throws rejects every abort") {
    const auto throws = [] { throw "error1"; };
    Text stream({.abort = throws});
    const auto writer = stream.getWriter();
    const auto first = writer.abort();
    CHECK(first == writer.abort());
    const auto result = co_await outcome(first);
    CHECK(result == "error1");

    const Text unlocked({.abort = throws});
    const auto its = co_await outcome(unlocked.abort());
    CHECK(its == "error1");

    Gate<> gate;
    Text writing({.write = [&] { return gate(); }, .abort = throws});
    const auto other = writing.getWriter();
    other.write("a").catch_([] {});
    co_await flush();
    const auto aborted = other.abort();
    gate.open();
    const auto last = co_await outcome(aborted);
    CHECK(last == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort errors the stream and ready is rejected before closed") {
    Journal log;
    Text stream;
    const auto writer = stream.getWriter();
    const auto aborted = writer.abort("error1");
    note(log, "ready", writer.ready());
    note(log, "closed", writer.closed());
    note(log, "write", writer.write("a"));
    note(log, "close", writer.close());
    co_await aborted;
    co_await flush();
    CHECK(log == "ready:error1 write:error1 close:error1 closed:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: a close and then an abort at once error the stream") {
    Journal log;
    Text stream(recordingSink(log));
    const auto writer = stream.getWriter();
    const auto close = writer.close();
    const auto aborted = writer.abort("error1");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
    const auto result = co_await outcome(close);
    CHECK(result == "error1");
    co_await aborted;
    CHECK(log == "abort:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort while the stream closes or behind that is ignored") {
    Gate<> gate;
    Text stream({.close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    const auto close = writer.close();
    co_await flush();
    const auto aborted = writer.abort("error1");
    gate.open();
    co_await writer.closed();
    co_await aborted;
    co_await close;
    const auto late = co_await outcome(writer.abort());
    CHECK(late == "ok");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: the sink's close is not called where there is no abort") {
    bool called = false;
    Text stream({.close = [&] { called = true; }});
    const auto writer = stream.getWriter();
    writer.abort("error1");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
    CHECK_FALSE(called);
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: closed is settled behind the write") {
    Journal log;
    Text stream({.write = [] { return flush(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    note(log, "write", writer.write("a"));
    note(log, "closed", writer.closed());
    co_await writer.abort("error1");
    co_await flush();
    CHECK(log == "write closed:error1");

    log.clear();
    Text failing({.write = [] { return Promise<>::reject("error1"); }});
    const auto other = failing.getWriter();
    co_await other.ready();
    note(log, "write", other.write("a"));
    note(log, "closed", other.closed());
    co_await other.abort("error2");
    co_await flush();
    CHECK(log == "write:error1 closed:error2");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: writes are settled in order") {
    for (const bool fails : {false, true}) {
        Journal log;
        Text stream({.write = [fails] { return fails ? Promise<>::reject("error1") : flush(); }},
                    CountQueuingStrategy({.highWaterMark = 4}));
        const auto writer = stream.getWriter();
        co_await writer.ready();
        note(log, "1", writer.write("1"));
        note(log, "2", writer.write("2"));
        note(log, "3", writer.write("3"));
        co_await writer.abort("error2");
        CHECK(log == (fails ? "1:error1 2:error2 3:error2" : "1 2:error2 3:error2"));
    }
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: close is rejected with the reason of an abort that was first") {
    Text stream({.write = [] { return Promise<>::reject("error1"); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    Journal log;
    note(log, "write", writer.write("a"));
    note(log, "close", writer.close());
    co_await writer.abort("error2");
    co_await flush();
    CHECK(log == "write:error1 close:error2");
}

ASYNC_TEST_CASE(
    "streams/writable-streams/aborting: the sink's abort waits for its write and is not called behind its close") {
    Journal log;
    Gate<> gate;
    auto sink = recordingSink(log);
    sink.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return gate();
    };
    Text stream(std::move(sink));
    const auto writer = stream.getWriter();
    co_await writer.ready();
    writer.write("a");
    const auto close = writer.close();
    const auto aborted = writer.abort("b");
    co_await flush();
    CHECK(log == "write:a");
    gate.open();
    co_await aborted;
    CHECK(log == "write:a abort:b");
    const auto closed = co_await outcome(close);
    CHECK(closed == "b");

    log.clear();
    Gate<> closing;
    auto other = recordingSink(log);
    other.close = [&] {
        log("close");
        return closing();
    };
    Text second(std::move(other));
    const auto its = second.getWriter();
    co_await its.ready();
    its.close();
    const auto ignored = its.abort();
    co_await flush();
    closing.open();
    co_await ignored;
    CHECK(log == "close");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: a close that fails rejects the abort that waits for it") {
    Journal log;
    Gate<> gate;
    Text stream({.close = [&] { return gate(); }, .abort = [&] { log("never"); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    const auto close = writer.close();
    const auto aborted = writer.abort();
    co_await flush();
    gate.fail("error1");
    const auto first = co_await outcome(aborted);
    CHECK(first == "error1");
    const auto second = co_await outcome(close);
    CHECK(second == "error1");
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: a writer made while an abort is pending has a rejected ready") {
    Text stream({.write = [] { return Promise<>::withResolvers().promise; }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    writer.write("a");
    writer.abort("error1");
    writer.releaseLock();
    const auto ready = co_await outcome(stream.getWriter().ready());
    CHECK(ready == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: close is fulfilled before abort") {
    Journal log;
    Text stream;
    const auto writer = stream.getWriter();
    co_await writer.ready();
    note(log, "close", writer.close());
    note(log, "abort", writer.abort());
    co_await flush();
    CHECK(log == "close abort");
}

ASYNC_TEST_CASE(
    "streams/writable-streams/aborting: an error of the controller rejects ready without waiting for the write") {
    Gate<> never;
    Text stream({.write = [&](const std::string&, Controller& c) {
        c.error("error1");
        return never();
    }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    writer.write("a");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: abort while a write is in flight which is rejected then") {
    Journal log;
    Gate<> gate;
    Text stream({.write = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    note(log, "closed", writer.closed());
    co_await flush();
    note(log, "write", writer.write("a"));
    note(log, "abort", writer.abort("error1"));
    const auto second = co_await outcome(writer.write("a"));
    CHECK(second == "error1");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");
    co_await flush();
    CHECK(log == "");
    gate.fail("error2");
    co_await flush();
    CHECK(log == "write:error2 abort closed:error1");
    const auto third = co_await outcome(writer.write("a"));
    CHECK(third == "error1");
    writer.releaseLock();
    const auto released = co_await outcome(writer.ready());
    CHECK(released == "TypeError");
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "TypeError");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: abort and then error while a write is in flight") {
    Journal log;
    Gate<> gate;
    std::optional<Controller> controller;
    Text stream({.write = [&](const std::string&, Controller& c) {
        controller.emplace(c);
        return gate();
    }});
    const auto writer = stream.getWriter();
    note(log, "closed", writer.closed());
    co_await flush();
    note(log, "write", writer.write("a"));
    note(log, "abort", writer.abort("error1"));
    co_await flush();
    controller->error("error2");
    const auto refused = co_await outcome(writer.write("a"));
    CHECK(refused == "error1");
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "write abort closed:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: abort and then error while a close is in flight") {
    Journal log;
    Gate<> gate;
    std::optional<Controller> controller;
    Text stream({.start = [&](Controller& c) { controller.emplace(c); }, .close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    note(log, "closed", writer.closed());
    co_await flush();
    note(log, "close", writer.close());
    note(log, "abort", writer.abort("error1"));
    const auto twice = co_await outcome(writer.close());
    CHECK(twice == "TypeError");
    controller->error("error2");
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error1");
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "close abort closed");
    const auto still = co_await outcome(writer.ready());
    CHECK(still == "error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: error and then abort while a write is in flight") {
    Journal log;
    Journal told;
    Gate<> gate;
    std::optional<Controller> controller;
    auto sink = recordingSink(told);
    sink.write = [&](const std::string& chunk, Controller& c) {
        told("write:", chunk);
        controller.emplace(c);
        return gate();
    };
    Text stream(std::move(sink));
    const auto writer = stream.getWriter();
    note(log, "closed", writer.closed());
    co_await flush();
    note(log, "write", writer.write("a"));
    controller->error("error2");
    const auto refused = co_await outcome(writer.write("a"));
    CHECK(refused == "error2");
    note(log, "abort", writer.abort("error1"));
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await flush();
    CHECK(log == "write abort:error2 closed:error2");
    CHECK(told == "write:a");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: error and then abort while a close is in flight") {
    Journal log;
    Gate<> gate;
    std::optional<Controller> controller;
    Text stream({.start = [&](Controller& c) { controller.emplace(c); }, .close = [&] { return gate(); }});
    const auto writer = stream.getWriter();
    note(log, "closed", writer.closed());
    co_await flush();
    note(log, "close", writer.close());
    controller->error("error2");
    co_await flush();
    note(log, "abort", writer.abort("error1"));
    const auto ready = co_await outcome(writer.ready());
    CHECK(ready == "error2");
    gate.open();
    co_await flush();
    CHECK(log == "close abort closed");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: releaseLock while aborting rejects the original closed promise") {
    Gate<> gate;
    Gate<> aborting;
    Text stream({.write = [&] { return gate(); }, .abort = [&] { return aborting(); }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    const auto written = writer.write("a");
    const auto closed = writer.closed();
    const auto aborted = writer.abort();
    gate.open();
    co_await flush();
    CHECK(aborting.asked());
    writer.releaseLock();
    CHECK(writer.closed() == closed);
    aborting.open();
    co_await written;
    co_await aborted;
    const auto result = co_await outcome(closed);
    CHECK(result == "TypeError");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: the sink's abort is called behind start also if that fails") {
    Journal log;
    Gate<> gate;
    std::optional<Controller> controller;
    auto sink = recordingSink(log);
    sink.start = [&](Controller& c) {
        controller.emplace(c);
        return gate();
    };
    const Text stream(std::move(sink));
    const auto aborted = stream.abort("done");
    controller->error("error1");
    co_await flush();
    CHECK(log == "");
    gate.open();
    co_await aborted;
    CHECK(log == "abort:done");

    log.clear();
    auto failing = recordingSink(log);
    failing.start = [] { return Promise<>::reject("error1"); };
    const Text other(std::move(failing));
    co_await other.abort("done");
    CHECK(log == "abort:done");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: promises are settled in order when abort happens during start") {
    Journal log;
    Journal told;
    Text stream(recordingSink(told));
    const auto writer = stream.getWriter();
    const auto first = writer.write("1");
    const auto aborted = writer.abort("error1");
    const auto second = writer.write("2");
    const auto close = writer.close();
    note(log, "write1", first);
    note(log, "abort", aborted);
    note(log, "write2", second);
    note(log, "close", close);
    co_await flush();
    CHECK(log == "write2:error1 write1:error1 abort close:error1");
    CHECK(told == "abort:error1");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: abort and a write or a close that is rejected") {
    std::optional<Controller> controller;
    Gate<> gate;
    Text stream({.write = [&](const std::string&, Controller& c) {
        controller.emplace(c);
        return gate();
    }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    Journal log;
    note(log, "write", writer.write("a"));
    note(log, "abort", writer.abort());
    controller->error("error1");
    gate.fail("error2");
    co_await flush();
    CHECK(log == "write:error2 abort");

    log.clear();
    Text closing({.start = [&](Controller& c) { controller.emplace(c); }, .close = [&] { return gate(); }});
    const auto other = closing.getWriter();
    co_await other.ready();
    note(log, "close", other.close());
    note(log, "abort", other.abort());
    controller->error("error1");
    co_await flush();
    gate.fail("error2");
    co_await flush();
    CHECK(log == "close:error2 abort:error2");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: two aborts have one promise until it is fulfilled") {
    const Text stream;
    const auto first = stream.abort();
    CHECK(first == stream.abort());
    co_await first;
    const auto second = stream.abort();
    CHECK(second != first);
    const auto result = co_await outcome(second);
    CHECK(result == "ok");

    Text errored({.start = [](Controller& c) { c.error("error1"); }});
    const auto writer = errored.getWriter();
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "error1");
    const auto late = co_await outcome(writer.abort());
    CHECK(late == "ok");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: the sink's abort is not called where a bad strategy was first") {
    Journal log;
    Gate<> gate;
    double size = 1;
    auto sink = recordingSink(log);
    sink.write = [&](const std::string& chunk) {
        log("write:", chunk);
        return gate();
    };
    Text stream(std::move(sink), {.highWaterMark = 1, .size = [&] { return size; }});
    const auto writer = stream.getWriter();
    co_await writer.ready();
    Journal settled;
    note(settled, "1", writer.write("chunk1"));
    size = std::numeric_limits<double>::quiet_NaN();
    note(settled, "2", writer.write("chunk2"));
    note(settled, "abort", writer.abort("error2"));
    gate.open();
    co_await flush();
    CHECK(settled == "1 2:RangeError abort:RangeError");
    CHECK(log == "write:chunk1");
}

// Unlike the Web there is no undefined: what stands for it as a reason is nullptr.
ASYNC_TEST_CASE("streams/writable-streams/aborting: the stored error is the reason of the abort") {
    const Text without;
    co_await without.abort();
    const auto nothing = co_await outcome(without.getWriter().closed());
    CHECK(nothing == "undefined");
    const Text with;
    co_await with.abort("string argument");
    const auto text = co_await outcome(with.getWriter().closed());
    CHECK(text == "string argument");
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: the signal is aborted at once in a write and in a close") {
    for (const bool closes : {false, true}) {
        std::optional<Controller> controller;
        Gate<> gate;
        Text stream({.start = [&](Controller& c) { controller.emplace(c); },
                     .write = [&] { return gate(); },
                     .close = [&] { return gate(); }});
        const auto writer = stream.getWriter();
        closes ? writer.close() : writer.write("99");
        co_await flush();
        CHECK(gate.asked());
        CHECK_FALSE(controller->signal().aborted());
        CHECK(controller->signal().reason() == nullptr);
        writer.abort("hello");
        CHECK(controller->signal().aborted());
        CHECK(said(controller->signal().reason()) == "hello");
    }
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: the signal is not aborted by an error or a failure") {
    std::optional<Controller> controller;
    const auto start = [&](Controller& c) { controller.emplace(c); };
    const auto fails = []() -> Promise<> { co_await Promise<>::reject("e"); };

    Text errored({.start = start});
    controller->error("e");
    const auto first = co_await outcome(errored.getWriter().closed());
    CHECK(first == "e");
    CHECK_FALSE(controller->signal().aborted());

    Text writing({.start = start, .write = fails});
    const auto second = co_await outcome(writing.getWriter().write("hello"));
    CHECK(second == "e");
    CHECK_FALSE(controller->signal().aborted());

    Text closing({.start = start, .close = fails});
    const auto third = co_await outcome(closing.getWriter().close());
    CHECK(third == "e");
    CHECK_FALSE(controller->signal().aborted());
}

ASYNC_TEST_CASE("streams/writable-streams/aborting: an abort by a listener of the signal is too late") {
    std::optional<Controller> controller;
    Text stream({.start = [&](Controller& c) { controller.emplace(c); }});
    const auto writer = stream.getWriter();
    controller->signal().addEventListener("abort", [&] { writer.abort("e2"); });
    writer.abort("e1");
    CHECK(said(controller->signal().reason()) == "e1");
    // The first to be told is the first to error the stream: the inner call.
    const auto closed = co_await outcome(writer.closed());
    CHECK(closed == "e2");
}
