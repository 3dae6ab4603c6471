// SPDX-License-Identifier: MIT

// The model itself, held against numbers that are known; and Rondo held against the model.

#include "model/compare.hpp"
#include "model/inputs.hpp"
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#ifndef RONDO_MODEL_CORPUS
#define RONDO_MODEL_CORPUS "tests/model/corpus"
#endif

namespace {

using namespace specification;
using Code = programs::Code;

Value number() { return Value::of(1); }
Promise* settled(Agent& agent) { return agent.PromiseResolve(number()); }

/// The ticks from the call of `make` to the reaction on what it returns, behind a `!` if that is rejected.
std::string ticksOf(Agent& agent, const std::function<Promise*()>& make) {
    std::string text = "never";
    int ticks = 0;
    const std::function<void()> count = [&] {
        if (++ticks < 20) agent.queueMicrotask(count);
    };
    const auto stop = [&](const char* how) {
        return [&text, &ticks, how](const Value&) {
            text = how + std::to_string(ticks);
            return Completion::normal();
        };
    };
    agent.queueMicrotask(count);
    agent.then(make(), stop(""), stop("!"));
    agent.performAMicrotaskCheckpoint();
    return text;
}
std::string ticksOf(const std::function<Promise*(Agent&)>& make) {
    Agent agent;
    return ticksOf(agent, [&] { return make(agent); });
}

/// `await` of each value.
void awaitEach(Agent& agent, std::vector<Value> values, const Continuation& done) {
    if (values.empty()) return done(Completion::normal());
    const Value first = values.front();
    values.erase(values.begin());
    agent.Await(first,
                [&agent, values, done](const Completion& c) { c.throws() ? done(c) : awaitEach(agent, values, done); });
}
/// An async function that awaits some values, and ends so.
Promise* function(Agent& agent, const std::vector<Value>& values, const Completion& end) {
    return agent.AsyncFunctionStart([&](const Continuation& done) {
        awaitEach(agent, values, [end, done](const Completion& c) { done(c.throws() ? c : end); });
    });
}

/// `yield` of each value.
void yieldEach(Agent& agent, AsyncGenerator* self, std::vector<Value> values, const Continuation& done) {
    if (values.empty()) return done(Completion::normal());
    const Value first = values.front();
    values.erase(values.begin());
    agent.Yield(self, first, [&agent, self, values, done](const Completion& c) {
        c.isNormal() ? yieldEach(agent, self, values, done) : done(c);
    });
}
AsyncGenerator* generator(Agent& agent, const std::vector<Value>& values, const Completion& end = {}) {
    return agent.AsyncGeneratorStart(
        [&agent, values, end](AsyncGenerator* self, const Completion&, const Continuation& done) {
            yieldEach(agent, self, values, [end, done](const Completion& c) { done(c.isNormal() ? end : c); });
        });
}
using Ask = std::function<Promise*(Agent&, AsyncGenerator*)>;
/// What is asked of a generator of some values when it has given the first few.
std::string ticksOfStep(const std::vector<Value>& values, int given, const Ask& ask) {
    Agent agent;
    AsyncGenerator* self = generator(agent, values);
    for (int i = 0; i < given; ++i) {
        agent.next(self);
        agent.performAMicrotaskCheckpoint();
    }
    return ticksOf(agent, [&] { return ask(agent, self); });
}

Function returning(const Value& value) {
    return [value](const Value&) { return Completion::normal(value); };
}
Function throwing() {
    return [](const Value&) { return Completion::throw_(number()); };
}

}

// The numbers are those of Node, where reactions come in the same ticks.

TEST_CASE("the promises of the model take the ticks that are known") {
    Journal log;
    log("resolved", ticksOf(settled));
    log("then", ticksOf([](Agent& a) { return a.then(settled(a), returning(number()), {}); }));
    log("passed-on", ticksOf([](Agent& a) { return a.then(settled(a), {}, {}); }));
    log("throws", ticksOf([](Agent& a) { return a.then(settled(a), throwing(), {}); }));
    log("then-promise", ticksOf([](Agent& a) { return a.then(settled(a), returning(Value::of(settled(a))), {}); }));
    log("finally", ticksOf([](Agent& a) { return a.finally(settled(a), [] { return Completion::normal(); }); }));
    log("throws", ticksOf([](Agent& a) { return a.finally(settled(a), [] { return Completion::throw_(number()); }); }));
    log("of-rejected",
        ticksOf([](Agent& a) { return a.finally(a.reject(number()), [] { return Completion::normal(); }); }));
    log("resolve-promise", ticksOf([](Agent& a) {
            const PromiseCapability own = a.NewPromiseCapability();
            own.functions.resolve(Value::of(settled(a)));
            return own.promise;
        }));
    log("self", ticksOf([](Agent& a) {
            const PromiseCapability own = a.NewPromiseCapability();
            own.functions.resolve(Value::of(own.promise));
            return own.promise;
        }));
    log("thenable", ticksOf([](Agent& a) {
            Value value{.type = Value::Type::thenable};
            value.thenable = std::make_shared<const Thenable>(Thenable{[](const ResolvingFunctions& f) {
                f.resolve(number());
                return Completion::throw_(number()); // too late
            }});
            return a.PromiseResolve(value);
        }));
    log("try", ticksOf([](Agent& a) { return a.try_([&] { return Completion::normal(Value::of(settled(a))); }); }));
    CHECK(log == "resolved1 then2 passed-on2 throws!2 then-promise4 finally4 throws!2 of-rejected!4 "
                 "resolve-promise3 self!1 thenable2 try3");
}

TEST_CASE("the combinators of the model take the ticks that are known") {
    Journal log;
    log("all-of-none", ticksOf([](Agent& a) { return a.all({}); }));
    log("settled-of-none", ticksOf([](Agent& a) { return a.allSettled({}); }));
    log("any-of-none", ticksOf([](Agent& a) { return a.any({}); }));
    log("race-of-none:", ticksOf([](Agent& a) { return a.race({}); }));
    log("all", ticksOf([](Agent& a) { return a.all({settled(a)}); }));
    log("settled", ticksOf([](Agent& a) { return a.allSettled({settled(a), a.reject(number())}); }));
    log("any", ticksOf([](Agent& a) { return a.any({a.reject(number()), settled(a)}); }));
    log("none", ticksOf([](Agent& a) { return a.any({a.reject(number())}); }));
    log("race", ticksOf([](Agent& a) { return a.race({settled(a), a.reject(number())}); }));
    log("nested", ticksOf([](Agent& a) { return a.all({a.all({settled(a)})}); }));
    log("the-last", ticksOf([](Agent& a) { return a.all({settled(a), a.then(settled(a), {}, {})}); }));
    CHECK(log == "all-of-none1 settled-of-none1 any-of-none!1 race-of-none:never all2 settled2 any2 none!2 race2 "
                 "nested3 the-last3");
}

TEST_CASE("the async functions of the model take the ticks that are known") {
    const auto returns = [](const Value& value) { return Completion::return_(value); };
    Journal log;
    log("return", ticksOf([&](Agent& a) { return function(a, {}, returns(number())); }));
    log("throw", ticksOf([&](Agent& a) { return function(a, {}, Completion::throw_(number())); }));
    log("return-promise", ticksOf([&](Agent& a) { return function(a, {}, returns(Value::of(settled(a)))); }));
    log("of-rejected", ticksOf([&](Agent& a) { return function(a, {}, returns(Value::of(a.reject(number())))); }));
    log("return-await", ticksOf([&](Agent& a) { return function(a, {Value::of(settled(a))}, returns(number())); }));
    log("two-awaits", ticksOf([&](Agent& a) { return function(a, {number(), number()}, returns(number())); }));
    log("three-returns", ticksOf([&](Agent& a) {
            Promise* innermost = function(a, {}, returns(number()));
            Promise* inner = function(a, {}, returns(Value::of(innermost)));
            return function(a, {}, returns(Value::of(inner)));
        }));
    CHECK(log == "return1 throw!1 return-promise3 of-rejected!3 return-await2 two-awaits3 three-returns4");
}

TEST_CASE("the async generators of the model take the ticks that are known") {
    const auto next = [](Agent& a, AsyncGenerator* g) { return a.next(g); };
    const auto return_ = [](Agent& a, AsyncGenerator* g) { return a.return_(g, number()); };
    const auto throw_ = [](Agent& a, AsyncGenerator* g) { return a.throw_(g, number()); };
    const std::vector<Value> one = {number()};
    const std::vector<Value> two = {number(), number()};
    Journal log;
    log("first", ticksOfStep(two, 0, next), "second", ticksOfStep(two, 1, next), "end", ticksOfStep(two, 2, next),
        "completed", ticksOfStep(two, 3, next));
    log("return-at-start", ticksOfStep(one, 0, return_), "at-yield", ticksOfStep(one, 1, return_), "completed",
        ticksOfStep(one, 2, return_));
    log("throw-at-start", ticksOfStep(one, 0, throw_), "at-yield", ticksOfStep(one, 1, throw_), "completed",
        ticksOfStep(one, 2, throw_));
    log("promise", ticksOf([](Agent& a) { return a.next(generator(a, {Value::of(settled(a))})); }));
    log("rejected", ticksOf([](Agent& a) { return a.next(generator(a, {Value::of(a.reject(number()))})); }));
    const Ask delegate = [&](Agent& a, AsyncGenerator* inner) {
        return a.next(
            a.AsyncGeneratorStart([&a, inner](AsyncGenerator* self, const Completion&, const Continuation& done) {
                a.YieldStar(self, inner, Completion::normal(), done);
            }));
    };
    log("delegate", ticksOfStep(one, 0, delegate));
    CHECK(log == "first2second2end1completed1 return-at-start2at-yield2completed2 "
                 "throw-at-start!1at-yield!1completed!1 promise2 rejected!2 delegate3");
}

TEST_CASE("a request that is queued is taken up by the model inside of the answer before it") {
    Agent agent;
    Journal log;
    AsyncGenerator* self = generator(agent, {number(), Value::of(2)});
    const auto write = [&](const char* name) {
        return [&log, name](const Value& value) {
            log(name, value.text());
            return Completion::normal();
        };
    };
    for (const char* name : {"a ", "b ", "c "}) agent.then(agent.next(self), write(name), {});
    agent.then(agent.return_(self, Value::of(3)), write("d "), {});
    agent.then(agent.throw_(self, Value::of(4)), {}, write("e throws "));
    agent.performAMicrotaskCheckpoint();
    CHECK(log == "a value 1 b value 2 c done undefined d done 3 e throws 4");
}

TEST_CASE("the model tells of rejections in a task of their own and of those that are handled then") {
    Agent agent;
    Journal log;
    Promise* late = nullptr;
    agent.unhandledrejection = [&](const Value& reason) { log("unhandled", reason.text()); };
    agent.rejectionhandled = [&](const Value& reason) { log("handled", reason.text()); };
    agent.queueTask([&] {
        late = agent.reject(Value::of(1));
        Promise* inTime = agent.reject(Value::of(2));
        agent.queueMicrotask([&agent, inTime] { agent.then(inTime, {}, returning(number())); });
        agent.queueTask([&] {
            log("task");
            agent.then(late, {}, returning(number()));
        });
    });
    agent.run();
    CHECK(log == "unhandled1 task handled1");
}

TEST_CASE("what differs is told of side by side") {
    const std::string text = programs::sideBySide("1 a\n2 b\n", "1 a\n2 c\n3 d\n");
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("    1 a"));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("  ! 2 b") && Catch::Matchers::ContainsSubstring("  2 c\n"));
}

TEST_CASE("the kept inputs run on Rondo as on the model and run every operation") {
    std::uint64_t performed = 0;
    for (const auto& file : programs::filesOf(RONDO_MODEL_CORPUS)) {
        const programs::Bytes bytes = programs::bytesOf(file);
        INFO(file.filename().string());
        CHECK(programs::difference(bytes) == "");
        const programs::Program program(bytes);
        programs::OnModel model(program);
        model.runAll();
        performed |= model.performed();
    }
    std::string missing;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Code::leave); ++i) {
        const programs::Operation operation{.code = static_cast<Code>(i)};
        if (!(performed >> i & 1)) missing += programs::Program({}).text(operation) + "\n";
    }
    CHECK(missing == "");
}

TEST_CASE("two thousand random programs run on Rondo as on the model") {
    int differ = 0;
    for (std::uint64_t seed = 1; seed <= 2000 && differ == 0; ++seed) {
        const std::string text = programs::difference(programs::randomBytes(seed));
        INFO("seed " << seed << "\n" << text);
        CHECK(text == "");
        if (!text.empty()) ++differ;
    }
}
