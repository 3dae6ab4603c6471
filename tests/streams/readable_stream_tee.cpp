// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/streams/pipe.hpp>
#include <rondo/streams/readable_stream_async_iterator.hpp>
#include <rondo/streams/readable_stream_tee.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace rondo;

namespace {

/// A turn of its own: what was collected is gone.
Promise<> turn() {
    return Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
}

}

ASYNC_TEST_CASE("both branches give all chunks, each at its own pace") {
    int last = 0;
    const ReadableStream<int> stream({.pull = [&](auto& c) {
        c.enqueue(++last);
        if (last == 3) c.close();
    }});
    const auto branches = stream.tee();
    CHECK(stream.locked());
    const auto first = co_await fromAsync(branches[0]);
    const auto second = co_await fromAsync(branches[1]);
    CHECK(first == std::vector<int>{1, 2, 3});
    CHECK(second == first);
}

ASYNC_TEST_CASE("an error of the stream errors both branches") {
    std::optional<ReadableStreamDefaultController<int>> controller;
    const ReadableStream<int> stream({.start = [&](auto& c) { controller.emplace(c); }});
    const auto branches = stream.tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    auto read = first.read();
    controller->error(6);
    for (const auto& promise : {first.closed(), second.closed()}) {
        const auto settled = co_await promise.settled();
        CHECK(base::describe(settled.reason()) == "6");
    }
    const auto settled = co_await read.settled();
    CHECK(base::describe(settled.reason()) == "6");
}

ASYNC_TEST_CASE("the source is cancelled when both branches are, with both reasons") {
    std::vector<std::string> told;
    const ReadableStream<int> stream({.cancel = [&](const std::exception_ptr& reason) {
        try {
            std::rethrow_exception(reason);
        } catch (const AggregateError& error) {
            for (const auto& each : error.errors()) told.push_back(base::describe(each));
        }
    }});
    const auto branches = stream.tee();
    auto second = branches[1].cancel(2);
    CHECK(told.empty());
    CHECK(second.state() == PromiseState::pending);
    auto first = branches[0].cancel(1);
    CHECK(told == std::vector<std::string>{"1", "2"});
    co_await first;
    co_await second;
}

ASYNC_TEST_CASE("what the source's cancel rejects with rejects the cancel of both branches") {
    const ReadableStream<int> stream({.cancel = [] { throw 9; }});
    const auto branches = stream.tee();
    auto first = branches[0].cancel();
    auto second = branches[1].cancel();
    for (const auto* promise : {&first, &second}) {
        const auto settled = co_await promise->settled();
        CHECK(base::describe(settled.reason()) == "9");
    }
}

ASYNC_TEST_CASE("a chunk is copied once for two branches and not at all for one") {
    Counted::reset();
    std::optional<ReadableStreamDefaultController<Counted>> controller;
    const ReadableStream<Counted> stream({.start = [&](auto& c) { controller.emplace(c); }});
    auto branches = stream.tee();
    auto first = branches[0].getReader();
    controller->enqueue(Counted(1));
    auto one = co_await first.read();
    CHECK(one->value == 1);
    CHECK(Counted::copies == 1);
    static_cast<void>(branches[1].cancel());
    controller->enqueue(Counted(2));
    auto two = co_await first.read();
    CHECK(two->value == 2);
    CHECK(Counted::copies == 1);
}

ASYNC_TEST_CASE("what copying a chunk throws errors both branches and cancels the stream") {
    struct Uncopyable {
        Uncopyable() = default;
        Uncopyable(const Uncopyable&) { throw std::runtime_error("no copy"); }
        Uncopyable(Uncopyable&&) noexcept = default;
    };
    std::string told;
    std::optional<ReadableStreamDefaultController<Uncopyable>> controller;
    const ReadableStream<Uncopyable> stream(
        {.start = [&](auto& c) { controller.emplace(c); },
         .cancel = [&](const std::exception_ptr& reason) { told = base::describe(reason); }});
    const auto branches = stream.tee();
    controller->enqueue(Uncopyable());
    const auto settled = co_await branches[1].getReader().closed().settled();
    CHECK(base::describe(settled.reason()) == "no copy");
    CHECK(told == "no copy");
}

ASYNC_TEST_CASE("a branch that nobody holds does not keep its chunks, and the other one reads on") {
    Counted::reset();
    int last = 0;
    const ReadableStream<Counted> stream({.pull = [&](auto& c) { c.enqueue(Counted(++last)); }}, {.highWaterMark = 0});
    std::optional<ReadableStream<Counted>> kept;
    {
        auto branches = stream.tee();
        kept.emplace(branches[0]);
    }
    auto reader = kept->getReader();
    for (int i = 1; i <= 5; ++i) {
        auto step = co_await reader.read();
        CHECK(step->value == i);
    }
    for (int i = 0; i < 10; ++i) co_await Promise<>::resolve();
    CHECK(Counted::alive <= 1);
}

TEST_CASE("branches that nobody holds go, and so does the stream") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            const ReadableStream<Counted> stream(
                {.start = [](auto& c) { c.enqueue(Counted(1)); }, .pull = [counted = Counted(2)] {}});
            auto branches = stream.tee();
            auto reader = branches[0].getReader();
            static_cast<void>(reader.read());
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

ASYNC_TEST_CASE("branches that nobody holds are read as long as somebody may feed the stream") {
    Journal log;
    std::optional<ReadableStreamDefaultController<int>> controller;
    std::optional<ReadableByteStreamController> bytes;
    {
        const auto first = ReadableStream<int>({.start = [&](auto& c) { controller.emplace(c); }}).tee();
        first[0].pipeTo(WritableStream<int>({.write = [&](int chunk) { log("piped", chunk); }})).then([&] {
            log("end");
        });
        const auto second = first[1].tee();
        for (const auto& branch : second) branch.getReader().read().then([&](auto&& step) { log("read", *step); });
        const auto third =
            ReadableStream<Uint8Array>({.start = [&](ReadableByteStreamController& c) { bytes.emplace(c); }}).tee();
        third[0].getReader().read().then([&](auto&& step) { log("bytes", step->length()); });
        third[1].getBYOBReader().read(Uint8Array(4)).then([&](auto&& step) { log("view", step->length()); });
    }
    co_await turn();
    controller->enqueue(5);
    bytes->enqueue(Uint8Array(3));
    co_await turn();
    controller->close();
    co_await turn();
    CHECK(log == "piped5 bytes3 view3 read5 read5 end");
}

ASYNC_TEST_CASE("branches that nobody holds go when nobody may feed the stream any more") {
    Counted::reset();
    {
        std::optional<ReadableStreamDefaultController<int>> controller;
        const auto branches =
            ReadableStream<int>({.start = [&, counted = Counted()](auto& c) { controller.emplace(c); },
                                 .cancel = [counted = Counted()] {}})
                .tee();
        branches[0].pipeTo(WritableStream<int>({.write = [counted = Counted()](int) {}}));
        branches[1].getReader().read().finally([counted = Counted()] {});
        co_await turn();
    }
    co_await turn();
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("a branch goes when what waited in it has been answered and nobody holds it") {
    Counted::reset();
    Journal log;
    std::optional<ReadableStreamDefaultController<Counted>> controller;
    auto branches = ReadableStream<Counted>({.start = [&](auto& c) { controller.emplace(c); }}).tee();
    const auto reader = branches[0].getReader();
    {
        const auto second = branches[1].tee();
        second[0].getReader().read().then([&](auto&& step) { log(step->value); });
    }
    branches[1] = {};
    for (int i = 1; i < 5; ++i) {
        controller->enqueue(Counted(i));
        const auto step = co_await reader.read();
        CHECK(step->value == i);
    }
    co_await turn();
    CHECK(log == "1");
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("a stream of bytes has branches of bytes") {
    int pulls = 0;
    const ReadableStream<Uint8Array> stream({.pull = [&](ReadableByteStreamController& c) {
        if (++pulls == 4) {
            const auto request = c.byobRequest();
            c.close();
            if (request) request->respond(0);
            return;
        }
        if (const auto request = c.byobRequest()) {
            request->view()[0] = static_cast<std::uint8_t>(pulls);
            request->respond(1);
        } else {
            c.enqueue(Uint8Array{static_cast<std::uint8_t>(pulls)});
        }
    }});
    const auto branches = stream.tee();
    auto byob = branches[0].getBYOBReader();
    auto plain = branches[1].getReader();
    const auto one = co_await byob.read(Uint8Array(4));
    CHECK(*one == Uint8Array{1});
    CHECK(one->bufferByteLength() == 4);
    const auto alsoOne = co_await plain.read();
    CHECK(*alsoOne == Uint8Array{1});
    const auto two = co_await plain.read();
    CHECK(*two == Uint8Array{2});
    const auto alsoTwo = co_await byob.read(Uint8Array(4));
    CHECK(*alsoTwo == Uint8Array{2});
    const auto three = co_await byob.read(Uint8Array(4));
    CHECK(*three == Uint8Array{3});
    const auto end = co_await byob.read(Uint8Array(4));
    CHECK(end.done());
    CHECK(end.returned()->bufferByteLength() == 4);
    const auto alsoThree = co_await plain.read();
    CHECK(*alsoThree == Uint8Array{3});
    const auto alsoEnd = co_await plain.read();
    CHECK(alsoEnd.done());
}

ASYNC_TEST_CASE("branches of bytes are cancelled with both reasons and errored together") {
    std::string told;
    const ReadableStream<Uint8Array> cancelled(
        {.cancel = [&](const std::exception_ptr& reason) { told = base::describe(reason); },
         .type = ReadableStreamType::bytes});
    const auto pair = cancelled.tee();
    auto first = pair[0].cancel(1);
    auto second = pair[1].cancel(2);
    co_await first;
    co_await second;
    CHECK(told.starts_with("AggregateError"));

    std::optional<ReadableByteStreamController> controller;
    const ReadableStream<Uint8Array> errored(
        {.start = [&](ReadableByteStreamController& c) { controller.emplace(c); }});
    const auto branches = errored.tee();
    auto reader = branches[0].getBYOBReader();
    auto read = reader.read(Uint8Array(3));
    for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
    controller->error(8);
    const auto settled = co_await read.settled();
    CHECK(base::describe(settled.reason()) == "8");
    const auto other = co_await branches[1].getReader().read().settled();
    CHECK(base::describe(other.reason()) == "8");
}

ASYNC_TEST_CASE("what a reader was told of an error is forgotten with it when a tee gets one of the other kind") {
    for (const bool changes : {false, true}) {
        std::optional<ReadableByteStreamController> controller;
        const ReadableStream<Uint8Array> stream(
            {.start = [&](ReadableByteStreamController& c) { controller.emplace(c); }});
        const auto branches = stream.tee();
        for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
        int tick = 1;
        int end = 0;
        Promise<>::resolve().then([&] {
            if (changes) {
                branches[1].getBYOBReader().read(Uint8Array(2)).then([](auto&&) {}, [&] { end = tick; });
            } else {
                branches[1].getReader().read().then([](auto&&) {}, [&] { end = tick; });
            }
        });
        controller->error(Error("broken"));
        for (; tick < 9; ++tick) co_await Promise<>::resolve();
        CHECK(end == (changes ? 3 : 2));
    }
}

TEST_CASE("branches of bytes that wait go with their loop") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            const ReadableStream<Uint8Array> stream({.pull = [](ReadableByteStreamController&) {}});
            const auto branches = stream.tee();
            auto reader = branches[0].getBYOBReader();
            static_cast<void>(reader.read(Uint8Array(8)));
            async([branches]() -> Promise<> {
                auto other = branches[1].getReader();
                auto read = other.read();
                co_await read;
            });
        });
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("without memory for a tee or for a copy nothing is left behind") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr); // nobody prints them
        loop.run([&]() -> Promise<> {
            const ReadableStream<std::string> stream({.start = [](auto& c) { c.enqueue("a"); }});
            std::optional<Promise<IteratorResult<std::string>>> read;
            source.failAfter(successes);
            try {
                const auto branches = stream.tee();
                read.emplace(branches[0].getReader().read());
                branches[1].cancel().catch_([] {});
            } catch (const std::bad_alloc&) { // that is what it is for
            }
            for (int i = 0; i < 10; ++i) co_await Promise<>::resolve();
            source.disarm();
        });
    });
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr); // nobody prints them
        loop.run([&] {
            const ReadableStream<Uint8Array> stream(
                {.start = [](ReadableByteStreamController& c) { c.enqueue(Uint8Array(4)); }});
            source.failAfter(successes);
            try {
                const auto branches = stream.tee();
                static_cast<void>(branches[0].getBYOBReader().read(Uint8Array(1)));
                static_cast<void>(branches[1].getReader().read());
            } catch (const std::bad_alloc&) { // that is what it is for
            }
        });
    });
}

ASYNC_TEST_CASE("a source may drop both branches while it is asked for a chunk") {
    std::optional<std::array<ReadableStream<int>, 2>> branches;
    int pulls = 0;
    {
        const ReadableStream<int> stream({.pull =
                                              [&](auto& c) {
                                                  ++pulls;
                                                  branches.reset();
                                                  c.enqueue(1);
                                              }},
                                         {.highWaterMark = 0});
        branches.emplace(stream.tee());
    }
    for (int i = 0; i < 10; ++i) co_await Promise<>::resolve();
    CHECK(pulls == 1);
}

namespace {

/// What happens when it is copied.
struct Copied {
    explicit Copied(std::function<void()>& called) : f(&called) {}
    Copied(const Copied& other) : f(other.f) { (*f)(); }
    Copied(Copied&&) noexcept = default;
    Copied& operator=(const Copied&) = default;
    Copied& operator=(Copied&&) noexcept = default;
    ~Copied() = default;
    std::function<void()>* f;
};

}

ASYNC_TEST_CASE("copying a chunk may drop either branch") {
    const auto dropped = static_cast<std::size_t>(GENERATE(0, 1));
    std::function<void()> copied = [] {};
    std::optional<ReadableStream<Copied>> branches[2];
    {
        const ReadableStream<Copied> stream({.pull = [&](auto& c) { c.enqueue(Copied(copied)); }});
        const auto both = stream.tee();
        branches[0] = both[0];
        branches[1] = both[1];
    }
    copied = [&] { branches[dropped].reset(); };
    const auto reader = branches[1 - dropped]->getReader();
    const auto step = co_await reader.read();
    CHECK(static_cast<bool>(step));
    CHECK_FALSE(branches[dropped]);
}

ASYNC_TEST_CASE("a branch rejects its read when the source errors while its last chunk is taken") {
    const ReadableStream<Uint8Array> stream(
        UnderlyingByteSource{.start = [](ReadableByteStreamController& c) { c.enqueue(Uint8Array(4)); },
                             .pull = [](ReadableByteStreamController& c) { c.error(6); }},
        {.highWaterMark = 1});
    const auto branches = stream.tee();
    const auto read = branches[0].getBYOBReader().read(Uint8Array(4));
    const auto settled = co_await read.settled();
    CHECK(base::describe(settled.reason()) == "6");
}

ASYNC_TEST_CASE("a buffer that the source was given for branches that have gone may still be filled") {
    std::optional<ReadableByteStreamController> controller;
    std::optional<ReadableStream<Uint8Array>> stream;
    stream.emplace(UnderlyingByteSource{.start = [&](ReadableByteStreamController& c) { controller.emplace(c); },
                                        .autoAllocateChunkSize = 8});
    std::optional<ReadableStream<Uint8Array>> first(stream->tee()[0]);
    stream.reset();
    const auto reader = first->getReader();
    reader.read();
    co_await turn();
    reader.cancel();
    co_await turn();
    const auto request = controller->byobRequest();
    REQUIRE(request);
    request->respond(1);
    CHECK_FALSE(controller->byobRequest());
}

ASYNC_TEST_CASE("a branch that goes may end the last use of the source and leaves the other branch alone") {
    using Chunk = std::shared_ptr<int>;
    std::optional<ReadableStreamDefaultController<Chunk>> controller;
    std::optional<ReadableStream<Chunk>> stream;
    stream.emplace(UnderlyingSource<Chunk>{.start = [&](auto& c) { controller.emplace(c); }});
    std::optional<ReadableStream<Chunk>> first;
    std::optional<ReadableStream<Chunk>> second;
    {
        auto branches = stream->tee();
        first.emplace(branches[0]);
        second.emplace(branches[1]);
    }
    stream.reset();
    {
        const auto reader = second->getReader();
        const auto read = reader.read();
        controller->enqueue(Chunk(new int, [&](const int* it) {
            delete it;
            controller.reset();
        }));
        co_await read;
        reader.releaseLock();
    }
    co_await turn();
    first.reset(); // with the chunk that nobody has read
    CHECK_FALSE(controller);
    CHECK_FALSE(second->locked());
    CHECK(second->getReader().closed().state() == PromiseState::pending);
}
