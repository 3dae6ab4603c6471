// SPDX-License-Identifier: MIT

// A rejection of an async function that nobody awaits is told of behind the checkpoint.

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

Promise<> f() {
    co_await Promise<>::resolve(0);
    throw Error("lost");
}

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", messageOf(e.reason()));
        e.preventDefault();
    });
    f();
    console.log("sync");
    setTimeout([] { console.log("timer"); }, 1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
