// SPDX-License-Identifier: MIT

// The then of a thenable is called in tick 1; if it calls back at once, the reaction runs in tick 2.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

struct SyncThenable {
    using value_type = std::string;
    void then(auto resolve, auto) {
        console.log("  then() called");
        resolve("t");
    }
};

void script() {
    ruler(3);
    Promise<>::resolve(SyncThenable()).then([](const std::string& v) { console.log("  reaction", v); });
    console.log("end of script");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
