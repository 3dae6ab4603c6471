// SPDX-License-Identifier: MIT
#pragma once

namespace rondo::streams {

/// The controller that a state lends to callbacks: a handle that does not count, or the state would keep itself. Copies
/// of it count.
template <class Controller>
union LentController {
    template <class Ref>
    explicit LentController(Ref uncounted) noexcept : controller(static_cast<Ref&&>(uncounted)) {}
    LentController(const LentController&) = delete;
    LentController& operator=(const LentController&) = delete;
    ~LentController() {} // NOLINT(modernize-use-equals-default): the controller is not destroyed

    Controller controller;
};

}
