// SPDX-License-Identifier: MIT
#include "readable_bytes.hpp"

using namespace readable_bytes;

namespace {

using Branches = std::array<Bytes, 2>;
using ByobReaders = std::array<ReadableStreamBYOBReader, 2>;

ByobReaders byobReaders(const Branches& branches) { return {branches[0].getBYOBReader(), branches[1].getBYOBReader()}; }

/// A stream of two chunks, 1 and 2, that is closed.
Bytes oneAndTwo() {
    return Bytes({.start = [](Controller& c) {
        c.enqueue({1});
        c.enqueue({2});
        c.close();
    }});
}

Promise<std::string> all(Bytes stream) {
    std::string text;
    const auto reader = stream.getReader();
    while (auto step = co_await reader.read()) {
        text += numbers(*step);
        text += ' ';
    }
    co_return text;
}

/// How long the view of a request is, where in its buffer it begins, and how long that is.
std::string shapeOf(const Uint8Array& view) {
    return std::to_string(view.byteLength()) + '@' + std::to_string(view.byteOffset()) + '/' +
           std::to_string(view.bufferByteLength());
}

}

// streams/readable-byte-streams/tee

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: tee gives two streams of bytes") {
    const auto branches = Bytes({.type = ReadableStreamType::bytes}).tee();
    CHECK_NOTHROW(byobReaders(branches));
    co_return;
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: one branch can be read to its end without touching the other") {
    const auto readers = byobReaders(oneAndTwo().tee());
    std::vector<std::string> outcomes;
    for (int i = 0; i < 3; ++i) outcomes.push_back(co_await outcomeOf(readers[0].read(Uint8Array(1))));
    CHECK(outcomes == std::vector<std::string>{"1", "2", "done:"});
    CHECK(readers[1].closed().state() == PromiseState::pending);
    const auto other = co_await outcomeOf(readers[1].read(Uint8Array(1)));
    CHECK(other == "1");
    co_await readers[0].closed();
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: the branches have chunks with buffers of their own") {
    Source* self = nullptr;
    Source source([&](Controller& c) {
        if (self->pulls == 1) c.enqueue(Uint8Array{1, 2, 3}.subarray(2));
    });
    self = &source;
    const auto branches = source.stream.tee();
    auto p0 = branches[0].getReader().read();
    auto p1 = branches[1].getReader().read();
    const auto first = co_await std::move(p0);
    const auto second = co_await std::move(p1);
    CHECK(numbers(*first) == "3");
    CHECK(numbers(*second) == "3");
    CHECK(first->data() != second->data());
    CHECK(first->bufferByteLength() == 3);  // the buffer itself
    CHECK(second->bufferByteLength() == 1); // a copy of what is seen
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: what fills a buffer of the first branch is copied for the second") {
    Source* self = nullptr;
    Source source([&](Controller& c) {
        if (self->pulls != 1) return;
        c.byobRequest()->view()[0] = 1;
        c.byobRequest()->respond(1);
    });
    self = &source;
    const auto branches = source.stream.tee();
    const auto byob = branches[0].getBYOBReader();
    Uint8Array brought{42, 42, 42};
    auto first = co_await byob.read(std::move(brought).subarray(0, 1));
    CHECK(numbers(*first) == "1");
    CHECK(numbers(Uint8Array(std::move(*first).takeBuffer(), 0, 3)) == "1 42 42");
    const auto second = co_await outcomeOf(branches[1].getReader().read());
    CHECK(second == "1");
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: an error of the source comes to both branches") {
    Source source([](Controller&) { throw std::string("boo!"); });
    source.controller->enqueue({1});
    source.controller->enqueue({2});
    const auto readers = byobReaders(source.stream.tee());
    std::vector<std::string> outcomes;
    for (int i = 0; i < 3; ++i) outcomes.push_back(co_await outcomeOf(readers[0].read(Uint8Array(1))));
    outcomes.push_back(co_await outcomeOf(readers[1].read(Uint8Array(1))));
    outcomes.push_back(co_await reasonOf(readers[0].closed()));
    outcomes.push_back(co_await reasonOf(readers[1].closed()));
    CHECK(outcomes == std::vector<std::string>{"1", "2", "boo!", "boo!", "boo!", "boo!"});
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: a branch that is cancelled does not touch the other") {
    for (const std::size_t cancelled : {0U, 1U}) {
        const auto branches = oneAndTwo().tee();
        branches[cancelled].cancel();
        const auto none = co_await all(branches[cancelled]);
        const auto both = co_await all(branches[1 - cancelled]);
        CHECK(none == "");
        CHECK(both == "1 2 ");
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: the source is cancelled with both reasons in whatever order they come") {
    for (const bool reversed : {false, true}) {
        std::vector<std::string> told;
        const Bytes stream({.cancel =
                                [&](const std::exception_ptr& reason) {
                                    try {
                                        std::rethrow_exception(reason);
                                    } catch (const AggregateError& error) { // where JavaScript has an array
                                        for (const auto& each : error.errors()) told.push_back(base::describe(each));
                                    }
                                },
                            .type = ReadableStreamType::bytes});
        const auto branches = stream.tee();
        auto first = branches[reversed ? 1 : 0].cancel(std::string(reversed ? "two" : "one"));
        auto second = branches[reversed ? 0 : 1].cancel(std::string(reversed ? "one" : "two"));
        co_await first;
        co_await second;
        CHECK(told == std::vector<std::string>{"one", "two"});
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: a source that fails to be cancelled and an error reject the cancel of both") {
    const Bytes failing(
        {.cancel = [](const std::exception_ptr&) { throw std::string("boo!"); }, .type = ReadableStreamType::bytes});
    const auto branches = failing.tee();
    auto first = branches[0].cancel();
    auto second = branches[1].cancel();
    std::vector<std::string> reasons;
    reasons.push_back(co_await reasonOf(first));
    reasons.push_back(co_await reasonOf(second));
    Source errored;
    const auto others = errored.stream.tee();
    errored.controller->error(std::string("boo!"));
    auto third = others[0].cancel();
    auto fourth = others[1].cancel();
    reasons.push_back(co_await reasonOf(third));
    reasons.push_back(co_await reasonOf(fourth));
    CHECK(reasons == std::vector<std::string>(4, "boo!"));
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: a close of the original is that of the branches when one of them reads") {
    Source source;
    const auto readers = byobReaders(source.stream.tee());
    source.controller->close();
    const auto outcome = co_await outcomeOf(readers[0].read(Uint8Array(1)));
    CHECK(outcome == "done:");
    co_await readers[0].closed();
    co_await readers[1].closed();
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: an error of the original errors the branches and all their reads") {
    Source source;
    const auto readers = byobReaders(source.stream.tee());
    auto r0 = readers[0].read(Uint8Array(1));
    auto r1 = readers[1].read(Uint8Array(1));
    source.controller->error(std::string("boo!"));
    Source other;
    const auto branches = other.stream.tee();
    auto d0 = branches[0].getReader().read();
    auto d1 = branches[1].getReader().read();
    other.controller->error(std::string("boo!"));
    std::vector<std::string> outcomes;
    outcomes.push_back(co_await reasonOf(readers[0].closed()));
    outcomes.push_back(co_await reasonOf(readers[1].closed()));
    outcomes.push_back(co_await outcomeOf(r0));
    outcomes.push_back(co_await outcomeOf(r1));
    outcomes.push_back(co_await outcomeOf(d0));
    outcomes.push_back(co_await outcomeOf(d1));
    CHECK(outcomes == std::vector<std::string>(6, "boo!"));
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: the cancel of one branch ends when the other is read to its end or the original errors") {
    for (const bool errors : {false, true}) {
        Source source;
        const auto readers = byobReaders(source.stream.tee());
        auto cancelled = readers[1].cancel();
        if (errors) {
            source.controller->error(std::string("boo!"));
            const auto outcome = co_await outcomeOf(readers[0].read(Uint8Array(1)));
            CHECK(outcome == "boo!");
        } else {
            source.controller->enqueue({1});
            const auto one = co_await outcomeOf(readers[0].read(Uint8Array(1)));
            CHECK(one == "1");
            source.controller->close();
            const auto end = co_await outcomeOf(readers[0].read(Uint8Array(1)));
            CHECK(end == "done:");
            co_await readers[0].closed();
        }
        co_await cancelled;
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: nothing is pulled unless a branch reads and then once for both") {
    Source idle;
    const auto branches = idle.stream.tee();
    co_await flush();
    CHECK(idle.pulls == 0);
    Source source([](Controller& c) { c.enqueue({1}); });
    const auto readers = byobReaders(source.stream.tee());
    auto r0 = readers[0].read(Uint8Array(1));
    auto r1 = readers[1].read(Uint8Array(1));
    co_await r0;
    co_await r1;
    CHECK(source.pulls == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: nothing is pulled when the original has errored already or errors while branches read") {
    for (const int reading : {0, 1, 2, 3}) {
        Source source;
        if (reading == 0) source.controller->error(std::string("boo!"));
        const auto readers = byobReaders(source.stream.tee());
        co_await flush();
        CHECK(source.pulls == 0);
        std::vector<Promise<ViewStep>> reads;
        if (reading & 1) reads.push_back(readers[0].read(Uint8Array(1)));
        if (reading & 2) reads.push_back(readers[1].read(Uint8Array(1)));
        co_await flush();
        CHECK(source.pulls == (reading ? 1 : 0));
        if (reading) source.controller->error(std::string("boo!"));
        for (const auto& read : reads) {
            const auto outcome = co_await outcomeOf(read);
            CHECK(outcome == "boo!");
        }
        const auto first = co_await reasonOf(readers[0].closed());
        const auto second = co_await reasonOf(readers[1].closed());
        CHECK(first == "boo!");
        CHECK(second == "boo!");
        co_await flush();
        CHECK(source.pulls == (reading ? 1 : 0));
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: both branches can be cancelled one after the other while they read") {
    for (const bool fails : {false, true}) {
        const Bytes stream({.cancel =
                                [fails](const std::exception_ptr&) {
                                    if (fails) throw std::string("boo!");
                                },
                            .type = ReadableStreamType::bytes});
        const auto readers = byobReaders(stream.tee());
        auto r0 = readers[0].read(Uint8Array{0x11});
        auto r1 = readers[1].read(Uint8Array{0x22});
        auto c0 = readers[0].cancel();
        co_await flush();
        auto c1 = readers[1].cancel();
        const auto first = co_await outcomeOf(r0);
        const auto second = co_await outcomeOf(r1);
        CHECK(first == "done");
        CHECK(second == "done");
        const auto reason0 = co_await reasonOf(c0);
        const auto reason1 = co_await reasonOf(c1);
        CHECK(reason0 == (fails ? "boo!" : "not rejected"));
        CHECK(reason1 == reason0);
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: a request is good until both branches are cancelled") {
    for (const std::size_t firstCancelled : {0U, 1U}) {
        Source source;
        const auto readers = byobReaders(source.stream.tee());
        std::vector<Promise<ViewStep>> reads;
        reads.push_back(readers[0].read(Uint8Array{0x11}));
        co_await flush();
        reads.push_back(readers[1].read(Uint8Array{0x22}));
        co_await flush();
        CHECK(numbers(source.controller->byobRequest()->view()) == "17");
        auto cancel1 = readers[firstCancelled].cancel();
        const auto first = co_await outcomeOf(reads[firstCancelled]);
        CHECK(first == "done");
        co_await flush();
        CHECK(numbers(source.controller->byobRequest()->view()) == "17");
        auto cancel2 = readers[1 - firstCancelled].cancel();
        co_await flush();
        CHECK(source.told.size() == 1);
        CHECK_FALSE(source.controller->byobRequest());
        const auto second = co_await outcomeOf(reads[1 - firstCancelled]);
        CHECK(second == "done");
        co_await cancel1;
        co_await cancel2;
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: a request is answered for the branch that was not cancelled") {
    for (const std::size_t cancelled : {0U, 1U}) {
        Source source;
        const auto readers = byobReaders(source.stream.tee());
        std::vector<Promise<ViewStep>> reads;
        reads.push_back(readers[0].read(Uint8Array{0x11}));
        co_await flush();
        reads.push_back(readers[1].read(Uint8Array{0x22}));
        co_await flush();
        readers[cancelled].cancel();
        const auto first = co_await outcomeOf(reads[cancelled]);
        CHECK(first == "done");
        co_await flush();
        CHECK(numbers(source.controller->byobRequest()->view()) == "17");
        source.controller->byobRequest()->view()[0] = 0x33;
        source.controller->byobRequest()->respond(1);
        const auto second = co_await outcomeOf(reads[1 - cancelled]);
        CHECK(second == "51");
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: a branch may be read by readers of both kinds in turn") {
    for (const bool byobFirst : {true, false}) {
        std::vector<bool> requested;
        Source* self = nullptr;
        Source source([&](Controller& c) {
            requested.push_back(c.byobRequest().has_value());
            c.enqueue({static_cast<std::uint8_t>(self->pulls)});
        });
        self = &source;
        const auto branches = source.stream.tee();
        for (int i = 0; i < 2; ++i) {
            std::string outcome;
            if ((i == 0) == byobFirst) {
                const auto byob = branches[0].getBYOBReader();
                outcome = co_await outcomeOf(byob.read(Uint8Array(1)));
                byob.releaseLock();
            } else {
                const auto reader = branches[0].getReader();
                outcome = co_await outcomeOf(reader.read());
                reader.releaseLock();
            }
            CHECK(outcome == std::to_string(i + 1));
            CHECK(source.pulls == i + 1);
        }
        CHECK(requested == std::vector<bool>{byobFirst, !byobFirst});
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: the branch that reads first brings the buffer") {
    Source source;
    const auto readers = byobReaders(source.stream.tee());
    co_await flush();
    auto r1 = readers[1].read(Uint8Array{0x22});
    auto r0 = readers[0].read(Uint8Array{0x11});
    co_await flush();
    const auto request = source.controller->byobRequest();
    CHECK(numbers(request->view()) == "34");
    request->view()[0] = 1;
    request->respond(1);
    const auto first = co_await outcomeOf(r0);
    const auto second = co_await outcomeOf(r1);
    CHECK(first == "1");
    CHECK(second == "1");
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: a close gives the buffer of a branch back while the other is read by default") {
    for (const std::size_t byob : {1U, 0U}) {
        Source source;
        const auto branches = source.stream.tee();
        const auto reader = branches[1 - byob].getReader();
        const auto byobReader = branches[byob].getBYOBReader();
        co_await flush();
        auto read = reader.read();
        auto readInto = byobReader.read(Uint8Array(1));
        co_await flush();
        CHECK_FALSE(source.controller->byobRequest());
        source.controller->close();
        const auto plain = co_await outcomeOf(read);
        CHECK(plain == "done");
        const auto view = co_await outcomeOf(readInto);
        CHECK(view == "done:");
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/tee: a close gives the buffers of both branches back") {
    Source source;
    const auto readers = byobReaders(source.stream.tee());
    co_await flush();
    auto r0 = readers[0].read(Uint8Array{0x11});
    auto r1 = readers[1].read(Uint8Array{0x22});
    co_await flush();
    const auto request = source.controller->byobRequest();
    CHECK(numbers(request->view()) == "17");
    source.controller->close();
    request->respond(0);
    auto first = co_await std::move(r0);
    auto second = co_await std::move(r1);
    CHECK(first.done());
    CHECK(first.returned()->bufferByteLength() == 1);
    CHECK(second.done());
    CHECK(second.returned()->bufferByteLength() == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/tee: what comes before a close while both branches pull is read by both") {
    for (const bool responds : {false, true}) {
        Source source;
        const auto branches = source.stream.tee();
        std::vector<std::string> outcomes;
        if (responds) {
            const auto readers = byobReaders(branches);
            std::vector<Promise<ViewStep>> reads;
            for (const auto& reader : readers) {
                reads.push_back(reader.read(Uint8Array(1)));
                reads.push_back(reader.read(Uint8Array(1)));
            }
            co_await flush();
            source.controller->byobRequest()->view()[0] = 0x11;
            source.controller->byobRequest()->respond(1);
            source.controller->close();
            for (const auto& read : reads) outcomes.push_back(co_await outcomeOf(read));
            CHECK(outcomes == std::vector<std::string>{"17", "done:", "17", "done:"});
        } else {
            std::vector<Promise<Step>> reads;
            for (const auto& branch : branches) {
                const auto reader = branch.getReader();
                reads.push_back(reader.read());
                reads.push_back(reader.read());
            }
            co_await flush();
            source.controller->enqueue({0x11});
            source.controller->close();
            for (const auto& read : reads) outcomes.push_back(co_await outcomeOf(read));
            CHECK(outcomes == std::vector<std::string>{"17", "done", "17", "done"});
        }
    }
}

// streams/readable-byte-streams/read-min

ASYNC_TEST_CASE("streams/readable-byte-streams/read-min: a min of 0 and one that is larger than the view are refused") {
    Source source;
    const auto reader = source.stream.getBYOBReader();
    const auto none = co_await reader.read(Uint8Array(1), {.min = 0}).settled();
    CHECK_THROWS_AS(none.value(), TypeError);
    const auto large = co_await reader.read(Uint8Array(1), {.min = 2}).settled();
    CHECK_THROWS_AS(large.value(), RangeError);
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/read-min: a view is filled by several pulls and then the next read") {
    std::vector<std::string> shapes;
    std::uint8_t next = 1;
    Source source([&](Controller& c) {
        const auto request = c.byobRequest();
        shapes.push_back(shapeOf(request->view()));
        const std::size_t count = shapes.size() == 1 ? 2 : 1;
        for (std::size_t i = 0; i < count; ++i) request->view()[i] = next++;
        request->respond(count);
    });
    const auto reader = source.stream.getBYOBReader();
    auto r1 = reader.read(Uint8Array(3), {.min = 3});
    auto r2 = reader.read(Uint8Array(1));
    const auto first = co_await outcomeOf(r1);
    const auto second = co_await outcomeOf(r2);
    CHECK(first == "1 2 3");
    CHECK(second == "4");
    CHECK(source.pulls == 3);
    CHECK(shapes == std::vector<std::string>{"3@0/3", "1@2/3", "1@0/1"});
}

ASYNC_TEST_CASE("streams/readable-byte-streams/read-min: what was enqueued before is the beginning of the view") {
    std::vector<std::string> shapes;
    Source source([&](Controller& c) {
        const auto request = c.byobRequest();
        shapes.push_back(shapeOf(request->view()));
        request->view()[0] = 2;
        request->view()[1] = 3;
        request->respond(2);
    });
    source.controller->enqueue({1});
    const auto outcome = co_await outcomeOf(source.stream.getBYOBReader().read(Uint8Array(3), {.min = 3}));
    CHECK(outcome == "1 2 3");
    CHECK(source.pulls == 1);
    CHECK(shapes == std::vector<std::string>{"2@1/3"});
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: several chunks are enqueued until there are enough and no more than there is room for") {
    struct Case {
        std::size_t length;
        std::size_t second;
        const char* outcome;
        std::vector<std::string> shapes;
    };
    const Case cases[]{{3, 1, "1 2 3", {"3@0/3", "1@2/3"}},
                       {5, 1, "1 2 3", {"5@0/5", "3@2/5"}},
                       {5, 2, "1 2 3 4", {"5@0/5", "3@2/5"}}};
    for (const Case& each : cases) {
        std::vector<std::string> shapes;
        Source source([&](Controller& c) {
            shapes.push_back(shapeOf(c.byobRequest()->view()));
            if (shapes.size() == 1) {
                c.enqueue({1, 2});
            } else {
                c.enqueue(Uint8Array{3, 4}.subarray(0, each.second));
            }
        });
        const auto outcome =
            co_await outcomeOf(source.stream.getBYOBReader().read(Uint8Array(each.length), {.min = 3}));
        CHECK(outcome == each.outcome);
        CHECK(source.pulls == 2);
        CHECK(shapes == each.shapes);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: what is left of a chunk is read by a default reader or by smaller views") {
    for (const bool byDefault : {true, false}) {
        Source source;
        Uint8Array chunk = filledWith(16, 0, 1);
        chunk[8] = 2;
        source.controller->enqueue(std::move(chunk));
        const auto reader = source.stream.getBYOBReader();
        const auto first = co_await reader.read(Uint8Array(8), {.min = 8});
        CHECK(shapeOf(*first) == "8@0/8");
        CHECK((*first)[0] == 1);
        if (byDefault) {
            reader.releaseLock();
            const auto second = co_await source.stream.getReader().read();
            CHECK(shapeOf(*second) == "8@8/16");
            CHECK((*second)[0] == 2);
        } else {
            const auto second = co_await reader.read(Uint8Array(8), {.min = 8});
            CHECK(shapeOf(*second) == "8@0/8");
            CHECK((*second)[0] == 2);
        }
        CHECK(source.pulls == 0);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: a view that was moved may come back later by respondWithNewView") {
    int pulls = 0;
    Bytes stream({.pull = [&](Controller& c) -> Promise<> {
        ++pulls;
        const auto initial = c.byobRequest();
        REQUIRE(initial);
        Uint8Array view = std::move(initial->view());
        co_await delay(1);
        view[0] = 1;
        c.byobRequest()->respondWithNewView(std::move(view));
        CHECK_FALSE(c.byobRequest());
        CHECK(initial->view().empty());
    }});
    const auto outcome = co_await outcomeOf(stream.getBYOBReader().read(Uint8Array(1), {.min = 1}));
    CHECK(outcome == "1");
    CHECK(pulls == 1);
}

ASYNC_TEST_CASE("streams/readable-byte-streams/read-min: a read of a closed stream is done and gives the view back") {
    Source source;
    source.controller->close();
    const auto reader = source.stream.getBYOBReader();
    Uint8Array brought{1};
    const auto outcome = co_await outcomeOf(reader.read(std::move(brought), {.min = 1}));
    CHECK(outcome == "done:");
    co_await reader.closed();
    CHECK(source.pulls == 0);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: a close before the view is filled gives what there is and one behind it changes nothing") {
    for (const bool before : {true, false}) {
        Source* self = nullptr;
        Source source([&](Controller& c) {
            if (self->pulls == 1) {
                c.byobRequest()->view()[0] = 1;
                c.byobRequest()->respond(1);
            } else if (before) {
                c.close();
                c.byobRequest()->respond(0);
            } else {
                c.byobRequest()->view()[0] = 2;
                c.byobRequest()->view()[1] = 3;
                c.byobRequest()->respond(2);
                c.close();
            }
        });
        self = &source;
        const auto reader = source.stream.getBYOBReader();
        const auto outcome = co_await outcomeOf(reader.read(Uint8Array(3), {.min = 3}));
        CHECK(outcome == (before ? "done:1" : "1 2 3"));
        CHECK(source.pulls == 2);
        co_await reader.closed();
    }
}

ASYNC_TEST_CASE("streams/readable-byte-streams/read-min: an error before or after the read rejects it") {
    for (const bool before : {true, false}) {
        Source source;
        if (before) source.controller->error(Error("error1"));
        const auto reader = source.stream.getBYOBReader();
        auto read = reader.read(Uint8Array(1), {.min = 1});
        if (!before) source.controller->error(Error("error1"));
        const auto outcome = co_await outcomeOf(read);
        const auto closed = co_await reasonOf(reader.closed());
        CHECK(outcome == "Error: error1");
        CHECK(closed == outcome);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: a cancel ends a read and keeps its view also when it is filled in part") {
    Source waiting;
    const auto reader = waiting.stream.getBYOBReader();
    auto read = reader.read(Uint8Array(1), {.min = 1});
    co_await reader.cancel(TypeError("foo"));
    const auto outcome = co_await outcomeOf(read);
    CHECK(outcome == "done");
    CHECK(waiting.told == std::vector<std::string>{"TypeError: foo"});
    CHECK(waiting.pulls == 0);

    std::vector<std::string> shapes;
    Source partly([&](Controller& c) {
        shapes.push_back(shapeOf(c.byobRequest()->view()));
        c.byobRequest()->view()[0] = 1;
        c.byobRequest()->respond(1);
        shapes.push_back(shapeOf(c.byobRequest()->view()));
    });
    co_await Promise<>::resolve();
    CHECK(partly.pulls == 0);
    const auto other = partly.stream.getBYOBReader();
    auto readPartly = other.read(Uint8Array(3), {.min = 3});
    CHECK(partly.pulls == 1);
    CHECK(shapes == std::vector<std::string>{"3@0/3", "2@1/3"});
    other.cancel();
    const auto end = co_await outcomeOf(readPartly);
    CHECK(end == "done");
    CHECK(partly.pulls == 1);
    co_await other.closed();
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/read-min: one branch of a tee may read with a min and the other without") {
    Source source;
    const auto readers = byobReaders(source.stream.tee());
    co_await Promise<>::resolve();
    CHECK(source.pulls == 0);
    auto r1 = readers[0].read(Uint8Array(3), {.min = 3});
    auto r2 = readers[1].read(Uint8Array(1));
    CHECK(source.pulls == 1);
    const auto request1 = source.controller->byobRequest();
    CHECK(request1->view().byteLength() == 3);
    request1->view()[0] = 1;
    request1->respond(1);
    const auto second = co_await outcomeOf(r2);
    CHECK(second == "1");
    CHECK(source.pulls == 2);
    const auto request2 = source.controller->byobRequest();
    CHECK(request2->view().byteLength() == 2);
    request2->view()[0] = 2;
    request2->view()[1] = 3;
    request2->respond(2);
    const auto first = co_await outcomeOf(r1);
    CHECK(first == "1 2 3");
    const auto third = co_await outcomeOf(readers[1].read(Uint8Array(2)));
    CHECK(third == "2 3");
    CHECK(source.pulls == 2);
}

// streams/readable-byte-streams/respond-after-enqueue

ASYNC_TEST_CASE("streams/readable-byte-streams/respond-after-enqueue: a respond behind an enqueue does not crash") {
    for (const bool cached : {false, true}) {
        Source source(
            [cached](Controller& c) {
                auto request = c.byobRequest();
                c.enqueue({1, 2, 3});
                if (!cached) request = c.byobRequest();
                if (request) request->respond(10); // of one that is cached a TypeError, which comes too late to count
            },
            {}, 10);
        const auto outcome = co_await outcomeOf(source.stream.getReader().read());
        CHECK(outcome == "1 2 3");
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/respond-after-enqueue: a respond behind an enqueue answers the second read") {
    Source source(
        [](Controller& c) {
            c.enqueue({1, 2, 3});
            c.byobRequest()->respond(2);
        },
        {}, 10);
    const auto reader = source.stream.getReader();
    auto r1 = reader.read();
    auto r2 = reader.read();
    const auto first = co_await outcomeOf(r1);
    const auto second = co_await outcomeOf(r2);
    CHECK(first == "1 2 3");
    CHECK(second == "0 0");
}

// streams/readable-byte-streams/bad-buffers-and-views

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: a read moves the buffer also of a stream that is closed or has chunks") {
    for (const bool closed : {true, false}) {
        Source source;
        closed ? source.controller->close() : source.controller->enqueue({1, 2, 3});
        Uint8Array view{4, 5, 6};
        const auto* const place = view.data();
        auto step = co_await source.stream.getBYOBReader().read(std::move(view));
        CHECK(view.detached()); // NOLINT(bugprone-use-after-move): that is the test
        CHECK(view.bufferByteLength() == 0);
        const Uint8Array& value = closed ? *step.returned() : *step;
        CHECK(value.data() == place);
        CHECK(numbers(value) == (closed ? "" : "1 2 3"));
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: what was moved from and what is empty is not enqueued") {
    Source source;
    Uint8Array view{1, 2, 3};
    source.controller->enqueue(std::move(view));
    CHECK_THROWS_AS(source.controller->enqueue(std::move(view)),
                    TypeError); // NOLINT(bugprone-use-after-move): the test
    CHECK_THROWS_AS(source.controller->enqueue(Uint8Array()), TypeError);
    CHECK_THROWS_AS(source.controller->enqueue(Uint8Array(10).subarray(0, 0)), TypeError);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: what was moved from and what is empty is not read into") {
    Source source;
    source.controller->enqueue({1, 2, 3});
    const auto reader = source.stream.getBYOBReader();
    Uint8Array view{4, 5, 6};
    co_await reader.read(std::move(view));
    const bool moved = co_await isRefused(reader.read(std::move(view))); // NOLINT(bugprone-use-after-move): the test
    const bool empty = co_await isRefused(reader.read(Uint8Array()));
    const bool emptyView = co_await isRefused(reader.read(Uint8Array(10).subarray(0, 0)));
    CHECK(moved);
    CHECK(empty);
    CHECK(emptyView);
}

namespace {

/// Calls `claim` with the controller while a reader waits with 4 5 6, after a close if it is said.
Promise<> whileWaiting(bool closes, std::function<void(Controller&)> claim) {
    bool called = false;
    Source source([&](Controller& c) {
        if (called) return;
        called = true;
        if (closes) c.close();
        claim(c);
    });
    const auto reader = source.stream.getBYOBReader();
    auto read = reader.read(Uint8Array{4, 5, 6});
    co_await flush();
    CHECK(called);
}

}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: respond throws if the view has been moved elsewhere") {
    for (const bool closed : {false, true}) {
        co_await whileWaiting(closed, [closed](Controller& c) {
            const Uint8Array gone(std::move(c.byobRequest()->view()));
            CHECK_THROWS_AS(c.byobRequest()->respond(closed ? 0 : 1), TypeError);
        });
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: respondWithNewView throws if the view was moved from") {
    for (const bool closed : {false, true}) {
        co_await whileWaiting(closed, [](Controller& c) {
            Uint8Array view{1, 2, 3};
            const Uint8Array gone(std::move(view));
            CHECK_THROWS_AS(
                c.byobRequest()->respondWithNewView(std::move(view)), // NOLINT(bugprone-use-after-move): the test
                TypeError);
        });
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: respondWithNewView throws if the view is empty unless the stream is closed") {
    co_await whileWaiting(false, [](Controller& c) {
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array()), TypeError);
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(3).subarray(0, 0)), TypeError);
    });
    co_await whileWaiting(true, [](Controller& c) {
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array()), RangeError); // of no buffer
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(10).subarray(0, 0)), RangeError);
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(3).subarray(0, 1)), TypeError);
    });
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: respondWithNewView throws if the view begins elsewhere or its buffer has another length") {
    co_await whileWaiting(false, [](Controller& c) {
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(3).subarray(1, 2)), RangeError);
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(10).subarray(0, 3)), RangeError);
    });
    co_await whileWaiting(true, [](Controller& c) {
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(3).subarray(1, 1)), RangeError);
    });
    bool called = false;
    Source allocated(
        [&](Controller& c) {
            called = true;
            CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(11).subarray(0, 3)), RangeError);
        },
        {}, 10);
    auto read = allocated.stream.getReader().read();
    co_await flush();
    CHECK(called);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: respondWithNewView throws if the view is longer than that of the request") {
    bool called = false;
    Source source([&](Controller& c) {
        called = true;
        CHECK_THROWS_AS(c.byobRequest()->respondWithNewView(Uint8Array(10).subarray(0, 4)), RangeError);
    });
    auto read = source.stream.getBYOBReader().read(Uint8Array(10).subarray(0, 3));
    co_await flush();
    CHECK(called);
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/bad-buffers-and-views: enqueue throws if the view has been moved elsewhere") {
    for (const bool closed : {false, true}) {
        co_await whileWaiting(closed, [](Controller& c) {
            const Uint8Array gone(std::move(c.byobRequest()->view()));
            CHECK_THROWS_AS(c.enqueue({1}), TypeError);
        });
    }
}

// streams/readable-byte-streams/enqueue-with-detached-buffer

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/enqueue-with-detached-buffer: enqueue throws when the view of the request has gone") {
    Source source([](Controller& c) {
        { const Uint8Array gone(std::move(c.byobRequest()->view())); }
        CHECK_THROWS_AS(c.enqueue({42}), TypeError);
        c.error(Error("cannot proceed"));
    });
    const auto outcome = co_await outcomeOf(source.stream.getBYOBReader().read(Uint8Array(1)));
    CHECK(outcome == "Error: cannot proceed");
}

// streams/readable-byte-streams/templated

ASYNC_TEST_CASE("streams/readable-byte-streams/templated: the readers of an empty stream of bytes") {
    for (const bool byob : {false, true}) {
        const Bytes stream({.type = ReadableStreamType::bytes});
        const auto check = [&](const auto& reader, auto read) -> Promise<> {
            CHECK(stream.locked());
            CHECK_THROWS_AS(stream.getReader(), TypeError);
            auto first = read(reader);
            auto second = read(reader);
            CHECK_FALSE(first == second);
            co_await delay(500);
            CHECK(first.state() == PromiseState::pending);
            CHECK(second.state() == PromiseState::pending);
            const bool refused = co_await isRefused(stream.cancel());
            CHECK(refused);
            const auto closedBefore = reader.closed();
            reader.releaseLock();
            CHECK(closedBefore == reader.closed());
            CHECK(isTypeError(closedBefore));
            CHECK_FALSE(stream.locked());
            const bool firstRefused = co_await isRefused(first);
            const bool secondRefused = co_await isRefused(second);
            const bool laterRefused = co_await isRefused(read(reader));
            CHECK(firstRefused);
            CHECK(secondRefused);
            CHECK(laterRefused);
        };
        if (byob) {
            const auto reader = stream.getBYOBReader();
            auto checked = check(reader, [](const auto& r) { return r.read(Uint8Array(1)); });
            co_await checked;
            const auto next = stream.getBYOBReader();
            next.cancel();
            const auto outcome = co_await outcomeOf(next.read(Uint8Array(1)));
            CHECK(outcome == "done:");
        } else {
            const auto reader = stream.getReader();
            auto checked = check(reader, [](const auto& r) { return r.read(); });
            co_await checked;
            const auto next = stream.getReader();
            next.cancel();
            const auto outcome = co_await outcomeOf(next.read());
            CHECK(outcome == "done");
        }
    }
}

ASYNC_TEST_CASE(
    "streams/readable-byte-streams/templated: enqueue and close throw after a close or an error and error does not") {
    for (const bool closes : {true, false}) {
        Source source;
        closes ? source.controller->close() : source.controller->error(Error("boo!"));
        CHECK_THROWS_AS(source.controller->enqueue({1}), TypeError);
        CHECK_THROWS_AS(source.controller->close(), TypeError);
        CHECK_NOTHROW(source.controller->error(Error("later")));
        const auto reason = co_await reasonOf(source.stream.getReader().closed());
        CHECK(reason == (closes ? "not rejected" : "Error: boo!"));
    }
}
