// SPDX-License-Identifier: MIT

#include "conformance/script.hpp"
#include "support/catch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>

using namespace rondo;

// The constructor, its resolving functions, Promise.resolve and Promise.withResolvers. The name of a test begins with
// the path of the original in test262; the number before a settlement is the tick in which its handler runs.

namespace {

const std::string cycle = "TypeError: Chaining cycle detected for promise";

/// A promise whose resolving functions have been taken out of its executor.
template <class T>
class Deferred {
    std::optional<promise::Resolve<T>> resolve_;
    std::optional<promise::Reject<T>> reject_;

public:
    const Promise<T> promise{[this](const promise::Resolve<T>& resolve, const promise::Reject<T>& reject) {
        resolve_ = resolve;
        reject_ = reject;
    }};

    template <class... X>
    void resolve(const X&... x) const {
        (*resolve_)(x...);
    }
    template <class E>
    void reject(const E& reason) const {
        (*reject_)(reason);
    }
};

/// The originals reject with promises, for these must not be followed: what is written down is whether the handler is
/// given the very same.
void recordReason(Script& script, const Promise<>& promise, const Promise<>& reason) {
    promise.then([&] { script.log(script.at(), "fulfilled"); },
                 [&](const Promise<>& given) { script.log(script.at(), "rejected:", given == reason); });
}

Promise<> pending() {
    return Promise<>([](auto, auto) {});
}

}

TEST_CASE("built-ins/Promise/resolve-self: resolving a promise with itself rejects it with a TypeError") {
    Script script;
    const Deferred<int> d;
    script.recordTick(d.promise);
    d.resolve(d.promise);
    script.log("resolved");
    CHECK(script.end() == "resolved 1:rejected:" + cycle);
}

TEST_CASE("built-ins/Promise/resolve-thenable-immed: a promise that is resolved with a promise inside its executor is "
          "fulfilled as that one in two more ticks") {
    Script script;
    const Promise<int> thenable([](auto resolve) { resolve(45); });
    const Promise<int> promise([&](auto resolve) {
        resolve(thenable);
        script.log("resolved");
    });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "resolved script 3:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve-thenable-deferred: a promise that is resolved with a promise behind its executor "
          "is fulfilled as that one in two more ticks") {
    Script script;
    const Promise<int> thenable([](auto resolve) { resolve(45); });
    const Deferred<int> d;
    script.recordTick(d.promise);
    d.resolve(thenable);
    script.log("resolved");
    CHECK(script.end() == "resolved 3:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve-prms-cstm-then-immed: the then that overrides that of a promise is called in "
          "place of it and is the one that was there when resolve was called") {
    struct Overridden : Promise<int> {
        using Promise::Promise;
        std::function<void(const promise::Resolve<int>&, const promise::Reject<int>&)> then;
    };
    Script script;
    Overridden thenable([](auto resolve) { resolve(0); });
    thenable.then = [&](const auto& resolve, const auto&) {
        script.log(script.at(), "then");
        resolve(45);
    };
    const Promise<int> promise([&](auto resolve) { resolve(thenable); });
    thenable.then = [&](const auto&, const auto&) { script.log("too late"); };
    script.recordTick(promise);
    CHECK(script.end() == "1:then 2:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve-non-obj-immed: a promise that is resolved with a value inside its executor is "
          "fulfilled with it") {
    Script script;
    const Promise<int> promise([&](auto resolve) {
        resolve(45);
        script.log("resolved");
    });
    script.recordTick(promise);
    script.log("script");
    CHECK(script.end() == "resolved script 1:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve-non-obj-deferred: a promise that is resolved with a value behind its executor is "
          "fulfilled with it") {
    Script script;
    const Deferred<int> d;
    script.recordTick(d.promise);
    d.resolve(45);
    script.log("resolved");
    CHECK(script.end() == "resolved 1:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve-ignored-via-fn-immed: resolve is ignored after reject inside the executor") {
    Script script;
    const auto thenable = pending();
    const Promise<> p([&](auto resolve, auto reject) {
        reject(thenable);
        resolve();
        script.log("resolved");
    });
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "resolved script 1:rejected:true");
}

TEST_CASE("built-ins/Promise/resolve-ignored-via-fn-deferred: resolve is ignored after reject behind the executor") {
    Script script;
    const auto thenable = pending();
    const Deferred<void> d;
    recordReason(script, d.promise, thenable);
    d.reject(thenable);
    d.resolve();
    script.log("resolved");
    CHECK(script.end() == "resolved 1:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-ignored-via-abrupt: what the executor throws is ignored after resolve") {
    Script script;
    const auto thenable = pending();
    const Promise<> p([&](auto resolve, auto) {
        resolve();
        throw thenable;
    });
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "script 1:fulfilled");
}

TEST_CASE("built-ins/Promise/reject-ignored-via-fn-immed: reject is ignored after resolve inside the executor") {
    Script script;
    const auto thenable = pending();
    const Promise<> p([&](auto resolve, auto reject) {
        resolve();
        reject(thenable);
        script.log("rejected");
    });
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "rejected script 1:fulfilled");
}

TEST_CASE("built-ins/Promise/reject-ignored-via-fn-deferred: reject is ignored after resolve behind the executor") {
    Script script;
    const auto thenable = pending();
    const Deferred<void> d;
    recordReason(script, d.promise, thenable);
    d.resolve();
    d.reject(thenable);
    script.log("rejected");
    CHECK(script.end() == "rejected 1:fulfilled");
}

TEST_CASE("built-ins/Promise/reject-via-abrupt: what the executor throws rejects the promise and is not followed") {
    Script script;
    const auto thenable = pending();
    const Promise<> p([&](auto, auto) { throw thenable; });
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "script 1:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-via-abrupt-queue: what the executor throws passes a handler for values in a job of "
          "its own") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const Promise<> p([&](auto, auto) { throw thenable; });
    recordReason(script, p.then([&] { script.log("fulfilled"); }), thenable);
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "script 1:rejected:true 2:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-via-fn-immed: reject inside the executor rejects with its argument and does not "
          "follow it") {
    Script script;
    const auto thenable = pending();
    const Promise<> p([&](auto, auto reject) {
        reject(thenable);
        script.log("rejected");
    });
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "rejected script 1:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-via-fn-immed-queue: a reason given inside the executor passes a handler for values "
          "in a job of its own") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const Promise<> p([&](auto, auto reject) {
        reject(thenable);
        script.log("rejected");
    });
    recordReason(script, p.then([&] { script.log("fulfilled"); }), thenable);
    recordReason(script, p, thenable);
    script.log("script");
    CHECK(script.end() == "rejected script 1:rejected:true 2:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-via-fn-deferred: reject behind the executor rejects with its argument and does not "
          "follow it") {
    Script script;
    const auto thenable = pending();
    const Deferred<void> d;
    recordReason(script, d.promise, thenable);
    d.reject(thenable);
    script.log("rejected");
    CHECK(script.end() == "rejected 1:rejected:true");
}

TEST_CASE("built-ins/Promise/reject-via-fn-deferred-queue: a reason given behind the executor passes a handler for "
          "values in a job of its own") {
    Script script;
    const auto thenable = Promise<>::resolve();
    const Deferred<void> d;
    recordReason(script, d.promise.then([&] { script.log("fulfilled"); }), thenable);
    recordReason(script, d.promise, thenable);
    d.reject(thenable);
    script.log("rejected");
    CHECK(script.end() == "rejected 1:rejected:true 2:rejected:true");
}

TEST_CASE("built-ins/Promise/exception-after-resolve-in-executor: a promise that is resolved with a thenable is not "
          "rejected when the executor throws") {
    Script script;
    const ThenableObject<void> thenable{[](const auto& resolve, const auto&) { resolve(); }};
    const Promise<> promise([&](auto resolve, auto) {
        resolve(thenable);
        throw Error("ignored exception");
    });
    script.recordTick(promise);
    CHECK(script.end() == "2:fulfilled");
}

TEST_CASE("built-ins/Promise/exception-after-resolve-in-thenable-job: a promise that is resolved with a thenable is "
          "not rejected when the then of that one throws") {
    Script script;
    const ThenableObject<void> thenable{[](const auto& resolve, const auto&) { resolve(); }};
    const ThenableObject<void> thenableWithError{[&](const auto& resolve, const auto&) {
        resolve(thenable);
        throw Error("ignored exception");
    }};
    const Promise<> promise([&](auto resolve) { resolve(thenableWithError); });
    script.recordTick(promise);
    CHECK(script.end() == "3:fulfilled");
}

TEST_CASE("built-ins/Promise/create-resolving-functions-resolve: the resolve function that then is given takes one "
          "argument") {
    using Resolve = const promise::Resolve<int>&;
    STATIC_REQUIRE((std::is_invocable_v<Resolve, int> && !std::is_invocable_v<Resolve, int, int>));
    STATIC_REQUIRE(!std::is_default_constructible_v<promise::Resolve<int>>);
    Script script;
    const ThenableObject<int> thenable{[](Resolve resolve, const auto&) { resolve(45); }};
    script.recordTick(Promise<>::resolve(1).then([&] { return thenable; }));
    CHECK(script.end() == "3:fulfilled:45");
}

TEST_CASE("built-ins/Promise/create-resolving-functions-reject: the reject function that then is given takes one "
          "argument") {
    using Reject = const promise::Reject<int>&;
    STATIC_REQUIRE((std::is_invocable_v<Reject, Error> && !std::is_invocable_v<Reject, Error, Error>));
    STATIC_REQUIRE((!std::is_invocable_v<Reject> && !std::is_default_constructible_v<promise::Reject<int>>));
    Script script;
    const ThenableObject<int> thenable{[](const auto&, Reject reject) { reject(Error("reason")); }};
    script.recordTick(Promise<>::resolve(1).then([&] { return thenable; }));
    CHECK(script.end() == "3:rejected:Error: reason");
}

TEST_CASE("built-ins/Promise/resolve/resolve-thenable: Promise.resolve follows a thenable") {
    Script script;
    const ThenableObject<int> thenable{[](const auto& resolve, const auto&) { resolve(45); }};
    script.recordTick(Promise<>::resolve(thenable));
    script.recordTick(Promise<int>::resolve(thenable));
    CHECK(script.end() == "2:fulfilled:45 2:fulfilled:45");
}

TEST_CASE("built-ins/Promise/resolve/S25.4.4.5_A2.1_T1: Promise.resolve passes a promise through") {
    const EventLoop loop({.virtualTime = true});
    const auto p1 = Promise<>::resolve(1);
    const auto p2 = Promise<>::resolve(p1);
    CHECK(p1 == p2);
    CHECK(p1 == Promise<int>::resolve(p2));
}

TEST_CASE("built-ins/Promise/resolve/S25.4.4.5_A4.1_T1: a handler that is added to a promise resolved with itself is "
          "given a TypeError") {
    Script script;
    const Deferred<int> d;
    d.resolve(d.promise);
    d.promise
        .then([&](int) { script.log("fulfilled"); },
              [&](const TypeError& error) { script.log(script.at(), error.message()); })
        .then([&] { script.log(script.at(), "done"); });
    CHECK(script.end() == "1:Chaining cycle detected for promise 2:done");
}

TEST_CASE("built-ins/Promise/resolve/S25.Promise_resolve_foreign_thenable_1: Promise.resolve gives the value that a "
          "foreign thenable resolves with") {
    Script script;
    const ThenableObject<std::string> thenable{[](const auto& onResolve, const auto&) { onResolve("resolved"); }};
    script.recordTick(Promise<>::resolve(thenable));
    CHECK(script.end() == "2:fulfilled:resolved");
}

TEST_CASE("built-ins/Promise/resolve/S25.Promise_resolve_foreign_thenable_2: Promise.resolve queues the call of a "
          "foreign thenable's then and calls it as its member") {
    struct Foreign {
        using value_type = std::string;
        void then(const promise::Resolve<std::string>& onResolve, const promise::Reject<std::string>&) const {
            script.log(script.at(), "3:", *name);
            onResolve("resolved");
        }
        Script& script;
        std::shared_ptr<const std::string> name; // the thenable is copied, and its name tells whose copy it is
    };
    Script script;
    const Foreign thenable{script, std::make_shared<const std::string>("thenable")};
    script.log(1);
    const auto p = Promise<>::resolve(thenable);
    script.log(2);
    p.then([&](const std::string& r) { script.log(script.at(), "4:", r); });
    CHECK(script.end() == "1 2 1:3:thenable 2:4:resolved");
}

TEST_CASE("built-ins/Promise/withResolvers/promise: what Promise.withResolvers returns has a promise") {
    const EventLoop loop({.virtualTime = true});
    const auto instance = Promise<int>::withResolvers();
    STATIC_REQUIRE(std::is_same_v<decltype(instance.promise), Promise<int>>);
    CHECK(instance.promise.state() == PromiseState::pending);
    CHECK_FALSE(instance.promise == Promise<int>::withResolvers().promise);
}

TEST_CASE("built-ins/Promise/withResolvers/resolvers: what Promise.withResolvers returns has two functions of one "
          "argument which settle its promise") {
    Script script;
    const auto a = Promise<int>::withResolvers();
    const auto b = Promise<int>::withResolvers();
    STATIC_REQUIRE((std::is_invocable_v<decltype(a.resolve), int> && !std::is_invocable_v<decltype(a.resolve)> &&
                    !std::is_invocable_v<decltype(a.resolve), int, int>));
    STATIC_REQUIRE((std::is_invocable_v<decltype(a.reject), Error> && !std::is_invocable_v<decltype(a.reject)> &&
                    !std::is_invocable_v<decltype(a.reject), Error, Error>));
    script.recordTick(a.promise);
    script.recordTick(b.promise);
    b.reject(Error("reason"));
    a.resolve(45);
    CHECK(script.end() == "1:rejected:Error: reason 1:fulfilled:45");
}
