// SPDX-License-Identifier: MIT

// CustomEvent carries a detail; dispatchEvent tells whether a listener has vetoed.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

struct Detail {
    int id;
};

void script() {
    EventTarget t;
    t.addEventListener("save", [](CustomEvent<Detail>& e) {
        console.log("detail", e.detail().id);
        if (e.detail().id < 0) e.preventDefault();
    });
    for (const int id : {1, -1})
        console.log(t.dispatchEvent(CustomEvent("save", Detail{id}, {.cancelable = true})) ? "saved" : "vetoed");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
