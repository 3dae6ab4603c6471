// SPDX-License-Identifier: MIT

// How many ticks lie between a settled promise and the reaction on what is made of it.

#include <rondo/rondo.hpp>

#include <cstdio>
#include <string>

using namespace rondo;

namespace {

Promise<> nextTask() {
    return Promise<>([](auto resolve) { setTimeout(resolve); });
}

/// Counts the ticks until the reaction on what `make` makes. The counter is queued first, so it runs at the head of
/// every tick.
template <class Make>
Promise<> measure(bool fulfils, const char* name, Make make) {
    co_await nextTask();
    int ticks = 0;
    bool live = true;
    struct Count {
        int& ticks;
        bool& live;
        void operator()() const {
            ++ticks;
            if (live) queueMicrotask(*this);
        }
    };
    queueMicrotask(Count{ticks, live});
    auto promise = make();
    auto stop = [&] {
        live = false;
        std::printf("%s %-34s %d\n", fulfils ? "fulfils" : "rejects", name, ticks);
    };
    if (fulfils) {
        promise.then(stop);
    } else {
        promise.catch_(stop);
    }
    co_await nextTask();
}

struct SyncThenable {
    using value_type = void;
    void then(auto resolve, auto) { resolve(); }
};

Promise<> main_() {
    const Promise<std::string> P = Promise<std::string>::resolve("v");
    const Promise<std::string> R = Promise<std::string>::reject("r");
    R.catch_([] {});

    const auto fulfils = [](const char* name, auto make) { return measure(true, name, make); };
    const auto rejects = [](const char* name, auto make) { return measure(false, name, make); };

    co_await fulfils("P", [&] { return P; });
    co_await fulfils("P.then(f)", [&] { return P.then([] { return 1; }); });
    co_await fulfils("P.then(() => P)", [&] { return P.then([&] { return P; }); });
    co_await fulfils("P.catch(f)", [&] { return P.catch_([] {}); });
    co_await fulfils("P.finally(f)", [&] { return P.finally([] {}); });
    co_await fulfils("P.finally(() => P)", [&] { return P.finally([&] { return P; }); });
    // in C++ a `finally` without a handler is spelled `then(v => v)`
    co_await fulfils("P.finally()", [&] { return P.then([](const std::string& v) { return v; }); });
    co_await fulfils("P.finally(async () => {})", [&] { return P.finally([]() -> Promise<> { co_return; }); });
    co_await fulfils("Promise.resolve(P)", [&] { return Promise<>::resolve(P); });
    co_await fulfils("new Promise(r => r(P))", [&] { return Promise<std::string>([&](auto resolve) { resolve(P); }); });
    co_await fulfils("Promise.resolve(syncThenable)", [&] { return Promise<>::resolve(SyncThenable()); });
    co_await fulfils("all([])", [&] { return Promise<>::all(); });
    co_await fulfils("all([P])", [&] { return Promise<>::all(P); });
    co_await fulfils("all([1])", [&] { return Promise<>::all(1); });
    co_await fulfils("all([P, P.then(f)])", [&] { return Promise<>::all(P, P.then([] {})); });
    co_await fulfils("allSettled([])", [&] { return Promise<>::allSettled(); });
    co_await fulfils("allSettled([P, R])", [&] { return Promise<>::allSettled(P, R); });
    co_await fulfils("any([P])", [&] { return Promise<>::any(P); });
    co_await fulfils("any([R, P])", [&] { return Promise<>::any(R, P); });
    co_await fulfils("race([P])", [&] { return Promise<>::race(P); });
    co_await fulfils("race([1])", [&] { return Promise<>::race(1); });
    co_await fulfils("all([all([P])])", [&] { return Promise<>::all(Promise<>::all(P)); });
    co_await fulfils("async () => v", []() -> Promise<int> { co_return 1; });
    co_await fulfils("async () => P", [&]() -> Promise<std::string> { co_return P; });
    co_await fulfils("async () => await P", [&]() -> Promise<std::string> { co_return co_await P; });
    co_await fulfils("async () => { await 0 }", []() -> Promise<> { co_await Promise<>::resolve(0); });
    co_await fulfils("async () => { await 0; await 0 }", []() -> Promise<> {
        co_await Promise<>::resolve(0);
        co_await Promise<>::resolve(0);
    });
    const auto asyncFn = []() -> Promise<int> { co_return 1; };
    co_await fulfils("async () => asyncFn()", [&]() -> Promise<int> { co_return asyncFn(); });
    co_await fulfils("async () => await asyncFn()", [&]() -> Promise<int> { co_return co_await asyncFn(); });
    const auto asyncFn2 = [&]() -> Promise<int> { co_return asyncFn(); };
    co_await fulfils("async 3 nested return", [&]() -> Promise<int> { co_return asyncFn2(); });
    co_await fulfils("R.catch(f)", [&] { return R.catch_([] {}); });
    co_await fulfils("R.then(f).catch(f)", [&] { return R.then([] {}).catch_([] {}); });
    co_await fulfils("R.catch(() => P)", [&] { return R.catch_([&] { return P; }); });

    co_await rejects("R", [&] { return R; });
    co_await rejects("R.then(f)", [&] { return R.then([] {}); });
    co_await rejects("R.finally(f)", [&] { return R.finally([] {}); });
    co_await rejects("P.then(() => { throw })", [&] { return P.then([] { throw 0; }); });
    co_await rejects("P.then(() => R)", [&] { return P.then([&] { return R; }); });
    co_await rejects("P.finally(() => { throw })", [&] { return P.finally([] { throw 0; }); });
    co_await rejects("P.finally(() => R)", [&] { return P.finally([&] { return R; }); });
    co_await rejects("all([P, R])", [&] { return Promise<>::all(P, R); });
    co_await rejects("any([R, R])", [&] { return Promise<>::any(R, R); });
    co_await rejects("any([])", [&] { return Promise<>::any(); });
    co_await rejects("race([R, P])", [&] { return Promise<>::race(R, P); });
    co_await rejects("async throw", []() -> Promise<> {
        throw 0;
        co_return;
    });
    co_await rejects("async () => R", [&]() -> Promise<std::string> { co_return R; });
    co_await rejects("async () => await R", [&]() -> Promise<std::string> { co_return co_await R; });
    co_await rejects("new Promise(r => r(R))", [&] { return Promise<std::string>([&](auto resolve) { resolve(R); }); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(main_);
}
