// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/test262.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What the tests of Promise.all, allSettled, any and race share: scripts that each give one combinator the same inputs,
// and say what it came to.
//
// Where the original hands the elements' resolving functions straight to a constructor of its own, they are here those
// of the promises that `Promise.resolve` makes of the thenables.
namespace test262 {

/// Calls `f` in a microtask.
inline void soon(std::function<void()> f) { Promise<>::resolve().then(std::move(f)); }

/// The resolving functions that a thenable was given.
struct Functions {
    ThenableObject<std::string>::Resolve resolve;
    ThenableObject<std::string>::Reject reject;
};
using Kept = std::optional<Functions>;

/// A thenable that keeps its resolving functions for the test, and may call them, too.
inline ThenableObject<std::string> deferred(Kept& kept, void (*also)(const Functions&) = nullptr) {
    return thenable<std::string>([&kept, also](const auto& resolve, const auto& reject) {
        kept.emplace(Functions{resolve, reject});
        if (also) also(*kept);
    });
}

using Texts = std::vector<Promise<std::string>>;
using Numbers = std::vector<Promise<int>>;

inline Promise<std::string> fulfilledWith(std::string value) {
    return Promise<std::string>([&](auto resolve) { resolve(std::move(value)); });
}
inline Promise<std::string> rejectedWith(std::string reason) {
    return Promise<std::string>([&](auto, auto reject) { reject(std::move(reason)); });
}

// The four combinators of what they are given.
inline constexpr auto all = [](auto&&... inputs) { return Promise<>::all(std::forward<decltype(inputs)>(inputs)...); };
inline constexpr auto allSettled = [](auto&&... inputs) {
    return Promise<>::allSettled(std::forward<decltype(inputs)>(inputs)...);
};
inline constexpr auto any = [](auto&&... inputs) { return Promise<>::any(std::forward<decltype(inputs)>(inputs)...); };
inline constexpr auto race = [](auto&&... inputs) {
    return Promise<>::race(std::forward<decltype(inputs)>(inputs)...);
};

/// Of three thenables the second resolves the first, and then itself.
template <class Combine>
std::string resolvedBySecond(Combine combine) {
    Kept first;
    return journalOf([&](Journal& log) {
        noteOutcome(log,
                    combine(std::vector{deferred(first), thenable<std::string>([&first](auto resolve, auto) {
                                            first->resolve("p1-fulfill");
                                            resolve("p2-fulfill");
                                        }),
                                        thenable<std::string>([](auto resolve, auto) { resolve("p3-fulfill"); })}));
    });
}

/// Of three thenables the second resolves itself twice; when all has run, the first is resolved.
template <class Combine>
std::string resolvedTwice(Combine combine) {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] {
        noteOutcome(log,
                    combine(std::vector{deferred(first), thenable<std::string>([](auto resolve, auto) {
                                            resolve("p2-fulfill");
                                            resolve("p2-fulfill-unexpected");
                                        }),
                                        thenable<std::string>([](auto resolve, auto) { resolve("p3-fulfill"); })}));
    });
    log("|");
    runOn(loop, [&] { first->resolve("p1-fulfill"); });
    return log.text();
}

/// Each of three thenables is resolved when all has run, the first one more than once.
template <class Combine>
std::string resolvedInTurn(Combine combine) {
    Kept first, second, third;
    Journal log;
    EventLoop loop({.virtualTime = true});
    runOn(loop, [&] { noteOutcome(log, combine(std::vector{deferred(first), deferred(second), deferred(third)})); });
    runOn(loop, [&] {
        first->resolve("p1-fulfill");
        first->resolve("p1-fulfill-unexpected-1");
        first->resolve("p1-fulfill-unexpected-2");
    });
    log("|");
    runOn(loop, [&] {
        second->resolve("p2-fulfill");
        third->resolve("p3-fulfill");
    });
    return log.text();
}

/// A thenable resolves itself at once, and again when all has run.
template <class Combine>
std::string resolvedAfterReturn(Combine combine) {
    Kept first;
    Journal log;
    EventLoop loop({.virtualTime = true});
    const std::vector inputs{deferred(first, [](const Functions& kept) { kept.resolve("expectedValue"); })};
    std::optional<decltype(combine(inputs))> promise;
    runOn(loop, [&] {
        promise = combine(inputs);
        noteOutcome(log, *promise);
    });
    runOn(loop, [&] { first->resolve("unexpectedValue"); });
    return log.text() + " " + Text::of(promise->value());
}

/// Two thenables resolve, the second then rejects: both at once.
template <class Combine>
std::string rejectedLate(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(log, combine(std::vector{thenable<int>([](auto resolve, auto) { resolve(42); }),
                                             thenable<int>([](auto resolve, auto reject) {
                                                 resolve(33);
                                                 reject("late");
                                             })}));
    });
}

/// The same, both in a microtask.
template <class Combine>
std::string rejectedLateDeferred(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(log,
                    combine(std::vector{thenable<int>([](auto resolve, auto) { soon([resolve] { resolve(42); }); }),
                                        thenable<int>([](auto resolve, auto reject) {
                                            soon([resolve, reject] {
                                                resolve(9);
                                                reject("late");
                                            });
                                        })}));
    });
}

/// A thenable rejects at once.
template <class Combine>
std::string rejectedImmediately(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(log, combine(std::vector{thenable<int>([](auto, auto reject) { reject("reason"); })}));
    });
}

/// A thenable rejects in a microtask.
template <class Combine>
std::string rejectedDeferred(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(
            log, combine(std::vector{thenable<int>([](auto, auto reject) { soon([reject] { reject("reason"); }); })}));
    });
}

/// The combinator's reaction, between those to its two inputs, which are fulfilled already.
template <class Combine>
std::string sequence(Combine combine) {
    return journalOf([&](Journal& log) {
        const auto p1 = fulfilledWith("1");
        const auto p2 = fulfilledWith("2");
        log(1);
        p1.then(Step{&log, 3});
        combine(Texts{p1, p2}).then(Step{&log, 5});
        p2.then(Step{&log, 4});
        log(2);
    });
}

/// The combinator's reaction, and a `then` behind a `then` of its one input.
template <class Combine>
std::string sequenceExtraTicks(Combine combine) {
    return journalOf([&](Journal& log) {
        const auto p1 = fulfilledWith("");
        log(1);
        combine(Texts{p1}).then(Step{&log, 4});
        p1.then(Step{&log, 3}).then(Step{&log, 5});
        log(2);
    });
}

/// The combinator's reaction, between those to three inputs, of which the second is fulfilled.
template <class Combine>
std::string sequenceMixed(Combine combine) {
    return journalOf([&](Journal& log) {
        const auto p1 = rejectedWith("");
        const auto p2 = fulfilledWith("");
        const auto p3 = rejectedWith("");
        log(1);
        p1.catch_(Step{&log, 3});
        combine(Texts{p1, p2, p3}).then(Step{&log, 6});
        p2.then(Step{&log, 4});
        log(2);
        p3.catch_(Step{&log, 5});
    });
}

/// A thenable resolves itself twice.
template <class Combine>
std::string resolvedAgain(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(log, combine(std::vector{thenable<std::string>([](auto resolve, auto) {
                        resolve("expectedValue");
                        resolve("unexpectedValue");
                    })}));
    });
}

/// Each of two thenables resolves itself twice.
template <class Combine>
std::string eachResolvedTwice(Combine combine) {
    return journalOf([&](Journal& log) {
        noteOutcome(log, combine(std::vector{thenable<std::string>([](auto resolve, auto) {
                                                 resolve("expectedValue-p1");
                                                 resolve("unexpectedValue-p1");
                                             }),
                                             thenable<std::string>([](auto resolve, auto) {
                                                 resolve("expectedValue-p2");
                                                 resolve("unexpectedValue-p2");
                                             })}));
    });
}

/// Two thenables that promise nothing resolve, the second then rejects: both in a microtask.
template <class Combine>
std::string nothingRejectedLateDeferred(Combine combine) {
    return journalOf([&](Journal& log) {
        combine(std::vector{thenable<void>([](auto resolve, auto) { soon([resolve] { resolve(); }); }),
                            thenable<void>([](auto resolve, auto reject) {
                                soon([resolve, reject] {
                                    resolve();
                                    reject("late");
                                });
                            })})
            .then([&log](const auto&) { log("fulfilled"); }, [&log] { log("rejected"); });
    });
}

/// A range that throws when it is iterated over: at its beginning, or behind its first element, which is rejected.
class ThrowingRange {
public:
    enum class When { begins, advances, ends, reads };
    explicit ThrowingRange(When when) : when_(when) {}

    struct End {};
    class Iterator {
    public:
        using value_type = Promise<int>;
        explicit Iterator(When when) : when_(when) {}
        Promise<int> operator*() const {
            throwAt(When::reads);
            return Promise<int>::reject("the first element");
        }
        Iterator& operator++() {
            throwAt(When::advances, true);
            first_ = false;
            return *this;
        }
        bool operator!=(End) const {
            throwAt(When::ends);
            return true;
        }

    private:
        void throwAt(When when, bool alsoFirst = false) const {
            if (when == when_ && (alsoFirst || !first_)) throw RangeError("thrown by the range");
        }
        When when_;
        bool first_ = true;
    };

    Iterator begin() const {
        if (when_ == When::begins) throw RangeError("thrown by the range");
        return Iterator(when_);
    }
    End end() const { return {}; }

private:
    When when_;
};

/// What a combinator of such a range comes to; it must not throw.
template <class Combine>
std::string outcomeOfThrowingRange(Combine combine, ThrowingRange::When when) {
    return journalOf([&](Journal& log) {
        combine(ThrowingRange(when))
            .then([&log](const auto&) { log("fulfilled"); },
                  [&log](const std::exception_ptr& e) { log("rejected:", Text::of(e)); });
    });
}

/// A value that cannot be copied into the promise that is made of it.
struct ThrowsWhenCopied {
    ThrowsWhenCopied() = default;
    ThrowsWhenCopied(ThrowsWhenCopied&&) noexcept = default;
    ThrowsWhenCopied(const ThrowsWhenCopied&) { throw RangeError("thrown by the copy"); }
};

/// What a combinator comes to that cannot make a promise of its element; it must not throw.
template <class Combine>
std::string outcomeOfThrowingElement(Combine combine) {
    return journalOf([&](Journal& log) {
        const ThrowsWhenCopied element;
        combine(element).then([&log](const auto&) { log("fulfilled"); },
                              [&log](const std::exception_ptr& e) { log("rejected:", Text::of(e)); });
    });
}

}
