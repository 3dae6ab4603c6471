// SPDX-License-Identifier: MIT

// Of resolve, reject and throw only the first counts.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void fulfilled(int v) { console.log("fulfilled", v); }
void rejected(const std::exception_ptr& e) { console.log("rejected", messageOf(e)); }

void script() {
    Promise<int>([](auto res, auto rej) {
        res(1);
        res(2);
        rej(Error("x"));
        throw Error("y");
    }).then(fulfilled, rejected);
    Promise<int>([](auto res, auto rej) {
        rej(Error("first"));
        res(2);
        throw Error("y");
    }).then(fulfilled, rejected);
    Promise<>([](auto, auto) { throw Error("thrown"); }).catch_(rejected);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
