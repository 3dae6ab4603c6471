// SPDX-License-Identifier: MIT

#include "support/async_test.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"
#include "support/journal.hpp"
#include "support/steady_state.hpp"
#include "support/ticks.hpp"

#include <rondo/promise.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;

namespace {

std::string messageOf(const std::exception_ptr& reason) { return base::describe(reason); }

}

static_assert(std::is_same_v<Promise<>, Promise<void>>);
static_assert(sizeof(Promise<std::array<char, 500>>) == sizeof(void*));
static_assert(std::is_nothrow_copy_constructible_v<Promise<MoveOnly>> &&
              std::is_nothrow_move_constructible_v<Promise<MoveOnly>>);
static_assert(std::is_nothrow_copy_assignable_v<Promise<>> && std::is_nothrow_move_assignable_v<Promise<>>);
static_assert(!std::is_default_constructible_v<Promise<int>>, "new Promise() without an executor throws a TypeError");
static_assert(!std::is_constructible_v<Promise<int>, int>, "a value is no executor");
static_assert(std::is_same_v<decltype(Promise<>::resolve()), Promise<>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve(1)), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve("x")), Promise<const char*>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve(std::declval<const std::string&>())), Promise<std::string>>);
static_assert(std::is_same_v<decltype(Promise<>::resolve(std::declval<Promise<int>&>())), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<std::string>::resolve("x")), Promise<std::string>>);
static_assert(std::is_same_v<decltype(Promise<double>::resolve(1)), Promise<double>>);
static_assert(std::is_same_v<decltype(Promise<int>::reject(1)), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::reject("no")), Promise<>>);
static_assert(std::is_same_v<decltype(Promise<>::try_([] { return 1; })), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<>::try_([] {})), Promise<>>);
static_assert(std::is_same_v<decltype(Promise<>::try_([] { return Promise<int>::resolve(1); })), Promise<int>>);
static_assert(std::is_same_v<decltype(Promise<double>::try_([] { return 1; })), Promise<double>>);
static_assert(std::is_same_v<Promise<int>::value_type, int>);

TEST_CASE("the executor is called synchronously, before the constructor returns") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        log("before");
        Promise<int> p([&](auto resolve, auto) {
            log("executor");
            resolve(1);
            log("resolved");
        });
        p.then([&] { log("reaction"); });
        log("after");
    });
    CHECK(log == "before executor resolved after reaction");
}

TEST_CASE("an executor that throws rejects the promise") {
    EventLoop loop({.virtualTime = true});
    const Promise<int> p([](auto, auto) { throw TypeError("no"); });
    CHECK(p.state() == PromiseState::rejected);
    CHECK(messageOf(p.reason()) == "TypeError: no");
    p.catch_([] { return 0; });
}

TEST_CASE("an executor that throws after it has resolved is not heard") {
    EventLoop loop({.virtualTime = true});
    const Promise<int> p([](auto resolve, auto) {
        resolve(1);
        throw TypeError("late");
    });
    CHECK(p.state() == PromiseState::fulfilled);
    CHECK(p.value() == 1);
}

TEST_CASE("an executor that throws after it has resolved with a pending promise is not heard") {
    EventLoop loop({.virtualTime = true});
    auto inner = Promise<int>::withResolvers();
    std::optional<Promise<int>> p;
    loop.run([&] {
        p.emplace([&](auto resolve, auto) {
            resolve(inner.promise);
            throw TypeError("late");
        });
    });
    CHECK(p->state() == PromiseState::pending);
    loop.run([&] { inner.resolve(2); });
    CHECK(p->value() == 2);
}

TEST_CASE("an executor may take resolve alone") {
    EventLoop loop({.virtualTime = true});
    const Promise<int> p([](auto resolve) { resolve(3); });
    CHECK(p.value() == 3);
    const Promise<> q([](const auto& resolve) { resolve(); });
    CHECK(q.state() == PromiseState::fulfilled);
}

TEST_CASE("an executor may name the types of its parameters and be given as an lvalue") {
    EventLoop loop({.virtualTime = true});
    const auto executor = [](const promise::Resolve<int>& resolve, const promise::Reject<int>&) { resolve(4); };
    const Promise<int> p(executor);
    const Promise<int> q(executor);
    CHECK(p.value() == 4);
    CHECK(q.value() == 4);
    CHECK_FALSE(p == q);
}

TEST_CASE("handles on one promise are equal, handles on two promises are not") {
    EventLoop loop({.virtualTime = true});
    const Promise<int> p = Promise<>::resolve(1);
    const Promise<int> copy = p;
    const Promise<int> other = Promise<>::resolve(1);
    CHECK(p == copy);
    CHECK(p != other);
    Promise<int> moved = Promise<>::resolve(2);
    moved = p;
    CHECK(moved == p);
}

TEST_CASE("Promise resolve given a promise returns that promise itself") {
    EventLoop loop({.virtualTime = true});
    const Promise<int> p = Promise<>::resolve(1);
    CHECK(Promise<>::resolve(p) == p);
    CHECK(Promise<int>::resolve(p) == p);
    Promise<int> copy = p;
    CHECK(Promise<>::resolve(std::move(copy)) == p);
}

TEST_CASE("Promise reject takes any copyable object, or an exception_ptr as it is") {
    EventLoop loop({.virtualTime = true});
    const auto error = std::make_exception_ptr(RangeError("far"));
    const auto a = Promise<int>::reject(error);
    const auto b = Promise<int>::reject(RangeError("near"));
    const auto c = Promise<int>::reject(std::string("text"));
    const auto d = Promise<int>::reject("literal");
    const auto e = Promise<int>::reject(7);
    const std::runtime_error lvalue("lvalue");
    const auto f = Promise<int>::reject(lvalue);
    CHECK(a.reason() == error);
    CHECK(messageOf(b.reason()) == "RangeError: near");
    CHECK(messageOf(c.reason()) == "text");
    CHECK(messageOf(d.reason()) == "literal");
    CHECK(messageOf(e.reason()) == "7");
    CHECK(messageOf(f.reason()) == "lvalue");
    for (const auto& p : {a, b, c, d, e, f}) p.catch_([] { return 0; });
}

TEST_CASE("state, value and reason look without a tick and without handling a rejection") {
    EventLoop loop({.virtualTime = true});
    auto r = Promise<int>::withResolvers();
    CHECK(r.promise.state() == PromiseState::pending);
    CHECK_THROWS_AS(r.promise.value(), std::logic_error);
    CHECK_THROWS_AS(r.promise.reason(), std::logic_error);
    r.resolve(5);
    CHECK(r.promise.state() == PromiseState::fulfilled);
    CHECK(r.promise.value() == 5);
    CHECK_THROWS_AS(r.promise.reason(), std::logic_error);
    const auto q = Promise<int>::reject(1);
    CHECK(q.state() == PromiseState::rejected);
    CHECK_THROWS_AS(q.value(), std::logic_error);
    CHECK(q.reason() != nullptr);
    CHECK_FALSE(q.ref()->handled());
    q.catch_([] { return 0; });
}

TEST_CASE("withResolvers gives a promise and its functions, by name or by structured binding") {
    EventLoop loop({.virtualTime = true});
    const auto r = Promise<int>::withResolvers();
    r.resolve(1);
    CHECK(r.promise.value() == 1);

    const auto [promise, resolve, reject] = Promise<std::string>::withResolvers();
    reject(TypeError("x"));
    resolve("ignored");
    CHECK(promise.state() == PromiseState::rejected);
    promise.catch_([] { return ""; });
}

TEST_CASE("try_ calls its function at once and promises what it returns or throws") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    const auto a = Promise<>::try_([&] { log("called"); });
    CHECK(log == "called");
    CHECK(a.state() == PromiseState::fulfilled);
    const auto b = Promise<>::try_([](int x, const std::string& s) { return s + std::to_string(x); }, 1, "n");
    CHECK(b.value() == "n1");
    const auto c = Promise<>::try_([]() -> int { throw TypeError("t"); });
    CHECK(messageOf(c.reason()) == "TypeError: t");
    c.catch_([] { return 0; });
    const auto d = Promise<std::string>::try_([] { return "converted"; });
    CHECK(d.value() == "converted");
    const auto e = Promise<>::try_([](std::unique_ptr<int> p) { return p; }, std::make_unique<int>(3));
    CHECK(*e.value() == 3);
}

TEST_CASE("try_ resolves with the promise its function returns, which takes two ticks more") {
    CHECK(ticksOf([] { return Promise<>::try_([] { return 1; }); }) == 1);
    CHECK(ticksOf([] { return Promise<>::try_([]() -> int { throw 1; }); }) == 1);
    CHECK(ticksOf([] { return Promise<>::try_([] { return Promise<>::resolve(1); }); }) == 3);
    CHECK(ticksOf([] { return Promise<>::try_([]() -> Promise<int> { co_return 1; }); }) == 3);
    CHECK(ticksOf([] { return Promise<>::try_([]() -> Promise<int> { throw 1; }); }) == 1);
}

TEST_CASE("try_ keeps a coroutine with captures and its arguments until it has finished") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    int result = 0;
    loop.run([&] {
        Promise<>::try_(
            [captured = Counted(40)](const Counted& given) -> Promise<int> {
                co_await Promise<>::resolve();
                co_return captured.value + given.value;
            },
            Counted(2))
            .then([&](int value) { result = value; });
        CHECK(Counted::alive == 2);
    });
    CHECK(result == 42);
    CHECK(Counted::alive == 0);
}

TEST_CASE("without a loop a promise is refused with a sentence that names run and EventLoop") {
    const auto refused = [](auto&& make) {
        try {
            make();
        } catch (const std::logic_error& error) {
            const std::string text = error.what();
            return text.find("run") != text.npos && text.find("EventLoop") != text.npos;
        }
        return false;
    };
    CHECK(refused([] { Promise<int> p([](auto resolve) { resolve(1); }); }));
    CHECK(refused([] { Promise<int>::withResolvers(); }));
    CHECK(refused([] { Promise<>::resolve(1); }));
    CHECK(refused([] { Promise<int>::reject(1); }));
    CHECK(refused([] { Promise<>::try_([] {}); }));
    CHECK(refused([] { Promise<>::all(); }));
    CHECK(refused([] { [](int) -> Promise<> { co_return; }(1); }));
    CHECK(refused([] { async([]() -> Promise<> { co_return; }); }));
}

TEST_CASE("a promise outlives its loop as a valid handle") {
    std::optional<Promise<std::string>> fulfilled;
    std::optional<Promise<std::string>> pending;
    std::optional<promise::Resolve<std::string>> resolve;
    {
        EventLoop loop({.virtualTime = true});
        fulfilled = Promise<std::string>::resolve("kept");
        auto r = Promise<std::string>::withResolvers();
        pending = r.promise;
        resolve = r.resolve;
    }
    const auto copy = *fulfilled;
    CHECK(copy.value() == "kept");
    CHECK(copy == *fulfilled);
    (*resolve)("never");
    CHECK(pending->state() == PromiseState::pending);
    CHECK_THROWS_AS(copy.then([] {}), std::logic_error);
    pending.reset();
    resolve.reset();
}

TEST_CASE("in a second loop a promise of the first one is read if it was settled, else it never settles") {
    Journal log;
    std::optional<Promise<int>> fulfilled;
    std::optional<Promise<int>> rejected;
    std::optional<Promise<int>> pending;
    std::optional<promise::Resolve<int>> resolve;
    std::optional<promise::Reject<int>> reject;
    {
        EventLoop loop({.virtualTime = true});
        fulfilled = Promise<>::resolve(1);
        rejected = Promise<int>::reject(2);
        rejected->catch_([] { return 0; });
        auto r = Promise<int>::withResolvers();
        pending = r.promise;
        resolve = r.resolve;
        reject = r.reject;
    }
    EventLoop loop({.virtualTime = true});
    Counted::reset();
    const int code = loop.run([&] {
        fulfilled->then([&](int value) { log("fulfilled", value); });
        rejected->catch_([&] { return log("rejected"), 0; });
        pending->then([&, counted = Counted()] { log("never"); });
        [](Promise<int> p, Counted, Journal& journal) -> Promise<> {
            co_await p;
            journal("never");
        }(*pending, Counted(), log);
        (*resolve)(3);
        (*reject)(4);
    });
    CHECK(code == 0);
    CHECK(log == "fulfilled1 rejected");
    CHECK(Counted::alive == 0);
    CHECK(pending->state() == PromiseState::pending);
}

TEST_CASE("a promise of a loop that has gone can be resolved with in a second loop") {
    std::optional<Promise<int>> fulfilled;
    std::optional<Promise<int>> pending;
    std::optional<promise::Resolve<int>> resolve;
    {
        EventLoop loop({.virtualTime = true});
        fulfilled = Promise<>::resolve(1);
        auto r = Promise<int>::withResolvers();
        pending = r.promise;
        resolve = r.resolve;
    }
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto r = Promise<int>::withResolvers();
        r.resolve(*fulfilled);
        r.promise.then([&](int value) { log(value); });
        auto never = Promise<int>::withResolvers();
        never.resolve(*pending);
        never.promise.then([&] { log("never"); });
    });
    CHECK(log == "1");
}

TEST_CASE("a promise keeps a value of any kind") {
    EventLoop loop({.virtualTime = true});
    struct Big {
        std::array<int, 300> numbers;
    };
    struct alignas(16) Aligned {
        double x, y;
    };
    enum class Color : std::uint8_t { red, green };

    CHECK(Promise<>::resolve(Big{{1, 2, 3}}).value().numbers[2] == 3);
    const auto aligned = Promise<>::resolve(Aligned{1, 2});
    CHECK(reinterpret_cast<std::uintptr_t>(&aligned.value()) % 16 == 0);
    CHECK(aligned.value().y == 2);
    CHECK(Promise<>::resolve(Color::green).value() == Color::green);
    CHECK(Promise<>::resolve(nullptr).value() == nullptr);
    CHECK(Promise<>::resolve(true).value());
    CHECK(Promise<std::optional<int>>::resolve(3).value() == 3);
    CHECK(Promise<std::optional<int>>::resolve(std::nullopt).value() == std::nullopt);
    CHECK(std::get<int>(Promise<std::variant<std::string, int>>::resolve(3).value()) == 3);
    CHECK(*Promise<>::resolve(std::make_unique<int>(4)).value() == 4);
    CHECK(Promise<std::shared_ptr<const int>>::resolve(std::make_shared<int>(4)).value().use_count() == 1);
    CHECK(Promise<>::resolve(std::vector<bool>{true, false}).value().size() == 2);
    CHECK(Promise<std::string_view>::resolve("view").value() == "view");
}

ASYNC_TEST_CASE("a promise of an exception_ptr is fulfilled with it") {
    const auto error = std::make_exception_ptr(1);
    const auto p = Promise<std::exception_ptr>::resolve(error);
    CHECK(p.state() == PromiseState::fulfilled);
    const std::exception_ptr value = co_await p;
    CHECK(value == error);
    auto r = Promise<std::exception_ptr>::withResolvers();
    r.resolve(error);
    CHECK(r.promise.state() == PromiseState::fulfilled);
}

ASYNC_TEST_CASE("a value is destroyed with the last handle, neither before nor after") {
    Counted::reset();
    {
        auto p = Promise<>::resolve(Counted(1));
        auto q = p;
        CHECK(Counted::alive == 1);
        p = Promise<>::resolve(Counted(2));
        CHECK(Counted::alive == 2);
        q = p;
        CHECK(Counted::alive == 1);
        co_await p;
        CHECK(q.value().value == 2);
    }
    CHECK(Counted::alive == 0);
    CHECK(Counted::copies == 0);
}

ASYNC_TEST_CASE("the members of a promise can be called through const") {
    const Promise<int> p = Promise<>::resolve(1);
    const int value = co_await p.then([](int x) { return x + 1; }).finally([] {}).catch_([] { return 0; });
    CHECK(value == 2);
}

TEST_CASE("nothing of a promise is left when its loop has gone") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([] {
            auto settled = Promise<>::resolve(1);
            settled.then([](int x) { return x; }).finally([] {}).catch_([] { return 0; });
            auto pending = Promise<int>::withResolvers();
            pending.promise.then([r = pending] {});
            Promise<>::try_([] { return Promise<>::resolve(1); });
            Promise<int>([](auto, auto) {});
        });
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("in a steady state promises take no memory from their source") {
    CountingSource source;
    EventLoop loop({.virtualTime = true});
    CHECK(blocksTakenInSteadyState(source, [&] {
              loop.run([] {
                  auto r = Promise<int>::withResolvers();
                  r.promise.then([](int x) { return x + 1; }).catch_([] { return 0; }).finally([] {});
                  r.resolve(Promise<>::resolve(1));
                  [](Promise<int> p) -> Promise<int> { co_return co_await p; }(r.promise);
              });
          }) == 0);
}

TEST_CASE("where memory ends the statics of Promise throw bad_alloc and leave nothing behind") {
    const int allocations = failEachAllocation([](FailingSource& source, int successes) {
        EventLoop loop({.virtualTime = true});
        loop.run([] {}); // the loop has made what it needs
        source.failAfter(successes);
        try {
            auto a = Promise<>::resolve(1);
            auto b = Promise<std::string>::withResolvers();
            auto c = Promise<std::array<char, 2000>>([](auto resolve) { resolve({}); });
            auto d = Promise<>::try_([] { return 1; });
            auto e = Promise<int>::reject(1);
            e.catch_([] { return 0; });
        } catch (const std::bad_alloc&) {
            CHECK(source.failed());
        }
    });
    CHECK(allocations >= 6);
}
