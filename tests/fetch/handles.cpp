// SPDX-License-Identifier: MIT
#include "fetch/site.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/play.hpp"

#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using Bytes = ReadableStream<Uint8Array>;
using Reader = ReadableStreamDefaultReader<Uint8Array>;

const Site& site() {
    static const Site all({{"/302", Site::redirect(302, "/there")}});
    return all;
}

/// A body in three chunks, which says where it is.
Bytes body(Play& play) {
    return Bytes({.pull =
                      [&play, left = 3, c = Counted()](ReadableStreamDefaultController<Uint8Array>& into) mutable {
                          const auto kept = into;
                          play.at("pull");
                          if (left-- == 0) return kept.close();
                          kept.enqueue(Uint8Array("chunk;"));
                      },
                  .cancel = [&play, c = Counted()] { play.at("cancel"); }});
}

/// When the signal of a fetch is aborted.
enum class Abort { never, atOnce, behindTheHead };

/// Sends a body, reads the answer and its clone, and holds all that there is.
Promise<> begin(Play& play, Abort abort) {
    const std::size_t aborts = play.hold(AbortController());
    const std::size_t stream = play.hold(body(play));
    std::optional<Promise<Response>> pending;
    play.with<AbortController>(aborts, [&](AbortController& it) {
        it.signal().addEventListener("abort", [&play, c = Counted()] { play.at("abort"); });
        play.with<Bytes>(stream, [&](Bytes& sent) {
            pending = fetch(site().url("/up"), {.method = "POST", .body = sent, .signal = it.signal()});
        });
    });
    const std::size_t promise = play.hold(*pending);
    play.follow(*pending, "head");
    play.can([&play, aborts] { play.with<AbortController>(aborts, [](AbortController& it) { it.abort(Counted()); }); });
    play.can([&play, stream] { play.with<Bytes>(stream, [&](Bytes& it) { play.follow(it.cancel(), "done"); }); });
    play.can([&play] { play.follow(fetch(site().url("/other")), "done"); });
    play.can([&play, promise] {
        play.with<Promise<Response>>(promise, [&](Promise<Response>& it) { play.follow(it, "done"); });
    });
    play.can([] { EventLoop::current().stop(); });

    const auto abortBySignal = [&play, aborts] {
        play.with<AbortController>(aborts, [](AbortController& it) { it.abort(Counted()); });
    };
    if (abort == Abort::atOnce) EventLoop::current().post(abortBySignal);

    const auto settled = co_await pending->settled();
    pending.reset();
    if (settled.rejected()) co_return;
    std::size_t response = 0;
    std::size_t reader = 0;
    {
        const Response answer = settled.value();
        if (answer.bodyUsed()) co_return;
        response = play.hold(answer.clone());
        reader = play.hold(answer.body()->getReader());
    }
    play.can([&play, reader] { play.with<Reader>(reader, [&](Reader& it) { play.follow(it.cancel(), "done"); }); });
    play.can([&play, reader] { play.with<Reader>(reader, [](Reader& it) { it.releaseLock(); }); });
    play.can(
        [&play, response] { play.with<Response>(response, [&](Response& it) { play.follow(it.bytes(), "done"); }); });
    play.can([&play, response] {
        play.with<Response>(response, [&](Response& it) { play.follow(it.clone().text(), "done"); });
    });
    play.with<Reader>(reader, [&](Reader& it) {
        play.follow(it.closed(), "closed");
        play.follow(it.read(), "read");
        play.follow(it.read(), "end");
    });
    play.with<Response>(response, [&](Response& it) { play.follow(it.text(), "text"); });
    if (abort == Abort::behindTheHead) abortBySignal();
}

std::string wrongIn(Abort abort, const std::string& place, const std::function<void(Play&)>& besides,
                    std::set<std::string>* places = nullptr, std::size_t* handles = nullptr,
                    std::size_t* actions = nullptr) {
    std::string wrong;
    Counted::reset();
    CountingSource source;
    {
        Play play(place, besides);
        EventLoop loop;
        loop.rejections().setHandlers([](EventLoop&, loop::Rejection&) { return true; }, nullptr);
        loop.run([&] { begin(play, abort); });
        if (handles) *handles = play.handles();
        if (actions) *actions = play.actions();
        if (loop.uncaught().any()) wrong += "an error was reported; ";
        play.dropSome(~0U);
        if (places) *places = play.places();
    }
    if (Counted::alive != 0) wrong += std::to_string(Counted::alive) + " objects were left; ";
    if (const int blocks = source.balance()) wrong += std::to_string(blocks) + " blocks were left; ";
    return wrong;
}

}

TEST_CASE("whatever a fetch calls may drop any handle of it or do what can be done") {
    const std::pair<Abort, std::set<std::string>> scenes[] = {
        {Abort::never, {"closed", "end", "head", "pull", "read", "text"}},
        {Abort::atOnce, {"abort", "cancel", "head", "pull"}},
        {Abort::behindTheHead, {"abort", "closed", "end", "head", "pull", "read", "text"}},
    };
    for (const auto& [abort, expected] : scenes) {
        std::set<std::string> places;
        std::size_t handles = 0;
        std::size_t actions = 0;
        CHECK(wrongIn(abort, "", nullptr, &places, &handles, &actions) == "");
        CHECK(places == expected);
        for (const std::string& place : expected) {
            for (unsigned mask = 1; mask < 1U << handles; ++mask) {
                INFO(static_cast<int>(abort) << ": " << place << " drops " << mask);
                CHECK(wrongIn(abort, place, [mask](Play& play) { play.dropSome(mask); }) == "");
            }
            for (std::size_t action = 0; action < actions; ++action) {
                INFO(static_cast<int>(abort) << ": " << place << " does " << action);
                CHECK(wrongIn(abort, place, [action](Play& play) {
                          if (action < play.actions()) play.act(action);
                      }) == "");
            }
        }
    }
}

TEST_CASE("one loop behind the other on one thread fetches from the same server") {
    for (int i = 0; i < 3; ++i) {
        EventLoop loop;
        const auto text = loop.runUntilSettled([]() -> Promise<std::string> {
            const Response response = co_await fetch(site().url("/302"));
            std::string all = co_await response.text();
            co_return all;
        });
        CHECK(text == "GET /there");
    }
}

TEST_CASE("loops on several threads fetch at once and each has its own") {
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&right, thread] {
            for (int round = 0; round < 3; ++round) {
                EventLoop loop;
                loop.run([&] {
                    configureFetch({.cookies = true});
                    for (int i = 0; i < 5; ++i) {
                        const std::string target = "/" + std::to_string(thread) + "/" + std::to_string(i);
                        fetch(site().url(target), {.method = "POST", .body = target})
                            .then([](const Response& response) { return response.text(); })
                            .then([&right, target](const std::string& text) {
                                if (text == "POST " + target + " " + target) ++right;
                            });
                    }
                });
            }
        });
    }
    for (std::thread& each : threads) each.join();
    CHECK(right == 4 * 3 * 5);
}
