// SPDX-License-Identifier: MIT
#pragma once

#include "counted.hpp"
#include "turn.hpp"
#include "written.hpp"

#include <rondo/events/global_scope.hpp>
#include <rondo/promise/run.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// What outlives the loop of a scene.
class Outside {
public:
    Outside() = default;
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;
    ~Outside() {
        while (!things_.empty()) things_.pop_back(); // a later one may refer to an earlier one
    }

    template <class T>
    T& keep(T thing) {
        auto kept = std::make_shared<T>(std::move(thing));
        things_.push_back(kept);
        return *kept;
    }
    /// For what cannot be moved.
    template <class T>
    T& make() {
        auto kept = std::make_shared<T>();
        things_.push_back(kept);
        return *kept;
    }
    /// The promise of what is kept here, so that it stays pending.
    rondo::Promise<int> promise() {
        auto& made = keep(rondo::Promise<int>::withResolvers());
        return made.promise;
    }

private:
    std::vector<std::shared_ptr<void>> things_;
};

/// A way to leave work waiting: called with a loop there, maybe by a destructor while that goes. It holds `Counted`s.
struct WayToWait {
    const char* name;
    void (*begin)(Outside&);
    bool endless = false; ///< a loop that is not stopped would never be dry
};

/// Calls the way once, where a callback is wanted.
struct BeginOnce {
    const WayToWait* way;
    Outside* outside;
    void operator()() const { way->begin(*outside); }
};

namespace loop_ends {

using rondo::EventLoop;
using rondo::Promise;

inline Promise<> neverWoken(AtEnd<BeginOnce>) {
    const auto never = Promise<int>::withResolvers().promise;
    co_await never;
}

inline Promise<> rejectedLater(BeginOnce begin) {
    begin();
    const auto tick = Promise<>::resolve(0);
    co_await tick;
    throw std::runtime_error("no");
}

}

/// A way in which a loop comes to its end, with what has begun on it.
struct EndOfLoop {
    const char* name;
    void (*live)(rondo::EventLoop&, const BeginOnce&);
    bool runsDry = false;

    static const std::vector<EndOfLoop>& all() {
        using namespace loop_ends;
        static const std::vector<EndOfLoop> ends{
            {"never run", [](EventLoop&, const BeginOnce& begin) { begin(); }},
            {"run until dry", [](EventLoop& loop, const BeginOnce& begin) { loop.run(begin); }, true},
            {"stopped by its first task",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.run([&] {
                     begin();
                     loop.stop();
                 });
             }},
            {"stopped in a microtask behind",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.queueMicrotask([&] { loop.stop(); });
                 loop.run([&] {
                     begin();
                     loop.stop();
                 });
             }},
            {"stopped when it has turned a while",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.setTimer([&] { loop.stop(); }, 2, false);
                 loop.run(begin);
             }},
            {"polled once",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.post(begin);
                 loop.poll();
             }},
            {"polled again and again",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.post(begin);
                 for (int i = 0; i < 5; ++i) loop.poll();
             }},
            {"its main function is rejected",
             [](EventLoop& loop, const BeginOnce& begin) { loop.run(loop_ends::rejectedLater, begin); }},
            {"an exception leaves runUntilSettled",
             [](EventLoop& loop, const BeginOnce& begin) {
                 try {
                     loop.runUntilSettled(loop_ends::rejectedLater, begin);
                 } catch (const std::runtime_error&) {
                     loop.stop();
                 }
             }},
            {"an exception passes by",
             [](EventLoop& loop, const BeginOnce& begin) {
                 loop.post(begin);
                 loop.poll();
                 throw std::runtime_error("no");
             }},
            {"begun by a destructor while it goes",
             [](EventLoop& loop, const BeginOnce& begin) { loop.queueMicrotask([end = AtEnd(begin)] {}); }},
            {"begun by a destructor while it is collected",
             [](EventLoop& loop, const BeginOnce& begin) { loop.run(loop_ends::neverWoken, AtEnd(begin)); }, true},
            {"begun by the destructor of a timer while it goes",
             [](EventLoop& loop, const BeginOnce& begin) { loop.setTimer([end = AtEnd(begin)] {}, 1, false); }},
            {"begun by the destructor of a listener at the very end",
             [](EventLoop&, const BeginOnce& begin) {
                 rondo::globalThis.addEventListener("error", [end = AtEnd(begin)] {});
             }},
            {"begun by the destructor of a reason at the very end",
             [](EventLoop&, const BeginOnce& begin) { Promise<>::reject(std::make_shared<AtEnd<BeginOnce>>(begin)); }},
        };
        return ends;
    }
};

namespace loop_ends {

/// What outlives the loop is destroyed where there is none, or while the next one lives. Returns what is wrong.
inline std::string endOnce(const WayToWait& way, const EndOfLoop& end, bool next) {
    Counted::reset();
    CountingSource source;
    std::string wrong;
    {
        Redirected quiet(stderr); // of what nobody has caught
        std::optional<Outside> outside(std::in_place);
        try {
            EventLoop loop({.virtualTime = true});
            end.live(loop, BeginOnce{&way, &*outside});
            if (&end == &EndOfLoop::all().front() && Counted::alive == 0) wrong += "nothing was held; ";
        } catch (const std::runtime_error&) { // it has passed by the loop
        }
        if (next) {
            EventLoop nextLoop({.virtualTime = true});
            nextLoop.run([&] { outside.reset(); });
            if (nextLoop.alive()) wrong += "the next loop was touched; ";
        }
    }
    if (Counted::alive != 0) wrong += std::to_string(Counted::alive) + " objects were left; ";
    if (const int blocks = source.balance()) wrong += std::to_string(blocks) + " blocks were left; ";
    return wrong;
}

}

/// Lets each way wait at each end of a loop, and says what goes wrong.
inline std::string wrongAtTheEnds(const std::vector<WayToWait>& ways) {
    std::string all;
    for (const WayToWait& way : ways) {
        for (const EndOfLoop& end : EndOfLoop::all()) {
            if (end.runsDry && way.endless) continue;
            for (const bool next : {false, true}) {
                const std::string wrong = loop_ends::endOnce(way, end, next);
                if (!wrong.empty()) ((((all += way.name) += " / ") += end.name) += ": ") += wrong + '\n';
            }
        }
    }
    return all;
}
