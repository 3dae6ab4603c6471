// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/events/abort_algorithm.hpp>
#include <rondo/loop/callback.hpp>
#include <rondo/streams/algorithm.hpp>
#include <rondo/streams/deferred.hpp>
#include <rondo/streams/lifetime.hpp>
#include <rondo/streams/readable_state.hpp>
#include <rondo/streams/type_error.hpp>
#include <rondo/streams/writable_base.hpp>

#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo {

/// What a pipe does not do, and what ends it. https://developer.mozilla.org/docs/Web/API/ReadableStream/pipeTo#options
struct StreamPipeOptions {
    /// The destination is not closed when the source is.
    bool preventClose = false;
    /// The destination is not aborted when the source is errored.
    bool preventAbort = false;
    /// The source is not cancelled when the destination is errored or closed.
    bool preventCancel = false;
    /// Aborts the destination and cancels the source, but for what is prevented, and rejects with its reason.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<StreamPipeOptions>);

namespace streams {

/// A pipe, less the type of its chunks. https://streams.spec.whatwg.org/#readable-stream-pipe-to
///
/// It is the reader of its source and the writer of its destination, without the promises that these have, and lives as
/// long as one of them is in use. As long as a signal may end it, it is in use itself.
///
/// The specification leaves the ticks of a pipe open. They are those of its reference implementation, where each read
/// follows a promise of `ready`, and is followed by a promise that another one was resolved with, and a write has come to
/// its end one tick behind its promise. But behind the end nothing is read any more, as the specification wants it, where
/// the reference implementation reads once more if it has waited for `ready`.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): its owners count, and the last of them destroys it
class PipeBase : public Lifetime, private events::AbortAlgorithm {
public:
    /// What `pipeTo` returns.
    Promise<> promise() const noexcept { return result_.promise(); }

    void start(const StreamPipeOptions& options) noexcept {
        bond(*this, source_);
        bond(*this, destination_);
        ended_.begin({});
        failed_.begin({});
        ended_.wait(Outcome::later(), &PipeBase::sourceClosed, &PipeBase::sourceErrored);
        failed_.wait(Outcome::later(), &PipeBase::destinationClosed, &PipeBase::destinationErrored);
        source_.disturb();
        source_.attachSilently(ReadableState::ReaderKind::byDefault, &ended_);
        destination_.lock();
        if (options.signal.aborted()) return abort(options.signal->reason());
        if (options.signal) {
            retain();
            signalled_ = true;
            options.signal->add(*this);
        }
        destination_.closed().watch(&failed_);
        if (source_.errored()) sourceErrored(source_.storedError());
        if (destination_.status() == WritableBase::Status::errored) destinationErrored(destination_.storedError());
        if (source_.closed()) sourceClosed();
        if (destination_.closeQueuedOrInFlight() || destination_.status() == WritableBase::Status::closed) {
            shutdown(prevented(preventCancel_, Action::cancel),
                     typeError("the destination of the pipe is closed, or is to be, before its source is"));
        }
        step();
    }

protected:
    PipeBase(EventLoop& loop, ReadableState& source, WritableBase& destination, Deferred result,
             const StreamPipeOptions& options) noexcept
        : Lifetime(loop), AbortAlgorithm(&aborted, &dropped), source_(source), destination_(destination),
          preventClose_(options.preventClose), preventAbort_(options.preventAbort),
          preventCancel_(options.preventCancel), result_(std::move(result)) {}
    ~PipeBase() override = default;

    /// Asks the source for a chunk; one of the three is called when it comes, at once or later.
    virtual void read() noexcept = 0;

    void answered() noexcept {
        answered_ = true;
        if (adopted_) nextStep<&PipeBase::resolved>();
    }
    void ended() noexcept { over_ = true; }

    WritableBase& destination() const noexcept { return destination_; }

    /// What was read has been given to the destination: what its `write` has returned.
    void writes(Awaiter** place) noexcept {
        if (!place && !shuttingDown_) return;
        if (!shuttingDown_ && writes_[last_].place) {
            *std::exchange(writes_[last_].place, nullptr) = nullptr;
        } else if (shuttingDown_ || writes_[last_].settling.waits()) {
            last_ ^= 1U; // what comes during a shutdown is not what that waits for
        }
        if (!place) return writes_[last_].tell(nullptr);
        writes_[last_].place = place;
        *place = &writes_[last_];
    }

    void letGo() noexcept override {
        result_ = {};
        forgetSignal();
    }

private:
    /// The promise of a write, which is settled one tick behind that of the destination.
    struct Write final : Awaiter {
        Write(PipeBase& owner, Reaction<PipeBase>::Fulfilled upon) noexcept : settling(owner), settled(upon) {}
        bool pending() const noexcept { return place || settling.waits(); }
        void tell(const std::exception_ptr*) noexcept override {
            place = nullptr;
            settling.next(settled);
        }
        Reaction<PipeBase> settling;
        Reaction<PipeBase>::Fulfilled settled;
        Awaiter** place = nullptr; // where the destination knows it, until it is told
    };

    enum class Action : std::uint8_t { none, close, abort, cancel, abortAndCancel };

    static Action prevented(bool prevents, Action action) noexcept { return prevents ? Action::none : action; }

    static void aborted(AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept {
        auto& self = static_cast<PipeBase&>(algorithm);
        const loop::Script script; // a sink or a source may be called
        self.abort(reason);
    }
    /// Nobody can abort the signal any more.
    static void dropped(AbortAlgorithm& algorithm) noexcept { static_cast<PipeBase&>(algorithm).forgetSignal(); }
    void abort(const std::exception_ptr& reason) noexcept { shutdown(Action::abortAndCancel, reason); }

    // The loop.

    void step() noexcept {
        if (shuttingDown_) return;
        ShownPromise& ready = destination_.ready();
        if (ready.status() == PromiseState::rejected) return;
        if (ready.status() == PromiseState::fulfilled) return turn_.next(&PipeBase::ready);
        ready.watch(&turn_);
        turn_.begin({});
        turn_.wait(Outcome::later(), &PipeBase::ready, &PipeBase::notReady);
    }
    void notReady(const std::exception_ptr&) noexcept {}
    void ready() noexcept {
        if (shuttingDown_) return;
        answered_ = adopted_ = false;
        read();
        if (!over_) nextStep<&PipeBase::adopted>();
    }
    /// The job that resolves the promise of the step with that of the read has run.
    void adopted() noexcept {
        adopted_ = true;
        if (answered_) nextStep<&PipeBase::resolved>();
    }
    void resolved() noexcept { nextStep<&PipeBase::step>(); }
    template <void (PipeBase::*next)() noexcept>
    void nextStep() noexcept {
        turn_.next(next);
    }

    // What ends it.

    void sourceErrored(const std::exception_ptr& reason) noexcept {
        shutdown(prevented(preventAbort_, Action::abort), reason);
    }
    void destinationErrored(const std::exception_ptr& reason) noexcept {
        shutdown(prevented(preventCancel_, Action::cancel), reason);
    }
    void sourceClosed() noexcept { shutdown(prevented(preventClose_, Action::close), nullptr); }
    void destinationClosed() noexcept {}

    /// Both "shutdown" and "shutdown with an action"; without an error the reason is null.
    void shutdown(Action action, const std::exception_ptr& reason) noexcept {
        if (std::exchange(shuttingDown_, true)) return;
        action_ = action;
        reason_ = reason;
        if (!destination_.writable() || destination_.closeQueuedOrInFlight()) return act();
        awaitLastWrite();
    }
    void awaitLastWrite() noexcept {
        awaited_ = last_;
        awaits_ = writes_[last_].pending();
        if (!awaits_) nextOfRest<&PipeBase::written>();
    }
    template <std::size_t which>
    void settled() noexcept {
        if (awaited_ == which && std::exchange(awaits_, false)) nextOfRest<&PipeBase::written>();
    }
    /// What was being read may have come meanwhile. It is waited for by a promise that another one was resolved with.
    void written() noexcept {
        const bool again = std::exchange(waitsAgain_, true);
        if (awaited_ != last_) return awaitLastWrite();
        again ? nextOfRest<&PipeBase::writtenAgain>() : nextOfRest<&PipeBase::act>();
    }
    void writtenAgain() noexcept { nextOfRest<&PipeBase::act>(); }
    template <void (PipeBase::*next)() noexcept>
    void nextOfRest() noexcept {
        rest_.next(next);
    }

    void act() noexcept {
        if (action_ == Action::none) return finalize();
        if (action_ == Action::abortAndCancel) return actTwice();
        try {
            awaitAction(rest_, action_ == Action::close   ? destination_.closeWithErrorPropagation()
                               : action_ == Action::abort ? destination_.abort(reason_)
                                                          : source_.cancel(reason_));
        } catch (...) {
            actionThrew(std::current_exception());
        }
    }
    void awaitAction(Reaction<PipeBase>& reaction, Promise<> promise) noexcept {
        reaction.begin({});
        reaction.wait(Outcome::promised(std::move(promise)), &PipeBase::actionDone, &PipeBase::actionFailed);
    }
    /// What a signal asks for: a promise of all that is done, so one tick more.
    void actTwice() noexcept {
        const bool aborts = !preventAbort_;
        const bool cancels = !preventCancel_;
        waitsFor_ = aborts || cancels ? aborts + cancels : 1; // what waits for nothing takes a microtask
        if (!aborts && !cancels) return nextOfRest<&PipeBase::oneDone>();
        try {
            Promise<> first = aborts && destination_.writable() ? destination_.abort(reason_) : Promise<>::resolve();
            Promise<> second = cancels && source_.readable() ? source_.cancel(reason_) : Promise<>::resolve();
            if (aborts) awaitOneOf(rest_, std::move(first));
            if (cancels) awaitOneOf(second_, std::move(second));
        } catch (...) {
            actionThrew(std::current_exception());
        }
    }
    void awaitOneOf(Reaction<PipeBase>& reaction, Promise<> promise) noexcept {
        reaction.begin({});
        reaction.wait(Outcome::promised(std::move(promise)), &PipeBase::oneDone, &PipeBase::oneFailed);
    }
    void oneDone() noexcept {
        if (waitsFor_ == 0) return;
        --waitsFor_;
        if (waitsFor_ > 0) return;
        nextOfRest<&PipeBase::actionDone>();
    }
    void oneFailed(const std::exception_ptr& reason) noexcept {
        if (std::exchange(waitsFor_, 0) == 0) return;
        reason_ = reason;
        Reaction<PipeBase>& free = rest_.waits() ? second_ : rest_;
        free.next(&PipeBase::actionDone);
    }

    void actionDone() noexcept { finalize(); }
    /// There is no memory to close or to abort the destination; nor does it stay as if more would come.
    void actionThrew(const std::exception_ptr& reason) noexcept {
        if (action_ == Action::close || action_ == Action::abort ||
            (action_ == Action::abortAndCancel && !preventAbort_))
            destination_.abortUnasked(reason);
        actionFailed(reason);
    }
    void actionFailed(const std::exception_ptr& reason) noexcept {
        reason_ = reason;
        finalize();
    }

    void finalize() noexcept {
        const base::CountedRef<PipeBase> self = base::CountedRef<PipeBase>::shared(*this);
        const base::CountedRef<ReadableState> source = base::CountedRef<ReadableState>::shared(source_);
        const WritableRef destination = WritableRef::shared(destination_);
        destination_.unlock();
        source_.detachSilently();
        for (Reaction<PipeBase>* each : {&turn_, &ended_, &failed_}) {
            if (each->untold()) each->cancel();
        }
        for (Write& each : writes_) {
            if (each.place) *std::exchange(each.place, nullptr) = nullptr;
        }
        reason_ ? result_.reject(reason_) : result_.resolve();
        unbond(*this, source_);
        unbond(*this, destination_);
        forgetSignal();
    }
    void forgetSignal() noexcept {
        leave();
        if (std::exchange(signalled_, false)) release();
    }

    ReadableState& source_;
    WritableBase& destination_;
    bool preventClose_;
    bool preventAbort_;
    bool preventCancel_;
    bool signalled_ = false;
    bool shuttingDown_ = false;
    bool answered_ = false;
    bool adopted_ = false;
    bool over_ = false;
    bool awaits_ = false;     // a write in a shutdown
    bool waitsAgain_ = false; // for another one
    Action action_ = Action::none;
    std::uint8_t last_ = 0; // of the two writes below, the last one
    std::uint8_t awaited_ = 0;
    int waitsFor_ = 0;
    std::exception_ptr reason_;
    Deferred result_;
    Reaction<PipeBase> turn_{*this};
    Reaction<PipeBase> ended_{*this};  // the source
    Reaction<PipeBase> failed_{*this}; // the destination
    Reaction<PipeBase> rest_{*this};   // of the shutdown
    Reaction<PipeBase> second_{*this};
    Write writes_[2] = {{*this, &PipeBase::settled<0>}, {*this, &PipeBase::settled<1>}};
};

}

}
