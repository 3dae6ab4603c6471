// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/adopt.hpp>
#include <rondo/promise/resolvers.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace rondo {

/// What a `Promise<T>` may be resolved with although it is no promise: it has `then(resolve, reject)`, and calls
/// one of them, at once or later.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Promise#thenables
template <class X, class T>
concept ThenableOf =
    !promise::isPromise<std::remove_cvref_t<X>> && requires(std::remove_cvref_t<X>& x, promise::Resolve<T> resolve,
                                                            promise::Reject<T> reject) { x.then(resolve, reject); };

/// A thenable that says what it gives, by a member type `value_type`: it can be awaited.
template <class X>
concept Thenable = requires { typename std::remove_cvref_t<X>::value_type; } &&
                   ThenableOf<X, typename std::remove_cvref_t<X>::value_type>;

namespace promise {

/// The job that calls a thenable's `then`, with the thenable and the state its resolving functions settle: a pair of
/// their own, which settles the outer promise in the same tick.
/// https://tc39.es/ecma262/#sec-newpromiseresolvethenablejob
template <class T, class X>
class ThenableJob final : public State<T> {
public:
    /// Makes the thenable the producer of `outer`, whose slot is empty, and queues the job. An `outer` that stands
    /// behind a thenable itself gives up its place, so that a chain of thenables does not grow.
    static void begin(State<T>& outer, X&& thenable, EventLoop& loop) {
        if (Producer* reaction = outer.forwardsTo()) {
            ThenableJob& self = make(std::forward<X>(thenable), loop);
            outer.forgetReactions();
            reaction->source = &self;
            self.forwardTo(*reaction);
            State<T>::releaseHandle(&outer);
            loop.microtasks().push(self.producer());
        } else {
            prepare(outer, std::forward<X>(thenable), loop);
            start(outer);
        }
    }

    /// The same, but the producer is yet to be performed, which queues the job, or to be dropped. Throws
    /// `std::bad_alloc`, or what moving `thenable` throws, and has changed nothing then.
    static void prepare(State<T>& outer, X&& thenable, EventLoop& loop) {
        ThenableJob& self = make(std::forward<X>(thenable), loop);
        Producer& reaction = outer.emplaceProducer(&prepared, &self);
        loop.waiting().pushBack(reaction);
        outer.addProducer();
        self.forwardTo(reaction);
    }

    ThenableJob(const typename State<T>::Counts& counts, X&& thenable)
        : State<T>(counts), thenable_(std::forward<X>(thenable)) {}
    ThenableJob(const ThenableJob&) = delete;
    ThenableJob& operator=(const ThenableJob&) = delete;

private:
    friend class State<T>;

    // thenable_ is destroyed by the job
    ~ThenableJob() {} // NOLINT(modernize-use-equals-default): a union member with a destructor deletes the default one

    static ThenableJob& make(X&& thenable, EventLoop& loop) {
        auto* self = State<T>::template make<ThenableJob>(loop, 1, 1, std::forward<X>(thenable));
        self->markHandled();
        loop.waiting().pushBack(self->emplaceProducer(&call, nullptr));
        return *self;
    }

    static void start(State<T>& outer) noexcept {
        outer.producer().perform = &Adoption<T, T>::settled;
        base::thread.loop->microtasks().push(outer.producer().source->producer());
    }

    static void prepared(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& outer = static_cast<State<T>&>(StateBase::of(*node));
        if (verb == loop::Verb::run) return start(outer);
        const Ref<T> self(static_cast<State<T>*>(outer.producer().source));
        self->forgetReactions();
        outer.destroyProducer();
        State<T>::releaseProducer(&outer);
        loop::Microtask& job = self->producer();
        job.perform(&job, loop::Verb::drop);
    }

    static void call(loop::Microtask* node, loop::Verb verb) noexcept; // defined in callback.hpp

    union {
        std::remove_cvref_t<X> thenable_;
    };
};

}

}
