// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/place.hpp>
#include <rondo/promise/state.hpp>
#include <rondo/promise/thenable.hpp>

#include <coroutine>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

namespace rondo::promise {

template <class T, bool movesOut>
class Await;
template <class T>
class AwaitSettlement;

/// The main function of a run, as the frames know it.
struct MainFunction {
    /// Called for a frame that can never go on, and is collected now.
    void (*willCollect)(MainFunction&, const Frame&) noexcept;
};

/// The part all coroutines of the library share: what it will settle, and where it awaits.
///
/// It has a microtask, which is the reaction of what it awaits, so awaiting allocates nothing. It is resumed by the loop
/// alone.
class Frame {
public:
    /// `state` is what it will settle, or null if that is not known yet.
    explicit Frame(StateBase* state) noexcept : state_(state) { base::thread.awaits = &awaitsOf; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    static void* operator new(std::size_t bytes) { return base::FreeLists::allocate(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
        base::FreeLists::deallocate(memory, bytes);
    }

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        Frame& frame = *static_cast<FrameMicrotask*>(node)->frame;
        if (verb == loop::Verb::drop) [[unlikely]]
            return frame.drop(*node);
        base::thread.running = &frame;
        std::coroutine_handle<Frame>::from_promise(frame).resume();
        base::thread.running = nullptr;
    }

    /// The frame whose microtask this is, or null.
    static const Frame* from(const loop::Microtask* node) noexcept {
        return node && node->perform == &act ? static_cast<const FrameMicrotask*>(node)->frame : nullptr;
    }

    /// The function that awaits the result, or null. The first reaction may be what keeps a closure (`async`).
    const Frame* awaiter() const noexcept {
        const loop::Microtask* first = state_ ? state_->firstReaction() : nullptr;
        if (!first || from(first)) return from(first);
        return first->next != first ? from(first->next) : nullptr;
    }

    /// It, and the awaits above it.
    base::StackTrace stack() const noexcept { return {where(), &awaitsOf, this}; }

    /// The await it is at; before the first one, where the function begins.
    std::source_location where() const noexcept { return base::locationOf(where_); }
    const StateBase* state() const noexcept { return state_; }

    /// What an await of a rejected promise does, in the frame that is running. Inlined, for each function that is
    /// unwound costs as much as a third of a throw.
    [[noreturn, gnu::always_inline]] static void throwReason(const Reason& reason) {
        willThrow(reason);
        std::rethrow_exception(reason.error);
    }

    template <class T>
    Await<T, false> await_transform(const Promise<T>& promise,
                                    base::Place where = __builtin_source_location()) noexcept;
    template <class T>
    Await<T, true> await_transform(Promise<T>&& promise, base::Place where = __builtin_source_location()) noexcept;
    template <class T>
    AwaitSettlement<T>&& await_transform(AwaitSettlement<T>&& settlement,
                                         base::Place where = __builtin_source_location()) noexcept {
        where_ = where;
        return std::move(settlement);
    }
    template <Thenable X>
    auto await_transform(X&& thenable, base::Place where = __builtin_source_location())
        -> Await<typename std::remove_cvref_t<X>::value_type, true>;

    template <class X>
    static constexpr bool isAwaitable = isPromise<X> || Thenable<X>;
    template <class X>
        requires(!isAwaitable<std::remove_cvref_t<X>>)
    std::suspend_never await_transform(X&&) {
        static_assert(
            isAwaitable<X>,
            "co_await takes a Promise or a thenable with a value_type; for JavaScript's `await 0` write co_await Promise<>::resolve(0)");
        return {};
    }

protected:
    ~Frame() = default;

    static constexpr const char* destroysItsLoop =
        "an EventLoop is destroyed by an async function of its own that still runs";

    /// Resumes it inside a callback that runs already, and may be another frame.
    void resumeInCaller() noexcept {
        const void* const caller = std::exchange(base::thread.running, this);
        std::coroutine_handle<Frame>::from_promise(*this).resume();
        base::thread.running = caller;
    }

    /// Stores the exception that leaves the function.
    [[gnu::cold, gnu::noinline]] void storeThrown() noexcept {
        state_->storeReason(base::thread.loop->inFlight().leaving(this, where_, std::current_exception()));
    }

    /// Marks the microtask of a function that runs up to its first `co_await`: a debug build refuses to collect that.
    static void markRunning([[maybe_unused]] loop::Microtask& microtask) noexcept {
#ifndef NDEBUG
        microtask.next = neverQueued();
#endif
    }

    StateBase* state_;
    base::Place where_ = nullptr;

private:
    static loop::Microtask* neverQueued() noexcept { return reinterpret_cast<loop::Microtask*>(&neverQueuedMark_); }
    alignas(loop::Microtask) static inline char neverQueuedMark_ = 0;

    [[gnu::noinline]] void drop([[maybe_unused]] loop::Microtask& microtask) noexcept {
        RONDO_ASSERT(microtask.next != neverQueued(), destroysItsLoop);
        tellMain();
        std::coroutine_handle<Frame>::from_promise(*this).destroy();
    }

    /// If the reason that an await is about to throw leaves the function, it keeps its trail.
    [[gnu::cold, gnu::noinline]] static void willThrow(const Reason& reason) noexcept {
        const auto& frame = *static_cast<const Frame*>(base::thread.running);
        base::Trail* const trail = base::Trail::extended(base::Trail::shared(reason.trail), frame.where());
        base::thread.loop->inFlight().set(&frame, frame.where_, {reason.error, trail});
    }

    void tellMain() const noexcept {
        const EventLoop* loop = state_ ? state_->home() : nullptr;
        MainFunction* main = loop ? loop->mainFunction() : nullptr;
        if (main) main->willCollect(*main, *this);
    }

    static std::size_t awaitsOf(const void* function, std::source_location* out, std::size_t room) noexcept {
        std::size_t count = 0;
        for (const auto* frame = static_cast<const Frame*>(function); frame && count < room; frame = frame->awaiter())
            out[count++] = frame->where();
        return count;
    }
};

}
