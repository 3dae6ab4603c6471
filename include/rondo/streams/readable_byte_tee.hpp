// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/tee_state.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <utility>

namespace rondo::streams {

/// ReadableByteStreamTee. https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee
///
/// It reads the stream with a default reader, or, where a branch has a buffer to be filled, with one that brings it.
class ByteTee final : public TeeState {
public:
    static std::array<ReadableStream<Uint8Array>, 2> make(const ReadableStream<Uint8Array>& stream) {
        stream.state().refuseLocked();
        const base::CountedRef<ByteTee> tee(new ByteTee(static_cast<ByteReadable&>(stream.state())));
        ReadableStream<Uint8Array> first = tee->makeBranch(0);
        ReadableStream<Uint8Array> second = tee->makeBranch(1);
        tee->begin();
        return {std::move(first), std::move(second)};
    }

private:
    using BranchRef = base::CountedRef<ByteReadable>;

    explicit ByteTee(ByteReadable& source) : TeeState(source) {}

    ReadableStream<Uint8Array> makeBranch(std::size_t which) {
        const auto made = SourcedBytes::make(
            {.start = {},
             .pull = [held = Held(*this, which)] { return static_cast<ByteTee&>(held.tee()).pull(held.branch()); },
             .cancel = [this, which](const std::exception_ptr& reason) { return cancel(which, reason); }},
            {});
        addBranch(which, *made);
        return ReadableStream<Uint8Array>(made);
    }

    /// A branch that is not cancelled or errored, or null.
    BranchRef branch(std::size_t which) const noexcept {
        const Branch& found = branches_[which];
        if (found.cancelled || !found.stream || found.stream->errored()) return {};
        return BranchRef::shared(static_cast<ByteReadable&>(*found.stream));
    }

    struct DefaultRead final : ReadRequest<Uint8Array> {
        explicit DefaultRead(ByteTee& owner) noexcept : tee(&owner) {}
        void chunk(Uint8Array&& chunk) noexcept override { tee->answered(std::move(chunk), false); }
        void close() noexcept override { tee->closed(); }
        void error(const std::exception_ptr&) noexcept override { tee->reading_ = false; }
        void drop() noexcept override {}
        ByteTee* tee;
    };
    struct ByobRead final : ReadIntoRequest {
        explicit ByobRead(ByteTee& owner) noexcept : tee(&owner) {}
        void chunk(Uint8Array&& chunk) noexcept override { tee->answered(std::move(chunk), true); }
        void closeWith(Uint8Array&& empty) noexcept override { tee->closedInto(&empty); }
        void close() noexcept override { tee->closedInto(nullptr); }
        void error(const std::exception_ptr&) noexcept override { tee->reading_ = false; }
        void drop() noexcept override {}
        ByteTee* tee;
    };

    Outcome pull(std::size_t which) noexcept {
        if (reading_) {
            readAgain_[which] = true;
            return {};
        }
        if (!reads()) return {};
        reading_ = true;
        ReadableState* const branch = branches_[which].stream; // null if it was cancelled: then it has no request
        const auto kept = base::CountedRef<ReadableState>::shared(source_);
        auto& bytes = static_cast<ByteReadable&>(source_);
        try {
            const auto byobRequest =
                branch ? static_cast<ByteReadable&>(*branch).byobRequest() : base::CountedRef<ByobRequestState>();
            if (!byobRequest) {
                useReader(ReaderKind::byDefault);
                bytes.read(defaultRead_);
            } else {
                useReader(ReaderKind::byob);
                byobBranch_ = which;
                bytes.readInto(std::move(byobRequest->view), 1, [this]() -> ReadIntoRequest& { return byobRead_; });
            }
        } catch (...) { // there is no memory to read into the view, which has gone with it
            fail(std::current_exception());
        }
        return {};
    }

    void answered(Uint8Array&& chunk, bool intoView) noexcept {
        chunk_ = std::move(chunk);
        intoView_ = intoView;
        shareLater();
    }
    void share() noexcept override {
        Uint8Array chunk = std::move(chunk_);
        readAgain_ = {};
        try {
            intoView_ ? shareView(chunk) : shareChunk(chunk);
        } catch (...) { // there is no memory for a copy
            return fail(std::current_exception());
        }
        reading_ = false;
        const std::size_t which = readAgain_[0] ? 0 : 1;
        if (readAgain_[which]) pull(which);
    }

    void shareChunk(Uint8Array& chunk) const {
        const BranchRef first = branch(0);
        const BranchRef second = branch(1);
        if (first && second) {
            Uint8Array copy(chunk);
            first->enqueue(std::move(chunk));
            second->enqueue(std::move(copy));
        } else if (first) {
            first->enqueue(std::move(chunk));
        } else if (second) {
            second->enqueue(std::move(chunk));
        }
    }
    void shareView(Uint8Array& chunk) const {
        const BranchRef asked = branch(byobBranch_);
        const BranchRef other = branch(1 - byobBranch_);
        if (other) {
            Uint8Array copy(chunk);
            if (asked) asked->respondWithNewView(std::move(chunk));
            other->enqueue(std::move(copy));
        } else if (asked) {
            asked->respondWithNewView(std::move(chunk));
        }
    }

    void closed() noexcept {
        const Kept self = Kept::shared(*this);
        reading_ = false;
        const std::array<BranchRef, 2> each{branch(0), branch(1)};
        for (const BranchRef& stream : each) {
            if (stream) stream->close();
        }
        for (const BranchRef& stream : each) respondNothing(stream);
        endIfNotCancelled();
    }
    void closedInto(Uint8Array* empty) noexcept {
        const Kept self = Kept::shared(*this);
        reading_ = false;
        const BranchRef asked = branch(byobBranch_);
        const BranchRef other = branch(1 - byobBranch_);
        if (asked) asked->close();
        if (other) other->close();
        if (empty) {
            try {
                if (asked) asked->respondWithNewView(std::move(*empty));
            } catch (...) {
                asked->errorController(std::current_exception());
            }
            respondNothing(other);
        }
        endIfNotCancelled();
    }
    static void respondNothing(const BranchRef& stream) noexcept {
        try {
            if (stream && stream->hasPendingPullIntos()) stream->respond(0);
        } catch (...) {
            stream->errorController(std::current_exception());
        }
    }

    void letGo() noexcept override {
        TeeState::letGo();
        chunk_ = {};
    }

    std::array<bool, 2> readAgain_{};
    std::size_t byobBranch_ = 0; // whose buffer is being filled
    bool intoView_ = false;
    Uint8Array chunk_;
    DefaultRead defaultRead_{*this};
    ByobRead byobRead_{*this};
};

}
