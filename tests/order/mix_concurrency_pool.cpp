// SPDX-License-Identifier: MIT

// No more than two jobs at a time; the results have the order of the jobs.

#include "join.hpp"

#include <rondo/rondo.hpp>

#include <cstddef>
#include <vector>

using namespace rondo;

namespace {

Promise<int> job(int ms, int n) {
    co_await delay(ms);
    co_return n;
}

Promise<std::vector<int>> pool(std::vector<int> jobs, int k) {
    std::size_t i = 0;
    std::vector<int> out(jobs.size());
    const auto work = [&](int w) -> Promise<> {
        while (i < jobs.size()) {
            const std::size_t n = i++;
            console.log("worker", w, "job", n);
            out[n] = co_await job(jobs[n], static_cast<int>(n));
        }
    };
    std::vector<Promise<>> workers;
    for (int w = 0; w < k; ++w) workers.push_back(work(w));
    co_await Promise<>::all(workers);
    co_return out;
}

void script() {
    pool({300, 10, 10, 10}, 2).then([](const std::vector<int>& o) { console.log(join(o)); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
