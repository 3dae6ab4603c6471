// SPDX-License-Identifier: MIT
#pragma once

#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

// What the tests that come from test262 share. https://github.com/tc39/test262

namespace test262 {

using namespace rondo;

/// Values, reasons and settlements as text; those in a list with commas between them.
struct Text {
    static std::string of(int number) { return std::to_string(number); }
    static std::string of(std::string text) { return text; }
    static std::string of(std::monostate) { return "undefined"; }
    static std::string of(const std::exception_ptr& reason) {
        try {
            std::rethrow_exception(reason);
        } catch (const AggregateError& error) {
            return "AggregateError(" + of(error.errors()) + ")";
        } catch (...) {
            return base::describe(reason);
        }
    }
    template <class T>
    static std::string of(const SettledResult<T>& result) {
        return std::string(result.status()) + ":" + (result.fulfilled() ? of(result.value()) : of(result.reason()));
    }
    template <class T>
    static std::string of(const std::vector<T>& values) {
        std::string text;
        for (const T& value : values) text += (text.empty() ? "" : ",") + of(value);
        return text;
    }
    template <class... Ts>
    static std::string of(const std::tuple<Ts...>& values) {
        return std::apply([](const Ts&... value) { return of(std::vector<std::string>{of(value)...}); }, values);
    }
    template <class... Ts>
    static std::string of(const std::variant<Ts...>& one) {
        return std::visit([](const auto& value) { return of(value); }, one);
    }
};

/// A handler that notes a step.
struct Step {
    Journal* log;
    int number;
    void operator()() const { (*log)(number); }
};

/// Notes how a promise is settled: its value, or `rejected:` and the reason.
template <class T>
void noteOutcome(Journal& log, const Promise<T>& promise) {
    promise.then([&log](const T& value) { log(Text::of(value)); },
                 [&log](const std::exception_ptr& reason) { log("rejected:", Text::of(reason)); });
}

/// A function without its type, so that the compiler sees what calls it only once.
class Erased {
public:
    template <class F>
    explicit Erased(const F& f) : f_(&f), call_([](const void* erased) { (*static_cast<const F*>(erased))(); }) {}
    void operator()() const { call_(f_); }

private:
    const void* f_;
    void (*call_)(const void*);
};

inline int runErased(EventLoop& loop, Erased f) { return loop.run(f); }
template <class F>
int runOn(EventLoop& loop, const F& f) {
    return runErased(loop, Erased(f));
}

/// Runs `f` and all that it leaves to be done. No rejection may go unhandled.
inline void runThrough(Erased f) {
    EventLoop loop({.virtualTime = true});
    CHECK(runErased(loop, f) == 0);
}

/// What `script(log)` notes when it has been run through.
template <class Script>
std::string journalOf(const Script& script) {
    Journal log;
    runThrough(Erased([&] { script(log); }));
    return log.text();
}

/// An object with this `then`.
template <class T>
class ThenableObject {
public:
    using value_type = T;
    using Resolve = decltype(PromiseWithResolvers<T>::resolve);
    using Reject = decltype(PromiseWithResolvers<T>::reject);

    explicit ThenableObject(std::function<void(const Resolve&, const Reject&)> then) : then_(std::move(then)) {}
    void then(const Resolve& resolve, const Reject& reject) const { then_(resolve, reject); }

private:
    std::function<void(const Resolve&, const Reject&)> then_;
};
template <class T, class Then>
ThenableObject<T> thenable(Then then) {
    return ThenableObject<T>(std::move(then));
}

}
