// SPDX-License-Identifier: MIT

// A queue whose consumers wait when it is empty.

#include <rondo/rondo.hpp>

#include <deque>
#include <string>
#include <utility>

using namespace rondo;

namespace {

using Text = Promise<std::string>;
using Resolve = decltype(Text::withResolvers().resolve);

std::deque<std::string> q;
std::deque<Resolve> waiters;

void push(std::string x) {
    if (waiters.empty()) {
        q.push_back(std::move(x));
    } else {
        const Resolve resolve = std::move(waiters.front());
        waiters.pop_front();
        resolve(std::move(x));
    }
}

Text pop() {
    if (q.empty()) return Text([](auto r) { waiters.push_back(r); });
    const Text first = Text::resolve(std::move(q.front()));
    q.pop_front();
    return first;
}

Promise<> consume(std::string name, int count) {
    for (int i = 0; i < count; ++i) {
        const std::string got = co_await pop();
        console.log(name, "got", got);
    }
}

void script() {
    consume("c1", 4);
    consume("c2", 2);
    push("a");
    push("b");
    push("c");
    console.log("pushed 3");
    setTimeout(
        [] {
            push("d");
            push("e");
            push("f");
            console.log("pushed 3 more");
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
