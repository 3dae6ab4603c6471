// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/handlers.hpp>
#include <rondo/promise/thenable.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// What `then` makes: the derived promise's state, the reaction that will settle it, and the handlers, in one block.
/// https://tc39.es/ecma262/#sec-performpromisethen
///
/// The handlers live until the derived promise settles: one of them may be a coroutine, whose frame uses them.
template <class T, class U, class OnFulfilled, class OnRejected, bool fromRvalue>
class Reaction final : public State<U> {
public:
    static Ref<U> begin(Ref<T> source, OnFulfilled&& onFulfilled, OnRejected&& onRejected) {
        EventLoop& loop = EventLoop::current();
        auto* self = State<U>::template make<Reaction>(loop, 1, 1, std::move(onFulfilled), std::move(onRejected));
        Producer& producer = self->emplaceProducer(&act, nullptr);
        loop.waiting().pushBack(producer);
        StateBase& from = *source;
        producer.source = source.release();
        from.markHandled();
        from.subscribe(producer);
        return Ref<U>(self);
    }

    Reaction(const typename State<U>::Counts& counts, OnFulfilled&& onFulfilled, OnRejected&& onRejected)
        : State<U>(counts), handlers_(std::move(onFulfilled), std::move(onRejected)) {}
    Reaction(const Reaction&) = delete;
    Reaction& operator=(const Reaction&) = delete;

    void finishProducer() noexcept {
        std::destroy_at(&handlers_);
        source_ = {};
    }

private:
    friend class State<U>;
    friend class Adoption<U, U, Reaction>;
    using Base = Adoption<U, U, Reaction>;

    struct Handlers {
        Handlers(OnFulfilled&& f, OnRejected&& g) : onFulfilled(std::move(f)), onRejected(std::move(g)) {}
        OnFulfilled onFulfilled;
        OnRejected onRejected;
    };

    // as a member of a union, destroyed by finishProducer
    ~Reaction() {} // NOLINT(modernize-use-equals-default): a union member with a destructor deletes the default one

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        Reaction& self = Base::blockOf(*node);
        self.source_ = Ref<T>(static_cast<State<T>*>(self.producer().source));
        if (verb == loop::Verb::drop) {
            Base::finish(self, [&] { self.abandon(); });
        } else if (self.source_->rejected()) {
            self.onRejected();
        } else {
            self.onFulfilled();
        }
    }

    void onFulfilled() noexcept {
        if constexpr (std::is_same_v<OnFulfilled, PassOn>) {
            const Ref<T> source = std::move(source_);
            Base::finish(*this, [&] { settleAs<U>(*this, *source); });
        } else {
            perform(
                [this]() -> decltype(auto) { return callFulfilled<T, fromRvalue>(handlers_.onFulfilled, source_); });
        }
    }

    void onRejected() noexcept {
        if constexpr (std::is_same_v<OnRejected, PassOn>) {
            passReason();
        } else if constexpr (RejectionHandler<OnRejected>::takesOneType) {
            using E = typename RejectionHandler<OnRejected>::Parameter;
            bool matched = false;
            try {
                std::rethrow_exception(source_->reason().error);
            } catch (const E& error) {
                matched = true;
                perform([&]() -> decltype(auto) { return handlers_.onRejected(error); });
            } catch (...) { // another type: not for this handler
            }
            if (!matched) passReason();
        } else if constexpr (std::is_invocable_v<OnRejected&>) {
            perform([this]() -> decltype(auto) { return handlers_.onRejected(); });
        } else {
            perform([this]() -> decltype(auto) {
                return handlers_.onRejected(std::exception_ptr(source_->reason().error));
            });
        }
    }

    void passReason() noexcept {
        const Ref<T> source = std::move(source_);
        Base::finish(*this, [&] { this->reject(source->reason()); });
    }

    /// NewPromiseReactionJob: calls the handler and resolves the derived promise with what it returns.
    template <class Call>
    void perform(Call&& call) noexcept {
        using R = std::decay_t<decltype(call())>;
        try {
            if constexpr (std::is_void_v<R>) {
                call();
                Base::finish(*this, [&] { this->fulfill(); });
            } else {
                R result = call();
                resolveWith(result);
            }
        } catch (...) {
            const Reason reason(std::current_exception(), nullptr);
            Base::finish(*this, [&] { this->reject(reason); });
        }
    }

    template <class R>
    void resolveWith(R& result) {
        if constexpr (isPromise<R>) {
            Adoption<U, typename R::value_type, Reaction>::follow(*this, result.release());
        } else if constexpr (!std::is_void_v<U> && std::is_convertible_v<R&&, U>) {
            Base::finish(*this, [&] { fulfillOrReject(*this, std::move(result)); });
        } else if constexpr (Thenable<R>) {
            using V = typename R::value_type;
            Ref<V> state(State<V>::create(*base::thread.loop, 1, 0));
            ThenableJob<V, R>::begin(*state, std::move(result), *base::thread.loop);
            this->producer().perform = &Adoption<U, V, Reaction>::settled;
            state->markHandled();
            State<V>* awaited = state.release();
            this->producer().source = awaited;
            awaited->forwardTo(this->producer());
        } else {
            static_assert(std::is_void_v<U>);
            Base::finish(*this, [&] { this->fulfill(); });
        }
    }

    union {
        Handlers handlers_;
    };
    Ref<T> source_; // until the handler's work is done: it may refer to the value or the reason
};

}
