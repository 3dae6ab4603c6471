// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

/// The heap of this program: the global `operator new` and `operator delete` in all their forms. It counts the blocks
/// in use, sees to it that each is given back once, and with its size, and can be told to come to its end.
///
/// Exceptions are no part of it: a C++ runtime takes them from `malloc`, and keeps some room for the time when that
/// fails.
namespace heap {

/// Blocks in use, those of `OwnMemory` not counted.
long blocks() noexcept;
/// How long they are together.
std::size_t bytes() noexcept;

/// Who finds no memory: the thread that says so, or all others.
enum class Victim : unsigned char { thisThread, otherThreads };

inline constexpr long always = 1'000'000'000;

/// From now on `successes` allocations succeed, then `failures` throw `std::bad_alloc`.
void endAfter(long successes, long failures, Victim victim) noexcept;
/// There is memory again.
void restore() noexcept;

/// How many allocations have been made since `endAfter`, and how many of these have failed.
long allocations() noexcept;
long failures() noexcept;

/// While one lives, what this thread allocates is the test's own: it does not fail, and is not counted.
class OwnMemory {
public:
    OwnMemory() noexcept : OwnMemory(true) {}
    OwnMemory(const OwnMemory&) = delete;
    OwnMemory& operator=(const OwnMemory&) = delete;
    ~OwnMemory();

protected:
    explicit OwnMemory(bool own) noexcept;

private:
    bool outer_;
};

/// While one lives inside of that, it is the program's again.
class ProgramsMemory : OwnMemory {
public:
    ProgramsMemory() noexcept : OwnMemory(false) {}
};

}
