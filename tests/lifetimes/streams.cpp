// SPDX-License-Identifier: MIT

// Handles of streams are dropped in every order; and every function of a program's that a stream calls drops the handles
// of that stream, and does to it whatever can be done to it.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/play.hpp"

#include <rondo/http.hpp>
#include <rondo/iteration.hpp>
#include <rondo/streams.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// A chunk that says what is done with it.
class Chunk {
public:
    explicit Chunk(Play& play) noexcept : play_(&play) {}
    Chunk(const Chunk& other) : play_(other.play_), counted_(other.counted_) { play_->at("copied"); }
    Chunk(Chunk&& other) noexcept : play_(std::exchange(other.play_, nullptr)), counted_(other.counted_) {
        if (play_) play_->at("moved");
    }
    Chunk& operator=(const Chunk&) = delete;
    Chunk& operator=(Chunk&&) = delete;
    ~Chunk() {
        if (play_) std::exchange(play_, nullptr)->at("destroyed");
    }

private:
    Play* play_;
    Counted counted_;
};

/// What a function has captured, which says when it goes.
class Captured {
public:
    explicit Captured(Play& play) noexcept : play_(&play) {}
    Captured(Captured&& other) noexcept : play_(std::exchange(other.play_, nullptr)), counted_(other.counted_) {}
    Captured& operator=(Captured&&) = delete;
    ~Captured() {
        if (play_) play_->at("gone");
    }

private:
    Play* play_;
    Counted counted_;
};

using Stream = ReadableStream<Chunk>;
using Controller = ReadableStreamDefaultController<Chunk>;
using Reader = ReadableStreamDefaultReader<Chunk>;
using Sink = WritableStream<Chunk>;
using Writer = WritableStreamDefaultWriter<Chunk>;
using Transform = TransformStream<Chunk, Chunk>;
using Bytes = ReadableStream<Uint8Array>;

/// The actions on a readable stream and its controller.
template <class T, class C>
void canRead(Play& play, std::size_t stream, std::size_t controller, T (*make)(Play&)) {
    play.can([&play, stream] {
        play.with<ReadableStream<T>>(stream, [&](auto& it) { play.follow(it.cancel(Counted()), "done"); });
    });
    play.can([&play, stream] {
        play.with<ReadableStream<T>>(stream, [&](auto& it) { play.follow(it.getReader().read(), "done"); });
    });
    play.can([&play, stream] { play.with<ReadableStream<T>>(stream, [&](auto& it) { play.hold(it.tee()); }); });
    play.can([&play, controller] { play.with<C>(controller, [](auto& it) { it.close(); }); });
    play.can([&play, controller] { play.with<C>(controller, [](auto& it) { it.error(Counted()); }); });
    play.can([&play, controller, make] { play.with<C>(controller, [&](auto& it) { it.enqueue(make(play)); }); });
}
template <class R>
void canUse(Play& play, std::size_t reader) {
    play.can([&play, reader] { play.with<R>(reader, [](auto& it) { it.releaseLock(); }); });
    play.can([&play, reader] { play.with<R>(reader, [&](auto& it) { play.follow(it.cancel(Counted()), "done"); }); });
    play.can([&play, reader] { play.with<R>(reader, [&](auto& it) { play.follow(it.read(), "done"); }); });
}
void canWrite(Play& play, std::size_t writer, std::size_t controller) {
    play.can(
        [&play, writer] { play.with<Writer>(writer, [&](auto& it) { play.follow(it.write(Chunk(play)), "done"); }); });
    play.can([&play, writer] { play.with<Writer>(writer, [&](auto& it) { play.follow(it.close(), "done"); }); });
    play.can(
        [&play, writer] { play.with<Writer>(writer, [&](auto& it) { play.follow(it.abort(Counted()), "done"); }); });
    play.can([&play, writer] { play.with<Writer>(writer, [](auto& it) { it.releaseLock(); }); });
    play.can([&play, controller] {
        play.with<WritableStreamDefaultController>(controller, [](auto& it) { it.error(Counted()); });
    });
}
Chunk aChunk(Play& play) { return Chunk(play); }
Uint8Array someBytes(Play&) { return Uint8Array("bytes"); }

/// A stream with its controller, as two handles.
std::pair<std::size_t, std::size_t> beginStream(Play& play, double highWaterMark, int chunks = 4) {
    std::optional<Controller> controller;
    const std::size_t stream =
        play.hold(Stream({.start = [&](Controller& c) { controller = c; },
                          .pull =
                              [&play, left = chunks, c = Captured(play)](Controller& into) mutable {
                                  const auto kept = into; // what is done here may be the end of the stream
                                  play.at("pull");
                                  if (left-- > 0) kept.enqueue(Chunk(play));
                              },
                          .cancel = [&play, c = Counted()] { play.at("cancel"); }},
                         {.highWaterMark = highWaterMark, .size = [&play, c = Counted()] {
                              play.at("size");
                              return 1 + c.value;
                          }}));
    return {stream, play.hold(std::move(*controller))};
}
std::pair<std::size_t, std::size_t> beginBytes(Play& play, std::optional<std::size_t> allocates = {}) {
    std::optional<ReadableByteStreamController> controller;
    const std::size_t stream = play.hold(Bytes(
        UnderlyingByteSource{.start = [&](ReadableByteStreamController& c) { controller = c; },
                             .pull =
                                 [&play, left = 4, c = Captured(play)](ReadableByteStreamController& into) mutable {
                                     const auto kept = into;
                                     play.at("pull");
                                     if (left-- > 0) kept.enqueue(Uint8Array("some bytes"));
                                 },
                             .cancel = [&play, c = Counted()] { play.at("cancel"); },
                             .autoAllocateChunkSize = allocates}));
    return {stream, play.hold(std::move(*controller))};
}
std::pair<std::size_t, std::size_t> beginSink(Play& play) {
    std::optional<WritableStreamDefaultController> controller;
    const std::size_t sink =
        play.hold(Sink({.start =
                            [&](WritableStreamDefaultController& c) {
                                controller = c;
                                c.signal().addEventListener("abort", [&play] { play.at("signal"); });
                            },
                        .write = [&play, c = Captured(play)](Chunk&&) { play.at("write"); },
                        .close = [&play, c = Counted()] { play.at("close"); },
                        .abort = [&play, c = Counted()] { play.at("abort"); }},
                       {.highWaterMark = 2, .size = [&play, c = Counted()] {
                            play.at("size");
                            return 1 + c.value;
                        }}));
    return {sink, play.hold(std::move(*controller))};
}

template <class T>
std::size_t holdReader(Play& play, std::size_t stream) {
    std::size_t reader = 0;
    play.with<ReadableStream<T>>(stream, [&](auto& it) { reader = play.hold(it.getReader()); });
    return reader;
}
std::size_t holdByobReader(Play& play, std::size_t stream) {
    std::size_t reader = 0;
    play.with<Bytes>(stream, [&](Bytes& it) { reader = play.hold(it.getBYOBReader()); });
    return reader;
}
template <class T>
void readOnce(Play& play, std::size_t reader, const char* place = "read") {
    play.with<ReadableStreamDefaultReader<T>>(reader, [&](auto& it) { play.follow(it.read(), place); });
}
void readIntoOnce(Play& play, std::size_t reader) {
    play.with<ReadableStreamBYOBReader>(
        reader, [&](ReadableStreamBYOBReader& it) { play.follow(it.read(Uint8Array(8)), "into"); });
}
template <class R>
void cancelBy(Play& play, std::size_t handle) {
    play.with<R>(handle, [&](R& it) { play.follow(it.cancel(Counted()), "cancelled"); });
}

/// Makes some streams, with what can be done to them, and begins to use them; the end comes in a task of its own.
struct Scene {
    const char* name;
    void (*begin)(Play&);
};

const std::vector<Scene> scenes{
    {"reading",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 2);
         const std::size_t reader = holdReader<Chunk>(play, stream);
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         canUse<Reader>(play, reader);
         play.with<Reader>(reader, [&](Reader& it) { play.follow(it.closed(), "closed"); });
         for (int i = 0; i < 2; ++i) readOnce<Chunk>(play, reader);
         EventLoop::current().post([&play, reader] { cancelBy<Reader>(play, reader); });
     }},
    {"reading to the end",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0);
         const std::size_t reader = holdReader<Chunk>(play, stream);
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         canUse<Reader>(play, reader);
         play.with<Reader>(reader, [&](Reader& it) { play.follow(it.closed(), "closed"); });
         for (int i = 0; i < 4; ++i) readOnce<Chunk>(play, reader);
         const std::size_t into = controller;
         EventLoop::current().post([&play, into] { play.with<Controller>(into, [](Controller& it) { it.close(); }); });
     }},
    {"iterating",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 1);
         using Iterator = ReadableStreamAsyncIterator<Chunk>;
         std::size_t values = 0;
         play.with<Stream>(stream, [&](Stream& it) { values = play.hold(it.values()); });
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         play.can([&play, values] {
             play.with<Iterator>(values, [&](Iterator& it) { play.follow(it.return_(Counted()), "done"); });
         });
         play.can(
             [&play, values] { play.with<Iterator>(values, [&](Iterator& it) { play.follow(it.next(), "done"); }); });
         for (int i = 0; i < 3; ++i) play.with<Iterator>(values, [&](Iterator& it) { play.follow(it.next(), "next"); });
         EventLoop::current().post([&play, values] {
             play.with<Iterator>(values, [&](Iterator& it) { play.follow(it.return_(Counted()), "returned"); });
         });
     }},
    {"reading into buffers",
     [](Play& play) {
         const auto [stream, controller] = beginBytes(play);
         const std::size_t reader = holdByobReader(play, stream);
         canRead<Uint8Array, ReadableByteStreamController>(play, stream, controller, someBytes);
         play.can([&play, into = controller] {
             play.with<ReadableByteStreamController>(into, [](ReadableByteStreamController& it) {
                 if (const auto request = it.byobRequest()) request->respond(3);
             });
         });
         play.can([&play, reader] { readIntoOnce(play, reader); });
         play.can([&play, reader] {
             play.with<ReadableStreamBYOBReader>(reader, [](ReadableStreamBYOBReader& it) { it.releaseLock(); });
         });
         for (int i = 0; i < 3; ++i) readIntoOnce(play, reader);
         EventLoop::current().post([&play, reader] { cancelBy<ReadableStreamBYOBReader>(play, reader); });
     }},
    {"reading bytes into buffers that are made",
     [](Play& play) {
         const auto [stream, controller] = beginBytes(play, 16);
         const std::size_t reader = holdReader<Uint8Array>(play, stream);
         canRead<Uint8Array, ReadableByteStreamController>(play, stream, controller, someBytes);
         canUse<ReadableStreamDefaultReader<Uint8Array>>(play, reader);
         for (int i = 0; i < 3; ++i) readOnce<Uint8Array>(play, reader);
         EventLoop::current().post(
             [&play, reader] { cancelBy<ReadableStreamDefaultReader<Uint8Array>>(play, reader); });
     }},
    {"two branches",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0);
         std::optional<std::array<Stream, 2>> branches;
         play.with<Stream>(stream, [&](Stream& it) { branches = it.tee(); });
         const std::size_t first = play.hold((*branches)[0].getReader());
         const std::size_t second = play.hold((*branches)[1]);
         canRead<Chunk, Controller>(play, second, controller, aChunk);
         canUse<Reader>(play, first);
         for (int i = 0; i < 2; ++i) readOnce<Chunk>(play, first);
         EventLoop::current().post([&play, first, second] {
             cancelBy<Reader>(play, first);
             cancelBy<Stream>(play, second);
         });
     }},
    {"two branches of what comes later",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0, 0);
         std::optional<std::array<Stream, 2>> branches;
         play.with<Stream>(stream, [&](Stream& it) { branches = it.tee(); });
         const std::size_t first = play.hold((*branches)[0].getReader());
         const std::size_t second = play.hold((*branches)[1].getReader());
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         canUse<Reader>(play, first);
         canUse<Reader>(play, second);
         readOnce<Chunk>(play, first);
         readOnce<Chunk>(play, second, "other");
         EventLoop::current().post([&play, into = controller] {
             play.with<Controller>(into, [&](Controller& it) { it.enqueue(Chunk(play)); });
         });
         EventLoop::current().post([&play, first, into = controller] {
             readOnce<Chunk>(play, first);
             play.with<Controller>(into, [&](Controller& it) { it.enqueue(Chunk(play)); });
         });
         EventLoop::current().post([&play, first, second] {
             cancelBy<Reader>(play, first);
             cancelBy<Reader>(play, second);
         });
     }},
    {"reading what comes later",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0, 0);
         const std::size_t reader = holdReader<Chunk>(play, stream);
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         canUse<Reader>(play, reader);
         readOnce<Chunk>(play, reader);
         EventLoop::current().post([&play, into = controller] {
             for (int i = 0; i < 2; ++i) play.with<Controller>(into, [&](Controller& it) { it.enqueue(Chunk(play)); });
         });
         EventLoop::current().post(
             [&play, into = controller] { play.with<Controller>(into, [](Controller& it) { it.error(Counted()); }); });
     }},
    {"piping what comes later",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0, 0);
         const auto [sink, sinkController] = beginSink(play);
         std::optional<Promise<>> piped;
         play.with<Stream>(stream, [&, to = sink](Stream& source) {
             play.with<Sink>(to, [&](Sink& into) { piped = source.pipeTo(into); });
         });
         play.follow(*piped, "piped");
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         play.can([&play, it = sinkController] {
             play.with<WritableStreamDefaultController>(it, [](auto& error) { error.error(Counted()); });
         });
         EventLoop::current().post([&play, into = controller] {
             for (int i = 0; i < 2; ++i) play.with<Controller>(into, [&](Controller& it) { it.enqueue(Chunk(play)); });
         });
         EventLoop::current().post(
             [&play, into = controller] { play.with<Controller>(into, [](Controller& it) { it.error(Counted()); }); });
     }},
    {"two branches of bytes",
     [](Play& play) {
         const auto [stream, controller] = beginBytes(play);
         std::optional<std::array<Bytes, 2>> branches;
         play.with<Bytes>(stream, [&](Bytes& it) { branches = it.tee(); });
         const std::size_t first = play.hold((*branches)[0].getBYOBReader());
         const std::size_t second = play.hold((*branches)[1]);
         canRead<Uint8Array, ReadableByteStreamController>(play, second, controller, someBytes);
         play.can([&play, first] { readIntoOnce(play, first); });
         for (int i = 0; i < 2; ++i) readIntoOnce(play, first);
         EventLoop::current().post([&play, first, second] {
             cancelBy<ReadableStreamBYOBReader>(play, first);
             cancelBy<Bytes>(play, second);
         });
     }},
    {"writing",
     [](Play& play) {
         const auto [sink, controller] = beginSink(play);
         std::size_t writer = 0;
         play.with<Sink>(sink, [&](Sink& it) { writer = play.hold(it.getWriter()); });
         canWrite(play, writer, controller);
         const auto write = [&play, writer] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.write(Chunk(play)), "written"); });
         };
         write();
         write();
         play.with<Writer>(writer, [&](Writer& it) { play.follow(it.ready(), "ready"); });
         EventLoop::current().post([&play, writer, write] {
             write();
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.close(), "closed"); });
         });
     }},
    {"writing and aborting",
     [](Play& play) {
         const auto [sink, controller] = beginSink(play);
         std::size_t writer = 0;
         play.with<Sink>(sink, [&](Sink& it) { writer = play.hold(it.getWriter()); });
         canWrite(play, writer, controller);
         play.with<Writer>(writer, [&](Writer& it) { play.follow(it.write(Chunk(play)), "written"); });
         play.with<Writer>(writer, [&](Writer& it) { play.follow(it.closed(), "closed"); });
         EventLoop::current().post([&play, writer] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.abort(Counted()), "aborted"); });
         });
     }},
    {"transforming",
     [](Play& play) {
         using TransformController = TransformStreamDefaultController<Chunk>;
         std::optional<TransformController> controller;
         const std::size_t stream =
             play.hold(Transform({.start = [&](TransformController& c) { controller = c; },
                                  .transform =
                                      [&play, c = Counted()](Chunk&& chunk, TransformController& given) {
                                          const auto into = given;
                                          Chunk kept(std::move(chunk));
                                          play.at("transform");
                                          into.enqueue(std::move(kept));
                                      },
                                  .flush = [&play, c = Captured(play)] { play.at("flush"); },
                                  .cancel = [&play, c = Counted()] { play.at("cancel"); }},
                                 {.highWaterMark = 1,
                                  .size =
                                      [&play, c = Counted()] {
                                          play.at("size");
                                          return 1 + c.value;
                                      }},
                                 {.highWaterMark = 1, .size = [&play, c = Counted()] {
                                      play.at("sizeOfResult");
                                      return 1 + c.value;
                                  }}));
         const std::size_t into = play.hold(std::move(*controller));
         std::size_t writer = 0;
         std::size_t reader = 0;
         play.with<Transform>(stream, [&](Transform& it) {
             writer = play.hold(it.writable().getWriter());
             reader = play.hold(it.readable().getReader());
         });
         play.can([&play, into] {
             play.with<TransformController>(into, [](TransformController& it) { it.error(Counted()); });
         });
         play.can(
             [&play, into] { play.with<TransformController>(into, [](TransformController& it) { it.terminate(); }); });
         play.can([&play, into] {
             play.with<TransformController>(into, [&](TransformController& it) { it.enqueue(Chunk(play)); });
         });
         play.can([&play, writer] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.abort(Counted()), "done"); });
         });
         play.can([&play, writer] { play.with<Writer>(writer, [&](Writer& it) { play.follow(it.close(), "done"); }); });
         play.can([&play, writer] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.write(Chunk(play)), "done"); });
         });
         canUse<Reader>(play, reader);
         for (int i = 0; i < 2; ++i)
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.write(Chunk(play)), "written"); });
         readOnce<Chunk>(play, reader);
         EventLoop::current().post([&play, writer, reader] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.close(), "closed"); });
             readOnce<Chunk>(play, reader);
         });
     }},
    {"transforming and cancelling",
     [](Play& play) {
         const std::size_t stream =
             play.hold(Transform({.cancel = [&play, c = Counted()] { play.at("cancel"); }}, {}, {.highWaterMark = 2}));
         std::size_t writer = 0;
         std::size_t reader = 0;
         play.with<Transform>(stream, [&](Transform& it) {
             writer = play.hold(it.writable().getWriter());
             reader = play.hold(it.readable().getReader());
         });
         canUse<Reader>(play, reader);
         play.can([&play, writer] {
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.abort(Counted()), "done"); });
         });
         for (int i = 0; i < 2; ++i)
             play.with<Writer>(writer, [&](Writer& it) { play.follow(it.write(Chunk(play)), "written"); });
         EventLoop::current().post([&play, reader] { cancelBy<Reader>(play, reader); });
     }},
    {"piping",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 1);
         const auto [sink, sinkController] = beginSink(play);
         const std::size_t aborts = play.hold(AbortController());
         std::optional<Promise<>> piped;
         play.with<AbortController>(aborts, [&, from = stream, to = sink](AbortController& it) {
             play.with<Stream>(from, [&](Stream& source) {
                 play.with<Sink>(to, [&](Sink& into) { piped = source.pipeTo(into, {.signal = it.signal()}); });
             });
         });
         play.follow(*piped, "piped");
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         play.can([&play, it = sinkController] {
             play.with<WritableStreamDefaultController>(it, [](auto& error) { error.error(Counted()); });
         });
         play.can(
             [&play, aborts] { play.with<AbortController>(aborts, [](AbortController& it) { it.abort(Counted()); }); });
         EventLoop::current().post([&play, into = controller] {
             play.with<Controller>(into, [](Controller& it) { it.close(); });
             play.with<Controller>(into, [](Controller& it) { it.error(Counted()); });
         });
     }},
    {"piping through a transform stream",
     [](Play& play) {
         const auto [stream, controller] = beginStream(play, 0);
         const std::size_t through =
             play.hold(Transform({.transform =
                                      [&play, c = Counted()](Chunk&& chunk, auto& given) {
                                          const auto into = given;
                                          Chunk kept(std::move(chunk));
                                          play.at("transform");
                                          into.enqueue(std::move(kept));
                                      },
                                  .flush = [&play, c = Captured(play)] { play.at("flush"); },
                                  .cancel = [&play, c = Counted()] { play.at("transformCancel"); }}));
         std::size_t reader = 0;
         play.with<Stream>(stream, [&, transform = through](Stream& it) {
             play.with<Transform>(transform,
                                  [&](Transform& into) { reader = play.hold(it.pipeThrough(into).getReader()); });
         });
         canRead<Chunk, Controller>(play, stream, controller, aChunk);
         canUse<Reader>(play, reader);
         for (int i = 0; i < 2; ++i) readOnce<Chunk>(play, reader);
         EventLoop::current().post([&play, reader] { cancelBy<Reader>(play, reader); });
     }},
    {"reading a body and its clone",
     [](Play& play) {
         const auto [stream, controller] = beginBytes(play);
         std::size_t response = 0;
         play.with<Bytes>(stream, [&](Bytes& it) { response = play.hold(Response(it)); });
         std::size_t clone = 0;
         play.with<Response>(response, [&](Response& it) { clone = play.hold(it.clone()); });
         canRead<Uint8Array, ReadableByteStreamController>(play, stream, controller, someBytes);
         play.can([&play, clone] {
             play.with<Response>(clone, [&](Response& it) { play.follow(it.body()->cancel(Counted()), "done"); });
         });
         play.can([&play, clone] {
             play.with<Response>(clone, [&](Response& it) { play.follow(it.clone().bytes(), "done"); });
         });
         play.with<Response>(response, [&](Response& it) { play.follow(it.text(), "text"); });
         EventLoop::current().post([&play, clone, into = controller] {
             play.with<Response>(clone, [&](Response& it) { play.follow(it.bytes(), "bytes"); });
             play.with<ReadableByteStreamController>(into, [](ReadableByteStreamController& it) { it.close(); });
         });
     }},
};

/// Plays a scene in which something is done besides. Returns what is wrong, and where the scene has been.
std::string wrongIn(const Scene& scene, const std::string& place, const std::function<void(Play&)>& besides,
                    std::set<std::string>* places = nullptr, std::size_t* handles = nullptr,
                    std::size_t* actions = nullptr) {
    std::string wrong;
    Counted::reset();
    CountingSource source;
    {
        Play play(place, besides);
        {
            EventLoop loop({.virtualTime = true});
            loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
            loop.run([&] { scene.begin(play); });
            if (handles) *handles = play.handles();
            if (actions) *actions = play.actions();
            if (loop.uncaught().any()) wrong += "an error was reported; ";
            play.dropSome(~0U);
            loop.run([] {});
        }
        if (places) *places = play.places();
    }
    if (Counted::alive != 0) wrong += std::to_string(Counted::alive) + " objects were left; ";
    if (const int blocks = source.balance()) wrong += std::to_string(blocks) + " blocks were left; ";
    return wrong;
}

/// Drops the handles in this order, so many ticks one behind the other.
Promise<> dropOneByOne(Play& play, std::vector<std::size_t> order, int ticks) {
    for (const std::size_t handle : order) {
        for (int i = 0; i < ticks; ++i) {
            const auto tick = Promise<>::resolve();
            co_await tick;
        }
        play.drop(handle);
    }
}

/// Returns what is left when the last handle has gone and the loop is dry.
std::string leftBehind(const Scene& scene, const std::vector<std::size_t>& order, int ticks) {
    std::string wrong;
    Counted::reset();
    CountingSource source;
    {
        Play play("", nullptr);
        EventLoop loop({.virtualTime = true});
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
        loop.run([&] {
            scene.begin(play);
            dropOneByOne(play, order, ticks);
        });
        if (Counted::alive != 0) wrong += std::to_string(Counted::alive) + " objects are left for the loop; ";
    }
    if (const int blocks = source.balance()) wrong += std::to_string(blocks) + " blocks were left; ";
    return wrong;
}

}

TEST_CASE("the handles of a stream may be dropped in every order and nothing is left for the loop to collect") {
    for (const Scene& scene : scenes) {
        std::size_t handles = 0;
        wrongIn(scene, "", nullptr, nullptr, &handles);
        for (const int ticks : {0, 1, 2, 5}) {
            std::vector<std::size_t> order;
            for (std::size_t i = 0; i < handles; ++i) order.push_back(i);
            do {
                std::string shown;
                for (const std::size_t each : order) shown += std::to_string(each);
                INFO(scene.name << " / " << shown << ", each behind " << ticks << " ticks");
                CHECK(leftBehind(scene, order, ticks) == "");
            } while (std::next_permutation(order.begin(), order.end()));
        }
    }
}

TEST_CASE("whatever a stream calls may drop any of its handles") {
    for (const Scene& scene : scenes) {
        std::set<std::string> places;
        std::size_t handles = 0;
        CHECK(wrongIn(scene, "", nullptr, &places, &handles) == "");
        CHECK(places.size() > 2);
        for (const std::string& place : places) {
            for (unsigned mask = 1; mask < 1U << handles; ++mask) {
                INFO(scene.name << " / " << place << " / " << mask);
                CHECK(wrongIn(scene, place, [mask](Play& play) { play.dropSome(mask); }) == "");
            }
        }
    }
}

TEST_CASE("whatever a stream calls may do to it whatever can be done") {
    for (const Scene& scene : scenes) {
        std::set<std::string> places;
        std::size_t actions = 0;
        wrongIn(scene, "", nullptr, &places, nullptr, &actions);
        CHECK(actions > 0);
        for (const std::string& place : places) {
            for (std::size_t action = 0; action < actions; ++action) {
                INFO(scene.name << " / " << place << " / " << action);
                CHECK(wrongIn(scene, place, [action](Play& play) { play.act(action); }) == "");
                INFO("and all handles are dropped");
                CHECK(wrongIn(scene, place, [action](Play& play) {
                          play.act(action);
                          play.dropSome(~0U);
                      }) == "");
            }
        }
    }
}

TEST_CASE("handles of streams that outlive their loop do nothing or refuse where there is none and in the next") {
    for (const Scene& scene : scenes) {
        for (const bool next : {false, true}) {
            for (const bool turned : {false, true}) {
                INFO(scene.name << (next ? ", in the next loop" : ", where there is none")
                                << (turned ? ", behind all" : ", in the middle"));
                std::size_t actions = 0;
                do {
                    Counted::reset();
                    CountingSource source;
                    {
                        Play play("", nullptr);
                        {
                            EventLoop loop({.virtualTime = true});
                            loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
                            loop.run([&] {
                                scene.begin(play);
                                if (!turned) loop.stop();
                            });
                        }
                        if (!turned) CHECK(Counted::alive == 0); // what a stream was errored with is kept
                        std::optional<EventLoop> other;
                        if (next) {
                            other.emplace(EventLoopOptions{.virtualTime = true});
                            other->rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
                        }
                        for (std::size_t i = 0; i < play.actions(); ++i) {
                            if (next) {
                                other->run([&] { play.act((actions + i) % play.actions()); });
                            } else {
                                play.act((actions + i) % play.actions());
                            }
                        }
                        if (other) CHECK_FALSE(other->alive());
                        play.dropSome(~0U);
                        actions = actions + 1 < play.actions() ? actions + 1 : 0;
                    }
                    CHECK(Counted::alive == 0);
                    CHECK(source.balance() == 0);
                } while (actions != 0);
            }
        }
    }
}
