// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/promise/promise.hpp>

#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

namespace rondo::streams {

/// What an algorithm came to, before it is made a promise of: most come to their end at once, and need none.
///
/// What a function of the user's returns is made a promise of as Web IDL does it, "a promise resolved with" it: a
/// promise takes two ticks more. An algorithm of the specification's own gives its promise as it is.
class Outcome {
public:
    enum class Kind : std::uint8_t { done, failed, returned, promised, later };

    Outcome() noexcept = default;
    static Outcome failed(std::exception_ptr reason) noexcept {
        return {Kind::failed, promise::reasonOf(std::move(reason)), {}};
    }
    /// What a callback returned.
    static Outcome returned(Promise<> promise) noexcept { return {Kind::returned, nullptr, promise.release()}; }
    /// What an algorithm of the specification promises.
    static Outcome promised(Promise<> promise) noexcept { return {Kind::promised, nullptr, promise.release()}; }

    /// What an algorithm of the specification promises, without a promise: whoever calls for it is told when it comes.
    static Outcome later() noexcept { return {Kind::later, nullptr, {}}; }

    Kind kind() const noexcept { return kind_; }
    const std::exception_ptr& reason() const noexcept { return reason_; }
    const promise::Ref<void>& promise() const noexcept { return promise_; }

private:
    Outcome(Kind kind, std::exception_ptr reason, promise::Ref<void> promise) noexcept
        : kind_(kind), reason_(std::move(reason)), promise_(std::move(promise)) {}

    Kind kind_ = Kind::done;
    std::exception_ptr reason_;
    promise::Ref<void> promise_;
};

/// A callable that is kept, whatever its type: as long as it may be called, and as long as a call has not finished.
class Closure : public base::Counted<Closure>, public base::Pooled {
public:
    virtual ~Closure() = default;

protected:
    Closure() noexcept = default;
};
using ClosureRef = base::CountedRef<Closure>;

/// How a callable is called: with the arguments, or with the first of them, or with none.
template <class F, class... Args>
inline constexpr bool takesSome = std::is_invocable_v<F&>;
template <class F, class A>
inline constexpr bool takesSome<F, A> = std::is_invocable_v<F&, A> || std::is_invocable_v<F&>;
template <class F, class A, class B>
inline constexpr bool takesSome<F, A, B> = std::is_invocable_v<F&, A, B> || takesSome<F, A>;

/// The same, as far as it can be said without the body of a generic lambda, which need not fit what it is not meant for.
template <class F, class... Args>
inline constexpr bool mayTakeSome = takesSome<F, Args...>;
template <class F, class... Args>
    requires(std::is_class_v<F> && !requires { &F::operator(); })
inline constexpr bool mayTakeSome<F, Args...> = true;

/// Whether a callable that does not take these arguments may be meant for a source of another kind, and so is left to that.
template <class F, class... Args>
inline constexpr bool fitsAnother = false;

template <class F>
decltype(auto) callWithSome(F& f) {
    return f();
}
template <class F, class A>
decltype(auto) callWithSome(F& f, A&& a) {
    if constexpr (std::is_invocable_v<F&, A&&>) {
        return f(std::forward<A>(a));
    } else {
        return f();
    }
}
template <class F, class A, class B>
decltype(auto) callWithSome(F& f, A&& a, B&& b) {
    if constexpr (std::is_invocable_v<F&, A&&, B&&>) {
        return f(std::forward<A>(a), std::forward<B>(b));
    } else {
        return callWithSome(f, std::forward<A>(a));
    }
}

/// What it returns then; nothing, if it cannot be called.
template <class F, class... Args>
struct CallWithSome {
    using Result = void;
};
template <class F, class... Args>
    requires takesSome<F, Args...>
struct CallWithSome<F, Args...> {
    using Result = std::remove_cvref_t<decltype(callWithSome(std::declval<F&>(), std::declval<Args>()...))>;
};

/// A method of an underlying source, an underlying sink or a transformer; or an algorithm of the specification's, which
/// returns an `Outcome`. `Args` are references.
///
/// It is made of any callable that takes the arguments, or the first of them, or none, and returns nothing or a
/// `Promise<>`. One that is a coroutine is kept by whoever waits for its promise.
template <class... Args>
class Algorithm {
public:
    Algorithm() noexcept = default;
    Algorithm(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor): as the function it stands for

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, Algorithm> &&
                 (mayTakeSome<std::decay_t<F>, Args...> || !fitsAnother<std::decay_t<F>, Args...>))
    // NOLINTNEXTLINE(google-explicit-constructor): {.pull = f}
    Algorithm(F&& f) : block_(new Of<std::decay_t<F>>(std::forward<F>(f))) {}

    explicit operator bool() const noexcept { return static_cast<bool>(block_); }
    void clear() noexcept { block_ = {}; }

    /// What keeps a call of it going, as long as its promise is pending.
    ClosureRef closure() const noexcept { return block_ ? ClosureRef::shared(*block_) : ClosureRef(); }

    /// Calls it; without a callable it has nothing to do. It may be cleared meanwhile.
    Outcome operator()(Args... args) const noexcept {
        const base::CountedRef<Block> kept = block_;
        return kept ? kept->call(std::forward<Args>(args)...) : Outcome();
    }

private:
    struct Block : Closure {
        virtual Outcome call(Args... args) noexcept = 0;
    };

    template <class F>
    struct Of final : Block {
        static_assert(takesSome<F, Args...>, "a method of a source, a sink or a transformer takes what it is given, or "
                                             "the first of that, or nothing");
        using Result = typename CallWithSome<F, Args...>::Result;
        static_assert(std::is_void_v<Result> || std::is_same_v<Result, Promise<>> || std::is_same_v<Result, Outcome>,
                      "a method of a source, a sink or a transformer returns nothing or a Promise<>");

        template <class G>
        explicit Of(G&& g) : f(std::forward<G>(g)) {}

        Outcome call(Args... args) noexcept override {
            try {
                if constexpr (!takesSome<F, Args...>) {
                    return {}; // or there would be a second error
                } else if constexpr (std::is_void_v<Result>) {
                    callWithSome(f, std::forward<Args>(args)...);
                    return {};
                } else if constexpr (std::is_same_v<Result, Outcome>) {
                    return callWithSome(f, std::forward<Args>(args)...);
                } else {
                    return Outcome::returned(callWithSome(f, std::forward<Args>(args)...));
                }
            } catch (...) {
                return Outcome::failed(std::current_exception());
            }
        }

        F f;
    };

    base::CountedRef<Block> block_;
};

/// What is told how something has come to its end that is promised without a promise.
class Awaiter {
public:
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    /// With null, or the reason of a rejection. What is to be done is done one tick later.
    virtual void tell(const std::exception_ptr* reason) noexcept = 0;

protected:
    Awaiter() noexcept = default;
    ~Awaiter() = default;
};

/// What is to be done when an algorithm has come to its end: "upon fulfillment" and "upon rejection" of the promise that
/// it stands for, which need not be there. One lies in the state of a stream for all calls that follow each other.
///
/// `Owner` is counted. While it waits it keeps its owner, and the closure that was called; but it does not keep its owner
/// while it is yet to be told.
template <class Owner>
class Reaction final : private loop::Waiting, public Awaiter {
public:
    using Fulfilled = void (Owner::*)() noexcept;
    using Rejected = void (Owner::*)(const std::exception_ptr&) noexcept;

    explicit Reaction(Owner& owner) noexcept : Waiting(&act), owner_(&owner) {}

    /// Before the algorithm is called: what it leaves waiting goes before this.
    void begin(ClosureRef closure) noexcept {
        owner_->retain();
        closure_ = std::move(closure);
        base::thread.loop->waiting().pushBack(*this);
    }
    /// Behind `begin`: one of the two is called, in a microtask.
    void wait(const Outcome& outcome, Fulfilled fulfilled, Rejected rejected) noexcept {
        fulfilled_ = fulfilled;
        rejected_ = rejected;
        if (outcome.reason()) reason_ = outcome.reason();
        if (outcome.promise()) promise_ = outcome.promise();
        stage_ = outcome.kind() == Outcome::Kind::returned ? Stage::adopts : Stage::settles;
        if (outcome.kind() == Outcome::Kind::promised) {
            subscribe();
        } else if (outcome.kind() == Outcome::Kind::later) {
            untold_ = true;
            owner_->release(); // perhaps its end
        } else {
            base::thread.loop->microtasks().push(*this);
        }
    }
    /// What `begin` and `wait` do for what has come to its end: it is called in a microtask.
    void next(Fulfilled fulfilled) noexcept {
        owner_->retain();
        fulfilled_ = fulfilled;
        stage_ = Stage::settles;
        EventLoop& loop = *base::thread.loop;
        loop.waiting().pushBack(*this);
        loop.microtasks().push(*this);
    }
    /// Nothing is to be done: the algorithm has thrown in a constructor, or what is yet to be told is not wanted.
    void cancel() noexcept { finish(); }

    /// Whether something is to be done yet.
    bool waits() const noexcept { return this->linked(); }
    /// Whether it is yet to be told.
    bool untold() const noexcept { return untold_; }
    void tell(const std::exception_ptr* reason) noexcept override {
        if (!std::exchange(untold_, false)) return; // the loop has dropped it
        owner_->retain();
        if (reason) reason_ = *reason;
        base::thread.loop->microtasks().push(*this);
    }

private:
    /// What its next turn is: the job that resolves a promise with the one returned; that one has settled, and so will
    /// the other; the reaction to it.
    enum class Stage : std::uint8_t { adopts, adopted, settles };

    void subscribe() noexcept {
        promise_->markHandled();
        promise_->subscribe(*this);
    }

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& self = static_cast<Reaction&>(*node);
        if (verb == loop::Verb::drop) return self.finish();
        switch (self.stage_) {
        case Stage::adopts: self.stage_ = Stage::adopted; return self.subscribe();
        case Stage::adopted: self.stage_ = Stage::settles; return base::thread.loop->microtasks().push(self);
        case Stage::settles: return self.settled();
        }
    }

    void settled() noexcept {
        Owner& owner = *owner_;
        if (!promise_ && !reason_) {
            letGo(); // it may be used again by what it calls
            (owner.*fulfilled_)();
        } else {
            const promise::Ref<void> promise = std::move(promise_);
            const std::exception_ptr reason =
                promise ? promise->rejected() ? promise->reason().error : nullptr : std::move(reason_);
            letGo();
            reason ? (owner.*rejected_)(reason) : (owner.*fulfilled_)();
        }
        owner.release(); // perhaps its end
    }

    void letGo() noexcept {
        this->unlink();
        if (closure_) closure_ = {};
    }
    void finish() noexcept {
        promise_ = {};
        if (reason_) reason_ = nullptr;
        const bool keptOwner = !std::exchange(untold_, false);
        letGo();
        if (keptOwner) owner_->release(); // perhaps its end
    }

    Owner* owner_;
    Fulfilled fulfilled_ = nullptr;
    Rejected rejected_ = nullptr;
    Stage stage_ = Stage::settles;
    bool untold_ = false;
    std::exception_ptr reason_;
    promise::Ref<void> promise_;
    ClosureRef closure_;
};

}
