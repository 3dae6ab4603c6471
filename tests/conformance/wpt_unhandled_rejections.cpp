// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/web/timers.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

std::string messageOf(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        return std::string(error.message());
    }
}

/// A page that writes down which promises it is told of. `run` calls its script as the first task.
class Page {
public:
    Page() {
        loop_.globalThis().addEventListener("unhandledrejection", [this](PromiseRejectionEvent& event) {
            log("unhandled:", nameOf(event.promise()), "=", messageOf(event.reason()));
            event.preventDefault();
        });
        loop_.globalThis().addEventListener("rejectionhandled", [this](PromiseRejectionEvent& event) {
            log("handled:", nameOf(event.promise()), "=", messageOf(event.reason()));
        });
    }

    template <class F>
    const Journal& run(F script) {
        loop_.run(std::move(script));
        return log;
    }

    /// Gives the promise a name, by which it is written down.
    template <class T>
    Promise<T> name(const char* name, Promise<T> promise) {
        names_.emplace_back(name, [promise](const AnyPromise& other) { return other == promise; });
        return promise;
    }

    Journal log;

private:
    const char* nameOf(const AnyPromise& promise) const {
        for (const auto& [name, is] : names_) {
            if (is(promise)) return name;
        }
        return "another";
    }

    EventLoop loop_{{.virtualTime = true}};
    std::vector<std::pair<const char*, std::function<bool(const AnyPromise&)>>> names_;
};

/// Queues a task of the source that tells of rejections, as the originals do: on the Web it is the DOM's.
template <class F>
void queueTask(F f) {
    auto* task = new loop::CallbackTask<F, base::Pooled>(std::move(f), loop::TaskSource::rejectionNotice);
    EventLoop::current().queueTask(*task);
}

void nothing() {}

/// Calls `f` in a microtask that is `depth` microtasks away, by turns a callback's and a reaction of a promise.
void inMicrotask(int depth, bool callbackFirst, std::function<void()> f) {
    auto next = [=] { depth == 1 ? f() : inMicrotask(depth - 1, !callbackFirst, f); };
    if (callbackFirst) {
        queueMicrotask(next);
    } else {
        Promise<>::resolve().then(next);
    }
}

}

// Who is told of.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a promise from Promise.reject is told of") {
    Page page;
    CHECK(page.run([&] { page.name("p", Promise<>::reject(Error("e"))); }) == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a promise that its executor rejects is told of") {
    Page page;
    page.run([&] { page.name("p", Promise<>([](auto, auto reject) { reject(Error("e")); })); });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a promise that a task rejects is told of") {
    Page page;
    page.run(
        [&] { page.name("p", Promise<>([](auto, auto reject) { queueTask([reject] { reject(Error("e")); }); })); });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a promise that a timer rejects is told of") {
    Page page;
    page.run(
        [&] { page.name("p", Promise<>([](auto, auto reject) { setTimeout([reject] { reject(Error("e")); }, 1); })); });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a throw in a handler of Promise.reject is told of as that of the derived promise") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        page.name("p2", p.then([&] { page.log("fulfilled"); },
                               [&](const Error& error) {
                                   page.log(error.message());
                                   throw Error("e2");
                               }));
    });
    CHECK(page.log == "e unhandled:p2=e2");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a throw in a handler of a promise that a timer rejects is told of as that of the derived promise") {
    Page page;
    page.run([&] {
        const Promise<> p([](auto, auto reject) { setTimeout([reject] { reject(Error("e")); }, 1); });
        page.name("p", p);
        page.name("p2", p.then([&] { page.log("fulfilled"); },
                               [&](const Error& error) {
                                   page.log(error.message());
                                   throw Error("e2");
                               }));
    });
    CHECK(page.log == "e unhandled:p2=e2");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a throw in a handler that is added one microtask behind the rejection is told of") {
    Page page;
    page.run([&] {
        const auto deferred = Promise<>::withResolvers();
        page.name("p", deferred.promise);
        setTimeout(
            [&page, deferred] {
                deferred.reject(Error("e"));
                queueMicrotask([&page, deferred] {
                    page.name("p2", deferred.promise.catch_([&](const Error& error) {
                        page.log(error.message());
                        throw Error("e2");
                    }));
                });
            },
            1);
    });
    CHECK(page.log == "e unhandled:p2=e2");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler that returns a rejected promise has its own promise told of") {
    Page page;
    page.run([&] { page.name("p", Promise<>::resolve().then([] { return Promise<>::reject(Error("e")); })); });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a throw in a handler of a fulfilled promise is told of") {
    Page page;
    page.run([&] { page.name("p", Promise<>::resolve().then([] { throw Error("e"); })); });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler that returns a promise that a timer rejects has its own promise told of") {
    Page page;
    page.run([&] {
        page.name("p", Promise<>::resolve().then([] {
            return Promise<>([](auto, auto reject) { setTimeout([reject] { reject(Error("e")); }, 1); });
        }));
    });
    CHECK(page.log == "unhandled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "of Promise.all and what it was given the one nobody listens to is told of") {
    Page page;
    page.run([&] { page.name("p", Promise<>::all(page.name("input", Promise<>::reject(Error("e"))))); });
    CHECK(page.log == "unhandled:p=e");
}

// The original lets the browser decode an image that is none; `delay` that is aborted is another promise of the
// platform's.
TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a promise that the platform rejects is told of") {
    Page page;
    page.run([&] {
        AbortController controller;
        page.name("p", delay(1000, {.signal = controller.signal()}));
        controller.abort(DOMException("no image", "InvalidStateError"));
    });
    CHECK(page.log == "unhandled:p=no image");
}

// Nobody is told of a promise that somebody listens to in time: at once.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added at once keeps a promise of any making from being told of") {
    Page page;
    page.run([&] {
        const auto unreached = [&] { page.log("fulfilled"); };
        const auto reason = [&](const Error& error) { page.log(error.message()); };
        Promise<>::reject(Error("reject")).then(unreached, reason);
        Promise<>::all(Promise<>::reject(Error("all"))).then([&](const auto&) { page.log("fulfilled"); }, reason);
        Promise<>([](auto, auto reject) { reject(Error("executor")); }).then(unreached, reason);
        Promise<>::resolve().then([] { throw Error("throw"); }).then(unreached, reason);
        Promise<>::resolve().then([] { return Promise<>::reject(Error("return")); }).then(unreached, reason);
        const auto later = [] {
            return Promise<>([](auto, auto reject) { setTimeout([reject] { reject(Error("timer")); }, 1); });
        };
        Promise<>::resolve().then(later).then(unreached, reason);
        AbortController controller;
        delay(1000, {.signal = controller.signal()}).then(unreached, reason);
        controller.abort(DOMException("platform", "InvalidStateError"));
        queueTask([reason] {
            Promise<>::resolve().then([] { return Promise<>::reject(Error("in a task")); }).catch_(reason);
        });
    });
    CHECK(page.log == "reject executor platform all throw return in a task timer");
}

// Or in a microtask.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by a microtask keeps a rejected promise from being told of") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        queueMicrotask([p] { p.catch_(nothing); });
        const auto q = page.name("q", Promise<>([](auto, auto reject) { reject(Error("e")); }));
        queueMicrotask([q] { q.catch_(nothing); });
    });
    CHECK(page.log == "");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added one microtask behind the rejection keeps Promise.all from being told of") {
    Page page;
    page.run([&] {
        const Promise<> p1([](auto, auto reject) { queueMicrotask([reject] { reject(Error("e")); }); });
        page.name("p1", p1);
        const auto p2 = page.name("p2", Promise<>::all(p1));
        queueMicrotask([p2] { p2.then([](const auto&) {}, nothing); });
    });
    CHECK(page.log == "");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added however many microtasks later keeps a promise from being told of") {
    const bool callbackFirst = GENERATE(true, false);
    Page page;
    const auto late = [&](const char* name) {
        const auto p = page.name(name, Promise<>::reject(Error("e")));
        inMicrotask(4, callbackFirst, [p] { p.catch_(nothing); });
    };
    page.run([&] {
        late("at once");
        queueTask([&] { late("in a task"); });
        setTimeout([&] { late("in a timer"); }, 0);
    });
    CHECK(page.log == "");
}

// Or in a task of the same source that is queued before the checkpoint.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by a task that was queued before the checkpoint keeps a promise from being told of") {
    Page page;
    page.run([&] {
        const auto deferred = Promise<>::withResolvers();
        const auto p = page.name("p", deferred.promise);
        deferred.reject(Error("e"));
        queueTask([p] { p.then(nothing, nothing); });
    });
    CHECK(page.log == "");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by microtasks of a task that was queued before the checkpoint is in time") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        queueTask([p] { inMicrotask(1, false, [p] { p.catch_(nothing); }); });
        const auto q = page.name("q", Promise<>::reject(Error("e")));
        queueTask([q] { inMicrotask(4, false, [q] { q.catch_(nothing); }); });
    });
    CHECK(page.log == "");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by microtasks of a task that was queued before the rejection is in time") {
    Page page;
    std::optional<Promise<>> p;
    page.run([&] {
        queueTask([&] { inMicrotask(4, false, [&] { p->catch_(nothing); }); });
        p = page.name("p", Promise<>::reject(Error("e")));
    });
    CHECK(page.log == "");
}

// Too late.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by a task of a task is too late") {
    Page page;
    page.run([&] {
        const auto deferred = Promise<>::withResolvers();
        const auto p = page.name("p", deferred.promise);
        deferred.reject(Error("e"));
        queueTask([p] { queueTask([p] { p.then(nothing, nothing); }); });
    });
    CHECK(page.log == "unhandled:p=e handled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by microtasks of a task of a task is too late") {
    const int depth = GENERATE(1, 4);
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        queueTask([p, depth] { queueTask([p, depth] { inMicrotask(depth, false, [p] { p.catch_(nothing); }); }); });
    });
    CHECK(page.log == "unhandled:p=e handled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by microtasks of a task of a task that was queued before the rejection is too late") {
    Page page;
    std::optional<Promise<>> p;
    page.run([&] {
        queueTask([&] { queueTask([&] { inMicrotask(4, false, [&] { p->catch_(nothing); }); }); });
        p = page.name("p", Promise<>::reject(Error("e")));
    });
    CHECK(page.log == "unhandled:p=e handled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by a timer is too late for a promise that was rejected before it") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>([](auto, auto) { throw Error("e"); }));
        setTimeout(
            [&page, p] {
                p.then([&] { page.log("fulfilled"); },
                       [&](const Error& error) { page.log("catch:", error.message()); });
            },
            10);
    });
    CHECK(page.log == "unhandled:p=e catch:e handled:p=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a handler added by a timer is too late for a promise that the platform rejected before it") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", delay(1000, {.signal = AbortSignal::timeout(1)}));
        setTimeout([&page, p] { p.catch_([&](const DOMException& error) { page.log("catch:", error.name()); }); }, 10);
    });
    const std::string timeout = "The operation was aborted due to timeout";
    CHECK(page.log == "unhandled:p=" + timeout + " catch:TimeoutError handled:p=" + timeout);
}

// When they are told of.

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a microtask of a listener for unhandledrejection goes before its tasks") {
    Page page;
    page.run([&] {
        globalThis.addEventListener("unhandledrejection", [&] {
            setTimeout([&] { page.log("timer"); }, 1);
            queueMicrotask([&] { page.log("microtask"); });
        });
        page.name("p", Promise<>::reject(Error("e")));
    });
    CHECK(page.log == "unhandled:p=e microtask timer");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "each checkpoint has a task of its own for those it finds behind the tasks queued before it") {
    Page page;
    page.run([&] {
        page.name("p1", Promise<>::reject(Error("e")));
        queueTask([&] {
            page.name("p2", Promise<>::reject(Error("e")));
            queueTask([&] { page.log("task"); });
        });
    });
    CHECK(page.log == "unhandled:p1=e task unhandled:p2=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "a task that was queued before the checkpoint goes before what the checkpoint finds") {
    Page page;
    page.run([&] {
        queueTask([&] {
            page.name("p2", Promise<>::reject(Error("e")));
            queueTask([&] { page.log("task"); });
        });
    });
    CHECK(page.log == "task unhandled:p2=e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "rejectionhandled is fired by a task of its own") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        setTimeout(
            [&page, p] {
                queueTask([&] { page.log("task before"); });
                p.catch_([&](const Error&) { page.log("catch"); });
                queueTask([&] { page.log("task behind"); });
                page.log("after catch_");
            },
            10);
    });
    CHECK(page.log == "unhandled:p=e after catch_ catch task before handled:p=e task behind");
}

// Where the original's tasks come from another source than the rejections do, their order is the loop's choice.
TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events: "
          "tasks of other sources go behind those that tell of rejections") {
    Page page;
    page.run([&] {
        EventLoop::current().post([&] { page.log("posted"); });
        setTimeout([&] { page.log("timer"); }, 0);
        page.name("p", Promise<>::reject(Error("e")));
    });
    CHECK(page.log == "unhandled:p=e posted timer");
}

TEST_CASE(
    "html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events-attached-in-event: "
    "a handler added in unhandledrejection does not fire rejectionhandled") {
    Page page;
    page.run([&] {
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        globalThis.onunhandledrejection([&page, p](PromiseRejectionEvent& event) {
            page.log(event.promise() == p);
            p.then([&] { page.log("fulfilled"); }, [&](const Error& error) { page.log("catch:", error.message()); });
        });
    });
    CHECK(page.log == "unhandled:p=e true catch:e");
}

TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-rejection-events-onerror: "
          "what a handler for rejectionhandled throws goes to onerror") {
    Page page;
    const auto e2 = std::make_exception_ptr(Error("e2"));
    page.run([&] {
        globalThis.onerror([&](ErrorEvent& event) {
            page.log(event.message().find("e2") != event.message().npos, " ", event.error() == e2);
            return true;
        });
        globalThis.onrejectionhandled([&] { std::rethrow_exception(e2); });
        const auto p = page.name("p", Promise<>::reject(Error("e")));
        setTimeout([p] { p.catch_(nothing); });
    });
    CHECK(page.log == "unhandled:p=e handled:p=e true true");
}

// The callbacks of one animation frame are called in one task, with a checkpoint behind each. So are the listeners of an
// event that the loop fires.
TEST_CASE("html/webappapis/scripting/processing-model-2/unhandled-promise-rejections/promise-resolution-order: "
          "the task that tells of rejections is queued by the checkpoint behind the callback") {
    Page page;
    page.run([&] {
        const AbortSignal frame = AbortSignal::timeout(16);
        frame.addEventListener("abort", [&] {
            page.log("raf1");
            page.name("p", Promise<>::reject(Error("e")));
            Promise<>::resolve(0).then([&](int) { page.log("resolve1"); });
            queueTask([&] { page.log("error1"); });
        });
        frame.addEventListener("abort", [&] {
            page.log("raf2");
            Promise<>::resolve(0).then([&](int) { page.log("resolve2"); });
            queueTask([&] { page.log("error2"); });
        });
    });
    CHECK(page.log == "raf1 resolve1 raf2 resolve2 error1 unhandled:p=e error2");
}
