// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/streams/uint8_array.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

using namespace rondo;

TEST_CASE("a Uint8Array of a length is of zeros") {
    const Uint8Array bytes(5);
    CHECK(bytes.length() == 5);
    CHECK(bytes.byteLength() == 5);
    CHECK(bytes.byteOffset() == 0);
    CHECK(bytes.bufferByteLength() == 5);
    for (const std::uint8_t byte : bytes) CHECK(byte == 0);
    CHECK(Uint8Array(0).length() == 0);
    CHECK_FALSE(Uint8Array(0).detached());
    CHECK(Uint8Array().bufferByteLength() == 0);
}

TEST_CASE("a Uint8Array of a list, of a span or of text has a copy of the bytes") {
    CHECK(Uint8Array{1, 2, 3}[2] == 3);
    std::array<std::uint8_t, 2> source{8, 9};
    const Uint8Array copied{std::span<const std::uint8_t>(source)};
    source[0] = 0;
    CHECK(copied[0] == 8);
    CHECK(Uint8Array("text").text() == "text");
    const std::string text = "kept";
    CHECK(Uint8Array(text).text() == "kept");
    CHECK(text == "kept");
    CHECK(Uint8Array(std::string_view("view")).length() == 4);
}

TEST_CASE("the memory of a vector or of a string is taken over") {
    std::vector<std::uint8_t> vector(1000, 7);
    const std::uint8_t* const place = vector.data();
    const Uint8Array bytes(std::move(vector));
    CHECK(bytes.data() == place);
    CHECK(bytes.length() == 1000);
    std::string text(1000, 'x');
    const char* const textPlace = text.data();
    CHECK(Uint8Array(std::move(text)).text().data() == textPlace);
}

TEST_CASE("a Uint8Array that was moved from is detached") {
    Uint8Array bytes{1, 2, 3};
    const std::uint8_t* const place = bytes.data();
    const Uint8Array moved(std::move(bytes));
    CHECK(moved.data() == place);
    CHECK_FALSE(moved.detached());
    CHECK(bytes.detached()); // NOLINT(bugprone-use-after-move): that is the test
    CHECK(bytes.length() == 0);
    CHECK(bytes.bufferByteLength() == 0);
    bytes = Uint8Array{4};
    CHECK_FALSE(bytes.detached());
}

TEST_CASE("a copy of a Uint8Array has a buffer of its own of what is seen") {
    Uint8Array bytes = Uint8Array{1, 2, 3, 4}.subarray(1, 3);
    Uint8Array copy(bytes);
    CHECK(copy == bytes);
    CHECK(copy.byteOffset() == 0);
    CHECK(copy.bufferByteLength() == 2);
    copy[0] = 9;
    CHECK(bytes[0] == 2);
    CHECK_FALSE(copy == bytes);
}

TEST_CASE("subarray narrows the view and leaves the buffer as it is") {
    Uint8Array bytes{0, 1, 2, 3, 4, 5};
    const std::uint8_t* const place = bytes.data();
    Uint8Array part = std::move(bytes).subarray(2, 5);
    CHECK(part.data() == place + 2);
    CHECK(part.length() == 3);
    CHECK(part.byteOffset() == 2);
    CHECK(part.bufferByteLength() == 6);
    part = std::move(part).subarray(1);
    CHECK(part.byteOffset() == 3);
    CHECK(part.length() == 2);
    CHECK(std::move(part).subarray(7, 9).length() == 0);
}

TEST_CASE("set copies bytes to an index and throws a RangeError if they do not fit") {
    Uint8Array bytes(4);
    const std::array<std::uint8_t, 2> two{1, 2};
    bytes.set(two);
    bytes.set(two, 2);
    CHECK(bytes == Uint8Array{1, 2, 1, 2});
    CHECK_THROWS_AS(bytes.set(two, 3), RangeError);
    CHECK_THROWS_AS(bytes.set(two, 5), RangeError);
    bytes.set({}, 4);
}

TEST_CASE("a Uint8Array is a span of bytes") {
    const auto sum = [](std::span<const std::uint8_t> bytes) {
        int total = 0;
        for (const std::uint8_t byte : bytes) total += byte;
        return total;
    };
    CHECK(sum(Uint8Array{1, 2, 3}) == 6);
}
