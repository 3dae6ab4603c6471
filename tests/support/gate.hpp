// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

/// Threads wait at it until another one opens it. It stays open.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [this] { return open_; });
    }
    bool isOpen() {
        const std::lock_guard lock(mutex_);
        return open_;
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

/// Threads wait at it until as many have come as are expected.
class Meeting {
public:
    explicit Meeting(std::size_t expected) : missing_(expected) {}

    void arriveAndWait() {
        std::unique_lock lock(mutex_);
        --missing_;
        if (missing_ == 0) all_.notify_all();
        all_.wait(lock, [this] { return missing_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable all_;
    std::size_t missing_;
};

/// Opens its gate when it is destroyed.
class OpensGate {
public:
    explicit OpensGate(Gate& gate) : gate_(&gate) {}
    OpensGate(OpensGate&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    OpensGate& operator=(OpensGate&&) = delete;
    ~OpensGate() {
        if (gate_) gate_->open();
    }

private:
    Gate* gate_;
};
