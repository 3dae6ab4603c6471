// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/events/event_target.hpp>
#include <rondo/iteration/iterator_result.hpp>

#include <deque>
#include <exception>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo {

struct EventsOfOptions {
    /// Ends it: requests that wait, and the next one behind the events that have come, are rejected with its reason.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<EventsOfOptions>);

namespace iteration {

/// What came of events nobody has asked for yet, or the requests for what has not come yet.
///
/// Moving a value and destroying it is a program's own code, which may ask, fire events and end this: it is done with
/// values that are not, or no longer, in the list.
template <class T>
class EventQueue final : public base::Counted<EventQueue<T>>, private events::AbortAlgorithm {
public:
    using Step = IteratorResult<T>;

    explicit EventQueue(SignalRef signal) : AbortAlgorithm(&aborted) {
        if (signal.aborted()) {
            fail(signal->reason());
        } else if (signal) {
            signal->add(*this);
        }
    }

    /// Aborted when no event is wanted any more.
    const AbortSignal& ended() const noexcept { return end_.signal(); }

    void push(T value) {
        std::list<T> kept;
        T* made = &value;
        if (!requested()) made = &kept.emplace_back(std::move(value));
        if (end_.signal().aborted()) return; // by what made the value
        if (requested()) {
            answer(takeRequest(), *made);
        } else {
            values_.splice(values_.end(), kept);
        }
    }

    Promise<Step> next() {
        auto request = Promise<Step>::withResolvers(); // before anything is taken
        if (!values_.empty()) {
            std::list<T> first;
            first.splice(first.end(), values_, values_.begin());
            answer(request, first.front());
        } else if (reason_) {
            request.reject(std::exchange(reason_, nullptr));
        } else if (end_.signal().aborted()) {
            request.resolve(Step::finished());
        } else {
            requests_.push_back(request);
        }
        return std::move(request.promise);
    }

    void finish() noexcept {
        if (end_.signal().aborted()) return;
        leave();
        end();
    }
    void fail(std::exception_ptr reason) noexcept {
        if (end_.signal().aborted()) return;
        if (!requested()) {
            reason_ = std::move(reason);
        } else {
            takeRequest().reject(std::move(reason));
        }
        end();
    }

private:
    friend class base::Counted<EventQueue>;
    ~EventQueue() = default;

    static void aborted(AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept {
        static_cast<EventQueue&>(algorithm).fail(reason);
    }

    void end() noexcept {
        while (!requests_.empty()) takeRequest().resolve(Step::finished());
        end_.abort(nobodySees_);
    }

    /// What moving the value throws is the answer.
    static void answer(const PromiseWithResolvers<Step>& request, T& value) noexcept {
        try {
            request.resolve(Step::yielded(std::move(value)));
        } catch (...) {
            request.reject(std::current_exception());
        }
    }

    /// Whether somebody waits. What was asked on a loop that has gone is forgotten.
    bool requested() noexcept {
        while (!requests_.empty() && !requests_.front().promise.ref()->home()) takeRequest();
        return !requests_.empty();
    }

    PromiseWithResolvers<Step> takeRequest() noexcept {
        PromiseWithResolvers<Step> request = std::move(requests_.front());
        requests_.pop_front();
        return request;
    }

    AbortController end_;
    const std::exception_ptr nobodySees_ = std::make_exception_ptr(nullptr); // of an end_ that is aborted
    std::list<T> values_;
    std::deque<PromiseWithResolvers<Step>> requests_;
    std::exception_ptr reason_;
};

}

/// The events of a target, as an async iterator of what a function makes of each: what `eventsOf` returns.
///
/// It listens from the moment it is made, and keeps what comes until it is asked for, without a bound. `return_()`, and
/// its destruction, end that.
template <class T>
class EventIterator {
public:
    EventIterator(EventIterator&&) noexcept = default;
    EventIterator& operator=(EventIterator&& other) noexcept {
        EventIterator taken(std::move(other));
        std::swap(queue_, taken.queue_);
        return *this;
    }
    ~EventIterator() {
        if (queue_) queue_->finish();
    }

    /// Settled already if an event has come; else by the listener, inside the dispatch. It and `return_` throw
    /// `std::bad_alloc`, and have changed nothing then.
    Promise<IteratorResult<T>> next() { return queue_->next(); }

    /// No event is heard any more. Requests that wait are answered: it is done; behind those that have come already.
    Promise<IteratorResult<T>> return_() {
        auto done = Promise<IteratorResult<T>>::resolve(IteratorResult<T>::finished());
        queue_->finish();
        return done;
    }

    // What follows is for the house.
    explicit EventIterator(base::CountedRef<iteration::EventQueue<T>> queue) noexcept : queue_(std::move(queue)) {}

private:
    base::CountedRef<iteration::EventQueue<T>> queue_;
};

/// An async iterator over what `f(event)` gives for each event of this type: Node's `events.on`.
/// https://nodejs.org/api/events.html#eventsoneventtarget-eventname-options
///
///     auto clicks = eventsOf(button, "click", [](MouseEvent& event) { return event.x(); });
///     while (auto click = co_await clicks.next()) console.log(*click);
///
/// `f` is a listener that returns something: an event does not outlive its dispatch, nor does what refers to it, so a
/// `std::string_view` is kept as a `std::string`. Without it the iterator gives `std::monostate`. An abort rejects with
/// the signal's reason; a signal that is aborted already does so at the first `next()`.
///
/// Unlike Node: the reason is not wrapped in an "AbortError".
template <class F>
auto eventsOf(EventTarget& target, std::string_view type, F&& f, const EventsOfOptions& options = {}) {
    using Parameter = typename base::SoleParameterOf<std::decay_t<F>>::type;
    constexpr bool takesNothing = std::is_invocable_v<std::decay_t<F>&>;
    using Taken = std::conditional_t<std::is_void_v<Parameter>, Event&, Parameter>;
    using Result = std::decay_t<typename std::conditional_t<takesNothing, std::invoke_result<std::decay_t<F>&>,
                                                            std::invoke_result<std::decay_t<F>&, Taken>>::type>;
    static_assert(!std::is_void_v<Result> && !std::is_convertible_v<Result, const Event*> &&
                      !std::is_base_of_v<Event, Result>,
                  "the function given to eventsOf() returns what is wanted of an event, which ends with its dispatch");
    static_assert(!promise::isPromise<Result>,
                  "the function given to eventsOf() returns at once what is wanted of an event: what takes its time is "
                  "awaited in the loop over the events");
    using T = std::conditional_t<std::is_convertible_v<Result, std::string_view>, std::string, Result>;
    using Kept = promise::KeptHandler<std::decay_t<F>, Result>;
    base::CountedRef<iteration::EventQueue<T>> queue(new iteration::EventQueue<T>(options.signal));
    if constexpr (takesNothing) {
        target.addEventListener(type, [queue, g = Kept(std::forward<F>(f))]() mutable { queue->push(T(g())); },
                                {.signal = queue->ended()});
    } else {
        target.addEventListener(
            type, [queue, g = Kept(std::forward<F>(f))](Taken event) mutable { queue->push(T(g(event))); },
            {.signal = queue->ended()});
    }
    return EventIterator<T>(std::move(queue));
}
inline EventIterator<std::monostate> eventsOf(EventTarget& target, std::string_view type,
                                              const EventsOfOptions& options = {}) {
    return eventsOf(target, type, [] { return std::monostate(); }, options);
}

}
