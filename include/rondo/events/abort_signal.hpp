// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/events/signal_state.hpp>
#include <rondo/events/target_handle.hpp>
#include <rondo/promise/state_base.hpp>

#include <concepts>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <source_location>
#include <string_view>
#include <utility>

namespace rondo {

/// Tells operations that they are no longer wanted. https://developer.mozilla.org/docs/Web/API/AbortSignal
///
/// A small shared handle: copies stand for one signal, and are equal. Operations that take it reject with its reason.
/// On abort these are told first, then its listeners are called, once; by then it and all that depend on it are
/// aborted. It belongs to its loop's thread, as its listeners do: they go with the loop. A signal that has aborted, or
/// that nobody can abort any more, lets its listeners go at the next checkpoint: they may hold it.
///
/// Unlike the Web: it is no `EventTarget`, but has the members of one; `event.target()` is the target it stands for.
class AbortSignal : public events::TargetHandle<AbortSignal> {
public:
    /// A signal that is aborted already. https://developer.mozilla.org/docs/Web/API/AbortSignal/abort_static
    static AbortSignal abort(const std::source_location& where = std::source_location::current()) {
        return abort(defaultReason(where));
    }
    template <promise::ReasonLike E>
    static AbortSignal abort(E&& reason) {
        std::exception_ptr made = promise::reasonOf(std::forward<E>(reason));
        AbortSignal signal(events::SignalStateRef(new events::SignalState));
        signal.state_->setReason(std::move(made));
        return signal;
    }

    /// Aborts when the first of its inputs does, with the same reason. Of signals, or of a range of them.
    /// https://developer.mozilla.org/docs/Web/API/AbortSignal/any_static
    template <class... Signals>
        requires(std::same_as<Signals, AbortSignal> && ...)
    static AbortSignal any(const Signals&... signals) {
        const AbortSignal* const inputs[sizeof...(Signals) + 1] = {&signals..., nullptr};
        return anyOf(inputs, inputs + sizeof...(Signals), [](const AbortSignal* input) { return input->state_.get(); });
    }
    static AbortSignal any(std::initializer_list<AbortSignal> signals) {
        return any<std::initializer_list<AbortSignal>>(signals);
    }
    template <class Range>
        requires requires(const Range& range) {
            { *std::begin(range) } -> std::same_as<const AbortSignal&>; // it is walked twice
        }
    static AbortSignal any(const Range& signals) {
        return anyOf(std::begin(signals), std::end(signals),
                     [](const AbortSignal& input) { return input.state_.get(); });
    }

    /// Aborts in a task, with a `DOMException` "TimeoutError", when the time has passed.
    /// https://developer.mozilla.org/docs/Web/API/AbortSignal/timeout_static
    ///
    /// It keeps the loop alive while it has listeners. Throws `std::logic_error` where there is no loop.
    static AbortSignal timeout(base::Milliseconds time,
                               const std::source_location& where = std::source_location::current()) {
        AbortSignal signal(events::SignalStateRef(new events::SignalState));
        signal.state_->abortAfter(time, [where]() noexcept {
            try {
                return promise::reasonOf(
                    DOMException("The operation was aborted due to timeout", "TimeoutError", where));
            } catch (...) { // no memory to say so
                return std::current_exception();
            }
        });
        return signal;
    }

    bool aborted() const noexcept { return state_->aborted(); }
    /// Null until it is aborted.
    const std::exception_ptr& reason() const noexcept { return state_->reason(); }
    /// Throws the reason, if it is aborted.
    void throwIfAborted() const {
        if (aborted()) std::rethrow_exception(reason());
    }

    /// The handler of its event: see `EventTarget::eventHandler`. `nullptr` takes it away.
    template <class F>
    void onabort(F&& f) const {
        state_->eventHandler("abort", std::forward<F>(f));
    }
    EventListener onabort() const noexcept { return state_->eventHandler("abort"); }

    friend bool operator==(const AbortSignal& a, const AbortSignal& b) noexcept { return a.state_ == b.state_; }

    template <class Stream>
    friend auto operator<<(Stream& out, const AbortSignal& signal) -> decltype(out << std::string_view()) {
        return out << "AbortSignal { aborted: " << (signal.aborted() ? "true" : "false") << " }";
    }

    // What follows is for the house.
    explicit AbortSignal(events::SignalStateRef state) noexcept : state_(std::move(state)) {}
    events::Abortable& abortable() const noexcept { return *state_; }
    static std::exception_ptr defaultReason(const std::source_location& where) {
        return std::make_exception_ptr(DOMException("This operation was aborted", "AbortError", where));
    }

private:
    friend class AbortController;
    friend class events::TargetHandle<AbortSignal>;

    EventTarget& target() const noexcept { return *state_; }

    template <class Iterator, class Sentinel, class StateOf>
    static AbortSignal anyOf(Iterator begin, Sentinel end, StateOf stateOf) {
        std::size_t count = 0;
        for (Iterator each = begin; each != end; ++each) {
            events::SignalState& input = *stateOf(*each);
            if (input.aborted()) return abort(input.reason());
            count += input.sourceCount();
        }
        AbortSignal signal(events::SignalStateRef(new events::SignalState));
        signal.state_->expectSources(count);
        for (Iterator each = begin; each != end; ++each) signal.state_->follow(*stateOf(*each));
        return signal;
    }

    events::SignalStateRef state_;
};

/// Aborts operations. https://developer.mozilla.org/docs/Web/API/AbortController
///
/// It is moved, not copied. When it is destroyed without having aborted, its signal never will.
class AbortController {
public:
    AbortController() : signal_(events::SignalStateRef(new events::SignalState)) { signal_.state_->control(); }
    AbortController(AbortController&&) noexcept = default;
    AbortController& operator=(AbortController&& other) noexcept {
        AbortController taken(std::move(other));
        std::swap(signal_, taken.signal_); // with it goes what this one had
        return *this;
    }
    ~AbortController() {
        if (signal_.state_) signal_.state_->abandon();
    }

    const AbortSignal& signal() const noexcept {
        RONDO_ASSERT(static_cast<bool>(signal_.state_), "an AbortController that was moved from is used");
        return signal_;
    }

    /// Tells the operations, and then calls the listeners, here and now; the first time. The reason is a `DOMException`
    /// "AbortError", or what is given: a `std::exception_ptr`, or any copyable object.
    /// https://developer.mozilla.org/docs/Web/API/AbortController/abort
    ///
    /// Without memory for its own reason it throws `std::bad_alloc`, having changed nothing; if copying the one that is
    /// given throws, what it throws is the reason. It may be destroyed by a listener.
    void abort(const std::source_location& where = std::source_location::current()) {
        if (!signal().aborted()) abort(AbortSignal::defaultReason(where));
    }
    template <promise::ReasonLike E>
    void abort(E&& reason) {
        if (signal().aborted()) return;
        const loop::Script script;                           // also where a destructor calls it
        const events::SignalStateRef state = signal_.state_; // copying the reason may destroy this
        const std::exception_ptr made = promise::reasonOf(std::forward<E>(reason));
        if (state->controlled()) state->abort(made);
    }

    template <class Stream>
    friend auto operator<<(Stream& out, const AbortController& controller) -> decltype(out << std::string_view()) {
        return out << "AbortController { signal: " << controller.signal_ << " }";
    }

private:
    AbortSignal signal_;
};

}
