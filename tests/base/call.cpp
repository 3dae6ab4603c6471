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

namespace {

struct OneOperator {
    void operator()(const std::string&) const {}
};
struct TwoOperators {
    void operator()(int) const {}
    void operator()(double) const {}
};
struct Member {
    void takes(int&) noexcept {}
};

}

TEST_CASE("the sole parameter of a callable is the type it declares and void where there is no such thing") {
    const auto generic = [](auto) {};
    static_assert(std::is_same_v<SoleParameterOf<OneOperator>::type, const std::string&>);
    static_assert(std::is_void_v<SoleParameterOf<TwoOperators>::type>);
    static_assert(std::is_void_v<SoleParameterOf<std::remove_cv_t<decltype(generic)>>::type>);
    static_assert(std::is_void_v<SoleParameterOf<int>::type>);
    static_assert(std::is_same_v<SoleParameter<void (*)(double) noexcept>::type, double>);
    static_assert(std::is_same_v<SoleParameter<decltype(&Member::takes)>::type, int&>);
    static_assert(std::is_void_v<SoleParameter<void (*)(int, int)>::type>);
    SUCCEED("the compiler has checked it");
}
