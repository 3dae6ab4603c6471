// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/readable_stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

using IntController = ReadableStreamDefaultController<int>;

ASYNC_TEST_CASE("start is called by the constructor and pull not before what it returned is fulfilled") {
    Journal log;
    auto gate = Promise<>::withResolvers();
    ReadableStream<int> stream({.start =
                                    [&] {
                                        log("start");
                                        return gate.promise;
                                    },
                                .pull = [&] { log("pull"); }});
    log("made");
    auto read = stream.getReader().read();
    co_await Promise<>::resolve();
    log("tick");
    gate.resolve();
    for (int i = 1; i <= 4; ++i) {
        co_await Promise<>::resolve();
        log(i);
    }
    CHECK(log == "start made tick 1 pull 2 3 4");
}

ASYNC_TEST_CASE("pull is called as long as the queue takes more, and not while a call has not ended") {
    Journal log;
    std::optional<IntController> controller;
    std::optional<PromiseWithResolvers<>> pulled;
    ReadableStream<int> stream({.start = [&](IntController& c) { controller.emplace(c); },
                                .pull =
                                    [&] {
                                        log("pull");
                                        return pulled.emplace(Promise<>::withResolvers()).promise;
                                    }},
                               {.highWaterMark = 2});
    const auto turn = []() -> Promise<> {
        for (int i = 0; i < 5; ++i) co_await Promise<>::resolve();
    };
    co_await turn();
    controller->enqueue(1);
    co_await turn();
    CHECK(log == "pull");
    pulled->resolve();
    co_await turn();
    CHECK(log == "pull pull");
    controller->enqueue(2);
    pulled->resolve();
    co_await turn();
    CHECK(log == "pull pull");
    auto reader = stream.getReader();
    co_await reader.read();
    CHECK(log == "pull pull pull");
}

ASYNC_TEST_CASE("what the start of a source throws leaves the constructor and what it rejects errors the stream") {
    CHECK_THROWS_AS(ReadableStream<int>({.start = [] { throw TypeError("at once"); }}), TypeError);
    ReadableStream<int> stream({.start = [] { return Promise<>::reject(TypeError("later")); }});
    const auto settled = co_await stream.getReader().read().settled();
    CHECK(base::describe(settled.reason()) == "TypeError: later");
}

ASYNC_TEST_CASE("what pull throws or rejects errors the stream") {
    ReadableStream<int> thrower({.pull = [] { throw 3; }});
    const auto thrown = co_await thrower.getReader().read().settled();
    CHECK(base::describe(thrown.reason()) == "3");
    ReadableStream<int> rejecter({.pull = []() -> Promise<> {
        co_await Promise<>::resolve();
        throw 4;
    }});
    const auto rejected = co_await rejecter.getReader().read().settled();
    CHECK(base::describe(rejected.reason()) == "4");
}

ASYNC_TEST_CASE("cancel closes the stream at once and promises what the source's cancel does") {
    Journal log;
    auto gate = Promise<>::withResolvers();
    ReadableStream<int> stream({.cancel = [&](const std::exception_ptr& reason) {
        log("cancel:", base::describe(reason));
        return gate.promise;
    }});
    auto reader = stream.getReader();
    auto read = reader.read();
    auto cancelled = reader.cancel(std::string("enough"));
    CHECK(log == "cancel:enough");
    const auto step = co_await read;
    CHECK(step.done());
    co_await reader.closed();
    CHECK(cancelled.state() == PromiseState::pending);
    gate.resolve();
    co_await cancelled;
}

ASYNC_TEST_CASE("the reason of a cancel without one is null") {
    bool wasNull = false;
    ReadableStream<int> stream({.cancel = [&](const std::exception_ptr& reason) { wasNull = reason == nullptr; }});
    co_await stream.cancel();
    CHECK(wasNull);
}

ASYNC_TEST_CASE("what the source's cancel throws rejects the promise and the stream is closed all the same") {
    ReadableStream<int> stream({.cancel = [] { throw 5; }});
    const auto settled = co_await stream.cancel().settled();
    CHECK(base::describe(settled.reason()) == "5");
    const auto step = co_await stream.getReader().read();
    CHECK(step.done());
}

ASYNC_TEST_CASE("cancel of a locked stream is rejected and of a closed or errored one tells nobody") {
    Journal log;
    ReadableStream<int> locked({.cancel = [&] { log("cancel"); }});
    auto reader = locked.getReader();
    const auto refused = co_await locked.cancel().settled();
    CHECK_THROWS_AS(refused.value(), TypeError);
    ReadableStream<int> closed({.start = [](auto& c) { c.close(); }, .cancel = [&] { log("cancel"); }});
    co_await closed.cancel();
    ReadableStream<int> errored({.start = [](auto& c) { c.error(6); }, .cancel = [&] { log("cancel"); }});
    const auto settled = co_await errored.cancel().settled();
    CHECK(base::describe(settled.reason()) == "6");
    CHECK(log == "");
}

ASYNC_TEST_CASE("streams are equal if they are one") {
    ReadableStream<int> stream;
    const ReadableStream<int> copy = stream; // NOLINT(performance-unnecessary-copy-initialization): that is the test
    CHECK(copy == stream);
    CHECK_FALSE(copy == ReadableStream<int>());
    CHECK_FALSE(stream.locked());
    const auto reader = copy.getReader();
    CHECK(stream.locked());
    co_return;
}

TEST_CASE("a stream that nobody holds is destroyed with the functions of its source") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            ReadableStream<Counted> stream({.start = [counted = Counted(1)](auto& c) { c.enqueue(Counted(9)); },
                                            .pull = [counted = Counted(2)] {},
                                            .cancel = [counted = Counted(3)] {}});
            CHECK(Counted::alive == 4);
        });
        CHECK(Counted::alive == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a read that nobody can answer any more is collected") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        struct AtEnd {
            ~AtEnd() { log("collected"); }
            Journal& log;
        };
        async([&]() -> Promise<> {
            const AtEnd atEnd{log};
            auto read = ReadableStream<int>().getReader().read();
            co_await read;
            log("never");
        });
        log("waits");
        co_await Promise<>::resolve();
    });
    CHECK(log == "waits collected");
}

TEST_CASE("a pull that is a coroutine keeps its stream and its captures until it has ended") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto read = [&] {
            ReadableStream<std::string> stream(
                {.pull = [text = std::string("a text that is not short at all")](auto& c) -> Promise<> {
                    for (int i = 0; i < 9; ++i) co_await Promise<>::resolve();
                    c.enqueue(text);
                }});
            return stream.getReader().read();
        }();
        read.then([&](const IteratorResult<std::string>& step) { log(*step); });
    });
    CHECK(log == "a text that is not short at all");
}

TEST_CASE("a stream that holds itself goes with its loop") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            struct Cycle {
                std::optional<ReadableStreamDefaultController<Counted>> controller;
                std::optional<ReadableStreamDefaultReader<Counted>> reader;
            };
            auto cycle = std::make_shared<Cycle>();
            ReadableStream<Counted> stream({.start = [cycle](auto& c) { cycle->controller.emplace(c); },
                                            .pull = [cycle, counted = Counted(1)] {},
                                            .cancel = [cycle] {}});
            cycle->reader.emplace(stream.getReader());
            cycle->controller->enqueue(Counted(2));
        });
        CHECK(Counted::alive == 2);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("the end of the loop destroys what is pulled, what reads, and then the source") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            struct Says {
                Says(Journal& journal, const char* name) : log(&journal), text(name) {}
                Says(Says&& other) noexcept : log(std::exchange(other.log, nullptr)), text(other.text) {}
                ~Says() {
                    if (log) (*log)(text);
                }
                Journal* log;
                const char* text;
            };
            ReadableStream<int> stream({.pull = [&, says = Says(log, "source")](auto&) -> Promise<> {
                const Says pulling(log, "pull");
                const auto never = Promise<>::withResolvers();
                struct Holds {
                    PromiseWithResolvers<> held;
                };
                auto cycle = std::make_shared<Holds>(Holds{never});
                co_await never.promise;
            }});
            async([&log, stream]() -> Promise<> {
                auto reader = stream.getReader();
                const Says reading(log, "reader");
                auto read = reader.read();
                co_await read;
            });
        });
        CHECK(log == "");
    }
    CHECK(log == "pull reader source");
}

TEST_CASE("a stream that outlives its loop can be destroyed") {
    std::optional<ReadableStream<Counted>> outlives;
    std::optional<ReadableStreamDefaultController<Counted>> controller;
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            outlives.emplace(UnderlyingSource<Counted>{.start = [&](auto& c) { controller.emplace(c); },
                                                       .pull = [counted = Counted(1)] {}});
            controller->enqueue(Counted(2));
        });
    }
    CHECK(Counted::alive == 0);
    CHECK(outlives->locked() == false);
    controller->error(1);
    controller.reset();
    outlives.reset();
}

TEST_CASE("without memory for a stream nothing is left behind") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            source.failAfter(successes);
            try {
                ReadableStream<int> stream({.start = [](auto& c) { c.enqueue(1); }, .pull = [] {}, .cancel = [] {}},
                                           {.highWaterMark = 2, .size = [] { return 1; }});
                auto reader = stream.getReader();
                static_cast<void>(reader.read());
            } catch (const std::bad_alloc&) { // that is what it is for
            }
            source.disarm();
        });
    });
}
