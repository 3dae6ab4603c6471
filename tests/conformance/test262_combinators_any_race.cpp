// SPDX-License-Identifier: MIT

// Promise.any, race and try, as test262 has them: each test is named after its file there.
// https://github.com/tc39/test262/tree/main/test/built-ins/Promise

#include "conformance/test262_combinators.hpp"

#include <memory>
#include <type_traits>

using namespace rondo;
using namespace test262;

// any

TEST_CASE("built-ins/Promise/any/reject-all-mixed: any rejects with the reasons of all in their order") {
    const auto log = journalOf([](Journal& journal) {
        const auto d = Promise<>::resolve(Promise<std::string>::reject("d"));
        const auto promise = Promise<>::any(Promise<std::string>::reject("a"), rejectedWith("b"),
                                            Promise<>::all(Texts{rejectedWith("c")}), d);
        noteOutcome(journal, promise);
    });
    CHECK(log == "rejected:AggregateError(a,b,c,d)");
}

TEST_CASE("built-ins/Promise/any/resolve-from-reject-catch: any fulfils with the first element that does not reject") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::any(Promise<std::string>::reject("a"), rejectedWith("b"),
                                            Promise<>::all(Texts{rejectedWith("c")}),
                                            rejectedWith("d").catch_([](const std::string& v) { return v; })));
    });
    CHECK(log == "d");
}

TEST_CASE("built-ins/Promise/any/resolved-sequence: "
          "the reaction to any comes one tick after those to its elements") {
    CHECK(sequence(any) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/any/resolved-sequence-extra-ticks: "
          "the reaction to any comes before the second of two that are chained to its element") {
    CHECK(sequenceExtraTicks(any) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/any/resolved-sequence-mixed: "
          "the reaction to any comes one tick after those to fulfilled and rejected elements") {
    CHECK(sequenceMixed(any) == "1 2 3 4 5 6");
}

TEST_CASE("built-ins/Promise/any/resolved-sequence-with-rejections: "
          "the reaction to any comes one tick after those to rejected elements") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = rejectedWith("foo");
        const auto p2 = rejectedWith("bar");
        journal(1);
        p1.catch_(Step{&journal, 3});
        noteOutcome(journal, Promise<>::any(Texts{p1, p2}));
        p2.catch_(Step{&journal, 4});
        journal(2);
    });
    CHECK(log == "1 2 3 4 rejected:AggregateError(foo,bar)");
}

TEST_CASE("built-ins/Promise/any/iter-arg-is-empty-iterable-reject: "
          "any of an empty list rejects with an AggregateError of no errors") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::any(Texts()));
        Promise<>::any().catch_(
            [&journal](const AggregateError& error) { journal(error.name(), error.errors().size()); });
    });
    CHECK(log == "rejected:AggregateError() AggregateError0");
}

TEST_CASE("built-ins/Promise/any/call-reject-element-after-return: "
          "the reason of a rejected element cannot be changed when any has rejected") {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<std::string>> promise;
    runOn(loop, [&] {
        promise = Promise<>::any(deferred(first, [](const Functions& kept) { kept.reject("onRejectedValue"); }));
        noteOutcome(log, *promise);
    });
    CHECK(runOn(loop, [&] { first->reject("unexpectedonRejectedValue"); }) == 0);
    CHECK(log == "rejected:AggregateError(onRejectedValue)");
    CHECK(Text::of(promise->reason()) == "AggregateError(onRejectedValue)");
}

namespace {

/// Of three thenables the second rejects the first, and then itself; the first is rejected again when all has run.
std::string rejectedBySecond() {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] {
        noteOutcome(log, Promise<>::any(deferred(first), thenable<std::string>([&first](auto, auto reject) {
                                            first->reject("p1-rejection");
                                            reject("p2-rejection");
                                        }),
                                        thenable<std::string>([](auto, auto reject) { reject("p3-rejection"); })));
    });
    runOn(loop, [&] { first->reject("unexpectedonRejectedValue"); });
    return log.text();
}

/// Of three thenables the second rejects itself twice; when all has run, the first is rejected.
std::string rejectedTwice() {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] {
        noteOutcome(log, Promise<>::any(deferred(first), thenable<std::string>([](auto, auto reject) {
                                            reject("p2-rejection");
                                            reject("unexpectedonRejectedValue");
                                        }),
                                        thenable<std::string>([](auto, auto reject) { reject("p3-rejection"); })));
    });
    log("|");
    runOn(loop, [&] { first->reject("p1-rejection"); });
    return log.text();
}

/// Each of three thenables is rejected when all has run, the first one more than once.
std::string rejectedInTurn() {
    Kept first, second, third;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] { noteOutcome(log, Promise<>::any(deferred(first), deferred(second), deferred(third))); });
    runOn(loop, [&] {
        first->reject("p1-rejection");
        first->reject("p1-rejection-unexpected-1");
        first->reject("p1-rejection-unexpected-2");
    });
    log("|");
    runOn(loop, [&] {
        second->reject("p2-rejection");
        third->reject("p3-rejection");
    });
    return log.text();
}

}

TEST_CASE("built-ins/Promise/any/call-reject-element-items: "
          "the reasons of several elements cannot be changed by rejecting them again") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::any(thenable<std::string>([](auto, auto reject) {
                                                reject("expectedValue-p1");
                                                reject("unexpectedValue-p1");
                                            }),
                                            thenable<std::string>([](auto, auto reject) {
                                                reject("expectedValue-p2");
                                                reject("unexpectedValue-p2");
                                            })));
    });
    CHECK(log == "rejected:AggregateError(expectedValue-p1,expectedValue-p2)");
}

TEST_CASE("built-ins/Promise/any/reject-immed: any rejects when its one thenable rejects at once") {
    CHECK(rejectedImmediately(any) == "rejected:AggregateError(reason)");
}

TEST_CASE("built-ins/Promise/any/reject-deferred: any rejects when its one thenable rejects in a later job") {
    CHECK(rejectedDeferred(any) == "rejected:AggregateError(reason)");
}

TEST_CASE("built-ins/Promise/any/reject-ignored-immed: "
          "any fulfils with the first of two thenables although the second rejects when it has resolved") {
    const auto log = journalOf([](Journal& journal) {
        Promise<>::any(thenable<void>([](auto resolve, auto) { resolve(); }),
                       thenable<void>([](auto resolve, auto reject) {
                           resolve();
                           reject("late");
                       }))
            .then([&] { journal("fulfilled"); }, [&] { journal("rejected"); });
    });
    CHECK(log == "fulfilled");
}

TEST_CASE("built-ins/Promise/any/reject-ignored-deferred: "
          "the executors in two thenables run before what they left for later and a rejection behind it is ignored") {
    const auto log = journalOf([](Journal& journal) {
        const auto executor = [&journal](auto resolve) {
            journal("executor");
            resolve();
        };
        Promise<>::all(thenable<void>([&journal, executor](auto resolve, auto) {
                           Promise<>(executor).then([&journal, resolve] {
                               journal("resolves");
                               resolve();
                           });
                       }),
                       thenable<void>([&journal, executor](auto resolve, auto reject) {
                           Promise<>(executor).then([&journal, resolve, reject] {
                               journal("resolves");
                               resolve();
                               reject("late");
                           });
                       }))
            .then([&] { journal("fulfilled"); }, [&] { journal("rejected"); });
    });
    CHECK(log == "executor executor resolves resolves fulfilled");
}

TEST_CASE("built-ins/Promise/any/reject-from-same-thenable: "
          "an element rejected several times by a later job is counted once") {
    CHECK(rejectedInTurn() == "| rejected:AggregateError(p1-rejection,p2-rejection,p3-rejection)");
}

TEST_CASE("built-ins/Promise/any/resolve-before-loop-exit: "
          "an element that rejects another before itself does not upset the count of remaining elements") {
    CHECK(rejectedBySecond() == "rejected:AggregateError(p1-rejection,p2-rejection,p3-rejection)");
}

TEST_CASE("built-ins/Promise/any/resolve-before-loop-exit-from-same: "
          "an element rejected twice in a row is counted once") {
    CHECK(rejectedTwice() == "| rejected:AggregateError(p1-rejection,p2-rejection,p3-rejection)");
}

TEST_CASE("built-ins/Promise/any/resolve-from-resolve-reject-catch: "
          "any fulfils with what catch made of a rejection and resolve passed on") {
    const auto log = journalOf([](Journal& journal) {
        const auto d = Promise<>::resolve(rejectedWith("d").catch_([](const std::string& v) { return v; }));
        noteOutcome(journal, Promise<>::any(Promise<std::string>::reject("a"), rejectedWith("b"),
                                            Promise<>::all(Texts{rejectedWith("c")}), d));
    });
    CHECK(log == "d");
}

TEST_CASE("built-ins/Promise/any/resolve-ignores-late-rejection: any fulfils with the first of two thenables") {
    CHECK(rejectedLate(any) == "42");
}

TEST_CASE("built-ins/Promise/any/resolve-ignores-late-rejection-deferred: "
          "any fulfils with the first of two thenables that resolve in a later job") {
    CHECK(rejectedLateDeferred(any) == "42");
}

TEST_CASE("built-ins/Promise/any/resolve-non-thenable: any fulfils with the first value that is no thenable") {
    const auto a = std::make_shared<int>(), b = std::make_shared<int>(), c = std::make_shared<int>();
    const auto log = journalOf(
        [&](Journal& journal) { Promise<>::any(a, b, c).then([&](const auto& value) { journal(value == a); }); });
    CHECK(log == "true");
}

TEST_CASE("built-ins/Promise/any/iter-arg-is-poisoned: "
          "any rejects when its range throws on being asked for its beginning") {
    CHECK(outcomeOfThrowingRange(any, ThrowingRange::When::begins) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/any/iter-step-err-reject: any rejects when its range throws on being asked for its end") {
    CHECK(outcomeOfThrowingRange(any, ThrowingRange::When::ends) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/any/iter-next-val-err-reject: any rejects when its range throws on being read") {
    CHECK(outcomeOfThrowingRange(any, ThrowingRange::When::reads) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/any/invoke-resolve-error-reject: "
          "any rejects when making a promise of an element throws") {
    CHECK(outcomeOfThrowingElement(any) == "rejected:RangeError: thrown by the copy");
}

// race

TEST_CASE("built-ins/Promise/race/resolved-sequence: "
          "the reaction to race comes one tick after those to its elements") {
    const auto log = journalOf([](Journal& journal) {
        const auto a = fulfilledWith("a");
        const auto b = fulfilledWith("b");
        journal(1);
        const auto first = a.then(Step{&journal, 3});
        const auto third = Promise<>::race(Texts{a, b}).then(Step{&journal, 5});
        const auto second = b.then(Step{&journal, 4});
        noteOutcome(journal, Promise<>::all(first, third, second));
        journal(2);
    });
    CHECK(log == "1 2 3 4 5 undefined,undefined,undefined");
}

TEST_CASE("built-ins/Promise/race/resolved-sequence-extra-ticks: "
          "the reaction to race comes before the second of two that are chained to its element") {
    CHECK(sequenceExtraTicks(race) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/race/resolved-sequence-mixed: "
          "a race that its first element has lost rejects although others are fulfilled") {
    const auto log = journalOf([](Journal& journal) {
        const auto a = rejectedWith("a");
        const auto b = fulfilledWith("b");
        const auto c = rejectedWith("c");
        journal(1);
        const auto first = a.catch_(Step{&journal, 3});
        const auto never = Promise<>::race(Texts{a, b, c}).then(Step{&journal, 5});
        const auto second = b.then(Step{&journal, 4});
        noteOutcome(journal, Promise<>::all(first, never, second));
        journal(2);
    });
    CHECK(log == "1 2 3 4 rejected:a");
}

TEST_CASE("built-ins/Promise/race/resolved-sequence-with-rejections: "
          "the reaction to race comes one tick after those to rejected elements") {
    const auto log = journalOf([](Journal& journal) {
        const auto a = rejectedWith("a");
        const auto b = rejectedWith("b");
        journal(1);
        const auto first = a.catch_(Step{&journal, 3});
        const auto third = Promise<>::race(Texts{a, b}).catch_(Step{&journal, 5});
        const auto second = b.catch_(Step{&journal, 4});
        noteOutcome(journal, Promise<>::all(first, third, second));
        journal(2);
    });
    CHECK(log == "1 2 3 4 5 undefined,undefined,undefined");
}

TEST_CASE("built-ins/Promise/race/resolved-then-catch-finally: "
          "race takes what then and catch and finally return and settles as the first of them") {
    const auto log = journalOf([](Journal& journal) {
        const auto returns = [](const std::string& v) { return v; };
        const auto throws = [](const std::string& v) -> std::string { throw v; };
        const auto throwsLast = [] { throw "finally"; };
        noteOutcome(journal, Promise<>::race(Texts{
                                 rejectedWith("a").catch_(returns),
                                 fulfilledWith("b").then(throws),
                                 rejectedWith("c").then(throws),
                                 fulfilledWith("d").finally([] {}),
                                 rejectedWith("e").finally([] {}),
                                 fulfilledWith("f").finally(throwsLast),
                                 rejectedWith("g").finally(throwsLast),
                                 rejectedWith("h").then(returns, [] { return "j"; }),
                                 fulfilledWith("i").then(returns),
                             }));
    });
    CHECK(log == "a");
}

TEST_CASE("built-ins/Promise/race/reject-deferred: race rejects when a thenable rejects in a later job") {
    CHECK(rejectedDeferred(race) == "rejected:reason");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A5.1_T1: race of an empty list never settles") {
    EventLoop loop({.virtualTime = true});
    std::optional<Promise<std::string>> promise;
    Journal log;
    const int code = runOn(loop, [&] {
        promise = Promise<>::race(Texts());
        noteOutcome(log, *promise);
        Promise<>::resolve().then(Step{&log, 1}).then(Step{&log, 2}).then(Step{&log, 3});
    });
    CHECK(code == 0);
    CHECK(log == "1 2 3");
    CHECK(promise->state() == PromiseState::pending);
}

namespace {

/// When the reaction to a race of two comes, and with what.
template <class... Inputs>
std::string raceBesideChain(Inputs... makeInput) {
    return journalOf([&](Journal& log) {
        const auto promise = Promise<>::race(Numbers{makeInput()...});
        log(1);
        noteOutcome(log, promise);
        Promise<>::resolve().then(Step{&log, 3}).then(Step{&log, 5});
        log(2);
    });
}

Promise<int> one() { return Promise<>::resolve(1); }
Promise<int> two() { return Promise<>::resolve(2); }
Promise<int> rejectedOne() { return Promise<int>::reject("one"); }
Promise<int> never() {
    return Promise<int>([](auto, auto) {});
}

}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.1_T1: race fulfils as the first of two that are fulfilled already") {
    CHECK(raceBesideChain(one, two) == "1 2 3 1 5");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.2_T1: race rejects as the first element if that is rejected already") {
    CHECK(raceBesideChain(rejectedOne, two) == "1 2 3 rejected:one 5");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.3_T1: "
          "race goes by the order of elements that are settled already and not by the order in which they were") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = Promise<int>::withResolvers();
        const auto p2 = Promise<int>::withResolvers();
        p2.reject(Error("race should not see this if p1 is resolved already"));
        p1.resolve(1);
        noteOutcome(journal, Promise<>::race(Numbers{p1.promise, p2.promise}));
    });
    CHECK(log == "1");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.3_T2: race settles as the element that settles first") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = Promise<int>::withResolvers();
        const auto p2 = Promise<int>::withResolvers();
        noteOutcome(journal, Promise<>::race(Numbers{p1.promise, p2.promise}));
        p2.reject(2);
        p1.resolve(1);
    });
    CHECK(log == "rejected:2");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A6.1_T1: race of one value fulfils one tick after it has begun") {
    const auto log = journalOf([](Journal& journal) {
        const auto promise = Promise<>::race(std::vector<int>{1});
        journal(1);
        promise.then(Step{&journal, 4});
        Promise<>::resolve().then(Step{&journal, 3}).then(Step{&journal, 5});
        journal(2);
    });
    CHECK(log == "1 2 3 4 5");
}

TEST_CASE(
    "built-ins/Promise/race/S25.4.4.3_A6.2_T1: race of one rejected promise rejects one tick after it has begun") {
    CHECK(raceBesideChain(rejectedOne) == "1 2 3 rejected:one 5");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.1_T2: race fulfils as its first element if the second never settles") {
    CHECK(raceBesideChain(one, never) == "1 2 3 1 5");
}

TEST_CASE("built-ins/Promise/race/S25.4.4.3_A7.1_T3: race fulfils as its second element if the first never settles") {
    CHECK(raceBesideChain(never, two) == "1 2 3 2 5");
}

TEST_CASE("built-ins/Promise/race/reject-immed: race rejects when a thenable rejects at once") {
    CHECK(rejectedImmediately(race) == "rejected:reason");
}

TEST_CASE("built-ins/Promise/race/reject-ignored-immed: a race that is fulfilled ignores a rejection") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::race(thenable<int>([](auto resolve, auto) { resolve(1); }),
                                             thenable<int>([](auto, auto reject) { reject("late"); })));
    });
    CHECK(log == "1");
}

TEST_CASE(
    "built-ins/Promise/race/reject-ignored-deferred: a race that is fulfilled ignores a rejection in a later job") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal,
                    Promise<>::race(thenable<int>([](auto resolve, auto) { soon([resolve] { resolve(1); }); }),
                                    thenable<int>([](auto, auto reject) { soon([reject] { reject("late"); }); })));
    });
    CHECK(log == "1");
}

TEST_CASE("built-ins/Promise/race/resolve-ignores-late-rejection: race fulfils as the first of two thenables") {
    CHECK(rejectedLate(race) == "42");
}

TEST_CASE("built-ins/Promise/race/resolve-ignores-late-rejection-deferred: "
          "a thenable is asked when race has returned and its rejection behind its resolution is ignored") {
    const auto log = journalOf([](Journal& journal) {
        journal(1);
        const auto lateRejector = thenable<int>([&journal](auto resolve, auto reject) {
            Promise<>([&journal](auto settle) {
                journal(3);
                settle();
                journal(4);
            }).then([&journal, resolve, reject] {
                journal(5);
                resolve(9);
                journal(6);
                reject("late");
                journal(7);
            });
        });
        journal(2);
        noteOutcome(journal, Promise<>::race(lateRejector));
    });
    CHECK(log == "1 2 3 4 5 6 7 9");
}

TEST_CASE("built-ins/Promise/race/resolve-non-obj: race fulfils with the value a thenable resolves with") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::race(thenable<int>([](auto resolve, auto) { resolve(23); })));
    });
    CHECK(log == "23");
}

TEST_CASE("built-ins/Promise/race/resolve-non-thenable: race fulfils with the very object a thenable resolves with") {
    const auto value = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        Promise<>::race(thenable<std::shared_ptr<int>>([&](auto resolve, auto) {
            resolve(value);
        })).then([&](const std::shared_ptr<int>& v) { journal(v == value); });
    });
    CHECK(log == "true");
}

TEST_CASE("built-ins/Promise/race/resolve-thenable: race follows a thenable that a thenable resolves with") {
    const auto log = journalOf([](Journal& journal) {
        const auto inner = thenable<std::string>([](auto resolve, auto) { resolve("value"); });
        noteOutcome(journal, Promise<>::race(thenable<std::string>([inner](auto resolve, auto) { resolve(inner); })));
    });
    CHECK(log == "value");
}

TEST_CASE(
    "built-ins/Promise/race/iter-step-err-reject: race rejects when its range throws on being asked for its end") {
    CHECK(outcomeOfThrowingRange(race, ThrowingRange::When::ends) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/race/iter-next-val-err-reject: race rejects when its range throws on being read") {
    CHECK(outcomeOfThrowingRange(race, ThrowingRange::When::reads) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/race/invoke-resolve-error-reject: "
          "race rejects when making a promise of an element throws") {
    CHECK(outcomeOfThrowingElement(race) == "rejected:RangeError: thrown by the copy");
}

// try

TEST_CASE("built-ins/Promise/try/return-value: try promises what the function returns") {
    const auto sentinel = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        Promise<>::try_([&] { return sentinel; }).then([&](const auto& v) { journal(v == sentinel); });
    });
    CHECK(log == "true");
}

TEST_CASE("built-ins/Promise/try/throws: try rejects with what the function throws") {
    const auto log = journalOf(
        [](Journal& journal) { noteOutcome(journal, Promise<>::try_([]() -> int { throw RangeError("thrown"); })); });
    CHECK(log == "rejected:RangeError: thrown");
}

TEST_CASE("built-ins/Promise/try/promise: try returns a Promise") {
    EventLoop loop({.virtualTime = true});
    const auto promise = Promise<>::try_([] {});
    static_assert(std::is_same_v<decltype(promise), const Promise<void>>);
    CHECK(promise.state() == PromiseState::fulfilled);
}

TEST_CASE("built-ins/Promise/try/args: try hands its arguments on") {
    const auto sentinel = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        noteOutcome(journal, Promise<>::try_([&](int a, int b, const std::string& c,
                                                 const std::shared_ptr<int>& d) { journal(a, b, c, d == sentinel); },
                                             1, 2, std::string("three"), sentinel)
                                 .then([] { return "done"; }));
    });
    CHECK(log == "12threetrue done");
}
