// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"

#include <rondo/promise.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace rondo;

// The block of a promise: where its value lies, and when it goes.

// Containers say that they can be copied, whatever they hold. What they hold is asked.
static_assert(promise::isCopyable<int> && promise::isCopyable<std::string> &&
              promise::isCopyable<std::vector<std::string>>);
static_assert(promise::isCopyable<std::map<int, std::string>> && promise::isCopyable<std::shared_ptr<MoveOnly>>);
static_assert(!promise::isCopyable<MoveOnly> && !promise::isCopyable<std::vector<MoveOnly>>);
static_assert(!promise::isCopyable<std::vector<std::vector<std::unique_ptr<int>>>>);
static_assert(!promise::isCopyable<std::map<int, MoveOnly>> &&
              !promise::isCopyable<std::optional<std::vector<MoveOnly>>>);
static_assert(!promise::isCopyable<std::tuple<int, std::vector<MoveOnly>>>);
static_assert(!promise::isCopyable<std::pair<int, std::vector<MoveOnly>>>);
static_assert(!promise::isCopyable<std::variant<int, std::vector<MoveOnly>>>);
static_assert(!promise::isCopyable<SettledResult<std::vector<MoveOnly>>> && promise::isCopyable<SettledResult<void>>);

// A tree is a container of trees.
struct Tree : std::vector<Tree> {};
static_assert(promise::isCopyable<Tree>);

TEST_CASE("a value that fits lies in the slot where the producer was, a larger one behind it") {
    static_assert(promise::fitsSlot<std::string> && promise::fitsSlot<int>);
    static_assert(!promise::fitsSlot<std::array<char, 200>>);
    struct alignas(16) Aligned {
        char c;
    };
    static_assert(!promise::fitsSlot<Aligned>);
    static_assert(sizeof(promise::State<std::string>) == 64);
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<>::resolve(Aligned{'x'});
    CHECK(reinterpret_cast<std::uintptr_t>(&p.value()) % 16 == 0);
    CHECK(p.value().c == 'x');
}

TEST_CASE("the block of a promise goes with its last handle and its last producer") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        const int before = source.balance();
        {
            auto r = Promise<Counted>::withResolvers();
            CHECK(source.balance() > before);
            {
                const auto resolve = r.resolve;
                const auto reject = r.reject;
                { const auto gone = std::move(r); }
                CHECK(source.balance() > before);
                resolve(Counted(1)); // nobody will see it
            }
        }
        CHECK(Counted::alive == 0);
        CHECK(source.balance() == before);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a stored value gives way to another and to a reason") {
    Counted::reset();
    EventLoop loop({.virtualTime = true});
    {
        promise::Ref<Counted> state(promise::State<Counted>::create(loop, 1, 0));
        state->store(1);
        state->store(2);
        CHECK(Counted::alive == 1);
        CHECK(state->value().value == 2);
        state->forgetResult();
        CHECK(Counted::alive == 0);
        state->storeReason({std::make_exception_ptr(1), nullptr});
        state->store(3);
        CHECK(state->content() == promise::StateBase::Content::value);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a reference to a state counts as a handle") {
    EventLoop loop({.virtualTime = true});
    const auto p = Promise<>::resolve(1);
    CHECK(p.ref()->uniquelyHeld());
    {
        const promise::Ref<int> ref = p.ref();
        CHECK_FALSE(p.ref()->uniquelyHeld());
        promise::Ref<int> moved = promise::Ref<int>::shared(*ref);
        moved = ref;
        CHECK(moved.get() == ref.get());
    }
    CHECK(p.ref()->uniquelyHeld());
}

TEST_CASE("a constructor that throws leaves no block behind") {
    struct Throws {
        Throws() = default;
        Throws(const Throws&) { throw RangeError("copy"); }
        void operator()() const {}
    };
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto p = Promise<>::resolve();
            const int before = source.balance();
            const Throws handler;
            CHECK_THROWS_AS(p.then(handler), RangeError);
            CHECK_THROWS_AS(p.finally(handler), RangeError);
            CHECK(source.balance() == before);
        });
    }
    CHECK(source.balance() == 0);
}
