// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/settlement.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace rondo::promise {

using base::Reason;
using loop::Rejection;

/// A reason is something that can be thrown: a null pointer stands for `nullptr`, thrown.
inline std::exception_ptr reasonOf(std::exception_ptr reason) noexcept {
    return reason ? std::move(reason) : std::make_exception_ptr(nullptr);
}
/// Any copyable object; if copying it throws, what it throws is the reason.
template <class E>
    requires(!std::is_convertible_v<E &&, std::exception_ptr> && std::is_copy_constructible_v<std::decay_t<E>>)
std::exception_ptr reasonOf(E&& error) noexcept {
    try {
        return std::make_exception_ptr<std::decay_t<E>>(std::forward<E>(error));
    } catch (...) {
        return std::current_exception();
    }
}
template <class E>
concept ReasonLike = requires(E&& error) { reasonOf(std::forward<E>(error)); };

class StateBase;
class Frame;

/// The microtask of a frame: the reaction of what it awaits, which resumes it. That of an async function lies in the
/// state of its promise, where the value will be; dropped, it destroys the frame.
struct FrameMicrotask : loop::Waiting {
    FrameMicrotask(Perform action, base::IntrusiveList<Waiting>& all, Frame& of) noexcept
        : Waiting(action, all), frame(&of) {}
    Frame* frame;
};

/// The reaction or the thenable job that will settle a derived promise. It lives in that promise's state, where
/// the value will be.
struct Producer : loop::Waiting {
    Producer(Perform action, StateBase* awaited) noexcept : Waiting(action), source(awaited) {}
    StateBase* source; // whose settlement it waits for; owns a count as a handle
};

/// What a promise is, less its type: the internal slots of ECMA-262, and who holds and who will settle it.
/// https://tc39.es/ecma262/#sec-properties-of-promise-instances
///
/// It is counted twice: **handles** may read the result; **producers** may settle it (a running frame, resolving
/// functions, a reaction). When the last producer of a pending promise goes, the promise is *abandoned*: what waits
/// for it, now or later, is dropped at the next checkpoint. The block goes with the last of both.
///
/// Settling, subscribing and abandoning do not allocate and do not throw.
class StateBase {
public:
    enum class Content : std::uint8_t { none, value, reason, producer, function };

    StateBase(std::uint32_t home, std::size_t bytes, std::uint32_t handles, std::uint32_t producers) noexcept
        : handles_(handles), producers_(producers), home_(home),
          units_(static_cast<std::uint16_t>(base::FreeLists::units(bytes))) {}
    StateBase(const StateBase&) = delete;
    StateBase& operator=(const StateBase&) = delete;

    PromiseState status() const noexcept {
        return pending() ? PromiseState::pending : rejected() ? PromiseState::rejected : PromiseState::fulfilled;
    }
    /// What lies in the slot.
    Content content() const noexcept { return static_cast<Content>(progress_ & ~settled); }
    /// The microtask of an async function lies there.
    bool functionRuns() const noexcept { return progress_ == static_cast<std::uint8_t>(Content::function); }
    bool pending() const noexcept { return progress_ < settled; }
    bool rejected() const noexcept { return progress_ == (settled | static_cast<std::uint8_t>(Content::reason)); }
    bool abandoned() const noexcept { return abandoned_; }

    const Rejection& rejection() const noexcept { return *std::launder(reinterpret_cast<const Rejection*>(slot_)); }
    const Reason& reason() const noexcept { return rejection(); }
    FrameMicrotask& function() noexcept { return *std::launder(reinterpret_cast<FrameMicrotask*>(slot_)); }
    Producer& producer() noexcept { return *std::launder(reinterpret_cast<Producer*>(slot_)); }

    void addHandle() noexcept {
        assertHome();
        ++handles_;
    }
    /// Of a promise that is rejected: there is no value, so its type is not needed.
    static void releaseRejected(StateBase* state) noexcept {
        if (--state->handles_ != 0 || state->producers_ != 0) return;
        state->destroyReason();
        state->free();
    }
    void addProducer() noexcept {
        assertHome();
        ++producers_;
    }
    bool uniquelyHeld() const noexcept { return handles_ == 1; }

    /// The loop this promise belongs to, or null if that has gone: then nothing happens any more.
    EventLoop* home() const noexcept {
        if (base::thread.home == home_) [[likely]] {
            if (!base::thread.loop) __builtin_unreachable(); // or callers would ask again
            return base::thread.loop;
        }
        assertHome();
        return nullptr;
    }

    // The resolving functions' [[AlreadyResolved]].
    bool locked() const noexcept { return locked_; }
    void lock() noexcept { locked_ = true; }
    void unlock() noexcept { locked_ = false; }

    /// [[PromiseIsHandled]]: somebody listens.
    bool handled() const noexcept { return handled_; }
    void markHandled() noexcept {
        if (rejected() && !handled_) [[unlikely]]
            handledLate();
        handled_ = true;
    }

    /// Queues the reaction once the promise is settled; at once if it is. Does not mark the promise as handled.
    void subscribe(loop::Microtask& reaction) noexcept {
        assertHome();
        EventLoop& loop = *base::thread.loop;
        if (!pending()) {
            loop.microtasks().push(reaction);
        } else if (abandoned_ || !home()) {
            loop.doomed().push(reaction);
        } else if (loop::Microtask* last = reactions_) {
            reaction.next = last->next;
            last->next = &reaction;
            reactions_ = &reaction;
        } else {
            reaction.next = &reaction;
            reactions_ = &reaction;
        }
    }

    /// The first reaction, or null: also while the loop goes, and reactions go before what they wait for.
    const loop::Microtask* firstReaction() const noexcept {
        return pending() && reactions_ && home() ? reactions_->next : nullptr;
    }

    /// The one reaction of this state is performed inside the settling call: for the state behind a thenable.
    void forwardTo(Producer& reaction) noexcept {
        forwards_ = true;
        reaction.next = &reaction;
        reactions_ = &reaction;
    }
    /// That reaction, or null.
    Producer* forwardsTo() const noexcept {
        return forwards_ && pending() ? static_cast<Producer*>(reactions_) : nullptr;
    }

    void forgetReactions() noexcept { reactions_ = nullptr; }

    /// Puts a reason where the result will be; the promise is still pending. A reason there goes; a value must have
    /// gone.
    [[gnu::noinline]] void storeReason(Reason reason) noexcept {
        if (content() == Content::reason) std::destroy_at(&mutableRejection());
        ::new (static_cast<void*>(slot_)) Rejection(std::move(reason));
        setContent(Content::reason);
    }
    void forgetReason() noexcept {
        if (content() == Content::reason) [[unlikely]]
            destroyReason();
    }

    /// RejectPromise. https://tc39.es/ecma262/#sec-rejectpromise
    [[gnu::noinline]] void reject(Reason reason) noexcept {
        storeReason(std::move(reason));
        settle();
    }

    /// Makes the value or the reason that is stored the result, and queues the reactions in order.
    void settle() noexcept {
        loop::Microtask* last = std::exchange(reactions_, nullptr);
        if (content() == Content::value) [[likely]] {
            progress_ = fulfilled;
        } else {
            settleAsRejected();
        }
        if (last) queueReactions(*last);
    }

    /// Nobody will settle this promise any more.
    [[gnu::noinline]] void abandon() noexcept {
        if (!pending() || abandoned_) return;
        abandoned_ = true;
        if (loop::Microtask* last = std::exchange(reactions_, nullptr)) {
            if (EventLoop* loop = home()) loop->doomed().splice(*last);
        }
    }

    FrameMicrotask& emplaceFunction(loop::Microtask::Perform action, EventLoop& loop, Frame& frame) noexcept {
        setContent(Content::function);
        return *::new (static_cast<void*>(slot_)) FrameMicrotask(action, loop.waiting(), frame);
    }
    void destroyFunction() noexcept {
        std::destroy_at(&function());
        setContent(Content::none);
    }

    Producer& emplaceProducer(loop::Microtask::Perform action, StateBase* source) noexcept {
        setContent(Content::producer);
        return *::new (static_cast<void*>(slot_)) Producer(action, source);
    }
    void performProducer(loop::Verb verb) noexcept { producer().perform(&producer(), verb); }
    void destroyProducer() noexcept {
        std::destroy_at(&producer());
        setContent(Content::none);
    }

    static StateBase& of(loop::Microtask& producer) noexcept { return holding(static_cast<Producer*>(&producer)); }
    /// The state in whose slot something lies.
    static StateBase& holding(void* inSlot) noexcept {
        return *reinterpret_cast<StateBase*>(static_cast<std::byte*>(inSlot) - offset());
    }

protected:
    ~StateBase() = default;

    void assertHome() const noexcept {
        RONDO_ASSERT(base::isHome(home_),
                     "a promise is used on a thread that is not its loop's; use EventLoop::post or a Completion");
    }

    /// Of a promise that is pending, or whose result goes.
    void setContent(Content content) noexcept { progress_ = static_cast<std::uint8_t>(content); }

    static constexpr std::uint8_t settled = 8;
    static constexpr std::uint8_t fulfilled = settled | static_cast<std::uint8_t>(Content::value);
    static constexpr std::size_t room = sizeof(Producer);
    static_assert(sizeof(Rejection) <= room && sizeof(FrameMicrotask) <= room);

    void free() noexcept { base::FreeLists::deallocateUnits(this, units_); }

    void queueReactions(loop::Microtask& last) noexcept {
        if (forwards_) [[unlikely]]
            return last.perform(&last, loop::Verb::run);
        if (EventLoop* loop = home()) loop->microtasks().splice(last);
    }

    [[gnu::cold, gnu::noinline]] void destroyRejected() noexcept {
        destroyReason();
        free();
    }
    [[gnu::noinline]] void destroyReason() noexcept {
        std::destroy_at(&mutableRejection());
        setContent(Content::none);
    }

    static constexpr std::size_t offset() noexcept { return offsetof(StateBase, slot_); }

    Rejection& mutableRejection() noexcept { return *std::launder(reinterpret_cast<Rejection*>(slot_)); }

    [[gnu::cold, gnu::noinline]] void settleAsRejected() noexcept {
        progress_ |= settled;
        if (!handled_) rejectedUnhandled();
    }
    /// HostPromiseRejectionTracker. https://tc39.es/ecma262/#sec-host-promise-rejection-tracker
    void rejectedUnhandled() noexcept {
        if (EventLoop* loop = home()) loop->rejections().add(kept());
    }
    [[gnu::cold, gnu::noinline]] void handledLate() noexcept {
        EventLoop* loop = home();
        if (!loop || !loop->rejections().handle(mutableRejection())) return;
        loop->queueNotice(kept());
    }
    /// The rejection, with a count for the loop that takes it.
    Rejection& kept() noexcept {
        addHandle();
        mutableRejection().perform = [](loop::Task* task, loop::Verb verb) noexcept {
            auto& rejection = static_cast<Rejection&>(*task);
            if (verb == loop::Verb::run) base::thread.loop->rejections().tell(*base::thread.loop, rejection);
            releaseRejected(&holding(&rejection));
        };
        return mutableRejection();
    }

    std::uint32_t handles_;
    std::uint32_t producers_;
    std::uint32_t home_;
    std::uint16_t units_;
    std::uint8_t progress_ = 0; // the Content of the slot, and whether that is the result
    bool handled_ : 1 = false;
    bool locked_ : 1 = false;
    bool abandoned_ : 1 = false;
    bool forwards_ : 1 = false;
    std::uint8_t unused_ : 4 = 0;          // or making a state would read what its block held before
    loop::Microtask* reactions_ = nullptr; // the last of a circular list, while pending
    alignas(void*) std::byte slot_[room];
};

static_assert(sizeof(StateBase) == 64);

}
