// SPDX-License-Identifier: MIT
#include "fetch/site.hpp"
#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"

#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace rondo;

namespace {

/// Says so much and no more, and when the client has gone.
struct Mute {
    explicit Mute(std::string words) : says(std::move(words)) {}

    std::string says;
    std::function<void()> onHead = [] {};
    Gate gone;
    Server server{[this](Connection& connection, int) {
        if (!connection.readHead().empty()) {
            connection.write(says);
            onHead();
        }
        connection.awaitEnd();
        gone.open();
    }};
};

constexpr const char* halfABody = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome";

}

ASYNC_TEST_CASE("a signal that is aborted already rejects with its reason and nothing is sent") {
    const Site site;
    const AbortSignal signal = AbortSignal::abort(Error("before"));
    const Promise<Response> pending = fetch(site.url(), {.signal = signal});
    CHECK(pending.state() == PromiseState::rejected);
    const auto settled = co_await pending.settled();
    CHECK(settled.reason() == signal.reason());
    CHECK(site.connections() == 0);
}

TEST_CASE("an abort before the head rejects at once and gives the connection up") {
    for (const char* says : {"", "HTTP/1.1 200 OK\r\nContent-Le"}) {
        Mute server(says);
        EventLoop loop;
        AbortController controller;
        Journal log;
        server.onHead = [&] {
            loop.post([&] {
                controller.signal().addEventListener("abort", [&] { log("event"); });
                controller.abort();
                log("aborted");
            });
        };
        loop.run([&] {
            fetch(server.server.url(), {.signal = controller.signal()}).catch_([&](const DOMException& e) -> Response {
                log(e.name());
                return Response::error();
            });
        });
        CHECK(log == "event aborted AbortError");
        server.gone.wait();
    }
}

ASYNC_TEST_CASE("an abort in the same task as the call") {
    const Site site;
    AbortController controller;
    const Promise<Response> pending = fetch(site.url(), {.signal = controller.signal()});
    controller.abort(Error("at once"));
    const auto settled = co_await pending.settled();
    CHECK(told(settled.reason()) == "Error: at once");
}

ASYNC_TEST_CASE("an abort while the body comes rejects what reads it") {
    Mute server(halfABody);
    AbortController controller;
    const Response response = co_await fetch(server.server.url(), {.signal = controller.signal()});
    const auto reader = response.body()->getReader();
    const auto some = co_await reader.read();
    CHECK(some->text() == "some");
    const auto pending = reader.read();
    controller.abort(Error("amid"));
    const auto read = co_await pending.settled();
    CHECK(told(read.reason()) == "Error: amid");
    const auto closed = co_await reader.closed().settled();
    CHECK(closed.reason() == read.reason());
    server.gone.wait();
}

ASYNC_TEST_CASE("an abort before the body is read errors it") {
    Mute server(halfABody);
    AbortController controller;
    const Response response = co_await fetch(server.server.url(), {.signal = controller.signal()});
    const Response copy = response.clone();
    controller.abort(Error("unread"));
    const auto text = co_await response.text().settled();
    CHECK(told(text.reason()) == "Error: unread");
    const auto other = co_await copy.text().settled();
    CHECK(told(other.reason()) == "Error: unread");
    CHECK(response.status() == 200);
}

ASYNC_TEST_CASE("an abort after the end of the body changes nothing") {
    const Site site;
    AbortController controller;
    const Response response = co_await fetch(site.url("/a"), {.signal = controller.signal()});
    const std::string text = co_await response.text();
    controller.abort();
    CHECK(text == "GET /a");
    const Response empty = co_await fetch(site.url("/b"), {.method = "HEAD"});
    controller.abort();
    CHECK(empty.ok());
}

ASYNC_TEST_CASE("an abort while a redirect is followed") {
    Mute server("");
    AbortController controller;
    EventLoop& loop = EventLoop::current();
    server.onHead = [&] { loop.post([&] { controller.abort(Error("on the way")); }); };
    const Site site({{"/a", Site::redirect(302, server.server.url())}});
    const auto settled = co_await fetch(site.url("/a"), {.signal = controller.signal()}).settled();
    CHECK(told(settled.reason()) == "Error: on the way");
    server.gone.wait();
}

ASYNC_TEST_CASE("the signal of a request is followed and that of the init goes before it") {
    Mute server("");
    AbortController first;
    AbortController second;
    const Request request(server.server.url(), {.signal = first.signal()});
    const Promise<Response> followed = fetch(request);
    const Promise<Response> other = fetch(request, {.signal = second.signal()});
    first.abort(Error("first"));
    const auto a = co_await followed.settled();
    CHECK(told(a.reason()) == "Error: first");
    CHECK(other.state() == PromiseState::pending);
    second.abort(Error("second"));
    const auto b = co_await other.settled();
    CHECK(told(b.reason()) == "Error: second");
}

TEST_CASE("a timeout ends a request that the server never answers") {
    Mute server("");
    EventLoop loop;
    Journal log;
    loop.run([&]() -> Promise<> {
        const AbortSignal signal = AbortSignal::timeout(20);
        const auto settled = co_await fetch(server.server.url(), {.signal = signal}).settled();
        log(told(settled.reason()).substr(0, 12));
    });
    CHECK(log == "TimeoutError");
    server.gone.wait();
}

TEST_CASE("a signal that lives on does not grow with the requests that follow it") {
    const Site site;
    CountingSource source;
    EventLoop loop;
    AbortController controller;
    int after = 0;
    loop.run([&]() -> Promise<> {
        for (int i = 0; i < 20; ++i) {
            if (i == 10) after = source.balance();
            const Response response = co_await fetch(site.url(), {.signal = controller.signal()});
            const std::string text = co_await response.text();
        }
        CHECK(source.balance() == after);
    });
    CHECK(after > 0);
}

ASYNC_TEST_CASE("what an abort calls may abort and drop and fetch again") {
    Mute server(halfABody);
    AbortController controller;
    std::optional<Response> response = co_await fetch(server.server.url(), {.signal = controller.signal()});
    std::optional<Promise<Response>> head = fetch(server.server.url(), {.signal = controller.signal()});
    Journal log;
    std::optional<ReadableStream<Uint8Array>> body(
        ReadableStream<Uint8Array>({.cancel = [&](const std::exception_ptr&) {
            log("cancel");
            controller.abort(Error("again"));
            response.reset();
            head.reset();
            body.reset();
            fetch(server.server.url(), {.signal = controller.signal()}).catch_([&](const Error& e) -> Response {
                log(e.message());
                return Response::error();
            });
        }}));
    std::optional<Promise<Response>> upload =
        fetch(server.server.url(), {.method = "POST", .body = *body, .signal = controller.signal()});
    head->catch_([] { return Response::error(); });
    upload->catch_([&](const Error& e) -> Response {
        log("upload ", e.message());
        return Response::error();
    });
    upload.reset();
    controller.signal().addEventListener("abort", [&] { log("event"); });
    controller.abort(Error("first"));
    log("aborted");
    co_await delay(1);
    CHECK(log == "event cancel aborted upload first first"); // a dependent signal comes behind
}

ASYNC_TEST_CASE("a listener of the signal may drop what is aborted") {
    Mute server(halfABody);
    std::optional<AbortController> controller(std::in_place);
    std::optional<Response> response = co_await fetch(server.server.url(), {.signal = controller->signal()});
    std::optional<ReadableStreamDefaultReader<Uint8Array>> reader = response->body()->getReader();
    const auto first = co_await reader->read();
    CHECK(first->text() == "some");
    Journal log;
    reader->read().then([](const IteratorResult<Uint8Array>&) {}).catch_([&](const Error& e) { log(e.message()); });
    controller->signal().addEventListener("abort", [&] {
        log("event");
        response.reset();
        reader.reset();
    });
    controller->abort(Error("gone"));
    controller.reset();
    co_await delay(1);
    CHECK(log == "event gone");
    server.gone.wait();
}

ASYNC_TEST_CASE("a reaction of fetch may abort it") {
    Mute server(halfABody);
    AbortController controller;
    Journal log;
    const auto text = fetch(server.server.url(), {.signal = controller.signal()}).then([&](const Response& response) {
        const auto reading = response.text();
        controller.abort(Error("now"));
        return reading;
    });
    const auto settled = co_await text.settled();
    CHECK(told(settled.reason()) == "Error: now");
    server.gone.wait();
}
