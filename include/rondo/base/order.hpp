// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

/// The little that the house needs of <algorithm>. In C++20 that header is a tenth of the time that a file with
/// <rondo/promise.hpp> takes to compile.
namespace rondo::base {

template <class T>
constexpr T lesser(T a, T b) noexcept {
    return b < a ? b : a;
}
template <class T>
constexpr T greater(T a, T b) noexcept {
    return a < b ? b : a;
}

/// Sorts `count` elements, by making a heap of them: O(n log n) whatever their order.
template <class T>
void sort(T* elements, std::size_t count) {
    const auto sink = [elements](std::size_t place, std::size_t end) {
        for (std::size_t child; (child = 2 * place + 1) < end; place = child) {
            if (child + 1 < end && elements[child] < elements[child + 1]) ++child;
            if (!(elements[place] < elements[child])) return;
            std::swap(elements[place], elements[child]);
        }
    };
    for (std::size_t place = count / 2; place-- > 0;) sink(place, count);
    while (count-- > 1) {
        std::swap(elements[0], elements[count]);
        sink(0, count);
    }
}

/// Where the first of the sorted elements stands that is not less than `value`.
template <class T>
std::size_t lowerBound(const T* elements, std::size_t count, const T& value) {
    std::size_t first = 0;
    while (first < count) {
        const std::size_t middle = first + (count - first) / 2;
        elements[middle] < value ? static_cast<void>(first = middle + 1) : static_cast<void>(count = middle);
    }
    return first;
}

}
