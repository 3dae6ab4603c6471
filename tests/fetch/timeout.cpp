// SPDX-License-Identifier: MIT
#include "fetch/own_memory.hpp"
#include "fetch/site.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"
#include "support/watchdog.hpp"

#include <rondo/events.hpp>
#include <rondo/fetch.hpp>
#include <rondo/streams.hpp>
#include <rondo/web/timers.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <dirent.h>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

using namespace rondo;

namespace {

/// Where a server stops, and its connections wait until the client goes.
struct Stop {
    const char* name;
    const char* says;
    bool upload = false;
};
constexpr Stop stops[] = {
    {"before the head", ""},
    {"amid the head", "HTTP/1.1 200 OK\r\nContent-Le"},
    {"amid the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"},
    {"amid the upload", "", true},
    {"amid both", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n", true},
};

class Stopping {
public:
    explicit Stopping(const Stop& stop) : stop_(stop) {}

    std::function<void(std::size_t)> onStop = [](std::size_t) {}; // with the number that was asked for
    std::string url(std::size_t number) const { return server_.url("/" + std::to_string(number)); }
    int open() const { return open_; }
    /// The request has been aborted: what it may yet have sent is read now, or its end would not be seen.
    void goOn(std::size_t number) {
        const std::lock_guard lock(mutex_);
        gates_[number].open();
    }

private:
    void serve(Connection& connection) {
        ++open_;
        const std::string head = connection.readHead();
        if (!head.empty()) {
            const std::size_t number = std::strtoul(head.c_str() + head.find('/') + 1, nullptr, 10);
            if (stop_.upload) connection.readBody(1000);
            connection.write(stop_.says);
            Gate& gate = gateOf(number);
            onStop(number);
            if (stop_.upload) gate.wait();
        }
        connection.awaitEnd();
        --open_;
    }

    Gate& gateOf(std::size_t number) {
        const std::lock_guard lock(mutex_);
        return gates_[number];
    }

    const Stop& stop_;
    std::atomic<int> open_{0};
    std::mutex mutex_;
    std::map<std::size_t, Gate> gates_;
    Server server_{[this](Connection& connection, int) { serve(connection); }, ownMemory};
};

Promise<Response> ask(std::string_view url, const Stop& stop, const AbortSignal& signal) {
    if (!stop.upload) return fetch(url, {.signal = signal});
    const ReadableStream<Uint8Array> endless({.pull = [](ReadableStreamDefaultController<Uint8Array>& controller) {
        controller.enqueue(Uint8Array(std::string(10'000, 'u')));
    }});
    return fetch(url, {.method = "POST", .body = endless, .signal = signal});
}

/// What rejects the response, or else its text.
Promise<std::string> rejectionOf(Promise<Response> pending) {
    const auto head = co_await pending.settled();
    if (head.rejected()) co_return told(head.reason());
    const Response response = head.value();
    const auto text = co_await response.text().settled();
    co_return told(text.reason());
}

/// The descriptors that this process has open.
int descriptors() {
    DIR* const folder = opendir("/proc/self/fd");
    if (!folder) return 0;
    int count = 0;
    while (readdir(folder)) ++count;
    closedir(folder);
    return count;
}

}

TEST_CASE("a timeout ends a request wherever the server stops") {
    for (const Stop& stop : stops) {
        INFO(stop.name);
        Stopping server(stop);
        EventLoop loop;
        std::string reason;
        loop.run([&]() -> Promise<> {
            const AbortSignal signal = AbortSignal::timeout(20);
            const std::string url = server.url(0);
            reason = co_await rejectionOf(ask(url, stop, signal));
            server.goOn(0);
        });
        CHECK_THAT(reason, Catch::Matchers::StartsWith("TimeoutError: "));
    }
}

TEST_CASE("a thousand requests are cancelled wherever the server stops and leave nothing behind") {
    constexpr std::size_t rounds = 50;
    constexpr std::size_t atOnce = 20;
    constexpr long kept = 5 * atOnce; // libcurl keeps more or less for the next request, by how far the last one got
    for (const Stop& stop : stops) {
        INFO(stop.name);
        const Watchdog watchdog(stop.name);
        Stopping server(stop);
        EventLoop loop;
        configureFetch({.requests = atOnce}); // no more of anything is made than for these
        int aborted = 0;
        loop.run([&]() -> Promise<> {
            std::map<std::size_t, AbortController> controllers;
            std::size_t stopped = 0;
            server.onStop = [&](std::size_t) {
                loop.post([&] {
                    if (++stopped % atOnce != 0) return;
                    for (auto& [number, controller] : controllers) {
                        controller.abort();
                        server.goOn(number);
                    }
                });
            };
            long blocks = heap::always;
            int open = descriptors() + 1000;
            for (std::size_t round = 0; round < rounds; ++round) {
                std::vector<Promise<std::string>> rejections;
                for (std::size_t i = 0; i < atOnce; ++i) {
                    const std::size_t number = round * atOnce + i;
                    rejections.push_back(rejectionOf(ask(server.url(number), stop, controllers[number].signal())));
                }
                const auto reasons = co_await Promise<>::all(std::move(rejections));
                for (const std::string& reason : reasons) aborted += reason.starts_with("AbortError: ") ? 1 : 0;
                controllers.clear();
                rejections = {};
                while (server.open() > 0) co_await delay(1); // until all connections have been given up
                if (round == 0 || round >= 10) continue;
                base::FreeLists::trim();
                blocks = std::min(blocks, heap::blocks());
                open = std::min(open, descriptors());
            }
            // The network's thread, and those of the server, may still be at the last of them.
            while (descriptors() > open) co_await delay(1);
            for (;;) {
                base::FreeLists::trim();
                if (heap::blocks() <= blocks + kept) break;
                co_await delay(1);
            }
        });
        CHECK(aborted == static_cast<int>(rounds * atOnce));
    }
}
