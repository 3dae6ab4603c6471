// SPDX-License-Identifier: MIT
#pragma once

// What the tests of streams of bytes share.

#include "readable_streams.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

namespace readable_bytes {

using namespace rondo;
using readable::flush;
using readable::isTypeError;
using readable::reasonOf;

using Controller = ReadableByteStreamController;
using Bytes = ReadableStream<Uint8Array>;
using Step = IteratorResult<Uint8Array>;
using ViewStep = IteratorResult<Uint8Array, Uint8Array>;

/// A stream of bytes whose controller can be reached, and which counts its pulls.
struct Source {
    explicit Source(std::function<void(Controller&)> onPull = {}, QueuingStrategy<Uint8Array> strategy = {},
                    std::optional<std::size_t> autoAllocateChunkSize = {})
        : pull(std::move(onPull)),
          stream({.start = [this](Controller& c) { controller.emplace(c); },
                  .pull =
                      [this](Controller& c) {
                          ++pulls;
                          if (pull) pull(c);
                      },
                  .cancel = [this](const std::exception_ptr& reason) { told.push_back(base::describe(reason)); },
                  .autoAllocateChunkSize = autoAllocateChunkSize},
                 std::move(strategy)) {}
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    std::function<void(Controller&)> pull;
    std::optional<Controller> controller;
    int pulls = 0;
    std::vector<std::string> told;
    Bytes stream;
};

/// The numbers of a view, as in `1 2 3`.
inline std::string numbers(const Uint8Array& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        if (!text.empty()) text += ' ';
        text += std::to_string(byte);
    }
    return text;
}
/// What came of a read: its bytes; `done`, and with a view that came back `done:` and its bytes; or the reason.
template <class S>
Promise<std::string> outcomeOf(Promise<S> promise) {
    const auto settled = co_await promise.settled();
    if (settled.rejected()) co_return base::describe(settled.reason());
    const S& step = settled.value();
    if (step) co_return numbers(*step);
    if constexpr (std::is_same_v<S, ViewStep>) {
        if (step.returned()) co_return "done:" + numbers(*step.returned());
    }
    co_return "done";
}
template <class S>
Promise<bool> isRefused(Promise<S> promise) {
    const auto settled = co_await promise.settled();
    co_return isTypeError(promise);
}

inline Uint8Array filledWith(std::size_t length, std::size_t index, std::uint8_t byte) {
    Uint8Array bytes(length);
    bytes[index] = byte;
    return bytes;
}

}
