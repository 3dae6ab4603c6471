// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

using namespace rondo;

static_assert(std::is_base_of_v<Event, ErrorEvent> && std::is_base_of_v<Event, PromiseRejectionEvent>);
static_assert(std::is_trivially_destructible_v<ErrorEventInit>);
static_assert(!std::is_copy_constructible_v<ErrorEvent>);

TEST_CASE("an error event says what its init says and keeps the error") {
    const std::exception_ptr error = std::make_exception_ptr(Error("no"));
    std::string message = "message";
    std::string filename = "file";
    const ErrorEvent event("error", error,
                           {.cancelable = true, .message = message, .filename = filename, .lineno = 3, .colno = 4});
    message = filename = "else";
    CHECK(event.type() == "error");
    CHECK(event.message() == "message");
    CHECK(event.filename() == "file");
    CHECK(event.lineno() == 3);
    CHECK(event.colno() == 4);
    CHECK(event.error() == error);
    CHECK(event.cancelable());
    CHECK_FALSE(event.bubbles());
    CHECK_FALSE(event.composed());
}

TEST_CASE("an error event may say nothing") {
    const ErrorEvent event("error");
    CHECK(event.message().empty());
    CHECK(event.filename().empty());
    CHECK(event.lineno() == 0);
    CHECK(event.colno() == 0);
    CHECK(event.error() == nullptr);
    CHECK_FALSE(event.cancelable());
}

TEST_CASE("a user may dispatch an error event to a target") {
    Journal log;
    EventTarget target;
    target.addEventListener("error", [&](ErrorEvent& event) { log(event.message(), event.isTrusted()); });
    target.dispatchEvent(ErrorEvent("error", nullptr, {.message = "text"}));
    CHECK(log == "textfalse");
}

TEST_CASE("a rejection event outlives the handles of its promise and keeps its reason") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::exception_ptr reason;
    loop.run([&] {
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            event.preventDefault();
            EventTarget target;
            target.addEventListener("copy", [&](PromiseRejectionEvent& copy) {
                reason = copy.reason();
                log(copy.promise() == event.promise(), copy.bubbles(), copy.cancelable(), copy.isTrusted());
            });
            target.dispatchEvent(PromiseRejectionEvent("copy", event.promise(), event.reason(), {.bubbles = true}));
        });
        Promise<int>::reject(Error("no"));
    });
    CHECK(log == "truetruefalsefalse");
    CHECK_THROWS_AS(std::rethrow_exception(reason), Error);
}
