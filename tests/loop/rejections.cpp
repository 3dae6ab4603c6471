// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"
#include "../support/turn.hpp"
#include "../support/written.hpp"

#include <rondo/base/error.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/loop/rejections.hpp>

#include <exception>
#include <string>

using namespace rondo;
using rondo::loop::Rejection;

namespace {

/// A rejected promise, as far as the loop cares.
struct Rejected : Rejection {
    Rejected(Journal& journal, const char* name)
        : Rejection(base::Reason(std::make_exception_ptr(Error(name)), nullptr)), log(journal) {
        perform = [](loop::Task* task, loop::Verb verb) noexcept {
            auto& self = static_cast<Rejected&>(*task);
            EventLoop& loop = EventLoop::current();
            if (verb == loop::Verb::run) loop.rejections().tell(loop, self);
            self.log("release:", base::describe(self.error));
        };
    }
    Journal& log;
};

Journal* told = nullptr;

void listen(EventLoop& loop, Journal& log) {
    told = &log;
    loop.rejections().setHandlers(
        [](EventLoop&, Rejection& rejection) {
            (*told)("unhandled:", base::describe(rejection.error));
            return true;
        },
        [](EventLoop&, Rejection& rejection) { (*told)("handled:", base::describe(rejection.error)); });
}

}

TEST_CASE("a rejected promise is told of in a task behind the checkpoint and let go") {
    Journal log;
    Rejected a(log, "a"), b(log, "b");
    EventLoop loop;
    listen(loop, log);
    loop.post([&] { log("earlier task"); });
    loop.queueMicrotask([&] {
        loop.rejections().add(a);
        loop.rejections().add(b);
        loop.queueMicrotask([&] { log("microtask"); });
    });
    turnUntilDry(loop);
    CHECK(log == "microtask unhandled:Error: a unhandled:Error: b release:Error: b release:Error: a earlier task");
    CHECK(a.told == Rejection::Told::dealtWith);
}

TEST_CASE("each notice tells of what its checkpoint has found, in the order in which they were queued") {
    Journal log;
    Rejected a(log, "a"), b(log, "b"), c(log, "c"), d(log, "d");
    EventLoop loop;
    listen(loop, log);
    const auto queueTask = [&](auto f) {
        loop.queueTask(*new loop::CallbackTask<decltype(f), base::Pooled>(std::move(f), a.source));
    };
    queueTask([&] {
        loop.rejections().add(a);
        loop.rejections().add(b);
        queueTask([&] {
            loop.rejections().add(c);
            loop.rejections().add(d);
            d.handled = true;
            queueTask([&] { log("last"); });
        });
    });
    turnUntilDry(loop);
    CHECK(log == "release:Error: d unhandled:Error: a unhandled:Error: b release:Error: b release:Error: a last "
                 "unhandled:Error: c release:Error: c");
}

TEST_CASE("a rejected promise that is handled before the checkpoint is over is let go untold") {
    Journal log;
    Rejected a(log, "a");
    EventLoop loop;
    listen(loop, log);
    loop.queueMicrotask([&] {
        loop.rejections().add(a);
        loop.queueMicrotask([&] { CHECK_FALSE(loop.rejections().handle(a)); });
    });
    turnUntilDry(loop);
    CHECK(log == "release:Error: a");
    CHECK(a.told == Rejection::Told::no);
}

TEST_CASE("a rejected promise that was told of and is handled later is told of as handled in a task") {
    Journal log;
    Rejected a(log, "a");
    EventLoop loop;
    listen(loop, log);
    loop.rejections().add(a);
    turnUntilDry(loop);
    REQUIRE(loop.rejections().handle(a));
    loop.queueTask(a);
    log("handle");
    turnUntilDry(loop);
    CHECK(log == "unhandled:Error: a release:Error: a handle handled:Error: a release:Error: a");
}

TEST_CASE("a rejected promise is printed where there is no handler") {
    Journal log;
    Rejected a(log, "a");
    Redirected captured(stderr);
    EventLoop loop;
    loop.rejections().add(a);
    turnUntilDry(loop);
    CHECK(captured.text().find("Uncaught (in promise) Error: a\n") == 0);
    CHECK(a.told == Rejection::Told::printed);
    CHECK(loop.uncaught().any());
}

TEST_CASE("a loop that goes lets the rejected promises go untold") {
    Journal log;
    Rejected a(log, "a"), b(log, "b");
    {
        EventLoop loop;
        listen(loop, log);
        loop.post([&] {
            loop.rejections().add(a);
            loop.stop(); // the notice is queued, and never given
        });
        turnUntilDry(loop);
        loop.rejections().add(b);
    }
    CHECK(log == "release:Error: a release:Error: b");
}
