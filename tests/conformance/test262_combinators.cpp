// SPDX-License-Identifier: MIT

// Promise.all and allSettled, as test262 has them: each test is named after its file there.
// https://github.com/tc39/test262/tree/main/test/built-ins/Promise

#include "conformance/test262_combinators.hpp"

#include <cstddef>
#include <memory>
#include <type_traits>

using namespace rondo;
using namespace test262;

// all

TEST_CASE("built-ins/Promise/all/resolve-before-loop-exit: "
          "an element that resolves another before itself does not upset the count of remaining elements") {
    CHECK(resolvedBySecond(all) == "p1-fulfill,p2-fulfill,p3-fulfill");
}

TEST_CASE("built-ins/Promise/all/resolve-before-loop-exit-from-same: "
          "an element resolved twice in a row is counted once") {
    CHECK(resolvedTwice(all) == "| p1-fulfill,p2-fulfill,p3-fulfill");
}

TEST_CASE("built-ins/Promise/all/resolve-ignores-late-rejection: "
          "an element that has been resolved ignores a rejection") {
    CHECK(rejectedLate(all) == "42,33");
}

TEST_CASE("built-ins/Promise/all/resolve-ignores-late-rejection-deferred: "
          "an element that has been resolved in a later job ignores a rejection") {
    CHECK(rejectedLateDeferred(all) == "42,9");
}

TEST_CASE("built-ins/Promise/all/reject-immed: all rejects when a thenable rejects at once") {
    CHECK(rejectedImmediately(all) == "rejected:reason");
}

TEST_CASE("built-ins/Promise/all/reject-deferred: all rejects when a thenable rejects in a later job") {
    CHECK(rejectedDeferred(all) == "rejected:reason");
}

TEST_CASE("built-ins/Promise/all/reject-ignored-immed: "
          "a thenable that resolves with nothing and then rejects is fulfilled") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, Promise<>::all(thenable<void>([](auto resolve, auto) { resolve(); }),
                                            thenable<void>([](auto resolve, auto reject) {
                                                resolve();
                                                reject("late");
                                            })));
    });
    CHECK(log == "undefined,undefined");
}

TEST_CASE("built-ins/Promise/all/call-resolve-element-after-return: "
          "the value of a resolved element cannot be changed when all has fulfilled") {
    CHECK(resolvedAfterReturn(all) == "expectedValue expectedValue");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A2.3_T1: all of an empty list promises a new empty list") {
    const auto log = journalOf([](Journal& journal) {
        const auto promise = Promise<>::all(Numbers());
        static_assert(std::is_same_v<decltype(promise), const Promise<std::vector<int>>>);
        promise.then([&journal](const std::vector<int>& values) { journal(values.size()); });
        Promise<>::all().then([&journal](const std::tuple<>&) { journal("tuple"); });
    });
    CHECK(log == "0 tuple");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A7.1_T1: all of one fulfilled promise promises a list of its value") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = Promise<>::resolve(3);
        Promise<>::all(Numbers{p1}).then([&journal](const std::vector<int>& values) {
            journal(values.size(), ":", values[0]);
        });
        noteOutcome(journal, Promise<>::all(p1));
    });
    CHECK(log == "1:3 3");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A8.1_T1: "
          "the reaction to all comes one tick after those to its elements") {
    CHECK(sequence(all) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A8.2_T1: all rejects with the reason of an element that is rejected later") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = Promise<int>::withResolvers();
        noteOutcome(journal, Promise<>::all(Numbers{p1.promise, Promise<>::resolve(2)}));
        p1.reject(1);
    });
    CHECK(log == "rejected:1");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A7.2_T1: "
          "the reaction to all comes before the second of two that are chained to its element") {
    CHECK(sequenceExtraTicks(all) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/all/S25.4.4.1_A8.2_T2: all rejects when its second element is rejected later") {
    const auto log = journalOf([](Journal& journal) {
        const auto p2 = Promise<int>::withResolvers();
        noteOutcome(journal, Promise<>::all(Numbers{Promise<>::resolve(1), p2.promise}));
        p2.reject(2);
    });
    CHECK(log == "rejected:2");
}

TEST_CASE("built-ins/Promise/all/call-resolve-element: "
          "the value of an element cannot be changed by resolving it again at once") {
    CHECK(resolvedAgain(all) == "expectedValue");
}

TEST_CASE("built-ins/Promise/all/call-resolve-element-items: "
          "the values of several elements cannot be changed by resolving them again") {
    CHECK(eachResolvedTwice(all) == "expectedValue-p1,expectedValue-p2");
}

TEST_CASE("built-ins/Promise/all/reject-ignored-deferred: "
          "an element that is resolved with nothing in a later job ignores a rejection") {
    CHECK(nothingRejectedLateDeferred(all) == "fulfilled");
}

TEST_CASE("built-ins/Promise/all/resolve-from-same-thenable: "
          "an element resolved several times by a later job is counted once") {
    CHECK(resolvedInTurn(all) == "| p1-fulfill,p2-fulfill,p3-fulfill");
}

TEST_CASE("built-ins/Promise/all/resolve-non-thenable: all promises values that are no thenables as they are") {
    const auto v1 = std::make_shared<int>(), v2 = std::make_shared<int>(), v3 = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        Promise<>::all(v1, v2, v3)
            .then([&](const auto& values) { journal(values == std::tuple(v1, v2, v3)); }, [&] { journal("rejected"); });
    });
    CHECK(log == "true");
}

TEST_CASE("built-ins/Promise/all/iter-step-err-reject: all rejects when its range throws on being asked for its end") {
    CHECK(outcomeOfThrowingRange(all, ThrowingRange::When::ends) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/all/iter-next-val-err-reject: all rejects when its range throws on being read") {
    CHECK(outcomeOfThrowingRange(all, ThrowingRange::When::reads) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/all/invoke-resolve-error-reject: "
          "all rejects when making a promise of an element throws") {
    CHECK(outcomeOfThrowingElement(all) == "rejected:RangeError: thrown by the copy");
}

// allSettled

TEST_CASE("built-ins/Promise/allSettled/resolved-immed: allSettled of an empty list is fulfilled when it returns") {
    const auto log = journalOf([](Journal& journal) {
        Promise<>::allSettled(Texts()).then(Step{&journal, 2});
        Promise<>::resolve().then(Step{&journal, 3}).then(Step{&journal, 4});
        journal(1);
    });
    CHECK(log == "1 2 3 4");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-all-fulfilled: "
          "allSettled promises the values of elements that are all fulfilled") {
    const auto object = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        const auto p3 = Promise<>::resolve(object);
        Promise<>::allSettled(Promise<>::resolve(1), fulfilledWith("test262"), p3).then([&](const auto& settled) {
            const auto& [s1, s2, s3] = settled;
            journal(Text::of(s1), " ", Text::of(s2), " ", s3.status(), ":", s3.value() == object);
        });
    });
    CHECK(log == "fulfilled:1 fulfilled:test262 fulfilled:true");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-all-mixed: "
          "allSettled promises the values and the reasons in the order of the elements") {
    const auto reason = std::make_exception_ptr(Error("the same object"));
    const auto log = journalOf([&](Journal& journal) {
        const auto promise = Promise<>::allSettled(Promise<int>::reject(1), Promise<>::resolve(2),
                                                   fulfilledWith("tc39"), Promise<int>::reject("test262"),
                                                   Promise<std::string>::reject(reason), Promise<>::resolve());
        noteOutcome(journal, promise);
        promise.then([&](const auto& settled) { journal(std::get<4>(settled).reason() == reason); });
    });
    CHECK(log == "rejected:1,fulfilled:2,fulfilled:tc39,rejected:test262,"
                 "rejected:Error: the same object,fulfilled:undefined true");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-all-rejected: "
          "allSettled fulfils with the reasons of elements that are all rejected") {
    const auto reason = std::make_exception_ptr(Error("the same object"));
    const auto log = journalOf([&](Journal& journal) {
        const auto promise = Promise<>::allSettled(
            Texts{Promise<std::string>::reject(1), rejectedWith("test262"), Promise<std::string>::reject(reason)});
        noteOutcome(journal, promise);
        promise.then([&](const auto& settled) { journal(settled[2].reason() == reason); });
    });
    CHECK(log == "rejected:1,rejected:test262,rejected:Error: the same object true");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-sequence: "
          "the reaction to allSettled comes one tick after those to its elements") {
    CHECK(sequence(allSettled) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-sequence-extra-ticks: "
          "the reaction to allSettled comes before the second of two that are chained to its element") {
    CHECK(sequenceExtraTicks(allSettled) == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-sequence-mixed: "
          "the reaction to allSettled comes one tick after those to fulfilled and rejected elements") {
    CHECK(sequenceMixed(allSettled) == "1 2 3 4 5 6");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-sequence-with-rejections: "
          "the reaction to allSettled comes one tick after those to rejected elements") {
    const auto log = journalOf([](Journal& journal) {
        const auto p1 = rejectedWith("foo");
        const auto p2 = rejectedWith("bar");
        journal(1);
        p1.catch_(Step{&journal, 3});
        Promise<>::allSettled(Texts{p1, p2}).then(Step{&journal, 5});
        p2.catch_(Step{&journal, 4});
        journal(2);
    });
    CHECK(log == "1 2 3 4 5");
}

TEST_CASE("built-ins/Promise/allSettled/resolved-then-catch-finally: "
          "allSettled takes what then and catch and finally return") {
    const auto log = journalOf([](Journal& journal) {
        const auto p0 = Promise<>::resolve(2).then([](int v) { return v + 1; });
        const auto p1 =
            Promise<int>::reject(21).catch_([](const std::exception_ptr& v) { return 2 * std::stoi(Text::of(v)); });
        const auto p2 = fulfilledWith("nope").then([]() -> int { throw "foo"; });
        const auto p3 = rejectedWith("yes").then([]() -> int { throw "nope"; });
        const auto p4 = fulfilledWith("here").finally([] { return "nope"; });
        const auto p5 = rejectedWith("here too").finally([] { return "nope"; });
        const auto p6 = fulfilledWith("nope").finally([] { throw "finally"; });
        const auto p7 = rejectedWith("nope").finally([] { throw "finally after rejected"; });
        const auto p8 = Promise<int>::reject(1).then([] { return -1; }, [] { return 0; });
        noteOutcome(journal, Promise<>::allSettled(p0, p1, p2, p3, p4, p5, p6, p7, p8));
    });
    CHECK(log == "fulfilled:3,fulfilled:42,rejected:foo,rejected:yes,fulfilled:here,rejected:here too,"
                 "rejected:finally,rejected:finally after rejected,fulfilled:0");
}

TEST_CASE("built-ins/Promise/allSettled/resolves-empty-array: allSettled of an empty list promises an empty list") {
    const auto log = journalOf([](Journal& journal) {
        Promise<>::allSettled(Texts()).then(
            [&journal](const std::vector<SettledResult<std::string>>& settled) { journal(settled.size()); });
    });
    CHECK(log == "0");
}

TEST_CASE("built-ins/Promise/allSettled/reject-element-function-multiple-calls: "
          "an element that has been resolved ignores each later call of its reject function") {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] {
        noteOutcome(log, Promise<>::allSettled(deferred(first, [](const Functions& kept) {
                        kept.resolve("value");
                        kept.reject("at once");
                    })));
    });
    CHECK(runOn(loop, [&] { first->reject("late"); }) == 0);
    CHECK(runOn(loop, [&] { first->reject("later"); }) == 0);
    CHECK(log == "fulfilled:value");
}

TEST_CASE("built-ins/Promise/allSettled/reject-immed: allSettled fulfils when a thenable rejects at once") {
    CHECK(rejectedImmediately(allSettled) == "rejected:reason");
}

TEST_CASE("built-ins/Promise/allSettled/reject-deferred: allSettled fulfils when a thenable rejects in a later job") {
    CHECK(rejectedDeferred(allSettled) == "rejected:reason");
}

namespace {

/// Two thenables resolve, the second with an object; then that rejects.
template <class When>
std::string objectBeforeRejection(When when) {
    const auto simulation = std::make_shared<int>();
    return journalOf([&](Journal& log) {
        Promise<>::allSettled(thenable<int>([&](auto resolve, auto) { when([resolve] { resolve(42); }); }),
                              thenable<std::shared_ptr<int>>([&](auto resolve, auto reject) {
                                  when([&simulation, resolve, reject] {
                                      resolve(simulation);
                                      reject("late");
                                  });
                              }))
            .then([&](const auto& settled) {
                const auto& [s1, s2] = settled;
                log(Text::of(s1), ",", s2.status(), ":", s2.value() == simulation);
            });
    });
}

}

TEST_CASE("built-ins/Promise/allSettled/reject-ignored-immed: "
          "an object that an element is resolved with stays its value when the element is rejected") {
    CHECK(objectBeforeRejection([](auto f) { f(); }) == "fulfilled:42,fulfilled:true");
}

TEST_CASE("built-ins/Promise/allSettled/reject-ignored-deferred: "
          "an object that an element is resolved with in a later job stays its value when the element is rejected") {
    CHECK(objectBeforeRejection([](auto f) { soon(f); }) == "fulfilled:42,fulfilled:true");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-before-loop-exit: "
          "an element that resolves another before itself does not upset the count of remaining elements") {
    CHECK(resolvedBySecond(allSettled) == "fulfilled:p1-fulfill,fulfilled:p2-fulfill,fulfilled:p3-fulfill");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-before-loop-exit-from-same: "
          "an element resolved twice in a row is counted once") {
    CHECK(resolvedTwice(allSettled) == "| fulfilled:p1-fulfill,fulfilled:p2-fulfill,fulfilled:p3-fulfill");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-from-same-thenable: "
          "an element resolved several times by a later job is counted once") {
    CHECK(resolvedInTurn(allSettled) == "| fulfilled:p1-fulfill,fulfilled:p2-fulfill,fulfilled:p3-fulfill");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-ignores-late-rejection: "
          "an element that has been resolved ignores a rejection") {
    CHECK(rejectedLate(allSettled) == "fulfilled:42,fulfilled:33");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-ignores-late-rejection-deferred: "
          "an element that has been resolved in a later job ignores a rejection") {
    CHECK(rejectedLateDeferred(allSettled) == "fulfilled:42,fulfilled:9");
}

TEST_CASE("built-ins/Promise/allSettled/resolve-non-thenable: "
          "allSettled promises values that are no thenables as they are") {
    const auto v1 = std::make_shared<int>(), v2 = std::make_shared<int>(), v3 = std::make_shared<int>();
    const auto log = journalOf([&](Journal& journal) {
        Promise<>::allSettled(v1, v2, v3).then([&](const auto& settled) {
            const auto& [s1, s2, s3] = settled;
            journal(s1.value() == v1, s2.value() == v2, s3.value() == v3);
        });
    });
    CHECK(log == "truetruetrue");
}

TEST_CASE("built-ins/Promise/allSettled/call-resolve-element: "
          "the value of an element cannot be changed by resolving it again at once") {
    CHECK(resolvedAgain(allSettled) == "fulfilled:expectedValue");
}

TEST_CASE("built-ins/Promise/allSettled/call-resolve-element-items: "
          "the values of several elements cannot be changed by resolving them again") {
    CHECK(eachResolvedTwice(allSettled) == "fulfilled:expectedValue-p1,fulfilled:expectedValue-p2");
}

TEST_CASE("built-ins/Promise/allSettled/call-resolve-element-after-return: "
          "the value of a resolved element cannot be changed when allSettled has fulfilled") {
    CHECK(resolvedAfterReturn(allSettled) == "fulfilled:expectedValue fulfilled:expectedValue");
}

TEST_CASE("built-ins/Promise/allSettled/iter-arg-is-poisoned: "
          "allSettled rejects when its range throws on being asked for its beginning") {
    CHECK(outcomeOfThrowingRange(allSettled, ThrowingRange::When::begins) ==
          "rejected:RangeError: thrown by the range");
}

TEST_CASE(
    "built-ins/Promise/allSettled/iter-next-err-reject: allSettled rejects when its range throws on being advanced") {
    CHECK(outcomeOfThrowingRange(allSettled, ThrowingRange::When::advances) ==
          "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/allSettled/iter-step-err-reject: "
          "allSettled rejects when its range throws on being asked for its end") {
    CHECK(outcomeOfThrowingRange(allSettled, ThrowingRange::When::ends) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/allSettled/iter-next-val-err-reject: "
          "allSettled rejects when its range throws on being read") {
    CHECK(outcomeOfThrowingRange(allSettled, ThrowingRange::When::reads) == "rejected:RangeError: thrown by the range");
}

TEST_CASE("built-ins/Promise/allSettled/invoke-resolve-error-reject: "
          "allSettled rejects when making a promise of an element throws") {
    CHECK(outcomeOfThrowingElement(allSettled) == "rejected:RangeError: thrown by the copy");
}
