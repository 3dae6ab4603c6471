// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/base/intrusive_list.hpp>
#include <rondo/base/thread.hpp>
#include <rondo/fwd.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <utility>

namespace rondo::events {

class Abortable;

/// What an operation wants done when a signal is aborted: a node that the operation holds. It leaves the signal when it
/// is destroyed, and when it has run. It lets no exception out.
///
/// One may also be told that the signal lets it go, since nobody can abort that any more.
/// https://dom.spec.whatwg.org/#abortsignal-abort-algorithms
class AbortAlgorithm : public base::ListHook {
public:
    using Run = void (*)(AbortAlgorithm&, const std::exception_ptr& reason) noexcept;
    using Dropped = void (*)(AbortAlgorithm&) noexcept;

    explicit AbortAlgorithm(Run run, Dropped dropped = nullptr) noexcept : run_(run), dropped_(dropped) {}
    ~AbortAlgorithm() { leave(); }
    AbortAlgorithm(const AbortAlgorithm&) = delete;
    AbortAlgorithm& operator=(const AbortAlgorithm&) = delete;

    inline void leave() noexcept;

private:
    friend class Abortable;

    Run run_;
    Dropped dropped_;
    Abortable* signal_ = nullptr;
};

/// The part of a signal that operations deal with: whether it is aborted and why, and what they want done then.
class Abortable {
public:
    Abortable(const Abortable&) = delete;
    Abortable& operator=(const Abortable&) = delete;

    bool aborted() const noexcept {
        assertHome();
        return reason_ != nullptr;
    }
    /// Null until it is aborted.
    const std::exception_ptr& reason() const noexcept {
        assertHome();
        return reason_;
    }

    /// Of a signal that is not aborted.
    void add(AbortAlgorithm& algorithm) noexcept {
        algorithm.signal_ = this;
        algorithms_.pushBack(algorithm);
        algorithmsChanged();
    }

protected:
    Abortable() noexcept = default;
    ~Abortable() { dropAlgorithms(); }

    virtual void algorithmsChanged() noexcept {}

    void assertHome() const noexcept {
        RONDO_ASSERT(
            base::isHome(home_),
            "an AbortSignal is used on a thread that is not its loop's; use EventLoop::post, or what takes a std::stop_token");
    }

    void setReason(std::exception_ptr reason) noexcept { reason_ = std::move(reason); }
    bool hasAlgorithms() const noexcept { return !algorithms_.empty(); }
    void runAlgorithms() noexcept {
        while (AbortAlgorithm* algorithm = take()) algorithm->run_(*algorithm, reason_);
    }
    void dropAlgorithms() noexcept {
        while (AbortAlgorithm* algorithm = take()) {
            if (algorithm->dropped_) algorithm->dropped_(*algorithm);
        }
    }

private:
    friend class AbortAlgorithm;

    AbortAlgorithm* take() noexcept {
        if (algorithms_.empty()) return nullptr;
        AbortAlgorithm& first = algorithms_.front();
        first.unlink();
        first.signal_ = nullptr;
        return &first;
    }

    std::exception_ptr reason_;
    base::IntrusiveList<AbortAlgorithm> algorithms_;
    std::uint32_t home_ = base::homeHere(); // the number of the loop it was made on, or 0
};

inline void AbortAlgorithm::leave() noexcept {
    if (!signal_) return;
    unlink();
    std::exchange(signal_, nullptr)->algorithmsChanged();
}

}

namespace rondo {

/// An `AbortSignal`, or none, in an option bag: it does not keep the signal, and is given to a function that does what
/// it must before it returns.
class SignalRef {
public:
    SignalRef() noexcept = default;
    template <std::same_as<AbortSignal> Signal>
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): {.signal = signal}
    SignalRef(const Signal& signal) noexcept : signal_(&signal.abortable()) {}

    explicit operator bool() const noexcept { return signal_ != nullptr; }
    events::Abortable* operator->() const noexcept { return signal_; }
    bool aborted() const noexcept { return signal_ && signal_->aborted(); }

private:
    events::Abortable* signal_ = nullptr;
};

}
