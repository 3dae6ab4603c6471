// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/chunk_queue.hpp>
#include <rondo/streams/readable_state.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

namespace rondo::streams {

/// A read-into request. https://streams.spec.whatwg.org/#read-into-request
class ReadIntoRequest : public PendingRead {
public:
    /// The chunk steps.
    virtual void chunk(Uint8Array&& chunk) noexcept = 0;
    /// The close steps, with the empty view of what was to be filled.
    virtual void closeWith(Uint8Array&& empty) noexcept = 0;

protected:
    ~ReadIntoRequest() = default;
};

class ByteReadable;

/// What a `ReadableStreamBYOBRequest` stands for. As long as it is good, what is to be filled lies here.
struct ByobRequestState : base::Counted<ByobRequestState>, base::Pooled {
    ByteReadable* stream = nullptr; // null when it was invalidated
    Uint8Array view;
};

/// Room for bytes that somebody waits for. https://streams.spec.whatwg.org/#pull-into-descriptor
struct PullInto {
    PullInto(Uint8Array view, std::size_t minimum, ReadableState::ReaderKind kind) noexcept
        : bufferByteLength(view.bufferByteLength()), byteOffset(view.byteOffset()), byteLength(view.byteLength()),
          minimumFill(minimum), reader(kind), buffer(std::move(view).takeBuffer()) {}

    Uint8Array filled() && noexcept { return {std::move(buffer), byteOffset, bytesFilled}; }
    std::size_t room() const noexcept { return byteLength - bytesFilled; }

    std::size_t bufferByteLength;
    std::size_t byteOffset;
    std::size_t byteLength;
    std::size_t bytesFilled = 0;
    std::size_t minimumFill;
    ReadableState::ReaderKind reader;
    std::unique_ptr<ArrayBuffer> buffer; // null as long as a request has it
};

/// A stream of bytes: the internal slots of its controller, and its algorithms, whose names are said.
/// https://streams.spec.whatwg.org/#rbs-controller-internal-slots
///
/// Its elements are bytes, so it never has a part of one.
class ByteReadable : public TypedReadable<Uint8Array> {
public:
    ~ByteReadable() override { invalidateRequest(); }

    bool ofBytes() const noexcept final { return true; }

    /// ReadableByteStreamControllerClose.
    void close() noexcept {
        if (!canCloseOrEnqueue()) return;
        if (queue_.totalSize() > 0) return requestClose();
        endOfQueue();
    }

    /// ReadableByteStreamControllerEnqueue.
    void enqueue(Uint8Array chunk) {
        if (!canCloseOrEnqueue()) return;
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        const auto size = static_cast<double>(chunk.byteLength());
        ChunkQueue<Uint8Array>::Taken made = std::make_unique<ChunkQueue<Uint8Array>::Chunk>(size, std::move(chunk));
        if (!pending_.empty()) {
            takeBufferBack("the buffer of the BYOB request has been moved elsewhere: nothing can be enqueued before "
                           "respondWithNewView()");
            if (pending_.peek().reader == ReaderKind::none) enqueueDetachedPullInto();
        }
        if (readerKind() == ReaderKind::byDefault) {
            processReadRequestsUsingQueue();
            if (!hasRequests()) {
                queue_.push(std::move(made));
            } else {
                if (!pending_.empty()) pending_.dequeue();
                fulfillRequest(std::move(made->value));
            }
        } else {
            queue_.push(std::move(made));
            if (readerKind() == ReaderKind::byob) fillAndCommit(nullptr);
        }
        callPullIfNeeded();
    }

    /// ReadableByteStreamControllerGetBYOBRequest; null if nobody waits for bytes in a buffer.
    base::CountedRef<ByobRequestState> byobRequest() {
        if (!byobRequest_ && !pending_.empty()) {
            PullInto& first = pending_.peek();
            byobRequest_ = base::CountedRef<ByobRequestState>(new ByobRequestState);
            byobRequest_->stream = this;
            byobRequest_->view = {std::move(first.buffer), first.byteOffset + first.bytesFilled, first.room()};
        }
        return byobRequest_;
    }

    /// ReadableByteStreamControllerRespond.
    void respond(std::size_t bytesWritten) {
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        PullInto& first = pending_.peek();
        if (closed()) {
            if (bytesWritten != 0) throw TypeError("respond() on a stream that is closed takes 0");
        } else {
            if (bytesWritten == 0) throw TypeError("respond(0) is for a stream that is closed");
            if (bytesWritten > first.room()) throw RangeError("respond() takes no more than the length of the view");
        }
        takeBufferBack("the buffer of the BYOB request has been moved elsewhere: give it back by "
                       "respondWithNewView()");
        respondInternal(bytesWritten);
    }

    /// ReadableByteStreamControllerRespondWithNewView.
    void respondWithNewView(Uint8Array view) {
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        PullInto& first = pending_.peek();
        if (closed()) {
            if (!view.empty()) throw TypeError("respondWithNewView() on a stream that is closed takes an empty view");
        } else if (view.empty()) {
            throw TypeError("respondWithNewView() takes an empty view only if the stream is closed");
        }
        if (first.byteOffset + first.bytesFilled != view.byteOffset())
            throw RangeError("the view begins elsewhere than that of the BYOB request");
        if (first.bufferByteLength != view.bufferByteLength())
            throw RangeError("the buffer of the view has another length than that of the BYOB request");
        if (view.byteLength() > first.room()) throw RangeError("the view is longer than that of the BYOB request");
        const std::size_t bytesWritten = view.byteLength();
        first.buffer = std::move(view).takeBuffer();
        invalidateRequest();
        respondInternal(bytesWritten);
    }

    /// ReadableStreamBYOBReaderRead, with ReadableByteStreamControllerPullInto. Throws `std::bad_alloc`, and has changed
    /// nothing but the view then.
    template <class Request>
    void readInto(Uint8Array view, std::size_t minimum, Request makeRequest) {
        auto made = std::make_unique<ChunkQueue<PullInto>::Chunk>(0, std::move(view), minimum, ReaderKind::byob);
        ReadIntoRequest& request = makeRequest();
        disturb();
        if (errored()) return request.error(storedError());
        PullInto& into = made->value;
        if (!pending_.empty()) {
            pending_.push(std::move(made));
            return addRequest(request);
        }
        if (closed()) return request.closeWith(std::move(into).filled());
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        if (queue_.totalSize() > 0) {
            if (fillFromQueue(into)) {
                Uint8Array filled = std::move(into).filled();
                handleQueueDrain();
                return request.chunk(std::move(filled));
            }
            if (closeRequested()) {
                const std::exception_ptr reason = typeError("the stream ends before the view is filled");
                errorController(reason);
                return request.error(reason);
            }
        }
        pending_.push(std::move(made));
        addRequest(request);
        callPullIfNeeded();
    }

    bool hasPendingPullIntos() const noexcept { return !pending_.empty(); }

protected:
    explicit ByteReadable(double highWaterMark, std::size_t autoAllocateChunkSize)
        : TypedReadable(highWaterMark), autoAllocateChunkSize_(autoAllocateChunkSize) {}

private:
    void invalidateRequest() noexcept {
        if (!byobRequest_) return;
        byobRequest_->stream = nullptr;
        byobRequest_->view = {};
        byobRequest_ = {};
    }
    /// The request, if there is one, ends, and gives its buffer back.
    void takeBufferBack(const char* whyNot) {
        if (!byobRequest_) return;
        PullInto& first = pending_.peek();
        if (byobRequest_->view.bufferByteLength() != first.bufferByteLength) throw TypeError(whyNot);
        first.buffer = std::move(byobRequest_->view).takeBuffer();
        invalidateRequest();
    }

    /// ReadableByteStreamControllerEnqueueDetachedPullIntoToQueue.
    void enqueueDetachedPullInto() {
        PullInto& first = pending_.peek();
        if (first.bytesFilled > 0) {
            try {
                queue_.enqueue(
                    static_cast<double>(first.bytesFilled),
                    std::span<const std::uint8_t>(first.buffer->data() + first.byteOffset, first.bytesFilled));
            } catch (...) {
                errorController(std::current_exception());
                throw;
            }
        }
        pending_.dequeue();
    }

    /// ReadableByteStreamControllerFillPullIntoDescriptorFromQueue: true if it has what was asked for.
    bool fillFromQueue(PullInto& into) noexcept {
        while (into.room() > 0 && !queue_.empty()) {
            Uint8Array& chunk = queue_.peek();
            const std::size_t count = chunk.length() < into.room() ? chunk.length() : into.room();
            std::memcpy(into.buffer->data() + into.byteOffset + into.bytesFilled, chunk.data(), count);
            into.bytesFilled += count;
            if (count == chunk.length()) {
                queue_.dequeue();
            } else {
                chunk = std::move(chunk).subarray(count);
                queue_.shrinkFirst(static_cast<double>(count));
            }
        }
        return into.bytesFilled >= into.minimumFill;
    }

    /// ReadableByteStreamControllerProcessPullIntoDescriptorsUsingQueue; and what that has filled, behind `first`, is
    /// committed.
    void fillAndCommit(ChunkQueue<PullInto>::Taken first) noexcept {
        ChunkQueue<PullInto> filled;
        if (first) filled.push(std::move(first));
        while (!pending_.empty() && queue_.totalSize() > 0) {
            if (fillFromQueue(pending_.peek())) filled.push(pending_.dequeue());
        }
        while (!filled.empty()) commit(*filled.dequeue());
    }

    /// ReadableByteStreamControllerCommitPullIntoDescriptor.
    void commit(ChunkQueue<PullInto>::Chunk& into) noexcept {
        const ReaderKind kind = into.value.reader;
        Uint8Array filled = std::move(into.value).filled();
        PendingRead& request = takeRequest();
        if (kind == ReaderKind::byDefault) {
            if (closed()) return request.close();
            static_cast<ReadRequest<Uint8Array>&>(request).chunk(std::move(filled));
        } else if (closed()) {
            static_cast<ReadIntoRequest&>(request).closeWith(std::move(filled));
        } else {
            static_cast<ReadIntoRequest&>(request).chunk(std::move(filled));
        }
    }

    /// ReadableByteStreamControllerRespondInternal.
    void respondInternal(std::size_t bytesWritten) {
        if (closed()) {
            respondInClosedState();
        } else {
            respondInReadableState(bytesWritten);
        }
        callPullIfNeeded();
    }
    void respondInClosedState() noexcept {
        if (pending_.peek().reader == ReaderKind::none) pending_.dequeue();
        if (readerKind() != ReaderKind::byob) return;
        while (hasRequests()) commit(*pending_.dequeue());
    }
    void respondInReadableState(std::size_t bytesWritten) {
        PullInto& first = pending_.peek();
        first.bytesFilled += bytesWritten;
        if (first.reader == ReaderKind::none) {
            enqueueDetachedPullInto();
            return fillAndCommit(nullptr);
        }
        if (first.bytesFilled >= first.minimumFill) fillAndCommit(pending_.dequeue());
    }

    /// ReadableByteStreamControllerFillReadRequestFromQueue.
    void fillFromQueue(ReadRequest<Uint8Array>& request) noexcept {
        const ChunkQueue<Uint8Array>::Taken chunk = queue_.dequeue();
        handleQueueDrain();
        request.chunk(std::move(chunk->value));
    }
    /// ReadableByteStreamControllerProcessReadRequestsUsingQueue.
    void processReadRequestsUsingQueue() noexcept {
        while (hasRequests() && queue_.totalSize() > 0) {
            if (!pending_.empty()) pending_.dequeue(); // the buffer that was made for the request
            fillFromQueue(static_cast<ReadRequest<Uint8Array>&>(takeRequest()));
        }
    }

    /// ReadableByteStreamControllerHandleQueueDrain.
    void handleQueueDrain() noexcept {
        if (queue_.empty() && closeRequested()) {
            endOfQueue();
        } else {
            callPullIfNeeded();
        }
    }
    void endOfQueue() noexcept {
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        clearAlgorithms();
        if (readable()) closeStream();
    }

    void pullSteps(ReadRequest<Uint8Array>& request) noexcept override {
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        if (queue_.totalSize() > 0) return fillFromQueue(request);
        if (autoAllocateChunkSize_ > 0) {
            try {
                pending_.enqueue(0, Uint8Array(autoAllocateChunkSize_), std::size_t{1}, ReaderKind::byDefault);
            } catch (...) {
                return request.error(std::current_exception());
            }
        }
        addRequest(request);
        callPullIfNeeded();
    }

    void releaseSteps() noexcept override {
        if (pending_.empty()) return;
        ChunkQueue<PullInto>::Taken first = pending_.dequeue();
        first->value.reader = ReaderKind::none;
        pending_.reset();
        pending_.push(std::move(first));
    }

    double queuedSize() const noexcept override { return queue_.totalSize(); }
    void resetQueue() noexcept override {
        invalidateRequest();
        pending_.reset();
        queue_.reset();
    }

    std::size_t autoAllocateChunkSize_; // 0: none
    ChunkQueue<Uint8Array> queue_;
    ChunkQueue<PullInto> pending_; // their sizes are 0
    base::CountedRef<ByobRequestState> byobRequest_;
};

}
