// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/fwd.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo {

namespace streams {

/// Tells how much a chunk counts; without a function every chunk counts 1.
template <class T>
class SizeAlgorithm {
public:
    SizeAlgorithm() noexcept = default;
    SizeAlgorithm(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor): as the function it stands for

    /// Of any function of a `const T&`, or of nothing, that returns a number.
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, SizeAlgorithm>)
    // NOLINTNEXTLINE(google-explicit-constructor): {.size = f}
    SizeAlgorithm(F&& f) : call_(new Of<std::decay_t<F>>(std::forward<F>(f))) {}

    /// A function that counts each chunk 1, and need not be called.
    static SizeAlgorithm one() noexcept {
        SizeAlgorithm made;
        made.one_ = true;
        return made;
    }

    /// Whether there is a function.
    bool given() const noexcept { return one_ || call_; }
    /// Whether it has to be called.
    explicit operator bool() const noexcept { return static_cast<bool>(call_); }
    /// It may be destroyed meanwhile.
    double operator()(const T& chunk) const {
        const base::CountedRef<Call> kept = call_;
        return kept ? (*kept)(chunk) : 1;
    }

private:
    struct Call : base::Counted<Call>, base::Pooled {
        virtual ~Call() = default;
        virtual double operator()(const T& chunk) = 0;
    };
    template <class F>
    struct Of final : Call {
        static constexpr bool takesChunk = std::is_invocable_r_v<double, F&, const T&>;
        static constexpr bool takesNothing = std::is_invocable_r_v<double, F&>;
        static_assert(takesChunk || takesNothing,
                      "the size of a strategy takes a chunk, or nothing, and returns a number");

        template <class G>
        explicit Of(G&& g) : f(std::forward<G>(g)) {}
        double operator()(const T& chunk) override {
            if constexpr (takesChunk) {
                return static_cast<double>(f(chunk));
            } else if constexpr (takesNothing) {
                return static_cast<double>(f());
            } else {
                return 1; // or there would be a second error
            }
        }
        F f;
    };

    base::CountedRef<Call> call_;
    bool one_ = false;
};

/// ExtractHighWaterMark. https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark
inline double extractHighWaterMark(const std::optional<double>& highWaterMark, double otherwise) {
    if (!highWaterMark) return otherwise;
    if (*highWaterMark >= 0) return *highWaterMark; // not so if it is no number
    throw RangeError("a highWaterMark is a number of 0 or more");
}

}

/// When a queue is full: how much it takes, and how much a chunk counts.
/// https://developer.mozilla.org/docs/Web/API/ReadableStream/ReadableStream#queuingstrategy
///
/// `size` is called with a `const T&`, or with nothing, once for each chunk that is queued. What it throws errors the
/// stream and leaves `enqueue`, or rejects the promise of `write`.
template <class T>
struct QueuingStrategy {
    /// 1 if none is given; 0 for a stream of bytes, and for the readable side of a transform stream.
    std::optional<double> highWaterMark = {};
    streams::SizeAlgorithm<T> size = {};
};

/// What the strategies that are classes are made of. Infinity is a number.
struct QueuingStrategyInit {
    double highWaterMark;
};

/// Every chunk counts 1. https://developer.mozilla.org/docs/Web/API/CountQueuingStrategy
class CountQueuingStrategy {
public:
    explicit CountQueuingStrategy(const QueuingStrategyInit& init) noexcept : highWaterMark_(init.highWaterMark) {}

    double highWaterMark() const noexcept { return highWaterMark_; }
    template <class T>
    double size(const T&) const noexcept {
        return 1;
    }
    double size() const noexcept { return 1; }

    template <class T>
    operator QueuingStrategy<T>() const { // NOLINT(google-explicit-constructor): it is one
        return {.highWaterMark = highWaterMark_, .size = streams::SizeAlgorithm<T>::one()};
    }

private:
    double highWaterMark_;
};

/// A chunk counts its bytes: what its `byteLength()` says or, as of a `std::string` or a `std::vector`, its elements.
/// https://developer.mozilla.org/docs/Web/API/ByteLengthQueuingStrategy
class ByteLengthQueuingStrategy {
public:
    explicit ByteLengthQueuingStrategy(const QueuingStrategyInit& init) noexcept : highWaterMark_(init.highWaterMark) {}

    double highWaterMark() const noexcept { return highWaterMark_; }
    template <class T>
    double size(const T& chunk) const {
        if constexpr (requires { chunk.byteLength(); }) {
            return static_cast<double>(chunk.byteLength());
        } else {
            static_assert(
                requires { chunk.size() * sizeof(*chunk.data()); },
                "a ByteLengthQueuingStrategy is for chunks that have a byteLength(), or size() and data()");
            return static_cast<double>(chunk.size() * sizeof(*chunk.data()));
        }
    }

    template <class T>
    operator QueuingStrategy<T>() const { // NOLINT(google-explicit-constructor): it is one
        return {.highWaterMark = highWaterMark_, .size = [self = *this](const T& chunk) { return self.size(chunk); }};
    }

private:
    double highWaterMark_;
};

}
