// SPDX-License-Identifier: MIT
#pragma once

#include "../support/catch.hpp"
#include "../support/journal.hpp"
#include "heap.hpp"

#include <rondo/iteration/iterator_result.hpp>
#include <rondo/promise.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// It lies in place of nothing.
inline constexpr const char* longText = "a text that is much too long to lie in the place of a short one";

/// What a program does when a call of it finds no memory.
enum class Reaction : unsigned char {
    triesAgain, ///< makes the call once more: the first one must have changed nothing
    givesUp,    ///< lets the exception go on
};

/// How memory ends, and what the program makes of it.
struct Attack {
    std::string_view sentence;
    long failures;
    Reaction reaction;
};

/// One run of a program, some allocation of which fails. What it does stands in a journal.
class Program {
public:
    explicit Program(const Attack& attack) noexcept : attack_(attack) {}
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    template <class... Parts>
    void log(const Parts&... parts) {
        const heap::OwnMemory own;
        journal_(parts...);
    }

    /// A name for an error: of an `Error` its message, of those that it stands for theirs.
    static std::string nameOf(const std::exception_ptr& error) {
        const heap::OwnMemory own;
        try {
            if (!error) return "null";
            std::rethrow_exception(error);
        } catch (const std::bad_alloc&) {
            return "bad_alloc";
        } catch (const rondo::SuppressedError& each) {
            return nameOf(each.error()) + "/" + nameOf(each.suppressed());
        } catch (const rondo::AggregateError& each) {
            std::string all = "all";
            for (const auto& part : each.errors()) all += "/" + nameOf(part);
            return all;
        } catch (const rondo::DOMException& each) {
            return std::string(each.name());
        } catch (const rondo::Error& each) {
            return each.message() == longText ? "text" : std::string(each.message());
        } catch (const std::system_error&) { // of a thread that could not be started
            return "system_error:bad_alloc";
        } catch (...) {
            return "unknown";
        }
    }

    /// Makes a call. If it finds no memory it must have left all as it was, `unchanged()` says so where that can be seen;
    /// then it is made once more, or the program goes on without it.
    template <class Call, class Unchanged>
    auto attempt(Call&& call, Unchanged unchanged) {
        for (;;) {
            rondo::base::FreeLists::trim(); // or the next allocations would not come to the heap
            try {
                return call();
            } catch (const std::bad_alloc&) {
                if (!unchanged()) log("CHANGED");
                if (attack_.reaction == Reaction::givesUp) throw;
                ++repeated_;
            }
        }
    }
    template <class Call>
    auto attempt(Call&& call) {
        return attempt(std::forward<Call>(call), [] { return true; });
    }

    /// Writes down how a promise is settled.
    template <class T>
    void follow(const char* entry, const rondo::Promise<T>& promise) {
        const auto rejected = [this, entry](const std::exception_ptr& reason) { log(entry, ':', nameOf(reason)); };
        attempt([&] {
            if constexpr (std::is_void_v<T>) {
                promise.then([this, entry] { log(entry); }, rejected);
            } else {
                promise.then([this, entry](const T& value) { log(entry, ':', shown(value)); }, rejected);
            }
        });
    }

    static const char* shown(const std::string& text) noexcept { return text == longText ? "text" : "TORN"; }
    static int shown(int number) noexcept { return number; }
    static const char* shown(const std::unique_ptr<int>& pointer) noexcept { return pointer ? "pointer" : "TORN"; }
    static const char* shown(std::monostate) noexcept { return "nothing"; }
    template <class T>
    static std::string shown(const rondo::SettledResult<T>& result) {
        const heap::OwnMemory own;
        return result.rejected() ? nameOf(result.reason()) : partShown(shown(result.value()));
    }
    template <class T, class R>
    static std::string shown(const rondo::IteratorResult<T, R>& step) {
        const heap::OwnMemory own;
        return step ? partShown(shown(*step)) : "done";
    }
    template <class T>
    static std::string shown(const std::vector<T>& values) {
        const heap::OwnMemory own;
        std::string all;
        for (const T& each : values) all += (all.empty() ? "" : ",") + partShown(shown(each));
        return all;
    }
    template <class... Ts>
    static std::string shown(const std::tuple<Ts...>& values) {
        const heap::OwnMemory own;
        std::string all;
        std::apply([&](const auto&... each) { ((all += partShown(shown(each)) + ","), ...); }, values);
        return all;
    }
    template <class... Ts>
    static std::string shown(const std::variant<Ts...>& value) {
        return std::visit([](const auto& held) { return partShown(shown(held)); }, value);
    }

    /// From here on errors and rejections that nobody handled are written down, and whatever the loop runs finds the free
    /// lists empty.
    class Listening {
    public:
        Listening(Program& program, rondo::EventLoop& loop) : loop_(loop) {
            current_ = &program;
            loop.uncaught().setHandler([](rondo::EventLoop&, const std::exception_ptr& error) {
                current_->log("reported:", nameOf(error));
                return true;
            });
            loop.rejections().setHandlers(
                [](rondo::EventLoop&, rondo::loop::Rejection& rejection) {
                    current_->log("unhandled:", nameOf(rejection.error));
                    return true;
                },
                nullptr);
            loop.observe(&trimming_);
        }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;
        ~Listening() { loop_.observe(nullptr); }

    private:
        struct Trimming final : rondo::loop::Observer {
            void taskBegins(const rondo::loop::Task&) noexcept override { rondo::base::FreeLists::trim(); }
            void microtaskBegins(const rondo::loop::Microtask&) noexcept override { rondo::base::FreeLists::trim(); }
        };

        rondo::EventLoop& loop_;
        Trimming trimming_;
        static inline Program* current_ = nullptr;
    };

    std::string_view journal() const noexcept { return journal_.text(); }
    long repeated() const noexcept { return repeated_; }
    bool memoryReturns() const noexcept { return attack_.failures != heap::always; }

private:
    static std::string partShown(std::string part) { return part; }
    static std::string partShown(int number) {
        const heap::OwnMemory own;
        return std::to_string(number);
    }
    static std::string partShown(const char* part) {
        const heap::OwnMemory own;
        return part;
    }

    const Attack& attack_;
    Journal journal_;
    long repeated_ = 0;
};

/// A callback that writes this down, with a capture on the heap.
template <class... Args>
auto logging(Program& program, const char* entry) {
    return [&program, entry, text = std::make_unique<std::string>(longText)](Args...) {
        program.log(*text == longText ? entry : "TORN");
    };
}

/// What the run of a program has come to.
struct Ended {
    std::string journal;
    bool threw = false; // out of the program
    long repeated = 0;
    long allocations = 0;
    long failures = 0;
    long leaked = 0;
};

/// Asks the heap for each block, so that each can fail: a slab would hold a thousand.
class BlockByBlock final : public rondo::base::MemorySource {
public:
    BlockByBlock() noexcept : before_(replace(this)) {}
    BlockByBlock(const BlockByBlock&) = delete;
    BlockByBlock& operator=(const BlockByBlock&) = delete;
    ~BlockByBlock() override { replace(before_); }

    void* allocate(std::size_t bytes) override { return ::operator new(bytes); }
    void deallocate(void* block, std::size_t bytes) noexcept override { ::operator delete(block, bytes); }

private:
    MemorySource* before_;
};

/// Runs `program(Program&)`, whose allocation of this number fails.
template <class F>
Ended runUntilMemoryEnds(F& program, const Attack& attack, long successes, heap::Victim victim) {
    const heap::OwnMemory own;
    Ended ended;
    Program run(attack);
    const BlockByBlock source;
    const long before = heap::blocks();
    heap::endAfter(successes, attack.failures, victim);
    try {
        const heap::ProgramsMemory counted;
        program(run);
    } catch (const std::bad_alloc&) {
        ended.threw = true;
    }
    ended.allocations = heap::allocations();
    ended.failures = heap::failures();
    heap::restore();
    rondo::base::FreeLists::trim();
    ended.leaked = heap::blocks() - before;
    ended.journal = run.journal();
    ended.repeated = run.repeated();
    return ended;
}

/// What is wrong with a run, next to one that had all the memory it wanted; nothing if all is well.
std::string faultOf(const Ended& ended, const Ended& undisturbed);

/// Whether it says somewhere that memory has ended.
bool tellsOfTheEnd(std::string_view journal);

/// For the terminate handler, which names what was being attacked.
void nameAttack(const Attack* attack, long successes);

/// Runs `program(Program&)` again and again, with its first, its second, ... allocation failing, until a run needs no
/// more: alone, with the two behind it, or with all behind it. After each failure either a call has thrown, and changed
/// nothing, so that it can be made once more and all is as if memory had never ended; or somebody was told of it,
/// and nothing was done that is not done else, or twice. Nothing leaks.
template <class F>
void forEachFailure(F program, heap::Victim victim = heap::Victim::thisThread) {
    static constexpr Attack attacks[] = {
        {"one fails, the program tries again", 1, Reaction::triesAgain},
        {"one fails, the program gives up", 1, Reaction::givesUp},
        {"three fail, the program tries again", 3, Reaction::triesAgain},
        {"all fail from there on", heap::always, Reaction::givesUp},
    };
    nameAttack(&attacks[0], -1);
    runUntilMemoryEnds(program, attacks[0], heap::always, victim); // what is made once in a process
    const Ended undisturbed = runUntilMemoryEnds(program, attacks[0], heap::always, victim);
    INFO("undisturbed: " << undisturbed.journal);
    REQUIRE(undisturbed.leaked == 0);
    REQUIRE_FALSE(undisturbed.threw);
    REQUIRE(undisturbed.journal != "");
    REQUIRE_FALSE(tellsOfTheEnd(undisturbed.journal));
    for (const Attack& attack : attacks) {
        for (long successes = 0;; ++successes) {
            REQUIRE(successes < 400);
            nameAttack(&attack, successes);
            const Ended ended = runUntilMemoryEnds(program, attack, successes, victim);
            const std::string fault = faultOf(ended, undisturbed);
            if (!fault.empty()) {
                FAIL_CHECK(attack.sentence << ", behind " << successes << ": " << fault
                                           << "\n  it did: " << ended.journal);
                break;
            }
            if (ended.failures == 0) break;
        }
    }
    nameAttack(nullptr, 0);
}

/// A program on a loop in virtual time: `main(Program&)` is its main function, and may be a coroutine. When it has come
/// to its end the loop must still do all that a loop does; then it is destroyed.
template <class Main>
auto onLoop(Main main, const rondo::EventLoopOptions& options = {.virtualTime = true}) {
    return [main, options](Program& program) {
        std::optional<rondo::EventLoop> loop;
        program.attempt([&] { loop.emplace(options); });
        const Program::Listening listening(program, *loop);
        program.attempt([&] { loop->run(main, std::ref(program)); });
        if (loop->uncaught().any()) program.log("printed:bad_alloc");
        if (program.memoryReturns()) {
            heap::restore();
            int steps = 0;
            loop->run([&] {
                loop->setTimer([&] { ++steps; }, 1, false);
                loop->post([&] { ++steps; });
                rondo::Promise<>::resolve().then([&] { ++steps; });
            });
            if (steps != 3) program.log("DEAD");
        }
    };
}
