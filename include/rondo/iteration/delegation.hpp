// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/async_iterator.hpp>
#include <rondo/iteration/generator_state.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo {

namespace iteration {

/// What `elementsOf` returns, to be yielded at once.
template <class Iterator>
class ElementsOf {
public:
    explicit ElementsOf(Iterator&& iterator) : iterator_(std::forward<Iterator>(iterator)) {}
    Iterator&& take() && noexcept { return std::forward<Iterator>(iterator_); }

private:
    Iterator iterator_; // may be a reference
};

template <class>
inline constexpr bool isElements = false;
template <class Iterator>
inline constexpr bool isElements<ElementsOf<Iterator>> = true;

/// A `yield*` at work, in the frame of the generator: what that is asked for goes to the inner iterator, and what this
/// gives is the generator's answer. https://tc39.es/ecma262/#sec-generator-function-definitions-runtime-semantics-evaluation
template <class T, class R, class Iterator>
class Delegation : Delegate, loop::Microtask {
    using Inner = std::remove_reference_t<Iterator>;
    using Step = StepOf<Inner>;
    using Returned = typename ResultParts<Step>::Returned;
    static_assert(std::is_convertible_v<typename ResultParts<Step>::Value, T>,
                  "elementsOf() gives values that this generator cannot yield");

public:
    Delegation(GeneratorState<T, R>& generator, ElementsOf<Iterator>&& elements)
        : Delegate(&receive), Microtask(&settled), generator_(generator), iterator_(std::move(elements).take()) {}
    Delegation(const Delegation&) = delete;
    Delegation& operator=(const Delegation&) = delete;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) {
        await(iterator_.next());
        generator_.delegateTo(this);
    }
    /// What the inner iterator returned, if it returned something.
    auto await_resume() {
        generator_.received().perform();
        if constexpr (!std::is_void_v<Returned>) return std::move(returned_);
    }

private:
    void await(Promise<Step> step) noexcept {
        awaited_ = step.release();
        awaited_->markHandled();
        awaited_->subscribe(*this);
    }

    static void receive(Delegate& delegate, Resumption what) noexcept {
        auto& self = static_cast<Delegation&>(delegate);
        self.returning_ = what == Resumption::return_;
        try {
            switch (what) {
            case Resumption::next: return self.await(self.iterator_.next());
            case Resumption::throw_: return self.throwInto();
            case Resumption::return_: return self.returnInto();
            }
        } catch (...) {
            self.generator_.endDelegation({std::current_exception(), nullptr});
        }
    }

    void throwInto() {
        const promise::Reason thrown = generator_.received().takeThrown();
        if constexpr (requires { iterator_.throw_(thrown.error); }) {
            await(iterator_.throw_(thrown.error));
        } else {
            closing_ = true;
            if constexpr (requires { iterator_.return_(); }) {
                await(iterator_.return_());
            } else {
                endWithoutThrow();
            }
        }
    }

    void endWithoutThrow() noexcept { generator_.endDelegation({noThrowMethod(), nullptr}); }

    void returnInto() {
        if constexpr (!requires { iterator_.return_(); }) {
            generator_.endDelegationAfterTick();
        } else {
            if constexpr (passesValue && requires(R& value) { iterator_.return_(std::move(value)); }) {
                if (R* value = generator_.received().returned->returned())
                    return await(iterator_.return_(std::move(*value)));
            }
            await(iterator_.return_());
        }
    }

    static void settled(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& self = static_cast<Delegation&>(*node);
        const promise::Ref<Step> step = std::move(self.awaited_);
        if (verb == loop::Verb::drop) return self.generator_.collect();
        if (step->rejected()) return self.generator_.endDelegation(step->reason());
        if (self.closing_) return self.endWithoutThrow();
        try {
            self.take(promise::takeValue(*step));
        } catch (...) {
            self.generator_.endDelegation({std::current_exception(), nullptr});
        }
    }

    void take(Step step) {
        if (step) return generator_.yieldThrough(std::move(*step));
        if (returning_) {
            if constexpr (passesValue) generator_.received().returned.emplace(std::move(step));
            return generator_.endDelegation(Resumption::return_);
        }
        if constexpr (!std::is_void_v<Returned>) {
            if (Returned* returned = step.returned()) returned_.emplace(std::move(*returned));
        }
        generator_.endDelegation(Resumption::next);
    }

    /// What `return_` is given is passed through the inner iterator if both return the same.
    static constexpr bool passesValue = std::is_same_v<R, Returned> && !std::is_void_v<R>;

    struct Nothing {};

    GeneratorState<T, R>& generator_;
    Iterator iterator_; // may be a reference
    promise::Ref<Step> awaited_;
    [[no_unique_address]] std::conditional_t<std::is_void_v<Returned>, Nothing, std::optional<base::Stored<Returned>>>
        returned_;
    bool returning_ = false;
    bool closing_ = false; // for want of a `throw_`
};

}

/// `yield*`: `co_yield elementsOf(x)` yields all that another generator, an async iterator or a range yields, and gives
/// what it returned, as a `std::optional`, if that is not void.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Operators/yield*
///
/// What the outer generator is asked for meanwhile is asked of the inner one. A generator is shared, an lvalue of
/// another type is referred to, an rvalue is kept. Each value takes a tick more than where it comes from.
template <class X>
auto elementsOf(X&& x) {
    using Iterator = decltype(iteration::asyncIteratorOf(std::forward<X>(x)));
    return iteration::ElementsOf<Iterator>(iteration::asyncIteratorOf(std::forward<X>(x)));
}

}
