// SPDX-License-Identifier: MIT

// `await using` disposes in reverse order, each awaited. What is disposed of synchronously is a destructor.

#include <rondo/rondo.hpp>

#include <string>
#include <utility>

using namespace rondo;

namespace {

class Resource {
public:
    explicit Resource(std::string name) : name_(std::move(name)) {}

    Promise<> disposeAsync() {
        console.log("dispose start", name_);
        co_await Promise<>::resolve();
        console.log("dispose end", name_);
    }

private:
    std::string name_;
};

struct SyncResource {
    std::string name;
    ~SyncResource() { console.log("sync dispose", name); }
};

Promise<> block() {
    AsyncDisposableStack stack;
    {
        stack.use(Resource("a"));
        stack.use(Resource("b"));
        const SyncResource c{"c"};
        console.log("body");
    }
    co_await stack.disposeAsync();
    console.log("after block");
}

void script() {
    block();
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
