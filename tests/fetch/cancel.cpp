// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"

#include <memory>
#include <optional>
#include <vector>

using namespace rondo;
using network::BodyKind;
using network::RequestMessage;

namespace {

/// Says when the client has gone.
struct SilentServer {
    Gate gone;
    std::atomic<int> heads{0};
    std::function<void()> onHead = [] {};
    std::string says = "";
    Server server{[this](Connection& connection, int) {
        if (!connection.readHead().empty()) {
            ++heads;
            connection.write(says);
            onHead();
        }
        connection.awaitEnd();
        gone.open();
    }};
};

}

TEST_CASE("an exchange that is cancelled at once is told nothing and keeps nothing alive") {
    SilentServer silent;
    EventLoop loop;
    Recorded exchange;
    loop.run([&] {
        exchange.start({.url = silent.server.url()});
        exchange.cancel();
        CHECK_FALSE(exchange.underWay());
        exchange.cancel();
        exchange.read();
    });
    CHECK(exchange.log == "");
}

TEST_CASE("an exchange that the server never answers is given up when it is cancelled") {
    SilentServer silent;
    EventLoop loop;
    Recorded exchange;
    silent.onHead = [&] { loop.post([&] { exchange.cancel(); }); };
    exchangeOn(loop, exchange, {.url = silent.server.url()});
    CHECK(exchange.log == "");
    silent.gone.wait(); // the connection has been closed, though the loop lives
}

TEST_CASE("an exchange is cancelled amid the head") {
    SilentServer silent;
    silent.says = "HTTP/1.1 200 OK\r\nContent-Le";
    EventLoop loop;
    Recorded exchange;
    silent.onHead = [&] { loop.post([&] { exchange.cancel(); }); };
    exchangeOn(loop, exchange, {.url = silent.server.url()});
    CHECK(exchange.log == "");
    silent.gone.wait();
}

TEST_CASE("an exchange is cancelled amid the body") {
    SilentServer silent;
    silent.says = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome";
    EventLoop loop;
    Recorded exchange;
    exchange.onBytes = [&] { exchange.cancel(); };
    exchangeOn(loop, exchange, {.url = silent.server.url()});
    CHECK(exchange.log == "head bytes");
    CHECK(exchange.body == "some");
    silent.gone.wait();
}

TEST_CASE("an exchange is cancelled amid an upload of bytes") {
    Gate gone;
    EventLoop loop;
    Recorded exchange;
    Server server([&](Connection& connection, int) {
        connection.readHead();
        connection.readBody(1000);
        loop.post([&] { exchange.cancel(); });
        connection.awaitEnd();
        gone.open();
    });
    exchangeOn(loop, exchange, with(std::string(50'000'000, 'x'), "POST", server.url()));
    CHECK(exchange.log == "");
    gone.wait();
}

TEST_CASE("an exchange is cancelled while the network waits for a chunk") {
    SilentServer silent;
    EventLoop loop;
    Recorded exchange;
    RequestMessage message;
    message.method = "POST";
    message.url = silent.server.url();
    message.bodyKind = BodyKind::chunks;
    exchange.onBodyWanted = [&] { exchange.cancel(); };
    exchangeOn(loop, exchange, std::move(message));
    CHECK(exchange.log == "");
    exchange.send(Uint8Array("nobody is interested"));
    silent.gone.wait();
}

TEST_CASE("an exchange is cancelled while a name is looked up") {
    EventLoop loop;
    Recorded exchange;
    loop.run([&] {
        exchange.start({.url = "http://" + std::string(64, 'n') + "/"});
        loop.setTimer([&] { exchange.cancel(); }, 0, false);
    });
    CHECK_FALSE(exchange.underWay());
}

TEST_CASE("an exchange is cancelled while it waits for others") {
    SilentServer silent;
    EventLoop loop;
    configureFetch({.requestsPerOrigin = 1});
    Recorded first;
    Recorded second;
    Recorded third;
    silent.onHead = [&] {
        loop.post([&] {
            second.cancel();
            third.cancel();
            first.cancel();
        });
    };
    loop.run([&] {
        first.start({.url = silent.server.url()});
        second.start({.url = silent.server.url()});
        third.start({.url = silent.server.url()});
    });
    silent.gone.wait();
    CHECK(silent.server.connections() == 1);
    CHECK(first.log == "");
    CHECK(second.log == "");
}

TEST_CASE("an exchange may be destroyed by whatever it tells") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    for (int when = 0; when < 4; ++when) {
        auto exchange = std::make_unique<Recorded>();
        Journal log;
        const auto destroyIf = [&](bool now) {
            return [&, now] {
                if (now) {
                    log(exchange->log.text());
                    exchange.reset();
                }
            };
        };
        exchange->onHead = destroyIf(when == 0);
        exchange->onBytes = destroyIf(when == 1);
        exchange->onEnd = destroyIf(when >= 2);
        loop.run([&] { exchange->start({.url = when == 3 ? "http://127.0.0.1:1/" : nginx->url("/hello")}); });
        CHECK(exchange == nullptr);
        CHECK(log == (when == 0 ? "head" : when == 1 ? "head bytes" : when == 2 ? "head bytes end" : "error"));
    }
}

TEST_CASE("what is destroyed while a task with news waits is told nothing") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    auto first = std::make_unique<Recorded>();
    auto second = std::make_unique<Recorded>();
    Journal log;
    first->onHead = [&] {
        log("first");
        second.reset();
        first.reset();
    };
    second->onHead = [&] {
        log("second");
        first.reset();
        second.reset();
    };
    loop.run([&] {
        first->start({.url = nginx->url("/hello")});
        second->start({.url = nginx->url("/hello")});
    });
    CHECK((log == "first" || log == "second"));
}

TEST_CASE("a loop ends with exchanges at every stage and they may outlive it") {
    SilentServer silent;
    Server half([](Connection& connection, int) {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        while (connection.write(std::string(10'000, 'x'))) {}
    });
    std::vector<std::unique_ptr<Recorded>> exchanges;
    {
        EventLoop loop;
        configureFetch({.requestsPerOrigin = 2});
        loop.run([&] {
            for (int i = 0; i < 4; ++i) {
                exchanges.push_back(std::make_unique<Recorded>());
                exchanges.back()->start({.url = silent.server.url()});
                exchanges.push_back(std::make_unique<Recorded>());
                exchanges.back()->start({.url = half.url()});
                exchanges.push_back(std::make_unique<Recorded>());
                exchanges.back()->start(with(std::string(1'000'000, 'x'), "POST", silent.server.url("/upload")));
            }
            exchanges[1]->onBytes = [&] { loop.stop(); };
        });
        CHECK(loop.alive());
    }
    silent.gone.wait();
    CHECK(exchanges[0]->log == "");
    CHECK(exchanges[1]->log == "head bytes");
    CHECK_FALSE(exchanges[1]->underWay());
    exchanges[1]->read();
    exchanges[2]->cancel();
    exchanges[2]->send(Uint8Array("x"));
}

TEST_CASE("what is left behind by exchanges is nothing") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    CountingSource source;
    {
        EventLoop loop;
        for (int i = 0; i < 20; ++i) {
            Recorded exchange;
            if (i % 3 == 0) exchange.onHead = [&] { exchange.cancel(); };
            if (i % 3 == 1) exchange.onBytes = [&] { exchange.cancel(); };
            exchangeOn(loop, exchange, {.url = nginx->url("/big")});
        }
    }
    CHECK(source.balance() == 0);
}
