// SPDX-License-Identifier: MIT

// Work that can be cancelled: its promise is rejected inside of abort(), who awaits it goes on in a microtask.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<std::string> work(AbortSignal signal) {
    return Promise<std::string>([&signal](auto resolve, auto reject) {
        if (signal.aborted()) return reject(signal.reason());
        const auto t = setTimeout(resolve, 50, "done");
        signal.addEventListener("abort",
                                [=] {
                                    console.log("cleanup");
                                    clearTimeout(t);
                                    reject(signal.reason());
                                },
                                {.once = true});
    });
}

struct Finally {
    Finally() = default;
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;
    ~Finally() { console.log("finally"); }
};

void script() {
    static AbortController ac;
    async([]() -> Promise<> {
        const Finally finally;
        const auto done = co_await work(ac.signal()).settled();
        if (done.fulfilled()) {
            console.log(done.value());
        } else {
            console.log("caught", done.reason());
        }
    });
    setTimeout(
        [] {
            console.log("aborting");
            ac.abort("user");
            console.log("abort returned");
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
