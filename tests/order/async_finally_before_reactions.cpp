// SPDX-License-Identifier: MIT

// A function settles when its variables and parameters are gone, whichever way it ends: what their destructors queue
// goes before the reactions.

#include <rondo/rondo.hpp>

#include <exception>
#include <utility>

using namespace rondo;

namespace {

/// `finally { atEnd(name); }`
class AtEnd {
public:
    explicit AtEnd(const char* name) : name_(name) {}
    AtEnd(AtEnd&& other) noexcept : name_(std::exchange(other.name_, nullptr)) {}
    AtEnd& operator=(AtEnd&&) = delete;
    ~AtEnd() {
        if (!name_) return;
        console.log("finally of", name_);
        queueMicrotask([name = name_] { console.log("queued by finally of", name); });
    }

    const char* name() const { return name_; }

private:
    const char* name_;
};

Promise<const char*> value() {
    const AtEnd guard("value");
    co_await Promise<>::resolve(0);
    co_return "value";
}

Promise<> nothing() {
    const AtEnd guard("nothing");
    co_await Promise<>::resolve(0);
}

Promise<> thrown() {
    const AtEnd guard("thrown");
    co_await Promise<>::resolve(0);
    throw "thrown";
}

Promise<const char*> parameter(AtEnd guard) {
    co_await Promise<>::resolve(0);
    co_return guard.name();
}

void script() {
    value().then([](const char* v) { console.log("fulfilled", v); });
    nothing().then([] { console.log("fulfilled"); });
    thrown().catch_([](const std::exception_ptr& e) { console.log("rejected", e); });
    parameter(AtEnd("parameter")).then([](const char* v) { console.log("fulfilled", v); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
