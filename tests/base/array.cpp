// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/base/array.hpp>

using rondo::base::Array;

TEST_CASE("an array keeps its elements while it grows") {
    Array<int> array;
    CHECK(array.empty());
    for (int i = 0; i < 100; ++i) CHECK(array.push(i) == i);
    CHECK(array.size() == 100);
    int sum = 0;
    for (const int element : array) sum += element;
    CHECK(sum == 4950);
    CHECK(array[99] == 99);
    array.pop();
    CHECK(array.back() == 98);
    CHECK(array.size() == 99);
}

TEST_CASE("an element of the array itself can be pushed while it grows") {
    Array<int> array;
    array.push(7);
    for (int i = 0; i < 20; ++i) array.push(array[0]);
    for (const int element : array) CHECK(element == 7);
}

TEST_CASE("what was reserved is there without another allocation") {
    Array<int> array;
    array.reserve(3);
    array.push(1);
    const int* first = array.begin();
    array.pushReserved(2);
    array.pushReserved(3);
    CHECK(array.begin() == first);
    CHECK(array[2] == 3);
    array.reserve(2);
    CHECK(array.begin() == first);
}
