// SPDX-License-Identifier: MIT
#include "../support/written.hpp"
#include "program.hpp"

#include <rondo/events.hpp>
#include <rondo/web.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

using namespace rondo;

// What is attacked here, in the order of the headers: web/timers.hpp, console.hpp with inspect.hpp, performance.hpp.

namespace {

struct Streamed {
    friend std::ostream& operator<<(std::ostream& out, const Streamed&) { return out << longText << 12; }
};

/// Makes a call of the console, and writes down what this has written. A call that throws must have written nothing.
template <class Call>
void writes(Program& program, Call call) {
    program.attempt([&] {
        const heap::OwnMemory own;
        Redirected out(stdout);
        Redirected error(stderr);
        std::exception_ptr thrown;
        try {
            const heap::ProgramsMemory counted;
            call();
        } catch (...) {
            thrown = std::current_exception();
        }
        std::string text = out.text() + error.text();
        for (auto at = text.find(longText); at != text.npos; at = text.find(longText))
            text.replace(at, std::strlen(longText), "TEXT");
        std::replace_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }, '_');
        if (!thrown) program.log('"', text, '"');
        if (thrown && !text.empty()) program.log("CHANGED");
        if (thrown) std::rethrow_exception(thrown);
    });
}

}

TEST_CASE("memory may end while timers are set") {
    forEachFailure(onLoop([](Program& program) {
        program.attempt([&] { setTimeout(logging(program, "now")); });
        program.attempt([&] {
            setTimeout([&program](const std::string& text) { program.log(Program::shown(text)); }, 5, longText);
        });
        const auto handle = program.attempt([] { return std::make_shared<TimerHandle>(); });
        *handle = program.attempt([&] {
            return setInterval(
                [&program, handle, text = std::string(longText), beats = 0]() mutable {
                    program.log("beat", ++beats);
                    if (beats == 3) clearInterval(*handle);
                },
                2);
        });
        program.attempt([&] {
            setTimeout(
                [&program](std::string text) -> Promise<> {
                    co_await delay(1);
                    program.log(text == longText ? "function" : "TORN");
                },
                1, longText);
        });
        clearTimeout(program.attempt([&] { return setTimeout(logging(program, "cleared")); }));
        program.attempt([&] { queueMicrotask(logging(program, "microtask")); });
        program.attempt([&] {
            queueMicrotask([&program, text = std::string(longText)]() -> Promise<> {
                co_await Promise<>::resolve();
                program.log(text == longText ? "microfunction" : "TORN");
            });
        });
    }));
}

TEST_CASE("memory may end while one waits and the wait is aborted") {
    forEachFailure(onLoop([](Program& program) {
        AbortController controller = program.attempt([] { return AbortController(); });
        const AbortSignal& signal = controller.signal();
        program.follow("delay", program.attempt([] { return delay(3); }));
        const auto catches = [&](const char* entry, auto call) {
            const auto promise = program.attempt(call);
            program.attempt([&] {
                promise.catch_([&program, entry](const std::exception_ptr& reason) {
                    program.log(entry, ':', Program::nameOf(reason));
                });
            });
        };
        catches("aborted", [&] { return delay(3, {.signal = signal}); });
        program.attempt([&] { controller.abort(Error("aborted")); });
        catches("before", [&] { return delay(3, {.signal = signal}); });
        const auto timeout = program.attempt([] { return AbortSignal::timeout(2); });
        program.follow("timeout", program.attempt([&] { return delay(1, {.signal = timeout}); }));
        catches("timedOut", [&] { return delay(5, {.signal = timeout}); });
    }));
}

TEST_CASE("without memory the console writes nothing and all if it is asked again") {
    forEachFailure(onLoop([](Program& program) {
        const auto text = program.attempt([] { return std::string(longText); });
        const auto pending = program.attempt([] { return Promise<>::withResolvers(); });
        const auto done = program.attempt([] { return Promise<>::resolve(std::string(longText)); });
        const std::map<std::string, int> map =
            program.attempt([] { return std::map<std::string, int>{{longText, 1}}; });
        const std::exception_ptr error =
            std::make_exception_ptr(program.attempt([] { return TypeError(longText, nullptr, {}); }));
        const auto all =
            program.attempt([&] { return std::make_exception_ptr(AggregateError({error}, "all", error, {})); });
        writes(program, [&] { console.log(text); });
        writes(program, [&] { console.log(1.5, text, std::vector<bool>{true, false}, map, std::tuple(1, text)); });
        writes(program, [&] { console.info("%d %s %i %f %j %o %O %c %%", 4, 5, "6", 7.5, map, text, text, ""); });
        writes(program, [&] { console.debug(pending.promise, done, std::optional<int>(), nullptr); });
        writes(program, [&] { console.error(error, all); });
        writes(program, [&] { console.warn(Streamed(), std::variant<int, std::string>(longText)); });
        writes(program, [&] { console.dir(map); });
        writes(program, [&] { console.dirxml(map, 2); });
        writes(program, [&] { console.assert_(false, text, 1); });
        writes(program, [&] { console.assert_(false); });
        writes(program, [&] { console.table(std::vector<std::map<std::string, int>>{map, map}); });
        writes(program, [&] { console.table(map, {longText}); });
    }));
}

TEST_CASE("without memory what the console keeps stays as it was") {
    forEachFailure(onLoop([](Program& program) {
        for (int i = 0; i < 2; ++i) writes(program, [] { console.count(); });
        for (int i = 0; i < 2; ++i) writes(program, [] { console.count(longText); });
        writes(program, [] { console.countReset(longText); });
        writes(program, [] { console.count(longText); });
        writes(program, [] { console.time(longText); });
        writes(program, [] { console.time(longText); });
        for (int i = 0; i < 2; ++i) {
            writes(program, [] { console.group(longText, 1); });
            writes(program, [] { console.log("in a group"); });
        }
        writes(program, [] { console.timeLog(longText, 1, "two"); });
        writes(program, [] { console.timeEnd(longText); });
        writes(program, [] { console.timeEnd(longText); });
        writes(program, [] { console.groupEnd(); });
        writes(program, [] { console.count(); });
        writes(program, [] { console.trace("here", 1); });
    }));
}

TEST_CASE("memory may end while time is measured") {
    forEachFailure(onLoop([](Program& program) {
        program.log(performance.now(), program.attempt([] { return performance.timeOrigin(); }) > 0);
        for (int i = 0; i < 3; ++i)
            program.attempt([&] { program.log(performance.mark(longText, {.startTime = 3.0 - i}).startTime()); });
        program.attempt([&] { program.log(performance.measure("span").duration()); });
        program.attempt([&] { program.log(performance.measure("span", longText).duration()); });
        program.attempt([&] { program.log(performance.measure("span", longText, 7).duration()); });
        program.attempt([&] { program.log(performance.measure("span", {.start = 1, .duration = 2.0}).duration()); });
        try {
            program.attempt([] { performance.measure("span", "nothing"); });
        } catch (const DOMException& error) {
            program.log(error.name());
        }
        const auto all = program.attempt([] { return performance.getEntries(); });
        for (const PerformanceEntry& entry : all) program.log(entry.entryType(), entry.startTime());
        program.log(program.attempt([] { return performance.getEntriesByName(longText); }).size());
        program.log(program.attempt([] { return performance.getEntriesByType("measure"); }).size());
        program.attempt([] { performance.clearMarks(longText); });
        program.attempt([] { performance.clearMeasures(); });
        program.log(program.attempt([] { return performance.getEntries(); }).size());
    }));
}
