// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/host.hpp>

#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <utility>

using namespace rondo;

// What is attacked here, in the order of the headers: host/thread_pool.hpp, completion.hpp, offload.hpp, on_signal.hpp.

namespace {

/// Calls that other threads make: the thread goes on if one throws.
template <class Call>
void attemptThere(Program& program, Call call) {
    try {
        program.attempt(call);
    } catch (const std::bad_alloc&) {
        program.log("there:bad_alloc");
    }
}

/// What cannot start a thread throws a `std::system_error`, which is as good.
template <class Call>
auto attemptThreads(Program& program, Call call) {
    return program.attempt([&] {
        try {
            return call();
        } catch (const std::system_error&) {
            throw std::bad_alloc();
        }
    });
}

std::string copyOf(const std::string& text) { return text; }
int throwText(const std::string& text) { throw Error(text); }
#if defined(__cpp_lib_jthread)
int askedToStop(std::stop_token token, const std::string& text) { return token.stop_requested() || text != longText; }
#else
int askedToStop(const std::string& text) { return text != longText; }
#endif

Promise<> offloading(Program& program) {
    const auto make = [&](const char* entry, auto call) {
        const auto promise = attemptThreads(program, call);
        program.follow(entry, promise);
        return promise;
    };
    const AbortController controller = program.attempt([] { return AbortController(); });
    const SignalRef signal = controller.signal();
    const auto copied = make("copied", [] { return offload(copyOf, longText); });
    co_await copied.settled();
    const auto thrown = make("thrown", [] { return offload(throwText, std::string(longText)); });
    co_await thrown.settled();
    const auto nothing =
        make("nothing", [&] { return offload({.signal = signal}, [text = std::string(longText)] {}); });
    co_await nothing.settled();
    const auto asked = make("asked", [&] { return offload({.signal = signal}, askedToStop, std::string(longText)); });
    co_await asked.settled();
}

}

TEST_CASE("memory may end while jobs are put into a pool") {
    forEachFailure([](Program& program) {
        const auto pool = program.attempt(
            [] { return std::make_unique<ThreadPool>(ThreadPoolOptions{.threads = 1, .name = longText}); });
        const auto job = [&] {
            return [&program, text = std::string(longText)] { program.log(Program::shown(text)); };
        };
        for (int i = 0; i < 2; ++i) attemptThreads(program, [&] { pool->post(job()); });
        attemptThreads(program, [&] { pool->tryPost(job()); });
        pool->shutdown(QueuedJobs::finish);
    });
}

TEST_CASE("memory may end while something is settled from another thread") {
    const auto completing = onLoop([](Program& program) {
        AbortController controller = program.attempt([] { return AbortController(); });
        const AbortController another = program.attempt([] { return AbortController(); });
        const auto settle = [&](const char* entry, const CompletionOptions& options, auto act) {
            auto completion = program.attempt([&] { return std::make_unique<Completion<std::string>>(options); });
            program.follow(entry, completion->promise());
            std::thread([&] { attemptThere(program, [&] { act(*completion); }); }).join();
        };
        settle("resolved", {}, [](auto& completion) { completion.resolve(longText); });
        settle("rejected", {.signal = another.signal()}, [](auto& completion) { completion.reject(Error(longText)); });
        auto aborted = program.attempt(
            [&] { return std::make_unique<Completion<>>(CompletionOptions{.signal = controller.signal()}); });
        program.follow("aborted", aborted->promise());
        program.attempt([&] { controller.abort(); });
        aborted->resolve();
    });
    forEachFailure(completing);
    forEachFailure(completing, heap::Victim::otherThreads);
}

TEST_CASE("memory may end while functions are offloaded") { forEachFailure(onLoop(offloading)); }

TEST_CASE("memory may end on the threads of a pool") { forEachFailure(onLoop(offloading), heap::Victim::otherThreads); }

TEST_CASE("memory may end while signals of the process are listened to") {
    forEachFailure(onLoop([](Program& program) {
        struct Listening { // as long as it lives
            SignalHandle handle;
            explicit Listening(SignalHandle of) noexcept : handle(of) {}
            Listening(const Listening&) = delete;
            Listening& operator=(const Listening&) = delete;
            ~Listening() { handle.stop(); }
        };
        const auto listen = [&](int signal, auto f) { return program.attempt([&] { return onSignal(signal, f); }); };
        const Listening first(listen(SIGUSR1, [text = std::string(longText)] {}));
        const Listening second(listen(SIGUSR1, [text = std::string(longText)](int) -> Promise<> { co_return; }));
        first.handle.unref();
        program.log(first.handle.hasRef(), second.handle.hasRef());
        try {
            listen(SIGKILL, [text = std::string(longText)] {});
        } catch (const RangeError&) {
            program.log("refused");
        }
    }));
}
