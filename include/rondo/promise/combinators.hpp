// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/gather.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace rondo::promise {

/// What the four combinators wait for, and when each is settled.
struct AllRule {
    /// An input has settled: it may decide the outcome, which is pending.
    template <class Outcome, class T>
    static void inputSettled(Outcome& outcome, State<T>& input) noexcept {
        if (input.rejected()) outcome.reject(input.reason());
    }

    /// All inputs have settled, and none has decided.
    template <class Outcome, class Inputs>
    static void conclude(Outcome& outcome, Inputs& inputs) noexcept {
        outcomeOf(outcome, inputs, [](auto& state) { return takeStored(state); });
    }

    template <class T>
    static base::Stored<T> takeStored(State<T>& state) {
        if constexpr (std::is_void_v<T>) {
            return {};
        } else {
            return takeValue(state);
        }
    }

    template <class Outcome, class Inputs, class Take>
    static void outcomeOf(Outcome& outcome, Inputs& inputs, Take&& take) noexcept {
        try {
            outcome.fulfill(inputs.collect(take));
        } catch (...) {
            outcome.reject({std::current_exception(), nullptr});
        }
    }

    template <class T>
    using Element = base::Stored<T>;
    template <class... Ts>
    using Outcome = std::tuple<Element<Ts>...>;
    template <class T>
    using RangeOutcome = std::vector<Element<T>>;
};

struct AllSettledRule {
    template <class Outcome, class T>
    static void inputSettled(Outcome&, State<T>&) noexcept {}

    template <class Outcome, class Inputs>
    static void conclude(Outcome& outcome, Inputs& inputs) noexcept {
        AllRule::outcomeOf(outcome, inputs, []<class T>(State<T>& state) {
            if (state.rejected()) return SettledResult<T>::rejectedWith(state.reason().error);
            return SettledResult<T>::fulfilledWith(AllRule::takeStored(state));
        });
    }

    template <class T>
    using Element = SettledResult<T>;
    template <class... Ts>
    using Outcome = std::tuple<Element<Ts>...>;
    template <class T>
    using RangeOutcome = std::vector<Element<T>>;
};

/// Inputs of one type give that type; of several a variant, in input order, duplicates merged.
template <class Merged, class... Rest>
struct OneOf;
template <class... Merged>
struct OneOf<std::tuple<Merged...>> {
    using type = std::variant<Merged...>;
};
template <class One>
struct OneOf<std::tuple<One>> {
    using type = One;
};
template <class... Merged, class Next, class... Rest>
struct OneOf<std::tuple<Merged...>, Next, Rest...>
    : OneOf<
          std::conditional_t<(std::is_same_v<Merged, Next> || ...), std::tuple<Merged...>, std::tuple<Merged..., Next>>,
          Rest...> {};

template <class... Ts>
struct FirstOf {
    using type = typename OneOf<std::tuple<>, base::Stored<Ts>...>::type;
};
template <class T, class... Ts>
    requires(std::is_same_v<T, Ts> && ...)
struct FirstOf<T, Ts...> {
    using type = T;
};
template <>
struct FirstOf<> {
    using type = void;
};

struct RaceRule {
    template <class U, class T>
    static void inputSettled(State<U>& outcome, State<T>& input) noexcept {
        if constexpr (std::is_void_v<T> && !std::is_void_v<U>) {
            if (input.rejected()) {
                outcome.reject(input.reason());
            } else {
                fulfillOrReject(outcome, base::Unit{});
            }
        } else {
            settleAs<U>(outcome, input);
        }
    }

    template <class Outcome, class Inputs>
    static void conclude(Outcome&, Inputs&) noexcept {}

    template <class... Ts>
    using Outcome = typename FirstOf<Ts...>::type;
    template <class T>
    using RangeOutcome = T;
};

struct AnyRule {
    template <class U, class T>
    static void inputSettled(State<U>& outcome, State<T>& input) noexcept {
        if (!input.rejected()) RaceRule::inputSettled(outcome, input);
    }

    template <class Outcome, class Inputs>
    static void conclude(Outcome& outcome, Inputs& inputs) noexcept {
        try {
            outcome.reject(
                {std::make_exception_ptr(AggregateError(inputs.reasons(), "All promises were rejected", nullptr, {})),
                 nullptr});
        } catch (...) {
            outcome.reject({std::current_exception(), nullptr});
        }
    }

    template <class... Ts>
    using Outcome = typename FirstOf<Ts...>::type;
    template <class T>
    using RangeOutcome = T;
};

template <class Rule, class... Inputs>
auto combine(Inputs&&... inputs) {
    if constexpr (sizeof...(Inputs) == 1 && (IsRange<Inputs> && ...)) {
        return combineRange<Rule>(std::forward<Inputs>(inputs)...);
    } else {
        return combineList<Rule>(std::forward<Inputs>(inputs)...);
    }
}

template <class... Inputs>
auto PromiseStatics::all(Inputs&&... inputs) {
    return combine<AllRule>(std::forward<Inputs>(inputs)...);
}

template <class... Inputs>
auto PromiseStatics::allSettled(Inputs&&... inputs) {
    return combine<AllSettledRule>(std::forward<Inputs>(inputs)...);
}

template <class... Inputs>
auto PromiseStatics::any(Inputs&&... inputs) {
    return combine<AnyRule>(std::forward<Inputs>(inputs)...);
}

template <class... Inputs>
auto PromiseStatics::race(Inputs&&... inputs) {
    return combine<RaceRule>(std::forward<Inputs>(inputs)...);
}

}
