// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/task.hpp>

#include <cstdint>

namespace rondo::loop {

/// The hooks an inspector listens on. A loop has none by default, and asks once per drain whether it has.
///
/// All are called on the loop's thread. They must not throw and must not run or destroy the loop. Instants are
/// nanoseconds since the loop began; that until which it sleeps may lie before the next deadline, if many timers come
/// near it.
class Observer {
public:
    virtual ~Observer() = default;

    virtual void taskBegins(const Task&) noexcept {}
    virtual void taskEnds() noexcept {}
    virtual void microtaskBegins(const Microtask&) noexcept {}
    virtual void microtaskEnds() noexcept {}
    virtual void timerSet(std::uint64_t /*id*/, std::int64_t /*deadline*/) noexcept {}
    virtual void timerCleared(std::uint64_t /*id*/) noexcept {}
    virtual void sleeps(std::int64_t /*until*/) noexcept {}
    virtual void wakes() noexcept {}
};

}
