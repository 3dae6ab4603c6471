// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/iteration.hpp>
#include <rondo/streams.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// What is attacked here, beside what streams.cpp reads and writes and pipes: sources that give their chunks whenever they like,
// cancels and aborts of every kind of stream, reads into buffers, and sinks and transformers that are coroutines.

namespace {

using Texts = ReadableStream<std::string>;
using TextController = ReadableStreamDefaultController<std::string>;
using Bytes = ReadableStream<Uint8Array>;

/// Gives so many texts, one each time that it is asked, and then its end; `cancelled` is written down at its cancel.
Texts textsOf(Program& program, int count, const char* cancelled = nullptr) {
    return program.attempt([&] {
        return Texts({.pull =
                          [&program, count, text = std::string(longText)](TextController& controller) mutable {
                              if (count-- == 0) return controller.close();
                              program.attempt([&] { controller.enqueue(text); });
                          },
                      .cancel =
                          [&program, cancelled, text = std::string(longText)] {
                              if (cancelled) program.log(text == longText ? cancelled : "TORN");
                          }},
                     {.highWaterMark = 0, .size = [text = std::string(longText)] { return text == longText ? 1 : 0; }});
    });
}

/// Writes down what it is given; each of its functions is a coroutine.
WritableStream<std::string> sinkOf(Program& program) {
    return program.attempt([&] {
        return WritableStream<std::string>(
            {.start = [&program, text = std::string(longText)]() -> Promise<> {
                 co_await Promise<>::resolve();
                 program.log(text == longText ? "started" : "TORN");
             },
             .write = [&program, text = std::string(longText)](const std::string& chunk) -> Promise<> {
                 co_await Promise<>::resolve();
                 program.log(text == longText ? "written:" : "TORN", Program::shown(chunk));
             },
             .close = [&program, text = std::string(longText)]() -> Promise<> {
                 co_await Promise<>::resolve();
                 program.log(text == longText ? "sinkClosed" : "TORN");
             },
             .abort = [&program, text = std::string(longText)](const std::exception_ptr& reason) -> Promise<> {
                 const std::string name = Program::nameOf(reason);
                 co_await Promise<>::resolve();
                 program.log(text == longText ? "sinkAborted:" : "TORN", name);
             }});
    });
}

/// Follows the read of some bytes, and writes down how many there were.
template <class Step>
void followBytes(Program& program, const char* entry, const Promise<Step>& promise) {
    program.attempt([&] {
        promise.then(
            [&program, entry](const Step& step) { program.log(entry, ':', step ? int(step->length()) : -1); },
            [&program, entry](const std::exception_ptr& reason) { program.log(entry, ':', Program::nameOf(reason)); });
    });
}

template <class T>
auto readerOf(Program& program, const ReadableStream<T>& stream) {
    return program.attempt([&] { return stream.getReader(); }, [&] { return !stream.locked(); });
}

}

TEST_CASE("memory may end while a source gives its chunks whenever it likes") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        std::optional<TextController> controller;
        const Texts stream = program.attempt([&] {
            return Texts({.start = [&](TextController& c) { controller = c; }},
                         ByteLengthQueuingStrategy({.highWaterMark = 1000}));
        });
        const auto size = [&] { return controller->desiredSize(); };
        for (int i = 0; i < 2; ++i) {
            const auto before = size();
            program.attempt([&] { controller->enqueue(longText); }, [&] { return size() == before; });
        }
        const auto reader = readerOf(program, stream);
        for (int i = 0; i < 3; ++i) program.follow("read", program.attempt([&] { return reader.read(); }));
        co_await Promise<>::resolve();
        program.attempt([&] { controller->enqueue(longText); });
        controller->close();
    }));
}

TEST_CASE("memory may end while a stream is cancelled and its source is told once") {
    forEachFailure(onLoop([](Program& program) {
        const auto reason = program.attempt([] { return std::make_exception_ptr(Error(longText)); });
        const Texts stream = textsOf(program, 1, "sourceCancelled");
        program.follow("cancelled", program.attempt([&] { return stream.cancel(reason); }));

        const Texts later = program.attempt([&] {
            return Texts(
                {.cancel = [&program, text = std::string(longText)](const std::exception_ptr& why) -> Promise<> {
                    const std::string name = Program::nameOf(why);
                    program.log("told:", name);
                    co_await Promise<>::resolve();
                    program.log(text == longText ? "done" : "TORN");
                }});
        });
        const auto reader = readerOf(program, later);
        program.follow("closed", program.attempt([&] { return reader.closed(); }));
        program.follow("read", program.attempt([&] { return reader.read(); }));
        program.follow("cancelled", program.attempt([&] { return reader.cancel(reason); }));
    }));
}

TEST_CASE("memory may end while bytes are read into buffers") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        std::optional<ReadableByteStreamController> controller;
        const Bytes stream = program.attempt([&] {
            return Bytes(UnderlyingByteSource{.start = [&](ReadableByteStreamController& c) { controller = c; },
                                              .cancel = logging<>(program, "cancelled")});
        });
        const auto reader = program.attempt([&] { return stream.getBYOBReader(); }, [&] { return !stream.locked(); });
        const auto read = [&](const char* entry, std::size_t min) {
            followBytes(program, entry, program.attempt([&] { return reader.read(Uint8Array(70), {.min = min}); }));
        };
        read("enqueued", 1);
        read("responded", 1);
        read("filled", 64);
        co_await Promise<>::resolve();
        program.attempt([&] { controller->enqueue(Uint8Array(longText)); });
        const auto request = program.attempt([&] { return controller->byobRequest(); });
        if (request) program.attempt([&] { request->respond(7); });
        for (int i = 0; i < 2; ++i) program.attempt([&] { controller->enqueue(Uint8Array(40)); });
        read("rest", 1);
        const auto last = program.attempt([&] { return controller->byobRequest(); });
        read("cancelled", 1);
        program.follow("cancel", program.attempt([&] { return reader.cancel(); }));
    }));
}

TEST_CASE("memory may end while a default reader reads bytes from the middle of a buffer") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        std::optional<ReadableByteStreamController> controller;
        const Bytes stream = program.attempt([&] {
            return Bytes(UnderlyingByteSource{.start = [&](ReadableByteStreamController& c) { controller = c; },
                                              .autoAllocateChunkSize = 30});
        });
        const auto reader = readerOf(program, stream);
        const auto promise = program.attempt([&] { return reader.read(); });
        followBytes(program, "allocated", promise);
        co_await Promise<>::resolve();
        const auto request = program.attempt([&] { return controller->byobRequest(); });
        if (request) program.attempt([&] { request->respond(9); });
        co_await Promise<>::resolve();

        reader.releaseLock();
        const auto own = program.attempt([&] { return stream.getBYOBReader(); }, [&] { return !stream.locked(); });
        followBytes(program, "released", program.attempt([&] { return own.read(Uint8Array(60), {.min = 40}); }));
        const auto second = program.attempt([&] { return controller->byobRequest(); });
        if (second) program.attempt([&] { second->respond(10); });
        own.releaseLock();
        const auto third = program.attempt([&] { return controller->byobRequest(); });
        try {
            if (third) third->respond(10); // what was filled already is copied, and that errors the stream
        } catch (const std::bad_alloc&) {
            program.log("respond:bad_alloc");
        }
        const auto again = readerOf(program, stream);
        followBytes(program, "kept", program.attempt([&] { return again.read(); }));
    }));
}

TEST_CASE("memory may end while a stream is written to and closed") {
    forEachFailure(onLoop([](Program& program) {
        const auto stream = sinkOf(program);
        const auto writer = program.attempt([&] { return stream.getWriter(); }, [&] { return !stream.locked(); });
        program.follow("ready", program.attempt([&] { return writer.ready(); }));
        program.follow("closed", program.attempt([&] { return writer.closed(); }));
        for (int i = 0; i < 2; ++i) {
            const auto before = writer.desiredSize();
            program.follow("write", program.attempt([&] { return writer.write(longText); },
                                                    [&] { return writer.desiredSize() == before; }));
        }
        program.follow("readyAgain", program.attempt([&] { return writer.ready(); }));
        program.follow("close", program.attempt([&] { return writer.close(); }));
    }));
}

TEST_CASE("memory may end while a stream is aborted and its sink is told once") {
    forEachFailure(onLoop([](Program& program) {
        const auto reason = program.attempt([] { return std::make_exception_ptr(Error(longText)); });
        const auto writer =
            program.attempt([] { return std::make_shared<std::optional<WritableStreamDefaultWriter<std::string>>>(); });
        const auto stream = program.attempt([&] {
            return WritableStream<std::string>(
                {.start =
                     [&program](WritableStreamDefaultController& controller) {
                         controller.signal().addEventListener("abort", [&program] { program.log("signalled"); });
                     },
                 .write = [&program, writer, reason]() -> Promise<> {
                     program.follow("abort", program.attempt([&] { return (*writer)->abort(reason); }));
                     co_await Promise<>::resolve();
                 },
                 .abort = [&program](const std::exception_ptr& why) { program.log("told:", Program::nameOf(why)); }});
        });
        program.attempt([&] { *writer = stream.getWriter(); }, [&] { return !stream.locked(); });
        program.follow("write", program.attempt([&] { return (*writer)->write(longText); }));
        program.follow("queued", program.attempt([&] { return (*writer)->write(longText); }));
        program.follow("closed", program.attempt([&] { return (*writer)->closed(); }));
    }));
}

TEST_CASE("memory may end while chunks are transformed") {
    forEachFailure(onLoop([](Program& program) {
        using Controller = TransformStreamDefaultController<std::string>;
        const auto stream = program.attempt([&] {
            return TransformStream<std::string, std::string>(
                {.start = [](Controller&) -> Promise<> { co_await Promise<>::resolve(); },
                 .transform = [&program, text = std::string(longText)](const std::string& chunk,
                                                                       Controller& controller) -> Promise<> {
                     co_await Promise<>::resolve();
                     program.attempt([&] { controller.enqueue(chunk == text ? text : ""); });
                     program.attempt([&] { controller.enqueue(text); });
                 },
                 .flush =
                     [&program](Controller& controller) { program.attempt([&] { controller.enqueue(longText); }); }});
        });
        const auto writer = program.attempt([&] { return stream.writable().getWriter(); });
        const auto reader = readerOf(program, stream.readable());
        program.follow("write", program.attempt([&] { return writer.write(longText); }));
        program.follow("close", program.attempt([&] { return writer.close(); }));
        for (int i = 0; i < 4; ++i) program.follow("read", program.attempt([&] { return reader.read(); }));
    }));
}

TEST_CASE("memory may end while a transform stream is cancelled or aborted") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&] {
            return program.attempt([&] {
                return TransformStream<std::string, std::string>(
                    {.cancel = [&program, text = std::string(longText)](const std::exception_ptr& why) -> Promise<> {
                        const std::string name = Program::nameOf(why);
                        co_await Promise<>::resolve();
                        program.log(text == longText ? "told:" : "TORN", name);
                    }});
            });
        };
        const auto reason = program.attempt([] { return std::make_exception_ptr(Error(longText)); });
        const auto first = make();
        program.follow("cancel", program.attempt([&] { return first.readable().cancel(reason); }));
        const auto second = make();
        program.follow("abort", program.attempt([&] { return second.writable().abort(reason); }));
    }));
}

TEST_CASE("memory may end while a stream is piped") {
    forEachFailure(onLoop([](Program& program) {
        const Texts source = textsOf(program, 2);
        const auto sink = sinkOf(program);
        program.follow("piped", program.attempt([&] { return source.pipeTo(sink); },
                                                [&] { return !source.locked() && !sink.locked(); }));
    }));
}

TEST_CASE("memory may end while a pipe is aborted") {
    forEachFailure(onLoop([](Program& program) {
        const auto reason = program.attempt([] { return std::make_exception_ptr(Error(longText)); });
        const auto controller = program.attempt([] { return std::make_shared<AbortController>(); });
        const Texts source = textsOf(program, 2);
        const auto sink = program.attempt([&] {
            return WritableStream<std::string>(
                {.write = [&program, controller, reason] { program.attempt([&] { controller->abort(reason); }); },
                 .abort = [&program](const std::exception_ptr& why) { program.log("told:", Program::nameOf(why)); }});
        });
        program.follow("piped", program.attempt([&] { return source.pipeTo(sink, {.signal = controller->signal()}); },
                                                [&] { return !source.locked() && !sink.locked(); }));
    }));
}

TEST_CASE("memory may end while a stream is made of a generator and cancelled") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const auto generator = [](Program& of, std::string text) -> AsyncGenerator<std::string> {
            struct Leaving {
                Program& program;
                ~Leaving() { program.log("left"); }
            };
            const Leaving leaving{of};
            for (;;) co_yield text;
        };
        const auto stream = program.attempt([&] { return ReadableStream<>::from(generator(program, longText)); });
        const auto reader = readerOf(program, stream);
        const auto read = program.attempt([&] { return reader.read(); });
        program.follow("read", read);
        const auto over = program.attempt([&] { return read.then([] {}, [] {}); }); // what it gave is not copied
        co_await over;
        program.follow("cancelled", program.attempt([&] { return reader.cancel(); }));
    }));
}

TEST_CASE("memory may end while a stream has one reader behind the other and is iterated over") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const Texts stream = textsOf(program, 3);
        {
            const auto first = readerOf(program, stream);
            const auto promise = program.attempt([&] { return first.read(); });
            program.follow("first", promise);
            const auto over = program.attempt([&] { return promise.then([] {}, [] {}); }); // what it gave is not copied
            co_await over;
            first.releaseLock();
        }
        const auto chunks = program.attempt([&] { return stream.values(); }, [&] { return !stream.locked(); });
        program.follow("next", program.attempt([&] { return chunks.next(); }));
        program.follow("next", program.attempt([&] { return chunks.next(); }));
        program.follow("returned", program.attempt([&] { return chunks.return_(); }));
        program.follow("behind", program.attempt([&] { return chunks.next(); }));
    }));
}

TEST_CASE("memory may end while streams are piped") {
    forEachFailure(onLoop([](Program& program) {
        const Texts source = textsOf(program, 2);
        const auto sink = sinkOf(program);
        const auto pass = program.attempt([&] { return TransformStream<std::string, std::string>(); });
        const Texts readable = program.attempt([&] { return source.pipeThrough(pass); },
                                               [&] { return !source.locked() && !pass.writable().locked(); });
        program.follow("piped", program.attempt([&] { return readable.pipeTo(sink); },
                                                [&] { return !readable.locked() && !sink.locked(); }));
    }));
}

TEST_CASE("memory may end while a stream has two branches") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const Texts stream = textsOf(program, 2);
        const auto branches = program.attempt([&] { return stream.tee(); }, [&] { return !stream.locked(); });
        const auto first = readerOf(program, branches[0]);
        const auto second = readerOf(program, branches[1]);
        program.follow("closed", program.attempt([&] { return second.closed(); }));
        for (int i = 0; i < 2; ++i) program.follow("first", program.attempt([&] { return first.read(); }));
        for (int i = 0; i < 3; ++i) {
            const auto read = program.attempt([&] { return second.read(); });
            program.follow("second", read);
            const auto over = program.attempt([&] { return read.then([] {}, [] {}); });
            co_await over;
        }
    }));
}

TEST_CASE("memory may end while both branches of a stream are cancelled and both are told of the end") {
    forEachFailure(onLoop([](Program& program) {
        const auto reason = program.attempt([] { return std::make_exception_ptr(Error(longText)); });
        const auto branches =
            program.attempt([stream = textsOf(program, 2, "sourceCancelled")] { return stream.tee(); });
        const auto first = program.attempt([&] { return branches[0].cancel(reason); });
        program.follow("first", first);
        const auto second = program.attempt([&] { return branches[1].cancel(reason); });
        program.follow("second", second);
        program.attempt([&] {
            EventLoop::current().post([&program, first, second] {
                if (first.state() == PromiseState::pending || second.state() == PromiseState::pending)
                    program.log("PENDING");
            });
        });
    }));
}

TEST_CASE("memory may end while a stream of bytes has two branches") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const Bytes stream = program.attempt([&] {
            return Bytes(
                UnderlyingByteSource{.pull = [&program, count = 2](ReadableByteStreamController& controller) mutable {
                    if (count-- == 0) return controller.close();
                    program.attempt([&] { controller.enqueue(Uint8Array(longText)); });
                }});
        });
        const auto branches = program.attempt([&] { return stream.tee(); }, [&] { return !stream.locked(); });
        const auto first = program.attempt([&] { return branches[0].getBYOBReader(); });
        const auto second = readerOf(program, branches[1]);
        program.follow("closed", program.attempt([&] { return second.closed(); }));
        followBytes(program, "into", program.attempt([&] { return first.read(Uint8Array(100)); }));
        for (int i = 0; i < 2; ++i) {
            const auto read = program.attempt([&] { return second.read(); });
            followBytes(program, "second", read);
            co_await read.settled();
        }
        const auto last = program.attempt([&] { return first.read(Uint8Array(100)); });
        followBytes(program, "into", last);
        co_await last.settled();
    }));
}
