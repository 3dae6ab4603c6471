// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/promise.hpp>

/// Counts the ticks of the microtask queue from the moment it is made; at most fifty, so that a loop comes to rest.
class TickCounter {
public:
    TickCounter() { rondo::EventLoop::current().queueMicrotask(Count{*this}); }
    TickCounter(const TickCounter&) = delete;
    TickCounter& operator=(const TickCounter&) = delete;

    /// 1 in the next microtask.
    int now() const noexcept { return ticks_; }

private:
    struct Count {
        TickCounter& counter;
        void operator()() const {
            if (++counter.ticks_ < 50) rondo::EventLoop::current().queueMicrotask(*this);
        }
    };

    int ticks_ = 0;
};

/// The ticks from the call of `make` to the reaction on the promise it returns: 1 is the next microtask, 0 says that
/// there is no reaction.
template <class Make>
int ticksOf(Make make) {
    rondo::EventLoop loop({.virtualTime = true});
    int ticks = 0;
    loop.runUntilSettled([&]() -> rondo::Promise<> {
        TickCounter counter;
        auto promise = make();
        auto stop = [&] { ticks = counter.now(); };
        promise.then(stop, stop);
        // the next task comes when all microtasks have run
        co_await rondo::Promise<>([](auto resolve) { rondo::EventLoop::current().setTimer(resolve, 0, false); });
    });
    return ticks;
}
