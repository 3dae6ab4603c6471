// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/generic_reader.hpp>
#include <rondo/streams/readable_byte_state.hpp>

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

/// The read-into request of `reader.read(view)`.
class AnsweredReadInto final : public AnsweredRequest<ReadIntoRequest, IteratorResult<Uint8Array, Uint8Array>> {
public:
    using AnsweredRequest::AnsweredRequest;

    void chunk(Uint8Array&& chunk) noexcept override { answer(Step::yielded(std::move(chunk))); }
    void closeWith(Uint8Array&& empty) noexcept override { answer(Step::finished(std::move(empty))); }
};

}

/// Reads a stream of bytes into buffers of one's own: "bring your own buffer".
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamBYOBReader
///
/// It is otherwise what a `ReadableStreamDefaultReader` is.
class ReadableStreamBYOBReader : public streams::GenericReader {
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
        const base::CountedRef<streams::ReadableState> stream = this->stream();
        if (!stream) return Result::reject(streams::ReaderState::noStream());
        promise::Ref<IteratorResult<Uint8Array, Uint8Array>> promised;
        static_cast<streams::ByteReadable&>(*stream).readInto(
            std::move(view), options.min, [&]() -> streams::ReadIntoRequest& {
                auto& read = streams::PromisedRead<streams::AnsweredReadInto>::make();
                promised = read.promised().release();
                return read.request();
            });
        return Result(std::move(promised));
    }

    friend bool operator==(const ReadableStreamBYOBReader& a, const ReadableStreamBYOBReader& b) noexcept {
        return a.ref() == b.ref();
    }
};

}
