// SPDX-License-Identifier: MIT

// Marks and measures.

#include "join.hpp"

#include <rondo/rondo.hpp>

#include <string>
#include <vector>

using namespace rondo;

namespace {

void script() {
    performance.mark("a");
    performance.mark("b");
    performance.measure("m", "a", "b");
    std::vector<std::string> names;
    for (const auto& e : performance.getEntriesByType("mark")) names.emplace_back(e.name());
    const auto measures = performance.getEntriesByName("m");
    console.log(join(names), measures.size(), measures[0].duration() >= 0);
    try {
        performance.measure("x", "nope");
    } catch (const DOMException& e) {
        console.log(e.name());
    }
    performance.clearMarks("a");
    console.log(performance.getEntriesByType("mark").size());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
