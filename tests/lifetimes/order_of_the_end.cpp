// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/turn.hpp"

#include <rondo/iteration.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// Writes its name down when it goes.
class Named {
public:
    Named(Journal& log, const char* name) : log_(&log), name_(name) {}
    Named(Named&& other) noexcept : log_(std::exchange(other.log_, nullptr)), name_(other.name_) {}
    Named& operator=(Named&&) = delete;
    ~Named() {
        if (log_) (*log_)(name_);
    }

private:
    Journal* log_;
    const char* name_;
};

/// A coroutine with a closure, for wherever one may be given; the copies of it are one. What it is called with is ignored.
auto coroutine(Journal& log, Promise<int> promise, const char* name = "closure") {
    return [&log, promise, closure = std::make_shared<Named>(log, name)](const auto&...) -> Promise<> {
        const AtEnd frame([&closure, &log] { log(closure ? "frame" : "frame-too-late"); });
        co_await promise;
        log("went-on");
    };
}

struct ThenableCoroutine {
    using value_type = int;
    decltype(coroutine(std::declval<Journal&>(), std::declval<Promise<int>>())) body;
    template <class Resolve, class Reject>
    Promise<> then(Resolve resolve, Reject reject) const {
        return body(resolve, reject);
    }
};

struct Resource {
    Journal* log;
    Promise<int> promise;
    std::shared_ptr<Named> closure;
    Promise<> disposeAsync() {
        const AtEnd frame([this] { (*log)(closure ? "frame" : "frame-too-late"); });
        const auto waited = promise;
        co_await waited;
    }
};

Promise<> child(const std::string& parents, Journal& log, Promise<int> promise) {
    const AtEnd end([&] { log(parents, "child"); });
    co_await promise;
}
Promise<> parent(const std::string& parents, Journal& log, Promise<int> promise, int depth) {
    const std::string own = parents + "-";
    const auto tick = Promise<>::resolve();
    co_await tick; // what is called when it has waited is newer all the same
    auto inner = depth == 0 ? child(own, log, promise) : parent(own, log, promise, depth - 1);
    const AtEnd end([&] { log(own); });
    co_await inner;
}

/// Something that runs inside of something else, and in which order they must go.
struct Nested {
    const char* name;
    void (*begin)(Journal&, const Promise<int>&);
    const char* order = "frame closure";
};

const std::vector<Nested> nested{
    {"async", [](Journal& log, const Promise<int>& p) { async(coroutine(log, p)); }},
    {"try_", [](Journal& log, const Promise<int>& p) { Promise<>::try_(coroutine(log, p)); }},
    {"a handler of then", [](Journal& log, const Promise<int>& p) { Promise<>::resolve(1).then(coroutine(log, p)); }},
    {"a handler of finally",
     [](Journal& log, const Promise<int>& p) { Promise<>::resolve(1).finally(coroutine(log, p)); }},
    {"a handler of catch_",
     [](Journal& log, const Promise<int>& p) {
         Promise<>::reject(std::runtime_error("no"))
             .catch_([body = coroutine(log, p)](const std::runtime_error& error) { return body(error); });
     }},
    {"an executor",
     [](Journal& log, const Promise<int>& p) {
         Promise<int>([body = coroutine(log, p)](auto resolve) { return body(resolve); });
     }},
    {"a thenable",
     [](Journal& log, const Promise<int>& p) { Promise<>::resolve(ThenableCoroutine{coroutine(log, p)}); }},
    {"a timer", [](Journal& log, const Promise<int>& p) { setTimeout(coroutine(log, p)); }},
    {"an interval",
     [](Journal& log, const Promise<int>& p) {
         const auto timer = setInterval(coroutine(log, p), 1);
         setTimeout([timer] { clearInterval(timer); }, 1);
     }},
    {"a microtask", [](Journal& log, const Promise<int>& p) { queueMicrotask(coroutine(log, p)); }},
    {"an argument",
     [](Journal& log, const Promise<int>& p) {
         setTimeout([](const auto& body) { return body(); }, 0, coroutine(log, p));
     }},
    {"a listener of a target that has gone",
     [](Journal& log, const Promise<int>& p) {
         EventTarget target;
         target.addEventListener("note", coroutine(log, p));
         target.dispatchEvent(Event("note"));
     }},
    {"a listener of a signal",
     [](Journal& log, const Promise<int>& p) {
         AbortController controller;
         controller.signal().addEventListener("abort", coroutine(log, p));
         controller.abort();
     }},
    {"the function of forAwait",
     [](Journal& log, const Promise<int>& p) { forAwait(std::vector{1, 2}, coroutine(log, p)); }},
    {"the mapper of fromAsync",
     [](Journal& log, const Promise<int>& p) {
         fromAsync(std::vector{1, 2}, [body = coroutine(log, p)](int i) { return body(i).then([i] { return i; }); });
     }},
    {"a block of usingAsync",
     [](Journal& log, const Promise<int>& p) {
         usingAsync([body = coroutine(log, p), &log](AsyncDisposableStack& stack) {
             stack.adopt(Named(log, "first"), [](Named&) {});
             stack.adopt(Named(log, "second"), [](Named&) {});
             return body();
         });
     },
     "frame second first closure"},
    {"a disposal",
     [](Journal& log, const Promise<int>& p) {
         AsyncDisposableStack stack;
         stack.adopt(Named(log, "first"), [](Named&) {});
         stack.use(Resource{&log, p, std::make_shared<Named>(log, "closure")});
         stack.disposeAsync();
     },
     "frame closure first"},
    {"a generator",
     [](Journal& log, const Promise<int>& p) {
         auto generator = async(
             [&log, p, closure = std::make_shared<Named>(log, "closure")](Named parameter) -> AsyncGenerator<int> {
                 const AtEnd frame([&] { log(closure ? "frame" : "frame-too-late"); });
                 const Named taken(std::move(parameter));
                 const int value = co_await p;
                 co_yield value;
             },
             Named(log, "parameter"));
         generator.next();
     },
     "parameter frame closure"},
    {"a generator of a generator",
     [](Journal& log, const Promise<int>& p) {
         const auto make = [&log](auto inner, Promise<int> promise, const char* name) -> AsyncGenerator<int> {
             const Named local(log, name);
             if constexpr (std::is_same_v<decltype(inner), int>) {
                 const int value = co_await promise;
                 co_yield value;
             } else {
                 co_yield elementsOf(inner);
             }
         };
         make(make(make(0, p, "inner"), p, "middle"), p, "outer").next();
     },
     nullptr},
    {"a child", [](Journal& log, const Promise<int>& p) { parent("", log, p, 2); }, "---child --- -- -"},
};

}

TEST_CASE("what runs inside of something goes before it when their loop goes") {
    for (const Nested& scene : nested) {
        INFO("inside of " << scene.name);
        CountingSource source;
        Journal log;
        std::optional<PromiseWithResolvers<int>> made;
        {
            EventLoop loop({.virtualTime = true});
            made = Promise<int>::withResolvers();
            loop.run([&] { scene.begin(log, made->promise); });
            log("end:");
        }
        made.reset();
        CHECK(log.text() == std::string("end: ") + (scene.order ? scene.order : "outer middle inner"));
        CHECK(source.balance() == 0);
    }
}

TEST_CASE("what runs inside of something goes before it when both are collected") {
    for (const Nested& scene : nested) {
        INFO("inside of " << scene.name);
        Journal log;
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            auto made = std::make_shared<PromiseWithResolvers<int>>(Promise<int>::withResolvers());
            scene.begin(log, made->promise);
            setTimeout([&log, made = std::move(made)] { log("end:"); }, 5);
        });
        CHECK(log.text() == std::string("end: ") + (scene.order ? scene.order : "inner middle outer"));
        CHECK(loop.waiting().empty());
    }
}

TEST_CASE("timers go first and then what waits newest first and at last what listens to the global object") {
    Journal log;
    std::optional<PromiseWithResolvers<int>> made;
    std::optional<AsyncGenerator<int>> begun, fresh;
    AbortController controller;
    {
        EventLoop loop({.virtualTime = true});
        made = Promise<int>::withResolvers();
        const Promise<int> p = made->promise;
        const auto function = [](Promise<int> promise, Named) -> Promise<> { co_await promise; };
        const auto generator = [](Promise<int> promise, Named) -> AsyncGenerator<int> {
            co_yield 1;
            const int value = co_await promise;
            co_yield value;
        };
        globalThis.addEventListener("error", [named = Named(log, "global")] {});
        function(p, Named(log, "function"));
        p.then([named = std::make_shared<Named>(log, "then")](int) {});
        setTimeout([named = Named(log, "timer")] {}, 1);
        begun = generator(p, Named(log, "begun"));
        begun->next();
        Promise<>::all(p, Promise<>::resolve(std::make_shared<Named>(log, "all")));
        queueMicrotask([named = Named(log, "microtask")] {});
        controller.signal().addEventListener("abort", [named = Named(log, "signal")] {});
        p.finally([named = std::make_shared<Named>(log, "finally")] {});
        fresh = generator(p, Named(log, "fresh"));
        async([](Promise<int> promise, Named) -> Promise<> { co_await promise; }, p, Named(log, "async"));
        const auto follower = Promise<int>::withResolvers();
        follower.resolve(p);
        function(follower.promise, Named(log, "last"));
    }
    CHECK(log == "timer last async fresh finally signal microtask all begun then function global");
}

TEST_CASE("a destructor while the loop goes finds all that is older than itself") {
    Journal log;
    std::optional<PromiseWithResolvers<int>> made;
    {
        EventLoop loop({.virtualTime = true});
        made = Promise<int>::withResolvers();
        const auto outer = [&](Promise<int> promise) -> Promise<> {
            EventTarget target;
            AbortController controller;
            std::string text = "older";
            target.addEventListener("note", [&] { log(text); });
            controller.signal().addEventListener("abort", [&] { log("aborted:", text); });
            const auto generator = [](Journal& journal) -> AsyncGenerator<int> {
                const AtEnd end([&] { journal("-generator"); });
                co_yield 1;
                journal("asked");
                co_yield 2;
            }(log);
            generator.next();
            const auto inner = [&](Promise<int> waited) -> Promise<> {
                const AtEnd end([&] {
                    target.dispatchEvent(Event("note"));
                    controller.abort();
                    made->resolve(1);
                    log(waited.state() == PromiseState::pending);
                });
                co_await waited;
                log("went-on");
            };
            auto waiting = inner(promise);
            const AtEnd end([&] { log("-outer"); });
            co_await waiting;
        };
        outer(made->promise);
        loop.poll();
    }
    CHECK(log == "older aborted:older true -generator -outer");
}
