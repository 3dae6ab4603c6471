// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>

namespace rondo::loop {

/// What is asked of a queued node: that it run, or that it give up what it holds because it never will.
enum class Verb : unsigned char { run, drop };

/// One microtask: a link and a function, owned by whoever queues it, so that queueing allocates nothing.
///
/// The function is called once for each time the node is queued, and may destroy the node. It lets no exception
/// out: what a callback throws is reported to the loop.
/// https://html.spec.whatwg.org/multipage/webappapis.html#microtask
struct Microtask {
    using Perform = void (*)(Microtask*, Verb) noexcept;

    explicit Microtask(Perform action) noexcept : perform(action) {}

    Microtask* next = nullptr;
    Perform perform;
};

/// A microtask that is known to its loop from the moment it is made: it may wait for something that never comes,
/// and is then dropped when the loop goes, newest first.
struct Waiting : Microtask, base::ListHook {
    explicit Waiting(Perform action) noexcept : Microtask(action) {}
    /// The newest of `all`.
    Waiting(Perform action, base::IntrusiveList<Waiting>& all) noexcept : Microtask(action), ListHook(all.end()) {}
};

/// A FIFO of nodes that hold their own links.
template <class Node>
class IntrusiveQueue {
public:
    IntrusiveQueue() noexcept = default;
    IntrusiveQueue(const IntrusiveQueue&) = delete;
    IntrusiveQueue& operator=(const IntrusiveQueue&) = delete;

    bool empty() const noexcept { return first_ == nullptr; }

    void push(Node& node) noexcept {
        node.next = nullptr;
        *end_ = &node;
        end_ = &node.next;
    }

    Node* pop() noexcept {
        Node* node = first_;
        first_ = node->next;
        if (!first_) end_ = &first_;
        return node;
    }

    /// Gives up all that is queued, as a list linked by `next`.
    Node* takeAll() noexcept {
        Node* first = first_;
        clear();
        return first;
    }

    /// Appends a circular list given by its last node: O(1).
    void splice(Node& last) noexcept {
        Node* first = last.next;
        last.next = nullptr;
        *end_ = first;
        end_ = &last.next;
    }

    /// Forgets what is queued.
    void clear() noexcept {
        first_ = nullptr;
        end_ = &first_;
    }

private:
    Node* first_ = nullptr;
    Node** end_ = &first_;
};

using MicrotaskQueue = IntrusiveQueue<Microtask>;

}
