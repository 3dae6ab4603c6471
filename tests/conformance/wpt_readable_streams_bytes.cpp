// SPDX-License-Identifier: MIT
#include "readable_bytes.hpp"

using namespace readable_bytes;

// streams/readable-byte-streams/general

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a BYOB reader is refused by a stream that is none of bytes") {
    CHECK_THROWS_AS(Bytes().getReader({.mode = ReadableStreamReaderMode::byob}), TypeError);
    Bytes bytes({.type = ReadableStreamType::bytes});
    static_assert(
        std::is_same_v<decltype(bytes.getReader({.mode = ReadableStreamReaderMode::byob})), ReadableStreamBYOBReader>);
    CHECK_NOTHROW(bytes.getReader({.mode = ReadableStreamReaderMode::byob}));
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: start is called before pull and desiredSize is the highWaterMark") {
    std::optional<double> size;
    Source source([&](Controller& c) { size = c.desiredSize(); }, {.highWaterMark = 256});
    CHECK(source.controller);
    co_await flush();
    CHECK(source.pulls == 1);
    CHECK(size == 256.0);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: pull is not called before start has ended") {
    int pulls = 0;
    auto gate = Promise<>::withResolvers();
    Bytes stream({.start = [&](Controller&) { return gate.promise; }, .pull = [&](Controller&) { ++pulls; }},
                 {.highWaterMark = 256});
    co_await flush();
    CHECK(pulls == 0);
    gate.resolve();
    co_await flush();
    CHECK(pulls == 1);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: what start throws leaves the constructor") {
    CHECK_THROWS_AS(Bytes({.start = [](Controller&) { throw Error(); }}), Error);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: nothing is pulled with a highWaterMark of 0") {
    Source source;
    co_await flush();
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: desiredSize is 0 when the stream is closed and nothing when it is errored") {
    Source closed({}, {.highWaterMark = 10});
    CHECK(closed.controller->desiredSize() == 10);
    closed.controller->close();
    CHECK(closed.controller->desiredSize() == 0);
    Source errored({}, {.highWaterMark = 10});
    errored.controller->error();
    CHECK_FALSE(errored.controller->desiredSize());
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: closed of a reader of either kind is rejected when it is released") {
    Source source;
    const auto reader = source.stream.getReader();
    reader.releaseLock();
    CHECK(isTypeError(reader.closed()));
    const auto byob = source.stream.getBYOBReader();
    byob.releaseLock();
    CHECK(isTypeError(byob.closed()));
    co_return;
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a close or an error does not release a reader of either kind") {
    for (const bool closes : {true, false}) {
        for (const bool byob : {true, false}) {
            Source source;
            closes ? source.controller->close() : source.controller->error(Error("error1"));
            auto closed = byob ? source.stream.getBYOBReader().closed() : source.stream.getReader().closed();
            const auto reason = co_await reasonOf(closed);
            CHECK(reason == (closes ? "not rejected" : "Error: error1"));
            CHECK_THROWS_AS(source.stream.getReader(), TypeError);
            CHECK_THROWS_AS(source.stream.getBYOBReader(), TypeError);
            CHECK(source.pulls == 0);
        }
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a BYOB reader that was released cannot unlock the stream again") {
    Source source;
    source.controller->enqueue({1, 2, 3});
    auto first = source.stream.getBYOBReader();
    first.releaseLock();
    auto second = source.stream.getBYOBReader();
    first.releaseLock();
    const auto outcome = co_await outcomeOf(second.read(Uint8Array(3)));
    CHECK(outcome == "1 2 3");
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: releaseLock rejects the reads that wait") {
    Source source;
    auto reader = source.stream.getReader();
    auto read = reader.read();
    reader.releaseLock();
    const bool refused = co_await isRefused(read);
    CHECK(refused);
    auto byob = source.stream.getBYOBReader();
    auto readInto = byob.read(Uint8Array(1));
    byob.releaseLock();
    const bool byobRefused = co_await isRefused(readInto);
    CHECK(byobRefused);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: pull is called in a microtask after start") {
    Source filling({}, {.highWaterMark = 8});
    Source read;
    auto reader = read.stream.getReader();
    auto waits = reader.read();
    Source readInto;
    auto byob = readInto.stream.getBYOBReader();
    auto waitsToo = byob.read(Uint8Array(8));
    CHECK(filling.pulls + read.pulls + readInto.pulls == 0);
    co_await Promise<>::resolve();
    CHECK(filling.pulls == 1);
    CHECK(read.pulls == 1);
    CHECK(readInto.pulls == 1);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: autoAllocateChunkSize gives each read a buffer to be filled") {
    std::vector<std::size_t> views;
    std::uint8_t next = 1;
    Source source(
        [&](Controller& c) {
            const auto request = c.byobRequest();
            Uint8Array& view = request->view();
            views.insert(views.end(), {view.bufferByteLength(), view.byteOffset(), view.byteLength()});
            const std::size_t count = next;
            for (std::size_t i = 0; i < count; ++i) view[i] = next++;
            request->respond(count);
        },
        {.highWaterMark = 0}, 16);
    auto reader = source.stream.getReader();
    auto p0 = reader.read();
    auto p1 = reader.read();
    CHECK(source.pulls == 0);
    const auto first = co_await std::move(p0);
    co_await flush();
    CHECK(source.pulls == 2);
    CHECK(first->bufferByteLength() == 16);
    CHECK(first->byteOffset() == 0);
    CHECK(numbers(*first) == "1");
    const auto second = co_await std::move(p1);
    CHECK(second->bufferByteLength() == 16);
    CHECK(numbers(*second) == "2 3");
    CHECK(views == std::vector<std::size_t>{16, 0, 16, 16, 0, 16});
    CHECK(source.pulls == 2);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: buffers that were allocated and that were brought can be mixed") {
    std::vector<std::size_t> lengths;
    Source source(
        [&](Controller& c) {
            const auto request = c.byobRequest();
            lengths.push_back(request->view().byteLength());
            request->view()[0] = static_cast<std::uint8_t>(lengths.size());
            request->respond(lengths.size());
        },
        {.highWaterMark = 0}, 16);
    auto reader = source.stream.getReader();
    const auto first = co_await reader.read();
    CHECK(first->bufferByteLength() == 16);
    CHECK(numbers(*first) == "1");
    reader.releaseLock();
    auto byob = source.stream.getBYOBReader();
    const auto second = co_await byob.read(Uint8Array(32));
    CHECK(second->bufferByteLength() == 32);
    CHECK(numbers(*second) == "2 0");
    CHECK(lengths == std::vector<std::size_t>{16, 32});
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a read of what was enqueued pulls when there is room again") {
    std::optional<double> sizeInPull;
    Source source([&](Controller& c) { sizeInPull = c.desiredSize(); }, {.highWaterMark = 8});
    source.controller->enqueue(Uint8Array(16));
    CHECK(source.controller->desiredSize() == -8);
    co_await Promise<>::resolve();
    CHECK(source.pulls == 0);
    auto reader = source.stream.getReader();
    auto read = reader.read();
    CHECK(source.pulls == 1);
    CHECK(sizeInPull == 8.0);
    const auto step = co_await std::move(read);
    CHECK(step->bufferByteLength() == 16);
    CHECK(step->byteLength() == 16);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a push source need not know of pull") {
    std::optional<Controller> controller;
    Bytes stream({.start = [&](Controller& c) { controller.emplace(c); }});
    auto read = stream.getReader().read();
    controller->enqueue(Uint8Array(1));
    const auto step = co_await std::move(read);
    CHECK(step->bufferByteLength() == 1);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: what a view leaves of a chunk is read by a default reader") {
    Source source;
    Uint8Array chunk = filledWith(16, 0, 1);
    chunk[8] = 2;
    source.controller->enqueue(std::move(chunk));
    auto byob = source.stream.getBYOBReader();
    const auto first = co_await byob.read(Uint8Array(8));
    CHECK(first->bufferByteLength() == 8);
    CHECK(first->byteLength() == 8);
    CHECK((*first)[0] == 1);
    byob.releaseLock();
    const auto second = co_await source.stream.getReader().read();
    CHECK(second->bufferByteLength() == 16);
    CHECK(second->byteOffset() == 8);
    CHECK((*second)[0] == 2);
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: what is enqueued before a close is read and then it is done") {
    for (const bool before : {true, false}) {
        Source source;
        std::optional<ReadableStreamDefaultReader<Uint8Array>> reader;
        if (before) reader.emplace(source.stream.getReader());
        source.controller->enqueue(Uint8Array(16));
        source.controller->close();
        if (!before) reader.emplace(source.stream.getReader());
        const auto step = co_await reader->read();
        CHECK(step->byteLength() == 16);
        const auto end = co_await reader->read();
        CHECK(end.done());
        CHECK(source.pulls == 0);
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: pull may be answered by enqueue") {
    std::optional<ReadableStreamBYOBRequest> request;
    Source source([&](Controller& c) {
        c.enqueue(Uint8Array(16));
        request = c.byobRequest();
    });
    const auto step = co_await source.stream.getReader().read();
    CHECK(step->byteLength() == 16);
    CHECK_FALSE(request);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: one pull may answer several reads") {
    std::vector<double> sizes;
    bool requested = false;
    Source source(
        [&](Controller& c) {
            requested = c.byobRequest().has_value();
            sizes.push_back(*c.desiredSize());
            c.enqueue(Uint8Array(1));
            sizes.push_back(*c.desiredSize());
            c.enqueue(Uint8Array(1));
            sizes.push_back(*c.desiredSize());
        },
        {.highWaterMark = 0});
    auto reader = source.stream.getReader();
    auto p0 = reader.read();
    auto p1 = reader.read();
    auto p2 = reader.read();
    source.controller->enqueue(Uint8Array(1));
    CHECK(source.pulls == 0);
    for (auto* read : {&p0, &p1, &p2}) {
        const auto step = co_await std::move(*read);
        CHECK(step->byteLength() == 1);
    }
    CHECK(source.pulls == 1);
    CHECK(sizes == std::vector<double>{0, 0, 0});
    CHECK_FALSE(requested);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: several pulls may be answered each by its enqueue") {
    std::vector<double> sizes;
    Source* self = nullptr;
    Source source(
        [&](Controller& c) {
            sizes.push_back(*c.desiredSize());
            CHECK_FALSE(c.byobRequest());
            self->pulls <= 3 ? c.enqueue(Uint8Array(1)) : c.close();
        },
        {.highWaterMark = 256});
    self = &source;
    auto reader = source.stream.getReader();
    auto p0 = reader.read();
    auto p1 = reader.read();
    auto p2 = reader.read();
    CHECK(source.pulls == 0);
    for (auto* read : {&p0, &p1, &p2}) {
        const auto step = co_await std::move(*read);
        CHECK(step->byteLength() == 1);
    }
    co_await flush();
    CHECK(source.pulls == 4);
    CHECK(sizes == std::vector<double>{256, 256, 256, 256});
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a request is no longer good when it was answered by respond or by a view that was moved") {
    for (const bool moved : {false, true}) {
        Source source([moved](Controller& c) {
            const auto initial = c.byobRequest();
            REQUIRE(initial);
            if (moved) {
                Uint8Array view = std::move(initial->view());
                view[0] = 1;
                c.byobRequest()->respondWithNewView(std::move(view));
            } else {
                initial->view()[0] = 1;
                c.byobRequest()->respond(1);
            }
            CHECK_FALSE(c.byobRequest());
            CHECK(initial->view().empty());
        });
        const auto outcome = co_await outcomeOf(source.stream.getBYOBReader().read(Uint8Array(1)));
        CHECK(outcome == "1");
        CHECK(source.pulls == 1);
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: respond with too much is a RangeError") {
    Source source([](Controller& c) {
        CHECK_THROWS_AS(c.byobRequest()->respond(2), RangeError);
        c.byobRequest()->respond(1);
    });
    const auto outcome = co_await outcomeOf(source.stream.getBYOBReader().read(Uint8Array(1)));
    CHECK(outcome == "0");
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: what is enqueued fills views of any size whether they are smaller or bigger") {
    Source source;
    source.controller->enqueue(filledWith(16, 15, 123));
    source.controller->enqueue(filledWith(8, 7, 111));
    auto reader = source.stream.getBYOBReader();
    const auto both = co_await reader.read(Uint8Array(24));
    CHECK(both->byteLength() == 24);
    CHECK((*both)[15] == 123);
    CHECK((*both)[23] == 111);
    source.controller->enqueue(filledWith(16, 15, 1));
    const auto bigger = co_await reader.read(Uint8Array(24));
    CHECK(bigger->byteLength() == 16);
    CHECK((*bigger)[15] == 1);
    source.controller->enqueue(filledWith(16, 15, 1));
    const auto exact = co_await reader.read(Uint8Array(16));
    CHECK((*exact)[15] == 1);
    Uint8Array two = filledWith(16, 7, 1);
    two[15] = 2;
    source.controller->enqueue(std::move(two));
    const auto first = co_await reader.read(Uint8Array(8));
    const auto second = co_await reader.read(Uint8Array(8));
    CHECK((*first)[7] == 1);
    CHECK((*second)[7] == 2);
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a view of a part of its buffer is filled there") {
    Source source;
    source.controller->enqueue(filledWith(8, 7, 1));
    auto reader = source.stream.getBYOBReader();
    const auto step = co_await reader.read(Uint8Array(16).subarray(8, 16));
    CHECK(source.pulls == 0);
    CHECK(step->bufferByteLength() == 16);
    CHECK(step->byteOffset() == 8);
    CHECK(step->byteLength() == 8);
    CHECK((*step)[7] == 1);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: cancel passes its reason on from a reader of either kind") {
    for (const bool byob : {false, true}) {
        Source source;
        source.controller->enqueue(Uint8Array(16));
        auto cancelled = byob ? source.stream.getBYOBReader().cancel(TypeError("foo"))
                              : source.stream.getReader().cancel(TypeError("foo"));
        co_await cancelled;
        CHECK(source.told == std::vector<std::string>{"TypeError: foo"});
        CHECK(source.pulls == 0);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a cancel ends reads that wait and keeps their views also when they are filled in part") {
    Source waiting;
    auto reader = waiting.stream.getBYOBReader();
    auto read = reader.read(Uint8Array(1));
    co_await reader.cancel(TypeError("foo"));
    const auto outcome = co_await outcomeOf(read);
    CHECK(outcome == "done");
    CHECK(waiting.told == std::vector<std::string>{"TypeError: foo"});

    std::vector<std::size_t> lengths;
    Source partly([&](Controller& c) {
        lengths.push_back(c.byobRequest()->view().byteLength());
        c.enqueue(Uint8Array(1));
        lengths.push_back(c.byobRequest()->view().byteLength());
    });
    co_await flush();
    CHECK(partly.pulls == 0);
    auto other = partly.stream.getBYOBReader();
    auto readPartly = other.read(Uint8Array(2), {.min = 2});
    CHECK(partly.pulls == 1);
    CHECK(lengths == std::vector<std::size_t>{2, 1});
    other.cancel();
    const auto end = co_await outcomeOf(readPartly);
    CHECK(end == "done");
    CHECK(partly.pulls == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a second close and an enqueue after it throw while there are bytes to be read") {
    Source source;
    source.controller->enqueue(Uint8Array(1));
    source.controller->close();
    CHECK_THROWS_AS(source.controller->close(), TypeError);
    CHECK_THROWS_AS(source.controller->enqueue(Uint8Array(1)), TypeError);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: pull may respond and close") {
    Source source([](Controller& c) {
        c.byobRequest()->view()[15] = 1;
        c.byobRequest()->respond(16);
        c.close();
    });
    auto reader = source.stream.getBYOBReader();
    const auto first = co_await reader.read(Uint8Array(16));
    CHECK((*first)[15] == 1);
    const auto second = co_await reader.read(Uint8Array(16));
    CHECK(second.done());
    CHECK(second.returned()->byteOffset() == 0);
    CHECK(second.returned()->byteLength() == 0);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a view is filled by several calls of respond or of enqueue in one pull") {
    for (const bool responds : {true, false}) {
        std::vector<std::size_t> views;
        Source source([&](Controller& c) {
            for (int i = 0; i < 4; ++i) {
                const auto request = c.byobRequest();
                views.insert(views.end(), {request->view().bufferByteLength(), request->view().byteOffset(),
                                           request->view().byteLength()});
                if (responds) {
                    request->view()[0] = 1;
                    request->respond(1);
                } else {
                    c.enqueue({1});
                }
                CHECK(request->view().bufferByteLength() == 0);
            }
        });
        auto reader = source.stream.getBYOBReader();
        const auto outcome = co_await outcomeOf(reader.read(Uint8Array(4), {.min = 4}));
        CHECK(outcome == "1 1 1 1");
        CHECK(source.pulls == 1);
        CHECK(views == std::vector<std::size_t>{4, 0, 4, 4, 1, 3, 4, 2, 2, 4, 3, 1});
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: two reads are answered by two calls of enqueue") {
    Source source;
    auto reader = source.stream.getReader();
    auto p0 = reader.read();
    auto p1 = reader.read();
    CHECK(source.pulls == 0);
    source.controller->enqueue(Uint8Array(1));
    CHECK(source.pulls == 0);
    const auto first = co_await std::move(p0);
    CHECK(source.pulls == 1);
    CHECK(first->byteLength() == 1);
    source.controller->enqueue(Uint8Array(2));
    CHECK(source.pulls == 1);
    const auto second = co_await std::move(p1);
    CHECK(source.pulls == 1);
    CHECK(second->byteLength() == 2);
    CHECK_FALSE(source.controller->byobRequest());
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a close and a respond with 0 end several reads and give their views back") {
    Source source;
    auto reader = source.stream.getBYOBReader();
    auto p0 = reader.read(Uint8Array(16));
    auto p1 = reader.read(Uint8Array(32));
    source.controller->close();
    source.controller->byobRequest()->respond(0);
    const auto first = co_await std::move(p0);
    const auto second = co_await std::move(p1);
    CHECK(first.done());
    CHECK(first.returned()->bufferByteLength() == 16);
    CHECK(first.returned()->byteLength() == 0);
    CHECK(second.done());
    CHECK(second.returned()->bufferByteLength() == 32);
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: one chunk fills several views and several chunks are read by many") {
    Source big;
    auto reader = big.stream.getBYOBReader();
    auto p0 = reader.read(Uint8Array(16));
    auto p1 = reader.read(Uint8Array(16));
    big.controller->enqueue(Uint8Array(24));
    const auto first = co_await std::move(p0);
    const auto second = co_await std::move(p1);
    CHECK(first->byteLength() == 16);
    CHECK(second->byteLength() == 8);
    CHECK(second->bufferByteLength() == 16);
    CHECK(big.pulls == 0);

    Source many;
    auto pump = async([&]() -> Promise<std::size_t> {
        std::size_t count = 0;
        const auto byob = many.stream.getBYOBReader();
        for (;;) {
            auto step = co_await byob.read(Uint8Array(7));
            if (!step) break;
            count += step->byteLength();
        }
        co_return count;
    });
    many.controller->enqueue(Uint8Array(512));
    many.controller->enqueue(Uint8Array(512));
    many.controller->close();
    const auto count = co_await pump;
    CHECK(count == 1024);
    CHECK(many.pulls == 0);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: reads of a stream that is errored or gets errored are rejected") {
    for (const bool before : {true, false}) {
        for (const bool byob : {true, false}) {
            Source source;
            if (before) source.controller->error(Error("error1"));
            std::string outcome;
            if (byob) {
                auto reader = source.stream.getBYOBReader();
                auto read = reader.read(Uint8Array(1));
                if (!before) source.controller->error(Error("error1"));
                outcome = co_await outcomeOf(read);
            } else {
                auto reader = source.stream.getReader();
                auto read = reader.read();
                if (!before) source.controller->error(Error("error1"));
                outcome = co_await outcomeOf(read);
            }
            CHECK(outcome == "Error: error1");
            CHECK(source.pulls == 0);
        }
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: what pull throws errors the stream unless it has errored it itself") {
    for (const bool errors : {true, false}) {
        for (const bool byob : {true, false}) {
            bool requested = false;
            Source source([&](Controller& c) {
                requested = c.byobRequest().has_value();
                if (errors) c.error(Error("error1"));
                throw TypeError("foo");
            });
            std::string outcome;
            std::string closed;
            if (byob) {
                auto reader = source.stream.getBYOBReader();
                outcome = co_await outcomeOf(reader.read(Uint8Array(1)));
                closed = co_await reasonOf(reader.closed());
            } else {
                auto reader = source.stream.getReader();
                outcome = co_await outcomeOf(reader.read());
                closed = co_await reasonOf(reader.closed());
            }
            CHECK(outcome == (errors ? "Error: error1" : "TypeError: foo"));
            CHECK(closed == outcome);
            CHECK(requested == byob);
        }
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a request cannot be answered twice") {
    for (const bool newView : {true, false}) {
        std::optional<ReadableStreamBYOBRequest> request;
        Source source([&](Controller& c) {
            request = c.byobRequest();
            newView ? request->respondWithNewView(Uint8Array(16)) : request->respond(4);
        });
        auto reader = source.stream.getBYOBReader();
        const auto step = co_await reader.read(Uint8Array(16));
        CHECK(step->byteLength() == (newView ? 16U : 4U));
        CHECK_THROWS_AS(request->respond(4), TypeError);
        CHECK_THROWS_AS(request->respondWithNewView(Uint8Array(16)), TypeError);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a request cannot be answered twice with 0 nor when the stream was cancelled") {
    for (const bool cancels : {true, false}) {
        std::optional<ReadableStreamBYOBRequest> request;
        std::optional<PromiseWithResolvers<>> pulled;
        std::optional<Controller> controller;
        Bytes stream({.start = [&](Controller& c) { controller.emplace(c); },
                      .pull =
                          [&](Controller& c) {
                              request = c.byobRequest();
                              return pulled.emplace(Promise<>::withResolvers()).promise;
                          }});
        auto reader = stream.getBYOBReader();
        auto read = reader.read(Uint8Array(16));
        co_await flush();
        if (cancels) {
            auto cancelled = reader.cancel(std::string("meh"));
            CHECK_THROWS_AS(request->respond(0), TypeError);
            pulled->resolve();
            co_await cancelled;
        } else {
            controller->close();
            request->respond(0);
            pulled->resolve();
            CHECK_THROWS_AS(request->respond(0), TypeError);
        }
        const auto outcome = co_await outcomeOf(read);
        CHECK(outcome == (cancels ? "done" : "done:"));
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a pull that is fulfilled does not answer a read") {
    auto pulled = Promise<>::withResolvers();
    Bytes stream({.pull = [&](Controller&) { return pulled.promise; }});
    auto reader = stream.getBYOBReader();
    auto read = reader.read(Uint8Array(16));
    co_await flush();
    pulled.resolve();
    co_await delay(0);
    CHECK(read.state() == PromiseState::pending);
    reader.releaseLock();
    const bool refused = co_await isRefused(read);
    CHECK(refused);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a default reader with a buffer that was allocated is done by a respond with 0") {
    Source source({}, {}, 128);
    auto read = source.stream.getReader().read();
    const auto request = source.controller->byobRequest();
    source.controller->close();
    request->respond(0);
    const auto step = co_await read;
    CHECK(step.done());
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: an autoAllocateChunkSize of 0 is a TypeError") {
    CHECK_THROWS_AS(Source({}, {}, 0), TypeError);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a BYOB reader can be constructed of a stream of bytes that is not locked") {
    Source source;
    CHECK_NOTHROW(ReadableStreamBYOBReader(source.stream));
    CHECK_THROWS_AS(ReadableStreamBYOBReader(source.stream), TypeError);
    CHECK_THROWS_AS(ReadableStreamBYOBReader(Bytes()), TypeError);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: a strategy with a size is refused") {
    CHECK_THROWS_AS(Source({}, {.size = [] { return 1; }}), RangeError);
    CHECK_THROWS_AS(Source({}, CountQueuingStrategy({.highWaterMark = 1})), RangeError);
    CHECK_THROWS_AS(Source({}, ByteLengthQueuingStrategy({.highWaterMark = 512})), RangeError);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a view that comes back may be smaller and empty when the stream is closed") {
    for (const bool closes : {false, true}) {
        Source source([closes](Controller& c) {
            Uint8Array view = std::move(c.byobRequest()->view());
            if (closes) c.close();
            if (!closes) view[0] = 1;
            c.byobRequest()->respondWithNewView(std::move(view).subarray(0, closes ? 0 : 1));
        });
        auto reader = source.stream.getBYOBReader();
        Uint8Array brought{4, 5, 6};
        auto step = co_await reader.read(std::move(brought));
        CHECK(step.done() == closes);
        const Uint8Array& view = closes ? *step.returned() : *step;
        CHECK(view.byteOffset() == 0);
        CHECK(view.byteLength() == (closes ? 0U : 1U));
        CHECK(view.bufferByteLength() == 3);
        const Uint8Array whole(closes ? std::move(*step.returned()).takeBuffer() : std::move(*step).takeBuffer(), 0, 3);
        CHECK(numbers(whole) == (closes ? "4 5 6" : "1 5 6"));
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/general: enqueue discards a request that was allocated") {
    Source source({}, {}, 10);
    co_await flush();
    CHECK(source.pulls == 0);
    auto first = source.stream.getReader();
    auto read1 = first.read();
    CHECK(source.pulls == 1);
    const auto request1 = source.controller->byobRequest();
    CHECK(request1->view().byteLength() == 10);
    source.controller->enqueue({1, 2, 3});
    CHECK(request1->view().empty());
    const auto step1 = co_await std::move(read1);
    CHECK(numbers(*step1) == "1 2 3");
    first.releaseLock();
    auto second = source.stream.getBYOBReader();
    auto read2 = second.read(Uint8Array{4, 5, 6});
    CHECK(source.pulls == 2);
    const auto request2 = source.controller->byobRequest();
    CHECK(numbers(request2->view()) == "4 5 6");
    request2->respond(3);
    CHECK(request2->view().empty());
    const auto step2 = co_await std::move(read2);
    CHECK(numbers(*step2) == "4 5 6");
    second.releaseLock();
    CHECK(source.pulls == 2);
}

namespace {

/// A reader that waited and was released, and one that waits now; the request of the first is still good.
struct TwoReaders {
    TwoReaders(std::optional<std::size_t> autoAllocateChunkSize, bool firstByob, bool secondByob, Uint8Array second,
               std::size_t min = 1)
        : source({}, {}, autoAllocateChunkSize) {
        if (firstByob) {
            auto reader = source.stream.getBYOBReader();
            readInto1.emplace(reader.read(Uint8Array{1, 2, 3}));
            request.emplace(*source.controller->byobRequest());
            reader.releaseLock();
        } else {
            auto reader = source.stream.getReader();
            read1.emplace(reader.read());
            request.emplace(*source.controller->byobRequest());
            reader.releaseLock();
        }
        if (secondByob) {
            byob.emplace(source.stream.getBYOBReader());
            readInto2.emplace(byob->read(std::move(second), {.min = min}));
        } else {
            read2.emplace(source.stream.getReader().read());
        }
        CHECK(*source.controller->byobRequest() == *request);
    }

    Promise<bool> firstIsRefused() const { return readInto1 ? isRefused(*readInto1) : isRefused(*read1); }
    Promise<std::string> second() const { return readInto2 ? outcomeOf(*readInto2) : outcomeOf(*read2); }

    Source source;
    std::optional<Promise<ViewStep>> readInto1;
    std::optional<Promise<ViewStep>> readInto2;
    std::optional<Promise<Step>> read1;
    std::optional<Promise<Step>> read2;
    std::optional<ReadableStreamBYOBReader> byob;
    std::optional<ReadableStreamBYOBRequest> request;
};

}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a request outlives the reader that was released and answers the next one") {
    struct Case {
        std::optional<std::size_t> allocate;
        bool firstByob;
        bool secondByob;
    };
    for (const Case& each : {Case{{}, true, true}, Case{4, false, false}, Case{4, false, true}}) {
        TwoReaders responded(each.allocate, each.firstByob, each.secondByob, {4, 5, 6});
        const bool refused = co_await responded.firstIsRefused();
        CHECK(refused);
        responded.request->view()[0] = 11;
        responded.request->respond(1);
        CHECK_FALSE(responded.source.controller->byobRequest());
        const auto outcome = co_await responded.second();
        CHECK(outcome == "11");

        TwoReaders enqueued(each.allocate, each.firstByob, each.secondByob, {4, 5, 6});
        const bool refusedToo = co_await enqueued.firstIsRefused();
        CHECK(refusedToo);
        enqueued.source.controller->enqueue({11, 12});
        CHECK_FALSE(enqueued.source.controller->byobRequest());
        const auto other = co_await enqueued.second();
        CHECK(other == "11 12");
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: what the request of a released reader is answered with fills the next view in part or leaves a rest") {
    TwoReaders partly({}, true, true, {0, 0}, 2);
    const bool refused = co_await partly.firstIsRefused();
    CHECK(refused);
    partly.request->view()[0] = 0x11;
    partly.request->respond(1);
    const auto next = partly.source.controller->byobRequest();
    REQUIRE(next);
    CHECK(next->view().byteOffset() == 1);
    CHECK(next->view().byteLength() == 1);
    next->view()[0] = 0x22;
    next->respond(1);
    const auto both = co_await partly.second();
    CHECK(both == "17 34");

    TwoReaders more({}, true, true, {4, 5});
    const bool refusedToo = co_await more.firstIsRefused();
    CHECK(refusedToo);
    for (std::uint8_t i = 0; i < 3; ++i) more.request->view()[i] = static_cast<std::uint8_t>(6 + i);
    more.request->respond(3);
    CHECK_FALSE(more.source.controller->byobRequest());
    const auto second = co_await more.second();
    CHECK(second == "6 7");
    const auto third = co_await outcomeOf(more.byob->read(Uint8Array(3)));
    CHECK(third == "8");
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: the request of a released reader may be answered with its view or with 0 at the end") {
    TwoReaders viewed({}, true, true, {4, 5, 6});
    const bool refused = co_await viewed.firstIsRefused();
    CHECK(refused);
    viewed.request->view()[0] = 11;
    viewed.request->view()[1] = 12;
    viewed.request->respondWithNewView(std::move(viewed.request->view()).subarray(0, 2));
    const auto outcome = co_await viewed.second();
    CHECK(outcome == "11 12");

    TwoReaders closed({}, true, true, {4, 5, 6});
    const bool refusedToo = co_await closed.firstIsRefused();
    CHECK(refusedToo);
    closed.source.controller->close();
    closed.request->respond(0);
    CHECK_FALSE(closed.source.controller->byobRequest());
    const auto end = co_await closed.second();
    CHECK(end == "done:");
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: what a released reader had been given in part goes to the next one") {
    for (const bool responds : {true, false}) {
        Source source;
        auto first = source.stream.getBYOBReader();
        auto read1 = first.read(Uint8Array(2), {.min = 2});
        const auto request1 = source.controller->byobRequest();
        request1->view()[0] = 0x11;
        request1->respond(1);
        const auto request2 = source.controller->byobRequest();
        CHECK(request2->view().byteOffset() == 1);
        first.releaseLock();
        auto second = source.stream.getBYOBReader();
        auto read2 = second.read(Uint8Array(2), {.min = 2});
        const bool refused = co_await isRefused(read1);
        CHECK(refused);
        if (responds) {
            request2->view()[0] = 0x22;
            request2->respond(1);
        } else {
            source.controller->enqueue({0x22});
        }
        CHECK_FALSE(source.controller->byobRequest());
        const auto outcome = co_await outcomeOf(read2);
        CHECK(outcome == "17 34");
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: what a released reader had been given in part is read by a default reader") {
    Source source;
    auto first = source.stream.getBYOBReader();
    auto read1 = first.read(Uint8Array(2), {.min = 2});
    source.controller->byobRequest()->view()[0] = 0x11;
    source.controller->byobRequest()->respond(1);
    const auto request = source.controller->byobRequest();
    first.releaseLock();
    auto second = source.stream.getReader();
    auto read2 = second.read();
    CHECK(*source.controller->byobRequest() == *request);
    const bool refused = co_await isRefused(read1);
    CHECK(refused);
    source.controller->enqueue({0x22});
    CHECK_FALSE(source.controller->byobRequest());
    const auto outcome = co_await outcomeOf(read2);
    CHECK(outcome == "17");
    const auto rest = co_await outcomeOf(second.read());
    CHECK(rest == "34");
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/general: a buffer that was allocated may come back by respondWithNewView") {
    Source source(
        [](Controller& c) {
            Uint8Array view = std::move(c.byobRequest()->view()).subarray(0, 3);
            for (std::uint8_t i = 0; i < 3; ++i) view[i] = static_cast<std::uint8_t>(20 + i);
            c.byobRequest()->respondWithNewView(std::move(view));
        },
        {}, 10);
    const auto step = co_await source.stream.getReader().read();
    CHECK(numbers(*step) == "20 21 22");
    CHECK(step->bufferByteLength() == 10);
}
