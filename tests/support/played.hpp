// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "counted.hpp"
#include "journal.hpp"

#include <rondo/promise/run.hpp>

#include <functional>
#include <string>

/// Runs `play(log)` in a loop until nothing is owed, then lets the loop go. All memory must have come back.
inline std::string played(const std::function<void(Journal&)>& play) {
    CountingSource source;
    Journal log;
    Counted::reset();
    {
        rondo::EventLoop loop({.virtualTime = true});
        loop.run([&] { play(log); });
        log("end");
    }
    CHECK(Counted::alive == 0);
    CHECK(source.balance() == 0);
    return log.text();
}
