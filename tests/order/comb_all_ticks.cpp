// SPDX-License-Identifier: MIT

// all is settled one tick behind its last input, be it a promise or a value; of nothing, at once.

#include "join.hpp"
#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <tuple>
#include <vector>

using namespace rondo;

namespace {

void script() {
    ruler(4);
    Promise<>::all(Promise<>::resolve(1), Promise<>::resolve(2)).then([](const std::tuple<int, int>& v) {
        console.log("  all", join(v));
    });
    Promise<>::all(1, 2).then([](const std::tuple<int, int>& v) { console.log("  all(values)", join(v)); });
    Promise<>::all(std::vector<int>()).then([](const std::vector<int>& v) { console.log("  all([])", v.size()); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
