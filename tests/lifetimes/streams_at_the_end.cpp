// SPDX-License-Identifier: MIT

// What streams, and bodies that are streams, leave behind at the end of a loop.

#include "support/catch.hpp"
#include "support/loop_ends.hpp"

#include <rondo/http.hpp>
#include <rondo/iteration.hpp>
#include <rondo/streams.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using Stream = ReadableStream<Counted>;
using Controller = ReadableStreamDefaultController<Counted>;
using Bytes = ReadableStream<Uint8Array>;
using Sink = WritableStream<Counted>;
using Transform = TransformStream<Counted, Counted>;

Promise<> waits(Promise<int> promise) {
    const Counted local;
    co_await promise;
}

/// A coroutine with a capture, which waits for what is outside.
auto waiting(Outside& outside) {
    return [promise = outside.promise(), c = Counted()]() -> Promise<> {
        const Counted local;
        co_await promise;
    };
}

/// Gives so many chunks, one at a time, and then nothing more.
Stream chunks(int count) {
    return Stream({.pull =
                       [count, c = Counted()](Controller& controller) mutable {
                           if (count-- > 0) controller.enqueue(Counted());
                       },
                   .cancel = [c = Counted()] {}},
                  {.highWaterMark = 0, .size = [c = Counted()] { return c.value + 1; }});
}
/// Its writes wait for what is outside.
Sink slowSink(Outside& outside) {
    return Sink({.start = [c = Counted()] {},
                 .write = [promise = outside.promise(), c = Counted()](Counted&& chunk) -> Promise<> {
                     const Counted local(std::move(chunk));
                     co_await promise;
                 },
                 .close = waiting(outside),
                 .abort = waiting(outside)});
}

template <class Reader>
void readAll(const Reader& reader, int count) {
    for (int i = 0; i < count; ++i) reader.read().then([c = Counted()] {}, [c = Counted()] {});
    reader.closed().then([c = Counted()] {}, [c = Counted()] {});
}

const std::vector<WayToWait> readers{
    {"reads that nobody answers",
     [](Outside&) {
         const Stream stream = chunks(1);
         readAll(stream.getReader(), 3);
     }},
    {"reads whose reader is kept", [](Outside& outside) { readAll(outside.keep(chunks(1).getReader()), 3); }},
    {"a stream that is kept, with chunks in its queue",
     [](Outside& outside) {
         outside.keep(Stream({.start =
                                  [&outside, c = Counted()](Controller& controller) {
                                      outside.keep(controller);
                                      controller.enqueue(Counted());
                                      controller.enqueue(Counted());
                                  },
                              .pull = [c = Counted()] {}}));
     }},
    {"a start that waits",
     [](Outside& outside) {
         const Stream stream({.start = waiting(outside), .pull = [c = Counted()] {}});
         readAll(stream.getReader(), 2);
     }},
    {"a pull that waits",
     [](Outside& outside) {
         const Stream stream({.pull = waiting(outside), .cancel = [c = Counted()] {}});
         readAll(stream.getReader(), 2);
     }},
    {"a cancel that waits",
     [](Outside& outside) {
         const Stream stream({.pull = waiting(outside), .cancel = waiting(outside)});
         stream.cancel(Counted()).then([c = Counted()] {});
     }},
    {"a function that iterates over chunks",
     [](Outside& outside) {
         auto stream = chunks(3);
         async(
             [](Stream given, Promise<int> promise, Counted) -> Promise<> {
                 const Counted local;
                 auto values = given.values();
                 while (auto step = co_await values.next()) {
                     const Counted chunk = std::move(*step);
                     co_await promise;
                 }
             },
             std::move(stream), outside.promise(), Counted());
         auto other = chunks(3);
         forAwait(other, [promise = outside.promise(), c = Counted()](const Counted&) { return waits(promise); });
     }},
    {"a next that waits, and a return behind it",
     [](Outside& outside) {
         const auto& values = outside.keep(chunks(0).values());
         values.next().then([c = Counted()] {});
         values.next().then([c = Counted()] {});
         values.return_(Counted()).then([c = Counted()] {});
     }},
    {"a stream of a generator that waits",
     [](Outside& outside) {
         const auto generator = [](Promise<int> promise, Counted) -> AsyncGenerator<Counted> {
             const Counted local;
             co_yield Counted();
             co_await promise;
         };
         const auto stream = ReadableStream<>::from(generator(outside.promise(), Counted()));
         readAll(stream.getReader(), 3);
         const auto left = ReadableStream<>::from(generator(outside.promise(), Counted()));
         left.cancel(Counted());
     }},
    {"a stream of promises that nobody settles",
     [](Outside& outside) {
         std::vector<Promise<Counted>> promises;
         promises.push_back(Promise<>::resolve(Counted()));
         promises.push_back(outside.keep(Promise<Counted>::withResolvers()).promise);
         const auto stream = Stream::from(std::move(promises));
         readAll(stream.getReader(), 3);
     }},
    {"two branches, one ahead of the other",
     [](Outside& outside) {
         const auto branches = chunks(3).tee();
         readAll(branches[0].getReader(), 5);
         outside.keep(branches[1]);
     }},
    {"branches of branches, of which one is cancelled",
     [](Outside& outside) {
         const auto branches = chunks(3).tee();
         const auto more = branches[1].tee();
         more[0].cancel(Counted()).then([c = Counted()] {});
         readAll(outside.keep(more[1].getReader()), 5);
     }},
};

const std::vector<WayToWait> bytes{
    {"reads into buffers that nobody fills",
     [](Outside& outside) {
         const Bytes stream(UnderlyingByteSource{.pull = waiting(outside), .cancel = [c = Counted()] {}});
         const auto reader = stream.getBYOBReader();
         for (int i = 0; i < 2; ++i) reader.read(Uint8Array(8)).then([c = Counted()] {});
     }},
    {"a request for bytes that is kept",
     [](Outside& outside) {
         const Bytes stream(
             UnderlyingByteSource{.pull = [&outside, c = Counted()](ReadableByteStreamController& controller) {
                 outside.keep(*controller.byobRequest());
             }});
         const auto reader = stream.getBYOBReader();
         reader.read(Uint8Array(8)).then([c = Counted()] {});
     }},
    {"a buffer that was made for a reader without one",
     [](Outside& outside) {
         const Bytes stream(UnderlyingByteSource{.pull = waiting(outside), .autoAllocateChunkSize = 16});
         readAll(stream.getReader(), 2);
     }},
    {"branches of bytes, one of which has brought a buffer",
     [](Outside& outside) {
         const Bytes stream(UnderlyingByteSource{.pull = waiting(outside), .cancel = waiting(outside)});
         const auto branches = stream.tee();
         const auto reader = branches[0].getBYOBReader();
         reader.read(Uint8Array(8)).then([c = Counted()] {});
         readAll(outside.keep(branches[1].getReader()), 2);
     }},
    {"bodies that are being read",
     [](Outside& outside) {
         const Bytes stream(UnderlyingByteSource{.pull = waiting(outside), .cancel = [c = Counted()] {}});
         const Response response(stream);
         const Response clone = response.clone();
         response.text().then([c = Counted()] {});
         outside.keep(clone).bytes().then([c = Counted()] {});
     }},
    {"a request whose body another one has taken over",
     [](Outside& outside) {
         const Bytes stream(UnderlyingByteSource{.pull = waiting(outside), .cancel = [c = Counted()] {}});
         AbortController& controller = outside.make<AbortController>();
         const Request request("http://a/", {.method = "POST", .body = stream, .signal = controller.signal()});
         const Request other(request, {});
         outside.keep(other).text().then([c = Counted()] {});
     }},
    {"a response that its own stream holds",
     [](Outside&) {
         const auto own = std::make_shared<std::optional<Response>>();
         const Bytes stream(UnderlyingByteSource{.pull = [own, c = Counted()] {}});
         own->emplace(stream);
         (*own)->text().then([own, c = Counted()] {});
     }},
};

const std::vector<WayToWait> writers{
    {"a write in flight and those behind it",
     [](Outside& outside) {
         const Sink stream = slowSink(outside);
         const auto writer = stream.getWriter();
         for (int i = 0; i < 3; ++i) writer.write(Counted()).then([c = Counted()] {});
         writer.ready().then([c = Counted()] {});
         writer.closed().then([c = Counted()] {});
     }},
    {"a close that waits",
     [](Outside& outside) {
         const Sink stream = slowSink(outside);
         stream.close().then([c = Counted()] {});
         outside.keep(slowSink(outside)).close().then([c = Counted()] {});
     }},
    {"a close behind a write in flight",
     [](Outside& outside) {
         const auto writer = outside.keep(slowSink(outside).getWriter());
         writer.write(Counted());
         writer.close().then([c = Counted()] {});
     }},
    {"an abort that waits",
     [](Outside& outside) {
         const Sink stream = slowSink(outside);
         stream.abort(Counted()).then([c = Counted()] {});
     }},
    {"an abort behind a write in flight, and listeners of the signal",
     [](Outside& outside) {
         const Sink stream({.start =
                                [&outside](WritableStreamDefaultController& controller) {
                                    outside.keep(controller);
                                    controller.signal().addEventListener("abort", [c = Counted()] {});
                                },
                            .write = waiting(outside),
                            .abort = waiting(outside)});
         const auto writer = stream.getWriter();
         writer.write(Counted()).catch_([c = Counted()] {});
         writer.abort(Counted()).then([c = Counted()] {});
     }},
    {"a sink that holds its own writer",
     [](Outside& outside) {
         const auto own = std::make_shared<std::optional<WritableStreamDefaultWriter<Counted>>>();
         const Sink stream({.write = [own, c = Counted()] { (*own)->write(Counted()); }, .close = waiting(outside)});
         own->emplace(stream.getWriter());
         (*own)->close();
     }},
};

const std::vector<WayToWait> pipes{
    {"a transform that waits",
     [](Outside& outside) {
         const Transform stream({.transform = waiting(outside), .flush = [c = Counted()] {}});
         const auto writer = stream.writable().getWriter();
         for (int i = 0; i < 3; ++i) writer.write(Counted()).then([c = Counted()] {});
         readAll(stream.readable().getReader(), 2);
     }},
    {"a transform that nobody reads from",
     [](Outside& outside) {
         const Transform stream({.start = [c = Counted()] {}, .cancel = waiting(outside)});
         const auto writer = outside.keep(stream.writable().getWriter());
         writer.write(Counted()).then([c = Counted()] {});
         writer.close().then([c = Counted()] {});
     }},
    {"a flush and a cancel that wait",
     [](Outside& outside) {
         const Transform flushed({.flush = waiting(outside)});
         flushed.writable().close().then([c = Counted()] {});
         const Transform cancelled({.cancel = waiting(outside)});
         cancelled.readable().cancel(Counted()).then([c = Counted()] {});
         const Transform aborted({.cancel = waiting(outside)});
         aborted.writable().abort(Counted()).then([c = Counted()] {});
     }},
    {"a pipe whose source waits",
     [](Outside& outside) {
         const Stream stream({.pull = waiting(outside), .cancel = [c = Counted()] {}});
         stream.pipeTo(slowSink(outside)).then([c = Counted()] {});
     }},
    {"a pipe whose sink waits",
     [](Outside& outside) { chunks(5).pipeTo(slowSink(outside)).then([c = Counted()] {}, [c = Counted()] {}); }},
    {"a pipe that ends and waits for its sink",
     [](Outside& outside) {
         const Stream closes({.start = [](Controller& controller) { controller.close(); }});
         closes.pipeTo(slowSink(outside)).then([c = Counted()] {});
         const Stream fails({.start = [](Controller& controller) { controller.error(Counted()); }});
         fails.pipeTo(slowSink(outside)).catch_([c = Counted()] {});
     }},
    {"a pipe with a signal",
     [](Outside& outside) {
         AbortController& controller = outside.make<AbortController>();
         chunks(1).pipeTo(slowSink(outside), {.signal = controller.signal()}).then([c = Counted()] {});
         AbortController& aborted = outside.make<AbortController>();
         chunks(1).pipeTo(slowSink(outside), {.signal = aborted.signal()}).catch_([c = Counted()] {});
         aborted.abort(Counted());
     }},
    {"a chain that waits in the middle",
     [](Outside& outside) {
         const Transform slow({.transform = waiting(outside)});
         chunks(5)
             .pipeThrough(Transform())
             .pipeThrough(slow)
             .pipeThrough(Transform())
             .pipeTo(slowSink(outside))
             .then([c = Counted()] {});
     }},
    {"a chain that ends in its own source",
     [](Outside&) {
         const Transform first({.transform = [c = Counted()] {}});
         const Transform second({.flush = [c = Counted()] {}});
         const auto writer = first.writable().getWriter();
         writer.write(Counted());
         writer.releaseLock();
         first.readable().pipeTo(second.writable());
         second.readable().pipeTo(first.writable());
     }},
};

}

TEST_CASE("whatever reads a stream is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(readers) == ""); }

TEST_CASE("whatever reads bytes is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(bytes) == ""); }

TEST_CASE("whatever writes to a stream is destroyed once however its loop ends") {
    CHECK(wrongAtTheEnds(writers) == "");
}

TEST_CASE("whatever pipes is destroyed once however its loop ends") { CHECK(wrongAtTheEnds(pipes) == ""); }
