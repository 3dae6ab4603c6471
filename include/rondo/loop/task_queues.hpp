// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/task.hpp>

#include <array>
#include <cstddef>

namespace rondo::loop {

/// The task queues, and who goes first: the policy HTML leaves to us lives in this header alone.
///
/// Rejection notices go before everything else; all ordinary sources share one queue and go in order of arrival,
/// so that none of them can starve another.
/// https://html.spec.whatwg.org/multipage/webappapis.html#task-queue
class TaskQueues {
public:
    bool empty() const noexcept {
        for (const auto& queue : queues_) {
            if (!queue.empty()) return false;
        }
        return true;
    }

    void push(Task& task) noexcept {
        queues_[rank(task.source)].push(task);
        ++pushed_;
    }

    /// The oldest task of the first queue that has one, or null.
    Task* pop() noexcept {
        for (auto& queue : queues_) {
            if (!queue.empty()) return queue.pop();
        }
        return nullptr;
    }

    /// How many tasks have been pushed so far.
    std::uint64_t pushed() const noexcept { return pushed_; }

private:
    static constexpr std::size_t rank(TaskSource source) noexcept {
        switch (source) {
        case TaskSource::rejectionNotice: return 0;
        case TaskSource::timer:
        case TaskSource::posted: return 1;
        }
        return 1;
    }

    std::array<IntrusiveQueue<Task>, 2> queues_;
    std::uint64_t pushed_ = 0;
};

}
