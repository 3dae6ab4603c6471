// SPDX-License-Identifier: MIT

// Values and reasons whose copies do what they should not: they settle what they are made for, or let it go.

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/played.hpp"

#include <rondo/rondo.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace rondo;

namespace {

/// What is done while the next `Meddler` is copied.
thread_local std::function<void()> deed;

struct Meddler {
    explicit Meddler(int number) : value(number) {}
    Meddler(const Meddler& other) : value(other.value) {
        if (deed) std::exchange(deed, nullptr)();
    }
    Meddler& operator=(const Meddler&) = default;

    Counted value;
};

struct Thenable42 {
    Thenable42() = default;
    Thenable42(const Thenable42&) {
        if (deed) std::exchange(deed, nullptr)();
    }
    void then(const promise::Resolve<Meddler>& resolve, const promise::Reject<Meddler>&) { resolve(Meddler(42)); }
};

struct Boom {};

using Resolvers = PromiseWithResolvers<Meddler>;
using Settler = std::optional<Completion<Meddler>>;
using Numbers = AsyncGenerator<int, Meddler>;

/// What `play` has written; all that was to be done must have been done.
std::string meddled(const std::function<void(Journal&)>& play) {
    std::string text = played(play);
    CHECK_FALSE(deed);
    deed = nullptr;
    return text;
}

void note(Journal& log, const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const Meddler& meddler) {
        log("rejected:", meddler.value.value);
    } catch (const Boom&) {
        log("boom");
    } catch (...) {
        log(base::describe(reason));
    }
}

/// Writes down how it is settled.
template <class Promised>
void watch(Journal& log, const Promised& promised) {
    promised.then([&log](const Meddler& m) { log("fulfilled:", m.value.value); },
                  [&log](std::exception_ptr reason) { note(log, reason); });
}

template <class F>
void attempt(Journal& log, F&& f) {
    try {
        f();
    } catch (const Boom&) {
        log("threw");
    }
}

}

TEST_CASE("a reason that resolves its own promise while it is copied does not lie over the value") {
    CHECK(meddled([](Journal& log) {
              const Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              deed = [&, value = Meddler(1)] { r.resolve(value); };
              r.reject(Meddler(2));
          }) == "rejected:2 end");
}

TEST_CASE("a reason may drop the last resolving function while it is copied") {
    CHECK(meddled([](Journal& log) {
              Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              auto reject = std::make_unique<promise::Reject<Meddler>>(std::move(r.reject));
              r = Promise<Meddler>::withResolvers();
              deed = [&] { reject.reset(); };
              (*reject)(Meddler(1));
              log(reject == nullptr);
          }) == "true rejected:1 end");
}

TEST_CASE("a value may drop the last resolving function and the promise while it is copied") {
    CHECK(meddled([](Journal& log) {
              for (const bool throws : {false, true}) {
                  Resolvers r = Promise<Meddler>::withResolvers();
                  if (!throws) watch(log, r.promise);
                  auto resolve = std::make_unique<promise::Resolve<Meddler>>(std::move(r.resolve));
                  r = Promise<Meddler>::withResolvers();
                  deed = [&] {
                      resolve.reset();
                      if (throws) throw Boom();
                  };
                  attempt(log, [&] { (*resolve)(Meddler(1)); });
              }
          }) == "threw fulfilled:1 end");
}

TEST_CASE("a value that settles its own promise while it is copied does not count") {
    CHECK(meddled([](Journal& log) {
              const Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              deed = [&] {
                  r.resolve(Meddler(1));
                  r.reject(Meddler(2));
                  r.resolve(r.promise);
              };
              r.resolve(Meddler(3));
          }) == "fulfilled:3 end");
}

TEST_CASE("a value that settles its own promise and then throws leaves it unresolved") {
    CHECK(meddled([](Journal& log) {
              const Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              deed = [&] {
                  r.reject(Meddler(1));
                  throw Boom();
              };
              attempt(log, [&] { r.resolve(Meddler(2)); });
              log(r.promise.state() == PromiseState::pending);
              r.resolve(Meddler(3));
          }) == "threw true fulfilled:3 end");
}

TEST_CASE("a value or a reason may end the loop of its promise while it is copied") {
    CountingSource source;
    Counted::reset();
    for (const bool rejects : {false, true}) {
        std::optional<EventLoop> loop(std::in_place, EventLoopOptions{.virtualTime = true});
        Journal log;
        const Resolvers r = Promise<Meddler>::withResolvers();
        watch(log, r.promise);
        deed = [&] { loop.reset(); };
        rejects ? r.reject(Meddler(1)) : r.resolve(Meddler(1));
        CHECK_FALSE(loop);
        CHECK(r.promise.state() == PromiseState::pending);
        CHECK(log == "");
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
}

TEST_CASE("a thenable that settles its own promise while it is copied does not count") {
    CHECK(meddled([](Journal& log) {
              const Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              const Thenable42 thenable;
              deed = [&] {
                  r.resolve(Meddler(1));
                  throw Boom();
              };
              attempt(log, [&] { r.resolve(thenable); });
              deed = [&] { r.resolve(Meddler(1)); };
              r.resolve(thenable);
          }) == "threw fulfilled:42 end");
}

TEST_CASE("a thenable may drop the last resolving function while it is copied") {
    CHECK(meddled([](Journal& log) {
              Resolvers r = Promise<Meddler>::withResolvers();
              watch(log, r.promise);
              auto resolve = std::make_unique<promise::Resolve<Meddler>>(std::move(r.resolve));
              r = Promise<Meddler>::withResolvers();
              deed = [&] { resolve.reset(); };
              (*resolve)(static_cast<const Thenable42&>(Thenable42()));
          }) == "fulfilled:42 end");
}

TEST_CASE("a value that settles its own Completion while it is copied does not count") {
    CHECK(meddled([](Journal& log) {
              Settler settler(std::in_place);
              watch(log, settler->promise());
              deed = [&] { settler->reject(Meddler(1)); };
              settler->resolve(Meddler(2));
          }) == "fulfilled:2 end");
}

TEST_CASE("a reason that settles its own Completion while it is copied does not count") {
    CHECK(meddled([](Journal& log) {
              Settler settler(std::in_place);
              watch(log, settler->promise());
              deed = [&, value = Meddler(1)] { settler->resolve(value); };
              settler->reject(Meddler(2));
          }) == "rejected:2 end");
}

TEST_CASE("a value or a reason may move its Completion elsewhere or destroy it while it is copied") {
    CHECK(meddled([](Journal& log) {
              for (const bool rejects : {false, true}) {
                  for (const bool moves : {false, true}) {
                      Settler settler(std::in_place);
                      Settler other;
                      watch(log, settler->promise());
                      deed = [&] {
                          if (moves) other.emplace(std::move(*settler));
                          settler.reset();
                      };
                      rejects ? settler->reject(Meddler(1)) : settler->resolve(Meddler(2));
                      if (other) other->resolve(Meddler(3));
                  }
              }
          }) == "fulfilled:2 fulfilled:2 rejected:1 rejected:1 end");
}

TEST_CASE("a value that settles its own Completion and then throws leaves it unsettled") {
    CHECK(meddled([](Journal& log) {
              Settler settler(std::in_place);
              watch(log, settler->promise());
              deed = [&] {
                  settler->reject(Meddler(1));
                  throw Boom();
              };
              attempt(log, [&] { settler->resolve(Meddler(2)); });
              settler->resolve(Meddler(3));
          }) == "threw fulfilled:3 end");
}

TEST_CASE("a value that puts another Completion in the place of its own and then throws abandons its promise") {
    CHECK(meddled([](Journal& log) {
              Completion<Meddler> settler;
              watch(log, settler.promise());
              deed = [&] {
                  settler = Completion<Meddler>();
                  throw Boom();
              };
              attempt(log, [&] { settler.resolve(Meddler(1)); });
              watch(log, settler.promise());
              settler.resolve(Meddler(2));
          }) == "threw fulfilled:2 end");
}

TEST_CASE("a signal whose controller goes while the reason is copied is never aborted") {
    CHECK(meddled([](Journal& log) {
              std::optional<AbortController> controller(std::in_place);
              const AbortSignal dependent = AbortSignal::any(controller->signal());
              const AbortSignal signal = controller->signal();
              signal.addEventListener("abort", [&] { log("ABORT"); });
              dependent.addEventListener("abort", [&] { log("ABORT"); });
              deed = [&] { controller.reset(); };
              controller->abort(Meddler(1));
              log(signal.aborted(), dependent.aborted());

              std::optional<AbortController> alone(std::in_place); // nobody but it holds its signal
              deed = [&] { alone.reset(); };
              alone->abort(Meddler(1));
          }) == "falsefalse end");
}

TEST_CASE("a reason may move the controller elsewhere or abort it while it is copied") {
    CHECK(meddled([](Journal& log) {
              for (const bool moves : {false, true}) {
                  AbortController controller;
                  std::optional<AbortController> other;
                  const AbortSignal signal = controller.signal();
                  signal.addEventListener("abort", [&] { note(log, signal.reason()); });
                  deed = [&] { moves ? void(other.emplace(std::move(controller))) : controller.abort(Meddler(1)); };
                  controller.abort(Meddler(2));
              }
          }) == "rejected:1 rejected:2 end");
}

TEST_CASE("a reason or a value may drop the last handle on a generator while it is copied") {
    CHECK(meddled([](Journal& log) {
              const auto numbers = [](Journal& journal) -> Numbers {
                  const Counted counted;
                  journal("BODY");
                  co_yield 1;
                  co_return Meddler(0);
              };
              for (const bool throws : {false, true}) {
                  std::optional<Numbers> generator(numbers(log));
                  deed = [&] { generator.reset(); };
                  auto step = throws ? generator->throw_(Meddler(1)) : generator->return_(Meddler(2));
                  log(generator.has_value());
                  step.then([&](const Numbers::Step& s) { log("returned:", s.returned()->value.value); },
                            [&](std::exception_ptr reason) { note(log, reason); });
              }
              std::optional<Numbers> generator(numbers(log));
              deed = [&] {
                  generator.reset();
                  throw Boom();
              };
              attempt(log, [&] { generator->return_(Meddler(3)); });
          }) == "false false threw rejected:1 returned:2 end");
}
