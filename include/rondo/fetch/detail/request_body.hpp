// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/promise/promise.hpp>
#include <rondo/streams/read_request.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo::network {

/// The body of a request that is a stream, read chunk by chunk, as the network wants them.
///
/// If it goes before the stream has ended, the stream is cancelled in a microtask: no program's code runs here and now.
class RequestBody : private streams::ReadRequest<Uint8Array> {
public:
    RequestBody(const RequestBody&) = delete;
    RequestBody& operator=(const RequestBody&) = delete;

    /// Until it is cancelled.
    bool isStream() const noexcept { return reader_.has_value(); }
    /// There is no more to be read.
    bool ended() const noexcept { return ended_ || !reader_; }

    /// `TypeError` if the stream is locked.
    void open(const ReadableStream<Uint8Array>& stream) { reader_.emplace(stream.getReader()); }

    /// One of what is below is called, now or later, unless it is cancelled. The source may be called: this must be kept.
    void read() noexcept { source().read(*this); }

    /// No more is wanted: the source is told, here and now, if there was more.
    void cancel(const std::exception_ptr& reason) noexcept {
        if (!reader_) return;
        const ReadableStreamDefaultReader<Uint8Array> reader = *std::exchange(reader_, std::nullopt);
        this->unlink();
        if (ended_) return;
        try {
            reader.cancel(reason).catch_([] {});
        } catch (...) { // no memory to wait for the end of it
        }
    }

protected:
    RequestBody() noexcept = default;
    ~RequestBody() {
        if (ended()) return;
        this->unlink();
        try {
            const ReadableStream<Uint8Array> stream(
                base::CountedRef<streams::TypedReadable<Uint8Array>>::shared(source()));
            reader_->releaseLock();
            Promise<>::resolve().then(
                [stream] { stream.cancel(TypeError("nobody waits for the response any more")).catch_([] {}); });
        } catch (...) { // no memory for that, or no loop any more
        }
    }

private:
    virtual void bodyComes(Uint8Array bytes) noexcept = 0;
    virtual void bodyEnds() noexcept = 0;
    virtual void bodyFails(const std::exception_ptr& reason) noexcept = 0;
    /// Nobody will ever say how it goes on.
    virtual void bodyIsLost() noexcept = 0;

    void chunk(Uint8Array&& bytes) noexcept final {
        if (reader_) bodyComes(std::move(bytes)); // or its source has cancelled it while it was asked
    }
    void close() noexcept final {
        ended_ = true;
        bodyEnds();
    }
    void error(const std::exception_ptr& reason) noexcept final {
        ended_ = true;
        bodyFails(reason);
    }
    void drop() noexcept final {
        ended_ = true;
        bodyIsLost();
    }

    streams::TypedReadable<Uint8Array>& source() const noexcept {
        return static_cast<streams::TypedReadable<Uint8Array>&>(*reader_->ref()->stream());
    }

    std::optional<ReadableStreamDefaultReader<Uint8Array>> reader_;
    bool ended_ = false;
};

}
