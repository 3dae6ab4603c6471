// SPDX-License-Identifier: MIT
#pragma once

#include "script.hpp"

#include <array>
#include <exception>
#include <functional>
#include <string>

// What the tests of Promises/A+ share: their adapter, their values and their three situations.
// https://github.com/promises-aplus/promises-tests

using Value = std::string;
using DeferredValue = rondo::PromiseWithResolvers<Value>;

inline const Value dummy = "dummy"; // where it does not matter
inline const Value another = "other";
inline const Value sentinel = "sentinel";

inline rondo::Promise<Value> resolved(const Value& value) { return rondo::Promise<Value>::resolve(value); }
inline rondo::Promise<Value> rejected(const Value& reason) { return rondo::Promise<Value>::reject(reason); }

/// What `test` writes down about a promise that is pending.
inline std::string withDeferred(const std::function<void(Script&, const DeferredValue&)>& test) {
    Script script;
    const auto deferred = rondo::Promise<Value>::withResolvers();
    test(script, deferred);
    return script.end();
}

using Test = std::function<void(Script&, const rondo::Promise<Value>&)>;

/// What `test` writes down about a promise that is settled before the test, right behind it, and in a later task: it
/// must be the same, else all three are returned.
inline std::string inThreeWays(const std::function<void(const DeferredValue&)>& settle, const Test& test) {
    const std::string already = withDeferred([&](Script& script, const DeferredValue& d) {
        settle(d);
        test(script, d.promise);
    });
    const std::string immediately = withDeferred([&](Script& script, const DeferredValue& d) {
        test(script, d.promise);
        settle(d);
    });
    const std::string eventually = withDeferred([&](Script& script, const DeferredValue& d) {
        test(script, d.promise);
        script.later(50, [&] { settle(d); });
    });
    if (already == immediately && immediately == eventually) return already;
    return "already: " + already + ", immediately: " + immediately + ", eventually: " + eventually;
}
inline std::string whenFulfilled(const Value& value, const Test& test) {
    return inThreeWays([&](const DeferredValue& d) { d.resolve(value); }, test);
}
inline std::string whenRejected(const Value& reason, const Test& test) {
    return inThreeWays([&](const DeferredValue& d) { d.reject(reason); }, test);
}

/// A reason of every kind.
struct ReasonKind {
    const char* name;
    std::exception_ptr (*make)();
};
std::array<ReasonKind, 10> reasonKinds();
