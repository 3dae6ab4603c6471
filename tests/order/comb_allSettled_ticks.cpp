// SPDX-License-Identifier: MIT

// allSettled is settled one tick behind its last input; of nothing, at once.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <string>
#include <vector>

using namespace rondo;

namespace {

std::string line(const std::vector<SettledResult<int>>& rs) {
    std::string text;
    for (const auto& r : rs) {
        ((text += text.empty() ? "" : " ") += r.status()) += ":";
        text += r.fulfilled() ? std::to_string(r.value()) : base::describe(r.reason());
    }
    return text;
}

void script() {
    ruler(3);
    const std::vector<Promise<int>> both = {Promise<int>::resolve(1), Promise<int>::reject("e")};
    Promise<>::allSettled(both).then([](const std::vector<SettledResult<int>>& rs) { console.log("  ", line(rs)); });
    Promise<>::allSettled(std::vector<Promise<int>>()).then([](const std::vector<SettledResult<int>>& rs) {
        console.log("  empty", rs.size());
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
