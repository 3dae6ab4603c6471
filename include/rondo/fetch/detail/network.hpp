// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/fetch/detail/network_thread.hpp>
#include <rondo/fetch/fetch_options.hpp>

#include <utility>

namespace rondo::network {

/// What a loop has of the network: its thread, and whoever uses it.
class Network {
public:
    /// Who must know that the network has gone. On the loop's thread.
    class User : public base::ListHook {
    public:
        /// Null when the loop has gone.
        Network* network() const noexcept { return network_; }

    protected:
        User() noexcept = default;
        ~User() = default;
        void leaveNetwork() noexcept {
            unlink();
            network_ = nullptr;
        }

    private:
        friend class Network;
        Network* network_ = nullptr;
    };

    explicit Network(EventLoop& loop) : thread_(settingsOf(loop)) {}
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    ~Network() {
        while (User* user = users_.first()) user->leaveNetwork();
    }

    /// Made at first use: `std::bad_alloc`, or `std::system_error` if there is no thread to be had.
    static Network& of(EventLoop& loop) { return loop.attachments().of<Network>(loop); }

    void add(User& user) noexcept {
        user.network_ = this;
        users_.pushBack(user);
    }

    NetworkThread& thread() noexcept { return thread_; }

private:
    static const Settings& settingsOf(EventLoop& loop) {
        auto& settings = loop.attachments().of<Settings>();
        settings.inUse = true;
        return settings;
    }

    NetworkThread thread_;
    base::IntrusiveList<User> users_;
};

}
