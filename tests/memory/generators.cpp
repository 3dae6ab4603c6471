// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/iteration.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// What is attacked here, in the order of the headers: iteration/async_generator.hpp, delegation.hpp, for_await.hpp,
// from_async.hpp.

namespace {

using Texts = AsyncGenerator<std::string, std::string>;

/// Gives its text.
struct TextLater {
    std::string text = longText;
    void then(const promise::Resolve<std::string>& resolve, const promise::Reject<std::string>&) { resolve(text); }
};

/// Yields in each way that there is, and says when it goes.
Texts texts(Program& program, std::string text) {
    struct Leaving {
        Program& of;
        ~Leaving() { of.log("left"); }
    };
    const Leaving leaving{program};
    co_yield text;
    co_await Promise<>::resolve();
    auto promise = Promise<>::resolve(text);
    co_yield std::move(promise);
    co_yield TextLater();
    co_return text;
}

Texts cleaning(Program& program, std::string text) {
    std::exception_ptr thrown;
    try {
        co_yield text;
        co_yield text;
    } catch (...) {
        thrown = std::current_exception();
    }
    program.log("cleaning");
    co_await Promise<>::resolve();
    if (thrown) std::rethrow_exception(thrown);
    co_return text;
}

Texts delegating(Program& program, std::string text) {
    auto inner = cleaning(program, text);
    auto returned = co_yield elementsOf(inner);
    if (!returned) co_return "";
    co_yield *returned;
    const std::vector<std::string> both(2, text);
    co_yield elementsOf(both);
    co_return text;
}

}

TEST_CASE("memory may end while a generator is asked") {
    forEachFailure(onLoop([](Program& program) {
        const auto ask = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        {
            const Texts all = program.attempt([&] { return texts(program, longText); });
            for (int i = 0; i < 5; ++i) ask("next", [&] { return all.next(); });
        }
        const Texts fresh = program.attempt([&] { return texts(program, longText); });
        ask("returned", [&] { return fresh.return_(longText); });
        ask("behind", [&] { return fresh.next(); });
        ask("thrown", [&] { return fresh.throw_(Error("thrown")); });
        const Texts left = program.attempt([&] { return texts(program, longText); });
        ask("next", [&] { return left.next(); });
        ask("returned", [&] { return left.return_(Promise<>::resolve(std::string(longText))); });
        const Texts closed = program.attempt([&] { return cleaning(program, longText); });
        ask("next", [&] { return closed.next(); });
        ask("returned", [&] { return closed.return_(); });
        const Texts broken = program.attempt([&] { return cleaning(program, longText); });
        ask("next", [&] { return broken.next(); });
        ask("thrown", [&] { return broken.throw_(Error("thrown")); });
        const Texts ended = program.attempt([&] { return cleaning(program, longText); });
        ask("next", [&] { return ended.next(); });
        ask("returnedText", [&] { return ended.return_(longText); });
        try { // it is a `return_`, and a `then`, which may fail behind that
            program.follow("disposed", ended.disposeAsync());
        } catch (const std::bad_alloc&) {
            program.log("bad_alloc");
        }
    }));
}

TEST_CASE("memory may end while a generator delegates") {
    forEachFailure(onLoop([](Program& program) {
        const auto ask = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        const Texts all = program.attempt([&] { return delegating(program, longText); });
        for (int i = 0; i < 6; ++i) ask("next", [&] { return all.next(); });
        const Texts left = program.attempt([&] { return delegating(program, longText); });
        ask("next", [&] { return left.next(); });
        ask("returned", [&] { return left.return_(longText); });
        const Texts broken = program.attempt([&] { return delegating(program, longText); });
        ask("next", [&] { return broken.next(); });
        ask("thrown", [&] { return broken.throw_(Error("thrown")); });
    }));
}

TEST_CASE("without memory the closure of a generator is kept whole or not at all") {
    forEachFailure(onLoop([](Program& program) {
        const auto inner = [&program, text = std::string(longText)](std::string other) -> Texts {
            program.log(text == other ? "inner" : "TORN");
            co_yield text;
            co_return text == other ? text : "";
        };
        const auto outer = [inner, text = std::string(longText)]() -> Texts { // its generator keeps two closures
            auto generator = async(inner, longText);
            return generator;
        };
        const Texts generator = program.attempt([&] { return async(outer); });
        for (int i = 0; i < 3; ++i) program.follow("next", program.attempt([&] { return generator.next(); }));
    }));
}

TEST_CASE("memory may end in a loop over values") {
    forEachFailure(onLoop([](Program& program) {
        const auto run = [&](const char* entry, auto call) { program.follow(entry, program.attempt(call)); };
        const auto values = program.attempt([] { return std::vector<std::string>(3, longText); });
        run("forAwait", [&] {
            return forAwait(std::vector(values), [&, kept = std::string(longText)](const std::string& text) {
                program.log(text == kept ? "value" : "TORN");
            });
        });
        run("generator", [&] {
            return forAwait(texts(program, longText), [&](std::string text) -> Promise<> {
                co_await Promise<>::resolve();
                program.log(text == longText ? "text" : "TORN");
            });
        });
        run("breaks", [&] { return forAwait(texts(program, longText), [](const std::string&) { return false; }); });
        run("fromAsync", [&] { return fromAsync(std::vector(values)); });
        run("mapped", [&] {
            return fromAsync(std::vector(values),
                             [](const std::string& text, std::size_t) { return Promise<>::resolve(text); });
        });
        run("collected", [&] { return fromAsync(texts(program, longText)); });
    }));
}

TEST_CASE("memory may end in a loop over what has an iterator of its own") {
    struct Iterable {
        Program* program;
        std::string text = longText;
        Texts asyncIterator() { return cleaning(*program, text); }
    };
    forEachFailure(onLoop([](Program& program) {
        const auto print = [&](const std::string& text) { program.log(Program::shown(text)); };
        const auto make = [&] { return program.attempt([&] { return Iterable{&program}; }); };
        program.follow("loop", program.attempt([&] { return forAwait(make(), print); }));
        program.follow("all", program.attempt([&] { return fromAsync(make()); }));
        const auto outer = [](Iterable inner) -> AsyncGenerator<std::string> { co_yield elementsOf(std::move(inner)); };
        program.follow("outer", program.attempt([&] { return forAwait(outer(make()), print); }));
    }));
}

TEST_CASE("without memory for a value fromAsync closes its iterator") {
    struct Counting { // has a step in any case: its memory is the test's own
        int* opened;
        int* closed;
        int left = 4;
        Promise<IteratorResult<int>> next() {
            const heap::OwnMemory own;
            if (left == 4) ++*opened;
            if (--left > 0) return Promise<IteratorResult<int>>::resolve(IteratorResult<int>::yielded(left));
            return return_();
        }
        Promise<IteratorResult<int>> return_() {
            const heap::OwnMemory own;
            ++*closed;
            return Promise<IteratorResult<int>>::resolve(IteratorResult<int>::finished());
        }
    };
    int opened = 0;
    int closed = 0;
    forEachFailure(onLoop([&](Program& program) {
        program.follow("fromAsync", program.attempt([&] { return fromAsync(Counting{&opened, &closed}); }));
        const auto same = [](int number) { return number; };
        program.follow("mapped", program.attempt([&] { return fromAsync(Counting{&opened, &closed}, same); }));
    }));
    CHECK(opened > 0);
    CHECK(closed == opened);
}
