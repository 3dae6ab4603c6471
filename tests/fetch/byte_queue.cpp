// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/fetch/detail/byte_queue.hpp>

#include <string>
#include <string_view>

using rondo::Uint8Array;
using rondo::network::ByteQueue;

namespace {

void append(ByteQueue& queue, std::string_view text, std::size_t expected) {
    queue.append(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), expected);
}

}

TEST_CASE("small pieces are put together as long as nobody takes them") {
    ByteQueue queue;
    append(queue, "one", 100);
    append(queue, "two", 97);
    CHECK(queue.size() == 6);
    CHECK(queue.take().text() == "onetwo");
    CHECK(queue.empty());
    append(queue, "three", 94);
    CHECK(queue.take().text() == "three");
    CHECK(queue.take().length() == 0);
}

TEST_CASE("a piece has no more room than is expected to come") {
    ByteQueue queue;
    append(queue, "all of it", 9);
    CHECK(queue.take().bufferByteLength() == 9);
    append(queue, "more than was said", 3);
    CHECK(queue.take().text() == "more than was said");
}

TEST_CASE("a piece is bounded however much is expected") {
    ByteQueue queue;
    const std::string text(ByteQueue::pieceLength + 10, 'x');
    for (int i = 0; i < 3; ++i) append(queue, std::string(ByteQueue::pieceLength / 2 + 1, 'x'), std::size_t{1} << 40);
    const std::size_t first = queue.take().length();
    CHECK(first == ByteQueue::pieceLength);
    CHECK(queue.take().length() == 3 * (ByteQueue::pieceLength / 2 + 1) - first);
}

TEST_CASE("what is pushed is not copied and comes in order") {
    ByteQueue queue;
    Uint8Array bytes("pushed");
    const std::uint8_t* const data = bytes.data();
    append(queue, "before ", 100);
    queue.push(std::move(bytes));
    append(queue, " behind", 100);
    queue.push(Uint8Array());
    CHECK(queue.size() == 20);
    CHECK(queue.take().text() == "before ");
    Uint8Array taken = queue.take();
    CHECK(taken.text() == "pushed");
    CHECK(taken.data() == data);
    CHECK(queue.take().text() == " behind");
    CHECK(queue.empty());
}

TEST_CASE("a part of an array is pushed as it is") {
    ByteQueue queue;
    queue.push(Uint8Array("not this, but this, and not this").subarray(10, 18));
    char out[8] = {};
    CHECK(queue.copyOut(out, 3) == 3);
    CHECK(std::string_view(out, 3) == "but");
    CHECK(queue.size() == 5);
    CHECK(queue.take().text() == " this");
}

TEST_CASE("bytes are copied out across pieces") {
    ByteQueue queue;
    queue.push(Uint8Array("abc"));
    queue.push(Uint8Array("defg"));
    char out[16] = {};
    CHECK(queue.copyOut(out, 5) == 5);
    CHECK(std::string_view(out, 5) == "abcde");
    append(queue, "hi", 2);
    CHECK(queue.copyOut(out, 16) == 4);
    CHECK(std::string_view(out, 4) == "fghi");
    CHECK(queue.copyOut(out, 16) == 0);
}

TEST_CASE("a queue that is never empty does not grow") {
    ByteQueue queue;
    queue.push(Uint8Array("0"));
    for (int i = 1; i < 10'000; ++i) {
        queue.push(Uint8Array(std::to_string(i)));
        REQUIRE(queue.take().text() == std::to_string(i - 1));
    }
    CHECK(queue.size() == 4);
    queue.clear();
    CHECK(queue.empty());
}
