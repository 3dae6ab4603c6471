// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/generic_reader.hpp>

#include <exception>
#include <utility>

namespace rondo {

/// Reads a stream chunk by chunk, and locks it meanwhile.
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamDefaultReader
///
/// A small shared handle: copies stand for one reader, and are equal. A stream whose reader is dropped stays locked, as
/// on the Web: `releaseLock()` gives it free. Each function throws `std::bad_alloc` and then has changed nothing.
template <class T>
class ReadableStreamDefaultReader : public streams::GenericReader {
public:
    /// What `stream.getReader()` is. `TypeError` if the stream is locked.
    explicit ReadableStreamDefaultReader(const ReadableStream<T>& stream);

    /// Promises the next chunk: an `IteratorResult` that is done when the stream is closed. Rejected with what the stream
    /// was errored with; with a `TypeError` if the reader was released.
    Promise<IteratorResult<T>> read() const {
        const base::CountedRef<streams::ReadableState> stream = this->stream();
        if (!stream) return Promise<IteratorResult<T>>::reject(streams::ReaderState::noStream());
        auto& read = streams::PromisedRead<streams::AnsweredRead<T>>::make();
        Promise<IteratorResult<T>> promised = read.promised();
        static_cast<streams::TypedReadable<T>&>(*stream).read(read.request());
        return promised;
    }

    friend bool operator==(const ReadableStreamDefaultReader& a, const ReadableStreamDefaultReader& b) noexcept {
        return a.ref() == b.ref();
    }
};

}
