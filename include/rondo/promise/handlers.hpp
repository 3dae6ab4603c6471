// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/base/counted_ref.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/promise/state.hpp>
#include <rondo/promise/thenable.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace rondo::promise {

/// Stands where `then` was given no handler: the value or the reason passes on.
struct PassOn {};

/// Whether what a callable returned goes on to use its closure, as an async generator does: then it keeps that.
template <class R>
inline constexpr bool usesClosure = false;

/// A callable in a block that is kept by what it returns.
template <class F>
class SharedHandler {
    struct Block : base::Counted<Block>, base::Pooled {
        template <class G>
        explicit Block(G&& f) : handler(std::forward<G>(f)) {}
        F handler;
    };

public:
    template <class G>
        requires(!std::is_same_v<std::remove_cvref_t<G>, SharedHandler>)
    explicit SharedHandler(G&& f) : block_(new Block(std::forward<G>(f))) {}

    template <class... Args>
        requires(std::is_invocable_v<F&, Args...>)
    auto operator()(Args&&... args) const {
        auto made = block_->handler(std::forward<Args>(args)...);
        made.keep(block_);
        return made;
    }

private:
    base::CountedRef<Block> block_;
};

/// What is kept of a callable that returns an `R`.
template <class F, class R>
using KeptHandler = std::conditional_t<usesClosure<std::remove_cvref_t<R>>, SharedHandler<F>, F>;

template <class T, class V>
void fulfillOrReject(State<T>& state, V&& value) noexcept {
    try {
        state.fulfill(std::forward<V>(value));
    } catch (...) {
        state.reject({std::current_exception(), nullptr});
    }
}

/// What a promise resolved with an `R` has as its value: `T` for a `Promise<T>` or a thenable, else `R` decayed.
template <class R>
struct Unwrapped {
    using type = std::decay_t<R>;
};
template <class R>
    requires(isPromise<std::remove_cvref_t<R>> || Thenable<R>)
struct Unwrapped<R> {
    using type = typename std::remove_cvref_t<R>::value_type;
};
template <class R>
using UnwrappedT = typename Unwrapped<R>::type;

/// How a handler of a fulfilled `Promise<T>` is called: with the value if it takes it, else with nothing.
template <class F, class T, bool fromRvalue>
inline constexpr bool takesMoved =
    fromRvalue && !std::is_void_v<T> && std::is_invocable_v<F&, std::add_rvalue_reference_t<T>>;
template <class F, class T>
inline constexpr bool takesShared = !std::is_void_v<T> && std::is_invocable_v<F&, std::add_lvalue_reference_t<const T>>;

template <class F, class T, bool fromRvalue>
decltype(auto) resultOfFulfilled() {
    if constexpr (takesMoved<F, T, fromRvalue>) {
        return static_cast<std::invoke_result_t<F&, T&&> (*)()>(nullptr);
    } else if constexpr (takesShared<F, T>) {
        return static_cast<std::invoke_result_t<F&, const T&> (*)()>(nullptr);
    } else {
        static_assert(
            std::is_invocable_v<F&>,
            "a handler of then() takes nothing or the promise's value: const T& of an lvalue promise, also T or T&& of an rvalue one");
        return static_cast<std::invoke_result_t<F&> (*)()>(nullptr);
    }
}
template <class F, class T, bool fromRvalue>
using FulfilledResult = decltype(resultOfFulfilled<F, T, fromRvalue>()());

template <class F, class T, bool fromRvalue>
struct KeptFulfilled {
    using type = KeptHandler<F, FulfilledResult<F, T, fromRvalue>>;
};
template <class T, bool fromRvalue>
struct KeptFulfilled<PassOn, T, fromRvalue> {
    using type = PassOn;
};

/// Calls the handler with the value. A value that only the handler is given is moved; one that others share is
/// passed as it is if the handler can do with that, else copied.
template <class T, bool fromRvalue, class F>
FulfilledResult<F, T, fromRvalue> callFulfilled(F& f, Ref<T>& source) {
    if constexpr (takesMoved<F, T, fromRvalue>) {
        if (!source->uniquelyHeld()) {
            if constexpr (isCopyable<T>) {
                Ref<T> copy(State<T>::create(*base::thread.loop, 1, 0));
                copy->fulfill(source->value());
                source = std::move(copy);
            } else {
                throwStillShared();
            }
        }
        return f(std::move(source->value()));
    } else if constexpr (takesShared<F, T>) {
        return f(static_cast<const T&>(source->value()));
    } else {
        return f();
    }
}

/// How a handler of a rejection is called: with nothing, with the `std::exception_ptr`, or, if the parameter of its
/// one `operator()` is a class by const reference, only for reasons of that type.
template <class G>
struct RejectionHandler {
    using Declared = typename base::SoleParameterOf<G>::type;
    using Parameter = std::remove_cvref_t<Declared>;

    static constexpr bool takesNothing = std::is_invocable_v<G&>;
    static constexpr bool takesAny = std::is_invocable_v<G&, std::exception_ptr>;
    static constexpr bool takesOneType = !takesNothing && !takesAny && std::is_class_v<Parameter> &&
                                         std::is_same_v<Declared, std::add_lvalue_reference_t<const Parameter>>;

    static constexpr auto result() {
        if constexpr (takesNothing) {
            return static_cast<std::invoke_result_t<G&> (*)()>(nullptr);
        } else if constexpr (takesAny) {
            return static_cast<std::invoke_result_t<G&, std::exception_ptr> (*)()>(nullptr);
        } else {
            static_assert(
                takesOneType,
                "a handler of a rejection takes nothing, a std::exception_ptr, or a class type by const reference");
            return static_cast<std::invoke_result_t<G&, const Parameter&> (*)()>(nullptr);
        }
    }
    using Result = decltype(result()());
};

template <class G>
struct KeptRejected {
    using type = KeptHandler<G, typename RejectionHandler<G>::Result>;
};
template <>
struct KeptRejected<PassOn> {
    using type = PassOn;
};

/// The value of what `then(f, g)` returns, from the two that the handlers give.
template <class A, class B>
struct Common {
    static_assert(
        std::is_convertible_v<A, B> || std::is_convertible_v<B, A>,
        "the two outcomes give values of different types: what the handler of the rejection returns must be convertible to the promise's value, or void");
    using type = std::conditional_t<std::is_convertible_v<B, A>, A, B>;
};
template <class A>
struct Common<A, A> {
    using type = A;
};
template <class A>
    requires(!std::is_void_v<A>)
struct Common<A, void> {
    using type = void;
};
template <class B>
    requires(!std::is_void_v<B>)
struct Common<void, B> {
    using type = void;
};

/// The value of `promise.catch_(g)` on a `Promise<T>`: `T`, or void if `g` returns void.
template <class T, class B>
struct Caught {
    static_assert(
        std::is_convertible_v<B, T>,
        "what the handler of catch_() returns must be convertible to the promise's value, a promise of it, or void; a handler that only throws says so by `-> T`");
    using type = T;
};
template <class T>
struct Caught<T, void> {
    using type = void;
};
template <class B>
    requires(!std::is_void_v<B>)
struct Caught<void, B> {
    using type = void;
};

}

template <class F>
struct rondo::base::SoleParameterOf<rondo::promise::SharedHandler<F>> : rondo::base::SoleParameterOf<F> {};
