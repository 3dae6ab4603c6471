// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/writable_stream.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace rondo;

using Controller = WritableStreamDefaultController;

namespace {

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

}

ASYNC_TEST_CASE("the controller that start is given is the one that write is given and a copy is equal") {
    std::optional<Controller> kept;
    Controller* lent = nullptr;
    bool same = false;
    WritableStream<int> stream({.start =
                                    [&](Controller& c) {
                                        lent = &c;
                                        kept.emplace(c);
                                    },
                                .write = [&](int, Controller& c) { same = &c == lent && c == *kept; }});
    co_await stream.getWriter().write(1);
    CHECK(same);
    std::optional<Controller> other;
    const WritableStream<int> second({.start = [&](auto& c) { other.emplace(c); }});
    CHECK(*other != *kept);
    *lent = *other; // stays what it is
    CHECK(*lent == *kept);
    *other = std::move(*lent);
    CHECK(*other == *lent);
}

ASYNC_TEST_CASE("error fails what is written from now on and lets the sink go") {
    Counted::reset();
    Journal log;
    std::optional<Controller> controller;
    WritableStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); },
                                .write = [&, counted = Counted()](int chunk) { log(chunk); },
                                .abort = [&] { log("never"); }});
    const auto writer = stream.getWriter();
    co_await writer.write(1);
    controller->error(TypeError("enough"));
    controller->error(TypeError("too late"));
    CHECK(Counted::alive == 0);
    const auto written = co_await writer.write(2).settled();
    CHECK(base::describe(written.reason()) == "TypeError: enough");
    const auto closed = co_await writer.closed().settled();
    CHECK(base::describe(closed.reason()) == "TypeError: enough");
    CHECK(log == "1");
}

ASYNC_TEST_CASE("the signal is aborted at once while a write is in flight") {
    Journal log;
    WritableStream<int> stream({.write =
                                    [&](int, Controller& c) {
                                        c.signal().addEventListener("abort", [&log] { log("signal"); });
                                        return ticks(5).then([&log] { log("written"); });
                                    },
                                .abort = [&] { log("sink"); }});
    const auto writer = stream.getWriter();
    writer.write(1);
    co_await ticks(3);
    const auto aborted = writer.abort(TypeError("stop"));
    log("called");
    co_await aborted;
    CHECK(log == "signal called written sink");
}

ASYNC_TEST_CASE("the signal has the reason of the abort also when it is asked for later") {
    std::optional<Controller> controller;
    const WritableStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); }});
    co_await stream.abort(TypeError("stop"));
    CHECK(controller->signal().aborted());
    CHECK(base::describe(controller->signal().reason()) == "TypeError: stop");

    const WritableStream<int> other({.start = [&](Controller& c) { controller.emplace(c); }});
    CHECK_FALSE(controller->signal().aborted());
    co_await other.abort();
    CHECK(controller->signal().aborted());
    CHECK(base::describe(controller->signal().reason()).substr(0, 10) == "AbortError");
}

ASYNC_TEST_CASE("a controller that is kept keeps the stream") {
    Counted::reset();
    Journal log;
    std::optional<Controller> controller;
    {
        WritableStream<int> stream({.start = [&, counted = Counted()](Controller& c) { controller.emplace(c); },
                                    .write = [counted = Counted()](int) {}});
        stream.getWriter().closed().catch_([&] { log("errored"); });
    }
    co_await ticks(5);
    CHECK(Counted::alive == 1);
    controller->error("why");
    co_await ticks(3);
    CHECK(log == "errored");
    controller.reset();
    CHECK(Counted::alive == 0);
}
