// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/read_request.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo::network {

/// The body of a request that is a stream, read chunk by chunk, as the network wants them.
class RequestBody : private streams::ReadRequest<Uint8Array> {
public:
    RequestBody(const RequestBody&) = delete;
    RequestBody& operator=(const RequestBody&) = delete;

    bool isStream() const noexcept { return reader_.has_value(); }

    /// `TypeError` if the stream is locked.
    void open(const ReadableStream<Uint8Array>& stream) { reader_.emplace(stream.getReader()); }

    /// One of what is below is called, now or later.
    void read() noexcept { static_cast<streams::TypedReadable<Uint8Array>&>(*reader_->ref()->stream()).read(*this); }

    /// No more is wanted: the source is told.
    void cancel(const std::exception_ptr& reason) noexcept {
        if (!reader_) return;
        const ReadableStreamDefaultReader<Uint8Array> reader = *std::exchange(reader_, std::nullopt);
        this->unlink();
        try {
            reader.cancel(reason).catch_([] {});
        } catch (...) { // no memory to wait for the end of it
        }
    }

protected:
    RequestBody() noexcept = default;
    ~RequestBody() { this->unlink(); }

private:
    virtual void bodyComes(Uint8Array bytes) noexcept = 0;
    virtual void bodyEnds() noexcept = 0;
    virtual void bodyFails(const std::exception_ptr& reason) noexcept = 0;
    /// Nobody will ever say how it goes on.
    virtual void bodyIsLost() noexcept = 0;

    void chunk(Uint8Array&& bytes) noexcept final { bodyComes(std::move(bytes)); }
    void close() noexcept final { bodyEnds(); }
    void error(const std::exception_ptr& reason) noexcept final { bodyFails(reason); }
    void drop() noexcept final { bodyIsLost(); }

    std::optional<ReadableStreamDefaultReader<Uint8Array>> reader_;
};

}
