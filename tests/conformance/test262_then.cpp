// SPDX-License-Identifier: MIT

#include "conformance/script.hpp"
#include "support/catch.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

// Promise.prototype.then, catch and finally. The name of a test begins with the path of the original in test262; the
// number before a settlement is the tick in which its handler runs.

namespace {

const std::string cycle = "TypeError: Chaining cycle detected for promise";

/// What the originals reject with where nobody looks at it.
const std::exception_ptr undefined;

/// Writes down how the promise is settled, and whether its reason is that promise itself, not followed.
void recordReason(Script& script, const Promise<>& promise, const Promise<>& reason) {
    promise.then([&] { script.log(script.at(), "fulfilled"); },
                 [&](const Promise<>& given) { script.log(script.at(), "rejected:", given == reason); });
}

/// Stands for a promise whose `then` has been replaced by one that writes a number down and calls the promise's own.
struct Observed {
    using value_type = int;

    template <class... Handlers>
    auto then(const Handlers&... handlers) const {
        script.log(number);
        return promise.then(handlers...);
    }

    Script& script;
    int number;
    Promise<int> promise;
};

}

TEST_CASE("built-ins/Promise/prototype/then/prfm-fulfilled: then on a fulfilled promise queues a job with its value") {
    Script script;
    const Promise<int> p([](auto resolve) { resolve(45); });
    script.recordTick(p);
    script.log("script");
    CHECK(script.end() == "script 1:fulfilled:45");
}

TEST_CASE("built-ins/Promise/prototype/then/prfm-rejected: then on a rejected promise queues a job with its reason") {
    Script script;
    const Promise<int> p([](auto, auto reject) { reject("reason"); });
    script.recordTick(p);
    script.log("script");
    CHECK(script.end() == "script 1:rejected:reason");
}

TEST_CASE("built-ins/Promise/prototype/then/prfm-pending-fulfulled: then on a pending promise adds a reaction to the "
          "list and its fulfilment queues the job") {
    Script script;
    const auto [p, resolve, reject] = Promise<int>::withResolvers();
    script.recordTick(p);
    resolve(45);
    script.log("script");
    CHECK(script.end() == "script 1:fulfilled:45");
}

TEST_CASE("built-ins/Promise/prototype/then/prfm-pending-rejected: then on a pending promise adds a reaction to the "
          "list and its rejection queues the job") {
    Script script;
    const auto [p, resolve, reject] = Promise<int>::withResolvers();
    script.recordTick(p);
    reject("reason");
    script.log("script");
    CHECK(script.end() == "script 1:rejected:reason");
}

TEST_CASE("built-ins/Promise/prototype/then/reject-pending-fulfilled: a pending promise that a handler throws is "
          "the reason and is not followed when it is fulfilled later") {
    Script script;
    const auto thenable = Promise<>::withResolvers();
    const auto p1 = Promise<>::resolve();
    recordReason(script, p1.then([&] { throw thenable.promise; }), thenable.promise);
    thenable.resolve();
    script.log("script");
    CHECK(script.end() == "script 2:rejected:true");
}

TEST_CASE("built-ins/Promise/prototype/then/reject-pending-rejected: what a handler throws rejects the derived promise "
          "and is not followed when the first one is rejected later") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const auto p1 = Promise<>::withResolvers();
    recordReason(script, p1.promise.then([] {}, [&] { throw thenable; }), thenable);
    p1.reject(undefined);
    script.log("script");
    CHECK(script.end() == "script 2:rejected:true");
}

TEST_CASE("built-ins/Promise/prototype/then/reject-settled-fulfilled: what a handler of a fulfilled promise throws "
          "rejects the derived promise and is not followed") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const auto p1 = Promise<>::resolve();
    recordReason(script, p1.then([&] { throw thenable; }), thenable);
    script.log("script");
    CHECK(script.end() == "script 2:rejected:true");
}

TEST_CASE("built-ins/Promise/prototype/then/reject-settled-rejected: what a handler of a rejected promise throws "
          "rejects the derived promise and is not followed") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const auto p1 = Promise<>::reject(undefined);
    recordReason(script, p1.then([] {}, [&] { throw thenable; }), thenable);
    script.log("script");
    CHECK(script.end() == "script 2:rejected:true");
}

TEST_CASE("built-ins/Promise/prototype/then/resolve-pending-fulfilled-self: a handler that returns the derived promise "
          "rejects it with a TypeError when the first one is fulfilled later") {
    Script script;
    const auto p1 = Promise<>::withResolvers();
    std::optional<Promise<>> p2;
    p2 = p1.promise.then([&] { return *p2; });
    script.recordTick(*p2);
    p1.resolve();
    script.log("script");
    CHECK(script.end() == "script 2:rejected:" + cycle);
}

TEST_CASE("built-ins/Promise/prototype/then/resolve-pending-rejected-self: a handler that returns the derived promise "
          "rejects it with a TypeError when the first one is rejected later") {
    Script script;
    const auto p1 = Promise<>::withResolvers();
    std::optional<Promise<>> p2;
    p2 = p1.promise.then([] {}, [&] { return *p2; });
    script.recordTick(*p2);
    p1.reject(undefined);
    script.log("script");
    CHECK(script.end() == "script 2:rejected:" + cycle);
}

TEST_CASE("built-ins/Promise/prototype/then/resolve-settled-fulfilled-self: a handler of a fulfilled promise that "
          "returns the derived promise rejects it with a TypeError") {
    Script script;
    const auto p1 = Promise<>::resolve();
    std::optional<Promise<>> p2;
    p2 = p1.then([&] { return *p2; });
    script.recordTick(*p2);
    script.log("script");
    CHECK(script.end() == "script 2:rejected:" + cycle);
}

TEST_CASE("built-ins/Promise/prototype/then/resolve-pending-fulfilled-thenable: a promise that a handler returns is "
          "followed in two more ticks when the first one is fulfilled later") {
    Script script;
    const auto thenable = Promise<>::resolve(45);
    const auto p1 = Promise<>::withResolvers();
    script.recordTick(p1.promise.then([&] { return thenable; }));
    p1.resolve();
    script.log("script");
    CHECK(script.end() == "script 4:fulfilled:45");
}

TEST_CASE(
    "built-ins/Promise/prototype/then/resolve-settled-fulfilled-thenable: a promise that a handler of a fulfilled "
    "one returns is followed in two more ticks") {
    Script script;
    const auto thenable = Promise<>::resolve(45);
    const auto p1 = Promise<>::resolve();
    script.recordTick(p1.then([&] { return thenable; }));
    script.log("script");
    CHECK(script.end() == "script 4:fulfilled:45");
}

TEST_CASE("built-ins/Promise/prototype/then/resolve-settled-rejected-thenable: a promise that a handler of a rejected "
          "one returns is followed in two more ticks") {
    Script script;
    const auto thenable = Promise<>::resolve(45);
    const auto p1 = Promise<>::reject(undefined);
    script.recordTick(p1.then([] { return 0; }, [&] { return thenable; }));
    script.log("script");
    CHECK(script.end() == "script 4:fulfilled:45");
}

TEST_CASE(
    "built-ins/Promise/prototype/then/rxn-handler-identity: a link without a handler for the value passes it on") {
    Script script;
    script.recordTick(Promise<>::resolve(45).catch_([] { return 0; }));
    script.log("script");
    CHECK(script.end() == "script 2:fulfilled:45");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-thrower: a link without a handler for the reason passes that "
          "itself on") {
    Script script;
    const auto object = std::make_exception_ptr(Error("object"));
    Promise<int>::reject(object).then([&] { script.log("fulfilled"); }).catch_([&](const std::exception_ptr& reason) {
        script.log(script.at(), reason == object);
    });
    script.log("script");
    CHECK(script.end() == "script 2:true");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-fulfilled-next: all reactions to a fulfilment run in series") {
    Script script;
    const auto promise = Promise<>::resolve();
    for (const std::string name : {"a", "b", "c"})
        promise.then([&script, name] { script.log(script.at(), name); }, [&] { script.log("rejected"); });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "script 1:a 1:b 1:c 1:fulfilled");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-fulfilled-next-abrupt: a handler that throws does not preclude "
          "the reactions behind it") {
    Script script;
    const auto promise = Promise<>::resolve();
    promise.then(
        [&] {
            script.log(script.at(), "throws");
            throw Error("thrown");
        },
        [&] { script.log("rejected"); });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "script 1:throws 1:fulfilled unhandled:Error: thrown");
}

TEST_CASE(
    "built-ins/Promise/prototype/then/rxn-handler-fulfilled-return-normal: what the handler of a fulfilled promise "
    "returns fulfills the derived promise") {
    Script script;
    script.recordTick(Promise<>::resolve().then([] { return 45; }, [] { return 0; }));
    script.log("script");
    CHECK(script.end() == "script 2:fulfilled:45");
}

TEST_CASE(
    "built-ins/Promise/prototype/then/rxn-handler-fulfilled-return-abrupt: what the handler of a fulfilled promise "
    "throws rejects the derived promise") {
    Script script;
    script.recordTick(Promise<>::resolve().then([] { throw Error("thrown"); }, [] {}));
    script.log("script");
    CHECK(script.end() == "script 2:rejected:Error: thrown");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-rejected-next: all reactions to a rejection run in series") {
    Script script;
    const auto promise = Promise<>::reject("reason");
    for (const std::string name : {"a", "b", "c"})
        promise.then([&] { script.log("fulfilled"); }, [&script, name] { script.log(script.at(), name); });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "script 1:a 1:b 1:c 1:rejected:reason");
}

TEST_CASE(
    "built-ins/Promise/prototype/then/rxn-handler-rejected-next-abrupt: a handler of a rejection that throws does "
    "not preclude the reactions behind it") {
    Script script;
    const auto promise = Promise<>::reject("reason");
    promise.then([&] { script.log("fulfilled"); },
                 [&] {
                     script.log(script.at(), "throws");
                     throw Error("thrown");
                 });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "script 1:throws 1:rejected:reason unhandled:Error: thrown");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-rejected-return-normal: what the handler of a rejected promise "
          "returns fulfills the derived promise") {
    Script script;
    script.recordTick(Promise<>::reject(undefined).then([] { return 0; }, [] { return 45; }));
    script.log("script");
    CHECK(script.end() == "script 2:fulfilled:45");
}

TEST_CASE("built-ins/Promise/prototype/then/rxn-handler-rejected-return-abrupt: what the handler of a rejected promise "
          "throws rejects the derived promise") {
    Script script;
    script.recordTick(Promise<>::reject(undefined).then([] {}, [] { throw Error("thrown"); }));
    script.log("script");
    CHECK(script.end() == "script 2:rejected:Error: thrown");
}

TEST_CASE("built-ins/Promise/prototype/then/S25.4.5.3_A4.1_T1: links may go without a handler for the value or without "
          "one for the reason") {
    Script script;
    const auto p = Promise<>::resolve(std::string("value"));
    p.catch_([] { return std::string(); })
        .then([](const std::string& result) { return result; })
        .then([&](const std::string& result) { script.log(script.at(), result); });
    script.log("script");
    CHECK(script.end() == "script 3:value");
}

TEST_CASE("built-ins/Promise/prototype/then/S25.4.5.3_A5.1_T1: handlers of a pending promise are queued when it is "
          "settled in the order of the calls of then") {
    Script script;
    const auto p = Promise<>::withResolvers();
    script.log(1);
    p.promise.then([&] { script.log(script.at(), 3); });
    Promise<>::resolve().then([&] {
        p.promise.then([&] { script.log(script.at(), 4); });
        script.log(script.at(), 2);
        p.resolve();
    });
    CHECK(script.end() == "1 1:2 2:3 2:4");
}

TEST_CASE("built-ins/Promise/prototype/then/S25.4.4_A2.1_T1: handlers that are there run in the order in which their "
          "promises are settled") {
    Script script;
    const auto p1 = Promise<int>::withResolvers();
    const auto p2 = Promise<>::withResolvers();
    p1.promise.then([&](int number) { script.log(script.at(), number); }).then([&] { script.log(script.at(), "end"); });
    p2.promise.catch_([&](const std::exception_ptr&) { script.log(script.at(), 2); });
    p2.reject(undefined);
    p1.resolve(3);
    script.log(1);
    CHECK(script.end() == "1 1:2 1:3 2:end");
}

TEST_CASE("built-ins/Promise/prototype/then/S25.4.4_A2.1_T2: handlers of promises that are settled already run in the "
          "order of the calls of then") {
    Script script;
    const auto p1 = Promise<int>::withResolvers();
    const auto p2 = Promise<>::withResolvers();
    p2.reject(undefined);
    p1.resolve(2);
    p1.promise.then([&](int number) { script.log(script.at(), number); });
    p2.promise.catch_([&] { script.log(script.at(), 3); }).then([&] { script.log(script.at(), "end"); });
    script.log(1);
    CHECK(script.end() == "1 1:2 1:3 2:end");
}

TEST_CASE("built-ins/Promise/prototype/then/S25.4.4_A2.1_T3: handlers that a job adds to promises that are settled "
          "already run in the order of the calls of then") {
    Script script;
    const auto p1 = Promise<int>::withResolvers();
    const auto p2 = Promise<>::withResolvers();
    p2.reject(undefined);
    p1.resolve(2);
    Promise<>::resolve().then([&] {
        p1.promise.then([&](int number) { script.log(script.at(), number); });
        p2.promise.catch_([&] { script.log(script.at(), 3); }).then([&] { script.log(script.at(), "end"); });
    });
    script.log(1);
    CHECK(script.end() == "1 2:2 2:3 3:end");
}

TEST_CASE("built-ins/Promise/prototype/finally/resolution-value-no-override: what the handler of finally returns does "
          "not override the value") {
    Script script;
    script.recordTick(Promise<>::resolve(45).finally([&](auto&&... arguments) {
        script.log(script.at(), sizeof...(arguments));
        return 0;
    }));
    script.log("script");
    CHECK(script.end() == "script 1:0 4:fulfilled:45");
}

TEST_CASE(
    "built-ins/Promise/prototype/finally/rejection-reason-no-fulfill: what the handler of finally returns does not "
    "turn a rejection into a fulfilment") {
    Script script;
    const auto original = std::make_exception_ptr(Error("original"));
    Promise<int>::reject(original)
        .finally([&](auto&&... arguments) {
            script.log(script.at(), sizeof...(arguments));
            return 0;
        })
        .then([&] { script.log("fulfilled"); })
        .catch_([&](const std::exception_ptr& reason) { script.log(script.at(), reason == original); })
        .then([&] { script.log(script.at(), "end"); });
    script.log("script");
    CHECK(script.end() == "script 1:0 5:true 6:end");
}

TEST_CASE(
    "built-ins/Promise/prototype/finally/rejection-reason-override-with-throw: what the handler of finally throws "
    "overrides the reason") {
    Script script;
    const auto thrown = std::make_exception_ptr(Error("thrown"));
    Promise<int>::reject(Error("original"))
        .finally([&](auto&&... arguments) {
            script.log(script.at(), sizeof...(arguments));
            std::rethrow_exception(thrown);
        })
        .then([&] { script.log("fulfilled"); })
        .catch_([&](const std::exception_ptr& reason) { script.log(script.at(), reason == thrown); })
        .then([&] { script.log(script.at(), "end"); });
    script.log("script");
    CHECK(script.end() == "script 1:0 3:true 4:end");
}

TEST_CASE("built-ins/Promise/prototype/finally/resolved-observable-then-calls: finally calls the then of what its "
          "handler returns behind a fulfilment") {
    Script script;
    const Observed yes{script, 1, Promise<>::resolve(45)};
    const Observed no{script, 4, Promise<int>::reject("no")};
    yes.then([&](int x) {
           script.log(2);
           return x;
       })
        .finally([&] {
            script.log(3);
            return no;
        })
        .catch_([&](const std::exception_ptr& error) {
            script.log(5);
            CHECK(error == no.promise.reason());
        })
        .then([&] { script.log("end"); });
    script.log("script");
    CHECK(script.end() == "1 script 2 3 4 5 end");
}

TEST_CASE("built-ins/Promise/prototype/finally/rejected-observable-then-calls: finally calls the then of what its "
          "handler returns behind a rejection") {
    Script script;
    const Observed no{script, 1, Promise<int>::reject("no")};
    const Observed yes{script, 4, Promise<>::resolve(45)};
    no.then([](int x) { return x; },
            [&](const std::exception_ptr& error) -> int {
                script.log(2);
                std::rethrow_exception(error);
            })
        .finally([&] {
            script.log(3);
            return yes;
        })
        .catch_([&](const std::exception_ptr& error) {
            script.log(5);
            CHECK(error == no.promise.reason());
        })
        .then([&] { script.log("end"); });
    script.log("script");
    CHECK(script.end() == "1 script 2 3 4 5 end");
}
