// SPDX-License-Identifier: MIT
#include "support/async_test.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/host/operations.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using host::Message;
using host::Operations;

template <class T>
Promise<T> promiseOf(Operations& operations, Operations::Id id) {
    return Promise<T>(promise::Ref<T>::shared(operations.state<T>(id)));
}

}

TEST_CASE("a loop has one table of operations in flight") {
    EventLoop loop({.virtualTime = true});
    CHECK(&Operations::of(loop) == &Operations::of(loop));
}

TEST_CASE("an operation keeps its loop alive until it ends") {
    EventLoop loop({.virtualTime = true});
    Operations& operations = Operations::of(loop);
    const auto first = operations.begin<int>(true);
    const auto second = operations.begin<std::string>(false);
    CHECK(loop.alive());
    operations.end<int>(first, [](auto&) {});
    CHECK(loop.alive());
    operations.end<std::string>(second, [](auto&) {});
    CHECK_FALSE(loop.alive());
}

TEST_CASE("an operation that ends settles its promise") {
    EventLoop loop({.virtualTime = true});
    Operations& operations = Operations::of(loop);
    const auto id = operations.begin<int>(true);
    const auto promise = promiseOf<int>(operations, id);
    CHECK(promise.state() == PromiseState::pending);
    operations.end<int>(id, [](promise::State<int>& state) { state.fulfill(7); });
    REQUIRE(promise.state() == PromiseState::fulfilled);
    CHECK(promise.value() == 7);
}

TEST_CASE("the promise of an operation that ends without settling it is pending for ever") {
    Counted::reset();
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        Operations& operations = Operations::of(loop);
        const auto id = operations.begin<int>(true);
        promiseOf<int>(operations, id).then([&log, held = Counted()] { log("never"); });
        CHECK(Counted::alive == 1);
        operations.end<int>(id, [](auto&) {});
    });
    CHECK(log == "");
    CHECK(Counted::alive == 0);
}

TEST_CASE("ids of operations are never 0 and those in flight at once differ") {
    EventLoop loop({.virtualTime = true});
    Operations& operations = Operations::of(loop);
    std::set<Operations::Id> inFlight;
    bool differ = true;
    std::vector<Operations::Id> open;
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 5; ++i) {
            open.push_back(operations.begin<int>(true));
            differ = inFlight.insert(open.back()).second && open.back() != 0 && differ;
        }
        for (int i = 0; i < 4; ++i) {
            const auto place = open.begin() + static_cast<std::ptrdiff_t>(open.size() / 2);
            inFlight.erase(*place);
            operations.end<int>(*place, [](auto&) {});
            open.erase(place);
        }
    }
    CHECK(differ);
    CHECK(inFlight.size() == 100);
    for (const auto id : open) operations.end<int>(id, [](auto&) {});
    CHECK_FALSE(loop.alive());
}

TEST_CASE("what an operation's settling begins does not disturb it") {
    EventLoop loop({.virtualTime = true});
    Operations& operations = Operations::of(loop);
    const auto id = operations.begin<int>(true);
    std::vector<Operations::Id> begun;
    operations.end<int>(id, [&](promise::State<int>& state) {
        for (int i = 0; i < 100; ++i) begun.push_back(operations.begin<int>(true)); // the table grows meanwhile
        state.fulfill(1);
    });
    CHECK(loop.alive());
    for (const auto each : begun) operations.end<int>(each, [](auto&) {});
    CHECK_FALSE(loop.alive());
}

TEST_CASE("operations that are in flight when their loop goes are forgotten and their promises stay pending") {
    Counted::reset();
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        Operations& operations = Operations::of(loop);
        const auto first = operations.begin<int>(true);
        operations.begin<std::string>(false);
        auto kept = promiseOf<int>(operations, first);
        kept.then([held = Counted()] {});
        CHECK(kept.state() == PromiseState::pending);
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("virtual time stands still while an operation that holds it is in flight") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto held = std::make_unique<Message<int>>(loop, true);
        auto free = std::make_unique<Message<int>>(loop, false);
        loop.setTimer([&log, keeps = std::move(free)] { log("timer"); }, 10, false);
        held->promise().then([&](int value) { log("operation", value); });
        held->resolve(1);
        Message<int>::send(std::move(held));
    });
    CHECK(log == "operation1 timer");
    CHECK_FALSE(loop.alive());
}

TEST_CASE("a message settles its promise in a task of its own") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        auto message = std::make_unique<Message<std::string>>(loop, true);
        message->promise().then([&](const std::string& text) { log(text); });
        message->resolve("done");
        Message<std::string>::send(std::move(message));
        loop.queueMicrotask([&] { log("microtask"); });
    });
    CHECK(log == "microtask done");
}

TEST_CASE("a message that was never sent ends its operation") {
    EventLoop loop({.virtualTime = true});
    const auto promise = [&] {
        const Message<int> message(loop, true);
        CHECK(loop.alive());
        return message.promise();
    }();
    CHECK_FALSE(loop.alive());
    CHECK(promise.state() == PromiseState::pending);
}

TEST_CASE("a message knows whether its loop still lives") {
    std::unique_ptr<Message<int>> message;
    {
        EventLoop loop({.virtualTime = true});
        message = std::make_unique<Message<int>>(loop, true);
        CHECK(message->wanted());
    }
    CHECK_FALSE(message->wanted());
    message->resolve(1);
    Message<int>::send(std::move(message)); // is dropped here
}
