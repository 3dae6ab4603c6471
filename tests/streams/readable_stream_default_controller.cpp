// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_default_controller.hpp>

#include <limits>
#include <memory>
#include <optional>
#include <string>

using namespace rondo;

namespace {

using Controller = ReadableStreamDefaultController<int>;

/// A stream whose controller is at hand.
struct Opened {
    explicit Opened(QueuingStrategy<int> strategy = {})
        : stream({.start = [this](auto& c) { controller.emplace(c); }}, std::move(strategy)) {}
    std::optional<Controller> controller;
    ReadableStream<int> stream;
};

}

ASYNC_TEST_CASE("desiredSize is the highWaterMark less the sizes of what is queued") {
    Opened opened({.highWaterMark = 3, .size = [](int chunk) { return chunk; }});
    const Controller& controller = *opened.controller;
    CHECK(controller.desiredSize() == 3);
    controller.enqueue(1);
    CHECK(controller.desiredSize() == 2);
    controller.enqueue(5);
    CHECK(controller.desiredSize() == -3);
    co_await opened.stream.getReader().read();
    CHECK(controller.desiredSize() == -2);
}

ASYNC_TEST_CASE("desiredSize of a closed stream is 0 and of an errored one nothing") {
    Opened closed;
    closed.controller->close();
    CHECK(closed.controller->desiredSize() == 0.0);
    Opened errored;
    errored.controller->error(7);
    CHECK_FALSE(errored.controller->desiredSize());
    co_return;
}

ASYNC_TEST_CASE("a stream that is closed, to be closed or errored takes no chunk and cannot be closed") {
    Opened closed;
    closed.controller->close();
    CHECK_THROWS_AS(closed.controller->enqueue(1), TypeError);
    CHECK_THROWS_AS(closed.controller->close(), TypeError);

    Opened toBeClosed;
    toBeClosed.controller->enqueue(1);
    toBeClosed.controller->close();
    CHECK_THROWS_AS(toBeClosed.controller->enqueue(1), TypeError);
    CHECK_THROWS_AS(toBeClosed.controller->close(), TypeError);

    Opened errored;
    errored.controller->error(7);
    CHECK_THROWS_AS(errored.controller->enqueue(1), TypeError);
    CHECK_THROWS_AS(errored.controller->close(), TypeError);
    errored.controller->error(8);
    auto reader = errored.stream.getReader();
    const auto settled = co_await reader.read().settled();
    CHECK(base::describe(settled.reason()) == "7");
}

ASYNC_TEST_CASE("a close waits until what is queued has been read") {
    Opened opened;
    opened.controller->enqueue(1);
    opened.controller->enqueue(2);
    opened.controller->close();
    auto reader = opened.stream.getReader();
    CHECK(reader.closed().state() == PromiseState::pending);
    const auto first = co_await reader.read();
    CHECK(*first == 1);
    CHECK(reader.closed().state() == PromiseState::pending);
    auto second = reader.read();
    CHECK(reader.closed().state() == PromiseState::fulfilled);
    const auto step = co_await second;
    CHECK(*step == 2);
    const auto end = co_await reader.read();
    CHECK(end.done());
}

ASYNC_TEST_CASE("an error drops what is queued and is what every read is rejected with") {
    Counted::reset();
    std::optional<ReadableStreamDefaultController<Counted>> controller;
    ReadableStream<Counted> stream({.start = [&](auto& c) { controller.emplace(c); }});
    controller->enqueue(Counted(1));
    controller->enqueue(Counted(2));
    CHECK(Counted::alive == 2);
    controller->error(TypeError("broken"));
    CHECK(Counted::alive == 0);
    const auto settled = co_await stream.getReader().read().settled();
    CHECK(base::describe(settled.reason()) == "TypeError: broken");
}

ASYNC_TEST_CASE("what size throws, and what is no size, leaves enqueue and errors the stream") {
    Opened thrower({.highWaterMark = 1, .size = [](int) -> double { throw 5; }});
    CHECK_THROWS_AS(thrower.controller->enqueue(1), int);
    const auto settled = co_await thrower.stream.getReader().read().settled();
    CHECK(base::describe(settled.reason()) == "5");

    for (const double size :
         {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        Opened sized({.highWaterMark = 1, .size = [size] { return size; }});
        CHECK_THROWS_AS(sized.controller->enqueue(1), RangeError);
        CHECK_FALSE(sized.controller->desiredSize());
    }
}

ASYNC_TEST_CASE("a controller that was copied keeps the stream so that a read that waits is answered") {
    std::optional<ReadableStreamDefaultController<std::string>> kept;
    Promise<IteratorResult<std::string>> waiting = [&] {
        ReadableStream<std::string> stream({.start = [&](auto& c) { kept.emplace(c); }});
        return stream.getReader().read();
    }();
    kept->enqueue("late");
    const auto step = co_await waiting;
    CHECK(*step == "late");
}

ASYNC_TEST_CASE("controllers are equal if they stand for one stream") {
    Opened one;
    Opened other;
    Controller copy = *one.controller;
    CHECK(copy == *one.controller);
    CHECK_FALSE(copy == *other.controller);
    copy = *other.controller;
    CHECK(copy == *other.controller);
    co_return;
}

ASYNC_TEST_CASE("the controller that a source was given stays what it is") {
    Opened other;
    std::optional<Controller> kept;
    ReadableStream<int> stream({.start = [&](Controller& c) {
        c = *other.controller;
        const Controller moved(std::move(c));
        c.enqueue(3);
        moved.enqueue(4);
    }});
    auto reader = stream.getReader();
    const auto three = co_await reader.read();
    const auto four = co_await reader.read();
    CHECK(*three == 3);
    CHECK(*four == 4);
}

ASYNC_TEST_CASE("chunks need only be movable and are moved") {
    std::optional<ReadableStreamDefaultController<std::unique_ptr<int>>> controller;
    ReadableStream<std::unique_ptr<int>> stream({.start = [&](auto& c) { controller.emplace(c); }});
    controller->enqueue(std::make_unique<int>(1));
    auto reader = stream.getReader();
    auto queued = co_await reader.read();
    CHECK(**queued == 1);
    auto waiting = reader.read();
    controller->enqueue(std::make_unique<int>(2));
    auto given = co_await std::move(waiting);
    CHECK(**given == 2);
}

TEST_CASE("without a loop a stream is a logic error") { CHECK_THROWS_AS(ReadableStream<int>(), std::logic_error); }
