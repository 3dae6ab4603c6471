// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_byte_tee.hpp>
#include <rondo/streams/readable_stream.hpp>
#include <rondo/streams/tee_state.hpp>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo {

namespace streams {

/// ReadableStreamDefaultTee. https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee
template <class T>
class DefaultTee final : public TeeState, private ReadRequest<T> {
public:
    static std::array<ReadableStream<T>, 2> make(const ReadableStream<T>& stream) {
        stream.state().refuseLocked();
        const base::CountedRef<DefaultTee> tee(new DefaultTee(stream.state()));
        ReadableStream<T> first = tee->makeBranch(0);
        ReadableStream<T> second = tee->makeBranch(1);
        tee->begin();
        return {std::move(first), std::move(second)};
    }

private:
    explicit DefaultTee(TypedReadable<T>& source) : TeeState(source) {}

    ReadableStream<T> makeBranch(std::size_t which) {
        const auto made = DefaultReadable<T>::make(
            {.start = {},
             .pull = [held = Held(*this, which)] { return static_cast<DefaultTee&>(held.tee()).pull(); },
             .cancel = [this, which](const std::exception_ptr& reason) { return this->cancel(which, reason); }},
            {});
        this->addBranch(which, *made);
        return ReadableStream<T>(made);
    }

    DefaultReadable<T>* branch(std::size_t which) const noexcept {
        return static_cast<DefaultReadable<T>*>(branches_[which].stream);
    }

    Outcome pull() noexcept {
        if (std::exchange(reading_, true)) {
            readAgain_ = true;
        } else if (this->reads()) {
            const auto kept = base::CountedRef<ReadableState>::shared(this->source_);
            static_cast<TypedReadable<T>&>(this->source_).read(*this);
        }
        return {};
    }

    void chunk(T&& chunk) noexcept override {
        this->shareLater();
        try {
            chunk_.emplace(std::move(chunk));
        } catch (...) {
            reason_ = std::current_exception();
        }
    }
    void close() noexcept override {
        const typename TeeState::Kept self = TeeState::Kept::shared(*this);
        reading_ = false;
        for (std::size_t each : {0U, 1U}) {
            if (branch(each)) branch(each)->close();
        }
        this->endIfNotCancelled();
    }
    void error(const std::exception_ptr&) noexcept override { reading_ = false; }
    void drop() noexcept override {}

    void share() noexcept override {
        readAgain_ = false;
        try {
            if (reason_) std::rethrow_exception(std::exchange(reason_, nullptr));
            T chunk(std::move(*chunk_));
            chunk_.reset();
            const bool first = !branches_[0].cancelled && branch(0);
            const bool second = !branches_[1].cancelled && branch(1);
            if (first && second) {
                T copy(chunk); // which may have dropped one of them
                if (branch(0)) branch(0)->enqueue(std::move(copy));
                if (branch(1)) branch(1)->enqueue(std::move(chunk));
            } else if (first) {
                branch(0)->enqueue(std::move(chunk));
            } else if (second) {
                branch(1)->enqueue(std::move(chunk));
            }
        } catch (...) { // as for a chunk that cannot be cloned
            return this->fail(std::current_exception());
        }
        reading_ = false;
        if (readAgain_) pull();
    }

    void letGo() noexcept override {
        TeeState::letGo();
        chunk_.reset();
        reason_ = nullptr;
    }

    bool readAgain_ = false;
    std::optional<T> chunk_;
    std::exception_ptr reason_; // what moving the chunk has thrown
};

}

template <class T>
std::array<ReadableStream<T>, 2> ReadableStream<T>::tee() const {
    if constexpr (std::is_same_v<T, Uint8Array>) {
        if (state_->ofBytes()) return streams::ByteTee::make(*this);
    }
    static_assert(promise::isCopyable<T>, "tee() copies chunks: those of this stream can only be moved");
    return streams::DefaultTee<T>::make(*this);
}

}
