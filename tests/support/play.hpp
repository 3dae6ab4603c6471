// SPDX-License-Identifier: MIT
#pragma once

#include "counted.hpp"

#include <rondo/promise.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What a program does with handles of ours, and a place where it does something besides: drops some of them, or acts on
/// them. The functions that it gives them say where they are.
class Play {
public:
    /// At its first arrival at `place` it does `besides`.
    Play(std::string place, std::function<void(Play&)> besides)
        : place_(std::move(place)), besides_(std::move(besides)) {}
    Play(const Play&) = delete;
    Play& operator=(const Play&) = delete;

    template <class T>
    std::size_t hold(T handle) {
        handles_.push_back(std::make_shared<T>(std::move(handle)));
        return handles_.size() - 1;
    }
    /// Calls `f` with the handle, which may go meanwhile; not if it is gone already.
    template <class T, class F>
    void with(std::size_t handle, F f) {
        if (T* const held = static_cast<T*>(handles_[handle].get())) quietly([&] { f(*held); });
    }
    std::size_t handles() const { return handles_.size(); }
    void drop(std::size_t handle) { const auto gone = std::exchange(handles_[handle], nullptr); }
    void dropSome(unsigned mask) {
        for (std::size_t i = 0; i < handles_.size(); ++i) {
            if (mask >> i & 1U) drop(i);
        }
    }

    /// What can be done to them.
    void can(std::function<void()> action) { actions_.push_back(std::move(action)); }
    std::size_t actions() const { return actions_.size(); }
    void act(std::size_t action) {
        const auto kept = actions_[action];
        quietly(kept);
    }

    void at(const std::string& place) {
        places_.insert(place);
        if (place != place_ || !besides_) return;
        const auto besides = std::exchange(besides_, nullptr);
        besides(*this);
    }
    const std::set<std::string>& places() const { return places_; }

    template <class T>
    void follow(const rondo::Promise<T>& promise, const char* place) {
        promise.then([this, place, c = Counted()] { at(place); }, [this, place, c = Counted()] { at(place); });
    }

private:
    template <class F>
    static void quietly(const F& f) {
        try {
            f();
        } catch (const std::exception&) { // it was refused
        }
    }

    std::string place_;
    std::function<void(Play&)> besides_;
    std::vector<std::shared_ptr<void>> handles_;
    std::vector<std::function<void()>> actions_;
    std::set<std::string> places_;
};
