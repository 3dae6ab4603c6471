// SPDX-License-Identifier: MIT

// A pipe closes its destination behind the last write.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void script() {
    const ReadableStream<std::string> rs({.start = [](auto& c) {
        c.enqueue("a");
        c.enqueue("b");
        c.close();
    }});
    const WritableStream<std::string> ws({.write = [](std::string x) -> Promise<> {
                                              console.log("write", x);
                                              co_await delay(3ms);
                                              console.log("wrote", x);
                                          },
                                          .close = [] { console.log("close"); }});
    rs.pipeTo(ws).then([] { console.log("done"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
