// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/fwd.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <stdexcept>

namespace rondo::base {

/// What a thread knows of the library: its loop, and the function that loop is resuming.
///
/// Constant-initialised and trivially destroyed, so that reading it is one load, at any time of the thread's
/// life. Hold no reference to it across a suspension.
struct Thread {
    /// Writes the await that `function` is at, or passed last, and those above it, innermost first; returns how many.
    using Awaits = std::size_t (*)(const void* function, std::source_location* out, std::size_t room) noexcept;

    static constexpr std::uint32_t nowhere = 0xFFFF'FFFF;

    EventLoop* loop = nullptr;
    std::uint32_t home = nowhere; // the number of that loop, until it is being destroyed
    std::uint32_t firstLoop = 0;  // numbers of the first and the last loop this thread has had,
    std::uint32_t lastLoop = 0;   // from which a debug build tells a loop that has gone from another thread's
    bool inScript = false;        // a callback that the loop made is on the stack
    const void* running = nullptr;
    Awaits awaits = nullptr;

    void enter(EventLoop& its, std::uint32_t number) noexcept {
        loop = &its;
        home = lastLoop = number;
        if (!firstLoop) firstLoop = number;
    }
    /// Its loop is being destroyed.
    void leave() noexcept { home = nowhere; }
};

constinit inline thread_local Thread thread{};

[[noreturn, gnu::cold, gnu::noinline]] inline void throwNoLoop() {
    throw std::logic_error(
        "rondo: there is no EventLoop on this thread; call this inside rondo::run(f), or make an EventLoop first. Another thread reaches a loop by EventLoop::post or a Completion");
}

/// The number of this thread's loop: what belongs to it keeps that, so that a debug build knows whose it is. 0 if it has none.
inline std::uint32_t homeHere() noexcept { return thread.loop ? thread.lastLoop : 0; }
/// Whether what belongs to the loop of this number may be used here: it is this thread's, or was; 0 is everybody's.
/// Of a thread that has had several loops it may say yes too often. Not inline: it stands in assertions alone, in great number.
[[gnu::noinline]] inline bool isHome(std::uint32_t loop) noexcept {
    return loop == 0 || (thread.firstLoop != 0 && loop >= thread.firstLoop && loop <= thread.lastLoop);
}

/// The number of a new loop: from 1, on whatever thread.
inline std::uint32_t nextLoopNumber() noexcept {
    constinit static std::atomic<std::uint32_t> loops{0};
    return loops.fetch_add(1, std::memory_order_relaxed) + 1;
}

}
