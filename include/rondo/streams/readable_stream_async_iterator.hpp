// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/adopt.hpp>
#include <rondo/streams/readable_stream.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace rondo {

namespace streams {

/// An async iterator over a stream, as Web IDL has it.
/// https://webidl.spec.whatwg.org/#js-asynchronous-iterator-prototype-object
///
/// Of the promises that `next` returned it holds none, so that a value has one owner: the ongoing promise is known by its
/// state as long as it is pending, and one without a value stands in for it later.
template <class T>
class StreamIteration final : public base::Counted<StreamIteration<T>>, public base::Pooled {
public:
    using Step = IteratorResult<T>;

    /// `TypeError` if the stream is locked.
    StreamIteration(const ReadableStream<T>& stream, bool preventCancel)
        : reader_(stream.getReader().ref()), preventCancel_(preventCancel) {}

    Promise<Step> next() {
        auto request = std::make_unique<Request>(*this);
        Promise<Step> promised = request->promised();
        if (!ongoing()) {
            nextSteps(std::move(request), Promise<>::resolve());
        } else {
            awaitOngoing(*request.release(), &Request::ongoingSettled);
            setOngoing(*promised.ref());
        }
        return promised;
    }

    Promise<Step> return_(const std::exception_ptr& reason) {
        Promise<> made = ongoing() ? returnLater(reason) : returnSteps(reason);
        setOngoing(made);
        return made.then([] { return Step::finished(); });
    }

private:
    friend class base::Counted<StreamIteration>;
    ~StreamIteration() = default;

    using Ref = base::CountedRef<StreamIteration>;

    /// A call of `next`: the request for a chunk, and the reaction to what it waits for. It owns itself.
    class Request final : public ReadRequest<T>, public loop::Waiting, public base::Pooled {
    public:
        explicit Request(StreamIteration& iteration)
            : Waiting(nullptr), state_(promise::State<Step>::create(EventLoop::current(), 1, 1)), promised_(state_),
              iteration_(Ref::shared(iteration)) {}
        Request(const Request&) = delete;
        Request& operator=(const Request&) = delete;
        ~Request() { promise::State<Step>::releaseProducer(state_); }

        /// The promise, once.
        Promise<Step> promised() noexcept { return Promise<Step>(std::move(promised_)); }
        promise::State<Step>& state() const noexcept { return *state_; }

        void chunk(T&& chunk) noexcept override {
            try {
                state_->store(Step::yielded(std::move(chunk)));
            } catch (...) {
                state_->storeReason({std::current_exception(), nullptr});
            }
            answered();
        }
        void close() noexcept override {
            iteration_->reader_->releaseLock();
            state_->store(Step::finished());
            answered();
        }
        void error(const std::exception_ptr& reason) noexcept override {
            iteration_->reader_->releaseLock();
            state_->storeReason({reason, nullptr});
            answered();
        }
        void drop() noexcept override { delete this; }

        /// The ongoing promise has settled: its promise is resolved with that of another request, made now.
        static void ongoingSettled(loop::Microtask* node, loop::Verb verb) noexcept {
            const std::unique_ptr<Request> self(static_cast<Request*>(node));
            if (verb == loop::Verb::drop) return;
            try {
                auto made = Promise<>::withResolvers();
                made.resolve(Promise<>::resolve());
                auto other = std::make_unique<Request>(*self->iteration_);
                Promise<Step> promised = other->promised();
                self->iteration_->nextSteps(std::move(other), made.promise, &self->state());
                promise::Adoption<Step, Step>::begin(self->state(), promised.release());
            } catch (...) {
                self->state_->reject({std::current_exception(), nullptr});
            }
        }

    private:
        /// The promise of the read is settled, and this is the reaction to it.
        void answered() noexcept {
            this->perform = &reaction;
            EventLoop& loop = *base::thread.loop;
            loop.waiting().pushBack(*this);
            loop.microtasks().push(*this);
        }
        static void reaction(loop::Microtask* node, loop::Verb verb) noexcept {
            const std::unique_ptr<Request> self(static_cast<Request*>(node));
            if (verb == loop::Verb::drop) return;
            promise::State<Step>& state = *self->state_;
            self->iteration_->noneOngoing();
            if (state.content() != promise::StateBase::Content::value || state.value().done())
                self->iteration_->finished_ = true;
            state.settle();
        }

        promise::State<Step>* state_; // counted as a producer
        promise::Ref<Step> promised_;
        Ref iteration_;
    };

    /// A call of `return_` that waits for the ongoing promise.
    struct LateReturn final : loop::Waiting, base::Pooled {
        LateReturn(StreamIteration& of, std::exception_ptr why)
            : Waiting(&act), iteration(Ref::shared(of)), reason(std::move(why)), made(Promise<>::withResolvers()) {}
        static void act(loop::Microtask* node, loop::Verb verb) noexcept {
            const std::unique_ptr<LateReturn> self(static_cast<LateReturn*>(node));
            if (verb == loop::Verb::drop) return;
            try {
                self->made.resolve(self->iteration->returnSteps(self->reason));
            } catch (...) {
                self->made.reject(std::current_exception());
            }
        }
        Ref iteration;
        std::exception_ptr reason;
        PromiseWithResolvers<> made;
    };

    Promise<> returnLater(const std::exception_ptr& reason) {
        auto late = std::make_unique<LateReturn>(*this, reason);
        Promise<> promised = late->made.promise;
        awaitOngoing(*late.release(), &LateReturn::act);
        return promised;
    }

    /// The next steps. `settled` stands in for a promise that is done at once, that of `asking` if another request asks.
    void nextSteps(std::unique_ptr<Request> request, const Promise<>& settled,
                   const promise::StateBase* asking = nullptr) noexcept {
        promise::State<Step>& state = request->state();
        if (finished_) {
            state.fulfill(Step::finished());
            if (!asking || ongoingStep_ == asking) setOngoing(settled);
            return;
        }
        if (!asking) setOngoing(state);
        const base::CountedRef<ReaderState> reader = reader_;
        const auto stream = base::CountedRef<ReadableState>::shared(*reader->stream());
        static_cast<TypedReadable<T>&>(*stream).read(*request.release());
    }

    /// The return steps, and the asynchronous iterator return of a stream.
    /// https://streams.spec.whatwg.org/#rs-get-iterator
    Promise<> returnSteps(const std::exception_ptr& reason) {
        if (std::exchange(finished_, true)) return Promise<>::resolve();
        Promise<> result = preventCancel_ ? Promise<>::resolve() : reader_->cancel(reason);
        reader_->releaseLock();
        return result;
    }

    bool ongoing() const noexcept { return ongoingStep_ || ongoing_; }
    void setOngoing(promise::StateBase& step) noexcept {
        ongoing_ = {};
        ongoingStep_ = &step;
    }
    void setOngoing(const Promise<>& promise) noexcept {
        ongoing_ = promise.ref();
        ongoingStep_ = nullptr;
    }
    void noneOngoing() noexcept {
        ongoing_ = {};
        ongoingStep_ = nullptr;
    }
    void awaitOngoing(loop::Waiting& reaction, loop::Microtask::Perform perform) noexcept {
        promise::StateBase& awaited = ongoingStep_ ? *ongoingStep_ : *ongoing_;
        reaction.perform = perform;
        base::thread.loop->waiting().pushBack(reaction);
        awaited.markHandled();
        awaited.subscribe(reaction);
    }

    base::CountedRef<ReaderState> reader_;
    bool preventCancel_;
    bool finished_ = false;
    promise::StateBase* ongoingStep_ = nullptr;
    promise::Ref<void> ongoing_;
};

}

/// The chunks of a stream as an async iterator: what `values()` returns, and what `for await` and `forAwait` go through.
/// https://developer.mozilla.org/docs/Web/API/ReadableStream#async_iteration
///
///     while (auto step = co_await chunks.next()) use(*step);
///
/// The stream is locked until the end has come, an error, or `return_()`. A small shared handle. One that is dropped leaves
/// the stream locked, and does not cancel it: as on the Web, who leaves a loop early calls `return_()`, as `forAwait` does.
/// A call of `next()` that waits keeps the stream until it is answered: if nobody can ever do that, both go with the loop.
/// So does a function that holds its iterator or its reader while it waits for it.
template <class T>
class ReadableStreamAsyncIterator {
public:
    /// Promises the next chunk. Calls are answered in order, each when the one before has been.
    Promise<IteratorResult<T>> next() const { return kept()->next(); }

    /// Cancels the stream, unless `preventCancel` was said, and unlocks it.
    Promise<IteratorResult<T>> return_() const { return kept()->return_(nullptr); }
    template <promise::ReasonLike E>
    Promise<IteratorResult<T>> return_(E&& reason) const {
        return kept()->return_(promise::reasonOf(std::forward<E>(reason)));
    }

    // What follows is for the house.
    explicit ReadableStreamAsyncIterator(base::CountedRef<streams::StreamIteration<T>> state) noexcept
        : state_(std::move(state)) {}

private:
    /// What it calls is a program's own code, which may destroy this handle.
    base::CountedRef<streams::StreamIteration<T>> kept() const noexcept { return state_; }

    base::CountedRef<streams::StreamIteration<T>> state_;
};

template <class T>
ReadableStreamAsyncIterator<T> ReadableStream<T>::values(const ReadableStreamIteratorOptions& options) const {
    return ReadableStreamAsyncIterator<T>(
        base::CountedRef<streams::StreamIteration<T>>(new streams::StreamIteration<T>(*this, options.preventCancel)));
}

template <class T>
ReadableStreamAsyncIterator<T> ReadableStream<T>::asyncIterator() const {
    return values();
}

}
