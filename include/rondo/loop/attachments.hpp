// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace rondo::loop {

/// What floors above keep for each loop: one object of a type, made at first use.
///
/// They go when the loop does, newest first, after everything that waited.
class Attachments {
public:
    Attachments() noexcept = default;
    Attachments(const Attachments&) = delete;
    Attachments& operator=(const Attachments&) = delete;
    ~Attachments() { clear(); }

    /// The loop's `T`, made with `args` if there is none yet.
    template <class T, class... Args>
    T& of(Args&&... args) {
        if (T* found = find<T>()) return *found;
        auto made = std::make_unique<Holder<T>>(std::forward<Args>(args)...);
        T& object = made->object;
        objects_.emplace_back(&key<T>, std::move(made));
        return object;
    }

    template <class T>
    T* find() const noexcept {
        for (const auto& [known, object] : objects_) {
            if (known == &key<T>) return &static_cast<Holder<T>&>(*object).object;
        }
        return nullptr;
    }

    bool empty() const noexcept { return objects_.empty(); }

    void clear() noexcept {
        while (!objects_.empty()) {
            auto last = std::move(objects_.back().second);
            objects_.pop_back();
        }
    }

private:
    struct Base {
        virtual ~Base() = default;
    };

    template <class T>
    struct Holder : Base {
        template <class... Args>
        explicit Holder(Args&&... args) : object(std::forward<Args>(args)...) {}
        T object;
    };

    template <class T>
    static inline const char key = 0;

    std::vector<std::pair<const char*, std::unique_ptr<Base>>> objects_;
};

}
