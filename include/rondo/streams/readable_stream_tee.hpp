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
class DefaultTee final : public TeeState, private ReadRequest<T>, private loop::Waiting {
public:
    static std::array<ReadableStream<T>, 2> make(const ReadableStream<T>& stream) {
        const base::CountedRef<DefaultTee> tee(new DefaultTee(stream.getReader().ref()));
        ReadableStream<T> first = tee->makeBranch(0);
        ReadableStream<T> second = tee->makeBranch(1);
        tee->watch(*tee->reader_);
        return {std::move(first), std::move(second)};
    }

private:
    explicit DefaultTee(const base::CountedRef<ReaderState>& reader) : TeeState(reader), Waiting(&act) {}

    ReadableStream<T> makeBranch(std::size_t which) {
        const auto made = DefaultReadable<T>::make(
            {.start = {},
             .pull = [held = Held(*this, which)] { return static_cast<DefaultTee&>(held.tee()).pull(); },
             .cancel =
                 [tee = base::CountedRef<TeeState>::shared(*this), which](const std::exception_ptr& reason) {
                     return static_cast<DefaultTee&>(*tee).cancel(which, reason);
                 }},
            {});
        branches_[which].stream = made.get();
        return ReadableStream<T>(made);
    }

    DefaultReadable<T>* branch(std::size_t which) const noexcept {
        return static_cast<DefaultReadable<T>*>(branches_[which].stream);
    }

    Outcome pull() noexcept {
        if (std::exchange(reading_, true)) {
            readAgain_ = true;
        } else {
            const base::CountedRef<ReaderState> reader = reader_;
            const auto stream = base::CountedRef<ReadableState>::shared(*reader->stream());
            static_cast<TypedReadable<T>&>(*stream).read(*this);
        }
        return {};
    }

    /// An error that the stream has already takes a microtask to be heard of, and must not come behind the chunk.
    void chunk(T&& chunk) noexcept override {
        this->retain();
        EventLoop& loop = *base::thread.loop;
        loop.waiting().pushBack(*this);
        loop.microtasks().push(*this);
        try {
            chunk_.emplace(std::move(chunk));
        } catch (...) {
            reason_ = std::current_exception();
        }
    }
    void close() noexcept override {
        const base::CountedRef<TeeState> self = base::CountedRef<TeeState>::shared(*this);
        reading_ = false;
        for (std::size_t each : {0U, 1U}) {
            if (branch(each)) branch(each)->close();
        }
        this->endIfNotCancelled();
    }
    void error(const std::exception_ptr&) noexcept override { reading_ = false; }
    void drop() noexcept override {}

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& self = static_cast<DefaultTee&>(*node);
        const base::CountedRef<TeeState> kept(&self);
        static_cast<loop::Waiting&>(self).unlink();
        std::optional<T> chunk;
        try {
            if (self.chunk_) chunk.emplace(std::move(*self.chunk_));
        } catch (...) {
            self.reason_ = std::current_exception();
        }
        self.chunk_.reset();
        if (verb == loop::Verb::run) self.share(chunk);
    }

    void share(std::optional<T>& chunk) noexcept {
        readAgain_ = false;
        try {
            if (reason_) std::rethrow_exception(std::exchange(reason_, nullptr));
            const bool first = !branches_[0].cancelled && branch(0);
            const bool both = !branches_[1].cancelled && branch(1);
            if (first && both) {
                T copy(*chunk);
                if (branch(0)) branch(0)->enqueue(std::move(copy)); // copying may have dropped it
            } else if (first) {
                branch(0)->enqueue(std::move(*chunk));
            }
            if (both && branch(1)) branch(1)->enqueue(std::move(*chunk));
        } catch (...) { // as for a chunk that cannot be cloned
            const std::exception_ptr reason = std::current_exception();
            this->errorBranches(reason);
            try {
                cancelled_.resolve(reader_->cancel(reason));
            } catch (...) {
                cancelled_.reject(std::current_exception());
            }
            return;
        }
        reading_ = false;
        if (readAgain_) pull();
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
