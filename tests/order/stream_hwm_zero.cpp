// SPDX-License-Identifier: MIT

// With a highWaterMark of 0 a source is asked when somebody reads, and not before.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<> read(ReadableStream<std::string> rs) {
    console.log("nothing pulled yet");
    const auto r = rs.getReader();
    const auto x = co_await r.read();
    console.log(*x);
    const auto end = co_await r.read();
    console.log(end.done());
}

void script() {
    ReadableStream<std::string> rs({.pull =
                                        [](auto& c) {
                                            console.log("pull");
                                            c.enqueue("x");
                                            c.close();
                                        }},
                                   {.highWaterMark = 0});
    setTimeout([rs] { return read(rs); }, 5);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
