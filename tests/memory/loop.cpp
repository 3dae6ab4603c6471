// SPDX-License-Identifier: MIT
#include "../support/written.hpp"
#include "program.hpp"

#include <rondo/events/global_scope.hpp>
#include <rondo/promise.hpp>

#include <memory>
#include <string>
#include <thread>

using namespace rondo;

// What is attacked here, in the order of the headers: base/error.hpp; loop/event_loop.hpp.

TEST_CASE("memory may end while an error is made") {
    forEachFailure([](Program& program) {
        const auto cause = std::make_exception_ptr(program.attempt([] { return Error(longText); }));
        program.attempt([&] { program.log(Error("Error", cause).toString()); });
        program.attempt([&] { program.log(TypeError("TypeError", cause).stack().size() > 0); });
        program.attempt([&] { program.log(RangeError("RangeError", cause).what()); });
        program.attempt([&] { program.log(ReferenceError(longText).name()); });
        program.attempt([&] { program.log(DOMException(longText, "AbortError").code()); });
        program.attempt([&] { program.log(SuppressedError(cause, cause, "SuppressedError").message()); });
        program.attempt([&] { program.log(AggregateError({cause, cause}, "AggregateError").errors().size()); });
        const Error copy = AggregateError(program.attempt([&] { return AggregateError({cause}, "copied"); }));
        program.log(copy.message());
        program.attempt([&] {
            base::Text text;
            base::describeWithStack(text, std::make_exception_ptr(AggregateError({cause}, "all", cause)));
            program.log(text.view().find(longText) != text.view().npos);
        });
    });
}

TEST_CASE("memory may end while a loop is made") {
    forEachFailure([](Program& program) {
        auto loop =
            program.attempt([] { return std::make_unique<EventLoop>(); }, [] { return !EventLoop::hasCurrent(); });
        program.log(&EventLoop::current() == loop.get());
    });
}

TEST_CASE("memory may end while a loop is given tasks and microtasks and timers") {
    forEachFailure(onLoop([](Program& program) {
        EventLoop& loop = EventLoop::current();
        program.attempt([&] { loop.post(logging(program, "posted")); });
        program.attempt([&] { loop.queueMicrotask(logging(program, "microtask")); });
        program.attempt([&] { loop.setTimer(logging(program, "due"), 0, false); });
        for (int i = 0; i < 6; ++i) // the slots of the timers, and the heap, grow
            program.attempt([&] { loop.setTimer(logging(program, "late"), 10 - i, false); });
        struct Beats {
            loop::TimerQueue::Id id = 0;
            int count = 0;
        };
        const auto beats = program.attempt([] { return std::make_shared<Beats>(); });
        beats->id = program.attempt([&] {
            return loop.setTimer(
                [&program, beats] {
                    program.log("beat", beats->count);
                    if (++beats->count == 3) EventLoop::current().clearTimer(beats->id);
                },
                4, true);
        });
        loop.queueMicrotask([&program] { program.log(EventLoop::current().timers().refCount()); });
    }));
}

TEST_CASE("memory may end while a foreign loop drives this one") {
    forEachFailure([](Program& program) {
        const auto loop =
            program.attempt([] { return std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true}); });
        const Program::Listening listening(program, *loop);
        program.attempt([&] { loop->onWake(logging(program, "wake")); });
        program.attempt([&] { loop->onWake(logging(program, "another")); });
        program.attempt([&] { loop->post(logging(program, "posted")); }, [&] { return !loop->alive(); });
        program.attempt([&] { loop->setTimer(logging(program, "timer"), 5, false); });
        program.log("next", loop->nextDeadline().has_value());
        loop->poll();
        program.log("polled");
        loop->poll();
        program.log("next", loop->nextDeadline().has_value());
    });
}

TEST_CASE("memory may end on another thread that posts") {
    forEachFailure(
        [](Program& program) {
            const auto loop = std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true});
            const Program::Listening listening(program, *loop);
            std::thread([&] {
                try {
                    program.attempt([&] { loop->post(logging(program, "posted")); });
                } catch (const std::bad_alloc&) {
                    program.log("thread:bad_alloc");
                }
            }).join();
            loop->run([] {});
        },
        heap::Victim::otherThreads);
}

TEST_CASE("memory may end while a function is run on a loop") {
    forEachFailure([](Program& program) {
        const auto loop =
            program.attempt([] { return std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true}); });
        const Program::Listening listening(program, *loop);
        const auto exits = [&](int expected, auto f, auto... args) { // with 0 if `f` was not called, and this was told
            const int code = program.attempt([&] { return loop->run(f, args...); });
            program.log("exits", code, code == expected ? "" : ":bad_alloc");
        };
        exits(0, [] {});
        exits(3, [](const std::string& text) { return text == longText ? 3 : 4; }, std::string(longText));
        exits(5, [](std::string text) -> Promise<int> { co_return text == longText ? 5 : 6; }, longText);
        exits(0, []() -> Promise<> { co_await Promise<>::resolve(); });
        const auto gives = [&](const char* entry, auto f) {
            try {
                auto value = program.attempt([&] { return loop->runUntilSettled(f); });
                program.log(entry, value == longText ? "" : "TORN");
            } catch (const std::bad_alloc&) {
                throw;
            } catch (const Error& error) {
                program.log(error.message().substr(0, 7));
            }
        };
        gives("value", [] { return std::string(longText); });
        gives("promised", []() -> Promise<std::string> { co_return std::string(longText); });
        gives("thrown", []() -> std::string { throw Error("thrown"); });
        gives("rejected", []() -> Promise<std::string> {
            throw Error("rejects");
            co_return "";
        });
        gives("dry", [] { return Promise<std::string>([](auto) {}); });
    });
}

TEST_CASE("without memory a run that is stuck still says so") {
    Redirected said(stderr);
    forEachFailure([](Program& program) {
        const auto loop =
            program.attempt([] { return std::make_unique<EventLoop>(EventLoopOptions{.virtualTime = true}); });
        const Program::Listening listening(program, *loop);
        int calls = 0;
        const auto stuck = [&]() -> Promise<> {
            ++calls;
            co_await Promise<>([](auto) {});
        };
        const int code = program.attempt([&] { return loop->run(stuck); }, [&] { return calls == 0; });
        program.log(code, code == 0 ? ":bad_alloc" : "");
    });
    const std::string& text = said.text();
    CHECK(occurrences(text, "promise is pending\n    at async lambda (") > 0);
    CHECK(occurrences(text, "promise is pending, and there is no memory to say where\n") > 0);
}

TEST_CASE("memory may end while one looks at what a loop waits for") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        auto resolvers = program.attempt([] { return Promise<>::withResolvers(); });
        const auto awaits = [](Promise<> inner) -> Promise<> { co_await inner; };
        const auto inner = program.attempt([&] { return awaits(resolvers.promise); });
        const auto outer = program.attempt([&] { return awaits(inner); });
        const auto pending = program.attempt([] { return EventLoop::current().pending(); });
        program.log("pending", pending.size());
        program.attempt([&] { program.log(pending.front().stack().size() > 0); });
        resolvers.resolve();
        co_await outer;
        program.log("ended");
    }));
}

TEST_CASE("memory may end while the global object of a loop is made") {
    const Redirected said(stderr);
    forEachFailure(onLoop([](Program& program) {
        EventLoop& loop = EventLoop::current();
        program.attempt([&] { loop.globalThis(); });
        program.attempt([&] {
            loop.globalThis().onerror([&, log = logging(program, "told")] {
                log();
                return true;
            });
        });
        program.attempt([&] { reportError(Error("reported")); });
    }));
}
