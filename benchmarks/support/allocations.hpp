// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdlib>
#include <new>

/// Counts the calls of the global `operator new` in this binary. Include it in one file.
inline std::size_t allocationCount = 0;

// Not inlined: a compiler that sees through one of these and not through the other takes them for a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
    ++allocationCount;
    if (void* block = std::malloc(bytes)) return block;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

/// Reports the allocations per operation since it was made, as a counter of the benchmark.
class Allocations {
public:
    explicit Allocations(benchmark::State& state) : state_(state), before_(allocationCount) {}
    Allocations(const Allocations&) = delete;
    Allocations& operator=(const Allocations&) = delete;
    void per(double operations) {
        state_.counters["allocations/op"] = static_cast<double>(allocationCount - before_) / operations;
    }

private:
    benchmark::State& state_;
    std::size_t before_;
};
