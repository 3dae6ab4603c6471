// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/call.hpp>

#include <memory>
#include <string>
#include <type_traits>

using namespace rondo::base;

static_assert(isCallable<void (*)(std::unique_ptr<int>), std::unique_ptr<int>>);
static_assert(isCallable<void (*)(int&), int>);
static_assert(!isCallable<void (*)(int*), int>);
static_assert(std::is_same_v<CallResult<long (*)(int&), int>, long>);

TEST_CASE("an argument is moved into a function that takes it so") {
    auto take = [](std::unique_ptr<int> owned) { return *owned; };
    auto owned = std::make_unique<int>(7);
    CHECK(callOnce(take, owned) == 7);
    CHECK(owned == nullptr);
}

TEST_CASE("a function that changes its argument is given the argument itself") {
    auto change = [](std::string& text) { text += "!"; };
    std::string text = "here";
    callOnce(change, text);
    CHECK(text == "here!");
}
