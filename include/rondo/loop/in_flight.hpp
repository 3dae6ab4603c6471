// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/base/place.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo::loop {

/// The reason that an await threw last, and the awaits it has been thrown through: if it leaves the function that
/// awaited, they are its trail. Forgotten when the microtasks have run.
class InFlight {
public:
    /// Thrown by the await of `function` at `where`.
    void set(const void* function, base::Place where, base::Reason reason) noexcept {
        const std::optional<base::Reason> before = take();
        function_ = function;
        where_ = where;
        reason_.emplace(std::move(reason));
    }

    /// The reason that `function`, whose last await was at `where`, lets out.
    base::Reason leaving(const void* function, base::Place where, std::exception_ptr error) noexcept {
        if (reason_ && function_ == function && where_ == where && reason_->error == error) return *reason_;
        return {std::move(error), base::Trail::extended(nullptr, base::locationOf(where))};
    }

    void clear() noexcept {
        if (reason_) [[unlikely]]
            take();
    }

private:
    /// What it held, which goes when all is in order here: its end is users' code, which may come back.
    std::optional<base::Reason> take() noexcept {
        std::optional<base::Reason> before;
        if (reason_) before.emplace(std::move(*reason_));
        reason_.reset();
        return before;
    }

    const void* function_ = nullptr;
    base::Place where_ = nullptr;
    std::optional<base::Reason> reason_;
};

}
