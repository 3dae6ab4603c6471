// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/gate.hpp"

#include <rondo/host/job.hpp>
#include <rondo/host/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <type_traits>

using namespace rondo;

namespace {

/// A job that says what it was asked for, and destroys itself as a job must.
struct Asked final : host::Job {
    Asked(std::string& log, const char* name) : Job(&act), log_(log), name_(name) { ++alive; }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    ~Asked() { --alive; }

    static void act(Job* job, loop::Verb verb) noexcept {
        const std::unique_ptr<Asked> self(static_cast<Asked*>(job));
        self->log_ += self->name_;
        self->log_ += verb == loop::Verb::run ? " runs. " : " is dropped. ";
    }

    static inline std::atomic<int> alive{0};

private:
    std::string& log_;
    const char* name_;
};

struct WaitsAt final : host::Job {
    WaitsAt(Gate& begun, Gate& end) : Job(&act), begun_(begun), end_(end) {}
    static void act(Job* job, loop::Verb) noexcept {
        const std::unique_ptr<WaitsAt> self(static_cast<WaitsAt*>(job));
        self->begun_.open();
        self->end_.wait();
    }

private:
    Gate& begun_;
    Gate& end_;
};

struct DroppedOpens final : host::Job {
    explicit DroppedOpens(Gate& gate) : Job(&act), gate_(gate) {}
    static void act(Job* job, loop::Verb) noexcept {
        const std::unique_ptr<DroppedOpens> self(static_cast<DroppedOpens*>(job));
        self->gate_.open();
    }

private:
    Gate& gate_;
};

constexpr auto wait = ThreadPool::WhenFull::wait;
constexpr auto refuse = ThreadPool::WhenFull::refuse;

}

static_assert(std::is_same_v<host::Job::Perform, void (*)(host::Job*, loop::Verb) noexcept>);

TEST_CASE("a job that a pool has taken is asked once to run") {
    std::string log;
    {
        ThreadPool pool({.threads = 1});
        CHECK(pool.submit(*new Asked(log, "first"), wait));
        CHECK(pool.submit(*new Asked(log, "second"), refuse));
    }
    CHECK(log == "first runs. second runs. ");
    CHECK(Asked::alive == 0);
}

TEST_CASE("a job that is still queued when its pool is shut down is asked once to drop") {
    std::string log;
    Gate begun;
    Gate end;
    ThreadPool pool({.threads = 1});
    pool.submit(*new WaitsAt(begun, end), wait);
    begun.wait();
    pool.submit(*new Asked(log, "first"), wait);
    pool.submit(*new Asked(log, "second"), wait);
    pool.submit(*new DroppedOpens(end), wait);
    pool.shutdown(QueuedJobs::drop);
    CHECK(log == "first is dropped. second is dropped. ");
    CHECK(Asked::alive == 0);
}

TEST_CASE("a job that a pool refuses is asked nothing and stays its owner's") {
    std::string log;
    Gate begun;
    Gate end;
    ThreadPool pool({.threads = 1, .capacity = 1});
    pool.submit(*new WaitsAt(begun, end), wait);
    begun.wait();
    pool.submit(*new Asked(log, "queued"), wait);
    const auto job = std::make_unique<Asked>(log, "refused");
    CHECK_FALSE(pool.submit(*job, refuse));
    end.open();
    pool.shutdown(QueuedJobs::finish);
    CHECK_FALSE(pool.submit(*job, refuse));
    CHECK_FALSE(pool.submit(*job, wait));
    CHECK(log == "queued runs. ");
    CHECK(Asked::alive == 1);
}
