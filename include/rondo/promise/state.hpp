// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/promise/state_base.hpp>

#include <concepts>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace rondo::promise {

template <class T>
inline constexpr bool fitsSlot = sizeof(T) <= sizeof(Producer) && alignof(T) <= alignof(void*);

/// Room for a value too large for the state's slot.
template <class T, bool fits>
struct Overflow {
    alignas(T) std::byte bytes[sizeof(T)];
};
template <class T>
struct Overflow<T, true> {};

/// A promise's state with its value.
template <class T>
class State : public StateBase, private Overflow<base::Stored<T>, fitsSlot<base::Stored<T>>> {
    static_assert(!std::is_reference_v<T>, "Promise<T&> does not exist: a promise owns its value; use Promise<T*>");
    static_assert(std::is_nothrow_destructible_v<base::Stored<T>>,
                  "a value whose destructor may throw cannot be promised: nobody could catch that");

public:
    using Value = base::Stored<T>;

    /// A pending state, or `std::bad_alloc`.
    static State* create(EventLoop& loop, std::uint32_t handles, std::uint32_t producers) {
        return make<State>(loop, handles, producers);
    }

    /// A block that is a state and more.
    template <class Block, class... Args>
    static Block* make(EventLoop& loop, std::uint32_t handles, std::uint32_t producers, Args&&... args) {
        static_assert(alignof(Block) <= alignof(std::max_align_t),
                      "over-aligned values and captures need a std::unique_ptr");
        static_assert(base::FreeLists::units(sizeof(Block)) < 0x10000,
                      "values and captures of a megabyte need a std::unique_ptr");
        void* memory = base::FreeLists::allocate(sizeof(Block));
        try {
            return ::new (memory)
                Block(Counts{loop.number(), sizeof(Block), handles, producers}, std::forward<Args>(args)...);
        } catch (...) {
            base::FreeLists::deallocate(memory, sizeof(Block));
            throw;
        }
    }

    struct Counts {
        std::uint32_t home;
        std::size_t bytes;
        std::uint32_t handles;
        std::uint32_t producers;
    };
    explicit State(const Counts& counts) noexcept
        : StateBase(counts.home, counts.bytes, counts.handles, counts.producers) {}

    Value& value() noexcept { return *std::launder(reinterpret_cast<Value*>(place())); }

    /// Puts a value where the result will be; the promise is still pending. A value or reason there goes.
    template <class... Args>
    void store(Args&&... args) {
        if (content() != Content::none) [[unlikely]]
            forgetResult();
        storeFirst(std::forward<Args>(args)...);
    }
    /// The same where nothing lies yet.
    template <class... Args>
    void storeFirst(Args&&... args) {
        ::new (place()) Value(std::forward<Args>(args)...);
        setContent(Content::value);
    }

    [[gnu::noinline]] void forgetResult() noexcept {
        if (content() == Content::value) {
            std::destroy_at(&value());
            setContent(Content::none);
        } else if (content() == Content::reason) {
            forgetReason();
        }
    }

    /// FulfillPromise. https://tc39.es/ecma262/#sec-fulfillpromise
    template <class... Args>
    void fulfill(Args&&... args) {
        store(std::forward<Args>(args)...);
        settle();
    }

    static void releaseHandle(State* state) noexcept {
        state->assertHome();
        if (--state->handles_ == 0 && state->producers_ == 0) state->destroy();
    }
    static void releaseProducer(State* state) noexcept {
        state->assertHome();
        if (state->producers_ == 1 && state->pending()) state->abandon();
        releaseSettler(state);
    }
    /// The same of a producer that has settled the promise.
    static void releaseSettler(State* state) noexcept {
        if (--state->producers_ == 0 && state->handles_ == 0) state->destroy();
    }

    /// What a block holds beside the state, given up when its producer is done. A plain state holds nothing.
    void finishProducer() noexcept {}

private:
    void* place() noexcept {
        if constexpr (fitsSlot<Value>) {
            return slot_;
        } else {
            return this->bytes;
        }
    }

    [[gnu::noinline]] void destroy() noexcept {
        if (content() == Content::reason) [[unlikely]]
            return destroyRejected();
        if constexpr (!std::is_trivially_destructible_v<Value>) forgetResult();
        free();
    }
};

static_assert(sizeof(State<int>) == 64);

/// A handle on a state, counted.
template <class T>
class Ref {
public:
    Ref() noexcept = default;
    explicit Ref(State<T>* adopted) noexcept : state_(adopted) {}
    static Ref shared(State<T>& state) noexcept {
        state.addHandle();
        return Ref(&state);
    }
    Ref(const Ref& other) noexcept : state_(other.state_) {
        if (state_) state_->addHandle();
    }
    Ref(Ref&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~Ref() {
        if (state_) State<T>::releaseHandle(state_);
    }

    State<T>* get() const noexcept { return state_; }
    State<T>* release() noexcept { return std::exchange(state_, nullptr); }
    State<T>& operator*() const noexcept { return *operator->(); }
    State<T>* operator->() const noexcept {
        RONDO_ASSERT(state_ != nullptr,
                     "a promise that was moved from is used: co_await and then() take an rvalue promise over");
        return state_;
    }
    explicit operator bool() const noexcept { return state_ != nullptr; }

private:
    State<T>* state_ = nullptr;
};

/// Whether a value can be copied. What holds others says so whatever they are, so they are asked.
template <class T>
inline constexpr bool isCopyable = std::is_copy_constructible_v<T>;
template <class T>
    requires requires {
        typename T::allocator_type;
        typename T::value_type;
    } && (!std::is_same_v<typename T::value_type, T>)
inline constexpr bool isCopyable<T> = std::is_copy_constructible_v<T> && isCopyable<typename T::value_type>;
template <class T>
inline constexpr bool isCopyable<SettledResult<T>> = isCopyable<base::Stored<T>>;
template <class T>
inline constexpr bool isCopyable<std::optional<T>> = isCopyable<T>;
template <class A, class B>
inline constexpr bool isCopyable<std::pair<A, B>> = isCopyable<A> && isCopyable<B>;
template <class... Ts>
inline constexpr bool isCopyable<std::tuple<Ts...>> = (isCopyable<Ts> && ...);
template <class... Ts>
inline constexpr bool isCopyable<std::variant<Ts...>> = (isCopyable<Ts> && ...);

/// Somebody still holds a value that can only be moved.
[[noreturn]] inline void throwStillShared() {
    throw TypeError("the value of this promise can only be moved, but another handle still shares it", nullptr, {});
}

/// The value of a fulfilled state for its taker: moved if the taker's is the last handle, else copied.
template <class T>
T takeValue(State<T>& from) {
    if (from.uniquelyHeld()) return std::move(from.value());
    if constexpr (isCopyable<T>) {
        return from.value();
    } else {
        throwStillShared();
    }
}

/// Settles `to` as `from` was settled, by value or reason; what copying a value throws becomes the reason.
template <class To, class From>
void settleAs(State<To>& to, State<From>& from) noexcept {
    if (from.rejected()) return to.reject(from.reason());
    try {
        if constexpr (std::is_void_v<To>) {
            to.fulfill();
        } else {
            to.fulfill(takeValue(from));
        }
    } catch (...) {
        to.reject({std::current_exception(), nullptr});
    }
}

}
