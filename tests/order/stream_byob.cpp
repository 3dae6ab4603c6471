// SPDX-License-Identifier: MIT

// A reader brings its own buffer, which the source fills.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>
#include <utility>

using namespace rondo;

namespace {

Promise<> script() {
    ReadableStream<Uint8Array> rs({.pull = [](ReadableByteStreamController& c) {
        const auto request = c.byobRequest();
        console.log("pull view", request->view().byteLength());
        request->view()[0] = 42;
        request->respond(1);
    }});
    const auto r = rs.getReader({.mode = ReadableStreamReaderMode::byob});
    Uint8Array buf(4);
    const auto step = co_await r.read(std::move(buf));
    console.log(step->length(), int((*step)[0]), "old detached",
                buf.byteLength()); // NOLINT(bugprone-use-after-move): that is the test
    co_await r.cancel();
    const auto e = co_await r.read(Uint8Array(1));
    console.log(e.done(), "Uint8Array(" + std::to_string(e.returned()->length()) + ") []");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
