// SPDX-License-Identifier: MIT
#include "fetch/site.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/loop_ends.hpp"

#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace rondo;

namespace {

/// Never answers `/mute`; sends half a body for all else, and never the rest.
Server& unhelpful() {
    static Server server([](Connection& connection, int) {
        const std::string head = connection.readHead();
        if (head.find("/mute") == std::string::npos)
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        connection.awaitEnd();
    });
    return server;
}

Promise<std::string> readText(std::string url, Counted) {
    const Response response = co_await fetch(url);
    std::string text = co_await response.text();
    co_return text;
}

Promise<> readPieces(std::string url, Counted) {
    const Response response = co_await fetch(url);
    const auto reader = response.body()->getReader();
    while (auto step = co_await reader.read()) {}
}

ReadableStream<Uint8Array> endlessBody() {
    return ReadableStream<Uint8Array>({.pull =
                                           [kept = Counted()](ReadableStreamDefaultController<Uint8Array>& controller) {
                                               controller.enqueue(Uint8Array("chunk"));
                                           },
                                       .cancel = [kept = Counted()] {}});
}
ReadableStream<Uint8Array> silentBody() {
    return ReadableStream<Uint8Array>({.pull = [kept = Counted()]() -> Promise<> { co_await delay(1'000'000'000); }});
}

const std::vector<WayToWait>& ways() {
    static const std::vector<WayToWait> all{
        {"for a head that does not come",
         [](Outside&) { fetch(unhelpful().url("/mute")).then([kept = Counted()](const Response&) {}); }, true},
        {"for a head with a promise outside",
         [](Outside& outside) {
             outside.keep(fetch(unhelpful().url("/mute"))).then([kept = Counted()](const Response&) {});
         },
         true},
        {"for the text of half a body", [](Outside&) { readText(unhelpful().url("/half"), Counted()); }, true},
        {"for the pieces of half a body", [](Outside&) { readPieces(unhelpful().url("/half"), Counted()); }, true},
        {"with a response outside",
         [](Outside& outside) {
             auto& kept = outside.make<std::optional<Response>>();
             fetch(unhelpful().url("/half")).then([&kept, counted = Counted()](Response response) {
                 kept = std::move(response);
             });
         },
         true},
        {"with a signal outside",
         [](Outside& outside) {
             const auto& controller = outside.make<AbortController>();
             fetch(unhelpful().url("/half"), {.signal = controller.signal()})
                 .then([kept = Counted()](const Response& it) { return it.text(); });
         },
         true},
        {"for a body that is sent without end",
         [](Outside&) { fetch(unhelpful().url("/mute"), {.method = "POST", .body = endlessBody()}); }, true},
        {"for a body whose source is silent",
         [](Outside&) { fetch(unhelpful().url("/mute"), {.method = "POST", .body = silentBody()}); }, true},
        {"for nothing but a refusal",
         [](Outside&) { fetch("ftp://127.0.0.1").catch_([kept = Counted()] { return Response::error(); }); }},
        {"for what was aborted",
         [](Outside&) {
             AbortController controller;
             fetch(unhelpful().url("/mute"), {.method = "POST", .body = endlessBody(), .signal = controller.signal()})
                 .catch_([kept = Counted()] { return Response::error(); });
             controller.abort();
         }},
    };
    return all;
}

}

TEST_CASE("a loop may end in any way with any fetch under way and nothing is left") {
    for (const WayToWait& way : ways()) {
        for (const EndOfLoop& end : EndOfLoop::all()) {
            // virtual time stands still while the network works
            if (way.endless && (end.runsDry || std::string_view(end.name) == "stopped when it has turned a while"))
                continue;
            for (const bool next : {false, true}) {
                INFO(way.name << " / " << end.name << (next ? " / and another loop" : ""));
                CHECK(loop_ends::endOnce(way, end, next) == "");
            }
        }
    }
}

TEST_CASE("a loop ends with fetches at every stage and what is kept may outlive it") {
    for (const bool abortLater : {false, true}) {
        CountingSource source;
        {
            std::optional<Response> response;
            std::optional<ReadableStreamDefaultReader<Uint8Array>> reader;
            std::optional<Promise<IteratorResult<Uint8Array>>> read;
            std::optional<Promise<Response>> head;
            std::optional<Promise<Response>> upload;
            AbortController controller;
            {
                EventLoop loop;
                loop.run([&]() -> Promise<> {
                    head = fetch(unhelpful().url("/mute"), {.signal = controller.signal()});
                    upload = fetch(unhelpful().url("/half"),
                                   {.method = "POST", .body = silentBody(), .signal = controller.signal()});
                    response = co_await fetch(unhelpful().url("/half"), {.signal = controller.signal()});
                    const Response copy = response->clone();
                    const auto text = copy.text();
                    reader = response->body()->getReader();
                    const auto first = co_await reader->read();
                    CHECK(first->text() == "some");
                    read = reader->read();
                    const Response answered = co_await *upload;
                    loop.stop();
                });
                CHECK(loop.alive());
            }
            CHECK(read->state() == PromiseState::pending);
            CHECK(head->state() == PromiseState::pending);
            if (abortLater) {
                EventLoop next;
                next.run([&] {
                    response.reset();
                    upload.reset();
                    reader.reset();
                });
                CHECK_FALSE(next.alive());
            }
        }
        CHECK(source.balance() == 0);
    }
}

TEST_CASE("nothing is left behind by fetches that ended in any way") {
    const Site site({{"/302", Site::redirect(302, "/a")}, {"/204", "HTTP/1.1 204 No Content\r\n\r\n"}});
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop;
        int after = 0;
        loop.run([&]() -> Promise<> {
            for (int i = 0; i < 8; ++i) {
                if (i == 4) after = source.balance();
                {
                    const Response read = co_await fetch(site.url("/302"));
                    const std::string text = co_await read.text();
                    const Response unread = co_await fetch(site.url("/a"));
                    const Response empty = co_await fetch(site.url("/204"));
                    const Response halfRead = co_await fetch(unhelpful().url("/half"));
                    const auto reader = halfRead.body()->getReader();
                    const auto some = co_await reader.read();
                    AbortController controller;
                    const auto aborted =
                        fetch(unhelpful().url("/mute"),
                              {.method = "POST", .body = endlessBody(), .signal = controller.signal()});
                    co_await delay(1);
                    controller.abort();
                    const auto settled = co_await aborted.settled();
                    CHECK_FALSE(settled.fulfilled());
                }
                co_await delay(1);
            }
            CHECK(source.balance() == after);
            CHECK(Counted::alive == 0);
        });
        CHECK(after > 0);
    }
    CHECK(source.balance() == 0);
}
