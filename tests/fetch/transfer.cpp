// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/fetch/detail/transfer.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace rondo;
using namespace rondo::network;

namespace {

void drop(loop::Task* task, loop::Verb) noexcept { static_cast<Transfer&>(*task).release(); }

/// A transfer with both of its threads played by one.
struct Both {
    Both() : transfer(*new Transfer({.url = "http://127.0.0.1/"}, loop.mailbox(), &drop)) {}
    ~Both() { transfer.release(); }

    /// The network brings as much as it may; returns how much that is.
    std::size_t bring() {
        const std::vector<std::uint8_t> bytes(std::size_t{64} * 1024);
        std::size_t brought = 0;
        while (transfer.receive(bytes.data(), bytes.size(), std::size_t{1} << 30) != Transfer::Room::none) {
            brought += bytes.size();
        }
        return brought;
    }

    /// The loop wants a piece. True if there was one; else it waits for it.
    bool take() {
        if (!transfer.read()) return false;
        const News news = transfer.takeNews();
        transfer.release(); // the task's share
        resumed = news.resume;
        return news.kind == News::Kind::bytes;
    }

    EventLoop loop;
    Transfer& transfer;
    bool resumed = false; // by what was taken last, the network
};

}

TEST_CASE("a body waits for a slow reader up to a budget and comes when half of it was read") {
    Both both;
    CHECK(both.bring() == Transfer::budget);
    for (int i = 0; i < 10; ++i) {
        do {
            REQUIRE(both.take());
        } while (!both.resumed);
        CHECK(both.bring() == Transfer::budget / 2);
    }
}
