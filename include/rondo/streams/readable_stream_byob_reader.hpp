// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_byte_state.hpp>
#include <rondo/streams/readable_stream_default_reader.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

struct ReadableStreamBYOBReaderReadOptions {
    /// How many bytes there must be, if the stream does not end before; at least 1, at most what the view has room for.
    std::size_t min = 1;
};
static_assert(std::is_trivially_destructible_v<ReadableStreamBYOBReaderReadOptions>);

namespace streams {

/// The read-into request of `reader.read(view)`, in one block with the promise that it returned.
class PromisedReadInto final : private promise::State<IteratorResult<Uint8Array, Uint8Array>> {
public:
    using Step = IteratorResult<Uint8Array, Uint8Array>;
    using State = promise::State<Step>;

    static PromisedReadInto& make() { return *State::make<PromisedReadInto>(EventLoop::current(), 1, 1); }
    Promise<Step> promised() noexcept { return Promise<Step>(promise::Ref<Step>(this)); }
    ReadIntoRequest& request() noexcept { return request_; }

private:
    friend State;
    explicit PromisedReadInto(const State::Counts& counts) noexcept : State(counts), request_(*this) {}

    struct Request final : ReadIntoRequest {
        explicit Request(State& promise) noexcept : state(&promise) {}
        void chunk(Uint8Array&& chunk) noexcept override {
            state->fulfill(Step::yielded(std::move(chunk)));
            drop();
        }
        void closeWith(Uint8Array&& empty) noexcept override {
            state->fulfill(Step::finished(std::move(empty)));
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

/// Reads a stream of bytes into buffers of one's own: "bring your own buffer".
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamBYOBReader
///
/// It is otherwise what a `ReadableStreamDefaultReader` is.
class ReadableStreamBYOBReader {
public:
    /// What `stream.getBYOBReader()` is. `TypeError` if the stream is locked, or is not made of an `UnderlyingByteSource`.
    explicit ReadableStreamBYOBReader(const ReadableStream<Uint8Array>& stream);

    /// Fills the view, and promises it back, of as many bytes as there were. When the stream is closed the result is done,
    /// and the view, empty, is what it has `returned()`; that is null if the stream was cancelled. Rejected with a
    /// `TypeError` if the view is empty, was moved from, or the reader was released; with a `RangeError` if `min` is more than
    /// its length.
    Promise<IteratorResult<Uint8Array, Uint8Array>> read(
        Uint8Array view, const ReadableStreamBYOBReaderReadOptions& options = {}) const {
        using Result = Promise<IteratorResult<Uint8Array, Uint8Array>>;
        if (view.detached()) return Result::reject(TypeError("the view given to read() has been moved elsewhere"));
        if (view.empty()) return Result::reject(TypeError("the view given to read() has no room"));
        if (options.min == 0) return Result::reject(TypeError("at least one byte is read: min is 1 or more"));
        if (options.min > view.length())
            return Result::reject(RangeError("min is more than the view given to read() has room for"));
        streams::ReadableState* const stream = state_->stream();
        if (!stream) return Result::reject(streams::ReaderState::noStream());
        const auto kept = base::CountedRef<streams::ReadableState>::shared(*stream);
        promise::Ref<IteratorResult<Uint8Array, Uint8Array>> promised;
        static_cast<streams::ByteReadable&>(*stream).readInto(std::move(view), options.min,
                                                              [&]() -> streams::ReadIntoRequest& {
                                                                  auto& read = streams::PromisedReadInto::make();
                                                                  promised = read.promised().release();
                                                                  return read.request();
                                                              });
        return Result(std::move(promised));
    }

    /// Lets go of the stream. Reads that wait are rejected with a `TypeError`, as is `closed()`.
    void releaseLock() const noexcept { state_->releaseLock(); }

    /// Fulfilled when the stream is closed, rejected when it is errored or the reader is released; that counts as handled.
    Promise<> closed() const { return state_->closed(); }

    /// Closes the stream, tells its source that no more is wanted, and promises the end of that.
    Promise<> cancel() const { return state_->cancel(nullptr); }
    template <promise::ReasonLike E>
    Promise<> cancel(E&& reason) const {
        const base::CountedRef<streams::ReaderState> kept = state_; // copying the reason is a program's own code
        return kept->cancel(promise::reasonOf(std::forward<E>(reason)));
    }

    friend bool operator==(const ReadableStreamBYOBReader& a, const ReadableStreamBYOBReader& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    const base::CountedRef<streams::ReaderState>& ref() const noexcept { return state_; }

private:
    base::CountedRef<streams::ReaderState> state_;
};

}
