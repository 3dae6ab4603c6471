// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace rondo::base {

/// Many threads put in, one takes all out at once, in the order in which they were put in.
///
/// Lock-free: putting in is one compare-and-swap loop, taking out one exchange. `Node` has a member `Node* next`.
/// A closed inbox takes nothing more; what is refused stays its putter's.
template <class Node>
class Inbox {
public:
    Inbox() noexcept = default;
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    bool empty() const noexcept { return newest_.load(std::memory_order_seq_cst) == nullptr; }

    bool isClosed() const noexcept { return newest_.load(std::memory_order_acquire) == closed(); }

    /// False if the inbox is closed. All that the caller did before is seen by who takes `node` out.
    bool put(Node* node) noexcept {
        Node* newest = newest_.load(std::memory_order_acquire);
        do {
            if (newest == closed()) return false; // and all that the closer did before is seen
            node->next = newest;
        } while (!newest_.compare_exchange_weak(newest, node, std::memory_order_seq_cst, std::memory_order_acquire));
        return true;
    }

    /// What was put in so far, oldest first, as a list linked by `next`.
    Node* takeAll() noexcept {
        return empty() || isClosed() ? nullptr : oldestFirst(newest_.exchange(nullptr, std::memory_order_acquire));
    }

    /// Takes out what is there, for the last time.
    Node* close() noexcept { return oldestFirst(newest_.exchange(closed(), std::memory_order_acq_rel)); }

private:
    static Node* closed() noexcept { return reinterpret_cast<Node*>(&closedMark_); }

    static Node* oldestFirst(Node* newest) noexcept {
        Node* oldest = nullptr;
        while (newest) {
            Node* older = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = older;
        }
        return oldest;
    }

    alignas(Node) static inline char closedMark_ = 0;

    std::atomic<Node*> newest_{nullptr};
};

}
