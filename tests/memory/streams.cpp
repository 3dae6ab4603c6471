// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/streams.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// What is attacked here: streams/readable_stream.hpp with its readers, controllers, iterator, from and tee;
// writable_stream.hpp, pipe.hpp and transform_stream.hpp.

namespace {

using Texts = ReadableStream<std::string>;

/// Three chunks, when they are asked for, and then its end.
UnderlyingSource<std::string> threeTexts(Program& program) {
    return {.pull =
                [&program, count = 0](auto& controller) mutable {
                    if (count == 3) return controller.close();
                    program.attempt([&] { controller.enqueue(longText); });
                    ++count;
                },
            .cancel = logging<const std::exception_ptr&>(program, "cancelled:done")};
}
Texts someTexts(Program& program) {
    return program.attempt([&] { return Texts(threeTexts(program), {.highWaterMark = 0}); });
}
UnderlyingByteSource threeBytes(Program& program) {
    return {.pull =
                [&program, count = 0](ReadableByteStreamController& controller) mutable {
                    if (count == 3) {
                        controller.close();
                        if (const auto request = controller.byobRequest()) request->respond(0);
                        return;
                    }
                    program.attempt([&] { controller.enqueue(Uint8Array{1, 2, 3}); });
                    ++count;
                },
            .cancel = logging<const std::exception_ptr&>(program, "cancelled:done")};
}

/// Writes down what comes of a read of bytes.
template <class Step>
void followBytes(Program& program, const char* entry, const Promise<Step>& read) {
    program.attempt([&] {
        read.then(
            [&program, entry](const Step& step) { program.log(entry, ':', step ? step->length() : 0); },
            [&program, entry](const std::exception_ptr& reason) { program.log(entry, ':', Program::nameOf(reason)); });
    });
}

}

TEST_CASE("memory may end while a stream is read") {
    forEachFailure(onLoop([](Program& program) {
        const Texts stream = someTexts(program);
        const auto reader = program.attempt([&] { return stream.getReader(); }, [&] { return !stream.locked(); });
        for (int i = 0; i < 4; ++i) program.follow("read", program.attempt([&] { return reader.read(); }));
        program.follow("closed", program.attempt([&] { return reader.closed(); }));

        const Texts other = someTexts(program);
        const auto chunks = program.attempt([&] { return other.values(); }, [&] { return !other.locked(); });
        program.follow("next", program.attempt([&] { return chunks.next(); }));
        program.follow("next", program.attempt([&] { return chunks.next(); }));
    }));
}

TEST_CASE("memory may end while a stream is made of an iterable") {
    const std::vector<std::string> texts(2, longText); // it is referred to
    forEachFailure(onLoop([&](Program& program) {
        const auto made = program.attempt([&] { return ReadableStream<>::from(texts); });
        const auto reader = program.attempt([&] { return made.getReader(); }, [&] { return !made.locked(); });
        for (int i = 0; i < 3; ++i) program.follow("read", program.attempt([&] { return reader.read(); }));
    }));
}

TEST_CASE("memory may end while a stream is teed") {
    forEachFailure(onLoop([](Program& program) {
        const Texts stream = someTexts(program);
        const auto branches = program.attempt([&] { return stream.tee(); }, [&] { return !stream.locked(); });
        for (const auto& branch : branches) {
            const auto reader = program.attempt([&] { return branch.getReader(); });
            for (int i = 0; i < 4; ++i) program.follow("read", program.attempt([&] { return reader.read(); }));
        }
    }));
}

TEST_CASE("memory may end while a tee of bytes changes from one kind of reader to the other") {
    for (const bool viewFirst : {false, true}) {
        forEachFailure(onLoop([viewFirst](Program& program) -> Promise<> {
            const auto stream = program.attempt([&] { return ReadableStream<Uint8Array>(threeBytes(program)); });
            const auto branches = program.attempt([&] { return stream.tee(); }, [&] { return !stream.locked(); });
            const auto bytes = program.attempt([&] { return branches[0].getReader(); });
            const auto views = program.attempt([&] { return branches[1].getBYOBReader(); });
            const auto readBytes = [&](const char* entry) {
                followBytes(program, entry, program.attempt([&] { return bytes.read(); }));
            };
            const auto readView = [&](const char* entry) {
                followBytes(program, entry, program.attempt([&] { return views.read(Uint8Array(5)); }));
            };
            if (viewFirst) {
                readView("view");
            } else {
                readBytes("bytes");
            }
            for (int i = 0; i < 12; ++i) co_await Promise<>::resolve();
            readView("then view");
            for (int i = 0; i < 12; ++i) co_await Promise<>::resolve();
            readBytes("then bytes");
            readBytes("then bytes");
        }));
    }
}

TEST_CASE("memory may end while a stream is written to") {
    forEachFailure(onLoop([](Program& program) {
        const auto sink = program.attempt([&] {
            return WritableStream<std::string>(
                {.write = [&](const std::string& chunk) { program.log("write:", Program::shown(chunk)); },
                 .close = logging<>(program, "close")});
        });
        const auto writer = program.attempt([&] { return sink.getWriter(); }, [&] { return !sink.locked(); });
        program.follow("ready", program.attempt([&] { return writer.ready(); }));
        for (int i = 0; i < 2; ++i) program.follow("written", program.attempt([&] { return writer.write(longText); }));
        program.follow("closes", program.attempt([&] { return writer.close(); }));
        program.follow("closed", program.attempt([&] { return writer.closed(); }));
    }));
}

TEST_CASE("memory may end while a stream is piped through another one") {
    forEachFailure(onLoop([](Program& program) {
        const Texts stream = someTexts(program);
        const auto sink = program.attempt([&] {
            return WritableStream<std::string>(
                {.write = [&](const std::string& chunk) { program.log("write:", Program::shown(chunk)); },
                 .close = logging<>(program, "close"),
                 .abort = logging<const std::exception_ptr&>(program, "abort:done")});
        });
        const auto transform = program.attempt([&] {
            return TransformStream<std::string>(
                {.transform = [text = std::make_unique<std::string>(longText)](
                                  const std::string& chunk,
                                  const auto& controller) { controller.enqueue(chunk == *text ? chunk : "TORN"); },
                 .flush = logging<>(program, "flush")});
        });
        const auto piped = program.attempt([&] { return stream.pipeThrough(transform); },
                                           [&] { return !stream.locked() && !transform.writable().locked(); });
        program.follow("piped", program.attempt([&] { return piped.pipeTo(sink); },
                                                [&] { return !piped.locked() && !sink.locked(); }));
    }));
}
