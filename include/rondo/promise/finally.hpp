// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/handlers.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// What `finally` makes: the derived promise's state, its reaction and the handler, in one block.
/// https://tc39.es/ecma262/#sec-promise.prototype.finally
///
/// The specification calls the handler, resolves a promise with its result, and returns `promise.then(() => value)`:
/// two ticks between the handler and the settlement, or more if what it returned is pending. This block takes the
/// same ticks without the two promises between.
template <class T, class H>
class Finally final : public State<T> {
    static_assert(std::is_invocable_v<H&>,
                  "a handler of finally() takes nothing: use then() to see the value or the reason");
    using R = std::decay_t<std::invoke_result_t<H&>>;
    using V = UnwrappedT<R>; // of what the handler returned, if that is a promise or a thenable
    static constexpr bool waits = isPromise<R> || Thenable<R>;

public:
    static Ref<T> begin(Ref<T> source, H&& handler) {
        EventLoop& loop = EventLoop::current();
        auto* self = State<T>::template make<Finally>(loop, 1, 1, std::move(handler));
        Producer& producer = self->emplaceProducer(&act, nullptr);
        loop.waiting().pushBack(producer);
        StateBase& from = *source;
        producer.source = source.release();
        from.markHandled();
        from.subscribe(producer);
        return Ref<T>(self);
    }

    Finally(const typename State<T>::Counts& counts, H&& handler) : State<T>(counts), handler_(std::move(handler)) {}
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;

    void finishProducer() noexcept {
        std::destroy_at(&handler_);
        source_ = {};
        returned_ = {};
    }

private:
    friend class State<T>;
    using Base = Adoption<T, T, Finally>;

    ~Finally() {} // NOLINT(modernize-use-equals-default): a union member with a destructor deletes the default one

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        Finally& self = Base::blockOf(*node);
        self.source_ = Ref<T>(static_cast<State<T>*>(self.producer().source));
        if (verb == loop::Verb::drop) return Base::finish(self, [&] { self.abandon(); });
        try {
            self.call();
        } catch (...) {
            const Reason reason(std::current_exception(), nullptr);
            Base::finish(self, [&] { self.reject(reason); });
        }
    }

    void call() {
        if constexpr (!waits) {
            handler_();
            this->producer().perform = &returned;
            base::thread.loop->microtasks().push(this->producer());
        } else {
            if constexpr (isPromise<R>) {
                returned_ = handler_().release();
            } else {
                R thenable = handler_();
                returned_ = Ref<V>(State<V>::create(*base::thread.loop, 1, 0));
                ThenableJob<V, R>::begin(*returned_, std::move(thenable), *base::thread.loop);
            }
            this->producer().perform = &returned;
            returned_->markHandled();
            returned_->subscribe(this->producer());
        }
    }

    /// What the handler returned has settled: `() => value` runs, and its promise is followed.
    static void returned(loop::Microtask* node, loop::Verb verb) noexcept {
        if (verb == loop::Verb::drop) return done(node, verb);
        node->perform = &done;
        base::thread.loop->microtasks().push(*node);
    }

    static void done(loop::Microtask* node, loop::Verb verb) noexcept {
        Finally& self = Base::blockOf(*node);
        const Ref<T> source = std::move(self.source_);
        const Ref<V> returned = std::move(self.returned_);
        Base::finish(self, [&] {
            if (verb == loop::Verb::drop) {
                self.abandon();
            } else if (returned && returned->rejected()) {
                self.reject(returned->reason());
            } else {
                settleAs<T>(self, *source);
            }
        });
    }

    union {
        H handler_;
    };
    Ref<T> source_;
    Ref<V> returned_;
};

}
