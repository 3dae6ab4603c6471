// SPDX-License-Identifier: MIT

// Async functions and await, as test262 has them: each test is named after its file there.
// https://github.com/tc39/test262/tree/main/test/language
//
// C++ has no `finally`. Where the original runs into one because of an exception, that is a `catch (...)`. Where it
// does because of a `return`, a destructor undoes the `co_return`: it throws what the function itself catches.

#include "conformance/test262.hpp"

#include <exception>
#include <string>

using namespace rondo;
using namespace test262;

namespace {

// await

Promise<> pushAwait(Journal& log, int value) {
    log("Await", value);
    co_return;
}

Promise<> awaitTwice(Journal& log) {
    co_await pushAwait(log, 1);
    co_await pushAwait(log, 2);
}

/// `await f()` of a function that is not async: of what it returned, undefined.
Promise<> awaitNothing(Journal& log) {
    log("Await", 1);
    co_await Promise<>::resolve();
}

template <class Awaitable>
Promise<int> awaited(Awaitable awaitable) {
    const int value = co_await awaitable;
    co_return value;
}

template <class Awaitable>
Promise<> awaitedTwice(Journal& log, Awaitable awaitable) {
    const int first = co_await awaitable;
    log("Await", first);
    const int second = co_await awaitable;
    log("Await", second);
}

/// Whether an await throws this very exception.
template <class Awaitable>
Promise<std::string> caught(Awaitable awaitable, std::exception_ptr expected) {
    try {
        co_await awaitable;
    } catch (...) {
        co_return std::current_exception() == expected ? "the same" : "another";
    }
    co_return "none";
}

// Bodies

Promise<int> returns() { co_return 42; }

Promise<int> throws() {
    throw 1;
    co_return 42;
}

Promise<int> returnsAfterAwait() {
    co_await Promise<>::resolve();
    co_return 42;
}

Promise<int> throwsAfterAwait() {
    co_await Promise<>::resolve();
    throw 1;
}

// Blocks that end after the function has returned

struct Undone {};

/// Undoes the `co_return` that leaves its block.
struct UndoesReturn {
    UndoesReturn() = default;
    UndoesReturn(const UndoesReturn&) = delete;
    UndoesReturn& operator=(const UndoesReturn&) = delete;
    ~UndoesReturn() noexcept(false) { throw Undone(); }
};

/// Throws at the end of its block, however that ends.
struct ThrowsAtEnd {
    explicit ThrowsAtEnd(Journal& journal) : log(journal) {}
    ThrowsAtEnd(const ThrowsAtEnd&) = delete;
    ThrowsAtEnd& operator=(const ThrowsAtEnd&) = delete;
    ~ThrowsAtEnd() noexcept(false) {
        log("finally");
        throw "override";
    }
    Journal& log;
};

Promise<std::string> fulfilledWith(const char* value) {
    return Promise<std::string>([&](auto resolve) { resolve(value); });
}
Promise<std::string> rejectedWith(const char* reason) {
    return Promise<std::string>([&](auto, auto reject) { reject(reason); });
}

Promise<std::string> tryReturnFinallyReturn(Journal& log) {
    try {
        const UndoesReturn finally;
        log("try");
        co_return "early-return";
    } catch (const Undone&) {
        log("finally");
    }
    co_return co_await fulfilledWith("override");
}

Promise<std::string> tryRejectFinallyReturn(Journal& log) {
    try {
        log("try");
        co_await rejectedWith("early-reject");
    } catch (...) {
        log("finally");
    }
    co_return "override";
}

Promise<std::string> tryReturnFinallyReject(Journal& log) {
    try {
        const UndoesReturn finally;
        log("try");
        co_return "early-return";
    } catch (const Undone&) {
        log("finally");
    }
    co_return co_await rejectedWith("override");
}

Promise<std::string> tryRejectFinallyReject(Journal& log) {
    try {
        log("try");
        co_await rejectedWith("early-reject");
    } catch (...) {
        log("finally");
    }
    co_return co_await rejectedWith("override");
}

Promise<std::string> tryThrowFinallyThrow(Journal& log) {
    try {
        log("try");
        throw "early-throw";
    } catch (...) {
        log("finally");
        throw "override";
    }
    co_return "neither";
}

Promise<std::string> tryReturnFinallyThrow(Journal& log) {
    const ThrowsAtEnd finally(log);
    log("try");
    co_return "early-return";
}

/// What an async function notes, and then its outcome.
template <class F>
std::string journalOfFunction(F f) {
    return journalOf([&](Journal& log) { noteOutcome(log, f(log)); });
}

}

TEST_CASE("language/expressions/await/async-await-interleaved: "
          "await of what an async function returned takes one tick like a reaction") {
    const auto log = journalOf([](Journal& journal) {
        awaitTwice(journal);
        Promise<>([&journal](auto resolve) {
            journal("Promise1");
            resolve();
        }).then([&journal] { journal("Promise2"); });
    });
    CHECK(log == "Await1 Promise1 Await2 Promise2");
}

TEST_CASE("language/expressions/await/await-awaits-thenables: await takes what a thenable resolves with") {
    const auto log = journalOf([](Journal& journal) {
        noteOutcome(journal, awaited(thenable<int>([](auto resolve, auto) { resolve(42); })));
    });
    CHECK(log == "42");
}

TEST_CASE(
    "language/expressions/await/await-awaits-thenables-that-throw: await throws what the then of a thenable throws") {
    const auto error = std::make_exception_ptr(Error("thrown"));
    const auto log = journalOf([&](Journal& journal) {
        noteOutcome(journal, caught(thenable<int>([error](auto, auto) { std::rethrow_exception(error); }), error));
    });
    CHECK(log == "the same");
}

TEST_CASE("language/expressions/await/await-non-promise: await of what is no promise takes one tick") {
    const auto log = journalOf([](Journal& journal) {
        awaitNothing(journal).then([&journal] { journal("after"); });
        Promise<>([&journal](auto resolve) {
            journal("Promise1");
            resolve();
        }).then([&journal] { journal("Promise2"); });
    });
    CHECK(log == "Await1 Promise1 Promise2 after");
}

TEST_CASE("language/expressions/await/await-non-promise-thenable: "
          "each await of a thenable calls its then and takes two ticks") {
    int calls = 0;
    const auto log = journalOf([&](Journal& journal) {
        awaitedTwice(journal, thenable<int>([&calls](auto resolve, auto) { resolve(++calls); }));
        Promise<>([&journal](auto resolve) {
            journal("Promise1");
            resolve();
        })
            .then([&journal] { journal("Promise2"); })
            .then([&journal] { journal("Promise3"); })
            .then([&journal] { journal("Promise4"); });
    });
    CHECK(log == "Promise1 Promise2 Await1 Promise3 Promise4 Await2");
    CHECK(calls == 2);
}

TEST_CASE("language/expressions/await/await-throws-rejections: await throws the reason of a rejected promise") {
    const auto error = std::make_exception_ptr(Error("reason"));
    const auto log =
        journalOf([&](Journal& journal) { noteOutcome(journal, caught(Promise<int>::reject(error), error)); });
    CHECK(log == "the same");
}

TEST_CASE("language/statements/async-function/evaluation-body-that-returns: "
          "what an async function returns fulfils its promise") {
    CHECK(journalOfFunction([](Journal&) { return returns(); }) == "42");
}

TEST_CASE("language/statements/async-function/evaluation-body-that-throws: "
          "what an async function throws rejects its promise and does not leave the call") {
    CHECK(journalOfFunction([](Journal&) { return throws(); }) == "rejected:1");
}

TEST_CASE("language/statements/async-function/evaluation-body-that-returns-after-await: "
          "what an async function returns behind an await fulfils its promise") {
    CHECK(journalOfFunction([](Journal&) { return returnsAfterAwait(); }) == "42");
}

TEST_CASE("language/statements/async-function/evaluation-body-that-throws-after-await: "
          "what an async function throws behind an await rejects its promise") {
    CHECK(journalOfFunction([](Journal&) { return throwsAfterAwait(); }) == "rejected:1");
}

TEST_CASE("language/statements/async-function/try-return-finally-return: "
          "a value returned when the first return has been undone fulfils the promise") {
    CHECK(journalOfFunction(tryReturnFinallyReturn) == "try finally override");
}

TEST_CASE("language/statements/async-function/try-reject-finally-return: "
          "a value returned behind an await that threw fulfils the promise") {
    CHECK(journalOfFunction(tryRejectFinallyReturn) == "try finally override");
}

TEST_CASE("language/statements/async-function/try-return-finally-reject: "
          "an await that throws when a return has been undone rejects the promise") {
    CHECK(journalOfFunction(tryReturnFinallyReject) == "try finally rejected:override");
}

TEST_CASE("language/statements/async-function/try-reject-finally-reject: "
          "the later of two awaits that throw rejects the promise") {
    CHECK(journalOfFunction(tryRejectFinallyReject) == "try finally rejected:override");
}

TEST_CASE("language/statements/async-function/try-throw-finally-throw: "
          "the later of two exceptions rejects the promise") {
    CHECK(journalOfFunction(tryThrowFinallyThrow) == "try finally rejected:override");
}

TEST_CASE("language/statements/async-function/try-return-finally-throw: "
          "an exception that a destructor throws after the return rejects the promise") {
    CHECK(journalOfFunction(tryReturnFinallyThrow) == "try finally rejected:override");
}
