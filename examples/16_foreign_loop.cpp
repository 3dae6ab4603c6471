// 16. A loop in a loop
// SPDX-License-Identifier: MIT
//
// Where a program has a loop already, of a game, a window system or a server, that one can turn this one. It needs to
// know three things: what to call when it wakes (`poll`), how long it may sleep (`nextDeadline`), and how another
// thread can wake it before (`onWake`). Here it is a loop around poll(2), which waits for bytes on a pipe as well.

#include <rondo/rondo.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>

using namespace rondo;
using namespace std::chrono_literals;

struct Pipe {
    Pipe() {
        if (pipe(ends) != 0) throw Error("there are no more pipes");
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }

    void write(std::string_view bytes) const { // on any thread
        if (::write(ends[1], bytes.data(), bytes.size()) < 0) console.error("the pipe is broken");
    }
    std::string read() const {
        std::array<char, 512> bytes;
        const auto count = ::read(ends[0], bytes.data(), bytes.size());
        return std::string(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }

    int ends[2];
};

// How long poll(2) may wait: until something is due, or forever.
int milliseconds(std::optional<EventLoop::TimePoint> deadline) {
    if (!deadline) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - EventLoop::TimePoint::clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds>(left, 0ms, 1h).count());
}

// An async function as any other: it does not know who turns its loop.
Promise<> conversation(const Pipe& words, EventTarget& mouth) {
    const auto heard = Promise<std::string>::withResolvers();
    mouth.addEventListener("word", [=](CustomEvent<std::string>& event) { heard.resolve(event.detail()); });
    console.log("waiting for nobody, that is for a timer");
    co_await delay(10ms);
    console.log("waiting for a thread");
    const int answer = co_await offload([] { return 42; });
    console.log("waiting for the pipe, now that it has said", answer);
    co_await offload([&words] { words.write("hello"); });
    console.log("heard:", co_await heard.promise);
}

int main() {
    const Pipe words;
    const Pipe wake;
    EventTarget mouth;
    EventLoop loop;
    loop.onWake([&wake] { wake.write("!"); }); // called on the thread that has something for the loop

    const auto done = conversation(words, mouth);
    while (done.state() == PromiseState::pending) {
        pollfd sources[] = {{words.ends[0], POLLIN, 0}, {wake.ends[0], POLLIN, 0}};
        if (poll(sources, 2, milliseconds(loop.nextDeadline())) < 0) continue; // a signal
        if (sources[1].revents) wake.read();
        if (sources[0].revents) mouth.dispatchEvent(CustomEvent("word", words.read()));
        loop.poll();
    }
    console.log("done");
}
