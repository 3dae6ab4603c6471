// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"

#include <rondo/iteration.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// So many that what is quadratic would not end, and what calls itself would run out of stack. AddressSanitizer is
// slower, and its frames are larger.

using namespace rondo;

namespace {

constexpr int many = withAddressSanitizer ? 20'000 : 200'000;
constexpr int links = 1'000;

/// Runs `attack` on a loop, and checks that nothing is left behind.
template <class Attack>
void leavingNothing(Attack attack) {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        attack(loop, source);
    }
    CHECK(source.balance() == 0);
}

/// 0, 1, 2, ... up to this, one each time that it is asked.
ReadableStream<int> upTo(int end) {
    return ReadableStream<int>({.pull =
                                    [end, next = 0](ReadableStreamDefaultController<int>& controller) mutable {
                                        if (next == end) return controller.close();
                                        controller.enqueue(next++);
                                    }},
                               {.highWaterMark = 0});
}

/// Reads to the end, and says how many chunks there were in their order.
Promise<int> countOf(ReadableStream<int> stream) {
    const auto reader = stream.getReader();
    int count = 0;
    while (auto step = co_await reader.read()) {
        if (*step == count) ++count;
    }
    co_return count;
}

std::string said(const std::exception_ptr& reason) { return base::describe(reason); }

}

TEST_CASE("a queue of many chunks gives them in their order and keeps none of them") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        const int count = loop.runUntilSettled([&]() -> Promise<int> {
            ReadableStream<int> stream({.start = [](ReadableStreamDefaultController<int>& controller) {
                for (int i = 0; i < many; ++i) controller.enqueue(i);
                controller.close();
            }});
            co_return co_await countOf(stream);
        });
        CHECK(count == many);
        CHECK(source.balance() < 100);
    });
}

TEST_CASE("many reads that wait are answered in their order and all at once at the end") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        int inOrder = 0;
        int ended = 0;
        loop.run([&] {
            std::optional<ReadableStreamDefaultController<int>> controller;
            const ReadableStream<int> stream(
                {.start = [&](ReadableStreamDefaultController<int>& c) { controller = c; }});
            const auto reader = stream.getReader();
            for (int i = 0; i < 2 * many; ++i) {
                reader.read().then([&](const IteratorResult<int>& step) {
                    if (!step)
                        ++ended;
                    else if (*step == inOrder)
                        ++inOrder;
                });
            }
            for (int i = 0; i < many; ++i) controller->enqueue(i);
            controller->close();
        });
        CHECK(inOrder == many);
        CHECK(ended == many);
    });
}

TEST_CASE("many writes are written in their order while one is slow") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        int inOrder = 0;
        int settled = 0;
        loop.run([&] {
            const WritableStream<int> stream({.write = [&](int chunk) -> Promise<> {
                if (chunk == inOrder) ++inOrder;
                if (chunk % 1000 == 0) co_await Promise<>::resolve();
            }});
            const auto writer = stream.getWriter();
            for (int i = 0; i < many; ++i) writer.write(i).then([&] { ++settled; });
            writer.close().then([&] { ++settled; });
        });
        CHECK(inOrder == many);
        CHECK(settled == many + 1);
    });
}

TEST_CASE("many writes that wait are rejected when the stream is errored") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        int rejected = 0;
        loop.run([&] {
            const WritableStream<int> stream({.write = [](int) -> Promise<> { co_await delay(5); }});
            const auto writer = stream.getWriter();
            for (int i = 0; i < many; ++i) writer.write(i).catch_([&] { ++rejected; });
            writer.abort(Error("no more"));
        });
        CHECK(rejected == many);
    });
}

TEST_CASE("many chunks go through a pipe and a transform stream and both branches with the memory of a few") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        int first = 0;
        int second = 0;
        int most = 0;
        loop.run([&]() -> Promise<> {
            const TransformStream<int> plusOne({.transform = [](int chunk, auto& into) { into.enqueue(chunk + 1); }});
            const auto branches = upTo(many).pipeThrough(plusOne).tee();
            branches[0].pipeTo(WritableStream<int>({.write = [&](int chunk) {
                if (chunk == first + 1) ++first;
                if (first % 1000 == 0 && source.balance() > most) most = source.balance();
            }}));
            auto other = branches[1].values();
            while (auto step = co_await other.next()) {
                if (*step == second + 1) ++second;
            }
        });
        CHECK(first == many);
        CHECK(second == many);
        CHECK(most > 0);
        CHECK(most < 200);
    });
}

TEST_CASE("chunks and the end and an error and a cancel go through a thousand transform streams") {
    const auto chainOf = [](ReadableStream<int> stream) {
        for (int i = 0; i < links; ++i) stream = stream.pipeThrough(TransformStream<int>());
        return stream;
    };
    leavingNothing([&](EventLoop& loop, CountingSource&) {
        CHECK(loop.runUntilSettled([&] { return countOf(chainOf(upTo(3))); }) == 3);
    });
    leavingNothing([&](EventLoop& loop, CountingSource&) {
        std::string failure;
        loop.run([&] {
            const ReadableStream<int> fails({.pull = [] { throw std::runtime_error("broken"); }});
            chainOf(fails).getReader().read().catch_([&](std::exception_ptr reason) {
                failure = said(reason);
                return IteratorResult<int>::finished();
            });
        });
        CHECK(failure == "broken");
    });
    leavingNothing([&](EventLoop& loop, CountingSource&) {
        std::string reason;
        loop.run([&] {
            const ReadableStream<int> source({.cancel = [&](const std::exception_ptr& why) { reason = said(why); }});
            chainOf(source).cancel(std::runtime_error("enough"));
        });
        CHECK(reason == "enough");
    });
    leavingNothing([&](EventLoop& loop, CountingSource&) { // that nobody holds, and that waits for ever
        Counted::reset();
        loop.run([&] { chainOf(ReadableStream<int>({.pull = [c = Counted()] {}})); });
        CHECK(Counted::alive == 0);
    });
}

TEST_CASE("a stream has a thousand branches and a branch a thousand ancestors") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        std::vector<int> counts;
        loop.run([&] {
            auto last = upTo(3);
            for (int i = 0; i < links; ++i) {
                auto branches = last.tee();
                countOf(branches[0]).then([&](int count) { counts.push_back(count); });
                last = branches[1];
            }
            countOf(last).then([&](int count) { counts.push_back(count); });
        });
        CHECK(counts == std::vector<int>(links + 1, 3));
    });
    leavingNothing([](EventLoop& loop, CountingSource&) { // that nobody holds
        Counted::reset();
        loop.run([&] {
            ReadableStream<int> last({.pull = [c = Counted()] {}});
            for (int i = 0; i < links; ++i) last = last.tee()[static_cast<std::size_t>(i % 2)];
        });
        CHECK(Counted::alive == 0);
    });
}

TEST_CASE("a stream is made of a stream a thousand times") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        const int count = loop.runUntilSettled([&] {
            auto stream = upTo(3);
            for (int i = 0; i < links; ++i) stream = ReadableStream<int>::from(std::move(stream));
            return countOf(stream);
        });
        CHECK(count == 3);
    });
}

TEST_CASE("a stream has many readers and writers one behind the other and does not grow") {
    leavingNothing([](EventLoop& loop, CountingSource& source) {
        loop.run([&]() -> Promise<> {
            const auto stream = upTo(many);
            const WritableStream<int> sink;
            int before = 0;
            for (int i = 0; i < many / 10; ++i) {
                const auto reader = stream.getReader();
                auto read = reader.read();
                co_await read;
                reader.releaseLock();
                const auto writer = sink.getWriter();
                auto written = writer.write(1);
                co_await written;
                writer.releaseLock();
                stream.values({.preventCancel = true}).return_();
                if (i == 10) before = source.balance();
            }
            CHECK(source.balance() <= before);
        });
    });
}

TEST_CASE("bytes are read one by one from a chunk of many and into a buffer of many") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        constexpr std::size_t length = many / 10;
        std::size_t read = 0;
        std::size_t filled = 0;
        loop.run([&]() -> Promise<> {
            const ReadableStream<Uint8Array> large(UnderlyingByteSource{.pull = [](auto& controller) {
                controller.enqueue(Uint8Array(length));
                controller.close();
            }});
            const auto reader = large.getBYOBReader();
            for (;;) {
                auto next = reader.read(Uint8Array(1));
                auto step = co_await next;
                if (!step) break;
                read += step->length();
            }
            const ReadableStream<Uint8Array> small(
                UnderlyingByteSource{.pull = [](auto& controller) { controller.enqueue(Uint8Array(1)); }});
            auto whole = small.getBYOBReader().read(Uint8Array(length), {.min = length});
            auto step = co_await whole;
            filled = step->length();
        });
        CHECK(read == length);
        CHECK(filled == length);
    });
}

// What strategies do.

TEST_CASE("a size that is no number of 0 or more errors the stream it is of wherever it is asked for") {
    for (const double size : {-1.0, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
        leavingNothing([size](EventLoop& loop, CountingSource&) {
            Journal log;
            loop.run([&] {
                const auto failed = [&log](const char* name) {
                    return [&log, name](std::exception_ptr reason) {
                        log(said(reason).starts_with("RangeError") ? name : "another");
                    };
                };
                const QueuingStrategy<int> strategy{.highWaterMark = 1, .size = [size] { return size; }};
                const ReadableStream<int> source({.start = [](auto& controller) { controller.enqueue(1); }}, {});
                const ReadableStream<int> stream({.pull = [](auto& controller) { controller.enqueue(1); }}, strategy);
                stream.getReader().closed().catch_(failed("pulled"));
                const WritableStream<int> sink({}, strategy);
                source.pipeTo(sink).catch_(failed("piped"));
                const WritableStream<int> written({}, strategy);
                written.getWriter().write(1).catch_(failed("written"));
                const TransformStream<int> transform({}, {}, strategy);
                transform.writable().getWriter().write(1).catch_(failed("transformed"));
            });
            CHECK(log == "pulled written piped transformed");
        });
    }
}

TEST_CASE("a size may do to its stream what it likes") {
    using Controller = ReadableStreamDefaultController<int>;
    struct Case {
        const char* does;
        std::function<void(const ReadableStream<int>&, const Controller&, Journal&)> act;
        const char* expected;
    };
    const auto reading = [](const ReadableStream<int>& stream, Journal& log) {
        const auto reader = stream.getReader();
        reader.read().then([&log](const IteratorResult<int>& step) { log(step ? *step : -1); },
                           [&log] { log("rejected"); });
        reader.releaseLock();
    };
    const Case cases[] = {
        {"nothing", [](const auto&, const auto&, Journal&) {}, "enqueued 0 1"},
        {"enqueues", [](const auto&, const Controller& controller, Journal&) { controller.enqueue(7); },
         "enqueued -1 7 1"},
        {"closes", [](const auto&, const Controller& controller, Journal&) { controller.close(); }, "enqueued 0 -1 -1"},
        {"errors", [](const auto&, const Controller& controller, Journal&) { controller.error(1); },
         "enqueued none rejected rejected"},
        {"cancels", [](const ReadableStream<int>& stream, const auto&, Journal&) { stream.cancel(); },
         "enqueued 0 -1 -1"},
        {"reads and releases",
         [&](const ReadableStream<int>& stream, const auto&, Journal& log) { reading(stream, log); },
         "enqueued 0 rejected 1"},
    };
    for (const Case& each : cases) {
        leavingNothing([&](EventLoop& loop, CountingSource&) {
            INFO(each.does);
            Journal log;
            loop.run([&] {
                std::optional<Controller> controller;
                std::optional<ReadableStream<int>> stream;
                bool first = true;
                stream.emplace(UnderlyingSource<int>{.start = [&](Controller& c) { controller = c; }},
                               QueuingStrategy<int>{.highWaterMark = 1, .size = [&] {
                                                        if (std::exchange(first, false))
                                                            each.act(*stream, *controller, log);
                                                        return 1;
                                                    }});
                controller->enqueue(1);
                log("enqueued");
                if (const auto desired = controller->desiredSize()) {
                    log(static_cast<int>(*desired));
                } else {
                    log("none");
                }
                const auto reader = stream->getReader();
                for (int i = 0; i < 2; ++i) {
                    reader.read().then([&log](const IteratorResult<int>& step) { log(step ? *step : -1); },
                                       [&log] { log("rejected"); });
                }
            });
            CHECK(log == each.expected);
        });
    }
}

TEST_CASE("a size may begin a pipe of its own stream") {
    leavingNothing([](EventLoop& loop, CountingSource&) {
        Journal log;
        loop.run([&] {
            std::optional<ReadableStreamDefaultController<int>> controller;
            std::optional<ReadableStream<int>> stream;
            const WritableStream<int> sink({.write = [&](int chunk) { log("write", chunk); },
                                            .close = [&] { log("close"); },
                                            .abort = [&] { log("abort"); }});
            std::optional<Promise<>> piped;
            stream.emplace(UnderlyingSource<int>{.start = [&](auto& c) { controller = c; }},
                           QueuingStrategy<int>{.highWaterMark = 1, .size = [&] {
                                                    if (!piped) piped = stream->pipeTo(sink);
                                                    return 1;
                                                }});
            controller->enqueue(1);
            CHECK(piped);
            controller->enqueue(2);
            controller->close();
            piped->then([&] { log("piped"); });
            stream.reset();
        });
        CHECK(log == "write1 write2 close piped");
    });
}

// Chunks that throw.

namespace {

/// Throws when it has been moved so many times, whichever of them is moved.
struct Volatile {
    static inline int movesLeft = 0;

    Volatile() = default;
    Volatile(const Volatile& other) : counted(other.counted) { count(); }
    Volatile(Volatile&& other) : counted(other.counted) { count(); } // NOLINT(*-noexcept-move*): it throws
    Volatile& operator=(const Volatile&) = delete;
    ~Volatile() = default;

    static void count() {
        if (movesLeft-- == 0) throw std::runtime_error("moved");
    }
    Counted counted;
};

/// What becomes of the promises of some use of streams: each must be settled, or what it waits for must have been dropped.
struct Outcomes {
    Journal log;
    int pending = 0;
    std::vector<std::shared_ptr<void>> held; // a read is answered as long as somebody holds the reader

    template <class T>
    T hold(T handle) {
        held.push_back(std::make_shared<T>(handle));
        return handle;
    }
    template <class T>
    void follow(const Promise<T>& promise) {
        ++pending;
        promise.then([this] { --pending; },
                     [this](const std::exception_ptr& reason) {
                         --pending;
                         log(said(reason));
                     });
    }
};

using VolatileStream = ReadableStream<Volatile>;
VolatileStream twoChunks(Outcomes& outcomes) {
    return VolatileStream({.pull =
                               [left = 2](ReadableStreamDefaultController<Volatile>& controller) mutable {
                                   if (left-- == 0) return controller.close();
                                   controller.enqueue(Volatile());
                               },
                           .cancel = [&outcomes] { outcomes.log("cancelled"); }},
                          {.highWaterMark = 1, .size = [] { return 1; }});
}
void writeTwo(const WritableStream<Volatile>& stream, Outcomes& outcomes) {
    const auto writer = stream.getWriter();
    for (int i = 0; i < 2; ++i) {
        try {
            outcomes.follow(writer.write(Volatile()));
        } catch (const std::runtime_error&) {
            outcomes.log("thrown");
        }
    }
    outcomes.follow(writer.close());
}

struct Use {
    const char* name;
    void (*begin)(Outcomes&);
};
const Use uses[] = {
    {"reading",
     [](Outcomes& outcomes) {
         const auto reader = outcomes.hold(twoChunks(outcomes).getReader());
         for (int i = 0; i < 3; ++i) outcomes.follow(reader.read());
         outcomes.follow(reader.closed());
     }},
    {"iterating",
     [](Outcomes& outcomes) {
         auto stream = twoChunks(outcomes);
         outcomes.follow(forAwait(stream, [](const Volatile&) {}));
     }},
    {"from a generator",
     [](Outcomes& outcomes) {
         std::vector<std::unique_ptr<Volatile>> range;
         for (int i = 0; i < 2; ++i) range.push_back(std::make_unique<Volatile>());
         const auto taken = [](std::vector<std::unique_ptr<Volatile>> given) -> AsyncGenerator<Volatile> {
             for (auto& each : given) co_yield std::move(*each);
         };
         const auto reader = outcomes.hold(ReadableStream<>::from(taken(std::move(range))).getReader());
         for (int i = 0; i < 3; ++i) outcomes.follow(reader.read());
     }},
    {"two branches",
     [](Outcomes& outcomes) {
         const auto branches = twoChunks(outcomes).tee();
         for (const auto& branch : branches) {
             const auto reader = outcomes.hold(branch.getReader());
             for (int i = 0; i < 3; ++i) outcomes.follow(reader.read());
             outcomes.follow(reader.closed());
         }
     }},
    {"writing",
     [](Outcomes& outcomes) {
         writeTwo(WritableStream<Volatile>({.write = [](Volatile chunk) -> Promise<> {
                      const Volatile kept(std::move(chunk));
                      co_await Promise<>::resolve();
                  }}),
                  outcomes);
     }},
    {"transforming",
     [](Outcomes& outcomes) {
         const TransformStream<Volatile> stream(
             {.transform = [](Volatile chunk, auto& controller) { controller.enqueue(std::move(chunk)); }});
         const auto reader = outcomes.hold(stream.readable().getReader());
         for (int i = 0; i < 3; ++i) outcomes.follow(reader.read());
         writeTwo(stream.writable(), outcomes);
     }},
    {"piping",
     [](Outcomes& outcomes) {
         outcomes.follow(twoChunks(outcomes).pipeTo(WritableStream<Volatile>({.write = [](const Volatile&) {}})));
     }},
};

}

TEST_CASE("wherever moving a chunk throws somebody is told and nobody waits for ever") {
    for (const Use& use : uses) {
        int moves = 0;
        for (bool threw = true; threw && moves < 100; ++moves) {
            leavingNothing([&](EventLoop& loop, CountingSource&) {
                INFO(use.name << ", move " << moves);
                Counted::reset();
                Outcomes outcomes;
                loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
                Volatile::movesLeft = moves;
                loop.run([&] { use.begin(outcomes); });
                threw = Volatile::movesLeft < 0;
                CHECK(outcomes.pending == 0);
                CHECK((outcomes.log.text() == "") == !threw);
                outcomes.held.clear();
                CHECK(Counted::alive == 0);
            });
        }
        CHECK(moves < 100);
    }
}
