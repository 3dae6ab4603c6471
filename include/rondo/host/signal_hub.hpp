// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/mailbox.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace rondo::host {

/// Hears the signals of the process, for the loops that want to: the handler writes the signal into a pipe, and a thread
/// reads it there and posts it to them. The thread runs, and a signal is handled, while somebody listens.
///
/// Its functions may be called on any thread. A template, so that only files that listen compile it.
template <class>
class SignalHub {
public:
    using Id = std::uint64_t;

    /// There is one, which never goes: a signal may come at the very end of the program.
    static SignalHub& instance() {
        static auto* hub = new SignalHub;
        return *hub;
    }

    /// `deliver(id)` makes the task that a signal is for this listener. Throws `std::system_error` if there is no such
    /// signal, or it cannot be handled.
    Id listen(int signal, std::shared_ptr<loop::Mailbox> mailbox, loop::Task* (*deliver)(Id)) {
        const std::lock_guard oneAtATime(changes_);
        if (readEnd_ < 0) openPipe();
        const bool first = !anyFor(signal);
        struct sigaction before = {};
        if (first && !handle(signal, before)) throw std::system_error(errno, std::generic_category());
        try {
            if (first) replaced_.push_back({signal, before});
            if (!thread_.joinable()) thread_ = std::thread([this] { hear(); });
            const std::lock_guard lock(mutex_);
            listeners_.push_back({++ids_, signal, std::move(mailbox), deliver});
        } catch (...) {
            if (first) restore(signal, before);
            endThreadIfIdle();
            throw;
        }
        return ids_;
    }

    void forget(Id id) noexcept {
        const std::lock_guard oneAtATime(changes_);
        int signal = 0;
        {
            const std::lock_guard lock(mutex_);
            for (auto each = listeners_.begin(); each != listeners_.end(); ++each) {
                if (each->id != id) continue;
                signal = each->signal;
                listeners_.erase(each);
                break;
            }
        }
        if (!signal || anyFor(signal)) return;
        for (auto each = replaced_.begin(); each != replaced_.end(); ++each) {
            if (each->signal != signal) continue;
            restore(signal, each->action);
            break;
        }
        endThreadIfIdle();
    }

private:
    struct Listener {
        Id id;
        int signal;
        std::shared_ptr<loop::Mailbox> mailbox;
        loop::Task* (*deliver)(Id);
    };
    struct Replaced {
        int signal;
        struct sigaction action;
    };

    SignalHub() = default;

    /// It stays open: a handler may be writing into it on any thread.
    void openPipe() {
        int ends[2];
        if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category());
        for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFL, O_NONBLOCK); // a handler must not wait: what does not fit is lost
        readEnd_ = ends[0];
        writeEnd_ = ends[1];
    }

    static bool handle(int signal, struct sigaction& before) noexcept {
        struct sigaction action = {};
        action.sa_handler = &heard;
        action.sa_flags = SA_RESTART;
        sigfillset(&action.sa_mask);
        return sigaction(signal, &action, &before) == 0;
    }
    void restore(int signal, const struct sigaction& before) noexcept {
        sigaction(signal, &before, nullptr);
        std::erase_if(replaced_, [signal](const Replaced& each) { return each.signal == signal; });
    }

    static void heard(int signal) {
        const int error = errno;
        const auto byte = static_cast<unsigned char>(signal);
        static_cast<void>(!write(writeEnd_.load(std::memory_order_relaxed), &byte, 1));
        errno = error;
    }

    void hear() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr); // others may be interrupted by them, this thread need not
        unsigned char signal = 0;
        for (;;) {
            const auto size = read(readEnd_, &signal, 1);
            if (size < 0 && errno == EINTR) continue;
            if (size != 1 || signal == 0) return;
            const std::lock_guard lock(mutex_);
            for (const Listener& each : listeners_) {
                if (each.signal != signal) continue;
                if (loop::Task* task = each.deliver(each.id)) each.mailbox->put(*task);
            }
        }
    }

    bool anyFor(int signal) noexcept {
        const std::lock_guard lock(mutex_);
        for (const Listener& each : listeners_) {
            if (each.signal == signal) return true;
        }
        return false;
    }

    void endThreadIfIdle() noexcept {
        {
            const std::lock_guard lock(mutex_);
            if (!listeners_.empty() || !thread_.joinable()) return;
        }
        const unsigned char end = 0;
        while (write(writeEnd_, &end, 1) != 1) std::this_thread::yield(); // full of signals: they are being read
        thread_.join();
    }

    static constinit inline std::atomic<int> writeEnd_{-1};

    std::mutex changes_; // of who listens
    std::mutex mutex_;   // of the list of them
    std::vector<Listener> listeners_;
    std::vector<Replaced> replaced_;
    std::thread thread_;
    int readEnd_ = -1;
    Id ids_ = 0;
};

}
