// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/journal.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_byob_reader.hpp>

#include <optional>

using namespace rondo;

namespace {

struct Opened {
    Opened() : stream({.start = [this](ReadableByteStreamController& c) { controller.emplace(c); }}) {}
    std::optional<ReadableByteStreamController> controller;
    ReadableStream<Uint8Array> stream;
};

}

ASYNC_TEST_CASE("read fills the view it was given and gives it back") {
    Opened opened;
    opened.controller->enqueue(Uint8Array("abcdef"));
    auto reader = opened.stream.getBYOBReader();
    Uint8Array view = Uint8Array(8).subarray(2, 6);
    const auto* const place = view.data();
    auto first = co_await reader.read(std::move(view));
    CHECK(first->text() == "abcd");
    CHECK(first->data() == place);
    CHECK(first->byteOffset() == 2);
    CHECK(first->bufferByteLength() == 8);
    auto second = co_await reader.read(std::move(*first));
    CHECK(second->text() == "ef");
    CHECK(second->data() == place);
}

ASYNC_TEST_CASE("a view is filled from several chunks and a chunk fills several views") {
    Opened opened;
    auto reader = opened.stream.getReader({.mode = ReadableStreamReaderMode::byob});
    opened.controller->enqueue(Uint8Array("ab"));
    opened.controller->enqueue(Uint8Array("cd"));
    const auto both = co_await reader.read(Uint8Array(3));
    CHECK(both->text() == "abc");
    const auto rest = co_await reader.read(Uint8Array(3));
    CHECK(rest->text() == "d");
    auto one = reader.read(Uint8Array(1));
    auto two = reader.read(Uint8Array(2));
    auto three = reader.read(Uint8Array(3));
    opened.controller->enqueue(Uint8Array("uvwxy"));
    const auto u = co_await one;
    const auto vw = co_await two;
    const auto xy = co_await three;
    CHECK(u->text() == "u");
    CHECK(vw->text() == "vw");
    CHECK(xy->text() == "xy");
}

ASYNC_TEST_CASE("read with min waits until there are so many") {
    Opened opened;
    auto reader = opened.stream.getBYOBReader();
    auto read = reader.read(Uint8Array(5), {.min = 3});
    opened.controller->enqueue(Uint8Array("ab"));
    CHECK(read.state() == PromiseState::pending);
    opened.controller->enqueue(Uint8Array("cdef"));
    const auto step = co_await read;
    CHECK(step->text() == "abcde");
    auto last = reader.read(Uint8Array(5), {.min = 3});
    CHECK(last.state() == PromiseState::pending);
    opened.controller->close();
    opened.controller->byobRequest()->respond(0);
    const auto end = co_await last;
    CHECK(end.done());
    CHECK(end.returned()->text() == "f");
}

ASYNC_TEST_CASE("a view that is empty or was moved from and a min that is none are refused") {
    Opened opened;
    auto reader = opened.stream.getBYOBReader();
    Uint8Array gone(3);
    const Uint8Array kept(std::move(gone));
    const auto moved =
        co_await reader.read(std::move(gone)).settled(); // NOLINT(bugprone-use-after-move): that is the test
    CHECK_THROWS_AS(moved.value(), TypeError);
    const auto empty = co_await reader.read(Uint8Array()).settled();
    CHECK_THROWS_AS(empty.value(), TypeError);
    const auto none = co_await reader.read(Uint8Array(2), {.min = 0}).settled();
    CHECK_THROWS_AS(none.value(), TypeError);
    const auto tooMuch = co_await reader.read(Uint8Array(2), {.min = 3}).settled();
    CHECK_THROWS_AS(tooMuch.value(), RangeError);
    reader.releaseLock();
    const auto released = co_await reader.read(Uint8Array(2)).settled();
    CHECK_THROWS_AS(released.value(), TypeError);
}

ASYNC_TEST_CASE("of a closed stream the view comes back empty, of one that is cancelled not at all") {
    Opened opened;
    opened.controller->close();
    auto reader = opened.stream.getBYOBReader();
    const auto step = co_await reader.read(Uint8Array(4));
    CHECK(step.done());
    REQUIRE(step.returned());
    CHECK(step.returned()->length() == 0);
    CHECK(step.returned()->bufferByteLength() == 4);

    const Opened cancelled;
    auto other = cancelled.stream.getBYOBReader();
    auto read = other.read(Uint8Array(4));
    co_await other.cancel();
    const auto end = co_await read;
    CHECK(end.done());
    CHECK(end.returned() == nullptr);
}

ASYNC_TEST_CASE("what was waited for when the reader was released fills the next one") {
    Opened opened;
    auto reader = opened.stream.getBYOBReader();
    auto read = reader.read(Uint8Array(4));
    const auto request = opened.controller->byobRequest();
    reader.releaseLock();
    const auto settled = co_await read.settled();
    CHECK_THROWS_AS(settled.value(), TypeError);
    auto next = opened.stream.getBYOBReader();
    auto waiting = next.read(Uint8Array(2));
    request->view()[0] = 'z';
    request->respond(1);
    const auto step = co_await waiting;
    CHECK(step->text() == "z");
}

ASYNC_TEST_CASE("a reader with its own buffers is refused by a stream that is none of bytes or is locked") {
    const ReadableStream<Uint8Array> chunks({.start = [](ReadableStreamDefaultController<Uint8Array>&) {}});
    CHECK_THROWS_AS(ReadableStreamBYOBReader(chunks), TypeError);
    const Opened opened;
    const auto reader = opened.stream.getBYOBReader();
    CHECK_THROWS_AS(opened.stream.getBYOBReader(), TypeError);
    CHECK(reader == reader);
    CHECK(reader.closed().state() == PromiseState::pending);
    opened.controller->error(4);
    const auto closed = co_await reader.closed().settled();
    CHECK(base::describe(closed.reason()) == "4");
    const auto read = co_await reader.read(Uint8Array(1)).settled();
    CHECK(base::describe(read.reason()) == "4");
    const auto cancelled = co_await reader.cancel(5).settled();
    CHECK(base::describe(cancelled.reason()) == "4");
}

TEST_CASE("read into a view takes one tick when there are bytes") {
    CHECK(ticksOf([] {
              const ReadableStream<Uint8Array> stream(
                  {.start = [](ReadableByteStreamController& c) { c.enqueue(Uint8Array(1)); }});
              return stream.getBYOBReader().read(Uint8Array(1));
          }) == 1);
}
