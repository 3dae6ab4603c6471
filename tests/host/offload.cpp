// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/written.hpp"

#include <rondo/events/abort_signal.hpp>
#include <rondo/host/offload.hpp>
#include <rondo/promise/combinators.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

int doubled(int number) { return 2 * number; }
std::string joined(const std::string& a, std::string b) { return a + b; }
std::string nameOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        return std::string(error.name());
    }
}

/// Tells, when it is destroyed, on which thread that was.
struct NotesItsEnd {
    explicit NotesItsEnd(std::atomic<std::thread::id>& where) : where_(&where) {}
    NotesItsEnd(NotesItsEnd&& other) noexcept : where_(std::exchange(other.where_, nullptr)) {}
    NotesItsEnd& operator=(NotesItsEnd&&) = delete;
    ~NotesItsEnd() {
        if (where_) *where_ = std::this_thread::get_id();
    }

private:
    std::atomic<std::thread::id>* where_;
};

/// A value that counts its lives and copies on all threads.
struct Carried {
    static inline std::atomic<int> alive{0};
    static inline std::atomic<int> copies{0};
    static void reset() { alive = copies = 0; }

    explicit Carried(int number) : value(number) { ++alive; }
    Carried(const Carried& other) : value(other.value) { ++alive, ++copies; }
    Carried(Carried&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
    Carried& operator=(Carried) = delete;
    ~Carried() { --alive; }

    int value;
};

struct CannotBeCopied {
    CannotBeCopied() = default;
    CannotBeCopied(const CannotBeCopied&) { throw std::runtime_error("not copied"); }
};

}

ASYNC_TEST_CASE("offload promises what the function returns") {
    const auto number = offload(doubled, 21);
    const auto text = offload(joined, "one ", std::string("two"));
    const auto lambda = offload([] { return 1.5; });
    const int first = co_await number;
    const std::string second = co_await text;
    const double third = co_await lambda;
    CHECK(first == 42);
    CHECK(second == "one two");
    CHECK(third == 1.5);
}

ASYNC_TEST_CASE("an offloaded call runs on a thread of the pool") {
    const auto here = std::this_thread::get_id();
    const auto there = co_await offload([] { return std::this_thread::get_id(); });
    CHECK(here != there);
}

ASYNC_TEST_CASE("offload of a function that returns nothing is a Promise<void>") {
    bool called = false;
    const auto promise = offload([&] { called = true; });
    static_assert(std::is_same_v<decltype(promise), const Promise<void>>);
    co_await promise;
    CHECK(called);
}

ASYNC_TEST_CASE("offload rejects with what the function throws") {
    const auto own = offload([]() -> int { throw RangeError("too far"); });
    const auto standard = offload([] { throw std::out_of_range("far"); });
    const auto number = offload([] { throw 42; });
    const auto first = co_await own.settled();
    const auto second = co_await standard.settled();
    const auto third = co_await number.settled();
    CHECK(base::describe(first.reason()) == "RangeError: too far");
    CHECK_THROWS_AS(std::rethrow_exception(second.reason()), std::out_of_range);
    CHECK_THROWS_AS(std::rethrow_exception(third.reason()), int);
}

ASYNC_TEST_CASE("an error that an offloaded function threw is caught where it is awaited") {
    const auto promise = offload([] { throw TypeError("no"); });
    std::string caught;
    try {
        co_await promise;
    } catch (const TypeError& error) {
        caught = error.message();
    }
    CHECK(caught == "no");
}

// arguments and results

ASYNC_TEST_CASE("arguments that can only be moved are moved to the function") {
    const auto taken = offload([](std::unique_ptr<int> own) { return *own; }, std::make_unique<int>(7));
    const auto seen = offload([](const MoveOnly& same) { return same.value; }, MoveOnly(8));
    const auto changed = offload([](MoveOnly& same) { return ++same.value; }, MoveOnly(9));
    const int first = co_await taken;
    const int second = co_await seen;
    const int third = co_await changed;
    CHECK(first == 7);
    CHECK(second == 8);
    CHECK(third == 10);
}

TEST_CASE("arguments and results are moved and never copied") {
    Carried::reset();
    runInVirtualTime([]() -> Promise<> {
        auto promise = offload([](Carried given) { return given; }, Carried(5));
        const Carried result = co_await std::move(promise);
        CHECK(result.value == 5);
    });
    CHECK(Carried::copies == 0);
    CHECK(Carried::alive == 0);
}

ASYNC_TEST_CASE("the function gets copies of arguments given as lvalues") {
    std::string text = "before";
    Gate gate;
    const auto promise = offload(
        [&gate](const std::string& given) {
            gate.wait();
            return given;
        },
        text);
    text = "after";
    gate.open();
    const std::string value = co_await promise;
    CHECK(value == "before");
}

ASYNC_TEST_CASE("an argument in a std::ref is passed by reference") {
    int number = 1;
    const auto promise = offload([](int& given) { given = 2; }, std::ref(number));
    co_await promise;
    CHECK(number == 2);
}

ASYNC_TEST_CASE("a result that can only be moved is moved home") {
    auto promise = offload([] { return std::make_unique<int>(7); });
    const auto value = co_await std::move(promise);
    CHECK(*value == 7);
}

ASYNC_TEST_CASE("a result returned by reference is copied") {
    static const std::string text = "a string that lives for ever";
    const auto promise = offload([]() -> const std::string& { return text; });
    static_assert(std::is_same_v<decltype(promise), const Promise<std::string>>);
    const std::string value = co_await promise;
    CHECK(value == text);
}

ASYNC_TEST_CASE("a function object may be such as can only be moved") {
    const auto promise = offload([own = std::make_unique<int>(3)] { return *own; });
    const int value = co_await promise;
    CHECK(value == 3);
}

ASYNC_TEST_CASE("what the call was given goes on the pool's thread before its promise settles") {
    std::atomic<std::thread::id> argument{};
    std::atomic<std::thread::id> capture{};
    const auto promise =
        offload([noted = NotesItsEnd(capture)](const NotesItsEnd&) { return std::this_thread::get_id(); },
                NotesItsEnd(argument));
    const auto there = co_await promise;
    CHECK(argument.load() == there);
    CHECK(capture.load() == there);
}

TEST_CASE("what offload throws while it takes its arguments changes nothing") {
    EventLoop loop({.virtualTime = true});
    const CannotBeCopied argument;
    CHECK_THROWS_AS(offload([](const CannotBeCopied&) {}, argument), std::runtime_error);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("without memory offload throws bad_alloc and changes nothing") {
    ThreadPool pool({.threads = 1});
    failEachAllocation([&](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        loop.runUntilSettled([] { return offload([] {}); });
        source.failAfter(successes);
        bool thrown = false;
        try {
            offload([] {});
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        CHECK(thrown == source.failed());
        CHECK(loop.alive() == !thrown);
        source.disarm();
        loop.run([] {});
        CHECK_FALSE(loop.alive());
    });
}

TEST_CASE("offload without a loop is a logic_error") {
    CHECK_THROWS_AS(offload([] {}), std::logic_error);
}

ASYNC_TEST_CASE("an offloaded function has no loop") {
    const auto promise = offload([] { offload([] {}); });
    const auto settled = co_await promise.settled();
    CHECK_THROWS_AS(std::rethrow_exception(settled.reason()), std::logic_error);
}

// order and time

TEST_CASE("offloaded calls come home as tasks in order of completion") {
    Journal log;
    ThreadPool pool({.threads = 3});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    Gate second;
    Gate third;
    loop.run([&] {
        const auto report = [&](const char* name) {
            log(name);
            loop.queueMicrotask([&log, name] { log(name, "+"); });
        };
        offload([&] { third.wait(); }).then([&, report] { report("1"); });
        offload([&] { second.wait(); }).then([&, report] {
            report("2");
            third.open();
        });
        offload([] {}).then([&, report] {
            report("3");
            second.open();
        });
    });
    CHECK(log == "3 3+ 2 2+ 1 1+");
}

TEST_CASE("calls on a pool of one thread come home in the order in which they were made") {
    Journal log;
    ThreadPool pool({.threads = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    loop.run([&] {
        for (int i = 0; i < 20; ++i) offload([i] { return i; }).then([&](int number) { log(number); });
    });
    CHECK(log == "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
}

TEST_CASE("an offloaded call keeps the loop alive and virtual time still") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        loop.setTimer([&] { log("timer", loop.now()); }, 1, false);
        offload([] {}).then([&] { log("offloaded", loop.now()); });
    });
    CHECK(log == "offloaded0 timer1");
}

TEST_CASE("the loop goes on while an offloaded call runs") {
    Journal log;
    Gate gate;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        offload([&] { gate.wait(); }).then([&] { log("offloaded"); });
        loop.post([&] {
            log("task");
            loop.post([&] {
                log("task");
                gate.open();
            });
        });
    });
    CHECK(log == "task task offloaded");
}

TEST_CASE("a loop that sleeps is woken by an offloaded call") {
    EventLoop loop;
    const int value = loop.runUntilSettled([&] {
        loop.setTimer([] {}, 1h, false);
        return offload([] { return 5; });
    });
    CHECK(value == 5);
}

ASYNC_TEST_CASE("the combinators wait for offloaded calls") {
    const auto all = Promise<>::all(offload(doubled, 1), offload(joined, "a", "b"), offload([] {}));
    const auto values = co_await all;
    CHECK(std::get<0>(values) == 2);
    CHECK(std::get<1>(values) == "ab");
}

TEST_CASE("an offloaded call's rejection that nobody listens to is reported") {
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        code = loop.run([] { offload([] { throw Error("boom"); }); });
    });
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught (in promise) Error: boom\n"));
}

// pools

TEST_CASE("a loop makes its pool at first use and keeps it") {
    EventLoop loop({.virtualTime = true});
    ThreadPool& pool = host::poolOf(loop);
    CHECK(&host::poolOf(loop) == &pool);
    CHECK(pool.size() >= 2);
}

TEST_CASE("a loop that was given a pool uses that") {
    ThreadPool pool({.threads = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    CHECK(&host::poolOf(loop) == &pool);
    std::optional<std::thread::id> direct;
    pool.post([&] { direct = std::this_thread::get_id(); });
    const auto offloaded = loop.runUntilSettled([] { return offload([] { return std::this_thread::get_id(); }); });
    CHECK(direct == offloaded);
}

TEST_CASE("two loops on two threads share a pool and each gets its own results") {
    constexpr int calls = 200;
    ThreadPool pool({.threads = 2});
    const auto sum = [&](int factor, int& result) {
        EventLoop loop({.pool = &pool});
        loop.run([factor, &result] {
            for (int i = 1; i <= calls; ++i) {
                offload([](int number) { return number; }, i * factor).then([&result](int number) {
                    result += number;
                });
            }
        });
    };
    int first = 0;
    int second = 0;
    std::thread other([&] { sum(1000, second); });
    sum(1, first);
    other.join();
    CHECK(first == calls * (calls + 1) / 2);
    CHECK(second == 1000 * (calls * (calls + 1) / 2));
}

TEST_CASE("a bounded pool that is full rejects with a QuotaExceededError") {
    const auto token = std::make_shared<int>();
    Journal log;
    ThreadPool pool({.threads = 1, .capacity = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    loop.run([&] {
        Gate begun;
        auto end = std::make_shared<Gate>();
        offload([&begun, end] {
            begun.open();
            end->wait();
        }).then([&] { log("first"); });
        begun.wait();
        offload([] {}).then([&] { log("second"); });
        const auto third = offload([token] {});
        third.catch_([&, token](const DOMException& error) { log(error.name(), error.code()); });
        CHECK(third.state() == PromiseState::pending); // rejected in a task, as all that comes home
        third.finally([end] { end->open(); }).catch_([] {});
    });
    CHECK(log == "QuotaExceededError22 first second");
    CHECK(token.use_count() == 1);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a pool that has been shut down takes no more calls") {
    ThreadPool pool({.threads = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    pool.shutdown(QueuedJobs::finish);
    std::string name;
    loop.run([&] { offload([] {}).catch_([&](const std::exception_ptr& reason) { name = nameOf(reason); }); });
    CHECK(name == "InvalidStateError");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("calls that are dropped when their pool is shut down are rejected with an AbortError") {
    Journal log;
    ThreadPool pool({.threads = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    loop.run([&] {
        const auto begun = std::make_shared<Gate>();
        const auto end = std::make_shared<Gate>();
        offload([begun, end] {
            begun->open();
            end->wait();
            return 1;
        }).then([&](int number) { log("ran", number); });
        begun->wait();
        const auto dropped = offload([opens = OpensGate(*end)] { return 2; });
        dropped.then([&](int number) { log("never", number); },
                     [&](const DOMException& error) { log(error.name(), error.code()); });
        pool.shutdown(QueuedJobs::drop);
    });
    // what the dropped call was given lets the other one end before or after its rejection is on its way
    const bool both = log == "AbortError20 ran1" || log == "ran1 AbortError20";
    INFO(log);
    CHECK(both);
}

// when the loop goes

TEST_CASE("calls that wait when their loop goes are not run and what they were given is destroyed") {
    const auto token = std::make_shared<int>();
    std::atomic<int> ran = 0;
    ThreadPool pool({.threads = 1});
    Gate begun;
    Gate end;
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        offload([&, token] {
            begun.open();
            end.wait();
            ++ran;
            return token; // comes home to nobody
        });
        for (int i = 0; i < 5; ++i) offload([&ran, token](const std::shared_ptr<int>&) { ++ran; }, token);
        begun.wait();
    } // does not wait for the one that runs
    CHECK(ran == 0);
    end.open();
    pool.shutdown(QueuedJobs::finish);
    CHECK(ran == 1);
    CHECK(token.use_count() == 1);
}

TEST_CASE("calls of a loop that has gone do not disturb another loop on the same pool") {
    ThreadPool pool({.threads = 1});
    Gate begun;
    Gate end;
    bool ranLater = false;
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        offload([&] {
            begun.open();
            end.wait();
        });
        offload([&] { ranLater = true; });
        begun.wait();
    }
    EventLoop loop({.virtualTime = true, .pool = &pool});
    const int value = loop.runUntilSettled([&] {
        auto promise = offload([] { return 3; });
        end.open();
        return promise;
    });
    CHECK(value == 3);
    CHECK_FALSE(ranLater);
}

TEST_CASE("a loop that goes waits for the calls that run on a pool of its own") {
    Gate begun;
    Gate end;
    std::thread opener;
    bool ended = false;
    {
        EventLoop loop({.virtualTime = true});
        offload([&] {
            begun.open();
            end.wait();
            ended = true;
        });
        begun.wait();
        opener = std::thread([&] { end.open(); });
    }
    CHECK(ended);
    opener.join();
}

TEST_CASE("a result that has come home but was not taken goes with its loop") {
    Carried::reset();
    {
        ThreadPool pool({.threads = 1});
        EventLoop loop({.virtualTime = true, .pool = &pool});
        offload([] { return Carried(1); }).then([held = Carried(2)](const Carried&) {});
        pool.shutdown(QueuedJobs::finish);
        CHECK(Carried::alive == 2);
    }
    CHECK(Carried::alive == 0);
}

TEST_CASE("what waits for an offloaded call goes with its loop") {
    Counted::reset();
    ThreadPool pool({.threads = 1});
    Gate end;
    std::optional<Promise<void>> kept;
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        kept = offload([&] { end.wait(); });
        async(
            [&](Counted held) -> Promise<> {
                co_await *kept;
                held.value = 0;
            },
            Counted());
        CHECK(Counted::alive > 0);
    }
    CHECK(Counted::alive == 0);
    end.open();
    pool.shutdown(QueuedJobs::finish);
    CHECK(kept->state() == PromiseState::pending);
}

// With a signal

TEST_CASE("an offloaded call whose signal is aborted is rejected with the signal's reason itself") {
    Gate begun, end; // the call goes on, and uses them, when its promise has been rejected
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto call = offload({.signal = controller.signal()}, [&] {
            begun.open();
            end.wait();
            return 1;
        });
        begun.wait();
        const std::exception_ptr why = std::make_exception_ptr(Error("why"));
        controller.abort(why);
        const auto settled = co_await call.settled();
        end.open();
        CHECK(settled.reason() == why);
    });
}

TEST_CASE("an abort rejects at once and what the call comes home with is ignored") {
    Journal log;
    Gate end;
    const OpensGate opens(end);
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto call = offload({.signal = controller.signal()}, [&end] { end.wait(); });
        call.catch_([&](const DOMException& error) {
            log(error.name());
            end.open();
        });
        EventLoop::current().post([] {});
        controller.abort();
        log("aborted");
        co_await Promise<>::resolve();
    });
    CHECK(log == "aborted AbortError");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("an abort takes a call that waits back from the pool and destroys what it was given") {
    Carried::reset();
    Gate begun, end;
    std::atomic<bool> ran = false;
    ThreadPool pool({.threads = 1});
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        AbortController controller;
        offload([&] {
            begun.open();
            end.wait();
        });
        begun.wait();
        const auto call = offload({.signal = controller.signal()}, [&](const Carried&) { ran = true; }, Carried(1));
        CHECK(Carried::alive == 1);
        controller.abort();
        CHECK(Carried::alive == 0);
        CHECK(call.state() == PromiseState::rejected);
        call.catch_([] {});
        end.open();
        loop.run([] {});
    }
    CHECK_FALSE(ran);
}

TEST_CASE("a place in a bounded queue that an abort has freed can be taken") {
    Gate begun, end;
    ThreadPool pool({.threads = 1, .capacity = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto running = offload([&] {
            begun.open();
            end.wait();
        });
        begun.wait();
        const auto waiting = offload({.signal = controller.signal()}, [] { return 1; });
        controller.abort();
        const auto next = offload([] { return 2; });
        end.open();
        const auto first = co_await waiting.settled();
        const auto second = co_await next.settled();
        CHECK_FALSE(first.fulfilled());
        CHECK(second.fulfilled());
    });
}

TEST_CASE("a function that takes a stop token is asked to stop when the signal is aborted") {
    Gate begun;
    std::atomic<int> returned = 0;
    ThreadPool pool({.threads = 1});
    EventLoop loop({.virtualTime = true, .pool = &pool});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto call = offload(
            {.signal = controller.signal()},
            [&](const std::stop_token& stop, int number) {
                begun.open();
                while (!stop.stop_requested()) std::this_thread::yield();
                returned = number;
                return number;
            },
            7);
        begun.wait();
        controller.abort();
        const auto settled = co_await call.settled();
        CHECK_FALSE(settled.fulfilled());
    });
    pool.shutdown(QueuedJobs::finish);
    CHECK(returned == 7);
}

ASYNC_TEST_CASE("a function that takes a stop token is given one without a signal too") {
    const auto call = offload([](const std::stop_token& stop,
                                 int number) { return stop.stop_possible() && !stop.stop_requested() ? number : 0; },
                              5);
    const int number = co_await call;
    CHECK(number == 5);
}

TEST_CASE("a call that runs is asked to stop when its loop goes") {
    std::atomic<bool> asked = false;
    Gate begun;
    {
        EventLoop loop({.virtualTime = true});
        offload([&](const std::stop_token& stop) {
            begun.open();
            while (!stop.stop_requested()) std::this_thread::yield();
            asked = true;
        });
        begun.wait();
    }
    CHECK(asked);
}

TEST_CASE("a call whose signal is aborted already is not made") {
    std::atomic<bool> ran = false;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        const auto call = offload({.signal = AbortSignal::abort(Error("before"))}, [&] { ran = true; });
        CHECK(call.state() == PromiseState::rejected);
        const auto settled = co_await call.settled();
        CHECK(nameOf(settled.reason()) == "Error");
    });
    CHECK_FALSE(ran);
}

TEST_CASE("an abort after the call has come home changes nothing") {
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto call = offload({.signal = controller.signal()}, [] { return 1; });
        const int number = co_await call;
        controller.abort();
        CHECK(number == 1);
        CHECK(call.state() == PromiseState::fulfilled);
    });
}

TEST_CASE("a call outlives its signal and its controller") {
    EventLoop loop({.virtualTime = true});
    int number = 0;
    loop.run([&]() -> Promise<> {
        auto controller = std::make_unique<AbortController>();
        const auto call = offload({.signal = controller->signal()}, doubled, 4);
        controller.reset();
        number = co_await call;
    });
    CHECK(number == 8);
}

TEST_CASE("a controller that is aborted while the loop goes does not disturb calls on their way home") {
    Gate end;
    ThreadPool pool({.threads = 2});
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        auto controller = std::make_shared<AbortController>();
        const auto abortsAtEnd = [](auto aborting) -> Promise<> {
            const std::shared_ptr<void> guard(nullptr, [aborting](void*) { aborting->abort(); });
            const auto never = Promise<>::withResolvers().promise;
            co_await Promise<>::race(
                never, Promise<>([](auto resolve) { EventLoop::current().setTimer(resolve, 1e9, false); }));
        };
        loop.run([&] {
            offload({.signal = controller->signal()}, [&end] { end.wait(); });
            offload({.signal = controller->signal()}, [&end](std::stop_token) { end.wait(); });
            async(abortsAtEnd, controller);
            EventLoop::current().stop();
        });
        end.open();
    }
}

TEST_CASE("without memory offload with a signal throws bad_alloc and changes nothing") {
    ThreadPool pool({.threads = 1});
    for (int successes = 0; successes < 6; ++successes) {
        FailingSource source;
        {
            EventLoop loop({.virtualTime = true, .pool = &pool});
            loop.runUntilSettled([] { return offload([] {}); });
            AbortController controller;
            source.failAfter(successes);
            bool thrown = false;
            try {
                offload({.signal = controller.signal()}, [](std::stop_token) {});
            } catch (const std::bad_alloc&) {
                thrown = true;
            }
            CHECK(thrown == source.failed());
            CHECK(loop.alive() == !thrown);
            source.disarm();
            loop.run([] {});
            CHECK_FALSE(loop.alive());
        }
        CHECK(source.balance() == 0);
    }
}

TEST_CASE("a timer ends a call in virtual time if the call does not hold it") {
    EventLoop loop({.virtualTime = true});
    const auto settled = loop.runUntilSettled([]() -> Promise<SettledResult<void>> {
        const auto call =
            offload({.holdsTime = false, .signal = AbortSignal::timeout(10ms)}, [](const std::stop_token& stop) {
                while (!stop.stop_requested()) std::this_thread::yield();
            });
        const auto result = co_await call.settled();
        co_return result;
    });
    CHECK(nameOf(settled.reason()) == "TimeoutError");
    CHECK(loop.now() == 10);
}

TEST_CASE("a signal that is aborted while the arguments are copied rejects the call and it is not made") {
    struct AbortsWhenCopied {
        explicit AbortsWhenCopied(AbortController& aborted) : controller(&aborted) {}
        AbortsWhenCopied(const AbortsWhenCopied& other) : controller(other.controller) { controller->abort(); }
        AbortsWhenCopied& operator=(const AbortsWhenCopied&) = delete;
        AbortController* controller;
    };
    std::atomic<bool> ran = false;
    ThreadPool pool({.threads = 1});
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        AbortController controller;
        const AbortsWhenCopied argument(controller);
        const auto call =
            offload({.signal = controller.signal()}, [&](const AbortsWhenCopied&) { ran = true; }, argument);
        CHECK(call.state() == PromiseState::rejected);
        call.catch_([] {});
        loop.run([] {});
    }
    pool.shutdown(QueuedJobs::finish);
    CHECK_FALSE(ran);
}
