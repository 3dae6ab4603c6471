// SPDX-License-Identifier: MIT
#include "fetch/site.hpp"
#include "support/catch.hpp"
#include "support/failing_source.hpp"

#include <rondo/events.hpp>
#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>

#include <new>
#include <optional>
#include <string>

using namespace rondo;

namespace {

/// What becomes of a fetch and its text if an allocation of it fails. The rejections of promises in between are nobody's.
template <class Begin>
int failEachAllocationOf(const std::string& expected, Begin begin) {
    return failEachAllocation([&](FailingSource& source, int successes) {
        std::string outcome = "never";
        {
            EventLoop loop;
            loop.globalThis().addEventListener("unhandledrejection", [](Event& event) { event.preventDefault(); });
            loop.globalThis().addEventListener("error", [](Event& event) { event.preventDefault(); });
            std::optional<Promise<>> kept;
            loop.run([&] {
                source.failAfter(successes);
                try {
                    kept = begin()
                               .then([](const Response& response) { return response.text(); })
                               .then([&](const std::string& text) { outcome = text; },
                                     [&](const std::exception_ptr& reason) { outcome = told(reason); });
                } catch (const std::bad_alloc&) {
                    outcome = "thrown";
                }
            });
            source.disarm();
        }
        INFO("allocation " << successes << ": " << outcome);
        CHECK((outcome == expected || outcome == "thrown" || outcome.ends_with("std::bad_alloc")));
        if (!source.failed()) CHECK(outcome == expected);
    });
}

}

TEST_CASE("a fetch for which there is no memory is a fetch that fails") {
    const Site site({{"/303", Site::redirect(303, "/there")}});
    const std::string url = site.url("/303");
    const int allocations = failEachAllocationOf(
        "GET /there", [&] { return fetch(url, {.method = "POST", .headers = {{"X-One", "1"}}, .body = "body"}); });
    CHECK(allocations > 10);
}

TEST_CASE("a fetch whose body is a stream for which there is no memory is a fetch that fails") {
    const Site site;
    const std::string url = site.url("/up");
    failEachAllocationOf("POST /up body", [&] {
        const ReadableStream<Uint8Array> body({.pull = [](ReadableStreamDefaultController<Uint8Array>& controller) {
            controller.enqueue(Uint8Array("body"));
            controller.close();
        }});
        return fetch(url, {.method = "POST", .body = body});
    });
}

TEST_CASE("an abort for which there is no memory is none or ends the fetch") {
    const Site site;
    const std::string url = site.url("/a");
    failEachAllocation([&](FailingSource& source, int successes) {
        EventLoop loop;
        std::string outcome;
        std::optional<Promise<Response>> kept;
        loop.run([&] {
            AbortController controller;
            source.failAfter(successes);
            try {
                kept = fetch(url, {.signal = controller.signal()});
                controller.abort();
            } catch (const std::bad_alloc&) {
                outcome = "thrown";
                controller.abort();
            }
            source.disarm();
            if (kept) kept->catch_([] { return Response::error(); });
        });
        CHECK((kept ? kept->state() == PromiseState::rejected : outcome == "thrown"));
    });
}
