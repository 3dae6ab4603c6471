// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/http/body_init.hpp>
#include <rondo/http/url_search_params.hpp>
#include <rondo/streams/pipe.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/readable_stream_tee.hpp>
#include <rondo/streams/transform_stream.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rondo::http {

/// The body of a request or a response: none, bytes, or a stream of bytes.
/// https://fetch.spec.whatwg.org/#concept-body
///
/// Bytes become a stream when somebody asks for one: most are read at once, and need none.
class BodyState {
public:
    BodyState() noexcept = default;
    explicit BodyState(Uint8Array bytes) noexcept : bytes_(std::move(bytes)), kind_(Kind::bytes) {}
    explicit BodyState(ReadableStream<Uint8Array> stream) noexcept : stream_(std::move(stream)), kind_(Kind::stream) {}

    /// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
    static BodyState extract(const BodyInit& init) {
        switch (init.kind()) {
        case BodyInit::Kind::null: break;
        case BodyInit::Kind::text: return BodyState(Uint8Array(init.text()));
        case BodyInit::Kind::movedText: return BodyState(Uint8Array(init.moved<std::string>()));
        case BodyInit::Kind::bytes: return BodyState(init.as<Uint8Array>());
        case BodyInit::Kind::movedBytes: return BodyState(init.moved<Uint8Array>());
        case BodyInit::Kind::movedVector: return BodyState(Uint8Array(init.moved<std::vector<std::uint8_t>>()));
        case BodyInit::Kind::params: return BodyState(Uint8Array(init.as<URLSearchParams>().toString()));
        case BodyInit::Kind::stream: {
            BodyState body(init.as<ReadableStream<Uint8Array>>());
            if (body.unusable())
                throw TypeError("the stream that is to be a body is locked, or has been read from already");
            return body;
        }
        }
        return {};
    }
    /// The Content-Type of what it is made of; null, if that says nothing about it.
    static const char* typeOf(const BodyInit& init) noexcept {
        switch (init.kind()) {
        case BodyInit::Kind::text:
        case BodyInit::Kind::movedText: return "text/plain;charset=UTF-8";
        case BodyInit::Kind::params: return "application/x-www-form-urlencoded;charset=UTF-8";
        default: return nullptr;
        }
    }

    bool isNull() const noexcept { return kind_ == Kind::null; }
    /// Whether its bytes are there, and nobody has asked for a stream.
    bool hasBytes() const noexcept { return kind_ == Kind::bytes && !used_; }
    const Uint8Array& bytes() const noexcept { return bytes_; }
    bool isStream() const noexcept { return kind_ == Kind::stream; }

    /// Whether it has been read from.
    bool disturbed() const noexcept { return used_ || (isStream() && stream_->state().disturbed()); }
    bool unusable() const noexcept { return disturbed() || (isStream() && stream_->locked()); }

    /// The bytes, which are used by that.
    Uint8Array takeBytes() noexcept {
        used_ = true;
        return std::move(bytes_);
    }

    /// Throws `std::logic_error` where there is no loop.
    const ReadableStream<Uint8Array>& stream() {
        if (isStream()) return *stream_;
        const auto bytes = std::make_shared<Uint8Array>(); // they come back if there is no memory for the rest
        swap(*bytes, bytes_);
        try {
            ReadableStream<Uint8Array> made(UnderlyingByteSource{.start =
                                                                     [bytes](ReadableByteStreamController& controller) {
                                                                         if (bytes->empty()) controller.close();
                                                                     },
                                                                 .pull =
                                                                     [bytes](ReadableByteStreamController& controller) {
                                                                         controller.enqueue(std::move(*bytes));
                                                                         controller.close();
                                                                     }});
            if (used_) { // as it is when somebody has read all of it
                made.state().disturb();
                made.getReader();
            }
            stream_ = std::move(made);
        } catch (...) {
            swap(*bytes, bytes_);
            throw;
        }
        kind_ = Kind::stream;
        used_ = false;
        return *stream_;
    }

    /// Another body that takes over what is in this one, which is used by that. Of one that may be used. Throws
    /// `std::bad_alloc`, and has changed nothing.
    /// https://streams.spec.whatwg.org/#readablestream-create-a-proxy
    BodyState proxy() {
        if (isNull()) return {};
        if (!isStream()) return BodyState(takeBytes());
        return BodyState(stream_->pipeThrough(TransformStream<Uint8Array>()));
    }

    /// https://fetch.spec.whatwg.org/#concept-body-clone
    BodyState clone() {
        if (!isStream()) return *this;
        auto branches = stream_->tee();
        stream_ = std::move(branches[0]);
        return BodyState(std::move(branches[1]));
    }

private:
    enum class Kind : std::uint8_t { null, bytes, stream };

    Uint8Array bytes_;
    std::optional<ReadableStream<Uint8Array>> stream_;
    Kind kind_ = Kind::null;
    bool used_ = false; // bytes have been taken
};

}
