// SPDX-License-Identifier: MIT

// Callbacks that destroy what calls them, and destructors that call back into what destroys them.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/journal.hpp"
#include "support/last_words.hpp"
#include "support/played.hpp"
#include "support/turn.hpp"

#include <rondo/rondo.hpp>

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

/// A class that lives on the heap and is a target.
class Button final : public EventTarget {
public:
    explicit Button(Journal& log) : log_(log) {}
    ~Button() override { log_("~", name_); }

    void deleteInListener() {
        addEventListener("click", [this, c = Counted()] {
            delete this;
            static_cast<void>(c.value);
        });
        addEventListener("click", [this, c = Counted()] { log_("NEXT"); });
    }

private:
    Journal& log_;
    std::string name_ = "a name that is too long to lie in the string itself";
};

}

TEST_CASE("a class derived from EventTarget may delete itself in its own listener") {
    CHECK(played([](Journal& log) {
              auto* button = new Button(log);
              button->deleteInListener();
              Event event("click", {.bubbles = true});
              button->dispatchEvent(event);
              log(event.target() == nullptr, event.currentTarget() == nullptr);
          }) == "~a name that is too long to lie in the string itself truetrue end");
}

TEST_CASE("a target may be destroyed from within a dispatch inside of its dispatch") {
    CHECK(played([](Journal& log) {
              std::optional<EventTarget> target(std::in_place);
              target->addEventListener("outer", [&, c = Counted()] {
                  log("outer");
                  target->dispatchEvent(Event("inner"));
                  log(c.value);
              });
              target->addEventListener("inner", [&, c = Counted(7)] {
                  target.reset();
                  log(c.value);
              });
              target->addEventListener("inner", [&] { log("NEXT"); });
              target->addEventListener("outer", [&] { log("NEXT"); });
              target->dispatchEvent(Event("outer"));
          }) == "outer 7 0 end");
}

TEST_CASE("a capture may dispatch at its target and put another in its place when its handler is taken away") {
    CHECK(played([](Journal& log) {
              EventTarget target;
              target.addEventListener("x", [&] { log("x"); });
              target.eventHandler("go", [&, end = AtEnd([&] {
                                                log(target.eventHandler("go") ? "STILL SET" : "~");
                                                target.dispatchEvent(Event("go"));
                                                target.dispatchEvent(Event("x"));
                                                target.eventHandler("go", [&] { log("another"); });
                                            })] { log("REMOVED"); });
              target.eventHandler("go", nullptr);
              target.dispatchEvent(Event("go"));
          }) == "~ x another end");
}

TEST_CASE("a capture may destroy its target when its listener is removed") {
    CHECK(played([](Journal& log) {
              auto target = std::make_unique<EventTarget>();
              target->addEventListener("other", [c = Counted()] {});
              AbortController controller;
              target->addEventListener("go", [end = AtEnd([&] {
                                                  target.reset();
                                                  log("~target");
                                              })] {},
                                       {.signal = controller.signal()});
              controller.abort();
              log(target == nullptr);
          }) == "~target true end");
}

TEST_CASE("a capture may destroy its target when a listener that is called once has returned") {
    CHECK(played([](Journal& log) {
              auto target = std::make_unique<EventTarget>();
              target->addEventListener("go", [&log, end = AtEnd([&] { target.reset(); })] { log("go"); },
                                       {.once = true});
              target->addEventListener("go", [&log, c = Counted()] { log("NEXT"); });
              target->dispatchEvent(Event("go"));
              log(target == nullptr);
          }) == "go true end");
}

TEST_CASE("captures that add listeners while their target is destroyed are destroyed with it") {
    CHECK(played([](Journal& log) {
              auto target = std::make_unique<EventTarget>();
              EventTarget* const address = target.get();
              target->addEventListener("go", [end = AtEnd([&log, address] {
                                                  address->addEventListener("go", [&log, c = Counted()] { log("NO"); });
                                                  address->dispatchEvent(Event("go"));
                                                  log("~");
                                              })] {});
              target->addEventListener("go", [&log, c = Counted()] { log("still there"); });
              target.reset();
          }) == "still there NO ~ end");
}

TEST_CASE("controller and signals may go in a listener of the abort and the rest is told") {
    CHECK(played([](Journal& log) {
              std::optional<AbortController> controller(std::in_place);
              std::optional<AbortSignal> signal(controller->signal());
              std::optional<AbortSignal> dependent(AbortSignal::any(*signal));
              dependent->addEventListener("abort", [&, c = Counted()] { log("dependent"); });
              signal->addEventListener("abort", [&, c = Counted(5)] {
                  controller.reset();
                  signal.reset();
                  dependent.reset();
                  log(c.value);
              });
              signal->addEventListener("abort", [&, c = Counted()] { log("second"); });
              delay(1h, {.signal = *signal}).catch_([&log] { log("delay"); });
              controller->abort();
              log("aborted");
          }) == "5 second dependent aborted delay end");
}

TEST_CASE("a controller may be assigned to in a listener of its abort") {
    CHECK(played([](Journal& log) {
              AbortController controller;
              controller.signal().addEventListener("abort", [&, c = Counted(1)] {
                  controller = AbortController();
                  controller.signal().addEventListener("abort", [&log, d = Counted(2)] { log(d.value); });
                  controller.abort();
                  log(c.value);
              });
              controller.abort();
          }) == "2 1 end");
}

TEST_CASE("a capture may abort its own signal when that lets its listeners go") {
    CHECK(played([](Journal& log) {
              const auto controller = std::make_shared<AbortController>();
              controller->signal().addEventListener("abort", [&log, end = AtEnd([&log, controller] {
                                                                        controller->abort();
                                                                        log("~");
                                                                    })] { log("aborted"); });
              controller->abort();
          }) == "aborted ~ end");
}

TEST_CASE("the last handle of a signal may go in a listener and the others are still called") {
    CHECK(played([](Journal& log) {
              std::optional<AbortSignal> signal(AbortController().signal());
              signal->addEventListener("go", [&, c = Counted(3)] {
                  signal.reset();
                  log(c.value);
              });
              signal->addEventListener("go", [&log] { log("next"); });
              signal->dispatchEvent(Event("go"));
          }) == "3 next end");
}

TEST_CASE("a capture may clear its own timer and set another when it is cleared or has run") {
    CHECK(played([](Journal& log) {
              struct Ids {
                  TimerHandle cleared, ran, beats;
              };
              const auto ids = std::make_shared<Ids>();
              ids->cleared = setTimeout([end = AtEnd([ids, &log] {
                                             clearTimeout(ids->cleared);
                                             log("~cleared");
                                             setTimeout([&log] { log("another"); }, 1);
                                         })] {},
                                        5);
              clearTimeout(ids->cleared);
              ids->beats = setInterval([&log, end = AtEnd([ids, &log] {
                                                  clearInterval(ids->beats);
                                                  log("~beats");
                                              })] { log("beat"); },
                                       2);
              ids->ran = setTimeout([&log, end = AtEnd([ids, &log] {
                                               log("~ran");
                                               clearTimeout(ids->ran);
                                               clearTimeout(ids->beats);
                                           })] { log("ran"); },
                                    3);
          }) == "~cleared another beat ran ~ran ~beats end");
}

TEST_CASE("a handler may drop the last handle of its own promise and of the one before") {
    CHECK(played([](Journal& log) {
              struct Chain {
                  std::optional<Promise<Counted>> first;
                  std::optional<Promise<>> second;
              };
              const auto chain = std::make_shared<Chain>();
              chain->first = Promise<Counted>::resolve(Counted(4));
              chain->second = chain->first->then([chain, &log](const Counted& value) {
                  chain->second.reset();
                  chain->first.reset();
                  log(value.value); // the reaction keeps it
              });
          }) == "4 end");
}

TEST_CASE("an async function may drop the last handle of its own promise before and behind an await") {
    CHECK(played([](Journal& log) {
              const auto own = std::make_shared<std::optional<Promise<int>>>();
              own->emplace([](auto holder, Journal& journal) -> Promise<int> {
                  const Counted local(1);
                  co_await Promise<>::resolve();
                  holder->reset();
                  co_await Promise<>::resolve();
                  journal(local.value);
                  co_return 1;
              }(own, log));
          }) == "1 end");
}

namespace {

/// A thenable that keeps the functions it was given.
template <class T>
struct KeepsFunctions {
    using value_type = T;
    struct Functions {
        std::optional<promise::Resolve<T>> resolve;
        std::optional<promise::Reject<T>> reject;
    };
    void then(promise::Resolve<T> resolve, promise::Reject<T> reject) {
        kept->resolve = std::move(resolve);
        kept->reject = std::move(reject);
    }
    std::shared_ptr<Functions> kept;
};

}

TEST_CASE("resolve may destroy the closure that holds it") {
    for (const bool fulfills : {true, false}) {
        CHECK(played([fulfills](Journal& log) {
                  using Held = KeepsFunctions<std::string>;
                  std::weak_ptr<Held::Functions> functions;
                  {
                      auto kept = std::make_shared<Held::Functions>();
                      functions = kept;
                      // the handler owns them, and goes when they settle what it returned
                      Promise<>::resolve()
                          .then([kept = std::move(kept), c = Counted()]() mutable {
                              Held thenable{kept};
                              thenable.kept = std::shared_ptr<Held::Functions>(kept.get(), [](auto*) {});
                              return thenable;
                          })
                          .then([&log](const std::string& text) { log(text); }, [&log] { log("rejected"); });
                  }
                  setTimeout(
                      [functions, fulfills, &log] {
                          Held::Functions* const address = functions.lock().get();
                          const std::string text = "a text that is too long to lie in the string itself";
                          fulfills ? (*address->resolve)(text) : (*address->reject)(Error("no"));
                          log(functions.expired());
                      },
                      1);
              }) == (fulfills ? "true a text that is too long to lie in the string itself end" : "true rejected end"));
    }
}

TEST_CASE("a capture may settle its own promise when its handler goes") {
    CHECK(played([](Journal& log) {
              auto r = Promise<int>::withResolvers();
              r.promise.then([&log](int value) { log(value); });
              auto never = Promise<>::withResolvers();
              // dropped when nobody can settle it: that settles the other
              never.promise.then([end = AtEnd([resolve = r.resolve] { resolve(3); })] {});
          }) == "3 end");
}

TEST_CASE("a value may ask its promise and settle others while it is destroyed") {
    CHECK(played([](Journal& log) {
              auto other = Promise<>::withResolvers();
              other.promise.then([&log] { log("other"); });
              {
                  auto value = Promise<>::resolve(AtEnd([resolve = other.resolve, &log] {
                      resolve();
                      log("~value");
                  }));
              }
              log("gone");
          }) == "~value gone other end");
}

namespace {

/// Lets go of the generator it is given at one of the steps of its body.
AsyncGenerator<int> dropsItself(std::shared_ptr<std::optional<AsyncGenerator<int>>> own, int step, Journal& log) {
    const AtEnd local([&log] { log("~local"); });
    if (step == 0) own->reset();
    log("begun");
    co_yield 1;
    if (step == 1) own->reset();
    co_await Promise<>::resolve();
    if (step == 2) own->reset();
    log("awaited");
    co_yield 2;
}

std::string playedDropping(int step) {
    return played([step](Journal& log) {
        const auto own = std::make_shared<std::optional<AsyncGenerator<int>>>();
        own->emplace(dropsItself(own, step, log));
        const auto answer = [&log](const IteratorResult<int>& result) { log(result ? *result : -1); };
        (*own)->next().then(answer);
        if (*own) (*own)->next().then(answer);
    });
}

}

TEST_CASE("a generator's body may drop the last handle of its generator wherever it is") {
    CHECK(playedDropping(0) == "begun ~local 1 end");
    CHECK(playedDropping(1) == "begun 1 awaited ~local 2 end");
    CHECK(playedDropping(2) == "begun 1 awaited ~local 2 end");
}

TEST_CASE("a generator's body may drop the last handle in a next that is asked for inside of it") {
    CHECK(played([](Journal& log) {
              const auto outer = std::make_shared<std::optional<AsyncGenerator<int>>>();
              const auto inner = std::make_shared<std::optional<AsyncGenerator<int>>>();
              inner->emplace(async([outer, inner, &log, c = Counted(8)]() -> AsyncGenerator<int> {
                  outer->reset();
                  inner->reset();
                  log("inner", c.value);
                  co_yield c.value;
              }));
              outer->emplace(async([inner, &log, c = Counted(9)]() -> AsyncGenerator<int> {
                  const Counted local;
                  auto asked = (*inner)->next();
                  auto step = co_await asked;
                  log("outer", c.value, *step);
                  co_yield c.value;
              }));
              (*outer)->next().then([&log](const auto& step) { log(*step); });
          }) == "inner8 outer98 9 end");
}

TEST_CASE("a value that was yielded may ask for more and drop the generator when it is destroyed") {
    struct Greedy {
        explicit Greedy(std::shared_ptr<AsyncGenerator<Greedy>> of) : generator(std::move(of)) {}
        Greedy(Greedy&&) = default;
        Greedy& operator=(Greedy&&) = default;
        ~Greedy() {
            if (!generator) return;
            generator->next();
            *generator = {};
        }
        std::shared_ptr<AsyncGenerator<Greedy>> generator;
    };
    CHECK(played([](Journal& log) {
              const auto generator = std::make_shared<AsyncGenerator<Greedy>>();
              *generator = async([weak = std::weak_ptr(generator), &log]() -> AsyncGenerator<Greedy> {
                  const AtEnd local([&log] { log("~local"); });
                  auto first = Greedy(weak.lock());
                  co_yield std::move(first);
                  log("asked");
                  co_await Promise<>::resolve();
                  log("behind");
              });
              generator->next();
          }) == "asked behind ~local end");
}

TEST_CASE("an inner generator may drop the last handle of the one that delegates to it") {
    CHECK(played([](Journal& log) {
              const auto outer = std::make_shared<AsyncGenerator<int>>();
              const auto inner = async([outer, &log, c = Counted(5)]() -> AsyncGenerator<int> {
                  const AtEnd local([&log] { log("~inner"); });
                  co_yield 1;
                  *outer = {};
                  co_await Promise<>::resolve();
                  co_yield 2;
                  log("NOT ASKED FOR", c.value);
              });
              *outer = async([keeps = inner.share(), &log, c = Counted(6)]() -> AsyncGenerator<int> {
                  const AtEnd local([&log] { log("~outer"); });
                  co_yield elementsOf(keeps);
                  log("NOT ASKED FOR", c.value);
              });
              const auto answer = [&log](const IteratorResult<int>& step) { log(*step); };
              const auto first = outer->next();
              const auto second = outer->next();
              first.then(answer);
              second.then(answer);
          }) == "1 ~outer ~inner 2 end");
}

TEST_CASE("a variable of a body may close its generator and drop the last handle when it is destroyed") {
    CHECK(played([](Journal& log) {
              const auto generator = std::make_shared<AsyncGenerator<int>>();
              *generator = async([weak = std::weak_ptr(generator), &log]() -> AsyncGenerator<int> {
                  const AtEnd local([weak, &log] {
                      log("~local");
                      if (const auto own = weak.lock()) {
                          own->return_().then([&log](const auto& step) { log("returned", step.done()); });
                          *own = {};
                      }
                  });
                  co_yield 1;
              });
              generator->next();
              generator->throw_(Error("no")).catch_([&log](const Error& error) {
                  log(error.message());
                  return IteratorResult<int>::finished();
              });
              setTimeout([generator] {}, 1);
          }) == "~local no returnedtrue end");
}

TEST_CASE("a capture may stop its own signal handler and begin another when it is stopped") {
    CHECK(played([](Journal& log) {
              const auto handle = std::make_shared<SignalHandle>();
              *handle = onSignal(SIGUSR2, [&log, end = AtEnd([handle, &log] {
                                                     handle->stop();
                                                     log("~handler");
                                                     onSignal(SIGUSR2, [c = Counted()] {}).unref();
                                                 })] { log("NOT SENT"); });
              handle->stop();
              const auto own = std::make_shared<SignalHandle>();
              *own = onSignal(SIGUSR1, [own, &log, c = Counted(4)] {
                  own->stop();
                  log(c.value);
              });
              std::raise(SIGUSR1);
          }) == "~handler 4 end");
}

TEST_CASE("a Completion may be destroyed by the listener of its own abort and by the handler of its promise") {
    CHECK(played([](Journal& log) {
              AbortController controller;
              const auto completion = std::make_shared<std::optional<Completion<int>>>();
              controller.signal().addEventListener("abort", [completion] { completion->reset(); });
              completion->emplace(CompletionOptions{.signal = controller.signal()});
              (*completion)->promise().catch_([&log, completion](const Error& error) {
                  completion->reset();
                  log(error.name());
                  return 0;
              });
              controller.abort();
              const auto settled = std::make_shared<std::optional<Completion<int>>>(std::in_place);
              (*settled)->promise().then([settled, &log](int value) {
                  settled->reset();
                  log(value);
              });
              (*settled)->resolve(3);
          }) == "AbortError 3 end");
}

TEST_CASE("the function of eventsOf may destroy its own iterator") {
    CHECK(played([](Journal& log) {
              EventTarget target;
              using Iterator = EventIterator<int>;
              std::optional<Iterator> iterator;
              iterator.emplace(eventsOf(target, "go", [&, c = Counted(2)] {
                  iterator.reset();
                  log(c.value);
                  return c.value;
              }));
              iterator->next().then([&log](const auto& step) { log(step.done()); });
              target.dispatchEvent(Event("go"));
              target.dispatchEvent(Event("go"));
          }) == "2 true end");
}

TEST_CASE("a stack may be destroyed and assigned to by what it disposes of") {
    CHECK(played([](Journal& log) {
              const auto stack = std::make_shared<std::optional<AsyncDisposableStack>>(std::in_place);
              (*stack)->defer([&log, c = Counted(1)] { log("last", c.value); });
              (*stack)->defer([stack, &log, c = Counted(2)]() -> Promise<> {
                  **stack = AsyncDisposableStack();
                  co_await Promise<>::resolve();
                  stack->reset();
                  log("first", c.value);
              });
              (*stack)->disposeAsync().then([&log] { log("done"); });
          }) == "first2 last1 done end");
}

TEST_CASE("what is put on a stack while that is destroyed is destroyed with it") {
    CHECK(played([](Journal& log) {
              auto stack = std::make_unique<AsyncDisposableStack>();
              AsyncDisposableStack* const address = stack.get();
              stack->adopt(1, [end = AtEnd([&log, address] {
                                   address->defer([c = Counted()] {});
                                   address->defer([inner = AtEnd([&log] { log("~deferred"); })] {});
                                   log("~adopted");
                               })](int) {});
              stack.reset();
          }) == "~adopted ~deferred end");
}

TEST_CASE("a pool may be shut down on its loop by what has come home from it") {
    ThreadPool pool({.threads = 1});
    CountingSource source;
    Journal log;
    {
        EventLoop loop({.virtualTime = true, .pool = &pool});
        loop.run([&] {
            offload([] { return 1; }).then([&](int value) {
                auto waits = offload([] { return 2; });
                pool.shutdown(QueuedJobs::finish);
                log(value);
                waits.then([&log](int late) { log(late); });
                offload([] { return 3; }).catch_([&log](const DOMException& error) {
                    log(error.name());
                    return 0;
                });
            });
        });
    }
    CHECK(log == "1 2 InvalidStateError");
    CHECK(source.balance() == 0);
}

TEST_CASE("a loop may be destroyed by what a task posted on its own thread wakes") {
    Counted::reset();
    std::optional<EventLoop> loop(std::in_place, EventLoopOptions{.virtualTime = true});
    int woken = 0;
    loop->onWake([&, c = Counted()] {
        loop.reset();
        ++woken;
    });
    loop->poll(); // falls asleep
    loop->post([c = Counted()] {});
    CHECK(woken == 1);
    CHECK(Counted::alive == 0);
}

#ifndef NDEBUG

namespace {

constexpr const char* inItsCallback = "an EventLoop must not be destroyed by one of its callbacks";

/// The last words of a process whose loop is destroyed by what `begin(loop, destroy)` lets the loop call.
std::string destroying(const std::function<void(EventLoop&, const std::function<void()>&)>& begin) {
    return lastWords([&] {
        std::optional<EventLoop> loop(std::in_place, EventLoopOptions{.virtualTime = true});
        begin(*loop, [&] { loop.reset(); });
    });
}

}

TEST_CASE("a loop that one of its callbacks destroys says so") {
    using Catch::Matchers::ContainsSubstring;
    const auto refused = ContainsSubstring(inItsCallback);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) { loop.run(destroy); }), refused);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
                   loop.queueMicrotask(destroy);
                   loop.poll();
               }),
               refused);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
                   setTimeout(destroy, 1);
                   loop.run([] {});
               }),
               refused);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
                   loop.post([=] {
                       EventTarget target;
                       target.addEventListener("go", destroy);
                       target.dispatchEvent(Event("go"));
                   });
                   loop.poll();
               }),
               refused);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
                   loop.run([=] {
                       async([destroy]() -> Promise<> {
                           const AtEnd local(destroy);
                           co_await Promise<>([](auto, auto) {}); // is collected
                       });
                   });
               }),
               refused);
    CHECK_THAT(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
                   globalThis.onerror(destroy);
                   loop.run([] { throw Error("x"); });
               }),
               refused);
}

TEST_CASE("a loop that is destroyed by what a task posted on another thread wakes says so") {
    CHECK(destroying([](EventLoop& loop, const std::function<void()>& destroy) {
              loop.onWake(destroy);
              loop.poll();
              std::thread([&] { loop.post([] {}); }).join();
          }).find("an EventLoop is destroyed on the thread that made it") != std::string::npos);
}

TEST_CASE("a loop that is destroyed by what it destroys says so") {
    CHECK(lastWords([] {
              auto* const loop = new EventLoop({.virtualTime = true});
              setTimeout([end = AtEnd([loop] { delete loop; })] {}, 1);
              delete loop;
          }).find("an EventLoop is destroyed by something that it destroys") != std::string::npos);
}

TEST_CASE("a loop that is destroyed by a function that runs outside of it says so") {
    CHECK(destroying([](EventLoop&, const std::function<void()>& destroy) {
              [](auto end) -> Promise<> {
                  end();
                  co_await Promise<>::resolve();
              }(destroy);
          }).find("an EventLoop is destroyed by an async function of its own that still runs") != std::string::npos);
    CHECK(destroying([](EventLoop&, const std::function<void()>& destroy) {
              const auto generator = [](auto end) -> AsyncGenerator<int> {
                  end();
                  co_yield 1;
              }(destroy);
              generator.next();
          }).find("an EventLoop is destroyed by an async function of its own that still runs") != std::string::npos);
}

TEST_CASE("an event that one of its listeners destroys says so") {
    CHECK(lastWords([] {
              EventTarget target;
              auto event = std::make_unique<Event>("go");
              target.addEventListener("go", [&] { event.reset(); });
              target.dispatchEvent(*event);
          }).find("an Event is destroyed by one of its listeners") != std::string::npos);
}

TEST_CASE("a pool that one of its jobs destroys says so") {
    CHECK(lastWords([] {
              auto pool = std::make_unique<ThreadPool>(ThreadPoolOptions{.threads = 1});
              Gate gate;
              pool->post([&] { pool.reset(); });
              gate.wait(); // for ever
          }).find("a pool must not be shut down by one of its jobs") != std::string::npos);
}

#endif
