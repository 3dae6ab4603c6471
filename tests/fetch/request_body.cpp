// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/site.hpp"
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <optional>
#include <stdexcept>
#include <string>

using namespace rondo;

namespace {

using Controller = ReadableStreamDefaultController<Uint8Array>;

Uint8Array piece(std::size_t length) { return Uint8Array(std::string(length, 'p')); }

/// A listener of the loop's errors that has a microtask of its own.
void listenToErrors(Journal& log) {
    globalThis.addEventListener("error", [&](Event& event) {
        event.preventDefault();
        log("listener");
        queueMicrotask([&] { log("microtask"); });
    });
}

}

ASYNC_TEST_CASE("a body that is a stream is sent in chunks as they are made") {
    const Site site;
    int made = 0;
    const ReadableStream<Uint8Array> body({.pull = [&](Controller& controller) -> Promise<> {
        co_await delay(10'000); // virtual time goes on while the network waits for it
        if (made == 5) {
            controller.close();
        } else {
            controller.enqueue(Uint8Array(std::to_string(made++)));
        }
    }});
    const Response response = co_await fetch(site.url("/up"), {.method = "POST", .body = body});
    const std::string text = co_await response.text();
    CHECK(text == "POST /up 01234");
    CHECK(body.locked());
    CHECK(site.seen().at(0).header("Transfer-Encoding") == "chunked");
    CHECK(site.seen().at(0).header("Content-Length") == "-");
}

ASYNC_TEST_CASE("empty chunks and a stream of none are sent as nothing") {
    const Site site;
    const ReadableStream<Uint8Array> body({.start = [](Controller& controller) {
        for (const char* text : {"", "a", "", "", "b", ""}) controller.enqueue(Uint8Array(text));
        controller.close();
    }});
    const Response some = co_await fetch(site.url("/some"), {.method = "POST", .body = body});
    const ReadableStream<Uint8Array> empty({.start = [](Controller& controller) { controller.close(); }});
    const Response none = co_await fetch(site.url("/none"), {.method = "POST", .body = empty});
    CHECK(site.log() == "POST /some ab, POST /none");
}

ASYNC_TEST_CASE("an empty chunk that comes while the network waits leaves it waiting for the next") {
    const Site site;
    int made = 0;
    const ReadableStream<Uint8Array> body({.pull = [&](Controller& controller) -> Promise<> {
        co_await delay(10'000); // which comes when the network waits
        controller.enqueue(Uint8Array(made % 2 ? "x" : ""));
        if (++made == 6) controller.close();
    }});
    const Response response = co_await fetch(site.url("/up"), {.method = "POST", .body = body});
    CHECK(site.log() == "POST /up xxx");
}

ASYNC_TEST_CASE("the body of a response is the body of a request") {
    const Site site({{"/source", Site::answer("200 OK", "", std::string(500'000, 's'))}});
    const Response source = co_await fetch(site.url("/source"));
    const ReadableStream<Uint8Array> body = *source.body();
    const Response response = co_await fetch(site.url("/up"), {.method = "PUT", .body = body});
    CHECK(response.ok());
    CHECK((site.seen().at(1).body == std::string(500'000, 's')));
}

ASYNC_TEST_CASE("a stream of bytes that makes its own buffers is a body") {
    const Site site;
    int left = 3;
    const ReadableStream<Uint8Array> body(UnderlyingByteSource{.pull =
                                                                   [&](ReadableByteStreamController& controller) {
                                                                       auto request = controller.byobRequest();
                                                                       if (left-- == 0) {
                                                                           controller.close();
                                                                           request->respond(0);
                                                                           return;
                                                                       }
                                                                       request->view().data()[0] = 'b';
                                                                       request->respond(1);
                                                                   },
                                                               .autoAllocateChunkSize = 16});
    const Response response = co_await fetch(site.url("/up"), {.method = "POST", .body = body});
    CHECK(site.log() == "POST /up bbb");
}

ASYNC_TEST_CASE("a server that does not read makes the source wait") {
    Gate enough;
    const Site site;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        enough.wait();
        int chunks = 0;
        const std::size_t length = connection.readChunks(chunks).size();
        connection.answer(std::to_string(length));
    });
    constexpr std::size_t all = 64 * 1024 * 1024;
    std::size_t made = 0;
    const ReadableStream<Uint8Array> body({.pull = [&](Controller& controller) {
        if (made == all) return controller.close();
        controller.enqueue(piece(64 * 1024));
        made += 64 * 1024;
    }});
    const Promise<Response> pending = fetch(server.url(), {.method = "POST", .body = body});
    for (int i = 0; i < 500; ++i) { // which the same thread makes meanwhile: time enough to ask for all of it
        const Response other = co_await fetch(site.url());
        CHECK(other.ok());
    }
    CHECK(made > 0);
    CHECK(made < all);
    CHECK(EventLoop::current().alive());
    enough.open();
    const Response response = co_await pending;
    const std::string length = co_await response.text();
    CHECK(length == std::to_string(all));
}

ASYNC_TEST_CASE("what errors the body rejects the promise and ends the request") {
    Gate gone;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.awaitEnd();
        gone.open();
    });
    int pulls = 0;
    const ReadableStream<Uint8Array> body({.pull = [&](Controller& controller) {
        if (++pulls == 3) throw std::runtime_error("no more");
        controller.enqueue(piece(10));
    }});
    const auto refused = co_await fetch(server.url(), {.method = "POST", .body = body}).settled();
    CHECK(told(refused.reason()) == "TypeError: the body of the request cannot be read to its end <- no more");
    gone.wait();
    const ReadableStream<Uint8Array> broken(
        {.start = [](Controller& controller) { controller.error(std::runtime_error("from the start")); }});
    const auto again = co_await fetch(server.url(), {.method = "POST", .body = broken}).settled();
    CHECK(told(again.reason()) == "TypeError: the body of the request cannot be read to its end <- from the start");
}

ASYNC_TEST_CASE("a body that is locked or has been read is refused and nothing is sent") {
    const Site site;
    const ReadableStream<Uint8Array> locked;
    const auto reader = locked.getReader();
    const auto refused = co_await fetch(site.url(), {.method = "POST", .body = locked}).settled();
    CHECK_THAT(told(refused.reason()), Catch::Matchers::StartsWith("TypeError: the stream that is to be a body"));
    CHECK(site.connections() == 0);
}

ASYNC_TEST_CASE("an abort rejects with the signal's reason and then cancels the body with it") {
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.awaitEnd();
    });
    Journal log;
    AbortController controller;
    int pulls = 0;
    const ReadableStream<Uint8Array> body(
        {.pull =
             [&](Controller& it) {
                 if (++pulls == 3) controller.abort(Error("enough"));
                 it.enqueue(piece(10));
             },
         .cancel = [&](const std::exception_ptr& reason) { log("cancel", told(reason)); }});
    const auto pending = fetch(server.url(), {.method = "POST", .body = body, .signal = controller.signal()});
    pending.catch_([&](const Error& e) -> Response {
        log(e.message());
        return Response::error();
    });
    const auto settled = co_await pending.settled();
    CHECK(log == "cancelError: enough enough");
}

TEST_CASE("microtasks wait until the source that a timeout cancels has returned") {
    Server server([&](Connection& connection, int) { connection.awaitEnd(); });
    Journal log;
    EventLoop loop;
    loop.run([&] {
        listenToErrors(log);
        const AbortSignal signal = AbortSignal::timeout(20);
        const ReadableStream<Uint8Array> body({.cancel = [&] {
            log("cancel");
            reportError(Error("told meanwhile"));
            log("cancelled");
        }});
        fetch(server.url(), {.method = "POST", .body = body, .signal = signal}).catch_([&] {
            log("rejected");
            return Response::error();
        });
        signal.addEventListener("abort", [&] { log("abort"); });
    });
    CHECK(log == "abort cancel listener cancelled rejected microtask");
}

TEST_CASE("microtasks wait until the source that the network asks has returned") {
    const Site site;
    Journal log;
    EventLoop loop;
    loop.run([&] {
        listenToErrors(log);
        const ReadableStream<Uint8Array> body({.pull =
                                                   [&](Controller& it) {
                                                       log("pull");
                                                       reportError(Error("told meanwhile"));
                                                       it.enqueue(piece(1));
                                                       it.close();
                                                       log("pulled");
                                                   }},
                                              {.highWaterMark = 0});
        fetch(site.url(), {.method = "POST", .body = body});
    });
    CHECK(log == "pull listener pulled microtask");
}

TEST_CASE("microtasks wait until the source that an early response cancels has returned") {
    const bool hasBody = GENERATE(false, true);
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write(hasBody ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nstop" : "HTTP/1.1 204 None\r\n\r\n");
        connection.awaitEnd();
    });
    Journal log;
    EventLoop loop;
    loop.run([&]() -> Promise<> {
        listenToErrors(log);
        const ReadableStream<Uint8Array> body({.start = [](Controller& it) { it.enqueue(piece(10)); },
                                               .cancel =
                                                   [&] {
                                                       log("cancel");
                                                       reportError(Error("told meanwhile"));
                                                       log("cancelled");
                                                   }});
        const Response response = co_await fetch(server.url(), {.method = "POST", .body = body});
        const std::string text = co_await response.text();
        CHECK(text == (hasBody ? "stop" : ""));
    });
    CHECK(log == "cancel listener cancelled microtask");
}

ASYNC_TEST_CASE("a signal that is aborted cancels the body of a request that is not made") {
    const Site site;
    Journal log;
    const ReadableStream<Uint8Array> body({.cancel = [&](const std::exception_ptr& reason) { log(told(reason)); }});
    const AbortSignal signal = AbortSignal::abort(Error("never"));
    const auto refused = co_await fetch(site.url(), {.method = "POST", .body = body, .signal = signal}).settled();
    CHECK(told(refused.reason()) == "Error: never");
    CHECK(log == "Error: never");
    CHECK(site.connections() == 0);
}

ASYNC_TEST_CASE("a response that comes early ends the body of the request when it has been read") {
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.readBody(10);
        connection.write("HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\nConnection: close\r\n\r\nstop");
        connection.awaitEnd();
    });
    std::string why = "nothing";
    const ReadableStream<Uint8Array> body({.pull = [&](Controller& it) { it.enqueue(piece(1000)); },
                                           .cancel = [&](const std::exception_ptr& reason) { why = told(reason); }});
    const Response response = co_await fetch(server.url(), {.method = "POST", .body = body});
    CHECK(response.status() == 413);
    const std::string text = co_await response.text();
    CHECK(text == "stop");
    CHECK(why == "TypeError: the server has answered without the rest of the body");
}

TEST_CASE("a response that comes early and is dropped or cancelled ends the body of the request") {
    for (const bool cancel : {false, true}) {
        Server server([&](Connection& connection, int) {
            connection.readHead();
            connection.readBody(10);
            connection.write("HTTP/1.1 200 OK\r\n\r\nearly");
            connection.awaitEnd();
        });
        Journal log;
        EventLoop loop;
        loop.run([&]() -> Promise<> {
            std::optional<Controller> source;
            const ReadableStream<Uint8Array> body(
                UnderlyingSource<Uint8Array>{.start = [&](Controller& it) { source = it; },
                                             .cancel = [&](const std::exception_ptr& reason) { log(told(reason)); }});
            source->enqueue(piece(100));
            std::optional<Response> response = co_await fetch(server.url(), {.method = "POST", .body = body});
            if (cancel) {
                co_await response->body()->cancel(Error("not wanted"));
            } else {
                response.reset();
                log("dropped");
                co_await delay(1);
            }
            CHECK_FALSE(source->desiredSize().value_or(0) > 0);
        });
        CHECK(log == (cancel ? "Error: not wanted" : "dropped TypeError: nobody waits for the response any more"));
    }
}

ASYNC_TEST_CASE("a body whose source waits for its buffer may be given up") {
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\nearly");
        connection.awaitEnd();
    });
    std::optional<ReadableByteStreamController> source;
    const ReadableStream<Uint8Array> body(UnderlyingByteSource{
        .start = [&](ReadableByteStreamController& it) { source.emplace(it); }, .autoAllocateChunkSize = 16});
    {
        std::optional<Response> response = co_await fetch(server.url(), {.method = "POST", .body = body});
        response.reset();
    }
    if (const auto request = source->byobRequest()) request->respond(1); // nobody reads it
    co_await delay(1);
    CHECK_FALSE(source->byobRequest());
    CHECK_THROWS_AS(source->enqueue(piece(1)), TypeError);
}

ASYNC_TEST_CASE("a source may drop the response and error while it is asked for more") {
    Gate gone;
    const auto asked = Promise<>::withResolvers();
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\nearly");
        connection.awaitEnd();
        gone.open();
    });
    std::optional<Response> response;
    const ReadableStream<Uint8Array> body({.pull =
                                               [&](Controller& controller) {
                                                   if (!response) return controller.enqueue(piece(10));
                                                   response.reset();
                                                   controller.error(std::runtime_error("no more"));
                                                   asked.resolve();
                                               }},
                                          {.highWaterMark = 0});
    response = co_await fetch(server.url(), {.method = "POST", .body = body});
    co_await asked.promise;
    CHECK_FALSE(response);
    gone.wait();
}

TEST_CASE("a body goes over HTTP/2 as it is made") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.caFile = Nginx::authority()});
    std::string text;
    int left = 20;
    loop.run([&]() -> Promise<> {
        const ReadableStream<Uint8Array> body({.pull = [&](Controller& controller) {
            if (left-- == 0) return controller.close();
            controller.enqueue(piece(100'000));
        }});
        const Response response = co_await fetch(nginx->secureUrl("/upload"), {.method = "POST", .body = body});
        text = co_await response.text();
    });
    CHECK(text == "POST|HTTP/1.0|*/*|rondo||2000000|");
}
