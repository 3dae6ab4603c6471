// SPDX-License-Identifier: MIT

#include "conformance/promises_aplus.hpp"
#include "support/catch.hpp"

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

using namespace rondo;

// Promises/A+, the chapter on the promise resolution procedure. The name of a test begins with the number of the clause
// whose tests it stands for.

namespace {

using Resolve = promise::Resolve<Value>;
using Reject = promise::Reject<Value>;
using Object = ThenableObject<Value>;
using Then = std::function<void(Script&, const Resolve&, const Reject&)>;

/// What is written down about two promises that a handler resolves with an `x`: of a fulfilled promise, and of a
/// rejected one.
template <class X>
std::string resolvedWith(const std::function<X(Script&)>& makeX) {
    Script s;
    const auto handler = [&] { return makeX(s); };
    s.record(resolved(dummy).then(handler));
    s.record(rejected(dummy).catch_(handler));
    return s.end();
}

/// The same of an object with that `then`.
std::string resolvedWithObject(const Then& then) {
    return resolvedWith<Object>([&](Script& s) {
        return Object{[&](const Resolve& resolve, const Reject& reject) { then(s, resolve, reject); }};
    });
}

const std::string bothFulfilled = "fulfilled:sentinel fulfilled:sentinel";
const std::string bothRejected = "rejected:sentinel rejected:sentinel";

Promise<Value> eventuallyFulfilled(Script& s) {
    const auto d = Promise<Value>::withResolvers();
    s.later(50, [d] { d.resolve(sentinel); });
    return d.promise;
}
Promise<Value> eventuallyRejected(Script& s) {
    const auto d = Promise<Value>::withResolvers();
    s.later(50, [d] { d.reject(sentinel); });
    return d.promise;
}

/// A `then`, and what must be written down.
struct Situation {
    const char* name;
    const std::string& outcome;
    Then then;
};

void check(const std::vector<Situation>& situations) {
    for (const Situation& situation : situations) {
        INFO(situation.name);
        CHECK(resolvedWithObject(situation.then) == situation.outcome);
    }
}

}

TEST_CASE("Promises/A+ 2.3.1: a promise that is resolved with itself is rejected with a TypeError") {
    Script s;
    std::optional<Promise<Value>> a, b;
    a = resolved(dummy).then([&] { return *a; });
    b = rejected(dummy).catch_([&] { return *b; });
    for (const auto& promise : {a, b}) promise->then([] {}, [&](const TypeError& error) { s.log(error.name()); });
    CHECK(s.end() == "TypeError TypeError");
}

TEST_CASE("Promises/A+ 2.3.2.1: a promise that is resolved with a pending one remains pending until that is settled") {
    Script s;
    const auto x = Promise<Value>::withResolvers();
    const auto a = resolved(dummy).then([&] { return x.promise; });
    const auto b = rejected(dummy).catch_([&] { return x.promise; });
    s.record(a);
    s.record(b);
    s.later(100, [&] {
        s.log(a.state() == PromiseState::pending, ':', b.state() == PromiseState::pending);
        x.resolve(sentinel);
    });
    CHECK(s.end() == "true:true " + bothFulfilled);
}

TEST_CASE("Promises/A+ 2.3.2.2: a promise that is resolved with a fulfilled one is fulfilled with the same value") {
    CHECK(resolvedWith<Promise<Value>>([](Script&) { return resolved(sentinel); }) == bothFulfilled);
    CHECK(resolvedWith<Promise<Value>>(eventuallyFulfilled) == bothFulfilled);
}

TEST_CASE("Promises/A+ 2.3.2.3: a promise that is resolved with a rejected one is rejected with the same reason") {
    CHECK(resolvedWith<Promise<Value>>([](Script&) { return rejected(sentinel); }) == bothRejected);
    CHECK(resolvedWith<Promise<Value>>(eventuallyRejected) == bothRejected);
}

namespace {

/// An object with a `then`, which writes down whose it is.
struct Named {
    using value_type = Value;

    void then(const Resolve& resolvePromise, const Reject& rejectPromise) const {
        static_assert(std::is_invocable_v<decltype(resolvePromise), Value>);
        static_assert(std::is_invocable_v<decltype(rejectPromise), Value>);
        s.log("then:", name);
        resolvePromise(sentinel);
    }

    Script& s;
    std::string name;
};

/// A function that has one, too.
struct NamedFunction : Named {
    void operator()() const { s.log("called"); }
};

}

TEST_CASE("Promises/A+ 2.3.3.1: the then of an object or of a function is called once") {
    CHECK(resolvedWith<Named>([](Script& s) { return Named{s, "x"}; }) == "then:x then:x " + bothFulfilled);
    CHECK(resolvedWith<NamedFunction>([](Script& s) { return NamedFunction{{s, "x"}}; }) ==
          "then:x then:x " + bothFulfilled);
}

TEST_CASE("Promises/A+ 2.3.3.3: then is called with x as this and with resolvePromise and rejectPromise") {
    Script s;
    s.record(resolved(dummy).then([&] { return Named{s, "x"}; }));
    s.record(rejected(dummy).catch_([&] { return Named{s, "y"}; }));
    CHECK(s.end() == "then:x then:y " + bothFulfilled);
}

namespace {

/// Calls `resolvePromise` with a `y`.
using CallWithY = std::function<void(Script&, const Resolve& resolvePromise)>;

struct NamedY {
    std::string name;
    CallWithY call;
};

/// A kind of thenables that resolve with `y`: calls `resolvePromise` with one.
struct KindOfThenable {
    const char* name;
    void (*call)(Script& s, const Resolve& resolvePromise, const CallWithY& y);
};

const KindOfThenable fulfilledThenables[] = {
    {"a synchronously-fulfilled custom thenable",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Object{[&s, y](const Resolve& onFulfilled, const Reject&) { y(s, onFulfilled); }});
     }},
    {"an asynchronously-fulfilled custom thenable",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Object{[&s, y](const Resolve& onFulfilled, const Reject&) {
             s.later(0, [&s, y, onFulfilled] { y(s, onFulfilled); });
         }});
     }},
    {"a synchronously-fulfilled one-time thenable",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Object{[&s, y, calls = 0](const Resolve& onFulfilled, const Reject&) mutable {
             if (++calls == 1) y(s, onFulfilled);
         }});
     }},
    {"a thenable that tries to fulfill twice",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Object{[&s, y](const Resolve& onFulfilled, const Reject&) {
             y(s, onFulfilled);
             onFulfilled(another);
         }});
     }},
    {"a thenable that fulfills but then throws",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Object{[&s, y](const Resolve& onFulfilled, const Reject&) {
             y(s, onFulfilled);
             throw another;
         }});
     }},
    {"an already-fulfilled promise",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         resolvePromise(Promise<Value>([&](const Resolve& resolve, const Reject&) { y(s, resolve); }));
     }},
    {"an eventually-fulfilled promise",
     [](Script& s, const Resolve& resolvePromise, const CallWithY& y) {
         const auto d = Promise<Value>::withResolvers();
         s.later(50, [&s, y, d] { y(s, d.resolve); });
         resolvePromise(d.promise);
     }},
};

const NamedY rejectedThenables[] = {
    {"a synchronously-rejected custom thenable",
     [](Script&, const Resolve& resolvePromise) {
         resolvePromise(Object{[](const Resolve&, const Reject& onRejected) { onRejected(sentinel); }});
     }},
    {"an asynchronously-rejected custom thenable",
     [](Script& s, const Resolve& resolvePromise) {
         resolvePromise(Object{
             [&s](const Resolve&, const Reject& onRejected) { s.later(0, [onRejected] { onRejected(sentinel); }); }});
     }},
    {"a synchronously-rejected one-time thenable",
     [](Script&, const Resolve& resolvePromise) {
         resolvePromise(Object{[calls = 0](const Resolve&, const Reject& onRejected) mutable {
             if (++calls == 1) onRejected(sentinel);
         }});
     }},
    {"a thenable that immediately throws in then",
     [](Script&, const Resolve& resolvePromise) {
         resolvePromise(Object{[](const Resolve&, const Reject&) { throw sentinel; }});
     }},
    {"an already-rejected promise", [](Script&, const Resolve& resolvePromise) { resolvePromise(rejected(sentinel)); }},
    {"an eventually-rejected promise",
     [](Script& s, const Resolve& resolvePromise) { resolvePromise(eventuallyRejected(s)); }},
};

/// What is written down when a thenable calls `resolvePromise` with `y` at once, and when it does so in a later task.
void checkCalls(const NamedY& y, const std::string& outcome) {
    INFO("y is " << y.name);
    const std::string synchronously =
        resolvedWithObject([&](Script& s, const Resolve& resolve, const Reject&) { y.call(s, resolve); });
    const std::string asynchronously = resolvedWithObject([&](Script& s, const Resolve& resolve, const Reject&) {
        s.later(0, [&s, &y, resolve] { y.call(s, resolve); });
    });
    CHECK((synchronously == outcome && asynchronously == outcome));
}

NamedY thenableFor(const KindOfThenable& kind, const NamedY& y) {
    return {kind.name + (" for " + y.name),
            [&kind, call = y.call](Script& s, const Resolve& resolvePromise) { kind.call(s, resolvePromise, call); }};
}

/// Whether a thenable that calls `resolvePromise` with a value that is none fulfills the promise with it.
template <class T>
bool fulfillsWith(const T& y) {
    Script s;
    const auto handler = [&] {
        return ThenableObject<T>{
            [&](const promise::Resolve<T>& resolve, const auto&) { s.later(0, [&, resolve] { resolve(y); }); }};
    };
    const auto a = resolved(dummy).then(handler);
    const auto b = Promise<T>::reject(dummy).catch_(
        [&] { return ThenableObject<T>{[&](const promise::Resolve<T>& resolve, const auto&) { resolve(y); }}; });
    s.end();
    return a.value() == y && b.value() == y;
}

}

TEST_CASE("Promises/A+ 2.3.3.3.1: if resolvePromise is called with y the promise is resolved with y") {
    const NamedY value{"not a thenable", [](Script&, const Resolve& resolve) { resolve(sentinel); }};
    checkCalls(value, bothFulfilled);
    CHECK((fulfillsWith(false) && fulfillsWith(5) && fulfillsWith(std::vector{sentinel})));

    for (const NamedY& y : rejectedThenables) checkCalls(y, bothRejected);
    for (const KindOfThenable& outer : fulfilledThenables) {
        checkCalls(thenableFor(outer, value), bothFulfilled);
        for (const KindOfThenable& inner : fulfilledThenables)
            checkCalls(thenableFor(outer, thenableFor(inner, value)), bothFulfilled);
        for (const NamedY& inner : rejectedThenables) checkCalls(thenableFor(outer, inner), bothRejected);
    }
}

TEST_CASE("Promises/A+ 2.3.3.3.2: if rejectPromise is called with r the promise is rejected with r") {
    for (const ReasonKind& kind : reasonKinds()) {
        Script s;
        const auto r = kind.make();
        const auto synchronously = [&] {
            return Object{[&](const Resolve&, const Reject& rejectPromise) { rejectPromise(r); }};
        };
        const auto asynchronously = [&] {
            return Object{[&](const Resolve&, const Reject& rejectPromise) {
                s.later(0, [&r, rejectPromise] { rejectPromise(r); });
            }};
        };
        for (const auto& promise : {resolved(dummy).then(synchronously), rejected(dummy).catch_(synchronously),
                                    resolved(dummy).then(asynchronously), rejected(dummy).catch_(asynchronously)})
            promise.then([] {}, [&](const std::exception_ptr& reason) { s.log(reason == r); });
        INFO("r is " << kind.name);
        CHECK(s.end() == "true true true true");
    }
}

TEST_CASE("Promises/A+ 2.3.3.3.3: of the calls of resolvePromise and rejectPromise the first takes precedence and the "
          "others are ignored") {
    check({
        {"resolvePromise, then rejectPromise, both synchronously", bothFulfilled,
         [](Script&, const Resolve& resolve, const Reject& reject) {
             resolve(sentinel);
             reject(another);
         }},
        {"resolvePromise synchronously, then rejectPromise asynchronously", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             resolve(sentinel);
             s.later(0, [=] { reject(another); });
         }},
        {"resolvePromise, then rejectPromise, both asynchronously", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             s.later(0, [=] { resolve(sentinel); });
             s.later(0, [=] { reject(another); });
         }},
        {"resolvePromise with an eventually fulfilled promise, then rejectPromise", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             resolve(eventuallyFulfilled(s));
             reject(another);
         }},
        {"resolvePromise with an eventually rejected promise, then rejectPromise", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             resolve(eventuallyRejected(s));
             reject(another);
         }},
        {"rejectPromise, then resolvePromise, both synchronously", bothRejected,
         [](Script&, const Resolve& resolve, const Reject& reject) {
             reject(sentinel);
             resolve(another);
         }},
        {"rejectPromise synchronously, then resolvePromise asynchronously", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             reject(sentinel);
             s.later(0, [=] { resolve(another); });
         }},
        {"rejectPromise, then resolvePromise, both asynchronously", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             s.later(0, [=] { reject(sentinel); });
             s.later(0, [=] { resolve(another); });
         }},
        {"resolvePromise twice, synchronously", bothFulfilled,
         [](Script&, const Resolve& resolve, const Reject&) {
             resolve(sentinel);
             resolve(another);
         }},
        {"resolvePromise twice, first synchronously, then asynchronously", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject&) {
             resolve(sentinel);
             s.later(0, [=] { resolve(another); });
         }},
        {"resolvePromise twice, asynchronously", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject&) {
             s.later(0, [=] { resolve(sentinel); });
             s.later(0, [=] { resolve(another); });
         }},
        {"resolvePromise with an eventually fulfilled promise, then again", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject&) {
             resolve(eventuallyFulfilled(s));
             resolve(another);
         }},
        {"resolvePromise with an eventually rejected promise, then again", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject&) {
             resolve(eventuallyRejected(s));
             resolve(another);
         }},
        {"rejectPromise twice, synchronously", bothRejected,
         [](Script&, const Resolve&, const Reject& reject) {
             reject(sentinel);
             reject(another);
         }},
        {"rejectPromise twice, first synchronously, then asynchronously", bothRejected,
         [](Script& s, const Resolve&, const Reject& reject) {
             reject(sentinel);
             s.later(0, [=] { reject(another); });
         }},
        {"rejectPromise twice, asynchronously", bothRejected,
         [](Script& s, const Resolve&, const Reject& reject) {
             s.later(0, [=] { reject(sentinel); });
             s.later(0, [=] { reject(another); });
         }},
        {"both are saved and abused", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject& reject) {
             for (const int delay : {50, 100}) {
                 s.later(delay, [=] {
                     resolve(delay == 50 ? sentinel : another);
                     resolve(another);
                     reject(another);
                     reject(another);
                 });
             }
         }},
    });
}

TEST_CASE("Promises/A+ 2.3.3.3.4.1: what then throws is ignored if resolvePromise or rejectPromise have been called") {
    check({
        {"resolvePromise with a value", bothFulfilled,
         [](Script&, const Resolve& resolve, const Reject&) {
             resolve(sentinel);
             throw another;
         }},
        {"resolvePromise with an eventually fulfilled promise", bothFulfilled,
         [](Script& s, const Resolve& resolve, const Reject&) {
             resolve(eventuallyFulfilled(s));
             throw another;
         }},
        {"resolvePromise with an eventually rejected promise", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject&) {
             resolve(eventuallyRejected(s));
             throw another;
         }},
        {"rejectPromise", bothRejected,
         [](Script&, const Resolve&, const Reject& reject) {
             reject(sentinel);
             throw another;
         }},
        {"resolvePromise, then rejectPromise", bothFulfilled,
         [](Script&, const Resolve& resolve, const Reject& reject) {
             resolve(sentinel);
             reject(another);
             throw another;
         }},
        {"rejectPromise, then resolvePromise", bothRejected,
         [](Script&, const Resolve& resolve, const Reject& reject) {
             reject(sentinel);
             resolve(another);
             throw another;
         }},
    });
}

TEST_CASE("Promises/A+ 2.3.3.3.4.2: otherwise what then throws rejects the promise") {
    check({
        {"nothing is called", bothRejected, [](Script&, const Resolve&, const Reject&) { throw sentinel; }},
        {"resolvePromise is called asynchronously", bothRejected,
         [](Script& s, const Resolve& resolve, const Reject&) {
             s.later(0, [=] { resolve(another); });
             throw sentinel;
         }},
        {"rejectPromise is called asynchronously", bothRejected,
         [](Script& s, const Resolve&, const Reject& reject) {
             s.later(0, [=] { reject(another); });
             throw sentinel;
         }},
    });
}

namespace {

// Each has a `then`, none of which is called.
struct ThenIsANumber {
    int then = 5;
    int id = 1;
};
struct ThenIsAnArrayOfFunctions {
    std::vector<std::function<void()>> then{[] { FAIL("it was called"); }};
    int id = 2;
};
struct ThenTakesNoFunctions {
    void then() const { FAIL("it was called"); }
    int id = 3;
};

template <class X>
bool fulfillsWithItself() {
    Script s;
    const auto a = resolved(dummy).then([] { return X(); });
    const auto b = Promise<X>::reject(dummy).catch_([] { return X(); });
    s.end();
    return a.value().id == X().id && b.value().id == X().id;
}

}

TEST_CASE("Promises/A+ 2.3.3.4: if then is not a function the promise is fulfilled with x") {
    CHECK(fulfillsWithItself<ThenIsANumber>());
    CHECK(fulfillsWithItself<ThenIsAnArrayOfFunctions>());
    CHECK(fulfillsWithItself<ThenTakesNoFunctions>());
}

TEST_CASE("Promises/A+ 2.3.4: if x is not an object or function the promise is fulfilled with x") {
    const Test returnsX = [](Script& s, const auto& promise1) {
        s.record(promise1.then([] {}, [] {}));
        s.record(promise1.then([] { return false; }, [] { return false; }));
        s.record(promise1.then([] { return true; }, [] { return true; }));
        s.record(promise1.then([] { return 0; }, [] { return 0; }));
    };
    const std::string outcome = "fulfilled fulfilled:false fulfilled:true fulfilled:0";
    CHECK(whenFulfilled(dummy, returnsX) == outcome);
    CHECK(whenRejected(dummy, returnsX) == outcome);
}
