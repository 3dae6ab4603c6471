// SPDX-License-Identifier: MIT
#pragma once

#include "model/machine.hpp"
#include "model/specification.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace programs {

/// Runs a program on the model.
class OnModel final : public Machine<OnModel, specification::Promise*, specification::ResolvingFunctions,
                                     specification::AsyncGenerator*> {
    using Promise = specification::Promise;
    using Resolvers = specification::ResolvingFunctions;
    using Generator = specification::AsyncGenerator;
    using Value = specification::Value;
    using Completion = specification::Completion;
    using Continuation = specification::Continuation;

public:
    explicit OnModel(const Program& of) : Machine(of) {
        agent_.unhandledrejection = [this](const Value& reason) { fire(0, "unhandledrejection ", reason); };
        agent_.rejectionhandled = [this](const Value& reason) { fire(1, "rejectionhandled ", reason); };
    }

    void runAll() {
        agent_.queueTask([this] { begin(); });
        agent_.run();
        stopTicking();
        writeStates();
    }

    // What the machine asks for.

    void queueTick() {
        agent_.queueMicrotask([this] {
            if (tick()) queueTick();
        });
    }
    void queueTask(const Body& body, bool = false) {
        agent_.queueTask([this, &body] { runTask(body); });
    }
    void setTimeout(const Body& body, int milliseconds) {
        agent_.setTimeout([this, &body] { runTask(body); }, milliseconds);
    }
    void queueMicrotask(const Body& body) {
        agent_.queueMicrotask([this, &body] {
            // https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception
            if (const auto thrown = run(body)) fire(2, "error ", Value::of(*thrown));
        });
    }

    void stop() { agent_.stop(); }

    std::pair<Promise*, Resolvers> pending() {
        const auto capability = agent_.NewPromiseCapability();
        return {capability.promise, capability.functions};
    }
    void resolve(const Resolvers& resolvers, int value) { resolvers.resolve(Value::of(value)); }
    void resolve(const Resolvers& resolvers, Promise* promise) { resolvers.resolve(Value::of(promise)); }
    void resolve(const Resolvers& resolvers, const ThenableOperation& t) { resolvers.resolve(thenableOf(t)); }
    void reject(const Resolvers& resolvers, int value) { resolvers.reject(Value::of(value)); }

    Promise* fulfilled(int value) { return agent_.PromiseResolve(Value::of(value)); }
    Promise* rejected(int value) { return agent_.reject(Value::of(value)); }
    Promise* fromThenable(const ThenableOperation& t) { return agent_.PromiseResolve(thenableOf(t)); }

    template <class Executor>
    Promise* construct(Executor executor) {
        return agent_.construct([&](const Resolvers& resolvers) { return completionOf(executor(resolvers)); });
    }
    Promise* tryBody(const Body& body, Ends kind) {
        return agent_.try_([&] { return completionOf(call(body, kind)); });
    }

    Promise* then(Promise* promise, const Body* onFulfilled, const Body* onRejected, Ends kind, bool) {
        return agent_.then(promise, handler(onFulfilled, kind), handler(onRejected, kind));
    }
    Promise* finally(Promise* promise, const Body& body, Ends kind, bool) {
        return agent_.finally(promise, [this, &body, kind] {
            log("finally");
            return completionOf(call(body, kind));
        });
    }

    Promise* all(const std::vector<Promise*>& promises, int number) { return digested(agent_.all(promises), number); }
    Promise* allSettled(const std::vector<Promise*>& promises, int number) {
        return digested(agent_.allSettled(promises), number);
    }
    Promise* any(const std::vector<Promise*>& promises) { return agent_.any(promises); }
    Promise* race(const std::vector<Promise*>& promises) { return agent_.race(promises); }

    Promise* next(Generator* generator) { return agent_.next(generator); }
    Promise* throwInto(Generator* generator, int value) { return agent_.throw_(generator, Value::of(value)); }
    Promise* returnInto(Generator* generator) { return agent_.return_(generator, {}); }
    Promise* returnInto(Generator* generator, int value) { return agent_.return_(generator, Value::of(value)); }
    Promise* returnInto(Generator* generator, Promise* promise) {
        return agent_.return_(generator, Value::of(promise));
    }

    Promise* forAwait(Generator* generator, const Body& body, int number) {
        return digested(agent_.AsyncFunctionStart([this, generator, &body](const Continuation& end) {
            const auto statement = [this, &body](const Value& x) {
                log("loop with ", x.text());
                const Outcome outcome = runLoopBody(body);
                if (outcome.kind == Ends::throws) return Completion::throw_(Value::of(outcome.value));
                return goesOn(outcome) ? Completion::normal() : Completion::return_({});
            };
            agent_.ForAwait(generator, statement, end);
        }),
                        number);
    }
    static Generator* shared(Generator* generator) { return generator; }

    /// What is not a number is written, and is a number from here on.
    Promise* digested(Promise* promise, int number) {
        const auto digest = [this, number](const Value& value) {
            log(number, ": ", value.text());
            return Completion::normal(Value::of(number));
        };
        return agent_.then(promise, digest, {});
    }

    static std::string stateText(const Promise* promise) {
        switch (promise->state) {
        case Promise::State::pending: return "pending";
        case Promise::State::fulfilled: return "fulfilled " + promise->result.text();
        case Promise::State::rejected: return "rejected " + promise->result.text();
        }
        return {};
    }

    Promise* function(const Body& body) {
        return agent_.AsyncFunctionStart([this, &body](const Continuation& end) {
            log("function ", body.number);
            evaluate(std::make_shared<Execution>(body, nullptr, end));
        });
    }
    Generator* generator(const Body& body) {
        return agent_.AsyncGeneratorStart([this, &body](Generator* self, const Completion&, const Continuation& end) {
            log("generator ", body.number);
            evaluate(std::make_shared<Execution>(body, self, end));
        });
    }

private:
    /// A body that may be suspended: where it is, and what it will come to.
    struct Execution {
        Execution(const Body& of, Generator* self, Continuation continuation)
            : body(of), generator(self), end(std::move(continuation)) {}
        const Body& body;
        Generator* generator;
        Continuation end;
        std::size_t part = 0;
        std::size_t next = 0;
        Completion leaving{}; // abrupt, when it has been thrown or returned from
    };
    using Evaluation = std::shared_ptr<Execution>;

    /// Goes on with the body, up to where it is suspended.
    void evaluate(const Evaluation& x) {
        for (; x->part < 2; ++x->part, x->next = 0) {
            const auto& part = x->body.parts[x->part];
            while (x->next < part.size()) {
                const Operation& operation = part[x->next++];
                if (!spend() || operation.code == Code::leave) break;
                if (operation.suspends()) {
                    if (suspend(x, operation)) return;
                } else if (const auto thrown = perform(operation)) {
                    x->leaving = Completion::throw_(Value::of(*thrown));
                    break;
                }
            }
        }
        finish(x);
    }

    void finish(const Evaluation& x) {
        Completion completion = x->leaving;
        if (completion.isNormal()) {
            Outcome outcome = outcomeOf(x->body);
            if (x->generator) outcome = as(kindOf(x->body) == Ends::promise ? Ends::promise : Ends::value, outcome);
            completion = completionOf(outcome);
            if (completion.isNormal()) completion.type = Completion::Type::return_;
        }
        // Unlike the Web: destructors run behind the `return`, and before what it gives is awaited.
        variablesGo(x->body);
        parametersGo(x->body);
        if (!x->generator || completion.throws() || x->leaving.returns()) return x->end(completion);
        agent_.Await(completion.value, [x](const Completion& awaited) {
            x->end(awaited.throws() ? awaited : Completion::return_(awaited.value));
        });
    }

    /// What suspends the body; false if it is left out.
    bool suspend(const Evaluation& x, const Operation& o) {
        if (o.yields() && !x->generator) return false;
        note(o);
        const Continuation goOn = [this, x, &o](const Completion& c) { resume(x, o, c); };
        switch (o.code) {
        case Code::await: agent_.Await(Value::of(promiseAt(o.source())), goOn); return true;
        case Code::awaitThenable: agent_.Await(thenableOf(program().thenable(o)), goOn); return true;
        case Code::awaitNext:
            if (!generatorAt(o.generator())) return false;
            agent_.Await(Value::of(agent_.next(*generatorAt(o.generator()))), goOn);
            return true;
        case Code::awaitCall: agent_.Await(Value::of(function(program().body(o.b))), goOn); return true;
        case Code::yieldValue: agent_.Yield(x->generator, Value::of(o.number), goOn); return true;
        case Code::yieldPromise: agent_.Yield(x->generator, Value::of(promiseAt(o.source())), goOn); return true;
        case Code::yieldThenable: agent_.Yield(x->generator, thenableOf(program().thenable(o)), goOn); return true;
        case Code::yieldAll:
            if (!generatorAt(o.generator())) return false;
            agent_.YieldStar(x->generator, *generatorAt(o.generator()), Completion::normal(), goOn);
            return true;
        default: return false;
        }
    }

    /// An await or a yield has come to this.
    void resume(const Evaluation& x, const Operation& o, const Completion& c) {
        if (c.isNormal()) {
            log(o.number, o.yields() && o.code != Code::yieldAll ? "" : " = " + c.value.text());
        } else {
            log(o.number, c.throws() ? " throws " + c.value.text() : " returns");
            if (o.catches() == Catches::nothing || (c.returns() && o.catches() == Catches::errors)) {
                x->leaving = c;
                ++x->part;
                x->next = 0;
            }
        }
        evaluate(x);
    }

    specification::Function handler(const Body* body, Ends kind) {
        if (!body) return {};
        return [this, body, kind](const Value& argument) {
            log("with ", argument.text());
            return completionOf(call(*body, kind));
        };
    }

    Completion completionOf(const Outcome& outcome) {
        switch (outcome.kind) {
        case Ends::promise: return Completion::normal(Value::of(*outcome.promise));
        case Ends::thenable: return Completion::normal(thenableOf(outcome.thenable));
        case Ends::throws: return Completion::throw_(Value::of(outcome.value));
        default: return Completion::normal(Value::of(outcome.value));
        }
    }
    static Completion completionOf(std::optional<int> thrown) {
        return thrown ? Completion::throw_(Value::of(*thrown)) : Completion::normal();
    }

    Value thenableOf(const ThenableOperation& t) {
        auto object = std::make_shared<specification::Thenable>();
        object->then = [this, t](const Resolvers& resolvers) { return completionOf(callThen(t, resolvers)); };
        Value value{.type = Value::Type::thenable};
        value.thenable = std::move(object);
        return value;
    }

    /// A callback of the global object is called. https://dom.spec.whatwg.org/#concept-event-fire
    void fire(int event, std::string_view text, const Value& value) {
        log(text, value.text());
        runListener(event);
        agent_.cleanUpAfterRunningScript();
    }

    specification::Agent agent_;
};

}
