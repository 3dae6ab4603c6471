// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/streams/chunk_queue.hpp>
#include <rondo/streams/lent_controller.hpp>
#include <rondo/streams/queuing_strategy.hpp>
#include <rondo/streams/writable_base.hpp>
#include <rondo/streams/writable_stream_default_controller.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace rondo {

/// Where the chunks of a writable stream go: each method returns nothing or a `Promise<>`, and may be a coroutine.
/// https://developer.mozilla.org/docs/Web/API/WritableStream/WritableStream#underlyingsink
///
/// Each takes its arguments, or the first of them, or none. They are called one after the other: `start` in the
/// constructor, and each of the others when the promise of the one before has settled. A chunk may be taken by reference:
/// it stays where it is until the promise of its `write` has settled.
///
/// It owns what the functions have captured. With GCC 12 it is not to be made inside of a `co_await` expression.
template <class T>
struct UnderlyingSink {
    /// Called at once, by the constructor.
    streams::Algorithm<WritableStreamDefaultController&> start = {};
    /// Called with each chunk.
    streams::Algorithm<T&&, WritableStreamDefaultController&> write = {};
    /// Called when the stream is closed, behind all chunks.
    streams::Algorithm<> close = {};
    /// Called when the stream is aborted, with the reason; null if there is none. Nothing is called behind it.
    streams::Algorithm<const std::exception_ptr&> abort = {};
};

namespace streams {

/// A writable stream with its controller: the queue, and the sink.
template <class T>
class WritableState final : public WritableBase, public base::Pooled {
public:
    /// A stream with one count.
    static base::CountedRef<WritableState> make(UnderlyingSink<T> sink, QueuingStrategy<T> strategy) {
        const double highWaterMark = extractHighWaterMark(strategy.highWaterMark, 1);
        base::CountedRef<WritableState> made(
            new WritableState(EventLoop::current(), std::move(sink), highWaterMark, std::move(strategy.size)));
        made->start();
        return made;
    }

    /// WritableStreamDefaultWriterWrite, less its promise: the request is settled when the chunk has been written, and
    /// at once if it cannot be. `hasLock` is asked behind what a program does, which may have released it.
    ///
    /// Throws what moving the chunk throws, and `std::bad_alloc`: then nothing is written. Returns
    /// the place of who is told when the request is settled; null if it has been.
    template <class HasLock>
    Awaiter** write(T&& chunk, Deferred request, HasLock hasLock) {
        const CountedRef self = CountedRef::shared(*this);
        const double size = sizeOf(chunk);
        auto made = std::make_unique<typename Queue::Chunk>(size, std::move(chunk));
        if (gone()) return nullptr;
        if (!hasLock()) return refuse(request, released());
        if (status() == Status::errored) return refuse(request, storedError());
        if (closeQueuedOrInFlight() || status() == Status::closed) return refuse(request, closing());
        if (status() == Status::erroring) return refuse(request, storedError());
        made->value.request = std::move(request);
        Awaiter** const told = &made->value.awaiter;
        try {
            Queue::checkSize(size);
        } catch (...) {
            refused_ = std::move(made);
            errorIfNeeded(std::current_exception());
            return refused_ ? told : nullptr;
        }
        queue_.push(std::move(made));
        updateBackpressure();
        advanceQueueIfNeeded();
        return told;
    }

    bool lends(const void* controller) const noexcept override { return controller == &lent_.controller; }

    static std::exception_ptr released() noexcept {
        return typeError("the lock of this writer has been released: get another one with getWriter()");
    }

private:
    WritableState(EventLoop& loop, UnderlyingSink<T>&& sink, double highWaterMark, SizeAlgorithm<T>&& size) noexcept
        : WritableBase(loop, highWaterMark), sink_(std::move(sink)), size_(std::move(size)), lent_(WritableRef(this)) {}

    /// SetUpWritableStreamDefaultController: throws what `start` throws.
    void start() {
        const Algorithm<WritableStreamDefaultController&> start = std::move(sink_.start);
        reaction_.begin(start.closure());
        const Outcome outcome = start(lent_.controller);
        if (gone()) return reaction_.cancel();
        if (outcome.kind() == Outcome::Kind::failed) {
            reaction_.cancel();
            std::rethrow_exception(outcome.reason());
        }
        reaction_.wait(outcome, &WritableState::started, &WritableState::startFailed);
    }

    /// A chunk, and the promise of its write, if there is one.
    struct Write {
        explicit Write(T&& given) : chunk(std::move(given)) {}
        T chunk;
        Deferred request;
        Awaiter* awaiter = nullptr; // told behind the request

        void resolve() noexcept {
            request.resolve();
            if (awaiter) std::exchange(awaiter, nullptr)->tell(nullptr);
        }
        void reject(const std::exception_ptr& reason) noexcept {
            request.reject(reason);
            if (awaiter) std::exchange(awaiter, nullptr)->tell(nullptr);
        }
    };
    using Queue = ChunkQueue<Write>;

    static std::exception_ptr closing() noexcept {
        return typeError("the WritableStream is closed, or is to be: it takes no more");
    }

    static Awaiter** refuse(Deferred& request, const std::exception_ptr& reason) noexcept {
        request.reject(reason);
        return nullptr;
    }

    /// WritableStreamDefaultControllerGetChunkSize
    double sizeOf(const T& chunk) noexcept {
        try {
            return size_(chunk);
        } catch (...) {
            errorIfNeeded(std::current_exception());
            return 1;
        }
    }

    double queuedSize() const noexcept override { return queue_.totalSize(); }
    bool queueEmpty() const noexcept override { return queue_.empty(); }
    void startWriting() noexcept override {
        reaction_.begin(sink_.write.closure());
        reaction_.wait(sink_.write(std::move(queue_.peek().chunk), lent_.controller), &WritableState::written,
                       &WritableState::writeFailed);
    }
    void startClosing() noexcept override {
        reaction_.begin(sink_.close.closure());
        reaction_.wait(sink_.close(), &WritableState::sinkClosed, &WritableState::closeFailed);
    }
    void startAborting(const std::exception_ptr& reason) noexcept override {
        reaction_.begin(sink_.abort.closure());
        reaction_.wait(sink_.abort(reason), &WritableState::sinkAborted, &WritableState::abortFailed);
    }
    void resolveWrite() noexcept override { queue_.peek().resolve(); }
    void rejectWrite(const std::exception_ptr& reason) noexcept override { queue_.peek().reject(reason); }
    void dequeueWritten() noexcept override { queue_.dequeue(); }
    void rejectWrites(const std::exception_ptr& reason) noexcept override {
        while (!queue_.empty()) {
            const auto gone = queue_.dequeue();
            gone->value.reject(reason);
        }
        if (const auto refused = std::move(refused_)) refused->value.reject(reason);
    }
    void clearAlgorithms() noexcept override {
        const UnderlyingSink<T> gone = std::move(sink_);
        const SizeAlgorithm<T> goneToo = std::move(size_);
    }
    void letGo() noexcept override {
        WritableBase::letGo();
        clearAlgorithms();
        refused_ = nullptr;
        queue_.reset();
    }

    UnderlyingSink<T> sink_;
    SizeAlgorithm<T> size_;
    Queue queue_;
    typename Queue::Taken refused_; // the size of this one was not a size
    LentController<WritableStreamDefaultController> lent_;
};

}

}
