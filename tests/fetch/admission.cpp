// SPDX-License-Identifier: MIT
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"

#include <algorithm>
#include <list>
#include <string>

using namespace rondo;

namespace {

/// Answers when the gate is open, and knows how many requests it has had at once.
struct SlowServer {
    Gate gate;
    std::mutex mutex;
    int now = 0;
    int most = 0;
    std::vector<std::string> paths;
    int openAt = 0;
    Server server{[this](Connection& connection, int) {
        for (std::string head; !(head = connection.readHead()).empty();) {
            bool open = false;
            {
                const std::lock_guard lock(mutex);
                most = std::max(most, ++now);
                paths.push_back(head.substr(4, head.find(' ', 4) - 4));
                open = static_cast<int>(paths.size()) == openAt;
            }
            if (open) gate.open();
            gate.wait();
            {
                const std::lock_guard lock(mutex);
                --now;
            }
            connection.answer("x");
        }
    }};
};

}

TEST_CASE("no more requests are made at once to an origin than the options say") {
    SlowServer slow;
    slow.openAt = 3;
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 3});
    std::list<Recorded> exchanges;
    loop.run([&] {
        for (int i = 0; i < 20; ++i) exchanges.emplace_back().start({.url = slow.server.url()});
    });
    CHECK(slow.most == 3);
    CHECK(slow.server.connections() == 3);
    for (Recorded& exchange : exchanges) CHECK(exchange.body == "x");
}

TEST_CASE("requests that wait for others are made in order") {
    SlowServer slow;
    slow.gate.open();
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 1});
    std::list<Recorded> exchanges;
    std::vector<std::string> paths;
    loop.run([&] {
        for (int i = 0; i < 20; ++i) {
            paths.push_back("/" + std::to_string(i));
            exchanges.emplace_back().start({.url = slow.server.url(paths.back())});
        }
    });
    CHECK(slow.paths == paths);
    CHECK(slow.server.connections() == 1);
}

TEST_CASE("an origin with few requests does not wait for one with many") {
    SlowServer many;
    SlowServer few;
    many.openAt = 1;
    few.gate.open();
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 1, .requests = 1});
    std::list<Recorded> exchanges;
    Journal log;
    loop.run([&] {
        for (int i = 0; i < 10; ++i) {
            exchanges.emplace_back().onEnd = [&] { log("many"); };
            exchanges.back().start({.url = many.server.url()});
        }
        exchanges.emplace_back().onEnd = [&] { log("few"); };
        exchanges.back().start({.url = few.server.url()});
    });
    CHECK(log == "many few many many many many many many many many many");
}

TEST_CASE("no more requests are made at once in all than the options say") {
    std::list<SlowServer> servers(4);
    EventLoop loop;
    configureFetch({.requests = 2});
    std::list<Recorded> exchanges;
    for (SlowServer& slow : servers) slow.gate.open();
    int running = 0;
    loop.run([&] {
        for (int i = 0; i < 40; ++i) {
            exchanges.emplace_back().onEnd = [&] { ++running; };
            exchanges.back().start({.url = servers.begin()->server.url()});
            exchanges.emplace_back().onEnd = [&] { ++running; };
            exchanges.back().start({.url = std::next(servers.begin())->server.url()});
        }
    });
    CHECK(running == 80);
    CHECK(servers.begin()->server.connections() + std::next(servers.begin())->server.connections() <= 4);
    CHECK(servers.begin()->most <= 2);
}

TEST_CASE("hundreds of requests are made at once") {
    SlowServer slow;
    slow.openAt = 256; // all of them must be there before the first is answered
    EventLoop loop;
    std::list<Recorded> exchanges;
    loop.run([&] {
        for (int i = 0; i < 256; ++i) exchanges.emplace_back().start({.url = slow.server.url("/" + std::to_string(i))});
    });
    CHECK(slow.most == 256);
    for (Recorded& exchange : exchanges) CHECK(exchange.log == "head bytes end");
}

TEST_CASE("origins that are done with are forgotten") {
    EventLoop loop;
    std::list<Recorded> exchanges;
    loop.run([&] { // nobody listens there, and each is an origin of its own
        for (int i = 0; i < 300; ++i)
            exchanges.emplace_back().start(
                {.url = "http://127.0.0.1:" + std::to_string(1 + i % 9) + (i % 2 ? "/" : "?") + std::to_string(i)});
        for (int i = 2; i < 120; ++i)
            exchanges.emplace_back().start({.url = "http://127.0.0." + std::to_string(i) + ":1/"});
    });
    for (Recorded& exchange : exchanges) CHECK(exchange.log == "error");
}
