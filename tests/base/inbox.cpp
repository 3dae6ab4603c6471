// SPDX-License-Identifier: MIT
#include "../support/catch.hpp"
#include "../support/journal.hpp"

#include <rondo/base/inbox.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace {

struct Letter {
    explicit Letter(int n = 0, std::size_t f = 0) : number(n), from(f) {}
    Letter* next = nullptr;
    int number;
    std::size_t from;
};

using Inbox = rondo::base::Inbox<Letter>;

Journal numbers(const Letter* letter) {
    Journal journal;
    for (; letter; letter = letter->next) journal(letter->number);
    return journal;
}

}

TEST_CASE("what was put into an inbox comes out in the order in which it was put in") {
    Inbox inbox;
    Letter one(1), two(2), three(3);
    CHECK(inbox.empty());
    CHECK(inbox.put(&one));
    CHECK(inbox.put(&two));
    CHECK(inbox.put(&three));
    CHECK_FALSE(inbox.empty());
    CHECK(numbers(inbox.takeAll()) == "1 2 3");
    CHECK(inbox.empty());
    CHECK(inbox.takeAll() == nullptr);
}

TEST_CASE("an inbox that was emptied takes what it gave out again") {
    Inbox inbox;
    Letter one(1), two(2);
    inbox.put(&one);
    inbox.put(&two);
    CHECK(numbers(inbox.takeAll()) == "1 2");
    inbox.put(&two);
    inbox.put(&one);
    CHECK(numbers(inbox.takeAll()) == "2 1");
}

TEST_CASE("closing an inbox takes out what is there") {
    Inbox inbox;
    Letter one(1), two(2);
    inbox.put(&one);
    inbox.put(&two);
    CHECK_FALSE(inbox.isClosed());
    CHECK(numbers(inbox.close()) == "1 2");
    CHECK(inbox.isClosed());
}

TEST_CASE("a closed inbox takes nothing more") {
    Inbox inbox;
    CHECK(inbox.close() == nullptr);
    Letter letter(7);
    CHECK_FALSE(inbox.put(&letter));
    CHECK_FALSE(inbox.put(&letter));
    CHECK(inbox.takeAll() == nullptr);
    CHECK(inbox.isClosed());
}

TEST_CASE("every letter of every thread comes out once and in its thread's order") {
    constexpr std::size_t threads = 4;
    constexpr int each = 2'000;
    Inbox inbox;
    std::array<std::vector<Letter>, threads> letters;
    for (std::size_t from = 0; from < threads; ++from) {
        for (int number = 0; number < each; ++number) letters[from].emplace_back(number, from);
    }
    std::atomic<std::size_t> started{0};
    std::vector<std::thread> posters;
    for (std::size_t from = 0; from < threads; ++from) {
        posters.emplace_back([&, from] {
            ++started;
            while (started < threads) std::this_thread::yield(); // so that they compete
            for (Letter& letter : letters[from]) inbox.put(&letter);
        });
    }
    std::array<int, threads> next{};
    bool inOrder = true;
    std::size_t taken = 0;
    while (taken < threads * each) {
        for (const Letter* letter = inbox.takeAll(); letter; letter = letter->next) {
            inOrder = inOrder && letter->number == next[letter->from]++;
            ++taken;
        }
        std::this_thread::yield();
    }
    for (std::thread& poster : posters) poster.join();
    CHECK(inOrder);
    CHECK(inbox.empty());
}

TEST_CASE("a letter put in while the inbox is being closed is either taken out or refused") {
    for (int round = 0; round < 200; ++round) {
        Inbox inbox;
        std::vector<Letter> letters(50);
        std::atomic<int> accepted{0};
        std::atomic<bool> started{false};
        std::thread poster([&] {
            started = true;
            for (Letter& letter : letters) {
                if (inbox.put(&letter)) ++accepted;
            }
        });
        while (!started) std::this_thread::yield();
        int taken = 0;
        for (const Letter* letter = inbox.close(); letter; letter = letter->next) ++taken;
        poster.join();
        REQUIRE(taken == accepted);
    }
}
