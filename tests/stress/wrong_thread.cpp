// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/sanitizers.hpp"

#include <rondo/events.hpp>
#include <rondo/host.hpp>
#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/web.hpp>

#include <array>
#include <cctype>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

// What belongs to a loop's thread is used on another one, in a process of its own: it is stopped with a sentence. Not
// with ThreadSanitizer, where a process that was forked off must not start threads.

using namespace rondo;

namespace {

AsyncGenerator<int> numbers() {
    co_yield 1;
    co_yield 2;
}

/// A loop, and something of each kind that belongs to its thread.
struct Household {
    Household() {
        target.emplace();
        listener = target->addEventListener("click", [] {});
        loop.globalThis().addEventListener("error", [] {});
        controller.signal().addEventListener("abort", [] {});
        generator.next();
    }

    EventLoop loop{{.virtualTime = true}};
    PromiseWithResolvers<int> pending = Promise<int>::withResolvers();
    Promise<int> settled = Promise<int>::resolve(1);
    Promise<int> rejected = Promise<int>::reject(Error("no"));
    loop::TimerQueue::Id timer = loop.setTimer([] {}, 1, false);
    std::optional<EventTarget> target;
    EventListener listener;
    AbortController controller;
    AsyncGenerator<int> generator = numbers();
    Completion<int> completion;
};

struct Misuse {
    const char* what;
    void (*commit)(Household&);
};

template <class T>
Promise<> awaits(const Promise<T>& promise) {
    co_await promise;
}
template <class T>
Promise<> awaitsSettlement(const Promise<T>& promise) {
    co_await promise.settled();
}
template <class T>
void copy(const T& value) {
    const T made(value); // NOLINT(performance-unnecessary-copy-initialization): that is the point
    static_cast<void>(made);
}

/// The other thread has a loop of its own, or none.
enum class Loop : bool { none, own };

/// The first line that a process says of a misuse, and how it ended.
std::string endOf(const Misuse& misuse, Loop otherLoop) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    std::fflush(nullptr);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        const rlimit none{};
        setrlimit(RLIMIT_CORE, &none);
        dup2(ends[1], STDERR_FILENO);
        std::set_terminate([] { _exit(2); });
        std::optional<Household> made;
        try {
            made.emplace();
        } catch (...) {
            _exit(4);
        }
        Household& household = *made;
        std::thread([&] {
            std::optional<EventLoop> own;
            if (otherLoop == Loop::own) own.emplace();
            try {
                misuse.commit(household);
            } catch (const std::logic_error& error) {
                std::fprintf(stderr, "thrown: %s\n", error.what());
                _exit(1);
            }
            _exit(0);
        }).join();
    }
    close(ends[1]);
    std::string said;
    std::array<char, 512> part{};
    for (;;) {
        const auto size = read(ends[0], part.data(), part.size());
        if (size <= 0) break;
        said.append(part.data(), static_cast<std::size_t>(size));
    }
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const std::string line = said.substr(0, said.find('\n'));
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) return "aborted: " + line;
    return WIFEXITED(status) && WEXITSTATUS(status) == 1 ? line : "went on: " + line;
}

constexpr std::string_view noLoopHere = "thrown: rondo: there is no EventLoop on this thread";

}

TEST_CASE("a loop that runs or is polled on another thread throws") {
    if (withThreadSanitizer) return;
    const Misuse misuses[] = {
        {"run", [](Household& h) { h.loop.run([] {}); }},
        {"runUntilSettled", [](Household& h) { h.loop.runUntilSettled([] { return Promise<int>::resolve(1); }); }},
        {"poll", [](Household& h) { h.loop.poll(); }},
    };
    for (const Misuse& misuse : misuses) {
        INFO(misuse.what);
        const std::string expected = "thrown: rondo: an EventLoop runs on the thread that made it";
        CHECK(endOf(misuse, Loop::own) == expected);
        CHECK(endOf(misuse, Loop::none) == expected);
    }
}

TEST_CASE("a Completion that is asked for its promise on another thread throws") {
    if (withThreadSanitizer) return;
    const Misuse misuse{"promise", [](Household& h) { h.completion.promise(); }};
    CHECK(endOf(misuse, Loop::own) ==
          "thrown: rondo: a Completion is asked for its promise on its loop's thread, while that loop lives");
    const std::string withoutLoop = endOf(misuse, Loop::none);
    CHECK(withoutLoop.substr(0, noLoopHere.size()) == noLoopHere);
}

TEST_CASE("what speaks to the loop of its thread throws where there is none") {
    if (withThreadSanitizer) return;
    const Misuse misuses[] = {
        {"setTimeout", [](Household&) { setTimeout([] {}, 1); }},
        {"setInterval", [](Household&) { setInterval([] {}, 1); }},
        {"queueMicrotask", [](Household&) { queueMicrotask([] {}); }},
        {"delay", [](Household&) { delay(1); }},
        {"globalThis", [](Household&) { globalThis.addEventListener("error", [] {}); }},
        {"reportError", [](Household&) { reportError(Error("no")); }},
        {"performance", [](Household&) { static_cast<void>(performance.now()); }},
        {"offload", [](Household&) { offload([] {}); }},
        {"onSignal", [](Household&) { onSignal(SIGUSR1, [] {}); }},
        {"a promise", [](Household&) { Promise<>::resolve(1); }},
        {"an executor", [](Household&) { Promise<int>([](auto resolve) { resolve(1); }); }},
        {"a combinator", [](Household&) { Promise<>::all(std::vector<Promise<int>>()); }},
        {"a generator", [](Household&) { numbers(); }},
        {"a Completion", [](Household&) { Completion<int>(); }},
        {"AbortSignal::timeout", [](Household&) { static_cast<void>(AbortSignal::timeout(1)); }},
    };
    for (const Misuse& misuse : misuses) {
        INFO(misuse.what);
        const std::string end = endOf(misuse, Loop::none);
        CHECK((end.starts_with(noLoopHere) ? "" : end) == "");
    }
}

TEST_CASE("what another thread may do with a loop does not stop it") {
    if (withThreadSanitizer) return;
    const Misuse uses[] = {
        {"post", [](Household& h) { h.loop.post([] {}); }},
        {"resolve a Completion", [](Household& h) { h.completion.resolve(1); }},
        {"move a Completion", [](Household& h) { const Completion<int> moved = std::move(h.completion); }},
        {"clear a timer that is not its own",
         [](Household& h) {
             clearTimeout({h.timer});
             if (!h.loop.timers().hasRef(h.timer)) _exit(3);
         }},
        {"console.time", [](Household&) { console.time("here"); }},
    };
    for (const Misuse& use : uses) {
        INFO(use.what);
        CHECK(endOf(use, Loop::own) == "went on: ");
        CHECK(endOf(use, Loop::none) == "went on: ");
    }
}

#ifndef NDEBUG // only a debug build looks

namespace {

constexpr std::string_view ofPromise =
    "rondo: a promise is used on a thread that is not its loop's; use EventLoop::post or a Completion";
constexpr std::string_view ofLoop = "rondo: another thread reaches an EventLoop by post() alone";
constexpr std::string_view ofTarget =
    "rondo: an EventTarget is used on a thread that is not its loop's; use EventLoop::post";
constexpr std::string_view ofSignal =
    "rondo: an AbortSignal is used on a thread that is not its loop's; use EventLoop::post, or what takes a std::stop_token";
constexpr std::string_view ofGenerator = "rondo: an async generator is used on a thread that is not its loop's";

/// Each is stopped by its sentence where the other thread has a loop; where it has none, by that or an exception.
template <std::size_t count>
void stopped(const Misuse (&misuses)[count], std::string_view sentence) {
    const std::string expected = "aborted: " + std::string(sentence);
    for (const Misuse& misuse : misuses) {
        INFO(misuse.what);
        CHECK(endOf(misuse, Loop::own) == expected);
        const std::string withoutLoop = endOf(misuse, Loop::none);
        CHECK((withoutLoop == expected || withoutLoop.starts_with(noLoopHere) ? "" : withoutLoop) == "");
    }
}

}

TEST_CASE("a debug build stops who uses a promise of another thread") {
    if (withThreadSanitizer) return;
    static constexpr Misuse misuses[] = {
        {"then", [](Household& h) { h.pending.promise.then([] {}); }},
        {"then of one that is settled", [](Household& h) { h.settled.then([] {}); }},
        {"catch_", [](Household& h) { h.rejected.catch_([] {}); }},
        {"finally", [](Household& h) { h.pending.promise.finally([] {}); }},
        {"co_await", [](Household& h) { awaits(h.pending.promise); }},
        {"co_await of one that is settled", [](Household& h) { awaits(h.settled); }},
        {"settled()", [](Household& h) { awaitsSettlement(h.rejected); }},
        {"a copy", [](Household& h) { copy(h.pending.promise); }},
        {"its end", [](Household& h) { const Promise<int> last = std::move(h.settled); }},
        {"all", [](Household& h) { Promise<>::all(h.pending.promise); }},
        {"resolve", [](Household& h) { h.pending.resolve(1); }},
        {"reject", [](Household& h) { h.pending.reject(Error("no")); }},
        {"resolve with it", [](Household& h) { Promise<int>::withResolvers().resolve(h.settled); }},
        {"a copy of resolve", [](Household& h) { copy(h.pending.resolve); }},
        {"the end of reject", [](Household& h) { const auto last = std::move(h.pending.reject); }},
    };
    stopped(misuses, ofPromise);
}

TEST_CASE("a debug build stops who uses a loop of another thread") {
    if (withThreadSanitizer) return;
    static constexpr Misuse misuses[] = {
        {"stop", [](Household& h) { h.loop.stop(); }},
        {"a timer", [](Household& h) { h.loop.setTimer([] {}, 1, false); }},
        {"clearing a timer", [](Household& h) { h.loop.clearTimer(h.timer); }},
        {"a microtask", [](Household& h) { h.loop.queueMicrotask([] {}); }},
        {"alive", [](Household& h) { static_cast<void>(h.loop.alive()); }},
        {"nextDeadline", [](Household& h) { static_cast<void>(h.loop.nextDeadline()); }},
        {"onWake", [](Household& h) { h.loop.onWake([] {}); }},
        {"pending", [](Household& h) { static_cast<void>(h.loop.pending()); }},
        {"globalThis", [](Household& h) { h.loop.globalThis(); }},
    };
    stopped(misuses, ofLoop);
}

TEST_CASE("a debug build stops who uses a target of another thread") {
    if (withThreadSanitizer) return;
    static constexpr Misuse misuses[] = {
        {"adding a listener", [](Household& h) { h.target->addEventListener("click", [] {}); }},
        {"adding one that is known", [](Household& h) { h.target->addEventListener("key", h.listener); }},
        {"removing a listener", [](Household& h) { h.target->removeEventListener("click", h.listener); }},
        {"an event handler", [](Household& h) { h.target->eventHandler("click", [] {}); }},
        {"dispatching", [](Household& h) { h.target->dispatchEvent(Event("click")); }},
        {"eventsOf", [](Household& h) { eventsOf(*h.target, "click"); }},
    };
    stopped(misuses, ofTarget);
}

TEST_CASE("a debug build stops who uses a signal of another thread") {
    if (withThreadSanitizer) return;
    static constexpr Misuse misuses[] = {
        {"abort", [](Household& h) { h.controller.abort(); }},
        {"aborted", [](Household& h) { static_cast<void>(h.controller.signal().aborted()); }},
        {"reason", [](Household& h) { static_cast<void>(h.controller.signal().reason()); }},
        {"a copy", [](Household& h) { copy(h.controller.signal()); }},
        {"any", [](Household& h) { static_cast<void>(AbortSignal::any(h.controller.signal())); }},
        {"its controller's end", [](Household& h) { const AbortController last = std::move(h.controller); }},
        {"a listener's option",
         [](Household& h) { EventTarget().addEventListener("click", [] {}, {.signal = h.controller.signal()}); }},
        {"an option of delay", [](Household& h) { delay(1, {.signal = h.controller.signal()}); }},
        {"an option of offload", [](Household& h) { offload({.signal = h.controller.signal()}, [] {}); }},
    };
    stopped(misuses, ofSignal);
}

TEST_CASE("a debug build stops who uses a generator of another thread") {
    if (withThreadSanitizer) return;
    static constexpr Misuse generators[] = {
        {"next", [](Household& h) { h.generator.next(); }},
        {"return_", [](Household& h) { h.generator.return_(); }},
        {"throw_", [](Household& h) { h.generator.throw_(Error("no")); }},
        {"its end", [](Household& h) { const AsyncGenerator<int> last = std::move(h.generator); }},
    };
    stopped(generators, ofGenerator);
}

TEST_CASE("a debug build stops who destroys the loop of another thread") {
    if (withThreadSanitizer) return;
    const Misuse misuse{"destroying", [](Household& h) { h.loop.~EventLoop(); }};
    const std::string expected = "aborted: rondo: an EventLoop is destroyed on the thread that made it";
    CHECK(endOf(misuse, Loop::own) == expected);
    CHECK(endOf(misuse, Loop::none) == expected);
}

#endif
