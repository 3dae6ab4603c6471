// SPDX-License-Identifier: MIT

// A cache of promises: who asks while the answer is on its way gets the same promise.

#include "join.hpp"

#include <rondo/rondo.hpp>

#include <map>
#include <string>

using namespace rondo;

namespace {

Promise<std::string> fetch(std::string k) {
    console.log("fetch", k);
    co_await Promise<>::resolve(0);
    for (char& c : k) c = static_cast<char>(c - 'a' + 'A');
    co_return k;
}

Promise<std::string> get(const std::string& k) {
    static std::map<std::string, Promise<std::string>> cache;
    const auto found = cache.find(k);
    return found != cache.end() ? found->second : cache.emplace(k, fetch(k)).first->second;
}

void script() {
    async([]() -> Promise<> {
        // C++ may evaluate arguments in any order, so the calls stand in front.
        const auto one = get("a");
        const auto two = get("a");
        const auto three = get("b");
        const auto all = Promise<>::all(one, two, three);
        console.log(join(co_await all));
        const std::string a = co_await get("a");
        console.log(a, get("a") == get("a"));
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
