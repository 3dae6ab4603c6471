// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>
#include <cstddef>

/// Reports what each of the operations took, and its allocations, from where this is made to where it is destroyed:
/// around the loop over the state, behind whatever warms up.
///
/// If an iteration calls the global `operator new` more often than it may, the benchmark fails, and with it the program.
/// In a steady state it takes all it needs from what earlier ones gave back.
class Measured {
public:
    static constexpr std::size_t steady = 0;
    static constexpr std::size_t any = ~std::size_t{0};

    explicit Measured(benchmark::State& state, std::size_t operations = 1, std::size_t mayAllocate = any) noexcept;
    Measured(const Measured&) = delete;
    Measured& operator=(const Measured&) = delete;
    ~Measured();

    /// What happens between these two takes no time, and allocates nothing.
    void pause();
    void resume();

private:
    benchmark::State& state_;
    double operations_;
    std::size_t mayAllocate_;
    std::size_t before_;
};
