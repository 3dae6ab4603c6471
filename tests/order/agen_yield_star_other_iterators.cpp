// SPDX-License-Identifier: MIT

// Iterators that have no throw_(), or no return_() either: how many ticks each request takes, and how it ends.

#include <rondo/rondo.hpp>

#include <exception>
#include <string>

using namespace rondo;

namespace {

using Step = IteratorResult<int>;

struct Bare {
    Promise<Step> next() { return Promise<>::resolve(Step::yielded(1)); }
};
struct Closing : Bare {
    Promise<Step> return_() {
        console.log("closed");
        return Promise<>::resolve(Step::finished());
    }
};

template <class Iterator>
AsyncGenerator<int> through(Iterator iterator) {
    co_yield elementsOf(iterator);
}

template <class Iterator, class Ask>
Promise<> ticks(const char* name, Iterator iterator, Ask ask) {
    auto g = through(iterator);
    co_await g.next();
    int n = 0;
    std::string end;
    ask(g).then([&](const Step& r) { end = r.done() ? "done" : "value"; },
                [&](const Error& e) -> void { end = e.name(); });
    while (end.empty()) {
        co_await Promise<>::resolve();
        n++;
    }
    console.log(name, n, end);
}

Promise<> script() {
    using G = AsyncGenerator<int>;
    co_await ticks("bare, next", Bare(), [](G& g) { return g.next(); });
    co_await ticks("bare, return", Bare(), [](G& g) { return g.return_(); });
    co_await ticks("bare, throw", Bare(), [](G& g) { return g.throw_(Error("in")); });
    co_await ticks("closing, return", Closing(), [](G& g) { return g.return_(); });
    co_await ticks("closing, throw", Closing(), [](G& g) { return g.throw_(Error("in")); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
