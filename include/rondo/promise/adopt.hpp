// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/state.hpp>

#include <exception>
#include <utility>

namespace rondo::promise {

/// Resolving a promise with a promise: two ticks, never flattened early.
///
/// The node of the job and of the reaction lives in the state that is resolved, so nothing is allocated. `Block` is
/// that state, or a block derived from it that has something to give up when all is done (`finishProducer`).
/// https://tc39.es/ecma262/#sec-newpromiseresolvethenablejob
template <class To, class From, class Block = State<To>>
class Adoption {
public:
    static void begin(Block& to, Ref<From> from) noexcept {
        prepare(to, std::move(from));
        start(to);
    }

    /// Makes `from` the producer of `to`, whose slot is empty: performed it queues the job, dropped it is gone again.
    static void prepare(Block& to, Ref<From> from) noexcept {
        Producer& producer = to.emplaceProducer(&prepared, from.release());
        base::thread.loop->waiting().pushBack(producer);
        to.addProducer();
    }

    static void start(Block& to) noexcept {
        Producer& producer = to.producer();
        producer.perform = &job;
        if (settles(to, producer.source)) {
            releaseSource(to);
            finish(to, [&] { to.reject({selfResolution(), nullptr}); });
        } else {
            base::thread.loop->microtasks().push(producer);
        }
    }

    /// For a block whose producer has done its part, and now waits for `from`.
    static void follow(Block& to, Ref<From> from) noexcept {
        to.producer().source = from.release();
        start(to);
    }

    /// The reaction: also used without the job, where it is the specification that calls `then`.
    static void settled(loop::Microtask* node, loop::Verb verb) noexcept {
        Block& to = blockOf(*node);
        const Ref<From> from(static_cast<State<From>*>(to.producer().source));
        if (verb == loop::Verb::run) {
            finish(to, [&] { settleAs<To>(to, *from); });
        } else {
            finish(to, [&] { to.abandon(); });
        }
    }

    static Block& blockOf(loop::Microtask& node) noexcept {
        return static_cast<Block&>(static_cast<State<To>&>(StateBase::of(node)));
    }

    /// Settles `to`, whose producer is done.
    template <class Settle>
    static void finish(Block& to, Settle&& settle) noexcept {
        to.destroyProducer();
        to.finishProducer();
        settle();
        State<To>::releaseProducer(&to);
    }

private:
    static void prepared(loop::Microtask* node, loop::Verb verb) noexcept {
        Block& to = blockOf(*node);
        if (verb == loop::Verb::run) return start(to);
        releaseSource(to);
        to.destroyProducer();
        State<To>::releaseProducer(&to);
    }

    static void job(loop::Microtask* node, loop::Verb verb) noexcept {
        if (verb == loop::Verb::drop) return settled(node, verb);
        Producer& producer = blockOf(*node).producer();
        producer.perform = &settled;
        producer.source->markHandled();
        producer.source->subscribe(producer);
    }

    /// Whether settling `to` settles `promise`: it is that, or the state behind a thenable that leads to it.
    static bool settles(StateBase& to, const StateBase* promise) noexcept {
        for (StateBase* state = &to; state != promise;) {
            Producer* next = state->forwardsTo();
            if (!next) return false;
            state = &StateBase::of(*next);
        }
        return true;
    }

    static void releaseSource(Block& to) noexcept {
        State<From>::releaseHandle(static_cast<State<From>*>(to.producer().source));
    }

    [[gnu::cold]] static std::exception_ptr selfResolution() noexcept {
        try {
            return std::make_exception_ptr(TypeError("Chaining cycle detected for promise", nullptr, {}));
        } catch (...) {
            return std::current_exception();
        }
    }
};

}
