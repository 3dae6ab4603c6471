// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

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
        auto* made = new Holder<T>(std::forward<Args>(args)...);
        made->older = newest_;
        newest_ = made;
        return made->object;
    }

    template <class T>
    T* find() const noexcept {
        for (Base* base = newest_; base; base = base->older) {
            if (base->type == &key<T>) return &static_cast<Holder<T>*>(base)->object;
        }
        return nullptr;
    }

    bool empty() const noexcept { return newest_ == nullptr; }

    void clear() noexcept {
        while (Base* base = newest_) {
            newest_ = base->older;
            delete base;
        }
    }

private:
    struct Base {
        explicit Base(const char* key) noexcept : type(key) {}
        Base(const Base&) = delete;
        Base& operator=(const Base&) = delete;
        virtual ~Base() = default;

        const char* type;
        Base* older = nullptr;
    };

    template <class T>
    struct Holder final : Base {
        template <class... Args>
        explicit Holder(Args&&... args) : Base(&key<T>), object(std::forward<Args>(args)...) {}
        T object;
    };

    template <class T>
    static inline const char key = 0;

    Base* newest_ = nullptr;
};

}
