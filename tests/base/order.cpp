// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/order.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace rondo;

TEST_CASE("what is sorted has the order and the elements that the standard library gives it") {
    std::size_t seed = 1;
    for (std::size_t count = 0; count < 70; ++count) {
        std::vector<std::size_t> elements;
        for (std::size_t i = 0; i < count; ++i) elements.push_back((seed = seed * 1103515245 + 12345) / 65536 % 40);
        std::vector<std::size_t> expected = elements;
        std::sort(expected.begin(), expected.end());
        base::sort(elements.data(), elements.size());
        CHECK(elements == expected);
    }
}

TEST_CASE("a lower bound is the place of the first element that is not less") {
    const std::vector<int> elements{1, 3, 3, 5};
    const auto at = [&](int value) { return base::lowerBound(elements.data(), elements.size(), value); };
    CHECK(at(0) == 0);
    CHECK(at(1) == 0);
    CHECK(at(2) == 1);
    CHECK(at(3) == 1);
    CHECK(at(5) == 3);
    CHECK(at(6) == 4);
    CHECK(base::lowerBound(elements.data(), 0, 1) == 0);
}

TEST_CASE("of two the lesser and the greater is given") {
    CHECK(base::lesser(1, 2) == 1);
    CHECK(base::lesser(2, 1) == 1);
    CHECK(base::greater(1, 2) == 2);
    CHECK(base::greater(2, 1) == 2);
}
