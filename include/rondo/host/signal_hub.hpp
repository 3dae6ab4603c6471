// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/loop/mailbox.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
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

/// Hears the signals of the process, for the loops that want to: the handler notes the signal and writes into a pipe; a
/// thread waits there, and posts what has been noted to them. A signal is handled while somebody listens to it. From
/// the first time on, the pipe and the thread last as long as the process: a handler may be at work on any thread.
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
    /// signal, or it cannot be handled, or there is no pipe or thread to be had.
    Id listen(int signal, const std::shared_ptr<loop::Mailbox>& mailbox, loop::Task* (*deliver)(Id)) {
        if (signal < 1 || signal >= count) throw std::system_error(EINVAL, std::generic_category());
        const std::lock_guard oneAtATime(changes_);
        if (process_ != getpid()) start();
        const bool first = !anyFor(signal);
        if (first) heard_[at(signal)] = false; // nobody has listened to what came before
        {
            const std::lock_guard lock(mutex_);
            listeners_.push_back({ids_ + 1, signal, mailbox, deliver});
        }
        if (first && !handle(signal)) {
            const int error = errno;
            remove(ids_ + 1);
            throw std::system_error(error, std::generic_category());
        }
        return ++ids_;
    }

    void forget(Id id) noexcept {
        const std::lock_guard oneAtATime(changes_);
        int signal = 0;
        bool last = true;
        for (const Listener& each : listeners_) {
            if (each.id == id) signal = each.signal;
        }
        for (const Listener& each : listeners_) last = last && (each.id == id || each.signal != signal);
        if (!signal) return;
        if (last) sigaction(signal, &before_[at(signal)], nullptr);
        remove(id);
    }

private:
    struct Listener {
        Id id;
        int signal;
        std::shared_ptr<loop::Mailbox> mailbox;
        loop::Task* (*deliver)(Id);
    };

    static constexpr int count = NSIG;
    static constexpr std::size_t at(int signal) noexcept { return static_cast<std::size_t>(signal); }

    SignalHub() = default;

    void start() {
        int ends[2];
        if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category());
        for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFL, O_NONBLOCK); // a handler must not wait; when it is full, the thread will look anyway
        try {
            std::thread([this, readEnd = ends[0]] { hear(readEnd); }).detach();
        } catch (...) {
            for (const int end : ends) close(end);
            throw;
        }
        process_ = getpid();
        writeEnd_ = ends[1];
    }

    static bool handle(int signal) noexcept {
        struct sigaction action = {};
        action.sa_handler = &heard;
        action.sa_flags = SA_RESTART;
        sigfillset(&action.sa_mask);
        return sigaction(signal, &action, &before_[at(signal)]) == 0;
    }

    static void heard(int signal) {
        const int error = errno;
        if (getpid() != process_) { // a child that has no such thread: let it be as if we had never been
            sigaction(signal, &before_[at(signal)], nullptr);
            raise(signal);
        } else {
            heard_[at(signal)] = true;
            static_cast<void>(!write(writeEnd_, "", 1));
        }
        errno = error;
    }

    void hear(int readEnd) noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr); // others may be interrupted by them, this thread need not
        std::array<char, 64> bytes;
        for (;;) {
            if (read(readEnd, bytes.data(), bytes.size()) < 0 && errno != EINTR) return;
            for (int signal = 1; signal < count; ++signal) {
                if (heard_[at(signal)].exchange(false)) post(signal);
            }
        }
    }

    /// Not under the lock: whom it wakes may wait for somebody who listens or forgets.
    void post(int signal) noexcept {
        for (Id last = 0;;) {
            std::shared_ptr<loop::Mailbox> mailbox;
            loop::Task* task = nullptr;
            {
                const std::lock_guard lock(mutex_);
                for (const Listener& each : listeners_) { // in the order of their ids
                    if (each.signal != signal || each.id <= last) continue;
                    last = each.id;
                    mailbox = each.mailbox;
                    task = each.deliver(each.id);
                    break;
                }
            }
            if (!mailbox) return;
            if (task) mailbox->put(*task);
        }
    }

    bool anyFor(int signal) const noexcept {
        for (const Listener& each : listeners_) {
            if (each.signal == signal) return true;
        }
        return false;
    }

    void remove(Id id) noexcept {
        const std::lock_guard lock(mutex_);
        std::erase_if(listeners_, [id](const Listener& each) { return each.id == id; });
    }

    // What a handler sees.
    static constinit inline std::array<std::atomic<bool>, static_cast<std::size_t>(count)> heard_{};
    static constinit inline std::array<struct sigaction, static_cast<std::size_t>(count)> before_{};
    static constinit inline std::atomic<int> writeEnd_{-1};
    static constinit inline std::atomic<pid_t> process_{0};

    std::mutex changes_;              // of who listens, and of what the signals do
    std::mutex mutex_;                // of the list, whenever it is changed and on the thread that hears
    std::vector<Listener> listeners_; // oldest first
    Id ids_ = 0;
};

}
