// SPDX-License-Identifier: MIT

#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/journal.hpp"

#include <rondo/events.hpp>
#include <rondo/promise.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

struct Node : EventTarget {
    explicit Node(Node* above = nullptr) : above_(above) {}

protected:
    EventTarget* parent(const Event&) noexcept override { return above_; }

private:
    Node* above_;
};

}

static_assert(!std::is_copy_constructible_v<Event> && !std::is_move_constructible_v<Event>);
static_assert(!std::is_copy_constructible_v<CustomEvent<int>>);
static_assert(std::has_virtual_destructor_v<Event>);
static_assert(std::is_same_v<decltype(CustomEvent("x", 1)), CustomEvent<int>>);
static_assert(std::is_same_v<decltype(CustomEvent("x", "text")), CustomEvent<std::string>>);
static_assert(std::is_same_v<decltype(CustomEvent("x", "text", {.bubbles = true})), CustomEvent<std::string>>);
static_assert(!std::is_convertible_v<const char*, Event>);

TEST_CASE("the phases are the numbers of the standard") {
    CHECK(Event::NONE == 0);
    CHECK(Event::CAPTURING_PHASE == 1);
    CHECK(Event::AT_TARGET == 2);
    CHECK(Event::BUBBLING_PHASE == 3);
}

TEST_CASE("an event that nobody has dispatched has no target and no path") {
    const Event event("test");
    CHECK(event.type() == "test");
    CHECK(event.target() == nullptr);
    CHECK(event.currentTarget() == nullptr);
    CHECK(event.eventPhase() == Event::NONE);
    CHECK(event.composedPath().empty());
    CHECK_FALSE(event.bubbles());
    CHECK_FALSE(event.cancelable());
    CHECK_FALSE(event.composed());
    CHECK_FALSE(event.defaultPrevented());
    CHECK_FALSE(event.isTrusted());
}

TEST_CASE("an event is what its init says") {
    const Event event("test", {.bubbles = true, .cancelable = true, .composed = true});
    CHECK(event.bubbles());
    CHECK(event.cancelable());
    CHECK(event.composed());
}

TEST_CASE("a type may be empty or long and keeps its letters") {
    for (const std::size_t size : {0U, 1U, 30U, 31U, 32U, 254U, 255U, 256U, 1000U}) {
        std::string type(size, 'a');
        EventTarget target;
        int calls = 0;
        target.addEventListener(type, [&] { ++calls; });
        Event event(type);
        CHECK(event.type() == type);
        Event other(type + "b");
        type.assign(size, 'c'); // neither refers to it
        target.dispatchEvent(event);
        target.dispatchEvent(other);
        CHECK(calls == 1);
    }
}

TEST_CASE("a type is compared letter by letter") {
    using namespace std::string_view_literals;
    EventTarget target;
    Journal log;
    target.addEventListener("test", [&] { log("test"); });
    target.addEventListener("Test", [&] { log("Test"); });
    target.addEventListener("te\0st"sv, [&] { log("zero"); });
    target.dispatchEvent(Event("TEST"));
    target.dispatchEvent(Event("Test"));
    target.dispatchEvent(Event("te\0st"sv));
    target.dispatchEvent(Event("te"));
    CHECK(log == "Test zero");
}

TEST_CASE("an event that cannot be cancelled is not prevented") {
    Event event("test");
    event.preventDefault();
    CHECK_FALSE(event.defaultPrevented());
    EventTarget target;
    CHECK(target.dispatchEvent(event));
}

TEST_CASE("an event stays prevented when it is dispatched again") {
    Event event("test", {.cancelable = true});
    EventTarget target;
    event.preventDefault();
    CHECK(event.defaultPrevented());
    CHECK_FALSE(target.dispatchEvent(event));
    CHECK(event.defaultPrevented());
    CHECK_FALSE(target.dispatchEvent(event));
}

TEST_CASE("an event that is stopped before it is dispatched calls nobody and can be dispatched again") {
    for (const bool atOnce : {false, true}) {
        Event event("test");
        EventTarget target;
        int calls = 0;
        target.addEventListener("test", [&] { ++calls; }, {.capture = true});
        target.addEventListener("test", [&] { ++calls; });
        atOnce ? event.stopImmediatePropagation() : event.stopPropagation();
        target.dispatchEvent(event);
        CHECK(calls == 0);
        CHECK(event.target() == &target);
        target.dispatchEvent(event);
        CHECK(calls == 2);
    }
}

TEST_CASE("after its dispatch an event keeps its target and forgets the rest") {
    Node root;
    Node child(&root);
    Event event("test", {.bubbles = true});
    std::vector<EventTarget*> seen;
    child.addEventListener("test", [&](Event& e) { seen = e.composedPath(); });
    child.dispatchEvent(event);
    CHECK(seen == std::vector<EventTarget*>{&child, &root});
    CHECK(event.target() == &child);
    CHECK(event.currentTarget() == nullptr);
    CHECK(event.eventPhase() == Event::NONE);
    CHECK(event.composedPath().empty());
}

TEST_CASE("an event may be dispatched to one target after another") {
    EventTarget a;
    EventTarget b;
    Journal log;
    a.addEventListener("test", [&](Event& e) { log("a:", e.target() == &a, e.currentTarget() == &a); });
    b.addEventListener("test", [&](Event& e) { log("b:", e.target() == &b, e.currentTarget() == &b); });
    Event event("test");
    a.dispatchEvent(event);
    b.dispatchEvent(event);
    a.dispatchEvent(event);
    CHECK(log == "a:truetrue b:truetrue a:truetrue");
}

TEST_CASE("an event outlives the target it was dispatched to") {
    Event event("test");
    {
        EventTarget target;
        target.dispatchEvent(event);
        CHECK(event.target() == &target);
    }
    CHECK(event.target() == nullptr);
    EventTarget another;
    another.dispatchEvent(event);
    CHECK(event.target() == &another);
}

TEST_CASE("an event that is not dispatched by the library is not trusted") {
    EventTarget target;
    bool trusted = true;
    target.addEventListener("test", [&](Event& e) { trusted = e.isTrusted(); });
    target.dispatchEvent(Event("test"));
    CHECK_FALSE(trusted);
}

TEST_CASE("the time stamp is the time of the loop and 0 without one") {
    CHECK(Event("test").timeStamp() == 0);
    EventLoop loop({.virtualTime = true});
    loop.setTimer(
        [] {
            const Event event("test");
            CHECK(event.timeStamp() == Approx(25));
            CHECK(event.timeStamp() == Approx(EventLoop::current().now()));
        },
        25, false);
    loop.run([] {});
}

TEST_CASE("a custom event carries its detail to the listener") {
    EventTarget target;
    Journal log;
    target.addEventListener("save", [&](CustomEvent<int>& e) {
        log("detail:", e.detail());
        if (e.detail() < 0) e.preventDefault();
    });
    for (const int id : {1, -1}) {
        log(target.dispatchEvent(CustomEvent("save", id, {.cancelable = true})) ? "saved" : "vetoed");
    }
    CHECK(log == "detail:1 saved detail:-1 vetoed");
}

TEST_CASE("a custom event may carry what can only be moved and a listener may take it") {
    EventTarget target;
    std::unique_ptr<int> taken;
    target.addEventListener("give", [&](CustomEvent<std::unique_ptr<int>>& e) { taken = std::move(e.detail()); });
    CustomEvent event("give", std::make_unique<int>(7));
    target.dispatchEvent(event);
    REQUIRE(taken);
    CHECK(*taken == 7);
    CHECK(std::as_const(event).detail() == nullptr);
}

TEST_CASE("a custom event moves its detail in and copies nothing") {
    Counted::reset();
    {
        const CustomEvent<Counted> event("x", Counted(3), {.bubbles = true});
        CHECK(event.detail().value == 3);
        CHECK(event.bubbles());
        CHECK(Counted::copies == 0);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a C string in a custom event is kept as a string") {
    std::string text = "text";
    const CustomEvent event("x", text.c_str());
    text = "else";
    CHECK(event.detail() == "text");
}

TEST_CASE("an event of a class of its own is destroyed as what it is") {
    struct Own : Event {
        explicit Own(Counted number) : Event("own"), counted(std::move(number)) {}
        Counted counted;
    };
    Counted::reset();
    { const std::unique_ptr<Event> event(new Own(Counted(1))); }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a custom event keeps a string of any kind as a std::string") {
    char text[] = "text";
    char* pointer = text;
    static_assert(std::is_same_v<decltype(CustomEvent("x", text)), CustomEvent<std::string>>);
    static_assert(std::is_same_v<decltype(CustomEvent("x", pointer)), CustomEvent<std::string>>);
    static_assert(std::is_same_v<decltype(CustomEvent("x", "text")), CustomEvent<std::string>>);
    static_assert(std::is_same_v<decltype(CustomEvent("x", 1)), CustomEvent<int>>);
    CustomEvent event("x", pointer);
    text[0] = 'n';
    CHECK(event.detail() == "text");
}
