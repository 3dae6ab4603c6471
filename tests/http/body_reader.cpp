// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/http/body_reader.hpp>
#include <rondo/streams/pipe.hpp>
#include <rondo/streams/readable_stream_tee.hpp>
#include <rondo/streams/transform_stream.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

using namespace rondo;

namespace {

using Controller = ReadableStreamDefaultController<Uint8Array>;

auto read(const ReadableStream<Uint8Array>& stream) {
    auto convert = [](http::Collected&& bytes) { return std::move(bytes).text(); };
    return http::ConvertingReader<std::string, decltype(convert)>::read(stream, convert);
}

}

ASYNC_TEST_CASE("a stream is read to its end in one step if all of it is there") {
    const ReadableStream<Uint8Array> stream({.start = [](const Controller& controller) {
        for (const char* piece : {"one ", "two ", "", "three"}) controller.enqueue(Uint8Array(piece));
        controller.close();
    }});
    const auto text = read(stream);
    CHECK(text.state() == PromiseState::fulfilled);
    CHECK(stream.locked());
    const std::string got = co_await text;
    CHECK(got == "one two three");
}

ASYNC_TEST_CASE("a single chunk is not copied") {
    Uint8Array bytes(1000);
    const void* data = bytes.data();
    const ReadableStream<Uint8Array> stream({.start = [&](const Controller& controller) {
        controller.enqueue(std::move(bytes));
        controller.close();
    }});
    auto where = [](http::Collected&& all) { return static_cast<const void*>(std::move(all).bytes().data()); };
    const void* got = co_await http::ConvertingReader<const void*, decltype(where)>::read(stream, where);
    CHECK(got == data);
}

ASYNC_TEST_CASE("a stream is read as its chunks come") {
    std::optional<Controller> controller;
    const ReadableStream<Uint8Array> stream({.start = [&](const Controller& given) { controller.emplace(given); }});
    const auto text = read(stream);
    controller->enqueue(Uint8Array("a"));
    co_await Promise<>::resolve();
    controller->enqueue(Uint8Array("b"));
    CHECK(text.state() == PromiseState::pending);
    controller->close();
    const std::string got = co_await text;
    CHECK(got == "ab");
}

ASYNC_TEST_CASE("many chunks do not make the stack deep") {
    int left = 200'000;
    const ReadableStream<Uint8Array> stream({.pull = [&](const Controller& controller) {
        controller.enqueue(Uint8Array{7});
        if (--left == 0) controller.close();
    }});
    const std::string got = co_await read(stream);
    CHECK(got.size() == 200'000);
}

ASYNC_TEST_CASE("what errors the stream rejects the promise") {
    const ReadableStream<Uint8Array> stream({.start = [](const Controller& controller) { controller.enqueue({}); },
                                             .pull = [](const Controller&) { throw std::runtime_error("broken"); }});
    const auto settled = co_await read(stream).settled();
    CHECK_THROWS_WITH(std::rethrow_exception(settled.reason()), "broken");
    CHECK_THROWS_AS(read(stream), TypeError); // it stays locked
}

ASYNC_TEST_CASE("what the conversion throws rejects the promise") {
    const ReadableStream<Uint8Array> stream({.start = [](const Controller& controller) { controller.close(); }});
    auto convert = [](http::Collected&&) -> int { throw std::runtime_error("no number"); };
    const auto settled = co_await http::ConvertingReader<int, decltype(convert)>::read(stream, convert).settled();
    CHECK_THROWS_WITH(std::rethrow_exception(settled.reason()), "no number");
}

namespace {

/// A conversion that can be watched.
struct Alive {
    std::shared_ptr<int> token;
    std::string operator()(http::Collected&& bytes) const { return std::move(bytes).text(); }
};
Promise<std::string> readWith(const ReadableStream<Uint8Array>& stream, std::shared_ptr<int> token) {
    return http::ConvertingReader<std::string, Alive>::read(stream, {std::move(token)});
}

/// A turn of its own: what was collected is gone.
Promise<> turn() {
    return Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
}

}

ASYNC_TEST_CASE("a reader that nobody can ever answer is dropped at once and what waits for it is collected") {
    Counted::reset();
    const auto token = std::make_shared<int>();
    {
        std::optional<Controller> controller;
        {
            const ReadableStream<Uint8Array> stream(
                {.start = [&](const Controller& given) { controller.emplace(given); }});
            readWith(stream, token).finally([counted = Counted()] { CHECK(false); });
        }
        controller->enqueue(Uint8Array("not all"));
        co_await turn();
        CHECK(token.use_count() == 2);
        CHECK(Counted::alive == 1);
    }
    CHECK(token.use_count() == 1);
    co_await turn();
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("a reader lives as long as its source has promised something and as long as what is piped to it") {
    auto source = Promise<>::withResolvers();
    auto pulling = readWith(ReadableStream<Uint8Array>({.pull = [&](const Controller& controller) -> Promise<> {
                                co_await source.promise;
                                controller.enqueue(Uint8Array("pulled"));
                                controller.close();
                            }}),
                            nullptr);
    std::optional<Controller> piped;
    auto transformed =
        readWith(ReadableStream<Uint8Array>({.start = [&](const Controller& given) { piped.emplace(given); }})
                     .pipeThrough(TransformStream<Uint8Array>()),
                 nullptr);
    co_await turn();
    source.resolve();
    piped->enqueue(Uint8Array("piped"));
    piped->close();
    const std::string first = co_await pulling;
    const std::string second = co_await transformed;
    CHECK(first == "pulled");
    CHECK(second == "piped");
}

ASYNC_TEST_CASE("a reader of a branch that nobody holds is answered as long as somebody feeds the stream") {
    std::optional<Controller> controller;
    std::optional<Promise<std::string>> text;
    {
        const ReadableStream<Uint8Array> stream({.start = [&](const Controller& given) { controller.emplace(given); }});
        text.emplace(readWith(stream.tee()[1], nullptr));
    }
    co_await turn();
    controller->enqueue(Uint8Array("teed"));
    controller->close();
    const std::string got = co_await *text;
    CHECK(got == "teed");
}

ASYNC_TEST_CASE("a reader of a branch that nobody can ever answer is dropped at once") {
    const auto token = std::make_shared<int>();
    readWith(ReadableStream<Uint8Array>().tee()[0], token);
    co_await turn();
    CHECK(token.use_count() == 1);
}

TEST_CASE("bytes in several pieces are put into one") {
    http::Collected none;
    CHECK(std::move(none).bytes().empty());
    http::Collected some(Uint8Array("a"));
    some.add(Uint8Array());
    some.add(Uint8Array("bc"));
    CHECK(std::move(some).bytes().text() == "abc");
    http::Collected text(Uint8Array("d"));
    text.add(Uint8Array("ef"));
    CHECK(std::move(text).text() == "def");
}
