// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/iteration/iterator_result.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/promise.hpp>

#include <exception>
#include <utility>

namespace rondo::streams {

/// Who asked for a chunk, less its type. Exactly one of its functions is called, behind which it may be gone; it may also
/// leave the list before.
///
/// The two kinds, of read requests and of read-into requests, wait in the same list of a stream: a stream has one reader
/// at a time, and that makes only one kind.
class PendingRead : public base::ListHook {
public:
    /// The close steps. A read-into request has more to be told, and this is what it is told when it is cancelled.
    virtual void close() noexcept = 0;
    /// The error steps.
    virtual void error(const std::exception_ptr& reason) noexcept = 0;
    /// Nobody will answer it: the stream has gone, or the loop goes.
    virtual void drop() noexcept = 0;

protected:
    PendingRead() noexcept = default;
    ~PendingRead() = default;
};

/// A read request. https://streams.spec.whatwg.org/#read-request
template <class T>
class ReadRequest : public PendingRead {
public:
    /// The chunk steps.
    virtual void chunk(T&& chunk) noexcept = 0;

protected:
    ~ReadRequest() = default;
};

/// A request that is answered by a promise of a `Result`.
template <class Request, class Result>
class AnsweredRequest : public Request {
public:
    using Step = Result;
    using State = promise::State<Result>;

    explicit AnsweredRequest(State& promise) noexcept : state_(promise) {}

    void close() noexcept override { answer(Result::finished()); }
    void error(const std::exception_ptr& reason) noexcept override {
        state_.reject({reason, nullptr});
        drop();
    }
    void drop() noexcept override { State::releaseProducer(&state_); }

protected:
    ~AnsweredRequest() = default;

    void answer(Result&& result) noexcept {
        try {
            state_.fulfill(std::move(result));
        } catch (...) {
            state_.reject({std::current_exception(), nullptr});
        }
        drop();
    }

private:
    State& state_;
};

/// The read request of `reader.read()`.
template <class T>
class AnsweredRead final : public AnsweredRequest<ReadRequest<T>, IteratorResult<T>> {
public:
    using AnsweredRequest<ReadRequest<T>, IteratorResult<T>>::AnsweredRequest;

    void chunk(T&& chunk) noexcept override {
        try {
            this->answer(IteratorResult<T>::yielded(std::move(chunk)));
        } catch (...) {
            this->error(std::current_exception());
        }
    }
};

/// An `AnsweredRequest`, in one block with the promise.
template <class Request>
class PromisedRead final : private Request::State {
public:
    using Step = typename Request::Step;
    using State = typename Request::State;

    /// Throws `std::bad_alloc`.
    static PromisedRead& make() { return *State::template make<PromisedRead>(EventLoop::current(), 1, 1); }

    /// The promise, once.
    Promise<Step> promised() noexcept { return Promise<Step>(promise::Ref<Step>(this)); }
    Request& request() noexcept { return request_; }

private:
    friend State;
    explicit PromisedRead(const typename State::Counts& counts) noexcept : State(counts), request_(*this) {}

    Request request_;
};

}
