// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/microtask.hpp>

#include <cstdint>

namespace rondo::loop {

/// Where a task came from.
/// https://html.spec.whatwg.org/multipage/webappapis.html#task-source
enum class TaskSource : std::uint8_t {
    rejectionNotice, ///< tells of promises that were rejected with nobody listening
    timer,
    posted, ///< `EventLoop::post`, and what the host's threads have finished
};

/// One task (macrotask): a link and a function, owned by whoever queues it.
///
/// It is asked once to run or to drop, may destroy itself then, and lets no exception out.
/// https://html.spec.whatwg.org/multipage/webappapis.html#concept-task
struct Task {
    using Perform = void (*)(Task*, Verb) noexcept;

    Task(Perform action, TaskSource from) noexcept : perform(action), source(from) {}

    Task* next = nullptr;
    Perform perform;
    TaskSource source;
};

}
