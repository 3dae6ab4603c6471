// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise/callback.hpp>
#include <rondo/promise/coroutine.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

namespace promise {

/// The async functions that wait, or waited, in vain for `state` to settle, from the innermost out, as lines of a stack.
[[gnu::cold]] inline void appendStuckAwaits(base::Text& text, EventLoop& loop, const StateBase& state) {
    std::array<std::source_location, base::StackTrace::depth> collected;
    const std::size_t count = base::Trail::awaits(loop.rejections()->stuckAt(), collected);
    for (std::size_t i = 0; i < count; ++i) base::appendStackLine(text, collected[i], true);

    const Frame* innermost = nullptr;
    std::vector<std::pair<const Frame*, const Frame*>> awaits; // a function, and one that it awaits
    loop.waiting().forEach([&](const loop::Waiting& waiting) {
        const Frame* frame = Frame::from(&waiting);
        if (!frame) return;
        awaits.emplace_back(frame->awaiter(), frame);
        if (frame->state() == &state) innermost = frame;
    });
    std::sort(awaits.begin(), awaits.end());
    for (std::size_t i = 0; innermost && i < awaits.size(); ++i) { // no more often: functions may await each other
        const auto next =
            std::lower_bound(awaits.begin(), awaits.end(), std::pair<const Frame*, const Frame*>(innermost, nullptr));
        if (next == awaits.end() || next->first != innermost) break;
        innermost = next->second;
    }
    for (std::size_t i = 0; innermost && i < base::StackTrace::depth; ++i) {
        base::appendStackLine(text, innermost->where(), true);
        innermost = innermost->state() == &state ? nullptr : innermost->awaiter();
    }
}

/// What the first task of a run has come to: what its function returned, a promise or else.
template <class R>
struct MainResult {
    template <class F, class... Args>
    void call(F& f, Args&... args) {
        if constexpr (isPromise<R>) {
            result.emplace(async(std::move(f), std::move(args)...));
        } else if constexpr (std::is_void_v<R>) {
            invoke(f, args...);
            result.emplace();
        } else {
            result.emplace(invoke(f, args...));
        }
    }

    std::optional<base::Stored<R>> result;
    std::exception_ptr thrown;
    bool over = false;

private:
    template <class F, class... Args>
    static decltype(auto) invoke(F& f, Args&... args) {
        if constexpr (std::is_invocable_v<F&, Args&&...>) {
            return f(std::move(args)...);
        } else {
            return f(args...);
        }
    }
};

template <class F, class... Args>
using MainResultOf = MainResult<std::decay_t<InvokeResult<std::decay_t<F>, std::decay_t<Args>...>>>;

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
    promise::Rejections::prepare(*this);
    auto main = std::make_shared<Main>();
    promise::postMain(
        *this, main,
        [](Main& result, auto& call, auto&... given) {
            result.call(call, given...);
            if constexpr (promise::isPromise<R>)
                current().rejections()->watch(result.result->ref().get(), &result.over);
        },
        std::forward<F>(f), std::forward<Args>(args)...);
    uncaught_.forget();
    const Ended ended = turnUntil(main->over);
    rejections_->watch(nullptr, nullptr);
    if (ended == Ended::stopped) return 0;
    if (ended == Ended::done) return 1; // the function's promise was rejected, and that has been reported
    int code = 0;
    if constexpr (promise::isPromise<R>) {
        if (main->result && main->result->state() == PromiseState::pending) {
            base::Text text;
            promise::appendStuckAwaits(text +=
                                       "rondo: nothing is left to do, but the main function's promise is pending",
                                       *this, *main->result->ref());
            text += "\n";
            std::fwrite(text.view().data(), 1, text.view().size(), stderr);
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
    promise::postMain(
        *this, main,
        [main](Main& result, auto& call, auto&... given) {
            try {
                result.call(call, given...);
            } catch (...) {
                result.thrown = std::current_exception();
            }
            if constexpr (promise::isPromise<R>) {
                if (result.result) {
                    current().rejections()->watch(result.result->ref().get(), &result.over);
                    const auto settled = [main] { main->over = true; };
                    result.result->then(settled, settled);
                    return;
                }
            }
            result.over = true;
        },
        std::forward<F>(f), std::forward<Args>(args)...);
    const Ended ended = turnUntil(main->over);
    if (rejections_) rejections_->watch(nullptr, nullptr);
    if (ended == Ended::stopped) throw Error("the EventLoop was stopped before the promise had settled");
    if (main->thrown) std::rethrow_exception(main->thrown);
    if constexpr (promise::isPromise<R>) {
        if (ended == Ended::dry) {
            base::Text text;
            promise::appendStuckAwaits(text += "nothing is left to do, but the promise is pending", *this,
                                       *main->result->ref());
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
    EventLoop loop;
    return loop.run(std::forward<F>(f), std::forward<Args>(args)...);
}

}
