// SPDX-License-Identifier: MIT

// The handleEvent of an object is looked up when it is called.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

struct Obj {
    EventTarget* t;
    void (*handle)(Obj&, Event&);
    void handleEvent(Event& e) { handle(*this, e); }
};

void script() {
    Obj obj{.t = nullptr, .handle = [](Obj& self, Event& e) {
                console.log("obj", e.type(), e.target() == self.t, e.currentTarget() == self.t);
            }};
    EventTarget t;
    obj.t = &t;
    t.addEventListener("x", &obj);
    t.dispatchEvent(Event("x"));
    obj.handle = [](Obj&, Event&) { console.log("looked up at call time"); };
    t.dispatchEvent(Event("x"));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
