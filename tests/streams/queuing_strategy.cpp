// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"

#include <rondo/promise/run.hpp>
#include <rondo/streams/queuing_strategy.hpp>
#include <rondo/streams/readable_stream.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace rondo;

TEST_CASE("with a CountQueuingStrategy every chunk counts 1") {
    const CountQueuingStrategy strategy({.highWaterMark = 3});
    CHECK(strategy.highWaterMark() == 3);
    CHECK(strategy.size() == 1);
    CHECK(strategy.size(std::string("long")) == 1);
    const QueuingStrategy<MoveOnly> used = strategy;
    CHECK(used.highWaterMark == 3.0);
    CHECK(used.size(MoveOnly(7)) == 1);
    CHECK(used.size.given());
    CHECK_FALSE(used.size);
}

TEST_CASE("with a ByteLengthQueuingStrategy a chunk counts its bytes") {
    struct Bytes {
        std::size_t byteLength() const { return 12; }
    };
    const ByteLengthQueuingStrategy strategy({.highWaterMark = 1024});
    CHECK(strategy.highWaterMark() == 1024);
    CHECK(strategy.size(std::string("four")) == 4);
    CHECK(strategy.size(std::vector<int>(3)) == 3 * sizeof(int));
    const QueuingStrategy<Bytes> used = strategy;
    CHECK(used.highWaterMark == 1024.0);
    CHECK(used.size(Bytes()) == 12);
}

TEST_CASE("a strategy of one's own has any function of a chunk or of nothing as its size") {
    const QueuingStrategy<std::string> ofChunk{.highWaterMark = 2,
                                               .size = [](const std::string& chunk) { return chunk.size(); }};
    CHECK(ofChunk.size("abc") == 3);
    const QueuingStrategy<int> ofNothing{.size = [] { return 0.5; }};
    CHECK_FALSE(ofNothing.highWaterMark);
    CHECK(ofNothing.size(1) == 0.5);
    const QueuingStrategy<int> none;
    CHECK_FALSE(none.size);
    CHECK_FALSE(none.size.given());
    CHECK(none.size(1) == 1);
}

TEST_CASE("a size may throw") {
    const QueuingStrategy<int> strategy{.size = [](int) -> double { throw TypeError("no size"); }};
    CHECK_THROWS_AS(strategy.size(1), TypeError);
}

TEST_CASE("a highWaterMark that is negative or no number is a RangeError and infinity is none") {
    CHECK(streams::extractHighWaterMark({}, 1) == 1);
    CHECK(streams::extractHighWaterMark(0, 1) == 0);
    CHECK(streams::extractHighWaterMark(std::numeric_limits<double>::infinity(), 1) ==
          std::numeric_limits<double>::infinity());
    CHECK_THROWS_AS(streams::extractHighWaterMark(-1, 1), RangeError);
    CHECK_THROWS_AS(streams::extractHighWaterMark(std::numeric_limits<double>::quiet_NaN(), 1), RangeError);
}

TEST_CASE("a strategy without a size counts each chunk as 1") {
    const QueuingStrategy<int> strategy{.highWaterMark = 2, .size = nullptr};
    EventLoop loop({.virtualTime = true});
    loop.run([&] {
        std::optional<double> desired;
        const ReadableStream<int> stream({.start =
                                              [&](auto& c) {
                                                  c.enqueue(7);
                                                  desired = c.desiredSize();
                                              }},
                                         strategy);
        CHECK(desired == 1);
    });
}
