// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/failing_source.hpp"

#include <rondo/streams/chunk_queue.hpp>

#include <limits>
#include <string>

using rondo::streams::ChunkQueue;

TEST_CASE("chunks leave the queue in the order in which they came, and their sizes are summed up") {
    ChunkQueue<std::string> queue;
    CHECK(queue.empty());
    queue.enqueue(2, "a");
    queue.enqueue(0.5, "b");
    CHECK(queue.totalSize() == 2.5);
    CHECK(queue.peek() == "a");
    CHECK(queue.dequeue()->value == "a");
    CHECK(queue.totalSize() == 0.5);
    queue.enqueue(1, "c");
    CHECK(queue.dequeue()->value == "b");
    CHECK(queue.dequeue()->value == "c");
    CHECK(queue.empty());
    CHECK(queue.totalSize() == 0);
}

TEST_CASE("a chunk is made where it stays, and stays there until it is taken") {
    Counted::reset();
    {
        ChunkQueue<Counted> queue;
        queue.enqueue(1, 7);
        Counted* const place = &queue.peek();
        for (int i = 0; i < 100; ++i) queue.enqueue(1, i);
        CHECK(&queue.peek() == place);
        const auto taken = queue.dequeue();
        CHECK(&taken->value == place);
        CHECK(Counted::copies + Counted::moves == 0);
    }
    CHECK(Counted::alive == 0);
}

TEST_CASE("a chunk that was taken out can be put into another queue") {
    ChunkQueue<int> queue;
    ChunkQueue<int> other;
    queue.enqueue(2, 1);
    queue.enqueue(3, 2);
    other.push(queue.dequeue());
    CHECK(other.totalSize() == 2);
    CHECK(other.dequeue()->value == 1);
    CHECK(other.empty());
    CHECK(queue.dequeue()->value == 2);
}

TEST_CASE("chunks need only be movable") {
    ChunkQueue<MoveOnly> queue;
    queue.enqueue(1, MoveOnly(7));
    CHECK(queue.dequeue()->value.value == 7);
}

TEST_CASE("a size that is negative, infinite or no number is a RangeError and changes nothing") {
    ChunkQueue<int> queue;
    queue.enqueue(1, 1);
    for (const double size : {-1.0, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(queue.enqueue(size, 2), rondo::RangeError);
    }
    CHECK(queue.totalSize() == 1);
    queue.dequeue();
    CHECK(queue.empty());
}

TEST_CASE("a chunk that shrinks counts less") {
    ChunkQueue<int> queue;
    queue.enqueue(5, 1);
    queue.enqueue(2, 2);
    queue.shrinkFirst(3);
    CHECK(queue.totalSize() == 4);
    queue.dequeue();
    CHECK(queue.totalSize() == 2);
}

TEST_CASE("the sum of the sizes is never negative for rounding") {
    ChunkQueue<int> queue;
    queue.enqueue(2, 1);
    queue.enqueue(std::numeric_limits<double>::epsilon() / 2, 2);
    queue.enqueue(0.1, 3);
    while (!queue.empty()) {
        queue.dequeue();
        CHECK(queue.totalSize() >= 0);
    }
}

TEST_CASE("a queue that is reset has neither chunks nor a size, and can be used again") {
    Counted::reset();
    ChunkQueue<Counted> queue;
    queue.enqueue(3, 1);
    queue.enqueue(3, 2);
    queue.reset();
    CHECK(Counted::alive == 0);
    CHECK(queue.empty());
    CHECK(queue.totalSize() == 0);
    queue.enqueue(1, 3);
    CHECK(queue.peek().value == 3);
}

TEST_CASE("a chunk that uses the queue when it is destroyed finds it without the chunks") {
    struct Curious {
        ChunkQueue<Curious>* queue;
        bool* wasEmpty;
        ~Curious() { *wasEmpty = queue->empty(); }
    };
    bool wasEmpty = false;
    ChunkQueue<Curious> queue;
    queue.enqueue(1, &queue, &wasEmpty);
    queue.reset();
    CHECK(wasEmpty);
}

TEST_CASE("without memory for a chunk the queue has not changed") {
    failEachAllocation([](FailingSource& source, int successes) {
        ChunkQueue<int> queue;
        queue.enqueue(1, 1);
        source.failAfter(successes);
        try {
            queue.enqueue(1, 2);
        } catch (const std::bad_alloc&) {
            CHECK(queue.totalSize() == 1);
            queue.dequeue();
            CHECK(queue.empty());
        }
    });
}
