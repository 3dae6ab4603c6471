// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_state.hpp>

#include <exception>
#include <utility>

namespace rondo::streams {

/// What a reader stands for, of either kind. A stream knows only of what kind its reader is; if that goes without
/// letting go of the stream, the stream stays locked.
/// https://streams.spec.whatwg.org/#generic-reader-mixin-internal-slots
class ReaderState final : public base::Counted<ReaderState>, public base::Pooled {
public:
    ReaderState(base::CountedRef<ReadableState> stream, ReadableState::ReaderKind kind)
        : closed_(stream->attachReader(kind)), stream_(std::move(stream)) {}

    ReadableState* stream() const noexcept { return stream_.get(); }
    /// [[closedPromise]]. That of a reader that was released when its stream was not readable is made when it is asked for.
    Promise<> closed() {
        if (!closed_) {
            closed_ = promise::Ref<void>(promise::State<void>::create(EventLoop::current(), 1, 0));
            closed_->markHandled();
            closed_->reject({ReadableState::readerReleased(), nullptr});
        }
        return Promise<>(closed_);
    }

    Promise<> cancel(const std::exception_ptr& reason) {
        const base::CountedRef<ReadableState> stream = stream_;
        return stream ? stream->cancel(reason) : Promise<>::reject(noStream());
    }
    void releaseLock() noexcept {
        const base::CountedRef<ReadableState> stream = std::exchange(stream_, {});
        if (!stream) return;
        if (!stream->readable()) closed_ = {};
        stream->detachReader();
    }

    static std::exception_ptr noStream() noexcept {
        return typeError("the reader was released: it has no stream any more; get another one with getReader()");
    }

private:
    friend class base::Counted<ReaderState>;
    ~ReaderState() = default;

    promise::Ref<void> closed_;
    base::CountedRef<ReadableState> stream_;
};

/// What both kinds of readers can do. https://streams.spec.whatwg.org/#generic-reader-mixin
class GenericReader {
public:
    /// Lets go of the stream, so that it can have another reader. Reads that wait are rejected with a `TypeError`, as is
    /// `closed()`.
    void releaseLock() const noexcept { state_->releaseLock(); }

    /// Fulfilled when the stream is closed, rejected when it is errored or the reader is released; that counts as handled.
    Promise<> closed() const { return state_->closed(); }

    /// Closes the stream, tells its source that no more is wanted, and promises the end of that. The reason is any
    /// copyable object or a `std::exception_ptr`.
    Promise<> cancel() const { return state_->cancel(nullptr); }
    template <promise::ReasonLike E>
    Promise<> cancel(E&& reason) const {
        const base::CountedRef<ReaderState> kept = state_; // copying the reason is a program's own code
        return kept->cancel(promise::reasonOf(std::forward<E>(reason)));
    }

    // What follows is for the house.
    const base::CountedRef<ReaderState>& ref() const noexcept { return state_; }

protected:
    /// `TypeError` if the stream is locked.
    GenericReader(ReadableState& stream, ReadableState::ReaderKind kind) {
        stream.refuseLocked();
        state_ = base::CountedRef<ReaderState>(new ReaderState(base::CountedRef<ReadableState>::shared(stream), kind));
    }
    ~GenericReader() = default;
    GenericReader(const GenericReader&) = default;
    GenericReader(GenericReader&&) noexcept = default;
    GenericReader& operator=(const GenericReader&) = default;
    GenericReader& operator=(GenericReader&&) noexcept = default;

    /// Null if the reader was released.
    base::CountedRef<ReadableState> stream() const noexcept {
        ReadableState* stream = state_->stream();
        return stream ? base::CountedRef<ReadableState>::shared(*stream) : base::CountedRef<ReadableState>();
    }

private:
    base::CountedRef<ReaderState> state_;
};

}
