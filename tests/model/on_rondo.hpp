// SPDX-License-Identifier: MIT
#pragma once

#include "model/machine.hpp"
#include "support/counted.hpp"

#include <rondo/events/global_scope.hpp>
#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/for_await.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace programs {

/// The two resolving functions of a promise.
struct RondoResolvers {
    RondoResolvers(rondo::promise::Resolve<int> first, rondo::promise::Reject<int> second) noexcept
        : resolve(std::move(first)), reject(std::move(second)) {}
    rondo::promise::Resolve<int> resolve;
    rondo::promise::Reject<int> reject;
};

/// Runs a program on Rondo.
class OnRondo final : public Machine<OnRondo, rondo::Promise<int>, RondoResolvers, rondo::AsyncGenerator<int, int>> {
    using Promise = rondo::Promise<int>;
    using Resolvers = RondoResolvers;
    using Generator = rondo::AsyncGenerator<int, int>;
    using Step = rondo::IteratorResult<int, int>;

public:
    using Machine::Machine;

    /// On a loop of its own, and with a source of memory of its own, which must have everything back in the end.
    void runAll() {
        CountingSource source;
        std::vector<std::pair<Promise, std::string>> kept;
        {
            rondo::EventLoop loop({.virtualTime = true});
            listen(loop.globalThis());
            loop.run([this] { begin(); });
            stopTicking();
            writeStates();
            for (const auto& promise : allPromises()) {
                if (promise) kept.emplace_back(*promise, stateText(*promise));
            }
            tearingDown_ = true;
            mute(60);
        }
        tearingDown_ = false;
        settleAllLate();
        unmute();
        for (const auto& [promise, text] : kept) {
            if (stateText(promise) != text) log("behind the end of the loop: ", text, " is ", stateText(promise));
        }
        kept.clear();
        forgetAll();
        if (const int balance = source.balance()) log("blocks of memory that were not given back: ", balance);
    }

    // What the machine asks for.

    void queueTick() {
        rondo::EventLoop::current().queueMicrotask([this] {
            if (tick()) queueTick();
        });
    }
    void queueTask(const Body& body, bool asTimer = false) {
        const auto task = [this, &body] { runTask(body); };
        if (asTimer) {
            rondo::EventLoop::current().setTimer(task, 0, false);
        } else {
            rondo::EventLoop::current().post(task);
        }
    }
    void setTimeout(const Body& body, int milliseconds) {
        const auto task = [this, &body] { runTask(body); };
        rondo::EventLoop::current().setTimer(task, milliseconds, false);
    }
    void queueMicrotask(const Body& body) {
        rondo::EventLoop::current().queueMicrotask([this, &body] {
            if (const auto thrown = run(body)) throw *thrown;
        });
    }

    static void stop() { rondo::EventLoop::current().stop(); }

    static std::pair<Promise, Resolvers> pending() {
        auto made = Promise::withResolvers();
        return {std::move(made.promise), Resolvers(std::move(made.resolve), std::move(made.reject))};
    }
    static void resolve(const Resolvers& resolvers, int value) { resolvers.resolve(value); }
    static void resolve(const Resolvers& resolvers, Promise promise) { resolvers.resolve(std::move(promise)); }
    void resolve(const Resolvers& resolvers, const ThenableOperation& t) { resolvers.resolve(Thenable(*this, t)); }
    static void reject(const Resolvers& resolvers, int value) { resolvers.reject(value); }

    static Promise fulfilled(int value) { return Promise::resolve(value); }
    static Promise rejected(int value) { return Promise::reject(value); }
    Promise fromThenable(const ThenableOperation& t) { return Promise::resolve(Thenable(*this, t)); }

    template <class Executor>
    static Promise construct(Executor executor) {
        return Promise([&](const rondo::promise::Resolve<int>& resolve, const rondo::promise::Reject<int>& reject) {
            if (const std::optional<int> thrown = executor(Resolvers(resolve, reject))) throw *thrown;
        });
    }
    Promise tryBody(const Body& body, Ends kind) {
        switch (kind) {
        case Ends::promise: return Promise::try_(Handler<Promise>(*this, body));
        case Ends::thenable: return Promise::try_(Handler<Thenable>(*this, body));
        default: return Promise::try_(Handler<int>(*this, body));
        }
    }

    Promise then(Promise promise, const Body* onFulfilled, const Body* onRejected, Ends kind, bool asRvalue) {
        switch (kind) {
        case Ends::promise: return react<Promise>(std::move(promise), onFulfilled, onRejected, asRvalue);
        case Ends::thenable: return react<Thenable>(std::move(promise), onFulfilled, onRejected, asRvalue);
        default: return react<int>(std::move(promise), onFulfilled, onRejected, asRvalue);
        }
    }
    Promise finally(Promise promise, const Body& body, Ends kind, bool asRvalue) {
        switch (kind) {
        case Ends::promise: return atEnd<Promise>(std::move(promise), body, asRvalue);
        case Ends::thenable: return atEnd<Thenable>(std::move(promise), body, asRvalue);
        default: return atEnd<int>(std::move(promise), body, asRvalue);
        }
    }

    Promise all(const std::vector<Promise>& promises, int number) { return digested(Promise::all(promises), number); }
    Promise allSettled(const std::vector<Promise>& promises, int number) {
        return digested(Promise::allSettled(promises), number);
    }
    static Promise any(const std::vector<Promise>& promises) { return Promise::any(promises); }
    static Promise race(const std::vector<Promise>& promises) { return Promise::race(promises); }

    // The generator is that in the register: what runs now may empty it.
    static auto next(const Generator& generator) { return generator.next(); }
    static auto throwInto(const Generator& generator, int value) { return generator.throw_(value); }
    static auto returnInto(const Generator& generator) { return generator.return_(); }
    static auto returnInto(const Generator& generator, int value) { return generator.return_(value); }
    static auto returnInto(const Generator& generator, Promise promise) {
        return generator.return_(std::move(promise));
    }

    Promise forAwait(const Generator& generator, const Body& body, int number) {
        return digested(rondo::forAwait(generator,
                                        [this, &body](int x) {
                                            log("loop with ", x);
                                            const Outcome outcome = runLoopBody(body);
                                            if (outcome.kind == Ends::throws) throw outcome.value;
                                            return goesOn(outcome);
                                        }),
                        number);
    }
    static Generator shared(const Generator& generator) { return generator.share(); }

    /// What is not a number is written, and is a number from here on.
    template <class T>
    Promise digested(rondo::Promise<T> promise, int number) {
        return std::move(promise).then([this, number](const T& value) {
            log(number, ": ", textOf(value));
            return number;
        });
    }

    Promise digested(rondo::Promise<> promise, int number) {
        return std::move(promise).then([this, number] {
            log(number, ": undefined");
            return number;
        });
    }

    static std::string stateText(const Promise& promise) {
        switch (promise.state()) {
        case rondo::PromiseState::pending: return "pending";
        case rondo::PromiseState::fulfilled: return "fulfilled " + std::to_string(promise.value());
        case rondo::PromiseState::rejected: return "rejected " + textOf(promise.reason());
        }
        return {};
    }

    Promise function(const Body& body) { return runFunction(*this, body, Parameter(*this, body)); }
    Generator generator(const Body& body) { return runGenerator(*this, body, Parameter(*this, body)); }

private:
    // Values

    static std::string textOf(const Step& step) {
        if (step) return "value " + std::to_string(*step);
        const int* returned = step.returned();
        return "done " + (returned ? std::to_string(*returned) : "undefined");
    }
    static std::string textOf(int value) { return std::to_string(value); }
    static std::string textOf(const rondo::SettledResult<int>& result) {
        if (result.rejected()) return "rejected " + textOf(result.reason());
        return "fulfilled " + std::to_string(result.value());
    }
    template <class T>
    static std::string textOf(const std::vector<T>& parts) {
        std::string text = "[";
        for (const T& part : parts) text += (text.size() > 1 ? "," : "") + textOf(part);
        return text + "]";
    }
    static std::string textOf(const std::exception_ptr& reason) {
        try {
            std::rethrow_exception(reason);
        } catch (int number) {
            return std::to_string(number);
        } catch (const rondo::AggregateError& error) {
            return "AggregateError" + textOf(error.errors());
        } catch (const rondo::TypeError&) {
            return "TypeError";
        } catch (...) {
            return "something else";
        }
    }

    struct Thenable {
        using value_type = int;
        Thenable(OnRondo& of, const ThenableOperation& what) noexcept : machine(&of), operation(what) {}
        void then(rondo::promise::Resolve<int> resolve, rondo::promise::Reject<int> reject) const {
            if (const auto thrown = machine->callThen(operation, Resolvers(std::move(resolve), std::move(reject))))
                throw *thrown;
        }
        OnRondo* machine;
        ThenableOperation operation;
    };

    /// Turns what a body comes to into what a C++ function returns or throws.
    template <class R>
    R resultOf(Outcome outcome) {
        if (outcome.kind == Ends::throws) throw outcome.value;
        if constexpr (std::is_same_v<R, int>) {
            return outcome.value;
        } else if constexpr (std::is_same_v<R, Promise>) {
            return std::move(*outcome.promise);
        } else {
            return Thenable(*this, outcome.thenable);
        }
    }
    template <class R>
    static constexpr Ends kindOfResult = std::is_same_v<R, int>       ? Ends::value
                                         : std::is_same_v<R, Promise> ? Ends::promise
                                                                      : Ends::thenable;

    // Handlers

    template <class R>
    struct Handler {
        Handler(OnRondo& of, const Body& what) noexcept : machine(&of), body(&what) {}
        R operator()() const { return machine->template resultOf<R>(machine->call(*body, kindOfResult<R>)); }
        OnRondo* machine;
        const Body* body;
    };
    template <class R>
    struct OnFulfilled : Handler<R> {
        using Handler<R>::Handler;
        R operator()(const int& value) const {
            this->machine->log("with ", value);
            return Handler<R>::operator()();
        }
    };
    template <class R>
    struct OnRejected : Handler<R> {
        using Handler<R>::Handler;
        R operator()(const std::exception_ptr& reason) const {
            this->machine->log("with ", textOf(reason));
            return Handler<R>::operator()();
        }
    };
    template <class R>
    struct OnFinally : Handler<R> {
        using Handler<R>::Handler;
        R operator()() const {
            this->machine->log("finally");
            return Handler<R>::operator()();
        }
    };

    template <class R>
    Promise react(Promise promise, const Body* onFulfilled, const Body* onRejected, bool asRvalue) {
        if (!onRejected) {
            const OnFulfilled<R> f(*this, *onFulfilled);
            return asRvalue ? std::move(promise).then(f) : promise.then(f);
        }
        const OnRejected<R> g(*this, *onRejected);
        if (!onFulfilled) return asRvalue ? std::move(promise).catch_(g) : promise.catch_(g);
        const OnFulfilled<R> f(*this, *onFulfilled);
        return asRvalue ? std::move(promise).then(f, g) : promise.then(f, g);
    }
    template <class R>
    Promise atEnd(Promise promise, const Body& body, bool asRvalue) {
        const OnFinally<R> f(*this, body);
        return asRvalue ? std::move(promise).finally(f) : promise.finally(f);
    }

    // Coroutines

    /// The parameter of a coroutine. It says when it is destroyed, but not if it had to wait for that: what never goes
    /// on is destroyed, too, and the specification knows nothing of that.
    class Parameter {
    public:
        Parameter(OnRondo& machine, const Body& body) noexcept : machine_(&machine), body_(&body) {}
        Parameter(Parameter&& other) noexcept : machine_(other.machine_), body_(other.body_) {}
        Parameter& operator=(Parameter&&) = delete;
        ~Parameter() {
            if (awake_) machine_->parametersGo(*body_);
        }
        void setAwake(bool awake) noexcept { awake_ = awake; }

    private:
        OnRondo* machine_;
        const Body* body_;
        bool awake_ = false;
    };

    /// The variables of a coroutine, alike.
    class Variables {
    public:
        Variables(OnRondo& machine, const Body& body, Parameter& parameter)
            : machine_(machine), body_(body), parameter_(parameter) {
            wake();
        }
        Variables(const Variables&) = delete;
        Variables& operator=(const Variables&) = delete;
        ~Variables() { awake_ ? machine_.variablesGo(body_) : machine_.variablesGoUnseen(body_); }
        void sleep() noexcept { parameter_.setAwake(awake_ = false); }
        void wake() noexcept { parameter_.setAwake(awake_ = true); }

    private:
        OnRondo& machine_;
        const Body& body_;
        Parameter& parameter_;
        bool awake_ = false;
    };

    static Promise runFunction(OnRondo& machine, const Body& body, Parameter parameter) {
        Variables variables(machine, body, parameter);
        machine.log("function ", body.number);
        std::exception_ptr leaving;
        for (const auto& part : body.parts) {
            for (const Operation& operation : part) {
                if (!machine.spend() || operation.code == Code::leave) break;
                if (!operation.suspends()) {
                    const std::optional<int> thrown = machine.perform(operation);
                    if (!thrown) continue;
                    leaving = std::make_exception_ptr(*thrown);
                    break;
                }
                if (operation.yields()) continue;
                if (operation.code == Code::awaitNext && !machine.generatorAt(operation.generator())) continue;
                std::exception_ptr error;
                try {
                    auto awaited = machine.toAwait(operation);
                    variables.sleep();
                    if (operation.code == Code::awaitThenable) {
                        const int value = co_await Thenable(machine, machine.program().thenable(operation));
                        variables.wake();
                        machine.log(operation.number, " = ", value);
                    } else if (awaited.step) {
                        const Step step = co_await *awaited.step;
                        variables.wake();
                        machine.log(operation.number, " = ", textOf(step));
                    } else if (operation.code == Code::await && operation.awaits() == Awaits::rvalue) {
                        const int value = co_await std::move(*awaited.promise);
                        variables.wake();
                        machine.log(operation.number, " = ", value);
                    } else if (operation.code == Code::await && operation.awaits() == Awaits::settlement) {
                        const rondo::SettledResult<int> result = co_await awaited.promise->settled();
                        variables.wake();
                        if (result.rejected()) {
                            error = result.reason();
                        } else {
                            machine.log(operation.number, " = ", result.value());
                        }
                    } else {
                        const int& value = co_await *awaited.promise;
                        variables.wake();
                        machine.log(operation.number, " = ", value);
                    }
                } catch (...) {
                    error = std::current_exception();
                }
                if (!error) continue;
                variables.wake();
                machine.log(operation.number, " throws ", textOf(error));
                if (operation.catches() != Catches::nothing) continue;
                leaving = error;
                break;
            }
        }
        if (leaving) std::rethrow_exception(leaving);
        Outcome outcome = machine.outcomeOf(body);
        if (outcome.kind == Ends::throws) throw outcome.value;
        if (outcome.kind == Ends::promise) co_return std::move(*outcome.promise);
        if (outcome.kind == Ends::thenable) co_return Thenable(machine, outcome.thenable);
        co_return outcome.value;
    }

    static Generator runGenerator(OnRondo& machine, const Body& body, Parameter parameter) {
        Variables variables(machine, body, parameter);
        machine.log("generator ", body.number);
        std::exception_ptr leaving;
        for (const auto& part : body.parts) {
            for (const Operation& operation : part) {
                if (!machine.spend() || operation.code == Code::leave) break;
                if (!operation.suspends()) {
                    const std::optional<int> thrown = machine.perform(operation);
                    if (!thrown) continue;
                    leaving = std::make_exception_ptr(*thrown);
                    break;
                }
                const bool asks = operation.code == Code::awaitNext || operation.code == Code::yieldAll;
                if (asks && !machine.generatorAt(operation.generator())) continue;
                std::exception_ptr error;
                bool returns = false;
                try {
                    auto awaited = machine.toAwait(operation);
                    variables.sleep();
                    if (operation.code == Code::yieldValue) {
                        co_yield operation.number;
                        variables.wake();
                        machine.log(operation.number);
                    } else if (operation.code == Code::yieldPromise) {
                        co_yield std::move(*awaited.promise);
                        variables.wake();
                        machine.log(operation.number);
                    } else if (operation.code == Code::yieldThenable) {
                        co_yield Thenable(machine, machine.program().thenable(operation));
                        variables.wake();
                        machine.log(operation.number);
                    } else if (operation.code == Code::yieldAll) {
                        const std::optional<int> returned =
                            co_yield rondo::elementsOf(*machine.generatorAt(operation.generator()));
                        variables.wake();
                        machine.log(operation.number, " = ", returned ? std::to_string(*returned) : "undefined");
                    } else if (operation.code == Code::awaitThenable) {
                        const int value = co_await Thenable(machine, machine.program().thenable(operation));
                        variables.wake();
                        machine.log(operation.number, " = ", value);
                    } else if (awaited.step) {
                        const Step step = co_await *awaited.step;
                        variables.wake();
                        machine.log(operation.number, " = ", textOf(step));
                    } else {
                        const int value = co_await std::move(*awaited.promise);
                        variables.wake();
                        machine.log(operation.number, " = ", value);
                    }
                } catch (const rondo::ReturnCompletion&) {
                    error = std::current_exception();
                    returns = true;
                } catch (...) {
                    error = std::current_exception();
                }
                if (!error) continue;
                variables.wake();
                machine.log(operation.number, returns ? " returns" : " throws " + textOf(error));
                if (operation.catches() == Catches::all || (!returns && operation.catches() == Catches::errors))
                    continue;
                leaving = error;
                break;
            }
        }
        if (leaving) std::rethrow_exception(leaving);
        const Ends wanted = kindOf(body) == Ends::promise ? Ends::promise : Ends::value;
        Outcome outcome = machine.as(wanted, machine.outcomeOf(body));
        if (outcome.kind == Ends::throws) throw outcome.value;
        if (outcome.kind == Ends::promise) co_return std::move(*outcome.promise);
        co_return outcome.value;
    }

    /// What an operation awaits or yields, if that is a promise.
    struct Awaited {
        Awaited() noexcept {}
        std::optional<Promise> promise;
        std::optional<rondo::Promise<Step>> step;
    };
    Awaited toAwait(const Operation& operation) {
        Awaited awaited;
        switch (operation.code) {
        case Code::await:
        case Code::yieldPromise: awaited.promise = promiseAt(operation.source()); break;
        case Code::awaitCall: awaited.promise = function(program().body(operation.b)); break;
        case Code::awaitNext: awaited.step = generatorAt(operation.generator())->next(); break;
        default: break;
        }
        return awaited;
    }

    // The loop

    void listen(rondo::GlobalScope& global) {
        global.addEventListener("unhandledrejection", [this](rondo::PromiseRejectionEvent& event) {
            event.preventDefault();
            log("unhandledrejection ", textOf(event.reason()));
            runListener(0);
        });
        global.addEventListener("rejectionhandled", [this](rondo::PromiseRejectionEvent& event) {
            log("rejectionhandled ", textOf(event.reason()));
            runListener(1);
        });
        global.addEventListener("error", [this](rondo::ErrorEvent& event) {
            event.preventDefault();
            log("error ", textOf(event.error()));
            runListener(2);
        });
    }

    /// The loop has gone: nothing settles its promises any more.
    void settleAllLate() const {
        for (const auto& resolvers : allResolvers()) {
            if (!resolvers) continue;
            resolvers->resolve(-1);
            resolvers->reject(-1);
        }
    }

    /// The variables of a coroutine that never went on are destroyed. At the end of the loop they do what they can to be
    /// in the way.
    void variablesGoUnseen(const Body& body) {
        if (!tearingDown_) return;
        for (const Operation& operation : body.parts[1]) {
            if (spend() && !operation.suspends()) perform(operation);
        }
    }

    bool tearingDown_ = false;
};

}
