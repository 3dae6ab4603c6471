// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/call.hpp>
#include <rondo/base/order.hpp>
#include <rondo/promise/callback.hpp>
#include <rondo/promise/coroutine.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

namespace promise {

/// The main function of a run, by its promise: knows where it is stuck when nothing is left to do.
class WatchedMain final : public MainFunction {
public:
    /// While it lives, `reachedBy` points to it: the function's task may be left over for another run.
    WatchedMain(EventLoop& loop, WatchedMain*& reachedBy) noexcept
        : MainFunction{[](MainFunction& main, const Frame& frame) noexcept {
              static_cast<WatchedMain&>(main).remember(frame);
          }},
          loop_(loop), reachedBy_(reachedBy) {
        loop.setMainFunction(this);
        reachedBy_ = this;
    }
    WatchedMain(const WatchedMain&) = delete;
    WatchedMain& operator=(const WatchedMain&) = delete;
    ~WatchedMain() {
        reachedBy_ = nullptr;
        loop_.setMainFunction(nullptr);
        base::Trail::release(collectedAt_);
    }

    void watch(const StateBase& promise) noexcept { promise_ = &promise; }

    /// If the main function awaits this one: remembers where they are. No farther away than a stack is deep, so that
    /// collecting takes the same time for each frame.
    void remember(const Frame& frame) noexcept {
        if (!promise_ || collectedAt_) return;
        const Frame* main = &frame;
        for (std::size_t i = 1; main && main->state() != promise_; ++i)
            main = i < base::StackTrace::depth ? main->awaiter() : nullptr;
        if (!main) return;
        collectedAt_ = base::Trail::extended(nullptr, frame.where());
        for (const Frame* each = &frame; each != main;) {
            each = each->awaiter();
            collectedAt_ = base::Trail::extended(collectedAt_, each->where());
        }
    }

    /// The async functions that wait, or waited, in vain for the promise to settle, from the innermost out, as lines
    /// of a stack. A template, so that only files that run a loop compile it.
    template <class Function = Frame>
    [[gnu::cold]] void appendStuckAwaits(base::Text& text) const {
        std::array<std::source_location, base::StackTrace::depth> collected;
        const std::size_t count = base::Trail::awaits(collectedAt_, collected);
        for (std::size_t i = 0; i < count; ++i) base::appendStackLine(text, collected[i], true);

        using Await = std::pair<const Function*, const Function*>; // a function, and one that it awaits
        std::vector<Await> awaits;
        const Function* innermost = nullptr;
        loop_.waiting().forEach([&](const loop::Waiting& waiting) {
            const Function* function = Function::from(&waiting);
            if (!function) return;
            awaits.emplace_back(function->awaiter(), function);
            if (function->state() == promise_) innermost = function;
        });
        base::sort(awaits.data(), awaits.size());
        for (std::size_t i = 0; innermost && i < awaits.size(); ++i) { // no more often: functions may await each other
            const std::size_t next = base::lowerBound(awaits.data(), awaits.size(), Await(innermost, nullptr));
            if (next == awaits.size() || awaits[next].first != innermost) break;
            innermost = awaits[next].second;
        }
        for (std::size_t i = 0; innermost && i < base::StackTrace::depth; ++i) {
            base::appendStackLine(text, innermost->where(), true);
            innermost = innermost->state() == promise_ ? nullptr : innermost->awaiter();
        }
    }

    template <class Function = Frame>
    [[gnu::cold]] void sayWhereStuck() const noexcept {
        constexpr const char* sentence = "rondo: nothing is left to do, but the main function's promise is pending";
        try {
            base::Text text;
            appendStuckAwaits<Function>(text += sentence);
            text += '\n';
            std::fwrite(text.view().data(), 1, text.view().size(), stderr);
        } catch (const std::bad_alloc&) {
            std::fprintf(stderr, "%s, and there is no memory to say where\n", sentence);
        }
    }

private:
    EventLoop& loop_;
    WatchedMain*& reachedBy_;
    const StateBase* promise_ = nullptr;
    base::Trail* collectedAt_ = nullptr;
};

/// What the first task of a run has come to: what its function returned, a promise or else.
template <class R>
struct MainResult {
    template <class F, class... Args>
    void call(F& f, Args&... args) {
        if constexpr (isPromise<R>) {
            result.emplace(async(std::move(f), std::move(args)...));
            if (watched) watched->watch(*result->ref());
        } else if constexpr (std::is_void_v<R>) {
            base::callOnce(f, args...);
            result.emplace();
        } else {
            result.emplace(base::callOnce(f, args...));
        }
    }

    /// There is a result, and if it is a promise it has settled.
    bool over() const noexcept {
        if constexpr (isPromise<R>) {
            if (result) return result->state() != PromiseState::pending;
        }
        return result || thrown;
    }

    /// Nobody is left who could settle the promise.
    bool abandoned() const noexcept {
        if constexpr (isPromise<R>) return result && result->ref()->abandoned();
        return false;
    }

    /// Whether a rejection of the promise has been printed, for nobody handled it.
    bool printed() const noexcept {
        if constexpr (isPromise<R>) {
            if (result && result->state() == PromiseState::rejected)
                return result->ref()->rejection().told == Rejection::Told::printed;
        }
        return false;
    }

    std::optional<base::Stored<R>> result;
    std::exception_ptr thrown;
    WatchedMain* watched = nullptr;
};

template <class F, class... Args>
using MainResultOf = MainResult<std::decay_t<base::CallResult<std::decay_t<F>, std::decay_t<Args>...>>>;

/// Posts the task that calls `f(args...)` into `main`, and then `then`. The task shares the result: the loop may be
/// stopped before it comes to it.
template <class Main, class Then, class F, class... Args>
void postMain(EventLoop& loop, const std::shared_ptr<Main>& main, Then then, F&& f, Args&&... args) {
    loop.post([main, then, f = std::decay_t<F>(std::forward<F>(f)),
               ... args = std::decay_t<Args>(std::forward<Args>(args))]() mutable { then(*main, f, args...); });
}

}

template <class F, class... Args>
int EventLoop::run(F&& f, Args&&... args) {
    using Main = promise::MainResultOf<F, Args...>;
    using R = typename decltype(Main::result)::value_type;
    checkMayRun();
    auto main = std::make_shared<Main>();
    promise::WatchedMain watched(*this, main->watched);
    promise::postMain(
        *this, main, [](Main& result, auto& call, auto&... given) { result.call(call, given...); }, std::forward<F>(f),
        std::forward<Args>(args)...);
    uncaught_.forget();
    const Ended ended = turnUntil([&] { return main->printed(); });
    if (ended == Ended::stopped) return 0;
    if (ended == Ended::done) return 1; // nobody handled what the function was rejected with
    int code = 0;
    if constexpr (promise::isPromise<R>) {
        if (main->result && main->result->state() == PromiseState::pending) {
            watched.sayWhereStuck();
            return 13;
        }
        if constexpr (std::is_same_v<R, Promise<int>>) {
            if (main->result && main->result->state() == PromiseState::fulfilled) code = main->result->value();
        }
    } else if constexpr (std::is_same_v<R, int>) {
        if (main->result) code = *main->result;
    }
    return code == 0 && uncaught_.any() ? 1 : code;
}

template <class F, class... Args>
auto EventLoop::runUntilSettled(F&& f, Args&&... args) {
    using Main = promise::MainResultOf<F, Args...>;
    using R = typename decltype(Main::result)::value_type;
    checkMayRun();
    auto main = std::make_shared<Main>();
    promise::WatchedMain watched(*this, main->watched);
    promise::postMain(
        *this, main,
        [](Main& result, auto& call, auto&... given) {
            try {
                result.call(call, given...);
                if constexpr (promise::isPromise<R>) result.result->ref()->markHandled();
            } catch (...) {
                result.thrown = std::current_exception();
            }
        },
        std::forward<F>(f), std::forward<Args>(args)...);
    const Ended ended = turnUntil([&] { return main->over() || main->abandoned(); });
    if (ended == Ended::stopped) throw Error("the EventLoop was stopped before the promise had settled");
    if (main->thrown) std::rethrow_exception(main->thrown);
    if constexpr (promise::isPromise<R>) {
        if (!main->over()) {
            base::Text text;
            text += main->abandoned() ? "nobody is left who could settle the promise"
                                      : "nothing is left to do, but the promise is pending";
            watched.appendStuckAwaits(text);
            throw Error(text.view());
        }
        Promise<typename R::value_type> promise = std::move(*main->result);
        main->result.reset();
        if (promise.state() == PromiseState::rejected) std::rethrow_exception(promise.reason());
        if constexpr (!std::is_void_v<typename R::value_type>) return promise::takeValue(*promise.ref());
    } else if constexpr (!std::is_same_v<R, base::Unit>) {
        return std::move(*main->result);
    }
}

/// Makes a loop, runs `f(args...)` on it as `EventLoop::run` does, destroys the loop, and returns the exit code.
template <class F, class... Args>
int run(F&& f, Args&&... args) {
    static_assert(!promise::isPromise<std::remove_cvref_t<F>>,
                  "run() takes the function, which it calls on its loop, and not the function's promise: run(main_)");
    EventLoop loop;
    return loop.run(std::forward<F>(f), std::forward<Args>(args)...);
}

}
