// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/intrusive_list.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/base/text.hpp>
#include <rondo/events/abort_algorithm.hpp>
#include <rondo/promise/callback.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace rondo::events {

struct Registration;

/// Which function a listener is, or which object that was given by a pointer: those of one identity are the same. None
/// has a closure. An object and its first member lie at one address, so the type is a part of it.
struct Identity {
    const void* address = nullptr;
    const void* type = nullptr;

    explicit operator bool() const noexcept { return address != nullptr; }
    friend bool operator==(const Identity&, const Identity&) = default;
};

/// What a listener has returned, as far as event handlers care.
enum class Returned : unsigned char { something, no, yes };

/// What is called for an event: a counted block with the callback. It lives as long as somebody may call it, and as
/// long as a call has not finished.
class Listener : public base::Counted<Listener>, public base::Pooled {
public:
    /// A registration of it.
    struct Use : base::ListHook {
        explicit Use(Registration& of) noexcept : registration(of) {}
        Registration& registration;
    };

    explicit Listener(const Identity& identity) noexcept : identity_(identity) {}
    virtual ~Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Throws what the callback throws.
    virtual Returned call(Event& event) = 0;

    const Identity& identity() const noexcept { return identity_; }

    void use(Use& use) noexcept { uses_.pushBack(use); }
    /// Its registration that `match` accepts, or null.
    template <class Match>
    Registration* find(Match match) noexcept {
        for (Use* use = uses_.first(); use; use = uses_.after(*use)) {
            if (match(use->registration)) return &use->registration;
        }
        return nullptr;
    }

private:
    Identity identity_;
    base::IntrusiveList<Use> uses_;
};

using ListenerRef = base::CountedRef<Listener>;

template <class F>
concept HandlesEvents = requires { &F::handleEvent; };
/// A pointer, plain or smart, to an object with a `handleEvent`.
template <class F>
concept PointsToHandler =
    requires(const F& pointer) { *pointer; } && HandlesEvents<std::remove_cvref_t<decltype(*std::declval<const F&>())>>;

/// The type of event that a callable declares as its parameter; void if it declares none.
template <class F>
using DeclaredEvent = std::remove_cvref_t<typename base::SoleParameterOf<std::remove_cvref_t<F>>::type>;

[[noreturn, gnu::cold]] inline void throwMismatch(std::string_view type) {
    base::Text message;
    ((message += "a listener of \"") += type) += "\" takes another class of event than the one that was dispatched";
    throw TypeError(message.view(), nullptr, {});
}

/// Calls `f` with the event, as the type it declares, or with nothing. A `TypeError` if the event is of another type.
template <class F, class E>
decltype(auto) callWithEvent(F&& f, E& event) {
    if constexpr (std::is_invocable_v<F&, E&>) {
        return f(event);
    } else if constexpr (std::is_invocable_v<F&>) {
        return f();
    } else {
        using Declared = DeclaredEvent<F>;
        constexpr bool fits =
            std::is_base_of_v<E, Declared> && std::is_invocable_v<F&, std::add_lvalue_reference_t<Declared>>;
        static_assert(fits, "a listener takes nothing, Event&, or a class derived from Event by reference");
        if constexpr (fits) {
            auto* declared =
                typeid(event) == typeid(Declared) ? static_cast<Declared*>(&event) : dynamic_cast<Declared*>(&event);
            if (!declared) throwMismatch(event.type());
            return f(*declared);
        }
    }
}

/// The parameter of a `handleEvent`, so that it is called like a function.
template <class Object>
struct HandleEvent {
    Object& object;

    template <class... E>
        requires requires(Object& o, E&... event) { o.handleEvent(event...); }
    decltype(auto) operator()(E&... event) const {
        return object.handleEvent(event...);
    }
};

}

template <class Object>
struct rondo::base::SoleParameterOf<rondo::events::HandleEvent<Object>>
    : rondo::base::SoleParameter<decltype(&std::remove_cv_t<Object>::handleEvent)> {};

namespace rondo::events {

/// A callable object is called itself, although it has a `handleEvent`.
template <class F, class E>
concept CallableWith = std::is_invocable_v<F&> || std::is_invocable_v<F&, E&> || requires { &F::operator(); };

template <class F, class E>
decltype(auto) callListener(F& f, E& event) {
    if constexpr (PointsToHandler<F>) {
        return callWithEvent(HandleEvent<std::remove_reference_t<decltype(*f)>>{*f}, event);
    } else if constexpr (HandlesEvents<F> && !CallableWith<F, E>) {
        return callWithEvent(HandleEvent<F>{f}, event);
    } else {
        return callWithEvent(f, event);
    }
}

template <class F>
concept MayBeNull = std::is_null_pointer_v<F> || std::is_pointer_v<F> || PointsToHandler<F>;

template <class F>
bool isNull([[maybe_unused]] const F& f) noexcept {
    if constexpr (MayBeNull<F>) {
        return !static_cast<bool>(f);
    } else if constexpr (requires { f.operator bool(); }) { // an empty std::function
        return !f.operator bool();
    } else {
        return false;
    }
}

template <class>
inline const char typeOfIdentity = 0;

template <class F>
Identity identityOf([[maybe_unused]] const F& f) noexcept {
    if (isNull(f)) return {};
    if constexpr (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>) {
        return {reinterpret_cast<const void*>(f), &typeOfIdentity<F>};
    } else if constexpr (PointsToHandler<F>) {
        return {std::addressof(*f), &typeOfIdentity<std::remove_cvref_t<decltype(*f)>>};
    } else {
        return {};
    }
}

/// A listener that is a callable, an object with a `handleEvent`, or a pointer to one.
template <class F>
class CallbackListener final : public Listener {
public:
    template <class G>
    explicit CallbackListener(G&& f) : Listener(identityOf<F>(f)), f_(std::forward<G>(f)) {}

    Returned call(Event& event) override { return callTyped<Event>(event); }

private:
    template <class E>
    Returned callTyped(E& event) {
        using R = std::remove_cvref_t<decltype(callListener(f_, event))>;
        if constexpr (promise::isPromise<R>) {
            promise::Keeper<CallbackListener>::keep(*this, [&] { return callListener(f_, event); });
        } else if constexpr (std::is_same_v<R, bool>) {
            return callListener(f_, event) ? Returned::yes : Returned::no;
        } else {
            static_cast<void>(callListener(f_, event));
        }
        return Returned::something;
    }

    F f_;
};

}

namespace rondo {

/// A callback that has been added to a target: closures have no identity in C++, so this stands for it. With it the
/// callback can be removed, or added to another target or for another type. It keeps the callback,
/// as long as it lives itself or until it is assigned another one, and not only as long as that is a listener.
class EventListener {
public:
    EventListener() noexcept = default;

    explicit operator bool() const noexcept { return static_cast<bool>(listener_); }
    friend bool operator==(const EventListener&, const EventListener&) = default;

    // What follows is for the house.
    explicit EventListener(events::ListenerRef listener) noexcept : listener_(std::move(listener)) {}
    const events::ListenerRef& ref() const noexcept { return listener_; }

private:
    events::ListenerRef listener_;
};

}
