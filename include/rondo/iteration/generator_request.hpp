// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/generator_body.hpp>
#include <rondo/iteration/iterator_result.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/state.hpp>

#include <utility>

namespace rondo::iteration {

/// A call of `next`, `return_` or `throw_` that has not been answered: the promise it returned, and what it said. What
/// was given lies where the result will be.
/// https://tc39.es/ecma262/#sec-asyncgeneratorrequest-records
template <class T, class R>
class Request final : public promise::State<IteratorResult<T, R>> {
public:
    using Step = IteratorResult<T, R>;
    using State = promise::State<Step>;

    Request(const typename State::Counts& counts, Resumption kind) noexcept : State(counts), what(kind) {}

    Request* next = nullptr;
    promise::State<R>* given = nullptr; // return_(promise); owns a count
    Resumption what;
};

/// A request on its way to a generator; one that does not get there is dropped.
template <class T, class R>
class NewRequest {
public:
    explicit NewRequest(Resumption what)
        : request_(
              promise::State<IteratorResult<T, R>>::template make<Request<T, R>>(EventLoop::current(), 1, 1, what)),
          promised_(request_) {}
    NewRequest(const NewRequest&) = delete;
    NewRequest& operator=(const NewRequest&) = delete;
    ~NewRequest() {
        if (request_) Request<T, R>::State::releaseProducer(request_);
    }

    Request<T, R>* operator->() const noexcept { return request_; }
    Request<T, R>& release() noexcept { return *std::exchange(request_, nullptr); }
    promise::Ref<IteratorResult<T, R>> takePromise() noexcept { return std::move(promised_); }

private:
    Request<T, R>* request_;
    promise::Ref<IteratorResult<T, R>> promised_;
};

}
