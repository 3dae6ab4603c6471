// SPDX-License-Identifier: MIT

// Async generators, after test262: the name of a test begins with the file it stands for.

#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/iteration.hpp>

#include <exception>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string, std::string>;
using Step = Words::Step;

/// A value as it is; what is done as `done`, or `done=value`.
std::string shown(const Step& step) {
    if (step) return *step;
    return step.returned() ? "done=" + *step.returned() : "done";
}

/// Logs the answers of a generator as `name:answer`.
class Answers {
public:
    explicit Answers(Journal& log) : log_(&log) {}
    void operator()(const char* name, Promise<Step> answer) const {
        std::move(answer).then([log = log_, name](const Step& step) { (*log)(name, ':', shown(step)); },
                               [log = log_, name](const Error& error) { (*log)(name, '!', error.message()); });
    }

private:
    Journal* log_;
};

/// What the requests are answered with, one after the other, each made when the one before has been answered.
template <class... Requests>
Promise<std::string> answersOf(Words generator, Requests... requests) {
    Journal log;
    const auto note = [&log](const SettledResult<Step>& answer) {
        if (answer.fulfilled()) return log(shown(answer.value()));
        try {
            std::rethrow_exception(answer.reason());
        } catch (const Error& error) {
            log('!', error.message());
        }
    };
    std::vector<Promise<Step> (*)(Words&)> all{requests...};
    for (const auto request : all) {
        auto answer = request(generator);
        auto settled = co_await std::move(answer).settled();
        note(settled);
    }
    co_return log.text();
}

Promise<Step> next(Words& generator) { return generator.next(); }
Promise<Step> returnSent(Words& generator) { return generator.return_("sent"); }
Promise<Step> returnBroken(Words& generator) {
    return generator.return_(Promise<std::string>::reject(Error("broken promise")));
}
Promise<Step> throwBoop(Words& generator) { return generator.throw_(Error("boop")); }

[[noreturn]] void mustNotBeResumed() { throw Error("it was resumed"); }

Words doesNothing() { co_return "undefined"; }
Words mustNotBegin() {
    mustNotBeResumed();
    co_return "";
}
Words yieldsOnce() {
    co_yield "1";
    mustNotBeResumed();
    co_return "";
}

/// What stands in `finally` here.
enum class Finally { yields, returns, throws };

Words triesToYield(Finally how) {
    std::exception_ptr thrown;
    try {
        co_yield "1";
        mustNotBeResumed();
    } catch (...) {
        thrown = std::current_exception();
    }
    if (how == Finally::returns) co_return "finally";
    if (how == Finally::throws) throw Error("from finally");
    co_yield "2";
    std::rethrow_exception(thrown);
}

/// Promises what can be resolved later.
Words yieldsLate(Promise<std::string> late, int& order) {
    co_yield late;
    co_yield std::to_string(++order);
    co_return "undefined";
}

}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/next/request-queue-order: requests are answered in order") {
    constexpr auto body = []() -> Words {
        co_yield "first";
        co_yield "second";
        co_return "end";
    };
    Journal log;
    auto it = body();
    auto item1 = it.next(), item2 = it.next(), item3 = it.next();
    const Answers note(log);
    note("3", item3);
    note("2", item2);
    note("1", item1);
    co_await item3;
    co_await Promise<>::resolve();
    CHECK(log == "1:first 2:second 3:done=end");
}

TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/next/request-queue-order-state-executing: a request that the body makes is "
    "answered by what it yields next") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        const Answers note(log);
        Words* it = nullptr;
        Words made = async([&]() -> Words {
            note("inner", it->next());
            log("made");
            co_yield "1";
            co_yield "2";
            co_return "end";
        });
        it = &made;
        loop.run([&]() -> Promise<> {
            note("outer", made.next());
            co_await Promise<>::resolve();
            co_await Promise<>::resolve();
            note("last", made.next());
        });
    }
    CHECK(log == "made outer:1 inner:2 last:done=end");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/next/request-queue-await-order: the requests behind a promise that is "
    "yielded wait until it is resolved") {
    int order = 0;
    auto late = Promise<std::string>::withResolvers();
    auto it = yieldsLate(late.promise, order);
    auto item1 = it.next(), item2 = it.next(), item3 = it.next();
    const int before = order;
    late.resolve(std::to_string(++order));
    const auto third = co_await item3;
    const int atTheEnd = order;
    const auto second = co_await item2;
    const auto first = co_await item1;
    CHECK(before == 0);
    CHECK(atTheEnd == 2);
    CHECK(shown(first) + ' ' + shown(second) + ' ' + shown(third) == "1 2 done=undefined");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/next/request-queue-promise-resolve-order: the requests behind a "
                "promise that is yielded are answered in order") {
    int order = 0;
    Journal log;
    auto late = Promise<std::string>::withResolvers();
    auto it = yieldsLate(late.promise, order);
    auto item1 = it.next(), item2 = it.next(), item3 = it.next();
    const Answers note(log);
    note("3", item3);
    note("2", item2);
    note("1", item1);
    late.resolve(std::to_string(++order));
    co_await item3;
    co_await Promise<>::resolve();
    CHECK(log == "1:1 2:2 3:done=undefined");
}

TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/request-queue-order-state-executing: a return that the body asks for "
    "ends it at its next yield") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        const Answers note(log);
        Words* it = nullptr;
        Words made = async([&]() -> Words {
            note("return", it->return_("42"));
            log("made");
            co_yield "1";
            mustNotBeResumed();
            co_return "";
        });
        it = &made;
        loop.run([&]() -> Promise<> {
            note("outer", made.next());
            co_await Promise<>::resolve();
            co_await Promise<>::resolve();
            note("last", made.next());
        });
    }
    CHECK(log == "made outer:1 return:done=42 last:done");
}

TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/request-queue-order-state-executing: a throw that the body asks for "
          "is at its next yield") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        const Answers note(log);
        Words* it = nullptr;
        Words made = async([&]() -> Words {
            note("throw", it->throw_(Error("caught")));
            co_yield "1";
            co_yield "2";
            co_return "";
        });
        it = &made;
        loop.run([&]() -> Promise<> {
            note("outer", made.next());
            co_await Promise<>::resolve();
            co_await Promise<>::resolve();
            note("last", made.next());
        });
    }
    CHECK(log == "outer:1 throw!caught last:done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/return/return-suspendedStart: a generator that has not begun is "
                "completed by return and does not begin") {
    const std::string text = co_await answersOf(mustNotBegin(), returnSent, next);
    CHECK(text == "done=sent done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-suspendedStart-promise: return awaits a promise before "
    "the generator begins") {
    auto late = Promise<std::string>::withResolvers();
    auto it = mustNotBegin();
    auto answer = it.return_(late.promise);
    late.resolve("unwrapped-value");
    const auto returned = co_await answer;
    auto closed = it.next();
    const auto last = co_await closed;
    CHECK(shown(returned) + ' ' + shown(last) == "done=unwrapped-value done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-suspendedYield: return completes the body at the yield") {
    const std::string text = co_await answersOf(yieldsOnce(), next, returnSent, next);
    CHECK(text == "1 done=sent done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-suspendedYield-promise: return awaits a promise at the "
    "yield") {
    auto late = Promise<std::string>::withResolvers();
    auto it = yieldsOnce();
    co_await it.next();
    auto answer = it.return_(late.promise);
    late.resolve("unwrapped-value");
    const auto returned = co_await answer;
    auto closed = it.next();
    const auto last = co_await closed;
    CHECK(shown(returned) + ' ' + shown(last) == "done=unwrapped-value done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-suspendedYield-try-finally: a yield in finally answers "
    "the return and the next request gets its value") {
    const std::string text = co_await answersOf(triesToYield(Finally::yields), next, returnSent, next, next);
    CHECK(text == "1 2 done=sent done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-suspendedYield-try-finally-return: a return in finally "
    "overrides the value") {
    const std::string text = co_await answersOf(triesToYield(Finally::returns), next, returnSent, next);
    CHECK(text == "1 done=finally done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/return/return-suspendedYield-try-finally-throw: what finally throws "
                "rejects the return") {
    const std::string text = co_await answersOf(triesToYield(Finally::throws), next, returnSent, next);
    CHECK(text == "1 !from finally done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-state-completed: return on a completed generator gives "
    "its value back") {
    const std::string text = co_await answersOf(doesNothing(), next, returnSent);
    CHECK(text == "done=undefined done=sent");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedStart: a generator that has not begun is "
                "completed by throw and does not begin") {
    const auto error = std::make_exception_ptr(Error("boop"));
    auto it = mustNotBegin();
    auto answer = it.throw_(error);
    const auto thrown = co_await answer.settled();
    auto closed = it.next();
    const auto last = co_await closed;
    CHECK(thrown.reason() == error);
    CHECK(shown(last) == "done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedStart-promise: throw does not await a promise "
                "before the generator begins") {
    const auto pending = Promise<int>::withResolvers();
    auto it = mustNotBegin();
    bool same = false;
    try {
        co_await it.throw_(pending.promise);
    } catch (const Promise<int>& thrown) {
        same = thrown == pending.promise;
    }
    auto closed = it.next();
    const auto last = co_await closed;
    CHECK(same);
    CHECK(shown(last) == "done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield: throw throws at the yield") {
    const std::string text = co_await answersOf(yieldsOnce(), next, throwBoop, next);
    CHECK(text == "1 !boop done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield-promise: throw does not await a promise "
                "at the yield") {
    const auto pending = Promise<int>::withResolvers();
    auto it = yieldsOnce();
    co_await it.next();
    bool same = false;
    try {
        co_await it.throw_(pending.promise);
    } catch (const Promise<int>& thrown) {
        same = thrown == pending.promise;
    }
    auto closed = it.next();
    const auto last = co_await closed;
    CHECK(same);
    CHECK(shown(last) == "done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield-try-catch: what is caught at the yield "
                "lets the body go on") {
    constexpr auto body = []() -> Words {
        try {
            co_yield "1";
            mustNotBeResumed();
        } catch (const Error& error) {
            co_return "caught " + std::string(error.message());
        }
        co_return "";
    };
    const std::string text = co_await answersOf(body(), next, throwBoop, next);
    CHECK(text == "1 done=caught boop done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield-try-finally: a yield in finally answers "
                "the throw and the next request is rejected") {
    const std::string text = co_await answersOf(triesToYield(Finally::yields), next, throwBoop, next, next);
    CHECK(text == "1 2 !boop done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield-try-finally-return: a return in finally "
                "overrides the error") {
    const std::string text = co_await answersOf(triesToYield(Finally::returns), next, throwBoop, next);
    CHECK(text == "1 done=finally done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/throw-suspendedYield-try-finally-throw: what finally throws "
                "overrides the error") {
    const std::string text = co_await answersOf(triesToYield(Finally::throws), next, throwBoop, next);
    CHECK(text == "1 !from finally done");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/throw/throw-state-completed: throw on a completed generator rejects") {
    const std::string text = co_await answersOf(doesNothing(), next, throwBoop);
    CHECK(text == "done=undefined !boop");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/return/return-suspendedYield-broken-promise-try-catch: what rejects "
                "the value given to return is thrown at the yield") {
    std::string caught;
    auto it = async([&caught]() -> Words {
        try {
            co_yield "";
        } catch (const Error& error) {
            caught = error.message();
            co_return "1";
        }
        co_return "never";
    });
    co_await it.next();
    auto answer = it.return_(Promise<std::string>::reject(Error("broken promise")));
    const auto returned = co_await answer;
    CHECK(caught == "broken promise");
    CHECK(shown(returned) == "done=1");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncGeneratorPrototype/return/return-state-completed-broken-promise: what rejects the value "
    "given to return rejects the answer of a completed generator") {
    const std::string text = co_await answersOf(doesNothing(), next, returnBroken, next);
    CHECK(text == "done=undefined !broken promise done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/return/return-suspendedStart-broken-promise: what rejects the value "
                "given to return rejects the answer of a generator that has not begun") {
    const std::string text = co_await answersOf(mustNotBegin(), returnBroken, next);
    CHECK(text == "!broken promise done");
}

ASYNC_TEST_CASE("built-ins/AsyncGeneratorPrototype/throw/return-rejected-promise: throw returns a rejected promise") {
    auto it = doesNothing();
    auto answer = it.throw_(Error("boop"));
    CHECK(answer.state() == PromiseState::rejected);
    const auto settled = co_await answer.settled();
    CHECK_FALSE(settled.fulfilled());
}

ASYNC_TEST_CASE("language/expressions/async-generator/named-yield-promise-reject-next: a rejected promise that is "
                "yielded closes the generator") {
    constexpr auto body = []() -> Words {
        co_yield Promise<std::string>::reject(Error("no"));
        co_yield "unreachable";
        co_return "";
    };
    const std::string text = co_await answersOf(body(), next, next);
    CHECK(text == "!no done");
}

ASYNC_TEST_CASE("language/expressions/async-generator/named-yield-promise-reject-next-catch: a handler of the answer "
                "sees why a yielded promise was rejected") {
    constexpr auto body = [](std::exception_ptr error) -> Words {
        co_yield Promise<std::string>::reject(error);
        co_yield "unreachable";
        co_return "";
    };
    const auto error = std::make_exception_ptr(Error("no"));
    auto it = body(error);
    std::exception_ptr seen;
    std::string last;
    auto handled = it.next().then([] {}).catch_([&](const std::exception_ptr& reason) {
        seen = reason;
        return it.next().then([&last](const Step& step) { last = shown(step); });
    });
    co_await handled;
    CHECK(seen == error);
    CHECK(last == "done");
}

namespace {

/// Logs what it is asked for, and gives what each test wants.
struct Inner {
    Promise<Step> next() {
        *log += "next ";
        return answer("next-value-");
    }
    Promise<Step> return_(std::string value = {}) {
        *log += "return(" + value + ") ";
        return answer("return-value-");
    }
    Promise<Step> throw_(const std::exception_ptr& reason) {
        try {
            std::rethrow_exception(reason);
        } catch (const std::string& thrown) {
            *log += "throw(" + thrown + ") ";
        }
        return answer("throw-value-");
    }

    /// The first few are values.
    Promise<Step> answer(const char* name) {
        const std::string value = name + std::to_string(++answered);
        return Promise<>::resolve(answered < finishes ? Step::yielded(value) : Step::finished(value));
    }

    std::string* log;
    int finishes;
    int answered = 0;
};

Words delegates(std::string& log, int finishes) {
    log += "before ";
    Inner inner{&log, finishes};
    const auto returned = co_yield elementsOf(inner);
    log += "after=" + returned.value_or("nothing") + ' ';
    co_return "return-value";
}

}

ASYNC_TEST_CASE("language/expressions/async-generator/named-yield-star-async-next: a delegating yield asks the inner "
                "iterator and gives what it returned") {
    std::string log;
    auto it = delegates(log, 2);
    const bool lazy = log.empty();
    auto answer = it.next();
    const auto first = co_await answer;
    log += shown(first) + ' ';
    auto answer2 = it.next();
    const auto second = co_await answer2;
    log += shown(second);
    CHECK(lazy);
    CHECK(log == "before next next-value-1 next after=next-value-2 done=return-value");
}

ASYNC_TEST_CASE(
    "language/expressions/async-generator/named-yield-star-async-return: a delegating yield passes return on "
    "until the inner iterator is done") {
    std::string log;
    auto it = delegates(log, 3);
    co_await it.next();
    auto answer = it.return_("arg-1");
    const auto first = co_await answer;
    log += shown(first) + ' ';
    auto answer2 = it.return_("arg-2");
    const auto second = co_await answer2;
    log += shown(second);
    CHECK(log == "before next return(arg-1) return-value-2 return(arg-2) done=return-value-3");
}

ASYNC_TEST_CASE("language/expressions/async-generator/named-yield-star-async-throw: a delegating yield passes throw on "
                "and goes on when the inner iterator is done") {
    std::string log;
    auto it = delegates(log, 3);
    co_await it.next();
    auto answer = it.throw_(std::string("arg-1"));
    const auto first = co_await answer;
    log += shown(first) + ' ';
    auto answer2 = it.throw_(std::string("arg-2"));
    const auto second = co_await answer2;
    log += shown(second);
    CHECK(log == "before next throw(arg-1) throw-value-2 throw(arg-2) after=throw-value-3 done=return-value");
}

TEST_CASE("language/expressions/await/async-generator-interleaved: a body that awaits runs between other reactions") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&log] {
            constexpr auto call = [](Journal& journal) -> AsyncGenerator<int, int> {
                constexpr auto push = [](Journal& note) -> Promise<> {
                    note("await");
                    co_return;
                };
                for (int i = 0; i < 2; ++i) co_await push(journal);
                co_return 0;
            };
            call(log).next();
            Promise<>([&log](auto resolve) {
                log(1);
                resolve();
            }).then([&log] { log(2); });
        });
    }
    CHECK(log == "await 1 await 2");
}
