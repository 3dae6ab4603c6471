// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/iteration/iterator_result.hpp>
#include <rondo/promise/frame.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace rondo {

namespace iteration {

template <class Step>
struct ResumptionValue;

}

/// What `return_()` throws into an async generator, at the `co_yield` where it is suspended, so that its variables are
/// destroyed: the specification's return completion. https://tc39.es/ecma262/#sec-completion-record-specification-type
///
/// A `catch (...)` sees it, as `finally` would: let it pass, or handle `const ReturnCompletion&` before and rethrow.
/// What catches it and goes on continues the generator, as a `yield` in `finally` does; what catches it and returns
/// or throws something else overrides what `return_` was given.
class ReturnCompletion {
    template <class>
    friend struct iteration::ResumptionValue;
    ReturnCompletion(const void* thrower, std::shared_ptr<void> result) noexcept
        : thrower_(thrower), result_(std::move(result)) {}

    const void* thrower_;
    std::shared_ptr<void> result_; // each keeps its own: an older one may be rethrown behind a newer one
};

namespace iteration {

/// What a generator that is suspended at a yield is told to do there.
enum class Resumption : std::uint8_t { next, throw_, return_ };

/// And with what. https://tc39.es/ecma262/#sec-asyncgeneratorunwrapyieldresumption
template <class Step>
struct ResumptionValue {
    static constexpr bool returnsNothing = std::is_void_v<typename ResultParts<Step>::Returned>;

    Resumption what = Resumption::next;
    bool returning = false; // a return completion has been thrown
    std::optional<promise::Reason> thrown;
    std::optional<Step> returned;

    promise::Reason takeThrown() noexcept {
        promise::Reason reason(std::move(*thrown));
        thrown.reset();
        return reason;
    }

    /// In the body: throws what it is to throw.
    void perform() {
        if (what == Resumption::next) return;
        if (what == Resumption::throw_) promise::Frame::throwReason(takeThrown());
        std::shared_ptr<void> result;
        if constexpr (!returnsNothing) result = std::make_shared<Step>(std::move(*returned));
        returning = true;
        throw ReturnCompletion(this, std::move(result));
    }

    /// Whether it is of this generator; else it is like any other exception.
    bool threw(const ReturnCompletion& completion) const noexcept { return completion.thrower_ == this; }
    /// The result of the generator that it has left.
    static Step resultOf(const ReturnCompletion& completion) {
        if constexpr (returnsNothing) {
            return Step::finished();
        } else {
            return std::move(*static_cast<Step*>(completion.result_.get()));
        }
    }
};

/// The microtask of a generator: for what it awaits, and what it does then. Dropped, it collects the generator.
/// https://tc39.es/ecma262/#await
template <class Generator>
class GeneratorMicrotask : public loop::Waiting {
protected:
    GeneratorMicrotask() noexcept : Waiting(&act<&Generator::collect>) {}

    template <void (Generator::*step)() noexcept>
    void awaitTick() noexcept {
        perform = &act<step>;
        base::thread.loop->microtasks().push(*this);
    }
    template <void (Generator::*step)() noexcept>
    void awaitValue(promise::StateBase& value) noexcept {
        perform = &act<step>;
        value.markHandled();
        value.subscribe(*this);
    }

private:
    template <void (Generator::*step)() noexcept>
    static void act(loop::Microtask* node, loop::Verb verb) noexcept {
        auto& self = static_cast<Generator&>(*node);
        if (verb == loop::Verb::drop) return self.collect();
        (self.*step)();
    }
};

/// A `yield*` at work: it takes over what its generator is told.
struct Delegate {
    using Receive = void (*)(Delegate&, Resumption) noexcept;
    explicit Delegate(Receive action) noexcept : receive(action) {}
    Receive receive;
};

/// The body of a generator: its frame, less its types.
class GeneratorBody : public promise::Frame {
public:
    explicit GeneratorBody(EventLoop& loop) noexcept : Frame(nullptr), microtask_(&act, loop.waiting(), *this) {
        markRunning(microtask_);
    }

    loop::Microtask& microtask() noexcept { return microtask_; }

    /// The request it works for; null while it is suspended at its start or at a yield.
    void workFor(promise::StateBase* request) noexcept { state_ = request; }
    void resume() noexcept { resumeInCaller(); }
    void destroy() noexcept {
        RONDO_ASSERT(base::thread.running != static_cast<const promise::Frame*>(this), destroysItsLoop);
        owned_ = false;
        std::coroutine_handle<GeneratorBody>::from_promise(*this).destroy();
    }

protected:
    /// While it is destroyed where it is suspended, it cannot go on: there is no request to work for, and nobody would
    /// destroy it again. So what a destructor throws then ends the program, whether the body catches it or not.
    void requireOwner() const noexcept {
        if (!owned_) [[unlikely]]
            std::terminate();
    }

    promise::FrameMicrotask microtask_;
    bool owned_ = true; // by its generator, which does not know if it is destroyed
};

}

}
