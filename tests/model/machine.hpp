// SPDX-License-Identifier: MIT
#pragma once

#include "model/program.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace programs {

/// What a body that is called as a function comes to: a handler's result, or an async function's.
template <class Promise>
struct Outcome {
    Ends kind = Ends::value; // value, promise, thenable or throws
    int value = 0;
    std::optional<Promise> promise{};
    ThenableOperation thenable{};
};

/// Runs a program: what does not depend on who runs it. The host, which derives from this, is Rondo or the model.
///
/// Everything that runs is written into the journal, with its tick: microtasks are counted by one that queues itself
/// again as long as something happens.
template <class Host, class Promise, class Resolvers, class Generator>
class Machine {
public:
    using Outcome = programs::Outcome<Promise>;

    explicit Machine(const Program& program) : program_(program) {}
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const std::string& journal() const { return journal_; }
    const Program& program() const { return program_; }
    /// Which operations have been performed, a bit each.
    std::uint64_t performed() const { return performed_; }

    /// Fills some registers, so that few operations are in vain, and begins with the first two bodies.
    void begin() {
        for (std::size_t i = 0; i < promiseRegisters; ++i) {
            const int value = static_cast<int>(i) + 900;
            if (i == 6) {
                promises_[i] = host().rejected(value);
            } else if (i % 2 == 0) {
                promises_[i] = host().fulfilled(value);
            } else {
                auto [promise, resolvers] = host().pending();
                promises_[i] = std::move(promise);
                resolvers_[i / 2] = std::move(resolvers);
            }
        }
        for (std::size_t i = 0; i < generatorRegisters; ++i) generators_[i] = host().generator(program_.body(i + 1));
        host().queueTask(program_.body(0));
        if (program_.bodies().size() > 1) host().queueTask(program_.body(1));
    }

    /// Writes what has become of the promises.
    void writeStates() {
        for (std::size_t i = 0; i < promiseRegisters; ++i) {
            if (promises_[i]) log("p", i, " ", host().stateText(*promises_[i]));
        }
    }

    // What hosts use.

    template <class... Parts>
    void log(const Parts&... parts) {
        if (muted_) return;
        moves();
        append(tick_);
        journal_ += ' ';
        (append(parts), ...);
        journal_ += '\n';
    }

    /// True if there is fuel for one more.
    bool spend() {
        if (fuel_ == 0) return false;
        --fuel_;
        moves();
        return true;
    }

    /// A task, a microtask or a listener: what it throws.
    std::optional<int> run(const Body& body) {
        const Outcome outcome = call(body, Ends::value);
        return outcome.kind == Ends::throws ? std::optional(outcome.value) : std::nullopt;
    }
    void runTask(const Body& body) {
        if (const auto thrown = run(body)) log("the task threw ", *thrown);
    }
    void runListener(int event) {
        if (!listeners_[static_cast<std::size_t>(event)]) return;
        if (const auto thrown = run(*listeners_[static_cast<std::size_t>(event)])) log("the listener threw ", *thrown);
    }

    /// The body of a loop: whether it goes on, or what it throws.
    Outcome runLoopBody(const Body& body) { return call(body, Ends::value); }
    static bool goesOn(const Outcome& outcome) { return outcome.value % 2 == 0; }

    /// Calls a body as a plain function: what would suspend it is left out. What it returns is of the wanted kind.
    Outcome call(const Body& body, Ends wanted) {
        if (!spend()) return as(wanted, {});
        log("body ", body.number);
        std::optional<int> thrown;
        for (const auto& part : body.parts) {
            for (const Operation& operation : part) {
                if (!spend() || operation.code == Code::leave) break;
                if (operation.suspends()) continue;
                if (const auto error = perform(operation)) {
                    thrown = error;
                    break;
                }
            }
        }
        if (thrown) return {Ends::throws, *thrown};
        return as(wanted, outcomeOf(body));
    }

    /// What a body that has come to its end returns or throws.
    Outcome outcomeOf(const Body& body) {
        const Operation& end = body.end;
        if (fuel_ == 0) return {};
        switch (body.ends()) {
        case Ends::value: break;
        case Ends::promise: return {Ends::promise, 0, promiseAt(end.source())};
        case Ends::thenable: return {Ends::thenable, 0, std::nullopt, program_.thenable(end)};
        case Ends::throws: return {Ends::throws, end.number};
        case Ends::call:
            if (!spend()) return {};
            return {Ends::promise, 0, host().function(program_.body(end.b))};
        }
        return {Ends::value, end.number};
    }

    /// The kind of result that a handler of this body has.
    static Ends kindOf(const Body& body) {
        switch (body.ends()) {
        case Ends::promise:
        case Ends::call: return Ends::promise;
        case Ends::thenable: return Ends::thenable;
        default: return Ends::value;
        }
    }

    Outcome as(Ends wanted, Outcome outcome) {
        if (outcome.kind == wanted || outcome.kind == Ends::throws) return outcome;
        if (wanted == Ends::value) return {Ends::value, 0};
        if (wanted == Ends::thenable) {
            const ThenableOperation thenable{ThenableOperation::Does::resolves, 0, 0, outcome.value};
            return {Ends::thenable, 0, std::nullopt, thenable};
        }
        if (outcome.kind == Ends::thenable) return {Ends::promise, 0, host().fromThenable(outcome.thenable)};
        return {Ends::promise, 0, host().fulfilled(outcome.value)};
    }

    /// `thenable.then(resolve, reject)`: what it throws.
    std::optional<int> callThen(const ThenableOperation& thenable, const Resolvers& resolvers) {
        log("then of ", thenable.number);
        switch (thenable.does) {
        case ThenableOperation::Does::resolves: host().resolve(resolvers, thenable.number); break;
        case ThenableOperation::Does::rejects: host().reject(resolvers, thenable.number); break;
        case ThenableOperation::Does::resolvesWithPromise: host().resolve(resolvers, promiseAt(thenable.source)); break;
        case ThenableOperation::Does::runsBody: return keepAndRun(thenable.source, resolvers, thenable.body);
        }
        return std::nullopt;
    }

    /// The variables of a coroutine are destroyed, and then its parameters, as if by `finally`.
    void variablesGo(const Body& body) {
        log("variables of ", body.number, " go");
        if (body.variablesQueue() && spend()) host().queueMicrotask(program_.body(body.end.c));
    }
    void parametersGo(const Body& body) { log("parameters of ", body.number, " go"); }

    Promise promiseAt(std::size_t i) { return promises_[i] ? *promises_[i] : host().fulfilled(0); }
    std::optional<Generator>& generatorAt(std::size_t i) { return generators_[i]; }

    /// An operation that does not suspend: what it throws.
    std::optional<int> perform(const Operation& o) {
        note(o);
        std::optional<Promise>& to = promises_[o.target()];
        std::optional<Resolvers>& resolvers = resolvers_[o.resolvers()];
        std::optional<Generator>& generator = generators_[o.generator()];
        const Body& b = program_.body(o.b);
        switch (o.code) {
        case Code::pending: {
            auto [promise, made] = host().pending();
            to = std::move(promise);
            resolvers = std::move(made);
            break;
        }
        case Code::resolveValue:
            if (resolvers) host().resolve(*resolvers, o.number);
            break;
        case Code::resolvePromise:
            if (resolvers) host().resolve(*resolvers, promiseAt(o.source()));
            break;
        case Code::resolveThenable:
            if (auto& of = resolvers_[o.a % resolverRegisters]) host().resolve(*of, program_.thenable(o));
            break;
        case Code::reject:
            if (resolvers) host().reject(*resolvers, o.number);
            break;
        case Code::fulfilled: to = host().fulfilled(o.number); break;
        case Code::rejected: to = host().rejected(o.number); break;
        case Code::fromThenable: to = host().fromThenable(program_.thenable(o)); break;
        case Code::executor:
            to = host().construct(
                [&](const Resolvers& made) { return keepAndRun(o.resolvers(), made, program_.body(o.c).number); });
            break;
        case Code::try_: to = host().tryBody(b, kindOf(b)); break;
        case Code::then: to = host().then(promiseAt(o.source()), &b, nullptr, kindOf(b), o.flag()); break;
        case Code::thenBoth:
            to = host().then(promiseAt(o.source()), &b, &program_.body(o.c), kindOf(b), o.flag());
            break;
        case Code::catch_: to = host().then(promiseAt(o.source()), nullptr, &b, kindOf(b), o.flag()); break;
        case Code::finally: to = host().finally(promiseAt(o.source()), b, kindOf(b), o.flag()); break;
        case Code::all: to = host().all(promisesOf(o), o.number); break;
        case Code::allSettled: to = host().allSettled(promisesOf(o), o.number); break;
        case Code::any: to = host().any(promisesOf(o)); break;
        case Code::race: to = host().race(promisesOf(o)); break;
        case Code::microtask: host().queueMicrotask(b); break;
        case Code::task: host().queueTask(b, o.flag()); break;
        case Code::timer: host().setTimeout(b, o.c % 4); break;
        case Code::call: to = host().function(b); break;
        case Code::generator: generator = host().generator(program_.body(o.c)); break;
        case Code::next:
            if (generator) keepStep(o, host().next(*generator));
            break;
        case Code::return_:
            if (generator) keepStep(o, returned(*generator, o));
            break;
        case Code::throwInto:
            if (generator) keepStep(o, host().throwInto(*generator, o.number));
            break;
        case Code::forAwait:
            if (generator) to = host().forAwait(*generator, program_.body(o.c), o.number);
            break;
        case Code::copy: to = promiseAt(o.source()); break;
        case Code::copyResolvers: resolvers_[o.a % resolverRegisters] = resolvers; break;
        case Code::share:
            if (generator) generators_[o.a % generatorRegisters] = host().shared(*generator);
            break;
        case Code::drop:
            switch (Program::dropped(o)) {
            case 0: to.reset(); break;
            case 1: resolvers_[o.a % resolverRegisters].reset(); break;
            default: generators_[o.a % generatorRegisters].reset(); break;
            }
            break;
        case Code::throw_: return o.number;
        case Code::look:
            if (promises_[o.source()]) log(o.number, ": ", host().stateText(*promises_[o.source()]));
            break;
        case Code::stop: host().stop(); break;
        case Code::listen: listeners_[static_cast<std::size_t>(Program::event(o))] = &b; break;
        default: break;
        }
        return std::nullopt;
    }

    /// One more tick: true if there is to be another.
    bool tick() {
        ++tick_;
        ticking_ = tick_ - lastMove_ < 12;
        return ticking_;
    }

protected:
    ~Machine() = default;

    void note(const Operation& o) { performed_ |= std::uint64_t{1} << static_cast<unsigned>(o.code); }

    /// From here on nothing is told, and only so much is run.
    void mute(int left) {
        muted_ = true;
        fuel_ = left;
    }
    void unmute() { muted_ = false; }

    /// From here on no ticks are counted.
    void stopTicking() { ticking_ = true; }

    void forgetAll() {
        for (auto& promise : promises_) promise.reset();
        for (auto& resolvers : resolvers_) resolvers.reset();
        for (auto& generator : generators_) generator.reset();
    }
    const auto& allPromises() const { return promises_; }
    const auto& allResolvers() const { return resolvers_; }

private:
    Host& host() { return static_cast<Host&>(*this); }

    void append(std::string_view text) { journal_ += text; }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    void append(Number number) {
        journal_ += std::to_string(number);
    }

    /// Something happens: ticks are counted.
    void moves() {
        lastMove_ = tick_;
        if (std::exchange(ticking_, true)) return;
        host().queueTick();
    }

    std::optional<int> keepAndRun(std::size_t to, const Resolvers& resolvers, std::size_t body) {
        resolvers_[to % resolverRegisters] = resolvers;
        return run(program_.body(body));
    }

    std::vector<Promise> promisesOf(const Operation& o) {
        std::vector<Promise> promises;
        for (std::size_t i = 0; i < promiseRegisters; ++i) {
            if (o.b >> i & 1) promises.push_back(promiseAt(i));
        }
        return promises;
    }

    auto returned(const Generator& generator, const Operation& o) {
        switch (Program::returned(o)) {
        case 0: return host().returnInto(generator);
        case 1: return host().returnInto(generator, o.number);
        default: return host().returnInto(generator, promiseAt(o.source()));
        }
    }

    /// What a generator has promised: digested, or nobody listens.
    template <class Step>
    void keepStep(const Operation& o, Step step) {
        if (!o.flag()) promises_[o.target()] = host().digested(std::move(step), o.number);
    }

    const Program& program_;
    std::string journal_;
    int fuel_ = fuel;
    std::uint64_t performed_ = 0;
    int tick_ = 0;
    int lastMove_ = 0;
    bool ticking_ = false;
    bool muted_ = false;
    std::array<std::optional<Promise>, promiseRegisters> promises_;
    std::array<std::optional<Resolvers>, resolverRegisters> resolvers_;
    std::array<std::optional<Generator>, generatorRegisters> generators_;
    std::array<const Body*, 3> listeners_{};
};

}
