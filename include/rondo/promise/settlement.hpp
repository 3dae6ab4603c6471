// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/unit.hpp>
#include <rondo/fwd.hpp>

#include <exception>
#include <string_view>
#include <utility>
#include <variant>

namespace rondo {

enum class PromiseState : std::uint8_t { pending, fulfilled, rejected };

/// How a promise was settled: with a value, or with a reason.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise/allSettled#return_value
template <class T>
class SettledResult {
public:
    using value_type = T;

    template <class... Args>
    static SettledResult fulfilledWith(Args&&... args) {
        return SettledResult(std::in_place_index<0>, std::forward<Args>(args)...);
    }
    static SettledResult rejectedWith(std::exception_ptr reason) noexcept {
        return SettledResult(std::in_place_index<1>, reason ? std::move(reason) : std::make_exception_ptr(nullptr));
    }

    bool fulfilled() const noexcept { return result_.index() == 0; }
    bool rejected() const noexcept { return !fulfilled(); }

    /// "fulfilled" or "rejected".
    std::string_view status() const noexcept { return fulfilled() ? "fulfilled" : "rejected"; }

    /// The value; throws the reason if there is none. For `void` a `std::monostate`. An assignment that has thrown may
    /// leave neither: then it throws `std::bad_variant_access`.
    const base::Stored<T>& value() const& {
        if (const auto* reason = std::get_if<1>(&result_)) std::rethrow_exception(*reason);
        return std::get<0>(result_);
    }
    base::Stored<T>&& value() && {
        if (const auto* reason = std::get_if<1>(&result_)) std::rethrow_exception(*reason);
        return std::get<0>(std::move(result_));
    }

    /// The reason; null if there is none.
    std::exception_ptr reason() const noexcept {
        const auto* reason = std::get_if<1>(&result_);
        return reason ? *reason : nullptr;
    }

private:
    template <std::size_t I, class... Args>
    explicit SettledResult(std::in_place_index_t<I> kind, Args&&... args)
        : result_(kind, std::forward<Args>(args)...) {}

    std::variant<base::Stored<T>, std::exception_ptr> result_;
};

}
