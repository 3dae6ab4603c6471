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

class Frame;

/// The main function of a run, as the frames know it.
struct MainFunction {
    /// Called for a frame that can never go on, and is collected now.
    void (*willCollect)(MainFunction&, const Frame&) noexcept;
};

/// The part all coroutines of the library share: a microtask that resumes the frame, a place in the loop's list of
/// what waits, and where it awaits.
///
/// The frame's microtask is the reaction of what it awaits, so awaiting allocates nothing. It is resumed by the loop
/// alone; dropped, it is destroyed.
class Frame : public loop::Waiting {
public:
    /// `state` is what it will settle, or null if that is not known yet.
    Frame(StateBase* state, EventLoop& loop) noexcept : Waiting(&act, loop.waiting()), state_(state) {
        next = neverQueued();
        base::thread.awaits = &awaitsOf;
    }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    static void* operator new(std::size_t bytes) { return base::FreeLists::allocate(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
        base::FreeLists::deallocate(memory, bytes);
    }

    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& frame = static_cast<Frame&>(*node);
        if (verb == loop::Verb::drop) [[unlikely]]
            return frame.drop();
        base::thread.running = &frame;
        std::coroutine_handle<Frame>::from_promise(frame).resume();
        base::thread.running = nullptr;
    }

    /// The frame whose microtask this is, or null.
    static const Frame* from(const loop::Microtask* node) noexcept {
        return node && node->perform == &act ? static_cast<const Frame*>(node) : nullptr;
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

    /// What an await of a rejected promise does, in the frame that is running.
    [[noreturn, gnu::cold, gnu::noinline]] static void throwReason(const Reason& reason) {
        const std::exception_ptr error = reason.error;
        static_cast<Frame*>(const_cast<void*>(base::thread.running))->willThrow(reason);
        std::rethrow_exception(error);
    }

    /// The reason that an await is about to throw: if it is what leaves the function, it keeps its trail.
    void willThrow(const Reason& reason) noexcept {
        const StateBase::Content content = state_->content();
        if (content != StateBase::Content::none && content != StateBase::Content::reason)
            return; // of a co_return that was undone
        state_->storeReason({reason.error, base::Trail::extended(base::Trail::shared(reason.trail), where())});
    }

    template <class T>
    Await<T, false> await_transform(const Promise<T>& promise,
                                    base::Place where = __builtin_source_location()) noexcept;
    template <class T>
    Await<T, true> await_transform(Promise<T>&& promise,
                                   base::Place where = __builtin_source_location()) noexcept;
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

    /// Stores the exception in flight, unless it came out of an await: then it is stored already, with its trail.
    [[gnu::cold, gnu::noinline]] void storeThrown() noexcept {
        std::exception_ptr thrown = std::current_exception();
        if (state_->content() == StateBase::Content::reason && state_->reason().error == thrown) return;
        state_->storeReason({std::move(thrown), base::Trail::extended(nullptr, where())});
    }

    StateBase* state_;
    base::Place where_ = nullptr;

private:
    /// The link of an async function that runs up to its first `co_await`.
    static loop::Microtask* neverQueued() noexcept { return reinterpret_cast<loop::Microtask*>(&neverQueuedMark_); }
    alignas(loop::Microtask) static inline char neverQueuedMark_ = 0;

    [[gnu::noinline]] void drop() noexcept {
        RONDO_ASSERT(next != neverQueued(), destroysItsLoop);
        tellMain();
        std::coroutine_handle<Frame>::from_promise(*this).destroy();
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
