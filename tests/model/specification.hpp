// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// ECMA-262's promises and async generators, and HTML's checkpoint and rejected promises, step by step as they are
/// written there: queues are lists, records are structs, steps are functions of the clause's name. It is slow, it frees
/// nothing before the end, and it is as plain as the text; that is all it is for.
///
/// What has no `return` at hand has a continuation: a function that is called with the completion.
namespace specification {

struct Promise;
struct Thenable;

/// A value of the language, as far as the programs have them.
/// https://tc39.es/ecma262/#sec-ecmascript-language-types
struct Value {
    enum class Type {
        undefined,
        number,
        promise,
        thenable,
        list,
        settlement,
        iteratorResult,
        typeError,
        aggregateError
    };

    Type type = Type::undefined;
    int number = 0;                             // a number
    bool flag = false;                          // of an iterator result: done; of a settlement: rejected
    Promise* promise = nullptr;                 // a promise
    std::shared_ptr<const Thenable> thenable{}; // an object with a method `then`
    std::vector<Value> parts{};                 // what a list, a settlement, an iterator result or an error holds

    static Value of(int number) { return {.type = Type::number, .number = number}; }
    static Value of(Promise* promise) { return {.type = Type::promise, .promise = promise}; }
    static Value of(Type type, std::vector<Value> parts, bool flag = false) {
        return {.type = type, .flag = flag, .parts = std::move(parts)};
    }

    const Value& inner() const { return parts.front(); }

    std::string text() const {
        switch (type) {
        case Type::undefined: return "undefined";
        case Type::number: return std::to_string(number);
        case Type::promise: return "a promise";
        case Type::thenable: return "a thenable";
        case Type::list: return joined();
        case Type::settlement: return (flag ? "rejected " : "fulfilled ") + inner().text();
        case Type::iteratorResult: return (flag ? "done " : "value ") + inner().text();
        case Type::typeError: return "TypeError";
        case Type::aggregateError: return "AggregateError" + joined();
        }
        return {};
    }

private:
    std::string joined() const {
        std::string text = "[";
        for (const Value& part : parts) text += (text.size() > 1 ? "," : "") + part.text();
        return text + "]";
    }
};

/// https://tc39.es/ecma262/#sec-completion-record-specification-type
struct Completion {
    enum class Type { normal, throw_, return_ };

    Type type = Type::normal;
    Value value{};

    static Completion normal(Value value = {}) { return {Type::normal, std::move(value)}; }
    static Completion throw_(Value value) { return {Type::throw_, std::move(value)}; }
    static Completion return_(Value value) { return {Type::return_, std::move(value)}; }
    bool throws() const { return type == Type::throw_; }
    bool returns() const { return type == Type::return_; }
    bool isNormal() const { return type == Type::normal; }
};

/// A function that is called with one argument; empty where the text says `empty` or `undefined`.
using Function = std::function<Completion(const Value&)>;
using Continuation = std::function<void(const Completion&)>;

struct ResolvingFunctions {
    std::function<void(const Value&)> resolve;
    std::function<void(const Value&)> reject;
};

struct Thenable {
    std::function<Completion(const ResolvingFunctions&)> then;
};

/// https://tc39.es/ecma262/#sec-promisecapability-records
struct PromiseCapability {
    Promise* promise = nullptr;
    ResolvingFunctions functions{};
};

/// https://tc39.es/ecma262/#sec-promisereaction-records
struct PromiseReaction {
    enum class Type { fulfill, reject };

    std::optional<PromiseCapability> capability;
    Type type;
    Function handler;
};

/// https://tc39.es/ecma262/#sec-properties-of-promise-instances
struct Promise {
    enum class State { pending, fulfilled, rejected };

    State state = State::pending;
    Value result;
    std::vector<PromiseReaction> fulfillReactions;
    std::vector<PromiseReaction> rejectReactions;
    bool isHandled = false;
};

/// https://tc39.es/ecma262/#sec-asyncgeneratorrequest-records
struct AsyncGeneratorRequest {
    Completion completion;
    PromiseCapability capability;
};

/// https://tc39.es/ecma262/#sec-properties-of-asyncgenerator-intances
struct AsyncGenerator {
    enum class State { suspendedStart, suspendedYield, executing, drainingQueue, completed };

    State state = State::suspendedStart;
    std::deque<AsyncGeneratorRequest> queue;
    Continuation context; // [[AsyncGeneratorContext]]: goes on with the body
};

/// The agent, and the global object. https://tc39.es/ecma262/#sec-agents
class Agent {
public:
    // Promises

    Promise* newPromise() { return &promises_.emplace_back(); }

    /// https://tc39.es/ecma262/#sec-createresolvingfunctions, with the steps of the two functions:
    /// https://tc39.es/ecma262/#sec-promise-resolve-functions, https://tc39.es/ecma262/#sec-promise-reject-functions
    ResolvingFunctions CreateResolvingFunctions(Promise* promise) {
        const auto alreadyResolved = std::make_shared<bool>(false);
        ResolvingFunctions functions;
        functions.resolve = [this, promise, alreadyResolved](const Value& resolution) {
            if (*alreadyResolved) return;
            *alreadyResolved = true;
            if (resolution.type == Value::Type::promise && resolution.promise == promise) {
                RejectPromise(promise, {.type = Value::Type::typeError});
            } else if (resolution.type == Value::Type::promise || resolution.type == Value::Type::thenable) {
                HostEnqueuePromiseJob([=, this] { NewPromiseResolveThenableJob(promise, resolution); });
            } else { // no object, or one without `then`
                FulfillPromise(promise, resolution);
            }
        };
        functions.reject = [this, promise, alreadyResolved](const Value& reason) {
            if (*alreadyResolved) return;
            *alreadyResolved = true;
            RejectPromise(promise, reason);
        };
        return functions;
    }

    /// https://tc39.es/ecma262/#sec-newpromisecapability
    PromiseCapability NewPromiseCapability() {
        Promise* promise = newPromise();
        return {promise, CreateResolvingFunctions(promise)};
    }

    /// https://tc39.es/ecma262/#sec-promise-executor
    Promise* construct(const std::function<Completion(const ResolvingFunctions&)>& executor) {
        const PromiseCapability capability = NewPromiseCapability();
        const Completion completion = executor(capability.functions);
        if (completion.throws()) capability.functions.reject(completion.value);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-fulfillpromise
    void FulfillPromise(Promise* promise, const Value& value) {
        const std::vector<PromiseReaction> reactions = std::move(promise->fulfillReactions);
        settle(promise, Promise::State::fulfilled, value);
        TriggerPromiseReactions(reactions, value);
    }

    /// https://tc39.es/ecma262/#sec-rejectpromise
    void RejectPromise(Promise* promise, const Value& reason) {
        const std::vector<PromiseReaction> reactions = std::move(promise->rejectReactions);
        settle(promise, Promise::State::rejected, reason);
        if (!promise->isHandled) HostPromiseRejectionTrackerReject(promise);
        TriggerPromiseReactions(reactions, reason);
    }

    /// https://tc39.es/ecma262/#sec-triggerpromisereactions
    void TriggerPromiseReactions(const std::vector<PromiseReaction>& reactions, const Value& argument) {
        for (const PromiseReaction& reaction : reactions)
            HostEnqueuePromiseJob([=, this] { NewPromiseReactionJob(reaction, argument); });
    }

    /// The job itself. https://tc39.es/ecma262/#sec-newpromisereactionjob
    void NewPromiseReactionJob(const PromiseReaction& reaction, const Value& argument) {
        Completion result;
        if (reaction.handler) {
            result = reaction.handler(argument);
        } else if (reaction.type == PromiseReaction::Type::fulfill) {
            result = Completion::normal(argument);
        } else {
            result = Completion::throw_(argument);
        }
        if (!reaction.capability) return;
        if (result.throws()) {
            reaction.capability->functions.reject(result.value);
        } else {
            reaction.capability->functions.resolve(result.value);
        }
    }

    /// The job itself. https://tc39.es/ecma262/#sec-newpromiseresolvethenablejob
    void NewPromiseResolveThenableJob(Promise* promiseToResolve, const Value& thenable) {
        const ResolvingFunctions functions = CreateResolvingFunctions(promiseToResolve);
        Completion result;
        if (thenable.type == Value::Type::promise) {
            then(thenable.promise, asHandler(functions.resolve), asHandler(functions.reject));
        } else {
            result = thenable.thenable->then(functions);
        }
        if (result.throws()) functions.reject(result.value);
    }

    /// https://tc39.es/ecma262/#sec-promise-resolve
    Promise* PromiseResolve(const Value& x) {
        if (x.type == Value::Type::promise) return x.promise;
        const PromiseCapability capability = NewPromiseCapability();
        capability.functions.resolve(x);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-promise.reject
    Promise* reject(const Value& reason) {
        const PromiseCapability capability = NewPromiseCapability();
        capability.functions.reject(reason);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-promise.try
    Promise* try_(const std::function<Completion()>& function) {
        const PromiseCapability capability = NewPromiseCapability();
        const Completion status = function();
        if (status.throws()) {
            capability.functions.reject(status.value);
        } else {
            capability.functions.resolve(status.value);
        }
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-promise.prototype.then
    Promise* then(Promise* promise, Function onFulfilled, Function onRejected) {
        PromiseCapability capability = NewPromiseCapability();
        PerformPromiseThen(promise, std::move(onFulfilled), std::move(onRejected), capability);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-performpromisethen
    void PerformPromiseThen(Promise* promise, Function onFulfilled, Function onRejected,
                            const std::optional<PromiseCapability>& capability = {}) {
        PromiseReaction fulfill{capability, PromiseReaction::Type::fulfill, std::move(onFulfilled)};
        PromiseReaction reject{capability, PromiseReaction::Type::reject, std::move(onRejected)};
        switch (promise->state) {
        case Promise::State::pending:
            promise->fulfillReactions.push_back(std::move(fulfill));
            promise->rejectReactions.push_back(std::move(reject));
            break;
        case Promise::State::fulfilled:
            HostEnqueuePromiseJob([=, this] { NewPromiseReactionJob(fulfill, promise->result); });
            break;
        case Promise::State::rejected:
            if (!promise->isHandled) HostPromiseRejectionTrackerHandle(promise);
            HostEnqueuePromiseJob([=, this] { NewPromiseReactionJob(reject, promise->result); });
            break;
        }
        promise->isHandled = true;
    }

    /// https://tc39.es/ecma262/#sec-promise.prototype.finally
    Promise* finally(Promise* promise, const std::function<Completion()>& onFinally) {
        const Function thenFinally = [this, onFinally](const Value& value) {
            const Completion result = onFinally();
            if (result.throws()) return result;
            Promise* p = PromiseResolve(result.value);
            const Function valueThunk = [value](const Value&) { return Completion::normal(value); };
            return Completion::normal(Value::of(then(p, valueThunk, {})));
        };
        const Function catchFinally = [this, onFinally](const Value& reason) {
            const Completion result = onFinally();
            if (result.throws()) return result;
            Promise* p = PromiseResolve(result.value);
            const Function thrower = [reason](const Value&) { return Completion::throw_(reason); };
            return Completion::normal(Value::of(then(p, thrower, {})));
        };
        return then(promise, thenFinally, catchFinally);
    }

    // Combinators

    /// https://tc39.es/ecma262/#sec-performpromiseall
    Promise* all(const std::vector<Promise*>& promises) {
        return gather(promises, Value::Type::list, [](PromiseCapability& outcome, const Keep& keep) {
            return std::pair<Function, Function>([keep](const Value& value) { return keep(value); },
                                                 asHandler(outcome.functions.reject));
        });
    }

    /// https://tc39.es/ecma262/#sec-performpromiseallsettled
    Promise* allSettled(const std::vector<Promise*>& promises) {
        return gather(promises, Value::Type::list, [](PromiseCapability&, const Keep& keep) {
            return std::pair<Function, Function>(
                [keep](const Value& value) { return keep(Value::of(Value::Type::settlement, {value}, false)); },
                [keep](const Value& reason) { return keep(Value::of(Value::Type::settlement, {reason}, true)); });
        });
    }

    /// https://tc39.es/ecma262/#sec-performpromiseany
    Promise* any(const std::vector<Promise*>& promises) {
        return gather(promises, Value::Type::aggregateError, [](PromiseCapability& outcome, const Keep& keep) {
            return std::pair<Function, Function>(asHandler(outcome.functions.resolve),
                                                 [keep](const Value& reason) { return keep(reason); });
        });
    }

    /// https://tc39.es/ecma262/#sec-performpromiserace
    Promise* race(const std::vector<Promise*>& promises) {
        const PromiseCapability outcome = NewPromiseCapability();
        for (Promise* promise : promises)
            then(promise, asHandler(outcome.functions.resolve), asHandler(outcome.functions.reject));
        return outcome.promise;
    }

    // Async functions

    /// https://tc39.es/ecma262/#await
    void Await(const Value& value, const Continuation& continuation) {
        Promise* promise = PromiseResolve(value);
        const Function fulfilled = [continuation](const Value& v) {
            continuation(Completion::normal(v));
            return Completion::normal();
        };
        const Function rejected = [continuation](const Value& reason) {
            continuation(Completion::throw_(reason));
            return Completion::normal();
        };
        PerformPromiseThen(promise, fulfilled, rejected);
    }

    /// `body` is given what it calls with its completion when it has come to its end.
    /// https://tc39.es/ecma262/#sec-asyncblockstart
    Promise* AsyncFunctionStart(const std::function<void(const Continuation&)>& body) {
        const PromiseCapability capability = NewPromiseCapability();
        body([capability](const Completion& result) {
            if (result.throws()) {
                capability.functions.reject(result.value);
            } else {
                capability.functions.resolve(result.value);
            }
        });
        return capability.promise;
    }

    // Async generators

    /// `body` is given what it calls with its completion when it has come to its end.
    /// https://tc39.es/ecma262/#sec-asyncgeneratorstart
    AsyncGenerator* AsyncGeneratorStart(
        const std::function<void(AsyncGenerator*, const Completion&, const Continuation&)>& body) {
        AsyncGenerator* generator = &generators_.emplace_back();
        generator->context = [this, generator, body](const Completion& start) {
            body(generator, start, [this, generator](const Completion& end) {
                generator->state = AsyncGenerator::State::drainingQueue;
                Completion result = end;
                if (end.isNormal()) result = Completion::normal();
                if (end.returns()) result = Completion::normal(end.value);
                AsyncGeneratorCompleteStep(generator, result, true);
                AsyncGeneratorDrainQueue(generator);
            });
        };
        return generator;
    }

    /// https://tc39.es/ecma262/#sec-asyncgenerator-prototype-next
    Promise* next(AsyncGenerator* generator) {
        const PromiseCapability capability = NewPromiseCapability();
        const AsyncGenerator::State state = generator->state;
        if (state == AsyncGenerator::State::completed) {
            capability.functions.resolve(CreateIterResultObject({}, true));
            return capability.promise;
        }
        const Completion completion = Completion::normal();
        AsyncGeneratorEnqueue(generator, completion, capability);
        if (state == AsyncGenerator::State::suspendedStart || state == AsyncGenerator::State::suspendedYield)
            AsyncGeneratorResume(generator, completion);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-asyncgenerator-prototype-return
    Promise* return_(AsyncGenerator* generator, const Value& value) {
        const PromiseCapability capability = NewPromiseCapability();
        const Completion completion = Completion::return_(value);
        AsyncGeneratorEnqueue(generator, completion, capability);
        const AsyncGenerator::State state = generator->state;
        if (state == AsyncGenerator::State::suspendedStart || state == AsyncGenerator::State::completed) {
            generator->state = AsyncGenerator::State::drainingQueue;
            AsyncGeneratorAwaitReturn(generator);
        } else if (state == AsyncGenerator::State::suspendedYield) {
            AsyncGeneratorResume(generator, completion);
        }
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-asyncgenerator-prototype-throw
    Promise* throw_(AsyncGenerator* generator, const Value& exception) {
        const PromiseCapability capability = NewPromiseCapability();
        if (generator->state == AsyncGenerator::State::suspendedStart)
            generator->state = AsyncGenerator::State::completed;
        const AsyncGenerator::State state = generator->state;
        if (state == AsyncGenerator::State::completed) {
            capability.functions.reject(exception);
            return capability.promise;
        }
        const Completion completion = Completion::throw_(exception);
        AsyncGeneratorEnqueue(generator, completion, capability);
        if (state == AsyncGenerator::State::suspendedYield) AsyncGeneratorResume(generator, completion);
        return capability.promise;
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorenqueue
    static void AsyncGeneratorEnqueue(AsyncGenerator* generator, const Completion& completion,
                                      const PromiseCapability& capability) {
        generator->queue.push_back({completion, capability});
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorcompletestep
    static void AsyncGeneratorCompleteStep(AsyncGenerator* generator, const Completion& completion, bool done) {
        const AsyncGeneratorRequest next = generator->queue.front();
        generator->queue.pop_front();
        if (completion.throws()) {
            next.capability.functions.reject(completion.value);
        } else {
            next.capability.functions.resolve(CreateIterResultObject(completion.value, done));
        }
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorresume
    static void AsyncGeneratorResume(AsyncGenerator* generator, const Completion& completion) {
        generator->state = AsyncGenerator::State::executing;
        const Continuation context = std::exchange(generator->context, nullptr);
        context(completion);
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorunwrapyieldresumption
    void AsyncGeneratorUnwrapYieldResumption(const Completion& resumptionValue, const Continuation& continuation) {
        if (!resumptionValue.returns()) return continuation(resumptionValue);
        Await(resumptionValue.value, [continuation](const Completion& awaited) {
            continuation(awaited.throws() ? awaited : Completion::return_(awaited.value));
        });
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratoryield
    void AsyncGeneratorYield(AsyncGenerator* generator, const Value& value, const Continuation& continuation) {
        AsyncGeneratorCompleteStep(generator, Completion::normal(value), false);
        if (!generator->queue.empty()) {
            const Completion resumptionValue = generator->queue.front().completion;
            AsyncGeneratorUnwrapYieldResumption(resumptionValue, continuation);
        } else {
            generator->state = AsyncGenerator::State::suspendedYield;
            generator->context = [this, continuation](const Completion& resumptionValue) {
                AsyncGeneratorUnwrapYieldResumption(resumptionValue, continuation);
            };
        }
    }

    /// `yield value` in an async generator. https://tc39.es/ecma262/#sec-yield
    void Yield(AsyncGenerator* generator, const Value& value, const Continuation& continuation) {
        Await(value, [this, generator, continuation](const Completion& awaited) {
            if (awaited.throws()) return continuation(awaited);
            AsyncGeneratorYield(generator, awaited.value, continuation);
        });
    }

    /// `yield* iterator` in an async generator, where the iterator is one, too: it has `next`, `throw` and `return`.
    /// https://tc39.es/ecma262/#sec-generator-function-definitions-runtime-semantics-evaluation
    void YieldStar(AsyncGenerator* generator, AsyncGenerator* iterator, const Completion& received,
                   const Continuation& continuation) {
        Promise* innerResult = nullptr;
        switch (received.type) {
        case Completion::Type::normal: innerResult = next(iterator); break;
        case Completion::Type::throw_: innerResult = throw_(iterator, received.value); break;
        case Completion::Type::return_: innerResult = return_(iterator, received.value); break;
        }
        Await(Value::of(innerResult), [=, this](const Completion& awaited) {
            if (awaited.throws()) return continuation(awaited);
            const Value& value = awaited.value.inner();
            if (awaited.value.flag) // done
                return continuation(received.returns() ? Completion::return_(value) : Completion::normal(value));
            AsyncGeneratorYield(generator, value, [=, this](const Completion& again) {
                YieldStar(generator, iterator, again, continuation);
            });
        });
    }

    /// `for await (const x of iterator) statement(x)`, in an async function with nothing else in it. The statement ends
    /// with a normal completion to go on, and with a return completion for `break`.
    /// https://tc39.es/ecma262/#sec-runtime-semantics-forin-div-ofbodyevaluation-lhs-stmt-iterator-lhskind-labelset
    void ForAwait(AsyncGenerator* iterator, const Function& statement, const Continuation& continuation) {
        Await(Value::of(next(iterator)), [=, this](const Completion& nextResult) {
            if (nextResult.throws()) return continuation(nextResult);
            if (nextResult.value.flag) return continuation(Completion::normal()); // done
            const Completion result = statement(nextResult.value.inner());
            if (result.isNormal()) return ForAwait(iterator, statement, continuation);
            AsyncIteratorClose(iterator, result, continuation);
        });
    }

    /// https://tc39.es/ecma262/#sec-asynciteratorclose
    void AsyncIteratorClose(AsyncGenerator* iterator, const Completion& completion, const Continuation& continuation) {
        Await(Value::of(return_(iterator, {})), [=](const Completion& innerResult) {
            continuation(!completion.throws() && innerResult.throws() ? innerResult : completion);
        });
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratorawaitreturn
    void AsyncGeneratorAwaitReturn(AsyncGenerator* generator) {
        const Completion completion = generator->queue.front().completion;
        Promise* promise = PromiseResolve(completion.value);
        const Function fulfilled = [this, generator](const Value& value) {
            AsyncGeneratorCompleteStep(generator, Completion::normal(value), true);
            AsyncGeneratorDrainQueue(generator);
            return Completion::normal();
        };
        const Function rejected = [this, generator](const Value& reason) {
            AsyncGeneratorCompleteStep(generator, Completion::throw_(reason), true);
            AsyncGeneratorDrainQueue(generator);
            return Completion::normal();
        };
        PerformPromiseThen(promise, fulfilled, rejected);
    }

    /// https://tc39.es/ecma262/#sec-asyncgeneratordrainqueue
    void AsyncGeneratorDrainQueue(AsyncGenerator* generator) {
        while (!generator->queue.empty()) {
            const Completion completion = generator->queue.front().completion;
            if (completion.returns()) return AsyncGeneratorAwaitReturn(generator);
            AsyncGeneratorCompleteStep(generator, completion.isNormal() ? Completion::normal() : completion, true);
        }
        generator->state = AsyncGenerator::State::completed;
    }

    // The loop

    /// What the host does where ECMA-262 calls it, and what it fires.
    std::function<void(const Value& reason)> unhandledrejection;
    std::function<void(const Value& reason)> rejectionhandled;

    /// https://html.spec.whatwg.org/multipage/webappapis.html#hostenqueuepromisejob
    void HostEnqueuePromiseJob(std::function<void()> job) { microtasks_.push_back(std::move(job)); }
    /// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#microtask-queuing
    void queueMicrotask(std::function<void()> callback) { microtasks_.push_back(std::move(callback)); }
    void queueTask(std::function<void()> task) { tasks_.push_back(std::move(task)); }
    /// Time stands still while there is something to do. A timer that is due at once is a task at once.
    /// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#run-steps-after-a-timeout
    void setTimeout(std::function<void()> task, int milliseconds) {
        if (milliseconds == 0) return queueTask(std::move(task));
        timers_.emplace(now_ + milliseconds, std::move(task));
    }

    /// A callback of the global object has returned to the loop.
    /// https://html.spec.whatwg.org/multipage/webappapis.html#clean-up-after-running-script
    void cleanUpAfterRunningScript() { performAMicrotaskCheckpoint(); }

    /// `run` ends behind the task that runs now.
    void stop() { stopped_ = true; }
    /// Until nothing is left to do. What order the sources of tasks have is the host's to say: notices of rejections
    /// go first in Rondo. https://html.spec.whatwg.org/multipage/webappapis.html#event-loop-processing-model
    void run() {
        while (!stopped_) {
            if (notices_.empty() && tasks_.empty()) {
                if (timers_.empty()) return;
                now_ = timers_.begin()->first;
                for (; !timers_.empty() && timers_.begin()->first == now_; timers_.erase(timers_.begin()))
                    queueTask(timers_.begin()->second);
            }
            auto& queue = notices_.empty() ? tasks_ : notices_;
            const std::function<void()> task = std::move(queue.front());
            queue.pop_front();
            task();
            performAMicrotaskCheckpoint();
        }
    }

    /// https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint
    void performAMicrotaskCheckpoint() {
        if (performingAMicrotaskCheckpoint_) return;
        performingAMicrotaskCheckpoint_ = true;
        while (!microtasks_.empty()) {
            const std::function<void()> microtask = std::move(microtasks_.front());
            microtasks_.pop_front();
            microtask();
        }
        notifyAboutRejectedPromises();
        performingAMicrotaskCheckpoint_ = false;
    }

    /// https://html.spec.whatwg.org/multipage/webappapis.html#notify-about-rejected-promises
    void notifyAboutRejectedPromises() {
        if (aboutToBeNotified_.empty()) return;
        const std::vector<Promise*> list = std::exchange(aboutToBeNotified_, {});
        notices_.push_back([this, list] {
            for (Promise* promise : list) {
                if (promise->isHandled) continue;
                unhandledrejection(promise->result);
                if (!promise->isHandled) outstanding_.push_back(promise);
            }
        });
    }

    /// Operation "reject". https://html.spec.whatwg.org/multipage/webappapis.html#the-hostpromiserejectiontracker-implementation
    void HostPromiseRejectionTrackerReject(Promise* promise) { aboutToBeNotified_.push_back(promise); }
    /// Operation "handle".
    void HostPromiseRejectionTrackerHandle(Promise* promise) {
        if (std::erase(aboutToBeNotified_, promise) > 0) return;
        if (std::erase(outstanding_, promise) == 0) return;
        notices_.push_back([this, promise] { rejectionhandled(promise->result); });
    }

private:
    static void settle(Promise* promise, Promise::State state, const Value& result) {
        promise->fulfillReactions.clear();
        promise->rejectReactions.clear();
        promise->state = state;
        promise->result = result;
    }

    static Function asHandler(const std::function<void(const Value&)>& function) {
        return [function](const Value& argument) {
            function(argument);
            return Completion::normal();
        };
    }

    /// https://tc39.es/ecma262/#sec-createiterresultobject
    static Value CreateIterResultObject(const Value& value, bool done) {
        return Value::of(Value::Type::iteratorResult, {value}, done);
    }

    /// Puts a value in its place of the list, and settles the outcome with the list if it was the last.
    using Keep = std::function<Completion(const Value&)>;

    /// What three of the combinators do alike; `handlers` makes the functions that `then` of one promise is called with.
    template <class Handlers>
    Promise* gather(const std::vector<Promise*>& promises, Value::Type type, const Handlers& handlers) {
        struct Progress {
            std::vector<Value> values;
            std::size_t remainingElementsCount = 1;
        };
        PromiseCapability outcome = NewPromiseCapability();
        const auto progress = std::make_shared<Progress>();
        const auto countDown = [outcome, progress, type] {
            if (--progress->remainingElementsCount > 0) return;
            const Value list = Value::of(type, progress->values);
            if (type == Value::Type::aggregateError) {
                outcome.functions.reject(list);
            } else {
                outcome.functions.resolve(list);
            }
        };
        std::size_t index = 0;
        for (Promise* promise : promises) {
            progress->values.emplace_back();
            ++progress->remainingElementsCount;
            const Keep keep = [progress, countDown, index,
                               alreadyCalled = std::make_shared<bool>(false)](const Value& x) {
                if (std::exchange(*alreadyCalled, true)) return Completion::normal();
                progress->values[index] = x;
                countDown();
                return Completion::normal();
            };
            const auto [onFulfilled, onRejected] = handlers(outcome, keep);
            then(PromiseResolve(Value::of(promise)), onFulfilled, onRejected);
            ++index;
        }
        countDown();
        return outcome.promise;
    }

    std::deque<Promise> promises_; // they stay where they are, until the end
    std::deque<AsyncGenerator> generators_;
    std::deque<std::function<void()>> microtasks_;
    std::deque<std::function<void()>> notices_;
    std::deque<std::function<void()>> tasks_;
    std::multimap<int, std::function<void()>> timers_; // by the time when they are due, and as they were set
    int now_ = 0;
    bool stopped_ = false;
    bool performingAMicrotaskCheckpoint_ = false;
    std::vector<Promise*> aboutToBeNotified_; // about-to-be-notified rejected promises list
    std::vector<Promise*> outstanding_;       // outstanding rejected promises weak set
};

}
