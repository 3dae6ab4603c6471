// SPDX-License-Identifier: MIT
#pragma once

// What the tests of readable streams share: streams whose controller is at hand, and what they record.

#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace readable {

using rondo::Promise;
using rondo::ReadableStream;

/// A stream whose controller can be reached.
template <class T>
struct Source {
    explicit Source(rondo::QueuingStrategy<T> strategy = {})
        : stream({.start = [this](rondo::ReadableStreamDefaultController<T>& c) { controller.emplace(c); }},
                 std::move(strategy)) {}
    Source(rondo::UnderlyingSource<T> source, rondo::QueuingStrategy<T> strategy = {})
        : stream({.start = [this](rondo::ReadableStreamDefaultController<T>& c) { controller.emplace(c); },
                  .pull = std::move(source.pull),
                  .cancel = std::move(source.cancel)},
                 std::move(strategy)) {}
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    std::optional<rondo::ReadableStreamDefaultController<T>> controller;
    ReadableStream<T> stream;
};

/// recordingReadableStream: what its source is called for.
template <class T>
struct Recording {
    using Controller = rondo::ReadableStreamDefaultController<T>;

    explicit Recording(rondo::QueuingStrategy<T> strategy = {}, void (*pull)(Controller&) = nullptr)
        : stream(
              {.start = [this](Controller& c) { controller.emplace(c); },
               .pull =
                   [this, pull](Controller& c) {
                       events("pull");
                       if (pull) pull(c);
                   },
               .cancel = [this](const std::exception_ptr& reason) { events("cancel", rondo::base::describe(reason)); }},
              std::move(strategy)) {}
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    Journal events;
    std::optional<Controller> controller;
    ReadableStream<T> stream;
};

/// flushAsyncEvents: all that is ready has happened, several times over.
inline Promise<> flush() {
    for (int i = 0; i < 4; ++i) {
        auto turn = rondo::delay(0);
        co_await turn;
    }
}

/// What a promise was rejected with, or that it was not.
template <class T>
Promise<std::string> reasonOf(Promise<T> promise) {
    const auto settled = co_await promise.settled();
    co_return settled.rejected() ? rondo::base::describe(settled.reason()) : std::string("not rejected");
}

/// readableStreamToArray
template <class T>
Promise<std::vector<T>> toArray(ReadableStream<T> stream) {
    std::vector<T> chunks;
    const auto reader = stream.getReader();
    while (auto step = co_await reader.read()) {
        const T& chunk = *step;
        chunks.push_back(chunk);
    }
    co_return chunks;
}

template <class Promised>
bool isTypeError(const Promised& promise) {
    if (promise.state() != rondo::PromiseState::rejected) return false;
    try {
        std::rethrow_exception(promise.reason());
    } catch (const rondo::TypeError&) {
        return true;
    } catch (...) {
        return false;
    }
}

}
