// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"

#include <rondo/promise.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_byob_request.hpp>

#include <optional>
#include <utility>

using namespace rondo;

namespace {

/// A stream of bytes whose reader waits with a view of 4 bytes.
struct Waiting {
    Waiting() : stream({.start = [this](ReadableByteStreamController& c) { controller.emplace(c); }}) {
        read.emplace(stream.getBYOBReader().read(Uint8Array(6).subarray(1, 5)));
    }
    std::optional<ReadableByteStreamController> controller;
    ReadableStream<Uint8Array> stream;
    std::optional<Promise<IteratorResult<Uint8Array, Uint8Array>>> read;
};

}

ASYNC_TEST_CASE("the view of a request is where the reader waits for bytes") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    CHECK(request->view().length() == 4);
    CHECK(request->view().byteOffset() == 1);
    CHECK(*request == *waiting.controller->byobRequest());
    request->view()[0] = 'a';
    request->view()[1] = 'b';
    request->respond(2);
    const auto step = co_await std::move(*waiting.read);
    CHECK(step->text() == "ab");
    CHECK_FALSE(waiting.controller->byobRequest());
}

ASYNC_TEST_CASE("a request that was answered is no longer good") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    request->respond(1);
    CHECK(request->view().length() == 0);
    CHECK_THROWS_AS(request->respond(1), TypeError);
    CHECK_THROWS_AS(request->respondWithNewView(Uint8Array(1)), TypeError);
    co_return;
}

ASYNC_TEST_CASE("respond takes from 1 to the length of the view, and 0 when the stream is closed") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    CHECK_THROWS_AS(request->respond(0), TypeError);
    CHECK_THROWS_AS(request->respond(5), RangeError);
    waiting.controller->close();
    CHECK_THROWS_AS(request->respond(1), TypeError);
    request->respond(0);
    const auto step = co_await std::move(*waiting.read);
    CHECK(step.done());
    CHECK(step.returned()->bufferByteLength() == 6);
}

ASYNC_TEST_CASE("a view may be moved elsewhere and come back by respondWithNewView") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    Uint8Array view = std::move(request->view());
    CHECK_THROWS_AS(request->respond(1), TypeError);
    CHECK_THROWS_AS(waiting.controller->enqueue(Uint8Array(1)), TypeError);
    view[0] = 'q';
    request->respondWithNewView(std::move(view).subarray(0, 1));
    const auto step = co_await std::move(*waiting.read);
    CHECK(step->text() == "q");
    CHECK(step->byteOffset() == 1);
}

ASYNC_TEST_CASE("a view that does not fit the request is refused") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    CHECK_THROWS_AS(request->respondWithNewView(Uint8Array()), TypeError);
    CHECK_THROWS_AS(request->respondWithNewView(Uint8Array(6)), RangeError);
    CHECK_THROWS_AS(request->respondWithNewView(Uint8Array(7).subarray(1, 3)), RangeError);
    CHECK_THROWS_AS(request->respondWithNewView(Uint8Array(6).subarray(1, 6)), RangeError);
    Uint8Array gone(6);
    const Uint8Array kept(std::move(gone));
    CHECK_THROWS_AS(request->respondWithNewView(std::move(gone)),
                    TypeError); // NOLINT(bugprone-use-after-move): the test
    request->respondWithNewView(Uint8Array(6).subarray(1, 4));
    const auto step = co_await std::move(*waiting.read);
    CHECK(step->length() == 3);
}

ASYNC_TEST_CASE("a request with another buffer in the place of its view is refused") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    request->view() = Uint8Array(2);
    CHECK_THROWS_AS(request->respond(2), TypeError);
    co_return;
}

ASYNC_TEST_CASE("what is enqueued ends a request and fills the view") {
    Waiting waiting;
    const auto request = waiting.controller->byobRequest();
    waiting.controller->enqueue(Uint8Array("abcdef"));
    CHECK_THROWS_AS(request->respond(1), TypeError);
    const auto step = co_await std::move(*waiting.read);
    CHECK(step->text() == "abcd");
}

ASYNC_TEST_CASE("a cancel and an error end a request") {
    std::optional<ReadableByteStreamController> controller;
    const ReadableStream<Uint8Array> stream({.start = [&](ReadableByteStreamController& c) { controller.emplace(c); }});
    auto reader = stream.getBYOBReader();
    auto read = reader.read(Uint8Array(2));
    const auto first = controller->byobRequest();
    co_await reader.cancel();
    CHECK_THROWS_AS(first->respond(1), TypeError);
    CHECK(first->view().empty());
    Waiting errored;
    const auto second = errored.controller->byobRequest();
    errored.controller->error(1);
    CHECK_THROWS_AS(second->respond(1), TypeError);
    const auto settled = co_await errored.read->settled();
    CHECK(base::describe(settled.reason()) == "1");
}

ASYNC_TEST_CASE("a request keeps its stream") {
    std::optional<ReadableStreamBYOBRequest> request;
    auto read = [&] {
        const ReadableStream<Uint8Array> stream(
            {.pull = [&](ReadableByteStreamController& c) { request = c.byobRequest(); }});
        return stream.getBYOBReader().read(Uint8Array(2));
    }();
    for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
    request->view()[0] = 'k';
    request->respond(1);
    const auto step = co_await read;
    CHECK(step->text() == "k");
}
