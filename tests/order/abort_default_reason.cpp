// SPDX-License-Identifier: MIT

// Without a reason it is an AbortError; throwIfAborted throws the reason itself.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    AbortController ac;
    ac.abort();
    try {
        ac.signal().throwIfAborted();
    } catch (const DOMException& reason) {
        console.log(reason.name(), "|", reason.message(), "|", reason.code());
        console.log("threw same object", std::current_exception() == ac.signal().reason());
    }
    console.log(AbortSignal::abort().aborted());
    AbortController().signal().throwIfAborted();
    console.log("no throw");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
