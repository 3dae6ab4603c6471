// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/http/body_state.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;
using http::BodyState;

TEST_CASE("a body of bytes needs no loop until somebody asks for its stream") {
    BodyState body(Uint8Array("bytes"));
    CHECK_FALSE(body.isNull());
    CHECK(body.hasBytes());
    CHECK_FALSE(body.disturbed());
    CHECK_THROWS_AS(body.stream(), std::logic_error);
    CHECK(body.hasBytes());
    CHECK(body.takeBytes().text() == "bytes");
    CHECK(body.disturbed());
    CHECK(body.unusable());
}

ASYNC_TEST_CASE("the stream of a body of bytes has them in it and then its end") {
    BodyState body(Uint8Array("bytes"));
    const ReadableStream<Uint8Array> stream = body.stream();
    CHECK(stream == body.stream());
    CHECK(body.isStream());
    const auto reader = stream.getReader();
    CHECK(body.unusable());
    CHECK_FALSE(body.disturbed());
    auto first = co_await reader.read();
    REQUIRE(first);
    CHECK(first->text() == "bytes");
    auto second = co_await reader.read();
    CHECK(second.done());
    CHECK(body.disturbed());

    BodyState empty((Uint8Array()));
    const auto none = empty.stream().getReader();
    auto end = co_await none.read();
    CHECK(end.done());
}

ASYNC_TEST_CASE("the stream of a body that was read is at its end and locked") {
    BodyState body(Uint8Array("bytes"));
    body.takeBytes();
    CHECK(body.stream().locked());
    CHECK(body.disturbed());
    co_return;
}

TEST_CASE("bytes that another body takes over are used") {
    BodyState body(Uint8Array("bytes"));
    BodyState other = body.proxy();
    CHECK(body.disturbed());
    CHECK_FALSE(other.disturbed());
    CHECK(other.takeBytes().text() == "bytes");
    BodyState none;
    CHECK(none.proxy().isNull());
    CHECK(none.isNull());
    CHECK_FALSE(none.disturbed());
}

ASYNC_TEST_CASE("a stream that another body takes over is locked and read by that one") {
    using Controller = ReadableStreamDefaultController<Uint8Array>;
    int pulls = 0;
    const ReadableStream<Uint8Array> stream({.pull = [&](const Controller& controller) {
        controller.enqueue(Uint8Array{static_cast<std::uint8_t>('0' + pulls)});
        if (++pulls == 3) controller.close();
    }});
    BodyState body(stream);
    BodyState other = body.proxy();
    CHECK(body.disturbed());
    CHECK(body.stream() == stream);
    CHECK(stream.locked());
    CHECK_FALSE(other.unusable());
    const auto reader = other.stream().getReader();
    std::string text;
    for (;;) {
        auto step = co_await reader.read();
        if (!step) break;
        text += step->text();
    }
    CHECK(text == "012");
}

ASYNC_TEST_CASE("a body that took over a stream hands on its errors and cancels it") {
    using Controller = ReadableStreamDefaultController<Uint8Array>;
    BodyState broken(ReadableStream<Uint8Array>({.pull = [](const Controller&) { throw std::runtime_error("broken"); }},
                                                {.highWaterMark = 0}));
    BodyState other = broken.proxy();
    const auto reader = other.stream().getReader();
    const auto settled = co_await reader.read().settled();
    CHECK_THROWS_WITH(std::rethrow_exception(settled.reason()), "broken");

    std::exception_ptr told;
    BodyState endless(ReadableStream<Uint8Array>({.cancel = [&](const std::exception_ptr& reason) { told = reason; }}));
    BodyState wanted = endless.proxy();
    co_await wanted.stream().cancel(std::runtime_error("enough"));
    for (int tick = 0; tick < 5; ++tick) co_await Promise<>::resolve(); // it goes through a pipe
    CHECK_THROWS_WITH(std::rethrow_exception(told), "enough");
}

ASYNC_TEST_CASE("a body that took over a stream which nobody can ever end is collected when nobody holds either") {
    Counted::reset();
    std::optional<Promise<IteratorResult<Uint8Array>>> read;
    {
        BodyState body(ReadableStream<Uint8Array>({.cancel = [counted = Counted()] {}}));
        BodyState other = body.proxy();
        read.emplace(other.stream().getReader().read());
        for (int tick = 0; tick < 9; ++tick) co_await Promise<>::resolve();
        CHECK(Counted::alive == 1);
    }
    CHECK(Counted::alive == 0);
    CHECK(read->state() == PromiseState::pending);
}

ASYNC_TEST_CASE("a stream that is in use is no body") {
    const ReadableStream<Uint8Array> stream;
    const auto reader = stream.getReader();
    CHECK_THROWS_AS(BodyState::extract(stream), TypeError);
    reader.releaseLock();
    CHECK(BodyState::extract(stream).isStream());
    stream.cancel();
    CHECK_THROWS_AS(BodyState::extract(stream), TypeError);
    co_return;
}

TEST_CASE("a clone of bytes is a copy of them") {
    BodyState body(Uint8Array("bytes"));
    BodyState copy = body.clone();
    CHECK(body.takeBytes().text() == "bytes");
    CHECK(copy.takeBytes().text() == "bytes");
    CHECK(BodyState().clone().isNull());
}
