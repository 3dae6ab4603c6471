// SPDX-License-Identifier: MIT

// `for await`, `Array.fromAsync`, iterators over ranges and `await using`, after test262: the name of a test begins with
// the file it stands for.

#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/iteration.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Logs `tick 1` to `tick n`.
void ruler(Journal& log, int n) {
    Promise<> p = Promise<>::resolve();
    for (int i = 1; i <= n; ++i) p = p.then([&log, i] { log("tick", i); });
}

/// Why a promise is rejected.
template <class T>
Promise<std::string> whyRejected(Promise<T> promise) {
    const auto settled = co_await std::move(promise).settled();
    if (settled.fulfilled()) co_return "not rejected";
    try {
        std::rethrow_exception(settled.reason());
    } catch (const Error& error) {
        co_return std::string(error.message());
    }
}

AsyncGenerator<int> countTo(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

/// Ones without an end; says whether it was closed.
struct Endless {
    using Step = IteratorResult<int>;
    Promise<Step> next() { return Promise<>::resolve(Step::yielded(1)); }
    Promise<Step> return_() {
        *closed = true;
        return Promise<>::resolve(Step::finished());
    }
    bool* closed;
};

/// A range whose first element cannot be had.
struct Failing {
    struct Iterator {
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        int operator*() const { throw Error("caught"); }
        Iterator& operator++() { return *this; }
        void operator++(int) {}
        bool operator==(const Iterator&) const { return false; }
    };
    Iterator begin() const { return {}; }
    Iterator end() const { return {}; }
};

/// Counts how often it is awaited.
struct AwaitedValue {
    using value_type = int;
    template <class Resolve, class Reject>
    void then(Resolve resolve, Reject) {
        ++*awaited;
        resolve(value);
    }
    int* awaited;
    int value;
};

}

TEST_CASE("language/expressions/await/for-await-of-interleaved: the values of a loop come between other reactions") {
    Journal log;
    struct Countdown {
        static AsyncGenerator<int> numbers(int start) {
            for (int current = start; current > 0; --current) co_yield Promise<>::resolve(current);
        }
        static Promise<> from(Journal& journal, int counter) {
            journal("Promise:", counter);
            if (counter == 0) return Promise<>::resolve();
            return Promise<>::resolve(counter - 1).then([&journal](int less) { return from(journal, less); });
        }
    };
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&log] {
            forAwait(Countdown::numbers(3), [&log](int number) { log("Await:", number); });
            Countdown::from(log, 6);
        });
    }
    CHECK(log == "Promise:6 Promise:5 Await:3 Promise:4 Promise:3 Await:2 Promise:2 Promise:1 Await:1 Promise:0");
}

TEST_CASE("language/statements/for-await-of/ticks-with-async-iter-resolved-promise-and-constructor-lookup: what an "
          "async iterator gives is not awaited again") {
    Journal log;
    struct GivesAPromise {
        using Step = IteratorResult<Promise<int>>;
        Promise<Step> next() {
            if (std::exchange(given, true)) return Promise<>::resolve(Step::finished());
            return Promise<>::resolve(Step::yielded(Promise<>::resolve(0)));
        }
        bool given = false;
    };
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            ruler(log, 3);
            log("pre");
            GivesAPromise iterator;
            while (auto step = co_await iterator.next()) log("loop", step->state() == PromiseState::fulfilled);
            log("post");
        });
    }
    CHECK(log == "pre tick1 looptrue tick2 post tick3");
}

TEST_CASE("language/statements/for-await-of/ticks-with-sync-iter-resolved-promise-and-constructor-lookup: what a range "
          "gives is awaited once and so is its end") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            ruler(log, 6);
            log("pre");
            const std::array values{Promise<>::resolve(0)};
            co_await forAwait(values, [&log](int) { log("loop"); });
            log("post"); // forAwait is a function: to await it takes a tick more
        });
    }
    CHECK(log == "pre tick1 tick2 loop tick3 tick4 tick5 post tick6");
}

ASYNC_TEST_CASE("built-ins/AsyncFromSyncIteratorPrototype/next/iterator-result-unwrap-promise: a promise of a range is "
                "unwrapped by a delegating yield") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        const std::array values{Promise<>::resolve(1)};
        co_yield elementsOf(values);
    };
    auto it = body();
    auto answer = it.next();
    const auto step = co_await answer;
    REQUIRE(step);
    CHECK(*step == 1);
}

ASYNC_TEST_CASE(
    "built-ins/AsyncFromSyncIteratorPrototype/next/iterator-result-rejected: what a range throws rejects the "
    "request") {
    constexpr auto body = []() -> AsyncGenerator<int> { co_yield elementsOf(Failing()); };
    auto delegated = whyRejected(body().next());
    const std::string text = co_await delegated;
    CHECK(text == "caught");
}

TEST_CASE("built-ins/AsyncFromSyncIteratorPrototype/next/iterator-result-rejected: what a range throws is a rejected "
          "promise and is awaited") {
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&]() -> Promise<> {
            ruler(log, 3);
            auto loopOver = forAwait(Failing(), [](int) {});
            co_await std::move(loopOver).catch_([&](const Error& error) { log(error.message()); });
        });
    }
    CHECK(log == "tick1 tick2 caught tick3");
}

ASYNC_TEST_CASE("built-ins/AsyncFromSyncIteratorPrototype/return/return-undefined: a range that is delegated to has no "
                "return and is done") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        const std::vector<int> values(3, 1);
        co_yield elementsOf(values);
    };
    Journal log;
    auto it = body();
    for (int i = 0; i < 3; ++i) {
        auto answer = i == 1 ? it.return_() : it.next();
        const auto step = co_await answer;
        log(step.done());
    }
    CHECK(log == "false true true");
}

ASYNC_TEST_CASE("built-ins/AsyncFromSyncIteratorPrototype/throw/throw-undefined: a range that is delegated to has no "
                "throw and is a TypeError") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        const std::vector<int> values(3, 1);
        co_yield elementsOf(values);
    };
    Journal log;
    auto it = body();
    co_await it.next();
    try {
        co_await it.throw_(Error("mine"));
    } catch (const TypeError&) {
        log("TypeError");
    }
    auto answer = it.next();
    const auto step = co_await answer;
    log(step.done());
    CHECK(log == "TypeError true");
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/async-iterable-input: the values of a generator become an array") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        const std::array<int, 3> values{0, 1, 2};
        co_yield elementsOf(values);
    };
    const auto output = co_await fromAsync(body());
    CHECK(output == std::vector{0, 1, 2});
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/async-iterable-input-does-not-await-input: a promise that an async iterator "
                "gives is kept as it is") {
    struct GivesAPromise {
        using Step = IteratorResult<Promise<int>>;
        Promise<Step> next() {
            if (std::exchange(given, true)) return Promise<>::resolve(Step::finished());
            return Promise<>::resolve(Step::yielded(promise));
        }
        Promise<int> promise;
        bool given = false;
    };
    const auto promise = Promise<>::resolve(1);
    GivesAPromise input{promise};
    const auto output = co_await fromAsync(input);
    REQUIRE(output.size() == 1);
    CHECK(output[0] == promise);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/async-iterable-input-iteration-err: what a generator throws rejects") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        throw Error("of the generator");
        co_return;
    };
    const std::string text = co_await whyRejected(fromAsync(body()));
    CHECK(text == "of the generator");
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/sync-iterable-input: the values of a range become an array") {
    const std::array<int, 3> values{0, 1, 2};
    const auto output = co_await fromAsync(values);
    CHECK(output == std::vector{0, 1, 2});
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/sync-iterable-iteration-err: what a range throws rejects") {
    const std::string text = co_await whyRejected(fromAsync(Failing()));
    CHECK(text == "caught");
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/sync-iterable-with-thenable-awaits-once: a thenable of a range is awaited "
                "once") {
    int awaited = 0;
    const std::vector<AwaitedValue> values{{&awaited, 7}};
    const auto output = co_await fromAsync(values);
    CHECK(output == std::vector{7});
    CHECK(awaited == 1);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/sync-iterable-with-rejecting-thenable-rejects: a promise of a range that is "
                "rejected rejects") {
    const std::array values{Promise<int>::reject(Error("of the element"))};
    const std::string text = co_await whyRejected(fromAsync(values));
    CHECK(text == "of the element");
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/mapfn-result-awaited-once-per-iteration: what the mapper returns is awaited "
                "once before the next call") {
    Journal log;
    int awaited = 0;
    const std::array<int, 3> values{1, 2, 3};
    const auto output = co_await fromAsync(values, [&](int value, std::size_t index) {
        log(index, ':', awaited);
        return AwaitedValue{&awaited, value * 2};
    });
    CHECK(output == std::vector{2, 4, 6});
    CHECK(log == "0:0 1:1 2:2");
    CHECK(awaited == 3);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/async-iterable-async-mapped-awaits-once: what the mapper makes of a "
                "generator's value is awaited once") {
    int awaited = 0;
    const auto output = co_await fromAsync(countTo(3), [&](int value) { return AwaitedValue{&awaited, value}; });
    CHECK(output == std::vector{0, 1, 2});
    CHECK(awaited == 3);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/mapfn-async-iterable-async: an async mapper is applied to a generator") {
    constexpr auto body = []() -> AsyncGenerator<int> {
        for (int i = 0; i < 4; ++i) co_yield Promise<>::resolve(i * 2);
    };
    constexpr auto mapper = [](int value, std::size_t index) -> Promise<int> {
        co_return Promise<>::resolve(value * static_cast<int>(index));
    };
    const auto output = co_await fromAsync(body(), mapper);
    CHECK(output == std::vector{0, 2, 8, 18});
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/mapfn-sync-throws-close-async-iterator: what the mapper throws closes the "
                "iterator") {
    bool closed = false;
    auto output = fromAsync(Endless{&closed}, [](int) -> int { throw Error("mapper"); });
    const std::string text = co_await whyRejected(output);
    CHECK(text == "mapper");
    CHECK(closed);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/mapfn-async-throws-close-async-iterator: what an async mapper throws closes "
                "the iterator") {
    bool closed = false;
    auto output = fromAsync(Endless{&closed}, [](int) -> Promise<int> {
        throw Error("mapper");
        co_return 0;
    });
    const std::string text = co_await whyRejected(output);
    CHECK(text == "mapper");
    CHECK(closed);
}

ASYNC_TEST_CASE("built-ins/Array/fromAsync/mapfn-async-throws: what an async mapper throws rejects") {
    const std::array<int, 3> values{1, 2, 3};
    auto output = fromAsync(values, [](int) -> Promise<int> {
        throw Error("mapper");
        co_return 0;
    });
    const std::string text = co_await whyRejected(output);
    CHECK(text == "mapper");
}

namespace {

struct AsyncResource {
    Promise<> disposeAsync() {
        (*log)(name);
        co_return;
    }
    Journal* log;
    const char* name;
};
struct SyncResource {
    void dispose() { (*log)(name); }
    Journal* log;
    const char* name;
};
struct Throws {
    Promise<> disposeAsync() {
        std::rethrow_exception(error);
        co_return;
    }
    std::exception_ptr error;
};
struct ThrowsAtOnce {
    void dispose() { std::rethrow_exception(error); }
    std::exception_ptr error;
};

std::exception_ptr newError() { return std::make_exception_ptr(Error("error")); }

/// Logs where `disposed` is among the reactions a given number of ticks away.
template <class Dispose>
std::string order(int ticks, Dispose dispose) {
    Journal log;
    const auto job = [&log, ticks](const char* name) {
        Promise<> p = Promise<>::resolve();
        for (int i = 1; i < ticks; ++i) p = p.then([] {});
        p.then([&log, name] { log(name); });
    };
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            job("job1");
            dispose().then([&log] { log("disposed"); });
            job("job2");
        });
    }
    return log.text();
}

}

ASYNC_TEST_CASE("language/statements/await-using/await-using-implies-await-if-evaluated: what is behind a block with a "
                "resource runs in a later microtask") {
    Journal log;
    bool sameMicrotask = true;
    auto block = async([&]() -> Promise<> {
        log("started", sameMicrotask);
        co_await usingAsync([&](AsyncDisposableStack& stack) -> Promise<> {
            log("preceding", sameMicrotask);
            stack.use(SyncResource{&log, "disposed"});
            log("following", sameMicrotask);
            co_return;
        });
        log("behind", sameMicrotask);
    });
    sameMicrotask = false;
    co_await block;
    CHECK(log == "startedtrue precedingtrue followingtrue disposed behindfalse");
}

ASYNC_TEST_CASE(
    "language/statements/await-using/multiple-resources-disposed-in-reverse-order: resources are disposed of "
    "the last first") {
    Journal log;
    co_await usingAsync([&log](AsyncDisposableStack& stack) -> Promise<> {
        stack.use(AsyncResource{&log, "1"});
        stack.use(SyncResource{&log, "2"});
        stack.use(AsyncResource{&log, "3"});
        co_return;
    });
    CHECK(log == "3 2 1");
}

ASYNC_TEST_CASE("language/statements/await-using/throws-suppressederror-if-multiple-errors-during-disposal: a later "
                "error suppresses the earlier ones") {
    const auto error1 = newError(), error2 = newError(), error3 = newError();
    auto block = usingAsync([&](AsyncDisposableStack& stack) -> Promise<> {
        stack.use(Throws{error1});
        stack.use(ThrowsAtOnce{error2});
        std::rethrow_exception(error3);
        co_return;
    });
    std::vector<std::exception_ptr> found;
    std::exception_ptr reason = (co_await block.settled()).reason();
    for (int i = 0; i < 2; ++i) {
        try {
            std::rethrow_exception(reason);
        } catch (const SuppressedError& suppressed) {
            found.push_back(suppressed.error());
            reason = suppressed.suppressed();
        }
    }
    found.push_back(reason);
    CHECK(found == std::vector{error1, error2, error3});
}

ASYNC_TEST_CASE(
    "language/statements/await-using/throws-error-as-is-if-only-one-error-during-disposal: a single error is "
    "thrown as it is") {
    const auto error = newError();
    auto block = usingAsync([&](AsyncDisposableStack& stack) -> Promise<> {
        stack.use(Throws{error});
        co_return;
    });
    const auto settled = co_await block.settled();
    CHECK(settled.reason() == error);
}

ASYNC_TEST_CASE(
    "built-ins/AsyncDisposableStack/prototype/disposeAsync/disposes-resources-in-reverse-order: what use and "
    "adopt and defer have put on it goes the last first") {
    Journal log;
    AsyncDisposableStack stack;
    stack.use(AsyncResource{&log, "used"});
    stack.adopt(std::string("adopted"), [&log](const std::string& value) -> Promise<> {
        log(value);
        co_return;
    });
    stack.defer([&log]() -> Promise<> {
        log("deferred");
        co_return;
    });
    co_await stack.disposeAsync();
    CHECK(log == "deferred adopted used");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncDisposableStack/prototype/disposeAsync/does-not-reinvoke-disposers-if-already-disposed: "
    "a second disposal does nothing") {
    Journal log;
    AsyncDisposableStack stack;
    stack.use(AsyncResource{&log, "used"});
    stack.adopt(std::string("adopted"), [&log](const std::string& value) { log(value); });
    stack.defer([&log] { log("deferred"); });
    co_await stack.disposeAsync();
    co_await stack.disposeAsync();
    CHECK(log == "deferred adopted used");
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/"
                "does-not-reinvoke-disposers-if-dispose-already-started: a disposal during another does nothing") {
    Journal log;
    AsyncDisposableStack stack;
    stack.use(AsyncResource{&log, "used"});
    stack.defer([&log] { log("deferred"); });
    auto first = stack.disposeAsync(), second = stack.disposeAsync();
    co_await Promise<>::all(first, second);
    CHECK(log == "deferred used");
}

TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/explicit-await-skipped-when-empty: an empty stack is "
          "disposed of without an await") {
    CHECK(order(1, [] { return AsyncDisposableStack().disposeAsync(); }) == "job1 disposed job2");
}

TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/explicit-await-for-null: what is disposed of "
          "synchronously is awaited") {
    const auto dispose = [] {
        AsyncDisposableStack stack;
        stack.defer([] {});
        return stack.disposeAsync();
    };
    CHECK(order(2, dispose) == "job1 disposed job2");
}

ASYNC_TEST_CASE(
    "built-ins/AsyncDisposableStack/prototype/disposeAsync/does-not-reject-if-already-disposed: a stack that "
    "is disposed of is so again") {
    AsyncDisposableStack stack;
    auto first = stack.disposeAsync();
    const auto again = co_await stack.disposeAsync().settled();
    const auto settled = co_await first.settled();
    const auto later = co_await stack.disposeAsync().settled();
    CHECK((again.fulfilled() && settled.fulfilled() && later.fulfilled()));
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/"
                "rejects-with-error-as-is-if-only-one-error-during-disposal: a single error rejects as it is") {
    const auto error = newError();
    AsyncDisposableStack stack;
    stack.use(Throws{error});
    const auto settled = co_await stack.disposeAsync().settled();
    CHECK(settled.reason() == error);
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/"
                "rejects-with-suppressederror-if-multiple-errors-during-disposal: a later error suppresses the earlier "
                "ones") {
    const auto error1 = newError(), error2 = newError();
    AsyncDisposableStack stack;
    stack.use(Throws{error1});
    stack.use(ThrowsAtOnce{error2});
    std::exception_ptr error, suppressed;
    try {
        co_await stack.disposeAsync();
    } catch (const SuppressedError& thrown) {
        error = thrown.error();
        suppressed = thrown.suppressed();
    }
    CHECK(error == error1);
    CHECK(suppressed == error2);
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposeAsync/sets-state-to-disposed: a stack is disposed as "
                "soon as disposeAsync is called") {
    AsyncDisposableStack stack;
    stack.defer([] {});
    const bool before = stack.disposed();
    auto disposed = stack.disposeAsync();
    CHECK_FALSE(before);
    CHECK(stack.disposed());
    co_await disposed;
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/disposed/returns-false-when-not-disposed: a new stack is not "
                "disposed") {
    CHECK_FALSE(AsyncDisposableStack().disposed());
    co_return;
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/move/returns-new-asyncdisposablestack-that-contains-moved-"
                "resources: move takes the resources to a new stack and disposes of nothing") {
    Journal log;
    AsyncDisposableStack stack1;
    stack1.defer([&log]() -> Promise<> {
        log("1");
        co_return;
    });
    stack1.defer([&log] { log("2"); });
    AsyncDisposableStack stack2 = stack1.move();
    const bool nothing = log.text().empty();
    const bool disposed = stack1.disposed() && !stack2.disposed();
    co_await stack1.disposeAsync();
    log("then");
    co_await stack2.disposeAsync();
    CHECK(nothing);
    CHECK(disposed);
    CHECK(log == "then 2 1");
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/use/throws-if-disposed: a stack that is disposed of takes "
                "nothing more") {
    Journal log;
    AsyncDisposableStack stack;
    co_await stack.disposeAsync();
    CHECK_THROWS_AS(stack.use(AsyncResource{&log, "used"}), ReferenceError);
    CHECK_THROWS_AS(stack.adopt(1, [](int) {}), ReferenceError); // adopt/throws-if-disposed
    CHECK_THROWS_AS(stack.defer([] {}), ReferenceError);         // defer/throws-if-disposed
    CHECK_THROWS_AS(stack.move(), ReferenceError);               // move/throws-if-disposed
}

ASYNC_TEST_CASE("built-ins/AsyncDisposableStack/prototype/use/returns-value: use gives back what it was given") {
    Journal log;
    AsyncDisposableStack stack;
    SyncResource mine{&log, "mine"};
    SyncResource& used = stack.use(std::ref(mine));
    CHECK(&used == &mine);
    co_await stack.disposeAsync();
    CHECK(log == "mine");
}
