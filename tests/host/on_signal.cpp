// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/watchdog.hpp"
#include "support/written.hpp"

#include <rondo/host/on_signal.hpp>
#include <rondo/web/timers.hpp>

#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <utility>

using namespace rondo;

namespace {

using Action = void (*)(int);

/// What the signal does now.
Action actionOf(int signal) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

volatile std::sig_atomic_t hostsOwn = 0;
void countForHost(int) { hostsOwn = hostsOwn + 1; }

}

static_assert(std::is_trivially_copyable_v<SignalHandle> && sizeof(SignalHandle) == 8);

TEST_CASE("a signal's callback is a task behind the code that was running") {
    const Watchdog watchdog("a signal");
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto handle = onSignal(SIGUSR1, [&log] {
            log("signal");
            queueMicrotask([&log] { log("microtask"); });
        });
        std::raise(SIGUSR1);
        log("raised");
        queueMicrotask([&log] { log("before"); });
        onSignal(SIGUSR2, [handle] {
            handle.stop();
            EventLoop::current().stop();
        });
        std::raise(SIGUSR2);
    });
    CHECK(log == "raised before signal microtask");
}

TEST_CASE("a signal's callback may take the signal") {
    const Watchdog watchdog("a signal");
    int heard = 0;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        onSignal(SIGUSR1, [&](int signal) {
            heard = signal;
            EventLoop::current().stop();
        });
        std::raise(SIGUSR1);
    });
    CHECK(heard == SIGUSR1);
}

TEST_CASE("a handler keeps the loop alive until it is stopped") {
    const Watchdog watchdog("a signal");
    int heard = 0;
    EventLoop loop({.virtualTime = true});
    std::thread other;
    loop.run([&] {
        auto handle = std::make_shared<SignalHandle>();
        *handle = onSignal(SIGUSR1, [&heard, handle] {
            ++heard;
            handle->stop();
        });
        CHECK(handle->hasRef());
        other = std::thread([] { kill(getpid(), SIGUSR1); });
    });
    other.join();
    CHECK(heard == 1);
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a handler that is unref'd does not keep the loop alive") {
    EventLoop loop({.virtualTime = true});
    loop.run([] {
        const auto handle = onSignal(SIGUSR1, [] {});
        handle.unref();
        CHECK_FALSE(handle.hasRef());
        handle.ref();
        handle.unref();
    });
    CHECK_FALSE(loop.alive());
    std::raise(SIGUSR1); // still listened to: the program lives on
}

TEST_CASE("a signal does what it did before when the last handler has stopped") {
    const auto before = std::signal(SIGUSR1, &countForHost);
    EventLoop loop({.virtualTime = true});
    const auto first = onSignal(SIGUSR1, [] {});
    const auto second = onSignal(SIGUSR1, [] {});
    CHECK(actionOf(SIGUSR1) != &countForHost);
    first.stop();
    CHECK(actionOf(SIGUSR1) != &countForHost);
    second.stop();
    second.stop();
    CHECK(actionOf(SIGUSR1) == &countForHost);
    std::raise(SIGUSR1);
    CHECK(hostsOwn == 1);
    std::signal(SIGUSR1, before);
}

TEST_CASE("handlers go with their loop") {
    const auto before = actionOf(SIGUSR1);
    CountingSource memory;
    std::optional<SignalHandle> handle;
    {
        EventLoop loop({.virtualTime = true});
        handle = onSignal(SIGUSR1, [held = Counted(1)] {});
        CHECK(Counted::alive == 1);
    }
    CHECK(Counted::alive == 0);
    CHECK(actionOf(SIGUSR1) == before);
    CHECK(memory.balance() == 0);
    handle->stop(); // names nothing any more
    CHECK_FALSE(handle->hasRef());
}

TEST_CASE("a callback that has been stopped is not called for a signal that was on its way") {
    const Watchdog watchdog("a signal");
    int heard = 0;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const auto handle = onSignal(SIGUSR1, [&] { ++heard; });
        onSignal(SIGUSR2, [] { // heard behind the other one
            EventLoop::current().stop();
        });
        std::raise(SIGUSR1);
        std::raise(SIGUSR2);
        handle.stop();
    });
    CHECK(heard == 0);
}

TEST_CASE("a callback that is a coroutine is kept until it has finished") {
    const Watchdog watchdog("a signal");
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto handle = std::make_shared<SignalHandle>();
        *handle = onSignal(SIGUSR1, [&log, handle, text = std::string("a text of some length, held")]() -> Promise<> {
            handle->stop();
            handle->stop();
            co_await delay(1);
            log(text);
        });
        std::raise(SIGUSR1);
    });
    CHECK(log == "a text of some length, held");
}

TEST_CASE("an error that a signal's callback throws is reported") {
    const Watchdog watchdog("a signal");
    int code = 0;
    const std::string text = writtenTo(stderr, [&] {
        EventLoop loop({.virtualTime = true});
        code = loop.run([] {
            auto handle = std::make_shared<SignalHandle>();
            *handle = onSignal(SIGUSR1, [handle] {
                handle->stop();
                throw TypeError("in the handler");
            });
            std::raise(SIGUSR1);
        });
    });
    CHECK(text.starts_with("Uncaught TypeError: in the handler\n"));
    CHECK(code == 1);
}

TEST_CASE("a signal wakes every loop that listens") {
    const Watchdog watchdog("a signal");
    Meeting listening(3);
    const auto listen = [&listening](int& heard) {
        EventLoop loop;
        loop.run([&] {
            onSignal(SIGUSR1, [&heard] {
                ++heard;
                EventLoop::current().stop();
            });
            listening.arriveAndWait();
        });
    };
    int first = 0;
    int second = 0;
    std::thread a([&] { listen(first); });
    std::thread b([&] { listen(second); });
    listening.arriveAndWait();
    kill(getpid(), SIGUSR1);
    a.join();
    b.join();
    CHECK(first == 1);
    CHECK(second == 1);
}

TEST_CASE("what is no signal or cannot be handled is a RangeError and changes nothing") {
    EventLoop loop({.virtualTime = true});
    for (const int signal : {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, 0, -1, 10'000}) {
        CHECK_THROWS_AS(onSignal(signal, [] {}), RangeError);
    }
    CHECK_FALSE(loop.alive());
    CHECK(actionOf(SIGSEGV) != SIG_IGN);
}

TEST_CASE("onSignal without a loop is a logic_error") {
    CHECK_THROWS_AS(onSignal(SIGUSR1, [] {}), std::logic_error);
}

TEST_CASE("a handler may be stopped while the thread that hears waits for the same lock") {
    const Watchdog watchdog("a lock of the program's own");
    std::mutex programs;
    Gate waiting;
    EventLoop loop({.virtualTime = true});
    loop.onWake([&] {
        waiting.open();
        const std::lock_guard lock(programs);
    });
    const auto handle = onSignal(SIGUSR1, [] {});
    loop.poll(); // from here on it is asleep
    {
        const std::lock_guard lock(programs);
        std::raise(SIGUSR1);
        waiting.wait();
        handle.stop();
    }
    loop.onWake([] {});
    CHECK_FALSE(handle.hasRef());
}

TEST_CASE("a process that was forked off dies of the signal as if nobody listened") {
    const Action before = std::signal(SIGTERM, SIG_DFL); // Catch2 would say something of it
    EventLoop loop({.virtualTime = true});
    int heard = 0;
    const auto handle = onSignal(SIGTERM, [&] { ++heard; });
    const pid_t child = fork();
    if (child == 0) {
        raise(SIGTERM);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
    handle.stop();
    loop.run([] {});
    CHECK(heard == 0);
    std::signal(SIGTERM, before);
}

TEST_CASE("a signal is not lost behind many others") {
    const Watchdog watchdog("a signal behind many");
    bool heard = false;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        onSignal(SIGUSR1, [] {});
        onSignal(SIGUSR2, [&] {
            heard = true;
            EventLoop::current().stop();
        });
        for (int i = 0; i < 200'000; ++i) std::raise(SIGUSR1);
        std::raise(SIGUSR2);
    });
    CHECK(heard);
}
