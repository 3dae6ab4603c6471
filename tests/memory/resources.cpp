// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/iteration.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

// What is attacked here, in the order of the headers: iteration/event_iterator.hpp, async_disposable_stack.hpp.

namespace {

void fire(EventTarget& target, const std::string& text) {
    target.dispatchEvent(CustomEvent<std::string>("text", text));
}

auto textsOf(EventTarget& target, SignalRef signal = {}) {
    return eventsOf(target, "text", [](CustomEvent<std::string>& event) { return event.detail(); }, {.signal = signal});
}

/// A resource with something on the heap.
struct Resource {
    Program* program;
    const char* name;
    std::unique_ptr<std::string> text = std::make_unique<std::string>(longText);
    Promise<> disposeAsync() {
        program->log(text ? "async" : "TORN", name);
        auto closing = async(
            [](Program& of, const char* entry) -> Promise<> {
                co_await Promise<>::resolve();
                of.log("closed", entry);
            },
            std::ref(*program), name);
        return closing;
    }
};
struct Quick {
    Program* program;
    const char* name;
    std::unique_ptr<std::string> text = std::make_unique<std::string>(longText);
    void dispose() { program->log(text ? "quick" : "TORN", name); }
};

}

TEST_CASE("memory may end while events are iterated over and none is lost") {
    forEachFailure(onLoop([](Program& program) {
        EventTarget target;
        auto events = program.attempt([&] { return textsOf(target); });
        const auto next = [&](const char* entry, auto& from) {
            program.follow(entry, program.attempt([&] { return from.next(); }));
        };
        next("waits", events);
        for (int i = 0; i < 3; ++i) program.attempt([&] { fire(target, longText); });
        next("kept", events);
        next("kept", events);
        next("end", events);
        next("answered", events);
        program.follow("returned", program.attempt([&] { return events.return_(); }));
        next("behind", events);
        program.attempt([&] { fire(target, longText); });

        AbortController controller = program.attempt([] { return AbortController(); });
        auto aborted = program.attempt([&] { return textsOf(target, controller.signal()); });
        program.attempt([&] { fire(target, longText); });
        program.attempt([&] { controller.abort(Error("aborted")); });
        next("next", aborted);
        next("next", aborted);
        next("next", aborted);
    }));
}

TEST_CASE("without memory a return leaves an iterator over events as it was") {
    forEachFailure(onLoop([](Program& program) {
        EventTarget target;
        auto events = program.attempt([&] { return textsOf(target); });
        const auto request = program.attempt([&] { return events.next(); });
        program.follow("request", request);
        const auto returned =
            program.attempt([&] { return events.return_(); }, [&] { return request.state() == PromiseState::pending; });
        program.follow("returned", returned);
    }));
}

TEST_CASE("memory may end while resources are put on a stack and disposed of") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        AsyncDisposableStack stack;
        std::optional<Resource> resource;
        program.attempt([&] { resource.emplace(Resource{&program, "1"}); });
        program.attempt([&] { stack.use(std::move(*resource)); }, [&] { return resource->text && !stack.disposed(); });
        std::optional<Quick> quick;
        program.attempt([&] { quick.emplace(Quick{&program, "2"}); });
        program.attempt([&] { stack.use(std::move(*quick)); }, [&] { return static_cast<bool>(quick->text); });
        program.attempt([&] {
            stack.adopt(std::string(longText),
                        [&](const std::string& text) { program.log(text == longText ? "adopted" : "TORN"); });
        });
        program.attempt([&] {
            stack.defer([&program, text = std::string(longText)]() -> Promise<> {
                co_await Promise<>::resolve();
                program.log(text == longText ? "deferred" : "TORN");
            });
        });
        program.attempt([&] { stack.defer([text = std::string(longText)] { throw Error("failed"); }); });
        AsyncDisposableStack moved = stack.move();
        const auto end = program.attempt([&] { return moved.disposeAsync(); }, [&] { return !moved.disposed(); });
        program.follow("end", end);
        co_await end.settled();
        program.follow("again", program.attempt([&] { return moved.disposeAsync(); }));
        try {
            program.attempt([&] { moved.defer([] {}); });
        } catch (const ReferenceError&) {
            program.log("refused");
        }
    }));
}

TEST_CASE("memory may end in a block with resources") {
    forEachFailure(onLoop([](Program& program) {
        const auto run = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        run("block", [&] {
            return usingAsync(
                [&program, text = std::string(longText)](AsyncDisposableStack& stack) -> Promise<std::string> {
                    stack.use(Resource{&program, "1"});
                    stack.defer([&program] { program.log("deferred"); });
                    co_await Promise<>::resolve();
                    co_return text;
                });
        });
        run("fails", [&] {
            return usingAsync([&program](AsyncDisposableStack& stack) -> Promise<> {
                stack.use(Quick{&program, "2"});
                stack.defer([] { throw Error("one"); });
                stack.defer([] { throw Error("two"); });
                co_await Promise<>::resolve();
                throw Error("body");
            });
        });
        run("atOnce", [&] {
            return usingAsync([](AsyncDisposableStack& stack) {
                stack.defer([] {});
                return Promise<>::reject(Error("atOnce"));
            });
        });
    }));
}

TEST_CASE("what a block has put on its stack is disposed of although memory ends") {
    struct Counting {
        int* disposed;
        std::unique_ptr<std::string> text = std::make_unique<std::string>(longText);
        void dispose() const { ++*disposed; }
    };
    int put = 0;
    int disposed = 0;
    forEachFailure(onLoop([&](Program& program) {
        const auto block = [&](AsyncDisposableStack& stack) -> Promise<std::string> {
            stack.use(Counting{&disposed});
            ++put;
            stack.defer([&] { ++disposed; });
            ++put;
            stack.adopt(std::string(longText), [&](const std::string&) { ++disposed; });
            ++put;
            co_await Promise<>::resolve();
            stack.defer([&]() -> Promise<> {
                ++disposed;
                return Promise<>::resolve();
            });
            ++put;
            co_return longText;
        };
        program.follow("block", program.attempt([&] { return usingAsync(block); }));
    }));
    CHECK(put > 0);
    CHECK(disposed == put);
}
