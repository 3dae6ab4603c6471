// SPDX-License-Identifier: MIT
#include "readable_streams.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <set>
#include <type_traits>
#include <variant>

using namespace rondo;
using readable::flush;
using readable::isTypeError;
using readable::reasonOf;
using readable::Recording;
using readable::Source;
using readable::toArray;

namespace {

ReadableStream<int> upToThree() {
    return ReadableStream<int>({.start = [](auto& c) {
        c.enqueue(1);
        c.enqueue(2);
        c.enqueue(3);
        c.close();
    }});
}

/// One chunk, 0, and then an error.
ReadableStream<int> chunkThenError() {
    return ReadableStream<int>({.pull = [pulls = 0](auto& c) mutable {
        if (pulls++ == 0) {
            c.enqueue(0);
        } else {
            c.error(Error("error1"));
        }
    }});
}

/// What came of a step: its value, `done` or what it was rejected with.
template <class T>
Promise<std::string> outcomeOf(Promise<IteratorResult<T>> promise) {
    const auto settled = co_await promise.settled();
    if (settled.rejected()) co_return base::describe(settled.reason());
    const IteratorResult<T>& step = settled.value();
    if (!step) co_return "done";
    if constexpr (std::is_same_v<T, std::string>) {
        co_return *step;
    } else {
        co_return std::to_string(*step);
    }
}

}

// streams/readable-streams/async-iterator

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: a push source and a pull source are iterated over") {
    const auto pushed = co_await fromAsync(upToThree());
    CHECK(pushed == std::vector<int>{1, 2, 3});
    ReadableStream<int> stream({.pull = [i = 1](auto& c) mutable {
        c.enqueue(i);
        if (i >= 3) c.close();
        ++i;
    }});
    const auto pulled = co_await fromAsync(stream);
    CHECK(pulled == std::vector<int>{1, 2, 3});
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: chunks of nothing are iterated over") {
    ReadableStream<std::monostate> pushed({.start = [](auto& c) {
        for (int i = 0; i < 3; ++i) c.enqueue(std::monostate());
        c.close();
    }});
    const auto first = co_await fromAsync(pushed);
    CHECK(first.size() == 3);
    ReadableStream<std::monostate> pulled({.pull = [i = 1](auto& c) mutable {
        c.enqueue(std::monostate());
        if (i++ >= 3) c.close();
    }});
    const auto second = co_await fromAsync(pulled);
    CHECK(second.size() == 3);
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: a pull source is pulled when next is called") {
    Journal events;
    ReadableStream<int> stream({.pull =
                                    [&, i = 1](auto& c) mutable {
                                        events("pull");
                                        c.enqueue(i);
                                        if (i >= 3) c.close();
                                        ++i;
                                    }},
                               CountQueuingStrategy({.highWaterMark = 0}));
    auto iterator = stream.values();
    CHECK(events == "");
    for (const char* expected : {"1", "2", "3", "done"}) {
        const auto outcome = co_await outcomeOf(iterator.next());
        CHECK(outcome == expected);
    }
    CHECK(events == "pull pull pull");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: an errored stream throws and a closed one never runs the body") {
    ReadableStream<int> errored({.start = [](auto& c) { c.error(std::string("e")); }});
    int runs = 0;
    auto failed = forAwait(errored, [&](int) { ++runs; });
    const auto reason = co_await reasonOf(failed);
    CHECK(reason == "e");
    ReadableStream<int> closed({.start = [](auto& c) { c.close(); }});
    co_await forAwait(closed, [&](int) { ++runs; });
    CHECK(runs == 0);
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: an empty stream that is neither stalls the loop") {
    Source<int> source;
    int runs = 0;
    auto loop = forAwait(source.stream, [&](int) { ++runs; });
    co_await flush();
    CHECK(runs == 0);
    CHECK(loop.state() == PromiseState::pending);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: a stream that has been read in part is iterated over from there") {
    const auto stream = upToThree();
    auto reader = stream.getReader();
    const auto first = co_await reader.read();
    CHECK(*first == 1);
    reader.releaseLock();
    const auto rest = co_await fromAsync(stream);
    CHECK(rest == std::vector<int>{2, 3});
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: a loop that is left by break or throw cancels unless preventCancel says no") {
    for (const bool throws : {false, true}) {
        for (const bool preventCancel : {false, true}) {
            Recording<int> recording;
            recording.controller->enqueue(0);
            auto loop = forAwait(recording.stream.values({.preventCancel = preventCancel}), [throws](int) {
                if (throws) throw Error("in the body");
                return false;
            });
            const auto reason = co_await reasonOf(loop);
            CHECK(reason == (throws ? "Error: in the body" : "not rejected"));
            CHECK(recording.events == (preventCancel ? "pull" : "pull cancelundefined"));
        }
    }
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: return cancels unless preventCancel says no") {
    for (const bool preventCancel : {false, true}) {
        Recording<int> recording;
        recording.controller->enqueue(0);
        auto iterator = recording.stream.values({.preventCancel = preventCancel});
        co_await iterator.return_();
        CHECK(recording.events == (preventCancel ? "" : "cancelundefined"));
    }
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: next rejects if the stream errors") {
    auto iterator = chunkThenError().asyncIterator();
    const auto first = co_await outcomeOf(iterator.next());
    CHECK(first == "0");
    const auto second = co_await outcomeOf(iterator.next());
    CHECK(second == "Error: error1");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: return does not reject if the stream has not errored yet and does if it has") {
    auto iterator = chunkThenError().asyncIterator();
    const auto early = co_await outcomeOf(iterator.return_(std::string("return value")));
    CHECK(early == "done"); // unlike the Web: the value is not passed on, for it is a reason
    ReadableStream<int> errored({.pull = [](auto& c) { c.error(Error("error1")); }});
    auto late = errored.asyncIterator();
    co_await flush();
    const auto outcome = co_await outcomeOf(late.return_(std::string("return value")));
    CHECK(outcome == "Error: error1");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: next that succeeds and next that reports an error and next or return") {
    for (const bool returns : {false, true}) {
        auto awaited = chunkThenError().asyncIterator();
        std::vector<std::string> outcomes;
        outcomes.push_back(co_await outcomeOf(awaited.next()));
        outcomes.push_back(co_await outcomeOf(awaited.next()));
        auto third = returns ? awaited.return_(std::string("value")) : awaited.next();
        outcomes.push_back(co_await outcomeOf(third));
        CHECK(outcomes == std::vector<std::string>{"0", "Error: error1", "done"});

        auto atOnce = chunkThenError().asyncIterator();
        auto a = atOnce.next();
        auto b = atOnce.next();
        auto c = returns ? atOnce.return_(std::string("value")) : atOnce.next();
        outcomes.clear();
        outcomes.push_back(co_await outcomeOf(a));
        outcomes.push_back(co_await outcomeOf(b));
        outcomes.push_back(co_await outcomeOf(c));
        CHECK(outcomes == std::vector<std::string>{"0", "Error: error1", "done"});
    }
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: next that succeeds and return") {
    for (const bool awaits : {true, false}) {
        int pulls = 0;
        ReadableStream<int> stream({.pull = [&](auto& c) { c.enqueue(pulls++); }});
        auto iterator = stream.asyncIterator();
        auto next = iterator.next();
        if (awaits) co_await next;
        auto returned = iterator.return_(std::string("return value"));
        const auto first = co_await outcomeOf(next);
        const auto second = co_await outcomeOf(returned);
        CHECK(first == "0");
        CHECK(second == "done");
        CHECK(pulls == 2);
    }
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: return and then next or return again") {
    for (const bool awaits : {true, false}) {
        for (const bool returns : {true, false}) {
            ReadableStream<int> stream;
            auto iterator = stream.values();
            auto first = iterator.return_(std::string("return value 1"));
            if (awaits) co_await first;
            auto second = returns ? iterator.return_(std::string("return value 2")) : iterator.next();
            const auto a = co_await outcomeOf(first);
            const auto b = co_await outcomeOf(second);
            CHECK(a == "done");
            CHECK(b == "done");
        }
    }
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: values throws if there is a lock already") {
    const auto stream = upToThree();
    const auto iterator = stream.values();
    CHECK_THROWS_AS(stream.values(), TypeError);
    co_return;
}

ASYNC_TEST_CASE(
    "streams/readable-streams/async-iterator: a reader can be got when the iteration is at its end or has been left") {
    const auto whole = upToThree();
    const auto all = co_await fromAsync(whole);
    CHECK(all.size() == 3);
    co_await whole.getReader().closed();

    auto errored = chunkThenError();
    auto iterator = errored.values({.preventCancel = true});
    std::vector<std::string> outcomes;
    outcomes.push_back(co_await outcomeOf(iterator.next()));
    outcomes.push_back(co_await outcomeOf(iterator.next()));
    outcomes.push_back(co_await outcomeOf(iterator.return_(std::string("return value"))));
    CHECK(outcomes == std::vector<std::string>{"0", "Error: error1", "done"});
    const auto reason = co_await reasonOf(errored.getReader().closed());
    CHECK(reason == "Error: error1");

    const auto left = upToThree();
    co_await forAwait(left, [](int chunk) { return chunk < 2; });
    co_await left.getReader().closed();

    const auto kept = upToThree();
    co_await forAwait(kept.values({.preventCancel = true}), [](int chunk) { return chunk < 2; });
    auto reader = kept.getReader();
    const auto third = co_await reader.read();
    CHECK(*third == 3);
    co_await reader.closed();
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: return unlocks the stream synchronously") {
    for (const bool preventCancel : {false, true}) {
        ReadableStream<int> stream;
        stream.values({.preventCancel = preventCancel}).return_();
        CHECK_NOTHROW(stream.getReader());
    }
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/async-iterator: the stream may be closed while next is pending") {
    ReadableStream<std::string> stream({.start = [](auto& c) -> Promise<> {
        c.enqueue("a");
        c.enqueue("b");
        c.enqueue("c");
        co_await flush();
        c.close();
    }});
    const auto chunks = co_await fromAsync(stream);
    CHECK(chunks == std::vector<std::string>{"a", "b", "c"});
}

// streams/readable-streams/from

namespace {

/// An async iterator made of functions, any of which may be missing.
struct Iterable {
    using Step = IteratorResult<std::string>;

    std::function<Promise<Step>()> onNext = [] { return Promise<Step>::resolve(Step::finished()); };

    Promise<Step> next() const { return onNext(); }
};
struct Returning : Iterable {
    std::function<Promise<Step>(const std::exception_ptr&)> onReturn;

    Promise<Step> return_() const { return onReturn(nullptr); }
    Promise<Step> return_(const std::exception_ptr& reason) const { return onReturn(reason); }
};

AsyncGenerator<std::string> asyncGenerator() {
    co_yield "a";
    co_yield "b";
}

template <class X>
Promise<> givesAAndB(X&& iterable) {
    const auto stream = ReadableStream<std::string>::from(std::forward<X>(iterable));
    const auto reader = stream.getReader();
    std::vector<std::string> outcomes;
    for (int i = 0; i < 3; ++i) outcomes.push_back(co_await outcomeOf(reader.read()));
    CHECK(outcomes == std::vector<std::string>{"a", "b", "done"});
    co_await reader.closed();
}

ReadableStream<std::string> streamOfAAndB() {
    return ReadableStream<std::string>({.start = [](auto& c) {
        c.enqueue("a");
        c.enqueue("b");
        c.close();
    }});
}

}

ASYNC_TEST_CASE("streams/readable-streams/from: a stream is made of what can be iterated over") {
    std::vector<std::string> values{"a", "b"};
    co_await givesAAndB(values);
    std::vector<Promise<std::string>> promises;
    promises.push_back(Promise<std::string>::resolve("a"));
    promises.push_back(Promise<std::string>::resolve("b"));
    co_await givesAAndB(std::move(promises));
    std::set<std::string> set{"a", "b"};
    co_await givesAAndB(std::move(set));
    co_await givesAAndB(asyncGenerator());
    Iterable asyncIterable;
    std::vector<std::string> chunks{"b", "a"};
    asyncIterable.onNext = [&] {
        if (chunks.empty()) return Promise<Iterable::Step>::resolve(Iterable::Step::finished());
        auto step = Iterable::Step::yielded(std::move(chunks.back()));
        chunks.pop_back();
        return Promise<Iterable::Step>::resolve(std::move(step));
    };
    co_await givesAAndB(asyncIterable);
    co_await givesAAndB(streamOfAAndB());
    co_await givesAAndB(streamOfAAndB().values());
}

ASYNC_TEST_CASE("streams/readable-streams/from: what asking for the iterator throws leaves from") {
    struct Thrower {
        Iterable asyncIterator() { throw Error("a unique string"); }
        int* begin() { return nullptr; } // is not asked
        int* end() { return nullptr; }
    };
    CHECK_THROWS_AS(ReadableStream<>::from(Thrower()), Error);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/from: an empty iterable closes the stream") {
    const auto stream = ReadableStream<>::from(Iterable());
    auto reader = stream.getReader();
    const auto step = co_await reader.read();
    CHECK(step.done());
    co_await reader.closed();
}

ASYNC_TEST_CASE("streams/readable-streams/from: the stream errors when next rejects or throws") {
    for (const bool rejects : {true, false}) {
        Iterable iterable;
        iterable.onNext = [rejects]() -> Promise<Iterable::Step> {
            if (rejects) return Promise<Iterable::Step>::reject(Error("a unique string"));
            throw Error("a unique string");
        };
        auto reader = ReadableStream<>::from(iterable).getReader();
        auto read = reader.read();
        const auto first = co_await reasonOf(read);
        const auto second = co_await reasonOf(reader.closed());
        CHECK(first == "Error: a unique string");
        CHECK(second == first);
    }
}

ASYNC_TEST_CASE("streams/readable-streams/from: the stream stalls when next never settles") {
    auto never = Promise<Iterable::Step>::withResolvers();
    Iterable iterable;
    iterable.onNext = [&] { return never.promise; };
    auto reader = ReadableStream<>::from(iterable).getReader();
    auto read = reader.read();
    co_await flush();
    CHECK(read.state() == PromiseState::pending);
    CHECK(reader.closed().state() == PromiseState::pending);
    never.resolve(Iterable::Step::finished());
}

ASYNC_TEST_CASE("streams/readable-streams/from: next is called when the stream is first read") {
    int calls = 0;
    Iterable iterable;
    iterable.onNext = [&] {
        ++calls;
        return Promise<Iterable::Step>::resolve(Iterable::Step::yielded("a"));
    };
    auto reader = ReadableStream<>::from(iterable).getReader();
    co_await flush();
    CHECK(calls == 0);
    const auto step = co_await reader.read();
    CHECK(*step == "a");
    CHECK(calls == 1);
}

ASYNC_TEST_CASE("streams/readable-streams/from: a cancel calls return with the reason and waits for it") {
    Journal log;
    std::optional<PromiseWithResolvers<Iterable::Step>> returned;
    Returning iterable;
    iterable.onNext = []() -> Promise<Iterable::Step> { throw Error("next is not called"); };
    iterable.onReturn = [&](const std::exception_ptr& reason) {
        log("return:", base::describe(reason));
        return returned.emplace(Promise<Iterable::Step>::withResolvers()).promise;
    };
    auto reader = ReadableStream<>::from(iterable).getReader();
    CHECK(log == "");
    auto cancelled = reader.cancel(std::string("enough"));
    co_await flush();
    CHECK(log == "return:enough");
    CHECK(cancelled.state() == PromiseState::pending);
    returned->resolve(Iterable::Step::finished());
    co_await cancelled;
    co_await reader.closed();
}

ASYNC_TEST_CASE("streams/readable-streams/from: return is not called when the iterator comes to its end") {
    bool returned = false;
    int calls = 0;
    Returning iterable;
    iterable.onNext = [&] {
        ++calls;
        return Promise<Iterable::Step>::resolve(Iterable::Step::finished());
    };
    iterable.onReturn = [&](const std::exception_ptr&) {
        returned = true;
        return Promise<Iterable::Step>::resolve(Iterable::Step::finished());
    };
    auto reader = ReadableStream<>::from(iterable).getReader();
    const auto step = co_await reader.read();
    CHECK(step.done());
    CHECK(calls == 1);
    co_await reader.closed();
    CHECK_FALSE(returned);
}

ASYNC_TEST_CASE(
    "streams/readable-streams/from: a cancel is fulfilled without a return and rejected as return rejects or throws") {
    Iterable without;
    auto reader = ReadableStream<>::from(without).getReader();
    co_await reader.cancel(std::string("a unique string"));
    co_await reader.closed();
    for (const bool rejects : {true, false}) {
        Returning iterable;
        iterable.onReturn = [rejects](const std::exception_ptr&) -> Promise<Iterable::Step> {
            if (rejects) return Promise<Iterable::Step>::reject(Error("reject error"));
            throw Error("reject error");
        };
        auto other = ReadableStream<>::from(iterable).getReader();
        const auto reason = co_await reasonOf(other.cancel(Error("cancel reason")));
        CHECK(reason == "Error: reject error");
        co_await other.closed();
    }
}

ASYNC_TEST_CASE("streams/readable-streams/from: next may read the stream") {
    int calls = 0;
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    Iterable iterable;
    iterable.onNext = [&] {
        const char* const values[]{"a", "b", "c"};
        if (++calls == 1) static_cast<void>(reader->read());
        return Promise<Iterable::Step>::resolve(Iterable::Step::yielded(values[calls - 1]));
    };
    reader.emplace(ReadableStream<>::from(iterable).getReader());
    const auto first = co_await reader->read();
    CHECK(*first == "a");
    co_await flush();
    CHECK(calls == 2);
    const auto second = co_await reader->read();
    CHECK(*second == "c");
    CHECK(calls == 3);
}

ASYNC_TEST_CASE("streams/readable-streams/from: next and return may cancel the stream") {
    int nexts = 0;
    int returns = 0;
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
    Returning iterable;
    iterable.onNext = [&]() -> Promise<Iterable::Step> {
        ++nexts;
        auto cancelled = reader->cancel();
        co_await cancelled;
        co_return Iterable::Step::yielded("something else");
    };
    iterable.onReturn = [&](const std::exception_ptr&) -> Promise<Iterable::Step> {
        ++returns;
        auto cancelled = reader->cancel();
        co_await cancelled;
        co_return Iterable::Step::finished();
    };
    reader.emplace(ReadableStream<>::from(iterable).getReader());
    const auto step = co_await reader->read();
    CHECK(step.done());
    CHECK(nexts == 1);
    co_await flush();
    CHECK(returns == 1);
    co_await reader->closed();

    reader.emplace(ReadableStream<>::from(iterable).getReader());
    co_await reader->cancel();
    CHECK(returns == 2);
    CHECK(nexts == 1);
    co_await reader->closed();
}

ASYNC_TEST_CASE("streams/readable-streams/from: what is added to the range while it is read is read too") {
    std::list<std::string> list{"a", "b"}; // whose iterators stay good
    auto reader = ReadableStream<>::from(list).getReader();
    std::vector<std::string> outcomes;
    outcomes.push_back(co_await outcomeOf(reader.read()));
    outcomes.push_back(co_await outcomeOf(reader.read()));
    list.emplace_back("c");
    outcomes.push_back(co_await outcomeOf(reader.read()));
    outcomes.push_back(co_await outcomeOf(reader.read()));
    CHECK(outcomes == std::vector<std::string>{"a", "b", "c", "done"});
    co_await reader.closed();
}

// streams/readable-streams/tee

ASYNC_TEST_CASE("streams/readable-streams/tee: tee gives two streams") {
    const auto branches = ReadableStream<int>().tee();
    static_assert(std::is_same_v<decltype(branches), const std::array<ReadableStream<int>, 2>>);
    CHECK_FALSE(branches[0] == branches[1]);
    co_return;
}

ASYNC_TEST_CASE("streams/readable-streams/tee: one branch can be read to its end without touching the other") {
    const auto branches = streamOfAAndB().tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    std::vector<std::string> outcomes;
    for (int i = 0; i < 3; ++i) outcomes.push_back(co_await outcomeOf(first.read()));
    CHECK(outcomes == std::vector<std::string>{"a", "b", "done"});
    co_await first.closed();
    const auto a = co_await second.read();
    CHECK(*a == "a");
    CHECK(second.closed().state() == PromiseState::pending);
}

ASYNC_TEST_CASE("streams/readable-streams/tee: the chunks of both branches are equal") {
    ReadableStream<std::vector<int>> stream({.start = [](auto& c) { c.enqueue(std::vector<int>{1, 2}); }});
    const auto branches = stream.tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    const auto a = co_await first.read();
    const auto b = co_await second.read();
    CHECK(*a == *b);
}

ASYNC_TEST_CASE("streams/readable-streams/tee: an error of the source comes to both branches") {
    ReadableStream<std::string> stream({.start =
                                            [](auto& c) {
                                                c.enqueue("a");
                                                c.enqueue("b");
                                            },
                                        .pull = [] { throw std::string("boo!"); }});
    const auto branches = stream.tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    auto a = first.read();
    auto b = first.read();
    std::vector<std::string> outcomes;
    outcomes.push_back(co_await outcomeOf(a));
    outcomes.push_back(co_await outcomeOf(b));
    outcomes.push_back(co_await outcomeOf(second.read()));
    outcomes.push_back(co_await outcomeOf(first.read()));
    outcomes.push_back(co_await reasonOf(first.closed()));
    outcomes.push_back(co_await reasonOf(second.closed()));
    CHECK(outcomes == std::vector<std::string>{"a", "b", "boo!", "boo!", "boo!", "boo!"});
}

ASYNC_TEST_CASE("streams/readable-streams/tee: a branch that is cancelled does not touch the other") {
    for (const std::size_t cancelled : {0U, 1U}) {
        const auto branches = streamOfAAndB().tee();
        branches[cancelled].cancel();
        const auto none = co_await toArray(branches[cancelled]);
        const auto all = co_await toArray(branches[1 - cancelled]);
        CHECK(none.empty());
        CHECK(all == std::vector<std::string>{"a", "b"});
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/tee: the source is cancelled with the reasons of both branches in whatever order they come") {
    for (const bool reversed : {false, true}) {
        std::vector<std::string> told;
        ReadableStream<int> stream({.cancel = [&](const std::exception_ptr& reason) {
            try {
                std::rethrow_exception(reason);
            } catch (const AggregateError& error) { // where JavaScript has an array
                for (const auto& each : error.errors()) told.push_back(base::describe(each));
            }
        }});
        const auto branches = stream.tee();
        auto first = branches[reversed ? 1 : 0].cancel(std::string(reversed ? "two" : "one"));
        auto second = branches[reversed ? 0 : 1].cancel(std::string(reversed ? "one" : "two"));
        co_await first;
        co_await second;
        CHECK(told == std::vector<std::string>{"one", "two"});
    }
}

ASYNC_TEST_CASE("streams/readable-streams/tee: a source that fails to be cancelled rejects both") {
    for (const bool delayed : {false, true}) {
        ReadableStream<int> stream({.cancel = [] { throw std::string("boo!"); }});
        const auto branches = stream.tee();
        auto first = branches[0].cancel();
        if (delayed) co_await flush();
        auto second = branches[1].cancel();
        const auto a = co_await reasonOf(first);
        const auto b = co_await reasonOf(second);
        CHECK(a == "boo!");
        CHECK(b == "boo!");
    }
}

ASYNC_TEST_CASE("streams/readable-streams/tee: the cancel of both branches is rejected when the stream has errored") {
    Source<int> source;
    const auto branches = source.stream.tee();
    source.controller->error(std::string("You just watch yourself!"));
    auto first = branches[0].cancel();
    auto second = branches[1].cancel();
    const auto a = co_await reasonOf(first);
    const auto b = co_await reasonOf(second);
    CHECK(a == "You just watch yourself!");
    CHECK(b == a);
}

ASYNC_TEST_CASE("streams/readable-streams/tee: an error of a stream with chunks in the branches comes to both") {
    Source<int> source;
    const auto branches = source.stream.tee();
    source.controller->enqueue(1);
    source.controller->enqueue(2);
    co_await delay(0);
    source.controller->error(Error("distinctive"));
    const auto first = co_await reasonOf(branches[0].getReader().closed());
    const auto second = co_await reasonOf(branches[1].getReader().closed());
    CHECK(first == "Error: distinctive");
    CHECK(second == first);
}

ASYNC_TEST_CASE("streams/readable-streams/tee: a close or an error of the original is that of both branches") {
    for (const bool closes : {true, false}) {
        Source<int> source;
        const auto branches = source.stream.tee();
        auto first = branches[0].getReader();
        auto second = branches[1].getReader();
        closes ? source.controller->close() : source.controller->error(std::string("boo!"));
        const auto a = co_await reasonOf(first.closed());
        const auto b = co_await reasonOf(second.closed());
        CHECK(a == (closes ? "not rejected" : "boo!"));
        CHECK(b == a);
    }
}

ASYNC_TEST_CASE(
    "streams/readable-streams/tee: the cancel of one branch ends when the other is read to its end or the original errors") {
    for (const bool errors : {false, true}) {
        Source<std::string> source;
        const auto branches = source.stream.tee();
        auto first = branches[0].getReader();
        auto second = branches[1].getReader();
        auto cancelled = second.cancel();
        if (errors) {
            source.controller->error(std::string("boo!"));
            const auto outcome = co_await outcomeOf(first.read());
            CHECK(outcome == "boo!");
        } else {
            source.controller->enqueue("a");
            const auto a = co_await outcomeOf(first.read());
            CHECK(a == "a");
            source.controller->close();
            const auto end = co_await outcomeOf(first.read());
            CHECK(end == "done");
            co_await first.closed();
        }
        co_await cancelled;
    }
}

ASYNC_TEST_CASE("streams/readable-streams/tee: both branches can be cancelled one after the other") {
    const auto branches = ReadableStream<int>().tee();
    auto first = branches[0].cancel();
    co_await flush();
    auto second = branches[1].cancel();
    co_await first;
    co_await second;
}

ASYNC_TEST_CASE("streams/readable-streams/tee: no more is pulled than fits the queue of a branch") {
    Recording<int> recording({.highWaterMark = 0});
    const auto branches = recording.stream.tee();
    co_await flush();
    CHECK(recording.events == "pull");
}

ASYNC_TEST_CASE("streams/readable-streams/tee: no more is pulled than fills the emptiest queue") {
    Recording<std::string> recording({.highWaterMark = 0}, [](auto& c) { c.enqueue("a"); });
    const auto branches = recording.stream.tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    auto a = first.read();
    auto b = second.read();
    co_await a;
    co_await b;
    CHECK(recording.events == "pull pull");
}

ASYNC_TEST_CASE("streams/readable-streams/tee: nothing is pulled from a stream that is errored already") {
    Recording<int> recording({.highWaterMark = 0});
    recording.controller->error(std::string("boo!"));
    const auto branches = recording.stream.tee();
    auto first = branches[0].getReader();
    auto second = branches[1].getReader();
    co_await flush();
    CHECK(recording.events == "");
    const auto a = co_await reasonOf(first.closed());
    const auto b = co_await reasonOf(second.closed());
    CHECK(a == "boo!");
    CHECK(b == "boo!");
}

ASYNC_TEST_CASE(
    "streams/readable-streams/tee: nothing more is pulled when the stream errors while one branch or both are reading") {
    for (const int reading : {1, 2, 3}) {
        Recording<std::string> recording({.highWaterMark = 0});
        const auto branches = recording.stream.tee();
        auto first = branches[0].getReader();
        auto second = branches[1].getReader();
        co_await flush();
        CHECK(recording.events == "pull");
        recording.controller->enqueue("a");
        if (reading & 1) co_await first.read();
        if (reading & 2) co_await second.read();
        co_await flush();
        CHECK(recording.events == "pull pull");
        recording.controller->error(std::string("boo!"));
        const auto a = co_await reasonOf(first.closed());
        const auto b = co_await reasonOf(second.closed());
        CHECK(a == "boo!");
        CHECK(b == "boo!");
        co_await flush();
        CHECK(recording.events == "pull pull");
    }
}

// streams/readable-streams/templated

namespace {

using Chunks = ReadableStream<std::string>;

/// The streams of which the templates are claimed, each made in one way.
enum class Way { inStart, later, afterReader, byCancel, byRejectedStart };

struct Opened {
    Source<std::string> source;
    std::optional<ReadableStreamDefaultReader<std::string>> reader;
};

Chunks closedStream(Way way) {
    if (way == Way::inStart) return Chunks({.start = [](auto& c) { c.close(); }});
    Chunks stream;
    stream.cancel();
    return stream;
}
Chunks erroredStream(Way way) {
    if (way == Way::inStart) return Chunks({.start = [](auto& c) { c.error(std::string("boo!")); }});
    return Chunks({.start = [] { return Promise<>::reject(std::string("boo!")); }});
}

void endReader(Opened& opened, Way way, bool errors) {
    if (way == Way::afterReader || way == Way::byCancel) opened.reader.emplace(opened.source.stream.getReader());
    if (way == Way::byCancel) {
        opened.reader->cancel();
    } else if (errors) {
        opened.source.controller->error(std::string("boo!"));
    } else {
        opened.source.controller->close();
    }
    if (!opened.reader) opened.reader.emplace(opened.source.stream.getReader());
}

}

ASYNC_TEST_CASE("streams/readable-streams/templated: the reader of an empty stream") {
    Chunks stream;
    auto reader = stream.getReader();
    CHECK(stream.locked());
    CHECK_THROWS_AS(stream.getReader(), TypeError);
    auto first = reader.read();
    auto second = reader.read();
    CHECK_FALSE(first == second);
    co_await delay(500);
    CHECK(first.state() == PromiseState::pending);
    CHECK(second.state() == PromiseState::pending);
    const auto refused = stream.cancel();
    CHECK(isTypeError(refused));
    co_await refused.settled();

    const auto closedBefore = reader.closed();
    reader.releaseLock();
    CHECK(closedBefore == reader.closed());
    CHECK(isTypeError(closedBefore));
    CHECK_FALSE(stream.locked());
    for (auto* read : {&first, &second}) {
        const auto settled = co_await read->settled();
        CHECK_THROWS_AS(settled.value(), TypeError);
    }
    for (int i = 0; i < 2; ++i) {
        const auto settled = co_await reader.read().settled();
        CHECK_THROWS_AS(settled.value(), TypeError);
    }

    auto next = stream.getReader();
    next.cancel();
    const auto end = co_await next.read();
    CHECK(end.done());
}

ASYNC_TEST_CASE("streams/readable-streams/templated: a closed stream") {
    for (const Way way : {Way::inStart, Way::byCancel}) {
        const Chunks stream = closedStream(way);
        auto first = stream.cancel();
        auto second = stream.cancel();
        CHECK_FALSE(first == second);
        co_await first;
        co_await second;
        CHECK_FALSE(stream.locked());
        for (int i = 0; i < 3; ++i) stream.getReader().releaseLock();
        const auto reader = stream.getReader();
        CHECK_THROWS_AS(stream.getReader(), TypeError);
        CHECK_THROWS_AS(stream.getReader(), TypeError);
    }
}

ASYNC_TEST_CASE("streams/readable-streams/templated: the reader of a closed stream") {
    for (const Way way : {Way::later, Way::afterReader, Way::byCancel}) {
        Opened opened;
        endReader(opened, way, false);
        auto& reader = *opened.reader;
        const auto first = co_await reader.read();
        CHECK(first.done());
        auto a = reader.read();
        auto b = reader.read();
        const auto second = co_await a;
        const auto third = co_await b;
        CHECK(second.done());
        CHECK(third.done());
        auto cancel1 = reader.cancel();
        auto cancel2 = reader.cancel();
        CHECK_FALSE(cancel1 == cancel2);
        CHECK_FALSE(cancel1 == reader.closed());
        co_await cancel1;
        co_await cancel2;
        const auto closedBefore = reader.closed();
        reader.releaseLock();
        const auto closedAfter = reader.closed();
        CHECK_FALSE(closedBefore == closedAfter);
        co_await closedBefore;
        CHECK(isTypeError(closedAfter));
    }
}

ASYNC_TEST_CASE("streams/readable-streams/templated: an errored stream") {
    for (const Way way : {Way::inStart, Way::byRejectedStart}) {
        const Chunks stream = erroredStream(way);
        CHECK_FALSE(stream.locked());
        auto reader = stream.getReader();
        std::vector<std::string> reasons;
        reasons.push_back(co_await reasonOf(reader.closed()));
        reasons.push_back(co_await reasonOf(reader.read()));
        reasons.push_back(co_await reasonOf(reader.read()));
        CHECK(reasons == std::vector<std::string>(3, "boo!"));
    }
}

ASYNC_TEST_CASE("streams/readable-streams/templated: a stream that is errored in start at once") {
    const Chunks stream = erroredStream(Way::inStart);
    stream.getReader().releaseLock();
    auto first = stream.cancel();
    auto second = stream.cancel();
    CHECK_FALSE(first == second);
    auto reader = stream.getReader();
    CHECK_THROWS_AS(stream.getReader(), TypeError);
    CHECK_THROWS_AS(stream.getReader(), TypeError);
    auto third = reader.cancel();
    auto fourth = reader.cancel();
    CHECK_FALSE(third == fourth);
    std::vector<std::string> reasons;
    for (const auto& promise : {first, second, third, fourth, reader.closed()})
        reasons.push_back(co_await reasonOf(promise));
    CHECK(reasons == std::vector<std::string>(5, "boo!"));
}

ASYNC_TEST_CASE("streams/readable-streams/templated: the reader of an errored stream") {
    for (const Way way : {Way::later, Way::afterReader}) {
        Opened opened;
        endReader(opened, way, true);
        auto& reader = *opened.reader;
        const auto closedBefore = reader.closed();
        const auto closed = co_await reasonOf(closedBefore);
        CHECK(closed == "boo!");
        const auto read = co_await reasonOf(reader.read());
        CHECK(read == "boo!");
        reader.releaseLock();
        CHECK_FALSE(closedBefore == reader.closed());
        CHECK(isTypeError(reader.closed()));
    }
}

ASYNC_TEST_CASE("streams/readable-streams/templated: the reader of a stream with two chunks that is open or closed") {
    for (const bool closes : {false, true}) {
        for (const bool waits : {false, true}) {
            Opened opened;
            opened.source.controller->enqueue("a");
            opened.source.controller->enqueue("b");
            auto reader = opened.source.stream.getReader();
            if (closes) opened.source.controller->close();
            auto a = reader.read();
            if (waits) co_await a;
            auto b = reader.read();
            CHECK_FALSE(a == b);
            std::vector<std::string> outcomes;
            outcomes.push_back(co_await outcomeOf(a));
            outcomes.push_back(co_await outcomeOf(b));
            CHECK(outcomes == std::vector<std::string>{"a", "b"});
            if (closes) {
                const auto end = co_await reader.read();
                CHECK(end.done());
                co_await reader.closed();
                const auto closedBefore = reader.closed();
                reader.releaseLock();
                CHECK_FALSE(closedBefore == reader.closed());
            }
        }
        Opened cancelled;
        cancelled.source.controller->enqueue("a");
        cancelled.source.controller->enqueue("b");
        auto reader = cancelled.source.stream.getReader();
        if (closes) cancelled.source.controller->close();
        auto before = reader.read();
        reader.cancel();
        std::vector<std::string> outcomes;
        outcomes.push_back(co_await outcomeOf(before));
        outcomes.push_back(co_await outcomeOf(reader.read()));
        CHECK(outcomes == std::vector<std::string>{"a", "done"});
        co_await reader.closed();
    }
}
