// SPDX-License-Identifier: MIT
#include "readable_streams.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <variant>

using namespace rondo;
using readable::flush;
using readable::isTypeError;
using readable::reasonOf;
using readable::Recording;
using readable::Source;
using readable::toArray;

// streams/readable-streams/general

ASYNC_TEST_CASE(
    "streams/readable-streams/general: a stream can be constructed without a source and with an empty one") {
    ReadableStream<int> none;
    ReadableStream<int> empty{UnderlyingSource<int>()};
    CHECK_FALSE(none.locked());
    CHECK_FALSE(empty.locked());
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/general: start is called in the constructor with the controller") {
    int called = 0;
    ReadableStream<int> stream({.start = [&](ReadableStreamDefaultController<int>& c) {
        ++called;
        CHECK(c.desiredSize() == 1);
    }});
    CHECK(called == 1);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/general: start may return a promise") {
    ReadableStream<std::string> stream({.start = [](auto& c) -> Promise<> {
        co_await delay(5);
        c.enqueue("a");
        c.close();
    }});
    auto reader = stream.getReader();
    const auto step = co_await reader.read();
    CHECK(*step == "a");
    co_await reader.closed();
}

ASYNC_TEST_CASE("streams/readable-streams/general: start may return a promise and reject it") {
    ReadableStream<int> stream({.start = []() -> Promise<> {
        co_await delay(1);
        throw Error("rejected!");
    }});
    const auto reason = co_await reasonOf(stream.getReader().closed());
    CHECK(reason == "Error: rejected!");
}

ASYNC_TEST_CASE("streams/readable-streams/general: different objects are enqueued and read") {
    using Chunk = std::variant<int, std::string, std::vector<int>>;
    ReadableStream<Chunk> stream({.start = [](auto& c) {
        c.enqueue(std::vector<int>{7});
        c.enqueue(std::string("test"));
        c.enqueue(1);
        c.close();
    }});
    auto reader = stream.getReader();
    auto first = reader.read();
    auto second = reader.read();
    auto third = reader.read();
    co_await reader.closed();
    const auto a = co_await first;
    const auto b = co_await second;
    const auto c = co_await third;
    CHECK(*a == Chunk(std::vector<int>{7}));
    CHECK(*b == Chunk(std::string("test")));
    CHECK(*c == Chunk(1));
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: a pull that rejects errors the stream and closed is told before read") {
    Journal log;
    ReadableStream<int> stream({.pull = [] { return Promise<>::reject(Error("pull failure")); }});
    auto reader = stream.getReader();
    reader.closed().catch_([&](const Error& e) { log("closed:", e.message()); });
    reader.read().then([](const auto&) {}, [&](const std::exception_ptr& e) { log("read:", base::describe(e)); });
    co_await flush();
    CHECK(log == "closed:pull failure read:Error: pull failure");
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull is called once upon starting the stream") {
    int pulls = 0;
    ReadableStream<int> stream({.start = [] { return Promise<>::resolve(); }, .pull = [&] { ++pulls; }});
    co_await flush();
    CHECK(pulls == 1);
    co_await delay(10);
    CHECK(pulls == 1);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull is called when a started stream that is empty is read") {
    int pulls = 0;
    ReadableStream<int> stream({.pull = [&](auto& c) {
        if (pulls > 0) c.enqueue(pulls);
        ++pulls;
    }});
    co_await flush();
    CHECK(pulls == 1);
    auto reader = stream.getReader();
    auto read = reader.read();
    CHECK(pulls == 2);
    const auto step = co_await read;
    CHECK(pulls == 3);
    CHECK(*step == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: pull is called once if a stream that is not empty is read before start ends") {
    int pulls = 0;
    ReadableStream<std::string> stream({.start =
                                            [](auto& c) {
                                                c.enqueue("a");
                                                return Promise<>::resolve();
                                            },
                                        .pull = [&] { ++pulls; }});
    auto read = stream.getReader().read();
    CHECK(pulls == 0);
    co_await flush();
    CHECK(pulls == 1);
    const auto step = co_await read;
    CHECK(*step == "a");
    co_await delay(10);
    CHECK(pulls == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: pull is called once if a stream that is not empty is read after start ends") {
    int pulls = 0;
    ReadableStream<std::string> stream({.start = [](auto& c) { c.enqueue("a"); }, .pull = [&] { ++pulls; }});
    co_await flush();
    CHECK(pulls == 0);
    auto read = stream.getReader().read();
    CHECK(pulls == 1);
    const auto step = co_await read;
    CHECK(*step == "a");
    co_await delay(10);
    CHECK(pulls == 1);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: pull is called when the last chunk is read unless the stream is draining") {
    for (const bool draining : {false, true}) {
        int pulls = 0;
        Source<std::string> source({.pull = [&] { ++pulls; }});
        auto reader = source.stream.getReader();
        co_await flush();
        CHECK(pulls == 1);
        source.controller->enqueue("a");
        CHECK(pulls == 1);
        if (draining) source.controller->close();
        co_await reader.read();
        CHECK(pulls == (draining ? 1 : 2));
        co_await delay(10);
        CHECK(pulls == (draining ? 1 : 2));
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: pull is not called until the promise of the previous call is fulfilled") {
    int pulls = 0;
    std::optional<PromiseWithResolvers<>> pulled;
    ReadableStream<int> stream({.pull = [&](auto& c) {
        c.enqueue(++pulls);
        return pulled.emplace(Promise<>::withResolvers()).promise;
    }});
    auto reader = stream.getReader();
    co_await flush();
    const auto step = co_await reader.read();
    CHECK(pulls == 1);
    CHECK(*step == 1);
    co_await delay(10);
    CHECK(pulls == 1);
    pulled->resolve();
    co_await flush();
    CHECK(pulls == 2);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull is called after start and after every read") {
    int pulls = 0;
    ReadableStream<std::string> stream(
        {.start =
             [](auto& c) {
                 c.enqueue("a");
                 c.enqueue("b");
                 c.enqueue("c");
             },
         .pull = [&] { ++pulls; }},
        {.highWaterMark = std::numeric_limits<double>::infinity(), .size = [] { return 1; }});
    auto reader = stream.getReader();
    co_await flush();
    for (const char* expected : {"a", "b", "c"}) {
        const auto step = co_await reader.read();
        CHECK(*step == expected);
    }
    co_await delay(10);
    CHECK(pulls == 4);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull is not called after start if the stream is closed by then") {
    int pulls = 0;
    ReadableStream<std::string> stream({.start =
                                            [](auto& c) {
                                                c.enqueue("a");
                                                c.close();
                                            },
                                        .pull = [&] { ++pulls; }});
    auto reader = stream.getReader();
    co_await flush();
    CHECK(pulls == 0);
    co_await reader.read();
    CHECK(pulls == 0);
    co_await reader.closed();
    CHECK(pulls == 0);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull is called after it has enqueued if the strategy allows") {
    int pulls = 0;
    ReadableStream<int> stream({.pull = [&](auto& c) { c.enqueue(++pulls); }},
                               {.highWaterMark = 4, .size = [] { return 1; }});
    co_await flush();
    CHECK(pulls == 4);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull can close the stream") {
    bool pulled = false;
    ReadableStream<int> stream({.pull = [&](auto& c) {
        pulled = true;
        c.close();
    }});
    co_await stream.getReader().closed();
    CHECK(pulled);
}

ASYNC_TEST_CASE("streams/readable-streams/general: pull can error the stream and what it throws besides is lost") {
    ReadableStream<int> errored({.pull = [](auto& c) { c.error(std::string("controller error")); }});
    const auto first = co_await reasonOf(errored.getReader().closed());
    CHECK(first == "controller error");
    ReadableStream<int> both({.pull = [](auto& c) {
        c.error(std::string("controller error"));
        throw std::string("thrown error");
    }});
    const auto second = co_await reasonOf(both.getReader().closed());
    CHECK(second == "controller error");
}

ASYNC_TEST_CASE("streams/readable-streams/general: enqueue throws when the stream is draining or closed") {
    int started = 0;
    ReadableStream<std::string> draining({.start = [&](auto& c) {
        c.enqueue("a");
        c.close();
        CHECK_THROWS_AS(c.enqueue("b"), TypeError);
        ++started;
    }});
    ReadableStream<std::string> closed({.start = [&](auto& c) {
        c.close();
        CHECK_THROWS_AS(c.enqueue("a"), TypeError);
        ++started;
    }});
    CHECK(started == 2);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/general: the functions of a source that is an object are called on it") {
    struct Counts {
        int start = 0;
        int pull = 0;
        int cancel = 0;
    };
    Counts source;
    ReadableStream<std::string> stream({.start =
                                            [&source](auto& c) {
                                                ++source.start;
                                                c.enqueue("a");
                                            },
                                        .pull = [&source] { ++source.pull; },
                                        .cancel = [&source] { ++source.cancel; }});
    auto reader = stream.getReader();
    co_await reader.read();
    reader.releaseLock();
    stream.cancel();
    CHECK(source.start == 1);
    CHECK(source.pull == 1);
    CHECK(source.cancel == 1);
    co_await stream.getReader().closed();
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: desiredSize is the highWaterMark at first and 0 when closed and nothing when errored") {
    ReadableStream<int> closed({.start =
                                    [](auto& c) {
                                        CHECK(c.desiredSize() == 10);
                                        c.close();
                                        CHECK(c.desiredSize() == 0);
                                    }},
                               {.highWaterMark = 10});
    ReadableStream<int> errored({.start =
                                     [](auto& c) {
                                         CHECK(c.desiredSize() == 10);
                                         c.error();
                                         CHECK_FALSE(c.desiredSize());
                                     }},
                                {.highWaterMark = 10});
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/general: a class can be derived from a stream") {
    struct Extended : ReadableStream<int> {
        std::string newMethod() const { return "foo"; }
    };
    CHECK(Extended().newMethod() == "foo");
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: with the default strategy desiredSize is 1 and decreases with each chunk") {
    ReadableStream<std::string> stream({.start = [](auto& c) {
        for (int expected = 1; expected > -4; --expected) {
            CHECK(c.desiredSize() == expected);
            c.enqueue("chunk");
        }
    }});
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/general: with the default strategy desiredSize is 1 again whenever a chunk has been read") {
    Source<std::string> source;
    auto reader = source.stream.getReader();
    for (const char* chunk : {"a", "b", "c", "d"}) {
        CHECK(source.controller->desiredSize() == 1);
        source.controller->enqueue(chunk);
        CHECK(source.controller->desiredSize() == 0);
        const auto step = co_await reader.read();
        CHECK(*step == chunk);
    }
}

ASYNC_TEST_CASE("streams/readable-streams/general: a push source is adapted") {
    struct Push { // RandomPushSource, without the dice
        int sent = 0;
        bool started = false;
    };
    auto push = std::make_shared<Push>();
    ReadableStream<std::string> stream({.pull = [push](ReadableStreamDefaultController<std::string>& c) {
        if (std::exchange(push->started, true)) return;
        async([push, c]() -> Promise<> {
            for (; push->sent < 8; ++push->sent) {
                co_await delay(1);
                c.enqueue(std::string(128, 'x'));
            }
            c.close();
        });
    }});
    const auto chunks = co_await toArray(stream);
    CHECK(chunks.size() == 8);
    for (const auto& chunk : chunks) CHECK(chunk.size() == 128);
}

ASYNC_TEST_CASE("streams/readable-streams/general: a pull source is adapted that is synchronous or asynchronous") {
    const std::vector<int> expected{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    int last = 0;
    bool closed = false;
    ReadableStream<int> sync({.pull = [&](auto& c) {
        if (last == 10) {
            closed = true;
            c.close();
        } else {
            c.enqueue(++last);
        }
    }});
    auto chunks = co_await toArray(sync);
    CHECK(chunks == expected);
    CHECK(closed);
    last = 0;
    closed = false;
    ReadableStream<int> asynchronous({.pull = [&](auto& c) -> Promise<> {
        co_await delay(0);
        if (last == 10) {
            closed = true;
            c.close();
        } else {
            c.enqueue(++last);
        }
    }});
    chunks = co_await toArray(asynchronous);
    CHECK(chunks == expected);
    CHECK(closed);
}

// streams/readable-streams/default-reader

ASYNC_TEST_CASE("streams/readable-streams/default-reader: closed is always the same promise") {
    ReadableStream<int> stream;
    const ReadableStreamDefaultReader<int> reader(stream);
    CHECK(reader.closed() == reader.closed());
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: a stream that is locked has no second reader whichever way it is got") {
    ReadableStream<int> direct;
    const ReadableStreamDefaultReader<int> first(direct);
    CHECK_THROWS_AS(ReadableStreamDefaultReader<int>(direct), TypeError);
    CHECK_THROWS_AS(direct.getReader(), TypeError);
    ReadableStream<int> got;
    const auto second = got.getReader();
    CHECK_THROWS_AS(ReadableStreamDefaultReader<int>(got), TypeError);
    CHECK_THROWS_AS(got.getReader(), TypeError);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: a reader can be constructed for a closed and for an errored stream") {
    Source<int> closed;
    closed.controller->close();
    CHECK_NOTHROW(ReadableStreamDefaultReader<int>(closed.stream));
    Source<int> errored;
    errored.controller->error(Error("don't say i didn't warn ya"));
    CHECK_NOTHROW(ReadableStreamDefaultReader<int>(errored.stream));
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: a read of an empty stream waits for a chunk") {
    Source<std::string> source;
    auto read = source.stream.getReader().read();
    CHECK(read.state() == PromiseState::pending);
    source.controller->enqueue("a");
    const auto step = co_await read;
    CHECK(*step == "a");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: cancel on a reader does not release it and passes its reason") {
    std::string told;
    std::optional<ReadableStream<int>> stream;
    stream.emplace(UnderlyingSource<int>{.cancel = [&](const std::exception_ptr& reason) {
        CHECK(stream->locked());
        CHECK_THROWS_AS(stream->getReader(), TypeError);
        told = base::describe(reason);
    }});
    auto reader = stream->getReader();
    co_await reader.cancel(Error("it wasn't the right time"));
    CHECK(told == "Error: it wasn't the right time");
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: closed is fulfilled when the stream is closed later") {
    Source<int> source;
    auto closed = source.stream.getReader().closed();
    source.controller->close();
    co_await closed;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: closed of a reader that was released is rejected and that of the next is not") {
    Source<int> source;
    auto first = source.stream.getReader();
    first.releaseLock();
    auto second = source.stream.getReader();
    source.controller->close();
    CHECK(isTypeError(first.closed()));
    co_await second.closed();
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: several readers can use the stream in sequence") {
    ReadableStream<std::string> stream({.start = [](auto& c) {
        c.enqueue("a");
        c.enqueue("b");
        c.close();
    }});
    auto first = stream.getReader();
    auto a = first.read();
    first.releaseLock();
    auto second = stream.getReader();
    auto b = second.read();
    second.releaseLock();
    const auto stepA = co_await a;
    const auto stepB = co_await b;
    CHECK(*stepA == "a");
    CHECK(*stepB == "b");
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: a reader that was released cannot unlock the stream again") {
    ReadableStream<std::string> stream({.start = [](auto& c) { c.enqueue("a"); }});
    auto first = stream.getReader();
    first.releaseLock();
    auto second = stream.getReader();
    first.releaseLock();
    CHECK(stream.locked());
    const auto step = co_await second.read();
    CHECK(*step == "a");
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: cancel on a reader that was released does nothing") {
    bool told = false;
    ReadableStream<std::string> stream({.start = [](auto& c) { c.enqueue("a"); }, .cancel = [&] { told = true; }});
    auto first = stream.getReader();
    first.releaseLock();
    const auto cancelled = first.cancel();
    CHECK(isTypeError(cancelled));
    const auto step = co_await stream.getReader().read();
    CHECK(*step == "a");
    const auto settled = co_await cancelled.settled();
    CHECK(settled.rejected());
    CHECK_FALSE(told);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: a second reader of an errored stream is errored as the first was") {
    Source<int> source;
    auto first = source.stream.getReader();
    auto closed = first.closed();
    auto read = first.read();
    CHECK_THROWS_AS(source.stream.getReader(), TypeError);
    source.controller->error(std::string("unique"));
    first.releaseLock();
    auto second = source.stream.getReader();
    std::vector<std::string> reasons;
    reasons.push_back(co_await reasonOf(closed));
    reasons.push_back(co_await reasonOf(read));
    reasons.push_back(co_await reasonOf(second.closed()));
    reasons.push_back(co_await reasonOf(second.read()));
    CHECK(reasons == std::vector<std::string>(4, "unique"));
}

ASYNC_TEST_CASE("streams/readable-streams/default-reader: an error without a reason rejects all the same") {
    Source<int> source;
    auto closed = source.stream.getReader().closed();
    source.controller->error();
    const auto reason = co_await reasonOf(closed);
    CHECK(reason == "null"); // what stands for undefined where something must be thrown
    ReadableStream<int> stream({.start = [] { return Promise<>::reject(std::exception_ptr()); }});
    const auto read = co_await reasonOf(stream.getReader().read());
    CHECK(read == "null");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: an error rejects closed whether it was asked for before or later") {
    Source<int> later;
    auto closed = later.stream.getReader().closed();
    later.controller->error(std::string("unique string"));
    const auto first = co_await reasonOf(closed);
    CHECK(first == "unique string");
    Source<int> before;
    before.controller->error(std::string("unique string"));
    before.stream.getReader().releaseLock();
    const auto second = co_await reasonOf(before.stream.getReader().closed());
    CHECK(second == "unique string");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: two reads of a stream that is closed or gets closed are done") {
    for (const bool before : {true, false}) {
        Source<int> source;
        if (before) source.controller->close();
        auto reader = source.stream.getReader();
        auto first = reader.read();
        auto second = reader.read();
        if (!before) source.controller->close();
        const auto a = co_await first;
        const auto b = co_await second;
        CHECK(a.done());
        CHECK(b.done());
        co_await reader.closed();
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: two reads of a stream that is errored or gets errored are rejected") {
    for (const bool before : {true, false}) {
        Source<int> source;
        if (before) source.controller->error(std::string("mashed potatoes"));
        auto reader = source.stream.getReader();
        auto first = reader.read();
        auto second = reader.read();
        if (!before) source.controller->error(std::string("mashed potatoes"));
        std::vector<std::string> reasons;
        reasons.push_back(co_await reasonOf(first));
        reasons.push_back(co_await reasonOf(second));
        reasons.push_back(co_await reasonOf(reader.closed()));
        CHECK(reasons == std::vector<std::string>(3, "mashed potatoes"));
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/default-reader: a close by the controller clears the list of reads that wait") {
    ReadableStream<int> stream({.pull = [](auto& c) { c.close(); }});
    auto reader = stream.getReader();
    const auto step = co_await reader.read();
    CHECK(step.done());
    reader.releaseLock();
    CHECK_FALSE(stream.locked());
}

// streams/readable-streams/cancel

ASYNC_TEST_CASE("streams/readable-streams/cancel: an endless push source is cancelled and that is awaited") {
    bool finished = false;
    auto stopped = std::make_shared<bool>(false);
    ReadableStream<std::string> stream(
        {.pull =
             [stopped, begun = false](ReadableStreamDefaultController<std::string>& c) mutable {
                 if (std::exchange(begun, true)) return;
                 async([stopped, c]() -> Promise<> {
                     for (;;) {
                         co_await delay(1);
                         if (*stopped) break;
                         c.enqueue(std::string(128, 'x'));
                     }
                 });
             },
         .cancel = [&, stopped]() -> Promise<> {
             *stopped = true;
             co_await delay(1);
             finished = true;
         }});
    auto reader = stream.getReader();
    std::size_t chunks = 0;
    auto cancelled = async([&]() -> Promise<> {
        co_await delay(15);
        auto promise = reader.cancel();
        CHECK_FALSE(finished);
        co_await promise;
    });
    while (auto step = co_await reader.read()) {
        CHECK(step->size() == 128);
        ++chunks;
    }
    CHECK(chunks > 0);
    co_await cancelled;
    CHECK(finished);
}

ASYNC_TEST_CASE("streams/readable-streams/cancel: the reason is passed on to the source") {
    std::string told;
    ReadableStream<int> stream({.cancel = [&](const std::exception_ptr& reason) { told = base::describe(reason); }});
    auto cancelled = stream.cancel(Error("Sorry"));
    CHECK(told == "Error: Sorry");
    co_await cancelled;
}

ASYNC_TEST_CASE("streams/readable-streams/cancel: cancel of a locked stream is rejected and leaves the source alone") {
    bool told = false;
    ReadableStream<std::string> stream({.start =
                                            [](auto& c) {
                                                c.enqueue("a");
                                                c.close();
                                            },
                                        .cancel = [&] { told = true; }});
    auto reader = stream.getReader();
    const auto settled = co_await stream.cancel().settled();
    CHECK_THROWS_AS(settled.value(), TypeError);
    const auto step = co_await reader.read();
    CHECK(*step == "a");
    co_await reader.closed();
    CHECK_FALSE(told);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/cancel: the promise is fulfilled with nothing when the source has been told") {
    bool told = false;
    ReadableStream<int> stream({.cancel = [&] { told = true; }});
    co_await stream.cancel(Error("I am tired of this stream"));
    CHECK(told);
}

ASYNC_TEST_CASE("streams/readable-streams/cancel: what the source throws rejects the promise") {
    bool told = false;
    ReadableStream<int> stream({.cancel = [&] {
        told = true;
        throw Error("test");
    }});
    const auto reason = co_await reasonOf(stream.cancel(std::string("test")));
    CHECK(told);
    CHECK(reason == "Error: test");
}

ASYNC_TEST_CASE("streams/readable-streams/cancel: the promise is settled when that of the source is and as it is") {
    for (const bool rejects : {false, true}) {
        Journal log;
        std::optional<PromiseWithResolvers<>> source;
        ReadableStream<int> stream({.cancel = [&] {
            source.emplace(Promise<>::withResolvers());
            source->promise.then([&] { log("source"); }, [&](const std::exception_ptr&) { log("source rejected"); });
            return source->promise;
        }});
        auto cancelled = stream.cancel(Error("test"));
        cancelled.then([&] { log("cancelled"); },
                       [&](const std::exception_ptr& reason) { log("rejected:", base::describe(reason)); });
        co_await delay(1);
        CHECK(log == "");
        rejects ? source->reject(Error("Sorry")) : source->resolve();
        co_await flush();
        CHECK(log == (rejects ? "source rejected rejected:Error: Sorry" : "source cancelled"));
    }
}

ASYNC_TEST_CASE("streams/readable-streams/cancel: a cancel before start has ended prevents pull from being called") {
    bool pulled = false;
    auto never = Promise<>::withResolvers();
    ReadableStream<int> stream({.start = [&] { return never.promise; }, .pull = [&] { pulled = true; }});
    auto cancelled = stream.cancel();
    co_await cancelled;
    co_await stream.getReader().closed();
    never.resolve();
    co_await flush();
    CHECK_FALSE(pulled);
}

// streams/readable-streams/count-queuing-strategy-integration

ASYNC_TEST_CASE("streams/readable-streams/count-queuing-strategy-integration: a stream takes a CountQueuingStrategy") {
    ReadableStream<int> stream(UnderlyingSource<int>(), CountQueuingStrategy({.highWaterMark = 4}));
    CHECK_FALSE(stream.locked());
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/count-queuing-strategy-integration: desiredSize is governed by a highWaterMark of 0 or 1 or 4") {
    for (const int mark : {0, 1, 4}) {
        Source<int> source(CountQueuingStrategy({.highWaterMark = static_cast<double>(mark)}));
        const auto& controller = *source.controller;
        auto reader = source.stream.getReader();
        int queued = 0;
        int read = 0;
        const auto enqueue = [&](int count) {
            for (int i = 0; i < count; ++i) {
                CHECK(controller.desiredSize() == mark - (queued - read));
                controller.enqueue(queued++);
            }
            CHECK(controller.desiredSize() == mark - (queued - read));
        };
        enqueue(mark + 2);
        for (; read < mark + 1; ++read) {
            const auto step = co_await reader.read();
            CHECK(*step == read);
        }
        enqueue(1);
        for (; read < queued; ++read) {
            const auto step = co_await reader.read();
            CHECK(*step == read);
        }
        enqueue(mark + 2);
    }
}

// streams/readable-streams/reentrant-strategies

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: enqueue inside size works") {
    int calls = 0;
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        if (++calls < 2) source->controller->enqueue("b");
        return 1;
    }});
    source->controller->enqueue("a");
    source->controller->close();
    const auto chunks = co_await toArray(source->stream);
    CHECK(chunks == std::vector<std::string>{"b", "a"});
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: close inside size does not crash") {
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        source->controller->close();
        return 1;
    }});
    source->controller->enqueue("a");
    const auto chunks = co_await toArray(source->stream);
    CHECK(chunks.empty());
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: a close request inside size works") {
    int calls = 0;
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        if (++calls == 2) source->controller->close();
        return 1;
    }});
    source->controller->enqueue("a");
    source->controller->enqueue("b");
    const auto chunks = co_await toArray(source->stream);
    CHECK(chunks == std::vector<std::string>{"a", "b"});
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: error inside size works") {
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        source->controller->error(Error("error1"));
        return 1;
    }});
    source->controller->enqueue("a");
    const auto reason = co_await reasonOf(source->stream.getReader().read());
    CHECK(reason == "Error: error1");
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: desiredSize inside size works") {
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.highWaterMark = 1, .size = [&] {
                                                    CHECK(source->controller->desiredSize() == 1);
                                                    return 1;
                                                }});
    source->controller->enqueue("a");
    source->controller->close();
    const auto chunks = co_await toArray(source->stream);
    CHECK(chunks == std::vector<std::string>{"a"});
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: cancel inside size works") {
    std::optional<Promise<>> cancelled;
    std::optional<Source<std::string>> source;
    source.emplace(UnderlyingSource<std::string>{.cancel =
                                                     [&](const std::exception_ptr& reason) {
                                                         CHECK(base::describe(reason) == "Error: error1");
                                                         CHECK_THROWS_AS(source->controller->enqueue("b"), TypeError);
                                                     }},
                   QueuingStrategy<std::string>{.highWaterMark = std::numeric_limits<double>::infinity(), .size = [&] {
                                                    cancelled.emplace(source->stream.cancel(Error("error1")));
                                                    return 1;
                                                }});
    source->controller->enqueue("a");
    co_await source->stream.getReader().closed();
    co_await *cancelled;
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: read inside size gets the chunk after") {
    int calls = 0;
    std::optional<Promise<IteratorResult<std::string>>> read;
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    Source<std::string> source(QueuingStrategy<std::string>{.highWaterMark = 0, .size = [&] {
                                                                read.emplace(reader->read());
                                                                ++calls;
                                                                return 1;
                                                            }});
    reader.emplace(source.stream.getReader());
    source.controller->enqueue("a");
    co_await flush();
    CHECK(read->state() == PromiseState::pending);
    source.controller->enqueue("b");
    CHECK(calls == 1);
    co_await flush();
    CHECK(calls == 1);
    const auto b = co_await *read;
    CHECK(*b == "b");
    const auto a = co_await reader->read();
    CHECK(*a == "a");
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: getReader inside size works") {
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        reader.emplace(source->stream.getReader());
        return 1;
    }});
    source->controller->enqueue("a");
    const auto step = co_await reader->read();
    CHECK(*step == "a");
}

ASYNC_TEST_CASE("streams/readable-streams/reentrant-strategies: tee inside size works") {
    std::optional<std::array<ReadableStream<std::string>, 2>> branches;
    std::optional<Source<std::string>> source;
    source.emplace(QueuingStrategy<std::string>{.size = [&] {
        branches.emplace(source->stream.tee());
        return 1;
    }});
    source->controller->enqueue("a");
    CHECK(source->stream.locked());
    source->controller->close();
    for (const auto& branch : *branches) {
        const auto chunks = co_await toArray(branch);
        CHECK(chunks == std::vector<std::string>{"a"});
    }
}
