// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/chunk_queue.hpp>
#include <rondo/streams/queuing_strategy.hpp>
#include <rondo/streams/readable_state.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace rondo {

namespace streams {
template <class T>
class DefaultReadable;
}

/// What a source puts its chunks into: the queue of a `ReadableStream`.
/// https://developer.mozilla.org/docs/Web/API/ReadableStreamDefaultController
///
/// The functions of the source are given a reference, which is good as long as the stream lives. A copy is a handle that
/// keeps the stream alive: a source that enqueues later, from a timer or an event, takes one, and reads that wait are answered.
template <class T>
class ReadableStreamDefaultController {
public:
    ReadableStreamDefaultController(const ReadableStreamDefaultController&) noexcept = default;
    ReadableStreamDefaultController(ReadableStreamDefaultController&& other) noexcept
        // NOLINTNEXTLINE(performance-move-constructor-init): what the source was given stays what it is
        : ReadableStreamDefaultController(std::as_const(other)) {}
    /// It stands for another stream from now on, unless it is the one that the source was given.
    ReadableStreamDefaultController& operator=(const ReadableStreamDefaultController& other) noexcept {
        if (!state_->owns(*this)) state_ = other.state_;
        return *this;
    }
    ~ReadableStreamDefaultController() = default;

    /// How much more the queue takes: 0 or less is backpressure. 0 if the stream is closed, nothing if it is errored.
    std::optional<double> desiredSize() const noexcept { return state_->desiredSize(); }

    /// Closes the stream when the chunks that are queued have been read. `TypeError` if that cannot be.
    void close() const {
        if (!state_->canCloseOrEnqueue()) throw TypeError(state_->whyNot("close"));
        state_->close();
    }

    /// Gives a chunk to the read that has waited longest, or queues it. `TypeError` if the stream is closed, is to be
    /// closed, or is errored. What the strategy's `size` throws leaves, as does the `RangeError` for what is no size, and
    /// errors the stream. `std::bad_alloc` changes nothing.
    void enqueue(T chunk) const {
        if (!state_->canCloseOrEnqueue()) throw TypeError(state_->whyNot("enqueue a chunk"));
        state_->enqueue(std::move(chunk));
    }

    /// Errors the stream: the chunks that are queued go, and all reads are rejected with the reason, any copyable object
    /// or a `std::exception_ptr`. A stream that is not readable stays as it is.
    void error() const noexcept { state_->errorController(promise::reasonOf(std::exception_ptr())); }
    template <promise::ReasonLike E>
    void error(E&& reason) const noexcept {
        const base::CountedRef<streams::DefaultReadable<T>> kept = state_; // copying the reason is a program's own code
        kept->errorController(promise::reasonOf(std::forward<E>(reason)));
    }

    /// Whether both stand for one stream.
    friend bool operator==(const ReadableStreamDefaultController& a,
                           const ReadableStreamDefaultController& b) noexcept {
        return a.state_ == b.state_;
    }

    // What follows is for the house.
    explicit ReadableStreamDefaultController(base::CountedRef<streams::DefaultReadable<T>> state) noexcept
        : state_(std::move(state)) {}
    streams::DefaultReadable<T>& state() const noexcept { return *state_; }

private:
    base::CountedRef<streams::DefaultReadable<T>> state_;
};

/// Where the chunks of a `ReadableStream` come from.
/// https://developer.mozilla.org/docs/Web/API/ReadableStream/ReadableStream#underlyingsource
///
/// Each function takes what is said here, or nothing, and returns nothing or a `Promise<>`; it may be a coroutine. What
/// `start` throws leaves the constructor of the stream; otherwise what is thrown or rejected errors the stream.
///
/// It owns what the functions have captured. With GCC 12 it is not to be made inside of a `co_await` expression.
template <class T>
struct UnderlyingSource {
    /// Called at once, by the constructor.
    streams::Algorithm<ReadableStreamDefaultController<T>&> start = {};
    /// Called whenever the queue takes more, but not before what it returned last time, and what `start` returned, is
    /// fulfilled.
    streams::Algorithm<ReadableStreamDefaultController<T>&> pull = {};
    /// Called when the reader does not want more, with its reason; null if it gave none.
    streams::Algorithm<const std::exception_ptr&> cancel = {};
};

namespace streams {

/// A stream with a default controller, and the internal slots of that.
/// https://streams.spec.whatwg.org/#rs-default-controller-internal-slots
template <class T>
class DefaultReadable final : public TypedReadable<T> {
public:
    using Controller = ReadableStreamDefaultController<T>;

    ~DefaultReadable() override {} // NOLINT(modernize-use-equals-default): controller_ is not destroyed

    /// SetUpReadableStreamDefaultController: a stream with one count.
    static base::CountedRef<DefaultReadable> make(UnderlyingSource<T> source, QueuingStrategy<T> strategy,
                                                  double highWaterMarkOtherwise = 1) {
        const double highWaterMark = extractHighWaterMark(strategy.highWaterMark, highWaterMarkOtherwise);
        base::CountedRef<DefaultReadable> made(new DefaultReadable(highWaterMark));
        made->sizeAlgorithm_ = std::move(strategy.size);
        made->pullAlgorithm_ = std::move(source.pull);
        made->cancelAlgorithm_ = std::move(source.cancel);
        made->start(source.start, made->controller_);
        return made;
    }

    /// Whether it is the handle that the source's functions are given; that is not counted.
    bool owns(const Controller& controller) const noexcept { return &controller == &controller_; }

    /// ReadableStreamDefaultControllerClose.
    /// https://streams.spec.whatwg.org/#readable-stream-default-controller-close
    void close() noexcept {
        if (!this->canCloseOrEnqueue()) return;
        this->requestClose();
        if (queue_.empty()) endOfQueue();
    }

    /// ReadableStreamDefaultControllerEnqueue.
    /// https://streams.spec.whatwg.org/#readable-stream-default-controller-enqueue
    void enqueue(T&& chunk) {
        if (!this->canCloseOrEnqueue()) return;
        const base::CountedRef<DefaultReadable> self = base::CountedRef<DefaultReadable>::shared(*this);
        if (this->hasRequests()) {
            this->fulfillRequest(std::move(chunk));
        } else {
            typename ChunkQueue<T>::Taken made = std::make_unique<typename ChunkQueue<T>::Chunk>(1, std::move(chunk));
            if (sizeAlgorithm_) {
                try {
                    made->resize(sizeAlgorithm_(made->value));
                } catch (...) {
                    this->errorController(std::current_exception());
                    throw;
                }
            }
            queue_.push(std::move(made));
        }
        this->callPullIfNeeded();
    }

    /// ReadableStreamDefaultControllerHasBackpressure.
    bool hasBackpressure() const noexcept { return !this->shouldCallPull(); }

    std::string_view whyNot(std::string_view) const noexcept {
        return "the stream is closed, or is to be closed when its queue has been read, or is errored: it takes no more";
    }

private:
    explicit DefaultReadable(double highWaterMark)
        : TypedReadable<T>(highWaterMark), controller_(base::CountedRef<DefaultReadable>(this)) {}

    /// The last chunk has been taken of a stream that is to be closed.
    void endOfQueue() noexcept {
        const base::CountedRef<DefaultReadable> self = base::CountedRef<DefaultReadable>::shared(*this);
        clearAlgorithms();
        if (this->readable()) this->closeStream();
    }

    void pullSteps(ReadRequest<T>& request) noexcept override {
        if (queue_.empty()) {
            this->addRequest(request);
            return this->callPullIfNeeded();
        }
        const base::CountedRef<DefaultReadable> self = base::CountedRef<DefaultReadable>::shared(*this);
        const typename ChunkQueue<T>::Taken chunk = queue_.dequeue();
        if (this->closeRequested() && queue_.empty()) {
            endOfQueue();
        } else {
            this->callPullIfNeeded();
        }
        request.chunk(std::move(chunk->value));
    }

    void releaseSteps() noexcept override {}
    double queuedSize() const noexcept override { return queue_.totalSize(); }
    ClosureRef pullClosure() const noexcept override { return pullAlgorithm_.closure(); }
    Outcome pull() noexcept override { return pullAlgorithm_(controller_); }
    void resetQueue() noexcept override { queue_.reset(); }
    void clearAlgorithms() noexcept override {
        pullAlgorithm_.clear();
        this->cancelAlgorithm_.clear();
        sizeAlgorithm_ = {};
    }

    union {
        Controller controller_; // never destroyed: it has no count
    };
    ChunkQueue<T> queue_;
    SizeAlgorithm<T> sizeAlgorithm_;
    Algorithm<Controller&> pullAlgorithm_;
};

}

}
