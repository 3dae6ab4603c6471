// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/streams/algorithm.hpp>
#include <rondo/streams/deferred.hpp>
#include <rondo/streams/lifetime.hpp>
#include <rondo/streams/read_request.hpp>
#include <rondo/streams/type_error.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace rondo::streams {

/// A cancel of a stream: what it has promised, and what waits for the source. It lives as long as that may come to its end.
class Cancellation final : public base::Counted<Cancellation>, public base::Pooled {
public:
    /// All that a cancel takes. Throws `std::bad_alloc`.
    static base::CountedRef<Cancellation> make() { return base::CountedRef<Cancellation>(new Cancellation); }

    Promise<> promise() const noexcept { return result_.promise(); }
    void tellSource(const Algorithm<const std::exception_ptr&>& cancel, const std::exception_ptr& reason) noexcept {
        reaction_.begin(cancel.closure());
        reaction_.wait(cancel(reason), &Cancellation::done, &Cancellation::failed);
    }

private:
    friend class base::Counted<Cancellation>;
    Cancellation() = default;
    ~Cancellation() = default;

    void done() noexcept { result_.resolve(); }
    void failed(const std::exception_ptr& reason) noexcept { result_.reject(reason); }

    Deferred result_ = Deferred::make();
    Reaction<Cancellation> reaction_{*this};
};

/// What a `ReadableStream` stands for, less the type of its chunks: the internal slots of the stream, and those that
/// both kinds of controllers have.
/// https://streams.spec.whatwg.org/#rs-internal-slots
///
/// It is counted by handles on the stream, on its controller and on its reader, and by what its source's functions have
/// promised. When the last of these goes, so do the functions, and reads that wait are collected. It is known to its loop, and
/// when that goes it lets go of all it holds, for that may hold the stream.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): its owners count, and the last of them destroys it
class ReadableState : public Lifetime, public base::Pooled {
public:
    enum class Status : std::uint8_t { readable, closed, errored };
    enum class ReaderKind : std::uint8_t { none, byDefault, byob };

    Status status() const noexcept { return status_; }
    bool readable() const noexcept { return status_ == Status::readable; }
    bool closed() const noexcept { return status_ == Status::closed; }
    bool errored() const noexcept { return status_ == Status::errored; }
    const std::exception_ptr& storedError() const noexcept { return storedError_; }
    /// Whether its controller is one of bytes.
    virtual bool ofBytes() const noexcept { return false; }
    /// It is fed by a tee, with which it is bonded: but who feeds that keeps it only as long as somebody waits for a chunk.
    void becomeBranch() noexcept { isBranch_ = true; }
    void becomeNoBranch() noexcept { isBranch_ = false; }
    bool disturbed() const noexcept { return disturbed_; }
    void disturb() noexcept { disturbed_ = true; }

    // The reader.

    bool locked() const noexcept { return readerKind_ != ReaderKind::none; }
    ReaderKind readerKind() const noexcept { return readerKind_; }

    /// Throws a `TypeError` if it has a reader.
    void refuseLocked() const {
        if (locked())
            throw TypeError(
                "this stream is locked to a reader already; that has to releaseLock() before there can be another");
    }

    /// ReadableStreamReaderGenericInitialize: returns the reader's closed promise.
    promise::Ref<void> attachReader(ReaderKind kind) {
        promise::Ref<void> promised(promise::State<void>::create(EventLoop::current(), 1, 0));
        if (readable()) {
            promised->addProducer();
            closedPromise_ = promised.get();
        } else if (closed()) {
            promised->fulfill();
        } else {
            promised->markHandled();
            promised->reject({storedError_, nullptr});
        }
        readerKind_ = kind;
        return promised;
    }
    /// ReadableStreamReaderGenericRelease, and the reads that wait are rejected.
    void detachReader() noexcept {
        if (promise::State<void>* promised = std::exchange(closedPromise_, nullptr)) {
            promised->markHandled();
            promised->reject({readerReleased(), nullptr});
            promise::State<void>::releaseProducer(promised);
        }
        releaseSteps();
        readerKind_ = ReaderKind::none;
        if (hasRequests())
            errorRequests(typeError("the reader was released while it read; get another one with getReader()"));
    }
    static std::exception_ptr readerReleased() noexcept {
        return typeError("the reader was released; it can no longer say whether the stream is closed");
    }

    /// Some readers have no promises: a pipe, a tee. They are told when the stream is closed or errored, if it is not yet.
    void attachSilently(ReaderKind kind, Awaiter* closed) noexcept {
        readerKind_ = kind;
        if (readable()) closedAwaiter_ = closed;
    }
    void detachSilently() noexcept {
        leaveUnread();
        readerKind_ = ReaderKind::none;
    }
    /// For ever locked to a reader that waits for nothing.
    void leaveUnread() noexcept {
        unwatch();
        releaseSteps();
    }
    /// What such a reader waits for is not answered any more.
    void unwatch() noexcept {
        closedAwaiter_ = nullptr;
        while (hasRequests()) requests_.front().unlink();
    }
    /// What the source's `pull` has left to be told.
    void tellPulled() noexcept {
        if (reaction_.untold()) reaction_.tell(nullptr);
    }

    // The requests of the reader.

    bool hasRequests() const noexcept { return !requests_.empty(); }
    void addRequest(PendingRead& request) noexcept { requests_.pushBack(request); }
    PendingRead& takeRequest() noexcept {
        PendingRead& oldest = requests_.front();
        oldest.unlink();
        return oldest;
    }

    // What is done with the stream.

    /// ReadableStreamCancel. https://streams.spec.whatwg.org/#readable-stream-cancel
    /// Throws `std::bad_alloc`, and has changed nothing.
    Promise<> cancel(const std::exception_ptr& reason) {
        if (!readable()) {
            Promise<> over = closed() ? Promise<>::resolve() : Promise<>::reject(storedError_);
            disturb();
            return over;
        }
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        const base::CountedRef<Cancellation> cancellation = Cancellation::make();
        disturb();
        closeStream();
        if (readerKind_ == ReaderKind::byob) closeRequests();
        resetQueue(); // from here on the [[CancelSteps]] of the controller, of both kinds
        cancellation->tellSource(cancelAlgorithm_, reason);
        clearAlgorithms();
        return cancellation->promise();
    }

    /// ReadableStreamClose. https://streams.spec.whatwg.org/#readable-stream-close
    void closeStream() noexcept {
        status_ = Status::closed;
        if (promise::State<void>* promised = std::exchange(closedPromise_, nullptr)) {
            promised->fulfill();
            promise::State<void>::releaseProducer(promised);
        }
        tellClosed(nullptr);
        if (readerKind_ == ReaderKind::byDefault) closeRequests();
    }

    /// ReadableStreamError. https://streams.spec.whatwg.org/#readable-stream-error
    void errorStream(const std::exception_ptr& reason) noexcept {
        status_ = Status::errored;
        storedError_ = reason;
        if (promise::State<void>* promised = std::exchange(closedPromise_, nullptr)) {
            promised->markHandled();
            promised->reject({reason, nullptr});
            promise::State<void>::releaseProducer(promised);
        }
        tellClosed(&reason);
        errorRequests(reason);
    }

    // What both kinds of controllers have.

    bool canCloseOrEnqueue() const noexcept { return readable() && !closeRequested_; }
    bool closeRequested() const noexcept { return closeRequested_; }

    /// ReadableStreamDefaultControllerGetDesiredSize; none if it is errored.
    std::optional<double> desiredSize() const noexcept {
        if (errored()) return {};
        return closed() ? 0 : highWaterMark_ - queuedSize();
    }

    /// ReadableStreamDefaultControllerShouldCallPull.
    /// https://streams.spec.whatwg.org/#readable-stream-default-controller-should-call-pull
    bool shouldCallPull() const noexcept {
        return canCloseOrEnqueue() && started_ && (hasRequests() || highWaterMark_ - queuedSize() > 0);
    }

    /// ReadableStreamDefaultControllerCallPullIfNeeded.
    /// https://streams.spec.whatwg.org/#readable-stream-default-controller-call-pull-if-needed
    void callPullIfNeeded() noexcept {
        if (!shouldCallPull()) return;
        if (pulling_) {
            pullAgain_ = true;
            return;
        }
        ClosureRef closure = pullClosure();
        if (!closure) return;
        pulling_ = true;
        reaction_.begin(std::move(closure));
        reaction_.wait(pull(), &ReadableState::pulled, &ReadableState::errorController);
    }

    /// ReadableStreamDefaultControllerError. https://streams.spec.whatwg.org/#readable-stream-default-controller-error
    void errorController(const std::exception_ptr& reason) noexcept {
        if (!readable()) return;
        const base::CountedRef<ReadableState> self = base::CountedRef<ReadableState>::shared(*this);
        errorStream(reason);
        resetQueue(); // the destructors of chunks and closures are a program's own code: they find it errored
        clearAlgorithms();
    }

protected:
    /// Throws `std::logic_error` where there is no loop.
    explicit ReadableState(double highWaterMark) : Lifetime(EventLoop::current()), highWaterMark_(highWaterMark) {}
    ~ReadableState() override { letRequestsGo(); }

    /// Calls `start`, and pulls when what it promises is fulfilled. What it throws leaves.
    template <class Controller>
    void start(const Algorithm<Controller&>& algorithm, Controller& controller) {
        reaction_.begin(algorithm.closure());
        Outcome outcome = algorithm(controller);
        if (outcome.kind() == Outcome::Kind::failed) {
            reaction_.cancel();
            std::rethrow_exception(outcome.reason());
        }
        reaction_.wait(outcome, &ReadableState::started, &ReadableState::errorController);
    }

    void requestClose() noexcept { closeRequested_ = true; }

    bool mayGoAlone() const noexcept override { return isBranch_ && !hasRequests() && hasOneBond(); }

    virtual void clearAlgorithms() noexcept = 0;

    Algorithm<const std::exception_ptr&> cancelAlgorithm_;

private:
    /// [[ReleaseSteps]] of the controller.
    virtual void releaseSteps() noexcept = 0;
    virtual double queuedSize() const noexcept = 0;
    virtual ClosureRef pullClosure() const noexcept = 0;
    virtual Outcome pull() noexcept = 0;
    /// ResetQueue, and what else is not read any more.
    virtual void resetQueue() noexcept = 0;

    void started() noexcept {
        started_ = true;
        callPullIfNeeded();
    }
    void pulled() noexcept {
        pulling_ = false;
        if (std::exchange(pullAgain_, false)) callPullIfNeeded();
    }

    /// All at once: what one of them is told may release the reader.
    template <class Tell>
    void tellRequests(Tell tell) noexcept {
        base::IntrusiveList<PendingRead> taken;
        while (hasRequests()) taken.pushBack(takeRequest());
        while (!taken.empty()) {
            PendingRead& oldest = taken.front();
            oldest.unlink();
            tell(oldest);
        }
    }
    void closeRequests() noexcept {
        tellRequests([](PendingRead& request) { request.close(); });
    }
    void errorRequests(const std::exception_ptr& reason) noexcept {
        tellRequests([&](PendingRead& request) { request.error(reason); });
    }

    void letRequestsGo() noexcept {
        while (hasRequests()) takeRequest().drop();
        if (closedPromise_) promise::State<void>::releaseProducer(std::exchange(closedPromise_, nullptr));
    }

    void letGo() noexcept override {
        closedAwaiter_ = nullptr;
        letRequestsGo();
        resetQueue();
        clearAlgorithms();
    }
    void tellClosed(const std::exception_ptr* reason) noexcept {
        if (Awaiter* awaiter = std::exchange(closedAwaiter_, nullptr)) awaiter->tell(reason);
    }

    Status status_ = Status::readable;
    ReaderKind readerKind_ = ReaderKind::none;
    bool isBranch_ = false;
    bool disturbed_ = false;
    bool started_ = false;
    bool pulling_ = false;
    bool pullAgain_ = false;
    bool closeRequested_ = false;
    double highWaterMark_;
    std::exception_ptr storedError_;
    Awaiter* closedAwaiter_ = nullptr;              // of a pipe
    promise::State<void>* closedPromise_ = nullptr; // the reader's, as long as it is pending; counted as a producer
    base::IntrusiveList<PendingRead> requests_;
    Reaction<ReadableState> reaction_{*this}; // to `start`, then to each `pull`
};

/// The same with the type of the chunks.
template <class T>
class TypedReadable : public ReadableState {
public:
    ~TypedReadable() override = default;

    /// ReadableStreamDefaultReaderRead. https://streams.spec.whatwg.org/#readable-stream-default-reader-read
    void read(ReadRequest<T>& request) noexcept {
        this->disturb();
        switch (this->status()) {
        case Status::closed: return request.close();
        case Status::errored: return request.error(this->storedError());
        case Status::readable: return pullSteps(request);
        }
    }

    /// ReadableStreamFulfillReadRequest, of one that waits.
    void fulfillRequest(T&& chunk) noexcept {
        static_cast<ReadRequest<T>&>(this->takeRequest()).chunk(std::move(chunk));
    }

protected:
    using ReadableState::ReadableState;

private:
    /// [[PullSteps]] of the controller.
    virtual void pullSteps(ReadRequest<T>& request) noexcept = 0;
};

}
