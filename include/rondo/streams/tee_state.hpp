// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/readable_stream.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <utility>

namespace rondo::streams {

/// What the two branches of a tee have in common, less the type of the chunks: who has been cancelled, and with which
/// reason.
///
/// It is the reader of the stream, without the promises that one has. It is bonded with the stream, and with a branch as
/// long as that has its functions: so who may feed the stream keeps a branch that waits for a chunk, but no other.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): its owners count, and the last of them destroys it
class TeeState : public Lifetime, public base::Pooled {
protected:
    using Kept = base::CountedRef<TeeState>;
    using ReaderKind = ReadableState::ReaderKind;

    explicit TeeState(ReadableState& source)
        : Lifetime(EventLoop::current()), source_(source), cancelled_(Promise<>::withResolvers()) {}
    ~TeeState() override = default;

    struct Branch {
        ReadableState* stream = nullptr; // as long as it can be read
        bool cancelled = false;
        std::exception_ptr reason;
    };

    /// What a branch's functions hold: when they go, the branch is not known any more.
    class Held {
    public:
        Held(TeeState& tee, std::size_t branch) noexcept : tee_(&tee), branch_(branch) {}
        Held(Held&& other) noexcept : tee_(std::exchange(other.tee_, nullptr)), branch_(other.branch_) {}
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        ~Held() {
            if (tee_) tee_->forget(branch_);
        }
        TeeState& tee() const noexcept { return *tee_; }
        std::size_t branch() const noexcept { return branch_; }

    private:
        TeeState* tee_;
        std::size_t branch_;
    };

    void addBranch(std::size_t which, ReadableState& stream) noexcept {
        stream.becomeBranch();
        bond(*this, stream);
        branches_[which].stream = &stream;
    }
    /// Behind both branches: from now on it reads.
    void begin() noexcept {
        bond(*this, source_);
        attached_ = true;
        attach(ReaderKind::byDefault);
    }

    /// Whether there is anybody to read for.
    bool reads() const noexcept { return attached_; }

    /// Gets a reader of that kind. An error of the stream, also one that it has, errors the branches one tick later; what
    /// the reader before has been told does not.
    void attach(ReaderKind kind) noexcept {
        if (ended_[reader_].untold()) ended_[reader_].cancel();
        if (ended_[reader_].waits()) reader_ = (reader_ + 1) % readers;
        Reaction<TeeState>& ended = ended_[reader_];
        if (ended.waits()) return source_.attachSilently(kind, nullptr); // it is errored: that will do
        source_.attachSilently(kind, &ended);
        if (source_.closed()) return;
        ended.begin({});
        ended.wait(source_.errored() ? Outcome::failed(source_.storedError()) : Outcome::later(), &TeeState::closed,
                   reader_ == 0   ? &TeeState::errored<0>
                   : reader_ == 1 ? &TeeState::errored<1>
                                  : &TeeState::errored<2>);
    }
    void useReader(ReaderKind kind) noexcept {
        if (source_.readerKind() == kind) return;
        source_.detachSilently();
        attach(kind);
    }

    /// A chunk has come. An error that the stream has already takes a microtask to be heard of, and must not come behind
    /// it.
    void shareLater() noexcept { arrival_.next(&TeeState::share); }
    virtual void share() noexcept = 0;

    /// A branch has been cancelled.
    Outcome cancel(std::size_t which, const std::exception_ptr& reason) {
        const Kept self = Kept::shared(*this);
        branches_[which].cancelled = true;
        branches_[which].reason = reason;
        if (bothCancelled()) cancelSource(bothReasons());
        return Outcome::promised(cancelled_.promise);
    }

    bool bothCancelled() const noexcept { return branches_[0].cancelled && branches_[1].cancelled; }
    void endIfNotCancelled() noexcept {
        if (!bothCancelled()) cancelled_.resolve();
    }
    void errorBranches(const std::exception_ptr& reason) noexcept {
        for (Branch& branch : branches_) {
            if (branch.stream) branch.stream->errorController(reason);
        }
    }
    /// A chunk cannot be shared: as for one that cannot be cloned.
    void fail(const std::exception_ptr& reason) noexcept {
        if (!attached_) return;
        const Kept self = Kept::shared(*this);
        const auto source = base::CountedRef<ReadableState>::shared(source_);
        errorBranches(reason);
        cancelSource(reason);
    }

    void letGo() noexcept override {
        if (attached_) source_.unwatch();
        for (Branch& branch : branches_) branch.reason = nullptr;
    }

    ReadableState& source_;
    std::array<Branch, 2> branches_;
    PromiseWithResolvers<> cancelled_;
    bool reading_ = false;

private:
    /// What the source is told when it is cancelled through both branches; without memory for that, so much.
    std::exception_ptr bothReasons() const noexcept {
        try {
            return std::make_exception_ptr(AggregateError({branches_[0].reason, branches_[1].reason},
                                                          "both branches of a tee were cancelled", nullptr, {}));
        } catch (...) {
            return std::current_exception();
        }
    }
    /// Both branches' cancels have its outcome.
    void cancelSource(const std::exception_ptr& reason) noexcept {
        try {
            cancelled_.resolve(source_.cancel(reason));
        } catch (...) {
            cancelled_.reject(std::current_exception());
        }
    }

    void closed() noexcept {}
    template <std::size_t reader>
    void errored(const std::exception_ptr& reason) noexcept {
        if (reader != reader_) return;
        errorBranches(reason);
        endIfNotCancelled();
    }

    void forget(std::size_t which) noexcept {
        ReadableState* const stream = std::exchange(branches_[which].stream, nullptr);
        if (!stream) return;
        const Kept self = Kept::shared(*this);
        const auto branch = base::CountedRef<ReadableState>::shared(*stream);
        stream->becomeNoBranch();
        unbond(*this, *stream);
        if (!branches_[1 - which].stream) leave();
    }
    /// There is nobody left to read for.
    void leave() noexcept {
        if (!std::exchange(attached_, false)) return;
        const auto source = base::CountedRef<ReadableState>::shared(source_);
        source_.leaveUnread();
        if (ended_[reader_].untold()) ended_[reader_].cancel();
        unbond(*this, source_);
    }

    static constexpr std::size_t readers = 3; // that there may be within a tick

    bool attached_ = false;
    std::size_t reader_ = 0;
    Reaction<TeeState> arrival_{*this};
    Reaction<TeeState> ended_[readers]{Reaction<TeeState>(*this), Reaction<TeeState>(*this), Reaction<TeeState>(*this)};
};

}
