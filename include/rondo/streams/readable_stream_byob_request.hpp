// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_byte_state.hpp>

#include <cstddef>
#include <utility>

namespace rondo {

/// A buffer that is to be filled: that of a reader that waits, or one that was made because none was brought.
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamBYOBRequest
///
/// A small shared handle, which keeps the stream: it may be kept until the bytes are there. It is good until it is
/// answered, until something else is enqueued, or the stream is cancelled or errored.
class ReadableStreamBYOBRequest {
public:
    /// Where the bytes are to be written to; empty when the request is no longer good.
    ///
    /// Unlike the Web: it is moved where JavaScript transfers its buffer, and then comes back by `respondWithNewView`.
    Uint8Array& view() const noexcept { return state_->view; }

    /// That many bytes have been written to the view. `TypeError` if the request is no longer good or the view was moved
    /// from; or if that is 0, unless the stream has been closed: then it must be 0. `RangeError` if the view is not so long.
    void respond(std::size_t bytesWritten) const {
        check();
        if (state_->view.detached())
            throw TypeError("the view has been moved elsewhere: give it back by respondWithNewView()");
        stream_->respond(bytesWritten);
    }

    /// The view, filled, comes back, or the beginning of it: a `subarray(0, n)`. `RangeError` if it begins elsewhere, or its
    /// buffer has another length.
    void respondWithNewView(Uint8Array view) const {
        check();
        if (view.detached()) throw TypeError("the view given to respondWithNewView() has been moved elsewhere");
        stream_->respondWithNewView(std::move(view));
    }

    friend bool operator==(const ReadableStreamBYOBRequest& a, const ReadableStreamBYOBRequest& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    ReadableStreamBYOBRequest(base::CountedRef<streams::ByteReadable> stream,
                              base::CountedRef<streams::ByobRequestState> state) noexcept
        : stream_(std::move(stream)), state_(std::move(state)) {}

private:
    void check() const {
        if (!state_->stream) throw TypeError("this BYOB request is no longer good: it was answered, or is not wanted");
    }

    base::CountedRef<streams::ByteReadable> stream_;
    base::CountedRef<streams::ByobRequestState> state_;
};

}
