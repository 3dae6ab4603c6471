// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/counted.hpp"
#include "../support/failing_source.hpp"

#include <rondo/base/async_stack.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

using rondo::base::StackTrace;
using rondo::base::Text;
using rondo::base::Trail;

namespace {

std::source_location here(std::source_location where = std::source_location::current()) { return where; }

std::source_location freeFunction() { return here(); }

template <class T>
std::source_location functionTemplate(T) {
    return here();
}

struct Shape {
    std::source_location area(int) const { return here(); }
    static std::source_location make() { return here(); }
    std::source_location operator()(int) const { return here(); }
    bool operator<(const Shape&) const {
        where = here();
        return false;
    }
    static inline std::source_location where;
};

std::string shortName(const std::source_location& where) {
    return std::string(rondo::base::shortFunctionName(where.function_name()));
}

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Lets the thread's loop look as if it were resuming a function: its own await first, and those above it.
class PretendedAwaits {
public:
    explicit PretendedAwaits(std::vector<std::source_location> awaits) {
        awaits_ = std::move(awaits);
        rondo::base::thread.running = this;
        rondo::base::thread.awaits = [](const void*, std::source_location* out, std::size_t room) noexcept {
            const std::size_t count = std::min(room, awaits_.size());
            std::copy_n(awaits_.begin(), count, out);
            return count;
        };
    }
    PretendedAwaits(const PretendedAwaits&) = delete;
    PretendedAwaits& operator=(const PretendedAwaits&) = delete;
    ~PretendedAwaits() {
        rondo::base::thread.running = nullptr;
        rondo::base::thread.awaits = nullptr;
    }

private:
    static inline std::vector<std::source_location> awaits_;
};

std::vector<std::uint32_t> lines(const StackTrace& trace) {
    std::vector<std::uint32_t> found;
    for (const std::source_location& where : trace) found.push_back(where.line());
    return found;
}

std::vector<std::uint32_t> lines(const Trail* trail) {
    std::array<std::source_location, StackTrace::depth> awaits;
    const std::size_t count = Trail::awaits(trail, awaits);
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < count; ++i) found.push_back(awaits[i].line());
    return found;
}

}

TEST_CASE("a function's name is told without its result and its parameters") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("int load(std::string)") == "load");
    CHECK(shortened("rondo::Promise<int> app::load(const std::string&, int)") == "app::load");
    CHECK(shortened("std::map<int, std::vector<int> > load()") == "load");
    CHECK(shortened("std::function<void(int)> make(std::function<void (int)>)") == "make");
    CHECK(shortened("const char* app::Config::name() const") == "app::Config::name");
    CHECK(shortened("int& app::Config::value()") == "app::Config::value");
    CHECK(shortened("app::Config::~Config()") == "app::Config::~Config");
    CHECK(shortened("static void Config::reset()") == "Config::reset");
    CHECK(shortened("decltype (auto) app::load(F&&) [with F = int]") == "app::load");
    CHECK(shortened("decltype(auto) app::load(int)") == "app::load");
    CHECK(shortened("decltype (f(g(1))) load(int)") == "load");
    CHECK(shortened("void decltyped(int)") == "decltyped");
    CHECK(shortened("main") == "main");
    CHECK(shortened("") == "");
}

TEST_CASE("a function's name is told without what a compiler adds for templates and coroutines") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("T load(T) [with T = int]") == "load");
    CHECK(shortened("Promise<T> load(T) [with T = std::__cxx11::basic_string<char>]") == "load");
    CHECK(shortened("T load(T) [T = int]") == "load");
    CHECK(shortened("void load(load(int)::_Z4loadi.Frame*)") == "load");
    CHECK(shortened("rondo::Promise<> {anonymous}::load(int)") == "{anonymous}::load");
    CHECK(shortened("Promise<> (anonymous namespace)::load(int)") == "(anonymous namespace)::load");
    CHECK(shortened("void app::Box<T>::put(T) [with T = int]") == "app::Box<T>::put");
    CHECK(shortened("void app::Box<int>::put(int)") == "app::Box<int>::put");
}

TEST_CASE("a lambda is called lambda") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("main()::<lambda(int)>") == "lambda");
    CHECK(shortened("auto (anonymous class)::operator()(int) const") == "lambda");
    CHECK(shortened("auto main()::(lambda at main.cpp:3:5)::operator()() const") == "lambda");
    const auto lambda = [] { return here(); };
    CHECK(shortName(lambda()) == "lambda");
}

TEST_CASE("a member of a local class is told without the function around it") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("int main()::Local::load(int)") == "Local::load");
    CHECK(shortened("void app::run(int) const::Local::go()") == "Local::go");
    CHECK(shortened("void run(void (*)(int))::Local::go(int)") == "Local::go");
    struct Local {
        std::source_location go() const { return here(); }
    };
    CHECK(endsWith(shortName(Local().go()), "Local::go"));
}

TEST_CASE("a function that is given a lambda is not one") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("void call(F) [with F = main()::<lambda()>]") == "call");
    CHECK(shortened("void call(F) [F = (lambda at main.cpp:3:5)]") == "call");
    CHECK(shortened("void Box<main()::<lambda(int)> >::open()") == "Box<main()::<lambda(int)> >::open");
    CHECK(endsWith(shortName(functionTemplate([] {})), "::functionTemplate"));
}

TEST_CASE("an operator keeps its whole name") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("bool Shape::operator<(const Shape&) const") == "Shape::operator<");
    CHECK(shortened("Shape& Shape::operator>>(int)") == "Shape::operator>>");
    CHECK(shortened("Shape* Shape::operator->() const") == "Shape::operator->");
    CHECK(shortened("int Shape::operator()(int) const") == "Shape::operator()");
    CHECK(shortened("int Shape::operator()() const") == "Shape::operator()");
    CHECK(shortened("Shape::operator bool() const") == "Shape::operator bool");
}

TEST_CASE("a name that only contains the word operator is an ordinary one") {
    const auto& shortened = rondo::base::shortFunctionName;
    CHECK(shortened("void telephone_operator()") == "telephone_operator");
    CHECK(shortened("void operators(int)") == "operators");
    CHECK(shortened("Promise<operator_t> call(operator_t)") == "call");
    CHECK(shortened("app::operator_t call(app::operator_t)") == "call");
}

TEST_CASE("the names that this compiler gives are shortened") {
    CHECK(endsWith(shortName(freeFunction()), "::freeFunction"));
    CHECK(endsWith(shortName(functionTemplate(1)), "::functionTemplate"));
    CHECK(endsWith(shortName(functionTemplate(std::string())), "::functionTemplate"));
    CHECK(endsWith(shortName(Shape().area(1)), "::Shape::area"));
    CHECK(endsWith(shortName(Shape::make()), "::Shape::make"));
    CHECK(endsWith(shortName(Shape()(1)), "::Shape::operator()"));
    static_cast<void>(Shape() < Shape());
    CHECK(endsWith(shortName(Shape::where), "::Shape::operator<"));
}

TEST_CASE("a line of an async stack tells the function and the place") {
    const std::source_location where = freeFunction();
    const std::string place = std::string(" (") + where.file_name() + ':' + std::to_string(where.line()) + ')';
    Text text;
    text += "Error";
    rondo::base::appendStackLine(text, where, false);
    rondo::base::appendStackLine(text, where, true);
    CHECK(text.view() == "Error\n    at " + shortName(where) + place + "\n    at async " + shortName(where) + place);
}

TEST_CASE("a line of an async stack leaves out a line number that is unknown") {
    Text text;
    rondo::base::appendStackLine(text, std::source_location(), false);
    CHECK(text.view() == "\n    at  ()");
}

TEST_CASE("a trace tells where it was made") {
    const StackTrace none;
    CHECK_FALSE(none.captured());
    CHECK(none.begin() == none.end());
    const std::source_location where = here();
    const StackTrace trace(where);
    CHECK(trace.captured());
    CHECK(trace.where().line() == where.line());
    CHECK(trace.begin() == trace.end());
}

TEST_CASE("a trace made inside an async function holds the awaits above it") {
    const std::source_location own = here();
    const std::source_location inner = here();
    const std::source_location outer = here();
    const PretendedAwaits awaits({own, inner, outer});
    const StackTrace trace(here());
    CHECK(lines(trace) == std::vector{inner.line(), outer.line()});
    CHECK(trace.inAsyncFunction());
}

TEST_CASE("a trace made in a plain function that an async function has called holds that one too") {
    const std::source_location own = here();
    const std::source_location outer = here();
    const PretendedAwaits awaits({own, outer});
    const StackTrace trace([] { return here(); }());
    CHECK(lines(trace) == std::vector{own.line(), outer.line()});
    CHECK_FALSE(trace.inAsyncFunction());
}

TEST_CASE("a trace holds at most ten awaits and a copy holds the same") {
    const PretendedAwaits awaits(std::vector<std::source_location>(25, here()));
    const StackTrace trace(here());
    CHECK(lines(trace).size() == StackTrace::depth);
    const StackTrace copy = trace;
    CHECK(lines(copy) == lines(trace));
}

TEST_CASE("a trail tells the awaits that a reason passed from the innermost out") {
    const std::source_location inner = here();
    const std::source_location middle = here();
    const std::source_location outer = here();
    Trail* trail = Trail::extended(Trail::extended(Trail::extended(nullptr, inner), middle), outer);
    CHECK(lines(trail) == std::vector{inner.line(), middle.line(), outer.line()});
    Trail::release(trail);
    CHECK(lines(static_cast<const Trail*>(nullptr)).empty());
}

TEST_CASE("two trails may share their inner part and it goes with the last of them") {
    CountingSource source;
    const std::source_location inner = here();
    const std::source_location left = here();
    const std::source_location right = here();
    Trail* const shared = Trail::extended(nullptr, inner);
    Trail* const one = Trail::extended(Trail::shared(shared), left);
    Trail* const other = Trail::extended(shared, right);
    Trail::release(one);
    CHECK(lines(other) == std::vector{inner.line(), right.line()});
    CHECK(source.balance() == 2);
    Trail::release(other);
    CHECK(source.balance() == 0);
    CHECK(Trail::shared(nullptr) == nullptr);
    Trail::release(nullptr);
}

TEST_CASE("a trail keeps the ten innermost awaits") {
    CountingSource source;
    const std::source_location inner = here();
    Trail* trail = Trail::extended(nullptr, inner);
    for (int i = 0; i < 50; ++i) trail = Trail::extended(trail, here());
    CHECK(lines(trail).size() == StackTrace::depth);
    CHECK(lines(trail).front() == inner.line());
    Trail::release(trail);
    CHECK(source.balance() == 0);
}

TEST_CASE("a trail that cannot be extended stays as it was") {
    FailingSource source;
    Trail* const trail = Trail::extended(nullptr, here());
    source.failAfter(0);
    CHECK(Trail::extended(trail, here()) == trail);
    source.failAfter(0);
    CHECK(Trail::extended(nullptr, here()) == nullptr);
    Trail::release(trail);
    CHECK(source.balance() == 0);
}
