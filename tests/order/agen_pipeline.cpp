// SPDX-License-Identifier: MIT

// Generators that consume each other, and are closed from the last to the first.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

using Numbers = AsyncGenerator<int>;

struct AtEnd {
    const char* text;
    ~AtEnd() { console.log(text); }
};

Numbers nums() {
    const AtEnd closed{"nums closed"};
    for (int i = 0;; ++i) {
        console.log("gen", i);
        co_yield i;
    }
}

// A `yield` cannot stand in the function given to forAwait, so these are the loop in full: what leaves it closes `s`.
template <class F>
Numbers filter(Numbers s, F f) {
    std::exception_ptr thrown;
    try {
        while (auto x = co_await s.next()) {
            if (f(*x)) co_yield *x;
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) co_await s.return_();
    console.log("filter closed");
    if (thrown) std::rethrow_exception(thrown);
}

template <class F>
Numbers map(Numbers s, F f) {
    std::exception_ptr thrown;
    try {
        while (auto x = co_await s.next()) co_yield f(*x);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) {
        co_await s.return_();
        std::rethrow_exception(thrown);
    }
}

Numbers take(Numbers s, int n) {
    if (n <= 0) co_return;
    while (auto x = co_await s.next()) {
        co_yield *x;
        if (--n <= 0) {
            co_await s.return_();
            co_return;
        }
    }
}

Promise<> script() {
    const auto odd = [](int x) { return x % 2 != 0; };
    const auto tenfold = [](int x) { return x * 10; };
    co_await forAwait(take(map(filter(nums(), odd), tenfold), 2), [](int x) { console.log("out", x); });
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
