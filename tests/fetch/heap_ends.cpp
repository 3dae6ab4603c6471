// SPDX-License-Identifier: MIT
#include "fetch/own_memory.hpp"
#include "fetch/site.hpp"
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <rondo/events.hpp>
#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <functional>
#include <new>
#include <string>

using namespace rondo;

// Memory ends on the loop's thread, or on the network's: what libcurl takes for itself is meant, too.

namespace {

using Scenario = std::function<Promise<std::string>(const Site&)>;

constexpr std::size_t endless = 400'000;

struct Ended {
    std::string outcome = "never";
    long failures = 0;
    long allocations = 0;
    long leaked = 0;
};

Ended endOnce(const Site& site, const Scenario& scenario, long successes, long failures, heap::Victim victim) {
    base::FreeLists::trim();
    const long before = heap::blocks();
    Ended ended;
    {
        EventLoop loop;
        loop.globalThis().addEventListener("unhandledrejection", [](Event& event) { event.preventDefault(); });
        loop.globalThis().addEventListener("error", [](Event& event) { event.preventDefault(); });
        configureFetch({.cookies = true});
        const auto tell = [&](std::string_view outcome) {
            const heap::OwnMemory own;
            ended.outcome = outcome;
        };
        loop.run([&] {
            base::FreeLists::trim();
            heap::endAfter(successes, failures, victim);
            try {
                scenario(site).then([&](const std::string& text) { tell(text); },
                                    [&](const std::exception_ptr& reason) {
                                        const heap::OwnMemory own;
                                        tell(told(reason));
                                    });
            } catch (const std::bad_alloc&) {
                tell("bad_alloc, thrown");
            }
        });
        ended.failures = heap::failures();
        ended.allocations = heap::allocations();
        heap::restore();
    }
    base::FreeLists::trim();
    ended.leaked = heap::blocks() - before;
    return ended;
}

bool tellsOfTheEnd(const std::string& outcome) {
    return outcome.find("bad_alloc") != std::string::npos || outcome.starts_with("TypeError: fetch failed <- ");
}

void endEverywhere(const char* name, Scenario scenario) {
    INFO(name);
    const Watchdog watchdog(name);
    const Site site({{"/307", Site::redirect(307, "/there")},
                     {"/set", Site::answer("200 OK", "Set-Cookie: flavour=vanilla; Path=/\r\n", "set")},
                     {"/endless", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(endless, 'e')},
                     {"/gzip", Site::answer("200 OK", "Content-Encoding: gzip\r\n",
                                            std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x1c\x1e"
                                                        "\x00\x00\x58\xf0\x9a\x59\xc8\x00\x00\x00",
                                                        24))}},
                    ownMemory);
    endOnce(site, scenario, heap::always, 1, heap::Victim::thisThread); // what is made once in a process
    const Ended undisturbed = endOnce(site, scenario, heap::always, 1, heap::Victim::thisThread);
    REQUIRE(undisturbed.leaked == 0);
    for (const heap::Victim victim : {heap::Victim::otherThreads, heap::Victim::thisThread}) {
        for (const long failures : {1L, 3L, heap::always}) {
            for (long successes = 0;; ++successes) {
                const Ended ended = endOnce(site, scenario, successes, failures, victim);
                INFO((victim == heap::Victim::thisThread ? "on the loop's thread" : "on the network's")
                     << ", behind " << successes << " allocations, " << failures << " fail: " << ended.outcome);
                CHECK(ended.leaked == 0);
                CHECK((ended.outcome == undisturbed.outcome || tellsOfTheEnd(ended.outcome)));
                if (ended.failures == 0) CHECK(ended.outcome == undisturbed.outcome);
                if (ended.failures == 0) break;
                REQUIRE(successes < 2000);
            }
        }
    }
}

Promise<std::string> textOf(Promise<Response> pending) {
    const Response response = co_await pending;
    std::string text = co_await response.text();
    co_return text;
}

Promise<std::string> twice(const Site& site) {
    std::string first = co_await textOf(fetch(site.url("/set")));
    std::string second = co_await textOf(fetch(site.url("/there")));
    co_return first + second;
}

/// Of a body that does not end, as much as comes.
Promise<std::string> slowly(const Site& site) {
    const Response response = co_await fetch(site.url("/endless"));
    co_await delay(2); // more comes than may wait
    const auto reader = response.body()->getReader();
    std::size_t length = 0;
    while (length < endless) {
        const auto chunk = co_await reader.read();
        length += chunk->length();
    }
    co_return std::to_string(length);
}

}

TEST_CASE("memory may end while a response is fetched") {
    endEverywhere("a response", [](const Site& site) { return textOf(fetch(site.url("/text"))); });
}

TEST_CASE("memory may end while a connection and the jar of cookies are used again") {
    endEverywhere("two responses", twice);
}

TEST_CASE("memory may end while a body is sent and sent again") {
    endEverywhere("a redirect", [](const Site& site) {
        return textOf(fetch(site.url("/307"), {.method = "POST", .headers = {{"X-One", "1"}}, .body = "body"}));
    });
}

TEST_CASE("memory may end while a stream is sent") {
    endEverywhere("a stream", [](const Site& site) {
        const ReadableStream<Uint8Array> body(
            {.pull = [left = 3](ReadableStreamDefaultController<Uint8Array>& controller) mutable {
                if (left-- == 0) return controller.close();
                controller.enqueue(Uint8Array("chunk;"));
            }});
        return textOf(fetch(site.url("/up"), {.method = "POST", .body = body}));
    });
}

TEST_CASE("memory may end while a body is decoded") {
    endEverywhere("a body that is compressed", [](const Site& site) { return textOf(fetch(site.url("/gzip"))); });
}

TEST_CASE("memory may end while a body waits for its reader") { endEverywhere("a body that waits", slowly); }
