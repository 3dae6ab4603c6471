// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"
#include "support/sanitizers.hpp"

#include <rondo/base/memory.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/timers.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string>
#include <utility>
#include <vector>

// So many that what is quadratic would not end. AddressSanitizer is slower, and what it keeps of each block is more.

using namespace rondo;
using namespace std::chrono_literals;

namespace {

constexpr int million = withAddressSanitizer ? 100'000 : 1'000'000;

struct Requeues {
    int& left;
    void operator()() const {
        if (--left > 0) queueMicrotask(*this);
    }
};

}

TEST_CASE("a million timers of one deadline run in the order in which they were set") {
    EventLoop loop({.virtualTime = true});
    int next = 0;
    loop.run([&] {
        for (int i = 0; i < million; ++i) {
            setTimeout(
                [&next, i] {
                    if (next == i) ++next;
                },
                5);
        }
    });
    CHECK(next == million);
    CHECK(loop.now() == 5);
}

TEST_CASE("a million timers are cleared forwards and backwards and leave nothing") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        int ran = 0;
        std::vector<TimerHandle> timers;
        for (int i = 0; i < million; ++i)
            timers.push_back(setTimeout([&ran] { ++ran; }, i % 2 == 0 ? 5 : 1'000'000 - i));
        const std::size_t half = timers.size() / 2;
        for (std::size_t i = 0; i < half; ++i) clearTimeout(timers[i]);
        for (std::size_t i = timers.size(); i-- > half;) clearTimeout(timers[i]);
        for (const TimerHandle& timer : timers) clearTimeout(timer); // once more, for nothing
        CHECK_FALSE(loop.alive());
        CHECK(source.balance() == 0);
        loop.run([] {});
        CHECK(ran == 0);
        CHECK(loop.now() == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("of a million timers that are due the first clears every second one") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::vector<TimerHandle> timers;
        std::int64_t ran = 0;
        bool inOrder = true;
        int last = 0;
        loop.run([&] {
            setTimeout(
                [&] {
                    for (std::size_t i = 1; i < timers.size(); i += 2) clearTimeout(timers[i]);
                },
                5);
            for (int i = 0; i < million; ++i) {
                timers.push_back(setTimeout(
                    [&, i] {
                        ++ran;
                        inOrder = inOrder && i % 2 == 0 && i >= last;
                        last = i;
                    },
                    5));
            }
        });
        CHECK(ran == million / 2);
        CHECK(inOrder);
        CHECK(source.balance() == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("each of a million timers that are due clears the one behind it") {
    EventLoop loop({.virtualTime = true});
    std::vector<TimerHandle> timers;
    int ran = 0;
    loop.run([&] {
        for (int i = 0; i < million; ++i) {
            timers.push_back(setTimeout(
                [&, i] {
                    ++ran;
                    if (i + 1 < million) clearTimeout(timers[static_cast<std::size_t>(i) + 1]);
                },
                5));
        }
    });
    CHECK(ran == million / 2);
}

TEST_CASE("a million timers that set each other keep the memory of one") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        int left = million;
        struct Sets {
            int& left;
            void operator()() const {
                if (--left > 0) setTimeout(*this, 1);
            }
        };
        int halfway = 0;
        setTimeout([&] { halfway = source.balance(); }, million / 2 + 0.5);
        loop.run(Sets{left});
        CHECK(loop.now() == million - 1);
        CHECK(halfway <= 2);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million intervals of one beat go on until they are cleared") {
    EventLoop loop({.virtualTime = true});
    std::vector<TimerHandle> timers;
    int beats = 0;
    loop.run([&] {
        for (int i = 0; i < million; ++i) timers.push_back(setInterval([&beats] { ++beats; }, 1));
        setTimeout(
            [&] {
                for (const TimerHandle& timer : timers) clearInterval(timer);
            },
            2);
    });
    CHECK(beats == million); // those of the second beat come behind what clears them
}

TEST_CASE("a microtask that queues itself again starves the tasks and takes no memory") {
    CountingSource source;
    {
        constexpr int times = withAddressSanitizer ? 1'000'000 : 10'000'000;
        EventLoop loop({.virtualTime = true});
        Journal log;
        int left = times;
        int allocations = 0;
        loop.run([&] {
            setTimeout([&] { log("task:", left); });
            queueMicrotask([&] { allocations = source.allocations(); });
            queueMicrotask(Requeues{left});
        });
        CHECK(log == "task:0");
        if (!withAddressSanitizer) CHECK(source.allocations() - allocations < 10);
        CHECK(source.balance() == 0);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a million microtasks run before the next task") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    int next = 0;
    loop.run([&] {
        setTimeout([&] { log("task behind ", next); });
        for (int i = 0; i < million; ++i) {
            queueMicrotask([&next, i] {
                if (next == i) ++next;
            });
        }
    });
    CHECK(next == million);
    CHECK(log.text() == "task behind " + std::to_string(million));
}

namespace {

/// When something set with this delay comes to pass: in milliseconds, "at once" or "never".
std::string waits(base::Milliseconds time) {
    const auto said = [](EventLoop& loop, bool ran) -> std::string {
        if (!ran) return "never";
        if (loop.now() == 0) return "at once";
        base::Text text;
        return std::string(text.appendNumber(static_cast<long long>(loop.now())).view());
    };
    std::vector<std::string> all;
    const auto attempt = [&](auto begin) {
        EventLoop loop({.virtualTime = true});
        bool ran = false;
        loop.run([&] { begin(ran); });
        all.push_back(said(loop, ran));
    };
    attempt([&](bool& ran) { setTimeout([&ran] { ran = true; }, time); });
    attempt([&](bool& ran) { delay(time).then([&ran] { ran = true; }); });
    attempt([&](bool& ran) { AbortSignal::timeout(time).addEventListener("abort", [&ran] { ran = true; }); });
    attempt([&](bool& ran) {
        const AbortController controller;
        delay(time, {.signal = controller.signal()}).then([&ran] { ran = true; });
    });
    attempt([&](bool& ran) {
        static TimerHandle interval; // its first beat
        interval = setInterval(
            [&ran] {
                ran = true;
                clearInterval(interval);
            },
            time);
    });
    for (const std::string& each : all) {
        if (each != all.front()) return "differs";
    }
    return all.front();
}

template <class Rep>
using Seconds = std::chrono::duration<Rep>;

}

TEST_CASE("a delay of any number is at once or a number of milliseconds or never") {
    Journal log;
    constexpr double infinite = std::numeric_limits<double>::infinity();
    log(waits(-1), ',', waits(0), ',', waits(-0.0), ',', waits(std::numeric_limits<int>::min()));
    CHECK(log == "at once,at once,at once,at once");
    log.clear();
    log(waits(std::numeric_limits<double>::quiet_NaN()), ',', waits(-std::numeric_limits<float>::quiet_NaN()), ',',
        waits(std::numeric_limits<double>::denorm_min()), ',', waits(-infinite), ',', waits(1e-7));
    CHECK(log == "at once,at once,at once,at once,at once");
    log.clear();
    log(waits(infinite), ',', waits(std::numeric_limits<float>::max()), ',', waits(std::numeric_limits<double>::max()),
        ',', waits(std::numeric_limits<long double>::max()), ',', waits(std::numeric_limits<std::int64_t>::max()), ',',
        waits(std::numeric_limits<std::uint64_t>::max()));
    CHECK(log == "never,never,never,never,never,never");
    log.clear();
    log(waits(2'147'483'647), ',', waits(2'147'483'648), ',', waits(4'294'967'296U * 2.0), ',', waits(true), ',',
        waits('\x7f'), ',', waits(std::uint8_t{255}), ',', waits(4e12));
    CHECK(log == "2147483647,2147483648,8589934592,1,127,255,4000000000000");
}

TEST_CASE("a delay of any duration is at once or a number of milliseconds or never") {
    using std::chrono::duration;
    Journal log;
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    log(waits(-1ns), ',', waits(std::chrono::nanoseconds::min()), ',', waits(std::chrono::hours::min()), ',',
        waits(Seconds<double>(std::numeric_limits<double>::quiet_NaN())), ',', waits(duration<int, std::atto>(1)), ',',
        waits(duration<double, std::exa>(-1)), ',', waits(duration<float, std::atto>(1e-38F)));
    CHECK(log == "at once,at once,at once,at once,at once,at once,at once");
    log.clear();
    log(waits(std::chrono::nanoseconds::max()), ',', waits(std::chrono::hours::max()), ',',
        waits(duration<std::uint8_t, std::exa>(1)), ',', waits(duration<std::int64_t, std::exa>(greatest)), ',',
        waits(Seconds<float>(std::numeric_limits<float>::infinity())), ',',
        waits(duration<double, std::atto>(infinite)), ',',
        waits(Seconds<long double>(std::numeric_limits<long double>::max())), ',', waits(std::chrono::years(147)));
    CHECK(log == "never,never,never,never,never,never,never,never");
    log.clear();
    log(waits(2ms), ',', waits(3s), ',', waits(5min), ',', waits(Seconds<std::int8_t>(7)), ',',
        waits(duration<std::uint64_t, std::atto>(3'000'000'000'000'000)), ',',
        waits(duration<int, std::ratio<1, 3>>(6)), ',', waits(duration<double, std::ratio<3600>>(0.5)), ',',
        waits(std::chrono::microseconds(greatest / 10'000)), ',', waits(std::chrono::years(146)));
    CHECK(log == "2,3000,300000,7000,3,2000,1800000,922337203685,4607314992000");
}

TEST_CASE("timers at the end of time keep their order and an interval of half of it ends") {
    EventLoop loop({.virtualTime = true});
    Journal log;
    constexpr auto longest = std::chrono::nanoseconds(std::numeric_limits<std::int64_t>::max() / 2 - 1024);
    int beats = 0;
    loop.run([&] {
        setInterval([&] { log("beat", ++beats); }, longest);
        setTimeout(
            [&] {
                log("late");
                setTimeout([&] { log("later"); }, longest - 1s);
                setTimeout([&] { log("never"); }, longest + 1h);
            },
            longest);
    });
    CHECK(log == "beat1 late later beat2");
    CHECK_FALSE(loop.alive());
}
