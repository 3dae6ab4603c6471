// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/fwd.hpp>

namespace rondo {

/// How an `EventLoop` is to be. A pool must outlive the loop.
struct EventLoopOptions {
    /// Time jumps to the next deadline when nothing is ready, and stands still while the host works.
    bool virtualTime = false;
    /// Timers set by timers, from the sixth level on, wait at least 4 ms.
    bool clampNestedTimers = false;
    /// The threads that `offload` uses; null: a pool of the loop's own, made at first use.
    ThreadPool* pool = nullptr;
};

}
