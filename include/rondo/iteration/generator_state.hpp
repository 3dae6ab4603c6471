// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/iteration/generator_request.hpp>
#include <rondo/promise/await.hpp>
#include <rondo/promise/promise.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo::iteration {

/// An async generator: the internal slots of ECMA-262, with the queue of requests.
/// https://tc39.es/ecma262/#sec-properties-of-asyncgenerator-intances
///
/// It is owned by its handles, and while there are requests by itself; it owns the frame of the body, which may live
/// no longer. It is a microtask: that of whatever it awaits for the body, at a yield or behind the end. (At a
/// `co_await` the body waits by itself.)
template <class T, class R>
class GeneratorState final : public GeneratorMicrotask<GeneratorState<T, R>>,
                             public base::Counted<GeneratorState<T, R>>,
                             public base::Pooled {
public:
    using Step = IteratorResult<T, R>;

    GeneratorState() noexcept = default;
    ~GeneratorState() { destroyBody(); }
    void release() noexcept {
        assertHome();
        base::Counted<GeneratorState>::release();
    }

    // What users ask for. https://tc39.es/ecma262/#sec-asyncgenerator-prototype

    promise::Ref<Step> next() {
        New made(Resumption::next);
        return submit(made);
    }
    template <class... Value>
    promise::Ref<Step> return_(Value&&... value) {
        New made(Resumption::return_);
        if constexpr (sizeof...(Value) > 0) made->store(Step::finished(std::forward<Value>(value)...));
        return submit(made);
    }
    promise::Ref<Step> returnPromise(promise::Ref<R> value) {
        New made(Resumption::return_);
        made->given = value.release();
        return submit(made);
    }
    promise::Ref<Step> throw_(std::exception_ptr reason) {
        New made(Resumption::throw_);
        made->storeReason({std::move(reason), nullptr});
        return submit(made);
    }

    // What the body does.

    /// Behind its body in the list of what waits, so that the end of the loop reaches it first: it knows about the body.
    void begin(GeneratorBody& body) noexcept {
        body_ = &body;
        home_ = base::homeHere();
        base::thread.loop->waiting().pushBack(*this);
    }

    /// `co_yield value`, before the body is suspended: may throw what making the value throws.
    template <class V>
    void store(V&& value) {
        current_->store(Step::yielded(std::forward<V>(value)));
    }
    /// It takes a tick, as awaiting the value does.
    void yieldStored() noexcept { this->template awaitTick<&GeneratorState::yielded>(); }
    void yieldPromise(promise::Ref<T> value) noexcept {
        this->template awaitValue<&GeneratorState::valueAwaited>(*(yieldedPromise_ = std::move(value)));
    }
    void delegateTo(Delegate* delegate) noexcept { delegate_ = delegate; }

    /// `co_return`: the result is awaited when the frame is gone.
    template <class... Value>
    void storeResult(Value&&... value) {
        result_ = {};
        current_->store(Step::finished(std::forward<Value>(value)...));
        awaitsResult_ = sizeof...(Value) > 0;
    }
    void storePromisedResult(promise::Ref<R> value) noexcept {
        current_->forgetResult();
        result_ = std::move(value);
    }
    /// The exception in flight leaves the body. True if it is the return completion: then the result is there.
    bool endsByReturn() noexcept {
        awaitsResult_ = false;
        result_ = {};
        if (current_->content() == promise::StateBase::Content::value) current_->forgetResult();
        if (!received_.returning) return false;
        try {
            throw;
        } catch (const ReturnCompletion& completion) {
            if (!received_.threw(completion)) return false;
            try {
                current_->store(received_.resultOf(completion));
            } catch (...) {
                current_->storeReason({std::current_exception(), nullptr});
            }
            return true;
        } catch (...) {
            return false;
        }
    }

    /// The frame is gone. https://tc39.es/ecma262/#sec-asyncgeneratorstart
    void ended() noexcept {
        body_ = nullptr;
        closure_.reset();
        if (result_) {
            this->template awaitValue<&GeneratorState::resultAwaited>(*result_);
        } else if (std::exchange(awaitsResult_, false)) {
            this->template awaitTick<&GeneratorState::complete>();
        } else {
            complete();
        }
    }

    /// The frame goes, although the body has not come to its end. Its parameters are still there, and may need the
    /// closure: so the rest is collected behind it.
    void lost() noexcept {
        body_ = nullptr;
        base::thread.loop->doomed().push(*this);
    }

    /// What the body, or its delegate, goes on with at the yield.
    ResumptionValue<Step>& received() noexcept { return received_; }

    // What a delegate does.

    /// Its iterator gave a value: the body stays where it is.
    template <class V>
    void yieldThrough(V&& value) {
        store(std::forward<V>(value));
        yielded();
    }
    /// The body goes on behind the `yield*`.
    void endDelegation(Resumption how) noexcept {
        delegate_ = nullptr;
        proceed(how);
    }
    void endDelegation(promise::Reason reason) noexcept {
        received_.thrown.emplace(std::move(reason));
        endDelegation(Resumption::throw_);
    }
    /// One more tick before a return completion goes on.
    void endDelegationAfterTick() noexcept {
        delegate_ = nullptr;
        this->template awaitTick<&GeneratorState::goOnReturning>();
    }

    /// It, or its delegate, waits for what will never come; or its loop ends.
    void collect() noexcept {
        if (phase_ == Phase::collected) return;
        const bool busy = phase_ == Phase::executing || phase_ == Phase::drainingQueue;
        if (!busy) this->retain(); // the last handle may be one of the body's own variables
        phase_ = Phase::collected;
        this->unlink();
        destroyBody();
        delegate_ = nullptr;
        yieldedPromise_ = {};
        result_ = {};
        if (current_) finishRequest();
        while (!queue_.empty()) giveUp(*queue_.pop());
        this->release();
    }

    /// Keeps the closure of a lambda as long as its body may run, and what is kept already. `std::bad_alloc` changes
    /// nothing.
    template <class Closure>
    void keep(const base::CountedRef<Closure>& closure) {
        struct Kept {
            base::CountedRef<Closure> outer;
            std::shared_ptr<void> inner;
        };
        auto kept = std::make_shared<Kept>();
        kept->outer = closure;
        kept->inner = std::move(closure_);
        closure_ = std::move(kept);
    }

private:
    using Request = iteration::Request<T, R>;
    using New = NewRequest<T, R>;

    /// [[AsyncGeneratorState]], and: it waited for what never came.
    enum class Phase : std::uint8_t { suspendedStart, suspendedYield, executing, drainingQueue, completed, collected };

    void assertHome() const noexcept {
        RONDO_ASSERT(base::isHome(home_), "an async generator is used on a thread that is not its loop's");
    }
    promise::Ref<Step> submit(New& made) noexcept {
        assertHome();
        promise::Ref<Step> promised = made.takePromise();
        enqueue(made.release());
        return promised;
    }

    /// AsyncGeneratorEnqueue, and what its callers do before and after.
    void enqueue(Request& request) noexcept {
        if (phase_ == Phase::collected) return giveUp(request);
        queue_.push(request);
        if (phase_ == Phase::executing || phase_ == Phase::drainingQueue) return;
        this->retain(); // also while it destroys the body, whose parameters may hold the last handle, and ask for more
        switch (std::exchange(phase_, Phase::executing)) {
        case Phase::suspendedYield: current_ = queue_.pop(); return resumeAtYield();
        case Phase::suspendedStart:
            if (request.what == Resumption::next) {
                current_ = queue_.pop();
                return resumeBody();
            }
            destroyBody();
            [[fallthrough]];
        default: return drain();
        }
    }

    void answerAtOnce() noexcept {
        if (current_->what == Resumption::next) {
            current_->fulfill(Step::finished());
        } else {
            current_->settle();
        }
        finishRequest();
    }

    void finishRequest() noexcept { giveUp(*std::exchange(current_, nullptr)); }
    static void giveUp(Request& request) noexcept {
        if (request.given) promise::State<R>::releaseHandle(std::exchange(request.given, nullptr));
        Request::State::releaseProducer(&request);
    }

    void resumeBody() noexcept {
        body_->workFor(current_);
        body_->resume();
    }

    /// AsyncGeneratorResume at a yield, with AsyncGeneratorUnwrapYieldResumption.
    /// https://tc39.es/ecma262/#sec-asyncgeneratorunwrapyieldresumption
    void resumeAtYield() noexcept {
        body_->workFor(current_);
        switch (current_->what) {
        case Resumption::next: return proceed(Resumption::next);
        case Resumption::throw_:
            received_.thrown.emplace(current_->reason());
            current_->forgetReason();
            return proceed(Resumption::throw_);
        case Resumption::return_:
            if (current_->given) {
                awaitGiven<&GeneratorState::returnAwaited>();
            } else {
                this->template awaitTick<&GeneratorState::returnTicked>();
            }
        }
    }

    void proceed(Resumption how) noexcept {
        if (delegate_) return delegate_->receive(*delegate_, how);
        received_.what = how;
        body_->resume();
    }
    void goOnReturning() noexcept { proceed(Resumption::return_); }

    void proceedThrowing(promise::Reason reason) noexcept {
        received_.thrown.emplace(std::move(reason));
        proceed(Resumption::throw_);
    }

    void returnTicked() noexcept {
        try {
            if (current_->content() == promise::StateBase::Content::value) {
                received_.returned.emplace(std::move(current_->value()));
                current_->forgetResult();
            } else {
                received_.returned.emplace(Step::finished());
            }
        } catch (...) {
            current_->forgetResult();
            return proceedThrowing({std::current_exception(), nullptr});
        }
        goOnReturning();
    }

    void returnAwaited() noexcept {
        const promise::Ref<R> given = std::move(result_);
        if (given->rejected()) return proceedThrowing(given->reason());
        try {
            received_.returned.emplace(resultOf(*given));
        } catch (...) {
            return proceedThrowing({std::current_exception(), nullptr});
        }
        goOnReturning();
    }

    static Step resultOf(promise::State<R>& from) {
        if constexpr (std::is_void_v<R>) {
            return Step::finished();
        } else {
            return Step::finished(promise::takeValue(from));
        }
    }

    /// AsyncGeneratorYield, when its value has been awaited. https://tc39.es/ecma262/#sec-asyncgeneratoryield
    void yielded() noexcept {
        current_->settle();
        finishRequest();
        if (queue_.empty()) {
            phase_ = Phase::suspendedYield;
            body_->workFor(nullptr);
            return this->release();
        }
        current_ = queue_.pop();
        resumeAtYield();
    }

    void valueAwaited() noexcept {
        const promise::Ref<T> value = std::move(yieldedPromise_);
        if (value->rejected()) return proceedThrowing(value->reason());
        try {
            store(promise::takeValue(*value));
        } catch (...) {
            return proceedThrowing({std::current_exception(), nullptr});
        }
        yielded();
    }

    void resultAwaited() noexcept {
        const promise::Ref<R> result = std::move(result_);
        if (result->rejected()) {
            current_->storeReason(result->reason());
        } else {
            try {
                current_->store(resultOf(*result));
            } catch (...) {
                current_->storeReason({std::current_exception(), nullptr});
            }
        }
        complete();
    }

    /// AsyncGeneratorCompleteStep, with what is stored, and on to the next request.
    void complete() noexcept {
        current_->settle();
        finishRequest();
        drain();
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratordrainqueue
    void drain() noexcept {
        phase_ = Phase::drainingQueue;
        while (!queue_.empty()) {
            current_ = queue_.pop();
            if (current_->what == Resumption::return_) return awaitReturn();
            answerAtOnce();
        }
        phase_ = Phase::completed;
        this->release();
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorawaitreturn
    void awaitReturn() noexcept {
        if (current_->given) return awaitGiven<&GeneratorState::resultAwaited>();
        if (current_->content() != promise::StateBase::Content::value) current_->store(Step::finished());
        this->template awaitTick<&GeneratorState::complete>();
    }

    template <void (GeneratorState::*step)() noexcept>
    void awaitGiven() noexcept {
        result_ = promise::Ref<R>(std::exchange(current_->given, nullptr));
        this->template awaitValue<step>(*result_);
    }

    void destroyBody() noexcept {
        if (GeneratorBody* body = std::exchange(body_, nullptr)) body->destroy();
        closure_.reset();
    }

    Phase phase_ = Phase::suspendedStart;
    bool awaitsResult_ = false; // behind the end of the body
    std::uint32_t home_ = 0;    // the number of its loop
    GeneratorBody* body_ = nullptr;
    Request* current_ = nullptr; // the first of the specification's queue
    loop::IntrusiveQueue<Request> queue_;
    Delegate* delegate_ = nullptr;
    promise::Ref<T> yieldedPromise_;
    promise::Ref<R> result_;
    ResumptionValue<Step> received_;
    std::shared_ptr<void> closure_;
};

}
