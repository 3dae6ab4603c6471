// SPDX-License-Identifier: MIT
//
// Part of each program: it counts what is allocated, and has the main function.

#include "support/measured.hpp"

#include <cstdlib>
#include <new>

namespace {

constinit thread_local std::size_t allocationCount = 0;
bool failed = false;

}

// Not inlined: a compiler that sees through one of these and not through the other takes them for a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
    ++allocationCount;
    if (void* block = std::malloc(bytes)) return block;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
    ++allocationCount;
    void* block = nullptr;
    const auto unit = static_cast<std::size_t>(alignment);
    if (posix_memalign(&block, unit, (bytes + unit - 1) / unit * unit) == 0) return block; // as libstdc++ does
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

Measured::Measured(benchmark::State& state, std::size_t operations, std::size_t mayAllocate) noexcept
    : state_(state), operations_(static_cast<double>(operations)), mayAllocate_(mayAllocate), before_(allocationCount) {
}

Measured::~Measured() {
    using benchmark::Counter;
    const std::size_t allocated = allocationCount - before_;
    const auto iterations = static_cast<std::size_t>(state_.iterations());
    state_.counters["allocations"] = static_cast<double>(allocated) / (static_cast<double>(iterations) * operations_);
    state_.counters["each"] = Counter(operations_, Counter::kIsIterationInvariantRate | Counter::kInvert);
    if (mayAllocate_ != any && allocated > mayAllocate_ * iterations) {
        failed = true;
        state_.SkipWithError("it allocates more than it may");
    }
}

void Measured::pause() {
    state_.PauseTiming();
    before_ -= allocationCount;
}

void Measured::resume() {
    before_ += allocationCount;
    state_.ResumeTiming();
}

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return failed;
}
