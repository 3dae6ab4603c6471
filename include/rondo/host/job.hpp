// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/loop/microtask.hpp>

#include <utility>

namespace rondo::host {

/// Work for a thread of the pool: a place in its queue and a function, as a `Microtask` is for the loop. It is asked
/// once to run or to drop, on any thread, destroys itself, and lets no exception out.
struct Job : base::ListHook {
    using Perform = void (*)(Job*, loop::Verb) noexcept;

    explicit Job(Perform action) noexcept : perform(action) {}

    Job* next = nullptr; // on its way into the queue
    Perform perform;
};

}
