// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/streams/algorithm.hpp>

#include <memory>
#include <optional>
#include <string>

using namespace rondo;
using streams::Algorithm;
using streams::Outcome;

namespace {

/// Calls an algorithm again and again, and says what came of it.
struct Owner : base::Counted<Owner>, base::Pooled {
    Owner(Journal& journal, Algorithm<int&> called) : log(journal), algorithm(std::move(called)) {}
    ~Owner() { log("gone"); }

    void call(int number) {
        reaction.begin(algorithm.closure());
        reaction.wait(algorithm(number), &Owner::fulfilled, &Owner::rejected);
    }
    void fulfilled() noexcept { log("fulfilled"); }
    void rejected(const std::exception_ptr& reason) noexcept { log("rejected:", base::describe(reason)); }

    Journal& log;
    Algorithm<int&> algorithm;
    streams::Reaction<Owner> reaction{*this};
};

using OwnerRef = base::CountedRef<Owner>;

/// Logs 1, 2, ..., a tick each.
Promise<> ticks(Journal& log, int count) {
    for (int i = 1; i <= count; ++i) {
        auto tick = Promise<>::resolve();
        co_await tick;
        log(i);
    }
}

}

TEST_CASE("an algorithm takes the arguments or the first of them or none") {
    EventLoop loop;
    int sum = 0;
    int three = 3;
    std::string text = "text";
    Algorithm<int&, std::string&> both([&](int number, const std::string& s) { sum += number + int(s.size()); });
    both(three, text);
    CHECK(sum == 7);
    Algorithm<int&, std::string&> first([&](int& number) { number = 5; });
    first(three, text);
    CHECK(three == 5);
    Algorithm<int&, std::string&> none([&] { sum = 0; });
    none(three, text);
    CHECK(sum == 0);
    CHECK_FALSE(Algorithm<int&>());
    CHECK_FALSE(Algorithm<int&>(nullptr));
    CHECK(Algorithm<int&>()(three).kind() == Outcome::Kind::done);
}

TEST_CASE("what an algorithm throws is a failure and never leaves it") {
    EventLoop loop;
    int number = 1;
    const Outcome outcome = Algorithm<int&>([](int) { throw TypeError("no"); })(number);
    CHECK(outcome.kind() == Outcome::Kind::failed);
    CHECK(base::describe(outcome.reason()) == "TypeError: no");
}

TEST_CASE("an algorithm may be cleared while it is called") {
    EventLoop loop;
    int number = 1;
    Counted::reset();
    Algorithm<int&> algorithm;
    algorithm = Algorithm<int&>([&algorithm, counted = Counted(7)](int& given) {
        algorithm.clear();
        given = counted.value;
    });
    algorithm(number);
    CHECK(number == 7);
    CHECK(Counted::alive == 0);
}

TEST_CASE("the reaction to what ended at once takes one tick") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(new Owner(log, [](int) {}));
        owner->call(1);
        ticks(log, 2);
    });
    CHECK(log == "fulfilled gone 1 2");
}

TEST_CASE("the reaction to what was thrown takes one tick") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(new Owner(log, [](int number) { throw number; }));
        owner->call(4);
        ticks(log, 2);
    });
    CHECK(log == "rejected:4 gone 1 2");
}

TEST_CASE("the reaction to a promise that a callback returned takes two ticks more") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(new Owner(log, [](int) { return Promise<>::resolve(); }));
        ticks(log, 4);
        owner->call(1);
    });
    CHECK(log == "1 2 3 fulfilled gone 4");

    log.clear();
    loop.run([&] { // as of a promise resolved with it
        ticks(log, 4);
        auto r = Promise<>::withResolvers();
        r.resolve(Promise<>::resolve());
        r.promise.then([&] { log("then"); });
    });
    CHECK(log == "1 2 3 then 4");
}

TEST_CASE("the reaction to a promise of the specification takes one tick when it is settled") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(new Owner(log, [](int) { return Outcome::promised(Promise<>::reject(3)); }));
        ticks(log, 2);
        owner->call(1);
    });
    CHECK(log == "1 rejected:3 gone 2");
}

TEST_CASE("a callback that is a coroutine is kept until it has finished") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(
            new Owner(log, [&log, text = std::string("a text that is not short at all")](int) -> Promise<> {
                co_await Promise<>::resolve();
                log(text);
            }));
        owner->call(1);
        owner->algorithm.clear();
    });
    CHECK(log == "a text that is not short at all fulfilled gone");
}

TEST_CASE("what waits for what never comes is let go") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        const OwnerRef owner(
            new Owner(log, [kept = std::make_shared<int>(1)](int) { return Promise<>::withResolvers().promise; }));
        owner->call(1);
    });
    CHECK(log == "gone");
}

TEST_CASE("the end of the loop lets go what waits, and the frame before its closure") {
    Journal log;
    Counted::reset();
    std::optional<PromiseWithResolvers<>> never;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            never.emplace(Promise<>::withResolvers());
            const OwnerRef owner(new Owner(log, [&, counted = Counted(1)](int) -> Promise<> {
                struct AtTheEnd {
                    ~AtTheEnd() { log(counted.value); }
                    Journal& log;
                    const Counted& counted;
                };
                const AtTheEnd atTheEnd{log, counted};
                co_await never->promise;
            }));
            owner->call(1);
        });
        CHECK(log == "");
    }
    CHECK(log == "1 gone");
    CHECK(Counted::alive == 0);
}
