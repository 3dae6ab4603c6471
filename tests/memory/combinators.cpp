// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <forward_list>
#include <list>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

// What is attacked here: promise/combinators.hpp.

namespace {

/// A thenable that says what it gives.
struct TextLater {
    using value_type = std::string;
    std::string text = longText;
    void then(const promise::Resolve<std::string>& resolve, const promise::Reject<std::string>&) { resolve(text); }
};

using Texts = std::vector<Promise<std::string>>;

/// Calls the four with the same inputs: `call(combinator)`.
template <class Call>
void withEach(Program& program, Call call) {
    program.follow("all", program.attempt([&] {
        return call([](auto&&... in) { return Promise<>::all(std::forward<decltype(in)>(in)...); });
    }));
    program.follow("allSettled", program.attempt([&] {
        return call([](auto&&... in) { return Promise<>::allSettled(std::forward<decltype(in)>(in)...); });
    }));
    program.follow("any", program.attempt([&] {
        return call([](auto&&... in) { return Promise<>::any(std::forward<decltype(in)>(in)...); });
    }));
    program.follow("race", program.attempt([&] {
        return call([](auto&&... in) { return Promise<>::race(std::forward<decltype(in)>(in)...); });
    }));
}

}

TEST_CASE("memory may end while promises and values and thenables are combined") {
    forEachFailure(onLoop([](Program& program) {
        const auto text = program.attempt([] { return Promise<>::resolve(std::string(longText)); });
        withEach(program, [&](auto combine) {
            return combine(text, Promise<>::resolve(), 5, std::string(longText), TextLater());
        });
    }));
}

TEST_CASE("memory may end while ranges are combined") {
    forEachFailure(onLoop([](Program& program) {
        const auto text = program.attempt([] { return Promise<>::resolve(std::string(longText)); });
        const auto failing = program.attempt([] { return Promise<std::string>::reject(Error("failing")); });
        program.follow("failing", failing);
        const auto promises = program.attempt([&] { return Texts{text, failing, text}; });
        withEach(program, [&](auto combine) { return combine(promises); });
        const auto values = program.attempt([] { return std::list<std::string>{longText, longText}; });
        withEach(program, [&](auto combine) { return combine(values); });
        withEach(program, [&](auto combine) { return combine(std::forward_list<TextLater>(2)); });
        withEach(program, [&](auto combine) { return combine(Texts()); });
    }));
}

TEST_CASE("memory may end while the reasons of all are put together") {
    forEachFailure(onLoop([](Program& program) {
        const auto fails = [&](const char* why) {
            return program.attempt([&] { return Promise<std::string>::reject(Error(why)); });
        };
        const auto one = fails("one");
        const auto two = fails("two");
        const Texts all = program.attempt([&] { return Texts{one, two}; });
        program.follow("any", program.attempt([&] { return Promise<>::any(all[0], all[1]); }));
        program.follow("range", program.attempt([&] { return Promise<>::any(all); }));
    }));
}

TEST_CASE("a combinator without memory for its own block throws and has not touched its inputs") {
    forEachFailure(onLoop([](Program& program) {
        const auto one = program.attempt([] { return Promise<std::string>::reject(Error("one")); });
        const auto two = program.attempt([] { return Promise<std::string>::resolve(longText); });
        const auto inputs = program.attempt([&] { return Texts{one, two}; });
        const auto untouched = [&](const Texts& given) {
            for (std::size_t i = 0; i < given.size(); ++i) {
                if (!given[i].ref() || given[i] != inputs[i] || given[i].ref()->handled()) return false;
            }
            return given.size() == inputs.size();
        };
        Texts range = program.attempt([&] { return Texts(inputs); });
        const auto first =
            program.attempt([&] { return Promise<>::allSettled(std::move(range)); }, [&] { return untouched(range); });
        program.follow("range", first);
    }));
    forEachFailure(onLoop([](Program& program) {
        auto one = program.attempt([] { return Promise<std::string>::reject(Error("one")); });
        auto two = program.attempt([] { return Promise<std::string>::resolve(longText); });
        const auto untouched = [&, a = one, b = two] {
            return one.ref() && two.ref() && one == a && two == b && !one.ref()->handled();
        };
        program.follow(
            "list", program.attempt([&] { return Promise<>::allSettled(std::move(one), std::move(two)); }, untouched));
    }));
}
