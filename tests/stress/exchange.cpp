// SPDX-License-Identifier: MIT
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/watchdog.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <random>
#include <vector>

using namespace rondo;
using network::BodyKind;
using network::RequestMessage;

namespace {

/// Answers with as many bytes as the path says, and swallows whatever is sent.
void serve(Connection& connection, int) {
    for (std::string head; !(head = connection.readHead()).empty();) {
        if (head.find("chunked") != std::string::npos) {
            int chunks = 0;
            connection.readChunks(chunks);
        } else if (const std::size_t at = head.find("Content-Length: "); at != std::string::npos) {
            connection.readBody(std::strtoul(head.c_str() + at + 16, nullptr, 10));
        }
        const std::size_t length = std::strtoul(head.c_str() + head.find('/') + 1, nullptr, 10);
        if (!connection.answer(std::string(length, 'x'))) return;
    }
}

RequestMessage messageTo(const Server& server, std::size_t length, std::size_t kind) {
    RequestMessage message;
    message.url = server.url("/" + std::to_string(length));
    if (kind > 0) message.method = "POST";
    if (kind == 1) {
        message.bodyKind = BodyKind::bytes;
        message.body = std::make_shared<const Uint8Array>(std::string(length, 'u'));
    } else if (kind == 2) {
        message.bodyKind = BodyKind::chunks;
    }
    return message;
}

/// Sends a few chunks when it is asked to.
void sendsChunks(Recorded& exchange) {
    auto left = std::make_shared<int>(5);
    exchange.onBodyWanted = [&exchange, left] {
        (*left)-- > 0 ? exchange.send(Uint8Array(std::string(20'000, 'c'))) : exchange.endSending();
    };
}

}

TEST_CASE("exchanges of all kinds go on at once and each gets what is its own") {
    const Watchdog watchdog("exchanges at once", std::chrono::seconds(100));
    Server server(serve);
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 24});
    std::list<Recorded> exchanges;
    loop.run([&] {
        for (unsigned i = 0; i < 300; ++i) {
            Recorded& exchange = exchanges.emplace_back();
            sendsChunks(exchange);
            exchange.start(messageTo(server, i * 997 % 400'000, i % 3));
        }
    });
    unsigned i = 0;
    for (Recorded& exchange : exchanges) {
        CHECK(exchange.failure() == "none");
        CHECK(exchange.body.size() == i++ * 997 % 400'000);
    }
}

TEST_CASE("exchanges are cancelled at any moment and the others do not notice") {
    const Watchdog watchdog("exchanges cancelled", std::chrono::seconds(100));
    Server server(serve);
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 16});
    std::minstd_rand random(1);
    std::vector<std::unique_ptr<Recorded>> exchanges;
    std::size_t ended = 0;
    std::size_t cancelled = 0;
    loop.run([&] {
        for (unsigned i = 0; i < 400; ++i) {
            exchanges.push_back(std::make_unique<Recorded>());
            Recorded& exchange = *exchanges.back();
            sendsChunks(exchange);
            exchange.onEnd = [&] { ++ended; };
            const auto cancel = [&exchanges, &cancelled, i] {
                if (!exchanges[i] || !exchanges[i]->underWay()) return;
                ++cancelled;
                exchanges[i].reset();
            };
            switch (random() % 5) {
            case 0: exchange.onHead = cancel; break;
            case 1: exchange.onBytes = cancel; break;
            case 2: loop.setTimer(cancel, static_cast<int>(random() % 20), false); break;
            case 3: loop.post(cancel); break;
            default: break;
            }
            exchange.start(messageTo(server, random() % 300'000, random() % 3));
        }
    });
    CHECK(ended + cancelled == 400);
    CHECK(ended >= 80);
    for (const auto& exchange : exchanges) {
        if (exchange) CHECK(exchange->failure() == "none");
    }
}

TEST_CASE("loops come and go with exchanges under way") {
    const Watchdog watchdog("loops come and go", std::chrono::seconds(100));
    Server server(serve);
    std::minstd_rand random(2);
    for (int round = 0; round < 60; ++round) {
        std::list<Recorded> exchanges;
        EventLoop loop;
        std::size_t heads = 0;
        const std::size_t enough = random() % 8;
        loop.run([&] {
            for (unsigned i = 0; i < 8; ++i) {
                Recorded& exchange = exchanges.emplace_back();
                sendsChunks(exchange);
                exchange.onHead = [&] {
                    if (++heads == enough) loop.stop();
                };
                exchange.start(messageTo(server, random() % 600'000, random() % 3));
            }
            if (enough == 0) loop.stop();
        });
    }
}

TEST_CASE("several loops on several threads have a network each") {
    const Watchdog watchdog("several loops", std::chrono::seconds(100));
    Server server(serve);
    std::vector<std::thread> threads;
    std::atomic<int> ended{0};
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            EventLoop loop;
            std::list<Recorded> exchanges;
            loop.run([&] {
                for (unsigned i = 0; i < 50; ++i) {
                    exchanges.emplace_back().start(messageTo(server, i * 1000, i % 2));
                }
            });
            for (unsigned i = 0; Recorded & exchange : exchanges) {
                if (exchange.body.size() == i++ * 1000 && !exchange.error) ++ended;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(ended == 200);
}
