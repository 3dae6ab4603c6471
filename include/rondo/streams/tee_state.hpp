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
/// The functions of the branches hold it; it holds the reader of the stream, and knows a branch as long as that has
/// its functions.
class TeeState : public base::Counted<TeeState>, public base::Pooled {
public:
    virtual ~TeeState() {
        if (link_) link_->tee = nullptr;
    }

protected:
    explicit TeeState(base::CountedRef<ReaderState> reader)
        : reader_(std::move(reader)), cancelled_(Promise<>::withResolvers()) {}

    struct Branch {
        ReadableState* stream = nullptr; // as long as it can be read
        bool cancelled = false;
        std::exception_ptr reason;
    };

    /// What a branch's functions hold: when they go, the branch is not known any more.
    class Held {
    public:
        Held(TeeState& tee, std::size_t branch) noexcept
            : tee_(base::CountedRef<TeeState>::shared(tee)), branch_(branch) {}
        Held(Held&&) noexcept = default;
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        ~Held() {
            if (tee_) tee_->branches_[branch_].stream = nullptr;
        }
        TeeState& tee() const noexcept { return *tee_; }
        std::size_t branch() const noexcept { return branch_; }

    private:
        base::CountedRef<TeeState> tee_;
        std::size_t branch_;
    };

    /// A branch has been cancelled.
    Outcome cancel(std::size_t which, const std::exception_ptr& reason) {
        branches_[which].cancelled = true;
        branches_[which].reason = reason;
        if (branches_[0].cancelled && branches_[1].cancelled)
            cancelled_.resolve(reader_->cancel(std::make_exception_ptr(AggregateError(
                {branches_[0].reason, branches_[1].reason}, "both branches of a tee were cancelled", nullptr, {}))));
        return Outcome::promised(cancelled_.promise);
    }

    /// Errors the branches, and that is the end of it, when the stream is errored.
    void watch(ReaderState& reader) {
        const base::CountedRef<Link> link(new Link);
        reader.closed().catch_([link](const std::exception_ptr& reason) {
            if (link->tee) link->tee->errored(reason);
        });
        unwatch();
        link_ = link;
        link_->tee = this;
    }
    void unwatch() noexcept {
        if (link_) link_->tee = nullptr;
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

    std::array<Branch, 2> branches_;
    base::CountedRef<ReaderState> reader_;
    PromiseWithResolvers<> cancelled_;
    bool reading_ = false;

private:
    friend class base::Counted<TeeState>;

    struct Link : base::Counted<Link>, base::Pooled {
        TeeState* tee = nullptr;
    };

    void errored(const std::exception_ptr& reason) noexcept {
        const base::CountedRef<TeeState> self = base::CountedRef<TeeState>::shared(*this);
        errorBranches(reason);
        endIfNotCancelled();
    }

    base::CountedRef<Link> link_;
};

}
