// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/written.hpp"

#include <rondo/events/abort_signal.hpp>
#include <rondo/web/performance.hpp>
#include <rondo/web/timers.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Calls `f` as the first task of a loop in virtual time, and turns that until nothing is owed.
template <class F>
int runLoop(F f) {
    EventLoop loop({.virtualTime = true});
    return loop.run(std::move(f));
}

Journal* functionLog = nullptr;
void plainFunction(int number) { (*functionLog)("plain", number); }

}

static_assert(std::is_trivially_copyable_v<TimerHandle> && sizeof(TimerHandle) == 8);

// setTimeout: when

TEST_CASE("a timeout of 0 runs after the code that set it") {
    Journal log;
    runLoop([&] {
        log(1);
        setTimeout([&] { log(2); });
        log(3);
    });
    CHECK(log == "1 3 2");
}

TEST_CASE("every microtask goes before the next timeout") {
    Journal log;
    runLoop([&] {
        setTimeout([&] {
            log("timeout1");
            queueMicrotask([&] {
                log("microtask2");
                queueMicrotask([&] { log("microtask3"); });
            });
            Promise<>::resolve().then([&] { log("promise2"); });
        });
        setTimeout([&] { log("timeout2"); });
        queueMicrotask([&] { log("microtask1"); });
        Promise<>::resolve().then([&] { log("promise1"); }).then([&] { log("promise1+"); });
        log("script");
    });
    CHECK(log == "script microtask1 promise1 promise1+ timeout1 microtask2 promise2 microtask3 timeout2");
}

TEST_CASE("timeouts run in order of deadline") {
    Journal log;
    runLoop([&] {
        setTimeout([&] { log("30"); }, 30);
        setTimeout([&] { log("10"); }, 10);
        setTimeout([&] { log("20"); }, 20);
        setTimeout([&] { log("0"); }, 0);
    });
    CHECK(log == "0 10 20 30");
}

TEST_CASE("timeouts of equal deadline run in the order in which they were set") {
    Journal log;
    runLoop([&] {
        for (int i = 0; i < 5; ++i) setTimeout([&log, i] { log(i); }, 10);
        setTimeout([&] { setTimeout([&] { log("later"); }, 5); }, 5); // due at 10, too, but set last
    });
    CHECK(log == "0 1 2 3 4 later");
}

TEST_CASE("0 is 0 and goes before 1") {
    Journal log;
    runLoop([&] {
        setTimeout([&] { log(1); }, 1);
        setTimeout([&] { log(0); }, 0);
    });
    CHECK(log == "0 1");
}

TEST_CASE("a timeout set by a timeout of 0 waits for those that were set before") {
    Journal log;
    runLoop([&] {
        setTimeout([&] {
            log("a");
            setTimeout([&] { log("c"); });
        });
        setTimeout([&] { log("b"); });
    });
    CHECK(log == "a b c");
}

TEST_CASE("a timeout and a posted task go by order of arrival") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        setTimeout([&] { log("timeout1"); });
        loop.post([&] { log("posted"); });
        setTimeout([&] { log("timeout2"); });
    });
    CHECK(log == "timeout1 posted timeout2");
}

TEST_CASE("a delay is a number of milliseconds or any duration") {
    Journal log;
    const auto logNow = [&] { log(performance.now()); };
    runLoop([&] {
        setTimeout(logNow, 10);
        setTimeout(logNow, 10.5);
        setTimeout(logNow, 11ms);
        setTimeout(logNow, 1s);
        setTimeout(logNow, 250us);
        setTimeout(logNow, std::chrono::duration<double>(0.5));
        setTimeout(logNow, std::int64_t{2000});
        setTimeout(logNow, 3000U);
        setTimeout(logNow, 1h);
    });
    CHECK(log == "0.25 10 10.5 11 500 1000 2000 3000 3.6e+06");
}

TEST_CASE("a negative delay and NaN are 0") {
    Journal log;
    const auto logNow = [&] { log(performance.now()); };
    runLoop([&] {
        setTimeout(logNow, -1);
        setTimeout(logNow, std::nan(""));
        setTimeout(logNow, -5s);
        setTimeout(logNow, -infinity);
        setTimeout(logNow, std::numeric_limits<std::int64_t>::min());
    });
    CHECK(log == "0 0 0 0 0");
}

TEST_CASE("an infinite or overflowing delay never ends and does not keep the loop alive") {
    Journal log;
    runLoop([&] {
        const TimerHandle never = setTimeout([&] { log("never"); }, infinity);
        setTimeout([&] { log("never"); }, std::numeric_limits<std::int64_t>::max());
        setTimeout([&] { log("never"); }, std::chrono::hours::max());
        setInterval([&] { log("never"); }, infinity);
        log(never.hasRef());
        never.ref();
        log(never.hasRef());
        setTimeout([&] { log(performance.now()); }, 1000);
    });
    CHECK(log == "false false 1000");
}

TEST_CASE("a delay beyond 2^31 milliseconds does not wrap around") {
    Journal log;
    runLoop([&] {
        setTimeout([&] { log("long"); }, 4'294'967'296.0);
        setTimeout([&] { log("short"); }, 1);
    });
    CHECK(log == "short long");
}

TEST_CASE("nested timers are slowed down to 4 ms only if the loop is asked to") {
    const bool clamps = GENERATE(false, true);
    Journal log;
    EventLoop loop({.virtualTime = true, .clampNestedTimers = clamps});
    int left = 9;
    std::function<void()> again = [&] {
        log(performance.now());
        if (--left > 0) setTimeout(again);
    };
    loop.run([&] { setTimeout(again); });
    CHECK(log == (clamps ? "0 0 0 0 0 0 4 8 12" : "0 0 0 0 0 0 0 0 0"));
}

// setTimeout: what is called

TEST_CASE("the callback gets the further arguments") {
    Journal log;
    runLoop([&] {
        setTimeout([&](int a, const std::string& b, double c) { log(a, b, c); }, 10, 1, "text", 2.5);
        setTimeout([&](const char* text) { log(text); }, 20, "literal");
        setTimeout([&](std::string text) { log(text); }, 20, std::string("a string too long for its own buffer"));
        setTimeout([&](auto&&... all) { log(sizeof...(all)); }, 30, 1, 2, 3);
    });
    CHECK(log == "1text2.5 literal a string too long for its own buffer 3");
}

TEST_CASE("the callback gets copies of the arguments") {
    Journal log;
    runLoop([&] {
        std::string text = "before";
        setTimeout([&](const std::string& given) { log(given); }, 0, text);
        text = "after";
    });
    CHECK(log == "before");
}

TEST_CASE("an argument in a std::ref is passed by reference") {
    int number = 1;
    runLoop([&] {
        setTimeout([](int& given) { given = 3; }, 10, std::ref(number));
        number = 2;
    });
    CHECK(number == 3);
}

TEST_CASE("arguments that can only be moved are moved to the callback") {
    Journal log;
    runLoop([&] {
        setTimeout([&](std::unique_ptr<int> given) { log(*given); }, 0, std::make_unique<int>(1));
        setTimeout([&](MoveOnly&& given) { log(given.value); }, 0, MoveOnly(2));
        setTimeout([&](const MoveOnly& given) { log(given.value); }, 0, MoveOnly(3));
        setTimeout([&](MoveOnly& given) { log(given.value); }, 0, MoveOnly(4));
        setTimeout(
            [&, own = MoveOnly(5)](std::unique_ptr<int> given, std::string text) { log(own.value, *given, text); }, 0,
            std::make_unique<int>(6), "text");
    });
    CHECK(log == "1 2 3 4 56text");
}

TEST_CASE("an argument is moved and not copied on its way to the callback") {
    Counted::reset();
    runLoop([&] { setTimeout([](Counted given) { CHECK(given.value == 7); }, 0, Counted(7)); });
    CHECK(Counted::copies == 0);
    CHECK(Counted::alive == 0);
}

TEST_CASE("the callback is any callable and what it returns is ignored") {
    Journal log;
    functionLog = &log;
    const auto constant = [&] { log("const"); };
    struct Functor {
        Journal& log;
        int calls = 0;
        int operator()() { return log("functor", ++calls), 42; }
    };
    runLoop([&] {
        setTimeout(plainFunction, 0, 1);
        setTimeout(&plainFunction, 0, 2);
        setTimeout(std::function<void(int)>(plainFunction), 0, 3);
        setTimeout(constant);
        setTimeout(Functor{log});
        setTimeout([&, mutableCopy = 1]() mutable { log(++mutableCopy); });
    });
    CHECK(log == "plain1 plain2 plain3 const functor1 2");
}

TEST_CASE("the callback goes as soon as it has run") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        setTimeout([&, held = Counted()] { log("alive", Counted::alive); }, 10);
        setTimeout([&] { log("alive", Counted::alive); }, 20);
    });
    CHECK(log == "alive1 alive0");
}

TEST_CASE("an exception that leaves a callback is reported and the next timer runs") {
    Journal log;
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        code = runLoop([&] {
            setTimeout([] { throw TypeError("boom"); }, 10);
            setTimeout([&] { log("next"); }, 10);
        });
    });
    CHECK(log == "next");
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught TypeError: boom\n"));
}

TEST_CASE("microtasks run after a callback that has thrown") {
    Journal log;
    writtenTo(stderr, [&] {
        runLoop([&] {
            setTimeout([&] {
                queueMicrotask([&] { log("microtask"); });
                throw Error("boom");
            });
            setTimeout([&] { log("next"); });
        });
    });
    CHECK(log == "microtask next");
}

TEST_CASE("a callback that is a coroutine is kept until it has finished") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        setTimeout(
            [&log, text = std::string("a capture too long for a small buffer"), held = Counted(1)]() -> Promise<> {
                log("begin");
                co_await delay(10);
                log(text, held.value);
            },
            10);
        setTimeout([&] { log("alive", Counted::alive); }, 15);
        setTimeout([&] { log("alive", Counted::alive); }, 25);
    });
    CHECK(log == "begin alive1 a capture too long for a small buffer1 alive0");
}

TEST_CASE("a callback that is a coroutine keeps its arguments as parameters and by reference") {
    Journal log;
    runLoop([&] {
        setTimeout(
            [&log](const std::string& kept, std::string own, std::unique_ptr<int> moved) -> Promise<> {
                co_await delay(10);
                log(kept, own, *moved);
            },
            10, std::string("an argument too long for a small buffer/"), std::string("another one of the same kind/"),
            std::make_unique<int>(3));
    });
    CHECK(log == "an argument too long for a small buffer/another one of the same kind/3");
}

TEST_CASE("clearing a timer does not take the captures from a callback that has begun") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        const TimerHandle timer = setTimeout([&log, held = Counted(1)]() -> Promise<> {
            co_await delay(10);
            log(held.value);
        });
        setTimeout([=] { clearTimeout(timer); }, 5);
    });
    CHECK(log == "1");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a rejected promise that a callback returns is an unhandled rejection") {
    Journal log;
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        code = runLoop([&] {
            setTimeout(
                [](int number) -> Promise<> {
                    co_await delay(1);
                    if (number == 1) throw TypeError("boom");
                },
                0, 1);
            setTimeout([&] { log("next"); }, 10);
        });
    });
    CHECK(log == "next");
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught (in promise) TypeError: boom\n"));
}

TEST_CASE("a callback may return a promise without being a coroutine") {
    Counted::reset();
    Journal log;
    runLoop([&] { setTimeout([&, held = Counted(5)] { return delay(10).then([&] { log(held.value); }); }); });
    CHECK(log == "5");
    CHECK(Counted::alive == 0);
}

// setInterval

TEST_CASE("an interval beats until it is cleared") {
    Journal log;
    runLoop([&] {
        int beats = 0;
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval(
            [&log, beats, timer]() mutable {
                log(performance.now());
                if (++beats == 4) clearInterval(*timer);
            },
            10);
    });
    CHECK(log == "10 20 30 40");
}

TEST_CASE("beats and timeouts of equal deadline go in the order in which they were armed") {
    Journal log;
    runLoop([&] {
        const TimerHandle timer = setInterval([&] { log("beat"); }, 10);
        setTimeout([&] { log("a"); }, 20); // armed before the second beat
        setTimeout([&] { setTimeout([&] { log("b"); }, 5); }, 15);
        setTimeout([=] { clearInterval(timer); }, 25);
    });
    CHECK(log == "beat a beat b");
}

TEST_CASE("the beats of an interval of 0 are 1 ms apart") {
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval([&log, timer, first = performance.now(), beats = 0]() mutable {
            log(performance.now() - first);
            first = performance.now();
            if (++beats == 4) clearInterval(*timer);
        });
    });
    CHECK(log == "0 1 1 1");
}

TEST_CASE("an interval passes copies of its arguments at every beat") {
    Journal log;
    Counted::reset();
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        const auto beat = [&, timer, beats = 0](std::string text, Counted copy) mutable {
            log(text, copy.value);
            if (++beats == 3) clearInterval(*timer);
        };
        *timer = setInterval(beat, 10, std::string("text too long for a small buffer/"), Counted(2));
    });
    CHECK(log ==
          "text too long for a small buffer/2 text too long for a small buffer/2 text too long for a small buffer/2");
    CHECK(Counted::copies == 3);
    CHECK(Counted::alive == 0);
}

TEST_CASE("an interval's callback may change the arguments that it gets by reference") {
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        const auto beat = [&, timer](const MoveOnly& same, MoveOnly& changed, int& counter) {
            log(same.value, ++changed.value, ++counter);
            if (counter == 3) clearInterval(*timer);
        };
        *timer = setInterval(beat, 10, MoveOnly(1), MoveOnly(5), 0);
    });
    CHECK(log == "161 172 183");
}

TEST_CASE("an interval that is a coroutine gets copies of its arguments at every beat") {
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval(
            [&log, timer, beats = 0](std::string text) mutable -> Promise<> {
                if (++beats == 2) clearInterval(*timer);
                co_await delay(1);
                log(text);
            },
            10, std::string("text too long for a small buffer"));
    });
    CHECK(log == "text too long for a small buffer text too long for a small buffer");
}

TEST_CASE("an interval goes on after its callback has thrown") {
    Journal log;
    const std::string errors = writtenTo(stderr, [&] {
        runLoop([&] {
            auto timer = std::make_shared<TimerHandle>();
            *timer = setInterval(
                [&log, timer, beats = 0]() mutable {
                    log(++beats);
                    if (beats == 3) clearInterval(*timer);
                    if (beats == 2) throw Error("boom");
                },
                10);
        });
    });
    CHECK(log == "1 2 3");
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught Error: boom\n"));
}

TEST_CASE("an interval does not wait for a callback that is a coroutine") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval(
            [&log, timer, beats = 0, held = Counted(1)](std::string text) mutable -> Promise<> {
                const int beat = ++beats;
                if (beat == 3) clearInterval(*timer);
                log("begin", beat);
                co_await delay(25);
                log("end", beat, text, held.value);
            },
            10, std::string("/"));
        setTimeout([&] { log("alive", Counted::alive); }, 50);
        setTimeout([&] { log("alive", Counted::alive); }, 60);
    });
    CHECK(log == "begin1 begin2 begin3 end1/1 end2/1 alive1 end3/1 alive0");
}

// clearTimeout and clearInterval

TEST_CASE("a cleared timer does not run and gives up its callback at once") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        const TimerHandle timeout = setTimeout([&, held = Counted()] { log("never"); }, 10);
        const TimerHandle interval = setInterval([&, held = Counted()] { log("never"); }, 10);
        CHECK(Counted::alive == 2);
        clearTimeout(timeout);
        clearInterval(interval);
        CHECK(Counted::alive == 0);
        CHECK_FALSE(EventLoop::current().alive());
    });
    CHECK(log == "");
}

TEST_CASE("clearTimeout and clearInterval are interchangeable") {
    Journal log;
    runLoop([&] {
        clearInterval(setTimeout([&] { log("never"); }, 10));
        clearTimeout(setInterval([&] { log("never"); }, 10));
    });
    CHECK(log == "");
}

TEST_CASE("a callback may clear a timer that is due in the same turn") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        auto later = std::make_shared<std::vector<TimerHandle>>();
        setTimeout(
            [&, later] {
                log("first");
                for (const TimerHandle timer : *later) clearTimeout(timer);
            },
            10);
        later->push_back(setTimeout([&, held = Counted()] { log("never"); }, 10));
        later->push_back(setInterval([&, held = Counted()] { log("never"); }, 10));
        setTimeout([&] { log("last"); }, 10);
    });
    CHECK(log == "first last");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a microtask between two timers may clear the second one") {
    Journal log;
    runLoop([&] {
        auto second = std::make_shared<TimerHandle>();
        setTimeout([&, second] {
            log("first");
            queueMicrotask([second] { clearTimeout(*second); });
        });
        *second = setTimeout([&] { log("never"); });
    });
    CHECK(log == "first");
}

TEST_CASE("a callback that clears its own timer keeps its captures until it returns") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval(
            [&log, timer, text = std::string("a capture too long for a small buffer"), held = Counted(3)] {
                clearInterval(*timer);
                clearTimeout(*timer);
                log(text, held.value, Counted::alive);
            },
            10);
    });
    CHECK(log == "a capture too long for a small buffer31");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a timeout that is running has no id any more") {
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setTimeout([&, timer] {
            log(timer->hasRef());
            clearTimeout(*timer);
        });
        log(timer->hasRef());
    });
    CHECK(log == "true false");
}

TEST_CASE("clearing twice and clearing what has run is ignored") {
    Journal log;
    runLoop([&] {
        const TimerHandle cleared = setTimeout([&] { log("never"); }, 10);
        clearTimeout(cleared);
        clearTimeout(cleared);
        const TimerHandle done = setTimeout([&] { log("done"); }, 10);
        setTimeout([=] { clearTimeout(done); }, 20);
        setTimeout([&] { log("last"); }, 30);
    });
    CHECK(log == "done last");
}

TEST_CASE("an id survives reuse of its place: a stale one names no timer") {
    Journal log;
    runLoop([&] {
        std::vector<TimerHandle> stale;
        for (int i = 0; i < 100; ++i) {
            stale.push_back(setTimeout([&] { log("never"); }, 10));
            clearTimeout(stale.back());
        }
        const TimerHandle fresh = setTimeout([&] { log("fresh"); }, 10);
        for (const TimerHandle timer : stale) {
            CHECK_FALSE(timer == fresh);
            CHECK_FALSE(timer.hasRef());
            timer.unref();
            clearTimeout(timer);
        }
        CHECK(fresh.hasRef());
    });
    CHECK(log == "fresh");
}

TEST_CASE("a handle that was never set names no timer") {
    Journal log;
    runLoop([&] {
        setTimeout([&] { log("runs"); });
        clearTimeout(TimerHandle{});
        CHECK_FALSE(TimerHandle{}.hasRef());
    });
    CHECK(log == "runs");
}

TEST_CASE("an id of a loop that has gone names no timer of the next one") {
    Journal log;
    std::vector<TimerHandle> foreign;
    runLoop([&] {
        for (int i = 0; i < 10; ++i) foreign.push_back(setTimeout([] {}, 10));
    });
    runLoop([&] {
        std::vector<TimerHandle> timers;
        for (int i = 0; i < 10; ++i) timers.push_back(setTimeout([&] { log("runs"); }, 10));
        for (const TimerHandle timer : foreign) {
            CHECK_FALSE(timer.hasRef());
            clearTimeout(timer);
        }
    });
    CHECK(log == "runs runs runs runs runs runs runs runs runs runs");
}

TEST_CASE("where there is no loop a timer cannot be set and clearing is ignored") {
    REQUIRE_FALSE(EventLoop::hasCurrent());
    CHECK_THROWS_AS(setTimeout([] {}), std::logic_error);
    CHECK_THROWS_AS(setInterval([] {}), std::logic_error);
    CHECK_THROWS_AS(queueMicrotask([] {}), std::logic_error);
    CHECK_THROWS_AS(delay(1), std::logic_error);
    clearTimeout(TimerHandle{});
    TimerHandle{}.ref();
    TimerHandle{}.unref();
    CHECK_FALSE(TimerHandle{}.hasRef());
}

// ref and unref

TEST_CASE("a timer that is not ref'd does not keep the loop alive") {
    Journal log;
    runLoop([&] {
        const TimerHandle interval = setInterval([&] { log("beat"); }, 10);
        CHECK(interval.hasRef());
        interval.unref();
        CHECK_FALSE(interval.hasRef());
        setTimeout([&] { log("end"); }, 25);
    });
    CHECK(log == "beat beat end");
}

TEST_CASE("a timer that is ref'd again keeps the loop alive") {
    Journal log;
    runLoop([&] {
        const TimerHandle timer = setTimeout([&] { log("runs"); }, 10);
        timer.unref();
        timer.unref();
        timer.ref();
        timer.ref();
    });
    CHECK(log == "runs");
}

TEST_CASE("an interval that unrefs itself beats no more once nothing else is owed") {
    Journal log;
    runLoop([&] {
        auto timer = std::make_shared<TimerHandle>();
        *timer = setInterval(
            [&log, timer, beats = 0]() mutable {
                log(++beats);
                if (beats == 3) timer->unref();
            },
            10);
    });
    CHECK(log == "1 2 3");
}

TEST_CASE("clearing a timer that is not ref'd releases nothing twice") {
    Journal log;
    runLoop([&] {
        const TimerHandle timer = setTimeout([&] { log("never"); }, 10);
        timer.unref();
        clearTimeout(timer);
        timer.unref();
        setTimeout([&] { log("runs"); }, 20);
    });
    CHECK(log == "runs");
}

// teardown and memory

TEST_CASE("timers that have not run go with their loop") {
    Counted::reset();
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            setTimeout([held = Counted()] {}, 10);
            setInterval([held = Counted()](const Counted&) {}, 10, Counted());
            setTimeout([held = Counted()]() -> Promise<> { co_await delay(1); }, 10);
            setTimeout([held = Counted()]() -> Promise<> { co_await delay(1000); }, 0);
            setTimeout([] { EventLoop::current().stop(); }, 5);
        });
        CHECK(Counted::alive == 5);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("what a destructor sets when the loop goes is dropped in the same pass") {
    struct SetsTimer {
        explicit SetsTimer(Journal& journal) : log(&journal) {}
        SetsTimer(SetsTimer&& other) noexcept : log(std::exchange(other.log, nullptr)) {}
        SetsTimer& operator=(SetsTimer&&) = delete;
        ~SetsTimer() {
            if (!log) return;
            setTimeout([log = log, held = Counted()] { (*log)("never"); });
            queueMicrotask([log = log, held = Counted()] { (*log)("never"); });
        }
        Journal* log;
    };
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] { setTimeout([last = SetsTimer(log)] {}, 10).unref(); });
    }
    CHECK(log == "");
    CHECK(Counted::alive == 0);
}

TEST_CASE("without memory setting a timer throws bad_alloc and changes nothing") {
    Counted::reset();
    const auto plain = [](const Counted&) {};
    const auto coroutine = [](const Counted&) -> Promise<> { co_await delay(1); };
    const std::vector<std::function<void()>> calls{
        [=] { setTimeout(plain, 1, Counted()); },
        [=] { setInterval(plain, 1, Counted()); },
        [=] { setTimeout(coroutine, 1, Counted()); },
        [=] { setInterval(coroutine, 1, Counted()); },
        [=] { queueMicrotask([held = Counted()] {}); },
        [=] { queueMicrotask([held = Counted()]() -> Promise<> { co_return; }); },
        [=] { delay(1); },
    };
    for (const auto& call : calls) {
        failEachAllocation([&](FailingSource& source, int successes) {
            EventLoop loop({.virtualTime = true});
            loop.run([] { setTimeout([] {}); });
            source.failAfter(successes);
            bool thrown = false;
            try {
                call();
            } catch (const std::bad_alloc&) {
                thrown = true;
            }
            CHECK(thrown == source.failed());
            if (thrown) {
                CHECK(Counted::alive == 0);
                CHECK_FALSE(loop.alive());
            }
        });
        CHECK(Counted::alive == 0);
    }
}

// queueMicrotask

TEST_CASE("queueMicrotask calls back when the stack is empty") {
    Journal log;
    runLoop([&] {
        queueMicrotask([&] { log("microtask"); });
        log("script");
    });
    CHECK(log == "script microtask");
}

TEST_CASE("microtasks and promise jobs run in the order in which they were queued") {
    Journal log;
    runLoop([&] {
        queueMicrotask([&] { log(1); });
        Promise<>::resolve().then([&] { log(2); });
        queueMicrotask([&] {
            log(3);
            queueMicrotask([&] { log(6); });
        });
        Promise<>::resolve().then([&] { log(4); }).then([&] { log(7); });
        queueMicrotask([&] { log(5); });
    });
    CHECK(log == "1 2 3 4 5 6 7");
}

TEST_CASE("an exception that leaves a microtask is reported and the queue goes on") {
    Journal log;
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        code = runLoop([&] {
            queueMicrotask([&] { log(1); });
            queueMicrotask([] { throw TypeError("first"); });
            queueMicrotask([&] { log(2); });
            queueMicrotask([] { throw 42; });
            queueMicrotask([&] { log(3); });
            setTimeout([&] { log("timeout"); });
        });
    });
    CHECK(log == "1 2 3 timeout");
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught TypeError: first\n"));
    CHECK_THAT(errors, Catch::Matchers::EndsWith("\nUncaught 42\n"));
}

TEST_CASE("a microtask that is a coroutine is kept until it has finished") {
    Counted::reset();
    Journal log;
    runLoop([&] {
        queueMicrotask([&log, held = Counted(1)]() -> Promise<> {
            log("begin");
            co_await delay(10);
            log("end", held.value);
        });
        setTimeout([&] { log("alive", Counted::alive); }, 20);
    });
    CHECK(log == "begin end1 alive0");
}

TEST_CASE("a rejected promise that a microtask returns is an unhandled rejection") {
    int code = 0;
    const std::string errors = writtenTo(stderr, [&] {
        code = runLoop([] {
            queueMicrotask([]() -> Promise<> {
                co_await Promise<>::resolve();
                throw Error("boom");
            });
        });
    });
    CHECK(code == 1);
    CHECK_THAT(errors, Catch::Matchers::StartsWith("Uncaught (in promise) Error: boom\n"));
}

TEST_CASE("a microtask's captures may be such as can only be moved") {
    Journal log;
    runLoop([&] { queueMicrotask([&, own = std::make_unique<int>(1)] { log(*own); }); });
    CHECK(log == "1");
}

// delay

ASYNC_TEST_CASE("delay is fulfilled when the time has passed") {
    Journal log;
    co_await delay(10);
    log(performance.now());
    co_await delay(1.5s);
    log(performance.now());
    co_await delay(0);
    log(performance.now());
    co_await delay(-1);
    log(performance.now());
    CHECK(log == "10 1510 1510 1510");
}

ASYNC_TEST_CASE("delay begins when it is called and not when it is awaited") {
    const auto first = delay(10);
    const auto second = delay(10);
    co_await first;
    co_await second;
    CHECK(performance.now() == 10.0);
}

TEST_CASE("what awaits a delay goes on in the microtasks of its task") {
    Journal log;
    runLoop([&]() -> Promise<> {
        setTimeout([&] { log("before"); }, 10);
        const auto pending = delay(10);
        setTimeout([&] { log("after"); }, 10);
        pending.then([&] { log("then1"); }).then([&] { log("then2"); });
        co_await pending;
        log("awaited");
    });
    CHECK(log == "before then1 awaited then2 after");
}

TEST_CASE("delays of equal length end in the order in which they began") {
    Journal log;
    runLoop([&] {
        const auto wait = [&](int number, double milliseconds) -> Promise<> {
            co_await delay(milliseconds);
            log(number);
        };
        async(wait, 1, 20.0);
        async(wait, 2, 10.0);
        async(wait, 3, 20.0);
        async(wait, 4, 10.0);
    });
    CHECK(log == "2 4 1 3");
}

TEST_CASE("a delay of 0 lets tasks that have arrived go first") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        loop.post([&] { log("task"); });
        queueMicrotask([&] { log("microtask"); });
        co_await delay(0);
        log("after");
    });
    CHECK(log == "microtask task after");
}

TEST_CASE("a delay keeps the loop alive though nobody awaits it") {
    double now = 0;
    EventLoop loop({.virtualTime = true});
    loop.run([] { delay(10); });
    now = performance.now();
    CHECK(now == 10.0);
}

TEST_CASE("an endless delay is pending for ever and holds nothing up") {
    Counted::reset();
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto forever = [&](Counted held) -> Promise<> {
                co_await delay(infinity);
                log("never", held.value);
            };
            async(forever, Counted());
            setTimeout([&] { log("end"); }, 10);
        });
        CHECK(Counted::alive > 0);
    }
    CHECK(log == "end");
    CHECK(Counted::alive == 0);
}

TEST_CASE("a race against a delay is a timeout") {
    Journal log;
    runLoop([&]() -> Promise<> {
        const auto slow = delay(100).then([] { return 1; });
        const auto limit = delay(10).then([]() -> int { throw DOMException("too slow", "TimeoutError"); });
        const auto race = Promise<>::race(slow, limit);
        const auto settled = co_await race.settled();
        log(settled.status(), performance.now());
    });
    CHECK(log == "rejected10");
}

// delay with a signal

TEST_CASE("an aborted delay rejects at once with the signal's reason itself and its timer is cleared") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const std::exception_ptr why = std::make_exception_ptr(Error("why"));
        setTimeout([&] { controller.abort(why); }, 5);
        const auto waiting = delay(1h, {.signal = controller.signal()});
        const auto settled = co_await waiting.settled();
        CHECK(settled.reason() == why);
        log(performance.now());
    });
    CHECK(log == "5");
    CHECK(loop.now() == 5);
}

TEST_CASE("a delay that has passed is not disturbed by a later abort") {
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        AbortController controller;
        const auto waiting = delay(5, {.signal = controller.signal()});
        co_await waiting;
        controller.abort();
        CHECK(waiting.state() == PromiseState::fulfilled);
    });
    CHECK(loop.now() == 5);
}

TEST_CASE("a delay whose signal is aborted already is rejected without a timer") {
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto waiting = delay(1h, {.signal = AbortSignal::abort(Error("before"))});
        CHECK(waiting.state() == PromiseState::rejected);
        waiting.catch_([] {});
    });
    CHECK(loop.now() == 0);
}

TEST_CASE("a timeout and a delay of the same time end in the order in which they were made") {
    Journal log;
    runLoop([&] {
        const auto first = delay(5, {.signal = AbortSignal::timeout(5)});
        first.then([&] { log("passed"); }, [&] { log("timed out"); });
    });
    runLoop([&] {
        const auto second = [] { return delay(5); }();
        second.then([&] { log("passed"); });
    });
    CHECK(log == "timed out passed");
}

TEST_CASE("a hundred thousand delays on one signal leave nothing behind") {
    CountingSource memory;
    {
        AbortController controller;
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            const auto signal = controller.signal();
            co_await delay(0, {.signal = signal});
            const int before = memory.balance();
            for (int i = 0; i < 100'000; ++i) co_await delay(0, {.signal = signal});
            CHECK(memory.balance() <= before + 1);
        });
    }
    CHECK(memory.balance() == 0);
}

TEST_CASE("a delay outlives its controller and goes with its loop") {
    CountingSource memory;
    {
        EventLoop loop({.virtualTime = true});
        AbortController late;
        loop.run([&]() -> Promise<> {
            auto controller = std::make_unique<AbortController>();
            const auto waiting = delay(5, {.signal = controller->signal()});
            controller.reset();
            co_await waiting;
            delay(1h, {.signal = late.signal()});
            EventLoop::current().stop();
        });
    }
    CHECK(memory.balance() == 0);
}

TEST_CASE("without memory delay with a signal throws bad_alloc and changes nothing") {
    for (int successes = 0; successes < 5; ++successes) {
        FailingSource source;
        {
            EventLoop loop({.virtualTime = true});
            AbortController controller;
            source.failAfter(successes);
            bool thrown = false;
            try {
                delay(5, {.signal = controller.signal()});
            } catch (const std::bad_alloc&) {
                thrown = true;
            }
            CHECK(thrown == source.failed());
            source.disarm();
            controller.abort();
            loop.rejections().clear();
            loop.run([] {});
            CHECK(loop.now() == 0);
        }
        CHECK(source.balance() == 0);
    }
}
