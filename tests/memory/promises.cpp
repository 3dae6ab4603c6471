// SPDX-License-Identifier: MIT
#include "../support/written.hpp"
#include "program.hpp"

#include <rondo/events/global_scope.hpp>

#include <memory>
#include <optional>
#include <string>

using namespace rondo;

// What is attacked here, in the order of the headers: promise/promise.hpp, resolvers.hpp, then.hpp, finally.hpp,
// thenable.hpp and any_promise.hpp.

namespace {

/// Gives its text, or throws.
struct TextLater {
    using value_type = std::string;
    std::string text = longText;
    bool throws = false;
    void then(const promise::Resolve<std::string>& resolve, const promise::Reject<std::string>& reject) {
        if (throws) throw Error("thrown");
        resolve(text);
        reject(Error("too late"));
    }
};

/// Its `then` is a coroutine.
struct TextMuchLater {
    using value_type = std::string;
    std::string text = longText;
    Promise<> then(promise::Resolve<std::string> resolve, promise::Reject<std::string>) {
        co_await Promise<>::resolve();
        resolve(text);
    }
};

auto gives(const char* text) {
    return [kept = std::string(text)] { return kept; };
}

}

TEST_CASE("memory may end while a promise is made") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        make("resolved", [] { return Promise<>::resolve(); });
        make("value", [] { return Promise<>::resolve(std::string(longText)); });
        make("typed", [] { return Promise<std::string>::resolve(longText); });
        make("thenable", [] { return Promise<>::resolve(TextLater{}); });
        make("typedThenable", [] { return Promise<std::string>::resolve(TextLater{.throws = true}); });
        make("slowThenable", [] { return Promise<>::resolve(TextMuchLater()); });
        make("rejected", [] { return Promise<int>::reject(Error(longText, nullptr)); });
        make("executor", [] { return Promise<std::string>([](auto resolve, auto) { resolve(longText); }); });
        make("fails", [] { return Promise<std::string>([](auto) { throw Error("fails"); }); });
        make("slowExecutor", [] {
            return Promise<std::string>([text = std::string(longText)](auto resolve, auto) -> Promise<> {
                co_await Promise<>::resolve();
                resolve(text);
            });
        });
        make("tried", [] { return Promise<>::try_(gives(longText)); });
        make("triedNothing", [] { return Promise<>::try_([] {}); });
        make("triedFails", [] { return Promise<>::try_([]() -> int { throw Error("fails"); }); });
        make("triedSlow", [] {
            const auto slow = [text = std::string(longText)](std::string end) -> Promise<std::string> {
                co_await Promise<>::resolve();
                co_return text == end ? end : "";
            };
            return Promise<>::try_(slow, longText);
        });
        make("triedThenable", [] { return Promise<>::try_([] { return TextLater(); }); });
    }));
}

TEST_CASE("memory may end while a promise is resolved") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&](const char* entry, auto settle) {
            const auto r = program.attempt([] { return Promise<std::string>::withResolvers(); });
            program.follow(entry, r.promise);
            program.attempt([&] { settle(r); }, [&] { return r.promise.state() == PromiseState::pending; });
            r.reject(Error("first")); // ignored, but for a call that has thrown
        };
        const auto another = program.attempt([] { return Promise<std::string>::withResolvers(); });
        make("value", [](const auto& r) { r.resolve(longText); });
        make("copy", [text = std::string(longText)](const auto& r) { r.resolve(text); });
        make("promise", [&](const auto& r) { r.resolve(another.promise); });
        make("thenable", [](const auto& r) { r.resolve(TextLater()); });
        make("thenableCopied", [thenable = TextLater()](const auto& r) { r.resolve(thenable); });
        make("slowThenable", [](const auto& r) { r.resolve(TextMuchLater()); });
        make("rejected", [](const auto& r) { r.reject(Error(longText)); });
        make("itself", [](const auto& r) { r.resolve(r.promise); });
        program.attempt([&] { another.resolve(longText); });
    }));
}

TEST_CASE("memory may end while a promise is given handlers and while they run") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        const auto text = program.attempt([] { return Promise<>::resolve(std::string(longText)); });
        const auto failing = program.attempt([] { return Promise<std::string>::reject(Error("failing")); });
        make("then", [&] { return text.then([&](const std::string& value) { return value; }); });
        make("thenNothing", [&] { return text.then([&, capture = std::string(longText)] { program.log("ran"); }); });
        make("thenPasses", [&] { return failing.then([&] { program.log("never"); }); });
        make("thenCatches", [&] { return failing.then([] { return std::string(); }, gives(longText)); });
        make("thenPromise",
             [&] { return text.then([](const std::string& value) { return Promise<>::resolve(value); }); });
        make("thenThenable", [&] { return text.then([] { return TextLater(); }); });
        make("thenFunction", [&] {
            return text.then([capture = std::string(longText)](std::string value) -> Promise<std::string> {
                co_await Promise<>::resolve();
                co_return value == capture ? value : "";
            });
        });
        make("thenThrows", [&] { return text.then([]() -> int { throw Error("thrown"); }); });
        make("thenMoved", [&] { return Promise<std::string>(text).then([](std::string value) { return value; }); });
        make("catch", [&] {
            return failing.catch_(
                [](const Error& error) { return std::string(error.message() == "failing" ? longText : ""); });
        });
        make("catchAny", [&] { return failing.catch_([](std::exception_ptr) { return std::string(longText); }); });
        make("catchOther", [&] { return failing.catch_([](const TypeError&) { return std::string(); }); });
        make("catchPasses", [&] { return text.catch_(gives("")); });
        make("finally", [&] { return text.finally([&, capture = std::string(longText)] { program.log("finally"); }); });
        make("finallyThrows", [&] { return text.finally([] { throw Error("thrown"); }); });
        make("finallyPromise",
             [&] { return failing.finally([] { return Promise<>::resolve(std::string(longText)); }); });
        make("finallyThenable", [&] { return text.finally([] { return TextLater(); }); });
    }));
}

TEST_CASE("memory may end while a value is moved out of its promise") {
    forEachFailure(onLoop([](Program& program) {
        const auto only = [&] {
            return program.attempt([] { return Promise<std::unique_ptr<int>>::resolve(std::make_unique<int>(1)); });
        };
        // a call on an rvalue has taken its handle over, also where it throws
        program.follow("then", program.attempt([&] { return only().then([](std::unique_ptr<int> p) { return p; }); }));
        program.follow("catch", program.attempt([&] { return only().catch_([] { return std::unique_ptr<int>(); }); }));
        program.follow("finally", program.attempt([&] { return only().finally([&] { program.log("ran"); }); }));
        const auto shared = only();
        program.follow("shared", program.attempt([&] {
            return Promise<std::unique_ptr<int>>(shared).then([](std::unique_ptr<int>) { return 1; });
        }));
    }));
}

TEST_CASE("without memory a handler for any promise does not make its rejection handled") {
    const auto ask = [](auto add) {
        return onLoop([add](Program& program) {
            GlobalScope& scope = *program.attempt([] { return &EventLoop::current().globalThis(); });
            const auto rejected = program.attempt([] { return Promise<>::reject(Error("rejected")); });
            program.attempt([&] {
                scope.onunhandledrejection([&program, add, rejected](PromiseRejectionEvent& event) {
                    program.log("unhandled:", Program::nameOf(event.reason()));
                    event.preventDefault();
                    if (event.promise() == rejected)
                        program.attempt([&] { add(program, event.promise()); },
                                        [&] { return !rejected.ref()->handled(); });
                });
            });
            program.attempt([&] {
                scope.onerror([&program](ErrorEvent& event) {
                    program.log("reported:", Program::nameOf(event.error()));
                    return true;
                });
            });
        });
    };
    const Redirected said(stderr);
    forEachFailure(ask([](Program& program, const AnyPromise& promise) {
        promise.catch_([&program, text = std::string(longText)] { program.log("caught"); });
    }));
    forEachFailure(ask([](Program& program, const AnyPromise& promise) {
        promise.finally([&program, text = std::string(longText)] { program.log("finally"); });
    }));
}
