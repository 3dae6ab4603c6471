// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/queuing_strategy.hpp>
#include <rondo/streams/readable_byte_state.hpp>
#include <rondo/streams/readable_stream_byob_request.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace rondo {

class ReadableByteStreamController;

namespace streams {

class SourcedBytes;

template <class F>
inline constexpr bool fitsAnother<F, ReadableStreamDefaultController<Uint8Array>&> =
    mayTakeSome<F, ReadableByteStreamController&>;
template <class F>
inline constexpr bool fitsAnother<F, ReadableByteStreamController&> = true;

}

/// What a source puts its bytes into.
/// https://developer.mozilla.org/docs/Web/API/ReadableByteStreamController
///
/// The functions of the source are given a reference, which is good as long as the stream lives. A copy is a handle that
/// keeps the stream alive.
class ReadableByteStreamController {
public:
    ReadableByteStreamController(const ReadableByteStreamController&) noexcept = default;
    ReadableByteStreamController(ReadableByteStreamController&& other) noexcept
        // NOLINTNEXTLINE(performance-move-constructor-init): what the source was given stays what it is
        : ReadableByteStreamController(std::as_const(other)) {}
    /// It stands for another stream from now on, unless it is the one that the source was given.
    inline ReadableByteStreamController& operator=(const ReadableByteStreamController& other) noexcept;
    ~ReadableByteStreamController() = default;

    /// The buffer that waits to be filled; nothing if none does. `std::bad_alloc` changes nothing.
    inline std::optional<ReadableStreamBYOBRequest> byobRequest() const;

    /// How many bytes more the queue takes. 0 if the stream is closed, nothing if it is errored.
    inline std::optional<double> desiredSize() const noexcept;

    /// Closes the stream when the bytes that are queued have been read. `TypeError` if that cannot be. A reader that waits
    /// with its own buffer is answered by `respond(0)` of the request.
    inline void close() const;

    /// Gives bytes to the reader, or queues them. `TypeError` if there are none, or if the stream is closed, is to be closed,
    /// or is errored; or if the view of the BYOB request has been moved elsewhere.
    inline void enqueue(Uint8Array chunk) const;

    /// Errors the stream: what is queued goes, and all reads are rejected with the reason, any copyable object or a
    /// `std::exception_ptr`. A stream that is not readable stays as it is.
    void error() const noexcept { errorWith(promise::reasonOf(std::exception_ptr())); }
    template <promise::ReasonLike E>
    void error(E&& reason) const noexcept {
        ReadableByteStreamController(*this).errorWith(promise::reasonOf(std::forward<E>(reason)));
    }

    /// Whether both stand for one stream.
    friend bool operator==(const ReadableByteStreamController& a, const ReadableByteStreamController& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    explicit ReadableByteStreamController(base::CountedRef<streams::SourcedBytes> state) noexcept
        : state_(std::move(state)) {}
    streams::SourcedBytes& state() const noexcept { return *state_; }

private:
    inline void errorWith(const std::exception_ptr& reason) const noexcept;

    base::CountedRef<streams::SourcedBytes> state_;
};

enum class ReadableStreamType : std::uint8_t { bytes };

/// Where the bytes of a `ReadableStream<Uint8Array>` come from, if its readers may bring their own buffers.
/// https://developer.mozilla.org/docs/Web/API/ReadableStream/ReadableStream#underlyingsource
///
/// It is what an `UnderlyingSource` is, but for the controller. `.type = ReadableStreamType::bytes` tells the two apart
/// where nothing else does.
struct UnderlyingByteSource {
    streams::Algorithm<ReadableByteStreamController&> start = {};
    streams::Algorithm<ReadableByteStreamController&> pull = {};
    streams::Algorithm<const std::exception_ptr&> cancel = {};
    ReadableStreamType type = ReadableStreamType::bytes;
    /// For a reader that brings no buffer one of that many bytes is made. 0 is a `TypeError`.
    std::optional<std::size_t> autoAllocateChunkSize = {};
};

namespace streams {

/// A stream of bytes, with the functions of its source.
class SourcedBytes final : public ByteReadable {
public:
    using Controller = ReadableByteStreamController;

    ~SourcedBytes() override {} // NOLINT(modernize-use-equals-default): controller_ is not destroyed

    /// SetUpReadableByteStreamController: a stream with one count. A strategy has no size.
    static base::CountedRef<SourcedBytes> make(UnderlyingByteSource source,
                                               const QueuingStrategy<Uint8Array>& strategy) {
        if (strategy.size.given()) throw RangeError("the strategy of a stream of bytes has no size: bytes are counted");
        const double highWaterMark = extractHighWaterMark(strategy.highWaterMark, 0);
        if (source.autoAllocateChunkSize == std::size_t{0})
            throw TypeError("an autoAllocateChunkSize is 1 or more; without one no buffers are made");
        base::CountedRef<SourcedBytes> made(new SourcedBytes(highWaterMark, source.autoAllocateChunkSize.value_or(0)));
        made->pullAlgorithm_ = std::move(source.pull);
        made->cancelAlgorithm_ = std::move(source.cancel);
        made->start(source.start, made->controller_);
        return made;
    }

    bool owns(const Controller& controller) const noexcept { return &controller == &controller_; }

private:
    SourcedBytes(double highWaterMark, std::size_t autoAllocateChunkSize)
        : ByteReadable(highWaterMark, autoAllocateChunkSize), controller_(base::CountedRef<SourcedBytes>(this)) {}

    ClosureRef pullClosure() const noexcept override { return pullAlgorithm_.closure(); }
    Outcome pull() noexcept override { return pullAlgorithm_(controller_); }
    void clearAlgorithms() noexcept override {
        pullAlgorithm_.clear();
        cancelAlgorithm_.clear();
    }

    union {
        Controller controller_; // never destroyed: it has no count
    };
    Algorithm<Controller&> pullAlgorithm_;
};

}

inline ReadableByteStreamController& ReadableByteStreamController::operator=(
    const ReadableByteStreamController& other) noexcept {
    if (!state_->owns(*this)) state_ = other.state_;
    return *this;
}

inline std::optional<ReadableStreamBYOBRequest> ReadableByteStreamController::byobRequest() const {
    const base::CountedRef<streams::ByobRequestState> request = state_->byobRequest();
    if (!request) return {};
    return ReadableStreamBYOBRequest(base::CountedRef<streams::ByteReadable>::shared(*state_), request);
}

inline std::optional<double> ReadableByteStreamController::desiredSize() const noexcept {
    return state_->desiredSize();
}

inline void ReadableByteStreamController::close() const {
    if (!state_->canCloseOrEnqueue())
        throw TypeError("the stream is closed, or is to be closed, or is errored: it cannot be closed");
    state_->close();
}

inline void ReadableByteStreamController::enqueue(Uint8Array chunk) const {
    if (chunk.empty()) throw TypeError("a chunk of no bytes cannot be enqueued");
    if (!state_->canCloseOrEnqueue())
        throw TypeError("the stream is closed, or is to be closed, or is errored: it takes no more");
    state_->enqueue(std::move(chunk));
}

inline void ReadableByteStreamController::errorWith(const std::exception_ptr& reason) const noexcept {
    state_->errorController(reason);
}

}
