// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/event_loop.hpp>

namespace rondo {

/// https://developer.mozilla.org/docs/Web/API/Performance
struct Performance {
    /// Milliseconds since the loop of this thread began, with a fraction; in virtual time, virtual ones.
    double now() const { return EventLoop::current().now(); }
};

inline constexpr Performance performance{};

}
