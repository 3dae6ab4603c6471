// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the bytes of an input mean: a program of a few bodies, made of operations on registers. Every input is a
/// program. An operation takes four bytes: a code and three operands.
namespace programs {

inline constexpr std::size_t promiseRegisters = 8;
inline constexpr std::size_t resolverRegisters = 4;
inline constexpr std::size_t generatorRegisters = 4;
/// How many operations and calls a program may run.
inline constexpr int fuel = 300;
/// How many operations are read; what is behind them is not looked at.
inline constexpr std::size_t mostOperations = 120;

enum class Code : std::uint8_t {
    pending,         // Promise.withResolvers()
    resolveValue,    // resolve(value)
    resolvePromise,  // resolve(promise)
    resolveThenable, // resolve(thenable)
    reject,          // reject(value)
    fulfilled,       // Promise.resolve(value)
    rejected,        // Promise.reject(value)
    fromThenable,    // Promise.resolve(thenable)
    executor,        // new Promise(body), which keeps the resolving functions
    try_,            // Promise.try(body)
    then,            // promise.then(body)
    thenBoth,        // promise.then(body, body)
    catch_,          // promise.catch(body)
    finally,         // promise.finally(body)
    all,             // of some registers
    allSettled,
    any,
    race,
    microtask, // queueMicrotask(body)
    task,      // setTimeout(body), or the like
    timer,     // setTimeout(body, milliseconds)
    call,      // the body as an async function
    generator, // the body as an async generator
    next,      // generator.next()
    return_,   // generator.return(), of nothing, a value or a promise
    throwInto, // generator.throw(value)
    forAwait,  // for await (const x of generator) body(x)
    copy,      // of one promise register to another
    copyResolvers,
    share,  // of one generator register to another
    drop,   // a register is emptied
    throw_, // throw value
    look,   // the state of a promise
    listen, // what the global object's listeners do
    stop,   // the loop ends behind this task and its checkpoint, whatever is left
    await,  // await promise
    awaitThenable,
    awaitNext, // await generator.next()
    awaitCall, // await of an async function
    yieldValue,
    yieldPromise,
    yieldThenable,
    yieldAll, // yield* generator
    leave,    // what is left of this part is not done
    cleanup,  // here begins what is done in any case
    end,      // of the body
    count
};

/// What is done with what an await or a yield throws.
enum class Catches : std::uint8_t { nothing, errors, all };

/// The ways to await a promise, which must not differ.
enum class Awaits : std::uint8_t { lvalue, rvalue, settlement };

/// How a body ends, and what a handler returns.
enum class Ends : std::uint8_t { value, promise, thenable, throws, call };

struct Operation {
    Code code = Code::end;
    std::uint8_t a = 0;
    std::uint8_t b = 0;
    std::uint8_t c = 0;
    int number = 0; // its place in the program, and the value it makes

    std::size_t target() const { return a % promiseRegisters; }
    std::size_t source() const { return a / 8 % promiseRegisters; }
    bool flag() const { return (a & 64) != 0; }
    bool otherFlag() const { return (a & 128) != 0; }
    std::size_t resolvers() const { return b % resolverRegisters; }
    std::size_t generator() const { return b % generatorRegisters; }
    Catches catches() const {
        if (code == Code::awaitThenable || code == Code::yieldThenable)
            return flag() ? Catches::errors : Catches::nothing;
        return c % 4 == 3 ? Catches::nothing : static_cast<Catches>(c % 4);
    }
    Awaits awaits() const { return c / 4 % 4 == 3 ? Awaits::lvalue : static_cast<Awaits>(c / 4 % 4); }

    bool suspends() const { return code >= Code::await && code <= Code::yieldAll; }
    bool yields() const { return code >= Code::yieldValue && code <= Code::yieldAll; }
};

/// An object with `then`: what that does.
struct ThenableOperation {
    enum class Does : std::uint8_t { resolves, rejects, resolvesWithPromise, runsBody };

    Does does = Does::resolves;
    std::size_t source = 0; // the promise, or where the resolving functions are kept
    std::size_t body = 0;
    int number = 0;
};

struct Body {
    std::size_t number = 0;
    std::vector<Operation> parts[2]; // what it does, and what it does in any case
    Operation end;

    Ends ends() const {
        constexpr Ends all[] = {Ends::value, Ends::promise, Ends::value,   Ends::thenable,
                                Ends::value, Ends::throws,  Ends::promise, Ends::call};
        return all[end.a % 8];
    }
    /// The variables of a coroutine of this body queue a microtask when they go.
    bool variablesQueue() const { return end.flag(); }
};

class Program {
public:
    explicit Program(std::span<const std::uint8_t> bytes) {
        const std::size_t count = std::min(bytes.size() / 4, mostOperations);
        bodies_.emplace_back();
        std::size_t part = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint8_t* at = bytes.data() + 4 * i;
            const auto code = static_cast<Code>(at[0] % static_cast<std::uint8_t>(Code::count));
            const Operation operation{code, at[1], at[2], at[3], static_cast<int>(i) + 1};
            if (code == Code::end) {
                bodies_.back().end = operation;
                bodies_.emplace_back();
                part = 0;
            } else if (code == Code::cleanup) {
                part = 1;
            } else {
                bodies_.back().parts[part].push_back(operation);
            }
        }
        for (std::size_t i = 0; i < bodies_.size(); ++i) bodies_[i].number = i;
    }

    const std::vector<Body>& bodies() const { return bodies_; }
    const Body& body(std::size_t number) const { return bodies_[number % bodies_.size()]; }

    ThenableOperation thenable(const Operation& operation) const {
        return {static_cast<ThenableOperation::Does>(operation.b / 8 % 4), operation.b % promiseRegisters,
                body(operation.c).number, operation.number};
    }

    /// As it is told when something is wrong.
    std::string text() const {
        std::string out;
        for (const Body& body : bodies_) {
            out += "body " + std::to_string(body.number) + ":\n";
            for (const Operation& operation : body.parts[0]) out += "    " + text(operation) + "\n";
            if (!body.parts[1].empty()) out += "  finally:\n";
            for (const Operation& operation : body.parts[1]) out += "    " + text(operation) + "\n";
            out += "  ends: " + endText(body) + "\n";
        }
        return out;
    }

    std::string text(const Operation& o) const {
        const std::string to = "p" + std::to_string(o.target()) + " = ";
        const std::string from = "p" + std::to_string(o.source());
        const std::string r = "r" + std::to_string(o.resolvers());
        const std::string g = "g" + std::to_string(o.generator());
        const std::string v = std::to_string(o.number);
        const std::string b = bodyText(o.b);
        std::string line = v + ": ";
        switch (o.code) {
        case Code::pending: return line + to + r + " = withResolvers()";
        case Code::resolveValue: return line + r + ".resolve(" + v + ")";
        case Code::resolvePromise: return line + r + ".resolve(" + from + ")";
        case Code::resolveThenable:
            return line + "r" + std::to_string(o.a % resolverRegisters) + ".resolve(" + thenableText(o) + ")";
        case Code::reject: return line + r + ".reject(" + v + ")";
        case Code::fulfilled: return line + to + "Promise.resolve(" + v + ")";
        case Code::rejected: return line + to + "Promise.reject(" + v + ")";
        case Code::fromThenable: return line + to + "Promise.resolve(" + thenableText(o) + ")";
        case Code::executor: return line + to + "new Promise(" + r + " = …, " + bodyText(o.c) + ")";
        case Code::try_: return line + to + "Promise.try(" + b + ")";
        case Code::then: return line + to + from + ".then(" + b + ")";
        case Code::thenBoth: return line + to + from + ".then(" + b + ", " + bodyText(o.c) + ")";
        case Code::catch_: return line + to + from + ".catch(" + b + ")";
        case Code::finally: return line + to + from + ".finally(" + b + ")";
        case Code::all: return line + to + "all(" + listText(o) + ").then(digest)";
        case Code::allSettled: return line + to + "allSettled(" + listText(o) + ").then(digest)";
        case Code::any: return line + to + "any(" + listText(o) + ")";
        case Code::race: return line + to + "race(" + listText(o) + ")";
        case Code::microtask: return line + "queueMicrotask(" + b + ")";
        case Code::task: return line + "setTimeout(" + b + ")";
        case Code::timer: return line + "setTimeout(" + b + ", " + std::to_string(o.c % 4) + ")";
        case Code::call: return line + to + "async " + b + "()";
        case Code::generator: return line + g + " = async* " + bodyText(o.c) + "()";
        case Code::next: return line + stepText(o, g + ".next()");
        case Code::return_: return line + stepText(o, g + ".return(" + returnText(o) + ")");
        case Code::throwInto: return line + stepText(o, g + ".throw(" + v + ")");
        case Code::forAwait: return line + to + "forAwait(" + g + ", " + bodyText(o.c) + ").then(digest)";
        case Code::copy: return line + to + from;
        case Code::copyResolvers: return line + "r" + std::to_string(o.a % resolverRegisters) + " = " + r;
        case Code::share: return line + "g" + std::to_string(o.a % generatorRegisters) + " = " + g;
        case Code::drop:
            return line + "drop " + std::string(1, "prg"[dropped(o)]) + std::to_string(o.a % (dropped(o) ? 4 : 8));
        case Code::throw_: return line + "throw " + v;
        case Code::look: return line + "look at " + from;
        case Code::listen: return line + "on" + std::string(eventText(o)) + " = " + b;
        case Code::stop: return line + "stop the loop";
        case Code::await: return line + "await " + from + waysText(o) + caughtText(o);
        case Code::awaitThenable: return line + "await " + thenableText(o) + caughtText(o);
        case Code::awaitNext: return line + "await " + g + ".next()" + caughtText(o);
        case Code::awaitCall: return line + "await async " + b + "()" + caughtText(o);
        case Code::yieldValue: return line + "yield " + v + caughtText(o);
        case Code::yieldPromise: return line + "yield " + from + caughtText(o);
        case Code::yieldThenable: return line + "yield " + thenableText(o) + caughtText(o);
        case Code::yieldAll: return line + "yield* " + g + caughtText(o);
        case Code::leave: return line + "leave";
        default: return line;
        }
    }

    /// Which kind of register `drop` empties: a promise, resolving functions or a generator.
    static int dropped(const Operation& o) { return o.b % 4 == 3 ? 0 : o.b % 4; }
    static int event(const Operation& o) { return o.a % 3; }
    static std::string_view eventText(const Operation& o) {
        constexpr std::string_view names[] = {"unhandledrejection", "rejectionhandled", "error"};
        return names[event(o)];
    }
    /// Of what `return()` is called: nothing, a value or a promise.
    static int returned(const Operation& o) { return o.c % 4 == 3 ? 1 : o.c % 4; }

private:
    std::string bodyText(std::size_t number) const { return "body " + std::to_string(body(number).number); }
    std::string thenableText(const Operation& o) const {
        const ThenableOperation t = thenable(o);
        switch (t.does) {
        case ThenableOperation::Does::resolves: return "{then: resolve(" + std::to_string(t.number) + ")}";
        case ThenableOperation::Does::rejects: return "{then: reject(" + std::to_string(t.number) + ")}";
        case ThenableOperation::Does::resolvesWithPromise: return "{then: resolve(p" + std::to_string(t.source) + ")}";
        case ThenableOperation::Does::runsBody: break;
        }
        return "{then: r" + std::to_string(t.source % resolverRegisters) + " = …, " + bodyText(t.body) + "}";
    }
    static std::string listText(const Operation& o) {
        std::string text;
        for (std::size_t i = 0; i < promiseRegisters; ++i) {
            if (o.b >> i & 1) text += (text.empty() ? "p" : ", p") + std::to_string(i);
        }
        return text;
    }
    static std::string stepText(const Operation& o, const std::string& step) {
        return o.flag() ? step : "p" + std::to_string(o.target()) + " = " + step + ".then(digest)";
    }
    static std::string returnText(const Operation& o) {
        if (returned(o) == 0) return "";
        return returned(o) == 1 ? std::to_string(o.number) : "p" + std::to_string(o.source());
    }
    static std::string caughtText(const Operation& o) {
        if (o.catches() == Catches::nothing) return "";
        return o.catches() == Catches::all ? ", catches all" : ", catches errors";
    }
    static std::string waysText(const Operation& o) {
        if (o.awaits() == Awaits::lvalue) return "";
        return o.awaits() == Awaits::rvalue ? " (moved)" : " (settled)";
    }
    std::string endText(const Body& body) const {
        std::string text = body.variablesQueue() ? "variables queue a microtask, " : "";
        switch (body.ends()) {
        case Ends::value: return text + "return " + std::to_string(body.end.number);
        case Ends::promise: return text + "return p" + std::to_string(body.end.source());
        case Ends::thenable: return text + "return " + thenableText(body.end);
        case Ends::throws: return text + "throw " + std::to_string(body.end.number);
        case Ends::call: return text + "return async " + bodyText(body.end.b) + "()";
        }
        return text;
    }

    std::vector<Body> bodies_;
};

}
