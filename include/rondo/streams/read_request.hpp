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

/// The read request of `reader.read()`, in one block with the promise that it returned.
template <class T>
class PromisedRead final : private promise::State<IteratorResult<T>> {
public:
    using Step = IteratorResult<T>;
    using State = promise::State<Step>;

    /// Throws `std::bad_alloc`.
    static PromisedRead& make() { return *State::template make<PromisedRead>(EventLoop::current(), 1, 1); }

    /// The promise, once.
    Promise<Step> promised() noexcept { return Promise<Step>(promise::Ref<Step>(this)); }
    ReadRequest<T>& request() noexcept { return request_; }

private:
    friend State;
    explicit PromisedRead(const typename State::Counts& counts) noexcept : State(counts), request_(*this) {}

    struct Request final : ReadRequest<T> {
        explicit Request(State& promise) noexcept : state(&promise) {}
        void chunk(T&& chunk) noexcept override {
            try {
                state->fulfill(Step::yielded(std::move(chunk)));
            } catch (...) {
                state->reject({std::current_exception(), nullptr});
            }
            drop();
        }
        void close() noexcept override {
            state->fulfill(Step::finished());
            drop();
        }
        void error(const std::exception_ptr& reason) noexcept override {
            state->reject({reason, nullptr});
            drop();
        }
        void drop() noexcept override { State::releaseProducer(state); }
        State* state;
    };
    Request request_;
};

}
