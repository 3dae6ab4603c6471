// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/promise.hpp>

#include <cstddef>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <list>
#include <memory>
#include <stdexcept>
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

/// The reaction of a combinator to one of its inputs. It marks the input as handled and keeps it, for its value may
/// be asked for when the others have settled.
template <class T>
struct Input : loop::Microtask {
    Input() noexcept : Microtask(nullptr) {}

    void* block = nullptr; // the combinator's
    Ref<T> source;
};

/// The inputs of a combinator called with a list of arguments.
template <class... Ts>
class InputList {
public:
    /// Calls `add` with the place of each input and a promise of it, from the first to the last.
    template <class Add, class... Given>
    void fill(Add&& add, Given&&... given) {
        std::apply([&](auto&... input) { (add(input, Promise<>::resolve(std::forward<Given>(given))), ...); }, inputs_);
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

/// The inputs of a combinator called with a range. They stay where they are: a reaction is linked while others are
/// still to come. So a range that does not know its size has a block for each.
template <class T, bool sized>
class InputRange {
public:
    explicit InputRange([[maybe_unused]] std::size_t size) {
        if constexpr (sized) inputs_.reserve(size);
    }

    /// The place of the next input.
    Input<T>& next() {
        if constexpr (sized) { // it must not grow
            if (inputs_.size() == inputs_.capacity())
                throw std::length_error("rondo: a range has more elements than its size says");
        }
        return inputs_.emplace_back();
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
    std::conditional_t<sized, std::vector<Input<T>>, std::list<Input<T>>> inputs_;
};

/// A combinator at work: the state of its promise, and its reactions to all inputs, in one block (and one vector for
/// a range). Each reaction that has not run is a producer, so that when none can run any more, what waits is dropped.
template <class U, class Rule, class Inputs>
class Gather final : public State<U> {
public:
    /// `fill(inputs, add)` makes the inputs and adds each before it makes the next, as the specification does; what it
    /// throws rejects the combinator.
    template <class Fill>
    static Ref<U> begin(Inputs&& inputs, Fill&& fill) {
        EventLoop& loop = EventLoop::current();
        auto* self = State<U>::template make<Gather>(loop, 1, 1, std::move(inputs));
        Ref<U> out(self);
        loop.waiting().pushBack(self->teardown_);
        try {
            fill(self->inputs_, [self]<class T>(Input<T>& input, Promise<T>&& source) noexcept {
                self->add(input, source.release());
            });
        } catch (...) {
            if (self->pending()) self->reject({std::current_exception(), nullptr});
        }
        self->countDown(true);
        return out;
    }

    Gather(const typename State<U>::Counts& counts, Inputs&& inputs)
        : State<U>(counts), teardown_(*this), inputs_(std::move(inputs)) {}
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

    template <class T>
    void add(Input<T>& input, Ref<T> source) noexcept {
        input.source = std::move(source);
        input.block = this;
        input.perform = &settled<T>;
        this->addProducer();
        ++unsettled_;
        ++outstanding_;
        input.source->markHandled();
        input.source->subscribe(input);
    }

    template <class T>
    static void settled(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& input = static_cast<Input<T>&>(*node);
        Gather& self = *static_cast<Gather*>(input.block);
        State<U>& outcome = self;
        const bool counts = outcome.pending() && verb == loop::Verb::run;
        if (counts) Rule::inputSettled(outcome, *input.source);
        self.countDown(counts);
    }

    /// One reaction has run, or never will; or all inputs have been added.
    void countDown(bool counts) noexcept {
        State<U>& outcome = *this;
        if (counts && --unsettled_ == 0 && outcome.pending()) Rule::conclude(outcome, inputs_);
        if (--outstanding_ == 0) finish();
        State<U>::releaseProducer(this);
    }

    /// Lets go of the inputs: all reactions have run, or never will.
    void finish() noexcept {
        std::destroy_at(&teardown_);
        std::destroy_at(&inputs_);
    }

    union {
        Teardown teardown_;
    };
    // both count the call that adds the inputs, too: nothing is concluded before it is done
    std::uint32_t unsettled_ = 1;   // inputs whose settlement has not been looked at
    std::uint32_t outstanding_ = 1; // reactions that have neither run nor been dropped
    union {
        Inputs inputs_;
    };
};

template <class X>
using InputValue = typename decltype(Promise<>::resolve(std::declval<X>()))::value_type;

template <class Rule, class... Given>
auto combineList(Given&&... given) {
    using U = typename Rule::template Outcome<InputValue<Given>...>;
    using Inputs = InputList<InputValue<Given>...>;
    return Promise<U>(Gather<U, Rule, Inputs>::begin(
        Inputs(), [&](Inputs& inputs, auto&& add) { inputs.fill(add, std::forward<Given>(given)...); }));
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
    using T = InputValue<Element>;
    using U = typename Rule::template RangeOutcome<T>;
    constexpr bool sized = requires { std::size(range); };
    std::size_t size = 0;
    if constexpr (sized) size = std::size(range);
    using Inputs = InputRange<T, sized>;
    return Promise<U>(Gather<U, Rule, Inputs>::begin(Inputs(size), [&](Inputs& inputs, auto&& add) {
        for (auto&& element : range) {
            Promise<T> source = Promise<>::resolve(static_cast<Element>(element));
            add(inputs.next(), std::move(source));
        }
    }));
}

}
