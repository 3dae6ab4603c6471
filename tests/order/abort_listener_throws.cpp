// SPDX-License-Identifier: MIT

// What a listener of an abort throws is reported at once; the others are called.

#include <rondo/rondo.hpp>

#include <exception>
#include <string>

using namespace rondo;

namespace {

std::string messageOf(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Error& e) {
        return std::string(e.message());
    }
}

void script() {
    globalThis.addEventListener("error", [](ErrorEvent& e) {
        console.log("reported", messageOf(e.error()));
        e.preventDefault();
    });
    AbortController ac;
    ac.signal().addEventListener("abort", [] { throw Error("l1"); });
    ac.signal().addEventListener("abort", [] { console.log("l2"); });
    ac.abort();
    console.log("returned", ac.signal().aborted());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
