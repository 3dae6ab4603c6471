// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/written.hpp"

#include <rondo/events/abort_signal.hpp>
#include <rondo/host/completion.hpp>
#include <rondo/promise/combinators.hpp>

#include <chrono>
#include <concepts>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

/// Cannot be made when told so.
struct Fragile {
    explicit Fragile(bool fails) {
        if (fails) throw std::runtime_error("not made");
    }
};

/// The Web API of the user's own that the documentation shows.
Promise<std::string> readLine(std::string line) {
    Completion<std::string> completion;
    auto promise = completion.promise();
    std::thread([line = std::move(line), completion = std::move(completion)]() mutable {
        completion.resolve(std::move(line));
    }).detach();
    return promise;
}

template <class T, class... Args>
concept ResolvesWith = requires(Completion<T>& completion, Args... args) { completion.resolve(args...); };

std::exception_ptr thrownBy(const SettledResult<int>& settled) { return settled.reason(); }

}

static_assert(!std::is_copy_constructible_v<Completion<int>>);
static_assert(std::is_nothrow_move_constructible_v<Completion<int>>);
static_assert(std::is_nothrow_move_assignable_v<Completion<int>>);
static_assert(std::is_trivially_destructible_v<CompletionOptions>);
static_assert(ResolvesWith<std::string, int, char>);
static_assert(ResolvesWith<void>);
static_assert(!ResolvesWith<int, std::string>);
static_assert(!ResolvesWith<void, int>);

ASYNC_TEST_CASE("a promise is fulfilled from another thread") {
    Completion<int> completion;
    const auto promise = completion.promise();
    std::jthread thread([completion = std::move(completion)]() mutable { completion.resolve(42); });
    const int value = co_await promise;
    CHECK(value == 42);
}

ASYNC_TEST_CASE("a promise is rejected from another thread") {
    Completion<int> completion;
    const auto promise = completion.promise();
    std::jthread thread(
        [completion = std::move(completion)]() mutable { completion.reject(TypeError("not a number")); });
    const auto settled = co_await promise.settled();
    CHECK_THROWS_AS(std::rethrow_exception(thrownBy(settled)), TypeError);
    CHECK(base::describe(settled.reason()) == "TypeError: not a number");
}

ASYNC_TEST_CASE("a promise is rejected with what another thread has caught") {
    Completion<int> completion;
    const auto promise = completion.promise();
    std::jthread thread([completion = std::move(completion)]() mutable {
        try {
            throw std::out_of_range("far");
        } catch (...) {
            completion.reject(std::current_exception());
        }
    });
    const auto settled = co_await promise.settled();
    CHECK_THROWS_AS(std::rethrow_exception(thrownBy(settled)), std::out_of_range);
}

ASYNC_TEST_CASE("a promise of void is fulfilled from another thread") {
    Completion<void> completion;
    const auto promise = completion.promise();
    std::jthread thread([completion = std::move(completion)]() mutable { completion.resolve(); });
    co_await promise;
    CHECK(promise.state() == PromiseState::fulfilled);
}

ASYNC_TEST_CASE("a value that can only be moved comes home") {
    Completion<std::unique_ptr<int>> completion;
    auto promise = completion.promise();
    std::jthread thread(
        [completion = std::move(completion)]() mutable { completion.resolve(std::make_unique<int>(7)); });
    const auto value = co_await std::move(promise);
    CHECK(*value == 7);
}

ASYNC_TEST_CASE("a value is made in its place from any arguments") {
    Completion<std::string> completion;
    const auto promise = completion.promise();
    std::jthread thread([completion = std::move(completion)]() mutable { completion.resolve(3, 'x'); });
    const std::string value = co_await promise;
    CHECK(value == "xxx");
}

TEST_CASE("a value is never copied on its way home") {
    Counted::reset();
    runInVirtualTime([]() -> Promise<> {
        Completion<Counted> completion;
        auto promise = completion.promise();
        std::jthread([completion = std::move(completion)]() mutable { completion.resolve(5); }).join();
        const Counted value = co_await std::move(promise);
        CHECK(value.value == 5);
    });
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

ASYNC_TEST_CASE("a Web API of one's own is a promise and a thread") {
    const auto line = readLine("a line of text");
    const std::string text = co_await line;
    CHECK(text == "a line of text");
}

ASYNC_TEST_CASE("the promise of a Completion is always the same one") {
    Completion<int> completion;
    const auto first = completion.promise();
    const auto second = completion.promise();
    completion.resolve(1);
    CHECK(first == second);
    co_await first;
}

ASYNC_TEST_CASE("the first settlement counts") {
    Completion<int> first;
    Completion<int> second;
    const auto one = first.promise();
    const auto two = second.promise();
    first.resolve(1);
    first.resolve(2);
    first.reject(Error("late"));
    second.reject(Error("early"));
    second.resolve(3);
    const auto settledOne = co_await one.settled();
    const auto settledTwo = co_await two.settled();
    CHECK(settledOne.value() == 1);
    CHECK(base::describe(settledTwo.reason()) == "Error: early");
}

ASYNC_TEST_CASE("a Completion that is rejected with a null pointer is rejected with nullptr") {
    Completion<int> completion;
    const auto promise = completion.promise();
    completion.reject(std::exception_ptr());
    const auto settled = co_await promise.settled();
    CHECK_THROWS_AS(std::rethrow_exception(settled.reason()), std::nullptr_t);
}

ASYNC_TEST_CASE("what copying the error of a Completion throws is the reason") {
    struct Uncopyable {
        Uncopyable() = default;
        Uncopyable(const Uncopyable&) { throw RangeError("copied"); }
        Uncopyable& operator=(const Uncopyable&) = delete;
    };
    Completion<int> completion;
    const auto promise = completion.promise();
    const Uncopyable error;
    completion.reject(error);
    const auto settled = co_await promise.settled();
    CHECK(base::describe(settled.reason()) == "RangeError: copied");
}

ASYNC_TEST_CASE("a Completion that was moved from settles nothing") {
    Completion<int> completion;
    const auto promise = completion.promise();
    Completion<int> owner = std::move(completion);
    completion.resolve(1); // NOLINT(bugprone-use-after-move): that is what is tested
    owner.resolve(2);
    const int value = co_await promise;
    CHECK(value == 2);
}

TEST_CASE("a Completion's rejection that nobody listens to is reported") {
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        code = loop.run([] {
            Completion<int> completion;
            std::jthread([completion = std::move(completion)]() mutable { completion.reject(Error("boom")); }).join();
        });
    });
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught (in promise) Error: boom\n"));
}

TEST_CASE("a Completion without a loop is a logic_error") { CHECK_THROWS_AS(Completion<int>(), std::logic_error); }

// order

TEST_CASE("a settlement is a task and not a microtask") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Completion<void> completion;
        completion.promise().then([&] { log("completed"); });
        completion.resolve();
        loop.queueMicrotask([&] { log("microtask"); });
        Promise<>::resolve().then([&] { log("promise1"); }).then([&] { log("promise2"); });
        log("script");
    });
    CHECK(log == "script microtask promise1 promise2 completed");
}

TEST_CASE("promises are settled in order of completion with a checkpoint after each") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        std::vector<Completion<int>> completions(4);
        for (std::size_t i = 0; i < completions.size(); ++i) {
            completions[i].promise().then([&log, i] { log("then", i); }).then([&log, i] { log("next", i); });
        }
        std::jthread([completions = std::move(completions)]() mutable {
            for (const std::size_t i : {2U, 0U, 3U, 1U}) completions[i].resolve(0);
        }).join();
    });
    CHECK(log == "then2 next2 then0 next0 then3 next3 then1 next1");
}

TEST_CASE("a settlement goes by order of arrival among tasks and timers") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Completion<int> completion;
        completion.promise().then([&] { log("completed"); });
        loop.setTimer([&] { log("timer1"); }, 0, false);
        loop.post([&] { log("posted1"); });
        completion.resolve(1);
        loop.post([&] { log("posted2"); });
        loop.setTimer([&] { log("timer2"); }, 0, false);
    });
    CHECK(log == "timer1 posted1 completed posted2 timer2");
}

TEST_CASE("a settlement from another thread goes before what the loop's own thread posts later") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Completion<int> completion;
        completion.promise().then([&] { log("completed"); });
        loop.post([&] { log("posted1"); });
        std::jthread([completion = std::move(completion)]() mutable { completion.resolve(1); }).join();
        loop.post([&] { log("posted2"); });
    });
    CHECK(log == "posted1 completed posted2");
}

// what is in flight

TEST_CASE("a Completion in flight keeps its loop alive") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Gate gate;
    std::jthread thread;
    loop.run([&] {
        Completion<int> completion;
        completion.promise().then([&] { log("completed"); });
        thread = std::jthread([&gate, completion = std::move(completion)]() mutable {
            gate.wait();
            completion.resolve(1);
        });
        loop.post([&] {
            CHECK(loop.alive());
            log("task");
            gate.open();
        });
    });
    CHECK(log == "task completed");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a Completion destroyed unsettled lets the loop go on and drops what waits") {
    Counted::reset();
    Journal log;
    const bool elsewhere = GENERATE(false, true);
    EventLoop loop({.virtualTime = true});
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        code = loop.run([&]() -> Promise<> {
            auto completion = std::make_unique<Completion<int>>();
            const auto promise = completion->promise();
            promise.finally([&] { log("finally"); });
            if (elsewhere) {
                std::jthread([held = std::move(completion)] {}).join();
            } else {
                completion.reset();
            }
            const Counted local;
            const int value = co_await promise;
            log("never", value, local.value);
        });
    });
    CHECK(code == 13); // the main function's promise is pending
    CHECK_THAT(errors, Catch::Matchers::StartsWith("rondo: nothing is left to do"));
    CHECK(log == "");
    CHECK(Counted::alive == 0);
    CHECK_FALSE(loop.alive());
}

ASYNC_TEST_CASE("a race goes on without a Completion that is abandoned") {
    auto completion = std::make_unique<Completion<int>>();
    Completion<int> other;
    const auto race = Promise<>::race(completion->promise(), other.promise());
    completion.reset();
    other.resolve(2);
    const int value = co_await race;
    CHECK(value == 2);
}

TEST_CASE("a Completion that is assigned to abandons what it had") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Completion<int> completion;
        completion.promise().then([&] { log("never"); });
        Completion<int> next;
        next.promise().then([&](int value) { log(value); });
        completion = std::move(next);
        completion.resolve(2);
    });
    CHECK(log == "2");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("virtual time stands still until a Completion is settled") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::jthread thread;
    loop.run([&] {
        Completion<int> completion;
        completion.promise().then([&] { log("completed", loop.now()); });
        loop.setTimer([&] { log("timer", loop.now()); }, 1, false);
        thread = std::jthread([completion = std::move(completion)]() mutable { completion.resolve(1); });
    });
    CHECK(log == "completed0 timer1");
}

TEST_CASE("virtual time goes on while a Completion that does not hold it is in flight") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::jthread thread;
    Gate ends;
    loop.run([&] {
        Completion<int> completion({.holdsTime = false});
        completion.promise().then([&] { log("completed", loop.now()); });
        thread = std::jthread([&ends, completion = std::move(completion)]() mutable {
            ends.wait(); // what only a timeout will end
            completion.resolve(1);
        });
        loop.setTimer([&] { log("timer", loop.now()); }, 5, false);
        loop.setTimer([&] { ends.open(); }, 10, false);
    });
    loop.run([&] { loop.setTimer([&] { log("timer", loop.now()); }, 5, false); });
    CHECK(log == "timer5 completed10 timer15");
}

TEST_CASE("a Completion that does not hold time keeps timers beating that are not ref'd") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto completion = std::make_shared<Completion<int>>(CompletionOptions{.holdsTime = false});
        const auto id = loop.setTimer(
            [&, completion, beats = 0]() mutable {
                log("beat");
                if (++beats == 3) completion->resolve(1);
            },
            10, true);
        loop.timers().ref(id, false);
    });
    CHECK(log == "beat beat beat");
}

TEST_CASE("a settlement wakes a foreign loop that sleeps") {
    Journal log;
    EventLoop loop;
    Gate woken;
    loop.onWake([&] { woken.open(); });
    Completion<int> completion;
    completion.promise().then([&] { log("completed"); });
    loop.poll();
    CHECK_FALSE(loop.nextDeadline().has_value());
    std::jthread thread([completion = std::move(completion)]() mutable { completion.resolve(1); });
    woken.wait();
    loop.poll();
    CHECK(log == "completed");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a settlement wakes a loop that sleeps until a timer far away") {
    EventLoop loop;
    const int value = loop.runUntilSettled([&]() -> Promise<int> {
        loop.setTimer([] {}, 1h, false);
        Completion<int> completion;
        const auto promise = completion.promise();
        std::jthread thread([completion = std::move(completion)]() mutable { completion.resolve(7); });
        co_return co_await promise;
    });
    CHECK(value == 7);
}

// outliving the loop

TEST_CASE("a Completion outlives its loop: settling it does nothing") {
    const auto token = std::make_shared<int>(1);
    std::optional<Completion<std::shared_ptr<int>>> resolved;
    std::optional<Completion<std::shared_ptr<int>>> elsewhere;
    std::optional<Completion<int>> rejected;
    std::optional<Completion<int>> abandoned;
    {
        EventLoop loop({.virtualTime = true});
        resolved.emplace();
        elsewhere.emplace();
        rejected.emplace();
        abandoned.emplace();
    }
    resolved->resolve(token);
    std::jthread([&] { elsewhere->resolve(token); }).join();
    rejected->reject(Error("nobody hears it"));
    abandoned.reset();
    CHECK(token.use_count() == 1);
}

TEST_CASE("what settles a Completion of a loop that has gone is dropped on the thread that settles it") {
    struct NotesItsEnd {
        explicit NotesItsEnd(std::thread::id& thread) : where(&thread) {}
        NotesItsEnd(NotesItsEnd&& other) noexcept : where(std::exchange(other.where, nullptr)) {}
        NotesItsEnd& operator=(NotesItsEnd&&) = delete;
        ~NotesItsEnd() {
            if (where) *where = std::this_thread::get_id();
        }
        std::thread::id* where;
    };
    std::optional<Completion<NotesItsEnd>> completion;
    {
        EventLoop loop({.virtualTime = true});
        completion.emplace();
    }
    std::thread::id where;
    std::thread::id settler;
    std::jthread([&] {
        settler = std::this_thread::get_id();
        completion->resolve(where);
    }).join();
    CHECK(where == settler);
}

TEST_CASE("a promise that outlives its loop stays pending") {
    Counted::reset();
    std::optional<Completion<int>> completion;
    std::optional<Promise<int>> promise;
    {
        EventLoop loop({.virtualTime = true});
        completion.emplace();
        promise.emplace(completion->promise());
        promise->then([held = Counted()] {});
    }
    CHECK(Counted::alive == 0);
    completion->resolve(1);
    CHECK(promise->state() == PromiseState::pending);
}

TEST_CASE("settling a Completion of a loop that has gone does not touch the next one") {
    Journal log;
    std::optional<Completion<int>> stale;
    {
        EventLoop loop({.virtualTime = true});
        stale.emplace();
    }
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Completion<int> fresh;
        fresh.promise().then([&](int value) { log(value); });
        stale->resolve(1);
        fresh.resolve(2);
    });
    CHECK(log == "2");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a settlement that has not run goes with its loop") {
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        Completion<Counted> completion;
        completion.promise().then([held = Counted()] {});
        std::jthread([completion = std::move(completion)]() mutable { completion.resolve(1); }).join();
        CHECK(Counted::alive == 2);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a loop that is stopped settles what has come when it runs again") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    Completion<int> completion;
    completion.promise().then([&](int value) { log(value); });
    loop.run([&] { loop.stop(); });
    completion.resolve(1);
    CHECK(log == "");
    loop.run([] {});
    CHECK(log == "1");
}

// what throws

ASYNC_TEST_CASE("what making the value throws leaves resolve and changes nothing") {
    Completion<Fragile> completion;
    const auto promise = completion.promise();
    CHECK_THROWS_AS(completion.resolve(true), std::runtime_error);
    CHECK(promise.state() == PromiseState::pending);
    completion.resolve(false);
    co_await promise;
    CHECK(promise.state() == PromiseState::fulfilled);
}

ASYNC_TEST_CASE("after the value could not be made a Completion may be rejected or abandoned") {
    auto abandoned = std::make_unique<Completion<Fragile>>();
    CHECK_THROWS_AS(abandoned->resolve(true), std::runtime_error);
    abandoned.reset();
    Completion<Fragile> completion;
    const auto promise = completion.promise();
    CHECK_THROWS_AS(completion.resolve(true), std::runtime_error);
    completion.reject(Error("no value"));
    const auto settled = co_await promise.settled();
    CHECK(base::describe(settled.reason()) == "Error: no value");
}

ASYNC_TEST_CASE("what moving the value into its promise throws is the reason of a rejection") {
    struct Immovable {
        explicit Immovable(int) {}
        Immovable(Immovable&&) { throw std::runtime_error("not moved"); }
        Immovable& operator=(Immovable&&) = delete;
    };
    Completion<Immovable> failing;
    const auto failed = failing.promise();
    failing.resolve(1);
    const auto handled = failed.then([](const Immovable&) { return std::string("moved"); },
                                     [](const std::runtime_error& error) { return std::string(error.what()); });
    const std::string what = co_await handled;
    CHECK(what == "not moved");
}

TEST_CASE("settling allocates none of the thread's memory") {
    Journal log;
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    Completion<int> resolved;
    Completion<int> rejected;
    resolved.promise().then([&](int value) { log(value); });
    rejected.promise().catch_([&](const Error& error) { log(error.message()); });
    const auto reason = std::make_exception_ptr(Error("no"));
    base::FreeLists::trim();
    const int before = source.allocations();
    resolved.resolve(1);
    rejected.reject(reason);
    loop.poll();
    CHECK(source.allocations() == before);
    CHECK(log == "1 no");
}

TEST_CASE("without memory making a Completion throws bad_alloc and changes nothing") {
    failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        Completion<int>().resolve(1); // makes the loop's table
        loop.poll();
        source.failAfter(successes);
        bool thrown = false;
        try {
            const Completion<int> completion;
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        CHECK(thrown == source.failed());
        loop.poll();
        CHECK_FALSE(loop.alive());
    });
}

// With a signal

ASYNC_TEST_CASE("a completion whose signal is aborted rejects with the reason and ignores what settles it later") {
    AbortController controller;
    Completion<int> completion({.signal = controller.signal()});
    const auto promise = completion.promise();
    controller.abort(Error("enough"));
    CHECK(promise.state() == PromiseState::rejected);
    completion.resolve(1);
    const auto settled = co_await promise.settled();
    CHECK(base::describe(settled.reason()) == "Error: enough");
}

TEST_CASE("a completion whose signal is aborted no longer keeps the loop alive") {
    EventLoop loop({.virtualTime = true});
    AbortController controller;
    Completion<int> completion({.signal = controller.signal()});
    completion.promise().catch_([] { return 0; });
    loop.run([] { EventLoop::current().setTimer([] { EventLoop::current().stop(); }, 0, false); });
    CHECK(loop.alive());
    controller.abort();
    loop.run([] {});
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a completion made with a signal that is aborted gives a rejected promise") {
    EventLoop loop({.virtualTime = true});
    Completion<std::string> completion({.signal = AbortSignal::abort(Error("before"))});
    const auto promise = completion.promise();
    CHECK(promise.state() == PromiseState::rejected);
    promise.catch_([] { return std::string(); });
    completion.resolve("late");
    loop.run([] {});
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a timeout ends what is waited for in virtual time if the completion does not hold it") {
    EventLoop loop({.virtualTime = true});
    double when = 0;
    std::string why;
    Completion<int> completion({.holdsTime = false, .signal = AbortSignal::timeout(50ms)});
    loop.run([&]() -> Promise<> {
        const auto promise = completion.promise();
        const auto settled = co_await promise.settled();
        why = base::describe(settled.reason());
        when = EventLoop::current().now();
    });
    CHECK(when == 50);
    CHECK(why == "TimeoutError: The operation was aborted due to timeout");
}

TEST_CASE("a completion with a signal goes with its loop and leaves the signal") {
    AbortController controller;
    auto completion = std::optional<Completion<int>>();
    {
        EventLoop loop({.virtualTime = true});
        completion.emplace(CompletionOptions{.signal = controller.signal()});
    }
    controller.abort();
    completion->resolve(1);
    SUCCEED("nothing was touched that had gone");
}
