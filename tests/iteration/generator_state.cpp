// SPDX-License-Identifier: MIT

// Who may let a generator go, and when.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/turn.hpp"

#include <rondo/iteration.hpp>

#include <memory>
#include <optional>
#include <utility>

using namespace rondo;

namespace {

using Numbers = AsyncGenerator<int>;
/// Where a generator finds the handle on itself.
using Cell = std::shared_ptr<std::optional<Numbers>>;

Cell cell() { return std::make_shared<std::optional<Numbers>>(); }

auto says(Journal& log, const char* word) {
    return AtEnd([&log, word] { log(word); });
}
auto saysDone(Journal& log) {
    return [&log](const IteratorResult<int>& step) { log(step.done() ? "done" : "value"); };
}

/// A variable whose destructor asks for the next value.
struct AsksAgain {
    AsksAgain(Cell cell, Journal& journal) : self(std::move(cell)), log(&journal) {}
    AsksAgain(AsksAgain&&) noexcept = default;
    ~AsksAgain() {
        if (self && *self) (*self)->next().then(saysDone(*log));
    }
    Cell self;
    Journal* log;
};

Promise<int> never() { return Promise<int>::withResolvers().promise; }

}

TEST_CASE("a generator that has not begun may hold its last handle in a parameter when it is ended") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    constexpr auto body = [](Cell) -> Numbers { co_yield 1; };
    loop.run([&] {
        for (const bool throws : {false, true}) {
            Cell self = cell();
            *self = body(self);
            Numbers& generator = **self;
            self.reset();
            auto ended = throws ? generator.throw_(1) : generator.return_();
            ended.then([&] { log("returned"); }, [&] { log("thrown"); });
        }
    });
    CHECK(log == "thrown returned");
}

TEST_CASE("what a parameter's destructor asks of a generator that is ended is answered behind that") {
    Journal log;
    const Cell returned = cell(), thrown = cell();
    EventLoop loop({.virtualTime = true});
    constexpr auto body = [](AsksAgain) -> Numbers { co_yield 1; };
    loop.run([&] {
        *returned = body(AsksAgain(returned, log));
        *thrown = body(AsksAgain(thrown, log));
        (*returned)->return_().then([&] { log("returned"); });
        (*thrown)->throw_(1).catch_([&]() -> IteratorResult<int> {
            log("thrown");
            return IteratorResult<int>::finished();
        });
    });
    CHECK(log == "done thrown returned done");
}

TEST_CASE("what is asked of a generator while it is collected is never answered") {
    CountingSource source;
    Journal log;
    {
        Cell self = cell();
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            *self = async([&log, &self]() -> Numbers {
                const AsksAgain again(self, log);
                const auto end = says(log, "destroyed");
                co_yield never();
            });
            (*self)->next().then(saysDone(log));
        });
        CHECK(log == "destroyed");
        *self = std::nullopt;
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("the end of the loop destroys once a generator that holds its own handle") {
    constexpr auto body = [](Cell self, Journal& log) -> Numbers {
        const Cell mine = std::move(self);
        const auto end = says(log, "destroyed");
        co_yield 1;
    };
    CountingSource source;
    Journal log;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const Cell self = cell(), never = cell();
            *never = body(never, log); // and one that has not begun
            *self = body(self, log);
            (*self)->next().then(saysDone(log));
        });
        CHECK(log == "value");
    }
    CHECK(log == "value destroyed");
    CHECK(source.balance() == 0);
}
