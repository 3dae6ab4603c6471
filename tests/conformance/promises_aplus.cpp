// SPDX-License-Identifier: MIT

#include "conformance/promises_aplus.hpp"

#include "support/catch.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>

using namespace rondo;

// Promises/A+, the chapters on states and on then. The name of a test begins with the number of the clause whose tests
// it stands for.

std::array<ReasonKind, 10> reasonKinds() {
    struct Object {};
    return {{
        {"null", [] { return std::make_exception_ptr(nullptr); }},
        {"false", [] { return std::make_exception_ptr(false); }},
        {"0", [] { return std::make_exception_ptr(0); }},
        {"an error", [] { return std::make_exception_ptr(Error("error")); }},
        {"an error without a stack", [] { return std::make_exception_ptr(std::runtime_error("error")); }},
        {"a date", [] { return std::make_exception_ptr(std::chrono::system_clock::time_point()); }},
        {"an object", [] { return std::make_exception_ptr(Object()); }},
        {"an always-pending thenable",
         [] { return std::make_exception_ptr(ThenableObject<int>{[](const auto&, const auto&) {}}); }},
        {"a fulfilled promise", [] { return std::make_exception_ptr(resolved(dummy)); }},
        {"a rejected promise",
         [] {
             const auto promise = rejected(dummy);
             promise.catch_([] { return another; });
             return std::make_exception_ptr(promise);
         }},
    }};
}

TEST_CASE("Promises/A+ 2.1.2.1: a fulfilled promise does not transition to any other state") {
    const auto fulfillThenReject = [](const DeferredValue& d) {
        d.resolve(dummy);
        d.reject(another);
    };
    CHECK(inThreeWays(fulfillThenReject, [](Script& s, const auto& p) { s.record(p); }) == "fulfilled:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              s.record(d.promise);
              d.resolve(dummy);
              s.later(50, [&d] { d.reject(another); });
              s.later(100, [&] { s.record(d.promise); });
          }) == "fulfilled:dummy fulfilled:dummy");
}

TEST_CASE("Promises/A+ 2.1.3.1: a rejected promise does not transition to any other state") {
    const auto rejectThenFulfill = [](const DeferredValue& d) {
        d.reject(dummy);
        d.resolve(another);
    };
    CHECK(inThreeWays(rejectThenFulfill, [](Script& s, const auto& p) { s.record(p); }) == "rejected:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              s.record(d.promise);
              d.reject(dummy);
              s.later(50, [&d] { d.resolve(another); });
              s.later(100, [&] { s.record(d.promise); });
          }) == "rejected:dummy rejected:dummy");
}

TEST_CASE("Promises/A+ 2.2.1.1: onFulfilled is optional") {
    Script s;
    rejected(dummy).catch_([&](const Value& reason) {
        s.log("directly:", reason);
        return another;
    });
    rejected(dummy).then([](const Value& value) { return value; }).catch_([&](const Value& reason) {
        s.log("chained:", reason);
        return another;
    });
    CHECK(s.end() == "directly:dummy chained:dummy");
}

TEST_CASE("Promises/A+ 2.2.1.2: onRejected is optional") {
    Script s;
    resolved(dummy).then([&](const Value& value) { s.log("directly:", value); });
    resolved(dummy).catch_([] { return another; }).then([&](const Value& value) { s.log("chained:", value); });
    CHECK(s.end() == "directly:dummy chained:dummy");
}

TEST_CASE(
    "Promises/A+ 2.2.2.1: onFulfilled is called after the promise is fulfilled with its value as first argument") {
    CHECK(whenFulfilled(sentinel, [](Script& s, const auto& promise) {
              promise.then([&](const Value& value) { s.log(promise.state() == PromiseState::fulfilled, ':', value); });
          }) == "true:sentinel");
}

TEST_CASE("Promises/A+ 2.2.2.2: onFulfilled is not called before the promise is fulfilled") {
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([&] { s.log("called"); });
              s.later(50, [&] {
                  d.resolve(dummy);
                  s.log("fulfilled");
              });
          }) == "fulfilled called");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([&] { s.log("called"); });
              s.later(150, [&] { s.log("never fulfilled"); });
          }) == "never fulfilled");
}

TEST_CASE("Promises/A+ 2.2.2.3: onFulfilled is not called more than once") {
    const auto twice = [](const DeferredValue& d) {
        d.resolve(dummy);
        d.resolve(another);
    };
    CHECK(inThreeWays(twice, [](Script& s, const auto& p) { s.record(p); }) == "fulfilled:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              s.record(d.promise);
              d.resolve(dummy);
              s.later(50, [&] {
                  d.resolve(another);
                  s.log("again");
              });
          }) == "fulfilled:dummy again");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              for (int delay = 0; delay < 150; delay += 50) s.later(delay, [&] { s.record(d.promise); });
              s.later(150, [&] {
                  s.log("spaced apart in time:");
                  d.resolve(dummy);
              });
          }) == "spaced apart in time: fulfilled:dummy fulfilled:dummy fulfilled:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([&] { s.log("before"); });
              d.resolve(dummy);
              d.promise.then([&] { s.log("behind"); });
          }) == "before behind");
}

TEST_CASE("Promises/A+ 2.2.3.1: onRejected is called after the promise is rejected with its reason as first argument") {
    CHECK(whenRejected(sentinel, [](Script& s, const auto& promise) {
              promise.catch_([&](const std::exception_ptr& reason) {
                  s.log(promise.state() == PromiseState::rejected, ':', reason == promise.reason(), ':',
                        base::describe(reason));
                  return another;
              });
          }) == "true:true:sentinel");
}

TEST_CASE("Promises/A+ 2.2.3.2: onRejected is not called before the promise is rejected") {
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([] {}, [&] { s.log("called"); });
              s.later(50, [&] {
                  d.reject(dummy);
                  s.log("rejected");
              });
          }) == "rejected called");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([] {}, [&] { s.log("called"); });
              s.later(150, [&] { s.log("never rejected"); });
          }) == "never rejected");
}

TEST_CASE("Promises/A+ 2.2.3.3: onRejected is not called more than once") {
    const auto twice = [](const DeferredValue& d) {
        d.reject(dummy);
        d.reject(another);
    };
    CHECK(inThreeWays(twice, [](Script& s, const auto& p) { s.record(p); }) == "rejected:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              s.record(d.promise);
              d.reject(dummy);
              s.later(50, [&] {
                  d.reject(another);
                  s.log("again");
              });
          }) == "rejected:dummy again");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              for (int delay = 0; delay < 150; delay += 50) s.later(delay, [&] { s.record(d.promise); });
              s.later(150, [&] {
                  s.log("spaced apart in time:");
                  d.reject(dummy);
              });
          }) == "spaced apart in time: rejected:dummy rejected:dummy rejected:dummy");
    CHECK(withDeferred([](Script& s, const DeferredValue& d) {
              d.promise.then([] {}, [&] { s.log("before"); });
              d.reject(dummy);
              d.promise.then([] {}, [&] { s.log("behind"); });
          }) == "before behind");
}

TEST_CASE("Promises/A+ 2.2.4: handlers are not called until the execution context stack contains only platform code") {
    const Test thenReturns = [](Script& s, const auto& promise) {
        s.record(promise);
        s.log("then returned");
    };
    CHECK(whenFulfilled(dummy, thenReturns) == "then returned fulfilled:dummy");
    CHECK(whenRejected(dummy, thenReturns) == "then returned rejected:dummy");

    const auto settledBehindThen = [](bool fulfills) {
        return [=](Script& s, const DeferredValue& d) {
            s.record(d.promise);
            fulfills ? d.resolve(dummy) : d.reject(dummy);
            s.log("settled");
        };
    };
    CHECK(withDeferred(settledBehindThen(true)) == "settled fulfilled:dummy");
    CHECK(withDeferred(settledBehindThen(false)) == "settled rejected:dummy");

    const auto settledInATask = [](bool fulfills) {
        return [=](Script& s, const DeferredValue& d) {
            s.later(0, [=, &s, &d] {
                fulfills ? d.resolve(dummy) : d.reject(dummy);
                s.log("settled");
            });
            s.record(d.promise);
        };
    };
    CHECK(withDeferred(settledInATask(true)) == "settled fulfilled:dummy");
    CHECK(withDeferred(settledInATask(false)) == "settled rejected:dummy");

    // one handler that is added inside another
    for (const auto& outer : {resolved, rejected}) {
        for (const auto& inner : {resolved, rejected}) {
            Script s;
            const auto a = outer(dummy);
            const auto b = inner == outer ? a : inner(dummy);
            const auto handler = [&] {
                s.record(b);
                s.log("handler finished");
            };
            a.then(handler, handler);
            CHECK(s.end() ==
                  "handler finished " + std::string(inner == resolved ? "fulfilled:dummy" : "rejected:dummy"));
        }
    }
}

namespace {

Script* running = nullptr;

void plainOnFulfilled(const Value& value) { running->log("fulfilled:", value); }
void plainOnRejected(std::exception_ptr reason) { running->log("rejected:", base::describe(reason)); }

}

TEST_CASE("Promises/A+ 2.2.5: onFulfilled and onRejected are called as functions with no this value") {
    Script s;
    running = &s;
    resolved(dummy).then(plainOnFulfilled);
    resolved(sentinel).then(&plainOnFulfilled, &plainOnRejected);
    rejected(dummy).catch_(plainOnRejected);
    rejected(sentinel).then(plainOnFulfilled, plainOnRejected);
    CHECK(s.end() == "fulfilled:dummy fulfilled:sentinel rejected:dummy rejected:sentinel");
}

TEST_CASE("Promises/A+ 2.2.6.1: all onFulfilled callbacks run in the order of their calls to then") {
    const auto threeHandlers = [](bool secondThrows) {
        return [=](Script& s, const Promise<Value>& promise) {
            for (const int number : {1, 2, 3}) {
                promise.then(
                    [=, &s](const Value& value) {
                        s.log(number, ':', value);
                        if (secondThrows && number == 2) throw Error("thrown");
                        return another;
                    },
                    [&] { return s.log("spy"), another; });
            }
            s.record(promise);
        };
    };
    CHECK(whenFulfilled(sentinel, threeHandlers(false)) == "1:sentinel 2:sentinel 3:sentinel fulfilled:sentinel");
    CHECK(whenFulfilled(sentinel, threeHandlers(true)) ==
          "1:sentinel 2:sentinel 3:sentinel fulfilled:sentinel unhandled:Error: thrown");

    // branches with values of their own
    CHECK(whenFulfilled(dummy, [](Script& s, const auto& promise) {
              s.record(promise.then([] { return sentinel; }));
              s.record(promise.then([]() -> int { throw TypeError("sentinel2"); }));
              s.record(promise.then([] { return 3; }));
          }) == "fulfilled:sentinel rejected:TypeError: sentinel2 fulfilled:3");

    // a handler that is added inside another
    CHECK(whenFulfilled(dummy, [](Script& s, const auto& promise) {
              promise.then([&s, promise] {
                  s.log(1);
                  promise.then([&s] { s.log(3); });
              });
              promise.then([&s] { s.log(2); });
          }) == "1 2 3");
}

TEST_CASE("Promises/A+ 2.2.6.2: all onRejected callbacks run in the order of their calls to then") {
    const auto threeHandlers = [](bool secondThrows) {
        return [=](Script& s, const Promise<Value>& promise) {
            for (const int number : {1, 2, 3}) {
                promise.then([&] { return s.log("spy"), another; },
                             [=, &s](const Value& reason) {
                                 s.log(number, ':', reason);
                                 if (secondThrows && number == 2) throw Error("thrown");
                                 return another;
                             });
            }
            s.record(promise);
        };
    };
    CHECK(whenRejected(sentinel, threeHandlers(false)) == "1:sentinel 2:sentinel 3:sentinel rejected:sentinel");
    CHECK(whenRejected(sentinel, threeHandlers(true)) ==
          "1:sentinel 2:sentinel 3:sentinel rejected:sentinel unhandled:Error: thrown");

    CHECK(whenRejected(dummy, [](Script& s, const auto& promise) {
              s.record(promise.catch_([] { return sentinel; }));
              s.record(promise.catch_([]() -> Value { throw TypeError("sentinel2"); }));
              s.record(promise.then([] { return 0; }, [] { return 3; }));
          }) == "fulfilled:sentinel rejected:TypeError: sentinel2 fulfilled:3");

    CHECK(whenRejected(dummy, [](Script& s, const auto& promise) {
              promise.then([] {},
                           [&s, promise] {
                               s.log(1);
                               promise.then([] {}, [&s] { s.log(3); });
                           });
              promise.then([] {}, [&s] { s.log(2); });
          }) == "1 2 3");
}

TEST_CASE("Promises/A+ 2.2.7: then returns a promise") {
    const EventLoop loop({.virtualTime = true});
    const auto promise1 = Promise<Value>::withResolvers();
    const auto promise2 = promise1.promise.then([](const Value& value) { return value; });
    STATIC_REQUIRE(std::is_same_v<decltype(promise2), const Promise<Value>>);
    CHECK_FALSE(promise2 == promise1.promise);
    CHECK(promise2.state() == PromiseState::pending);
}

TEST_CASE("Promises/A+ 2.2.7.1: if a handler returns a value the derived promise is resolved with it") {
    const Test bothReturn = [](Script& s, const auto& promise1) {
        s.record(promise1.then([] { return 1; }, [] { return 2; }));
        s.record(promise1.then([] { return resolved(sentinel); }, [] { return rejected(sentinel); }));
    };
    CHECK(whenFulfilled(dummy, bothReturn) == "fulfilled:1 fulfilled:sentinel");
    CHECK(whenRejected(dummy, bothReturn) == "fulfilled:2 rejected:sentinel");
}

TEST_CASE("Promises/A+ 2.2.7.2: if a handler throws an exception the derived promise is rejected with it") {
    for (const ReasonKind& kind : reasonKinds()) {
        const Test bothThrow = [&](Script& s, const auto& promise1) {
            const auto reason = kind.make();
            const auto thrower = [reason] { std::rethrow_exception(reason); };
            promise1.then(thrower, thrower).catch_([&s, reason](const std::exception_ptr& given) {
                s.log(given == reason);
            });
        };
        INFO("the reason is " << kind.name);
        CHECK(whenFulfilled(dummy, bothThrow) == "true");
        CHECK(whenRejected(dummy, bothThrow) == "true");
    }
}

TEST_CASE("Promises/A+ 2.2.7.3: without onFulfilled the derived promise is fulfilled with the same value") {
    CHECK(whenFulfilled(sentinel, [](Script& s, const auto& promise1) {
              s.record(promise1.catch_([] { return another; }));
          }) == "fulfilled:sentinel");
}

TEST_CASE("Promises/A+ 2.2.7.4: without onRejected the derived promise is rejected with the same reason") {
    CHECK(whenRejected(sentinel, [](Script& s, const auto& promise1) {
              const auto promise2 = promise1.then([] { return another; });
              promise2.catch_([&s, promise1](const std::exception_ptr& reason) {
                  s.log(reason == promise1.reason(), ':', base::describe(reason));
                  return another;
              });
          }) == "true:sentinel");
}
