// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <memory>
#include <string>
#include <utility>

using namespace rondo;

// What is attacked here, in the order of the headers: promise/coroutine.hpp, await.hpp, callback.hpp (`async`).

namespace {

/// Counts its lives, and takes memory when it is copied.
struct Parameter {
    Parameter() { ++alive; }
    Parameter(Parameter&& other) noexcept : text(std::move(other.text)) { ++alive; }
    Parameter(const Parameter& other) : text(other.text) { ++alive; }
    Parameter& operator=(Parameter&&) = delete;
    ~Parameter() { --alive; }

    static inline int alive = 0;
    std::string text = longText;
};

/// A thenable that says what it gives.
struct TextLater {
    using value_type = std::string;
    std::string text = longText;
    void then(const promise::Resolve<std::string>& resolve, const promise::Reject<std::string>&) { resolve(text); }
};

Promise<std::string> atOnce(std::string text) { co_return text; }

Promise<std::string> later(std::string text, Promise<> when) {
    co_await when;
    co_return text;
}

Promise<std::string> fails(std::string) {
    co_await Promise<>::resolve();
    throw Error(longText);
}

Promise<std::string> returnsPromise(std::string text) {
    auto inner = atOnce(std::move(text));
    co_return std::move(inner);
}

Promise<std::string> returnsThenable() { co_return TextLater(); }

Promise<std::string> awaitsAll(std::string text) {
    const auto promise = atOnce(text);
    const std::string& shared = co_await promise;
    auto copied = promise;
    const std::string copy = co_await std::move(copied);
    const std::string moved = co_await atOnce(shared);
    auto failing = fails(copy);
    const auto settled = co_await std::move(failing).settled();
    std::string caught;
    try {
        co_await fails(moved);
    } catch (const Error& error) {
        caught = error.message();
    }
    const std::string thenable = co_await TextLater();
    co_return settled.rejected() && caught == text&& moved == copy ? thenable : "";
}

}

TEST_CASE("memory may end while async functions are called and while they run") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        const auto when = program.attempt([] { return Promise<>::resolve(); });
        make("atOnce", [] { return atOnce(longText); });
        make("later", [&] { return later(longText, when); });
        make("fails", [] { return fails(longText); });
        make("returnsPromise", [] { return returnsPromise(longText); });
        make("returnsThenable", [] { return returnsThenable(); });
        make("awaitsAll", [] { return awaitsAll(longText); });
    }));
}

TEST_CASE("without memory the parameters of a function are destroyed once and it has not begun") {
    forEachFailure(onLoop([](Program& program) {
        const auto function = [&program](Parameter moved, Parameter copied) -> Promise<std::string> {
            program.log("begun", Parameter::alive);
            co_await Promise<>::resolve();
            co_return moved.text == copied.text ? copied.text : "";
        };
        {
            const Parameter kept;
            auto call = [&]() {
                Parameter parameter;
                return async(function, std::move(parameter), kept);
            };
            program.follow("function", program.attempt(call, [] { return Parameter::alive == 1; }));
        }
    }));
    CHECK(Parameter::alive == 0);
}

TEST_CASE("memory may end while a closure that is a coroutine is kept") {
    forEachFailure(onLoop([](Program& program) {
        const auto make = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        const auto function = [text = std::string(longText)](std::string other) -> Promise<std::string> {
            co_await Promise<>::resolve();
            co_return text == other ? text : "";
        };
        make("async", [&] { return async(function, longText); });
        make("asyncText", [&] { return async(function, std::string(longText)); });
        make("asyncInside", [&] {
            return async([function]() -> Promise<std::string> {
                auto inner = async(function, longText);
                co_return co_await std::move(inner);
            });
        });
    }));
}
