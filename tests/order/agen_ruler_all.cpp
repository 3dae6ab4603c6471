// SPDX-License-Identifier: MIT

// How many ticks lie between each request to a generator and its answer.

#include <rondo/rondo.hpp>

#include <cstdio>
#include <exception>
#include <vector>

using namespace rondo;

namespace {

using Numbers = AsyncGenerator<int, int>;

Promise<> nextTask() {
    return Promise<>([](auto resolve) { setTimeout(resolve); });
}

/// Counts the ticks from the call to the reaction on its promise. The counter is queued first, so it runs at the head of
/// every tick.
template <class Make>
Promise<> measure(const char* name, Make make) {
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
    const auto stop = [&](const char* how) {
        return [&, how] {
            live = false;
            std::printf("%-28s %s %d\n", name, how, ticks);
        };
    };
    auto promise = make();
    promise.then(stop("ok "), stop("err"));
    co_await nextTask();
}

Promise<> fresh(const char* name, Numbers (*f)()) {
    return measure(name, [generator = f()]() mutable { return generator.next(); });
}

/// The `operation` on a generator of which `n` values have been asked for.
template <class Generator, class Operation>
Promise<> warm(const char* name, Generator f, int n, Operation operation) {
    auto generator = f();
    for (int i = 0; i < n; ++i) co_await generator.next();
    co_await measure(name, [&] { return operation(generator); });
}

const Promise<int>& fulfilled() {
    static thread_local const Promise<int> p = Promise<>::resolve(0);
    return p;
}

Numbers y1() {
    co_yield 1;
    co_yield 2;
    co_return 0;
}
Promise<int> one() { co_return 1; }
Numbers yieldsPromise() {
    co_yield fulfilled();
    co_return 0;
}
Numbers yieldsCall() {
    co_yield one();
    co_return 0;
}
Numbers awaitsFirst() {
    co_await Promise<>::resolve();
    co_yield 1;
    co_return 0;
}
AsyncGenerator<int> fallsOff() { co_return; }
AsyncGenerator<int> fallsOffAfterTwo() {
    co_yield 1;
    co_yield 2;
}
Numbers returns() { co_return 1; }
Numbers returnsPromise() { co_return fulfilled(); }
Numbers returnsAwaited() { co_return co_await fulfilled(); }
Numbers throws() {
    throw 0;
    co_return 0;
}
Numbers yieldsRejected() {
    co_yield Promise<int>::reject(0);
    co_return 0;
}
Numbers finallyAwaits() {
    std::exception_ptr thrown;
    try {
        co_yield 1;
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await Promise<>::resolve();
    if (thrown) std::rethrow_exception(thrown);
    co_return 0;
}
struct AtEnd {
    ~AtEnd() {}
};
Numbers finallyDoesNot() {
    const AtEnd finally;
    co_yield 1;
    co_return 0;
}
Numbers delegates() {
    co_yield elementsOf(y1());
    co_return 0;
}
Numbers delegatesToRange() {
    const std::vector<int> one{1};
    co_yield elementsOf(one);
    co_return 0;
}

Promise<> script() {
    const auto next = [](auto& g) { return g.next(); };
    const auto end = [](auto& g) { return g.return_(0); };
    const auto fail = [](auto& g) { return g.throw_(0); };

    co_await fresh("next: yield v", y1);
    co_await fresh("next: yield promise", yieldsPromise);
    co_await fresh("next: yield async-fn()", yieldsCall);
    co_await fresh("next: await 0; yield v", awaitsFirst);
    co_await measure("next: fall off", [] { return fallsOff().next(); });
    co_await fresh("next: return v", returns);
    co_await fresh("next: return promise", returnsPromise);
    co_await fresh("next: return await P", returnsAwaited);
    co_await fresh("next: throw", throws);
    co_await fresh("next: yield rejected", yieldsRejected);
    co_await warm("next: second yield", y1, 1, next);
    co_await warm("next: end", fallsOffAfterTwo, 2, next);
    co_await warm("next: completed", y1, 3, next);
    co_await warm("return: suspendedStart", y1, 0, end);
    co_await warm("return: suspendedYield", y1, 1, end);
    co_await warm("return: completed", y1, 3, end);
    co_await warm("return(P): completed", y1, 3, [](auto& g) { return g.return_(fulfilled()); });
    co_await warm("return: in try/finally", finallyDoesNot, 1, end);
    co_await warm("return: finally awaits", finallyAwaits, 1, end);
    co_await warm("throw: suspendedStart", y1, 0, fail);
    co_await warm("throw: suspendedYield", y1, 1, fail);
    co_await warm("throw: completed", y1, 3, fail);
    co_await fresh("next: yield* agen", delegates);
    co_await fresh("next: yield* array", delegatesToRange);
    co_await warm("return through yield*", delegates, 1, end);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
