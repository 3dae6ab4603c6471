// SPDX-License-Identifier: MIT

// Who awaits an event goes on in a microtask behind the dispatch.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

EventTarget t;

Promise<std::string> once(std::string type) {
    return Promise<std::string>([&type](auto resolve) {
        t.addEventListener(type, [resolve](Event& e) { resolve(std::string(e.type())); }, {.once = true});
    });
}

void script() {
    async([]() -> Promise<> {
        const std::string type = co_await once("go");
        console.log("got", type);
    });
    setTimeout(
        [] {
            t.dispatchEvent(Event("go"));
            console.log("dispatched");
            t.dispatchEvent(Event("go"));
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
