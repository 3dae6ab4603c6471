// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/streams/lent_controller.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/transform_stream_default_controller.hpp>
#include <rondo/streams/writable_stream.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

/// What a transform stream does with its chunks: each method returns nothing or a `Promise<>`, and may be a coroutine.
/// https://developer.mozilla.org/docs/Web/API/TransformStream/TransformStream#transformer
///
/// Each takes its arguments, or the first of them, or none. A chunk may be taken by reference: it stays where it is until
/// the promise of its `transform` has settled. Without `transform` chunks are passed on.
///
/// It owns what the functions have captured. With GCC 12 it is not to be made inside of a `co_await` expression.
template <class I, class O>
struct Transformer {
    using Controller = TransformStreamDefaultController<O>;

    /// Called at once, by the constructor.
    streams::Algorithm<Controller&> start = {};
    /// Called with each chunk that is written, when the readable side has no backpressure, one after the other.
    streams::Algorithm<I&&, Controller&> transform = {};
    /// Called when the writable side is closed, before the readable one is.
    streams::Algorithm<Controller&> flush = {};
    /// Called when the readable side is cancelled or the writable side is aborted, with the reason.
    streams::Algorithm<const std::exception_ptr&> cancel = {};
};

namespace streams {

/// A transform stream with its controller: the transformer.
template <class I, class O>
class TransformState final : public TransformOutput<O>, public base::Pooled {
    using Controller = TransformStreamDefaultController<O>;

public:
    struct Sides {
        WritableStream<I> writable;
        ReadableStream<O> readable;
    };

    static Sides make(Transformer<I, O> transformer, QueuingStrategy<I> writableStrategy,
                      QueuingStrategy<O> readableStrategy) {
        const double readableHighWaterMark = extractHighWaterMark(readableStrategy.highWaterMark, 0);
        readableStrategy.highWaterMark = readableHighWaterMark;
        if (!transformer.transform) {
            static constexpr bool passes = std::is_convertible_v<I&&, O>;
            if (!passes) throw TypeError("a TransformStream of two types needs a transform");
        }
        const auto started = Promise<>::withResolvers();
        const base::CountedRef<TransformState> made(new TransformState(EventLoop::current()));
        TransformState* self = made.get();
        Sides sides{WritableStream<I>(self->makeSink(started.promise), std::move(writableStrategy)),
                    ReadableStream<O>(self->makeSource(started.promise), std::move(readableStrategy))};
        self->output_ = static_cast<DefaultReadable<O>*>(&sides.readable.state());
        self->connect(*sides.writable.ref(), *self->output_);
        const Algorithm<Controller&> start = std::move(transformer.start);
        self->passesOn_ = !transformer.transform;
        self->transformer_ = std::move(transformer);
        self->start(start, started);
        return sides;
    }

    bool lends(const void* controller) const noexcept override { return controller == &lent_.controller; }

private:
    explicit TransformState(EventLoop& loop) noexcept
        : TransformOutput<O>(loop), lent_(base::CountedRef<TransformOutput<O>>(this)) {}

    UnderlyingSink<I> makeSink(const Promise<>& started) {
        return {
            .start = [started] { return Outcome::returned(started); },
            .write =
                [this](I&& chunk) {
                    chunk_ = &chunk;
                    return this->sinkWrite();
                },
            .close = [this] { return this->sinkClose(transformer_.flush, lent_.controller); },
            .abort = [this](const std::exception_ptr& reason) { return this->sinkAbort(transformer_.cancel, reason); }};
    }
    UnderlyingSource<O> makeSource(const Promise<>& started) {
        return {
            .start = [started] { return Outcome::returned(started); },
            .pull = [this] { return this->sourcePull(); },
            .cancel =
                [this](const std::exception_ptr& reason) { return this->sourceCancel(transformer_.cancel, reason); }};
    }

    /// What is thrown leaves.
    void start(const Algorithm<Controller&>& start, const PromiseWithResolvers<>& started) {
        this->transforming_.begin(start.closure());
        const Outcome outcome = start(lent_.controller);
        if (outcome.kind() == Outcome::Kind::failed) {
            this->transforming_.cancel();
            std::rethrow_exception(outcome.reason());
        }
        if (outcome.kind() != Outcome::Kind::returned) {
            this->transforming_.cancel();
            return started.resolve();
        }
        started.resolve(Promise<>(outcome.promise()));
        this->transforming_.wait(Outcome::promised(Promise<>(outcome.promise())), &TransformState::started,
                                 &TransformState::startFailed); // the closure is kept until then
    }

    void startTransforming() noexcept override {
        this->transforming_.begin(transformer_.transform.closure());
        this->transforming_.wait(transform(), &TransformState::transformed, &TransformState::transformFailed);
    }
    Outcome transform() noexcept {
        if constexpr (std::is_convertible_v<I&&, O>) {
            if (passesOn_) {
                try {
                    this->enqueue(std::move(*chunk_));
                    return {};
                } catch (...) {
                    return Outcome::failed(std::current_exception());
                }
            }
        }
        return transformer_.transform(std::move(*chunk_), lent_.controller);
    }

    void clearAlgorithms() noexcept override { const Transformer<I, O> gone = std::move(transformer_); }

    Transformer<I, O> transformer_;
    I* chunk_ = nullptr; // of the write that is in flight
    bool passesOn_ = false;
    LentController<Controller> lent_;
};

}

/// A writable and a readable stream: what is written to the one is transformed, and read from the other.
/// https://developer.mozilla.org/docs/Web/API/TransformStream
///
/// A small shared handle; both sides live as long as one of them is needed, and need not be held by it. Nothing is
/// transformed before somebody reads, unless the strategy of the readable side has a `highWaterMark` of more than 0. What
/// happens when, to the tick, is what the specification says.
template <class I, class O>
class TransformStream {
public:
    /// A stream that passes chunks on.
    TransformStream() : TransformStream(Transformer<I, O>()) {}

    /// Calls `transformer.start` at once; what that throws leaves. `RangeError` if a strategy's `highWaterMark` is none; it
    /// is 1 for the writable side, and 0 for the readable one, if there is none. `TypeError` if there is no `transform`, and
    /// what goes in cannot come out.
    explicit TransformStream(Transformer<I, O> transformer, QueuingStrategy<I> writableStrategy = {},
                             QueuingStrategy<O> readableStrategy = {})
        : sides_(streams::TransformState<I, O>::make(std::move(transformer), std::move(writableStrategy),
                                                     std::move(readableStrategy))) {}

    const ReadableStream<O>& readable() const noexcept { return sides_.readable; }
    const WritableStream<I>& writable() const noexcept { return sides_.writable; }

    friend bool operator==(const TransformStream& a, const TransformStream& b) noexcept {
        return a.writable() == b.writable();
    }

private:
    typename streams::TransformState<I, O>::Sides sides_;
};

}
