// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/rondo.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

/// What random programs use beside Rondo: the counterpart of `prelude.mjs`.
namespace fuzz {

using namespace rondo;

/// What is said of a reason on both sides.
inline std::string describe(const Error& error) {
    if (const auto* aggregate = dynamic_cast<const AggregateError*>(&error)) {
        std::string text;
        for (const std::exception_ptr& each : aggregate->errors()) {
            if (!text.empty()) text += ',';
            try {
                std::rethrow_exception(each);
            } catch (const Error& inner) {
                text += describe(inner);
            }
        }
        return "AggregateError(" + text + ")";
    }
    if (error.message().starts_with("Chaining cycle")) return "TypeError cycle";
    if (dynamic_cast<const DOMException*>(&error)) return std::string(error.name());
    return std::string(error.name()) + " " + std::string(error.message());
}
inline std::string describe(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        return describe(error);
    } catch (const std::exception& error) {
        return std::string("unexpected: ") + error.what();
    }
}

/// What `then` is called on with a pair of resolving functions.
template <class F>
struct Thenable {
    using value_type = int;

    explicit Thenable(F f) : then_(std::move(f)) {}

    template <class Resolve, class Reject>
    void then(Resolve resolve, Reject reject) {
        then_(resolve, reject);
    }

private:
    F then_;
};

/// What all programs are made of: they are members of a struct, and the loop goes before that.
class Program {
public:
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    virtual ~Program() = default;

    /// Runs it in a loop of its own, and says what it has logged.
    const std::string& lines() {
        EventLoop loop({.virtualTime = true});
        loop.globalThis().addEventListener("error", [this](ErrorEvent& event) {
            event.preventDefault();
            log("error", describe(event.error()));
        });
        loop.globalThis().addEventListener("unhandledrejection", [this](PromiseRejectionEvent& event) {
            event.preventDefault();
            note("unhandled", describe(event.reason()));
        });
        loop.globalThis().addEventListener("rejectionhandled", [this](PromiseRejectionEvent& event) {
            note("handled late", describe(event.reason()));
        });
        loop.run([this] {
            try {
                main();
            } catch (...) {
                log("main", describe(std::current_exception()));
            }
        });
        over_ = true;
        return lines_;
    }

protected:
    virtual void main() = 0;

    /// A line begins with the time and the tick: so much as one tick too many can be seen.
    template <class... Values>
    void log(const Values&... values) {
        if (over_ || count_ == lineLimit) return;
        if (ticksLeft_ == 0) queueMicrotask([this] { tick(); });
        ticksLeft_ = ticksCounted;
        note(ticks_, values...);
    }
    /// A line that says what is told of a rejection.
    template <class... Values>
    void note(const Values&... values) {
        if (count_ == lineLimit) return;
        ++count_;
        std::ostringstream line;
        line << EventLoop::current().now() << "ms";
        ((line << ' ' << values), ...);
        lines_ += line.str() + "\n";
    }
    void logSettled(int id, const SettledResult<int>& end) {
        if (end.fulfilled()) {
            log(id, "f", end.value());
        } else {
            log(id, "r", describe(end.reason()));
        }
    }

    /// An interval that clears itself after some beats, unless it has been cleared before.
    template <class F>
    TimerHandle beats(int times, F f, int delay) {
        const auto timer = std::make_shared<TimerHandle>();
        return *timer = setInterval(
                   [=]() mutable {
                       if (--times == 0) clearInterval(*timer);
                       return f();
                   },
                   delay);
    }
    Promise<int> later(int delay, int value) {
        return Promise<int>([&](auto resolve) { setTimeout(resolve, delay, value); });
    }

    std::string dispatch(EventTarget& target, std::string_view type) {
        if (--fuel_ < 0) return "tired";
        return target.dispatchEvent(Event(type, {.cancelable = true})) ? "true" : "false";
    }

    template <class Values>
    Promise<int> all(int id, Promise<Values> promise) {
        return std::move(promise).then([this, id](const Values& values) {
            std::vector<int> numbers;
            forEach(values, [&](int value) { numbers.push_back(value); });
            int sum = 0;
            std::string text;
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                sum = (sum + (static_cast<int>(i) + 1) * numbers[i]) % 1000;
                text += " " + std::to_string(numbers[i]);
            }
            log(std::to_string(id) + text);
            return sum;
        });
    }
    /// What came of a request to an async generator, as a number.
    int logStep(int id, const IteratorResult<int, int>& result) {
        const int* value = result.done() ? result.returned() : &*result;
        log(id, result.done() ? "done" : "value", value ? std::to_string(*value) : "none");
        return result.done() ? (value ? *value : 50) + 100 : *value;
    }
    Promise<int> step(int id, Promise<IteratorResult<int, int>> promise) {
        return promise.then([this, id](const IteratorResult<int, int>& result) { return logStep(id, result); });
    }
    template <class Ends>
    Promise<int> allSettled(int id, Promise<Ends> promise) {
        return std::move(promise).then([this, id](const Ends& ends) {
            int count = 0;
            std::string text;
            forEach(ends, [&](const SettledResult<int>& end) {
                ++count;
                text += " " + (end.fulfilled() ? std::to_string(end.value()) : describe(end.reason()));
            });
            log(std::to_string(id) + text);
            return count;
        });
    }

private:
    static constexpr int lineLimit = 200;
    static constexpr int dispatchLimit = 30;
    static constexpr int ticksCounted = 30;

    /// Counts the ticks, from a line on, as long as lines come.
    void tick() {
        ++ticks_;
        if (--ticksLeft_ > 0) queueMicrotask([this] { tick(); });
    }

    template <class... Ts, class F>
    static void forEach(const std::tuple<Ts...>& values, F f) {
        std::apply([&](const Ts&... each) { (f(each), ...); }, values);
    }
    template <class T, class F>
    static void forEach(const std::vector<T>& values, F f) {
        for (const T& each : values) f(each);
    }

    std::string lines_;
    int count_ = 0;
    int fuel_ = dispatchLimit;
    int ticks_ = 0;
    int ticksLeft_ = 0;
    bool over_ = false;
};

/// A program by its seed.
struct Entry {
    const char* seed;
    std::string (*run)();
};

template <class P>
std::string run() {
    P program;
    return program.lines();
}

/// Runs the programs from the one with this number on. What is printed before a program begins is flushed, so that it is
/// known which one has ended the process.
inline void runAll(const std::vector<Entry>& entries, std::size_t first) {
    for (std::size_t i = first; i < entries.size(); ++i) {
        std::printf("=== %s\n", entries[i].seed);
        std::fflush(stdout);
        std::fputs(entries[i].run().c_str(), stdout);
        std::printf("--- %s\n", entries[i].seed);
    }
}

}
