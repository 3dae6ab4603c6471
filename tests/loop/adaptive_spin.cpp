// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"

#include <rondo/loop/adaptive_spin.hpp>

#include <chrono>

using namespace std::chrono_literals;

namespace {

/// It stands still but when it is put on.
struct HandClock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<HandClock>;
    static time_point now() { return instant; }
    static inline time_point instant{};
};

using Spin = rondo::loop::AdaptiveSpin<HandClock>;

/// What a wait did: how often it looked whether it is over, and whether it slept.
struct Did {
    int looks = 0;
    bool slept = false;
};

/// Each look takes `step`, a sleep takes `sleep`, and what is waited for comes with look number `comesWith`.
Did wait(Spin& spin, std::chrono::microseconds sleep, std::chrono::microseconds step = 1us, int comesWith = 0,
         HandClock::time_point deadline = HandClock::time_point::max()) {
    Did did;
    spin.wait(
        [&] {
            HandClock::instant += step;
            return ++did.looks == comesWith;
        },
        [&] {
            HandClock::instant += sleep;
            did.slept = true;
        },
        deadline);
    return did;
}

Spin used() {
    Spin spin;
    for (int i = 0; i < Spin::habit; ++i) CHECK(wait(spin, 10us).looks == 0);
    return spin;
}

}

TEST_CASE("who has waited for a short time only, several times in a row, looks before it sleeps") {
    Spin spin = used();
    const Did did = wait(spin, 10us, 1us, 5);
    CHECK(did.looks == 5);
    CHECK_FALSE(did.slept);
    CHECK(wait(spin, 10us, 1us, 3).looks == 3); // the habit stays
}

TEST_CASE("who has waited for long, once, sleeps at once until it has waited for a short time as often again") {
    Spin spin;
    for (int i = 1; i < Spin::habit; ++i) wait(spin, 10us);
    CHECK(wait(spin, Spin::soon).slept);
    for (int i = 0; i < Spin::habit; ++i) {
        const Did did = wait(spin, Spin::soon - 1us);
        CHECK(did.looks == 0);
        CHECK(did.slept);
    }
    CHECK(wait(spin, 10us).looks > 0);
}

TEST_CASE("what does not come while it is looked for is slept for, and the habit is gone") {
    Spin spin = used();
    const auto began = HandClock::instant;
    CHECK(wait(spin, 1us).slept);
    CHECK(HandClock::instant - began == Spin::patience + 1us);
    for (int i = 1; i < Spin::habit; ++i) CHECK(wait(spin, 10us).looks == 0);
    CHECK(wait(spin, 10us).looks > 0); // what was slept for in the end came soon, too
}

TEST_CASE("nobody looks beyond a deadline") {
    Spin spin = used();
    const auto began = HandClock::instant;
    CHECK(wait(spin, 0us, 1us, 0, began + 20us).slept);
    CHECK(HandClock::instant - began == 20us);
    Spin another = used();
    CHECK(wait(another, 0us, 1us, 0, began).looks == 0);
}

TEST_CASE("who is kept from looking by what else wants the core gives up") {
    Spin spin = used();
    const Did did = wait(spin, 10us, Spin::crowded + 1us);
    CHECK(did.looks <= 2);
    CHECK(did.slept);
    CHECK(wait(spin, 10us).looks == 0);
}
