// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/promise.hpp>

#include <cstddef>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo::promise {

/// What a combinator iterates over: anything with `begin` and `end` that is no promise, thenable or text.
template <class R>
concept IsRange = requires(R& range) {
    std::begin(range);
    std::end(range);
} && !std::is_convertible_v<R, std::string_view> && !isPromise<std::remove_cvref_t<R>> && !Thenable<R>;

class GatherBase;

/// The reaction of a combinator to one of its inputs. It marks the input as handled and keeps it, for its value may
/// be asked for when the others have settled.
template <class T>
struct Input : loop::Microtask {
    explicit Input(Ref<T> from) noexcept : Microtask(nullptr), source(std::move(from)) {}

    void* block = nullptr; // the combinator's, when it has begun
    Ref<T> source;
};

/// The inputs of a combinator called with a list of arguments.
template <class... Ts>
class InputList {
public:
    explicit InputList(Promise<Ts>&&... inputs) noexcept : inputs_(Input<Ts>(inputs.release())...) {}

    static constexpr std::size_t size() noexcept { return sizeof...(Ts); }

    template <class F>
    void forEach(F&& f) {
        std::apply([&](auto&... input) { (f(input), ...); }, inputs_);
    }

    template <class Take>
    auto collect(Take& take) {
        return std::apply(
            [&](auto&... input) { return std::tuple<decltype(take(*input.source))...>{take(*input.source)...}; },
            inputs_);
    }

    std::vector<std::exception_ptr> reasons() const {
        return std::apply(
            [](const auto&... input) { return std::vector<std::exception_ptr>{input.source->reason().error...}; },
            inputs_);
    }

private:
    std::tuple<Input<Ts>...> inputs_;
};

/// The inputs of a combinator called with a range.
template <class T>
class InputRange {
public:
    explicit InputRange(std::vector<Input<T>>&& inputs) noexcept : inputs_(std::move(inputs)) {}

    std::size_t size() const noexcept { return inputs_.size(); }

    template <class F>
    void forEach(F&& f) {
        for (Input<T>& input : inputs_) f(input);
    }

    template <class Take>
    auto collect(Take& take) {
        std::vector<decltype(take(*inputs_.front().source))> out;
        out.reserve(inputs_.size());
        for (Input<T>& input : inputs_) out.push_back(take(*input.source));
        return out;
    }

    std::vector<std::exception_ptr> reasons() const {
        std::vector<std::exception_ptr> out;
        out.reserve(inputs_.size());
        for (const Input<T>& input : inputs_) out.push_back(input.source->reason().error);
        return out;
    }

private:
    std::vector<Input<T>> inputs_;
};

/// A combinator at work: the state of its promise, and its reactions to all inputs, in one block (and one vector for
/// a range). Each reaction that has not run is a producer, so that when none can run any more, what waits is dropped.
template <class U, class Rule, class Inputs>
class Gather final : public State<U> {
public:
    static Ref<U> begin(Inputs&& inputs) {
        EventLoop& loop = EventLoop::current();
        const auto count = static_cast<std::uint32_t>(inputs.size());
        auto* self = State<U>::template make<Gather>(loop, 1, count, std::move(inputs));
        Ref<U> out(self);
        if (count == 0) {
            self->settleEmpty();
            return out;
        }
        loop.waiting().pushBack(self->teardown_);
        self->inputs_.forEach([self]<class T>(Input<T>& input) {
            input.block = self;
            input.perform = &settled<T>;
            input.source->markHandled();
            input.source->subscribe(input);
        });
        return out;
    }

    Gather(const typename State<U>::Counts& counts, Inputs&& inputs)
        : State<U>(counts), teardown_(*this), unsettled_(counts.producers), outstanding_(counts.producers),
          inputs_(std::move(inputs)) {}
    Gather(const Gather&) = delete;
    Gather& operator=(const Gather&) = delete;

private:
    friend class State<U>;

    // what is in the unions is destroyed by finish()
    ~Gather() {} // NOLINT(modernize-use-equals-default): a union member with a destructor deletes the default one

    /// Its place in the loop's list of what waits: the block waits as one.
    struct Teardown : loop::Waiting {
        explicit Teardown(Gather& of) noexcept : Waiting(&act), block(of) {}
        static void act(loop::Microtask* node, loop::Verb) noexcept {
            Gather& self = static_cast<Teardown*>(node)->block;
            const std::uint32_t outstanding = self.outstanding_;
            self.finish();
            for (std::uint32_t i = 0; i < outstanding; ++i) State<U>::releaseProducer(&self);
        }
        Gather& block;
    };

    void settleEmpty() noexcept {
        if (Rule::settlesEmpty) {
            Rule::conclude(static_cast<State<U>&>(*this), inputs_);
        } else {
            this->abandon();
        }
        finish();
    }

    template <class T>
    static void settled(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& input = static_cast<Input<T>&>(*node);
        Gather& self = *static_cast<Gather*>(input.block);
        State<U>& outcome = self;
        if (outcome.pending() && verb == loop::Verb::run) {
            --self.unsettled_;
            if (!Rule::decides(outcome, *input.source) && self.unsettled_ == 0) Rule::conclude(outcome, self.inputs_);
        }
        if (--self.outstanding_ == 0) self.finish();
        State<U>::releaseProducer(&self);
    }

    /// Lets go of the inputs: all reactions have run, or never will.
    void finish() noexcept {
        std::destroy_at(&teardown_);
        std::destroy_at(&inputs_);
    }

    union {
        Teardown teardown_;
    };
    std::uint32_t unsettled_;   // inputs whose settlement has not been looked at
    std::uint32_t outstanding_; // reactions that have neither run nor been dropped
    union {
        Inputs inputs_;
    };
};

template <class Rule, class... Ts>
auto combineList(Promise<Ts>... inputs) {
    using U = typename Rule::template Outcome<Ts...>;
    return Promise<U>(Gather<U, Rule, InputList<Ts...>>::begin(InputList<Ts...>(std::move(inputs)...)));
}

/// How an element of a range is given on: moved, if the range makes it or was given as an rvalue that owns it. A proxy
/// is the value that it stands for.
template <class Range, class Iterator, class Reference = std::iter_reference_t<Iterator>>
using ForwardedElement =
    std::conditional_t<!std::is_reference_v<Reference>, std::iter_value_t<Iterator>&&,
                       std::conditional_t<std::is_lvalue_reference_v<Reference> &&
                                              (std::is_lvalue_reference_v<Range> || std::ranges::enable_view<Range>),
                                          Reference, std::remove_reference_t<Reference>&&>>;

template <class Rule, class Range>
auto combineRange(Range&& range) {
    using Element = ForwardedElement<Range, decltype(std::begin(range))>;
    using T = typename decltype(Promise<>::resolve(std::declval<Element>()))::value_type;
    std::vector<Input<T>> inputs;
    if constexpr (requires { std::size(range); }) inputs.reserve(std::size(range));
    for (auto&& element : range)
        inputs.push_back(Input<T>(Promise<>::resolve(static_cast<Element>(element)).release()));
    using U = typename Rule::template RangeOutcome<T>;
    return Promise<U>(Gather<U, Rule, InputRange<T>>::begin(InputRange<T>(std::move(inputs))));
}

}
