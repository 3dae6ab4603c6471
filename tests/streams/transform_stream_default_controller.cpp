// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/transform_stream.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace rondo;

using Controller = TransformStreamDefaultController<int>;

namespace {

Promise<> ticks(int count) {
    for (int i = 0; i < count; ++i) co_await Promise<>::resolve();
}

std::string said(const std::exception_ptr& reason) { return base::describe(reason); }

}

ASYNC_TEST_CASE("the controller that start is given is the one that transform is given and a copy is equal") {
    std::optional<Controller> kept;
    Controller* lent = nullptr;
    bool same = false;
    TransformStream<int> stream({.start =
                                     [&](Controller& c) {
                                         lent = &c;
                                         kept.emplace(c);
                                     },
                                 .transform = [&](int, Controller& c) { same = &c == lent && c == *kept; }});
    stream.readable().getReader().read();
    co_await stream.writable().getWriter().write(1);
    CHECK(same);
    std::optional<Controller> other;
    const TransformStream<int> second({.start = [&](auto& c) { other.emplace(c); }});
    CHECK(*other != *kept);
    *lent = *other; // stays what it is
    CHECK(*lent == *kept);
}

ASYNC_TEST_CASE("enqueue is allowed at any time and counts in desiredSize") {
    std::optional<Controller> controller;
    TransformStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); }}, {}, {.highWaterMark = 2});
    CHECK(controller->desiredSize() == 2.0);
    controller->enqueue(1);
    controller->enqueue(2);
    controller->enqueue(3);
    CHECK(controller->desiredSize() == -1.0);
    const auto reader = stream.readable().getReader();
    const auto step = co_await reader.read();
    CHECK(*step == 1);
    CHECK(controller->desiredSize() == 0.0);
}

ASYNC_TEST_CASE("error errors both sides and lets the transformer go") {
    Counted::reset();
    std::optional<Controller> controller;
    TransformStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); },
                                 .transform = [counted = Counted()](int) {},
                                 .cancel = [] { FAIL("never called"); }});
    co_await ticks(5);
    controller->error(TypeError("enough"));
    CHECK(Counted::alive == 0);
    CHECK(controller->desiredSize() == std::nullopt);
    const auto read = co_await stream.readable().getReader().read().settled();
    CHECK(said(read.reason()) == "TypeError: enough");
    const auto written = co_await stream.writable().getWriter().write(1).settled();
    CHECK(said(written.reason()) == "TypeError: enough");
    CHECK_THROWS_AS(controller->enqueue(1), TypeError);
}

ASYNC_TEST_CASE("terminate closes the readable side behind its chunks and errors the writable one") {
    std::optional<Controller> controller;
    TransformStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); }});
    controller->enqueue(1);
    controller->terminate();
    controller->terminate();
    CHECK_THROWS_AS(controller->enqueue(2), TypeError);
    const auto reader = stream.readable().getReader();
    const auto first = co_await reader.read();
    CHECK(*first == 1);
    const auto second = co_await reader.read();
    CHECK(second.done());
    CHECK(controller->desiredSize() == 0.0);
    const auto written = co_await stream.writable().getWriter().write(1).settled();
    CHECK(said(written.reason()).substr(0, 9) == "TypeError");
}

ASYNC_TEST_CASE("what the readable side's size throws leaves enqueue and errors both sides") {
    std::optional<Controller> controller;
    TransformStream<int> stream({.start = [&](Controller& c) { controller.emplace(c); }}, {},
                                {.highWaterMark = 1, .size = [](int) -> double { throw TypeError("no size"); }});
    CHECK_THROWS_AS(controller->enqueue(1), TypeError);
    const auto written = co_await stream.writable().getWriter().write(1).settled();
    CHECK(said(written.reason()) == "TypeError: no size");
}

ASYNC_TEST_CASE("a controller that is kept keeps both sides") {
    Counted::reset();
    std::optional<Controller> controller;
    Journal log;
    {
        TransformStream<int> stream({.start = [&, counted = Counted()](Controller& c) { controller.emplace(c); },
                                     .transform = [counted = Counted()](int) {}});
        stream.readable().getReader().read().then([&](const IteratorResult<int>& step) { log(*step); });
        stream.writable().getWriter().closed().catch_([&] { log("errored"); });
    }
    co_await ticks(9);
    CHECK(Counted::alive == 1);
    controller->enqueue(7);
    controller->error("why");
    co_await ticks(5);
    CHECK(log == "7 errored");
    controller.reset();
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("what the transformer is given stays what it is when it is moved from") {
    const TransformStream<int, int> doubled({.transform = [](int number, TransformStreamDefaultController<int>& c) {
        const TransformStreamDefaultController<int> moved = std::move(c);
        moved.enqueue(number);
        c.enqueue(number);
    }});
    const auto writer = doubled.writable().getWriter();
    const auto reader = doubled.readable().getReader();
    const Promise<> written = writer.write(7);
    const auto first = co_await reader.read();
    const auto second = co_await reader.read();
    CHECK(*first == 7);
    CHECK(*second == 7);
    co_await written;
}
