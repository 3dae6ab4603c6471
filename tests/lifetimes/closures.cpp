// SPDX-License-Identifier: MIT

// A callback may be a coroutine, and its frame refers to its closure. So here is every place that takes a callback,
// and each of them is given one that owns something, and waits.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

struct Scene {
    Journal log;
    std::optional<PromiseWithResolvers<void>> gate; // what each callback waits for
    std::function<void()> remove = [] {};           // takes the place away
    bool removesItself = false;                     // the callback does, before it waits
    EventLoop* loop = nullptr;

    void takeAway() {
        log("removed");
        const auto away = std::exchange(remove, nullptr);
        if (away) away();
    }
};

/// What a closure owns. Read after its end it is caught, by the sanitizer or by its number.
class Capture {
public:
    explicit Capture(Scene& scene) : scene_(&scene), number_(std::make_unique<int>(42)) {}
    Capture(Capture&&) noexcept = default;
    Capture& operator=(Capture&&) = delete;
    ~Capture() {
        if (!number_) return;
        *number_ = 0;
        scene_->log("~capture");
    }

    Scene& scene() const { return *scene_; }
    bool alive() const { return number_ && *number_ == 42; }

private:
    Scene* scene_;
    std::unique_ptr<int> number_;
};

struct Local {
    Journal& log;
    ~Local() { log("~local"); }
};

/// The callback: waits, and then uses what it has captured.
class Body {
public:
    explicit Body(Scene& scene) : capture_(scene) {}

    Promise<> operator()() const {
        Scene& scene = capture_.scene();
        const Local local{scene.log};
        const Promise<> gate = scene.gate->promise;
        scene.log("in");
        if (scene.removesItself) scene.takeAway();
        co_await gate;
        scene.log(capture_.alive() ? "out" : "DANGLING");
    }

private:
    Capture capture_;
};

/// The same with a value.
class NumberBody {
public:
    explicit NumberBody(Body&& body) : body_(std::move(body)) {}
    Promise<int> operator()() const {
        co_await body_();
        co_return 1;
    }

private:
    Body body_;
};

/// A thenable whose `then` is a coroutine.
struct SlowThenable {
    using value_type = void;
    template <class Resolve, class Reject>
    Promise<> then(Resolve resolve, Reject) {
        co_await body();
        resolve();
    }
    Body body;
};

struct SlowResource {
    Promise<> disposeAsync() const { return body(); }
    Body body;
};

struct Handler {
    Promise<> handleEvent() const { return body(); }
    Body body;
};

enum Traits : unsigned {
    once = 0,
    stays = 1,           // the place keeps the closure until it is taken away
    outlives = 2 | stays // also when the loop goes
};

struct Place {
    const char* name;
    unsigned traits;
    void (*fill)(Scene&, Body&&);
};

AsyncGenerator<int> numbers() {
    co_yield 1;
    co_yield 2;
}

/// Dispatches "go" at a target, which a scene takes away by `remove(target, listener)`.
template <class Add, class Remove>
void dispatchAt(Scene& scene, Add add, Remove remove) {
    const auto target = std::make_shared<std::optional<EventTarget>>(std::in_place);
    const EventListener listener = add(**target);
    scene.remove = [target, listener, remove] { remove(*target, listener); };
    (*target)->dispatchEvent(Event("go"));
}
void destroy(std::optional<EventTarget>& target, const EventListener&) { target.reset(); }

template <class T>
void readOnce(const ReadableStream<T>& stream) {
    stream.getReader().read();
}
template <class T>
void writeOnce(const WritableStream<T>& stream, T chunk) {
    stream.getWriter().write(std::move(chunk));
}

const std::vector<Place>& places() {
    static const std::vector<Place> all = {
        {"then", once, [](Scene&, Body&& body) { Promise<>::resolve().then(std::move(body)); }},
        {"then of an rvalue", once,
         [](Scene&, Body&& body) {
             Promise<>::resolve(1).then([body = std::move(body)](int&&) { return body(); }, [] {});
         }},
        {"the second handler of then", once,
         [](Scene&, Body&& body) { Promise<>::reject(Error("x")).then([] {}, std::move(body)); }},
        {"catch_", once,
         [](Scene&, Body&& body) {
             Promise<>::reject(Error("x")).catch_([body = std::move(body)](std::exception_ptr) { return body(); });
         }},
        {"catch_ of one type", once,
         [](Scene&, Body&& body) {
             Promise<>::reject(Error("x")).catch_([body = std::move(body)](const Error&) { return body(); });
         }},
        {"finally", once, [](Scene&, Body&& body) { Promise<>::resolve().finally(std::move(body)); }},
        {"finally of a rejection", once,
         [](Scene&, Body&& body) {
             Promise<>::reject(Error("x")).finally(std::move(body)).catch_([](const Error& error) {
                 if (error.message() == "no") throw error;
             });
         }},
        {"an executor", once,
         [](Scene&, Body&& body) { Promise<>([body = std::move(body)](auto, auto) { return body(); }); }},
        {"try_", once, [](Scene&, Body&& body) { Promise<>::try_(std::move(body)); }},
        {"async", once, [](Scene&, Body&& body) { async(std::move(body)); }},
        {"an argument of async", once,
         [](Scene&, Body&& body) { async([](const Body& given) { return given(); }, std::move(body)); }},
        {"setTimeout", once,
         [](Scene& scene, Body&& body) {
             const auto id = setTimeout(std::move(body), 5);
             scene.remove = [id] { clearTimeout(id); };
         }},
        {"an argument of setTimeout", once,
         [](Scene&, Body&& body) { setTimeout([](const Body& given) { return given(); }, 0, std::move(body)); }},
        {"setInterval", stays,
         [](Scene& scene, Body&& body) {
             const auto id = setInterval([body = std::move(body), beats = 0]() mutable {
                 return ++beats == 1 ? body() : Promise<>::resolve();
             });
             id.unref();
             scene.remove = [id] { clearInterval(id); };
             setTimeout([] {}, 3);
         }},
        {"queueMicrotask", once, [](Scene&, Body&& body) { queueMicrotask(std::move(body)); }},
        {"post", once, [](Scene& scene, Body&& body) { scene.loop->post(std::move(body)); }},
        {"post from another thread", once,
         [](Scene& scene, Body&& body) { std::thread([&] { scene.loop->post(std::move(body)); }).join(); }},
        {"addEventListener and a target that goes", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(scene, [&](EventTarget& t) { return t.addEventListener("go", std::move(body)); }, destroy);
         }},
        {"removeEventListener", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene, [&](EventTarget& t) { return t.addEventListener("go", std::move(body)); },
                 [](std::optional<EventTarget>& t, const EventListener& l) { t->removeEventListener("go", l); });
         }},
        {"a listener that is called once", once,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene,
                 [&](EventTarget& t) {
                     t.addEventListener("go", std::move(body), {.once = true});
                     return EventListener();
                 },
                 destroy);
         }},
        {"a listener with a signal", outlives,
         [](Scene& scene, Body&& body) {
             const auto controller = std::make_shared<AbortController>();
             dispatchAt(
                 scene,
                 [&](EventTarget& t) {
                     t.addEventListener("go", std::move(body), {.signal = controller->signal()});
                     return EventListener();
                 },
                 [controller](std::optional<EventTarget>&, const EventListener&) { controller->abort(); });
         }},
        {"a listener with an event", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene,
                 [&](EventTarget& t) {
                     return t.addEventListener("go", [body = std::move(body)](Event&) { return body(); });
                 },
                 destroy);
         }},
        {"an event handler", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene,
                 [&](EventTarget& t) {
                     t.eventHandler("go", std::move(body));
                     return EventListener();
                 },
                 [](std::optional<EventTarget>& t, const EventListener&) { t->eventHandler("go", nullptr); });
         }},
        {"an event handler that is replaced", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene,
                 [&](EventTarget& t) {
                     t.eventHandler("go", std::move(body));
                     return EventListener();
                 },
                 [](std::optional<EventTarget>& t, const EventListener&) { t->eventHandler("go", [] {}); });
         }},
        {"a handleEvent", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene, [&](EventTarget& t) { return t.addEventListener("go", Handler{std::move(body)}); }, destroy);
         }},
        {"a handleEvent behind a shared pointer", outlives,
         [](Scene& scene, Body&& body) {
             dispatchAt(
                 scene,
                 [&](EventTarget& t) { return t.addEventListener("go", std::make_shared<Handler>(std::move(body))); },
                 destroy);
         }},
        {"a listener of a signal", once,
         [](Scene& scene, Body&& body) {
             const auto controller = std::make_shared<std::optional<AbortController>>(std::in_place);
             (*controller)->signal().addEventListener("abort", std::move(body));
             scene.remove = [controller] { controller->reset(); };
             (*controller)->abort();
         }},
        {"onabort", once,
         [](Scene&, Body&& body) {
             AbortController controller;
             controller.signal().onabort(std::move(body));
             controller.abort();
         }},
        {"a listener of a timeout", once,
         [](Scene&, Body&& body) { AbortSignal::timeout(5ms).addEventListener("abort", std::move(body)); }},
        {"a listener of a dependent signal", once,
         [](Scene&, Body&& body) {
             AbortController controller;
             AbortSignal::any(controller.signal()).addEventListener("abort", std::move(body));
             controller.abort();
         }},
        {"a listener of errors", once,
         [](Scene&, Body&& body) {
             globalThis.addEventListener("error",
                                         [body = std::move(body)](ErrorEvent& event) {
                                             event.preventDefault();
                                             return body();
                                         },
                                         {.once = true});
             reportError(Error("x"));
         }},
        {"onerror", stays,
         [](Scene& scene, Body&& body) {
             globalThis.onerror([body = std::move(body)](ErrorEvent& event) {
                 event.preventDefault();
                 return body();
             });
             scene.remove = [] { globalThis.onerror(nullptr); };
             reportError(Error("x"));
         }},
        {"a listener of rejections", once,
         [](Scene&, Body&& body) {
             globalThis.addEventListener("unhandledrejection",
                                         [body = std::move(body)](PromiseRejectionEvent&) { return body(); },
                                         {.once = true});
             Promise<>::reject(Error("x"));
         }},
        {"a listener of rejections handled late", stays,
         [](Scene& scene, Body&& body) {
             globalThis.onrejectionhandled(std::move(body));
             scene.remove = [] { globalThis.onrejectionhandled(nullptr); };
             const auto p = Promise<>::reject(Error("x"));
             setTimeout([p] { p.catch_([] {}); }, 5);
         }},
        {"catch_ of a promise whose type is not known", once,
         [](Scene& scene, Body&& body) {
             const auto kept = std::make_shared<Body>(std::move(body));
             globalThis.addEventListener("unhandledrejection",
                                         [kept](PromiseRejectionEvent& event) mutable {
                                             event.promise().catch_([own = std::move(*kept)] { return own(); });
                                         },
                                         {.once = true});
             scene.remove = [] {};
             Promise<>::reject(Error("x"));
         }},
        {"onSignal", stays,
         [](Scene& scene, Body&& body) {
             const auto handle = std::make_shared<SignalHandle>();
             *handle = onSignal(SIGUSR1, [handle, body = std::move(body)] {
                 handle->unref();
                 return body();
             });
             scene.remove = [handle] { handle->stop(); };
             std::raise(SIGUSR1);
         }},
        {"forAwait", once,
         [](Scene&, Body&& body) {
             forAwait(numbers(),
                      [body = std::move(body)](int number) { return number == 1 ? body() : Promise<>::resolve(); });
         }},
        {"fromAsync", once,
         [](Scene&, Body&& body) {
             fromAsync(std::vector<int>{1}, [body = NumberBody(std::move(body))](int) { return body(); });
         }},
        {"defer", once,
         [](Scene& scene, Body&& body) {
             const auto stack = std::make_shared<std::optional<AsyncDisposableStack>>(std::in_place);
             (*stack)->defer(std::move(body));
             scene.remove = [stack] { stack->reset(); };
             (*stack)->disposeAsync();
         }},
        {"adopt", once,
         [](Scene&, Body&& body) {
             AsyncDisposableStack stack;
             stack.adopt(1, [body = std::move(body)](int&) { return body(); });
             stack.disposeAsync();
         }},
        {"a value that is adopted", once,
         [](Scene&, Body&& body) {
             AsyncDisposableStack stack;
             stack.adopt(std::move(body), [](const Body& kept) { return kept(); });
             stack.disposeAsync();
         }},
        {"use", once,
         [](Scene&, Body&& body) {
             AsyncDisposableStack stack;
             stack.use(SlowResource{std::move(body)});
             stack.disposeAsync();
         }},
        {"usingAsync", once,
         [](Scene&, Body&& body) { usingAsync([body = std::move(body)](AsyncDisposableStack&) { return body(); }); }},
        {"defer inside of usingAsync", once,
         [](Scene&, Body&& body) {
             usingAsync([body = std::move(body)](AsyncDisposableStack& stack) mutable -> Promise<> {
                 stack.defer(std::move(body));
                 co_return;
             });
         }},
        {"a generator that is a lambda", once,
         [](Scene& scene, Body&& body) {
             const auto generator =
                 std::make_shared<AsyncGenerator<int>>(async([body = std::move(body)]() -> AsyncGenerator<int> {
                     co_await body();
                     co_yield 1;
                 }));
             scene.remove = [generator] { *generator = {}; };
             generator->next().then([generator](const auto&) { *generator = {}; },
                                    [generator](std::exception_ptr reason) {
                                        *generator = {};
                                        std::rethrow_exception(reason);
                                    });
         }},
        {"a thenable that a promise is resolved with", once,
         [](Scene&, Body&& body) { Promise<>::resolve(SlowThenable{std::move(body)}); }},
        {"a thenable that a handler returns", once,
         [](Scene&, Body&& body) {
             Promise<>::resolve().then([body = std::move(body)]() mutable { return SlowThenable{std::move(body)}; });
         }},
        {"a thenable that a handler of finally returns", once,
         [](Scene&, Body&& body) {
             Promise<>::resolve().finally([body = std::move(body)]() mutable { return SlowThenable{std::move(body)}; });
         }},
        {"a thenable that is awaited", once,
         [](Scene&, Body&& body) {
             [](SlowThenable thenable) -> Promise<> { co_await std::move(thenable); }(SlowThenable{std::move(body)});
         }},
        {"a thenable given to a combinator", once,
         [](Scene&, Body&& body) { Promise<>::all(SlowThenable{std::move(body)}); }},
        {"the start of a source", once,
         [](Scene&, Body&& body) { readOnce(ReadableStream<int>({.start = std::move(body)})); }},
        {"the pull of a source", once,
         [](Scene&, Body&& body) { readOnce(ReadableStream<int>({.pull = std::move(body)})); }},
        {"the cancel of a source", once,
         [](Scene&, Body&& body) { ReadableStream<int>({.cancel = std::move(body)}).cancel(); }},
        {"the pull of a source of bytes", once,
         [](Scene&, Body&& body) {
             const ReadableStream<Uint8Array> stream(UnderlyingByteSource{.pull = std::move(body)});
             stream.getBYOBReader().read(Uint8Array(8));
         }},
        {"the cancel of a source of bytes", once,
         [](Scene&, Body&& body) {
             ReadableStream<Uint8Array>(UnderlyingByteSource{.cancel = std::move(body)}).cancel();
         }},
        {"the start of a sink", once,
         [](Scene&, Body&& body) { writeOnce(WritableStream<int>({.start = std::move(body)}), 1); }},
        {"the write of a sink", once,
         [](Scene&, Body&& body) { writeOnce(WritableStream<int>({.write = std::move(body)}), 1); }},
        {"the close of a sink", once,
         [](Scene&, Body&& body) { WritableStream<int>({.close = std::move(body)}).close(); }},
        {"the abort of a sink", once,
         [](Scene&, Body&& body) { WritableStream<int>({.abort = std::move(body)}).abort(); }},
        {"the start of a transformer", once,
         [](Scene&, Body&& body) { writeOnce(TransformStream<int>({.start = std::move(body)}).writable(), 1); }},
        {"the transform of a transformer", once,
         [](Scene&, Body&& body) {
             writeOnce(TransformStream<int>({.transform = std::move(body)}, {}, {.highWaterMark = 1}).writable(), 1);
         }},
        {"the flush of a transformer", once,
         [](Scene&, Body&& body) { TransformStream<int>({.flush = std::move(body)}).writable().close(); }},
        {"the cancel of a transformer", once,
         [](Scene&, Body&& body) { TransformStream<int>({.cancel = std::move(body)}).readable().cancel(); }},
        {"the cancel of a transformer that is aborted", once,
         [](Scene&, Body&& body) { TransformStream<int>({.cancel = std::move(body)}).writable().abort(); }},
    };
    return all;
}

/// What happens to the callback while it waits.
enum class End { goesOn, rejected, neverSettles, removed, removesItself, loopGoes };

/// Fills the place, lets the callback begin, brings the end about, and then takes the place away.
std::string played(const Place& place, End end) {
    Scene scene;
    scene.removesItself = end == End::removesItself;
    {
        std::optional<EventLoop> loop(std::in_place, EventLoopOptions{.virtualTime = true});
        scene.loop = &*loop;
        loop->run([&] {
            globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
                if (scene.gate->promise.state() == PromiseState::rejected) scene.log("unhandled");
                event.preventDefault();
            });
            scene.gate.emplace(Promise<>::withResolvers());
            place.fill(scene, Body(scene));
        });
        if (end == End::removed) scene.takeAway();
        if (end == End::neverSettles) scene.gate.reset();
        if (end == End::rejected) scene.gate->reject(Error("no"));
        if (end == End::loopGoes) loop.reset();
        if (end == End::goesOn || end == End::removed || end == End::removesItself) scene.gate->resolve();
        if (loop) loop->run([] {});
        scene.log("end");
        if (const auto away = std::exchange(scene.remove, nullptr); away && (loop || place.traits == outlives)) away();
        scene.gate.reset();
    }
    return scene.log.text();
}

void playEverywhere(End end, const std::function<std::string(const Place&)>& expected) {
    CountingSource source;
    for (const Place& place : places()) {
        INFO(place.name);
        CHECK(played(place, end) == expected(place));
        CHECK(source.balance() == 0);
    }
}

bool keeps(const Place& place, unsigned traits) { return (place.traits & traits) == traits; }

}

TEST_CASE("wherever it was given a callback that is a coroutine keeps its captures until it has finished") {
    playEverywhere(End::goesOn, [](const Place& place) {
        return keeps(place, stays) ? "in out ~local end ~capture" : "in out ~local ~capture end";
    });
}

TEST_CASE("wherever it was given a callback that is a coroutine goes frame first when what it awaits never settles") {
    playEverywhere(End::neverSettles, [](const Place& place) {
        return keeps(place, stays) ? "in ~local end ~capture" : "in ~local ~capture end";
    });
}

TEST_CASE("wherever it was given a callback that is a coroutine goes frame first when the loop goes") {
    playEverywhere(End::loopGoes, [](const Place& place) {
        return keeps(place, outlives) ? "in ~local end ~capture" : "in ~local ~capture end";
    });
}

TEST_CASE("a callback that is a coroutine goes on when its place has been taken away while it waited") {
    playEverywhere(End::removed, [](const Place&) { return "in removed out ~local ~capture end"; });
}

TEST_CASE("a callback that is a coroutine may take its own place away and go on") {
    playEverywhere(End::removesItself, [](const Place&) { return "in removed out ~local ~capture end"; });
}

TEST_CASE("a callback that is a coroutine and is rejected is an unhandled rejection, and its captures go") {
    playEverywhere(End::rejected, [](const Place& place) {
        return keeps(place, stays) ? "in ~local unhandled end ~capture" : "in ~local ~capture unhandled end";
    });
}

TEST_CASE("a main function that is a coroutine goes frame first when what it awaits never settles") {
    CountingSource source;
    Scene scene;
    {
        EventLoop loop({.virtualTime = true});
        scene.gate.emplace(Promise<>::withResolvers());
        loop.post([&] { setTimeout([&] { scene.gate.reset(); }); });
        CHECK_THROWS_AS(loop.runUntilSettled(Body(scene)), Error);
        scene.log("end");
    }
    CHECK(scene.log == "in ~local ~capture end");
    CHECK(source.balance() == 0);
}

TEST_CASE("beats of an interval that overlap share one closure, which goes behind the last of them") {
    CountingSource source;
    Scene scene;
    {
        EventLoop loop({.virtualTime = true});
        TimerHandle id;
        int beats = 0;
        loop.run([&] {
            id = setInterval(
                [capture = Capture(scene), &beats, &id](int counter) -> Promise<> {
                    const Local local{capture.scene().log};
                    const int beat = ++beats;
                    capture.scene().log(beat, "begins", counter);
                    if (beat == 3) clearInterval(id);
                    co_await delay(25ms);
                    capture.scene().log(beat, capture.alive() ? "ends" : "DANGLES");
                },
                10, 7);
        });
    }
    CHECK(scene.log == "1begins7 2begins7 3begins7 1ends ~local 2ends ~local 3ends ~local ~capture");
    CHECK(source.balance() == 0);
}

TEST_CASE("what a callback that is a coroutine takes by reference lives until it has finished") {
    Journal log;
    EventLoop loop({.virtualTime = true});
    loop.run([&]() -> Promise<> {
        auto mapped = fromAsync(std::vector<int>{7, 8}, [](const int& value, const std::size_t& index) -> Promise<int> {
            co_await delay(1ms);
            co_return value * 10 + static_cast<int>(index);
        });
        const auto values = co_await std::move(mapped);
        log(values[0], '.', values[1]);
        auto walked = forAwait(std::vector<int>{9}, [&log](const int& value) -> Promise<bool> {
            co_await delay(1ms);
            log(value);
            co_return true;
        });
        co_await std::move(walked);
        auto timed = Promise<>([&log](const auto& resolve, const auto&) -> Promise<> {
            co_await delay(1ms);
            log("resolves");
            resolve();
        });
        co_await std::move(timed);
        AsyncDisposableStack stack;
        stack.adopt(5, [&log](const int& value) -> Promise<> {
            co_await delay(1ms);
            log(value);
        });
        auto disposed = stack.disposeAsync();
        co_await std::move(disposed);
    });
    CHECK(log == "70.81 9 resolves 5");
}

namespace {

/// A generator whose body uses what it has captured.
auto countsTo(Scene& scene, int end) {
    return [capture = Capture(scene), end]() -> AsyncGenerator<int> {
        for (int i = 1; i <= end && capture.alive(); ++i) co_yield i;
    };
}

}

TEST_CASE("wherever it was given a callback that is a generator is kept as long as its body may run") {
    CountingSource source;
    Scene scene;
    {
        EventLoop loop({.virtualTime = true});
        loop.run([&] {
            const auto walk = [&](AsyncGenerator<int>&& generator) {
                return forAwait(std::move(generator), [&](int number) { scene.log(number); });
            };
            async([&scene, walk]() -> Promise<> {
                auto handled = Promise<>::resolve().then(countsTo(scene, 1));
                auto a = co_await std::move(handled);
                co_await walk(std::move(a));
                auto caught = Promise<AsyncGenerator<int>>::reject(Error("x"))
                                  .catch_([make = countsTo(scene, 2)](const Error&) -> AsyncGenerator<int> {
                                      co_yield elementsOf(make());
                                  });
                auto b = co_await std::move(caught);
                co_await walk(std::move(b));
                auto tried = Promise<>::try_(countsTo(scene, 3));
                auto c = co_await std::move(tried);
                co_await walk(std::move(c));
                auto mapped =
                    fromAsync(std::vector<int>{4}, [capture = Capture(scene)](int value) -> AsyncGenerator<int> {
                        if (capture.alive()) co_yield value;
                    });
                auto all = co_await std::move(mapped);
                co_await walk(std::move(all.at(0)));
                all.clear();
                EventTarget target;
                auto events = eventsOf(target, "go", countsTo(scene, 1));
                target.dispatchEvent(Event("go"));
                events.return_();
                auto step = co_await events.next();
                co_await walk(std::move(*step));
                scene.log("end");
            });
        });
    }
    CHECK(scene.log == "1 ~capture 1 2 ~capture 1 2 3 ~capture 4 ~capture 1 ~capture end");
    CHECK(source.balance() == 0);
}

TEST_CASE("a posted function may return a promise without being a coroutine") {
    Counted::reset();
    Journal log;
    EventLoop loop({.virtualTime = true});
    auto r = Promise<>::withResolvers();
    const Promise<> kept = r.promise;
    loop.post([&, c = Counted()]() -> const Promise<>& {
        log("called");
        return kept;
    });
    loop.run([] {});
    log(Counted::alive);
    r.resolve();
    loop.run([] {});
    log(Counted::alive);
    CHECK(log == "called 1 0");
}
