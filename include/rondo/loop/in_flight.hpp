// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo::loop {

/// The reason that an await threw last, and the awaits it has been thrown through: if it leaves the function that
/// awaited, it keeps them. Forgotten when the microtasks have run.
class InFlight {
public:
    void set(const void* function, base::Reason reason) noexcept {
        clear();
        function_ = function;
        reason_.emplace(std::move(reason));
    }

    /// What leaves `function`, with its trail if an await there threw it.
    base::Reason leaving(const void* function, std::exception_ptr error, const std::source_location& where) noexcept {
        if (reason_ && function_ == function && reason_->error == error) return *reason_;
        return {std::move(error), base::Trail::extended(nullptr, where)};
    }

    /// The end of a reason is users' code, which may come back here.
    void clear() noexcept {
        if (!reason_) [[likely]]
            return;
        const base::Reason gone(std::move(*reason_));
        reason_.reset();
    }

private:
    const void* function_ = nullptr;
    std::optional<base::Reason> reason_;
};

}
