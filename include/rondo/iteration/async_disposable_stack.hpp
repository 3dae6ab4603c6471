// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/promise/callback.hpp>
#include <rondo/promise/coroutine.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo {

namespace iteration {

template <class X>
concept AsyncDisposable = requires(X& x) { requires promise::isPromise<decltype(x.disposeAsync())>; };
template <class X>
concept Disposable = requires(X& x) { x.dispose(); };

/// Something to be disposed of, and how; with what lies below it on its stack.
class DisposableResource {
public:
    DisposableResource() noexcept = default;
    DisposableResource(const DisposableResource&) = delete;
    DisposableResource& operator=(const DisposableResource&) = delete;
    virtual ~DisposableResource() {
        if (disposal_) release_(disposal_);
    }

    /// Begins its disposal. https://tc39.es/ecma262/#sec-dispose
    virtual void dispose() = 0;
    /// What has been begun is over when this is settled.
    promise::StateBase& disposal() noexcept { return *disposal_; }

    std::unique_ptr<DisposableResource> below;

protected:
    /// Calls `f`, and keeps what it promises, whatever that is: it is awaited as it is.
    template <class F>
    void disposeBy(F& f) {
        if constexpr (promise::isPromise<std::decay_t<std::invoke_result_t<F&>>>) {
            keep(f().release());
        } else {
            f();
            keep(Promise<>::resolve().release());
        }
    }

private:
    template <class T>
    void keep(promise::Ref<T> disposal) noexcept {
        disposal_ = disposal.release();
        release_ = [](promise::StateBase* state) noexcept {
            promise::State<T>::releaseHandle(static_cast<promise::State<T>*>(state));
        };
    }

    promise::StateBase* disposal_ = nullptr; // owns a count
    void (*release_)(promise::StateBase*) noexcept = nullptr;
};

}

/// `co_await` of a disposal: gives why it has failed, or null.
template <>
class promise::AwaitSettlement<iteration::DisposableResource> {
public:
    explicit AwaitSettlement(iteration::DisposableResource& resource) noexcept : disposal_(resource.disposal()) {}

    bool await_ready() const noexcept { return false; }
    template <class Coroutine>
    void await_suspend(std::coroutine_handle<Coroutine> coroutine) noexcept {
        disposal_.markHandled();
        disposal_.subscribe(coroutine.promise().microtask());
    }
    std::exception_ptr await_resume() const noexcept {
        return disposal_.rejected() ? disposal_.reason().error : std::exception_ptr();
    }

private:
    promise::StateBase& disposal_;
};

/// Resources that are given back by async functions, last first: what destructors are not able to wait for.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack
///
/// `disposeAsync()` must be called, and awaited: a stack that is destroyed before destroys what it holds without
/// disposing of it. `usingAsync` does so for a block, however that is left.
///
/// Unlike the Web: it keeps what it is given, until that has been disposed of. What C++ types have, `disposeAsync()` or
/// `dispose()`, stands for `[Symbol.asyncDispose]` and `[Symbol.dispose]`.
class AsyncDisposableStack {
public:
    AsyncDisposableStack() noexcept = default;
    AsyncDisposableStack(AsyncDisposableStack&& other) noexcept
        : top_(std::move(other.top_)), disposed_(std::exchange(other.disposed_, true)) {}
    AsyncDisposableStack& operator=(AsyncDisposableStack&& other) noexcept {
        AsyncDisposableStack taken(std::move(other));
        top_.swap(taken.top_);
        std::swap(disposed_, taken.disposed_);
        return *this;
    }
    AsyncDisposableStack(const AsyncDisposableStack&) = delete;
    AsyncDisposableStack& operator=(const AsyncDisposableStack&) = delete;

    ~AsyncDisposableStack() {
        while (top_) { // the last first; it may put others here when it goes
            const Entry last = std::move(top_);
            top_ = std::move(last->below);
        }
    }

    bool disposed() const noexcept { return disposed_; }

    /// Disposes of all, the last first, each awaited before the next. What they throw is one error: a later one is the
    /// `error()` of a `SuppressedError` whose `suppressed()` is the earlier. A second call does nothing.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack/disposeAsync
    Promise<> disposeAsync() {
        if (disposed_) return Promise<>::resolve();
        return disposeBehind<void>(std::move(*this), NoBlock());
    }

    /// Disposes of `resource`, which is moved here, by its `disposeAsync()` or, if it has none, its `dispose()`. Returns
    /// a reference to it; of a `std::ref(x)` to `x`, which must live until it has been disposed of.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack/use
    ///
    /// All three throw `ReferenceError` where the stack is disposed of, or `std::bad_alloc`, and change nothing then. What
    /// disposes of the stack while it is moved here itself is too late, and is destroyed.
    template <class X>
    auto& use(X&& resource) {
        static_assert(!std::is_lvalue_reference_v<X>,
                      "use() keeps what is moved into it, use(std::move(x)): a variable may be gone before it is "
                      "disposed of; of one that is not, std::ref(x)");
        using Resource = std::unwrap_reference_t<X>;
        static_assert(iteration::AsyncDisposable<Resource> || iteration::Disposable<Resource>,
                      "use() takes an object with disposeAsync(), which returns a promise, or dispose(); for others "
                      "there are adopt(x, f) and defer(f)");
        return adopt(std::forward<X>(resource), [](std::remove_reference_t<Resource>& kept) {
            if constexpr (iteration::AsyncDisposable<Resource>) {
                return kept.disposeAsync();
            } else { // without memory for the promise, too
                try {
                    kept.dispose();
                } catch (...) {
                    return Promise<>::reject(std::current_exception());
                }
                return Promise<>::resolve();
            }
        });
    }

    /// Keeps `value`, by copy or by move, and disposes of it by `onDispose(value)`, which may return a promise, and be a
    /// coroutine. Returns a reference to it, or of a `std::ref(x)` to `x`.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack/adopt
    template <class X, class F>
    auto& adopt(X&& value, F&& onDispose) {
        using Value = std::unwrap_ref_decay_t<X>;
        static_assert(std::is_invocable_v<std::decay_t<F>&, std::remove_reference_t<Value>&>,
                      "adopt() calls its function with the value");
        auto& adopted = add<Adopted<Value, std::decay_t<F>>>(std::forward<X>(value), std::forward<F>(onDispose));
        return static_cast<std::remove_reference_t<Value>&>(adopted.value);
    }

    /// Calls `onDispose()`, which may return a promise, and be a coroutine.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack/defer
    template <class F>
        requires std::is_invocable_v<std::decay_t<F>&>
    void defer(F&& onDispose) {
        add<Deferred<std::decay_t<F>>>(std::forward<F>(onDispose));
    }

    /// A stack with all that is in this one, which is disposed of then, without disposing of anything.
    /// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AsyncDisposableStack/move
    AsyncDisposableStack move() {
        checkUsable();
        return std::move(*this);
    }

    // What follows is for the house: `usingAsync`.
    template <class T, class F>
    static Promise<T> runBlock(F&& f) {
        return disposeBehind<T>(AsyncDisposableStack(), std::decay_t<F>(std::forward<F>(f)));
    }

private:
    using Entry = std::unique_ptr<iteration::DisposableResource>;

    template <class F>
    struct Deferred final : iteration::DisposableResource {
        template <class G>
        explicit Deferred(G&& f) : onDispose(std::forward<G>(f)) {}
        void dispose() override { this->disposeBy(onDispose); }
        F onDispose;
    };
    template <class X, class F> // X may be a reference
    struct Adopted final : iteration::DisposableResource {
        template <class Y, class G>
        Adopted(Y&& y, G&& f) : value(std::forward<Y>(y)), onDispose(std::forward<G>(f)) {}
        void dispose() override {
            auto call = [this]() -> decltype(auto) { return onDispose(value); };
            this->disposeBy(call);
        }
        X value;
        F onDispose;
    };

    void checkUsable() const {
        if (disposed_) throw ReferenceError("this AsyncDisposableStack has been disposed of");
    }

    template <class Made, class... Args>
    Made& add(Args&&... args) {
        checkUsable();
        auto made = std::make_unique<Made>(std::forward<Args>(args)...); // which may call this stack
        checkUsable();
        Made& resource = *made;
        made->below = std::move(top_);
        top_ = std::move(made);
        return resource;
    }

    struct NoBlock {};

    /// Takes what is on `stack` when there is a frame for it, lets a block put more there, if there is one, and disposes of
    /// all in that same frame: what has been put on a stack is disposed of, whatever becomes of the memory.
    /// https://tc39.es/ecma262/#sec-disposeresources
    template <class T, class F>
    static Promise<T> disposeBehind(AsyncDisposableStack&& stack, F f) {
        AsyncDisposableStack filled(std::move(stack));
        std::optional<SettledResult<T>> settled;
        std::exception_ptr thrown;
        if constexpr (!std::is_same_v<F, NoBlock>) {
            auto block = begin<T>(f, filled);
            auto result = co_await std::move(block).settled();
            settled.emplace(std::move(result));
            thrown = settled->reason();
        }
        AsyncDisposableStack taken(std::move(filled));
        for (Entry& last = taken.top_; last; last = std::move(last->below)) {
            std::exception_ptr failed;
            try {
                last->dispose();
                failed = co_await promise::AwaitSettlement<iteration::DisposableResource>(*last);
            } catch (...) {
                failed = std::current_exception();
            }
            if (failed) thrown = thrown ? suppressing(failed, thrown) : failed;
        }
        if (thrown) std::rethrow_exception(thrown);
        if constexpr (!std::is_void_v<T>) co_return std::move(*settled).value();
    }

    /// Calls the block, which may throw at once: if it is no coroutine.
    template <class T, class F>
    static Promise<T> begin(F& f, AsyncDisposableStack& stack) {
        try {
            return f(stack);
        } catch (...) {
            return Promise<T>::reject(std::current_exception());
        }
    }

    /// Without memory the later error hides the earlier.
    static std::exception_ptr suppressing(const std::exception_ptr& error,
                                          const std::exception_ptr& suppressed) noexcept {
        try {
            return std::make_exception_ptr(SuppressedError(error, suppressed));
        } catch (...) {
            return error;
        }
    }

    Entry top_;
    bool disposed_ = false;
};

/// A block with `await using` in it: calls `f(stack)`, a coroutine, and disposes of what it has put on the stack when it
/// has come to its end or has thrown. Promises what `f` promises. Without memory for this it throws `std::bad_alloc`, and
/// `f` is not called; from then on all that is put on the stack is disposed of, whatever becomes of the memory.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Statements/await_using
///
/// Unlike the Web: the block is a function of its own, which is awaited, a tick.
template <class F>
    requires(promise::isPromise<std::decay_t<std::invoke_result_t<std::decay_t<F>&, AsyncDisposableStack&>>>)
auto usingAsync(F&& f) {
    using Block = std::decay_t<std::invoke_result_t<std::decay_t<F>&, AsyncDisposableStack&>>;
    return AsyncDisposableStack::runBlock<typename Block::value_type>(std::forward<F>(f));
}

}
